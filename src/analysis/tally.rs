//! Tallies: what is counted for one row of an answer, in whole people, and the distances that go with them.

use rayon::prelude::*;

use super::coverage::{Band, Nearest};

/// What is counted for a row.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Tally {
    pub demand_points: usize,
    pub population: u64,
    pub covered: u64,
    /// Demand points without a number.
    pub unknown: usize,
    /// People aged 60 and over at those, where they are not who is counted.
    pub unknown_aged_60: Option<u64>,
    /// Regions with none below them where nobody is known to live.
    pub bare: usize,
    /// Metres, summed over people; meaningless where nobody has a facility.
    person_m: f64,
    /// People who have a facility, however far.
    reached: u64,
    /// People by band of distance, and at the end those beyond the last.
    bands: Vec<u64>,
    pub nearest: Option<Nearest>,
}

impl Tally {
    /// Counts people (`None`: not known) with their metres, in this order.
    pub fn of(points: impl Iterator<Item = (Option<u32>, f64)>, within_m: f64, bands: &[f64]) -> Tally {
        let mut tally = Tally { bands: vec![0; bands.len() + 1], ..Tally::default() };
        let mut people_at: Vec<(f64, u32)> = Vec::new();
        for (people, metres) in points {
            let Some(people) = people else {
                tally.unknown += 1;
                continue;
            };
            let many = u64::from(people);
            tally.demand_points += 1;
            tally.population += many;
            tally.covered += if metres <= within_m { many } else { 0 };
            tally.bands[bands.partition_point(|end| *end < metres)] += many;
            if people > 0 && metres.is_finite() {
                tally.reached += many;
                tally.person_m += f64::from(people) * metres;
                people_at.push((metres, people));
            }
        }
        tally.nearest = quantiles(people_at);
        tally
    }

    /// Both together; the quantiles of the whole are not those of its parts.
    pub fn and(mut self, other: &Tally) -> Tally {
        self.demand_points += other.demand_points;
        self.population += other.population;
        self.covered += other.covered;
        self.unknown += other.unknown;
        self.unknown_aged_60 = match (self.unknown_aged_60, other.unknown_aged_60) {
            (Some(own), Some(more)) => Some(own + more),
            (own, more) => own.or(more),
        };
        self.bare += other.bare;
        self.person_m += other.person_m;
        self.reached += other.reached;
        self.bands.resize(self.bands.len().max(other.bands.len()), 0);
        self.bands.iter_mut().zip(&other.bands).for_each(|(sum, more)| *sum += more);
        self.nearest = None;
        self
    }

    pub fn has_demand(&self) -> bool {
        self.demand_points + self.unknown > 0
    }

    /// Nothing was counted where there was nothing to count: that is not zero people.
    pub fn known(&self, sum: u64) -> Option<u64> {
        (self.demand_points > 0).then_some(sum)
    }

    pub fn uncovered(&self) -> Option<u64> {
        self.known(self.population - self.covered)
    }

    pub fn share(&self) -> Option<f64> {
        (self.population > 0).then(|| self.covered as f64 / self.population as f64)
    }

    pub fn person_m(&self) -> Option<f64> {
        (self.reached > 0).then_some(self.person_m)
    }

    pub fn mean_m(&self) -> Option<f64> {
        (self.reached > 0).then(|| self.person_m / self.reached as f64)
    }

    /// The people by bands with these upper ends.
    pub fn distribution(&self, ends: &[f64]) -> Vec<Band> {
        if ends.is_empty() || self.bands.len() != ends.len() + 1 {
            return Vec::new();
        }
        let starts = [0.0].into_iter().chain(ends.iter().copied());
        let ends = ends.iter().copied().map(Some).chain([None]);
        let band =
            |((from_m, to_m), population): ((f64, Option<f64>), &u64)| Band { from_m, to_m, population: *population };
        starts.zip(ends).zip(&self.bands).map(band).collect()
    }
}

/// The nearest-rank quantiles: the smallest distance within which at least that part of the people have it.
fn quantiles(mut people_at: Vec<(f64, u32)>) -> Option<Nearest> {
    people_at.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let all: u64 = people_at.iter().map(|(_, people)| u64::from(*people)).sum();
    let within = |tenths: u64| {
        let mut so_far = 0;
        let reaches = |(_, people): &&(f64, u32)| {
            so_far += u64::from(*people);
            so_far * 10 >= all * tenths
        };
        people_at.iter().find(reaches).map(|(metres, _)| *metres)
    };
    Some(Nearest { median: within(5)?, p90: within(9)?, max: within(10)? })
}
