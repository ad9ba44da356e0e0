//! Past years over HTTP: reports and trends count what was open then, and the links count the same; siting in a region that
//! was renumbered, and among too many points to keep their distances.

use std::fmt::Write;

use serde_json::{Value, json};

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

const REGIONS: &str =
    "code,name,level,parent,lon,lat\n3213,宿迁市,city,,118.3,33.9\n321302,宿城区,county,3213,118.3,33.9\n";
const HOMES: &str = "code,name,kind,region,lon,lat,status,opened_on,closed_on\n\
    A,早开院,nursing_home,321302,118.30,33.90,operating,2019-05-01,\n\
    B,年中开院,nursing_home,321302,118.31,33.90,operating,2023-09-01,\n\
    C,后开院,nursing_home,321302,118.32,33.90,operating,2024-03-01,\n\
    D,后关院,nursing_home,321302,118.33,33.90,closed,2015-01-01,2025-02-01\n\
    E,先关院,nursing_home,321302,118.34,33.90,closed,2015-01-01,2022-02-01\n\
    F,无日期院,nursing_home,321302,118.35,33.90,operating,,\n\
    G,关停无日期院,nursing_home,321302,118.36,33.90,closed,2015-01-01,\n";
const PEOPLE: &str = "region,lon,lat,total,aged_60,as_of\n321302,118.30,33.90,1000,200,2020-11-01\n321302,118.32,33.90,900,100,2020-11-01\n";

/// A server whose registry holds the files.
async fn registry(name: &str) -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let folder = Folder::new(name);
    let place = ["--database-url", &database.address.url];
    for (what, text) in [("regions", REGIONS), ("population", PEOPLE), ("facilities", HOMES)] {
        let file = folder.write(&format!("{what}.csv"), text);
        let told = run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]);
        assert!(told.status.success(), "{what}: {}", String::from_utf8_lossy(&told.stdout));
    }
    let server = Server::start(place, &[]);
    (database, server)
}

