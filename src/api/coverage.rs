//! `/api/v1/coverage` and `/coverage/gaps`: who is served within a distance, and who is not; before and after a scenario.

use std::ops::Range;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};

use super::{GEOJSON, JSON};
use crate::analysis::what_if::{self, Shift};
use crate::analysis::{self, Coverage, Gap, Part, Standing};
use crate::atlas::Atlas;
use crate::exchange::csv_writer::{self, CsvWriter};
use crate::http::filter;
use crate::http::links::{self, GAPS, Linked, Links};
use crate::http::question::{QUESTION, question};
use crate::http::representation::{self, atlas_tag, moment};
use crate::http::{App, Parameters, Problem, scenario};

/// Spreadsheets read CSV; everything else reads JSON.
const FORMATS: [&str; 2] = ["json", "csv"];
pub const CSV: &str = "text/csv; charset=utf-8";

/// Whether CSV is asked for.
pub fn csv_wanted(parameters: &mut Parameters) -> bool {
    parameters.word("format", |text| FORMATS.iter().position(|format| *format == text), &FORMATS) == Some(1)
}

/// Totals and a row a region, a page of the rows at a time.
pub async fn coverage(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [QUESTION.as_slice(), &["format", "as_of", "limit", "cursor"]].concat();
    let mut parameters = Parameters::of(&request, &known);
    let asked = question(&mut parameters, &app.atlas(), &app.standards);
    let csv = csv_wanted(&mut parameters);
    let part = links::part(&mut parameters);
    let links = Links::of(&request);
    let told = links.clone();
    let past = filter::as_of(&mut parameters, &app.atlas(), Utc::now());
    parameters.finish()?;
    let (as_of, question) = (past.unwrap_or_else(|| app.live.as_of()), asked.question.clone());
    let tell = move |atlas: &Atlas, standing: &Standing| {
        let mut answer = Coverage { as_of, ..standing.part(atlas, part) };
        answer.standard.walk = asked.walk;
        let next = links::next(part, answer.rows.len(), answer.matched);
        let rest = next.clone().filter(|_| csv);
        let body = if csv {
            rows_csv(&answer)
        } else {
            let links = told.told(JSON, next);
            serde_json::to_string(&Linked { answer, links }).map_err(|error| error.to_string())
        };
        (atlas_tag(atlas), body, rest)
    };
    let (tag, body, rest) = match past {
        None => app.ponder_kept(question, tell).await?,
        Some(_) => {
            let bands = app.standards.bands_m.clone();
            let over = app.atlas_of(past, question.population_year).await?;
            app.ponder_over(over, move |atlas| tell(atlas, &Standing::of(atlas, &question, &bands))).await?
        }
    };
    let body = body.map_err(|error| Problem::internal(&error))?;
    Ok(links.lead(representation::json(&request, if csv { CSV } else { JSON }, &tag, body), rest))
}

/// Before and after a scenario, and the difference. The question stands in the address or beside the scenario.
pub async fn difference(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (told, members) = scenario::part(scenario::object(&request, &body)?)?;
    let query = [request.query_string(), &told].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let atlas = app.atlas();
    let asked = scenario::asked(&app, &atlas, &query.join("&"))?;
    let changes = scenario::read(&atlas, &members)?;
    drop(atlas);
    let outcome = scenario::outcome(&app, asked, changes).await?;
    let body = serde_json::to_string(&outcome).map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type(JSON).body(body))
}

