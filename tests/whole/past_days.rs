//! Past days and the log, asked for by many at once: few different records are read, and nobody else waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use silver_atlas::http::log_reader;
use silver_atlas::past;

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

/// Lets all that was written so far have been written some days ago, and answers yesterday.
pub async fn set_back(database: &TestDatabase) -> NaiveDate {
    let back = "ALTER TABLE change DISABLE TRIGGER change_is_kept; \
        UPDATE change SET at = at - interval '5 days' WHERE at > now() - interval '1 day'; \
        ALTER TABLE change ENABLE TRIGGER change_is_kept";
    database.sql().await.batch_execute(back).await.expect("set back");
    Utc::now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive().pred_opt().expect("a day")
}

async fn house(name: &str, facilities: usize) -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let folder = Folder::new(name);
    let mut list = "code,name,kind,lon,lat,seats,seats_occupied\n".to_owned();
    for number in 0..facilities {
        list += &format!("C-{number},Canteen {number},canteen,{},33.9,90000,0\n", 118.0 + number as f64 / 1000.0);
    }
    let (file, place) = (folder.write("f.csv", &list), ["--database-url", database.address.url.as_str()]);
    assert!(run(&["import", "facilities", file.to_str().expect("a path"), place[0], place[1]]).status.success());
    let server = Server::start(place, &[]);
    (database, server)
}

