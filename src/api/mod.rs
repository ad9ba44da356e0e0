//! The JSON face: one file a resource. Addresses and fields are those of the contract.

use actix_web::{HttpRequest, Resource, web};

use crate::http::{Code, Problem};

pub mod capacity;
pub mod coverage;
pub mod facilities;
pub mod health;
pub mod nearest;
pub mod openapi;
pub mod places;
pub mod regions;

/// GeoJSON's own type.
pub const GEOJSON: &str = "application/geo+json";
/// The type of all other answers.
pub const JSON: &str = "application/json";

/// The table of addresses. They are tried in order, and those with a name in them cost most to try: what is asked most
/// stands first.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(only_get("/healthz").route(web::get().to(health::healthz)))
        .service(only_get("/api/v1/nearest").route(web::get().to(nearest::nearest)))
        .service(only_get("/readyz").route(web::get().to(health::readyz)))
        .service(only_get("/metrics").route(web::get().to(health::metrics)))
        .service(only_get("/api/openapi.json").route(web::get().to(openapi::document)))
        .service(only_get("/api/v1/facilities").route(web::get().to(facilities::list)))
        .service(only_get("/api/v1/facilities/{id}").route(web::get().to(facilities::one)))
        .service(only_get("/api/v1/facilities/{id}/history").route(web::get().to(facilities::history)))
        .service(
            web::resource("/api/v1/facilities/{id}/capacity")
                .route(web::patch().to(capacity::update))
                .default_service(web::to(|| async { wrong_method("PATCH") })),
        )
        .service(only_get("/api/v1/places").route(web::get().to(places::places)))
        .service(only_get("/api/v1/regions").route(web::get().to(regions::list)))
        .service(only_get("/api/v1/regions/{code}").route(web::get().to(regions::one)))
        .service(only_get("/api/v1/coverage").route(web::get().to(coverage::coverage)))
        .service(only_get("/api/v1/coverage/gaps").route(web::get().to(coverage::gaps)));
}

/// A resource that is only read.
pub fn only_get(path: &str) -> Resource {
    web::resource(path.to_owned()).default_service(web::to(|| async { wrong_method("GET") }))
}

/// Nobody here knows this address.
pub async fn not_found(request: HttpRequest) -> Result<String, Problem> {
    Err(Problem::new(Code::NotFound, format!("Nothing stands at {}.", request.path())))
}

fn wrong_method(allow: &'static str) -> Result<String, Problem> {
    let detail = format!("Allowed here: {allow}.");
    Err(Problem { allow: Some(allow), ..Problem::new(Code::WrongMethod, detail) })
}
