//! The JSON face: one file a resource. Addresses and fields are those of the contract.

use actix_web::{HttpRequest, web};

use crate::http::resource::{read, reads, wrong_method};
use crate::http::{Code, Problem};

pub mod capacity;
pub mod changes;
pub mod coverage;
pub mod facilities;
pub mod health;
pub mod jobs;
pub mod nearest;
pub mod openapi;
pub mod places;
pub mod regions;
pub mod register;
pub mod requests;
pub mod siting;

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
        .service(read("/metrics", health::metrics))
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
                .default_service(web::to(|| async { wrong_method("GET, HEAD, PATCH") })),
        )
        .service(read("/api/v1/facilities/{id}/history", facilities::history))
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
        .service(read("/api/v1/regions/{code}", regions::one))
        .service(read("/api/v1/coverage", coverage::coverage))
        .service(read("/api/v1/coverage/gaps", coverage::gaps))
        .service(
            web::resource("/api/v1/siting")
                .app_data(web::PayloadConfig::new(siting::BODY_LIMIT))
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
