//! What is due: a manager's facilities, the most overdue first; a bureau's queue and stale figures.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::sign_in::{sealed, somebody};
use super::{dossier, value, words};
use crate::atlas::{Atlas, Entry};
use crate::care::{ChangeRequest, Deed, RequestState, Role, Verdict, Who, fields};
use crate::http::frame::{self, Address, Frame};
use crate::http::review::visible;
use crate::http::who::ground;
use crate::http::{App, Lang, Parameters, Problem};
use crate::registry::Asked;

/// How many are listed at most; the number of all is said.
const SHOWN: usize = 50;

pub async fn my(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    let who = match somebody(&app, &request, &Address::new("/my")).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let due = if who.role == Role::Manager {
        let mine = who.facilities.iter().filter_map(|id| atlas.facility(*id));
        to_tell(&atlas, &who, mine)
    } else {
        // Looks at every facility: not on a worker.
        let asks = who.clone();
        app.ponder_over(Arc::clone(&atlas), move |atlas| {
            let mut due = to_tell(atlas, &asks, atlas.facilities().filter(|entry| entry.facility.status.serving()));
            due.retain(|(at, _)| stale(atlas, *at));
            due
        })
        .await?
    };
    let asked = match who.account {
        Some(account) if who.role == Role::Manager => app.registry.requests(Asked::By(account)).await?,
        _ => app.registry.requests(Asked::Pending).await?,
    };
    let asked: Vec<_> = asked.into_iter().filter(|request| visible(&who, &atlas, request)).collect();
    let mut frame = Frame::new(&app, &request, "");
    let lang = frame.lang;
    let title = lang.say("我的", "Mine");
    frame = Frame::new(&app, &request, title);
    frame.demo = due.iter().take(SHOWN).any(|(_, entry)| entry.facility.demo);
    Ok(frame.answer_private(StatusCode::OK, html! {
        h1 { (if who.role == Role::Manager { lang.say("我的机构", "My facilities") } else { lang.say("待办", "What is due") }) }
        p.quiet { (lang.say("账号：", "Signed in as ")) (who.name) }
        (dossier::desk_links(lang))
        @if who.role == Role::Manager {
            @if due.is_empty() { p { (lang.say("这个账号名下没有要报数字的机构。请联系民政部门开通。",
                                               "No facility with figures to tell belongs to this account. Please ask the bureau.")) } }
        } @else {
            p { a.button href="/desk" { (lang.say("待审申请：", "Requests to review: ")) (asked.len()) } }
            @if who.role != Role::Planner { h2 { (lang.say("数字过期的机构", "Facilities with stale figures")) }
                p { (match lang { Lang::Zh => format!("共 {} 家，最久的在前。", due.len()), Lang::En => format!("{} in all, the oldest first.", due.len()) }) } }
        }
        ul.list { @for (at, entry) in due.iter().take(SHOWN) { (card(&app, &atlas, &request, lang, *at, entry)) } }
        @if who.role == Role::Manager { (outcomes(&app, &atlas, lang, &asked)) }
        (out(&request, lang))
    }))
}

/// Those of the facilities whose figures somebody may tell, with when the oldest figure was told. What was never told comes
/// first, then the oldest.
fn to_tell<'a>(
    atlas: &'a Atlas,
    who: &Who,
    of: impl Iterator<Item = &'a Arc<Entry>>,
) -> Vec<(Option<DateTime<Utc>>, Arc<Entry>)> {
    let mine = of.filter(|entry| who.may(Deed::Tell, &ground(atlas, &entry.facility)));
    let mut told: Vec<_> = mine.filter_map(|entry| Some((told_at(atlas, entry)?, entry.clone()))).collect();
    told.sort_by_key(|(at, entry)| (*at, entry.facility.id));
    told
}

/// When the oldest of a facility's figures was told; `None` inside where one was never; none at all where its kind has none.
pub fn told_at(atlas: &Atlas, entry: &Arc<Entry>) -> Option<Option<DateTime<Utc>>> {
    let kind = atlas.vocabulary().kind(&entry.facility.kind)?;
    let first = kind.measures.first()?;
    let capacity = &entry.facility.capacity;
    // Of undated figures nobody has told anything.
    let held = capacity.iter().map(|held| held.as_of).min().filter(|_| capacity.iter().all(|held| !held.undated));
    Some(entry.facility.capacity_of(first).and(held))
}

