//! Capacity against need: how much capacity people have within reach, by demand point or region, and what they lack.

use std::cmp::{Ordering, Reverse};

use super::absent::peopled;
use super::bed_target::{self, BedTarget};
use super::coverage::{Counted, Part};
use super::decay::Decay;
use super::division::Division;
use super::floating::{Access, Method, access};
use super::pairs::Earth;
use crate::atlas::{Atlas, Demand, Filter};
use crate::care::{Level, Region, Text, Weight};

pub mod answer;
mod field;
mod tally;

use answer::{Area, NotLocated, Row, Told, Totals};
pub use answer::{Catchment, Outline};
use field::Field;
use tally::{Tally, tidy};

/// A question of capacity against need.
#[derive(Debug, Clone, PartialEq)]
pub struct CatchmentQuestion {
    /// People here and below are shown; `None` means everywhere. Capacity and people around it count too.
    pub region: Option<Text>,
    /// Kinds, `min_rating` and the like. Its `region` stays empty.
    pub filter: Filter,
    /// `None`: the first measure of the kinds.
    pub measure: Option<Text>,
    /// Only free places of fresh figures, instead of all.
    pub free: bool,
    pub method: Method,
    pub decay: Decay,
    /// Where the weights are from, when they are not the asker's own.
    pub decay_source: Option<&'static str>,
    /// Metres, inclusive; infinite for no limit.
    pub within_m: f64,
    pub earth: Earth,
    pub weight: Weight,
    /// The year of the counts of people. The atlas must be the one [of that year](Atlas::of_year).
    pub population_year: Option<i32>,
    pub by: By,
    pub target: Option<BedTarget>,
}

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Point,
    /// The level below the region.
    Below,
    Level(Level),
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// So many are the most, and within so many metres there are about that many.
    #[error("more than {most} pairs of people and facilities are within this distance; within_m={within_m} would do")]
    TooManyPairs { most: usize, within_m: u64 },
    #[error("no measure of capacity is known for this kind")]
    NoMeasure,
    #[error("this target is one of beds, and the question is not")]
    NotBeds,
}

/// How much capacity people have within reach, where others reach for it too.
///
/// The demand points of the asked region are shown; what stands and who lives around it counts as far as it reaches.
/// Facilities of unknown capacity are left out and counted, and so are people who reach only such; stale figures stand and are counted. Rows come with the
/// least access first, regions without numbers last. See [`floating`](super::floating) for the methods.
pub fn catchment(atlas: &Atlas, question: &CatchmentQuestion) -> Result<Catchment, Trouble> {
    Ok(Work::of(atlas, question)?.answer(None, Part::WHOLE).0)
}

/// The same with some of its rows, of those that reach capacity (`Some(true)`), those that do not, or all; and how many there
/// are of those. Only the rows that are shown are written.
pub fn catchment_part(
    atlas: &Atlas,
    question: &CatchmentQuestion,
    reached: Option<bool>,
    part: Part,
) -> Result<(Catchment, usize), Trouble> {
    Ok(Work::of(atlas, question)?.answer(reached, part))
}

/// The same with its first rows, and with `most` demand points that reach nothing.
pub fn outline(atlas: &Atlas, question: &CatchmentQuestion, most: usize) -> Result<Outline, Trouble> {
    let work = Work::of(atlas, question)?;
    let shown = (0..work.field.rows.len()).filter(|at| work.field.rows[*at].is_some());
    let nothing = |at: &usize| !work.unsure[*at] && !work.found.reached[*at] && work.field.people[*at] > 0.0;
    let mut unreached: Vec<usize> = shown.filter(nothing).collect();
    unreached.sort_by_key(|at| (Reverse(work.field.people[*at] as u64), work.demand(*at).point.id));
    let unreached_matched = unreached.len();
    let unreached = unreached.into_iter().take(most).map(|at| work.point(at)).collect();
    let (answer, matched) = work.answer(None, Part::default());
    Ok(Outline { answer, matched, unreached, unreached_matched })
}

/// A question worked out.
struct Work<'a> {
    atlas: &'a Atlas,
    question: &'a CatchmentQuestion,
    measure: Text,
    division: Division,
    field: Field,
    found: Access,
    /// By demand point: nothing is known to be in reach, and something may be.
    unsure: Vec<bool>,
}

