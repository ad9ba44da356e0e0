//! Absent: who is in none of an answer's sums, and of which days the counts are that are in them.

use rayon::prelude::*;

use super::coverage::{Counted, CoverageQuestion, LeftOut};
use super::division::Division;
use crate::atlas::{Atlas, Demand};
use crate::care::Weight;

/// What an answer leaves out.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    pub counted: Counted,
    /// Where only one class is asked: those whose class is not known.
    pub unclassed: LeftOut,
    /// By row: people aged 60 and over at the points without a number; empty where they are who is counted.
    aged_60: Vec<Option<u64>>,
    /// By row: regions with none below them where nobody is known to live.
    bare: Vec<usize>,
}

impl Absent {
    /// Looks at the demand points of the asked region. Points without a place are told of elsewhere.
    pub fn of(atlas: &Atlas, question: &CoverageQuestion, division: &Division) -> Absent {
        let rows = division.rows.len() + 1;
        let beside = question.weight != Weight::Aged60;
        let look = |mut seen: Seen, demand: &Demand| {
            let people = demand.point.people(&question.weight);
            match (division.row_of(demand.region), people) {
                _ if demand.lon_lat.is_none() => {}
                (Some(_), Some(_)) => seen.counted.add(demand.point.as_of),
                (Some(row), None) => seen.aged_60.extend(demand.point.aged_60.map(|people| (row, people))),
                (None, people) if division.unclassed(demand.region) => {
                    seen.unclassed.demand_points += 1;
                    seen.unclassed.population += u64::from(people.unwrap_or(0));
                }
                (None, _) => {}
            }
            seen
        };
        let seen =
            atlas.demand().par_iter().with_min_len(4096).fold(Seen::default, look).reduce(Seen::default, Seen::and);
        let mut absent = Absent { unclassed: seen.unclassed, bare: vec![0; rows], ..Absent::default() };
        absent.counted = Counted { year: question.population_year, ..seen.counted };
        if beside {
            absent.aged_60 = vec![None; rows];
            for (row, people) in seen.aged_60 {
                *absent.aged_60[row].get_or_insert(0) += u64::from(people);
            }
        }
        let regions = atlas.regions();
        for (slot, bare) in (0u32..).zip(regions.without_people(&peopled(atlas))) {
            if let Some(row) = division.row_of(slot).filter(|_| bare) {
                absent.bare[row] += 1;
            }
        }
        absent
    }

    /// Of a row: people aged 60 and over at points without a number, and regions where nobody is known to live.
    pub fn of_row(&self, row: usize) -> (Option<u64>, usize) {
        (self.aged_60.get(row).copied().flatten(), self.bare.get(row).copied().unwrap_or(0))
    }
}

/// By slot whether any demand point stands in the region itself.
pub(crate) fn peopled(atlas: &Atlas) -> Vec<bool> {
    let mut peopled = vec![false; atlas.regions().slot_count()];
    for demand in atlas.demand() {
        if let Some(peopled) = peopled.get_mut(demand.region as usize) {
            *peopled = true;
        }
    }
    peopled
}

/// What one part of the walk saw.
#[derive(Default)]
struct Seen {
    counted: Counted,
    unclassed: LeftOut,
    /// Rows, and people aged 60 and over at a point without a number.
    aged_60: Vec<(usize, u32)>,
}

impl Seen {
    fn and(mut self, other: Seen) -> Seen {
        self.counted = self.counted.and(&other.counted);
        self.unclassed.demand_points += other.unclassed.demand_points;
        self.unclassed.population += other.unclassed.population;
        self.aged_60.extend(other.aged_60);
        self
    }
}

/// How many regions with none below them, in the region with this code, no demand point stands in, nor one for their town.
pub fn regions_without_population(atlas: &Atlas, code: &str) -> usize {
    let bare = atlas.regions().without_people(&peopled(atlas));
    atlas.regions().below(code).iter().filter(|slot| bare[**slot as usize]).count()
}
