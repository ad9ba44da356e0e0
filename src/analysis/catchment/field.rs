//! The field of a question: the capacity and the people that count in it, inside the asked region and around it.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::{CatchmentQuestion, Trouble};
use crate::analysis::coverage::Counted;
use crate::analysis::division::Division;
use crate::analysis::pair_budget::{exceeds, radius_for};
use crate::analysis::pairs::{Pairs, Reach, farthest_chord};
use crate::atlas::tree::Tree;
use crate::atlas::{Atlas, Entry, Filter};
use crate::care::{Text, Vocabulary};

/// No question holds more pairs than this: about a quarter of a gigabyte.
pub(super) const MOST_PAIRS: usize = 20_000_000;

/// What stands and who lives where, and who is within reach of what.
pub(super) struct Field {
    /// Indexes into the atlas' demand of all who reach for the capacity, in order.
    pub demand: Vec<usize>,
    /// Their rows; `None` for those outside the asked region, who compete and are not shown.
    pub rows: Vec<Option<usize>>,
    pub people: Vec<f64>,
    pub stock: Stock,
    pub pairs: Pairs,
    /// Demand points without a number: their rows, and the people aged 60 and over there.
    pub unknown: Vec<(usize, Option<u32>)>,
    /// Of which days the counts of people are.
    pub counted: Counted,
    pub unlocated_demand: usize,
}

/// The facilities whose capacity counts.
#[derive(Default)]
pub(super) struct Stock {
    pub lon_lat: Vec<(f64, f64)>,
    pub capacity: Vec<f64>,
    /// Their rows; `None` outside the asked region, and for those that count only as a choice.
    pub rows: Vec<Option<usize>>,
    /// Located, and nobody knows how much it has: where it stands, and its row.
    pub silent: Vec<((f64, f64), Option<usize>)>,
    // The rest is about those inside the asked region only.
    pub stale: usize,
    pub unlocated: usize,
    pub unlocated_capacity: u64,
}

/// What is asked of one entry: its figure, and whether the figure is stale.
type Figure = (Option<u32>, bool);

fn figure(atlas: &Atlas, entry: &Entry, question: &CatchmentQuestion, measure: &str) -> Figure {
    let Some(held) = entry.facility.capacity_of(measure) else { return (None, false) };
    let (today, zone) = (atlas.today(), atlas.zone());
    // A free place is promised by fresh figures only.
    let counted = if question.free { held.fresh_free(today, &zone) } else { held.total };
    (counted, held.stale(today, &zone))
}

/// Whether a facility is of a kind that has the measure, or has it whatever its kind.
fn has(vocabulary: &Vocabulary, entry: &Entry, measure: &Text) -> bool {
    let kind = vocabulary.kind(&entry.facility.kind);
    kind.is_some_and(|kind| kind.measures.contains(measure)) || entry.facility.capacity_of(measure).is_some()
}

/// The measure of a question that names none: the first one of the kinds asked for in which any capacity is known,
/// else the first there is.
pub(super) fn measure(atlas: &Atlas, question: &CatchmentQuestion) -> Result<Text, Trouble> {
    if let Some(measure) = &question.measure {
        return Ok(measure.clone());
    }
    let filter = &question.filter;
    let asked = |kind: &&crate::care::Kind| {
        (filter.kinds.is_empty() || filter.kinds.contains(&kind.code))
            && filter.category.as_ref().is_none_or(|category| *category == kind.category)
    };
    let measures: Vec<&Text> = atlas.vocabulary().kinds.iter().filter(asked).flat_map(|kind| &kind.measures).collect();
    let sieve = atlas.sieve(filter).serving();
    let known = |measure: &&&Text| {
        let has = |entry: &Entry| entry.facility.capacity_of(measure).is_some_and(|held| held.total.is_some());
        !atlas.select(|entry| (has(entry) && sieve.passes(entry)).then_some(())).is_empty()
    };
    let first = measures.iter().find(known).or(measures.first());
    first.map(|measure| (*measure).clone()).ok_or(Trouble::NoMeasure)
}

