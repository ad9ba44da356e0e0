//! `GET` and `DELETE /api/v1/jobs/{id}`: how far a long search is, and an end to it.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde_json::{Value, json};

use super::JSON;
use crate::http::jobs::{Asker, Job, JobState, Outcome};
use crate::http::representation::moment;
use crate::http::{App, Code, Parameters, Problem};

fn find(app: &App, id: &str) -> Result<Arc<Job>, Problem> {
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
    if let Some((done, of)) = news.steps {
        told["steps"] = json!({"done": if job.ended().is_some() { of } else { done }, "of": of});
    }
    match job.ended() {
        Some(Ok(outcome)) => told["answer"] = written(outcome),
        Some(Err(failure)) => {
            let problem = failure.problem();
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

/// What a job came to, as its own address would answer it.
fn written(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Siting(plan) => serde_json::to_value(&**plan).unwrap_or(Value::Null),
        Outcome::Scorecard(card) => serde_json::to_value(&**card).unwrap_or(Value::Null),
        Outcome::Trend(read) => super::coverage_views::readings(read),
        Outcome::Past => Value::Null,
        Outcome::Report(answered) => super::indicators::written(answered),
    }
}

/// Reads `job=true`: answer at once with the address of the job.
pub fn wanted(parameters: &mut Parameters) -> bool {
    parameters.word("job", |word| word.parse().ok(), &["true", "false"]).unwrap_or(false)
}

/// Waits for the end. A job whose asker goes away ends.
pub async fn end(app: &App, begun: Arc<Job>) -> Result<Outcome, Problem> {
    let asker = Asker(begun);
    let outcome = asker.0.end().await.map_err(|failure| failure.problem())?;
    app.jobs.remove(&asker.0);
    Ok(outcome)
}

/// An outcome that is none of what was asked for.
pub fn other() -> Problem {
    Problem::internal(&"a job came to something else")
}
