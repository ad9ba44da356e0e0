//! `GET /api/v1/nearest`: the nearest facilities that one can really use.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;

use super::GEOJSON;
use crate::care::{Datum, Place};
use crate::http::filter::{self, FILTERS};
use crate::http::question::FARTHEST_M;
use crate::http::representation::{self, moment, open_tag};
use crate::http::{App, Parameters, Problem};

const OWN: [&str; 6] = ["lon", "lat", "datum", "limit", "within_m", "as_of"];

/// Where a question starts, in WGS 84.
pub fn start(parameters: &mut Parameters) -> Option<(f64, f64)> {
    let lon = parameters.number("lon", -180.0..=180.0, "longitude in degrees");
    let lon = parameters.require("lon", lon, "degrees east, such as 118.27");
    let lat = parameters.number("lat", -90.0..=90.0, "latitude in degrees");
    let lat = parameters.require("lat", lat, "degrees north, such as 33.96");
    let datum = parameters.word("datum", Datum::from_code, &Datum::ALL.map(Datum::code)).unwrap_or_default();
    let place = Place::from_datum(datum, lon?, lat?);
    Some((place.lon, place.lat))
}

/// A FeatureCollection in ascending `distance_m`.
pub async fn nearest(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let now = Utc::now();
    let known = [OWN.as_slice(), &FILTERS].concat();
    let mut parameters = Parameters::of(&request, &known);
    let start = start(&mut parameters);
    let limit = parameters.number("limit", 1..=100, "whole number").unwrap_or(10usize);
    let within_m = parameters.number("within_m", 0.0..=FARTHEST_M, "distance in metres");
    let filter = filter::read(&mut parameters, &atlas, now);
    let as_of = filter::as_of(&mut parameters, &atlas, now);
    parameters.finish()?;
    let atlas = if as_of.is_some() { app.atlas_at(as_of).await? } else { atlas };
    // Without a start there was a fault, and the line above has told it.
    let (lon, lat) = start.unwrap_or_default();
    let hits = atlas.nearest(lon, lat, &filter, limit, within_m);
    let mut body = format!(
        "{{\"type\":\"FeatureCollection\",\"revision\":{},\"as_of\":\"{}\",\"numberReturned\":{},\"features\":[",
        atlas.revision(),
        moment(as_of.unwrap_or_else(|| app.live.as_of())),
        hits.len(),
    );
    representation::write_hits(&mut body, &atlas, &hits, now);
    body.push_str("]}");
    let tag = open_tag(&atlas, hits.iter().map(|hit| &*hit.entry), hits.len(), now);
    Ok(representation::json(&request, GEOJSON, &tag, body))
}
