//! `GET /api/v1/changes`: the log for others, so that nobody patches a copy by hand. Polled, long-polled or streamed.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::JSON;
use crate::care::change::role_of;
use crate::care::{Action, Entity};
use crate::http::{App, Code, Parameters, Problem};
use crate::registry::LogLine;

/// How long a stream stays silent at most: proxies close what says nothing.
const HEARTBEAT: Duration = Duration::from_secs(15);
const PAGE: i64 = 500;

/// One change as others see it: who by role only, and the record as it is after it.
#[derive(Serialize)]
struct PublicLine<'a> {
    seq: i64,
    at: DateTime<Utc>,
    by: &'a str,
    entity: Entity,
    id: &'a str,
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    becomes: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a RawValue>,
}

impl PublicLine<'_> {
    fn of(line: &LogLine) -> PublicLine<'_> {
        PublicLine {
            seq: line.seq,
            at: line.at,
            by: role_of(&line.actor),
            entity: line.entity,
            id: &line.key,
            action: line.action,
            becomes: line.becomes.as_deref(),
            record: line.after.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Page<'a> {
    log: Uuid,
    revision: i64,
    since: i64,
    next: i64,
    changes: Vec<PublicLine<'a>>,
}

/// Changes after `since`, in the order of their commits; waits up to `wait` seconds for the first one.
pub async fn changes(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &["since", "limit", "wait"]);
    let since = parameters.number("since", 0..=i64::MAX, "number of a change").unwrap_or(0);
    let limit = parameters.number("limit", 1..=1000, "whole number").unwrap_or(100i64);
    let wait = parameters.number("wait", 0..=60, "number of seconds").unwrap_or(0u64);
    parameters.finish()?;
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/event-stream") {
        let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
        return Ok(follow(app, last.unwrap_or(since)));
    }
    if wait > 0 {
        // Waits for the atlas to move, holding neither a connection nor a thread.
        app.live.reached(since.saturating_add(1), Duration::from_secs(wait)).await;
    }
    let atlas = app.atlas();
    let (log, revision) = (atlas.position().log, atlas.revision());
    let answer = move |lines: Vec<LogLine>, _| {
        let last = lines.last().map(|line| line.seq);
        // Whoever asks for what comes after the log's end is told where it ends.
        let (revision, next) = (revision.max(last.unwrap_or(0)), last.unwrap_or(since));
        let changes = lines.iter().filter(|line| line.entity.public()).map(PublicLine::of).collect();
        serde_json::to_string(&Page { log, revision, since, next, changes })
    };
    let body = app.read_log(app.registry.log_after(since, limit), answer).await?;
    let body = body.map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type(JSON).insert_header((header::CACHE_CONTROL, "no-store")).body(body))
}

/// Server-sent events: one change an event, its number as the event's id, so that a broken line is taken up where it broke.
fn follow(app: web::Data<App>, since: i64) -> HttpResponse {
    let events = stream::unfold((app, since), |(app, since)| async move {
        let mut told = (String::new(), since);
        if app.live.reached(since.saturating_add(1), HEARTBEAT).await {
            told = match app.read_log(app.registry.log_after(since, PAGE), move |lines, _| events(&lines, since)).await
            {
                Ok(told) => told,
                // Its turn comes.
                Err(problem) if problem.code == Code::Busy => told,
                // What cannot be read now ends the stream; the follower comes back with the last id that it saw.
                Err(_) => return None,
            };
        }
        let (mut text, next) = told;
        if text.is_empty() {
            text.push_str(": still here\n\n");
        }
        Some((Ok::<_, actix_web::Error>(web::Bytes::from(text)), (app, next)))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compressed events would wait in the compressor.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(Box::pin(events))
}

/// The events of these changes, and the number of the last.
fn events(lines: &[LogLine], since: i64) -> (String, i64) {
    let mut text = String::new();
    for line in lines.iter().filter(|line| line.entity.public()) {
        let told = serde_json::to_string(&PublicLine::of(line)).unwrap_or_default();
        text.push_str(&format!("id: {}\nevent: change\ndata: {told}\n\n", line.seq));
    }
    (text, lines.last().map_or(since, |line| line.seq))
}
