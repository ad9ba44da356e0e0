//! `GET /metrics`: the figures that an operator watches, on a listener of their own and not for the public.

use std::fmt::Write;

use actix_web::{HttpResponse, web};

use super::health::lag_s;
use crate::http::App;
use crate::http::resource::read;

/// The addresses of the private listener.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(read("/metrics", figures)).service(read("/healthz", super::health::healthz));
}

/// What the public listener says instead.
pub async fn elsewhere() -> HttpResponse {
    let detail = "The figures for Prometheus are not public: start the server with --metrics-listen 127.0.0.1:9100 \
                  (SILVER_ATLAS_METRICS_LISTEN) and ask there.\n";
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body(detail)
}

/// Prometheus' text format.
async fn figures(app: web::Data<App>) -> HttpResponse {
    let atlas = app.atlas();
    let figures = [
        ("silver_atlas_revision", "Number of the last change that the atlas knows", atlas.revision() as f64),
        ("silver_atlas_facilities", "Facilities in the atlas", atlas.facility_count() as f64),
        ("silver_atlas_demand_points", "Demand points in the atlas", atlas.demand().len() as f64),
        ("silver_atlas_regions", "Regions in the atlas", atlas.regions().len() as f64),
        ("silver_atlas_feed_lag_seconds", "Seconds since the log was last seen to hold nothing newer", lag_s(&app)),
        (
            "silver_atlas_record_writable",
            "1 while the record can be written",
            f64::from(u8::from(app.live.write_fault().is_none())),
        ),
        ("silver_atlas_record_reachable", "1 while the database answers", f64::from(u8::from(app.live.reachable()))),
    ];
    let mut text = String::new();
    for (name, help, value) in figures {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
