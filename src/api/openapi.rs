//! `GET /api/openapi.json`: the OpenAPI document, made from one table of parameters and one of addresses.

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use super::{GEOJSON, JSON, kept};
use crate::care::{Claim, Kept, ProgrammeFigure, Target};
use crate::http::catchment::CATCHMENT;
use crate::http::filter::{FILTERS, LIST_FILTERS};
use crate::http::problem::Code;
use crate::http::question::{QUESTION, WHOM};

/// Name, type, meaning (with its unit) and an example of every query parameter.
const PARAMETERS: &[(&str, &str, &str, &str)] = &[
    ("job", "boolean", "Answer 202 at once, with the address of the job as Location", "true"),
    ("since", "integer", "Changes after this number; for a sweep, the day on which its period begins", "0"),
    ("within_days", "integer", "Days to look ahead, 90 where not said", "90"),
    ("type", "string", "Type of inspection: safety, fire, food, cross_check, annual or quality", "safety"),
    ("reason", "string", "Why; the history keeps it for those who may look", ""),
    ("wait", "integer", "Seconds to wait for news, at most 60", "30"),
    ("as_of", "string", "As the record stood then: a day (its end, in the registry's zone) or RFC 3339", "2026-10-01"),
    ("another", "boolean", "Register even where one of the same name, kind and region stands", "true"),
    ("facility", "string", "A facility's id", ""),
    ("lon", "number", "Longitude of the start, degrees east", "118.27"),
    ("lat", "number", "Latitude of the start, degrees north", "33.96"),
    ("datum", "string", "Datum of lon and lat: wgs84 (default), gcj02 or bd09", "wgs84"),
    ("limit", "integer", "How many to answer at most", "10"),
    ("within_m", "number", "How far at most, in geodesic metres on WGS 84, both ends included", "1000"),
    ("kind", "array", "Codes of kinds; repeat the parameter or separate with commas", "meal_point"),
    ("category", "string", "residential, community, meals, relief, funeral or other", "meals"),
    ("min_rating", "integer", "A current rating of at least this level, in whichever scheme", "4"),
    ("min_free", "integer", "At least so many free; a facility whose free number is not known does not pass", "1"),
    (
        "measure",
        "string",
        "What is counted, or what min_free counts; without it, the first measure of the facility's kind",
        "beds",
    ),
    ("open_at", "string", "Open at this time: now, or RFC 3339; unknown hours do not pass", "now"),
    ("region", "string", "Code of a region: in it or below it", "321300"),
    ("max_price", "number", "Lowest price at most this, in CNY for the facility's own unit", "3000"),
    ("service", "string", "Offers this service", "助浴"),
    ("status", "array", "Codes of statuses", "operating"),
    ("bbox", "string", "west,south,east,north in degrees", "118.0,33.7,118.6,34.2"),
    ("q", "string", "Part of a name, its pinyin or its initials", "suqian"),
    ("tag", "string", "Carries this tag", "示范点"),
    ("ownership", "array", "Any of these words of ownership", "公建民营"),
    ("rating_scheme", "string", "A current rating in this scheme", "city_star"),
    ("rating_level", "integer", "A current rating of exactly this level", "3"),
    ("opened_in", "string", "Opened in this year, or between two days", "2024-01-01/2024-04-30"),
    ("built_in", "string", "Built in this year, or between two days", "2024"),
    ("closed_in", "string", "Closed in this year, or between two days", "2024"),
    ("updated_since", "string", "Written at or after this time, RFC 3339", "2026-11-01T00:00:00Z"),
    ("cursor", "string", "Where the page begins: the one in the link to the next page", ""),
    ("weight", "string", "Whose numbers count: aged_60 (default), aged_80 or total", "aged_60"),
    (
        "by",
        "string",
        "Level of the rows: province, city, county, town or village; without it, the level below the region. Of catchment also point, its default",
        "town",
    ),
    ("standard", "string", "Code of a standard of distance (/api/v1/standards), in the place of within_m", "15min_0.8"),
    ("minutes", "number", "How far people go, in minutes of walking, in the place of within_m", "15"),
    ("speed_m_s", "number", "How fast they walk, in metres a second; 0.8 where not said", "0.8"),
    ("detour", "number", "How many times the way is as long as the straight line, from 1", "1.29"),
    ("id", "array", "Ids of rows or of saved scenarios", ""),
    ("format", "string", "json (default) or csv; of catchment also geojson, of indicators also xlsx", "csv"),
    ("year", "integer", "The year to report on; without it, the latest that the region's ledger speaks of", "2024"),
    (
        "rule",
        "string",
        "Code of a tier rule: with every unit; without it, all rules with their shares",
        "street_day_care",
    ),
    (
        "denominator",
        "string",
        "Which units are counted: counted, all, street or rural; without it, the rule's own",
        "counted",
    ),
    ("programme", "string", "Code of a programme", "retrofit"),
    ("metric", "string", "What a programme counts", "households"),
    ("indicator", "string", "Line of the report", "16b"),
    ("parent", "string", "Children of this region; without it, the roots of the tree", "321300"),
    ("level", "string", "province, city, county, town or village", "town"),
    ("method", "string", "2sfca (default), e2sfca, 3sfca, gravity, kd2sfca or bfca", "e2sfca"),
    ("count", "string", "What of the capacity counts: total (default), or free by figures that are not stale", "total"),
    ("steps", "string", "Zones: up to so many metres, this weight", "1000:1,2000:0.68,3000:0.22"),
    (
        "decay",
        "string",
        "How weights fall with metres: flat, linear, gaussian (Dai 2010, 0 at within_m), gaussian:σ (plain), exponential:metres to 1/e, power:exponent:smallest metres",
        "gaussian",
    ),
    ("distance", "string", "geodesic on WGS 84 (default), or haversine on a sphere of 6371008.8 m", "geodesic"),
    (
        "target",
        "string",
        "Capacity for 1,000 people to hold against: a number, cn-2015, cn-2020, cn-2020-high or oecd-2021",
        "cn-2020",
    ),
    ("reached", "boolean", "Only rows that have, or have not, any capacity within reach", "false"),
];

