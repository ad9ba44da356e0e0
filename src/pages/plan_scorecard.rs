//! Several standards side by side: a scorecard, a row a region.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::{districts, people, plan_answer, plan_form, plan_tabs, words};
use crate::analysis::Scorecard;
use crate::analysis::scorecard::Score;
use crate::atlas::Atlas;
use crate::care::Standards;
use crate::http::frame::{Address, Frame};
use crate::http::question::{Asked, WHOM};
use crate::http::views::{self, scored};
use crate::http::{App, Lang, Parameters, Problem};

pub async fn scorecard(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [WHOM.as_slice(), &["standard", "detour"]].concat();
    let mut parameters = Parameters::of_form(&request, &known);
    let atlas = app.atlas();
    let asked = scored(&mut parameters, &atlas, &app.standards);
    parameters.finish()?;
    let first = asked.first().map(|(question, walk)| Asked { question: question.clone(), walk: Some(walk.clone()) });
    let about = first.as_ref().map(|asked| super::plan::about(&atlas, &asked.question)).unwrap_or_default();
    let card = views::scorecard(&app, asked).await?;
    let lang = Lang::of(&request);
    let here = Address::of(&request);
    let title = lang.say("多个标准对照", "Standards side by side");
    let mut frame = Frame::new(&app, &request, title);
    frame.wide = true;
    frame.demo = about.demo;
    frame.json = Some(here.clone().at("/api/v1/coverage/scorecard"));
    Ok(frame.answer(html! {
        (plan_tabs::tabs(lang, "/plan/scorecard"))
        h1 { (title) }
        p { (lang.say("同一个地区，用几个标准一起看：每一格是有机构在这个距离以内的人占多少。",
                      "One area by several standards: each cell is the share of people with a facility within that distance.")) }
        @if let Some(asked) = &first { (form(&app, &atlas, lang, asked, &card)) }
        (table(lang, &app.standards, &card, &here))
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
        ul.chips { li { a href=(here.clone().at("/api/v1/coverage/scorecard").with("format", "csv")) download="scorecard.csv" { (lang.say("下载（CSV 表格）", "Download (CSV)")) } } }
        section.block {
            h2 id="method" { (lang.say("怎么算的", "How it is calculated")) }
            p { (lang.say("直线距离（WGS 84 大地线），边界上的也算；运营中和试运营的机构，不论在哪个地区，都算。没有确认位置的机构和没有人口数的需求点没有算在内。",
                          "Straight lines (WGS 84 geodesics), on the line counts; facilities in operation or on trial count wherever they stand. Facilities without a confirmed position and demand points without a number are left out.")) }
            p.source { (lang.say("机构数据：第 ", "Facilities: revision ")) (card.revision) (lang.say(" 版，", ", ")) span.number { (card.as_of.with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M")) }
                br; (lang.say("人口数据日期：", "Population as of: "))
                (people::days(lang, &card.counted)) }
        }
        (plan_form::sources(&app, lang))
    }))
}

/// The area, the kind, whom to count, and the standards as boxes to tick.
fn form(app: &App, atlas: &Atlas, lang: Lang, asked: &Asked, card: &Scorecard) -> Markup {
    let chosen = |code: &str| {
        let codes = card.standards.iter().filter_map(|column| column.standard.walk.as_ref()?.code.as_deref());
        codes.into_iter().any(|shown| shown == code)
    };
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
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.cards {
                caption { (caption) }
                thead { tr { th scope="col" { (lang.say("地区", "Region")) } th.n scope="col" { (lang.say("人数", "People")) } @for head in &heads { th.n scope="col" { (head) } } } }
                tbody {
                    tr { th scope="row" { (lang.say("合计", "All")) } td.n data-label=(lang.say("人数", "People")) { @match people { Some(people) => (words::count(people)), None => (words::unknown(lang)) } } (cells(lang, &heads, &totals)) }
                    @for row in &card.rows { tr {
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