impl Stock {
    /// Where people choose, they choose among all of the kinds; of those that do not pass the rest of the filter the
    /// capacity does not count, which is 0 then.
    fn gather(atlas: &Atlas, question: &CatchmentQuestion, measure: &Text, division: &Division) -> Stock {
        let sieve = atlas.sieve(&question.filter).serving();
        let Filter { kinds, category, .. } = question.filter.clone();
        let kinds = Filter { kinds, category, ..Filter::default() };
        let choice = atlas.sieve(&kinds).serving();
        let chooses = question.method.chooses();
        let mut found = atlas.select(|entry| {
            let passes = sieve.passes(entry);
            let counts = has(atlas.vocabulary(), entry, measure) && (passes || chooses && choice.passes(entry));
            let figure = || figure(atlas, entry, question, measure);
            counts.then(|| (entry.lon_lat, passes.then(|| division.row_of(entry.region)), figure()))
        });
        // In the order of slots, whichever core found them first.
        found.par_sort_unstable_by_key(|(_, slot)| *slot);
        let mut stock = Stock::default();
        for ((lon_lat, counted, (figure, stale)), _) in found {
            let row = counted.flatten();
            let inside = usize::from(row.is_some());
            match (lon_lat, figure) {
                (None, figure) => {
                    stock.unlocated += inside;
                    stock.unlocated_capacity += u64::from(figure.unwrap_or(0)) * inside as u64;
                }
                // Where it is only a choice, its capacity would not count.
                (Some(lon_lat), None) if counted.is_some() => stock.silent.push((lon_lat, row)),
                (Some(_), None) => {}
                (Some(lon_lat), Some(figure)) => {
                    stock.lon_lat.push(lon_lat);
                    stock.capacity.push(if counted.is_some() { figure.into() } else { 0.0 });
                    stock.rows.push(row);
                    stock.stale += if stale { inside } else { 0 };
                }
            }
        }
        stock
    }
}

impl Field {
    /// Gathers what counts. People outside the asked region reach across its border: of them all are here that reach
    /// for anything within reach of the region.
    pub fn gather(
        atlas: &Atlas,
        question: &CatchmentQuestion,
        measure: &Text,
        division: &Division,
    ) -> Result<Field, Trouble> {
        let stock = Stock::gather(atlas, question, measure, division);
        let edges = question.decay.edges();
        let reach = Reach { within_m: question.within_m, edges: &edges, earth: question.earth };
        let (mut shown, mut others) = (Vec::new(), Vec::new());
        let (mut unknown, mut unlocated_demand, mut counted) = (Vec::new(), 0, Counted::default());
        for (at, demand) in atlas.demand().iter().enumerate() {
            let row = division.row_of(demand.region);
            match (row, demand.point.people(&question.weight)) {
                (Some(_), _) if demand.lon_lat.is_none() => unlocated_demand += 1,
                (Some(row), None) => unknown.push((row, demand.point.aged_60)),
                (Some(row), Some(_)) => {
                    counted.add(demand.point.as_of);
                    shown.push((at, Some(row)));
                }
                (None, Some(_)) if demand.lon_lat.is_some() => others.push(at),
                (None, _) => {}
            }
        }
        // Counted before anything is measured: what cannot be answered is refused at once.
        let place = |at: &usize| atlas.demand()[*at].lon_lat.unwrap_or_default();
        let asking: Vec<(f64, f64)> = shown.iter().map(|(at, _)| place(at)).collect();
        if exceeds(&asking, &stock.lon_lat, &reach, MOST_PAIRS) {
            return Err(too_many(&asking, &stock.lon_lat));
        }
        shown.extend(competing(atlas, &shown, &others, &stock, &reach).into_iter().map(|at| (at, None)));
        // In the atlas' order, in which neighbours follow each other.
        shown.sort_unstable();
        let (demand, rows): (Vec<usize>, Vec<Option<usize>>) = shown.into_iter().unzip();
        let points = demand.iter().map(|at| &atlas.demand()[*at]);
        let people = points.clone().map(|point| point.point.people(&question.weight).unwrap_or(0).into()).collect();
        let places: Vec<(f64, f64)> = points.map(|point| point.lon_lat.unwrap_or_default()).collect();
        if exceeds(&places, &stock.lon_lat, &reach, MOST_PAIRS) {
            return Err(too_many(&places, &stock.lon_lat));
        }
        let pairs = Pairs::within(&places, &stock.lon_lat, &reach, MOST_PAIRS);
        let pairs = pairs.map_err(|_| too_many(&places, &stock.lon_lat))?;
        Ok(Field { demand, rows, people, stock, pairs, unknown, unlocated_demand, counted })
    }
}

