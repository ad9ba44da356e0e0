//! Saved scenarios in the API: listed, saved, read, answered, compared, and what they would add as drafts of targets.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::JSON;
use super::capacity::if_match;
use super::coverage::{CSV, csv_wanted};
use super::register::idempotency_key;
use crate::atlas::Atlas;
use crate::care::clean::clean_lines;
use crate::care::scenario as care;
use crate::care::{Deed, Scenario, Text, limits};
use crate::http::links::{self, Links};
use crate::http::representation::facility_tag as tag;
use crate::http::scenario::{self, allow_change, asked, document, find, outcome, refused, visible};
use crate::http::who::{allow, ground_of_region};
use crate::http::{App, Code, Parameters, Problem, filter};
use crate::registry::Rewritten;

/// The members of a scenario that is saved.
const MEMBERS: [&str; 5] = ["name", "region", "question", "changes", "note"];
/// How many are compared at most.
const COMPARED: usize = 6;

pub async fn list(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["limit", "cursor"]);
    let part = links::part(&mut parameters);
    parameters.finish()?;
    let who = app.who(&request).await?;
    let mut scenarios = app.registry.scenarios().await?;
    let atlas = app.atlas();
    scenarios.retain(|scenario| visible(&atlas, &who, scenario));
    let (matched, next) = links::cut(&mut scenarios, part);
    let links = Links::of(&request).told(JSON, next);
    let shown: Vec<Value> = scenarios.iter().map(document).collect();
    let body = json!({"numberMatched": matched, "links": links, "scenarios": shown});
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}

pub async fn save(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let key = idempotency_key(&request)?;
    let members = scenario::object(&request, &body)?;
    let atlas = app.atlas();
    let region = members.get("region").and_then(Value::as_str);
    allow(&who, Deed::Save, &ground_of_region(&atlas, region))?;
    let empty = Scenario {
        id: key.map_or_else(scenario::new_id, |key| scenario::id_under(&who.actor(), &key)),
        version: 1,
        name: "".into(),
        account: who.account,
        actor: who.actor(),
        region: None,
        question: Map::new(),
        changes: care::Changes::default(),
        note: None,
        made_at: atlas.read_at(),
        updated_at: atlas.read_at(),
    };
    let new = patched(&app, &atlas, empty, members)?;
    drop(atlas);
    let (saved, seq) = app.registry.save_scenario(new.clone()).await?;
    let says = |one: &Scenario| json!([one.name, one.region, one.question, one.changes, one.note]);
    if saved.version == 1 && says(&saved) != says(&new) {
        return Err(Problem::new(Code::Conflict, "This Idempotency-Key has saved another scenario already."));
    }
    app.show_write(seq).await;
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1/scenarios/{}", saved.id)))
        .insert_header((header::ETAG, tag(saved.version)))
        .content_type(JSON)
        .body(document(&saved).to_string()))
}

/// The scenario with what a patch tells of it; every wrong place is told.
fn patched(app: &App, atlas: &Atlas, held: Scenario, members: Map<String, Value>) -> Result<Scenario, Problem> {
    let mut next = held;
    let mut wrong: Vec<care::Objection> = Vec::new();
    for (name, value) in members {
        let pointer = format!("/{name}");
        if matches!(name.as_str(), "name" | "note")
            && let Err(detail) = limits::fits(&format!("scenario/{name}"), &value)
        {
            wrong.push((pointer, detail));
            continue;
        }
        let text = value.as_str().map(|text| Text::from(&*clean_lines(text)));
        match (name.as_str(), &value) {
            ("name", _) => match text.filter(|name| !name.is_empty()) {
                Some(name) => next.name = name,
                None => wrong.push((pointer, "a scenario needs a name".to_owned())),
            },
            ("note", Value::Null | Value::String(_)) => next.note = text.filter(|note| !note.is_empty()),
            ("region", Value::Null) => next.region = None,
            ("region", _) => match text.and_then(|code| filter::region_of(atlas, &code)) {
                Some(region) => next.region = Some(region.code.clone()),
                None => wrong.push((pointer, "no region has this code".to_owned())),
            },
            ("question", Value::Object(question)) => next.question.clone_from(question),
            ("changes", Value::Object(changes)) => match scenario::read(atlas, changes) {
                Ok(changes) => next.changes = changes,
                Err(problem) => wrong.extend(
                    problem
                        .faults
                        .into_iter()
                        .map(|fault| (pointer.clone() + &fault.pointer.unwrap_or_default(), fault.detail)),
                ),
            },
            (name, _) if MEMBERS.contains(&name) => wrong.push((pointer, "is of another type".to_owned())),
            _ => wrong.push((pointer, format!("no such member; known: {}", MEMBERS.join(", ")))),
        }
    }
    if next.name.is_empty() && !wrong.iter().any(|(pointer, _)| pointer == "/name") {
        wrong.push(("/name".to_owned(), "a scenario needs a name".to_owned()));
    }
    if let Err(problem) = scenario::sound_question(&next.question, "/question") {
        wrong.extend(problem.faults.into_iter().map(|fault| (fault.pointer.unwrap_or_default(), fault.detail)));
    } else if let Err(problem) = asked(app, atlas, &scenario::query_of(&next.question)) {
        let told = |name: Option<String>| name.map_or("/question".to_owned(), |name| format!("/question/{name}"));
        wrong.extend(problem.faults.into_iter().map(|fault| (told(fault.parameter), fault.detail)));
    }
    if wrong.is_empty() { Ok(next) } else { Err(refused(wrong)) }
}

