//! The HTML face: one file a page, whole without JavaScript. Each shows the answer that the API gives as JSON.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::{Code, Problem};

pub mod card;
pub mod compare;
pub mod data;
pub mod districts;
pub mod facility;
pub mod go;
pub mod home;
pub mod map;
pub mod nearby;
pub mod plan;
pub mod plan_answer;
pub mod search;
pub mod settings;
pub mod start;
pub mod statement;
pub mod words;

/// The table of addresses.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(home::home))
        .route("/search", web::get().to(search::search))
        .route("/map", web::get().to(map::map))
        .route("/compare", web::get().to(compare::compare))
        .route("/f/{id}", web::get().to(facility::facility))
        .route("/f/{id}/go", web::get().to(go::go))
        .route("/plan", web::get().to(plan::plan))
        .route("/data", web::get().to(data::data))
        .route("/accessibility", web::get().to(statement::statement))
        .route("/settings", web::get().to(settings::settings))
        .route("/assets/{name}", web::get().to(asset));
}

/// A file of our own, kept by browsers for as long as its address, which holds its hash.
async fn asset(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let found = crate::http::frame::ASSETS.iter().find(|(known, ..)| *known == name.as_str());
    let Some((_, content_type, content)) = found else {
        return Err(Problem::new(Code::NotFound, "There is no such file."));
    };
    let keep = if request.query_string().is_empty() { "no-cache" } else { "public, max-age=31536000, immutable" };
    Ok(HttpResponse::Ok().content_type(*content_type).insert_header(("cache-control", keep)).body(*content))
}