pub fn stale(atlas: &Atlas, at: Option<DateTime<Utc>>) -> bool {
    let day = at.map(|at| at.with_timezone(&atlas.zone()).date_naive());
    day.is_none_or(|day| (atlas.today() - day).num_days() > crate::care::capacity::STALE_AFTER_DAYS)
}

/// One facility: what stands, and the one tap that says "still so".
fn card(
    app: &App,
    atlas: &Atlas,
    request: &HttpRequest,
    lang: Lang,
    at: Option<DateTime<Utc>>,
    entry: &Entry,
) -> Markup {
    let facility = &entry.facility;
    let first = atlas.vocabulary().first_measure(&facility.kind).unwrap_or_default();
    let held = facility.capacity_of(first);
    html! {
        li.item {
            h2 lang="zh-CN" { a href=(format!("/f/{}", facility.id)) { (facility.name) } }
            @match held { Some(held) => p.big { (words::capacity(atlas, lang, held)) }, None => p { (lang.say("还没有报过数字", "No figure was told yet")) } }
            p.quiet { (lang.say("上次确认：", "Last confirmed: "))
                (at.map_or_else(|| lang.say("从未", "never").to_owned(), |at| frame::day_and_age(lang, at, app)))
                @if stale(atlas, at) { " " strong { (lang.say("已过期，请更新", "stale, please update")) } } }
            div.buttons {
                @if let Some(free) = held.and_then(|held| held.free()) {
                    form method="post" action=(format!("/f/{}/capacity", facility.id)) {
                        (sealed(request))
                        input type="hidden" name="version" value=(facility.version);
                        input type="hidden" name="measure" value=(first);
                        input type="hidden" name="free" value=(free);
                        button.full type="submit" { (lang.say("没有变化，还是 ", "No change, still ")) (free) }
                    }
                }
                a.button.second href=(format!("/f/{}/capacity", facility.id)) { (lang.say("更新", "Update")) }
            }
            ul.links {
                li { a href=(format!("/f/{}/edit", facility.id)) { (lang.say("改资料", "Edit")) } }
                (dossier::links(atlas, lang, facility))
                li { a href=(format!("/f/{}/history", facility.id)) { (lang.say("修改记录", "History")) } }
            }
        }
    }
}

/// What became of one's own requests.
fn outcomes(app: &App, atlas: &Atlas, lang: Lang, asked: &[ChangeRequest]) -> Markup {
    html! {
        @if !asked.is_empty() {
            h2 { (lang.say("我的变更申请", "My change requests")) }
            ul.list { @for request in asked { li.item {
                h3 lang="zh-CN" { (atlas.facility(request.facility).map_or("", |entry| &entry.facility.name)) }
                p.quiet { (frame::day_and_age(lang, request.at, app)) "，" (state(lang, request.state)) }
                dl.facts { @for (name, wish) in &request.wished {
                    dt { (field(lang, name)) }
                    dd { (value::told(atlas, lang, name, wish)) " " strong { (request.decision.as_ref().and_then(|decision| decision.get(name)).map_or_else(String::new, |verdict| verdict_said(lang, verdict))) } }
                } }
            } } }
        }
    }
}

pub fn state(lang: Lang, state: RequestState) -> &'static str {
    match state {
        RequestState::Pending => lang.say("等待审核", "waiting for review"),
        RequestState::Decided => lang.say("已审核", "decided"),
        RequestState::Withdrawn => lang.say("已撤回", "withdrawn"),
    }
}

pub fn verdict_said(lang: Lang, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accept => lang.say("（已同意）", "(accepted)").to_owned(),
        Verdict::Newer => lang.say("（保留了更新的内容）", "(the newer value stays)").to_owned(),
        Verdict::Reject { reason } => {
            format!("{}{reason}{}", lang.say("（未同意：", "(rejected: "), lang.say("）", ")"))
        }
    }
}

/// The name of a field for people.
pub fn field(lang: Lang, name: &str) -> &'static str {
    fields::field_of(name).map_or("", |field| lang.say(field.zh, field.en))
}

fn out(request: &HttpRequest, lang: Lang) -> Markup {
    html! {
        form method="post" action="/sign-out" {
            (sealed(request))
            div.buttons {
                button.second type="submit" { (lang.say("退出", "Sign out")) }
                button.second type="submit" name="everywhere" value="1" { (lang.say("在所有设备上退出", "Sign out everywhere")) }
            }
        }
    }
}
