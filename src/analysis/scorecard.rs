//! Scorecard: several standards side by side, a row a region.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::coverage::{By, Counted, Coverage, CoverageQuestion, Part, Standard, Totals};
use super::standing::Reach;
use crate::atlas::Atlas;
use crate::care::Text;

/// Standards by regions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scorecard {
    pub revision: i64,
    pub as_of: DateTime<Utc>,
    /// The level of the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// Of which days the counts of people are.
    pub counted: Counted,
    /// What each column was asked, with its totals.
    pub standards: Vec<Column>,
    /// How many rows there are in all.
    #[serde(rename = "numberMatched")]
    pub matched: usize,
    pub rows: Vec<ScoreRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    pub standard: Standard,
    pub totals: Totals,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreRow {
    pub region: Option<Text>,
    pub name: Option<Text>,
    /// `urban`, `rural` or `unknown`, where the rows are that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
    pub population: Option<u64>,
    /// Demand points without a number for this weight: the row speaks of the others only.
    pub unknown_population: usize,
    /// Regions with none below them where nobody is known to live.
    pub regions_without_population: usize,
    /// `no_population_data` where there is no number: never "no gap".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<&'static str>,
    /// In the order of the standards.
    pub scores: Vec<Score>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    pub covered: Option<u64>,
    pub uncovered: Option<u64>,
    pub share: Option<f64>,
}

/// The answers to questions that differ in what counts and how far, and ask about the same people of the same region by the
/// same level. Questions that differ in the distance only share the search. Rows with the most uncovered people by the first
/// standard come first; some of them are shown.
pub fn scorecard(atlas: &Atlas, questions: &[CoverageQuestion], part: Part) -> Scorecard {
    let mut reached: Vec<Arc<Reach>> = Vec::new();
    let mut standards = Vec::new();
    let mut first: Option<Coverage> = None;
    // Of the rows that are shown: which they are, and their scores by standard.
    let (mut shown, mut scores): (Vec<usize>, Vec<Vec<Score>>) = (Vec::new(), Vec::new());
    for question in questions {
        let known = reached.iter().find(|reach| reach.question.filter == question.filter).cloned();
        let reach = known.unwrap_or_else(|| {
            reached.push(Arc::new(Reach::of(atlas, question)));
            Arc::clone(&reached[reached.len() - 1])
        });
        let standing = reach.within(atlas, question.within_m, &[]);
        let answer = standing.part(atlas, if first.is_none() { part } else { Part { skip: 0, most: 0 } });
        if first.is_none() {
            shown = standing.order(atlas).into_iter().skip(part.skip).take(part.most).collect();
            scores = vec![Vec::new(); shown.len()];
        }
        for (at, scores) in shown.iter().zip(&mut scores) {
            let tally = standing.counted(*at);
            let covered = tally.known(tally.covered);
            scores.push(Score { covered, uncovered: tally.uncovered(), share: tally.share() });
        }
        standards.push(Column { standard: answer.standard.clone(), totals: answer.totals.clone() });
        first.get_or_insert(answer);
    }
    let told = first.iter().flat_map(|answer| &answer.rows).zip(scores);
    let rows = told.map(|(row, scores)| ScoreRow {
        region: row.region.clone(),
        name: row.name.clone(),
        class: row.class,
        population: row.population,
        unknown_population: row.unknown_population,
        regions_without_population: row.regions_without_population,
        missing: row.missing,
        scores,
    });
    Scorecard {
        revision: atlas.revision(),
        as_of: atlas.read_at(),
        by: first.as_ref().and_then(|answer| answer.standard.by),
        counted: first.as_ref().map(|answer| answer.counted.clone()).unwrap_or_default(),
        matched: first.as_ref().map_or(0, |answer| answer.matched),
        rows: rows.collect(),
        standards,
    }
}
