//! The bureau's report: every line with its value or what is missing, its formula, its records, what was published, and checks.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::plan_figures::{figure, number, period, records, say};
use super::waiting::{REFRESH, Waiting, refreshed, soon};
use super::{districts, plan_form, plan_tabs, words};
use crate::analysis::indicators::{Checked, Line, Report, State};
use crate::http::frame::{Address, Frame};
use crate::http::jobs::Outcome;
use crate::http::report::{Answered, QUESTION, question};
use crate::http::{App, Lang, Parameters, Problem, views};

pub async fn report(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let lang = Lang::of(&request);
    let here = Address::of(&request).without(&[REFRESH]);
    let mut parameters = Parameters::of_form(&request, &[QUESTION.as_slice(), &["show", REFRESH]].concat());
    let question = question(&mut parameters, &app.atlas());
    let shows = ["all", "known"];
    let known_only = parameters.word("show", |text| shows.iter().position(|show| *show == text), &shows) == Some(1);
    let refresh = refreshed(&mut parameters);
    parameters.finish()?;
    if question.region.is_none() {
        let frame = Frame::new(&app, &request, lang.say("报表：选一个地区", "Report: choose a region"));
        return Ok(frame.answer(html! {
            (plan_tabs::tabs(lang, "/plan/report"))
            h1 { (lang.say("报表", "Report")) }
            p { (lang.say("选一个地区，看民政工作报表的各项指标：每个数都有公式和背后的记录。",
                          "Choose a region to see the bureau's indicators: every figure with its formula and its records.")) }
            (districts::links(&app.atlas(), lang, &here.without(&["region"])))
        }));
    }
    let job = views::report(&app, app.client(&request).await, question, true)?;
    let answered = match soon(&job).await {
        None => {
            let title = lang.say("报表：正在计算", "Report: calculating");
            let waiting = Waiting::new(&request, job, refresh, Address::new("/plan/report"), "result");
            let mut response = Frame::new(&app, &request, title).answer(html! {
                (plan_tabs::tabs(lang, "/plan/report"))
                h1 id="result" { (title) }
                (waiting.show(lang, &here, &html! {}))
            });
            waiting.dress(&app, &request, &mut response);
            return Ok(response);
        }
        Some(Err(failure)) => return Err(failure.problem()),
        Some(Ok(Outcome::Report(answered))) => answered,
        Some(Ok(_)) => return Err(Problem::internal(&"a report came to something else")),
    };
    let (region, year) = (&answered.region, answered.year);
    let title = match lang {
        Lang::Zh => format!("{}：{year} 年报表", region.name),
        Lang::En => format!("{}: report for {year}", region.name),
    };
    let mut frame = Frame::new(&app, &request, &title);
    frame.wide = true;
    frame.demo = answered.answer.lines.iter().any(|line| line.outcome.demo);
    let api = here.clone().without(&["show"]).at("/api/v1/indicators");
    frame.json = Some(api.clone());
    let mut response = frame.answer(html! {
        (plan_tabs::tabs(lang, "/plan/report"))
        h1 { span lang="zh-CN" { (region.name) } (lang.say("：", ": ")) @match lang { Lang::Zh => { (year) " 年报表" }, Lang::En => { "report for " (year) } } }
        (form(&answered, lang, &here))
        (summary(&answered, lang))
        p.buttons {
            a.button.second href=(api.clone().with("year", year).with("format", "xlsx")) { (lang.say("下载表格（xlsx）", "Download spreadsheet (xlsx)")) }
            a.button.second href=(api.with("year", year).with("format", "csv")) { (lang.say("下载 CSV", "Download CSV")) }
            @if known_only { a.button.second href=(here.clone().with("show", "all")) { (lang.say("显示全部指标", "Show all lines")) } }
            @else { a.button.second href=(here.clone().with("show", "known")) { (lang.say("只看有数的", "Only lines with a value")) } }
        }
        (table(&answered, lang, known_only))
        (checks(&answered.answer.checks, lang))
        (about(lang))
    });
    // Printing is the browser's: the page's style for paper leaves out forms, buttons and links around.
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn form(answered: &Answered<Report>, lang: Lang, here: &Address) -> Markup {
    let day = answered.day.to_string();
    html! {
        form.panel action="/plan/report" {
            div.grid {
                div.field {
                    label for="region" { (lang.say("地区", "Region")) }
                    select id="region" name="region" { (districts::choice(&answered.atlas, lang, Some(&answered.region.code))) }
                }
                div.field {
                    label for="year" { (lang.say("年份", "Year")) }
                    input id="year" name="year" type="number" min="1949" max="2199" inputmode="numeric" value=(answered.year);
                }
                (plan_form::as_of(lang, here.has(&["as_of"]).then_some(&day)))
            }
            button type="submit" { (lang.say("看报表", "Show the report")) }
        }
    }
}

fn summary(answered: &Answered<Report>, lang: Lang) -> Markup {
    let summary = answered.answer.summary();
    let zone = answered.atlas.zone();
    let as_of = answered.as_of.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let figure = |name: &str, count: usize| html! { div.figure { dt { (name) } dd { (count) } } };
    html! {
        dl.figures {
            (figure(lang.say("已计算", "computed"), summary.computed))
            (figure(lang.say("无法计算", "not computable"), summary.not_computable))
            (figure(lang.say("未登记", "not known"), summary.unknown))
        }
        p.source {
            (lang.say("数据截至 ", "Data as of ")) span.number { (as_of) }
            (lang.say("，版次 ", ", revision ")) span.number { (answered.atlas.revision()) }
            (lang.say("。存量（机构、床位、等级）按报告期最后一天算：机构的开业、关停日期和变更记录决定当天的状态。", ". Stocks are those of the last day of the period: opening and closing dates and the log decide which facilities served and which ratings stood."))
        }
    }
}

fn table(answered: &Answered<Report>, lang: Lang, known_only: bool) -> Markup {
    let lines = answered.answer.lines.iter().filter(|line| !known_only || line.outcome.state == State::Computed);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(lang.say("指标表", "Table of indicators")) {
            table.cards {
                caption { (lang.say("指标", "Indicators")) }
                thead { tr {
                    th scope="col" { (lang.say("项", "Line")) }
                    th scope="col" { (lang.say("指标和公式", "Indicator and formula")) }
                    th.n scope="col" { (lang.say("数值", "Value")) }
                    th scope="col" { (lang.say("说明", "Notes")) }
                    th scope="col" { (lang.say("公布数", "Published")) }
                    th scope="col" { (lang.say("记录", "Records")) }
                } }
                tbody { @for line in lines { (row(line, lang)) } }
            }
        }
    }
}

