//! `GET /api/openapi.json`: the OpenAPI document, made from one table of parameters and one of addresses.

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use self::addresses::addresses;
use self::parameters::PARAMETERS;
use super::JSON;
use crate::http::problem::Code;

mod addresses;
mod kept_rows;
mod parameters;

fn query_parameter(name: &str) -> Value {
    if name == "geometry" {
        let meaning = "point (default) or border";
        return json!({"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}});
    }
    let (_, kind, meaning, example) = PARAMETERS.iter().find(|line| line.0 == name).copied().unwrap_or_default();
    let schema = match kind {
        "array" => json!({"type": "array", "items": {"type": "string"}}),
        kind => json!({"type": kind}),
    };
    let required = matches!(name, "lon" | "lat" | "reason");
    json!({
        "name": name,
        "in": "query",
        "required": required,
        "description": meaning,
        "schema": schema,
        "example": example,
    })
}

fn operation(method: &str, address: &str, summary: &str, parameters: &[&str], answer: &str) -> Value {
    let mut all: Vec<Value> = parameters.iter().map(|name| query_parameter(name)).collect();
    for segment in address.split('/') {
        if let Some(name) = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
            all.push(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
        }
    }
    let mut operation = json!({
        "summary": summary,
        "parameters": all,
        "responses": {
            "200": {"description": summary, "content": {answer: {}}},
            "default": {"description": "A problem (RFC 9457)", "content": {"application/problem+json":
                {"schema": {"$ref": "#/components/schemas/Problem"}}}},
        },
    });
    if method != "get" {
        operation["security"] = json!([{"token": []}]);
    }
    if method == "patch" {
        operation["requestBody"] = json!({"required": true, "content": {"application/merge-patch+json": {}}});
    }
    // What names the version that it saw; a job is ended as it stands.
    if method == "patch" || method == "delete" && !address.starts_with("/api/v1/jobs/") {
        let header = json!({"name": "If-Match", "in": "header", "required": true, "schema": {"type": "string"}});
        if let Some(list) = operation["parameters"].as_array_mut() {
            list.push(header);
        }
    }
    operation
}

pub fn openapi() -> Value {
    let mut paths = Map::new();
    for (method, address, summary, parameters, answer) in addresses() {
        let path = paths.entry(address).or_insert_with(|| json!({}));
        path[method] = operation(method, address, summary, &parameters, answer);
    }
    let slugs: Vec<&str> = Code::ALL.iter().map(|code| code.slug()).collect();
    let fault = json!({"type": "object", "properties": {
        "parameter": {"type": "string"}, "pointer": {"type": "string"}, "detail": {"type": "string"}}});
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Silver Atlas",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Coordinates are WGS 84 longitude, latitude; times RFC 3339; distances metres in fields that end in _m; \
                            money CNY. A value that is not known is absent or null, never 0.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": {"type": "object", "properties": {
                "type": {"type": "string", "enum": slugs},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "instance": {"type": "string", "description": "Id of the request"},
                "errors": {"type": "array", "items": fault},
            }}},
        },
    })
}

pub async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type(JSON).body(openapi().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_of_every_address_is_explained() {
        for (_, address, _, parameters, _) in addresses() {
            for name in parameters {
                assert_ne!(query_parameter(name)["description"], "", "{address}?{name}");
            }
        }
    }

    #[test]
    fn every_address_of_the_table_of_routes_is_in_the_document() {
        let document = openapi();
        let routes = include_str!("mod.rs");
        let addresses = routes.split('"').filter(|text| text.starts_with('/') && !text.contains(' '));
        for address in addresses {
            assert!(document["paths"].get(address).is_some(), "{address}");
        }
    }
}
