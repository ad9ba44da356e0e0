//! Coverage over HTTP equals PostGIS' own sums: for a village, a town, a city and everything.

use serde_json::{Value, json};
use silver_atlas::care::Status;

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
        let gaps = server.get(&format!("/api/v1/coverage/gaps?limit=20000&within_m={within_m}{kinds}{scope}")).json();
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

/// The same sums over a list of facilities that a scenario has changed by hand.
#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_is_postgis_sum_over_the_changed_facilities() {
    let (database, server) = seeded().await;
    let client = connect(&database.address).await;
    let (region, within_m) = ("321300", 1500.0);
    // The two that are nearest to most people, and the place of the largest gap.
    let busiest = "
        select f.id::text, st_x(f.place::geometry), st_y(f.place::geometry) from facility f
        where f.kind = 'canteen' and f.status = 'operating' and f.place is not null
        order by (select coalesce(sum(d.aged_60), 0) from demand_point d
                  where ST_DWithin(f.place, d.place, 3000, true)) desc, f.id limit 2";
    let busiest = client.query(busiest, &[]).await.expect("facilities");
    let (closed, moved): (String, String) = (busiest[0].get(0), busiest[1].get(0));
    let question = format!("region={region}&kind=canteen&within_m={within_m}");
    let gaps = server.get(&format!("/api/v1/coverage/gaps?limit=1&{question}")).json();
    let site = &gaps["features"][0]["geometry"]["coordinates"];
    let (lon, lat) = (site[0].as_f64().expect("degrees"), site[1].as_f64().expect("degrees"));
    let scenario = json!({
        "add": [{"kind": "canteen", "lon": lon, "lat": lat}, {"kind": "nursing_home", "lon": lon, "lat": lat}],
        "close": [closed], "move": [{"id": moved, "lon": lon + 0.02, "lat": lat}],
    });
    client
        .batch_execute(&format!(
            "create temp table later as select id::text, kind, status, place from facility;
             delete from later where id = '{closed}';
             update later set place = ST_MakePoint({}, {lat})::geography where id = '{moved}';
             insert into later values ('new', 'canteen', 'operating', ST_MakePoint({lon}, {lat})::geography)",
            lon + 0.02
        ))
        .await
        .expect("the other record");
    let sums = "
        with recursive inside as (
            select code from region where code = $1 union all select r.code from region r join inside i on r.parent = i.code),
        far as (
            select d.aged_60 as people, (select min(ST_Distance(f.place, d.place, true)) from TABLE f
                where f.kind = 'canteen' and f.status in ('operating', 'trial')) as m
            from demand_point d join inside i on d.region = i.code)
        select sum(people)::bigint, coalesce(sum(people) filter (where m <= $2), 0)::bigint, sum(people * m) from far";
    let answer = server.send("POST", &format!("/api/v1/coverage?{question}"), &[], &scenario.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    let mut covered = Vec::new();
    for (side, table) in [("before", "facility"), ("after", "later")] {
        let row = client.query_one(&sums.replace("TABLE", table), &[&region, &within_m]).await.expect("PostGIS");
        let (population, reached, person_m): (i64, i64, f64) = (row.get(0), row.get(1), row.get(2));
        let totals = &answer[side]["totals"];
        assert_eq!((&totals["population"], &totals["covered"]), (&json!(population), &json!(reached)), "{side}");
        let told = totals["person_m"].as_f64().expect("metres");
        assert!((told - person_m).abs() < 1e-6 * person_m, "{side}: {told} {person_m}");
        let bands = answer[side]["distribution"].as_array().expect("bands");
        assert_eq!(bands.iter().filter_map(|band| band["population"].as_i64()).sum::<i64>(), population);
        covered.push(reached);
    }
    assert_ne!(covered[0], covered[1], "the scenario changes something");
    assert_eq!(answer["difference"]["totals"]["covered"], covered[1] - covered[0]);
    let rows = answer["difference"]["rows"].as_array().expect("rows");
    assert_eq!(rows.iter().filter_map(|row| row["covered"].as_i64()).sum::<i64>(), covered[1] - covered[0]);
    // Nothing of it touched the record, and the question may stand in the body as well.
    let body = json!({"region": region, "kind": ["canteen"], "within_m": within_m});
    let again = server.send("POST", "/api/v1/coverage", &[], &body.to_string()).json();
    assert_eq!(again["after"], again["before"]);
    assert_eq!(again["before"], answer["before"]);
    assert_eq!(server.get(&format!("/api/v1/coverage?{question}")).json()["totals"], answer["before"]["totals"]);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_that_cannot_be_says_where() {
    let (database, server) = seeded().await;
    let record = database.registry.load().await.expect("loads");
    let closed = record.facilities.iter().find(|facility| facility.status == Status::Closed).expect("one is closed");
    let question = "/api/v1/coverage?region=321300&kind=canteen&within_m=1000";
    let body = json!({
        "add": [{"kind": "canten", "lon": 118.3, "lat": 33.9}, {"kind": "canteen", "lon": 518.3, "lat": 33.9}],
        "close": ["00000000-0000-0000-0000-000000000001", closed.id],
    });
    let pointers = |answer: &super::server::Answer| -> Vec<String> {
        let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect()
    };
    let refused = server.send("POST", question, &[], &body.to_string());
    assert_eq!((refused.status, pointers(&refused)), (422, vec!["/add/1/lon".to_owned(), "/add/0/kind".to_owned()]));
    let refused = server.send("POST", question, &[], &json!({"close": body["close"]}).to_string());
    assert_eq!((refused.status, pointers(&refused)), (422, vec!["/close/0".to_owned(), "/close/1".to_owned()]));
    for (body, status) in
        [("[]", 400), ("{", 400), ("{\"within_m\": 5, \"within\": 5}", 422), ("{\"within_m\": -5}", 400)]
    {
        let refused = server.send("POST", "/api/v1/coverage?region=321300", &[], body);
        assert_eq!(refused.status, status, "{body}: {}", refused.text);
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn standards_trend_and_scorecard_say_what_coverage_says() {
    let (_database, server) = seeded().await;
    let get = |address: &str| server.get(address).json();
    let standards = get("/api/v1/standards");
    let codes: Vec<String> = standards["standards"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|standard| standard["code"].as_str().expect("a code").to_owned())
        .collect();
    assert_eq!(codes.len(), 8);
    let question = "region=321300&kind=canteen&kind=meal_point";
    let card = get(&format!("/api/v1/coverage/scorecard?{question}&detour=1.25"));
    for (at, code) in codes.iter().enumerate() {
        let alone = get(&format!("/api/v1/coverage?{question}&standard={code}&detour=1.25"));
        assert_eq!(card["standards"][at]["totals"], alone["totals"], "{code}");
        assert_eq!(card["standards"][at]["standard"], alone["standard"], "{code}");
        assert_eq!(alone["standard"]["standard"], json!(code));
        let within = standards["standards"][at]["within_m"].as_f64().expect("metres") / 1.25;
        assert!((alone["standard"]["within_m"].as_f64().expect("metres") - within).abs() < 1e-9);
    }
    let day = chrono::Utc::now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    let trend = get(&format!("/api/v1/coverage/trend?{question}&standard=1000m&as_of=2020-01-01&as_of={day}"));
    let alone = get(&format!("/api/v1/coverage?{question}&within_m=1000"));
    assert_eq!(trend["rows"][1]["totals"], alone["totals"]);
    // Before the first import facilities stand by their own dates, and the people are those that are counted now.
    let early = &trend["rows"][0];
    assert_eq!((&early["by_dates"], &early["totals"]["population"]), (&json!(true), &alone["totals"]["population"]));
    assert!(early["totals"]["covered"].as_u64() < alone["totals"]["covered"].as_u64(), "{trend}");
    let refused = server.get(&format!("/api/v1/coverage/trend?{question}&within_m=1000"));
    assert_eq!(refused.status, 400, "{}", refused.text);
    for (address, said) in [
        ("/plan?region=321300&standard=15min_0.8&kind=canteen,meal_point&trend=yes", "Asher"),
        ("/plan?region=321300&within_m=1000&kind=canteen,meal_point", "<svg class=\"areas\""),
        ("/plan?within_m=1000&by=town&kind=canteen", "url(#h"),
        ("/plan/scorecard?region=321300&kind=canteen,meal_point", "来源待确认"),
        ("/plan/scenario?region=321300&within_m=1000&kind=canteen&add=canteen,118.3,33.9", "前后对照"),
    ] {
        let page = server.get(address);
        assert_eq!(page.status, 200, "{address}");
        assert!(page.text.contains(said), "{address} does not say {said}");
        assert!(page.text.len() < 400_000, "{address}: {} bytes", page.text.len());
        if let (Some(from), Some(to)) = (page.text.find("<figure"), page.text.find("</figure>")) {
            assert!(to - from < 150_000, "{address}: a map of {} bytes", to - from);
        }
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
