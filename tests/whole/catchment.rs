//! Capacity against need over HTTP: equal to PostGIS' own sums on the seed, and to PySAL's values on its case.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::oracle::connect;
use super::server::{Folder, Server, run};
use super::support::TestDatabase;

async fn served(files: &[(&str, &Path)]) -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let place = ["--database-url", &database.address.url];
    for (what, file) in files {
        let ran = run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    let server = Server::start(place, &[]);
    (database, server)
}

/// Two steps in SQL: weights by zone, ratios, sums; for the demand points below a region, or for all.
const TWO_STEPS: &str = "
    with recursive inside as (
        select code from region where $1::text is null and parent is null or code = $1
        union all select r.code from region r join inside i on r.parent = i.code),
    supply as (
        select f.id, f.place, c.total from facility f join capacity c on c.facility = f.id
        where c.measure = 'beds' and c.total is not null and f.kind = any($2)
        and f.status in ('operating', 'trial') and f.place is not null),
    pair as (
        select d.id as i, s.id as j, d.aged_60 as people, s.total,
            case when ST_Distance(d.place, s.place, true) <= $3::float8 then $4::float8 else $6::float8 end as w
        from demand_point d join supply s on ST_DWithin(d.place, s.place, $5::float8, true)),
    ratio as (select j, max(total) / nullif(sum(people * w), 0) as r from pair group by j)
    select d.id::text, d.aged_60, coalesce(sum(r.r * p.w), 0)::float8, coalesce(max(p.total), 0) > 0
    from demand_point d left join pair p on p.i = d.id left join ratio r on r.j = p.j
    where d.aged_60 is not null and d.region in (select code from inside) group by d.id";

#[tokio::test(flavor = "multi_thread")]
async fn access_is_postgis_sum_on_the_seed() {
    let seed = ["seed/regions.geojson", "seed/population.csv", "seed/facilities.csv"].map(Path::new);
    let (database, server) = served(&[("regions", seed[0]), ("population", seed[1]), ("facilities", seed[2])]).await;
    let client = connect(&database.address).await;
    let homes = ["nursing_home", "nursing_hospital"];
    for (region, kinds, weights, zones) in [
        (Some("321300"), &homes[..1], "method=2sfca&within_m=5000", (5000.0, 1.0, 5000.0, 0.0)),
        (Some("321302"), &homes, "method=e2sfca&steps=2000:1,6000:0.3", (2000.0, 1.0, 6000.0, 0.3)),
        (None, &homes, "method=e2sfca&steps=3000:0.68,4000:0.22", (3000.0, 0.68, 4000.0, 0.22)),
    ] {
        let (near, high, far, low) = zones;
        let rows =
            client.query(TWO_STEPS, &[&region, &kinds, &near, &high, &far, &low]).await.expect("PostGIS answers");
        let expected: HashMap<String, (i32, f64, bool)> =
            rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2), row.get(3)))).collect();
        let scope = region.map(|code| format!("&region={code}")).unwrap_or_default();
        let question = format!("/api/v1/catchment?{weights}&kind={}{scope}&measure=beds", kinds.join(","));
        let answer = server.get(&question).json();
        let points = answer["rows"].as_array().expect("rows");
        assert_eq!(points.len(), expected.len(), "{question}");
        let mut sum = 0.0;
        for row in points {
            let (people, access, reached) = expected[row["id"].as_str().expect("an id")];
            let told = row["access"].as_f64().expect("a number");
            assert!((told - access).abs() <= 1e-9 * access.max(1e-3), "{question} {row}: {access}");
            assert_eq!((&row["population"], &row["reached"]), (&people.into(), &reached.into()), "{question} {row}");
            sum += f64::from(people) * access;
        }
        let totals = &answer["totals"];
        assert!((totals["reached_capacity"].as_f64().expect("a number") - sum).abs() < 1e-3, "{totals}");
        let unreached: i32 = expected.values().filter(|(.., reached)| !reached).map(|(people, ..)| people).sum();
        assert_eq!(totals["unreached_population"], unreached);
        // By region the same sums, and a gap that is the target's less what is in reach.
        let areas = server.get(&format!("{question}&by=county&target=cn-2020")).json();
        assert_eq!(areas["totals"]["unreached_population"], unreached);
        let gap = 0.035 * areas["totals"]["population"].as_f64().expect("people") - sum;
        assert!((areas["totals"]["gap"].as_f64().expect("a gap") - gap).abs() < 1e-3);
        let add = |field: &str| {
            let rows = areas["rows"].as_array().expect("rows");
            rows.iter().filter_map(|row| row[field].as_f64()).sum::<f64>()
        };
        assert!((add("reached_capacity") - sum).abs() < 1e-3 && (add("gap") - gap).abs() < 1e-3);
    }
    every_form_says_the_same(&server);
    server.stop();
}

