//! Change requests in the API: listed, read, decided field by field, withdrawn.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::JSON;
use super::capacity::{if_match, stale};
use crate::atlas::Atlas;
use crate::care::{ChangeRequest, Decision, Deed, Ground, Text, Who};
use crate::http::who::{allow, ground};
use crate::http::{App, Code, Parameters, Problem};
use crate::registry::{Asked, RegistryError};

/// What a request is about, as rights see it.
pub fn ground_of(atlas: &Atlas, request: &ChangeRequest) -> Ground {
    let gone = || Ground { facility: Some(request.facility), regions: Vec::new() };
    atlas.facility(request.facility).map_or_else(gone, |entry| ground(atlas, &entry.facility))
}

/// Whether somebody may see it: who made it, and whoever may look at the facility.
pub fn visible(who: &Who, atlas: &Atlas, request: &ChangeRequest) -> bool {
    (who.account.is_some() && request.account == who.account) || who.may(Deed::Look, &ground_of(atlas, request))
}

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

/// The request of this number, if the asker may do this with it.
pub async fn find(app: &App, who: &Who, id: &str, deed: Deed) -> Result<ChangeRequest, Problem> {
    let unknown = || Problem::new(Code::NotFound, format!("No change request has the id \"{id}\"."));
    let number: Uuid = id.parse().map_err(|_| unknown())?;
    let request = app.registry.requests(Asked::One(number)).await?.pop().ok_or_else(unknown)?;
    let atlas = app.atlas();
    let own = who.account.is_some() && request.account == who.account;
    if !(own && matches!(deed, Deed::Look | Deed::Ask)) {
        allow(who, deed, &ground_of(&atlas, &request))?;
    }
    Ok(request)
}

pub async fn one(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let request = find(&app, &who, &id, Deed::Look).await?;
    let atlas = app.atlas();
    let current = atlas.facility(request.facility).map(|entry| &entry.facility);
    let overtaken = current.map(|facility| request.overtaken(facility));
    let version = current.map(|facility| facility.version);
    let body = json!({ "request": request, "facility_version": version, "overtaken": overtaken });
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
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

/// The decision, in one transaction; answers once it shows.
pub async fn settle(
    app: &App,
    who: &Who,
    asked: &ChangeRequest,
    expected: i64,
    decision: Decision,
) -> Result<(), Problem> {
    let actor: Text = who.actor();
    let vocabulary = app.atlas().vocabulary().clone();
    let written = match app.registry.decide(asked.id, expected, decision, &actor, vocabulary).await {
        Err(RegistryError::Stale(current)) => return Err(stale(app, *current).await),
        other => other?,
    };
    app.show_write(written.seq).await;
    Ok(())
}

/// Takes one's own request back.
pub async fn withdraw(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let asked = find(&app, &who, &id, Deed::Ask).await?;
    app.registry.withdraw(asked.id, &who.actor()).await?;
    Ok(HttpResponse::NoContent().finish())
}
