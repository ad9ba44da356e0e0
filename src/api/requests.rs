//! Change requests in the API: listed, read, decided field by field, withdrawn.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::JSON;
use super::capacity::if_match;
use crate::care::{Decision, Deed, RequestState};
use crate::http::conditional::IfMatch;
use crate::http::links::{self, Links};
use crate::http::representation::tagged;
use crate::http::review::{find, settle, visible};
use crate::http::wire::takes_json;
use crate::http::{App, Code, Parameters, Problem};
use crate::registry::Asked;

/// Those that the asker may see: all pending ones, or all about one facility.
pub async fn list(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["facility", "limit", "cursor"]);
    let facility = parameters.word("facility", |text| text.parse::<Uuid>().ok(), &["a facility's id"]);
    let part = links::part(&mut parameters);
    parameters.finish()?;
    let who = app.who(&request).await?;
    let mut requests = app.registry.requests(facility.map_or(Asked::Pending, Asked::About)).await?;
    let atlas = app.atlas();
    requests.retain(|asked| visible(&who, &atlas, asked));
    let (matched, next) = links::cut(&mut requests, part);
    let links = Links::of(&request).told(JSON, next);
    let body = json!({ "numberMatched": matched, "links": links, "requests": requests });
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}

pub async fn one(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let asked = find(&app, &who, &id, Deed::Look).await?;
    let atlas = app.atlas();
    let current = atlas.facility(asked.facility).map(|entry| &entry.facility);
    let overtaken = current.map(|facility| asked.overtaken(facility));
    let version = current.map(|facility| facility.version);
    // What is overtaken follows from the facility's version.
    let tag = format!("\"{}-{}\"", asked.state.code(), version.unwrap_or_default());
    let body = json!({ "request": asked, "facility_version": version, "overtaken": overtaken });
    let mut response = HttpResponse::Ok();
    response.content_type(JSON);
    Ok(tagged(&request, response, &tag, body.to_string()))
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
    let held = app.atlas().facility(asked.facility).map_or(0, |entry| entry.facility.version);
    let expected = if_match(&request)?.version(held);
    takes_json(&request, "{\"name\":{\"choice\":\"accept\"}}")?;
    let decision: Decision = serde_json::from_slice(&body).map_err(|error| {
        let shape =
            "a verdict for each field, such as {\"name\":{\"choice\":\"accept\"}}; choices: accept, newer, reject";
        Problem::new(Code::BadBody, format!("Not a decision ({shape}): {error}."))
    })?;
    settle(&app, &who, &asked, expected, decision).await?;
    let settled = find(&app, &who, &id, Deed::Look).await?;
    Ok(HttpResponse::Ok().content_type(JSON).body(json!({ "request": settled }).to_string()))
}

/// The tag of a request by its state: nothing else of it ever changes.
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
    let condition = IfMatch::of(&request, "the request, \"pending\",")?;
    if condition.state(asked.state.code()) != asked.state.code() {
        let detail = format!("The request is {} now. Look at it and decide again.", asked.state.code());
        let current = json!(asked).to_string().into_boxed_str();
        return Err(Problem::new(Code::Stale, detail).with_current(tag(asked.state), current));
    }
    app.registry.withdraw(asked.id, &who.actor()).await?;
    Ok(HttpResponse::NoContent().finish())
}
