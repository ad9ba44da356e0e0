//! Views of coverage that both faces show: by day, and several standards side by side.

use chrono::{DateTime, Utc};

use super::question::{apply, detour, walked, whom};
use super::{App, Parameters, Problem, filter};
use crate::analysis::coverage::Walk;
use crate::analysis::{CoverageQuestion, Scorecard};
use crate::atlas::Atlas;
use crate::care::Standards;

/// How many days one question may ask about: each is a map of its own.
pub const DAYS: usize = 6;
/// How many standards stand side by side at most.
pub const COLUMNS: usize = 12;

/// The days that `as_of` names, in their order, each as it was written; `None` is now.
pub fn days(parameters: &mut Parameters, atlas: &Atlas, now: DateTime<Utc>) -> Vec<(String, Option<DateTime<Utc>>)> {
    let told = parameters.all("as_of");
    if told.is_empty() || told.len() > DAYS {
        parameters.refuse("as_of", format!("say 1 to {DAYS} days, such as as_of=2026-01-01&as_of=2026-10-01"));
        return Vec::new();
    }
    let mut days = Vec::new();
    for text in told {
        let read = filter::as_of_text(parameters, &text, atlas, now);
        days.push((text, read));
    }
    days.sort_by_key(|(_, at)| at.unwrap_or(now));
    days
}

/// The questions of a scorecard: `standard`, repeated; all that there are where none is named.
pub fn scored(parameters: &mut Parameters, atlas: &Atlas, standards: &Standards) -> Vec<(CoverageQuestion, Walk)> {
    let question = whom(parameters, atlas);
    let detour = detour(parameters).unwrap_or(1.0);
    let mut chosen = Vec::new();
    for code in parameters.all("standard") {
        match standards.get(&code) {
            Some(standard) => chosen.push(standard),
            None => {
                let codes: Vec<&str> = standards.list.iter().map(|standard| &*standard.code).collect();
                parameters.refuse_word("standard", &code, &codes);
            }
        }
    }
    if chosen.is_empty() {
        chosen = standards.list.iter().collect();
    }
    if chosen.len() > COLUMNS {
        parameters.refuse("standard", format!("{COLUMNS} standards at most"));
    }
    let ask = |standard: &crate::care::Standard| {
        let mut question = question.clone();
        apply(&mut question, standard, detour);
        (question, walked(standard, detour))
    };
    chosen.into_iter().take(COLUMNS).map(ask).collect()
}

/// The scorecard as the record stands.
pub async fn scorecard(app: &App, asked: Vec<(CoverageQuestion, Walk)>) -> Result<Scorecard, Problem> {
    let (questions, walks): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let year = questions.first().and_then(|question| question.population_year);
    let atlas = app.atlas_of(None, year).await?;
    let mut card = app.ponder_over(atlas, move |atlas| crate::analysis::scorecard(atlas, &questions)).await?;
    card.as_of = app.live.as_of();
    for (column, walk) in card.standards.iter_mut().zip(walks) {
        column.standard.walk = Some(walk);
    }
    Ok(card)
}
