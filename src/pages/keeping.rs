//! Keeping one part of a record by a form: saved at its speed, refused, or overtaken, and said the same way on every page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde_json::Value;
use uuid::Uuid;

use super::capacity::role;
use super::pieces::{Contest, Part, Seen, settle};
use crate::care::change::role_of;
use crate::care::fields::{self, Wishes};
use crate::care::{Entity, Facility, Text, Who};
use crate::http::frame::Frame;
use crate::http::parameters::plain_digits;
use crate::http::review::two_speeds;
use crate::http::{App, Lang, Parameters, Problem};
use crate::registry::RegistryError;

/// What was typed into a form, by the names of its fields.
#[derive(Debug, Clone, Default)]
pub struct Typed(Vec<(String, String)>);

impl Typed {
    pub fn read(parameters: &mut Parameters, names: &[String]) -> Typed {
        Typed(names.iter().filter_map(|name| Some((name.clone(), parameters.text(name)?))).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// With one field more.
    pub fn and(mut self, name: &str, text: String) -> Typed {
        self.0.push((name.to_owned(), text));
        self
    }

    pub fn hidden(&self) -> Markup {
        html! { @for (name, text) in &self.0 { input type="hidden" name=(name) value=(text); } }
    }

    /// A text as JSON; null where nothing was typed.
    pub fn json(&self, name: &str) -> Value {
        self.get(name).map_or(Value::Null, Value::from)
    }

    /// A number as JSON; what is no number goes on as it is: the rule of its field says what would be right.
    pub fn number(&self, name: &str) -> Value {
        let Some(text) = self.get(name).map(plain_digits) else { return Value::Null };
        match (text.parse::<u64>(), text.parse::<f64>()) {
            (Ok(whole), _) => Value::from(whole),
            (_, Ok(number)) if number.is_finite() => Value::from(number),
            _ => Value::from(text),
        }
    }
}

/// What became of a form.
pub enum Kept {
    /// `asked`: it waits for the bureau.
    Saved {
        asked: bool,
    },
    Refused(String),
    /// Somebody else has changed the same otherwise: the record as it now is, and what is to be chosen.
    Overtaken(Box<Facility>, Vec<Contest>),
}

/// Tells one field of a facility on the version that was seen; `wish` is the field as it was typed. What others have
/// changed meanwhile stays, and only what both have changed is asked.
pub async fn keep<P: Part>(
    app: &App,
    who: &Who,
    held: &Facility,
    seen: &Seen,
    part: &P,
    wish: Value,
    note: Option<&str>,
) -> Result<Kept, Problem> {
    let vocabulary = app.atlas().vocabulary().clone();
    let only = |wish: Value| Wishes::from_iter([(P::FIELD.to_owned(), wish)]);
    let mine = match fields::with(held, &only(wish), &vocabulary) {
        Ok(next) => part.apart(&fields::value(&next, P::FIELD)),
        Err(faults) => {
            return Ok(Kept::Refused(faults.into_iter().map(|fault| fault.detail).collect::<Vec<_>>().join("; ")));
        }
    };
    let mut current = held.clone();
    loop {
        // A form that is newer than what this process knows is refused below, with the record as it is.
        let pieces = if current.version <= seen.version {
            Ok(mine.clone())
        } else {
            let base = seen_at(app, current.id, seen.version).await?;
            let base = base.map(|base| part.apart(&fields::value(&base, P::FIELD)));
            let theirs = part.apart(&fields::value(&current, P::FIELD));
            settle(base.as_ref(), &theirs, &mine, seen, current.version)
        };
        let wishes = match pieces {
            Ok(pieces) => only(part.together(&current, pieces)),
            Err(contests) => return Ok(Kept::Overtaken(Box::new(current), contests)),
        };
        let (live, asked) = two_speeds(app, who, &current, wishes).await?;
        let (asks, reason) = (!asked.is_empty(), note.map(Text::from));
        match app.registry.amend(current.id, current.version, who, live, asked, reason, vocabulary.clone()).await {
            Ok(amended) => {
                app.show_write(amended.written.seq).await;
                return Ok(Kept::Saved { asked: asks });
            }
            Err(RegistryError::Stale(newer)) => current = *newer,
            Err(RegistryError::Rule { detail, .. }) => return Ok(Kept::Refused(detail)),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The facility as it stood at a version that somebody saw; the log knows.
pub async fn seen_at(app: &App, id: Uuid, version: i64) -> Result<Option<Facility>, Problem> {
    let state = app.registry.state_of(Entity::Facility, &id.to_string(), version).await?;
    Ok(state.and_then(|state| serde_json::from_value(state).ok()))
}

/// Who changed a facility last, by role, and when.
pub async fn last_change(app: &App, lang: Lang, id: Uuid) -> Result<Markup, Problem> {
    let history = app.registry.history_page(Entity::Facility, &id.to_string(), None, 1).await?;
    let zone = app.atlas().zone();
    Ok(html! { @if let Some(last) = history.first() {
        p { (role(lang, role_of(&last.actor))) " " span.number { (last.at.with_timezone(&zone).format("%Y-%m-%d %H:%M")) } " "
            (lang.say("改过这条记录。", "changed this record.")) }
    } })
}

/// The page of a form that keeps a part of a facility.
pub fn page(
    app: &App,
    request: &HttpRequest,
    facility: &Facility,
    status: StatusCode,
    title: &str,
    notice: &Markup,
    body: &Markup,
) -> HttpResponse {
    let lang = Lang::of(request);
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    frame.answer_private(
        status,
        html! {
            p.crumbs { a href="/my" { (lang.say("返回", "Back")) } }
            h1 { (title) }
            p.big lang="zh-CN" { a href=(format!("/f/{}", facility.id)) { (facility.name) } }
            (notice)
            (body)
        },
    )
}

pub fn saved(lang: Lang, asked: bool) -> Markup {
    html! {
        div.notice role="status" {
            h2 { @if asked { (lang.say("已提交", "Sent")) } @else { (lang.say("已保存", "Saved")) } }
            @if asked { p { (lang.say("等民政部门审核，结果在“我的”里看。", "It waits for the bureau; the outcome will stand under “Mine”.")) } }
        }
    }
}

pub fn refused(lang: Lang, said: &str) -> Markup {
    let english = said.is_ascii() && lang == Lang::Zh;
    html! {
        div.notice role="alert" { h2 { (lang.say("没有保存", "Not saved")) } p lang=[english.then_some("en")] { (said) } }
    }
}

/// A labelled line of a form.
pub fn field(id: &str, label: &str, kind: &str, value: Option<&str>) -> Markup {
    let digits = (kind == "number").then_some("numeric");
    let kind = if kind == "number" { "text" } else { kind };
    html! {
        div.field { label for=(id) { (label) }
            input id=(id) name=(id) type=(kind) inputmode=[digits] value=[value] autocomplete="off"; }
    }
}
