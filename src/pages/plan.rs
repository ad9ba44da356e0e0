//! The plan: who has a facility within reach, who has not, and where those people are.

use std::collections::BTreeSet;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use maud::{Markup, html};

use super::plan_answer::{self, About, Answer, Sort};
use super::{districts, plan_tabs, words};
use crate::analysis::{self, Coverage, CoverageQuestion};
use crate::atlas::Atlas;
use crate::care::{Level, Text, Vocabulary, Weight, kind};
use crate::http::frame::{Address, Frame};
use crate::http::question::{QUESTION, question};
use crate::http::{App, Lang, Parameters, Problem};

/// What is asked before anyone has chosen: meals within a kilometre.
const FIRST: (&str, f64) = ("meals", 1000.0);
/// Radii to choose from, and how many minutes of slow walking (0.8 m/s, the pace of people over 75) they are.
pub const RADII: [(f64, Option<u32>); 8] = [
    (500.0, None),
    (720.0, Some(15)),
    (1000.0, None),
    (1500.0, None),
    (2000.0, None),
    (3000.0, None),
    (5000.0, None),
    (10_000.0, None),
];
/// Rows of the table of gaps on the page; the downloads hold them all.
const GAPS: usize = 30;

pub async fn plan(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let here = Address::of(&request);
    if !here.has(&["within_m"]) {
        let asked = first(&atlas, &request);
        return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, asked.to_string())).finish());
    }
    let mut parameters = Parameters::of_form(&request, &[QUESTION.as_slice(), &["sort"]].concat());
    let question = question(&mut parameters, &atlas);
    let sort = parameters.word("sort", Sort::from_code, &Sort::CODES).unwrap_or_default();
    parameters.finish()?;

    let asked = question.clone();
    let (coverage, gaps, found, about) = app
        .ponder(move |atlas| {
            let coverage = analysis::coverage(atlas, &asked);
            let mut gaps = analysis::gaps(atlas, &asked);
            let found = gaps.len();
            gaps.truncate(GAPS);
            (coverage, gaps, found, about(atlas, &asked))
        })
        .await?;
    let coverage = Coverage { as_of: app.live.as_of(), ..coverage };

    let lang = Lang::of(&request);
    let answer = Answer {
        atlas: &atlas,
        lang,
        question: &question,
        coverage: &coverage,
        gaps: &gaps,
        found,
        about: &about,
        sort,
        here: &here,
    };
    let mut frame = Frame::new(&app, &request, answer.title());
    frame.wide = true;
    frame.demo = about.demo;
    frame.script = Some("map.js");
    frame.json = Some(answer.api("/api/v1/coverage"));
    Ok(frame.answer(html! {
        (plan_tabs::tabs(lang, "/plan"))
        h1 { (lang.say("规划：谁还没有覆盖到", "Planning: who is not covered")) }
        (form(&atlas, lang, &question))
        (plan_answer::show(&answer))
    }))
}

/// The address with what is asked before anyone has chosen.
pub fn first(atlas: &Atlas, request: &HttpRequest) -> Address {
    let mut asked = Address::of(request);
    if !asked.has(&["within_m"]) {
        asked = asked.with("within_m", FIRST.1);
    }
    if !asked.has(&["kind", "category"]) {
        asked = asked.with("kind", of_category(atlas.vocabulary(), FIRST.0));
    }
    match Lang::asked(request) {
        Some(lang) => asked.with("lang", lang.code()),
        None => asked,
    }
}

