//! Coverage: how many people have an eligible facility within a distance, and who has not.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::Serialize;

use super::division::Division;
use super::reach::Supply;
use crate::atlas::{Atlas, Filter};
use crate::care::{Level, Region, Text, Weight};

/// A question of coverage.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageQuestion {
    /// This region and what is below it; `None` means everything.
    pub region: Option<Text>,
    /// Kinds, `min_free`, `min_rating` and the like. Its `region` stays empty: a facility counts wherever it stands.
    pub filter: Filter,
    /// Geodesic metres, inclusive.
    pub within_m: f64,
    pub weight: Weight,
    /// The level of the rows; `None` means the level below the region.
    pub by: Option<Level>,
}

/// The answer, as it is written in JSON and on the page (contract, section 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    pub revision: i64,
    pub as_of: DateTime<Utc>,
    pub standard: Standard,
    pub totals: Totals,
    pub rows: Vec<Row>,
    pub not_located: NotLocated,
}

/// What was asked, in the words of the question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    pub kinds: Vec<Text>,
    pub within_m: f64,
    pub weight: Weight,
    /// The level of the rows, as asked or as found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_free: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_rating: Option<u8>,
    /// Always `geodesic_straight_line`: nobody walks it.
    pub distance: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Totals {
    /// Demand points with a point and a number for this weight.
    pub demand_points: usize,
    /// `None`: no demand point here has a number for this weight.
    pub population: Option<u64>,
    pub covered: Option<u64>,
    pub uncovered: Option<u64>,
    pub share: Option<f64>,
    /// Demand points without a number for this weight; in none of the sums.
    pub unknown_population: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub region: Option<Text>,
    pub name: Option<Text>,
    pub demand_points: usize,
    pub population: Option<u64>,
    pub covered: Option<u64>,
    pub uncovered: Option<u64>,
    pub share: Option<f64>,
    /// `no_population_data` where there is no number: never "no gap".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<&'static str>,
    /// Eligible facilities that stand in the region.
    pub facilities: usize,
    pub nearest_m: Option<Nearest>,
}

/// Distances to the nearest eligible facility, weighted by people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nearest {
    pub median: f64,
    pub p90: f64,
    pub max: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotLocated {
    pub facilities: usize,
    pub demand_points: usize,
}

/// A demand point that is not covered.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Index into [`Atlas::demand`].
    pub demand: usize,
    pub population: u64,
    /// To the nearest eligible facility anywhere; `None` when there is none.
    pub nearest_m: Option<f64>,
}

/// How many people of each region have an eligible facility within the distance.
///
/// Every demand point in the asked region is counted in one of three ways: in the sums (`demand_points`), as one
/// without a number for this weight (`unknown_population`), or as one without a place (`not_located`). The rows add up
/// to the totals: demand that stands below no region of the rows' level has a row without a region. Rows with the most
/// uncovered people come first, those without population data last.
pub fn coverage(atlas: &Atlas, question: &CoverageQuestion) -> Coverage {
    let division = Division::new(atlas.regions(), question.region.as_deref(), question.by);
    let supply = Supply::gather(atlas, &question.filter);
    let nearest = supply.nearest_m(question.within_m, |demand| division.row_of(demand.region).is_some());
    let mut tallies: Vec<Tally> = (0..=division.rows.len()).map(|_| Tally::default()).collect();
    let mut unlocated_demand = 0;
    for (demand, metres) in atlas.demand().iter().zip(&nearest) {
        let Some(row) = division.row_of(demand.region) else { continue };
        match demand.point.people(question.weight) {
            _ if demand.lon_lat.is_none() => unlocated_demand += 1,
            None => tallies[row].unknown += 1,
            Some(people) => tallies[row].count(people, *metres, question.within_m),
        }
    }
    for row in supply.regions.iter().filter_map(|region| division.row_of(*region)) {
        tallies[row].facilities += 1;
    }
    let not_located = NotLocated {
        facilities: supply.unlocated.iter().filter(|region| division.row_of(**region).is_some()).count(),
        demand_points: unlocated_demand,
    };
    let unknown_population = tallies.iter().map(|tally| tally.unknown).sum();
    let sums = tallies.iter().fold(Sums::default(), |all, tally| all.and(&tally.sums));
    let totals = Totals {
        demand_points: sums.demand_points,
        population: sums.known(sums.population),
        covered: sums.known(sums.covered),
        uncovered: sums.known(sums.population - sums.covered),
        share: sums.share(),
        unknown_population,
    };
    Coverage {
        revision: atlas.revision(),
        as_of: atlas.read_at(),
        standard: Standard {
            region: question.region.clone(),
            kinds: question.filter.kinds.clone(),
            within_m: question.within_m,
            weight: question.weight,
            by: division.level,
            min_free: question.filter.min_free,
            min_rating: question.filter.min_rating,
            distance: "geodesic_straight_line",
        },
        totals,
        rows: rows(atlas, &division, tallies),
        not_located,
    }
}

