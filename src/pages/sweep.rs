//! A sweep over a region: which facilities were inspected since a day, what is open and what is overdue.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::inspections::{inspection_type, outcome};
use super::sign_in::somebody;
use super::{districts, words};
use crate::analysis::sweep::{SweepDistrict, SweepRow, SweepTotals};
use crate::atlas::Atlas;
use crate::care::Role;
use crate::http::frame::{Address, Frame};
use crate::http::sight::{SweepAsked, sweep_question, sweeping};
use crate::http::{App, Lang, Parameters, Problem};

/// How many are listed at most; the numbers are of all.
const SHOWN: usize = 100;

pub async fn sweep(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let mut parameters = Parameters::of_form(&request, &["region", "type", "since", "kind"]);
    let asked = sweep_question(&mut parameters, &atlas);
    parameters.finish()?;
    let who = match somebody(&app, &request, &Address::of(&request)).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let sweep = sweeping(&app, &who, &asked).await?;
    let lang = Lang::of(&request);
    let title = lang.say("排查：查了没有，改了没有", "Sweep: inspected, and put right");
    let mut frame = Frame::new(&app, &request, title);
    frame.wide = true;
    frame.demo = sweep.rows.iter().take(SHOWN).any(|row| row.demo);
    frame.json = Some(Address::of(&request).at("/api/v1/inspections/sweep"));
    Ok(frame.answer_private(
        StatusCode::OK,
        html! {
            p.crumbs { a href="/my" { (lang.say("返回", "Back")) } }
            h1 { (title) }
            (form(&atlas, lang, &asked, (who.role != Role::Manager).then_some(who.region.as_deref())))
            p.status role="status" { (period(&atlas, lang, &asked)) }
            (figures(lang, &sweep.totals))
            @if sweep.districts.len() > 1 { (by_district(lang, &asked, &sweep.districts)) }
            @if sweep.rows.len() > SHOWN { p { (lang.say("下表只列出前 ", "The table lists the first ")) (SHOWN) (lang.say(" 家，上面的数字是全部。要看其余的，请选一个地区，或用页尾的 JSON。", "; the numbers above are of all. For the others choose an area, or take the JSON below.")) } }
            @if !sweep.rows.is_empty() {
                div.scroll tabindex="0" role="region" aria-label=(title) {
                    table.cards {
                        caption { (lang.say("逾期的在前，其次是还没有查的", "What is overdue first, then what was not inspected")) }
                        thead { tr { @for (zh, en) in HEADINGS { th scope="col" { (lang.say(zh, en)) } } } }
                        tbody { @for row in sweep.rows.iter().take(SHOWN) { (line(&atlas, lang, row)) } }
                    }
                }
            }
        },
    ))
}

const HEADINGS: [(&str, &str); 6] = [
    ("机构", "Facility"),
    ("地区", "Area"),
    ("查了没有", "Inspected"),
    ("上次检查", "Last inspection"),
    ("没有整改的问题", "Open findings"),
    ("逾期", "Overdue"),
];

/// 2026 年 1 月 1 日以来，安全检查.
fn period(atlas: &Atlas, lang: Lang, asked: &SweepAsked) -> String {
    let kind = asked.question.r#type.as_deref().map(|code| inspection_type(atlas, lang, code));
    let (kind, since) =
        (kind.unwrap_or(lang.say("各种检查", "all inspections")), words::day(lang, asked.question.since));
    match lang {
        Lang::Zh => format!("{since}以来，{kind}"),
        Lang::En => format!("Since {since}, {kind}"),
    }
}

fn figures(lang: Lang, totals: &SweepTotals) -> Markup {
    let figure = |zh: &str, en: &str, number: usize| html! { div.figure { dt { (lang.say(zh, en)) } dd { (words::count(number as u64)) } } };
    html! {
        dl.figures {
            (figure("机构", "Facilities", totals.facilities))
            (figure("已查", "Inspected", totals.inspected))
            (figure("没有查", "Not inspected", totals.not_inspected))
            (figure("没有整改的问题", "Open findings", totals.open))
            (figure("其中逾期", "Of these overdue", totals.overdue))
            (figure("有逾期的机构", "Facilities with overdue findings", totals.facilities_overdue))
        }
    }
}

