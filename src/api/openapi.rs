//! `GET /api/openapi.json`.

use actix_web::HttpResponse;

use super::JSON;

pub async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type(JSON).body("{}")
}
