//! `GET /api/v1/coverage/trend`, `/coverage/scorecard` and `/standards`: coverage by day, by standard, and the standards.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde_json::{Value, json};

use super::JSON;
use crate::analysis::{Scorecard, Standing};
use crate::http::question::{QUESTION, WHOM, question};
use crate::http::representation::{self, atlas_tag, moment};
use crate::http::views::{self, scored};
use crate::http::{App, Parameters, Problem};

/// The totals as the record stood on each of a few days.
pub async fn trend(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [QUESTION.as_slice(), &["as_of"]].concat();
    let mut parameters = Parameters::of(&request, &known);
    let atlas = app.atlas();
    let asked = question(&mut parameters, &atlas, &app.standards);
    let days = views::days(&mut parameters, &atlas, Utc::now());
    parameters.finish()?;
    let (tag, mut standard) = (atlas_tag(&atlas), Value::Null);
    drop(atlas);
    let mut rows = Vec::new();
    for (told, past) in days {
        let question = asked.question.clone();
        let over = app.atlas_of(past, question.population_year).await?;
        let answer = app.ponder_over(over, move |atlas| Standing::of(atlas, &question, &[]).coverage(atlas)).await?;
        let mut answered = answer.standard;
        answered.walk.clone_from(&asked.walk);
        standard = json!(answered);
        let as_of = past.unwrap_or_else(|| app.live.as_of());
        rows.push(json!({"day": told, "as_of": moment(as_of), "revision": answer.revision, "totals": answer.totals, "counted": answer.counted,
            "facilities": answer.rows.iter().map(|row| row.facilities).sum::<usize>()}));
    }
    Ok(representation::json(&request, JSON, &tag, json!({"standard": standard, "rows": rows}).to_string()))
}

/// Several standards side by side.
pub async fn scorecard(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [WHOM.as_slice(), &["standard", "detour", "format"]].concat();
    let mut parameters = Parameters::of(&request, &known);
    let csv = super::coverage::csv_wanted(&mut parameters);
    let asked = scored(&mut parameters, &app.atlas(), &app.standards);
    parameters.finish()?;
    let tag = atlas_tag(&app.atlas());
    let card = views::scorecard(&app, asked).await?;
    let body = if csv { table(&card) } else { serde_json::to_string(&card).map_err(|error| error.to_string()) };
    let body = body.map_err(|error| Problem::internal(&error))?;
    Ok(representation::json(&request, if csv { super::coverage::CSV } else { JSON }, &tag, body))
}

/// A row a region and standard.
fn table(card: &Scorecard) -> Result<String, String> {
    let mut out = csv::Writer::from_writer(Vec::new());
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
    super::coverage::finish(out)
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
