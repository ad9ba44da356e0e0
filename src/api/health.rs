//! Alive and ready.

use actix_web::{HttpResponse, web};
use chrono::Utc;
use serde_json::json;

use super::JSON;
use crate::http::App;
use crate::http::representation::moment;

/// Seconds without word from the database after which the service calls itself not quite ready.
const LAG_LIMIT_S: f64 = 10.0;

/// The process is alive.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

pub(super) fn lag_s(app: &App) -> f64 {
    (Utc::now() - app.live.as_of()).num_milliseconds().max(0) as f64 / 1000.0
}

/// The atlas is loaded and the feed runs.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    let lag = lag_s(&app);
    let ready = lag < LAG_LIMIT_S;
    let body = json!({
        "ready": ready,
        "revision": app.atlas().revision(),
        "lag_s": lag,
        "as_of": moment(app.live.as_of()),
        "record_reachable": app.live.reachable(),
    });
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.content_type(JSON).body(body.to_string())
}
