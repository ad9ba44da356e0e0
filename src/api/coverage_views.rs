//! `GET /api/v1/coverage/trend`, `/coverage/scorecard` and `/standards`: coverage by day, by standard, and the standards.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde_json::{Value, json};

use super::{JSON, jobs};
use crate::analysis::Scorecard;
use crate::exchange::csv_writer::CsvWriter;
use crate::http::jobs::Outcome;
use crate::http::links::{self, Links};
use crate::http::question::{QUESTION, WHOM, question};
use crate::http::representation::{self, atlas_tag, moment};
use crate::http::views::{self, Reading, scored};
use crate::http::{App, Parameters, Problem, filter};

/// The totals as the record stood on each of a few days.
pub async fn trend(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [QUESTION.as_slice(), &["as_of", "job"]].concat();
    let mut parameters = Parameters::of(&request, &known);
    let atlas = app.atlas();
    let asked = question(&mut parameters, &atlas, &app.standards);
    let days = views::days(&mut parameters, &atlas, Utc::now());
    let job = jobs::wanted(&mut parameters);
    parameters.finish()?;
    let tag = atlas_tag(&atlas);
    drop(atlas);
    let begun = views::trend(&app, app.client(&request).await, &asked, days, false)?;
    if job {
        return Ok(jobs::told(HttpResponse::Accepted(), &begun));
    }
    let Outcome::Trend(read) = jobs::end(&app, begun).await? else { return Err(jobs::other()) };
    Ok(representation::json(&request, JSON, &tag, readings(&read).to_string()))
}

/// The days as JSON.
pub fn readings(read: &[Reading]) -> Value {
    let row = |reading: &Reading| {
        let answer = &reading.answer;
        json!({"day": reading.day, "as_of": moment(answer.as_of), "revision": answer.revision, "totals": answer.totals, "counted": answer.counted,
            "facilities": answer.facilities,
            "by_dates": reading.by_dates, "without_opening_date": reading.undated})
    };
    let standard = read.last().map_or(Value::Null, |reading| json!(reading.answer.standard));
    json!({"standard": standard, "rows": read.iter().map(row).collect::<Vec<_>>()})
}

/// Several standards side by side.
pub async fn scorecard(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [WHOM.as_slice(), &["standard", "detour", "format", "as_of", "job", "limit", "cursor"]].concat();
    let mut parameters = Parameters::of(&request, &known);
    let csv = super::coverage::csv_wanted(&mut parameters);
    let asked = scored(&mut parameters, &app.atlas(), &app.standards);
    let part = links::part(&mut parameters);
    let past = filter::as_of(&mut parameters, &app.atlas(), Utc::now());
    let job = jobs::wanted(&mut parameters);
    parameters.finish()?;
    let tag = atlas_tag(&app.atlas());
    let links = Links::of(&request);
    let begun = views::scorecard(&app, app.client(&request).await, asked, past, part, Some(links.clone()))?;
    if job {
        return Ok(jobs::told(HttpResponse::Accepted(), &begun));
    }
    let Outcome::Scorecard(card) = jobs::end(&app, begun).await? else { return Err(jobs::other()) };
    let body = if csv { table(&card.answer) } else { serde_json::to_string(&*card).map_err(|error| error.to_string()) };
    let body = body.map_err(|error| Problem::internal(&error))?;
    let rest = links::next(part, card.answer.rows.len(), card.answer.matched).filter(|_| csv);
    Ok(links.lead(representation::json(&request, if csv { super::coverage::CSV } else { JSON }, &tag, body), rest))
}

/// A row a region and standard.
fn table(card: &Scorecard) -> Result<String, String> {
    let mut out = CsvWriter::new(Vec::new()).map_err(|error| error.to_string())?;
    let heads = [
        "region",
        "name",
        "standard",
        "within_m",
        "population",
        "covered",
        "uncovered",
        "share",
        "class",
        "unknown_population",
        "regions_without_population",
    ];
    out.write_record(heads).map_err(|error| error.to_string())?;
    let text = super::coverage::text::<u64>;
    for row in &card.rows {
        for (column, score) in card.standards.iter().zip(&row.scores) {
            let code = column.standard.walk.as_ref().and_then(|walk| walk.code.as_deref());
            let cells = [
                row.region.as_deref().unwrap_or_default().to_owned(),
                row.name.as_deref().unwrap_or_default().to_owned(),
                code.unwrap_or_default().to_owned(),
                column.standard.within_m.to_string(),
                text(row.population),
                text(score.covered),
                text(score.uncovered),
                super::coverage::text(score.share),
                row.class.unwrap_or_default().to_owned(),
                row.unknown_population.to_string(),
                row.regions_without_population.to_string(),
            ];
            out.write_record(cells).map_err(|error| error.to_string())?;
        }
    }
    out.into_text()
}

/// The standards to choose from, and the figures that go with them.
pub async fn standards(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let list = app.standards.list.iter().map(|standard| {
        let mut told = json!(standard);
        told["within_m"] = json!(standard.within_m(1.0));
        told
    });
    let body = json!({
        "standards": list.collect::<Vec<_>>(),
        "speeds_m_s": app.standards.speeds_m_s,
        "default_speed_m_s": app.standards.default_speed_m_s,
        "detours": app.standards.detours,
        "bands_m": app.standards.bands_m,
    });
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}
