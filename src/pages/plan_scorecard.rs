//! Several standards side by side: a scorecard, a row a region.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use maud::{Markup, html};

use super::plan_answer::About;
use super::waiting::{REFRESH, Waiting, refreshed, soon};
use super::{districts, people, plan_answer, plan_areas, plan_form, plan_method, plan_tabs, words};
use crate::analysis::scorecard::Score;
use crate::analysis::{Part, Scorecard};
use crate::atlas::Atlas;
use crate::care::{Standards, Text};
use crate::http::frame::{Address, Frame};
use crate::http::jobs::Outcome;
use crate::http::question::{Asked, WHOM};
use crate::http::views::{self, scored};
use crate::http::{App, Lang, Parameters, Problem, filter};

pub async fn scorecard(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [WHOM.as_slice(), &["standard", "detour", "as_of", REFRESH]].concat();
    let mut parameters = Parameters::of_form(&request, &known);
    let asked = scored(&mut parameters, &app.atlas(), &app.standards);
    let past = filter::as_of(&mut parameters, &app.atlas(), Utc::now());
    let refresh = refreshed(&mut parameters);
    parameters.finish()?;
    let first = asked.first().map(|(question, walk)| Asked { question: question.clone(), walk: Some(walk.clone()) });
    let chosen: Vec<Text> = asked.iter().filter_map(|(_, walk)| walk.code.clone()).collect();
    let lang = Lang::of(&request);
    let here = Address::of(&request).without(&[REFRESH]);
    let title = lang.say("多个标准对照", "Standards side by side");
    let mut frame = Frame::new(&app, &request, title);
    frame.wide = true;
    frame.json = Some(here.clone().at("/api/v1/coverage/scorecard"));
    let atlas = app.atlas();
    let day = here.first("as_of").map(str::to_owned);
    let head = html! {
        (plan_tabs::tabs(lang, "/plan/scorecard"))
        h1 { (title) }
        p { (lang.say("同一个地区，用几个标准一起看：每一格是有机构在这个距离以内的人占多少。",
                      "One area by several standards: each cell is the share of people with a facility within that distance.")) }
        @if let Some(asked) = &first { (form(&app, &atlas, lang, asked, (&chosen, day.as_deref()))) }
    };
    let job = views::scorecard(&app, app.client(&request).await, asked, past, Part::default(), None)?;
    let card = match soon(&job).await {
        None => {
            let waiting = Waiting::new(&request, job, refresh, Address::new("/plan"), "result");
            let mut response = frame.answer(html! { (head) h2 id="result" { (lang.say("正在计算", "Calculating")) } (waiting.show(lang, &here, &html! {})) });
            waiting.dress(&app, &request, &mut response);
            return Ok(response);
        }
        Some(Err(failure)) => return Err(failure.problem()),
        Some(Ok(Outcome::Scorecard(card))) => card,
        Some(Ok(_)) => return Err(Problem::internal(&"a scorecard came to something else")),
    };
    let card = &card.answer;
    let about = match first.clone() {
        None => About::default(),
        Some(asked) => {
            let over = app.atlas_of(past, asked.question.population_year).await?;
            app.ponder_over(over, move |atlas| super::plan::about(atlas, &asked.question)).await?
        }
    };
    frame.demo = about.demo;
    let csv = here.clone().at("/api/v1/coverage/scorecard").with("format", "csv");
    Ok(frame.answer(html! {
        (head)
        h2 id="result" { (lang.say("结果", "Result")) }
        (plan_form::before_all(lang, past.is_some() && card.revision == 0))
        (table(lang, &app.standards, card, &here))
        @if let (Some(asked), Some(column)) = (&first, card.standards.first()) {
            (people::missing(lang, &people::Missing {
                weight: &asked.question.weight,
                demand_points: column.totals.unknown_population,
                aged_60: column.totals.unknown_aged_60,
                regions: column.totals.regions_without_population,
                class: None,
                year: asked.question.population_year,
            }))
        }
        (plan_method::downloads(lang, &[
            (csv, Some("scorecard.csv"), lang.say("各地区各标准（CSV 表格）", "Regions and standards (CSV)")),
            (here.clone().at("/api/v1/coverage/scorecard"), None, lang.say("同一个问题的 JSON", "The same question as JSON")),
        ]))
        section.block {
            h2 id="method" { (lang.say("怎么算的", "How it is calculated")) }
            p { (lang.say("直线距离（WGS 84 大地线），边界上的也算；运营中和试运营的机构，不论在哪个地区，都算。没有确认位置的机构和没有人口数的需求点没有算在内。",
                          "Straight lines (WGS 84 geodesics), on the line counts; facilities in operation or on trial count wherever they stand. Facilities without a confirmed position and demand points without a number are left out.")) }
            (plan_method::basis(&atlas, lang, (card.revision, card.as_of), &html! {}, (&card.counted, &about)))
        }
        (plan_form::sources(&app, lang))
    }))
}

