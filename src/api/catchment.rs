//! `GET /api/v1/catchment`: how much capacity people have within reach, by demand point or region.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde::Serialize;
use serde_json::{Value, json};

use super::{GEOJSON, JSON};
use crate::analysis;
use crate::analysis::Catchment;
use crate::analysis::catchment::By;
use crate::analysis::catchment::answer::Row;
use crate::atlas::Atlas;
use crate::exchange::csv_writer::CsvWriter;
use crate::http::catchment::CATCHMENT;
use crate::http::filter;
use crate::http::links::{self, Links};
use crate::http::representation::{self, atlas_tag};
use crate::http::{App, Parameters, Problem};

const FORMATS: [&str; 3] = ["json", "csv", "geojson"];
const CSV: &str = "text/csv; charset=utf-8";
/// Rows of an answer where the asker sets no limit.
const ROWS: usize = 10_000;
/// As many rows as one answer holds.
const MOST_ROWS: usize = 20_000;

/// Totals and a row a demand point or region, those with the least access first.
pub async fn catchment(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [CATCHMENT.as_slice(), &["reached", "limit", "cursor", "format", "as_of"]].concat();
    let mut parameters = Parameters::of(&request, &known);
    let question = crate::http::catchment::read(&mut parameters, &app.atlas(), By::Point);
    let truths = ["false", "true"];
    let reached = parameters.word("reached", |text| truths.iter().position(|truth| *truth == text), &truths);
    let part = links::part_of(&mut parameters, ROWS, MOST_ROWS);
    let links = Links::of(&request);
    let told = links.clone();
    let format = parameters.word("format", |text| FORMATS.iter().position(|format| *format == text), &FORMATS);
    let past = filter::as_of(&mut parameters, &app.atlas(), Utc::now());
    parameters.finish()?;
    let as_of = past.unwrap_or_else(|| app.live.as_of());
    let (tag, body, rest) = app
        .ponder_over(app.atlas_of(past, question.population_year).await?, move |atlas| {
            let (answer, matched) = analysis::catchment_part(atlas, &question, reached.map(|at| at == 1), part)?;
            let answer = Catchment { as_of, ..answer };
            let next = links::next(part, answer.rows.len(), matched);
            let rest = next.clone().filter(|_| format == Some(1));
            let links = told.told([JSON, CSV, GEOJSON][format.unwrap_or(0)], next);
            let body = match format {
                Some(1) => rows_csv(&answer),
                Some(2) => features(atlas, &answer, matched, links),
                _ => serde_json::to_string(&Whole { number_matched: matched, answer: &answer, links })
                    .map_err(|e| e.to_string()),
            };
            Ok::<_, Problem>((atlas_tag(atlas), body, rest))
        })
        .await??;
    let body = body.map_err(|error| Problem::internal(&error))?;
    let kind = [JSON, CSV, GEOJSON][format.unwrap_or(0)];
    Ok(links.lead(representation::json(&request, kind, &tag, body), rest))
}

/// The answer, and how many rows it has in all.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    answer: &'a Catchment,
    #[serde(rename = "numberMatched")]
    number_matched: usize,
    links: Value,
}

/// The rows as Features: demand points, or regions with their borders where they are known.
fn features(atlas: &Atlas, answer: &Catchment, matched: usize, links: Value) -> Result<String, String> {
    let feature = |row: &Row| {
        let mut properties = serde_json::to_value(row).map_err(|error| error.to_string())?;
        let point = row.lon.zip(row.lat).map(|(lon, lat)| json!({"type": "Point", "coordinates": [lon, lat]}));
        let border = || atlas.regions().get(row.region.as_deref()?)?.border.as_ref().map(|border| json!(border));
        let geometry = if row.id.is_some() { point } else { border().or(point) };
        if let Some(fields) = properties.as_object_mut() {
            for gone in ["id", "lon", "lat"] {
                fields.shift_remove(gone);
            }
        }
        let id = row.id.map_or_else(|| json!(row.region), |id| json!(id));
        Ok(json!({"type": "Feature", "id": id, "geometry": geometry, "properties": properties}))
    };
    let features: Result<Vec<Value>, String> = answer.rows.iter().map(feature).collect();
    let mut collection =
        serde_json::to_value(Catchment { rows: Vec::new(), ..answer.clone() }).map_err(|e| e.to_string())?;
    collection["type"] = json!("FeatureCollection");
    collection["numberMatched"] = json!(matched);
    collection["numberReturned"] = json!(answer.rows.len());
    collection["links"] = links;
    collection["features"] = json!(features?);
    if let Some(fields) = collection.as_object_mut() {
        fields.shift_remove("rows");
    }
    Ok(collection.to_string())
}

fn rows_csv(answer: &Catchment) -> Result<String, String> {
    let mut out = CsvWriter::new(Vec::new()).map_err(|error| error.to_string())?;
    let heads = [
        "id",
        "region",
        "name",
        "lon",
        "lat",
        "population",
        "access",
        "reached",
        "per_1000",
        "gap",
        "demand_points",
        "reached_capacity",
        "unreached_population",
        "unsure_population",
        "facilities",
        "capacity_unknown",
        "capacity",
        "capacity_per_1000",
        "missing",
        "demo",
    ];
    out.write_record(heads).map_err(|error| error.to_string())?;
    for row in &answer.rows {
        let area = row.area.as_ref();
        let cells = [
            text(row.id),
            text(row.region.as_ref()),
            text(row.name.as_ref()),
            text(row.lon),
            text(row.lat),
            text(row.population),
            text(row.access),
            text(row.reached),
            text(row.per_1000),
            text(row.gap),
            text(area.map(|area| area.demand_points)),
            text(area.and_then(|area| area.reached_capacity)),
            text(area.and_then(|area| area.unreached_population)),
            text(area.and_then(|area| area.unsure_population)),
            text(area.map(|area| area.facilities)),
            text(area.map(|area| area.capacity_unknown)),
            text(area.and_then(|area| area.capacity)),
            text(area.and_then(|area| area.capacity_per_1000)),
            text(area.and_then(|area| area.missing)),
            row.demo.to_string(),
        ];
        out.write_record(cells).map_err(|error| error.to_string())?;
    }
    out.into_text()
}

/// An unknown value is an empty cell.
fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