/// The numbers of each district, which lead to its own sweep.
fn by_district(lang: Lang, asked: &SweepAsked, districts: &[SweepDistrict]) -> Markup {
    let title = lang.say("各地区", "By area");
    let label = |zh: &'static str, en: &'static str| lang.say(zh, en);
    let here = |region: &str| {
        let there = Address::new("/desk/sweep").with("region", region).with("since", asked.question.since);
        let there = asked.question.r#type.iter().fold(there, |there, code| there.with("type", code));
        asked.kinds.iter().fold(there, |there, kind| there.and("kind", kind))
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(title) {
            table.cards {
                caption { (title) }
                thead { tr {
                    th scope="col" { (label("地区", "Area")) }
                    th.n scope="col" { (label("机构", "Facilities")) }
                    th.n scope="col" { (label("已查", "Inspected")) }
                    th.n scope="col" { (label("没有整改的问题", "Open findings")) }
                    th.n scope="col" { (label("逾期", "Overdue")) }
                } }
                tbody { @for district in districts { tr {
                    th scope="row" { @match (&district.region, &district.name) {
                        (Some(code), Some(name)) => a href=(here(code)) lang="zh-CN" { (name) },
                        _ => (label("不在以上地区", "In none of these")),
                    } }
                    td.n data-label=(label("机构", "Facilities")) { (district.totals.facilities) }
                    td.n data-label=(label("已查", "Inspected")) { (district.totals.inspected) }
                    td.n data-label=(label("没有整改的问题", "Open findings")) { (district.totals.open) }
                    td.n data-label=(label("逾期", "Overdue")) { (district.totals.overdue) }
                } } }
            }
        }
    }
}

fn form(atlas: &Atlas, lang: Lang, asked: &SweepAsked, scope: Option<Option<&str>>) -> Markup {
    let question = &asked.question;
    html! {
        form.panel action="/desk/sweep" {
            div.grid {
                @if let Some(scope) = scope { (districts::field_within(atlas, lang, scope, asked.region.as_deref())) }
                div.field {
                    label for="type" { (lang.say("哪一种检查", "Which inspections")) }
                    select id="type" name="type" {
                        option value="" { (lang.say("各种检查", "all")) }
                        @for term in &atlas.vocabulary().inspection_types {
                            option value=(term.code) selected[question.r#type.as_ref() == Some(&term.code)] { (lang.say(&term.name_zh, &term.name_en)) }
                        }
                    }
                }
                div.field {
                    label for="since" { (lang.say("从哪天算起", "Since which day")) }
                    input id="since" name="since" type="date" value=(question.since);
                }
                div.field {
                    label for="kind" { (lang.say("哪一类机构", "Kind of facility")) }
                    select id="kind" name="kind" {
                        option value="" { (lang.say("全部机构", "All facilities")) }
                        @for kind in &atlas.vocabulary().kinds {
                            option value=(kind.code) selected[asked.kinds.contains(&kind.code)] { (lang.say(&kind.name_zh, &kind.name_en)) }
                        }
                    }
                }
            }
            button type="submit" { (lang.say("查看", "Show")) }
        }
    }
}

fn line(atlas: &Atlas, lang: Lang, row: &SweepRow) -> Markup {
    let region = row.region.as_deref().and_then(|code| atlas.regions().get(code)).map(|region| &*region.name);
    let label = |at: usize| lang.say(HEADINGS[at].0, HEADINGS[at].1);
    html! {
        tr {
            th scope="row" { a href=(format!("/f/{}/inspections", row.facility)) lang="zh-CN" { (row.name) }
                br; span.quiet { (words::kind_name(atlas, lang, &row.kind)) } }
            td data-label=(label(1)) { @match region { Some(name) => span lang="zh-CN" { (name) }, None => (words::unknown(lang)) } }
            td data-label=(label(2)) { @if row.inspected { (lang.say("已查", "yes")) } @else { strong { (lang.say("没有查", "no")) } } }
            td data-label=(label(3)) { @match (row.last_inspected_on, row.last_result) {
                (Some(day), Some(result)) => { span.number { (words::day(lang, day)) } (lang.say("，", ", ")) (outcome(lang, result)) },
                _ => (lang.say("没有记录", "none on record")),
            } }
            td.n data-label=(label(4)) { (row.open) @if let Some(due) = row.earliest_due_on { br; span.quiet { (lang.say("最早期限 ", "earliest due ")) (words::day(lang, due)) } } }
            td.n data-label=(label(5)) { @if row.overdue > 0 { strong { (row.overdue) } } @else { (row.overdue) } }
        }
    }
}
