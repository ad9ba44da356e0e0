//! Standing: a question of coverage answered in parts that are kept, so that a change is answered by what it touches.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::absent::Absent;
use super::coverage::{By, Coverage, CoverageQuestion, Gap, NotLocated, Part, Standard};
use super::division::Division;
use super::reach::{Near, Overlay, Supply};
use super::rows::{Order, row, totals};
use super::stretch::{Stretch, stretches};
use super::tally::Tally;
use super::what_if::Shift;
use crate::atlas::{Atlas, Demand};

/// Stands for "not known" among numbers of people.
const UNKNOWN: u32 = u32::MAX;
/// So many rows are counted once and kept; where there are more, such as all villages of a nation, they are counted anew.
const KEPT_ROWS: usize = 20_000;
/// Stands for "not in the asked region" among rows.
const OUTSIDE: u32 = u32::MAX;

/// Everything of a question but how far counts: who is asked about, and what is nearest to them.
pub struct Reach {
    pub(crate) question: CoverageQuestion,
    pub(crate) division: Division,
    pub(crate) supply: Supply,
    /// By demand point.
    pub(crate) near: Vec<Near>,
    /// By demand point; [`UNKNOWN`] where there is no number.
    people: Vec<u32>,
    /// Demand points with a place by row, each row ascending, and where the rows begin.
    members: Vec<u32>,
    starts: Vec<usize>,
    /// Demand points of the asked region without a place.
    unlocated: usize,
    absent: Absent,
    stretches: OnceLock<Vec<Stretch>>,
}

/// A question answered as the record stands.
pub struct Standing {
    pub(crate) reach: Arc<Reach>,
    pub(crate) within_m: f64,
    pub(crate) bands: Vec<f64>,
    /// By demand point.
    pub(crate) metres: Vec<f64>,
    /// By row, and at the end of what stands in no row's region; empty where there are too many to keep.
    tallies: Vec<Tally>,
    /// Facilities by row, and how many have no place.
    pub(crate) facilities: (Vec<usize>, usize),
    revision: i64,
    read_at: DateTime<Utc>,
}

impl Reach {
    pub fn of(atlas: &Atlas, question: &CoverageQuestion) -> Reach {
        let division = Division::of(atlas.regions(), question);
        let supply = Supply::gather(atlas, &question.filter);
        let demand = atlas.demand();
        let near = supply.near(demand, |demand| division.row_of(demand.region).is_some());
        let look = |demand: &Demand| {
            let row = division.row_of(demand.region).map_or(OUTSIDE, |row| row as u32);
            (row, demand.point.people(&question.weight).unwrap_or(UNKNOWN))
        };
        let (rows, people): (Vec<u32>, Vec<u32>) = demand.par_iter().map(look).unzip();
        let placed = |at: usize| rows[at] != OUTSIDE && !near[at].chord2.is_nan();
        let inside = rows.iter().filter(|row| **row != OUTSIDE).count();
        let mut starts = vec![0; division.rows.len() + 2];
        for at in (0..rows.len()).filter(|at| placed(*at)) {
            starts[rows[at] as usize + 1] += 1;
        }
        for row in 1..starts.len() {
            starts[row] += starts[row - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0; starts.last().copied().unwrap_or(0)];
        for at in (0..rows.len()).filter(|at| placed(*at)) {
            let next = &mut next[rows[at] as usize];
            members[*next] = at as u32;
            *next += 1;
        }
        let unlocated = inside - members.len();
        let absent = Absent::of(atlas, question, &division);
        let (question, stretches) = (question.clone(), OnceLock::new());
        Reach { question, division, supply, near, people, members, starts, unlocated, absent, stretches }
    }

    /// The question's answer for this distance in metres, with people counted by bands with these upper ends.
    pub fn within(self: &Arc<Self>, atlas: &Atlas, within_m: f64, bands: &[f64]) -> Standing {
        let overlay = Overlay::default();
        let each = atlas.demand().par_iter().zip(&self.near);
        let metres = each.map(|(demand, near)| self.supply.measure(&overlay, demand, *near, within_m)).collect();
        let mut standing = Standing {
            reach: Arc::clone(self),
            within_m,
            bands: bands.to_vec(),
            metres,
            tallies: Vec::new(),
            facilities: self.facilities(),
            revision: atlas.revision(),
            read_at: atlas.read_at(),
        };
        if standing.row_count() <= KEPT_ROWS {
            standing.tallies = (0..standing.row_count()).into_par_iter().map(|row| standing.tally(row, &[])).collect();
        }
        standing
    }

    /// Facilities by row, and how many have no place.
    fn facilities(&self) -> (Vec<usize>, usize) {
        let mut by_row = vec![0; self.starts.len() - 1];
        for row in self.supply.regions.iter().filter_map(|region| self.division.row_of(*region)) {
            by_row[row] += 1;
        }
        let unlocated = self.supply.unlocated.iter().filter(|(_, region)| self.division.row_of(*region).is_some());
        (by_row, unlocated.count())
    }

    pub(crate) fn stretches(&self, atlas: &Atlas) -> &[Stretch] {
        self.stretches.get_or_init(|| stretches(atlas.demand(), &self.near))
    }
}

impl Standing {
    pub fn of(atlas: &Atlas, question: &CoverageQuestion, bands: &[f64]) -> Standing {
        Arc::new(Reach::of(atlas, question)).within(atlas, question.within_m, bands)
    }

