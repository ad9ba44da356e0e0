//! A plan of siting as a file: the sites as CSV or GeoJSON, the curve as CSV, all of it as JSON.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::{Value, json};

use crate::analysis::siting::Siting;
use crate::analysis::siting::answer::Site;
use crate::exchange::csv_writer;
use crate::http::Problem;

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Curve,
    Geojson,
    Json,
}

impl Format {
    pub const CODES: [&str; 4] = ["csv", "curve", "geojson", "json"];

    pub fn code(self) -> &'static str {
        Format::CODES[self as usize]
    }

    pub fn from_code(code: &str) -> Option<Format> {
        [Format::Csv, Format::Curve, Format::Geojson, Format::Json].into_iter().find(|format| format.code() == code)
    }
}

pub fn file(format: Format, plan: &Siting) -> Result<HttpResponse, Problem> {
    let (content_type, body) = match format {
        Format::Csv => ("text/csv; charset=utf-8", sites(plan)),
        Format::Curve => ("text/csv; charset=utf-8", curve(plan)),
        Format::Geojson => ("application/geo+json", Ok(features(plan).to_string())),
        Format::Json => ("application/json", serde_json::to_string(plan).map_err(|error| error.to_string())),
    };
    let body = body.map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type(content_type).insert_header((header::CACHE_CONTROL, "no-cache")).body(body))
}

/// The chosen sites, then those that nearly were.
fn ranked(plan: &Siting) -> impl Iterator<Item = (usize, bool, &Site)> {
    let chosen = (1..).zip(&plan.sites).map(|(rank, site)| (rank, true, site));
    chosen.chain((plan.sites.len() + 1..).zip(&plan.nearly).map(|(rank, site)| (rank, false, site)))
}

fn sites(plan: &Siting) -> Result<String, String> {
    let heads = ["rank", "chosen", "lon", "lat", "region", "name", "adds", "cumulative", "serves", "saves_m"];
    let rows = ranked(plan).map(|(rank, chosen, site)| {
        vec![
            rank.to_string(),
            chosen.to_string(),
            site.lon.to_string(),
            site.lat.to_string(),
            text(site.region.as_ref()),
            text(site.name.as_ref()),
            text(site.adds),
            text(site.cumulative),
            text(site.serves),
            text(site.saves_m),
        ]
    });
    csv_writer::table(&heads, rows)
}

fn curve(plan: &Siting) -> Result<String, String> {
    let heads = ["sites", "covered", "share", "bound", "mean_m", "farthest_m"];
    let rows = plan.curve.iter().map(|step| {
        let state = &step.state;
        vec![
            step.sites.to_string(),
            text(state.covered),
            text(state.share),
            text(step.bound),
            text(state.mean_m),
            text(state.farthest_m),
        ]
    });
    csv_writer::table(&heads, rows)
}

/// An unknown value is an empty cell.
fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn features(plan: &Siting) -> Value {
    let feature = |(rank, chosen, site): (usize, bool, &Site)| {
        let mut properties = serde_json::to_value(site).unwrap_or_default();
        if let Some(properties) = properties.as_object_mut() {
            properties.retain(|name, _| name != "lon" && name != "lat");
            properties.insert("rank".into(), json!(rank));
            properties.insert("chosen".into(), json!(chosen));
        }
        json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [site.lon, site.lat]}, "properties": properties})
    };
    json!({
        "type": "FeatureCollection",
        "revision": plan.revision,
        "objective": plan.objective,
        "value": plan.value,
        "bound": plan.bound,
        "proven": plan.proven,
        "features": ranked(plan).map(feature).collect::<Vec<_>>(),
    })
}
