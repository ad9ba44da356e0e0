//! Coverage over HTTP equals PostGIS' own sums: for a village, a town, a city and everything.

use serde_json::Value;

use super::oracle::connect;
use super::server::{Server, run};
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

#[tokio::test(flavor = "multi_thread")]
async fn coverage_is_postgis_sum_at_every_level() {
    let (database, server) = seeded().await;
    let client = connect(&database.address).await;
    let query = "
        with recursive inside as (
            select code from region where $1::text is null and parent is null or code = $1
            union all select r.code from region r join inside i on r.parent = i.code),
        served as (
            select d.aged_60 as people, exists (
                select from facility f where f.kind = any($2) and f.status in ('operating', 'trial')
                and ST_DWithin(f.place, d.place, $3, true)) as covered
            from demand_point d join inside i on d.region = i.code)
        select sum(people)::bigint, coalesce(sum(people) filter (where covered), 0)::bigint, count(*) from served";
    for (region, kinds, within_m) in [
        (None, vec!["canteen", "meal_point"], 3000.0),
        (Some("321300"), vec!["canteen", "meal_point"], 1000.0),
        (Some("321300"), vec!["nursing_home"], 5000.0),
        (Some("321324"), vec!["canteen", "meal_point"], 2000.0),
        (Some("321302001"), vec!["street_day_care", "community_centre"], 1500.0),
        (Some("321302001001"), vec!["community_centre", "community_station"], 800.0),
        (Some("XX0001"), vec!["mutual_aid_society"], 500.0),
    ] {
        let row = client.query_one(query, &[&region, &kinds, &within_m]).await.expect("PostGIS answers");
        let (population, covered, points): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        let kinds: String = kinds.iter().map(|kind| format!("&kind={kind}")).collect();
        let scope = region.map(|code| format!("&region={code}")).unwrap_or_default();
        let answer = server.get(&format!("/api/v1/coverage?within_m={within_m}{kinds}{scope}")).json();
        let totals = &answer["totals"];
        assert_eq!(totals["population"], population, "{region:?} {answer}");
        assert_eq!(totals["covered"], covered, "{region:?}");
        assert_eq!(totals["uncovered"], population - covered);
        assert_eq!(totals["demand_points"], points);
        let rows = answer["rows"].as_array().expect("rows");
        let sum = |field: &str| rows.iter().filter_map(|row| row[field].as_i64()).sum::<i64>();
        assert_eq!((sum("population"), sum("covered")), (population, covered), "rows add up for {region:?}");
        let gaps = server.get(&format!("/api/v1/coverage/gaps?limit=100000&within_m={within_m}{kinds}{scope}")).json();
        assert_eq!(gaps["uncovered"], population - covered);
        let people: Vec<i64> = gaps["features"]
            .as_array()
            .expect("features")
            .iter()
            .filter_map(|gap| gap["properties"]["population"].as_i64())
            .collect();
        assert!(people.is_sorted_by(|a, b| a >= b), "largest first");
        assert_eq!(people.iter().sum::<i64>(), population - covered);
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_gives_the_figures_of_the_reports() {
    let (_database, server) = seeded().await;
    let count = |question: &str| {
        let answer = server.get(&format!("/api/v1/facilities?limit=1&{question}")).json();
        answer["numberMatched"].as_i64().unwrap_or_else(|| panic!("{question}: {answer}"))
    };
    let serving = "status=operating,trial";
    for (question, figure) in [
        ("region=321300&kind=nursing_home", 145),
        ("region=321300&kind=regional_rural_centre", 16),
        ("region=321300&kind=nursing_hospital", 24),
        ("region=321300&kind=community_centre&kind=community_station", 793),
        ("region=321300&kind=street_day_care", 16),
        ("region=321300&kind=commercial_cemetery", 5),
        ("region=371500&category=funeral&tag=生态安葬试点", 6),
        ("region=321112&kind=concentrated_care_centre", 1),
        ("region=321112&kind=regional_rural_centre", 2),
        ("region=321112&kind=community_centre&min_rating=3", 1),
        ("region=321112&kind=community_centre&min_rating=2", 9),
        ("region=370403&kind=nursing_home&min_rating=1", 12),
        ("region=XX0001&kind=canteen&kind=meal_point", 20),
        ("region=XX0001&kind=mutual_aid_society", 75),
    ] {
        assert_eq!(count(&format!("{serving}&{question}")), figure, "{question}");
    }
    let villages = server.get("/api/v1/regions?parent=321300&level=village").json();
    assert_eq!(villages["numberReturned"], 1401);
    // Beds and canteens of one year: what the records say of their own dates.
    let all = server.get("/api/v1/facilities?limit=1000&region=371500").json();
    let of_2024 =
        |feature: &&Value| feature["properties"]["built_on"].as_str().is_some_and(|date| date.starts_with("2024"));
    let features = all["features"].as_array().expect("features");
    assert!((features.len() as i64) == all["numberMatched"].as_i64().unwrap_or(0), "one page holds them all");
    let nursing: i64 = features
        .iter()
        .filter(of_2024)
        .filter_map(|feature| feature["properties"]["capacity"]["beds"]["nursing"].as_i64())
        .sum();
    assert_eq!(nursing, 188);
    let canteens = features.iter().filter(of_2024).filter(|feature| feature["properties"]["kind"] == "canteen");
    assert_eq!(canteens.count(), 46);
    assert!(features.iter().all(|feature| feature["properties"]["demo"] == true), "every invented record says so");
    server.stop();
}
