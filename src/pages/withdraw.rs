//! A facility that was registered by mistake, withdrawn by the bureau; and the page of one that was.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use maud::html;

use super::card::Cards;
use super::interrupted::sealed_sender;
use super::sign_in::{sealed, see, somebody};
use super::words;
use crate::atlas::{Atlas, Filter, Hit};
use crate::care::{Deed, Entity, Facility};
use crate::http::frame::{Address, Frame};
use crate::http::named::named;
use crate::http::who::{SESSION, allow, ground};
use crate::http::{App, Code, Lang, Parameters, Problem};
use crate::registry::RegistryError;

/// How many others nearby are offered in its place.
const OTHERS: usize = 3;
/// Characters of a reason at most.
const LONGEST_REASON: usize = 500;

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    let back = Address::new(format!("/f/{id}/withdraw"));
    let who = match somebody(&app, &request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Register, &ground(&atlas, facility))?;
    Ok(page(&app, &request, facility, StatusCode::OK, "", None))
}

fn page(
    app: &App,
    request: &HttpRequest,
    facility: &Facility,
    status: StatusCode,
    reason: &str,
    error: Option<&str>,
) -> HttpResponse {
    let lang = Lang::of(request);
    let title = lang.say("撤下这条记录", "Withdraw this record");
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    frame.answer_private(status, html! {
        p.crumbs { a href=(format!("/f/{}", facility.id)) { (words::told(&facility.name)) } }
        h1 { (title) }
        @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有撤下", "Not withdrawn")) } p { a href="#reason" { (error) } } } }
        p { (lang.say("只用在登记错了的时候：这家机构从来没有过，或者不该在这里。撤下后，它的网址会说已撤下；修改记录会保留。",
            "Only for what was registered by mistake: it never was, or does not belong here. Its address will say that it was withdrawn; its history is kept.")) }
        p { (lang.say("机构关门了，请到", "If it has closed, set its status to closed under ")) a href=(format!("/f/{}/edit", facility.id)) { (lang.say("改资料", "Edit")) } (lang.say("把状态改为“已关闭”。", ". "))
            (lang.say("登记重复了，请用", "If it is a duplicate, ")) a href=(format!("/f/{}/merge", facility.id)) { (lang.say("合并", "merge it")) } (lang.say("。", ".")) }
        form method="post" action=(format!("/f/{}/withdraw", facility.id)) {
            (sealed(request))
            input type="hidden" name="version" value=(facility.version);
            div.field { label for="reason" { (lang.say("为什么撤下？（会记入修改记录）", "Why? (kept in the history)")) }
                input id="reason" name="reason" type="text" value=(reason) autocomplete="off" aria-invalid=[error.map(|_| "true")]; }
            button.full type="submit" { (lang.say("撤下", "Withdraw")) }
        }
        p { a href=(format!("/f/{}", facility.id)) { (lang.say("不撤下，返回", "Do not withdraw; go back")) } }
    })
}

pub async fn take(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &["version", "reason"]);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    let reason = parameters.text("reason").unwrap_or_default();
    parameters.finish()?;
    let who = match sealed_sender(&app, &request, &body).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Register, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    let refused = |facility: &Facility, status, said| Ok(page(&app, &request, facility, status, &reason, Some(said)));
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let said = lang.say("请写明原因（500 字以内）。", "Say why, in at most 500 characters.");
        return refused(facility, StatusCode::UNPROCESSABLE_ENTITY, said);
    }
    match app.registry.withdraw_facility(facility.id, version, &reason, &who.actor()).await {
        Ok(seq) => {
            app.show_write(seq).await;
            Ok(see(&Address::new(format!("/f/{}", facility.id))))
        }
        Err(RegistryError::Stale(current)) => {
            let said = lang.say(
                "有人刚改过这条记录，请看过再决定。",
                "Somebody has just changed this record; look at it and decide again.",
            );
            refused(&current, Code::Stale.status(), said)
        }
        Err(error) => Err(error.into()),
    }
}

/// A record ends with its last change; what became of others is among the few before.
const LAST: i64 = 20;

/// The facility as the log last knew it, with the reason for which it went.
pub async fn last_known(app: &App, id: &str) -> Result<Option<(Facility, Option<String>)>, Problem> {
    let history = app.registry.history_page(Entity::Facility, id, None, LAST).await?;
    let last = history.into_iter().find(|change| change.after.is_none());
    let read = last.and_then(|change| {
        let facility = serde_json::from_value(change.before?).ok()?;
        Some((facility, change.reason.map(|reason| reason.to_string())))
    });
    Ok(read)
}

/// What nearby can stand in for one that is gone.
fn others(atlas: &Atlas, gone: &Facility) -> Vec<Hit> {
    let Some(place) = gone.located() else { return Vec::new() };
    let filter = Filter { kinds: vec![gone.kind.clone()], ..Filter::default() };
    atlas.nearest(place.lon, place.lat, &filter, OTHERS, None)
}

/// The page of a facility that was withdrawn: that it was, what is near, and where to search. `gone` is what the API says.
pub async fn withdrawn(app: &App, request: &HttpRequest, id: &str, gone: Problem) -> Result<HttpResponse, Problem> {
    // Without the log there is nothing more to say than that it is gone.
    let Ok(Some((facility, _))) = last_known(app, id).await else { return Err(gone) };
    let (lang, atlas) = (Lang::of(request), app.atlas());
    let others = others(&atlas, &facility);
    let title = lang.say("已撤下", "Withdrawn");
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo || others.iter().any(|hit| hit.entry.facility.demo);
    frame.json = Some(Address::new(format!("/api/v1/facilities/{id}")));
    let cards = Cards { app, atlas: &atlas, lang, now: Utc::now(), compare: false };
    let mut response = frame.answer(html! {
        h1 { (words::told(&facility.name)) }
        div.notice { h2 { (title) }
            p { (lang.say("这条记录登记有误，已经撤下。", "This record was made by mistake and has been withdrawn.")) } }
        @if request.cookie(SESSION).is_some() {
            ul.links { li { a href=(format!("/f/{id}/history")) { (lang.say("修改记录", "History")) } } } }
        @if !others.is_empty() { section.block {
            h2 { (lang.say("附近的同类机构", "Others of its kind nearby")) }
            ol.list { @for hit in &others { (cards.card(&hit.entry, Some(hit.distance_m))) } }
        } }
        form action="/search" role="search" {
            div.field { label for="q" { (lang.say("地址、地点或机构名称", "Address, place or facility")) }
                        input id="q" name="q" type="text" autocomplete="street-address"; }
            button.full type="submit" { (lang.say("查找", "Search")) }
        }
    });
    *response.status_mut() = Code::Gone.status();
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    Ok(response)
}
