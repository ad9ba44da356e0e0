//! Scenarios as planners use them: saved, shared by link, compared, turned into targets; and by a browser without scripts.

use serde_json::{Value, json};
use silver_atlas::care::Role;
use silver_atlas::http::address::escape;
use silver_atlas::http::who::seal;
use silver_atlas::registry::{NewAccount, NewToken};
use uuid::Uuid;

use super::server::{Answer, Folder, Server, run};
use super::support::TestDatabase;

const REGIONS: &str = "code,name,level,parent,lon,lat\n3213,甲市,city,,,\n321302,甲县,county,3213,118.3,33.9\n";
const LIST: &str = "code,name,kind,region,lon,lat,beds_total\nA,甲院,nursing_home,321302,118.3,33.9,50\n\
                    B,乙院,nursing_home,321302,118.4,33.9,\n";
const PEOPLE: &str =
    "region,lon,lat,total,aged_60\n321302,118.3,33.9,100,40\n321302,118.5,33.9,200,60\n321302,118.6,33.9,30,\n";

struct House {
    server: Server,
    token: String,
    session: String,
    ids: [Uuid; 2],
    _database: TestDatabase,
}

async fn house(name: &str) -> House {
    let database = TestDatabase::new().await;
    let folder = Folder::new(name);
    let place = ["--database-url", &database.address.url];
    for (what, name, text) in
        [("regions", "r.csv", REGIONS), ("facilities", "f.csv", LIST), ("population", "p.csv", PEOPLE)]
    {
        let file = folder.write(name, text);
        let ran = run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    let registry = &database.registry;
    let region = Some("3213".into());
    let new = NewAccount { name: "li".into(), role: Role::Planner, region, facilities: vec![], password: None };
    let account = registry.add_account(new).await.expect("an account");
    let token = NewToken { account: Some(account), role: Role::Planner, ..NewToken::operators("li".into(), Some(1)) };
    let token = registry.make_token(token).await.expect("a token");
    let session = registry.begin_session(account, None).await.expect("a session");
    let record = registry.load().await.expect("loads");
    let id = |code: &str| record.facilities.iter().find(|f| f.code.as_deref() == Some(code)).expect("a home").id;
    let ids = [id("A"), id("B")];
    House { server: Server::start(place, &[]), token, session, ids, _database: database }
}

impl House {
    fn send(&self, method: &str, address: &str, tag: Option<&str>, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("if-match", tag.unwrap_or_default())];
        let headers = if tag.is_some() { &headers[..] } else { &headers[..1] };
        self.server.send(method, address, headers, &body.to_string())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_is_saved_shared_compared_and_turned_into_targets() {
    let house = house("scenarios").await;
    let server = &house.server;
    let question = json!({"region": "321302", "kind": "nursing_home", "within_m": 1000});
    let body = json!({"name": "甲方案", "region": "321302", "question": question, "changes": {
        "add": [{"kind": "nursing_home", "lon": 118.5, "lat": 33.9, "total": 80, "region": "321302"}],
        "enlarge": [{"id": house.ids[0], "measure": "beds", "total": 70}, {"id": house.ids[1], "measure": "beds", "total": 9}]}});
    let saved = house.send("POST", "/api/v1/scenarios", None, &body);
    assert_eq!((saved.status, saved.header("etag")), (201, "\"1\""), "{}", saved.text);
    let address = saved.header("location").to_owned();
    // A request that is repeated after a broken connection saves one.
    let bearer = format!("Bearer {}", house.token);
    let keyed = [("authorization", bearer.as_str()), ("idempotency-key", "plan-1")];
    let again = |body: &Value| server.send("POST", "/api/v1/scenarios", &keyed, &body.to_string());
    let (first, second) = (again(&body), again(&body));
    assert_eq!([first.status, second.status], [201, 201], "{}", second.text);
    assert_eq!((first.header("location"), first.json()), (second.header("location"), second.json()));
    assert_ne!(first.header("location"), address);
    let other = json!({"name": "乙方案", "region": "321302", "question": question});
    assert_eq!(again(&other).status, 409, "the same key for another scenario");
    let removed = house.send("DELETE", first.header("location"), Some("\"1\""), &json!(null));
    assert_eq!(removed.status, 204, "{}", removed.text);
    // Whoever has the link may look, without a name; the list is for those who are somebody.
    let seen = server.get(&address).json();
    assert_eq!((&seen["name"], &seen["by"]), (&json!("甲方案"), &json!("planner")));
    assert!(!server.get(&address).text.contains("li\""));
    assert_eq!(server.get("/api/v1/scenarios").status, 401);
    let listed = house.send("GET", "/api/v1/scenarios", None, &Value::Null).json();
    assert_eq!(listed["scenarios"].as_array().map(Vec::len), Some(1));
    // The answer is what the same scenario would be answered unsaved.
    let answer = server.get(&format!("{address}/coverage")).json();
    let unsaved = "/api/v1/coverage?region=321302&kind=nursing_home&within_m=1000";
    let unsaved = server.send("POST", unsaved, &[], &body["changes"].to_string()).json();
    assert_eq!((&answer["before"], &answer["after"]), (&unsaved["before"], &unsaved["after"]));
    assert_eq!(answer["before"]["totals"]["covered"], 40);
    assert_eq!(answer["after"]["totals"]["covered"], 100);
    assert_eq!(answer["after"]["totals"]["unknown_population"], 1);
    // A capacity that nobody knew cannot be said to grow; the other grows by 20 beds beside the 80 new ones.
    let targets = server.get(&format!("{address}/targets")).json();
    let told: Vec<_> =
        targets["targets"].as_array().expect("a list").iter().map(|t| (&t["measure"], &t["added"])).collect();
    assert_eq!(told, [(&json!("beds"), &json!(100)), (&json!("facilities"), &json!(1))]);
    // Saved anew on what was seen, and on nothing older.
    let close = json!({"changes": {"close": [house.ids[0]]}, "name": "乙方案"});
    assert_eq!(house.send("PATCH", &address, None, &close).status, 428);
    assert_eq!(house.send("PATCH", &address, Some("\"1\""), &close).header("etag"), "\"2\"");
    let stale = house.send("PATCH", &address, Some("\"1\""), &close);
    assert_eq!((stale.status, &stale.json()["current"]["name"]), (412, &json!("乙方案")));
    let wrong = json!({"name": "", "question": {"within": 5}, "changes": {"close": [Uuid::nil()]}, "colour": 1});
    let refused = house.send("PATCH", &address, Some("\"2\""), &wrong);
    let errors = refused.json()["errors"].as_array().cloned().expect("errors");
    let pointers: Vec<_> = errors.iter().filter_map(|error| error["pointer"].as_str()).collect();
    for pointer in ["/name", "/question/within", "/changes/close/0", "/colour"] {
        assert!(pointers.contains(&pointer), "{pointer}: {}", refused.text);
    }
    let second = house.send("POST", "/api/v1/scenarios", None, &body).header("location").to_owned();
    let id = |address: &str| address.rsplit('/').next().expect("an id").to_owned();
    let compared = server.get(&format!("/api/v1/scenarios/compare?id={}&id={}", id(&address), id(&second))).json();
    let after: Vec<_> = (0..2).map(|at| &compared["scenarios"][at]["after"]["covered"]).collect();
    assert_eq!(after, [&json!(0), &json!(100)]);
    // What the record overtakes is left out and told.
    let outside = json!({"name": "丙", "region": null, "question": {"within_m": 5}});
    assert_eq!(house.send("POST", "/api/v1/scenarios", None, &outside).status, 403, "everything is not theirs");
    assert_eq!(house.send("DELETE", &address, Some("\"2\""), &Value::Null).status, 204);
    assert_eq!(server.get(&address).status, 404);
    assert!(!server.get("/api/v1/changes?since=0").text.contains("甲方案"), "a scenario is not for everybody");
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_scripts_builds_saves_and_removes_a_scenario() {
    let house = house("browser").await;
    let server = &house.server;
    let cookie = format!("session={}", house.session);
    let send = |method: &str, address: &str, body: &str| server.send(method, address, &[("cookie", &cookie)], body);
    let question = "region=321302&within_m=1000&kind=nursing_home";
    // A form adds to the address, where the whole scenario stands.
    let added = send(
        "GET",
        &format!("/plan/scenario?{question}&add_kind=nursing_home&add_lon=118.5&add_lat=33.9&add_free=5"),
        "",
    );
    assert_eq!(added.status, 303);
    let there = added.header("location").to_owned();
    assert_eq!(there, format!("/plan/scenario?{question}&add=nursing_home,118.5,33.9,,5"));
    let page = send("GET", &there, "");
    assert!(page.status == 200 && page.text.contains("+60"), "{}", page.text);
    // Places to add at are the gaps that are left: some before, none after.
    let before = send("GET", &format!("/plan/scenario?{question}"), "");
    assert!(before.text.contains("在这里加一处") && !page.text.contains("在这里加一处"), "{}", page.text);
    assert!(page.text.contains("<strong>1</strong> 个需求点没有这一项人口数"), "{}", page.text);
    // What cannot be is said beside it, and taken out by a link.
    let wrong = send("GET", &format!("{there}&close=00000000-0000-0000-0000-000000000001"), "");
    assert!(
        wrong.status == 422 && wrong.text.contains("no facility has the id") && wrong.text.contains("去掉"),
        "{}",
        wrong.text
    );
    let query = escape(there.split_once('?').expect("a query").1);
    let form = format!("name={}&query={query}&seal={}", escape("新院方案"), seal(&house.session));
    let saved = send("POST", "/plan/scenario", &form);
    assert_eq!(saved.status, 303, "{}", saved.text);
    let saved = saved.header("location").to_owned();
    // Anybody with the link sees it; only its maker sees the form.
    let seen = server.get(&saved);
    assert!(
        seen.text.contains("新院方案") && seen.text.contains("+60") && !seen.text.contains("name=\"seal\""),
        "{}",
        seen.text
    );
    let own = send("GET", &saved, "");
    assert!(own.text.contains("删除方案") && own.text.contains("在这个方案上改"));
    let back = own.text.split("href=\"/plan/scenario?").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    assert_eq!(server.get(&format!("/plan/scenario?{}", back.replace("&amp;", "&"))).status, 200);
    assert!(
        send("GET", "/plan/scenarios", "").text.contains("新院方案")
            && !server.get("/plan/scenarios").text.contains("新院方案")
    );
    let id = saved.rsplit('/').next().expect("an id");
    assert!(server.get(&format!("/plan/scenarios?id={id}")).text.contains("方案对照"));
    let change = |version: u8, action: &str| {
        let body = format!("version={version}&name={}&action={action}&seal={}", escape("改名"), seal(&house.session));
        send("POST", &saved, &body)
    };
    assert_eq!(change(1, "save").status, 303);
    let stale = change(1, "save");
    assert!(stale.status == 412 && stale.text.contains("刚被别人改过"), "{}", stale.text);
    assert_eq!((change(2, "remove").header("location"), server.get(&saved).status), ("/plan/scenarios", 404));
    house.server.stop();
}
