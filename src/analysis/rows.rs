//! Rows: the order of an answer's rows, the sums over all of them, and what is written of one. Of many rows only those that are
//! shown are written.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::coverage::{Row, Totals};
use super::division::Division;
use super::standing::Standing;
use super::tally::Tally;
use crate::atlas::Atlas;
use crate::care::UrbanRural;

/// Stands for "no population data" where rows are put in order by the people not covered; whoever has most comes first.
const NO_DATA: u64 = u64::MAX;
/// So many rows are counted one after the other.
const STRETCH: usize = 4096;

/// The rows that an answer has, in its order, and the sums over all.
pub(crate) struct Order {
    /// Those with the most uncovered people first, those without population data last.
    pub rows: Vec<usize>,
    pub sums: Tally,
}

impl Order {
    /// `changed`: what is counted otherwise than as the record stands, by row.
    pub fn of(atlas: &Atlas, standing: &Standing, changed: &BTreeMap<usize, Tally>) -> Order {
        let division = &standing.reach.division;
        let count = standing.row_count();
        let stretch = |first: usize| {
            let (mut sums, mut told) = (Tally::default(), Vec::new());
            for at in first..count.min(first + STRETCH) {
                let own;
                let tally = match changed.get(&at) {
                    Some(tally) => tally,
                    None => {
                        own = standing.counted(at);
                        &*own
                    }
                };
                sums = sums.and(tally);
                let is_region = division.rows.get(at).is_some_and(|slot| atlas.regions().at(*slot).is_some());
                let listed = is_region && !division.emptied(at);
                if listed || tally.has_demand() || division.by_class && tally.bare > 0 {
                    // Those without population data stand last.
                    told.push((tally.uncovered().map_or(NO_DATA, |people| NO_DATA - 1 - people), at as u32));
                }
            }
            (sums, told)
        };
        let starts: Vec<usize> = (0..count).step_by(STRETCH).collect();
        let stretches: Vec<_> = starts.into_par_iter().map(stretch).collect();
        // In the order of the rows, so that sums are the same on any number of cores.
        let mut sums = Tally::default();
        let mut told: Vec<(u64, u32)> = Vec::with_capacity(stretches.iter().map(|(_, rows)| rows.len()).sum());
        for (own, rows) in stretches {
            sums = sums.and(&own);
            told.extend(rows);
        }
        let key = |at: u32| {
            let region = division.rows.get(at as usize).and_then(|slot| atlas.regions().at(*slot));
            let class = division.by_class.then(|| class(at as usize));
            (region.is_none(), region.map(|region| &region.code), class)
        };
        told.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| key(a.1).cmp(&key(b.1))));
        Order { rows: told.into_iter().map(|(_, at)| at as usize).collect(), sums }
    }
}

fn class(at: usize) -> &'static str {
    UrbanRural::ALL.get(at).map_or("unknown", |class| class.code())
}

/// A row as it is written.
pub(crate) fn row(atlas: &Atlas, division: &Division, at: usize, tally: &Tally, facilities: usize) -> Row {
    let region = division.rows.get(at).and_then(|slot| atlas.regions().at(*slot));
    Row {
        class: division.by_class.then(|| class(at)),
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
        facilities,
        nearest_m: tally.nearest.clone(),
    }
}

/// The sums as they are written.
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
