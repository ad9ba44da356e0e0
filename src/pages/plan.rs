//! The plan: who has a facility within reach, who has not, and where those people are.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use maud::html;

use super::plan_answer::{self, About, Answer, Sort};
use super::plan_views::{self, Day};
use super::waiting::{REFRESH, Waiting, refreshed, soon};
use super::{plan_form, plan_tabs};
use crate::analysis::coverage::Row;
use crate::analysis::{CoverageQuestion, Standing};
use crate::atlas::Atlas;
use crate::care::Text;
use crate::http::frame::{Address, Frame};
use crate::http::jobs::Outcome;
use crate::http::question::{Asked, QUESTION, question};
use crate::http::{App, Lang, Parameters, Problem, filter, views};

/// What is asked before anyone has chosen: meals within a kilometre.
const FIRST: (&str, f64) = ("meals", 1000.0);
/// Rows of the table of gaps on the page; the downloads hold them all.
const GAPS: usize = 30;

pub async fn plan(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let here = Address::of(&request);
    let told = told(&here, &atlas);
    if told != here {
        return Ok(redirected(&request, told));
    }
    let mut parameters =
        Parameters::of_form(&request, &[QUESTION.as_slice(), &["sort", "trend", "as_of", REFRESH]].concat());
    let asked = question(&mut parameters, &atlas, &app.standards);
    let sort = parameters.word("sort", Sort::from_code, &Sort::CODES).unwrap_or_default();
    let trended = parameters.word("trend", |word| (word == "yes").then_some(()), &["yes"]).is_some();
    let past = filter::as_of(&mut parameters, &atlas, Utc::now());
    let refresh = refreshed(&mut parameters);
    parameters.finish()?;
    if let Some(waiting) = Waiting::past(&app, &request, (past, refresh), "/plan").await? {
        return Ok(waiting);
    }

    // The page shows the points that the answer counts.
    let atlas = app.atlas_of(past, asked.question.population_year).await?;
    let question = asked.question.clone();
    let tell = move |atlas: &Atlas, standing: &Standing| {
        let mut gaps = standing.gaps(atlas);
        let found = gaps.len();
        gaps.truncate(GAPS);
        (standing.coverage(atlas), gaps, found, about(atlas, &question))
    };
    let (mut coverage, gaps, found, about) = match past {
        None => app.ponder_kept(asked.question.clone(), tell).await?,
        Some(_) => {
            let (question, bands) = (asked.question.clone(), app.standards.bands_m.clone());
            let tell = move |atlas: &Atlas| tell(atlas, &Standing::of(atlas, &question, &bands));
            app.ponder_over(Arc::clone(&atlas), tell).await?
        }
    };
    coverage.standard.walk.clone_from(&asked.walk);
    coverage.as_of = past.unwrap_or_else(|| app.live.as_of());
    let here = here.without(&[REFRESH]);
    let trend = if trended { trend(&app, &request, &asked, refresh, &here).await? } else { Trend::Unasked };
    let days = match &trend {
        Trend::Unasked => plan_views::Days::Unasked,
        Trend::Waiting(waiting) => plan_views::Days::Waiting(waiting),
        Trend::Read(days) => plan_views::Days::Read(days),
    };

    let lang = Lang::of(&request);
    let answer = Answer {
        atlas: &atlas,
        lang,
        question: &asked.question,
        coverage: &coverage,
        gaps: &gaps,
        found,
        about: &about,
        days,
        sort,
        here: &here,
    };
    let mut frame = Frame::new(&app, &request, answer.title());
    frame.wide = true;
    frame.demo = about.demo;
    frame.script = Some("map.js");
    frame.json = Some(answer.api("/api/v1/coverage"));
    let mut response = frame.answer(html! {
        (plan_tabs::tabs(lang, "/plan"))
        h1 { (lang.say("规划：谁还没有覆盖到", "Planning: who is not covered")) }
        form.panel action="/plan" {
            div.grid {
                (plan_form::fields(&app, &app.atlas(), lang, &asked))
                (plan_form::as_of(lang, here.first("as_of")))
            }
            button type="submit" { (lang.say("计算", "Calculate")) }
        }
        (plan_form::sources(&app, lang))
        (plan_form::before_all(lang, past.is_some() && coverage.revision == 0))
        (plan_answer::show(&answer))
    });
    if let Trend::Waiting(waiting) = &trend {
        waiting.dress(&app, &request, &mut response);
    }
    Ok(response)
}

