//! Demand: the people of the record, each at the point where they count, in an order in which neighbours follow.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{Datelike, NaiveDate};
use imbl::OrdMap;
use rayon::prelude::*;
use uuid::Uuid;

use super::entry::Demand;
use super::finest::finest;
use super::geodesic::ecef;
use super::regions::{NO_REGION, RegionTree};
use crate::care::{DemandPoint, Place};

/// The demand points by id, and what counts of them, worked out at the first wish.
#[derive(Clone, Default)]
pub(super) struct People {
    points: OrdMap<Uuid, Arc<DemandPoint>>,
    counted: Counted,
    /// Only counts of this year or before it count.
    year: Option<i32>,
    /// What counts in other years, the latest asked for at the front; snapshots of one record share it.
    years: Arc<Mutex<VecDeque<(i32, Counted)>>>,
}

type Counted = Arc<OnceLock<Box<[Demand]>>>;

/// How many years are kept beside the present: each weighs as much as the present one.
const YEARS_KEPT: usize = 3;

impl People {
    pub fn of(points: Vec<DemandPoint>) -> People {
        let mut points: Vec<_> = points.into_iter().map(|point| (point.id, Arc::new(point))).collect();
        points.par_sort_by_key(|(id, _)| *id);
        People { points: points.into_iter().collect(), ..People::default() }
    }

    /// Takes over points that were written (`Some`) or deleted (`None`).
    pub fn take(&mut self, changes: BTreeMap<Uuid, Option<DemandPoint>>) {
        for (id, point) in changes {
            match point {
                Some(point) => self.points.insert(id, Arc::new(point)),
                None => self.points.remove(&id),
            };
        }
        self.forget();
    }

    /// Regions have moved, and their people with them.
    pub fn forget(&mut self) {
        (self.counted, self.years) = (Arc::default(), Arc::default());
    }

    /// The same people by the counts of a year.
    pub fn of_year(&self, year: i32) -> People {
        let mut held = self.years.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held.iter().position(|(known, _)| *known == year).and_then(|at| held.remove(at));
        let (_, counted) = known.unwrap_or_else(|| (year, Counted::default()));
        held.push_front((year, Arc::clone(&counted)));
        held.truncate(YEARS_KEPT);
        People { points: self.points.clone(), counted, year: Some(year), years: Arc::clone(&self.years) }
    }

    /// The years of which there are counts, the latest first.
    pub fn years(&self) -> Vec<i32> {
        let years: BTreeSet<i32> = self.points.values().filter_map(|point| Some(point.as_of?.year())).collect();
        years.into_iter().rev().collect()
    }

    /// What counts, in spatial order; points without a place come last.
    pub fn counted(&self, regions: &RegionTree) -> &[Demand] {
        self.counted.get_or_init(|| count(&self.points, regions, self.year))
    }
}

/// Of the points of one region and place only those with the newest date count: the newest of or before a year where one is
/// named. One that has none of or before that year stays, with nothing known of its people.
fn count(points: &OrdMap<Uuid, Arc<DemandPoint>>, regions: &RegionTree, year: Option<i32>) -> Box<[Demand]> {
    let points: Vec<_> = points.values().cloned().collect();
    let mut demand: Vec<_> = points
        .into_par_iter()
        .map(|point| {
            let region = regions.lasting_slot(point.region.as_deref());
            let place = point.place.as_ref().or_else(|| regions.at(region)?.place.as_ref());
            let lon_lat = place.filter(|place| place.confirmed).map(|place| (place.lon, place.lat));
            let at = lon_lat.map(|(lon, lat)| ecef(lon, lat));
            (lon_lat.map_or(u64::MAX, along_the_curve), Demand { point, lon_lat, at, region })
        })
        .collect();
    // Whether a count is not of the year: later, or nobody knows of when.
    let beside = |point: &DemandPoint| year.is_some_and(|year| point.as_of.is_none_or(|as_of| as_of.year() > year));
    demand.par_sort_unstable_by(|(a_turn, a), (b_turn, b)| {
        let day = |demand: &Demand| (beside(&demand.point), Reverse(demand.point.as_of), demand.point.id);
        a_turn.cmp(b_turn).then_with(|| whose(a).cmp(&whose(b))).then_with(|| day(a).cmp(&day(b)))
    });
    let mut newest: Option<NaiveDate> = None;
    let older: Vec<bool> = (0..demand.len())
        .map(|at| {
            let point = &demand[at].1;
            let first = at == 0 || whose(point) != whose(&demand[at - 1].1);
            if first {
                newest = point.point.as_of;
            }
            // One that is not of the year stands for the place at most, once.
            point.point.as_of != newest || !first && beside(&point.point)
        })
        .collect();
    let counted = demand.into_iter().zip(older).filter(|(_, older)| !older).map(|((_, demand), _)| demand);
    let counted = counted.map(|demand| if beside(&demand.point) { unknown(demand) } else { demand });
    finest(counted.collect(), regions).into()
}

