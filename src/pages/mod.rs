//! The HTML face: one file a page, whole without JavaScript. Each shows the answer that the API gives as JSON.

use std::path::Path;

use actix_files::Files;
use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, guard, web};

use crate::http::{Code, Problem, frame};

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

/// The table of addresses. `built` is the folder of the built map assets; without it the pages show their lists.
pub fn routes(config: &mut web::ServiceConfig, built: &Path) {
    config
        .service(page("/", home::home))
        .service(page("/search", search::search))
        .service(page("/map", map::map))
        .service(page("/compare", compare::compare))
        .service(page("/f/{id}", facility::facility))
        .service(page("/f/{id}/go", go::go))
        .service(page("/plan", plan::plan))
        .service(page("/data", data::data))
        .service(page("/accessibility", statement::statement))
        .service(page("/settings", settings::settings));
    if built.is_dir() {
        let kept = DefaultHeaders::new().add((header::CACHE_CONTROL, "public, max-age=86400"));
        config.service(web::scope("/assets/map").wrap(kept).service(Files::new("", built)));
    }
    config.service(page("/assets/{name}", asset));
}

/// A resource that is only read.
fn page<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let read = guard::Any(guard::Get()).or(guard::Head());
    web::resource(path.to_owned())
        .route(web::route().guard(read).to(handler))
        .default_service(web::to(|| async { wrong_method() }))
}

fn wrong_method() -> Result<HttpResponse, Problem> {
    Err(Problem { allow: Some("GET, HEAD"), ..Problem::new(Code::WrongMethod, "Allowed here: GET, HEAD.") })
}

/// A file of our own, kept by browsers for as long as its address, which holds its hash.
async fn asset(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let found = frame::ASSETS.iter().find(|(known, ..)| *known == name.as_str());
    let Some((_, content_type, content)) = found else {
        return Err(Problem::new(Code::NotFound, "There is no such file."));
    };
    let keep = if request.query_string().is_empty() { "no-cache" } else { "public, max-age=31536000, immutable" };
    Ok(HttpResponse::Ok().content_type(*content_type).insert_header((header::CACHE_CONTROL, keep)).body(*content))
}