/// What the numbers rest on: the dates and sources of the population, and whether any of it was invented.
pub fn about(atlas: &Atlas, question: &CoverageQuestion) -> About {
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

/// The kinds of a category, as one value of the parameter `kind`.
fn of_category(vocabulary: &Vocabulary, category: &str) -> String {
    let kinds = vocabulary.kinds.iter().filter(|kind| &*kind.category == category);
    kinds.map(|kind| &*kind.code).collect::<Vec<_>>().join(",")
}

fn form(atlas: &Atlas, lang: Lang, question: &CoverageQuestion) -> Markup {
    let filter = &question.filter;
    let radius = question.within_m;
    let own_radius = (!RADII.iter().any(|(known, _)| *known == radius)).then_some((radius, None));
    html! {
        form.panel action="/plan" {
            div.grid {
                div.field {
                    label for="region" { (lang.say("地区", "Area")) }
                    select id="region" name="region" { (districts::choice(atlas, lang, question.region.as_deref())) }
                }
                div.field {
                    label for="kind" { (lang.say("哪一类机构", "Kind of facility")) }
                    select id="kind" name="kind" { (kinds(atlas, lang, question)) }
                }
                div.field {
                    label for="within_m" { (lang.say("多远算覆盖（直线）", "How far counts (straight line)")) }
                    select id="within_m" name="within_m" {
                        @for (metres, minutes) in own_radius.into_iter().chain(RADII) {
                            option value=(metres) selected[metres == radius] {
                                (words::radius(lang, metres))
                                @if let Some(minutes) = minutes {
                                    (lang.say("（慢走 ", " (")) (minutes) (lang.say(" 分钟）", " minutes at 0.8 m/s)"))
                                }
                            }
                        }
                    }
                }
                div.field {
                    label for="weight" { (lang.say("算哪些人", "Whom to count")) }
                    select id="weight" name="weight" {
                        @for weight in [Weight::Aged60, Weight::Aged80, Weight::Total] {
                            option value=(weight.code()) selected[weight == question.weight] { (words::people(lang, weight)) }
                        }
                    }
                }
                div.field {
                    label for="by" { (lang.say("按什么分行", "A row for each")) }
                    select id="by" name="by" {
                        option value="" { (lang.say("下一级", "next level down")) }
                        @for level in [Level::County, Level::Town, Level::Village] {
                            option value=(level.code()) selected[question.by == Some(level)] { (words::level(lang, level)) }
                        }
                    }
                }
                div.field {
                    label for="min_free" { (lang.say("空余", "Free places")) }
                    select id="min_free" name="min_free" {
                        option value="" { (lang.say("不论有没有空位", "full or not")) }
                        option value="1" selected[filter.min_free.is_some_and(|free| free > 0)] { (lang.say("只算还有空位的", "only those with free places")) }
                    }
                }
            }
            button type="submit" { (lang.say("计算", "Calculate")) }
        }
    }
}

/// The choice of kinds for a form.
pub fn kinds(atlas: &Atlas, lang: Lang, question: &CoverageQuestion) -> Markup {
    let filter = &question.filter;
    let vocabulary = atlas.vocabulary();
    let chosen = match &filter.category {
        Some(category) if filter.kinds.is_empty() => of_category(vocabulary, category),
        _ => filter.kinds.join(","),
    };
    let groups: Vec<_> =
        kind::CATEGORIES.iter().map(|category| (category, of_category(vocabulary, category.0))).collect();
    let listed =
        groups.iter().any(|(_, all)| *all == chosen) || vocabulary.kinds.iter().any(|kind| *kind.code == chosen);
    html! {
        @if !listed {
            option value=(chosen) selected {
                @if chosen.is_empty() { (lang.say("全部机构", "All facilities")) }
                @else { (filter.kinds.iter().map(|code| words::kind_name(atlas, lang, code)).collect::<Vec<_>>().join(lang.say("、", ", "))) }
            }
        }
        @for (category, all) in groups.iter().filter(|(_, all)| !all.is_empty()) {
            optgroup label=(lang.say(category.1, category.2)) {
                @if all.contains(',') { option value=(all) selected[*all == chosen] { (lang.say(category.1, category.2)) (lang.say("（全部）", " (all)")) } }
                @for kind in vocabulary.kinds.iter().filter(|kind| *kind.category == *category.0) {
                    option value=(kind.code) selected[*kind.code == chosen] { (lang.say(&kind.name_zh, &kind.name_en)) }
                }
            }
        }
    }
}
