//! `GET /api/v1/targets/standing`: each target beside what was built, how it stands and what was lost, as on the page of plans.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::JSON;
use super::coverage::{CSV, csv_wanted};
use crate::analysis::plan::Standing;
use crate::atlas::Atlas;
use crate::exchange::workbook::csv;
use crate::http::links::{self, Links};
use crate::http::report::link;
use crate::http::representation::moment;
use crate::http::sheets::standings as table;
use crate::http::{App, Parameters, Problem, filter};

/// What it may be asked for.
pub const STANDING: [&str; 5] = ["region", "year", "format", "limit", "cursor"];

/// Computed as the record stands now. An import of targets has no use for these columns; `/api/v1/targets` gives it its own.
pub async fn standings(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &STANDING);
    let region = filter::region(&mut parameters, "region", &app.atlas());
    let year = parameters.number("year", 1949..=2199, "year");
    let as_csv = csv_wanted(&mut parameters);
    let part = links::part(&mut parameters);
    parameters.finish()?;
    let mut standings = app.standings(region, year).await?;
    let atlas = app.atlas();
    let (content_type, body) = if as_csv {
        (CSV, csv(&table(&atlas, &standings)).map_err(|error| Problem::internal(&error))?)
    } else {
        let (matched, next) = links::cut(&mut standings, part);
        let rows: Vec<Value> = standings.iter().map(|standing| row(&atlas, standing)).collect();
        let (revision, as_of) = (atlas.revision(), moment(app.live.as_of()));
        let links = Links::of(&request).told(JSON, next);
        let body = json!({
            "revision": revision, "as_of": as_of, "numberMatched": matched, "links": links, "targets": rows,
        });
        (JSON, body.to_string())
    };
    Ok(HttpResponse::Ok().content_type(content_type).insert_header((header::CACHE_CONTROL, "no-cache")).body(body))
}

/// The target's own fields, and what was computed.
fn row(atlas: &Atlas, standing: &Standing) -> Value {
    let Standing { target, measure, unit, built, lost, share, track } = standing;
    let (state_zh, state_en) = track.words();
    let mut row = json!(target);
    let computed = json!({
        "name": atlas.regions().get(&target.region).map(|region| &region.name),
        "measure_zh": measure.zh,
        "measure_en": measure.en,
        "unit": unit,
        "planned": target.planned,
        "built": built.value,
        "share": share,
        "state": track,
        "state_zh": state_zh,
        "state_en": state_en,
        "lost": lost.value,
        "parts": built.parts,
        "notes": built.notes.iter().chain(&built.missing).collect::<Vec<_>>(),
        "records": built.records.iter().map(link).collect::<Vec<_>>(),
        "lost_records": lost.records.iter().map(link).collect::<Vec<_>>(),
        "demo": target.demo || built.demo,
    });
    if let (Some(row), Value::Object(computed)) = (row.as_object_mut(), computed) {
        row.extend(computed);
    }
    row
}
