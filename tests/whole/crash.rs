//! Killed in the middle: nothing acknowledged is lost, nothing half-done remains.

use std::fmt::Write;
use std::process::Stdio;
use std::time::Duration;

use super::server::{Folder, Server, program, run};
use super::support::TestDatabase;

fn long_list(rows: usize) -> String {
    let mut text = "code,name,kind,lon,lat,seats\n".to_owned();
    for row in 0..rows {
        let (lon, lat) = (118.0 + (row % 400) as f64 * 0.001, 33.0 + (row / 400) as f64 * 0.001);
        writeln!(text, "M-{row},Meals {row},meal_point,{lon},{lat},40").expect("a String");
    }
    text
}

fn facilities(server: &Server) -> i64 {
    server.get("/api/v1/facilities?limit=1").json()["numberMatched"].as_i64().expect("a number")
}

#[test]
fn an_import_that_is_killed_leaves_nothing_and_can_be_done_again() {
    const ROWS: usize = 30_000;
    let folder = Folder::new("killed-import");
    let data = folder.0.join("data").to_str().expect("a path").to_owned();
    let file = folder.write("f.csv", &long_list(ROWS));
    let arguments = ["import", "facilities", file.to_str().expect("a path"), "--data-dir", &data];
    let server = Server::start(["--data-dir", &data], &[]);
    for wait_ms in [300, 900, 1800, 2500] {
        let mut child =
            program(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the import starts");
        std::thread::sleep(Duration::from_millis(wait_ms));
        let _ = child.kill();
        let _ = child.wait();
        let seen = facilities(&server);
        assert!(seen == 0 || seen == ROWS as i64, "half an import shows: {seen} after {wait_ms} ms");
    }
    let again = run(&arguments);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    server.until(Duration::from_secs(5), "all of it", |server| facilities(server) == ROWS as i64);
    server.stop();
}

#[test]
fn a_killed_server_has_kept_every_write_that_it_acknowledged() {
    let folder = Folder::new("killed-server");
    let data = folder.0.join("data").to_str().expect("a path").to_owned();
    let file = folder.write("f.csv", &long_list(1));
    assert!(run(&["import", "facilities", file.to_str().expect("a path"), "--data-dir", &data]).status.success());
    let mut token = None;
    let mut version = 1;
    let mut address = String::new();
    for round in 0..3 {
        let mut server = Server::start(["--data-dir", &data], &[]);
        token = server.token.take().or(token);
        server.token.clone_from(&token);
        let list = server.get("/api/v1/facilities").json();
        let feature = &list["features"][0];
        if round == 0 {
            address = format!("/api/v1/facilities/{}/capacity", feature["id"].as_str().expect("an id"));
        } else {
            assert_eq!(feature["properties"]["version"], version, "an acknowledged write is gone");
            assert_eq!(feature["properties"]["capacity"]["seats"]["occupied"], version - 1);
        }
        for _ in 0..20 {
            let (tag, body) = (format!("\"{version}\""), format!("{{\"seats\":{{\"occupied\":{version}}}}}"));
            let answer = server.patch(&address, &[("if-match", &tag)], &body);
            assert_eq!(answer.status, 200, "{}", answer.text);
            version += 1;
        }
        server.kill();
    }
    Server::start(["--data-dir", &data], &[]).stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_that_is_cut_short_is_completed_by_the_next() {
    let database = TestDatabase::new().await;
    let place = ["--database-url", &database.address.url];
    let serve = ["serve", "--seed", "--listen", "127.0.0.1:0", place[0], place[1]];
    for wait_ms in [150, 400, 700] {
        let mut child = program(&serve).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(wait_ms));
        let _ = child.kill();
        let _ = child.wait();
    }
    let server = Server::start(place, &["--seed"]);
    assert_eq!(facilities(&server), 2241);
    // Numbers that a killed batch had drawn are gone for good, so the lines are counted and not the last number.
    let lines =
        database.sql().await.query_one("SELECT count(*) FROM change", &[]).await.expect("the log").get::<_, i64>(0);
    assert_eq!(lines, 2050 + 1834 + 2241 + 41 + 67 + 4 + 43, "every record came in once");
    server.stop();
}
