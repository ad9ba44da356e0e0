//! Change requests in the API: listed, read, decided field by field, withdrawn.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::JSON;
use super::capacity::if_match;
use crate::care::{Decision, Deed, RequestState};
use crate::http::review::{find, settle, visible};
use crate::http::{App, Code, Parameters, Problem};
use crate::registry::Asked;

/// Those that the asker may see: all pending ones, or all about one facility.
pub async fn list(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["facility"]);
    let facility = parameters.word("facility", |text| text.parse::<Uuid>().ok(), &["a facility's id"]);
    parameters.finish()?;
    let who = app.who(&request).await?;
    let mut requests = app.registry.requests(facility.map_or(Asked::Pending, Asked::About)).await?;
    let atlas = app.atlas();
    requests.retain(|request| visible(&who, &atlas, request));
    Ok(HttpResponse::Ok().content_type(JSON).body(json!({ "requests": requests }).to_string()))
}

pub async fn one(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let request = find(&app, &who, &id, Deed::Look).await?;
    let atlas = app.atlas();
    let current = atlas.facility(request.facility).map(|entry| &entry.facility);
    let overtaken = current.map(|facility| request.overtaken(facility));
    let version = current.map(|facility| facility.version);
    let tag = tag(request.state);
    let body = json!({ "request": request, "facility_version": version, "overtaken": overtaken });
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type(JSON).body(body.to_string()))
}

/// Decides: `{"name":{"choice":"accept"},"operator":{"choice":"reject","reason":"…"}}`, on the facility's ETag.
pub async fn decide(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let asked = find(&app, &who, &id, Deed::Register).await?;
    let expected = if_match(&request)?;
    let decision: Decision = serde_json::from_slice(&body).map_err(|error| {
        let shape =
            "a verdict for each field, such as {\"name\":{\"choice\":\"accept\"}}; choices: accept, newer, reject";
        Problem::new(Code::BadBody, format!("Not a decision ({shape}): {error}."))
    })?;
    settle(&app, &who, &asked, expected, decision).await?;
    let settled = find(&app, &who, &id, Deed::Look).await?;
    Ok(HttpResponse::Ok().content_type(JSON).body(json!({ "request": settled }).to_string()))
}

/// The tag of a request: its state. Nothing else of it ever changes.
fn tag(state: RequestState) -> String {
    format!("\"{}\"", state.code())
}

/// Takes one's own request back, in the state that was seen.
pub async fn withdraw(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let asked = find(&app, &who, &id, Deed::Ask).await?;
    let held = request.headers().get(header::IF_MATCH).ok_or_else(|| {
        Problem::new(Code::NeedsIfMatch, "Send If-Match with the ETag of the request as you saw it, \"pending\".")
    })?;
    if held.to_str().unwrap_or_default().trim() != tag(asked.state) {
        let detail = format!("The request is {} now. Look at it and decide again.", asked.state.code());
        let current = json!(asked).to_string().into_boxed_str();
        return Err(Problem::new(Code::Stale, detail).with_current(tag(asked.state), current));
    }
    app.registry.withdraw(asked.id, &who.actor()).await?;
    Ok(HttpResponse::NoContent().finish())
}