/// The area, the kind, whom to count, and the standards as boxes to tick.
fn form(app: &App, atlas: &Atlas, lang: Lang, asked: &Asked, (chosen, day): (&[Text], Option<&str>)) -> Markup {
    let chosen = |code: &str| chosen.iter().any(|held| **held == *code);
    html! {
        form.panel action="/plan/scorecard" {
            div.grid {
                div.field {
                    label for="region" { (lang.say("地区", "Area")) }
                    select id="region" name="region" { (districts::choice(atlas, lang, asked.question.region.as_deref())) }
                }
                div.field {
                    label for="kind" { (lang.say("哪一类机构", "Kind of facility")) }
                    select id="kind" name="kind" { (plan_form::kinds(atlas, lang, &asked.question.filter, |_| true)) }
                }
                (plan_form::detour(app, lang, asked))
                (plan_form::whom(atlas, lang, asked))
                (plan_form::as_of(lang, day))
            }
            fieldset.field {
                legend { (lang.say("标准", "Standards")) }
                div.tiles { @for standard in &app.standards.list {
                    label.tile { input type="checkbox" name="standard" value=(standard.code) checked[chosen(&standard.code)]; (plan_form::standard_name(lang, standard)) }
                } }
            }
            button type="submit" { (lang.say("对照", "Compare")) }
        }
    }
}

fn table(lang: Lang, standards: &Standards, card: &Scorecard, here: &Address) -> Markup {
    let caption = lang.say("各地区按各标准的覆盖率", "Share covered by region and standard");
    let heads: Vec<String> = card
        .standards
        .iter()
        .map(|column| {
            let code = column.standard.walk.as_ref().and_then(|walk| walk.code.as_deref()).unwrap_or_default();
            let name = standards.get(code).map_or(code, |standard| lang.say(&standard.name_zh, &standard.name_en));
            let metres = (column.standard.within_m * 10.0).round() / 10.0;
            let open = column.standard.walk.as_ref().is_some_and(|walk| walk.confirmed == Some(false));
            let mark = if open { lang.say("（来源待确认）", " (source to be confirmed)") } else { "" };
            format!("{} {name}{mark}", words::radius(lang, metres))
        })
        .collect();
    let totals = card.standards.iter().map(|column| Score {
        covered: column.totals.covered,
        uncovered: column.totals.uncovered,
        share: column.totals.share,
    });
    let totals: Vec<Score> = totals.collect();
    let people = card.standards.first().and_then(|column| column.totals.population);
    html! {
        (plan_areas::rest(lang, card.rows.len().min(plan_areas::SHOWN), card.matched, &here.clone().at("/api/v1/coverage/scorecard").with("format", "csv")))
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.cards {
                caption { (caption) }
                thead { tr { th scope="col" { (lang.say("地区", "Region")) } th.n scope="col" { (lang.say("人数", "People")) } @for head in &heads { th.n scope="col" { (head) } } } }
                tbody {
                    tr { th scope="row" { (lang.say("合计", "All")) } td.n data-label=(lang.say("人数", "People")) { @match people { Some(people) => (words::count(people)), None => (words::unknown(lang)) } } (cells(lang, &heads, &totals)) }
                    @for row in card.rows.iter().take(plan_areas::SHOWN) { tr {
                        th scope="row" { @match &row.region {
                            Some(code) => a lang="zh-CN" href=(here.clone().with("region", code).without(&["by"])) { (row.name.as_ref().unwrap_or(code)) },
                            None => (people::row_name(lang, row.class)),
                        } }
                        td.n data-label=(lang.say("人数", "People")) { @match row.population { Some(people) => (words::count(people)), None => (lang.say("没有人口数据", "no population data")) } (plan_answer::partly(lang, row.unknown_population, row.regions_without_population)) }
                        (cells(lang, &heads, &row.scores))
                    } }
                }
            }
        }
    }
}

fn cells(lang: Lang, heads: &[String], scores: &[Score]) -> Markup {
    html! { @for (head, score) in heads.iter().zip(scores) {
        td.n data-label=(head) { @match score.share {
            Some(share) => { (words::percent(share)) progress.bar value=(share) max="1" aria-hidden="true" {} },
            None => (lang.say("没有人口数据", "no population data")),
        } }
    } }
}
