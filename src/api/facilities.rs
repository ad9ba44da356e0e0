//! `GET /api/v1/facilities`, one of them, and its history.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{GEOJSON, JSON};
use crate::care::Entity;
use crate::care::change::role_of;
use crate::http::filter::{self, FILTERS, LIST_FILTERS};
use crate::http::named::named;
use crate::http::representation::{self, feature_tag, moment, open_tag};
use crate::http::{App, Parameters, Problem};
use crate::registry::LogLine;

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
            (open_tag(atlas, page.entries.iter().map(|entry| &**entry), page.matched, now), body)
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
    let now = Utc::now();
    let (tag, body) = (feature_tag(&atlas, entry, now), representation::feature(&atlas, entry, now));
    Ok(representation::json(&request, GEOJSON, &tag, body))
}

/// Its changes, newest first, page by page.
pub async fn history(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["limit", "cursor"]);
    let limit = parameters.number("limit", 1..=1000, "whole number").unwrap_or(100i64);
    let cursor = parameters.number("cursor", 1..=i64::MAX, "number of a change");
    parameters.finish()?;
    let atlas = app.atlas();
    let (id, revision) = (named(&atlas, &id)?.facility.id, atlas.revision());
    let answer = move |mut lines: Vec<LogLine>, more: bool| {
        // Everybody may know the role; names, and what was written for the file, are for those who may look.
        for line in &mut lines {
            line.actor = role_of(&line.actor).into();
        }
        let address = |cursor: i64| format!("/api/v1/facilities/{id}/history?limit={limit}&cursor={cursor}");
        let next =
            lines.last().filter(|_| more).map(|last| json!({"rel": "next", "href": address(last.seq), "type": JSON}));
        serde_json::to_string(&History { id, revision, links: next.into_iter().collect(), changes: lines })
    };
    let body = app.read_log(app.registry.log_of(Entity::Facility, &id.to_string(), cursor, limit), answer).await?;
    Ok(HttpResponse::Ok().content_type(JSON).body(body.map_err(|error| Problem::internal(&error))?))
}

#[derive(Serialize)]
struct History {
    id: Uuid,
    revision: i64,
    links: Vec<Value>,
    changes: Vec<LogLine>,
}