/// The uncovered demand points, most people first, then by id.
pub fn gaps(atlas: &Atlas, question: &CoverageQuestion) -> Vec<Gap> {
    let division = Division::new(atlas.regions(), question.region.as_deref(), question.by);
    let supply = Supply::gather(atlas, &question.filter);
    let nearest = supply.nearest_m(question.within_m, |demand| division.row_of(demand.region).is_some());
    let demand = atlas.demand();
    let gap = |(at, metres): (usize, &f64)| {
        let population = demand[at].point.people(question.weight)?.into();
        (*metres > question.within_m).then(|| Gap {
            demand: at,
            population,
            nearest_m: Some(*metres).filter(|m| m.is_finite()),
        })
    };
    let mut gaps: Vec<Gap> = nearest.iter().enumerate().filter_map(gap).collect();
    gaps.sort_by_key(|gap| (Reverse(gap.population), demand[gap.demand].point.id));
    gaps
}

/// Numbers that add up.
#[derive(Default, Clone, Copy)]
struct Sums {
    demand_points: usize,
    population: u64,
    covered: u64,
}

impl Sums {
    fn and(self, other: &Sums) -> Sums {
        Sums {
            demand_points: self.demand_points + other.demand_points,
            population: self.population + other.population,
            covered: self.covered + other.covered,
        }
    }

    /// Nothing was counted where there was nothing to count: that is not zero people.
    fn known(&self, sum: u64) -> Option<u64> {
        (self.demand_points > 0).then_some(sum)
    }

    fn share(&self) -> Option<f64> {
        (self.population > 0).then(|| self.covered as f64 / self.population as f64)
    }
}

/// What is counted for a row.
#[derive(Default)]
struct Tally {
    sums: Sums,
    unknown: usize,
    facilities: usize,
    /// How far how many people have it.
    people_at: Vec<(f64, u32)>,
}

impl Tally {
    fn count(&mut self, people: u32, metres: f64, within_m: f64) {
        let covered = if metres <= within_m { people.into() } else { 0 };
        self.sums = self.sums.and(&Sums { demand_points: 1, population: people.into(), covered });
        if people > 0 && metres.is_finite() {
            self.people_at.push((metres, people));
        }
    }

    fn has_demand(&self) -> bool {
        self.sums.demand_points + self.unknown > 0
    }

    /// The nearest-rank quantiles: the smallest distance within which at least that part of the people have it.
    fn nearest(&mut self) -> Option<Nearest> {
        self.people_at.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let all: u64 = self.people_at.iter().map(|(_, people)| u64::from(*people)).sum();
        let within = |tenths: u64| {
            let mut so_far = 0;
            let reaches = |(_, people): &&(f64, u32)| {
                so_far += u64::from(*people);
                so_far * 10 >= all * tenths
            };
            self.people_at.iter().find(reaches).map(|(metres, _)| *metres)
        };
        Some(Nearest { median: within(5)?, p90: within(9)?, max: within(10)? })
    }
}

fn rows(atlas: &Atlas, division: &Division, tallies: Vec<Tally>) -> Vec<Row> {
    let regions = division.rows.iter().map(|slot| atlas.regions().at(*slot)).chain([None]);
    let named: Vec<_> = regions.zip(tallies).filter(|(region, tally)| region.is_some() || tally.has_demand()).collect();
    let row = |(region, mut tally): (Option<&Region>, Tally)| Row {
        region: region.map(|region| region.code.clone()),
        name: region.map(|region| region.name.clone()),
        demand_points: tally.sums.demand_points,
        population: tally.sums.known(tally.sums.population),
        covered: tally.sums.known(tally.sums.covered),
        uncovered: tally.sums.known(tally.sums.population - tally.sums.covered),
        share: tally.sums.share(),
        missing: (tally.sums.demand_points == 0).then_some("no_population_data"),
        facilities: tally.facilities,
        nearest_m: tally.nearest(),
    };
    let mut rows: Vec<Row> = named.into_par_iter().map(row).collect();
    rows.sort_by(|a, b| {
        b.uncovered
            .cmp(&a.uncovered)
            .then_with(|| (a.region.is_none(), &a.region).cmp(&(b.region.is_none(), &b.region)))
    });
    rows
}

#[cfg(test)]
mod tests;