/// Method, address, what it answers, its query parameters, and the type of the answer.
fn addresses() -> Vec<(&'static str, &'static str, &'static str, Vec<&'static str>, &'static str)> {
    let nearest = [&["lon", "lat", "datum", "limit", "within_m", "as_of"], FILTERS.as_slice()].concat();
    let list = [FILTERS.as_slice(), &LIST_FILTERS, &["limit", "cursor", "as_of"]].concat();
    let coverage = [QUESTION.as_slice(), &["format", "as_of"]].concat();
    let trend = QUESTION.iter().copied().chain(["as_of"]).collect();
    let score = WHOM.iter().copied().chain(["standard", "detour", "format"]).collect();
    let gaps = [QUESTION.as_slice(), &["limit", "format", "as_of"]].concat();
    let catchment = [CATCHMENT.as_slice(), &["reached", "limit", "format", "as_of"]].concat();
    let text = "text/plain";
    vec![
        ("get", "/healthz", "The process is alive", vec![], text),
        ("get", "/readyz", "The atlas is loaded and follows the record: revision, lag in seconds", vec![], JSON),
        ("get", "/metrics", "Figures for Prometheus", vec![], text),
        ("get", "/api/openapi.json", "This document", vec![], JSON),
        ("get", "/api/v1/facilities", "Facilities in the order of their ids, page by page", list, GEOJSON),
        ("get", "/api/v1/facilities/{id}", "One facility, with its version as ETag", vec!["as_of"], GEOJSON),
        ("get", "/api/v1/facilities/{id}/history", "The changes of one facility, newest first", vec![], JSON),
        (
            "get",
            "/api/v1/facilities/{id}/ratings",
            "The ratings that a facility has and had, those that stand first",
            vec![],
            JSON,
        ),
        (
            "get",
            "/api/v1/ratings/expiring",
            "Ratings and licences that end within so many days or have ended, the soonest first, of what the asker may look at",
            vec!["region", "within_days", "limit"],
            JSON,
        ),
        (
            "get",
            "/api/v1/facilities/{id}/inspections",
            "The inspections of one facility, the newest first (not public)",
            vec![],
            JSON,
        ),
        (
            "post",
            "/api/v1/facilities/{id}/inspections",
            "Tell of an inspection (bureau): type, inspected_on, agencies, result (passed, passed_with_findings, failed), note and findings [{category, severity (minor, major), detail, due_on, rectified_on, rectification}]; an Idempotency-Key makes a repeated request make one",
            vec![],
            JSON,
        ),
        (
            "get",
            "/api/v1/inspections/sweep",
            "For each facility of a region: inspected in the period or not, findings open and overdue; totals are sums of the rows",
            vec!["region", "type", "since", "kind"],
            JSON,
        ),
        ("get", "/api/v1/inspections/{id}", "One inspection, with its version as ETag (not public)", vec![], JSON),
        (
            "patch",
            "/api/v1/inspections/{id}",
            "Amend an inspection by JSON merge patch; findings replaces the list; needs If-Match",
            vec![],
            JSON,
        ),
        (
            "post",
            "/api/v1/facilities",
            "Register a facility (bureau): its fields as JSON, an Idempotency-Key so that a repeated request makes one; 409 where one of the same name, kind and region stands, unless another=true",
            vec!["another"],
            GEOJSON,
        ),
        (
            "patch",
            "/api/v1/facilities/{id}",
            "Amend a facility by JSON merge patch; needs If-Match. phone, hours, price, services, menu, staff, note and a temporary closure are live at once; the other fields of whoever is not the bureau become a change request (202, change_request), with request_note as its reason",
            vec![],
            GEOJSON,
        ),
        (
            "delete",
            "/api/v1/facilities/{id}",
            "Withdraw a facility that was registered by mistake (bureau); needs If-Match. Its address answers 410 from then on, the feed tells of the deletion, and as_of before it still shows it",
            vec!["reason"],
            JSON,
        ),
        (
            "get",
            "/api/v1/requests",
            "Change requests that the asker may see: all pending, or all about one facility",
            vec!["facility"],
            JSON,
        ),
        ("get", "/api/v1/requests/{id}", "One change request, and which of its fields were overtaken", vec![], JSON),
        ("delete", "/api/v1/requests/{id}", "Withdraw a pending change request", vec![], JSON),
        (
            "post",
            "/api/v1/requests/{id}/decision",
            "Decide field by field: {\"name\":{\"choice\":\"accept\"},\"operator\":{\"choice\":\"reject\",\"reason\":\"…\"}}, or newer where the record moved on; needs If-Match with the facility's ETag",
            vec![],
            JSON,
        ),
        (
            "patch",
            "/api/v1/facilities/{id}/capacity",
            "Write capacity by JSON merge patch, such as {\"beds\":{\"total\":120,\"occupied\":97}}; needs If-Match and a token",
            vec![],
            GEOJSON,
        ),
        (
            "get",
            "/api/v1/nearest",
            "The nearest serving facilities, in ascending distance_m (metres)",
            nearest,
            GEOJSON,
        ),
        (
            "get",
            "/api/v1/changes",
            "Changes in the order of their commits, each with the record after it; deletions, and becomes where an id is now another. Waits up to wait seconds for the first; as text/event-stream it goes on, and Last-Event-ID takes it up again",
            vec!["since", "limit", "wait"],
            JSON,
        ),
        ("get", "/api/v1/places", "Places to start from: regions and facilities", vec!["q", "limit"], JSON),
        (
            "get",
            "/api/v1/regions",
            "Regions: roots, children, or a level",
            vec!["parent", "level", "geometry"],
            GEOJSON,
        ),
        (
            "patch",
            "/api/v1/regions/{code}",
            "Say whether a region counts as a unit where units are counted (bureau): {\"counts_in_coverage\": false}; its people always count",
            vec![],
            GEOJSON,
        ),
        ("get", "/api/v1/regions/{code}", "One region with its boundary, people and children", vec![], GEOJSON),
        (
            "get",
            "/api/v1/coverage",
            "People with an eligible facility within a distance, in all and by region",
            coverage,
            JSON,
        ),
        (
            "post",
            "/api/v1/coverage",
            "The same before and after a scenario, and the difference: {\"add\":[{\"kind\",\"lon\",\"lat\",\"free\"?,\"total\"?,\"rating\"?,\"services\"?}],\"close\":[\"id\"],\"move\":[{\"id\",\"lon\",\"lat\"}],\"enlarge\":[{\"id\",\"measure\",\"total\"}]}; the question may stand in the body too",
            QUESTION.to_vec(),
            JSON,
        ),
        (
            "get",
            "/api/v1/coverage/trend",
            "The totals as the record stood on each of a few days: as_of, repeated",
            trend,
            JSON,
        ),
        (
            "get",
            "/api/v1/coverage/scorecard",
            "Several standards side by side, a row a region: standard, repeated",
            score,
            JSON,
        ),
        ("get", "/api/v1/standards", "Standards of distance to choose from, each with its source", vec![], JSON),
        ("get", "/api/v1/scenarios", "Saved scenarios: the asker's own and those of their region", vec![], JSON),
        (
            "post",
            "/api/v1/scenarios",
            "Save a scenario: {\"name\",\"region\"?,\"question\":{…},\"changes\":{…},\"note\"?}",
            vec![],
            JSON,
        ),
        (
            "get",
            "/api/v1/scenarios/compare",
            "Saved scenarios side by side as the record stands now: id, repeated",
            vec!["id"],
            JSON,
        ),
        ("get", "/api/v1/scenarios/{id}", "A saved scenario; whoever has the id may look", vec![], JSON),
        (
            "patch",
            "/api/v1/scenarios/{id}",
            "Save a scenario anew: any of name, region, question, changes, note; needs If-Match",
            vec![],
            JSON,
        ),
        ("delete", "/api/v1/scenarios/{id}", "Remove a saved scenario; needs If-Match", vec![], JSON),
        (
            "get",
            "/api/v1/scenarios/{id}/coverage",
            "A saved scenario answered as the record stands now; left_out tells what the record has overtaken",
            vec![],
            JSON,
        ),
        (
            "get",
            "/api/v1/scenarios/{id}/targets",
            "What a saved scenario adds, by region, kind and measure: drafts of targets, without a year",
            vec![],
            JSON,
        ),
        ("get", "/api/v1/coverage/gaps", "Demand points that are not covered, most people first", gaps, GEOJSON),
        (
            "get",
            "/api/v1/catchment",
            "Capacity within reach of people who share it (2SFCA and its kin), in all and by point (by=point) or region; rows with least access first. Zones or a decay weigh distances; without them the method's own",
            catchment,
            JSON,
        ),
        (
            "get",
            "/api/v1/tiers",
            "Tier rules: the units of a level that meet a rule and miss it, counted in four ways",
            vec!["region", "rule", "denominator", "as_of", "format"],
            JSON,
        ),
        (
            "get",
            "/api/v1/indicators",
            "The bureau's report of a region: every line with its value or what is missing, its formula, the addresses of the records behind it, published claims beside it, and checks that parts add up",
            vec!["region", "year", "as_of", "format"],
            JSON,
        ),
        ("get", "/api/v1/targets", "Targets by region, year and measure", rows::<Target>(), JSON),
        (
            "post",
            "/api/v1/targets",
            "Register a target (bureau): {\"region\",\"year\",\"measure\",\"planned\",\"source\",\"note\"}; planned null where the number is not known; 409 where there is one",
            vec![],
            JSON,
        ),
        ("get", "/api/v1/targets/{id}", "One target, with its version as ETag", vec![], JSON),
        ("patch", "/api/v1/targets/{id}", "Amend a target (bureau) by JSON merge patch; needs If-Match", vec![], JSON),
        ("get", "/api/v1/programmes", "The ledger: figures of programmes", rows::<ProgrammeFigure>(), JSON),
        (
            "post",
            "/api/v1/programmes",
            "Register a programme figure (bureau): {\"region\",\"programme\",\"metric\",\"value\",\"unit\",\"qualifier\",\"measure\":\"stock|flow|cumulative\",\"period_from\",\"period_to\",\"as_of\",\"source\"}",
            vec![],
            JSON,
        ),
        ("get", "/api/v1/programmes/{id}", "One programme figure, with its version as ETag", vec![], JSON),
        ("patch", "/api/v1/programmes/{id}", "Amend a programme figure (bureau); needs If-Match", vec![], JSON),
        ("get", "/api/v1/claims", "Published figures about lines of the report", rows::<Claim>(), JSON),
        (
            "post",
            "/api/v1/claims",
            "Register a claim (bureau): {\"region\",\"indicator\",\"value\",\"qualifier\",\"source\",\"as_of\"}; a share is from 0 to 1",
            vec![],
            JSON,
        ),
        ("get", "/api/v1/claims/{id}", "One claim, with its version as ETag", vec![], JSON),
        ("patch", "/api/v1/claims/{id}", "Amend a claim (bureau); needs If-Match", vec![], JSON),
        (
            "post",
            "/api/v1/siting",
            "Where new facilities do most good: {\"region\",\"kind\",\"within_m\",\"weight\",\"sites\":new sites at most,\"objective\":\"max_covered\"|\"cover_all\"|\"min_distance\"|\"min_farthest\",\"candidates\":\"demand\"|[[lon,lat],…],\"keep_existing\":true} and, if wished, capacity (people a new site serves), min_spacing_m, excluded (codes of regions, GeoJSON polygons), nearly, seconds (20, at most 300), min_free, min_rating. Answers the plan with a proven bound; 422 says why there is none",
            vec!["job"],
            JSON,
        ),
        ("get", "/api/v1/jobs/{id}", "How far a long search is; its answer once there is one", vec![], JSON),
        ("delete", "/api/v1/jobs/{id}", "End a long search", vec![], JSON),
    ]
}

/// The parameters of a list of kept rows.
fn rows<T: Kept>() -> Vec<&'static str> {
    kept::FILTERS.into_iter().chain(kept::own_filters::<T>()).collect()
}

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
    // What names the version that it saw; a request is withdrawn as it stands.
    let versioned = method == "patch" && address.starts_with("/api/v1/facilities/");
    if versioned || (method, address) == ("delete", "/api/v1/facilities/{id}") {
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