/// The uncovered demand points, most people first.
pub async fn gaps(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [QUESTION.as_slice(), &["limit", "cursor", "format", "as_of"]].concat();
    let mut parameters = Parameters::of(&request, &known);
    let question = question(&mut parameters, &app.atlas(), &app.standards).question;
    let limit = parameters.number("limit", 1..=GAPS, "whole number");
    let skip = parameters.number("cursor", 0..=100_000_000, "number of rows").unwrap_or(0usize);
    let links = Links::of(&request);
    let csv = csv_wanted(&mut parameters);
    let past = filter::as_of(&mut parameters, &app.atlas(), Utc::now());
    parameters.finish()?;
    // A table is opened by people, who do not see that it was cut: all rows, unless fewer are asked for.
    let limit = limit.unwrap_or(if csv { usize::MAX } else { 1000 });
    let as_of = moment(past.unwrap_or_else(|| app.live.as_of()));
    let atlas = app.atlas_of(past, question.population_year).await?;
    let gaps = app.ponder_over(Arc::clone(&atlas), move |atlas| analysis::gaps(atlas, &question)).await?;
    let (from, end) = (skip.min(gaps.len()), gaps.len().min(skip.saturating_add(limit)));
    if csv && end - from > GAPS_A_PART {
        return Ok(HttpResponse::Ok().content_type(CSV).streaming(parts(atlas, Arc::new(gaps), from..end)));
    }
    let (tag, body) = app
        .ponder_over(atlas, move |atlas| {
            let shown = &gaps[from..end];
            let next = links::next(Part { skip, most: limit }, shown.len(), gaps.len());
            let body = if csv {
                gaps_csv(atlas, shown, true)
            } else {
                // Each written by itself: a tree of all of them would weigh ten times as much.
                let told: Vec<String> = shown.iter().map(|gap| feature(atlas, gap).to_string()).collect();
                Ok(format!(
                    "{{\"type\":\"FeatureCollection\",\"revision\":{},\"as_of\":\"{as_of}\",\"numberMatched\":{},\
                     \"numberReturned\":{},\"uncovered\":{},\"links\":{},\"features\":[{}]}}",
                    atlas.revision(),
                    gaps.len(),
                    shown.len(),
                    gaps.iter().map(|gap| gap.population).sum::<u64>(),
                    links.told(GEOJSON, next),
                    told.join(","),
                ))
            };
            (atlas_tag(atlas), body)
        })
        .await?;
    let body = body.map_err(|error| Problem::internal(&error))?;
    Ok(representation::json(&request, if csv { CSV } else { GEOJSON }, &tag, body))
}

/// Rows of a long table that are in memory at a time.
const GAPS_A_PART: usize = 5_000;

/// A long table of gaps, part by part.
fn parts(
    atlas: Arc<Atlas>,
    gaps: Arc<Vec<Gap>>,
    shown: Range<usize>,
) -> impl Stream<Item = Result<web::Bytes, actix_web::Error>> {
    let Range { start, end } = shown;
    stream::iter((start..end).step_by(GAPS_A_PART)).map(move |from| {
        let part = &gaps[from..end.min(from + GAPS_A_PART)];
        gaps_csv(&atlas, part, from == start).map(web::Bytes::from).map_err(|error| Problem::internal(&error).into())
    })
}

/// The demand points that are uncovered before or after a scenario, most people first.
pub async fn gap_shifts(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let (told, members) = scenario::part(scenario::object(&request, &body)?)?;
    let query = [request.query_string(), &told].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let atlas = app.atlas();
    let mut parameters = Parameters::of_text(&query.join("&"), &[QUESTION.as_slice(), &["limit"]].concat());
    let question = question(&mut parameters, &atlas, &app.standards).question;
    let limit = parameters.number("limit", 1..=GAPS, "whole number").unwrap_or(1000usize);
    parameters.finish()?;
    let changes = scenario::read(&atlas, &members)?;
    drop(atlas);
    let as_of = moment(app.live.as_of());
    let tell = move |atlas: &Atlas, standing: &Standing| {
        let (changes, _) = what_if::as_it_stands(atlas, &changes);
        let shifts = what_if::shifts(atlas, standing, &changes);
        let people = |on: fn(&Shift) -> bool| {
            shifts.iter().filter(|shift| on(shift)).map(|shift| shift.gap.population).sum::<u64>()
        };
        let told = |shift: &Shift| {
            let mut feature = feature(atlas, &shift.gap);
            feature["properties"]["before"] = json!(shift.before);
            feature["properties"]["after"] = json!(shift.after);
            feature
        };
        let shown = &shifts[..shifts.len().min(limit)];
        json!({
            "type": "FeatureCollection",
            "revision": atlas.revision(),
            "as_of": as_of,
            "numberMatched": shifts.len(),
            "numberReturned": shown.len(),
            "uncovered": {"before": people(|shift| shift.before), "after": people(|shift| shift.after)},
            "features": shown.iter().map(told).collect::<Vec<_>>(),
        })
        .to_string()
    };
    let body = app.ponder_kept(question, tell).await?;
    Ok(HttpResponse::Ok().content_type(GEOJSON).body(body))
}

