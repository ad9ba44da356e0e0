//! Siting over HTTP: what PostGIS counts of the answered sites, refusals that say what would do, jobs, and the page.

use std::time::Duration;

use serde_json::{Value, json};

use super::oracle::connect;
use super::server::{Answer, Server, run};
use super::support::TestDatabase;

async fn seeded() -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let place = ["--database-url", &database.address.url];
    for (what, file) in [
        ("regions", "seed/regions.geojson"),
        ("population", "seed/population.csv"),
        ("facilities", "seed/facilities.csv"),
    ] {
        assert!(run(&["import", what, file, place[0], place[1]]).status.success());
    }
    let server = Server::start(place, &[]);
    (database, server)
}

fn ask(server: &Server, question: &Value) -> Answer {
    server.send("POST", "/api/v1/siting", &[], &question.to_string())
}

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect()
}

/// The people of the region within the distance of the sites, or of what stands already where that is kept.
async fn counted(client: &tokio_postgres::Client, within_m: f64, kept: bool, sites: &[Value]) -> i64 {
    let number = |site: &Value, name: &str| site[name].as_f64().expect("a coordinate");
    let lons: Vec<f64> = sites.iter().map(|site| number(site, "lon")).collect();
    let lats: Vec<f64> = sites.iter().map(|site| number(site, "lat")).collect();
    let query = "
        with recursive inside as (
            select code from region where code = '321302'
            union all select r.code from region r join inside i on r.parent = i.code)
        select coalesce(sum(d.aged_60), 0)::bigint from demand_point d join inside i on d.region = i.code
        where exists (select from unnest($1::float8[], $2::float8[]) s (lon, lat)
                where ST_DWithin(ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326)::geography, d.place, $3, true))
            or $4 and exists (select from facility f where f.kind = 'meal_point' and f.status in ('operating', 'trial')
                and ST_DWithin(f.place, d.place, $3, true))";
    client.query_one(query, &[&lons, &lats, &within_m, &kept]).await.expect("PostGIS answers").get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_what_postgis_counts_and_every_refusal_says_what_would_do() {
    let (database, server) = seeded().await;
    let client = connect(&database.address).await;
    let mut question = json!({"region": "321302", "kind": "meal_point", "within_m": 1000, "sites": 5, "nearly": 2});
    for kept in [true, false] {
        question["keep_existing"] = json!(kept);
        let answer = ask(&server, &question);
        assert_eq!(answer.status, 200, "{}", answer.text);
        let plan = answer.json();
        let sites = plan["sites"].as_array().expect("sites");
        assert_eq!(sites.len(), 5, "{plan}");
        assert_eq!(plan["value"], plan["after"]["covered"]);
        assert_eq!(plan["value"], counted(&client, 1000.0, kept, sites).await, "kept {kept}: {plan}");
        assert_eq!(plan["baseline"]["covered"], counted(&client, 1000.0, true, &[]).await);
        assert!(plan["bound"].as_f64() >= plan["value"].as_f64());
        assert_eq!(plan["proven"], plan["bound"] == plan["value"]);
        let mut before = if kept { plan["baseline"]["covered"].as_i64().expect("people") } else { 0 };
        for site in sites {
            before += site["adds"].as_i64().expect("people");
            assert_eq!(site["cumulative"], before);
            assert!(site["region"].as_str().is_some_and(|code| code.starts_with("321302")), "{site}");
        }
        let curve: Vec<i64> =
            plan["curve"].as_array().expect("a curve").iter().filter_map(|s| s["covered"].as_i64()).collect();
        assert!(curve.len() == 6 && curve.is_sorted() && curve[5] == before, "{curve:?}");
        assert_eq!(plan["nearly"].as_array().map(Vec::len), Some(2));
        let mut again = ask(&server, &question).json();
        again["seconds"] = plan["seconds"].clone();
        assert_eq!((&again["sites"], &again["curve"]), (&plan["sites"], &plan["curve"]), "the same question");
    }
    let everybody = json!({"region": "321302", "kind": "meal_point", "within_m": 3000, "objective": "cover_all"});
    let plan = ask(&server, &everybody).json();
    assert_eq!(plan["after"]["share"], 1.0, "{plan}");
    assert_eq!(plan["value"].as_u64(), plan["sites"].as_array().map(|sites| sites.len() as u64));

    let far = json!({"region": "321302", "within_m": 1000, "objective": "cover_all", "candidates": [[118.3, 33.9]], "keep_existing": false});
    let refused = ask(&server, &far);
    assert_eq!(
        (refused.status, &pointers(&refused)[..2]),
        (422, &["/within_m".to_owned(), "/candidates".to_owned()][..])
    );
    let detail = refused.json()["detail"].as_str().expect("a detail").to_owned();
    let radius: f64 =
        detail.split("A radius of ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).expect("a radius");
    let enough = json!({"region": "321302", "within_m": radius, "objective": "cover_all", "candidates": [[118.3, 33.9]], "keep_existing": false});
    assert_eq!(ask(&server, &enough).json()["value"], 1, "{radius} m would do");
    // What stands already serves as well: with it the same radius, or a shorter one, would do.
    let kept = json!({"region": "321302", "within_m": 100, "objective": "cover_all", "candidates": [[118.3, 33.9]], "keep_existing": true});
    let refused = ask(&server, &kept);
    let detail = refused.json()["detail"].as_str().expect("a detail").to_owned();
    let shorter: f64 =
        detail.split("A radius of ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).expect("a radius");
    assert!(shorter < radius, "{detail}");
    let enough = json!({"region": "321302", "within_m": shorter, "objective": "cover_all", "candidates": [[118.3, 33.9]], "keep_existing": true});
    assert_eq!(ask(&server, &enough).status, 200, "{shorter} m would do");
    let short = json!({"region": "321302", "within_m": radius - 0.01, "objective": "cover_all", "candidates": [[118.3, 33.9]], "keep_existing": false});
    assert_eq!(ask(&server, &short).status, 422);

    let wrong = json!({"region": "nowhere", "kind": "meal_pont", "within_m": -1, "sites": 0, "objective": "most", "candidates": [[200, 0]],
        "capacity": 1.5, "excluded": [{"type": "Point", "coordinates": [1, 2]}], "seconds": 1000, "radius": 5});
    let refused = ask(&server, &wrong);
    assert_eq!(refused.status, 422);
    let told = pointers(&refused);
    for pointer in [
        "/region",
        "/kind",
        "/within_m",
        "/sites",
        "/objective",
        "/candidates/0",
        "/capacity",
        "/excluded/0",
        "/seconds",
        "/radius",
    ] {
        assert!(told.iter().any(|held| held == pointer), "{pointer} in {told:?}");
    }
    assert_eq!(ask(&server, &json!({"within_m": 500})).status, 422, "no number of sites");
    assert_eq!(server.send("POST", "/api/v1/siting", &[], "{").status, 400);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_hold_and_jobs_can_be_asked_about_and_ended() {
    let (_database, server) = seeded().await;
    let question = json!({"region": "321302", "kind": "meal_point", "within_m": 1000, "sites": 8, "min_spacing_m": 4000,
        "capacity": 500, "excluded": ["321302001"]});
    let plan = ask(&server, &question).json();
    let sites = plan["sites"].as_array().expect("sites");
    let at = |site: &Value| {
        (site["lon"].as_f64().expect("lon").to_radians(), site["lat"].as_f64().expect("lat").to_radians())
    };
    for (place, site) in sites.iter().enumerate() {
        assert!(site["adds"].as_u64() <= Some(500), "{site}");
        assert!(!site["region"].as_str().unwrap_or_default().starts_with("321302001"), "{site}");
        for other in &sites[..place] {
            let (a, b) = (at(site), at(other));
            let (up, across) = (((b.1 - a.1) / 2.0).sin(), ((b.0 - a.0) / 2.0).sin());
            let metres = 2.0 * 6_371_008.8 * (up * up + a.1.cos() * b.1.cos() * across * across).sqrt().asin();
            assert!(metres > 3980.0, "{site} {other}: {metres}");
        }
    }
    let median = json!({"region": "321302", "kind": "meal_point", "sites": 3, "objective": "min_distance"});
    let begun = server.send("POST", "/api/v1/siting?job=true", &[], &median.to_string());
    assert_eq!(begun.status, 202, "{}", begun.text);
    let address = begun.header("location").to_owned();
    server.until(Duration::from_secs(60), "the job ends", |server| server.get(&address).json()["state"] == "done");
    let told = server.get(&address).json();
    let answer = &told["answer"];
    assert!(answer["after"]["mean_m"].as_f64() < answer["baseline"]["mean_m"].as_f64(), "{told}");
    assert!(answer["bound"].as_f64() <= answer["value"].as_f64());
    assert_eq!(server.send("DELETE", &address, &[], "").status, 204);
    assert_eq!(server.get(&address).status, 404);

    let page = server.get("/plan/siting?region=321302&kind=meal_point&within_m=1000&sites=3&objective=max_covered");
    assert_eq!(page.status, 200);
    for part in ["覆盖率从", "<svg role=\"img\"", "id=\"curve\"", "format=geojson", "HiGHS"] {
        assert!(page.text.contains(part), "{part}");
    }
    let file =
        server.get("/plan/siting?region=321302&kind=meal_point&within_m=1000&sites=3&objective=max_covered&format=csv");
    assert!(file.text.starts_with("\u{feff}rank,chosen,lon,lat,") && file.text.lines().count() == 9, "{}", file.text);
    server.stop();
}
