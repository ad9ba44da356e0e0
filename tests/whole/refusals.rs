//! Wrong questions get a problem that helps; no address answers anything unclean.

use serde_json::Value;

use super::server::Server;
use super::support::TestDatabase;

/// Address, the parameter it is wrong in, and a word of the help.
const WRONG: [(&str, &str, &str); 34] = [
    ("/api/v1/nearest?lat=31", "lon", "required"),
    ("/api/v1/nearest?lon=181&lat=31", "lon", "-180"),
    ("/api/v1/nearest?lon=nan&lat=31", "lon", "nan"),
    ("/api/v1/nearest?lon=121&lat=90.5", "lat", "90"),
    ("/api/v1/nearest?lon=121&lat=", "lat", "empty"),
    ("/api/v1/nearest?lon=121&lon=122&lat=31", "lon", "more than once"),
    ("/api/v1/nearest?lon=121&lat=31&limit=0", "limit", "1 to 100"),
    ("/api/v1/nearest?lon=121&lat=31&limit=101", "limit", "1 to 100"),
    ("/api/v1/nearest?lon=121&lat=31&limit=ten", "limit", "ten"),
    ("/api/v1/nearest?lon=121&lat=31&within_m=-1", "within_m", "metres"),
    ("/api/v1/nearest?lon=121&lat=31&kind=cantene", "kind", "canteen"),
    ("/api/v1/nearest?lon=121&lat=31&category=meal", "category", "meals"),
    ("/api/v1/nearest?lon=121&lat=31&datum=gcj2", "datum", "gcj02"),
    ("/api/v1/nearest?lon=121&lat=31&min_rating=9", "min_rating", "1 to 5"),
    ("/api/v1/nearest?lon=121&lat=31&min_free=some", "min_free", "some"),
    ("/api/v1/nearest?lon=121&lat=31&min_free=1&measure=bed", "measure", "beds"),
    ("/api/v1/nearest?lon=121&lat=31&open_at=noon", "open_at", "RFC 3339"),
    ("/api/v1/nearest?lon=121&lat=31&region=nowhere", "region", "regions"),
    ("/api/v1/nearest?lon=121&lat=31&max_price=cheap", "max_price", "CNY"),
    ("/api/v1/nearest?lon=121&lat=31&radius=5", "radius", "unknown"),
    ("/api/v1/nearest?lon=121&lat=31&Limit=5", "Limit", "limit"),
    ("/api/v1/facilities?status=open", "status", "known"),
    ("/api/v1/facilities?bbox=1,2,3", "bbox", "west,south,east,north"),
    ("/api/v1/facilities?bbox=1,5,3,2", "bbox", "west,south,east,north"),
    ("/api/v1/facilities?cursor=abc", "cursor", "links.next"),
    ("/api/v1/facilities?limit=1001", "limit", "1000"),
    ("/api/v1/facilities?updated_since=yesterday", "updated_since", "RFC 3339"),
    ("/api/v1/places", "q", "required"),
    ("/api/v1/regions?parent=nowhere", "parent", "regions"),
    ("/api/v1/regions?level=street", "level", "known"),
    ("/api/v1/coverage?kind=canteen", "within_m", "required"),
    ("/api/v1/coverage?within_m=1000&weight=aged_70", "weight", "aged_"),
    ("/api/v1/coverage?within_m=1000&by=street", "by", "known"),
    ("/api/v1/coverage/gaps?within_m=1000&format=xls", "format", "csv"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_question_is_refused_with_help() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    for (address, parameter, word) in WRONG {
        let answer = server.get(address);
        assert_eq!(answer.status, 400, "{address}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{address}");
        let problem = answer.json();
        assert_eq!(problem["type"], "bad-parameter", "{address}");
        assert_eq!(problem["status"], 400);
        assert!(problem["instance"].as_str().is_some_and(|id| !id.is_empty()));
        let faults = problem["errors"].as_array().expect("errors");
        let fault = faults.iter().find(|fault| fault["parameter"] == parameter);
        let detail = fault.and_then(|fault| fault["detail"].as_str()).unwrap_or_default();
        assert!(detail.contains(word), "{address}: {problem}");
    }
    for (address, status) in [
        ("/api/v1/nowhere", 404),
        ("/api/v1/facilities/not-an-id", 404),
        ("/api/v1/facilities/0190b7a0-0000-7000-8000-000000000000", 404),
        ("/api/v1/facilities/0190b7a0-0000-7000-8000-000000000000/history", 404),
        ("/api/v1/regions/nowhere", 404),
        ("/api/v1/%ff%fe", 404),
        ("/nowhere", 404),
        ("/f/not-an-id", 404),
    ] {
        assert_eq!(server.get(address).status, status, "{address}");
    }
    let wrong_method = server.patch("/api/v1/nearest", &[], "{}");
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, "GET, HEAD"));
    let problem: Value = wrong_method.json();
    assert_eq!(problem["type"], "wrong-method");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_registry_answers_empty_and_says_what_is_missing() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    let nearest = server.get("/api/v1/nearest?lon=118.3&lat=33.9").json();
    assert_eq!(nearest["features"].as_array().map(Vec::len), Some(0));
    let coverage = server.get("/api/v1/coverage?within_m=1000").json();
    assert_eq!(coverage["totals"]["population"], Value::Null, "{coverage}");
    assert_eq!(coverage["totals"]["share"], Value::Null);
    let ready = server.get("/readyz");
    assert_eq!((ready.status, ready.json()["revision"].as_i64()), (200, Some(0)));
    server.stop();
}
