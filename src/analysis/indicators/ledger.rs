//! Figures of the ledger: which of them speak for a region and a year, and what they come to.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::outcome::Outcome;
use crate::analysis::evidence::{Evidence, Records, said};
use crate::care::programme::Measured;
use crate::care::{ProgrammeFigure, Text, indicator};

/// P: the value of a figure of the ledger for the region and the year.
///
/// The region's own figures count; where it has none, those of the regions below it are summed, each figure once. Of stocks
/// and cumulative figures the latest counts, up to the end of the year. Flows are summed whose period ends in the year; where
/// periods overlap the longest counts, and a flow that tells no beginning stands alone.
pub fn figure(evidence: &Evidence, metric: &str, measure: Option<Measured>, first: bool) -> Outcome {
    let known = |row: &&ProgrammeFigure| {
        row.code() == metric
            && measure.is_none_or(|measure| row.measure == measure)
            && row.day() <= Some(evidence.day.min(evidence.until.unwrap_or(NaiveDate::MAX)))
    };
    let rows: Vec<&ProgrammeFigure> = evidence.ledger.figures.iter().filter(known).collect();
    let named = indicator::metric(metric).map_or(metric, |metric| &metric.zh);
    let none = || {
        Outcome::unknown(said(
            format!("台账里没有这个数：{named}（{metric}），{} 年", evidence.year),
            format!("the ledger has no figure {metric} for {}", evidence.year),
        ))
    };
    let groups = by_region(evidence, &rows);
    let told: Vec<Vec<&ProgrammeFigure>> = groups.iter().map(|rows| chosen(evidence, rows, first)).collect();
    let told: Vec<&ProgrammeFigure> = told.into_iter().flatten().collect();
    if told.is_empty() {
        return none();
    }
    let mut outcome = Outcome::computed(told.iter().map(|row| row.value).sum());
    outcome.qualifier = told.iter().find_map(|row| row.qualifier.clone());
    outcome.as_of = told.iter().filter_map(|row| row.day()).max();
    let sources: BTreeSet<Text> = told.iter().filter_map(|row| row.source.clone()).collect();
    outcome.sources = sources.into_iter().collect();
    outcome.demo = told.iter().any(|row| row.demo);
    outcome.records.extend(Records::rows(evidence, "/api/v1/programmes", told.iter().map(|row| row.id)));
    if told.iter().any(|row| row.region != evidence.region.code) {
        let units = groups.len();
        outcome.notes.push(said(
            format!("本级没有登记，由下级 {units} 个地区的数相加"),
            format!("not told for the region itself: the sum of {units} regions below it"),
        ));
    }
    if told.iter().all(|row| row.measure == Measured::Flow) {
        let (from, to) =
            (told.iter().filter_map(|row| row.period_from).min(), told.iter().filter_map(|row| row.day()).max());
        outcome.period = from.zip(to);
    }
    if told.iter().any(|row| row.measure == Measured::Cumulative) {
        outcome.notes.push(said("累计数", "cumulative"));
    }
    outcome
}

/// The rows of the region itself, or those of each highest region below it that has some.
fn by_region<'a>(evidence: &Evidence, rows: &[&'a ProgrammeFigure]) -> Vec<Vec<&'a ProgrammeFigure>> {
    let regions = evidence.atlas.regions();
    let own: Vec<_> = rows.iter().copied().filter(|row| row.region == evidence.region.code).collect();
    if !own.is_empty() {
        return vec![own];
    }
    let codes: BTreeSet<&Text> =
        rows.iter().map(|row| &row.region).filter(|code| regions.is_within(code, &evidence.region.code)).collect();
    let topmost =
        codes.iter().filter(|code| !codes.iter().any(|above| above != *code && regions.is_within(code, above)));
    topmost.map(|code| rows.iter().copied().filter(|row| row.region == **code).collect()).collect()
}

/// Those of one region's rows that make its value.
fn chosen<'a>(evidence: &Evidence, rows: &[&'a ProgrammeFigure], first: bool) -> Vec<&'a ProgrammeFigure> {
    let (_, end) = evidence.span();
    let flows: Vec<_> = rows.iter().copied().filter(|row| row.measure == Measured::Flow).collect();
    let held = rows.iter().copied().filter(|row| row.measure != Measured::Flow);
    let mut held: Vec<_> = held.filter(|row| row.day() <= Some(end)).collect();
    held.sort_by_key(|row| row.day());
    if first {
        // The one before the latest days, so that two dates can be compared.
        return held.first().copied().filter(|_| held.len() > 1).into_iter().collect();
    }
    match held.last() {
        Some(latest) => vec![*latest],
        None => {
            apart(flows.into_iter().filter(|row| row.day().is_some_and(|day| day.year() == evidence.year)).collect())
        }
    }
}

/// Of flows, the longest that do not overlap.
fn apart(mut flows: Vec<&ProgrammeFigure>) -> Vec<&ProgrammeFigure> {
    let span = |row: &ProgrammeFigure| -> Option<(NaiveDate, NaiveDate)> { Some((row.period_from?, row.period_to?)) };
    flows.sort_by_key(|row| (std::cmp::Reverse(span(row).map(|(from, to)| to - from)), std::cmp::Reverse(row.day())));
    let mut taken: Vec<&ProgrammeFigure> = Vec::new();
    for row in flows {
        let overlaps = |other: &&ProgrammeFigure| match (span(row), span(other)) {
            (Some((from, to)), Some((other_from, other_to))) => from <= other_to && other_from <= to,
            _ => true,
        };
        if !taken.iter().any(overlaps) {
            taken.push(row);
        }
    }
    taken
}