impl<'a> Work<'a> {
    fn of(atlas: &'a Atlas, question: &'a CatchmentQuestion) -> Result<Work<'a>, Trouble> {
        let measure = field::measure(atlas, question)?;
        if question.target.is_some_and(|target| target.preset.is_some()) && *measure != *bed_target::MEASURE {
            return Err(Trouble::NotBeds);
        }
        let by = if let By::Level(level) = question.by { Some(level) } else { None };
        let division = Division::new(atlas.regions(), question.region.as_deref(), by);
        let field = Field::gather(atlas, question, &measure, &division)?;
        let CatchmentQuestion { method, decay, within_m, .. } = question;
        let found = access(*method, decay, *within_m, &field.people, &field.stock.capacity, &field.pairs);
        let unsure = field.unsure(atlas, question, &found.reached)?;
        Ok(Work { atlas, question, measure, division, field, found, unsure })
    }

    fn answer(&self, reached: Option<bool>, part: Part) -> (Catchment, usize) {
        let Work { atlas, question, field, .. } = self;
        let tallies = self.tallies();
        let all = tallies.iter().fold(Tally::default(), |all, tally| all.and(tally));
        let by = match question.by {
            By::Point => Some("point"),
            _ => self.division.level.map(Level::code),
        };
        let (rows, matched) = match question.by {
            By::Point => {
                let order = self.points(reached);
                let shown = order.iter().skip(part.skip).take(part.most);
                (shown.map(|at| self.point(*at as usize)).collect(), order.len())
            }
            _ => {
                let order = self.areas(&tallies, reached);
                let shown = order.iter().skip(part.skip).take(part.most);
                (shown.map(|row| self.area(*row as usize, &tallies[*row as usize])).collect(), order.len())
            }
        };
        let answer = Catchment {
            revision: atlas.revision(),
            as_of: atlas.read_at(),
            method: self.told(by),
            target: question.target.map(|target| target.told(&self.measure, &question.weight)),
            totals: Totals {
                demand_points: all.demand_points,
                population: all.known(all.people),
                capacity: all.standing(all.capacity as u64),
                reached_capacity: all.within_reach(all.known(tidy(all.share))),
                unreached_population: all.known(all.unreached),
                unsure_population: all.known(all.unsure),
                per_1000: all.within_reach(all.a_person(all.share * 1000.0)),
                capacity_per_1000: all.a_person(all.capacity * 1000.0).and_then(|sum| all.standing(sum)),
                gap: all.gap(question.target),
                facilities: all.facilities,
                capacity_unknown: all.silent,
                capacity_stale: field.stock.stale,
                unknown_population: all.unknown,
                unknown_aged_60: all.unknown_aged_60.filter(|_| question.weight != Weight::Aged60),
                regions_without_population: all.bare,
            },
            counted: Counted { year: question.population_year, ..field.counted.clone() },
            rows,
            not_located: NotLocated {
                facilities: field.stock.unlocated,
                capacity: field.stock.unlocated_capacity,
                demand_points: field.unlocated_demand,
            },
        };
        (answer, matched)
    }

    fn told(&self, by: Option<&'static str>) -> Told {
        let question = self.question;
        Told {
            name: question.method,
            formula: question.method.formula(),
            source: question.method.source(),
            decay: question.decay.clone(),
            decay_source: question.decay_source,
            within_m: Some(question.within_m).filter(|metres| metres.is_finite()),
            distance: question.earth,
            kinds: question.filter.kinds.clone(),
            measure: self.measure.clone(),
            count: if question.free { "free" } else { "total" },
            min_rating: question.filter.min_rating,
            region: question.region.clone(),
            weight: question.weight.clone(),
            by,
            choice: question.method.chooses().then_some("all facilities of the kinds with a known capacity"),
            across_borders: true,
        }
    }

    /// By row of the division; the last is for what stands in none of its regions.
    fn tallies(&self) -> Vec<Tally> {
        let Work { field, found, unsure, .. } = self;
        let mut tallies = vec![Tally::default(); self.division.rows.len() + 1];
        for (at, row) in field.rows.iter().enumerate().filter_map(|(at, row)| Some((at, (*row)?))) {
            let (people, reached, unsure) = (field.people[at], found.reached[at], unsure[at]);
            let tally = &mut tallies[row];
            tally.demand_points += 1;
            tally.people += people as u64;
            tally.unreached += if reached || unsure { 0 } else { people as u64 };
            tally.unsure += if unsure { people as u64 } else { 0 };
            tally.reached |= reached;
            tally.access += people * found.access[at];
            tally.share += found.share[at];
        }
        for (row, aged_60) in &field.unknown {
            tallies[*row].unknown += 1;
            if let Some(more) = aged_60 {
                *tallies[*row].unknown_aged_60.get_or_insert(0) += u64::from(*more);
            }
        }
        let regions = self.atlas.regions();
        for (slot, bare) in (0u32..).zip(regions.without_people(&peopled(self.atlas))) {
            if let Some(row) = self.division.row_of(slot).filter(|_| bare) {
                tallies[row].bare += 1;
            }
        }
        for (row, capacity) in field.stock.rows.iter().zip(&field.stock.capacity) {
            if let Some(row) = row {
                tallies[*row].facilities += 1;
                tallies[*row].capacity += capacity;
            }
        }
        for row in field.stock.silent.iter().filter_map(|(_, row)| *row) {
            tallies[row].silent += 1;
        }
        tallies
    }

    fn demand(&self, at: usize) -> &Demand {
        &self.atlas.demand()[self.field.demand[at]]
    }

    /// The demand points of the asked region that are asked for, those with the least access first.
    fn points(&self, reached: Option<bool>) -> Vec<u32> {
        let Work { field, found, unsure, .. } = self;
        let known = |at: u32| (!unsure[at as usize]).then_some(at as usize);
        let asked = |at: &u32| reached.is_none_or(|asked| known(*at).is_some_and(|at| found.reached[at] == asked));
        let shown = (0u32..).zip(&field.rows).filter(|(_, row)| row.is_some()).map(|(at, _)| at);
        let mut order: Vec<u32> = shown.filter(asked).collect();
        let key = |at: u32| {
            let access = known(at).map(|at| found.access[at]);
            let people = field.people[at as usize] as u64;
            (access.is_none(), access.unwrap_or(0.0), Reverse(people), self.demand(at as usize).point.id)
        };
        order.sort_unstable_by(|a, b| key(*a).partial_cmp(&key(*b)).unwrap_or(Ordering::Equal));
        order
    }

    /// The row of a demand point.
    fn point(&self, at: usize) -> Row {
        let Work { atlas, field, found, question, unsure, .. } = self;
        let demand = self.demand(at);
        let region = demand.point.region.clone();
        let (people, share) = (field.people[at], found.share[at]);
        let known = !unsure[at];
        Row {
            id: Some(demand.point.id),
            name: region.as_deref().and_then(|code| Some(atlas.regions().get(code)?.name.clone())),
            region,
            lon: demand.lon_lat.map(|(lon, _)| lon),
            lat: demand.lon_lat.map(|(_, lat)| lat),
            population: Some(people as u64),
            access: known.then(|| found.access[at]),
            reached: known.then(|| found.reached[at]),
            per_1000: (known && people > 0.0).then(|| share / people * 1000.0),
            gap: question.target.filter(|_| known).map(|target| tidy(target.gap(people, share))),
            area: None,
            demo: demand.point.demo,
        }
    }

    fn region(&self, row: usize) -> Option<&Region> {
        self.division.rows.get(row).and_then(|slot| self.atlas.regions().at(*slot))
    }

    /// The regions of the division's level that are asked for, and what stands in none of them where there is something;
    /// those with the least access first, those without numbers last.
    fn areas(&self, tallies: &[Tally], reached: Option<bool>) -> Vec<u32> {
        let met = |tally: &Tally| tally.demand_points + tally.unknown + tally.facilities + tally.silent > 0;
        let asked = |tally: &Tally| reached.is_none_or(|asked| tally.reaches() == Some(asked));
        let all = (0u32..).zip(tallies).filter(|(row, tally)| self.region(*row as usize).is_some() || met(tally));
        let mut order: Vec<u32> = all.filter(|(_, tally)| asked(tally)).map(|(row, _)| row).collect();
        let key = |row: u32| {
            let (region, tally) = (self.region(row as usize), &tallies[row as usize]);
            let access = tally.within_reach(tally.a_person(tally.access));
            (access.is_none(), access.unwrap_or(0.0), region.is_none(), region.map(|region| &region.code))
        };
        order.sort_unstable_by(|a, b| key(*a).partial_cmp(&key(*b)).unwrap_or(Ordering::Equal));
        order
    }

    /// The row of a region.
    fn area(&self, row: usize, tally: &Tally) -> Row {
        let region = self.region(row);
        Row {
            id: None,
            region: region.map(|region| region.code.clone()),
            name: region.map(|region| region.name.clone()),
            lon: region.and_then(|region| Some(region.place.as_ref()?.lon)),
            lat: region.and_then(|region| Some(region.place.as_ref()?.lat)),
            population: tally.known(tally.people),
            access: tally.within_reach(tally.a_person(tally.access)),
            reached: tally.reaches(),
            per_1000: tally.within_reach(tally.a_person(tally.share * 1000.0)),
            gap: tally.gap(self.question.target),
            area: Some(Area {
                demand_points: tally.demand_points,
                reached_capacity: tally.within_reach(tally.known(tidy(tally.share))),
                unreached_population: tally.known(tally.unreached),
                unsure_population: tally.known(tally.unsure),
                facilities: tally.facilities,
                capacity_unknown: tally.silent,
                capacity: tally.standing(tally.capacity as u64),
                capacity_per_1000: tally.a_person(tally.capacity * 1000.0).and_then(|sum| tally.standing(sum)),
                unknown_population: tally.unknown,
                regions_without_population: tally.bare,
                missing: (tally.demand_points == 0).then_some("no_population_data"),
            }),
            demo: region.is_some_and(|region| region.demo),
        }
    }
}

#[cfg(test)]
mod tests;
