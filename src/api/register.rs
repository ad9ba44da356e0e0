//! `POST /api/v1/facilities`, `PATCH` and `DELETE /api/v1/facilities/{id}`: registered by a bureau, amended at two speeds,
//! withdrawn by a bureau.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::GEOJSON;
use super::capacity::if_match;
use crate::care::clean::clean_lines;
use crate::care::fields::{self, Wishes};
use crate::care::{Deed, Text};
use crate::http::named::named;
use crate::http::representation::{self, facility_tag};
use crate::http::review::{drafted, given_away, made, stale, two_speeds, with_warnings};
use crate::http::who::{allow, ground, ground_of_region};
use crate::http::wire::takes_json;
use crate::http::{App, Code, Parameters, Problem};
use crate::registry::{Registered, RegistryError};

/// Registers a facility. The same `Idempotency-Key` twice makes one.
pub async fn register(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["another"]);
    let another = parameters.word("another", |word| (word == "true").then_some(true), &["true"]).unwrap_or(false);
    parameters.finish()?;
    let who = app.who(&request).await?;
    let wishes = read(&request, &body)?;
    let atlas = app.atlas();
    let told = wishes.get("region").and_then(Value::as_str);
    let drafted = drafted(&wishes, &atlas);
    // Who may not register there is told so before anything else is said of the body.
    let region = drafted.as_ref().ok().and_then(|facility| facility.region.as_deref()).or(told);
    allow(&who, Deed::Register, &ground_of_region(&atlas, region))?;
    let facility = drafted?;
    drop(atlas);
    let key = idempotency_key(&request)?.map(|key| (key, Sha256::digest(&body).to_vec()));
    let (id, (tag, feature)) = match app.registry.register(facility, &who.actor(), key, another).await? {
        Registered::New(written) => {
            let facility = written.facility.clone();
            let (tag, feature) = made(&app, *written).await;
            (facility.id, (tag, with_warnings(feature, &app.atlas(), &facility)))
        }
        Registered::Again(id) => {
            app.show_write(app.registry.revision().await?).await;
            let atlas = app.atlas();
            let entry = named(&atlas, &id.to_string())?;
            let feature = representation::feature(&atlas, entry, Utc::now());
            (id, (facility_tag(entry.facility.version), feature))
        }
    };
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1/facilities/{id}")))
        .insert_header((header::ETAG, tag))
        .content_type(GEOJSON)
        .body(feature))
}

/// Amends a facility: what is live is live at once; what the bureau decides becomes a change request (202).
pub async fn amend(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let atlas = app.atlas();
    let held = named(&atlas, &id)?.facility.clone();
    let ground = ground(&atlas, &held);
    allow(&who, Deed::Tell, &ground)?;
    let condition = if_match(&request)?;
    let mut wishes = read(&request, &body)?;
    let note = match wishes.remove("request_note") {
        None | Some(Value::Null) => None,
        Some(Value::String(note)) => Some(Text::from(&*clean_lines(&note))),
        Some(other) => {
            let detail = format!("{other} is not a text");
            return Err(Problem::new(Code::Rule, "The fields break a rule.").at("/request_note", detail));
        }
    };
    let region = wishes.get("region").cloned();
    let (live, asked) = two_speeds(&app, &who, &held, wishes.clone()).await?;
    if let (true, Some(region)) = (asked.is_empty(), region) {
        given_away(&who, &atlas, &region)?;
    }
    let vocabulary = atlas.vocabulary().clone();
    let placed = wishes.contains_key("place") || wishes.contains_key("region");
    // What the place will be, at once or once the bureau has decided.
    let wished = placed.then(|| fields::with(&held, &wishes, &vocabulary).ok()).flatten();
    drop(atlas);
    let mut expected = condition.version(held.version);
    let amended = loop {
        let (live, asked, note) = (live.clone(), asked.clone(), note.clone());
        match app.registry.amend(held.id, expected, &who, live, asked, note, vocabulary.clone()).await {
            Err(RegistryError::Stale(current)) => match condition.again(expected, current.version) {
                Some(version) => expected = version,
                None => return Err(stale(&app, *current)),
            },
            other => break other?,
        }
    };
    let (tag, mut feature) = made(&app, amended.written).await;
    if let Some(wished) = wished {
        feature = with_warnings(feature, &app.atlas(), &wished);
    }
    let mut response = match amended.request {
        None => HttpResponse::Ok(),
        Some(request) => {
            feature.pop();
            feature.push_str(&format!(",\"change_request\":\"{request}\"}}"));
            let mut response = HttpResponse::Accepted();
            response.insert_header((header::LOCATION, format!("/api/v1/requests/{request}")));
            response
        }
    };
    Ok(response.insert_header((header::ETAG, tag)).content_type(GEOJSON).body(feature))
}

/// Withdraws a facility that was registered by mistake; its address answers 410 from then on.
pub async fn withdraw(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["reason"]);
    let reason = parameters.text("reason");
    let who = app.who(&request).await?;
    let atlas = app.atlas();
    let held = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Register, &ground(&atlas, held))?;
    let condition = if_match(&request)?;
    let reason = parameters.require("reason", reason, "why it was a mistake; the history keeps it").unwrap_or_default();
    parameters.finish()?;
    let mut expected = condition.version(held.version);
    let seq = loop {
        match app.registry.withdraw_facility(held.id, expected, &reason, &who.actor()).await {
            Err(RegistryError::Stale(current)) => match condition.again(expected, current.version) {
                Some(version) => expected = version,
                None => return Err(stale(&app, *current)),
            },
            other => break other?,
        }
    };
    app.show_write(seq).await;
    Ok(HttpResponse::NoContent().finish())
}

/// The members of a body, at least one.
pub fn read(request: &HttpRequest, body: &[u8]) -> Result<Wishes, Problem> {
    takes_json(request, "{\"phone\":\"0527-5555-0101\"}")?;
    let wishes: Wishes = serde_json::from_slice(body)
        .map_err(|error| Problem::new(Code::BadBody, format!("Not a JSON object: {error}.")))?;
    if wishes.is_empty() {
        return Err(Problem::new(Code::Rule, "No field is named; nothing would change.").at("", "names no field"));
    }
    Ok(wishes)
}

/// The `Idempotency-Key`, where one was sent.
pub fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().unwrap_or_default().trim();
    if (1..=200).contains(&key.len()) {
        return Ok(Some(key.to_owned()));
    }
    Err(Problem::new(Code::BadParameter, "Idempotency-Key: 1 to 200 visible characters, new for each record."))
}
