//! Writes of capacity: who may, on which version, and who sees them when.

use std::time::Duration;

use serde_json::Value;

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

const LIST: &str = "code,name,kind,lon,lat,beds_total,beds_nursing,beds_occupied,capacity_as_of\n\
                    H-1,Home,nursing_home,118.3,33.9,120,60,97,TODAY\n";

struct House {
    server: Server,
    database: TestDatabase,
    address: String,
}

async fn house(name: &str) -> House {
    let database = TestDatabase::new().await;
    let folder = Folder::new(name);
    let today = chrono::Utc::now().date_naive().to_string();
    let file = folder.write("f.csv", &LIST.replace("TODAY", &today));
    let place = ["--database-url", &database.address.url];
    assert!(run(&["import", "facilities", file.to_str().expect("a path"), place[0], place[1]]).status.success());
    let server = Server::start(place, &[]);
    let list = server.get("/api/v1/facilities").json();
    let id = list["features"][0]["id"].as_str().expect("an id").to_owned();
    House { server, database, address: format!("/api/v1/facilities/{id}") }
}

/// Headers, body, and the status and slug of the answer.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, u16, &'a str);

fn beds(feature: &Value) -> (i64, i64, i64) {
    let beds = &feature["properties"]["capacity"]["beds"];
    let figure = |name: &str| beds[name].as_i64().unwrap_or(-1);
    (figure("total"), figure("occupied"), figure("free"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_reads_what_it_wrote_and_another_server_sees_it_within_a_second() {
    let House { server, database, address } = house("write").await;
    let other = Server::start(["--database-url", &database.address.url], &[]);
    let before = server.get(&address);
    assert_eq!(before.header("etag"), "\"1\"");
    let written =
        server.patch(&format!("{address}/capacity"), &[("if-match", "\"1\"")], r#"{"beds":{"occupied":100}}"#);
    assert_eq!(written.status, 200, "{}", written.text);
    assert_eq!(written.header("etag"), "\"2\"");
    assert_eq!(beds(&written.json()), (120, 100, 20));
    assert_eq!(beds(&server.get(&address).json()), (120, 100, 20));
    other.until(Duration::from_secs(1), "the other server sees the write", |other| {
        beds(&other.get(&address).json()) == (120, 100, 20)
    });
    let history = server.get(&format!("{address}/history")).json();
    let changes = history["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["before"]["capacity"][0]["occupied"], 97);
    assert_eq!(changes[0]["after"]["capacity"][0]["occupied"], 100);
    server.stop();
    other.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_breaks_a_rule_changes_nothing_and_says_which() {
    let House { server, address, database: _database } = house("rules").await;
    let capacity = format!("{address}/capacity");
    let one = ("if-match", "\"1\"");
    let large = format!("{{\"beds\":{{\"total\":{}1}}}}", " ".repeat(70_000));
    let cases: [Case; 18] = [
        (&[one, ("authorization", "")], r#"{"beds":{"total":1}}"#, 401, "unauthorized"),
        (&[one, ("authorization", "Bearer wrong")], r#"{"beds":{"total":1}}"#, 401, "unauthorized"),
        (&[], r#"{"beds":{"total":130}}"#, 428, "needs-if-match"),
        (&[("if-match", "1")], r#"{"beds":{"total":130}}"#, 412, "stale"),
        (&[("if-match", "\"7\"")], r#"{"beds":{"total":130}}"#, 412, "stale"),
        (&[one, ("content-type", "text/plain")], r#"{"beds":{"total":130}}"#, 415, "wrong-type"),
        (&[one], "beds=5", 400, "bad-body"),
        (&[one], "[]", 400, "bad-body"),
        (&[one], "{}", 422, "rule"),
        (&[one], r#"{"bed":{"total":130}}"#, 422, "rule"),
        (&[one], r#"{"beds":{"totl":130}}"#, 422, "rule"),
        (&[one], r#"{"beds":{"total":-1}}"#, 422, "rule"),
        (&[one], r#"{"beds":{"total":1.5}}"#, 422, "rule"),
        (&[one], r#"{"beds":{"total":50}}"#, 422, "rule"),
        (&[one], r#"{"plots":{"total":50}}"#, 422, "rule"),
        (&[one], r#"{"beds":{"occupied":1,"as_of":"2099-01-01T00:00:00Z"}}"#, 422, "rule"),
        (&[one], r#"{"beds":{"occupied":1,"as_of":"2001-01-01T00:00:00Z"}}"#, 422, "rule"),
        (&[one], &large, 413, "too-large"),
    ];
    for (headers, body, status, slug) in cases {
        let answer = server.patch(&capacity, headers, body);
        let shown = body.chars().take(60).collect::<String>();
        assert_eq!(answer.status, status, "{shown}: {}", answer.text);
        assert_eq!(answer.json()["type"], slug, "{shown}");
    }
    for (body, pointer) in [
        (r#"{"staff":{"caregivers":3,"as_of":"2099-01-01"}}"#, "/staff/as_of"),
        (r#"{"ratings":[{"scheme":"gb37276","level":3,"rated_on":"2099-01-01"}]}"#, "/ratings/0/rated_on"),
    ] {
        let ahead = server.patch(&address, &[one], body);
        assert_eq!((ahead.status, &ahead.json()["errors"][0]["pointer"]), (422, &serde_json::json!(pointer)));
    }
    let stale = server.patch(&capacity, &[("if-match", "\"7\"")], r#"{"beds":{"total":130}}"#);
    assert_eq!(beds(&stale.json()["current"]), (120, 97, 23), "{}", stale.text);
    assert_eq!(stale.header("etag"), "\"1\"");
    assert_eq!(server.get(&address).header("etag"), "\"1\"");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_write_is_shown_the_newest_state_under_its_own_tag_whichever_server_wrote_it() {
    let House { server, address, database } = house("stale").await;
    let other = Server::start(["--database-url", &database.address.url], &[]);
    let capacity = format!("{address}/capacity");
    let token = format!("Bearer {}", other.token.as_ref().or(server.token.as_ref()).expect("a token"));
    for version in 1..=20 {
        let (tag, body) = (format!("\"{version}\""), format!("{{\"beds\":{{\"occupied\":{version}}}}}"));
        let headers = [("if-match", tag.as_str()), ("authorization", token.as_str())];
        assert_eq!(server.patch(&capacity, &headers, &body).status, 200);
        // At once, before the other server's feed has come round by itself.
        let stale = other.patch(&capacity, &headers, &body);
        assert_eq!(stale.status, 412, "{}", stale.text);
        let current = &stale.json()["current"];
        assert_eq!(stale.header("etag"), format!("\"{}\"", version + 1));
        assert_eq!(current["properties"]["version"], version + 1, "{}", stale.text);
        assert_eq!(current["properties"]["capacity"]["beds"]["occupied"], version);
    }
    server.stop();
    other.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn over_capacity_is_accepted_and_flagged_and_null_is_unknown() {
    let House { server, address, database: _database } = house("over").await;
    let capacity = format!("{address}/capacity");
    let over = server.patch(&capacity, &[("if-match", "\"1\"")], r#"{"beds":{"occupied":125}}"#).json();
    assert_eq!(beds(&over), (120, 125, 0));
    assert_eq!(over["properties"]["capacity"]["beds"]["over_capacity"], true);
    let unknown = server.patch(&capacity, &[("if-match", "\"2\"")], r#"{"beds":{"occupied":null}}"#).json();
    assert_eq!(beds(&unknown), (120, -1, -1), "{unknown}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_asker_holds_is_not_sent_again() {
    let House { server, address, database: _database } = house("etag").await;
    for address in [address.as_str(), "/api/v1/nearest?lon=118&lat=33", "/api/v1/coverage?within_m=500"] {
        let tag = server.get(address).header("etag").to_owned();
        assert!(!tag.is_empty(), "{address}");
        let again = server.get_with(address, &[("if-none-match", &tag)]);
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{address}");
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_on_the_command_line_writes_under_its_holders_name() {
    let House { server, address, database } = house("token").await;
    let made =
        run(&["account", "token", "值班员", "--days", "1", "--operator", "--database-url", &database.address.url]);
    let token = format!("Bearer {}", String::from_utf8_lossy(&made.stdout).trim());
    let headers = [("if-match", "\"1\""), ("authorization", token.as_str())];
    let written = server.patch(&format!("{address}/capacity"), &headers, r#"{"beds":{"occupied":99}}"#);
    assert_eq!(written.status, 200, "{}", written.text);
    let history = server.get(&format!("{address}/history")).json();
    assert_eq!(history["changes"][0]["actor"], "值班员");
    // Once there are accounts, a name that is none of theirs is a slip.
    let place = ["--database-url", &database.address.url];
    assert!(run(&["account", "add", "admin", "--role", "admin", place[0], place[1]]).status.success());
    let slip = run(&["account", "token", "admim", place[0], place[1]]);
    let said = String::from_utf8_lossy(&slip.stderr).into_owned();
    assert!(!slip.status.success() && slip.stdout.is_empty() && said.contains("is it \"admin\"?"), "{said}");
    assert!(run(&["account", "close", "admin", place[0], place[1]]).status.success());
    assert!(!run(&["account", "token", "admin", place[0], place[1]]).status.success(), "a closed account");
    server.stop();
}
