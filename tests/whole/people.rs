//! People over HTTP: a bureau's own groups, urban and rural, counts of several years, and a district of which half is missing.
//! Sums are held against PostgreSQL's own.

use serde_json::{Value, json};

use super::oracle::connect;
use super::server::{Folder, Server, run};
use super::support::TestDatabase;

/// A county of three towns: the first half told, the second told as a whole, of the third nothing.
const REGIONS: &str = "code,name,level,parent,lon,lat,class\n\
    990000,示例市,city,,118.00,33.50,\n\
    990001,示例县,county,990000,118.00,33.50,\n\
    990001100,甲镇,town,990001,118.00,33.50,城镇\n\
    990001100001,甲一社区,village,990001100,118.00,33.50,111\n\
    990001100002,甲二社区,village,990001100,118.01,33.50,\n\
    990001100003,甲三村,village,990001100,118.02,33.50,乡\n\
    990001101,乙镇,town,990001,118.10,33.50,\n\
    990001101201,乙一村,village,990001101,118.10,33.50,220\n\
    990001102,丙镇,town,990001,118.20,33.50,\n\
    990001102201,丙一村,village,990001102,118.20,33.50,rural\n";

const PEOPLE: &str = "region,total,aged_60,aged_80,group_living_alone,disabled,as_of\n\
    990001100001,1000,200,40,30,10,2024-12-31\n\
    990001100002,800,,,,,2024-12-31\n\
    990001101,600,150,20,0,,2022-12-31\n";

const FACILITIES: &str = "code,name,kind,region,lon,lat,beds_total,capacity_as_of\n\
    T-1,示例养老院,nursing_home,990001100001,118.00,33.50,100,2024-12-31T00:00:00Z\n";

struct Town {
    database: TestDatabase,
    server: Server,
    folder: Folder,
}

impl Town {
    async fn new(name: &str) -> Town {
        let (database, folder) = (TestDatabase::new().await, Folder::new(name));
        let files = [("regions", REGIONS), ("population", PEOPLE), ("facilities", FACILITIES)];
        for (what, text) in files {
            let told = bring_in(&database, &folder, what, text);
            assert_eq!(told["rejected"], 0, "{told}");
        }
        let server = Server::start(["--database-url", &database.address.url], &[]);
        Town { database, server, folder }
    }

    fn totals(&self, question: &str) -> Value {
        let answer = self.server.get(&format!("/api/v1/coverage?kind=nursing_home&within_m=3000&{question}"));
        assert_eq!(answer.status, 200, "{question}: {}", answer.text);
        answer.json()["totals"].clone()
    }
}

