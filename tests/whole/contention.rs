//! Many who tell capacity of the same few facilities: one of them is first, the others are refused at once and try again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

const CLIENTS: usize = 120;
const LASTS: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn many_on_few_facilities_are_told_of_their_own_write_or_refused_and_never_sent_away() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("contention");
    let list = "code,name,kind,lon,lat,seats,seats_occupied\nC-1,One,canteen,118,33.9,9000000,0\nC-2,Two,canteen,118.1,33.9,9000000,0\n";
    let place = ["--database-url", database.address.url.as_str()];
    let file = folder.write("f.csv", list);
    assert!(run(&["import", "facilities", file.to_str().expect("a path"), place[0], place[1]]).status.success());
    let server = Arc::new(Server::start(place, &[]));
    let bearer = format!("Bearer {}", server.token.as_ref().expect("the operator's token"));
    let record = database.registry.load().await.expect("loads");
    let ids: Vec<_> = record.facilities.iter().map(|facility| facility.id).collect();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (server, bearer) = (Arc::clone(&server), bearer.clone());
            let address = format!("/api/v1/facilities/{}/capacity", ids[number % ids.len()]);
            std::thread::spawn(move || {
                let (began, mut tag, mut tries) = (Instant::now(), "\"1\"".to_owned(), 0_usize);
                let (mut done, mut refused) = (Vec::new(), 0_usize);
                while began.elapsed() < LASTS {
                    tries += 1;
                    let occupied = number * 10_000 + tries;
                    let headers = [("authorization", bearer.as_str()), ("if-match", tag.as_str())];
                    let body = json!({"seats": {"occupied": occupied}}).to_string();
                    let answer = server.send("PATCH", &address, &headers, &body);
                    let next = answer.header("etag").to_owned();
                    let saw: i64 = tag.trim_matches('"').parse().expect("a version");
                    match answer.status {
                        200 => {
                            let told = &answer.json()["properties"];
                            assert_eq!(next, format!("\"{}\"", saw + 1), "the tag of this very write");
                            assert_eq!(told["version"], saw + 1);
                            assert_eq!(told["capacity"]["seats"]["occupied"], occupied, "its own figure");
                            done.push((number % 2, saw + 1));
                        }
                        412 => refused += 1,
                        other => panic!("{other}: {}", answer.text),
                    }
                    tag = next;
                }
                (done, refused)
            })
        })
        .collect();
    let sql = database.sql().await;
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
    let (began, mut most) = (Instant::now(), 0);
    while began.elapsed() < LASTS {
        most = most.max(sql.query_one(count, &[]).await.expect("a count").get::<_, i64>(0));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let told: Vec<_> = clients.into_iter().map(|client| client.join().expect("a client")).collect();
    let (done, refused): (Vec<_>, Vec<_>) = told.into_iter().unzip();
    let done: Vec<_> = done.into_iter().flatten().collect();
    eprintln!("{} written, {} refused, {most} connections at most", done.len(), refused.iter().sum::<usize>());
    assert_eq!(done.iter().collect::<HashSet<_>>().len(), done.len(), "nobody is told of another's write");
    assert!(done.len() > 20 && refused.iter().sum::<usize>() > CLIENTS, "they do contend: {}", done.len());
    assert!(most < 30, "a refusal opens no connection of its own: {most}");
    Arc::into_inner(server).expect("all clients are gone").stop();
}