fn row(line: &Line, lang: Lang) -> Markup {
    let (indicator, outcome) = (line.indicator, &line.outcome);
    html! {
        tr {
            td data-label=(lang.say("项", "Line")) { (indicator.line) }
            th scope="row" {
                span lang=(lang.tag()) { (words::mixed(lang.say(&indicator.zh, &indicator.en))) }
                @if outcome.demo { " " span.tag.demo { (lang.say("演示", "demo")) } }
                br; code.quiet lang="en" { (words::mixed(&indicator.formula.text())) }
            }
            td.n data-label=(lang.say("数值", "Value")) {
                @match outcome.value {
                    Some(value) => strong { (figure(value, &indicator.unit, outcome.qualifier.as_deref())) },
                    None => span.unknown { ({ let words = outcome.state.words(); lang.say(words.0, words.1) }) },
                }
            }
            td data-label=(lang.say("说明", "Notes")) {
                @if let Some(missing) = &outcome.missing { p { (words::mixed(say(lang, missing))) } }
                @if !outcome.parts.is_empty() {
                    p { @for (at, part) in outcome.parts.iter().enumerate() {
                        @if at > 0 { (lang.say("，", ", ")) } (words::mixed(say(lang, &part.name))) " " span.number { (number(part.value)) } } }
                }
                @for note in &outcome.notes { p { (words::mixed(say(lang, note))) } }
                @if let Some((from, to)) = outcome.period { p { (period(lang, from, to)) } }
                @if let Some(day) = outcome.stock_on { p { (lang.say("存量，", "as it stood on ")) span.number { (day) } (lang.say(" 当天", "")) } }
                @if let Some(day) = outcome.as_of { p { (lang.say("截至 ", "as of ")) span.number { (day) } } }
                @for source in &outcome.sources { p.quiet { (words::told(source)) } }
            }
            td data-label=(lang.say("公布数", "Published")) {
                @for claim in &line.claims {
                    p { (figure(claim.value, &indicator.unit, claim.qualifier.as_deref())) (lang.say("：", ": "))
                        strong { ({ let words = claim.agreement.words(); lang.say(words.0, words.1) }) }
                        @if let (Some(day), Some(computed)) = (claim.as_of, claim.computed.filter(|computed| outcome.value != Some(*computed))) {
                            br; (lang.say("公布数的日期 ", "on the day of the claim, ")) span.number { (day) } (lang.say("，当天算得 ", ": ")) (figure(computed, &indicator.unit, None))
                            @for note in &claim.notes { br; span.quiet { (words::mixed(say(lang, note))) } }
                        }
                        @if let Some(source) = &claim.source { br; span.quiet { (words::told(source)) } } }
                }
            }
            td data-label=(lang.say("记录", "Records")) { (records(lang, &outcome.records)) }
        }
    }
}

