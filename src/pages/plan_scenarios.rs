//! Saved scenarios: one's own and those of the region, two or more side by side, and one as it stands now.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::interrupted::sealed_sender;
use super::plan_scenario::address;
use super::plan_scenario_answer::{self as answer, Shown, signed};
use super::sign_in::{sealed, see};
use super::{plan, plan_tabs, words};
use crate::atlas::Atlas;
use crate::care::{Scenario, scenario as care};
use crate::http::frame::{Address, Frame};
use crate::http::scenario::{allow_change, asked, find, outcome, query_of, visible};
use crate::http::{App, Lang, Parameters, Problem};
use crate::registry::Rewritten;

/// How many stand side by side at most.
const COMPARED: usize = 6;

pub async fn list(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["id"]);
    let ids = parameters.all("id");
    if ids.len() > COMPARED {
        parameters.refuse("id", format!("{COMPARED} scenarios at most"));
    }
    parameters.finish()?;
    let lang = Lang::of(&request);
    let who = app.signed_in(&request).await?;
    let saved = match &who {
        Some(_) => app.registry.scenarios().await?,
        None => Vec::new(),
    };
    let atlas = app.atlas();
    let saved: Vec<&Scenario> =
        saved.iter().filter(|s| who.as_ref().is_some_and(|who| visible(&atlas, who, s))).collect();
    let mut compared = Vec::new();
    for id in &ids {
        let held = find(&app, id).await?;
        let question = asked(&app, &atlas, &query_of(&held.question))?;
        let told = outcome(&app, question, held.changes.clone()).await?;
        compared.push((held, told));
    }
    let title = lang.say("保存的方案", "Saved scenarios");
    let mut frame = Frame::new(&app, &request, title);
    frame.wide = true;
    if !ids.is_empty() {
        let api = Address::new("/api/v1/scenarios/compare");
        frame.json = Some(ids.iter().fold(api, |api, id| api.and("id", id)));
    }
    let heads = [
        lang.say("覆盖率，之前", "Share before"),
        lang.say("之后", "After"),
        lang.say("多覆盖的人", "More people covered"),
        lang.say("平均距离变化", "Mean distance"),
        lang.say("机构", "Facilities"),
    ];
    Ok(frame.answer_private(StatusCode::OK, html! {
        (plan_tabs::tabs(lang, "/plan/scenarios"))
        h1 { (title) }
        @if !compared.is_empty() {
            @let caption = lang.say("方案对照", "Scenarios side by side");
            div.scroll role="region" aria-label=(caption) tabindex="0" { table.cards {
                caption { (caption) }
                thead { tr { th scope="col" { (lang.say("方案", "Scenario")) } @for head in heads { th.n scope="col" { (head) } } } }
                tbody { @for (held, told) in &compared { @let (answer, step) = (&told.answer, &told.answer.difference.totals); tr {
                    th scope="row" { a lang="zh-CN" href=(format!("/plan/scenarios/{}", held.id)) { (held.name) } }
                    td.n data-label=(heads[0]) { @match answer.before.totals.share { Some(share) => (words::percent(share)), None => (words::unknown(lang)) } }
                    td.n data-label=(heads[1]) { @match answer.after.totals.share { Some(share) => (words::percent(share)), None => (words::unknown(lang)) } }
                    td.n data-label=(heads[2]) { @match step.covered { Some(people) => (signed(people as f64, 0)), None => (words::unknown(lang)) } }
                    td.n data-label=(heads[3]) { @match step.mean_m { Some(metres) => { (signed(metres, 0)) (lang.say(" 米", " m")) }, None => (words::unknown(lang)) } }
                    td.n data-label=(heads[4]) { (signed(step.facilities as f64, 0)) }
                } } }
            } }
            p.quiet { (lang.say("每个方案按它自己的问题、用现在的登记册计算；问题不同的方案不能直接比。", "Each scenario is answered by its own question as the record stands now; compare those with the same question.")) }
        }
        @match &who {
            None => p { a.button href=(Address::new("/sign-in").with("back", "/plan/scenarios")) { (lang.say("登录后看自己的方案", "Sign in to see your scenarios")) } },
            Some(_) if saved.is_empty() => p { (lang.say("还没有保存的方案。", "Nothing is saved yet.")) " " a href="/plan/scenario" { (lang.say("做一个方案", "Make a scenario")) } },
            Some(_) => form action="/plan/scenarios" {
                ul.list { @for scenario in &saved { li.item {
                    h2 { a lang="zh-CN" href=(format!("/plan/scenarios/{}", scenario.id)) { (scenario.name) } }
                    (about(&atlas, lang, scenario))
                    label.check { input type="checkbox" name="id" value=(scenario.id) checked[ids.contains(&scenario.id.to_string())]; (lang.say("选中对照", "Compare")) }
                } } }
                button type="submit" { (lang.say("对照选中的方案", "Compare those ticked")) }
            },
        }
    }))
}

