//! Threads for long questions step back behind those that answer families, as the kernel sees it.
#![cfg(target_os = "linux")]

use std::time::Duration;

use super::server::Server;
use super::support::TestDatabase;

/// Every thread of the server: its name and its nice value (`proc_pid_stat(5)`, field 19).
fn threads(server: &Server) -> Vec<(String, i32)> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", server.process())).expect("its threads");
    let stat = |task: std::io::Result<std::fs::DirEntry>| {
        // A thread may have ended since it was listed.
        let stat = std::fs::read_to_string(task.ok()?.path().join("stat")).ok()?;
        // The name may hold anything, so the fields are counted from its last bracket.
        let (name, fields) = stat.split_once('(')?.1.rsplit_once(") ")?;
        Some((name.to_owned(), fields.split(' ').nth(16)?.parse().ok()?))
    };
    tasks.filter_map(stat).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_for_long_questions_step_back_and_no_others_do() {
    // With the seed, as most first start it: bringing it in shares work out before the first question comes.
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &["--seed"]);
    // Two long questions, a page and a family's question.
    let long = ["/api/v1/coverage?region=321302&kind=canteen&within_m=1000", "/api/v1/tiers?region=321302"];
    for address in long.into_iter().chain(["/", "/api/v1/nearest?lon=118.3&lat=33.95"]) {
        assert_eq!(server.get(address).status, 200, "{address}");
    }
    let cores = std::thread::available_parallelism().expect("cores").get();
    let quiet = |(name, _): &(String, i32)| name == "quiet";
    // A thread that has only just begun has yet to step back.
    server.until(Duration::from_secs(10), "those that share a question out, and those that ask, step back", |server| {
        let threads: Vec<_> = threads(server).into_iter().filter(quiet).collect();
        threads.len() > cores && threads.iter().all(|(_, nice)| *nice == 10)
    });
    let loud: Vec<_> = threads(&server).into_iter().filter(|thread| !quiet(thread)).collect();
    assert!(loud.iter().all(|(_, nice)| *nice == 0), "{loud:?}");
    let workers = loud.iter().filter(|(name, _)| name.starts_with("actix-"));
    assert!(workers.count() >= cores, "the workers are among them: {loud:?}");
    server.stop();
}
