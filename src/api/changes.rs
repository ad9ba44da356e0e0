//! `GET /api/v1/changes`: the log for others, so that nobody patches a copy by hand. Polled, long-polled or streamed.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;
use serde_json::{Value, json};

use super::JSON;
use crate::care::Change;
use crate::http::{App, Parameters, Problem};

/// How long a stream stays silent at most: proxies close what says nothing.
const HEARTBEAT: Duration = Duration::from_secs(15);
const PAGE: i64 = 500;

/// One change as others see it: who by role only, and the record as it is after it.
pub fn line(change: &Change) -> Value {
    let mut line = json!({
        "seq": change.seq,
        "at": change.at,
        "by": change.by(),
        "entity": change.entity,
        "id": change.key,
        "action": change.action,
    });
    if let Some(becomes) = &change.becomes {
        line["becomes"] = json!(becomes);
    }
    if let Some(after) = &change.after {
        line["record"] = after.clone();
    }
    line
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
    let changes = app.registry.changes_after(since, limit).await?;
    let next = changes.last().map_or(since, |change| change.seq);
    let atlas = app.atlas();
    let body = json!({
        "log": atlas.position().log,
        "revision": atlas.revision().max(next),
        "since": since,
        "next": next,
        "changes": changes.iter().filter(|change| change.entity.public()).map(line).collect::<Vec<_>>(),
    });
    let response =
        HttpResponse::Ok().content_type(JSON).insert_header((header::CACHE_CONTROL, "no-store")).body(body.to_string());
    Ok(response)
}

/// Server-sent events: one change an event, its number as the event's id, so that a broken line is taken up where it broke.
fn follow(app: web::Data<App>, since: i64) -> HttpResponse {
    let events = stream::unfold((app, since), |(app, since)| async move {
        let news = app.live.reached(since.saturating_add(1), HEARTBEAT).await;
        let changes = if news { app.registry.changes_after(since, PAGE).await } else { Ok(Vec::new()) };
        // What cannot be read now ends the stream; the follower comes back with the last id that it saw.
        let changes = changes.ok()?;
        let next = changes.last().map_or(since, |change| change.seq);
        let mut text = String::new();
        for change in changes.iter().filter(|change| change.entity.public()) {
            text.push_str(&format!("id: {}\nevent: change\ndata: {}\n\n", change.seq, line(change)));
        }
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