fn names(list: &Value) -> Vec<&str> {
    let features = list["features"].as_array().expect("features").iter();
    let mut names: Vec<&str> = features.filter_map(|home| home["properties"]["name"].as_str()).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_past_year_counts_what_was_open_then_and_its_links_lead_to_just_these() {
    let (_database, server) = registry("past_years").await;
    let operator = format!("Bearer {}", server.token.clone().expect("the operator's token"));
    let auth = ("authorization", operator.as_str());
    for (value, day) in [(3, "2023-06-30"), (4, "2023-12-31")] {
        let told = json!({"region": "3213", "indicator": "1", "value": value, "as_of": day, "source": "年报"});
        assert_eq!(server.send("POST", "/api/v1/claims", &[auth], &told.to_string()).status, 201);
    }
    let report = server.get("/api/v1/indicators?region=3213&year=2023").json();
    let line = report["indicators"].as_array().expect("lines").iter().find(|line| line["line"] == "1").expect("a line");
    assert_eq!((&line["value"], &line["standing_on"]), (&json!(4.0), &json!("2023-12-31")), "{line}");
    let link = line["records"][0].as_str().expect("a link");
    assert!(link.contains("standing_on=2023-12-31"), "{link}");
    let linked = server.get(link).json();
    assert_eq!(
        (names(&linked), &linked["numberMatched"]),
        (vec!["后关院", "年中开院", "无日期院", "早开院"], &json!(4))
    );
    let notes = line["notes"].to_string();
    assert!(notes.contains("其中 1 家没有开业日期") && notes.contains("另有 1 家已关停而没有关停日期"), "{notes}");
    // Each claim stands beside the value of its own day.
    let claims = line["claims"].as_array().expect("claims");
    let told: Vec<(&Value, &Value)> = claims.iter().map(|claim| (&claim["computed"], &claim["agreement"])).collect();
    assert_eq!(told.len(), 2);
    assert!(
        told.contains(&(&json!(3.0), &json!("equal"))) && told.contains(&(&json!(4.0), &json!("equal"))),
        "{claims:?}"
    );
    // The same year asked of today's stock would say 4 of other homes; the year before says 3.
    let before = server.get("/api/v1/indicators?region=3213&year=2022").json();
    let home = before["indicators"].as_array().expect("lines").iter().find(|line| line["line"] == "1").expect("a line");
    assert_eq!(home["value"], 3.0);
    let page = server.get("/plan/report?region=3213&year=2023");
    assert!(page.status == 200 && page.text.contains("2023-12-31") && page.text.contains("2023 年全年"));
    // Today is no past day: what stands counts as it stands.
    let today = chrono::Utc::now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    let list = |query: &str| server.get(&format!("/api/v1/facilities?region=3213&status=operating{query}"));
    assert_eq!(list(&format!("&standing_on={today}")).json()["numberMatched"], 4);
    assert_eq!(list("&standing_on=2018-12-31").json()["numberMatched"], 3);
    for wrong in ["soon", "2023", "2199-01-01"] {
        assert_eq!(list(&format!("&standing_on={wrong}")).status, 400, "{wrong}");
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trend_before_the_first_import_stands_on_the_facilities_own_dates() {
    let (_database, server) = registry("past_trend").await;
    let today = chrono::Utc::now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    let address = format!(
        "/api/v1/coverage/trend?region=3213&kind=nursing_home&within_m=500&as_of=2018-06-01&as_of=2023-12-31&as_of={today}"
    );
    let trend = server.get(&address).json();
    let rows = trend["rows"].as_array().expect("rows");
    let told = |at: usize| {
        (
            &rows[at]["facilities"],
            &rows[at]["totals"]["covered"],
            &rows[at]["by_dates"],
            &rows[at]["without_opening_date"],
        )
    };
    // In 2018 D, E and, undated, F stood; none of them is near the people.
    assert_eq!(told(0), (&json!(3), &json!(0), &json!(true), &json!(1)), "{trend}");
    assert_eq!(told(1), (&json!(4), &json!(200), &json!(true), &json!(1)), "{trend}");
    assert_eq!(told(2), (&json!(4), &json!(300), &json!(false), &json!(0)), "{trend}");
    assert_eq!(rows[0]["totals"]["population"], 300);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn siting_follows_an_old_code_and_counts_the_facilities_of_the_region() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("renumbered");
    let place = ["--database-url", &database.address.url];
    let more = "321399,新区,county,3213,118.9,33.9\n370101,别处,county,,117.0,36.0\n";
    let regions = format!("{REGIONS}{more}");
    let homes = format!("{HOMES}H,别处院,nursing_home,370101,117.0,36.0,operating,2019-01-01,\n");
    let people = format!("{PEOPLE}370101,117.0,36.0,500,50,2020-11-01\n");
    for (what, text) in [("regions", regions), ("population", people), ("facilities", homes)] {
        let file = folder.write(&format!("{what}.csv"), &text);
        assert!(run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]).status.success());
    }
    assert!(run(&["merge", "region", "321302", "321399", place[0], place[1]]).status.success());
    let server = Server::start(place, &[]);
    let ask = |question: Value| server.send("POST", "/api/v1/siting", &[], &question.to_string());
    let told = ask(json!({"region": "321302", "kind": ["nursing_home"], "within_m": 1000, "sites": 1}));
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(
        (&told.json()["standard"]["region"], &told.json()["existing"]["facilities"]),
        (&json!("321399"), &json!(4))
    );
    let shut = json!({"region": "3213", "kind": ["canteen"], "within_m": 1000, "sites": 1, "excluded": ["321302"]});
    assert_eq!(ask(shut).status, 422, "every candidate lies in what was excluded by its old code");
    let page = server.get("/plan/siting?region=321302&kind=nursing_home&within_m=1000&sites=1&excluded=321302");
    assert!(page.status != 400, "{}", page.text);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_p_median_of_too_many_points_to_keep_their_distances_has_an_answer_with_a_bound() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("large_median");
    let place = ["--database-url", &database.address.url];
    let mut people = "region,lon,lat,total,aged_60,as_of\n".to_owned();
    for at in 0..4_200u32 {
        let (lon, lat) = (118.0 + f64::from(at % 70) / 100.0, 33.5 + f64::from(at / 70) / 100.0);
        writeln!(people, "321302,{lon:.4},{lat:.4},{0},{0},2020-11-01", 10 + at * 7919 % 90).expect("a text grows");
    }
    for (what, text) in [("regions", REGIONS), ("population", &people)] {
        let file = folder.write(&format!("{what}.csv"), text);
        assert!(run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]).status.success());
    }
    let server = Server::start(place, &[]);
    let question =
        json!({"region": "3213", "kind": ["canteen"], "objective": "min_distance", "sites": 5, "seconds": 30});
    let answer = server.send("POST", "/api/v1/siting", &[], &question.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let told = answer.json();
    assert_eq!((&told["proven"], told["sites"].as_array().map(Vec::len)), (&json!(false), Some(5)), "{told}");
    let number = |name: &str| told[name].as_f64().expect("a number");
    assert!(number("bound") > 0.5 * number("value") && number("bound") < number("value"), "{told}");
    assert!(number("gap") < 0.5 && number("seconds") < 60.0, "{told}");
    assert_eq!(told["nearly"].as_array().map(Vec::len), Some(5));
    server.stop();
}
