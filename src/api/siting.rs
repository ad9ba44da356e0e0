//! `POST /api/v1/siting`: where new facilities do most good. `?job=true` answers at once with the address of the job.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{JSON, jobs};
use crate::analysis::siting::Siting;
use crate::http::jobs::Outcome;
use crate::http::siting::read;
use crate::http::wire::takes_json;
use crate::http::{App, Parameters, Problem};

/// Answers the plan, or where to ask for it. A search whose asker goes away ends.
pub async fn siting(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["job"]);
    let job = jobs::wanted(&mut parameters);
    parameters.finish()?;
    takes_json(&request, "{\"kind\":\"meal_point\",\"within_m\":1000,\"sites\":5}")?;
    let atlas = app.atlas();
    let (question, seconds) = read(&atlas, &body)?;
    // Of whatever year, it is the record of now.
    let atlas = question.population_year.map_or_else(|| atlas.clone(), |year| Arc::new(atlas.of_year(year)));
    let begun = app.jobs.begin(app.client(&request).await, (atlas, app.live.as_of()), question, seconds, None)?;
    if job {
        return Ok(jobs::told(HttpResponse::Accepted(), &begun));
    }
    let Outcome::Siting(plan) = jobs::end(&app, begun).await? else { return Err(jobs::other()) };
    Ok(HttpResponse::Ok().content_type(JSON).insert_header((header::CACHE_CONTROL, "no-store")).body(written(&plan)?))
}

/// The answer as JSON.
pub fn written(plan: &Siting) -> Result<String, Problem> {
    serde_json::to_string(plan).map_err(|error| Problem::internal(&error))
}
