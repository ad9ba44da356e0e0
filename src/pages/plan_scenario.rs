//! What if: facilities added, moved, closed and enlarged in thought. The whole scenario stands in the address.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::interrupted::sealed_sender;
use super::plan_scenario_answer::{self as answer, Shown};
use super::sign_in::{sealed, see};
use super::{plan, plan_form, plan_scenario_map, plan_tabs};
use crate::care::scenario::{Changes, Objection};
use crate::care::{Deed, Scenario};
use crate::http::frame::{Address, Frame};
use crate::http::question::{QUESTION, question};
use crate::http::scenario::{self, Outcome, asked, outcome, query_of, question_of};
use crate::http::who::{allow, ground_of_region};
use crate::http::{App, Lang, Parameters, Problem};

/// The parameters of the changes, each value a list with commas: `add=kind,lon,lat,total,free,rating`, `close=id`,
/// `move=id,lon,lat`, `enlarge=id,measure,total`.
pub const CHANGES: [&str; 4] = ["add", "close", "move", "enlarge"];

/// The files that the page gives as well.
const FORMATS: [&str; 2] = ["csv", "json"];

/// The fields of the forms that add one more change, and the members that they fill.
const NEW: [(&str, &[&str]); 4] = [
    ("add", &["add_kind", "add_lon", "add_lat", "add_total", "add_free", "add_rating"]),
    ("close", &["close_id"]),
    ("move", &["move_id", "move_lon", "move_lat"]),
    ("enlarge", &["enlarge_id", "enlarge_measure", "enlarge_total"]),
];

pub async fn scenario(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    if let Some(one_more) = one_more(&request) {
        return Ok(see(&one_more));
    }
    let here = Address::of(&request);
    let told = plan::told(&here, &atlas);
    if told != here {
        return Ok(plan::redirected(&request, told));
    }
    let mut parameters = Parameters::of_form(&request, &[QUESTION.as_slice(), &CHANGES, &["format"]].concat());
    let format = parameters.word("format", |text| FORMATS.into_iter().find(|format| *format == text), &FORMATS);
    let asked = question(&mut parameters, &atlas, &app.standards);
    let members = members(&parameters);
    parameters.finish()?;
    let lang = Lang::of(&request);
    let read = scenario::read(&atlas, &members);
    if let Some(format) = format {
        return file(format, &outcome(&app, asked, read?).await?);
    }
    let (shown, wrong) = match read {
        Ok(changes) => (Some((outcome(&app, asked.clone(), changes.clone()).await?, changes)), Vec::new()),
        Err(problem) => {
            let told = problem.faults.into_iter().map(|fault| (fault.pointer.unwrap_or_default(), fault.detail));
            (None, told.collect::<Vec<Objection>>())
        }
    };
    let question = asked.question.clone();
    let changes = shown.as_ref().map(|(_, changes)| changes.clone()).unwrap_or_default();
    let near =
        app.ponder_kept(question.clone(), move |atlas, standing| answer::gaps(atlas, standing, &changes)).await?;
    let about = plan::about(&atlas, &question);
    let title = lang.say("如果……会怎样", "What if");
    let mut frame = Frame::new(&app, &request, title);
    frame.wide = true;
    frame.demo = about.demo;
    frame.script = Some("map.js");
    frame.json = shown.as_ref().map(|_| here.clone().with("format", "json"));
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let signed_in = request.cookie(crate::http::who::SESSION).is_some();
    let page = html! {
        (plan_tabs::tabs(lang, "/plan/scenario"))
        h1 { (title) }
        p { (lang.say("在这里假设新增、搬迁、关闭或扩建机构，看覆盖率怎么变。登记册不会改变；要真的登记，由民政部门去办。",
                      "Add, move, close or enlarge facilities in thought and see what changes. The record does not change; a bureau registers what becomes real.")) }
        details open[!here.has(&CHANGES)] {
            summary { (lang.say("问题：哪里、哪一类、多远", "The question: where, which kind, how far")) }
            form action="/plan/scenario" {
                (here.clone().only(&CHANGES).hidden())
                div.grid { (plan_form::fields(&app, &atlas, lang, &asked)) }
                button type="submit" { (lang.say("计算", "Calculate")) }
            }
        }
        (plan_scenario_map::section(&atlas, lang, &here, &asked))
        (answer::changes(&atlas, lang, &here, &members, &wrong))
        (answer::forms(&atlas, lang, &here, &asked))
        @if let Some((outcome, _)) = &shown {
            (answer::result(&atlas, lang, &Shown { outcome, asked: &asked, about: &about }))
            p { a.button.second href=(here.clone().with("format", "csv")) { (lang.say("下载各地区（CSV）", "Download all regions (CSV)")) } }
            @if outcome.answer.scenario.add + outcome.answer.scenario.close + outcome.answer.scenario.r#move + outcome.answer.scenario.enlarge > 0 {
                (keep(&request, lang, &here, signed_in))
            }
        }
        (answer::choices(&atlas, lang, &here, &asked, &near))
    };
    let mut response = frame.answer(page);
    *response.status_mut() = status;
    Ok(response)
}

/// The answer as a file: all of it as JSON, the regions as CSV.
fn file(format: &str, outcome: &Outcome) -> Result<HttpResponse, Problem> {
    let (content_type, body) = match format {
        "csv" => ("text/csv; charset=utf-8", outcome.csv()?),
        _ => ("application/json", outcome.json()?),
    };
    Ok(HttpResponse::Ok().content_type(content_type).insert_header((header::CACHE_CONTROL, "no-cache")).body(body))
}

