//! `/api/v1/targets`, `/programmes` and `/claims`: what a bureau keeps beside its facilities, row by row, alike for all three.

use std::any::TypeId;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Datelike, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::JSON;
use super::capacity::if_match;
use super::coverage::{CSV, csv_wanted};
use super::register::idempotency_key;
use crate::atlas::Atlas;
use crate::care::kept::{Given, Kept, with};
use crate::care::{Deed, ProgrammeFigure, Target};
use crate::exchange::kept::csv;
use crate::http::links::{self, Links};
use crate::http::representation::{facility_tag, moment, tagged};
use crate::http::who::{allow, ground_of_region};
use crate::http::wire::takes_json;
use crate::http::{App, Code, Parameters, Problem, filter};

/// What a list of rows may be asked for; each sort of row knows some of its own beside these.
pub const FILTERS: [&str; 7] = ["id", "region", "year", "as_of", "format", "limit", "cursor"];

/// The own fields by which a list may be narrowed.
pub fn own_filters<T: Kept>() -> Vec<&'static str> {
    let known = ["measure", "programme", "metric", "indicator"];
    T::FIELDS.iter().map(|field| field.name).filter(|name| known.contains(name)).collect()
}

/// The word of the list in its JSON and in the address.
fn word<T: Kept>() -> &'static str {
    match TypeId::of::<T>() {
        id if id == TypeId::of::<Target>() => "targets",
        id if id == TypeId::of::<ProgrammeFigure>() => "programmes",
        _ => "claims",
    }
}

/// The year that a row is about.
fn year(row: &Value) -> Option<i32> {
    let day = |name: &str| row.get(name).and_then(Value::as_str).and_then(|day| day.parse::<chrono::NaiveDate>().ok());
    let year = row.get("year").and_then(Value::as_i64).and_then(|year| i32::try_from(year).ok());
    year.or_else(|| Some(day("period_to").or_else(|| day("as_of"))?.year()))
}

/// Rows in the order of regions, narrowed by what is asked, a page at a time; a table holds all.
pub async fn list<T: Kept>(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let own = own_filters::<T>();
    let mut parameters = Parameters::of(&request, &[FILTERS.as_slice(), &own].concat());
    let present = app.atlas();
    let region = filter::region(&mut parameters, "region", &present);
    let asked_year: Option<i32> = parameters.number("year", 1949..=2199, "year");
    let wanted: Vec<(&str, String)> = own.iter().filter_map(|name| Some((*name, parameters.text(name)?))).collect();
    let ids = filter::ids(&mut parameters);
    let as_csv = csv_wanted(&mut parameters);
    let part = links::part(&mut parameters);
    let past = filter::as_of(&mut parameters, &present, Utc::now());
    parameters.finish()?;
    let atlas = app.atlas_at(past).await?;
    let mut rows: Vec<T> = app.registry.kept(past).await?;
    let now_called = |row: &T| atlas.successor(row.region()).unwrap_or(row.region()).clone();
    rows.retain(|row| {
        let json = json!(row);
        region.as_ref().is_none_or(|above| atlas.regions().is_within(&now_called(row), above))
            && (ids.is_empty() || ids.contains(&row.id()))
            && asked_year.is_none_or(|asked| year(&json) == Some(asked))
            && wanted.iter().all(|(name, value)| json.get(*name).and_then(Value::as_str) == Some(value))
    });
    rows.sort_by_cached_key(|row| (row.region().clone(), format!("{:?}", row.key())));
    if as_csv {
        let text = csv(&rows).map_err(|error| Problem::internal(&error))?;
        return Ok(HttpResponse::Ok().content_type(CSV).body(text));
    }
    let as_of = moment(past.unwrap_or_else(|| app.live.as_of()));
    let (matched, next) = links::cut(&mut rows, part);
    let body = json!({
        "revision": atlas.revision(),
        "as_of": as_of,
        "numberMatched": matched,
        "links": Links::of(&request).told(JSON, next),
        word::<T>(): rows,
    });
    Ok(HttpResponse::Ok().content_type(JSON).insert_header((header::CACHE_CONTROL, "no-cache")).body(body.to_string()))
}

/// One row, with its version as ETag.
pub async fn one<T: Kept>(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let row: T = find(&app, &id).await?;
    let mut response = HttpResponse::Ok();
    response.content_type(JSON);
    Ok(tagged(&request, response, &facility_tag(row.version()), json!(row).to_string()))
}

