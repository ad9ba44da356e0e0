//! The seam between the faces and the wire: the request's id, the face of a problem, the headers of every answer.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::parameters::KnownCaller;
use super::{App, Code, Lang, Problem, client, cors, frame, who, wire};

/// Nothing from elsewhere, nothing inline; `data:` is for the icons of the map's own buttons.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The map's "where am I" is the only thing of a device that a page asks for.
const DEVICE: &str = "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), bluetooth=(), serial=(), hid=(), \
                      midi=(), display-capture=(), browsing-topics=()";

/// Once seen over TLS, browsers come back over TLS for two years.
const TRANSPORT: &str = "max-age=63072000";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::PERMISSIONS_POLICY, DEVICE),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
];

/// Gives a problem the face that the request asked for, and every answer its headers.
pub async fn seam<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    if let Some(problem) = know_caller(&request).await {
        let response = dress(request.error_response(problem.clone()), &problem);
        return Ok(with_headers(response).map_into_right_body());
    }
    let app = request.app_data::<web::Data<App>>();
    let response = match app.map(|app| client::peer(app, request.request())) {
        Some(address) => client::counted(address, next.call(request)).await?,
        None => next.call(request).await?,
    };
    let response = match (cors::options(&response), problem_of(&response)) {
        (Some(answer), _) => response.into_response(answer).map_into_right_body(),
        (None, Some(problem)) => dress(response, &problem).map_into_right_body(),
        (None, None) => response.map_into_left_body(),
    };
    Ok(with_headers(response))
}

/// What every answer carries.
fn with_headers<B>(mut response: ServiceResponse<B>) -> ServiceResponse<B> {
    let (request, secure) = (response.request().clone(), over_tls(response.request()));
    let headers = response.headers_mut();
    cors::allow(&request, headers);
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT));
    }
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Notes that it is known who asks, where that decides how exactly a past time is answered. A token of the API that nobody
/// holds is refused, at public addresses too: whoever sends one would else be answered as somebody whom nobody knows.
async fn know_caller(request: &ServiceRequest) -> Option<Problem> {
    let app = request.app_data::<web::Data<App>>()?;
    let known = if request.path().starts_with("/api/") {
        let held = request.headers().get(header::AUTHORIZATION)?;
        if !held.as_bytes().starts_with(b"Bearer ") {
            return None;
        }
        match app.who(request.request()).await {
            Err(problem) if problem.code == Code::Unauthorized => return Some(problem),
            who => who.is_ok(),
        }
    } else {
        request.query_string().contains("as_of=")
            && app.signed_in(request.request()).await.is_ok_and(|who| who.is_some())
    };
    if known {
        request.extensions_mut().insert(KnownCaller);
    }
    None
}

/// Whether the client speaks TLS with a proxy whose word is believed.
fn over_tls(request: &HttpRequest) -> bool {
    request.app_data::<web::Data<App>>().is_some_and(|app| who::over_tls(app, request))
}

/// The problem that a handler answered with, or the one that actix met before a handler was asked.
fn problem_of<B>(response: &ServiceResponse<B>) -> Option<Problem> {
    if let Some(problem) = response.response().extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let error = response.response().error()?;
    if wire::too_slow(error) {
        let detail = format!("The body has not come within {} s; send it again.", wire::BODY_TIME.as_secs());
        return Some(Problem::new(Code::TooSlow, detail));
    }
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let limit = if response.request().path() == wire::SITING { wire::SITING_BODY } else { wire::BODY };
        let detail = format!("The body is larger than the {} KiB that this address takes; send less.", limit / 1024);
        return Some(Problem::new(Code::TooLarge, detail));
    }
    let code = match response.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::WrongType,
        StatusCode::NOT_FOUND => Code::NotFound,
        status if status.is_client_error() => Code::BadBody,
        _ => return Some(Problem::internal(error)),
    };
    Some(Problem::new(code, error.to_string()))
}

fn dress<B>(response: ServiceResponse<B>, problem: &Problem) -> ServiceResponse<BoxBody> {
    let (request, bones) = response.into_parts();
    let instance = Uuid::now_v7().to_string();
    // A refusal, a full queue and a database that is away are no faults of a request; the last is told where it is noticed.
    match problem.code {
        Code::Internal => tracing::warn!(instance, path = request.path(), %problem, "answered with a problem"),
        _ => tracing::debug!(instance, path = request.path(), %problem, "answered with a problem"),
    }
    let app = request.app_data::<web::Data<App>>();
    let (content_type, body) = match app {
        Some(app) if !request.path().starts_with("/api/") => {
            let page = frame::problem_page(app, &request, Lang::of(&request), problem, &instance);
            ("text/html; charset=utf-8", page)
        }
        _ => ("application/problem+json", problem.document(&instance)),
    };
    let mut dressed = HttpResponse::build(problem.code.status());
    if let Some((old, new)) = problem.moved.as_deref() {
        dressed.insert_header((header::LOCATION, request.uri().to_string().replacen(old.as_str(), new, 1)));
    }
    for (name, value) in bones.headers() {
        dressed.append_header((name, value));
    }
    dressed.insert_header((header::CONTENT_TYPE, content_type)).insert_header((header::CACHE_CONTROL, "no-store"));
    ServiceResponse::new(request, dressed.body(body))
}
