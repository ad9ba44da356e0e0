//! Demand: the people of the record, each at the point where they count, in an order in which neighbours follow.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use imbl::OrdMap;
use rayon::prelude::*;
use uuid::Uuid;

use super::entry::Demand;
use super::geodesic::ecef;
use super::regions::{NO_REGION, RegionTree};
use crate::care::{DemandPoint, Place};

/// The demand points by id, and what counts of them, worked out at the first wish.
#[derive(Clone, Default)]
pub(super) struct People {
    points: OrdMap<Uuid, Arc<DemandPoint>>,
    counted: Arc<OnceLock<Box<[Demand]>>>,
}

impl People {
    pub fn of(points: Vec<DemandPoint>) -> People {
        let mut points: Vec<_> = points.into_iter().map(|point| (point.id, Arc::new(point))).collect();
        points.par_sort_by_key(|(id, _)| *id);
        People { points: points.into_iter().collect(), counted: Arc::default() }
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
        self.counted = Arc::default();
    }

    /// What counts, in spatial order; points without a place come last.
    pub fn counted(&self, regions: &RegionTree) -> &[Demand] {
        self.counted.get_or_init(|| count(&self.points, regions))
    }
}

/// Of the points of one region and place only those with the newest date count.
fn count(points: &OrdMap<Uuid, Arc<DemandPoint>>, regions: &RegionTree) -> Box<[Demand]> {
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
    demand.par_sort_unstable_by(|(a_turn, a), (b_turn, b)| {
        let day = |demand: &Demand| (Reverse(demand.point.as_of), demand.point.id);
        a_turn.cmp(b_turn).then_with(|| whose(a).cmp(&whose(b))).then_with(|| day(a).cmp(&day(b)))
    });
    let mut newest: Option<NaiveDate> = None;
    let older: Vec<bool> = (0..demand.len())
        .map(|at| {
            let point = &demand[at].1;
            if at == 0 || whose(point) != whose(&demand[at - 1].1) {
                newest = point.point.as_of;
            }
            point.point.as_of != newest
        })
        .collect();
    demand.into_iter().zip(older).filter(|(_, older)| !older).map(|((_, demand), _)| demand).collect()
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
