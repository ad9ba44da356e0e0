//! Keeping one part of a record by a form: saved at its speed, refused, or overtaken, and said the same way on every page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde_json::Value;

use super::capacity::role;
use crate::care::change::role_of;
use crate::care::fields::{self, Wishes};
use crate::care::{Entity, Facility, Text, Who};
use crate::http::frame::{Address, Frame};
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

    /// The form with all of it, for whoever must sign in first.
    pub fn at(&self, path: String) -> Address {
        self.0.iter().fold(Address::new(path), |address, (name, text)| address.with(name, text))
    }

    /// A text as JSON; null where nothing was typed.
    pub fn json(&self, name: &str) -> Value {
        self.get(name).map_or(Value::Null, Value::from)
    }

    /// A number as JSON; what is no number goes on as it is: the rule of its field says what would be right.
    pub fn number(&self, name: &str) -> Value {
        let Some(text) = self.get(name) else { return Value::Null };
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
    /// Somebody was quicker: the record as it now is.
    Overtaken(Box<Facility>),
}

/// Tells one field of a facility on the version that was seen.
pub async fn keep(
    app: &App,
    who: &Who,
    held: &Facility,
    version: i64,
    (name, wish): (&str, Value),
    note: Option<&str>,
) -> Result<Kept, Problem> {
    let wishes = Wishes::from_iter([(name.to_owned(), wish)]);
    let vocabulary = app.atlas().vocabulary().clone();
    if let Err(faults) = fields::with(held, &wishes, &vocabulary) {
        return Ok(Kept::Refused(faults.into_iter().map(|fault| fault.detail).collect::<Vec<_>>().join("; ")));
    }
    let (live, asked) = two_speeds(app, who, held, wishes).await?;
    let waits = !asked.is_empty();
    match app.registry.amend(held.id, version, who, live, asked, note.map(Text::from), vocabulary).await {
        Ok(amended) => {
            app.show_write(amended.written.seq).await;
            Ok(Kept::Saved { asked: waits })
        }
        Err(RegistryError::Stale(current)) => Ok(Kept::Overtaken(current)),
        Err(RegistryError::Rule { detail, .. }) => Ok(Kept::Refused(detail)),
        Err(error) => Err(error.into()),
    }
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

/// Somebody else was quicker: who and when, what stands now, and that what was typed is below.
pub async fn overtaken(app: &App, lang: Lang, current: &Facility, theirs: Markup) -> Result<Markup, Problem> {
    let history = app.registry.history(Entity::Facility, &current.id.to_string()).await?;
    let zone = app.atlas().zone();
    Ok(html! {
        div.notice role="alert" {
            h2 { (lang.say("别人刚改过，请对照一下", "Somebody else was quicker: please compare")) }
            @if let Some(last) = history.first() {
                p { (role(lang, role_of(&last.actor))) " " span.number { (last.at.with_timezone(&zone).format("%Y-%m-%d %H:%M")) } " "
                    (lang.say("改过这条记录。", "changed this record.")) }
            }
            h3 { (lang.say("现在的内容（对方的）", "What stands now (theirs)")) }
            (theirs)
            p { (lang.say("您填的还在下面：再按一次保存，就以您填的为准；不保存，就保留现在的内容。",
                          "What you typed is below: save again and yours stands; leave, and theirs does.")) }
        }
    })
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
