//! Alive, ready, and the figures an operator watches.

use std::fmt::Write;

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

fn lag_s(app: &App) -> f64 {
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

/// Prometheus' text format.
pub async fn metrics(app: web::Data<App>) -> HttpResponse {
    let atlas = app.atlas();
    let figures = [
        ("silver_atlas_revision", "Number of the last change that the atlas knows", atlas.revision() as f64),
        ("silver_atlas_facilities", "Facilities in the atlas", atlas.facility_count() as f64),
        ("silver_atlas_demand_points", "Demand points in the atlas", atlas.demand().len() as f64),
        ("silver_atlas_regions", "Regions in the atlas", atlas.regions().len() as f64),
        ("silver_atlas_feed_lag_seconds", "Seconds since the log was last seen to hold nothing newer", lag_s(&app)),
        ("silver_atlas_record_reachable", "1 while the database answers", f64::from(u8::from(app.live.reachable()))),
    ];
    let mut text = String::new();
    for (name, help, value) in figures {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