fn bring_in(database: &TestDatabase, folder: &Folder, what: &str, text: &str) -> Value {
    let file = folder.write(&format!("{what}.csv"), text);
    let file = file.to_str().expect("a path");
    let ran = run(&["import", what, file, "--json", "--database-url", &database.address.url]);
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ran.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_of_a_half_told_district_is_said_everywhere_and_is_never_nothing() {
    let town = Town::new("half-told").await;
    let totals = town.totals("region=990001");
    // 200 + 150 are known; one point has no number, and in two villages and no town above nobody is known to live.
    assert_eq!((&totals["population"], &totals["covered"]), (&json!(350), &json!(200)), "{totals}");
    assert_eq!((&totals["unknown_population"], &totals["regions_without_population"]), (&json!(1), &json!(2)));
    let whole = town.server.get("/api/v1/coverage?kind=nursing_home&within_m=3000&region=990001&by=town").json();
    let row = |code: &str| whole["rows"].as_array().expect("rows").iter().find(|row| row["region"] == code).cloned();
    let (first, third) = (row("990001100").expect("甲镇"), row("990001102").expect("丙镇"));
    assert_eq!((&first["unknown_population"], &first["regions_without_population"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&third["missing"], &third["uncovered"], &third["share"]),
        (&json!("no_population_data"), &Value::Null, &Value::Null)
    );
    assert_eq!(whole["counted"], json!({"oldest": "2022-12-31", "newest": "2024-12-31", "undated": 0}));

    let card =
        town.server.get("/api/v1/coverage/scorecard?kind=nursing_home&region=990001&by=town&standard=1000m").json();
    let shown = card["rows"].as_array().expect("rows").iter().find(|row| row["region"] == "990001100").expect("甲镇");
    assert_eq!((&shown["unknown_population"], &shown["regions_without_population"]), (&json!(1), &json!(1)), "{card}");

    let need = town.server.get("/api/v1/catchment?kind=nursing_home&within_m=3000&region=990001&by=town").json();
    let totals = &need["totals"];
    // 100 beds for the 350 whose number is known, and how many are not known beside it.
    assert!((totals["capacity_per_1000"].as_f64().expect("a number") - 100_000.0 / 350.0).abs() < 1e-9);
    assert_eq!(
        (&totals["unknown_population"], &totals["regions_without_population"]),
        (&json!(1), &json!(2)),
        "{need}"
    );
    let area = need["rows"].as_array().expect("rows").iter().find(|row| row["region"] == "990001102").expect("丙镇");
    assert_eq!(
        (&area["missing"], &area["gap"], &area["per_1000"]),
        (&json!("no_population_data"), &Value::Null, &Value::Null)
    );

    let region = town.server.get("/api/v1/regions/990001").json()["properties"]["population"].clone();
    assert_eq!(
        (&region["aged_60"], &region["unknown"]["aged_60"], &region["regions_without_population"]),
        (&json!(350), &json!(1), &json!(2))
    );
    for (page, words) in [
        ("/plan?kind=nursing_home&within_m=3000&region=990001", "个最基层的区域没有任何人口数据"),
        ("/plan?kind=nursing_home&within_m=3000&region=990001", "1 处没有人口数"),
        ("/plan?kind=nursing_home&within_m=3000&region=990001&lang=en", "have no population at all"),
        ("/plan/scorecard?kind=nursing_home&region=990001", "个最基层的区域没有任何人口数据"),
        ("/plan/catchment?kind=nursing_home&within_m=3000&region=990001", "每千人的数会偏高"),
        ("/plan/scenario?kind=nursing_home&within_m=3000&region=990001", "个最基层的区域没有任何人口数据"),
        ("/plan?kind=nursing_home&within_m=3000&region=990001102", "不等于没有缺口"),
    ] {
        let shown = town.server.get(page);
        assert!(shown.status == 200 && shown.text.contains(words), "{page} does not say {words}: {}", shown.status);
    }
    assert!(town.server.get("/api/v1/indicators?region=990001").status == 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bureaus_own_group_weighs_wherever_a_weight_does() {
    let town = Town::new("groups").await;
    let totals = town.totals("region=990001&weight=living_alone");
    assert_eq!(
        (&totals["population"], &totals["covered"], &totals["demand_points"]),
        (&json!(30), &json!(30), &json!(2))
    );
    assert_eq!(
        (&totals["unknown_population"], &totals["unknown_aged_60"]),
        (&json!(1), &Value::Null),
        "its 60+ are unknown too"
    );
    let totals = town.totals("region=990001&weight=disabled");
    assert_eq!(
        (&totals["population"], &totals["unknown_population"], &totals["unknown_aged_60"]),
        (&json!(10), &json!(2), &json!(150))
    );
    let client = connect(&town.database.address).await;
    let sum = "select sum((groups ->> 'living_alone')::int)::bigint from demand_point";
    let sum: i64 = client.query_one(sum, &[]).await.expect("an answer").get(0);
    assert_eq!(town.totals("weight=living_alone")["population"], json!(sum));
    for address in [
        "/api/v1/coverage/gaps?kind=canteen&within_m=500&weight=living_alone",
        "/api/v1/coverage/scorecard?weight=living_alone&standard=1000m",
        "/api/v1/coverage/trend?kind=nursing_home&within_m=500&weight=living_alone&as_of=2026-01-01",
        "/api/v1/coverage?kind=nursing_home&within_m=500&weight=living_alone&format=csv",
        "/api/v1/catchment?kind=nursing_home&within_m=3000&weight=living_alone",
        "/plan/siting?kind=nursing_home&within_m=1000&weight=living_alone",
    ] {
        let answer = town.server.get(address);
        assert_eq!(answer.status, 200, "{address}: {}", answer.text);
    }
    let gaps = town.server.get("/api/v1/coverage/gaps?kind=canteen&within_m=500&weight=living_alone").json();
    assert_eq!((&gaps["uncovered"], &gaps["features"][0]["properties"]["population"]), (&json!(30), &json!(30)));
    let scenario = json!({"kind": "canteen", "within_m": 500, "weight": "living_alone",
        "add": [{"kind": "canteen", "lon": 118.0, "lat": 33.5}]});
    let outcome = town.server.send("POST", "/api/v1/coverage", &[], &scenario.to_string()).json();
    assert_eq!(outcome["difference"]["totals"]["covered"], 30, "{outcome}");
    let plan =
        json!({"kind": "canteen", "within_m": 500, "weight": "living_alone", "sites": 1, "candidates": "demand"});
    let plan = town.server.send("POST", "/api/v1/siting", &[], &plan.to_string()).json();
    assert_eq!((&plan["value"], &plan["proven"]), (&json!(30), &json!(true)), "{plan}");
    let page = town.server.get("/plan?kind=nursing_home&within_m=3000&weight=disabled").text;
    assert!(page.contains("独居老人") && page.contains("失能老人") && page.contains("那里已知 60 岁以上有 150 人"));

    let wrong = town.server.get("/api/v1/coverage?kind=canteen&within_m=500&weight=living_alon");
    assert!(wrong.status == 400 && wrong.text.contains("living_alone"), "{}", wrong.text);
    let place = ["--database-url", &town.database.address.url];
    let out = run(&["export", "population", place[0], place[1]]);
    let text = String::from_utf8(out.stdout).expect("text");
    assert!(
        text.starts_with("\u{feff}region,lon,lat,total,aged_60,aged_80,as_of,source,demo,disabled,living_alone\n"),
        "{text}"
    );
    assert_eq!(bring_in(&town.database, &town.folder, "population", &text)["unchanged"], 3);
    let slip = bring_in(&town.database, &town.folder, "population", "region,total,group_livng_alone\n990001,5,1\n");
    assert!(slip.to_string().contains("living_alone") && slip["committed"] == false, "{slip}");
    let above = bring_in(
        &town.database,
        &town.folder,
        "population",
        "region,living_alone,as_of\n990001100001,1001,2024-12-31\n",
    );
    assert!(above.to_string().contains("part_above_whole"), "{above}");
    // The database keeps the same rules.
    for groups in [r#"{"living_alone": 1001}"#, r#"{"living_alone": -1}"#, r#"{"nobody": 1}"#, "{}", "[]"] {
        let sql = format!("update demand_point set groups = '{groups}' where region = '990001100001'");
        assert!(client.batch_execute(&sql).await.is_err(), "{groups}");
    }
    assert!(client.batch_execute("delete from people_group where code = 'living_alone'").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn urban_and_rural_come_with_a_file_or_from_the_bureau_and_part_the_people() {
    let town = Town::new("classes").await;
    let client = connect(&town.database.address).await;
    let by_class = |answer: &Value| -> Vec<(String, Option<i64>)> {
        let rows = answer["rows"].as_array().expect("rows").iter();
        let mut rows: Vec<_> =
            rows.map(|row| (row["class"].as_str().expect("a class").to_owned(), row["population"].as_i64())).collect();
        rows.sort();
        rows
    };
    let ask = "/api/v1/coverage?kind=nursing_home&within_m=3000&weight=total&by=class";
    let sql = "with recursive told as (
            select code, class from region where parent is null
            union all select r.code, coalesce(r.class, told.class) from region r join told on r.parent = told.code)
        select coalesce(told.class, 'unknown'), sum(total)::bigint from demand_point d
        join told on told.code = d.region group by 1 order by 1";
    let expected = async || -> Vec<(String, Option<i64>)> {
        let rows = client.query(sql, &[]).await.expect("an answer");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let known = |rows: Vec<(String, Option<i64>)>| -> Vec<(String, Option<i64>)> {
        rows.into_iter().filter(|(_, people)| people.is_some()).collect()
    };
    let answer = town.server.get(ask).json();
    assert_eq!(known(by_class(&answer)), expected().await, "{answer}");
    let rural = town.totals("weight=total&class=rural");
    assert_eq!(rural["population"], Value::Null, "nobody is known to live in a rural village");
    let whole = town.server.get("/api/v1/coverage?kind=nursing_home&within_m=3000&weight=total&class=rural").json();
    assert_eq!(whole["class_unknown"], json!({"demand_points": 1, "population": 600}), "乙镇 tells no class");

    let patch = |tag: &str, body| town.server.patch("/api/v1/regions/990001101", &[("if-match", tag)], body);
    let seen = town.server.get("/api/v1/regions/990001101").header("etag").to_owned();
    assert_eq!(town.server.patch("/api/v1/regions/990001101", &[], r#"{"class": "rural"}"#).status, 428);
    let written = patch(&seen, r#"{"class": "rural"}"#);
    assert_eq!((written.status, &written.json()["properties"]["class"]), (200, &json!("rural")));
    let late = patch(&seen, r#"{"class": "urban"}"#);
    assert_eq!((late.status, &late.json()["current"]["class"]), (412, &json!("rural")), "{}", late.text);
    let seen = written.header("etag").to_owned();
    assert_eq!(town.server.get("/api/v1/regions/990001101").json()["properties"]["class"], "rural");
    assert_eq!(known(by_class(&town.server.get(ask).json())), expected().await);
    assert_eq!(town.totals("weight=total&class=rural")["population"], 600);
    let page = town.server.get("/plan?kind=nursing_home&within_m=3000&by=class&weight=total").text;
    assert!(page.contains("城镇") && page.contains("乡村"));
    let wrong = patch(&seen, r#"{"class": "suburban"}"#);
    assert!(wrong.status == 422 && wrong.text.contains("/class"), "{}", wrong.text);
    assert_eq!(patch(&seen, r#"{"class": null, "counts_in_coverage": false}"#).status, 200);
    let told = town.server.get("/api/v1/regions/990001101").json()["properties"].clone();
    assert_eq!((&told["class"], &told["counts_in_coverage"]), (&Value::Null, &json!(false)));
    let out = run(&["export", "regions", "--database-url", &town.database.address.url]);
    let text = String::from_utf8(out.stdout).expect("text");
    assert!(text.contains("990001100003,甲三村,village,990001100,118.02,33.5,true,rural,,"), "{text}");
    assert_eq!(bring_in(&town.database, &town.folder, "regions", &text)["unchanged"], 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_of_several_years_stand_side_by_side() {
    let town = Town::new("years").await;
    let more = "region,total,aged_60,as_of\n990001100001,1100,260,2025-12-31\n990001100002,810,90,2023-06-30\n";
    assert_eq!(bring_in(&town.database, &town.folder, "population", more)["inserted"], 2);
    // The running server hears of it.
    let patient = || {
        (0..100).find(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            town.totals("region=990001")["population"] == 410
        })
    };
    patient().expect("the new counts show");
    let client = connect(&town.database.address).await;
    let latest = "select sum(aged_60)::bigint, min(as_of)::text, max(as_of)::text from (
        select distinct on (region) aged_60, as_of from demand_point where extract(year from as_of) <= $1::int4
        order by region, as_of desc) told where aged_60 is not null";
    for (year, unknown) in [(2026, 1), (2025, 1), (2024, 1), (2023, 1), (2022, 2), (2021, 3)] {
        let row = client.query_one(latest, &[&year]).await.expect("an answer");
        let (people, oldest, newest): (Option<i64>, Option<String>, Option<String>) =
            (row.get(0), row.get(1), row.get(2));
        let ask = format!("/api/v1/coverage?kind=nursing_home&within_m=3000&region=990001&population_year={year}");
        let answer = town.server.get(&ask).json();
        assert_eq!(answer["totals"]["population"], json!(people), "{year} {answer}");
        assert_eq!(answer["totals"]["unknown_population"], unknown, "{year} {answer}");
        assert_eq!(answer["counted"], json!({"year": year, "oldest": oldest, "newest": newest, "undated": 0}));
        let need = format!("/api/v1/catchment?kind=nursing_home&within_m=3000&region=990001&population_year={year}");
        assert_eq!(town.server.get(&need).json()["totals"]["population"], json!(people), "{year}");
        let gaps = format!("/api/v1/coverage/gaps?kind=canteen&within_m=3000&region=990001&population_year={year}");
        assert_eq!(town.server.get(&gaps).json()["uncovered"], json!(people.unwrap_or(0)), "{year}");
        let card = format!("/api/v1/coverage/scorecard?region=990001&standard=1000m&population_year={year}");
        assert_eq!(town.server.get(&card).json()["standards"][0]["totals"]["population"], json!(people), "{year}");
    }
    let page = town.server.get("/plan?kind=nursing_home&within_m=3000&region=990001&population_year=2022").text;
    assert!(page.contains("2022 年或更早") && page.contains("人口数据的年份"));
    assert_eq!(town.server.get("/api/v1/coverage?kind=canteen&within_m=1&population_year=last").status, 400);
    let tiers = town.server.get("/plan/tiers?region=990001&as_of=2026-01-01");
    assert!(tiers.status == 200 && tiers.text.contains("2026-01-01 23:59"), "{}", tiers.text);
}