/// The same place, with nothing known of its people.
fn unknown(demand: Demand) -> Demand {
    let held = &*demand.point;
    let point = DemandPoint {
        id: held.id,
        region: held.region.clone(),
        place: held.place.clone(),
        total: None,
        aged_60: None,
        aged_80: None,
        groups: None,
        as_of: None,
        source: None,
        demo: held.demo,
    };
    Demand { point: Arc::new(point), ..demand }
}

/// The region and place that a count of people is about. A code that no region has is told apart by its text.
fn whose(demand: &Demand) -> (u32, Option<&str>, Option<(u64, u64)>) {
    let point = &demand.point;
    let unknown = point.region.as_deref().filter(|_| demand.region == NO_REGION);
    let bits = |place: &Place| (place.lon.to_bits(), place.lat.to_bits());
    (demand.region, unknown, point.place.as_ref().map(bits))
}

/// A point's place on a space-filling curve (Morton 1966): near in this order is mostly near on the ground.
fn along_the_curve((lon, lat): (f64, f64)) -> u64 {
    let spread = |share: f64| {
        let mut bits = (share.clamp(0.0, 1.0) * f64::from(u32::MAX)) as u64;
        for (shift, mask) in [
            (16, 0x0000_FFFF_0000_FFFF),
            (8, 0x00FF_00FF_00FF_00FF),
            (4, 0x0F0F_0F0F_0F0F_0F0F),
            (2, 0x3333_3333_3333_3333),
            (1, 0x5555_5555_5555_5555),
        ] {
            bits = (bits | bits << shift) & mask;
        }
        bits
    };
    spread((lon + 180.0) / 360.0) | spread((lat + 90.0) / 180.0) << 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::Place;

    fn counted(lon: f64, as_of: Option<&str>, total: u32) -> DemandPoint {
        let draft = crate::care::draft::DemandDraft {
            place: Some(Place::wgs84(lon, 33.0)),
            total: Some(total),
            as_of: as_of.map(|day| day.parse().expect("a date")),
            ..Default::default()
        };
        DemandPoint::of(draft)
    }

    #[test]
    fn a_year_counts_the_latest_count_of_it_or_before_and_fills_nothing_in() {
        let people = People::of(vec![
            counted(118.0, Some("2021-11-01"), 21),
            counted(118.0, Some("2023-06-30"), 23),
            counted(118.0, Some("2023-12-31"), 24),
            counted(118.0, Some("2025-01-01"), 25),
            counted(119.0, Some("2024-12-31"), 7),
            counted(120.0, None, 9),
        ]);
        let regions = RegionTree::default();
        let totals = |people: &People| {
            let mut totals: Vec<_> = people.counted(&regions).iter().map(|it| (it.lon_lat, it.point.total)).collect();
            totals.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
            totals.into_iter().map(|(_, total)| total).collect::<Vec<_>>()
        };
        assert_eq!(totals(&people), [Some(25), Some(7), Some(9)]);
        for (year, told) in [
            (2026, [Some(25), Some(7), None]),
            (2024, [Some(24), Some(7), None]),
            (2023, [Some(24), None, None]),
            (2022, [Some(21), None, None]),
            (2020, [None, None, None]),
        ] {
            assert_eq!(totals(&people.of_year(year)), told, "{year}");
            assert_eq!(totals(&people.of_year(year)), told, "{year}, kept");
        }
        assert_eq!(people.years(), [2025, 2024, 2023, 2021]);
    }
}