pub async fn one(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    Ok(shown(&find(&app, &id).await?))
}

fn shown(scenario: &Scenario) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, tag(scenario.version)))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type(JSON)
        .body(document(scenario).to_string())
}

/// Saves anew what the body tells.
pub async fn amend(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let held = find(&app, &id).await?;
    let atlas = app.atlas();
    allow_change(&atlas, &who, &held)?;
    let version = if_match(&request)?.version(held.version);
    let members = scenario::object(&request, &body)?;
    if members.is_empty() {
        return Err(Problem::new(Code::Rule, "No member is named; nothing would change.").at("", "names no member"));
    }
    let after = patched(&app, &atlas, held, members)?;
    // It is given away only to where it could have been saved.
    allow(&who, Deed::Save, &ground_of_region(&atlas, after.region.as_deref()))?;
    drop(atlas);
    let after = Scenario { version, actor: who.actor(), ..after };
    settled(&app, app.registry.amend_scenario(after).await?).await.map(|scenario| shown(&scenario))
}

pub async fn remove(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let held = find(&app, &id).await?;
    allow_change(&app.atlas(), &who, &held)?;
    let expected = if_match(&request)?.version(held.version);
    settled(&app, app.registry.remove_scenario(held.id, expected, &who.actor()).await?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What became of a write, once it shows.
async fn settled(app: &App, rewritten: Rewritten) -> Result<Scenario, Problem> {
    match rewritten {
        Rewritten::Done(scenario, seq) => {
            app.show_write(seq).await;
            Ok(*scenario)
        }
        Rewritten::Stale(current) => {
            let detail =
                format!("The scenario has moved on to version {}. Look at it and decide again.", current.version);
            let body = document(&current).to_string().into_boxed_str();
            Err(Problem::new(Code::Stale, detail).with_current(tag(current.version), body))
        }
        Rewritten::Gone => Err(Problem::new(Code::NotFound, "The scenario was removed.")),
    }
}

/// The scenario answered as the record stands now.
pub async fn coverage(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["format"]);
    let as_csv = csv_wanted(&mut parameters);
    parameters.finish()?;
    let held = find(&app, &id).await?;
    let question = asked(&app, &app.atlas(), &scenario::query_of(&held.question))?;
    let outcome = outcome(&app, question, held.changes).await?;
    let (content_type, body) = match as_csv {
        true => (CSV, outcome.csv()?),
        false => (JSON, outcome.json()?),
    };
    Ok(HttpResponse::Ok().content_type(content_type).body(body))
}

/// Several side by side: each with its own question, before, after and the difference.
pub async fn compare(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["id"]);
    let ids = parameters.all("id");
    if !(1..=COMPARED).contains(&ids.len()) {
        parameters.refuse("id", format!("name 1 to {COMPARED} scenarios, such as id=…&id=…"));
    }
    parameters.finish()?;
    let mut compared = Vec::new();
    for id in ids {
        let held = find(&app, &id).await?;
        let question = asked(&app, &app.atlas(), &scenario::query_of(&held.question))?;
        let told = outcome(&app, question, held.changes.clone()).await?;
        compared.push(json!({
            "id": held.id,
            "name": held.name,
            "region": held.region,
            "standard": told.answer.standard,
            "scenario": told.answer.scenario,
            "before": told.answer.before.totals,
            "after": told.answer.after.totals,
            "difference": told.answer.difference,
            "left_out": told.left_out,
        }));
    }
    let (revision, as_of) = (app.atlas().revision(), app.live.as_of());
    let body = json!({"revision": revision, "as_of": as_of, "scenarios": compared});
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}

/// What it adds, by region, kind and measure: drafts of targets, which still lack their year.
pub async fn targets(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let held = find(&app, &id).await?;
    let atlas = app.atlas();
    let facility = |id| atlas.facility(id).map(|entry| &*entry.facility);
    let drafts = care::targets(&held, atlas.vocabulary(), facility);
    let body = json!({"id": held.id, "name": held.name, "targets": drafts, "closes": held.changes.close.len()});
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}