/// The address that asks one question: the usual one where nothing is asked; a standard alone where a form sent a distance
/// beside it.
pub fn told(here: &Address, atlas: &Atlas) -> Address {
    let mut asked = here.clone();
    if !here.has(&["within_m", "standard", "minutes"]) {
        asked = asked.with("within_m", FIRST.1);
        if !here.has(&["kind", "category"]) {
            asked = asked.with("kind", plan_form::of_category(atlas.vocabulary(), FIRST.0));
        }
    } else if here.has(&["standard"]) && here.has(&["within_m"]) {
        asked = asked.without(&["within_m"]);
    }
    asked
}

/// Leads to another address in the same language.
pub fn redirected(request: &HttpRequest, there: Address) -> HttpResponse {
    let there = match Lang::asked(request) {
        Some(lang) => there.with("lang", lang.code()),
        None => there,
    };
    HttpResponse::SeeOther().insert_header((header::LOCATION, there.to_string())).finish()
}

/// The question on other days.
enum Trend {
    Unasked,
    Waiting(Waiting),
    Read(Vec<Day>),
}

/// The question on the days of a trend, each as the record stood at its end, or how far that is.
async fn trend(
    app: &web::Data<App>,
    request: &HttpRequest,
    asked: &Asked,
    refresh: bool,
    here: &Address,
) -> Result<Trend, Problem> {
    let (now, zone) = (Utc::now(), app.atlas().zone());
    let days = plan_views::days(now.with_timezone(&zone).date_naive());
    let told = days.iter().map(|day| (day.to_string(), end_of(*day, zone).filter(|end| *end < now)));
    let job = views::trend(app, app.client(request).await, asked, told.collect(), true)?;
    let read = match soon(&job).await {
        None => {
            return Ok(Trend::Waiting(Waiting::new(request, job, refresh, here.clone().without(&["trend"]), "trend")));
        }
        Some(Err(failure)) => return Err(failure.problem()),
        Some(Ok(Outcome::Trend(read))) => read,
        Some(Ok(_)) => return Err(Problem::internal(&"a trend came to something else")),
    };
    let one = |(day, reading): (&NaiveDate, &views::Reading)| {
        let facilities = reading.answer.rows.iter().map(|row: &Row| row.facilities).sum();
        let totals = (reading.answer.revision > 0).then(|| (reading.answer.totals.clone(), facilities));
        Day { day: *day, totals, by_dates: reading.by_dates, undated: reading.undated }
    };
    Ok(Trend::Read(days.iter().zip(&*read).map(one).collect()))
}

/// The last moment of a day.
fn end_of(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let next = day.succ_opt()?.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest()?;
    Some(next.to_utc() - TimeDelta::microseconds(1))
}

/// What the numbers rest on: the dates and sources of the population, and whether any of it was invented.
pub fn about(atlas: &Atlas, question: &CoverageQuestion) -> About {
    let of_year = question.population_year.map(|year| atlas.of_year(year));
    let atlas = of_year.as_ref().unwrap_or(atlas);
    let mut dates: Option<(NaiveDate, NaiveDate)> = None;
    let mut sources: BTreeSet<Text> = BTreeSet::new();
    let mut demo = false;
    for point in atlas.demand().iter().map(|demand| &demand.point) {
        let inside = question
            .region
            .as_ref()
            .is_none_or(|above| point.region.as_deref().is_some_and(|region| atlas.regions().is_within(region, above)));
        if !inside {
            continue;
        }
        demo |= point.demo;
        if let Some(day) = point.as_of {
            dates = Some(dates.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        }
        if let Some(source) = point.source.as_ref().filter(|_| sources.len() < 5) {
            sources.insert(source.clone());
        }
    }
    About { dates, sources: sources.into_iter().collect(), demo }
}