/// Registers a row (bureau): its fields as JSON. The same `Idempotency-Key` twice makes one.
pub async fn add<T: Kept>(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let given = read(&request, &body)?;
    let atlas = app.atlas();
    allow(&who, Deed::Register, &ground_of_region(&atlas, given.get("region").and_then(Value::as_str)))?;
    let row: T = sound(&atlas, None, &given)?;
    drop(atlas);
    // The same words about another sort of row are another row.
    let print = || Sha256::new().chain_update(word::<T>()).chain_update(&body).finalize().to_vec();
    let key = idempotency_key(&request)?.map(|key| (key, print()));
    let (row, seq) = app.registry.keep_once(row, key, &who.actor()).await?;
    app.show_write(seq).await;
    let mut created = HttpResponse::Created();
    created.insert_header((header::LOCATION, format!("/api/v1/{}/{}", word::<T>(), row.id())));
    Ok(answer(created, &row))
}

/// Amends a row (bureau) by JSON merge patch, on the version that the writer saw.
pub async fn amend<T: Kept>(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let held: T = find(&app, &id).await?;
    let atlas = app.atlas();
    let now_called = atlas.successor(held.region()).unwrap_or(held.region()).clone();
    allow(&who, Deed::Register, &ground_of_region(&atlas, Some(&now_called)))?;
    let expected = if_match(&request)?.version(held.version());
    let given = read(&request, &body)?;
    if let Some(region) = given.get("region").and_then(Value::as_str) {
        // A bureau gives a row away only to where it could have made it.
        allow(&who, Deed::Register, &ground_of_region(&atlas, Some(region)))?;
    }
    let row: T = sound(&atlas, Some(&held), &given)?;
    drop(atlas);
    let (row, seq) = app.registry.keep(row, Some(expected), &who.actor()).await?;
    app.show_write(seq).await;
    Ok(answer(HttpResponse::Ok(), &row))
}

/// Takes a row out (bureau) with a reason, on the version that the writer saw. The log keeps it.
pub async fn remove<T: Kept>(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["reason"]);
    let reason = parameters.text("reason");
    let who = app.who(&request).await?;
    let held: T = find(&app, &id).await?;
    let atlas = app.atlas();
    let now_called = atlas.successor(held.region()).unwrap_or(held.region()).clone();
    allow(&who, Deed::Register, &ground_of_region(&atlas, Some(&now_called)))?;
    drop(atlas);
    let expected = if_match(&request)?.version(held.version());
    let reason = parameters.require("reason", reason, "why it is taken out; the log keeps it").unwrap_or_default();
    parameters.finish()?;
    let seq = app.registry.remove_kept::<T>(held.id(), expected, &reason, &who.actor()).await?;
    app.show_write(seq).await;
    Ok(HttpResponse::NoContent().finish())
}

async fn find<T: Kept>(app: &App, id: &str) -> Result<T, Problem> {
    let known = match id.parse::<Uuid>() {
        Ok(id) => app.registry.kept::<T>(None).await?.into_iter().find(|row| row.id() == id),
        Err(_) => None,
    };
    let what = T::ENTITY.code();
    known.ok_or_else(|| Problem::new(Code::NotFound, format!("No {what} has the id \"{id}\".")))
}

/// The row as it shall be; everything that is wrong is told with its place.
pub fn sound<T: Kept>(atlas: &Atlas, before: Option<&T>, given: &Given) -> Result<T, Problem> {
    let mut problem = Problem::new(Code::Rule, "The row breaks a rule.");
    if let Some(region) = given.get("region").and_then(Value::as_str)
        && atlas.regions().get(region).is_none()
    {
        problem = problem.at("/region", format!("there is no region \"{region}\""));
    }
    match with(before, given, atlas.vocabulary()) {
        Ok(row) if problem.faults.is_empty() => Ok(row),
        Ok(_) => Err(problem),
        Err(faults) => Err(faults
            .into_iter()
            .fold(problem, |problem, fault| problem.at(format!("/{}", fault.field), fault.detail))),
    }
}

fn read(request: &HttpRequest, body: &[u8]) -> Result<Given, Problem> {
    takes_json(request, "{\"region\":\"321300\"}")?;
    let given: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| Problem::new(Code::BadBody, format!("Not a JSON object: {error}.")))?;
    if given.is_empty() {
        return Err(Problem::new(Code::Rule, "No field is named; nothing would change.").at("", "names no field"));
    }
    Ok(given)
}

fn answer<T: Kept>(mut response: actix_web::HttpResponseBuilder, row: &T) -> HttpResponse {
    response.insert_header((header::ETAG, facility_tag(row.version()))).content_type(JSON).body(json!(row).to_string())
}
