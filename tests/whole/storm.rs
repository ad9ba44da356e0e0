//! A storm: ten thousand capacity updates by two hundred clients on five hundred facilities, with the server killed again and
//! again. What was acknowledged is in the log, in order, once; no reader ever sees half of an update.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::server::{Answer, Folder, Server, run};
use super::support::TestDatabase;

const CLIENTS: usize = 200;
const UPDATES: usize = 50;
const FACILITIES: usize = 500;
const KILLS: usize = 4;
/// Every update keeps this between its two figures, so that half of one would show.
const FREE: u64 = 1000;

/// One acknowledged update.
#[derive(Debug, Clone, PartialEq)]
struct Acknowledged {
    client: usize,
    facility: String,
    version: i64,
    occupied: u64,
}

/// The server that stands just now; none while it is being started again.
type Standing = Arc<RwLock<Option<Server>>>;

fn ask(standing: &Standing, method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    standing.read().expect("the server").as_ref()?.try_send(method, address, headers, body)
}

/// Whether the two figures of a facility belong together.
fn whole(feature: &Value) -> bool {
    let seats = &feature["properties"]["capacity"]["seats"];
    seats["total"].as_u64().expect("a total") - seats["occupied"].as_u64().expect("a figure") == FREE
}

/// One client: so many acknowledged updates, each on the version that it saw last. Every try whose answer was lost tells a
/// new figure, so that a figure stands in the log at most once whatever became of the try.
fn client(number: usize, standing: &Standing, token: &str, ids: &[String]) -> Vec<Acknowledged> {
    let mut dice = StdRng::seed_from_u64(number as u64);
    let (mut done, mut tries) = (Vec::new(), 0);
    let authorization = format!("Bearer {token}");
    while done.len() < UPDATES {
        let facility = &ids[dice.random_range(0..ids.len())];
        let address = format!("/api/v1/facilities/{facility}");
        let mut tag = None;
        tries += 1;
        loop {
            let occupied = (number * 10_000 + tries) as u64;
            let Some(held) = tag.take() else {
                // The server is away, or the tag is not known yet: look first.
                match ask(standing, "GET", &address, &[], "") {
                    Some(seen) if seen.status == 200 => {
                        let feature = seen.json();
                        assert!(whole(&feature), "half an update shows: {feature}");
                        tag = Some(seen.header("etag").to_owned());
                    }
                    _ => std::thread::sleep(Duration::from_millis(20)),
                }
                continue;
            };
            let body = json!({"seats": {"total": occupied + FREE, "occupied": occupied}}).to_string();
            let headers = [("authorization", authorization.as_str()), ("if-match", &held)];
            let answer = ask(standing, "PATCH", &format!("{address}/capacity"), &headers, &body);
            match answer.as_ref().map_or(503, |answer| answer.status) {
                200 => {
                    let feature = answer.map(|answer| answer.json()).expect("an answer");
                    assert!(whole(&feature), "half an update shows: {feature}");
                    let version = held.trim_matches('"').parse::<i64>().expect("a version") + 1;
                    done.push(Acknowledged { client: number, facility: facility.clone(), version, occupied });
                    break;
                }
                // Somebody was quicker: nothing was written.
                412 => tag = answer.map(|answer| answer.header("etag").to_owned()).filter(|tag| !tag.is_empty()),
                // Whether it was written is not known.
                503 => tries += 1,
                other => panic!("{other}: {}", answer.map_or_else(String::new, |answer| answer.text)),
            }
        }
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_updates_with_kills_loses_nothing_and_shows_nothing_half() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("storm");
    let mut list = "code,name,kind,lon,lat,seats,seats_occupied\n".to_owned();
    for row in 0..FACILITIES {
        let (lon, lat) = (118.0 + row as f64 * 0.001, 33.9);
        writeln!(list, "S-{row},Canteen {row},canteen,{lon},{lat},{FREE},0").expect("a String");
    }
    let place = ["--database-url", database.address.url.as_str()];
    let file = folder.write("f.csv", &list);
    assert!(run(&["import", "facilities", file.to_str().expect("a path"), place[0], place[1]]).status.success());
    let mut server = Server::start(place, &[]);
    let token = server.token.take().expect("the operator's token");
    let record = database.registry.load().await.expect("loads");
    let ids: Arc<Vec<String>> = Arc::new(record.facilities.iter().map(|facility| facility.id.to_string()).collect());
    let standing: Standing = Arc::new(RwLock::new(Some(server)));
    let (over, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let finished = Arc::new(AtomicUsize::new(0));

    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (standing, over, seen) = (standing.clone(), over.clone(), seen.clone());
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let Some(list) = ask(&standing, "GET", "/api/v1/facilities?limit=500", &[], "") else { continue };
                    let features = list.json()["features"].as_array().expect("features").clone();
                    assert!(features.iter().all(whole), "half an update shows in a list");
                    seen.fetch_add(features.len(), Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(50));
                }
            })
        })
        .collect();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (standing, ids, token, finished) = (standing.clone(), ids.clone(), token.clone(), finished.clone());
            std::thread::spawn(move || {
                let done = client(number, &standing, &token, &ids);
                finished.fetch_add(1, Ordering::Relaxed);
                done
            })
        })
        .collect();
    let mut dice = StdRng::seed_from_u64(7);
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(dice.random_range(200..900)));
        if finished.load(Ordering::Relaxed) == CLIENTS {
            break;
        }
        // Killed where it stands, with writes and reads under way.
        super::server::signal(standing.read().expect("the server").as_ref().expect("it stands").process(), "KILL");
        let mut standing = standing.write().expect("the server");
        *standing = None;
        *standing = Some(Server::start(place, &[]));
    }
    let done: Vec<Acknowledged> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
    over.store(true, Ordering::Relaxed);
    readers.into_iter().for_each(|reader| reader.join().expect("a reader"));
    assert!(seen.load(Ordering::Relaxed) >= FACILITIES, "the readers read");

    // The log, in its order: who told what of which facility.
    let sql = "SELECT key, (after ->> 'version')::bigint, (after #>> '{capacity,0,occupied}')::bigint, \
               (before ->> 'version')::bigint FROM change WHERE action = 'updated' ORDER BY seq";
    let rows = database.sql().await.query(sql, &[]).await.expect("the log");
    let mut last: HashMap<String, i64> = HashMap::new();
    let mut told: BTreeMap<u64, (usize, String, i64)> = BTreeMap::new();
    for (turn, row) in rows.iter().enumerate() {
        let (key, version, occupied, before): (String, i64, i64, i64) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        let held = last.insert(key.clone(), version).unwrap_or(1);
        assert_eq!((before, version), (held, held + 1), "versions of {key} follow each other in the log");
        let twice = told.insert(occupied as u64, (turn, key, version));
        assert_eq!(twice, None, "figure {occupied} was written twice");
    }
    let mut order: HashMap<usize, usize> = HashMap::new();
    for update in &done {
        let (turn, key, version) = told.get(&update.occupied).expect("what was acknowledged is in the log");
        assert_eq!((key, version), (&update.facility, &update.version), "{update:?}");
        let before = order.insert(update.client, *turn).unwrap_or(0);
        assert!(*turn >= before, "a client's updates stand in the order in which it told them: {update:?}");
    }
    assert_eq!(done.len(), CLIENTS * UPDATES);
    let lost = told.len() - done.len();
    assert!(lost < CLIENTS * (KILLS + 1), "only kills lose acknowledgements: {lost}");
    let after = database.registry.load().await.expect("loads");
    assert!(
        after.facilities.iter().all(|facility| last.get(&facility.id.to_string()).unwrap_or(&1) == &facility.version)
    );
    let server = standing.write().expect("the server").take().expect("it stands");
    server.stop();
}
