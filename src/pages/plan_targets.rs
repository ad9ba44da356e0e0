//! Plan and built: each target beside what dated records say was built, what was lost apart; and the form to keep targets.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

use super::kept_form::{self, Asked, Choices, Sheet, Typed, deeds, form, keeps};
use super::plan_figures::{figure, records, say};
use super::{plan_tabs, words};
use crate::analysis::plan::Standing;
use crate::atlas::Atlas;
use crate::care::target::{NAMED, PlanMeasure};
use crate::care::{Target, Who, indicator};
use crate::http::frame::{Address, Frame};
use crate::http::{App, Lang, Problem};

impl Sheet for Target {
    const WORD: &'static str = "targets";
    const NAME: (&'static str, &'static str) = ("计划", "target");

    fn choices(name: &str, lang: Lang, atlas: &Atlas, now: &str) -> Choices {
        if name != "measure" {
            return Vec::new();
        }
        let said = |code: &str, zh: &str, en: &str| (code.to_owned(), lang.say(zh, en).to_owned());
        let named: Vec<_> = NAMED.iter().map(|(code, zh, en, _)| said(code, zh, en)).collect();
        let metrics = indicator::table().metrics.iter();
        let metrics: Vec<_> = metrics.map(|metric| said(&metric.code, &metric.zh, &metric.en)).collect();
        let mut all = vec![
            (lang.say("机构和床位", "Facilities and beds"), named),
            (lang.say("台账里的项目", "Figures of the ledger"), metrics),
        ];
        // One of its own, such as built.KIND, was reached by a link; it stays a choice.
        let known = now.is_empty() || all.iter().any(|(_, group)| group.iter().any(|(code, _)| code == now));
        if !known {
            let own = PlanMeasure::of(now, atlas.vocabulary());
            let own = own.map_or(now.to_owned(), |own| lang.say(&own.zh, &own.en).to_owned());
            all.insert(0, ("", vec![(now.to_owned(), own)]));
        }
        all
    }

    fn hint(name: &str, lang: Lang) -> Option<&'static str> {
        let hint = lang.say("不知道就留空，不会当成 0。", "Leave empty where it is not known; it is not taken for 0.");
        (name == "planned").then_some(hint)
    }

    async fn page(
        app: &App,
        request: &HttpRequest,
        asked: Asked,
        status: StatusCode,
        typed: &Typed,
        saved: bool,
    ) -> Result<HttpResponse, Problem> {
        page(app, request, asked, status, typed, saved).await
    }
}

async fn page(
    app: &App,
    request: &HttpRequest,
    (region, year): Asked,
    status: StatusCode,
    typed: &Typed,
    saved: bool,
) -> Result<HttpResponse, Problem> {
    let lang = Lang::of(request);
    let who = app.signed_in(request).await?;
    let standings = app.standings(region.clone(), year).await?;
    let atlas = app.atlas();
    let title = lang.say("计划与完成", "Plan and built");
    let mut frame = Frame::new(app, request, title);
    frame.wide = true;
    frame.demo = standings.iter().any(|standing| standing.built.demo || standing.target.demo);
    let file = Address::of(request).only(&["region", "year"]).at("/api/v1/targets/standing");
    frame.json = Some(file.clone());
    let keeps = who.as_ref().is_some_and(keeps);
    let body = html! {
        (plan_tabs::tabs(lang, "/plan/targets"))
        h1 { (title) }
        @if saved { div.notice role="status" { h2 { (lang.say("已保存", "Saved")) } } }
        (kept_form::choice::<Target>(&atlas, lang, (region.as_deref(), year)))
        (table(&atlas, lang, &standings, who.as_ref()))
        p { a.button.second href=(file.with("format", "csv")) { (lang.say("下载（CSV）", "Download (CSV)")) } }
        p.source { (lang.say("按登记簿的状态：", "By the record as it stood: ")) span.number { (app.live.as_of().with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M")) }
            (lang.say("（第 ", " (revision ")) (atlas.revision()) (lang.say(" 版）", ")")) br;
            (lang.say("完成数只来自有日期的记录：建成日期、开业日期、床位变更。关停和调减单列，不从完成数里扣。进度按全年均分到天（自定口径）。",
                             "What was built comes from dated records alone: building and opening days, and changes of beds. Closures and reductions stand apart and are never taken off. The pace is the plan in equal parts over the year's days (own convention).")) }
        @if keeps { (form::<Target>(&atlas, request, lang, typed)) }
    };
    Ok(if keeps { frame.answer_private(status, body) } else { frame.answer(body) })
}

fn table(atlas: &Atlas, lang: Lang, standings: &[Standing], who: Option<&Who>) -> Markup {
    html! {
        @if standings.is_empty() { p { (lang.say("没有登记计划。", "No target is registered.")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(lang.say("计划表", "Table of targets")) {
                table.cards {
                    caption { (lang.say("计划与完成", "Plan and built")) }
                    thead { tr {
                        th scope="col" { (lang.say("计划", "Target")) }
                        th.n scope="col" { (lang.say("计划数", "Planned")) }
                        th.n scope="col" { (lang.say("完成", "Built")) }
                        th.n scope="col" { (lang.say("完成率", "Share")) }
                        th scope="col" { (lang.say("进度", "State")) }
                        th.n scope="col" { (lang.say("减少（单列）", "Lost (apart)")) }
                        th scope="col" { (lang.say("记录", "Records")) }
                    } }
                    tbody { @for standing in standings { (row(atlas, lang, standing, who)) } }
                }
            }
        }
    }
}

fn row(atlas: &Atlas, lang: Lang, standing: &Standing, who: Option<&Who>) -> Markup {
    let target = &standing.target;
    let name = atlas.regions().get(&target.region).map_or(&*target.region, |region| &region.name);
    let known = |value: Option<f64>| {
        html! {
            @match value { Some(value) => (figure(value, standing.unit, None)), None => span.unknown { (lang.say("不详", "not known")) } }
        }
    };
    html! {
        tr {
            th scope="row" {
                (words::told(name)) " " span.number { (target.year) } br;
                (say(lang, &standing.measure))
                @if target.demo || standing.built.demo { " " span.tag.demo { (lang.say("演示", "demo")) } }
                @if let Some(source) = &target.source { br; span.quiet { (words::told(source)) } }
                @if let Some(note) = &target.note { br; span.quiet { (words::told(note)) } }
                (deeds(atlas, lang, who, target))
            }
            td.n data-label=(lang.say("计划数", "Planned")) { (known(target.planned)) }
            td.n data-label=(lang.say("完成", "Built")) {
                (known(standing.built.value))
                @for part in &standing.built.parts { br; span.quiet { (say(lang, &part.name)) " " (part.value) } }
                @for note in standing.built.notes.iter().chain(&standing.built.missing) { br; span.quiet { (say(lang, note)) } }
            }
            td.n data-label=(lang.say("完成率", "Share")) {
                @match standing.share { Some(share) => span.number { (words::percent(share)) }, None => span.unknown { (lang.say("无法计算", "not computable")) } }
            }
            td data-label=(lang.say("进度", "State")) { strong { ({ let words = standing.track.words(); lang.say(words.0, words.1) }) } }
            td.n data-label=(lang.say("减少（单列）", "Lost (apart)")) {
                @match standing.lost.value { Some(value) => (figure(value, standing.unit, None)), None => span.unknown { (lang.say("没有记录", "no records")) } }
            }
            td data-label=(lang.say("记录", "Records")) { (records(lang, &standing.built.records)) }
        }
    }
}
