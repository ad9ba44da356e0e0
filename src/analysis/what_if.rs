//! What if: coverage before and after a scenario, and the difference. Only whom the scenario touches is asked anew.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use super::coverage::{Band, Coverage, CoverageQuestion, Gap, NotLocated, Part, Row, Standard, Totals};
use super::division::Division;
use super::imagined::Imagined;
use super::standing::Standing;
use super::stretch::touched;
use super::tally::Tally;
use crate::atlas::Atlas;
use crate::care::Text;
use crate::care::scenario::{Changes, Objection};

/// Before, after and the difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhatIf {
    pub revision: i64,
    pub as_of: DateTime<Utc>,
    pub standard: Standard,
    pub scenario: Counts,
    pub before: Side,
    pub after: Side,
    pub difference: Difference,
    /// How many demand points were asked anew; all others keep their nearest facility.
    pub demand_points_touched: usize,
}

/// How many changes of each sort.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counts {
    pub add: usize,
    pub close: usize,
    pub r#move: usize,
    pub enlarge: usize,
}

/// Coverage on one side of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    pub totals: Totals,
    pub rows: Vec<Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<Band>,
    pub not_located: NotLocated,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    pub totals: Step,
    /// The regions in which something is different, the most people newly covered first.
    pub rows: Vec<RowStep>,
}

/// After less before; a part is `None` where it is not known on both sides.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Step {
    pub covered: Option<i64>,
    pub uncovered: Option<i64>,
    pub share: Option<f64>,
    pub facilities: i64,
    pub person_m: Option<f64>,
    pub mean_m: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowStep {
    pub region: Option<Text>,
    pub name: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
    #[serde(flatten)]
    pub step: Step,
}

/// A demand point that nothing reaches on one side of a scenario or on both.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// As it is afterwards.
    pub gap: Gap,
    /// Whether it is uncovered before, and after.
    pub before: bool,
    pub after: bool,
}

/// What is wrong with a scenario as the record stands: ids that nobody has, or whose facility serves nobody now, or that are
/// named twice.
pub fn objections(atlas: &Atlas, changes: &Changes) -> Vec<Objection> {
    let mut wrong = Vec::new();
    let mut seen: BTreeSet<(bool, Uuid, Option<&Text>)> = BTreeSet::new();
    let measures = changes.enlarge.iter().map(|larger| Some(&larger.measure));
    let measures = std::iter::repeat_n(None, changes.close.len() + changes.moved.len()).chain(measures);
    for ((pointer, id), measure) in changes.named().zip(measures) {
        let objection = match atlas.facility(id) {
            None => Some(format!("no facility has the id {id}")),
            Some(entry) if !entry.status.serving() => Some(format!(
                "{} is {} and serves nobody now; nothing would change",
                entry.facility.name,
                entry.facility.status.code()
            )),
            // Closed, moved: once in all. Enlarged: once a measure, beside a move.
            Some(_) if !seen.insert((measure.is_some(), id, measure)) => Some("is named twice".to_owned()),
            Some(_) if measure.is_some() && changes.close.contains(&id) => Some("is closed as well".to_owned()),
            Some(_) => None,
        };
        wrong.extend(objection.map(|detail| (pointer, detail)));
    }
    for (at, site) in changes.add.iter().enumerate() {
        if site.region.as_deref().is_some_and(|code| atlas.regions().get(code).is_none()) {
            wrong.push((format!("/add/{at}/region"), "no region has this code".to_owned()));
        }
    }
    wrong
}

/// The scenario without what there are objections to, which are told.
pub fn as_it_stands(atlas: &Atlas, changes: &Changes) -> (Changes, Vec<Objection>) {
    let wrong = objections(atlas, changes);
    let right = |member: &str, at: usize| {
        let (own, below) = (format!("/{member}/{at}"), format!("/{member}/{at}/"));
        !wrong.iter().any(|(pointer, _)| *pointer == own || pointer.starts_with(&below))
    };
    fn kept<T: Clone>(list: &[T], right: impl Fn(usize) -> bool) -> Vec<T> {
        list.iter().enumerate().filter(|(at, _)| right(*at)).map(|(_, item)| item.clone()).collect()
    }
    let changes = Changes {
        add: kept(&changes.add, |at| right("add", at)),
        close: kept(&changes.close, |at| right("close", at)),
        moved: kept(&changes.moved, |at| right("move", at)),
        enlarge: kept(&changes.enlarge, |at| right("enlarge", at)),
    };
    (changes, wrong)
}

/// How many rows the answer to a question has.
pub fn rows_of(atlas: &Atlas, question: &CoverageQuestion) -> usize {
    Division::of(atlas.regions(), question).rows.len()
}

