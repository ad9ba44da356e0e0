//! The report over HTTP: its links lead to what was counted, its forms hold the same figures, and targets are kept by the bureau.

use serde_json::{Value, json};

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

async fn seeded() -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &["--seed"]);
    (database, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_a_report_leads_to_just_the_records_that_were_counted() {
    let (_database, server) = seeded().await;
    let mut followed = 0;
    for district in ["321300", "371500", "370403", "321112", "XX0001"] {
        let report = server.get(&format!("/api/v1/indicators?region={district}")).json();
        let lines = report["indicators"].as_array().expect("lines");
        for line in lines.iter().filter(|line| line["state"] == "computed") {
            let records = line["records"].as_array().expect("records");
            let formula = line["formula"].as_str().expect("a formula");
            for record in records.iter().filter_map(Value::as_str) {
                let answer = server.get(record);
                assert_eq!(answer.status, 200, "{district} #{} {record}: {}", line["line"], answer.text);
                let matched = &answer.json()["numberMatched"];
                let plain = formula.starts_with("F(") && !formula.contains('÷') && !formula.contains(" or,");
                if plain {
                    assert_eq!(matched.as_f64(), line["value"].as_f64(), "{district} #{} {record}", line["line"]);
                    followed += 1;
                }
                if formula.starts_with("P(") && !formula.contains('÷') {
                    assert_eq!(*matched, 1, "{district} #{} {record}", line["line"]);
                }
            }
        }
    }
    assert!(followed >= 130, "{followed} links");
    let page = server.get("/plan/report?region=371500");
    assert_eq!(page.status, 200);
    assert!(page.text.contains("37.6%") && page.text.contains("188") && page.text.contains("2024 年报表"));
    let csv = server.get("/api/v1/indicators?region=371500&format=csv");
    assert!(csv.text.lines().any(|line| line.starts_with("16b,") && line.contains(",188,")), "{}", csv.text);
    let book = server.get("/api/v1/indicators?region=371500&format=xlsx");
    assert!(book.header("content-disposition").contains("silver-atlas-report-371500-2024.xlsx"));
    assert!(book.text.starts_with("PK"));
    let tiers = server.get("/api/v1/tiers?region=321300&rule=street_day_care&denominator=counted").json();
    let rule = &tiers["rules"][0];
    assert_eq!(
        (&rule["meets"], &rule["units"], rule["rows"].as_array().map(Vec::len)),
        (&16.into(), &95.into(), Some(95))
    );
    for page in
        ["/plan/tiers?region=321300", "/plan/tiers?region=321300&rule=street_day_care", "/plan/targets", "/plan/report"]
    {
        assert_eq!(server.get(page).status, 200, "{page}");
    }
    assert!(server.get("/plan/targets?region=371500").text.contains("45.1%"));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bureau_keeps_targets_within_its_region_and_nobody_overwrites_what_they_did_not_see() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("targets");
    let place = ["--database-url", &database.address.url];
    let regions = folder.write("r.csv", "code,name,level\n3715,聊城市,city\n3213,宿迁市,city\n");
    assert!(run(&["import", "regions", regions.to_str().expect("a path"), place[0], place[1]]).status.success());
    let server = Server::start(place, &[]);
    let operator = format!("Bearer {}", server.token.clone().expect("the operator's token"));
    let auth = ("authorization", operator.as_str());
    let send = |method: &str, address: &str, more: &[(&str, &str)], body: Value| {
        server.send(method, address, &[&[auth], more].concat(), &body.to_string())
    };
    let told = json!({"region": "3715", "year": 2024, "measure": "nursing_beds_added", "planned": null});
    assert_eq!(server.send("POST", "/api/v1/targets", &[], &told.to_string()).status, 401);
    let made = send("POST", "/api/v1/targets", &[], told.clone());
    assert_eq!((made.status, made.json()["version"].as_i64(), made.header("etag")), (201, Some(1), "\"1\""));
    let address = made.header("location").to_owned();
    assert_eq!(send("POST", "/api/v1/targets", &[], told).status, 409);
    // The same request again, as after a broken connection, is answered as the first was; another one is a mistake.
    for (path, body) in [
        ("targets", json!({"region": "3213", "year": 2024, "measure": "nursing_beds_added"})),
        (
            "programmes",
            json!({"region": "3213", "programme": "survey", "metric": "persons", "value": 1,
            "measure": "stock", "as_of": "2024-04-30"}),
        ),
        ("claims", json!({"region": "3213", "indicator": "1", "value": 3})),
    ] {
        let (path, key) = (format!("/api/v1/{path}"), [("idempotency-key", &*format!("key of {path}"))]);
        let (one, again) = (send("POST", &path, &key, body.clone()), send("POST", &path, &key, body.clone()));
        assert_eq!((one.status, again.status), (201, 201), "{path}: {}", again.text);
        assert_eq!((one.header("location"), &one.text), (again.header("location"), &again.text), "{path}");
        let mut other = body;
        other["region"] = json!("3715");
        assert_eq!(send("POST", &path, &key, other).status, 409, "{path}");
    }
    let line = |server: &Server, line: &str| {
        let report = server.get("/api/v1/indicators?region=3715&year=2024").json();
        report["indicators"].as_array().expect("lines").iter().find(|one| one["line"] == line).expect("a line").clone()
    };
    assert_eq!((&line(&server, "16a")["state"], &line(&server, "16c")["value"]), (&"unknown".into(), &Value::Null));
    assert_eq!(send("PATCH", &address, &[], json!({"planned": 500})).status, 428);
    assert_eq!(send("PATCH", &address, &[("if-match", "\"1\"")], json!({"planned": 500})).status, 200);
    let stale = send("PATCH", &address, &[("if-match", "\"1\"")], json!({"planned": 1}));
    assert_eq!((stale.status, &stale.json()["current"]["planned"]), (412, &json!(500.0)));
    assert_eq!((&line(&server, "16a")["value"], &line(&server, "16c")["value"]), (&json!(500.0), &json!(0.0)));
    let wrong =
        json!({"region": "9999", "year": "soon", "measur": "beds_added", "measure": "bed_added", "planned": -1});
    let refused = send("POST", "/api/v1/targets", &[], wrong);
    assert_eq!(refused.status, 422);
    let pointers: Vec<String> = refused.json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|fault| fault["pointer"].as_str().expect("a pointer").to_owned())
        .collect();
    assert_eq!(pointers, ["/region", "/year", "/measur", "/planned"]);
    let claimed = json!({"region": "3715", "indicator": "1", "value": 3, "as_of": "2024-04-30", "source": "报纸"});
    assert_eq!(send("POST", "/api/v1/claims", &[], claimed).status, 201);
    assert_eq!(line(&server, "1")["claims"][0]["agreement"], "different");
    assert_eq!(
        send("POST", "/api/v1/claims", &[], json!({"region": "3715", "indicator": "99", "value": 3})).status,
        422
    );
    let figure = json!({"region": "3715", "programme": "survey", "metric": "persons", "value": 10467, "unit": "人",
        "qualifier": "余", "measure": "flow", "period_from": "2024-01-01", "period_to": "2024-04-30"});
    assert_eq!(send("POST", "/api/v1/programmes", &[], figure).status, 201);
    let told = line(&server, "19");
    assert_eq!((&told["value"], &told["qualifier"]), (&json!(10467.0), &"余".into()));
    let list = server.get("/api/v1/programmes?region=3715&programme=survey&year=2024").json();
    assert_eq!((&list["numberMatched"], &list["programmes"][0]["value"]), (&1.into(), &json!(10467.0)));
    assert_eq!(server.get("/api/v1/programmes?programm=survey").status, 400);
    assert_eq!(server.get("/api/v1/indicators").status, 400);
    server.stop();
}
