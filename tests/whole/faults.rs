//! Faults of the database under a running service: silent connections, foreign locks, sudden deaths, lost changes, damaged
//! tables. Reads go on, every write is answered within ten seconds, nothing is half done, and all heals by itself.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::server::{Answer, Folder, Server, program, run, signal};
use super::support::TestDatabase;

const LIST: &str =
    "code,name,kind,lon,lat,seats\nM-1,Meals,meal_point,118.3,33.9,40\nM-2,Soup,meal_point,118.4,33.9,50\n";
const FORGIVEN: &[&str] = &[
    "the database is away",
    "answered with a problem",
    "refused",
    "cannot be written",
    "has ended",
    "not the one that was followed",
    "slow to show",
    "were not finished",
    "took too long",
];
/// Every write is answered within this time.
const ANSWERED: Duration = Duration::from_secs(10);

/// A proxy before the database that can stop forwarding without closing anything.
struct Proxy {
    port: u16,
    silent: Arc<AtomicBool>,
}

impl Proxy {
    fn before(url: &str) -> Proxy {
        let host = url.split("host='").nth(1).and_then(|rest| rest.split('\'').next()).expect("a socket's folder");
        let socket = PathBuf::from(host).join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let silent = Arc::new(AtomicBool::new(false));
        let held = silent.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = UnixStream::connect(&socket) else { continue };
                let (from, to) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
                let (one, other) = (held.clone(), held.clone());
                std::thread::spawn(move || forward(from, to, &one));
                std::thread::spawn(move || forward(server, client, &other));
            }
        });
        Proxy { port, silent }
    }

    fn silence(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }

    fn url(&self, database: &TestDatabase) -> String {
        let name = database.address.url.split("dbname=").nth(1).expect("a name");
        format!("host=127.0.0.1 port={} user=atlas dbname={name}", self.port)
    }
}

fn forward(mut from: impl Read, mut to: impl Write, silent: &AtomicBool) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        while silent.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
        }
        if to.write_all(&bytes[..length]).is_err() {
            return;
        }
    }
}