/// Coverage before and after the changes, which must be free of [`objections`].
pub fn what_if(atlas: &Atlas, standing: &Standing, changes: &Changes) -> WhatIf {
    // Row by row; who asks has seen to it that there are not too many ([`rows_of`]).
    let before = standing.part(atlas, Part::WHOLE);
    let (after, more, touched) = after(atlas, standing, changes);
    let mut difference = difference(&before, &after);
    difference.totals.facilities = more;
    let side = |coverage: Coverage| Side {
        totals: coverage.totals,
        rows: coverage.rows,
        distribution: coverage.distribution,
        not_located: coverage.not_located,
    };
    WhatIf {
        revision: before.revision,
        as_of: before.as_of,
        standard: before.standard.clone(),
        scenario: Counts {
            add: changes.add.len(),
            close: changes.close.len(),
            r#move: changes.moved.len(),
            enlarge: changes.enlarge.len(),
        },
        before: side(before),
        after: side(after),
        difference,
        demand_points_touched: touched,
    }
}

/// The gaps before and after the changes, which must be free of [`objections`]: most people first.
pub fn shifts(atlas: &Atlas, standing: &Standing, changes: &Changes) -> Vec<Shift> {
    let imagined = Imagined::of(atlas, standing, changes);
    standing.shifts(atlas, &asked_anew(atlas, standing, &imagined))
}

/// The demand points that the changes may touch, ascending, and how far each has it afterwards in metres.
fn asked_anew(atlas: &Atlas, standing: &Standing, imagined: &Imagined) -> Vec<(u32, f64)> {
    let (reach, demand) = (&*standing.reach, atlas.demand());
    let touched = touched(reach.stretches(atlas), demand, &reach.near, &imagined.sites);
    let measure = |at: &u32| {
        let point = &demand[*at as usize];
        let near = reach.supply.near_after(&imagined.overlay, &point.at?);
        Some((*at, reach.supply.measure(&imagined.overlay, point, near, standing.within_m)))
    };
    touched.par_iter().filter_map(measure).collect()
}

/// The answer after the changes, how many facilities more there are, and how many demand points were asked anew.
fn after(atlas: &Atlas, standing: &Standing, changes: &Changes) -> (Coverage, i64, usize) {
    let (reach, demand) = (&*standing.reach, atlas.demand());
    let imagined = Imagined::of(atlas, standing, changes);
    let other = asked_anew(atlas, standing, &imagined);
    let mut by_row: BTreeMap<usize, Vec<(u32, f64)>> = BTreeMap::new();
    for (at, metres) in &other {
        if let Some(row) = reach.division.row_of(demand[*at as usize].region) {
            by_row.entry(row).or_default().push((*at, *metres));
        }
    }
    let counted = by_row.par_iter().map(|(row, other)| (*row, standing.tally(*row, other)));
    let changed: BTreeMap<usize, Tally> = counted.collect();
    let all = |facilities: &(Vec<usize>, usize)| facilities.0.iter().sum::<usize>() as i64;
    let more = all(&imagined.facilities) - all(&standing.facilities);
    (standing.answer(atlas, &changed, &imagined.facilities, Part::WHOLE), more, other.len())
}

fn difference(before: &Coverage, after: &Coverage) -> Difference {
    let held: BTreeMap<_, &Row> = before.rows.iter().map(|row| ((&row.region, row.class), row)).collect();
    let mut rows: Vec<RowStep> = after
        .rows
        .iter()
        .filter_map(|after| {
            let before = held.get(&(&after.region, after.class)).filter(|before| **before != after)?;
            let figures = |row: &Row| (row.covered, row.uncovered, row.share, row.person_m, row.mean_m);
            let mut step = step(figures(before), figures(after));
            step.facilities = after.facilities as i64 - before.facilities as i64;
            Some(RowStep { region: after.region.clone(), name: after.name.clone(), class: after.class, step })
        })
        .collect();
    rows.sort_by(|a, b| b.step.covered.cmp(&a.step.covered).then_with(|| a.region.cmp(&b.region)));
    let figures = |totals: &Totals| (totals.covered, totals.uncovered, totals.share, totals.person_m, totals.mean_m);
    Difference { totals: step(figures(&before.totals), figures(&after.totals)), rows }
}

type Figures = (Option<u64>, Option<u64>, Option<f64>, Option<f64>, Option<f64>);

fn step(before: Figures, after: Figures) -> Step {
    let people = |before: Option<u64>, after: Option<u64>| Some(after? as i64 - before? as i64);
    let less = |before: Option<f64>, after: Option<f64>| Some(after? - before?);
    Step {
        covered: people(before.0, after.0),
        uncovered: people(before.1, after.1),
        share: less(before.2, after.2),
        facilities: 0,
        person_m: less(before.3, after.3),
        mean_m: less(before.4, after.4),
    }
}

#[cfg(test)]
mod tests;