/// The page, the spreadsheet, the map file and the JSON of one question.
fn every_form_says_the_same(server: &Server) {
    let asked = "region=321300&kind=nursing_home&within_m=5000&method=2sfca&target=35";
    let answer = server.get(&format!("/api/v1/catchment?{asked}&by=county")).json();
    let rows = answer["rows"].as_array().expect("rows");
    let page = server.get(&format!("/plan/catchment?{asked}")).text;
    let per_1000 = answer["totals"]["per_1000"].as_f64().expect("a number");
    assert!(page.contains(&format!("{per_1000:.1}")), "the page says {per_1000}");
    assert!(rows.iter().all(|row| page.contains(row["name"].as_str().expect("a name"))));
    let csv = server.get(&format!("/api/v1/catchment?{asked}&by=county&format=csv")).text;
    assert_eq!(csv.lines().count(), rows.len() + 1);
    let map = server.get(&format!("/api/v1/catchment?{asked}&by=county&format=geojson")).json();
    assert_eq!((&map["numberMatched"], &map["totals"]), (&rows.len().into(), &answer["totals"]));
    assert_eq!(map["features"][0]["properties"]["access"], rows[0]["access"]);
    // Where nothing is in reach, and only there.
    let points = server.get(&format!("/api/v1/catchment?{asked}&reached=false")).json();
    let people = points["rows"].as_array().expect("rows").iter().filter_map(|row| row["population"].as_i64());
    assert_eq!(Some(people.sum()), answer["totals"]["unreached_population"].as_i64());
    for (wrong, parameter) in [
        ("method=3sfc&within_m=1000", "method"),
        ("method=2sfca", "within_m"),
        ("within_m=1000&steps=1000", "steps"),
        ("within_m=1000&steps=1000:1&decay=linear", "decay"),
        ("within_m=1000&decay=gausian", "decay"),
        ("within_m=1000&kind=village_relief_station", "kind"),
        ("within_m=1000&kind=canteen&target=cn-2020", "target"),
        ("within_m=1000&target=0", "target"),
        ("within=1000", "within"),
    ] {
        let refused = server.get(&format!("/api/v1/catchment?{wrong}"));
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.text);
        assert_eq!(refused.json()["errors"][0]["parameter"], parameter, "{wrong}");
    }
    for method in ["2sfca", "e2sfca", "3sfca", "gravity", "kd2sfca", "bfca"] {
        let answer =
            server.get(&format!("/api/v1/catchment?method={method}&kind=nursing_home&within_m=5000&limit=1")).json();
        assert_eq!(answer["method"]["name"], method);
        assert!(answer["totals"]["reached_capacity"].as_f64().is_some_and(|beds| beds > 0.0), "{answer}");
    }
    let meals = server.get("/plan/catchment?kind=canteen&within_m=2000&target=cn-2020");
    assert!(
        meals.status == 200 && meals.text.contains("没有相比"),
        "a target of beds is let go for meals, and said so"
    );
    let first = server.get("/plan/catchment").text;
    assert!(first.contains("目标：每千人 35"), "who asks nothing yet is led to a question");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_pysals_on_its_case() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/coverage");
    let read = |name: &str| std::fs::read_to_string(data.join(name));
    let Ok(expected) = read("catchment-expected.json") else {
        eprintln!("skipped: {} is not here", data.display());
        return;
    };
    let table = |name: &str, head: &str, row: fn(&[&str]) -> String| {
        let text = read(name).expect("a file");
        let rows = text.lines().skip(1).map(|line| row(&line.split(',').collect::<Vec<_>>()));
        std::iter::once(head.to_owned()).chain(rows).collect::<Vec<_>>().join("\n")
    };
    let folder = Folder::new("catchment");
    let head = "code,name,kind,lon,lat,beds_total,rating_scheme,rating_level,rating_valid_until";
    let homes = table("catchment-supply.csv", head, |cell| {
        format!(
            "{0},院{0},nursing_home,{1},{2},{3},gb37276,{4},2099-12-31",
            cell[0], cell[1], cell[2], cell[3], cell[4]
        )
    });
    let people = table("catchment-demand.csv", "lon,lat,aged_60", |cell| cell[1..].join(","));
    let (homes, people) = (folder.write("f.csv", &homes), folder.write("p.csv", &people));
    let (_database, server) = served(&[("facilities", &homes), ("population", &people)]).await;
    let ids = read("catchment-demand.csv").expect("a file");
    let id_at = |lon: &Value, lat: &Value| {
        let here = |line: &&str| {
            let cells: Vec<_> = line.split(',').collect();
            cells[1].parse().ok() == lon.as_f64() && cells[2].parse().ok() == lat.as_f64()
        };
        ids.lines().find(here).and_then(|line| line.split(',').next()).expect("one of the points").to_owned()
    };
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    let mut compared = 0;
    for case in expected["cases"].as_array().expect("cases") {
        let zones = case["weight"]["step_upper_inclusive"].as_object();
        let zones =
            zones.map(|zones| zones.iter().map(|(edge, weight)| format!("{edge}:{weight}")).collect::<Vec<_>>());
        let steps = zones.map(|zones| format!("&steps={}", zones.join(","))).unwrap_or_default();
        let earth = case["cost"].as_str().expect("a cost").trim_end_matches("_m");
        let method = case["method"].as_str().expect("a method");
        for (column, rating) in [("beds", ""), ("beds4", "&min_rating=4")] {
            let asked = format!(
                "/api/v1/catchment?method={method}&within_m={}{steps}&distance={earth}&kind=nursing_home&by=point{rating}",
                case["max_cost_inclusive"]
            );
            let (answer, told) = (server.get(&asked).json(), &case["result"][column]);
            for row in answer["rows"].as_array().expect("rows") {
                let exact = told["access"][id_at(&row["lon"], &row["lat"])].as_f64().unwrap_or(0.0);
                let access = row["access"].as_f64().expect("a number");
                assert!((access - exact).abs() <= 1e-6 * exact.max(1e-3), "{asked} {row}: {exact}");
                assert_eq!(row["reached"], exact > 0.0, "{asked} {row}");
                compared += 1;
            }
            let totals = &answer["totals"];
            assert_eq!(totals["unreached_population"].as_f64(), told["pop_with_zero_or_null"].as_f64());
            assert_eq!(totals["reached_capacity"].as_f64(), told["beds_at_supplies_with_demand"].as_f64());
        }
    }
    assert_eq!(compared, 6 * 60);
    server.stop();
}
