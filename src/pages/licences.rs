//! Keeping the licences of a facility: a row each, and an empty one for the next.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::interrupted::{self, sender};
use super::keeping::{self, Kept, Typed, field};
use super::pieces::{self, Part, Pieces, Seen, choose};
use super::sign_in::{sealed, see, somebody};
use super::{dossier, objections};
use crate::care::{Deed, Facility, Licence, Who};
use crate::http::frame::Address;
use crate::http::named::named;
use crate::http::who::{allow, ground};
use crate::http::{App, Lang, Parameters, Problem};

/// The most rows that a form may send.
pub const ROWS: usize = 40;

/// The parts of a row, as its fields are named before their number.
const PARTS: [&str; 6] = ["type", "number", "issuer", "valid_from", "valid_until", "remove"];

fn names() -> Vec<String> {
    (0..ROWS).flat_map(|at| PARTS.map(|part| format!("{part}_{at}"))).collect()
}

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["saved", "asked"]);
    let (saved, asked) = (parameters.text("saved").is_some(), parameters.text("asked").is_some());
    parameters.finish()?;
    let who = match somebody(&app, &request, &Address::new(format!("/f/{id}/licences"))).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let notice = if saved {
        keeping::saved(Lang::of(&request), asked)
    } else {
        html! {}
    };
    let typed = Typed::default();
    Ok(page(&app, &request, &who, facility, StatusCode::OK, (facility.version, &typed, None), &notice))
}

