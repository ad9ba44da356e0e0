//! Views of coverage that both faces show: by day, and several standards side by side.

use std::sync::Arc;

use actix_web::web;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::client::Client;
use super::jobs::{Job, Outcome};
use super::links::{self, Linked, Links};
use super::question::{Asked, apply, detour, walked, whom};
use super::report::ReportQuestion;
use super::{App, Parameters, Problem, filter};
use crate::analysis::coverage::Walk;
use crate::analysis::siting::Watch;
use crate::analysis::{Coverage, CoverageQuestion, Part, Scorecard, Standing, indicators};
use crate::atlas::Atlas;
use crate::care::{Facility, Standards};

/// How many days one question may ask about: each is a map of its own.
pub const DAYS: usize = 6;
/// How many standards stand side by side at most.
pub const COLUMNS: usize = 12;

/// The days that `as_of` names, in their order, each as it was written; `None` is now.
pub fn days(parameters: &mut Parameters, atlas: &Atlas, now: DateTime<Utc>) -> Days {
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
pub fn scored(parameters: &mut Parameters, atlas: &Atlas, standards: &Standards) -> Scored {
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

/// A question as the record stood on a day.
pub struct Reading {
    /// As it was asked for.
    pub day: String,
    pub answer: Coverage,
    /// The log had not begun: facilities stand by their own dates, people as they are counted now.
    pub by_dates: bool,
    /// Facilities that count though neither a date nor the log says that they were open.
    pub undated: usize,
}

/// Days to look at, each as it was written; `None` is now.
pub type Days = Vec<(String, Option<DateTime<Utc>>)>;

/// Begins to answer the question on each of the days: each is a map of its own, drawn from the log.
pub fn trend(app: &web::Data<App>, client: Client, asked: &Asked, days: Days, key: bool) -> Result<Arc<Job>, Problem> {
    let key = key.then(|| format!("trend {asked:?} {days:?}"));
    let (whole, asked) = (app.clone(), asked.clone());
    app.jobs.look(client, app.atlas().revision(), key, |watch| async move {
        read_days(&whole, &asked, days, &watch).await.map(|read| Outcome::Trend(Arc::new(read)))
    })
}

async fn read_days(app: &App, asked: &Asked, days: Days, watch: &Watch) -> Result<Vec<Reading>, Problem> {
    let (mut read, count) = (Vec::new(), days.len());
    for (at, (day, past)) in days.into_iter().enumerate() {
        watch.step(at, count);
        let question = asked.question.clone();
        let (over, by_dates, undated) = day_of_trend(app, past, &question).await?;
        let answer = app.ponder_over(over, move |atlas| Standing::of(atlas, &question, &[]).coverage(atlas)).await?;
        let mut answer = Coverage { as_of: past.unwrap_or_else(|| app.live.as_of()), ..answer };
        answer.standard.walk.clone_from(&asked.walk);
        read.push(Reading { day, answer, by_dates, undated });
    }
    Ok(read)
}

/// The map of one day of a trend, whether only dates tell of it, and how many facilities count without a date.
///
/// A facility whose record was made later and that had opened by its own date stood there too; one that opened later did
/// not. The people are those of the record of that day; before its first line, those that are counted now.
async fn day_of_trend(
    app: &App,
    past: Option<DateTime<Utc>>,
    question: &CoverageQuestion,
) -> Result<(Arc<Atlas>, bool, usize), Problem> {
    let latest = app.atlas_of(None, question.population_year).await?;
    let day = past.map(|past| past.with_timezone(&latest.zone()).date_naive()).filter(|day| *day < latest.today());
    let Some(day) = day else { return Ok((app.atlas_of(past, question.population_year).await?, false, 0)) };
    let past_day = app.past_day(day, None).await?;
    let by_dates = !past_day.log.begun;
    let base = if by_dates { Arc::clone(&latest) } else { app.atlas_of(past, question.population_year).await? };
    let (filter, region) = (question.filter.clone(), question.region.clone());
    let drawn = app.ponder_over(latest, move |latest| {
        let over = base.on_past_day(latest, &past_day);
        let (regions, sieve) = (over.regions(), over.sieve(&filter).serving());
        let here = |facility: &Facility| {
            region
                .as_ref()
                .is_none_or(|above| facility.region.as_ref().is_some_and(|code| regions.is_within(code, above)))
        };
        let counted = over.facilities().filter(|entry| sieve.passes(entry) && here(&entry.facility));
        let undated = counted.filter(|entry| past_day.undated(&entry.facility)).count();
        (Arc::new(over), undated)
    });
    let (over, undated) = drawn.await?;
    Ok((over, by_dates, undated))
}

/// Questions side by side, and how each said its distance.
pub type Scored = Vec<(CoverageQuestion, Walk)>;

/// Begins to answer several standards as the record stands, or stood.
pub fn scorecard(
    app: &web::Data<App>,
    client: Client,
    asked: Scored,
    past: Option<DateTime<Utc>>,
    part: Part,
    links: Option<Links>,
) -> Result<Arc<Job>, Problem> {
    // What has links of its own is nobody else's.
    let key = links.is_none().then(|| format!("scorecard {asked:?} {past:?} {part:?}"));
    let whole = app.clone();
    app.jobs.look(client, app.atlas().revision(), key, |watch| async move {
        watch.step(0, 1);
        let answer = score(&whole, asked, past, part).await?;
        let next = links::next(part, answer.rows.len(), answer.matched);
        let links = links.map_or(Value::Null, |links| links.told("application/json", next));
        Ok(Outcome::Scorecard(Arc::new(Linked { answer, links })))
    })
}

async fn score(app: &App, asked: Scored, past: Option<DateTime<Utc>>, part: Part) -> Result<Scorecard, Problem> {
    let (questions, walks): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let year = questions.first().and_then(|question| question.population_year);
    let atlas = app.atlas_of(past, year).await?;
    let mut card = app.ponder_over(atlas, move |atlas| crate::analysis::scorecard(atlas, &questions, part)).await?;
    card.as_of = past.unwrap_or_else(|| app.live.as_of());
    for (column, walk) in card.standards.iter_mut().zip(walks) {
        column.standard.walk = Some(walk);
    }
    Ok(card)
}

/// Begins to draw the map of a past time; `None` where it is drawn already.
pub fn past(app: &web::Data<App>, client: Client, at: DateTime<Utc>) -> Result<Option<Arc<Job>>, Problem> {
    if app.is_drawn(at) {
        return Ok(None);
    }
    let whole = app.clone();
    let draw = |watch: Arc<Watch>| async move {
        watch.step(0, 1);
        whole.atlas_at(Some(at)).await.map(|_| Outcome::Past)
    };
    app.jobs.look(client, app.atlas().revision(), Some(format!("past {at}")), draw).map(Some)
}

/// Begins the bureau's report.
pub fn report(app: &web::Data<App>, client: Client, question: ReportQuestion, key: bool) -> Result<Arc<Job>, Problem> {
    let key = key.then(|| format!("report {question:?}"));
    let whole = app.clone();
    app.jobs.look(client, app.atlas().revision(), key, |watch| async move {
        watch.step(0, 1);
        whole.weigh(&question, indicators::report).await.map(|answered| Outcome::Report(Arc::new(answered)))
    })
}
