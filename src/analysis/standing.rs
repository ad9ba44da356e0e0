//! Standing: a question of coverage answered in parts that are kept, so that a change is answered by what it touches.

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::absent::Absent;
use super::coverage::{By, Coverage, CoverageQuestion, Gap, NotLocated, Row, Standard, Totals};
use super::division::Division;
use super::reach::{Near, Overlay, Supply};
use super::stretch::{Stretch, stretches};
use super::tally::Tally;
use super::what_if::Shift;
use crate::atlas::{Atlas, Demand};
use crate::care::{Region, UrbanRural};

/// Stands for "not known" among numbers of people.
const UNKNOWN: u32 = u32::MAX;
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
    /// By row, and at the end of what stands in no row's region.
    pub(crate) tallies: Vec<Tally>,
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
        standing.tallies = (0..self.starts.len() - 1).into_par_iter().map(|row| standing.tally(row, &[])).collect();
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

    /// The answer as it is written.
    pub fn coverage(&self, atlas: &Atlas) -> Coverage {
        self.answer(atlas, &self.tallies, &self.facilities)
    }

    /// An answer with these tallies and facilities by row.
    pub(crate) fn answer(&self, atlas: &Atlas, tallies: &[Tally], facilities: &(Vec<usize>, usize)) -> Coverage {
        let Reach { question, division, unlocated, absent, .. } = &*self.reach;
        let sums = tallies.iter().fold(Tally::default(), Tally::and);
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
            totals: totals(&sums),
            rows: rows(atlas, division, tallies, &facilities.0),
            distribution: sums.distribution(&self.bands),
            counted: absent.counted.clone(),
            not_located: NotLocated { facilities: facilities.1, demand_points: *unlocated },
            class_unknown: question.class.map(|_| absent.unclassed),
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

pub(crate) fn totals(sums: &Tally) -> Totals {
    Totals {
        demand_points: sums.demand_points,
        population: sums.known(sums.population),
        covered: sums.known(sums.covered),
        uncovered: sums.uncovered(),
        share: sums.share(),
        person_m: sums.person_m(),
        mean_m: sums.mean_m(),
        unknown_population: sums.unknown,
        unknown_aged_60: sums.unknown_aged_60,
        regions_without_population: sums.bare,
    }
}

fn rows(atlas: &Atlas, division: &Division, tallies: &[Tally], facilities: &[usize]) -> Vec<Row> {
    let regions = division.rows.iter().map(|slot| atlas.regions().at(*slot)).chain([None]);
    let told = regions.zip(tallies.iter().zip(facilities)).enumerate();
    let told = told.filter(|(at, (region, (tally, _)))| {
        region.is_some() && !division.emptied(*at) || tally.has_demand() || division.by_class && tally.bare > 0
    });
    let row = |(at, (region, (tally, facilities))): (usize, (Option<&Region>, (&Tally, &usize)))| Row {
        class: division.by_class.then(|| UrbanRural::ALL.get(at).map_or("unknown", |class| class.code())),
        region: region.map(|region| region.code.clone()),
        name: region.map(|region| region.name.clone()),
        demand_points: tally.demand_points,
        population: tally.known(tally.population),
        covered: tally.known(tally.covered),
        uncovered: tally.uncovered(),
        share: tally.share(),
        missing: (tally.demand_points == 0).then_some("no_population_data"),
        unknown_population: tally.unknown,
        unknown_aged_60: tally.unknown_aged_60,
        regions_without_population: tally.bare,
        person_m: tally.person_m(),
        mean_m: tally.mean_m(),
        facilities: *facilities,
        nearest_m: tally.nearest.clone(),
    };
    let mut rows: Vec<Row> = told.map(row).collect();
    rows.sort_by(|a, b| {
        b.uncovered
            .cmp(&a.uncovered)
            .then_with(|| (a.region.is_none(), &a.region, &a.class).cmp(&(b.region.is_none(), &b.region, &b.class)))
    });
    rows
}
