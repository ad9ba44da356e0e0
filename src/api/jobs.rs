//! `GET` and `DELETE /api/v1/jobs/{id}`: how far a long search is, and an end to it.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde_json::{Value, json};

use super::JSON;
use crate::http::jobs::{Job, JobState};
use crate::http::no_plan::problem;
use crate::http::representation::moment;
use crate::http::{App, Code, Parameters, Problem};

fn find(app: &App, id: &str) -> Result<std::sync::Arc<Job>, Problem> {
    let gone = || Problem::new(Code::NotFound, "No such job is kept; results are kept for twenty minutes.");
    app.jobs.find(id).ok_or_else(gone)
}

/// State, stage, the best value and the bound so far; the answer once there is one.
pub async fn one(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    Ok(told(HttpResponse::Ok(), &*find(&app, &id)?))
}

/// Ends the search. What was found is forgotten.
pub async fn cancel(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    app.jobs.remove(&*find(&app, &id)?);
    Ok(HttpResponse::NoContent().finish())
}

/// The job as JSON, with its address.
pub fn told(mut response: HttpResponseBuilder, job: &Job) -> HttpResponse {
    let news = job.news();
    let state = job.state();
    let mut told = json!({
        "id": job.id,
        "state": state.code(),
        "stage": news.stage,
        "asked_at": moment(job.asked_at),
        "seconds": if state == JobState::Waiting { 0.0 } else { (job.watch.spent() * 1000.0).round() / 1000.0 },
        "seconds_limit": job.watch.seconds(),
    });
    for (name, value) in [("value", news.value), ("bound", news.bound)] {
        if let Some(value) = value {
            told[name] = json!(value);
        }
    }
    match job.ended() {
        Some(Ok(plan)) => told["answer"] = serde_json::to_value(&**plan).unwrap_or(Value::Null),
        Some(Err(refusal)) => {
            let problem = problem(refusal);
            told["problem"] = json!({"type": problem.code.slug(), "detail": problem.detail, "errors": problem.faults});
        }
        None => {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
    }
    response
        .content_type(JSON)
        .insert_header((header::LOCATION, format!("/api/v1/jobs/{}", job.id)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(told.to_string())
}
