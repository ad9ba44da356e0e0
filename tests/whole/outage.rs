//! The database stops under a running service: reads go on, writes say so, and all is well when it returns.

use std::time::Duration;

use super::server::{Folder, Server, run, signal};

const LIST: &str = "code,name,kind,lon,lat,seats\nM-1,Meals,meal_point,118.3,33.9,40\n";

/// The process of the private cluster in this data directory.
fn postmaster(folder: &Folder) -> u32 {
    let file = folder.0.join("data/postgres/postmaster.pid");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().next().and_then(|line| line.parse().ok()).expect("a process id")
}

#[test]
fn reads_go_on_while_the_database_is_away_and_writes_work_again_when_it_returns() {
    let folder = Folder::new("outage");
    let data = folder.0.join("data").to_str().expect("a path").to_owned();
    let file = folder.write("f.csv", LIST);
    let imported = run(&["import", "facilities", file.to_str().expect("a path"), "--data-dir", &data]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let mut server = Server::start(["--data-dir", &data], &[]);
    server.forgive(&["the database is away", "answered with a problem", "refused", "has ended", "cannot be written"]);
    let nearest = "/api/v1/nearest?lon=118.3&lat=33.9";
    let id = server.get(nearest).json()["features"][0]["id"].as_str().expect("an id").to_owned();
    let capacity = format!("/api/v1/facilities/{id}/capacity");

    // The service starts its database again by itself; whoever holds the turn keeps it from doing so.
    let turn = std::fs::File::open(folder.0.join("data/cluster.turn")).expect("the lock of the cluster");
    turn.lock().expect("the turn");
    signal(postmaster(&folder), "QUIT");
    server.until(Duration::from_secs(10), "a write is refused", |server| {
        let refused = server.patch(&capacity, &[("if-match", "\"1\"")], r#"{"seats":{"occupied":3}}"#);
        refused.status == 503 && refused.header("retry-after") == "5" && refused.json()["type"] == "record-away"
    });
    let during = server.get(nearest);
    assert_eq!(during.status, 200);
    let as_of = during.json()["as_of"].clone();
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(server.get(nearest).json()["as_of"], as_of, "the answer says as of when it speaks");
    let ready = server.get("/readyz");
    assert_eq!(ready.json()["record_reachable"], false);
    assert_eq!(
        (ready.status, &ready.json()["can_read"], &ready.json()["can_write"]),
        (200, &true.into(), &false.into())
    );
    assert_eq!(server.get("/search?lon=118.3&lat=33.9").status, 200, "pages go on too");

    drop(turn);
    server.until(Duration::from_secs(40), "writes work again", |server| {
        server.patch(&capacity, &[("if-match", "\"1\"")], r#"{"seats":{"occupied":3}}"#).status == 200
    });
    assert_eq!(server.get("/readyz").json()["record_reachable"], true);
    server.stop();
}

#[test]
fn a_second_server_on_the_same_data_directory_is_refused_and_a_command_beside_it_is_not() {
    let folder = Folder::new("second");
    let data = folder.0.join("data").to_str().expect("a path").to_owned();
    let server = Server::start(["--data-dir", &data], &[]);
    let second = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    assert_eq!(second.status.code(), Some(1));
    let error = String::from_utf8_lossy(&second.stderr);
    assert!(error.contains("a server is already running"), "{error}");
    let file = folder.write("f.csv", LIST);
    assert!(run(&["import", "facilities", file.to_str().expect("a path"), "--data-dir", &data]).status.success());
    server.until(Duration::from_secs(1), "the server sees the command's import", |server| {
        server.get("/api/v1/facilities").json()["numberMatched"] == 1
    });
    server.stop();
}
