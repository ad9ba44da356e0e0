//! The real registry: 15,283 US nursing homes (CMS, August 2021, public domain) and the towns around them (GeoNames, CC BY
//! 4.0). Skipped, saying so, where the data is absent.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::oracle::connect;
use super::server::{Server, run};
use super::support::TestDatabase;

fn data(name: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !file.exists() {
        eprintln!("skipped: {} is not here", file.display());
    }
    file.exists().then_some(file)
}

fn import(place: [&str; 2], what: &str, file: &Path, profile: &str) -> Value {
    let file = file.to_str().expect("a path");
    let output = run(&["import", what, file, "--profile", profile, "--json", place[0], place[1]]);
    let report = serde_json::from_slice(&output.stdout);
    report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_american_registry_comes_in_whole_and_answers_right() {
    let (Some(homes), Some(towns)) = (data("cms-nursing-homes-2021-08.csv"), data("geonames-places-us.csv")) else {
        return;
    };
    let database = TestDatabase::new().await;
    let place = ["--database-url", &database.address.url];
    let report = import(place, "facilities", &homes, "cms-nursing-homes");
    assert_eq!((&report["inserted"], &report["rejected"]), (&15_283.into(), &0.into()), "{report}");
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(findings.iter().filter(|finding| finding["code"] == "over_capacity").count(), 122);
    let again = import(place, "facilities", &homes, "cms-nursing-homes");
    assert_eq!(again["unchanged"], 15_283, "twice is once");
    let people = import(place, "population", &towns, "geonames-places");
    assert_eq!(people["rejected"], 0, "{people}");

    let client = connect(&database.address).await;
    let one = async |sql: &str| client.query_one(sql, &[]).await.expect("PostGIS answers").get::<_, i64>(0);
    assert_eq!(one("select sum(total)::bigint from capacity where measure = 'beds'").await, 1_627_133);
    assert_eq!(one("select count(*) from capacity where occupied > total").await, 122);
    assert_eq!(
        one("select count(*) from facility where not exists (select from rating r where r.facility = facility.id)")
            .await,
        235
    );
    assert_eq!(one("select count(*) from facility where place is null").await, 10);

    let server = Server::start(place, &[]);
    let coverage = server.get("/api/v1/coverage?kind=nursing_home&min_rating=4&within_m=25000&weight=total").json();
    assert_eq!(
        coverage["not_located"]["facilities"].as_i64(),
        Some(
            one(
                "select count(*) from facility f join rating r on r.facility = f.id where place is null and level >= 4"
            )
            .await
        )
    );
    let expected = client
        .query_one(
            "select sum(total)::bigint, coalesce(sum(total) filter (where exists (
                 select from facility f join rating r on r.facility = f.id
                 where r.level >= 4 and ST_DWithin(f.place, d.place, 25000, true))), 0)::bigint
             from demand_point d where total is not null",
            &[],
        )
        .await
        .expect("PostGIS answers");
    assert_eq!(coverage["totals"]["population"], expected.get::<_, i64>(0), "{}", coverage["totals"]);
    assert_eq!(coverage["totals"]["covered"], expected.get::<_, i64>(1));

    let towns = client
        .query("select ST_X(place::geometry), ST_Y(place::geometry) from demand_point order by total desc nulls last, id limit 200", &[])
        .await
        .expect("PostGIS answers");
    for town in towns {
        let (lon, lat): (f64, f64) = (town.get(0), town.get(1));
        let nearest = client
            .query_opt(
                "select ST_Distance(f.place, ST_MakePoint($1, $2)::geography, true) as d from facility f
                 join rating r on r.facility = f.id and r.level = 5
                 join capacity c on c.facility = f.id and c.total - c.occupied >= 1 and c.as_of > now() - interval '90 days'
                 where f.place is not null order by d limit 1",
                &[&lon, &lat],
            )
            .await
            .expect("PostGIS answers");
        let answer = server.get(&format!("/api/v1/nearest?lon={lon}&lat={lat}&min_rating=5&min_free=1&limit=1")).json();
        // The file's own day decides whether anybody may be promised a bed by it.
        let told = answer["features"][0]["properties"]["distance_m"].as_f64();
        let same = match (told, &nearest) {
            (Some(told), Some(row)) => (told - row.get::<_, f64>(0)).abs() < 0.002,
            (told, nearest) => told.is_none() && nearest.is_none(),
        };
        assert!(same, "from {lon},{lat}: {answer}");
    }
    server.stop();
}