/// One part of a licence as text.
fn part(licence: Option<&Licence>, name: &str) -> Option<String> {
    let licence = licence?;
    match name {
        "type" => Some(licence.r#type.to_string()),
        "number" => licence.number.as_deref().map(str::to_owned),
        "issuer" => licence.issuer.as_deref().map(str::to_owned),
        "valid_from" => licence.valid_from.map(|day| day.to_string()),
        "remove" => None,
        _ => licence.valid_until.map(|day| day.to_string()),
    }
}

fn page(
    app: &App,
    request: &HttpRequest,
    who: &Who,
    facility: &Facility,
    status: StatusCode,
    (seen, typed, note): (i64, &Typed, Option<&str>),
    notice: &Markup,
) -> HttpResponse {
    let (lang, atlas) = (Lang::of(request), app.atlas());
    let bureau = who.may(Deed::Register, &ground(&atlas, facility));
    let last_typed = (0..ROWS).rev().find(|at| typed.get(&format!("type_{at}")).is_some());
    let rows = last_typed.map_or(facility.licences.len(), |at| at + 1);
    let rows = (rows + 1).min(ROWS);
    let row = |at: usize| {
        let held = facility.licences.get(at).filter(|_| typed.is_empty());
        let value = |name: &str| typed.get(&format!("{name}_{at}")).map(str::to_owned).or_else(|| part(held, name));
        let line =
            |name: &str, label: &str, kind: &str| field(&format!("{name}_{at}"), label, kind, value(name).as_deref());
        let chosen = value("type").unwrap_or_default();
        html! {
            fieldset.panel {
                legend { @if chosen.is_empty() { (lang.say("再加一项", "One more")) } @else { (dossier::licence_type(&atlas, lang, &chosen)) } }
                @if let Some(held) = held { p { (dossier::validity(lang, held.validity(atlas.today()), held.valid_until)) } }
                div.field {
                    label for=(format!("type_{at}")) { (lang.say("哪一种证照？", "Which licence?")) }
                    select id=(format!("type_{at}")) name=(format!("type_{at}")) {
                        option value="" { (lang.say("（没有）", "(none)")) }
                        @for term in &atlas.vocabulary().licence_types {
                            option value=(term.code) selected[*term.code == *chosen] { (lang.say(&term.name_zh, &term.name_en)) }
                        }
                    }
                }
                (line("number", lang.say("编号", "Number"), "text"))
                (line("issuer", lang.say("发证机关", "Issuer"), "text"))
                (line("valid_from", lang.say("从哪天起有效", "Valid from"), "date"))
                (line("valid_until", lang.say("有效到哪天", "Valid until"), "date"))
                @if !chosen.is_empty() {
                    label.check { input type="checkbox" name=(format!("remove_{at}")) value="1" checked[value("remove").is_some()]; (lang.say("去掉这一项", "Take this one away")) }
                }
            }
        }
    };
    let body = html! {
        @if !bureau { p { (lang.say("证照的改动要等民政部门审核。", "The bureau decides on changes of licences.")) } }
        form method="post" action=(format!("/f/{}/licences", facility.id)) {
            (sealed(request))
            input type="hidden" name="version" value=(seen);
            @for at in 0..rows { (row(at)) }
            @if !bureau { (field("request_note", lang.say("说明理由（给审核的人看，可不填）", "Reason, for whoever reviews (optional)"), "text", note)) }
            button.full type="submit" { (lang.say("保存", "Save")) }
        }
    };
    keeping::page(app, request, facility, status, lang.say("证照", "Licences"), notice, &body)
}

/// The licences as they were typed; a row without a type, or taken away, is none.
fn wish(typed: &Typed) -> Value {
    let row = |at: usize| {
        let told = |name: &str| typed.json(&format!("{name}_{at}"));
        if told("type").is_null() || !told("remove").is_null() {
            return None;
        }
        let [r#type, number, issuer, valid_from, valid_until, _] = PARTS.map(told);
        Some(
            json!({"type": r#type, "number": number, "issuer": issuer, "valid_from": valid_from, "valid_until": valid_until}),
        )
    };
    (0..ROWS).filter_map(row).collect()
}

pub async fn save(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let known = [names(), pieces::names(), vec!["request_note".to_owned()]].concat();
    let mut parameters = Parameters::of_body(&body, &known.iter().map(String::as_str).collect::<Vec<_>>());
    let typed = Typed::read(&mut parameters, &names());
    let seen = Seen::read(&mut parameters);
    let note = parameters.text("request_note");
    parameters.finish()?;
    let (who, again) = match sender(&app, &request, &body).await? {
        Ok(sender) => sender,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    let note = note.as_deref();
    let shown =
        |status, notice: &Markup| page(&app, &request, &who, facility, status, (seen.version, &typed, note), notice);
    if again {
        return Ok(shown(StatusCode::FORBIDDEN, &interrupted::again(lang)));
    }
    let refused = |said: &str| Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &keeping::refused(lang, said)));
    if let Some(said) = objections::of_licences(&atlas, lang, &typed) {
        return refused(&said);
    }
    match keeping::keep(&app, &who, facility, &seen, &Each, wish(&typed), note).await? {
        Kept::Saved { asked } => {
            let done = Address::new(format!("/f/{}/licences", facility.id)).with("saved", 1);
            Ok(see(&if asked { done.with("asked", 1) } else { done }))
        }
        Kept::Refused(said) => refused(&said),
        Kept::Overtaken(current, contests) => {
            choose(&app, &request, &Each, &current, &seen, &contests, &typed, note).await
        }
    }
}

/// The licences one by one: the first, the second of its type.
struct Each;

impl Part for Each {
    const FIELD: &'static str = "licences";
    const WORD: &'static str = "licences";

    fn title(&self, lang: Lang) -> String {
        lang.say("证照", "Licences").to_owned()
    }

    fn apart(&self, whole: &Value) -> Pieces {
        let mut pieces = Pieces::new();
        for licence in whole.as_array().map(Vec::as_slice).unwrap_or_default() {
            let r#type = licence["type"].as_str().unwrap_or_default();
            let before = pieces.iter().filter(|(_, other)| other["type"] == licence["type"]).count();
            pieces.push((format!("{}-{before}", r#type), licence.clone()));
        }
        pieces
    }

    fn together(&self, _: &Facility, pieces: Pieces) -> Value {
        pieces.into_iter().map(|(_, licence)| licence).collect()
    }

    fn said(&self, app: &App, lang: Lang, key: &str, piece: &Value) -> (String, Markup) {
        let atlas = app.atlas();
        let code = key.rsplit_once('-').map_or(key, |(code, _)| code);
        let name = dossier::licence_type(&atlas, lang, code).to_owned();
        let said = match serde_json::from_value::<Licence>(piece.clone()) {
            Ok(licence) => dossier::licence(&atlas, lang, &licence),
            Err(_) => html! { (lang.say("没有这一项", "none")) },
        };
        (name, said)
    }
}
