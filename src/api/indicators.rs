//! `GET /api/v1/indicators`: the bureau's report of a region, a year and a day, as JSON, CSV or a workbook.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::coverage::CSV;
use super::{JSON, jobs};
use crate::analysis::indicators::{Report, line_json};
use crate::exchange::workbook::{self, Table};
use crate::http::jobs::Outcome;
use crate::http::report::{Answered, QUESTION, link, question};
use crate::http::representation::{self, atlas_tag, moment};
use crate::http::{App, Parameters, Problem, sheets, views};

const FORMATS: [&str; 3] = ["json", "csv", "xlsx"];
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub async fn indicators(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &[QUESTION.as_slice(), &["format", "job"]].concat());
    let question = question(&mut parameters, &app.atlas());
    let formats = |text: &str| FORMATS.iter().find(|format| **format == text).copied();
    let format = parameters.word("format", formats, &FORMATS).unwrap_or("json");
    parameters.require("region", question.region.clone(), "the code of the region to report on, such as 321300");
    let job = jobs::wanted(&mut parameters);
    parameters.finish()?;
    let begun = views::report(&app, app.client(&request).await, question, false)?;
    if job {
        return Ok(jobs::told(HttpResponse::Accepted(), &begun));
    }
    let Outcome::Report(answered) = jobs::end(&app, begun).await? else { return Err(jobs::other()) };
    let tag = atlas_tag(&answered.atlas);
    let name = format!("silver-atlas-report-{}-{}", answered.region.code, answered.year);
    match format {
        "csv" => {
            let text = workbook::csv(&sheets::lines(&answered)).map_err(|error| Problem::internal(&error))?;
            Ok(HttpResponse::Ok().content_type(CSV).insert_header(saved_as(&name, "csv")).body(text))
        }
        "xlsx" => {
            let tables: [Table; 3] = [sheets::about(&answered), sheets::lines(&answered), sheets::checks(&answered)];
            let bytes = workbook::workbook(&tables).map_err(|error| Problem::internal(&error))?;
            Ok(HttpResponse::Ok().content_type(XLSX).insert_header(saved_as(&name, "xlsx")).body(bytes))
        }
        _ => Ok(representation::json(&request, JSON, &tag, written(&answered).to_string())),
    }
}

fn saved_as(name: &str, ending: &str) -> (header::HeaderName, String) {
    // Codes of other countries are free text: only what is safe in a name goes into one.
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\""))
}

/// The report as JSON.
pub fn written(answered: &Answered<Report>) -> Value {
    let report = &answered.answer;
    let lines: Vec<Value> = report.lines.iter().map(|line| line_json(line, &link)).collect();
    json!({
        "revision": answered.atlas.revision(),
        "as_of": moment(answered.as_of),
        "region": {"code": answered.region.code, "name": answered.region.name},
        "year": answered.year,
        "summary": report.summary(),
        "indicators": lines,
        "checks": report.checks,
    })
}
