//! Resources that are only read: GET and HEAD, and a clear word for every other method.

use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, guard, web};

use super::{Code, Problem};

/// GET and HEAD.
pub fn reads() -> impl guard::Guard {
    guard::Any(guard::Get()).or(guard::Head())
}

/// A resource that is only read.
pub fn read<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path.to_owned())
        .route(web::route().guard(reads()).to(handler))
        .default_service(web::to(|| async { wrong_method("GET, HEAD") }))
}

/// A page with a form: GET shows it, POST takes it.
pub fn form<F, A, G, B>(path: &str, show: F, take: G) -> Resource
where
    F: Handler<A>,
    A: FromRequest + 'static,
    F::Output: Responder + 'static,
    G: Handler<B>,
    B: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    web::resource(path.to_owned())
        .route(web::route().guard(reads()).to(show))
        .route(web::post().to(take))
        .default_service(web::to(|| async { wrong_method("GET, HEAD, POST") }))
}

/// The answer to a method that an address does not know.
pub fn wrong_method(allow: &'static str) -> Result<HttpResponse, Problem> {
    let detail = format!("Allowed here: {allow}.");
    Err(Problem { allow: Some(allow), ..Problem::new(Code::WrongMethod, detail) })
}
