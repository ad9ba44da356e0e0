//! The report over HTTP: its links lead to what was counted, its forms hold the same figures, and targets are kept by the bureau.

use serde_json::{Value, json};

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

async fn seeded() -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &["--seed"]);
    (database, server)
}

/// The figure that a link's records must number; `None` where the line counts no records: beds, people, money.
fn counted<'a>(line: &'a Value, record: &str) -> Option<&'a Value> {
    let formula = line["formula"].as_str().expect("a formula");
    let counts = ["F(", "U(", "P(", "findings("].iter().any(|start| formula.starts_with(start));
    let sites = ["built(", "lost("].iter().any(|start| formula.starts_with(start))
        && line["unit"] != "张"
        && !formula.contains('÷');
    let kept = ["/api/v1/programmes", "/api/v1/targets"].iter().any(|table| record.starts_with(table));
    if kept || !(counts || sites) {
        return None;
    }
    let at = line["records"].as_array()?.iter().position(|one| one == record)?;
    Some(if formula.contains('÷') { &line["parts"][at]["value"] } else { &line["value"] })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_a_report_leads_to_just_the_records_that_were_counted() {
    let (_database, server) = seeded().await;
    let operator = format!("Bearer {}", server.token.clone().expect("the operator's token"));
    let mut followed = 0;
    for district in ["321300", "371500", "370403", "321112", "XX0001"] {
        let report = server.get(&format!("/api/v1/indicators?region={district}")).json();
        let lines = report["indicators"].as_array().expect("lines");
        for line in lines.iter().filter(|line| line["state"] == "computed") {
            let records = line["records"].as_array().expect("records");
            let formula = line["formula"].as_str().expect("a formula");
            for record in records.iter().filter_map(Value::as_str) {
                let answer = server.get_with(record, &[("authorization", operator.as_str())]);
                assert_eq!(answer.status, 200, "{district} #{} {record}: {}", line["line"], answer.text);
                let matched = &answer.json()["numberMatched"];
                if let Some(figure) = counted(line, record) {
                    assert_eq!(matched.as_f64(), figure.as_f64(), "{district} #{} {record}", line["line"]);
                    followed += 1;
                }
                if formula.starts_with("P(") && !formula.contains('÷') {
                    assert_eq!(*matched, 1, "{district} #{} {record}", line["line"]);
                }
            }
        }
    }
    assert!(followed >= 220, "{followed} links");
    let findings = "/api/v1/inspections/findings?region=XX0001&category=oversized_grave&inspected_in=2023";
    assert_eq!(server.get(findings).status, 401, "inspections are not public");
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

#[tokio::test(flavor = "multi_thread")]
async fn beds_that_the_log_tells_of_are_linked_home_by_home_and_each_direction_names_its_own() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("moved");
    let place = ["--database-url", &database.address.url];
    let regions = folder.write("r.csv", "code,name,level\n3715,聊城市,city\n");
    let homes = folder.write("f.csv", "code,name,kind,region\nA,长院,nursing_home,3715\nB,减院,nursing_home,3715\n");
    for (what, file) in [("regions", &regions), ("facilities", &homes)] {
        assert!(run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]).status.success());
    }
    let server = Server::start(place, &[]);
    let operator = format!("Bearer {}", server.token.clone().expect("the operator's token"));
    let list = server.get("/api/v1/facilities?region=3715").json();
    let id = |name: &str| {
        let homes = list["features"].as_array().expect("homes");
        let home = homes.iter().find(|home| home["properties"]["name"] == name).expect("a home");
        home["id"].as_str().expect("an id").to_owned()
    };
    let (grown, cut) = (id("长院"), id("减院"));
    for (home, beds) in [(&grown, [10, 30]), (&cut, [60, 50])] {
        for (version, nursing) in (1..).zip(beds) {
            let (auth, tag) = (("authorization", operator.as_str()), format!("\"{version}\""));
            let told = json!({"beds": {"total": 100, "nursing": nursing}}).to_string();
            let address = format!("/api/v1/facilities/{home}/capacity");
            let written = server.send("PATCH", &address, &[auth, ("if-match", &tag)], &told);
            assert_eq!(written.status, 200, "{}", written.text);
        }
    }
    let report = server.get("/api/v1/indicators?region=3715&year=2026").json();
    for (line, value, home, name, other) in [("16b", 20.0, &grown, "长院", "减院"), ("16d", 10.0, &cut, "减院", "长院")]
    {
        let lines = report["indicators"].as_array().expect("lines");
        let told = lines.iter().find(|one| one["line"] == line).expect("a line");
        assert_eq!(told["value"], value, "{told}");
        let note = told["notes"].to_string();
        assert!(note.contains(name) && !note.contains(other), "{note}");
        let linked = told["records"].as_array().expect("records").iter().filter_map(Value::as_str).flat_map(|record| {
            let found = server.get(record).json();
            let ids = found["features"].as_array().cloned().unwrap_or_default();
            ids.into_iter().map(|home| home["id"].as_str().unwrap_or_default().to_owned())
        });
        assert_eq!(linked.collect::<Vec<_>>(), std::slice::from_ref(home), "{told}");
    }
    assert_eq!(server.get("/api/v1/facilities?id=A").status, 400);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_street_that_does_not_count_is_in_no_share_and_every_table_of_the_desk_is_a_file() {
    let (_database, server) = seeded().await;
    let operator = format!("Bearer {}", server.token.clone().expect("the operator's token"));
    let auth = [("authorization", operator.as_str())];
    let line = |line: &str| {
        let report = server.get("/api/v1/indicators?region=321300").json();
        report["indicators"].as_array().expect("lines").iter().find(|one| one["line"] == line).expect("a line").clone()
    };
    let said = |line: &Value| line["notes"].to_string();
    assert!(said(&line("10a")).contains("分子是") && !said(&line("10a")).contains("超过"));
    let streets = "/api/v1/regions?parent=321300&level=town&counts_in_coverage=true&unit=street";
    let street = server.get(streets).json()["features"][0]["id"].as_str().expect("a street").to_owned();
    for (name, value) in [("unit", "streets"), ("counts_in_coverage", "1"), ("as_of", "soon")] {
        assert_eq!(server.get(&format!("/api/v1/regions?{name}={value}")).status, 400, "{name}");
    }
    let region = format!("/api/v1/regions/{street}");
    let tag = server.get(&region).header("etag").to_owned();
    let headers = [auth[0], ("if-match", tag.as_str())];
    let patched = server.send("PATCH", &region, &headers, &json!({"counts_in_coverage": false}).to_string());
    assert_eq!(patched.status, 200, "{}", patched.text);
    let tiers = server.get("/api/v1/tiers?region=321300&rule=street_day_care&denominator=street").json();
    assert_eq!(tiers["rules"][0]["units"], 26);
    assert_eq!(line("57")["parts"][1]["value"], 26.0);
    assert_eq!(server.get(streets).json()["numberMatched"], 26);
    let over = line("10a");
    assert!(over["value"].as_f64() > Some(1.0) && said(&over).contains("超过 100 %"), "{over}");

    let rules = server.get("/api/v1/tiers?region=321300&format=csv").text;
    assert!(rules.starts_with("\u{feff}rule,name_zh") && rules.contains("street_day_care"), "{rules}");
    assert!(server.get("/plan/tiers?region=321300").text.contains("/api/v1/tiers?region=321300&amp;format=csv"));

    let standing = server.get("/api/v1/targets/standing?region=371500").json();
    let rows = standing["targets"].as_array().expect("targets");
    let beds = rows.iter().find(|row| row["measure"] == "nursing_beds_added" && row["planned"] == 500.0).expect("beds");
    assert_eq!((&beds["built"], &beds["share"]), (&json!(188.0), &json!(0.376)), "{beds}");
    assert_eq!((&beds["state"], &beds["state_zh"]), (&json!("not_met"), &json!("未完成")), "{beds}");
    let file = "/api/v1/targets/standing?region=371500&format=csv";
    let csv = server.get(file).text;
    assert!(csv.lines().any(|row| row.contains("500,188,0.376,not_met,未完成,not met")), "{csv}");
    assert!(server.get("/plan/targets?region=371500").text.contains(&file.replace('&', "&amp;")));

    for (list, rows) in [
        ("/api/v1/targets?region=371500", "targets"),
        ("/api/v1/targets/standing?region=371500", "targets"),
        ("/api/v1/programmes", "programmes"),
        ("/api/v1/claims", "claims"),
    ] {
        let all = server.get(list).json();
        let (all, matched) = (all[rows].as_array().expect("rows").clone(), all["numberMatched"].clone());
        assert_eq!(json!(all.len()), matched, "{list}");
        let (mut address, mut seen) =
            (format!("{list}{}limit=2", if list.contains('?') { '&' } else { '?' }), Vec::new());
        loop {
            let page = server.get(&address).json();
            assert_eq!(page["numberMatched"], matched, "{address}");
            seen.extend(page[rows].as_array().expect("rows").clone());
            match page["links"].as_array().expect("links").iter().find(|link| link["rel"] == "next") {
                Some(next) => address = next["href"].as_str().expect("an address").to_owned(),
                None => break,
            }
        }
        assert!(seen == all && all.len() > 2, "{list}: {} rows page by page, {} at once", seen.len(), all.len());
    }

    let question = "region=321302&kind=canteen&within_m=1000&add=canteen,118.3,33.96";
    let page = server.get(&format!("/plan/scenario?{question}"));
    assert!(page.status == 200 && page.text.contains("format=csv"), "{}", page.text);
    let answer = server.get(&format!("/plan/scenario?{question}&format=json")).json();
    let csv = server.get(&format!("/plan/scenario?{question}&format=csv")).text;
    let heads: Vec<&str> = csv.lines().next().expect("headings").split(',').collect();
    let sum = |heading: &str| -> f64 {
        let at = heads.iter().position(|head| *head == heading).expect("a column");
        csv.lines().skip(1).filter_map(|row| row.split(',').nth(at)?.parse::<f64>().ok()).sum()
    };
    for (heading, side) in [("covered_before", "before"), ("covered_after", "after")] {
        assert_eq!(Some(sum(heading)), answer[side]["totals"]["covered"].as_f64(), "{csv}");
    }
    assert_eq!(Some(sum("covered_difference")), answer["difference"]["totals"]["covered"].as_f64(), "{csv}");
    assert_eq!(server.get(&format!("/plan/scenario?{question}&format=xlsx")).status, 400);
    let told = json!({"name": "甲", "question": {"region": "321302", "kind": ["canteen"], "within_m": 1000},
        "changes": {"add": [{"kind": "canteen", "lon": 118.3, "lat": 33.96}]}});
    let saved = server.send("POST", "/api/v1/scenarios", &auth, &told.to_string());
    assert_eq!(saved.status, 201, "{}", saved.text);
    let id = saved.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(server.get(&format!("/api/v1/scenarios/{id}/coverage?format=csv")).text, csv);
    server.stop();
}
