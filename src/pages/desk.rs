//! The bureau's desk: what waits, in one place: requests, corrections, stale figures, facilities without a point.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::correction;
use super::dossier;
use super::my::{field, stale, told_at};
use super::register;
use super::sign_in::somebody;
use super::words;
use crate::atlas::{Atlas, Entry};
use crate::care::{ChangeRequest, Deed, Who};
use crate::http::frame::{self, Address, Frame};
use crate::http::review::visible;
use crate::http::who::{ground, own_ground};
use crate::http::{App, Lang, Parameters, Problem};
use crate::registry::Asked;

/// How many of a sort are listed at most; the number of all is said.
const SHOWN: usize = 10;

/// The facilities of somebody's ground that serve and need to be seen to.
#[derive(Default)]
struct ToDo {
    /// Figures are stale or were never told.
    due: Vec<Arc<Entry>>,
    /// How many of these never told any.
    never: usize,
    /// Without a point.
    nowhere: Vec<Arc<Entry>>,
}

fn to_do(atlas: &Atlas, who: &Who) -> ToDo {
    let (mut due, mut nowhere) = (Vec::new(), Vec::new());
    for entry in atlas.facilities().filter(|entry| entry.facility.status.serving()) {
        let told = told_at(atlas, entry).filter(|at| stale(atlas, *at));
        let lost = entry.facility.located().is_none();
        if (told.is_some() || lost) && who.may(Deed::Register, &ground(atlas, &entry.facility)) {
            due.extend(told.map(|at| (at, entry.clone())));
            nowhere.extend(lost.then(|| entry.clone()));
        }
    }
    // Never told comes first, then the oldest.
    due.sort_by_key(|(at, entry)| (*at, entry.facility.id));
    let never = due.iter().filter(|(at, _)| at.is_none()).count();
    ToDo { due: due.into_iter().map(|(_, entry)| entry).collect(), never, nowhere }
}

pub async fn desk(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    let who = match somebody(&app, &request, &Address::new("/desk")).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let mut waiting = app.registry.requests(Asked::Pending).await?;
    waiting.retain(|request| visible(&who, &atlas, request));
    let mut corrections = Vec::new();
    for one in app.registry.corrections().await? {
        let ground = correction::ground_of(&app, &one);
        if who.may(Deed::Look, &ground) {
            let mine = who.may(Deed::Register, &ground);
            corrections.push((one, mine));
        }
    }
    let registers = who.may(Deed::Register, &own_ground(&atlas, &who));
    let ToDo { due, never, nowhere } = if registers {
        // Looks at every facility: not on a worker.
        let asks = who.clone();
        app.ponder_over(atlas.clone(), move |atlas| to_do(atlas, &asks)).await?
    } else {
        Default::default()
    };
    let lang = Lang::of(&request);
    let title = lang.say("工作台", "The desk");
    let mut frame = Frame::new(&app, &request, title);
    let about = waiting.iter().map(|request| request.facility).chain(corrections.iter().map(|(one, _)| one.facility));
    frame.demo = about
        .filter_map(|id| atlas.facility(id))
        .chain(due.iter().take(SHOWN))
        .chain(nowhere.iter().take(SHOWN))
        .any(|entry| entry.facility.demo);
    let count = |id: &str, said: &str, number: usize| {
        html! {
        div.figure { dt { a href=(format!("#{id}")) { (said) } } dd { (words::count(number)) } } }
    };
    Ok(frame.answer_private(StatusCode::OK, html! {
        p.crumbs { a href="/my" { (lang.say("返回", "Back")) } }
        h1 { (title) }
        (dossier::desk_links(lang))
        @if registers { div.buttons { (register::link(lang)) a.button.second href="/desk/regions" { (lang.say("哪些区域计入统计", "Which regions count")) } } }
        dl.figures {
            (count("requests", lang.say("待审申请", "Requests to review"), waiting.len()))
            (count("corrections", lang.say("群众纠错", "Corrections from visitors"), corrections.len()))
            @if registers {
                (count("stale", lang.say("数字过期", "Stale figures"), due.len() - never))
                (count("stale", lang.say("从未报过数字", "Never told figures"), never))
                (count("nowhere", lang.say("没有位置", "Without a point"), nowhere.len()))
            }
        }
        section.block id="requests" tabindex="-1" {
            h2 { (lang.say("待审申请", "Requests to review")) }
            p.status role="status" { (match lang { Lang::Zh => format!("共 {} 件，最早的在前", waiting.len()), Lang::En => format!("{} waiting, the oldest first", waiting.len()) }) }
            ul.row-links { @for request in &waiting { li { (row(&app, lang, request)) } } }
        }
        section.block id="corrections" tabindex="-1" {
            h2 { (lang.say("群众纠错", "Corrections from visitors")) }
            @if corrections.is_empty() { p { (lang.say("没有待处理的。", "None waits.")) } }
            (correction::listed(&app, &request, lang, &corrections))
        }
        @if registers {
            section.block id="stale" tabindex="-1" {
                h2 { (lang.say("数字过期和从未报过的机构", "Facilities with stale figures, or none")) }
                (entries(lang, &due, "capacity"))
                @if due.len() > SHOWN { p { a href="/my" { (lang.say("看更多，并更新", "More of them, to update")) } } }
            }
            section.block id="nowhere" tabindex="-1" {
                h2 { (lang.say("没有位置的机构", "Facilities without a point")) }
                p.hint { (lang.say("没有位置的不在地图上，也不算覆盖。", "Without a point they are not mapped and not counted as coverage.")) }
                (entries(lang, &nowhere, "edit"))
            }
        }
    }))
}

/// A request in the list: whose facility, which fields, how old.
fn row(app: &App, lang: Lang, request: &ChangeRequest) -> Markup {
    let atlas = app.atlas();
    html! { a.row href=(format!("/desk/requests/{}", request.id)) {
        @match atlas.facility(request.facility) { Some(entry) => (words::told(&entry.facility.name)), None => span { (lang.say("已撤下的机构", "a withdrawn facility")) } }
        span { @for (at, name) in request.wished.keys().enumerate() { @if at > 0 { (lang.say("、", ", ")) } (field(lang, name)) } }
        span.quiet { (frame::day_and_age(lang, request.at, app)) }
    } }
}

/// Facilities with the page where the matter is put right.
fn entries(lang: Lang, all: &[Arc<Entry>], page: &str) -> Markup {
    html! {
        @if all.is_empty() { p { (lang.say("没有。", "None.")) } }
        @else if all.len() > SHOWN { p { (match lang { Lang::Zh => format!("共 {} 家，先列 {SHOWN} 家。", all.len()), Lang::En => format!("{} in all; the first {SHOWN}:", all.len()) }) } }
        ul.row-links { @for entry in all.iter().take(SHOWN) { li { a.row href=(format!("/f/{}/{page}", entry.facility.id)) { (words::told(&entry.facility.name)) } } } }
    }
}
