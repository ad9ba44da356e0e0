//! Opening hours, whatever somebody writes: one rule for every way in, pages that stay quick, a server that stops and starts.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Timelike, Utc};
use chrono_tz::Asia::Shanghai;
use serde_json::{Value, json};

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

/// Texts that once cost seconds, and others of their kind: the dates hardly ever come, the rules are many, the offsets long.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "Feb 29 week 30 Mo 10:00-11:00",
        "Feb 29 week 01-53/7 Su 10:00-11:00",
        "2096 Feb 29 10:00-11:00",
        "week 53 Feb 29 PH 10:00-11:00",
        "easter +300 days 10:00-11:00; Feb 30 off",
        "1900-9999/97 Feb 29 10:00-26:00",
        "Mo[5] Feb 10:00-11:00",
        "PH +366 days 10:00-11:00",
        "sunrise-sunset",
        "10:00-16:00/0:01",
    ]
    .map(str::to_owned)
    .into();
    texts.push(vec!["Feb 29 week 30 Mo 10:00-11:00"; 1500].join("; "));
    texts.push("Mo 08:00-09:00; ".repeat(3500));
    texts.push(vec!["Feb 29"; 90].join(",") + " 10:00-11:00");
    texts.push(vec!["00:00-00:01"; 40].join(","));
    texts.push("(".repeat(400));
    texts.push("\"".to_owned() + &"说".repeat(498) + "\"");
    texts
}

/// The quickest of some answers: what the machine does besides is not what is measured.
fn quickest(server: &Server, path: &str) -> Duration {
    let ask = || {
        let began = Instant::now();
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}: {:.300}", answer.text);
        began.elapsed()
    };
    (0..8).map(|_| ask()).min().expect("eight")
}

/// A server with one facility, and the facility's address in the API.
fn one_facility(url: &str) -> (Server, String) {
    let server = Server::start(["--database-url", url], &[]);
    let bearer = format!("Bearer {}", server.token.as_ref().expect("the operator's token"));
    let place = json!({"lon": 118.3, "lat": 33.9, "datum": "wgs84"});
    let body = json!({"name": "时间食堂", "kind": "canteen", "place": place, "code": "H1"}).to_string();
    let made = server.send("POST", "/api/v1/facilities", &[("authorization", bearer.as_str())], &body);
    assert_eq!(made.status, 201, "{}", made.text);
    let address = made.header("location").to_owned();
    (server, address)
}

/// Writes hours, and says with which status that ended.
fn written(server: &Server, address: &str, hours: &str) -> (u16, String) {
    let tag = server.get(address).header("etag").to_owned();
    let answer = server.patch(address, &[("if-match", &tag)], &json!({"hours": hours}).to_string());
    (answer.status, answer.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_hours_cost_their_readers_more_than_a_moment_and_every_way_in_says_the_same() {
    let database = TestDatabase::new().await;
    let (folder, url) = (Folder::new("hours"), database.address.url.clone());
    let (server, address) = one_facility(&url);
    let page = format!("/f/{}", address.rsplit('/').next().expect("an id"));
    for text in hostile() {
        let began = Instant::now();
        let (status, said) = written(&server, &address, &text);
        assert!(began.elapsed() < Duration::from_secs(2), "{text:.60}: written in {:?}", began.elapsed());
        assert!([200, 422].contains(&status), "{text:.60}: {status} {said:.300}");
        let took = quickest(&server, &page).max(quickest(&server, &address));
        assert!(took < Duration::from_millis(50), "{text:.60}: read in {took:?}");
        // A file may say what the API may say, and nothing else.
        let quoted = text.replace('"', "\"\"");
        let table =
            folder.write("h.csv", &format!("name,kind,lon,lat,hours\n文件食堂,canteen,118.4,33.9,\"{quoted}\"\n"));
        let rows = run(&[
            "import",
            "facilities",
            table.to_str().expect("a path"),
            "--json",
            "--dry-run",
            "--database-url",
            &url,
        ]);
        let report: Value = serde_json::from_slice(&rows.stdout).expect("a report");
        let taken = report["rejected"] == json!(0);
        assert_eq!(taken, status == 200, "{text:.60}: {status} and {report}");
    }
    let asked = quickest(&server, "/api/v1/facilities?open_at=now&limit=10");
    assert!(asked < Duration::from_millis(50), "{asked:?}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_before_there_was_a_limit_is_unknown_and_neither_slows_a_start_nor_a_stop() {
    let database = TestDatabase::new().await;
    let url = database.address.url.clone();
    let (server, address) = one_facility(&url);
    server.stop();
    for text in hostile() {
        database.sql().await.execute("UPDATE facility SET hours = $1", &[&text]).await.expect("stored");
        let server = Server::start(["--database-url", &url], &[]);
        let page = format!("/f/{}", address.rsplit('/').next().expect("an id"));
        let took = quickest(&server, &page).max(quickest(&server, &address));
        assert!(took < Duration::from_millis(50), "{text:.60}: read in {took:?}");
        if text.len() > 2000 {
            let open = server.get(&address).json()["properties"]["open_now"].clone();
            assert!(open.is_null(), "{text:.60}: {open}");
        }
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| server.get("/api/v1/facilities?open_at=now"));
            }
        });
        let began = Instant::now();
        server.stop();
        assert!(began.elapsed() < Duration::from_secs(10), "{text:.60}: stopped after {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_kept_is_not_good_beyond_the_minute_of_opening() {
    let database = TestDatabase::new().await;
    let (server, address) = one_facility(&database.address.url);
    // Opens in one to two minutes where the clock stands near the end of a minute, else with the next one.
    let now = Utc::now().with_timezone(&Shanghai);
    let opens = now + TimeDelta::minutes(if now.second() > 50 { 2 } else { 1 });
    let closes = opens + TimeDelta::hours(2);
    let hours = format!("{}-{}", opens.format("%H:%M"), closes.format("%H:%M"));
    assert_eq!(written(&server, &address, &hours).0, 200, "{hours}");
    let paths = [address.clone(), "/api/v1/facilities?open_at=now".to_owned()];
    let first: Vec<_> = paths.iter().map(|path| server.get(path)).collect();
    assert_eq!(first[0].json()["properties"]["open_now"], json!(false), "{hours}: {}", first[0].text);
    assert_eq!(first[1].json()["numberMatched"], json!(0));
    for (path, answer) in paths.iter().zip(&first) {
        let again = server.get_with(path, &[("if-none-match", answer.header("etag"))]);
        assert_eq!(again.status, 304, "{path}: nothing has changed yet");
    }
    let opened = |server: &Server| server.get(&paths[0]).json()["properties"]["open_now"] == json!(true);
    server.until(Duration::from_secs(130), "it opens", opened);
    for (path, answer) in paths.iter().zip(&first) {
        let again = server.get_with(path, &[("if-none-match", answer.header("etag"))]);
        assert_eq!(again.status, 200, "{path}: the state has changed");
    }
    assert_eq!(server.get(&paths[1]).json()["numberMatched"], json!(1));
    server.stop();
}