/// The address with what a form sent as one more change; `None` where no form did.
fn one_more(request: &HttpRequest) -> Option<Address> {
    let here = Address::of(request);
    let (name, fields) = NEW.iter().find(|(_, fields)| here.has(&fields[..1]))?;
    let values: Vec<String> =
        fields.iter().map(|field| here.first(field).unwrap_or_default().replace(',', " ")).collect();
    let value = values.join(",");
    let all: Vec<&str> = NEW.iter().flat_map(|(_, fields)| fields.iter().copied()).collect();
    Some(here.without(&all).and(name, value.trim_end_matches(',')))
}

/// The changes of the address as the JSON of a scenario. What is no number stays a word, and is refused as one.
pub fn members(parameters: &Parameters) -> Map<String, Value> {
    let number = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_number).unwrap_or(json!(text));
    let item = |name: &str, text: String| {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let keys: &[&str] = match name {
            "add" => &["kind", "lon", "lat", "total", "free", "rating"],
            "move" => &["id", "lon", "lat"],
            "enlarge" => &["id", "measure", "total"],
            _ => return json!(text),
        };
        let word = |key: &str| matches!(key, "kind" | "id" | "measure");
        let told = keys.iter().zip(parts).filter(|(_, part)| !part.is_empty());
        let told = told.map(|(key, part)| ((*key).to_owned(), if word(key) { json!(part) } else { number(part) }));
        Value::Object(told.collect())
    };
    let lists = CHANGES.iter().map(|name| {
        let items = parameters.each(name).into_iter().map(|text| item(name, text)).collect();
        ((*name).to_owned(), Value::Array(items))
    });
    lists.filter(|(_, list)| list.as_array().is_some_and(|list| !list.is_empty())).collect()
}

/// A saved scenario as the parameters of this page.
pub fn address(scenario: &Scenario) -> Address {
    let Changes { add, close, moved, enlarge } = &scenario.changes;
    let mut address = Address::read(&format!("/plan/scenario?{}", query_of(&scenario.question)));
    let told = |value: Option<String>| value.unwrap_or_default();
    for site in add {
        let (total, free) = (told(site.total.map(|n| n.to_string())), told(site.free.map(|n| n.to_string())));
        let rating = told(site.rating.map(|n| n.to_string()));
        let value = format!("{},{},{},{total},{free},{rating}", site.kind, site.lon, site.lat);
        address = address.and("add", value.trim_end_matches(','));
    }
    address = close.iter().fold(address, |address, id| address.and("close", id));
    address = moved.iter().fold(address, |address, to| address.and("move", format!("{},{},{}", to.id, to.lon, to.lat)));
    let larger = enlarge.iter().map(|larger| format!("{},{},{}", larger.id, larger.measure, larger.total));
    larger.fold(address, |address, value| address.and("enlarge", value))
}

/// The link to share, and the form that saves.
fn keep(request: &HttpRequest, lang: Lang, here: &Address, signed_in: bool) -> Markup {
    html! {
        h2 id="keep" { (lang.say("分享和保存", "Share and save")) }
        p { (lang.say("方案全部在网址里：把这个网址发给别人，看到的是同一个方案。", "The scenario stands in the address: whoever gets the link sees the same.")) }
        p.copy { (here) }
        @if signed_in {
            form.panel method="post" action="/plan/scenario" {
                (sealed(request))
                input type="hidden" name="query" value=(here.query());
                div.field { label for="name" { (lang.say("方案名称", "Name of the scenario")) } input id="name" name="name" type="text" maxlength="200" required; }
                div.field { label for="note" { (lang.say("说明（可不填）", "Note (optional)")) } textarea id="note" name="note" rows="3" maxlength="5000" {} }
                button type="submit" { (lang.say("保存方案", "Save the scenario")) }
            }
        } @else {
            p { a.button.second href=(Address::new("/sign-in").with("back", here)) { (lang.say("登录后可以起名保存", "Sign in to save it under a name")) } }
        }
    }
}

/// Saves the scenario of a page under a name.
pub async fn save(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &["name", "note", "query"]);
    let (name, note) = (parameters.text("name"), parameters.text("note"));
    let query = parameters.text("query").unwrap_or_default();
    parameters.finish()?;
    let who = match sealed_sender(&app, &request, &body).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let question = question_of(&query);
    let region = question.get("region").and_then(Value::as_str).map(Into::into);
    allow(&who, Deed::Save, &ground_of_region(&atlas, region.as_deref()))?;
    asked(&app, &atlas, &query_of(&question))?;
    let changes = Parameters::of_text(&query, &[QUESTION.as_slice(), &CHANGES].concat());
    let changes = scenario::read(&atlas, &members(&changes))?;
    let new = Scenario {
        id: scenario::new_id(),
        version: 1,
        name: name
            .unwrap_or_else(|| Lang::of(&request).say("未命名的方案", "Scenario without a name").to_owned())
            .into(),
        account: who.account,
        actor: who.actor(),
        region,
        question,
        changes,
        note: note.map(Into::into),
        made_at: atlas.read_at(),
        updated_at: atlas.read_at(),
    };
    drop(atlas);
    let (saved, seq) = app.registry.save_scenario(new).await?;
    app.show_write(seq).await;
    Ok(see(&Address::new(format!("/plan/scenarios/{}", saved.id))))
}