fn checks(checks: &[Checked], lang: Lang) -> Markup {
    html! {
        h2 { (lang.say("各部分加起来对不对", "Do the parts add up")) }
        div.scroll tabindex="0" role="region" aria-label=(lang.say("核对表", "Table of checks")) {
            table.cards {
                caption { (lang.say("核对", "Checks")) }
                thead { tr {
                    th scope="col" { (lang.say("应当相等的", "What must be equal")) }
                    th scope="col" { (lang.say("结果", "Result")) }
                    th scope="col" { (lang.say("数", "Numbers")) }
                } }
                tbody { @for check in checks {
                    tr {
                        th scope="row" { (words::mixed(say(lang, &check.name))) }
                        td data-label=(lang.say("结果", "Result")) { strong { ({ let words = check.verdict.words(); lang.say(words.0, words.1) }) } }
                        td data-label=(lang.say("数", "Numbers")) { (words::mixed(say(lang, &check.shown))) }
                    }
                } }
            }
        }
    }
}

fn about(lang: Lang) -> Markup {
    html! {
        section.block {
            h2 { (lang.say("怎么读", "How to read it")) }
            ul {
                li { (lang.say("F 数机构（正在服务的，除非另写状态），U 数计入覆盖的区域单元，P 是台账里的数，T 是计划。",
                               "F counts facilities (serving, unless a status is named), U counts regions that count as units, P is a figure of the ledger, T a target.")) }
                li { (lang.say("“无法计算”是登记册里缺这类记录；“未登记”是台账或计划里没有这个数。没有数的地方不写 0。",
                               "“Not computable”: the registry lacks such records; “not known”: the ledger or the plan has no such figure. Nothing unknown is written as 0.")) }
                li { (words::mixed(lang.say("“余”“多”是下限，不高出最后一位数字的一个单位就算一致；小数按印出的位数比较。",
                               "余 and 多 are lower bounds and agree up to one more of the last digit printed; decimals are compared as printed."))) }
                li { (lang.say("公布数来自公开的工作报告，只用来对照，从不写入登记册。",
                               "Published figures come from public work reports; they are compared and never entered in the registry.")) }
            }
        }
    }
}
