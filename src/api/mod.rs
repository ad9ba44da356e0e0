//! The JSON face: one file a resource. Addresses and fields are those of the contract.

use actix_web::{HttpRequest, web};

use crate::care::{Claim, ProgrammeFigure, Target};
use crate::http::resource::{read, reads, wrong_method};
use crate::http::{Code, Problem, wire};

pub mod capacity;
pub mod catchment;
pub mod changes;
pub mod coverage;
pub mod coverage_views;
pub mod facilities;
pub mod health;
pub mod indicators;
pub mod inspections;
pub mod jobs;
pub mod kept;
pub mod metrics;
pub mod nearest;
pub mod openapi;
pub mod places;
pub mod ratings;
pub mod regions;
pub mod register;
pub mod requests;
pub mod scenarios;
pub mod siting;
pub mod standings;
pub mod tiers;

/// GeoJSON's own type.
pub const GEOJSON: &str = "application/geo+json";
/// The type of all other answers.
pub const JSON: &str = "application/json";

/// The table of addresses. They are tried in order, and those with a name in them cost most to try: what is asked most
/// stands first.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(read("/healthz", health::healthz))
        .service(read("/api/v1/nearest", nearest::nearest))
        .service(read("/readyz", health::readyz))
        .service(read("/metrics", metrics::elsewhere))
        .service(read("/api/openapi.json", openapi::document))
        .service(
            web::resource("/api/v1/facilities")
                .route(web::route().guard(reads()).to(facilities::list))
                .route(web::post().to(register::register))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") })),
        )
        .service(
            web::resource("/api/v1/facilities/{id}")
                .route(web::route().guard(reads()).to(facilities::one))
                .route(web::patch().to(register::amend))
                .route(web::delete().to(register::withdraw))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, PATCH, DELETE") })),
        )
        .service(read("/api/v1/facilities/{id}/history", facilities::history))
        .service(read("/api/v1/facilities/{id}/ratings", ratings::of_facility))
        .service(read("/api/v1/ratings/expiring", ratings::expiring))
        .service(
            web::resource("/api/v1/facilities/{id}/inspections")
                .route(web::route().guard(reads()).to(inspections::of_facility))
                .route(web::post().to(inspections::add))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") })),
        )
        .service(read("/api/v1/inspections/sweep", inspections::sweep))
        .service(read("/api/v1/inspections/facilities", inspections::facilities))
        .service(read("/api/v1/inspections/findings", inspections::findings))
        .service(
            web::resource("/api/v1/inspections/{id}")
                .route(web::route().guard(reads()).to(inspections::one))
                .route(web::patch().to(inspections::amend))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, PATCH") })),
        )
        .service(
            web::resource("/api/v1/facilities/{id}/capacity")
                .route(web::patch().to(capacity::update))
                .default_service(web::to(|| async { wrong_method("PATCH") })),
        )
        .service(read("/api/v1/requests", requests::list))
        .service(
            web::resource("/api/v1/requests/{id}")
                .route(web::route().guard(reads()).to(requests::one))
                .route(web::delete().to(requests::withdraw))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, DELETE") })),
        )
        .service(
            web::resource("/api/v1/requests/{id}/decision")
                .route(web::post().to(requests::decide))
                .default_service(web::to(|| async { wrong_method("POST") })),
        )
        .service(read("/api/v1/changes", changes::changes))
        .service(read("/api/v1/places", places::places))
        .service(read("/api/v1/regions", regions::list))
        .service(
            web::resource("/api/v1/regions/{code}")
                .route(web::route().guard(reads()).to(regions::one))
                .route(web::patch().to(regions::amend))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, PATCH") })),
        )
        .service(read("/api/v1/catchment", catchment::catchment))
        .service(
            web::resource("/api/v1/coverage")
                .route(web::route().guard(reads()).to(coverage::coverage))
                .route(web::post().to(coverage::difference))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") })),
        )
        .service(
            web::resource("/api/v1/coverage/gaps")
                .route(web::route().guard(reads()).to(coverage::gaps))
                .route(web::post().to(coverage::gap_shifts))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") })),
        )
        .service(read("/api/v1/coverage/trend", coverage_views::trend))
        .service(read("/api/v1/coverage/scorecard", coverage_views::scorecard))
        .service(read("/api/v1/standards", coverage_views::standards))
        .service(
            web::resource("/api/v1/scenarios")
                .route(web::route().guard(reads()).to(scenarios::list))
                .route(web::post().to(scenarios::save))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") })),
        )
        // Before the next, which would take its name for an id.
        .service(read("/api/v1/scenarios/compare", scenarios::compare))
        .service(
            web::resource("/api/v1/scenarios/{id}")
                .route(web::route().guard(reads()).to(scenarios::one))
                .route(web::patch().to(scenarios::amend))
                .route(web::delete().to(scenarios::remove))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, PATCH, DELETE") })),
        )
        .service(read("/api/v1/scenarios/{id}/coverage", scenarios::coverage))
        .service(read("/api/v1/scenarios/{id}/targets", scenarios::targets))
        .service(read("/api/v1/tiers", tiers::tiers))
        .service(read("/api/v1/indicators", indicators::indicators))
        .service(
            web::resource("/api/v1/targets")
                .route(web::route().guard(reads()).to(kept::list::<Target>))
                .route(web::post().to(kept::add::<Target>))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") })),
        )
        .service(read("/api/v1/targets/standing", standings::standings))
        .service(
            web::resource("/api/v1/targets/{id}")
                .route(web::route().guard(reads()).to(kept::one::<Target>))
                .route(web::patch().to(kept::amend::<Target>))
                .route(web::delete().to(kept::remove::<Target>))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, PATCH, DELETE") })),
        )
        .service(
            web::resource("/api/v1/programmes")
                .route(web::route().guard(reads()).to(kept::list::<ProgrammeFigure>))
                .route(web::post().to(kept::add::<ProgrammeFigure>))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") })),
        )
        .service(
            web::resource("/api/v1/programmes/{id}")
                .route(web::route().guard(reads()).to(kept::one::<ProgrammeFigure>))
                .route(web::patch().to(kept::amend::<ProgrammeFigure>))
                .route(web::delete().to(kept::remove::<ProgrammeFigure>))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, PATCH, DELETE") })),
        )
        .service(
            web::resource("/api/v1/claims")
                .route(web::route().guard(reads()).to(kept::list::<Claim>))
                .route(web::post().to(kept::add::<Claim>))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") })),
        )
        .service(
            web::resource("/api/v1/claims/{id}")
                .route(web::route().guard(reads()).to(kept::one::<Claim>))
                .route(web::patch().to(kept::amend::<Claim>))
                .route(web::delete().to(kept::remove::<Claim>))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, PATCH, DELETE") })),
        )
        .service(
            web::resource("/api/v1/siting")
                .app_data(web::PayloadConfig::new(wire::SITING_BODY))
                .route(web::post().to(siting::siting))
                .default_service(web::to(|| async { wrong_method("POST") })),
        )
        .service(
            web::resource("/api/v1/jobs/{id}")
                .route(web::route().guard(reads()).to(jobs::one))
                .route(web::delete().to(jobs::cancel))
                .default_service(web::to(|| async { wrong_method("GET, HEAD, DELETE") })),
        );
}

/// Nobody here knows this address.
pub async fn not_found(request: HttpRequest) -> Result<String, Problem> {
    Err(Problem::new(Code::NotFound, format!("Nothing stands at {}.", request.path())))
}