fn time(answer: &Value) -> DateTime<Utc> {
    answer["as_of"].as_str().expect("a time").parse().expect("RFC 3339")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_moment_means_its_day_and_with_a_token_its_minute() {
    let (database, mut server) = house("past_moment", 3).await;
    server.forgive(&["the database is not the one that was followed"]);
    let yesterday = set_back(&database).await;
    let bearer = format!("Bearer {}", server.token.as_ref().expect("the operator's token"));
    let moment = |second: &str| format!("/api/v1/facilities?limit=1&as_of={yesterday}T10:20:{second}%2B08:00");
    let end: DateTime<Utc> = format!("{yesterday}T23:59:59+08:00").parse().expect("a time");
    for address in [moment("30"), moment("59.123456"), format!("/api/v1/facilities?limit=1&as_of={yesterday}")] {
        let answer = server.get(&address).json();
        assert_eq!((time(&answer), &answer["numberMatched"]), (end, &json!(3)), "{address}");
    }
    // A token that nobody knows is refused, and does not pass for a minute.
    assert_eq!(server.get_with(&moment("30"), &[("authorization", "Bearer guess")]).status, 401);
    let minute: DateTime<Utc> = format!("{yesterday}T10:20:59+08:00").parse().expect("a time");
    for second in ["00", "30", "59.9"] {
        assert_eq!(time(&server.get_with(&moment(second), &[("authorization", &bearer)]).json()), minute);
    }
    // The day that has not ended is now: no record is read for it.
    let today = Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let now = server.get(&format!("/api/v1/facilities?limit=1&as_of={today}")).json();
    assert!(Utc::now() - time(&now) < chrono::Duration::seconds(30), "{now}");
    assert_eq!(now["revision"], server.get("/api/v1/facilities?limit=1").json()["revision"]);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn past_days_are_built_one_at_a_time_and_whoever_is_too_many_is_sent_away() {
    let (database, mut server) = house("past_queue", 3).await;
    server.forgive(&["the database is not the one that was followed"]);
    set_back(&database).await;
    server.forgive(&["busy", "Too busy", "answered with a problem"]);
    let server = Arc::new(server);
    // Until this ends, no past day can be read.
    let sql = database.sql().await;
    sql.batch_execute("BEGIN; LOCK TABLE record_snapshot IN ACCESS EXCLUSIVE MODE").await.expect("locked");
    let ask = |day: usize, moment: usize| {
        let server = Arc::clone(&server);
        let address = format!("/api/v1/nearest?lon=118&lat=33.9&as_of=2020-02-{:02}T00:00:{:02}Z", day, moment);
        std::thread::spawn(move || {
            let answer = server.get(&address);
            (answer.status, answer.header("retry-after").to_owned())
        })
    };
    // Forty moments of one day are one of those that wait.
    let same: Vec<_> = (0..40).map(|moment| ask(1, moment)).collect();
    let days: Vec<_> = (2..=past::WAITING + 5).map(|day| ask(day, 0)).collect();
    let began = Instant::now();
    while days.iter().filter(|asked| asked.is_finished()).count() < 4 {
        assert!(began.elapsed() < Duration::from_secs(20), "those that are too many wait");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Meanwhile the present is answered and written as ever.
    let began = Instant::now();
    let near = server.get("/api/v1/nearest?lon=118&lat=33.9").json();
    let id = near["features"][0]["id"].as_str().expect("an id").to_owned();
    let address = format!("/api/v1/facilities/{id}/capacity");
    let told = server.patch(&address, &[("if-match", "\"1\"")], &json!({"seats": {"occupied": 7}}).to_string());
    assert!(told.status == 200 && began.elapsed() < Duration::from_secs(3), "{} {:?}", told.text, began.elapsed());
    sql.batch_execute("ROLLBACK").await.expect("let go");
    assert!(same.into_iter().all(|asked| asked.join().expect("asked").0 == 200));
    let (done, away): (Vec<_>, Vec<_>) =
        days.into_iter().map(|asked| asked.join().expect("asked")).partition(|(status, _)| *status == 200);
    assert_eq!((done.len(), away.len()), (past::WAITING, 4));
    assert!(away.iter().all(|(status, after)| *status == 503 && !after.is_empty()), "{away:?}");
    Arc::into_inner(server).expect("all have been answered").stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_readers_of_the_log_hold_up_neither_families_nor_writers() {
    let (_database, mut server) = house("log_readers", 1500).await;
    server.forgive(&["busy", "Too busy", "answered with a problem"]);
    let server = Arc::new(server);
    let near = server.get("/api/v1/nearest?lon=118&lat=33.9").json();
    let id = near["features"][0]["id"].as_str().expect("an id").to_owned();
    let address = format!("/api/v1/facilities/{id}/capacity");
    let write = |version: usize| {
        let tag = format!("\"{version}\"");
        server.patch(&address, &[("if-match", &tag)], &json!({"seats": {"occupied": version}}).to_string())
    };
    for version in 1..150 {
        assert_eq!(write(version).status, 200);
    }
    let page = server.get(&format!("/api/v1/facilities/{id}/history")).json();
    assert_eq!(page["changes"].as_array().map(Vec::len), Some(100), "a page is a hundred where nothing is said");
    let next = page["links"][0]["href"].as_str().expect("a link to the next page");
    assert_eq!(server.get(next).json()["changes"].as_array().map(Vec::len), Some(50));
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..log_reader::WAITING + 56)
        .map(|number| {
            let (server, done) = (Arc::clone(&server), Arc::clone(&done));
            let history = format!("/api/v1/facilities/{id}/history?limit=1000");
            std::thread::spawn(move || {
                let mut answers = [0, 0];
                while !done.load(Ordering::Relaxed) {
                    let address = if number % 2 == 0 { "/api/v1/changes?since=0&limit=1000" } else { history.as_str() };
                    match server.get(address).status {
                        200 => answers[0] += 1,
                        503 => answers[1] += 1,
                        other => panic!("{other}"),
                    }
                }
                answers
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let (began, mut times, mut written) = (Instant::now(), Vec::new(), 0);
    while began.elapsed() < Duration::from_secs(4) {
        let asked = Instant::now();
        assert_eq!(server.get("/api/v1/nearest?lon=118&lat=33.9").status, 200);
        times.push(asked.elapsed());
        assert_eq!(write(150 + written).status, 200);
        written += 1;
    }
    done.store(true, Ordering::Relaxed);
    let answers = readers.into_iter().map(|reader| reader.join().expect("a reader"));
    let (read, away) = answers.fold((0, 0), |sum, [read, away]| (sum.0 + read, sum.1 + away));
    times.sort();
    let median = times[times.len() / 2];
    eprintln!("nearest p50 {median:?}, {written} written, {read} pages read, {away} sent away");
    assert!(read > 0 && median < Duration::from_millis(250) && written > 8, "{median:?}, {written} written");
    Arc::into_inner(server).expect("all have been answered").stop();
}

#[test]
fn the_page_of_limits_says_the_numbers_that_hold() {
    let page = include_str!("../../docs/limits.md");
    let bytes = past::KEPT_BYTES / 1024 / 1024;
    for words in [
        format!("1 at a time, on connections of its own; {} other days wait", past::WAITING),
        format!("| {bytes} MiB by estimate"),
        format!("half of the cores, {} at most; {} wait", log_reader::TURNS, log_reader::WAITING),
        format!("{} changes |", silver_atlas::pages::history::PAGE),
        "50,000, or one for 8 records".to_owned(),
    ] {
        assert!(page.contains(&words), "{words}");
    }
    assert_eq!((silver_atlas::registry::SNAPSHOT_INTERVAL, silver_atlas::registry::RECORDS_A_CHANGE), (50_000, 8));
}
