//! Amendments at two speeds and their review, over HTTP, and a server killed in the middle of decisions.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use silver_atlas::care::{Entity, RequestState, Role};
use silver_atlas::registry::{Asked, NewAccount, NewToken, Registry};

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

const REGIONS: &str = "code,name,level,parent\n3213,甲市,city,\n3703,乙市,city,\n";

async fn database(name: &str, homes: usize) -> TestDatabase {
    let database = TestDatabase::new().await;
    let folder = Folder::new(name);
    let place = ["--database-url", &database.address.url];
    let mut list = String::from("code,name,kind,region,lon,lat,phone\n");
    for at in 0..homes {
        list.push_str(&format!("H-{at},院{at},nursing_home,3213,118.{at},33.9,0527-5555-0100\n"));
    }
    for (what, name, text) in [("regions", "r.csv", REGIONS), ("facilities", "f.csv", &list)] {
        let file = folder.write(name, text);
        assert!(run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]).status.success());
    }
    database
}

async fn bearer(registry: &Registry, role: Role, facilities: Vec<uuid::Uuid>) -> String {
    let region = (role == Role::Bureau).then(|| "3213".into());
    let new = NewAccount { name: role.code().into(), role, region, facilities, password: None };
    let account = Some(registry.add_account(new).await.expect("an account"));
    let token = NewToken { account, role, ..NewToken::operators("t".into(), Some(1)) };
    format!("Bearer {}", registry.make_token(token).await.expect("a token"))
}