/// What a scenario is about, in a line.
fn about(atlas: &Atlas, lang: Lang, scenario: &Scenario) -> Markup {
    let changes = &scenario.changes;
    let region = scenario.region.as_deref().and_then(|code| atlas.regions().get(code));
    let counts = [
        (changes.add.len(), "新增", "added"),
        (changes.moved.len(), "搬迁", "moved"),
        (changes.close.len(), "关闭", "closed"),
        (changes.enlarge.len(), "扩建", "enlarged"),
    ];
    html! {
        p {
            @match region { Some(region) => span lang="zh-CN" { (region.name) }, None => (lang.say("全部地区", "everywhere")) }
            @for (count, zh, en) in counts.into_iter().filter(|(count, ..)| *count > 0) { (lang.say("，", ", ")) (lang.say(zh, en)) " " (count) }
            (lang.say("，", ", ")) span.number { (scenario.updated_at.with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M")) }
        }
    }
}

pub async fn one(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    page(&app, &request, &id, StatusCode::OK, None).await
}

async fn page(
    app: &App,
    request: &HttpRequest,
    id: &str,
    status: StatusCode,
    error: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let held = find(app, id).await?;
    let who = app.signed_in(request).await?;
    let atlas = app.atlas();
    let question = asked(app, &atlas, &query_of(&held.question))?;
    let outcome = outcome(app, question.clone(), held.changes.clone()).await?;
    let based_on = plan::about(&atlas, &question.question);
    let theirs = who.as_ref().is_some_and(|who| allow_change(&atlas, who, &held).is_ok());
    let drafts = care::targets(&held, atlas.vocabulary(), |id| atlas.facility(id).map(|entry| &*entry.facility));
    let lang = Lang::of(request);
    let mut frame = Frame::new(app, request, held.name.to_string());
    frame.wide = true;
    frame.demo = based_on.demo;
    frame.json = Some(Address::new(format!("/api/v1/scenarios/{}/coverage", held.id)));
    Ok(frame.answer_private(status, html! {
        (plan_tabs::tabs(lang, "/plan/scenarios"))
        h1 lang="zh-CN" { (held.name) }
        @if let Some(error) = error { div.notice role="alert" { p { (error) } } }
        (about(&atlas, lang, &held))
        @if let Some(note) = &held.note { p { (words::told(note)) } }
        p { (lang.say("知道这个网址的人都能看。登记册没有改变。", "Whoever has this address may look. The record has not changed.")) }
        p { a.button href=(address(&held)) { (lang.say("在这个方案上改", "Go on from this scenario")) } }
        (answer::result(&atlas, lang, &Shown { outcome: &outcome, asked: &question, about: &based_on }))
        p { a.button.second href=(Address::new(format!("/api/v1/scenarios/{}/coverage", held.id)).with("format", "csv")) { (lang.say("下载各地区（CSV）", "Download all regions (CSV)")) } }
        (targets(&atlas, lang, &held, &drafts))
        @if theirs {
            h2 id="keep" { (lang.say("改名或删除", "Rename or remove")) }
            form.panel method="post" action=(format!("/plan/scenarios/{}", held.id)) {
                (sealed(request))
                input type="hidden" name="version" value=(held.version);
                div.field { label for="name" { (lang.say("方案名称", "Name of the scenario")) } input id="name" name="name" type="text" maxlength="200" value=(held.name) required; }
                div.field { label for="note" { (lang.say("说明（可不填）", "Note (optional)")) } textarea id="note" name="note" rows="3" maxlength="5000" { (held.note.as_deref().unwrap_or_default()) } }
                div.buttons {
                    button type="submit" name="action" value="save" { (lang.say("保存", "Save")) }
                    button.second type="submit" name="action" value="remove" { (lang.say("删除方案", "Remove the scenario")) }
                }
            }
        }
    }))
}

/// What the scenario adds, as drafts of targets.
fn targets(atlas: &Atlas, lang: Lang, held: &Scenario, drafts: &[care::TargetDraft]) -> Markup {
    let caption = lang.say("可以变成的目标", "What could become targets");
    let heads =
        [lang.say("类型", "Kind"), lang.say("计量", "Measure"), lang.say("新增", "Added"), lang.say("目标", "Target")];
    // Of places, seats and the like no plan measure is kept.
    let measure = |draft: &care::TargetDraft| match &*draft.measure {
        "facilities" => Some(format!("opened.{}", draft.kind)),
        "beds" => Some("beds_added".to_owned()),
        _ => None,
    };
    html! { @if !drafts.is_empty() {
        h2 id="targets" { (caption) }
        div.scroll role="region" aria-label=(caption) tabindex="0" { table.cards {
            caption { (caption) }
            thead { tr { th scope="col" { (lang.say("地区", "Region")) } @for head in heads { th scope="col" { (head) } } } }
            tbody { @for draft in drafts { tr {
                th scope="row" { @match draft.region.as_deref().and_then(|code| atlas.regions().get(code)) { Some(region) => span lang="zh-CN" { (region.name) }, None => (lang.say("没有说明", "not told")) } }
                td data-label=(heads[0]) { (words::kind_name(atlas, lang, &draft.kind)) }
                td data-label=(heads[1]) { @match atlas.vocabulary().measure(&draft.measure) { Some(measure) => (lang.say(&measure.name_zh, &measure.name_en)), None => (lang.say("机构数", "facilities")) } }
                td.n data-label=(heads[2]) { (words::count(draft.added)) }
                td data-label=(heads[3]) { @match (&draft.region, measure(draft)) {
                    (Some(region), Some(measure)) => a href=(Address::new("/plan/targets").with("region", region).with("measure", measure).with("planned", draft.added).with("source", &held.name)) { (lang.say("登记为目标", "Register as a target")) },
                    _ => (lang.say("没有对应的指标", "no such measure")),
                } }
            } } }
        } }
        @if !held.changes.close.is_empty() { p { (lang.say("另有关闭 ", "Closed besides: ")) (held.changes.close.len()) (lang.say(" 家，没有从上面扣除。", ", not taken from the above.")) } }
    } }
}

/// Renames it or removes it.
pub async fn amend(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &["version", "name", "note", "action"]);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    let (name, note) = (parameters.text("name"), parameters.text("note"));
    let remove = parameters.text("action").as_deref() == Some("remove");
    parameters.finish()?;
    let here = Address::new(format!("/plan/scenarios/{id}"));
    let who = match sealed_sender(&app, &request, &body).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let held = find(&app, &id).await?;
    allow_change(&app.atlas(), &who, &held)?;
    let rewritten = if remove {
        app.registry.remove_scenario(held.id, version, &who.actor()).await?
    } else {
        let name = name.map_or(held.name.clone(), Into::into);
        let after = Scenario { version, name, note: note.map(Into::into), actor: who.actor(), ..held };
        app.registry.amend_scenario(after).await?
    };
    match rewritten {
        Rewritten::Done(_, seq) => {
            app.show_write(seq).await;
            Ok(see(&if remove { Address::new("/plan/scenarios") } else { here }))
        }
        Rewritten::Gone => Ok(see(&Address::new("/plan/scenarios"))),
        Rewritten::Stale(_) => {
            let said = Lang::of(&request).say(
                "方案刚被别人改过，请看过新的内容再保存。",
                "Somebody changed the scenario just now; look at it and save again.",
            );
            page(&app, &request, &id, StatusCode::PRECONDITION_FAILED, Some(said)).await
        }
    }
}
