//! The feed for others, the past, and ids that became other ids, over HTTP.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use serde_json::Value;
use silver_atlas::care::draft::CapacityDraft;
use silver_atlas::care::draft::Figure;

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

const LIST: &str = "code,name,kind,lon,lat,beds_total,beds_occupied,capacity_as_of\n\
                    H-1,甲院,nursing_home,118.3,33.9,120,97,TODAY\nH-2,乙院,nursing_home,118.31,33.9,80,10,2020-01-01\n";

async fn house(name: &str) -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let folder = Folder::new(name);
    let today = chrono::Utc::now().date_naive().to_string();
    let file = folder.write("f.csv", &LIST.replace("TODAY", &today));
    let place = ["--database-url", &database.address.url];
    let ran = run(&["import", "facilities", file.to_str().expect("a path"), place[0], place[1]]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    let server = Server::start(place, &[]);
    (database, server)
}

async fn occupy(database: &TestDatabase, code: &str, occupied: u32) {
    let record = database.registry.load().await.expect("loads");
    let home = record.facilities.iter().find(|home| home.code.as_deref() == Some(code)).expect("a home");
    let told = CapacityDraft { measure: "beds".into(), occupied: Figure::Told(occupied), ..Default::default() };
    database.registry.update_capacity(home.id, home.version, vec![told], "manager:li").await.expect("written");
}

/// Follows the feed from a number on, page by page, into a copy.
fn follow(server: &Server, copy: &mut BTreeMap<String, Value>, mut since: i64) -> i64 {
    loop {
        let page = server.get(&format!("/api/v1/changes?since={since}&limit=2")).json();
        for change in page["changes"].as_array().expect("changes") {
            let id = change["id"].as_str().expect("an id").to_owned();
            match change["action"].as_str() {
                Some("deleted") => drop(copy.remove(&id)),
                _ => drop(copy.insert(id, change["record"].clone())),
            }
            assert!(!change.to_string().contains(":li"), "no name goes out: {change}");
        }
        let next = page["next"].as_i64().expect("a number");
        if next == since {
            return since;
        }
        since = next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_follows_the_feed_is_the_record() {
    let (database, server) = house("feed").await;
    let mut copy = BTreeMap::new();
    let since = follow(&server, &mut copy, 0);
    assert_eq!(copy.len(), 2);
    occupy(&database, "H-1", 99).await;
    let record = database.registry.load().await.expect("loads");
    let (one, other) = (record.facilities[0].id, record.facilities[1].id);
    database.registry.merge((other, None), (one, None), vec![], "bureau:wang").await.expect("merged");
    let since = follow(&server, &mut copy, since);
    let record = database.registry.load().await.expect("loads");
    assert_eq!(copy.len(), 1);
    assert_eq!(copy[&one.to_string()], serde_json::to_value(&record.facilities[0]).expect("JSON"));
    let last = server.get(&format!("/api/v1/changes?since={}", since - 1)).json();
    assert_eq!(
        (&last["changes"][0]["by"], &last["changes"][0]["becomes"]),
        (&"bureau".into(), &one.to_string().into())
    );
    // The old id leads to the new one, with the question that came with it.
    server.until(Duration::from_secs(2), "the merge shows", |server| {
        server.get(&format!("/api/v1/facilities/{other}")).json()["id"] == one.to_string()
    });
    assert!(server.get(&format!("/f/{other}?lang=en")).text.contains(&one.to_string()));
    let history = server.get(&format!("/api/v1/facilities/{one}/history"));
    assert_eq!(history.json()["changes"].as_array().map(Vec::len), Some(4));
    assert!(!history.text.contains("wang"), "the public history tells roles only");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_news_has_it_at_once_and_a_stream_goes_on() {
    let (database, server) = house("news").await;
    let head = server.get("/readyz").json()["revision"].as_i64().expect("a revision");
    let began = Instant::now();
    let empty = server.get(&format!("/api/v1/changes?since={head}&wait=1")).json();
    assert!(empty["changes"].as_array().is_some_and(Vec::is_empty) && began.elapsed() >= Duration::from_secs(1));
    let stream = ureq::get(format!("{}/api/v1/changes?since={head}", server.url)).header("accept", "text/event-stream");
    let stream = stream.call().expect("a stream").into_body().into_reader();
    let (told, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if told.send(line).is_err() {
                return;
            }
        }
    });
    let url = format!("{}/api/v1/changes?since={head}&wait=30", server.url);
    let waiting = std::thread::spawn(move || ureq::get(url).call().expect("an answer").into_body().read_to_string());
    std::thread::sleep(Duration::from_millis(200));
    let wrote = Instant::now();
    occupy(&database, "H-1", 98).await;
    let text = waiting.join().expect("waited").expect("a text");
    assert!(text.replace(": ", ":").contains("\"occupied\":98") && wrote.elapsed() < Duration::from_secs(5), "{text}");
    let mut heard = Vec::new();
    while heard.len() < 3 {
        heard.push(lines.recv_timeout(Duration::from_secs(5)).expect("an event"));
    }
    assert_eq!(heard[0], format!("id: {}", head + 1));
    assert!(heard[2].replace(": ", ":").contains("\"occupied\":98"), "{heard:?}");
    drop(lines);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_as_of_a_past_time_is_answered_as_the_record_stood_then() {
    let (database, mut server) = house("past").await;
    // The log is changed behind the server's back.
    server.forgive(&["the database is not the one that was followed"]);
    // Whoever is not known is answered by the day, so all of this was written some days ago.
    let then = super::past_days::set_back(&database).await;
    occupy(&database, "H-1", 120).await;
    let nearest = |as_of: &str| server.get(&format!("/api/v1/nearest?lon=118.3&lat=33.9&min_free=1{as_of}")).json();
    let names = |answer: &Value| -> Vec<String> {
        let features = answer["features"].as_array().expect("features");
        features.iter().map(|feature| feature["properties"]["code"].as_str().unwrap_or_default().to_owned()).collect()
    };
    server.until(Duration::from_secs(2), "the write shows", |_| names(&nearest("")).is_empty());
    let past = nearest(&format!("&as_of={then}"));
    // The second home's figures are of 2020: stale then and now, so nobody is promised its beds.
    assert_eq!(names(&past), ["H-1"]);
    assert!(past["revision"].as_i64() < nearest("")["revision"].as_i64());
    let id = past["features"][0]["id"].as_str().expect("an id").to_owned();
    let free = |address: &str| server.get(address).json()["properties"]["capacity"]["beds"]["free"].as_i64();
    assert_eq!(free(&format!("/api/v1/facilities/{id}?as_of={then}")), Some(23));
    assert_eq!(free(&format!("/api/v1/facilities/{id}")), Some(0));
    assert_eq!(server.get("/api/v1/facilities?as_of=2020-01-01").json()["numberMatched"], 0);
    assert_eq!(server.get(&format!("/api/v1/facilities?as_of={then}")).json()["numberMatched"], 2);
    for (address, words) in [
        ("/api/v1/nearest?lon=1&lat=1&as_of=2999-01-01", "future"),
        ("/api/v1/facilities?as_of=yesterday", "neither a day"),
    ] {
        let refused = server.get(address);
        assert!(refused.status == 400 && refused.text.contains(words), "{}", refused.text);
    }
    server.stop();
}