fn bring_in(folder: &Folder, place: [&str; 2]) {
    let file = folder.write("f.csv", LIST);
    let done = run(&["import", "facilities", file.to_str().expect("a path"), place[0], place[1]]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn capacity_of(server: &Server, code: &str) -> String {
    let list = server.get("/api/v1/facilities").json();
    let features = list["features"].as_array().expect("features").clone();
    let found = features.iter().find(|feature| feature["properties"]["code"] == code).expect("the facility");
    format!("/api/v1/facilities/{}/capacity", found["id"].as_str().expect("an id"))
}

fn tell(server: &Server, address: &str, version: i64, occupied: i64) -> Answer {
    let (tag, body) = (format!("\"{version}\""), format!("{{\"seats\":{{\"occupied\":{occupied}}}}}"));
    server.patch(address, &[("if-match", &tag)], &body)
}

/// The write is refused in time, and says when to try again.
fn refused_in_time(server: &Server, address: &str, version: i64) {
    let began = Instant::now();
    let refused = tell(server, address, version, 3);
    assert_eq!((refused.status, refused.header("retry-after")), (503, "5"), "{}", refused.text);
    assert!(began.elapsed() < ANSWERED, "answered after {:?}", began.elapsed());
}

fn ends_in_time(server: &Server) {
    let began = Instant::now();
    signal(server.process(), "TERM");
    let gone = || !std::path::Path::new(&format!("/proc/{}/fd/0", server.process())).exists();
    while !gone() {
        assert!(began.elapsed() < Duration::from_secs(11), "SIGTERM is not obeyed:\n{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_makes_writes_answer_503_in_time_and_heals_by_itself() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("silent");
    bring_in(&folder, ["--database-url", &database.address.url]);
    let proxy = Proxy::before(&database.address.url);
    let mut server = Server::start(["--database-url", &proxy.url(&database)], &[]);
    server.forgive(FORGIVEN);
    let address = capacity_of(&server, "M-1");
    assert_eq!(tell(&server, &address, 1, 1).status, 200);

    proxy.silence(true);
    refused_in_time(&server, &address, 2);
    refused_in_time(&server, &address, 2);
    assert_eq!(server.get("/api/v1/nearest?lon=118.3&lat=33.9").status, 200, "reads go on");
    server.until(Duration::from_secs(15), "writing is said to be impossible, reading not", |server| {
        let ready = server.get("/readyz");
        let body = ready.json();
        ready.status == 200
            && body["can_read"] == true
            && body["can_write"] == false
            && body["record_reachable"] == false
    });
    proxy.silence(false);
    server.until(Duration::from_secs(20), "it heals by itself", |server| {
        server.get("/readyz").json()["can_write"] == true && {
            let version = server.get(address.trim_end_matches("/capacity")).json()["properties"]["version"].as_i64();
            tell(server, &address, version.expect("a version"), 7).status == 200
        }
    });
    proxy.silence(true);
    std::thread::sleep(Duration::from_millis(300));
    ends_in_time(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_somebody_locks_makes_writes_answer_503_in_time_and_nothing_is_half_done() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("locked");
    let place = ["--database-url", database.address.url.as_str()];
    bring_in(&folder, place);
    let mut server = Server::start(place, &[]);
    server.forgive(FORGIVEN);
    let address = capacity_of(&server, "M-1");
    let facility = address.trim_end_matches("/capacity").to_owned();
    let sql = database.sql().await;
    sql.batch_execute("BEGIN; LOCK TABLE facility").await.expect("a lock");
    refused_in_time(&server, &address, 1);
    let began = Instant::now();
    let refused = server.patch(&facility, &[("if-match", "\"1\"")], r#"{"phone":"0527-55550101"}"#);
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(began.elapsed() < ANSWERED, "{:?}", began.elapsed());
    sql.batch_execute("COMMIT").await.expect("let go");
    std::thread::sleep(Duration::from_secs(1));
    let held = server.get(&facility).json();
    assert_eq!(held["properties"]["version"], 1, "nothing was done: {held}");
    let lines = sql.query_one("SELECT count(*) FROM change WHERE action = 'updated'", &[]).await.expect("the log");
    assert_eq!(lines.get::<_, i64>(0), 0);
    assert_eq!(tell(&server, &address, 1, 4).status, 200, "it heals by itself");
    server.stop();
}

#[test]
fn a_private_database_that_is_killed_is_started_again() {
    let folder = Folder::new("killed-database");
    let data = folder.0.join("data").to_str().expect("a path").to_owned();
    bring_in(&folder, ["--data-dir", &data]);
    let mut server = Server::start(["--data-dir", &data], &[]);
    server.forgive(FORGIVEN);
    let address = capacity_of(&server, "M-1");
    let pid = std::fs::read_to_string(folder.0.join("data/postgres/postmaster.pid")).expect("a file");
    signal(pid.lines().next().and_then(|pid| pid.parse().ok()).expect("a process"), "KILL");
    server
        .until(Duration::from_secs(60), "the database runs again", |server| tell(server, &address, 1, 4).status == 200);
    assert!(server.log().contains("starting it again"));
    server.until(Duration::from_secs(10), "it can be written", |server| {
        server.get("/readyz").json()["can_write"] == true
    });
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_lost_the_last_changes_is_noticed_and_followers_can_tell() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("lost");
    let place = ["--database-url", database.address.url.as_str()];
    bring_in(&folder, place);
    let mut server = Server::start(place, &[]);
    server.forgive(FORGIVEN);
    let (one, other) = (capacity_of(&server, "M-1"), capacity_of(&server, "M-2"));
    assert_eq!(tell(&server, &one, 1, 11).status, 200);
    let before = server.get("/api/v1/changes").json();
    let (tag, log) = (server.get("/api/v1/facilities").header("etag").to_owned(), before["log"].clone());
    assert!(log.is_string(), "{before}");
    // As a standby that was promoted without the last change, and then took another one under the same number.
    let id = other.split('/').nth(4).expect("an id");
    let sql = database.sql().await;
    sql.batch_execute(&format!(
        "BEGIN; SET LOCAL session_replication_role = replica;
         CREATE TEMP TABLE lost AS SELECT * FROM change ORDER BY seq DESC LIMIT 1;
         DELETE FROM change USING lost WHERE change.seq = lost.seq;
         UPDATE capacity SET occupied = NULL FROM lost WHERE facility = lost.key::uuid;
         UPDATE facility SET version = 1 FROM lost WHERE id = lost.key::uuid;
         UPDATE facility SET name = 'Broth', version = 2 WHERE id = '{id}';
         INSERT INTO change (seq, actor, entity, key, action, before, after) OVERRIDING SYSTEM VALUE
             SELECT lost.seq, 'bureau:x', 'facility', '{id}', 'updated', made.after,
                 made.after || '{{\"name\": \"Broth\", \"version\": 2}}'
             FROM lost, change AS made WHERE made.key = '{id}' AND made.action = 'created';
         COMMIT;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid();"
    ))
    .await
    .expect("another past");
    server.until(Duration::from_secs(20), "the record is read anew", |server| {
        let list = server.get("/api/v1/facilities").json();
        let named = |code: &str| {
            let features = list["features"].as_array().expect("features");
            features.iter().find(|feature| feature["properties"]["code"] == code).expect("it is there")["properties"]
                .clone()
        };
        named("M-2")["name"] == "Broth" && named("M-1")["version"] == 1
    });
    assert_ne!(server.get("/api/v1/facilities").header("etag"), tag, "the same number is another record");
    server.until(Duration::from_secs(5), "followers are told", |server| {
        let told = server.get("/api/v1/changes").json();
        told["log"].is_string() && told["log"] != log
    });
    server.until(Duration::from_secs(10), "writes go on", |server| tell(server, &one, 1, 12).status == 200);
    server.stop();
}

#[test]
fn a_first_start_that_is_killed_while_the_database_is_made_is_followed_by_one_that_works() {
    let folder = Folder::new("killed-making");
    let data = folder.0.join("data").to_str().expect("a path").to_owned();
    for wait_ms in [400, 1500, 3000] {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", &data];
        let mut child = program(&serve).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(wait_ms));
        let _ = child.kill();
        let _ = child.wait();
    }
    let server = Server::start(["--data-dir", &data], &[]);
    assert_eq!(server.get("/readyz").json()["can_write"], true);
    let left: Vec<_> = folder.0.join("data").read_dir().expect("a folder").flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("making")), "{left:?}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_older_than_the_schema_does_not_start() {
    let database = TestDatabase::new().await;
    let sql = database.sql().await;
    sql.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000099')")
        .await
        .expect("a row");
    for command in [&["serve", "--listen", "127.0.0.1:0"] as &[&str], &["migrate"]] {
        let refused = run(&[command, &["--database-url", &database.address.url]].concat());
        let error = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{error}");
        assert!(error.contains("newer version of the program") && error.contains("20991231000099"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_the_log_knows_and_the_tables_lack_are_named_at_start_and_can_be_written_again() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("missing");
    let place = ["--database-url", database.address.url.as_str()];
    bring_in(&folder, place);
    let whole = run(&["check", place[0], place[1]]);
    assert_eq!(whole.status.code(), Some(0), "{}", String::from_utf8_lossy(&whole.stdout));
    let before = database.registry.load().await.expect("loads");
    let sql = database.sql().await;
    // As a page that comes back empty takes rows away: nobody is asked, and nothing is logged.
    let page = "BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM facility WHERE code = 'M-1'; COMMIT";
    sql.batch_execute(page).await.expect("gone");
    let mut server = Server::start(place, &[]);
    server.forgive(&["records that the log knows are missing", "answered with a problem"]);
    let ready = server.get("/readyz");
    let (status, body) = (ready.status, ready.json());
    assert_eq!((status, &body["ready"], &body["can_read"]), (503, &false.into(), &false.into()), "{body}");
    assert_eq!(body["missing"][0]["count"], 1, "{body}");
    assert!(body["repair"].as_str().is_some_and(|text| text.contains("check --repair")), "{body}");
    server.stop();

    let found = run(&["check", place[0], place[1]]);
    assert_eq!(found.status.code(), Some(1));
    let repaired = run(&["check", "--repair", place[0], place[1]]);
    assert_eq!(repaired.status.code(), Some(0), "{}", String::from_utf8_lossy(&repaired.stderr));
    let after = database.registry.load().await.expect("loads");
    let by_code = |mut record: silver_atlas::care::Record| {
        record.facilities.sort_by(|a, b| a.code.cmp(&b.code));
        record.facilities
    };
    assert_eq!(after.revision, before.revision, "the log is as it was");
    assert_eq!(by_code(after), by_code(before));
    let server = Server::start(place, &[]);
    assert_eq!(server.get("/readyz").status, 200);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_ends_when_the_running_server_shows_it_or_says_that_none_runs() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("shown");
    let place = ["--database-url", database.address.url.as_str()];
    let import = |name: &str, rows: usize| {
        let mut text = "code,name,kind,lon,lat,seats\n".to_owned();
        (0..rows).for_each(|row| text.push_str(&format!("{name}-{row},Meals {row},meal_point,118.3,33.9,40\n")));
        let file = folder.write("g.csv", &text);
        let done = run(&["import", "facilities", file.to_str().expect("a path"), "--json", place[0], place[1]]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        (serde_json::from_slice::<serde_json::Value>(&done.stdout).expect("JSON"), said)
    };
    let (report, said) = import("A", 1);
    assert_eq!((&report["servers"], &report["shown"]), (&0.into(), &serde_json::Value::Null));
    assert!(said.contains("no server is running"), "{said}");
    let server = Server::start(place, &[]);
    let mut rows = 1;
    for (round, more) in [1, 1, 1, 25_000].into_iter().enumerate() {
        let (report, said) = import(&format!("B{round}"), more);
        rows += more;
        assert_eq!((&report["servers"], &report["shown"]), (&1.into(), &true.into()), "{said}");
        let list = server.get("/api/v1/facilities?limit=1").json();
        assert_eq!(list["numberMatched"], rows, "it shows at once");
        assert_eq!(list["revision"], report["revision"]);
    }
    server.stop();
    assert_eq!(import("C", 1).0["servers"], 0, "a server that ended is not waited for");
}
