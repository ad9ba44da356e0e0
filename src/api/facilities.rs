//! `GET /api/v1/facilities`, one of them, and its history.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde_json::json;
use uuid::Uuid;

use super::{GEOJSON, JSON};
use crate::care::Entity;
use crate::http::filter::{self, FILTERS, LIST_FILTERS};
use crate::http::named::named;
use crate::http::representation::{self, atlas_tag, facility_tag, moment};
use crate::http::{App, Parameters, Problem};

/// A page of facilities in the order of their ids, with the link to the next.
pub async fn list(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let now = Utc::now();
    let known = [FILTERS.as_slice(), &LIST_FILTERS, &["limit", "cursor", "as_of", "standing_on"]].concat();
    let mut parameters = Parameters::of(&request, &known);
    let mut filter = filter::read_list(&mut parameters, &app.atlas(), now);
    let limit = parameters.number("limit", 1..=1000, "whole number").unwrap_or(100usize);
    let cursor = parameters.word("cursor", |text| text.parse::<Uuid>().ok(), &["the one in links.next"]);
    let past = filter::as_of(&mut parameters, &app.atlas(), now);
    let standing_on = filter::standing_on(&mut parameters, &app.atlas(), past, now);
    parameters.finish()?;
    if let Some(day) = standing_on {
        filter.standing_on = Some(app.past_day(day, past).await?);
    }
    // Counting all that match walks the whole registry: a long question where it is large.
    let query = request.query_string().to_owned();
    let as_of = moment(past.unwrap_or_else(|| app.live.as_of()));
    let (tag, body) = app
        .ponder_over(app.atlas_at(past).await?, move |atlas| {
            let page = atlas.list(&filter, cursor, limit);
            let features = representation::features(atlas, page.entries.iter().map(|entry| &**entry), now);
            let mut links = vec![json!({"rel": "self", "href": address(&query, cursor), "type": GEOJSON})];
            if let Some(next) = page.next {
                links.push(json!({"rel": "next", "href": address(&query, Some(next)), "type": GEOJSON}));
            }
            let body = format!(
                "{{\"type\":\"FeatureCollection\",\"revision\":{},\"as_of\":\"{as_of}\",\"numberMatched\":{},\
                 \"numberReturned\":{},\"links\":{},\"features\":[{features}]}}",
                atlas.revision(),
                page.matched,
                page.entries.len(),
                json!(links),
            );
            (atlas_tag(atlas), body)
        })
        .await?;
    Ok(representation::json(&request, GEOJSON, &tag, body))
}

fn address(query: &str, cursor: Option<Uuid>) -> String {
    let mut parts: Vec<String> =
        query.split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor=")).map(str::to_owned).collect();
    parts.extend(cursor.map(|cursor| format!("cursor={cursor}")));
    match parts.as_slice() {
        [] => "/api/v1/facilities".to_owned(),
        parts => format!("/api/v1/facilities?{}", parts.join("&")),
    }
}

/// One Feature, with its version as ETag.
pub async fn one(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["as_of"]);
    let past = filter::as_of(&mut parameters, &app.atlas(), Utc::now());
    parameters.finish()?;
    let atlas = app.atlas_at(past).await?;
    let entry = named(&atlas, &id)?;
    let body = representation::feature(&atlas, entry, Utc::now());
    Ok(representation::json(&request, GEOJSON, &facility_tag(entry.facility.version), body))
}

/// Its changes, newest first.
pub async fn history(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let atlas = app.atlas();
    let id = named(&atlas, &id)?.facility.id;
    let mut changes = app.registry.history(Entity::Facility, &id.to_string()).await?;
    // Everybody may know the role; names, and what was written for the file, are for those who may look.
    for change in &mut changes {
        change.actor = change.by().into();
        change.reason = None;
    }
    let body = json!({"id": id, "revision": atlas.revision(), "changes": changes});
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}
