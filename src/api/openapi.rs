//! `GET /api/openapi.json`: the OpenAPI document, made from one table of parameters and one of addresses.

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use self::addresses::addresses;
use self::parameters::PARAMETERS;
use super::coverage::CSV;
use super::indicators::XLSX;
use super::{GEOJSON, JSON};
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
    let mut content = json!({answer: {}});
    if parameters.contains(&"format") {
        for table in [CSV, XLSX, GEOJSON] {
            content[table] = json!({});
        }
    }
    if address == "/api/v1/changes" {
        content["text/event-stream"] = json!({});
    }
    let problem = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
    let refused = |status: &str| json!({"description": meaning(status), "content": problem});
    let mut operation = json!({
        "summary": summary,
        "parameters": all,
        "responses": {
            "200": {"description": summary, "content": content},
            "default": {"description": "A problem (RFC 9457)", "content": {"application/problem+json":
                {"schema": {"$ref": "#/components/schemas/Problem"}}}},
        },
    });
    let responses = &mut operation["responses"];
    for status in ["400", "404", "429", "500", "503"] {
        responses[status] = refused(status);
    }
    if method == "get" {
        responses["304"] = json!({"description": meaning("304")});
    } else {
        for status in ["401", "403", "409", "410", "412", "413", "415", "422", "428"] {
            responses[status] = refused(status);
        }
    }
    match method {
        "post" => responses["201"] = json!({"description": meaning("201"), "content": {answer: {}}}),
        "delete" => responses["204"] = json!({"description": meaning("204")}),
        _ => {}
    }
    if parameters.contains(&"job") || method == "patch" {
        responses["202"] = json!({"description": meaning("202"), "content": {JSON: {}, GEOJSON: {}}});
    }
    if method == "get" {
        responses["401"] = refused("401");
        responses["403"] = refused("403");
        responses["410"] = refused("410");
    }
    if method == "post" {
        operation["requestBody"] = json!({"required": true, "content": {JSON: {"schema": {"type": "object"}}}});
    }
    if method != "get" && !PUBLIC.contains(&address) {
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

/// Questions whose body is too long for an address: anybody may ask them.
const PUBLIC: [&str; 4] = ["/api/v1/coverage", "/api/v1/coverage/gaps", "/api/v1/siting", "/api/v1/jobs/{id}"];

/// What a status says here.
fn meaning(status: &str) -> &'static str {
    match status {
        "201" => "Made; Location names it",
        "202" => "Taken: a job that Location names, or a change request that the bureau decides",
        "204" => "Done",
        "304" => "As If-None-Match says it is held",
        "400" => "A parameter or the body cannot be read",
        "401" => "No token, or one that nobody holds",
        "403" => "Outside the rights of the account",
        "404" => "Nothing has this id",
        "409" => "It contradicts what the record holds",
        "410" => "It was withdrawn",
        "412" => "The record moved on; `current` is what it holds now",
        "413" => "The body is too large",
        "415" => "The body is of another type, or compressed",
        "422" => "A rule is broken; `errors` says where",
        "428" => "If-Match is missing",
        "429" => "This client asks too much at once; Retry-After",
        "503" => "The record or a queue has no room now; Retry-After",
        _ => "A fault of the service",
    }
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
                "current": {"description": "With 412: the record as it stands now"},
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
