//! CORS: pages of other sites may read the open API, as anybody may; they never write through it, and never as somebody.

use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};

/// What a script of another site may read of an answer beside its body.
const EXPOSED: &str = "ETag, Link, Retry-After, Location, Allow, Content-Disposition, Deprecation";

/// What such a script may send; `If-None-Match` for asking again cheaply.
const SENT: &str = "Accept, Accept-Language, Content-Language, If-None-Match, If-Modified-Since, Range, Cache-Control";

/// Days in seconds; browsers keep less if they like.
const KEPT_S: &str = "86400";

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// Whether this is a read of the open API by nobody in particular.
fn open(request: &HttpRequest) -> bool {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    reads && request.path().starts_with("/api/") && !request.headers().contains_key(header::AUTHORIZATION)
}

/// Lets the page of another site read the answer, where it may.
pub fn allow(request: &HttpRequest, headers: &mut HeaderMap) {
    if open(request) {
        put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// The answer to OPTIONS, made of the 405 that says which methods the address knows: 204 with `Allow`, and where a browser
/// asks for a page of another site whether it may read, that it may.
pub fn options<B>(response: &ServiceResponse<B>) -> Option<HttpResponse> {
    let request = response.request();
    if request.method() != Method::OPTIONS || response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return None;
    }
    let allowed = response.headers().get(header::ALLOW)?.to_str().ok()?.to_owned();
    let mut answer = HttpResponse::build(StatusCode::NO_CONTENT);
    answer.insert_header((header::ALLOW, format!("{allowed}, OPTIONS")));
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD).map(HeaderValue::as_bytes);
    let known = allowed.split(',').any(|method| method.trim() == "GET");
    if known && request.path().starts_with("/api/") && matches!(asked, Some(b"GET" | b"HEAD")) {
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT),
            (header::ACCESS_CONTROL_MAX_AGE, KEPT_S),
        ] {
            answer.insert_header((name, value));
        }
        answer.insert_header((header::VARY, "Access-Control-Request-Method, Access-Control-Request-Headers"));
    }
    Some(answer.finish())
}