fn feature(atlas: &Atlas, gap: &Gap) -> Value {
    let demand = &atlas.demand()[gap.demand];
    let region = demand.point.region.as_deref();
    let name = region.and_then(|code| atlas.regions().get(code)).map(|region| &region.name);
    let mut properties = json!({
        "region": region,
        "name": name,
        "population": gap.population,
        "nearest_m": gap.nearest_m.map(millimetres),
    });
    if demand.point.demo {
        properties["demo"] = json!(true);
    }
    let geometry = demand.lon_lat.map(|(lon, lat)| json!({"type": "Point", "coordinates": [lon, lat]}));
    json!({"type": "Feature", "id": demand.point.id, "geometry": geometry, "properties": properties})
}

fn millimetres(metres: f64) -> f64 {
    (metres * 1000.0).round() / 1000.0
}

pub(super) type Csv = Result<String, String>;

fn rows_csv(answer: &Coverage) -> Csv {
    let mut out = CsvWriter::new(Vec::new()).map_err(|error| error.to_string())?;
    let heads = [
        "region",
        "name",
        "demand_points",
        "population",
        "covered",
        "uncovered",
        "share",
        "facilities",
        "nearest_median_m",
        "nearest_p90_m",
        "nearest_max_m",
        "mean_m",
        "person_m",
        "unknown_population",
        "missing",
        "class",
        "unknown_aged_60",
        "regions_without_population",
    ];
    out.write_record(heads).map_err(|error| error.to_string())?;
    for row in &answer.rows {
        let nearest = |pick: fn(&analysis::coverage::Nearest) -> f64| text(row.nearest_m.as_ref().map(pick));
        let cells = [
            text(row.region.as_ref()),
            text(row.name.as_ref()),
            row.demand_points.to_string(),
            text(row.population),
            text(row.covered),
            text(row.uncovered),
            text(row.share),
            row.facilities.to_string(),
            nearest(|nearest| nearest.median),
            nearest(|nearest| nearest.p90),
            nearest(|nearest| nearest.max),
            text(row.mean_m),
            text(row.person_m),
            row.unknown_population.to_string(),
            text(row.missing),
            text(row.class),
            text(row.unknown_aged_60),
            row.regions_without_population.to_string(),
        ];
        out.write_record(cells).map_err(|error| error.to_string())?;
    }
    out.into_text()
}

/// The rows of gaps, the first part with the headings.
fn gaps_csv(atlas: &Atlas, gaps: &[Gap], first: bool) -> Csv {
    let heads = ["region", "name", "lon", "lat", "population", "nearest_m", "demo"];
    let rows = gaps.iter().map(|gap| {
        let demand = &atlas.demand()[gap.demand];
        let region = demand.point.region.as_deref();
        let name = region.and_then(|code| atlas.regions().get(code)).map(|region| &region.name);
        [
            text(region),
            text(name),
            text(demand.lon_lat.map(|(lon, _)| lon)),
            text(demand.lon_lat.map(|(_, lat)| lat)),
            gap.population.to_string(),
            text(gap.nearest_m.map(millimetres)),
            demand.point.demo.to_string(),
        ]
    });
    let whole = csv_writer::table(&heads, rows)?;
    Ok(if first { whole } else { whole.split_once('\n').map_or_else(String::new, |(_, rows)| rows.to_owned()) })
}

/// An unknown value is an empty cell.
pub(super) fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