fn property<'a>(feature: &'a Value, name: &str) -> &'a Value {
    &feature["properties"][name]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managers_phone_is_live_and_the_name_waits_for_the_bureau() {
    let database = database("review", 1).await;
    let id = database.registry.load().await.expect("loads").facilities[0].id;
    let manager = bearer(&database.registry, Role::Manager, vec![id]).await;
    let bureau = bearer(&database.registry, Role::Bureau, vec![]).await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    let address = format!("/api/v1/facilities/{id}");
    let by = |who: &str, version: &str, method: &str, address: &str, body: Value| {
        server.send(method, address, &[("authorization", who), ("if-match", version)], &body.to_string())
    };
    let wish = json!({"phone": "0527-5555-0199", "name": "新名", "request_note": "换了牌子"});
    assert_eq!(server.send("PATCH", &address, &[("authorization", &manager)], &wish.to_string()).status, 428);
    let answer = by(&manager, "\"1\"", "PATCH", &address, wish.clone());
    assert_eq!((answer.status, answer.header("etag")), (202, "\"2\""), "{}", answer.text);
    let feature = answer.json();
    assert_eq!((property(&feature, "phone"), property(&feature, "name")), (&json!("0527-5555-0199"), &json!("院0")));
    let request = format!("/api/v1/requests/{}", feature["change_request"].as_str().expect("its number"));
    let stale = by(&manager, "\"1\"", "PATCH", &address, wish);
    assert_eq!((stale.status, stale.header("etag")), (412, "\"2\""));
    assert_eq!(property(&stale.json()["current"], "phone"), "0527-5555-0199");

    let verdict = json!({"name": {"choice": "accept"}});
    assert_eq!(by(&manager, "\"2\"", "POST", &format!("{request}/decision"), verdict.clone()).status, 403);
    assert_eq!(by(&bureau, "\"1\"", "POST", &format!("{request}/decision"), verdict.clone()).status, 412);
    let decided = by(&bureau, "\"2\"", "POST", &format!("{request}/decision"), verdict.clone());
    assert_eq!(decided.status, 200, "{}", decided.text);
    assert_eq!(property(&server.get(&address).json(), "name"), "新名");
    assert_eq!(by(&bureau, "\"3\"", "POST", &format!("{request}/decision"), verdict).status, 409);
    let outcome = by(&manager, "", "GET", &request, json!(null)).json();
    assert_eq!(outcome["request"]["decision"]["name"]["choice"], "accept");
    assert_eq!(outcome["request"]["note"], "换了牌子");

    // A temporary closure and its end are the manager's own word; a reopening that the bureau must decide is not.
    let paused = by(&manager, "\"3\"", "PATCH", &address, json!({"status": "suspended"}));
    assert_eq!((paused.status, property(&paused.json(), "status")), (200, &json!("suspended")));
    let reopened = by(&manager, "\"4\"", "PATCH", &address, json!({"status": "operating"}));
    assert_eq!((reopened.status, property(&reopened.json(), "status")), (200, &json!("operating")));
    by(&bureau, "\"5\"", "PATCH", &address, json!({"status": "suspended"}));
    assert_eq!(by(&manager, "\"6\"", "PATCH", &address, json!({"status": "operating"})).status, 202);

    // The bureau writes at once, and gives nothing away over its border.
    let rated = json!({"ratings": [{"scheme": "gb37276", "level": 4, "rated_on": "2026-05-01"}]});
    let rated = by(&bureau, "\"6\"", "PATCH", &address, rated);
    assert_eq!((rated.status, &property(&rated.json(), "rating")["level"]), (200, &json!(4)), "{}", rated.text);
    for away in [json!("3703"), json!(null), json!(" ")] {
        let refused = by(&bureau, "\"7\"", "PATCH", &address, json!({"region": away}));
        assert_eq!(refused.status, 403, "{away}: nobody but an admin could touch it: {}", refused.text);
    }
    let wrong = by(&bureau, "\"7\"", "PATCH", &address, json!({"hours": "nine to five", "kimd": "x"}));
    assert_eq!((wrong.status, wrong.json()["type"].as_str()), (422, Some("rule")));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_taken_back_by_who_made_it_alone_and_nothing_newer_is_kept_where_nothing_is() {
    let database = database("back", 1).await;
    let id = database.registry.load().await.expect("loads").facilities[0].id;
    let manager = bearer(&database.registry, Role::Manager, vec![id]).await;
    let bureau = bearer(&database.registry, Role::Bureau, vec![]).await;
    let new =
        NewAccount { name: "zhao".into(), role: Role::Manager, region: None, facilities: vec![id], password: None };
    let account = Some(database.registry.add_account(new).await.expect("an account"));
    let token = NewToken { account, role: Role::Manager, ..NewToken::operators("t".into(), Some(1)) };
    let colleague = format!("Bearer {}", database.registry.make_token(token).await.expect("a token"));
    let server = Server::start(["--database-url", &database.address.url], &[]);
    let by = |who: &str, tag: &str, method: &str, address: &str, body: Value| {
        let headers = [("authorization", who), ("if-match", tag)];
        server.send(method, address, &headers[..if tag.is_empty() { 1 } else { 2 }], &body.to_string())
    };
    let wish = by(&manager, "\"1\"", "PATCH", &format!("/api/v1/facilities/{id}"), json!({"operator": "甲"}));
    let request = format!("/api/v1/requests/{}", wish.json()["change_request"].as_str().expect("its number"));
    let newer = json!({"operator": {"choice": "newer"}});
    let unfounded = by(&bureau, "\"1\"", "POST", &format!("{request}/decision"), newer);
    assert_eq!((unfounded.status, &unfounded.json()["errors"][0]["pointer"]), (422, &json!("/operator")));
    let tag = by(&manager, "", "GET", &request, json!(null)).header("etag").to_owned();
    for other in [&bureau, &colleague] {
        assert_eq!(by(other, &tag, "DELETE", &request, json!(null)).status, 403);
    }
    assert_eq!(by(&manager, "", "DELETE", &request, json!(null)).status, 428);
    assert_eq!(by(&manager, "\"decided\"", "DELETE", &request, json!(null)).status, 412);
    assert_eq!(by(&manager, &tag, "DELETE", &request, json!(null)).status, 204);
    let late = by(&manager, &tag, "DELETE", &request, json!(null));
    assert_eq!((late.status, &late.json()["current"]["state"]), (412, &json!("withdrawn")));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_of_old_leads_to_what_it_has_become_wherever_it_is_asked_for() {
    let database = database("of_old", 1).await;
    let place = ["--database-url", &database.address.url];
    let merged = run(&["merge", "region", "3703", "3213", place[0], place[1]]);
    assert!(merged.status.success(), "{}", String::from_utf8_lossy(&merged.stderr));
    let server = Server::start(place, &[]);
    let list = server.get("/api/v1/facilities?region=3703");
    assert_eq!((list.status, &list.json()["numberMatched"]), (200, &json!(1)), "{}", list.text);
    for address in ["/api/v1/nearest?lon=118&lat=33.9", "/api/v1/coverage?within_m=500", "/api/v1/regions?level=town"] {
        let name = if address.contains("regions") { "parent" } else { "region" };
        let answer = server.get(&format!("{address}&{name}=3703"));
        assert_eq!(answer.status, 200, "{address}: {}", answer.text);
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_outside_its_region_is_taken_with_a_warning() {
    let database = TestDatabase::new().await;
    let (folder, place) = (Folder::new("outside"), ["--database-url", &database.address.url]);
    let ring = json!([[[118.0, 33.0], [119.0, 33.0], [119.0, 34.0], [118.0, 34.0], [118.0, 33.0]]]);
    let region = json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": ring},
        "properties": {"code": "3213", "name": "甲市", "level": "city"}});
    let regions = json!({"type": "FeatureCollection", "features": [region]}).to_string();
    let file = folder.write("r.geojson", &regions);
    assert!(run(&["import", "regions", file.to_str().expect("a path"), place[0], place[1]]).status.success());
    let server = Server::start(place, &[]);
    let bearer = format!("Bearer {}", server.token.as_ref().expect("the operator's token"));
    let told = |lon: f64| json!({"place": {"lon": lon, "lat": 33.5, "datum": "wgs84"}, "region": "3213"});
    let mut new = told(121.0);
    (new["name"], new["kind"]) = (json!("远院"), json!("canteen"));
    let made = server.send("POST", "/api/v1/facilities", &[("authorization", &bearer)], &new.to_string());
    let warning = made.json()["warnings"][0].clone();
    assert_eq!((made.status, &warning["code"], &warning["pointer"]), (201, &json!("outside_region"), &json!("/place")));
    for (tag, lon, warned) in [("\"1\"", 122.0, true), ("\"2\"", 118.5, false)] {
        let answer = server.patch(made.header("location"), &[("if-match", tag)], &told(lon).to_string());
        assert_eq!((answer.status, answer.json().get("warnings").is_some()), (200, warned), "{}", answer.text);
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_registration_makes_one_facility_and_answers_the_same() {
    let database = database("register", 1).await;
    let bureau = bearer(&database.registry, Role::Bureau, vec![]).await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    let body = json!({"name": "新食堂", "kind": "canteen", "region": "3213", "hours": "Mo-Su 10:30-13:00",
                      "place": {"lon": 118.3, "lat": 33.9, "datum": "gcj02"}});
    let headers = [("authorization", bureau.as_str()), ("idempotency-key", "k-1")];
    let send = |body: &Value| server.send("POST", "/api/v1/facilities", &headers, &body.to_string());
    let (one, other) = (send(&body), send(&body));
    assert_eq!((one.status, other.status), (201, 201), "{}", one.text);
    assert_eq!(one.header("location"), other.header("location"));
    assert_eq!(server.get(one.header("location")).json()["properties"]["status"], "operating");
    assert_eq!(send(&json!({"name": "别的", "kind": "canteen", "region": "3213"})).status, 409);
    let again = server.send("POST", "/api/v1/facilities", &headers[..1], &body.to_string());
    assert_eq!((again.status, again.json()["type"].as_str()), (409, Some("conflict")), "{}", again.text);
    assert_eq!(server.get("/api/v1/facilities").json()["numberMatched"], 2);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_the_middle_of_decisions_leaves_each_whole_or_untouched() {
    let database = database("decisions", 8).await;
    let registry = &database.registry;
    let record = registry.load().await.expect("loads");
    let ids: Vec<_> = record.facilities.iter().map(|facility| facility.id).collect();
    let manager = bearer(registry, Role::Manager, ids.clone()).await;
    let bureau = bearer(registry, Role::Bureau, vec![]).await;
    let mut requests = BTreeMap::new();
    let place = ["--database-url", database.address.url.as_str()];
    let mut server = Server::start(place, &[]);
    for (at, id) in ids.iter().cycle().take(48).enumerate() {
        let headers = [("authorization", manager.as_str()), ("if-match", "\"1\"")];
        let body = json!({"operator": format!("运营方{at}")}).to_string();
        let answer = server.send("PATCH", &format!("/api/v1/facilities/{id}"), &headers, &body);
        assert_eq!(answer.status, 202, "{}", answer.text);
        let request = answer.json()["change_request"].as_str().expect("a number").to_owned();
        requests.insert(request, *id);
    }
    let verdict = json!({"operator": {"choice": "accept"}}).to_string();
    let mut acknowledged = 0;
    for round in 0..3u64 {
        std::thread::scope(|scope| {
            let (server, requests) = (&server, &requests);
            let deciders: Vec<_> = (0..4)
                .map(|lane| {
                    let (bureau, verdict) = (&bureau, &verdict);
                    scope.spawn(move || {
                        let mut done = 0;
                        for (request, id) in requests.iter().skip(lane).step_by(4) {
                            let Some(held) = server.try_send("GET", &format!("/api/v1/facilities/{id}"), &[], "")
                            else {
                                break;
                            };
                            let headers = [("authorization", bureau.as_str()), ("if-match", held.header("etag"))];
                            let address = format!("/api/v1/requests/{request}/decision");
                            let Some(answer) = server.try_send("POST", &address, &headers, verdict) else { break };
                            assert!([200, 409, 412].contains(&answer.status), "{}", answer.text);
                            done += usize::from(answer.status == 200);
                        }
                        done
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(150 + 130 * round));
            super::server::signal(server.process(), "KILL");
            acknowledged += deciders.into_iter().map(|decider| decider.join().expect("a decider")).sum::<usize>();
        });
        server = Server::start(place, &[]);
    }
    let mut decided = 0;
    let mut lines = 0;
    for id in &ids {
        let history = registry.history(Entity::Facility, &id.to_string()).await.expect("a history");
        for request in registry.requests(Asked::About(*id)).await.expect("a list") {
            let of_it: Vec<_> = history.iter().filter(|change| change.request == Some(request.id)).collect();
            assert_eq!(of_it.len(), usize::from(request.state == RequestState::Decided), "verdict and change together");
            lines += of_it.len();
            if let Some(change) = of_it.first() {
                decided += 1;
                assert_eq!(change.after.as_ref().map(|after| &after["operator"]), Some(&request.wished["operator"]));
            }
        }
    }
    assert!(decided >= acknowledged && acknowledged > 0, "{acknowledged} acknowledged, {decided} decided");
    assert_eq!(decided, lines);
    server.stop();
}
