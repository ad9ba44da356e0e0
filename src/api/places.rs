//! `GET /api/v1/places`: places to start from, by Chinese name, pinyin or initials.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::JSON;
use crate::atlas::{PlaceMatch, PlaceTarget};
use crate::care::Text;
use crate::http::representation::{self, atlas_tag};
use crate::http::{App, Parameters, Problem};

#[derive(Serialize)]
struct Answer<'a> {
    revision: i64,
    places: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    /// The regions above, widest first.
    within: &'a [Text],
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    lon: f64,
    lat: f64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    demo: bool,
}

fn item(found: &PlaceMatch) -> Item<'_> {
    let (r#type, code, level, id, kind) = match &found.target {
        PlaceTarget::Region { code, level } => ("region", Some(&**code), Some(level.code()), None, None),
        PlaceTarget::Facility { id, kind } => ("facility", None, None, Some(*id), Some(&**kind)),
    };
    let PlaceMatch { name, within, lon, lat, demo, .. } = found;
    Item { name, within, r#type, code, level, id, kind, lon: *lon, lat: *lat, demo: *demo }
}

pub async fn places(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["q", "limit"]);
    let query = parameters.text("q");
    let query = parameters.require("q", query, "a name, its pinyin or its initials").unwrap_or_default();
    let limit = parameters.number("limit", 1..=50, "whole number").unwrap_or(10usize);
    parameters.finish()?;
    let (tag, body) = app
        .look_up(move |atlas| {
            let found = atlas.places(&query, limit);
            let answer = Answer { revision: atlas.revision(), places: found.iter().map(item).collect() };
            (atlas_tag(atlas), serde_json::to_string(&answer))
        })
        .await?;
    Ok(representation::json(&request, JSON, &tag, body.map_err(|error| Problem::internal(&error))?))
}
