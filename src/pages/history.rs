//! Every change of one facility: who by role, when, old and new; and a change taken back as a new one.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::capacity::role;
use super::interrupted::sealed_sender;
use super::my::field;
use super::sign_in::{sealed, see, somebody};
use super::withdraw::last_known;
use super::{value, words};
use crate::atlas::Atlas;
use crate::care::{Change, Deed, Entity, Facility, fields};
use crate::http::frame::{Address, Frame};
use crate::http::named::named;
use crate::http::review::may_take_back;
use crate::http::who::{allow, ground};
use crate::http::{App, Code, Lang, Parameters, Problem};
use crate::registry::RegistryError;

/// So many changes stand on one page.
pub const PAGE: i64 = 50;

pub async fn history(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["before"]);
    let before = parameters.number("before", 1..=i64::MAX, "number of a change");
    parameters.finish()?;
    page(&app, &request, &id, (before, StatusCode::OK), None).await
}

async fn page(
    app: &App,
    request: &HttpRequest,
    id: &str,
    (before, status): (Option<i64>, StatusCode),
    error: Option<String>,
) -> Result<HttpResponse, Problem> {
    let who = match somebody(app, request, &Address::new(format!("/f/{id}/history"))).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let (facility, gone) = match named(&atlas, id) {
        // One that was withdrawn is out of the record, and still in the log.
        Err(problem) if problem.code == Code::Gone => {
            let (facility, _) = last_known(app, id).await?.ok_or(problem)?;
            (Arc::new(facility), true)
        }
        found => (found?.facility.clone(), false),
    };
    let facility = &*facility;
    let ground = ground(&atlas, facility);
    allow(&who, Deed::Look, &ground)?;
    let mut changes = app.registry.history_page(Entity::Facility, &facility.id.to_string(), before, PAGE + 1).await?;
    let more = changes.len() as i64 > PAGE;
    changes.truncate(PAGE as usize);
    let earlier = changes.last().filter(|_| more).map(|last| last.seq);
    let lang = Lang::of(request);
    let title = lang.say("修改记录", "History");
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    frame.json = Some(Address::new(format!("/api/v1/facilities/{}/history", facility.id)));
    Ok(frame.answer_private(status, html! {
        p.crumbs { a href=(format!("/f/{}", facility.id)) lang="zh-CN" { (facility.name) } }
        h1 { (title) }
        @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有撤回", "Not taken back")) } p { (error) } } }
        ol.list { @for change in &changes { li.item {
            h2 { span.number { (change.at.with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M")) } }
            p { (role(lang, change.by())) @if let Some((_, name)) = change.actor.split_once(':') { (lang.say("（", " (")) (name) (lang.say("）", ")")) }
                @if change.batch.is_some() { (lang.say("，", ", ")) (lang.say("来自文件导入", "from an import")) }
                @if let Some(request) = change.request { (lang.say("，", ", ")) a href=(format!("/desk/requests/{request}")) { (lang.say("来自变更申请", "from a change request")) } } }
            (differences(&atlas, lang, change))
            @if !gone && may_take_back(&who, &ground, facility, change) {
                form method="post" action=(format!("/f/{}/history", facility.id)) {
                    (sealed(request))
                    input type="hidden" name="version" value=(facility.version);
                    input type="hidden" name="seq" value=(change.seq);
                    button.second type="submit" { (lang.say("撤回这次修改", "Take this change back")) }
                }
            }
        } } }
        @if let Some(seq) = earlier {
            p { a href=(format!("/f/{}/history?before={seq}", facility.id)) { (lang.say("更早的修改", "Earlier changes")) } }
        }
    }))
}

/// Old and new of every field that a change touched.
fn differences(atlas: &Atlas, lang: Lang, change: &Change) -> Markup {
    let read =
        |json: &Option<serde_json::Value>| json.clone().and_then(|json| serde_json::from_value::<Facility>(json).ok());
    let (before, after) = (read(&change.before), read(&change.after));
    html! {
        @match (before, after) {
            (Some(before), Some(after)) => dl.facts {
                @for field_of in fields::differing(&before, &after) {
                    dt { (field(lang, field_of.name)) }
                    dd { (value::held(atlas, lang, &before, field_of.name)) " → " strong { (value::held(atlas, lang, &after, field_of.name)) } }
                }
                @for told in after.capacity.iter().filter(|told| before.capacity_of(&told.measure) != Some(told)) {
                    dt { (lang.say("数字", "Figures")) }
                    dd { @if let Some(held) = before.capacity_of(&told.measure) { (words::capacity(atlas, lang, held)) " → " }
                         strong { (words::capacity(atlas, lang, told)) } }
                }
            },
            (None, _) => p { (lang.say("登记", "Registered")) },
            (_, None) => @match &change.becomes {
                Some(becomes) => p { (lang.say("并入另一条记录：", "Merged into another record: ")) span.number { (becomes) } },
                None => p { strong { (lang.say("撤下，原因：", "Withdrawn; the reason: ")) } (words::told(change.reason.as_deref().unwrap_or(""))) },
            },
        }
    }
}

/// Takes one change back.
pub async fn take_back(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &["version", "seq"]);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    let seq = parameters.number("seq", 1..=i64::MAX, "number of a change").unwrap_or_default();
    parameters.finish()?;
    let back = Address::new(format!("/f/{id}/history"));
    let who = match sealed_sender(&app, &request, &body).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let held = &named(&atlas, &id)?.facility;
    let (facility, ground) = (held.id, ground(&atlas, held));
    allow(&who, Deed::Tell, &ground)?;
    let change = app.registry.change_of(Entity::Facility, &facility.to_string(), seq).await?;
    let theirs = change.is_some_and(|change| may_take_back(&who, &ground, held, &change));
    if !theirs {
        allow(&who, Deed::Register, &ground)?;
    }
    let lang = Lang::of(&request);
    match app.registry.take_back(facility, version, seq, &who.actor()).await {
        Ok(written) => {
            app.show_write(written.seq).await;
            Ok(see(&back))
        }
        Err(RegistryError::Conflict(why)) => {
            let said = match lang {
                Lang::En => why,
                Lang::Zh => "这次修改的内容，后来又改过了。请先撤回后来的那一次，或者直接改资料。".to_owned(),
            };
            page(&app, &request, &id, (None, StatusCode::CONFLICT), Some(said)).await
        }
        Err(RegistryError::Stale(_)) => {
            let why = lang.say(
                "记录刚被别人改过，请看过新的内容再决定。",
                "Somebody changed the record just now; look at it and decide again.",
            );
            page(&app, &request, &id, (None, StatusCode::PRECONDITION_FAILED), Some(why.to_owned())).await
        }
        Err(error) => Err(error.into()),
    }
}