impl Field {
    /// Of the demand points that reach no capacity those that may reach some: a facility stands there, and nobody knows
    /// how much it has.
    pub fn unsure(&self, atlas: &Atlas, question: &CatchmentQuestion, reached: &[bool]) -> Result<Vec<bool>, Trouble> {
        let mut unsure = vec![false; reached.len()];
        let open: Vec<usize> = (0..reached.len()).filter(|at| self.rows[*at].is_some() && !reached[*at]).collect();
        let place = |at: &usize| atlas.demand()[self.demand[*at]].lon_lat.unwrap_or_default();
        let places: Vec<(f64, f64)> = open.iter().map(place).collect();
        let silent: Vec<(f64, f64)> = self.stock.silent.iter().map(|(lon_lat, _)| *lon_lat).collect();
        let edges = question.decay.edges();
        let reach = Reach { within_m: question.within_m, edges: &edges, earth: question.earth };
        if exceeds(&places, &silent, &reach, MOST_PAIRS) {
            return Err(too_many(&places, &silent));
        }
        let pairs = Pairs::within(&places, &silent, &reach, MOST_PAIRS).map_err(|_| too_many(&places, &silent))?;
        for (at, _, metres) in pairs.iter() {
            unsure[open[at]] |= question.decay.weight(metres, question.within_m) > 0.0;
        }
        Ok(unsure)
    }
}

fn too_many(demand: &[(f64, f64)], supply: &[(f64, f64)]) -> Trouble {
    Trouble::TooManyPairs { most: MOST_PAIRS, within_m: radius_for(demand, supply, MOST_PAIRS) as u64 }
}

/// Of the others those within reach of a facility that is within reach of somebody shown.
fn competing(
    atlas: &Atlas,
    shown: &[(usize, Option<usize>)],
    others: &[usize],
    stock: &Stock,
    reach: &Reach,
) -> Vec<usize> {
    if others.is_empty() {
        return Vec::new();
    }
    let bound = farthest_chord(reach).powi(2);
    let stands = |number: u32| {
        let (lon, lat) = stock.lon_lat[number as usize];
        (crate::atlas::geodesic::ecef(lon, lat), number)
    };
    let tree = Tree::build((0..stock.lon_lat.len() as u32).map(stands).collect());
    let met: Vec<AtomicBool> = stock.lon_lat.iter().map(|_| AtomicBool::new(false)).collect();
    shown.par_iter().filter_map(|(at, _)| atlas.demand()[*at].at).for_each(|at| {
        tree.all_within(&at, bound, |number, _| met[number as usize].store(true, Ordering::Relaxed));
    });
    let met = (0..).zip(met).filter(|(_, met)| met.load(Ordering::Relaxed)).map(|(number, _)| stands(number));
    let tree = Tree::build(met.collect());
    let near = |at: &usize| atlas.demand()[*at].at.is_some_and(|at| tree.nearest(&at, bound).is_some());
    others.par_iter().copied().filter(near).collect()
}
