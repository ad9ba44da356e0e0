//! Answers and lists at their edges: pages of the API that come back as a file, tables for Excel, places that cannot be right and
//! records that were taken out.

use serde_json::json;

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_api_comes_back_as_no_change_and_tables_begin_with_the_mark_and_are_whole() {
    let database = TestDatabase::new().await;
    let (folder, url) = (Folder::new("page"), database.address.url.clone());
    for (what, file) in [
        ("regions", "seed/regions.geojson"),
        ("population", "seed/population.csv"),
        ("facilities", "seed/facilities.csv"),
    ] {
        assert!(run(&["import", what, file, "--database-url", &url]).status.success(), "{what}");
    }
    let server = Server::start(["--database-url", &url], &[]);
    let page = server.get("/api/v1/facilities?limit=1000");
    let file = folder.write("page.geojson", &page.text);
    let back = run(&["import", "facilities", file.to_str().expect("a path"), "--json", "--database-url", &url]);
    let report: serde_json::Value = serde_json::from_slice(&back.stdout).expect("a report");
    assert_eq!((&report["updated"], &report["inserted"], &report["unchanged"]), (&json!(0), &json!(0), &json!(1000)));
    let gaps = "/api/v1/coverage/gaps?kind=nursing_home&within_m=1&region=321300";
    let matched = server.get(gaps).json()["numberMatched"].as_u64().expect("a number");
    let table = server.get(&format!("{gaps}&format=csv")).text;
    assert!(table.starts_with('\u{feff}'), "Excel reads Chinese as Chinese");
    assert!(matched > 1000 && table.lines().count() as u64 == matched + 1, "{matched}");
    let coverage = server.get("/api/v1/coverage?kind=canteen&within_m=1000&region=321300&format=csv").text;
    assert!(coverage.starts_with("\u{feff}region,"), "{coverage}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_says_the_region_and_one_that_cannot_be_right_is_refused() {
    let database = TestDatabase::new().await;
    let (folder, url) = (Folder::new("point"), database.address.url.clone());
    let ring = json!([[[118.0, 33.0], [119.0, 33.0], [119.0, 34.0], [118.0, 34.0], [118.0, 33.0]]]);
    let region = json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": ring},
        "properties": {"code": "3213", "name": "=HYPERLINK(\"http://x\",\"y\")", "level": "city"}});
    let file = folder.write("r.geojson", &json!({"type": "FeatureCollection", "features": [region]}).to_string());
    assert!(run(&["import", "regions", file.to_str().expect("a path"), "--database-url", &url]).status.success());
    let server = Server::start(["--database-url", &url], &[]);
    let bearer = format!("Bearer {}", server.token.as_ref().expect("the operator's token"));
    let headers = [("authorization", bearer.as_str())];
    let post = |name: &str, lon: f64, lat: f64, region: serde_json::Value, query: &str| {
        let place = json!({"lon": lon, "lat": lat, "datum": "wgs84"});
        let mut body = json!({"name": name, "kind": "canteen", "place": place});
        if !region.is_null() {
            body["region"] = region;
        }
        server.send("POST", &format!("/api/v1/facilities{query}"), &headers, &body.to_string())
    };
    // On the border: inside, by the one rule.
    let made = post("边上食堂", 119.0, 33.5, json!(null), "");
    assert_eq!((made.status, &made.json()["properties"]["region"]["code"]), (201, &json!("3213")), "{}", made.text);
    assert!(made.json().get("warnings").is_none(), "{}", made.text);
    for (lon, lat, region, why) in [
        (33.5, 118.5, json!(null), "look swapped"),
        (33.5, 88.5, json!("3213"), "km from"),
        (-118.5, 33.5, json!("3213"), "minus sign"),
        (11.85, 33.5, json!("3213"), "decimal point"),
        (33.5, 33.5, json!("3213"), "the same number"),
        (0.0, 0.0, json!("3213"), "0, 0"),
    ] {
        let refused = post("远处食堂", lon, lat, region, "");
        assert!(refused.status == 422 && refused.text.contains(why), "{lon}, {lat}: {}", refused.text);
    }
    let table = server.get("/api/v1/coverage?kind=canteen&within_m=1000&region=3213&format=csv").text;
    assert!(table.contains("\"'=HYPERLINK("), "no cell is a formula: {table}");
    // Withdrawn: not registered again unless it is meant.
    let (address, tag) = (made.header("location").to_owned(), made.header("etag").to_owned());
    let gone = server.send(
        "DELETE",
        &format!("{address}?reason=never-opened"),
        &[("authorization", bearer.as_str()), ("if-match", tag.as_str())],
        "",
    );
    assert_eq!(gone.status, 204, "{}", gone.text);
    let again = post("边上食堂", 119.0, 33.5, json!(null), "");
    assert!(
        again.status == 409 && again.text.contains("never-opened") && again.text.contains("another=true"),
        "{}",
        again.text
    );
    assert_eq!(post("边上食堂", 119.0, 33.5, json!(null), "?another=true").status, 201);
    server.stop();
}
