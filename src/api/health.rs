//! Alive and ready.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::JSON;
use crate::http::App;
use crate::http::representation::moment;
use crate::registry::MissingRecords;

/// The process is alive.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

pub(super) fn lag_s(app: &App) -> f64 {
    (app.live.lag().as_millis() as f64) / 1000.0
}

/// Whether reads are good, which decides the status, and whether writes are. A balancer that took every server out while the
/// database is away would take the map from families, who need no database.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    let lag = lag_s(&app);
    let write_fault = app.live.write_fault().or_else(|| app.registry.write_fault());
    let (ready, missing) = (app.live.can_read(), app.live.missing());
    let mut body = json!({
        "ready": ready,
        "can_read": ready,
        "can_write": write_fault.is_none(),
        "log": app.atlas().position().log,
        "revision": app.atlas().revision(),
        "lag_s": lag,
        "as_of": moment(app.live.as_of()),
        "record_reachable": app.live.reachable(),
    });
    if let Some(why) = write_fault {
        body["write_fault"] = json!(why);
    }
    if !missing.is_empty() {
        let told = missing.iter().map(|of| json!({"entity": of.entity, "count": of.count, "first": of.first}));
        body["missing"] = told.collect();
        body["repair"] = json!(MissingRecords::REPAIR);
    }
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.content_type(JSON).body(body.to_string())
}