    /// Counts a row, with other distances for some demand points (ascending; those of other rows are passed over).
    pub(crate) fn tally(&self, row: usize, other: &[(u32, f64)]) -> Tally {
        let reach = &*self.reach;
        let members = &reach.members[reach.starts[row]..reach.starts[row + 1]];
        let mut other = other.iter().copied().peekable();
        let point = |member: &u32| {
            while other.next_if(|(at, _)| at < member).is_some() {}
            let metres = other.next_if(|(at, _)| at == member).map(|(_, metres)| metres);
            let people = Some(reach.people[*member as usize]).filter(|people| *people != UNKNOWN);
            (people, metres.unwrap_or(self.metres[*member as usize]))
        };
        let mut tally = Tally::of(members.iter().map(point), self.within_m, &self.bands);
        let (unknown_aged_60, bare) = reach.absent.of_row(row);
        (tally.unknown_aged_60, tally.bare) = (unknown_aged_60.filter(|_| tally.unknown > 0), bare);
        tally
    }

    /// How many rows there are, with the one of what stands in no row's region.
    pub(crate) fn row_count(&self) -> usize {
        self.reach.starts.len() - 1
    }

    /// What is counted for a row as the record stands.
    pub(crate) fn counted(&self, row: usize) -> Cow<'_, Tally> {
        self.tallies.get(row).map_or_else(|| Cow::Owned(self.tally(row, &[])), Cow::Borrowed)
    }

    /// The rows in the order of the answer.
    pub(crate) fn order(&self, atlas: &Atlas) -> Vec<usize> {
        Order::of(atlas, self, &BTreeMap::new()).rows
    }

    /// The answer as it is written, with its first rows.
    pub fn coverage(&self, atlas: &Atlas) -> Coverage {
        self.part(atlas, Part::default())
    }

    /// The answer with some of its rows.
    pub fn part(&self, atlas: &Atlas, part: Part) -> Coverage {
        self.answer(atlas, &BTreeMap::new(), &self.facilities, part)
    }

    /// An answer with other tallies for some rows, and with these facilities by row.
    pub(crate) fn answer(
        &self,
        atlas: &Atlas,
        changed: &BTreeMap<usize, Tally>,
        facilities: &(Vec<usize>, usize),
        part: Part,
    ) -> Coverage {
        let Reach { question, division, unlocated, absent, .. } = &*self.reach;
        let order = Order::of(atlas, self, changed);
        let shown = order.rows.iter().skip(part.skip).take(part.most);
        let rows = shown.map(|at| {
            let tally = changed.get(at).map_or_else(|| self.counted(*at), Cow::Borrowed);
            row(atlas, division, *at, &tally, facilities.0[*at])
        });
        Coverage {
            revision: self.revision,
            as_of: self.read_at,
            standard: Standard {
                region: question.region.clone(),
                kinds: question.filter.kinds.clone(),
                within_m: self.within_m,
                weight: question.weight.clone(),
                by: if division.by_class { Some(By::Class) } else { division.level.map(By::Level) },
                class: question.class,
                population_year: question.population_year,
                min_free: question.filter.min_free,
                min_rating: question.filter.min_rating,
                service: question.filter.service.clone(),
                walk: None,
                distance: "geodesic_straight_line",
            },
            totals: totals(&order.sums),
            matched: order.rows.len(),
            rows: rows.collect(),
            distribution: order.sums.distribution(&self.bands),
            counted: absent.counted.clone(),
            not_located: NotLocated { facilities: facilities.1, demand_points: *unlocated },
            class_unknown: question.class.map(|_| absent.unclassed),
            facilities: order.rows.iter().map(|at| facilities.0[*at]).sum(),
        }
    }

    /// The demand points that are uncovered before or after, with other distances after for some (ascending): most people
    /// first, then by id. The distance is the one afterwards.
    pub(crate) fn shifts(&self, atlas: &Atlas, other: &[(u32, f64)]) -> Vec<Shift> {
        let demand = atlas.demand();
        let shift = |at: &u32| {
            let before = self.metres[*at as usize];
            let after = other.binary_search_by_key(at, |(at, _)| *at).map_or(before, |found| other[found].1);
            let population = Some(self.reach.people[*at as usize]).filter(|people| *people != UNKNOWN)?.into();
            let far = |metres: f64| metres > self.within_m;
            let gap = Gap { demand: *at as usize, population, nearest_m: Some(after).filter(|m| m.is_finite()) };
            (far(before) || far(after)).then(|| Shift { gap, before: far(before), after: far(after) })
        };
        let mut shifts: Vec<Shift> = self.reach.members.par_iter().filter_map(shift).collect();
        shifts.par_sort_by_key(|shift| (Reverse(shift.gap.population), demand[shift.gap.demand].point.id));
        shifts
    }

    /// The uncovered demand points, most people first, then by id.
    pub fn gaps(&self, atlas: &Atlas) -> Vec<Gap> {
        let demand = atlas.demand();
        let gap = |at: &u32| {
            let (demand, metres) = (*at as usize, self.metres[*at as usize]);
            let population = Some(self.reach.people[demand]).filter(|people| *people != UNKNOWN)?.into();
            let far = metres > self.within_m;
            far.then(|| Gap { demand, population, nearest_m: Some(metres).filter(|m| m.is_finite()) })
        };
        let mut gaps: Vec<Gap> = self.reach.members.par_iter().filter_map(gap).collect();
        gaps.par_sort_by_key(|gap| (Reverse(gap.population), demand[gap.demand].point.id));
        gaps
    }
}
