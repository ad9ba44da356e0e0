//! Threads for long questions step back behind those that answer families, as the kernel sees it.
#![cfg(target_os = "linux")]

use super::server::Server;
use super::staff::{House, house};

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
    let House { server, database: _database, mine, .. } = house("quiet").await;
    // A long question, a page of every facility, and a family's question.
    for address in ["/api/v1/coverage?kind=nursing_home&within_m=1000", "/api/v1/tiers?region=3213", "/healthz"] {
        assert_eq!(server.get(address).status, 200, "{address}");
    }
    assert_eq!(server.get(&format!("/f/{mine}")).status, 200);
    let (quiet, loud): (Vec<_>, Vec<_>) = threads(&server).into_iter().partition(|(name, _)| name == "quiet");
    let cores = std::thread::available_parallelism().expect("cores").get();
    assert!(quiet.len() > cores, "those that share a question out, and those that ask: {quiet:?}");
    assert!(quiet.iter().all(|(_, nice)| *nice == 10), "{quiet:?}");
    assert!(loud.iter().all(|(_, nice)| *nice == 0), "{loud:?}");
    let workers = loud.iter().filter(|(name, _)| name.starts_with("actix-"));
    assert!(workers.count() >= cores, "the workers are among them: {loud:?}");
    server.stop();
}
