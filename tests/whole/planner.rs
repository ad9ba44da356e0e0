//! The planner's desk over HTTP: maps beside their tables, rows kept and taken out on pages, past days, and long looks as jobs.

use std::time::Duration;

use serde_json::{Value, json};
use silver_atlas::care::Role;
use silver_atlas::http::who::seal;
use silver_atlas::registry::NewAccount;

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

async fn seeded() -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &["--seed"]);
    (database, server)
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

/// The numbers in the cells of the table with this caption.
fn cells(page: &str, caption: &str) -> Vec<u64> {
    let table = page.split(&format!("<caption>{caption}</caption>")).nth(1).expect("a table");
    let table = table.split("</table>").next().unwrap_or_default();
    let cells = table.split("<td").skip(1).filter_map(|cell| cell.split('>').nth(1)?.split('<').next());
    cells.filter_map(|cell| cell.replace(',', "").parse().ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_of_a_plan_shows_as_many_people_as_the_plan_covers_and_a_class_is_that_of_coverage() {
    let (_database, server) = seeded().await;
    for class in ["", "&class=rural", "&class=urban&population_year=2024"] {
        let question = format!("region=321302&kind=meal_point&within_m=1000{class}");
        let page = server.get(&format!("/plan/siting?{question}&sites=3&objective=max_covered"));
        assert_eq!(page.status, 200, "{}", page.text);
        let file = server.get(&format!("/plan/siting?{question}&sites=3&objective=max_covered&format=json")).json();
        let told = cells(&page.text, "图上的人");
        assert_eq!(told.len(), 6, "{told:?}");
        let covered = told[1] + told[3];
        assert_eq!(file["after"]["covered"], covered, "{class}: {told:?}");
        assert_eq!(file["demand"]["population"], covered + told[5], "{class}: {told:?}");
        assert_eq!(count(&page.text, "<circle class=\"site\""), 3 + 1, "three sites and the legend's");
        assert!(page.text.contains("role=\"img\" aria-labelledby=\"plan-title plan-desc\""));
        let coverage = server.get(&format!("/api/v1/coverage?{question}")).json();
        let totals = &coverage["totals"];
        assert_eq!(
            (&file["demand"]["population"], &file["baseline"]["covered"]),
            (&totals["population"], &totals["covered"]),
            "{class}"
        );
    }
    let nobody =
        json!({"region": "321302", "kind": "meal_point", "within_m": 1000, "sites": 1, "population_year": 1990});
    let refused = server.send("POST", "/api/v1/siting", &[], &nobody.to_string());
    assert_eq!((refused.status, &refused.json()["errors"][0]["pointer"]), (422, &json!("/region")), "{}", refused.text);

    let page = server.get("/plan/catchment?region=321300&within_m=5000&kind=nursing_home&method=2sfca&target=cn-2020");
    assert!(page.text.contains("各地区每千人够得着多少") && page.text.contains("class=\"areas\""), "{}", page.text);
    for region in server.get("/api/v1/catchment?region=321300&within_m=5000&kind=nursing_home&by=county").json()["rows"]
        .as_array()
        .expect("rows")
    {
        let (name, per) = (region["name"].as_str().expect("a name"), region["per_1000"].as_f64());
        let said = per.map(|per| format!("{name}：每千人 {per:.1} ")).unwrap_or_default();
        assert!(page.text.contains(&said), "{said}");
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bureau_keeps_figures_and_claims_on_pages_and_takes_rows_out_with_a_reason() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("planner");
    let place = ["--database-url", &database.address.url];
    let regions = folder.write("r.csv", "code,name,level\n3715,聊城市,city\n3213,宿迁市,city\n");
    assert!(run(&["import", "regions", regions.to_str().expect("a path"), place[0], place[1]]).status.success());
    let new = NewAccount {
        name: "wang".into(),
        role: Role::Bureau,
        region: Some("3715".into()),
        facilities: vec![],
        password: None,
    };
    let account = database.registry.add_account(new).await.expect("an account");
    let session = database.registry.begin_session(account, None).await.expect("a session");
    let server = Server::start(place, &[]);
    let cookie = format!("session={session}");
    let headers = [("cookie", cookie.as_str())];
    let post = |address: &str, fields: &str| {
        server.send("POST", address, &headers, &format!("{fields}&seal={}", seal(&session)))
    };
    let figure =
        "region=3715&programme=survey&metric=persons&value=10467&unit=%E4%BA%BA&qualifier=%E4%BD%99&measure=flow";
    let wrong = post("/plan/programmes", figure);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("value=\"10467\"") && wrong.text.contains("没有保存"), "what was typed stays");
    let figure = format!("{figure}&period_from=2024-01-01&period_to=2024-04-30&source=%E6%8A%A5%E5%91%8A");
    assert_eq!(post("/plan/programmes", &figure).status, 303);
    assert_eq!(post("/plan/programmes", &figure).status, 409, "once");
    assert_eq!(post("/plan/programmes", &figure.replace("3715", "3213")).status, 403, "not elsewhere");
    assert_eq!(post("/plan/claims", "region=3715&indicator=19&value=10467&as_of=2024-04-30").status, 303);
    let line = |server: &Server| {
        let report = server.get("/api/v1/indicators?region=3715&year=2024").json();
        report["indicators"].as_array().expect("lines").iter().find(|line| line["line"] == "19").expect("19").clone()
    };
    let told = line(&server);
    assert_eq!((&told["value"], &told["claims"][0]["agreement"]), (&json!(10467.0), &json!("equal")), "{told}");
    let page = server.get_with("/plan/programmes?region=3715", &headers);
    assert!(page.text.contains("10,467") && page.text.contains("余"), "{}", page.text);
    assert!(!server.get("/plan/programmes").text.contains("/remove"), "only for those who may");
    let row = server.get("/api/v1/programmes").json()["programmes"][0].clone();
    let id = row["id"].as_str().expect("an id");
    let edited = format!("id={id}&version=1&{}", figure.replace("10467", "10500"));
    assert_eq!(post("/plan/programmes", &edited).status, 303);
    assert_eq!(post("/plan/programmes", &edited).status, 412, "on the version that was seen");
    let address = format!("/plan/programmes/{id}/remove");
    assert!(server.get_with(&address, &headers).text.contains("10500"));
    assert_eq!(post(&address, "version=2&reason=").status, 422);
    assert_eq!(post(&address, "version=1&reason=%E9%94%99").status, 412);
    assert_eq!(post(&address, "version=2&reason=%E9%94%99").status, 303);
    assert_eq!((server.get_with(&address, &headers).status, line(&server)["state"].clone()), (404, json!("unknown")));

    let token = format!("Bearer {}", server.token.clone().expect("the operator's token"));
    let auth = ("authorization", token.as_str());
    let claim = server.get("/api/v1/claims").json()["claims"][0].clone();
    let address = format!("/api/v1/claims/{}", claim["id"].as_str().expect("an id"));
    assert_eq!(server.send("DELETE", &address, &[auth], "").status, 428);
    let matching = [auth, ("if-match", "\"1\"")];
    assert_eq!(server.send("DELETE", &address, &matching, "").status, 400, "no reason");
    let reasoned = format!("{address}?reason=typo");
    assert_eq!(server.send("DELETE", &reasoned, &[auth, ("if-match", "\"7\"")], "").status, 412);
    assert_eq!(server.send("DELETE", &reasoned, &matching, "").status, 204);
    assert_eq!(server.get(&address).status, 404);
    let log = database.registry.history(silver_atlas::care::Entity::Claim, claim["id"].as_str().expect("an id"));
    let last = log.await.expect("a log").remove(0);
    assert_eq!(
        (last.reason.as_deref(), last.before.map(|row| row["value"].clone())),
        (Some("typo"), Some(json!(10467.0)))
    );
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_speak_of_past_days_and_long_looks_are_jobs_with_steps() {
    let (_database, server) = seeded().await;
    let question = "region=321300&kind=canteen,meal_point&within_m=1000";
    let past = server.get(&format!("/plan?{question}&as_of=2020-01-01"));
    assert!(past.status == 200 && past.text.contains("没有人口数据"), "nobody knew the region then: {}", past.text);
    let all = "kind=canteen,meal_point&within_m=1000&as_of=2020-01-01";
    for page in
        [format!("/plan?{all}"), "/plan/scorecard?as_of=2020-01-01".into(), "/plan/tiers?as_of=2020-01-01".into()]
    {
        let told = server.get(&page);
        assert_eq!(told.status, 200, "{page}: {}", told.text);
        assert!(
            told.text.contains("还没有记录")
                && told.text.contains("2020-01-01 23:59")
                && told.text.contains("value=\"2020-01-01\""),
            "{page}"
        );
    }
    let early = server.get("/api/v1/coverage/scorecard?as_of=2020-01-01").json();
    assert_eq!((&early["revision"], &early["standards"][0]["totals"]["population"]), (&json!(0), &Value::Null));
    assert_eq!(server.get("/plan/scorecard?as_of=soon").status, 400);

    let day =
        server.get(&format!("/api/v1/coverage?{question}")).json()["as_of"].as_str().expect("a time")[..10].to_owned();
    let looks = [
        format!("/api/v1/coverage/trend?{question}&as_of=2020-01-01&as_of={day}"),
        "/api/v1/coverage/scorecard?region=321300&kind=canteen&standard=1000m".to_owned(),
        "/api/v1/indicators?region=321300".to_owned(),
    ];
    for look in looks {
        let begun = server.send("GET", &format!("{look}&job=true"), &[], "");
        assert_eq!(begun.status, 202, "{}", begun.text);
        let address = begun.header("location").to_owned();
        server.until(Duration::from_secs(60), "the look ends", |server| server.get(&address).json()["state"] == "done");
        let told = server.get(&address).json();
        let steps = if look.contains("trend") { 2 } else { 1 };
        assert_eq!(told["steps"], json!({"done": steps, "of": steps}), "{told}");
        let mut alone = server.get(&look).json();
        let mut answer = told["answer"].clone();
        for told in [&mut alone, &mut answer] {
            told["as_of"] = Value::Null;
            if let Some(rows) = told["rows"].as_array_mut() {
                rows.iter_mut().for_each(|row| row["as_of"] = Value::Null);
            }
        }
        assert_eq!(answer, alone, "{look}");
        assert_eq!(server.send("DELETE", &address, &[], "").status, 204);
        assert_eq!(server.get(&address).status, 404);
    }
    let data = server.get("/data");
    let examples = data.text.split("href=\"/api/v1/").skip(1).filter_map(|rest| rest.split('"').next());
    let examples: Vec<String> = examples.map(|example| format!("/api/v1/{}", example.replace("&amp;", "&"))).collect();
    assert!(examples.len() >= 15, "{examples:?}");
    for example in examples {
        let told = server.get(&example);
        assert_eq!(told.status, 200, "{example}: {}", told.text);
    }
    server.stop();
}
