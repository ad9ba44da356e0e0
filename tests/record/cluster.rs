//! The private cluster: made, shared, killed, made again.

use std::path::Path;
use std::process::Command;

use silver_atlas::registry::cluster::{Cluster, ClusterError, Durability, ServerLock};

use crate::support::{TestFolder, connect};

fn open(folder: &Path) -> Cluster {
    Cluster::open(folder, Durability::Disposable).expect("a cluster")
}

fn pid(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("postgres/postmaster.pid")).ok()?;
    Some(text.lines().next()?.to_owned())
}

#[test]
fn a_second_server_is_refused_and_told_who_holds_the_data() {
    let folder = TestFolder::new("second");
    let held = ServerLock::claim(&folder.0).expect("the first");
    let refused = ServerLock::claim(&folder.0).expect_err("the second");
    assert!(matches!(refused, ClusterError::Taken { pid: Some(pid), .. } if pid == std::process::id()));
    assert!(refused.to_string().contains("already running"), "{refused}");
    drop(held);
    ServerLock::claim(&folder.0).expect("free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_one_out_stops_the_cluster_and_a_half_made_or_killed_one_comes_back() {
    let folder = TestFolder::new("life");
    // What an interrupted start leaves.
    std::fs::create_dir_all(folder.0.join("postgres.making/base")).expect("a folder");
    let open = |folder| Cluster::open(folder, Durability::Kept).expect("a cluster");
    let (first, second) = (open(&folder.0), open(&folder.0));
    let server = pid(&folder.0).expect("a server");
    let sql = connect(&first.address()).await;
    sql.batch_execute("CREATE TABLE kept ()").await.expect("a table");
    let checked = sql.query_one("SELECT current_setting('data_checksums')", &[]).await.expect("a setting");
    assert_eq!(checked.get::<_, &str>(0), "on", "a page that a disk has damaged is noticed");
    drop(sql);
    first.close().expect("leaves");
    assert_eq!(pid(&folder.0).as_ref(), Some(&server), "somebody still uses it");
    connect(&second.address()).await.batch_execute("SELECT FROM kept").await.expect("still there");

    // Killed in the middle: what is left behind does not stop the next start.
    assert!(Command::new("kill").args(["-9", &server]).status().expect("kill").success());
    let third = open(&folder.0);
    assert_ne!(pid(&folder.0).as_ref(), Some(&server));
    connect(&third.address()).await.batch_execute("SELECT FROM kept; SELECT ST_Point(1, 2)").await.expect("recovered");
    drop(second);
    drop(third);
    assert_eq!(pid(&folder.0), None, "the last one out stops it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_a_dead_server_that_now_belongs_to_another_process_is_seen_through() {
    let folder = TestFolder::new("reused");
    drop(open(&folder.0));
    let stale = format!("{}\n{}\n0\n5432\n\n\n0 0\nready\n", std::process::id(), folder.0.join("postgres").display());
    std::fs::write(folder.0.join("postgres/postmaster.pid"), stale).expect("written");
    connect(&open(&folder.0).address()).await.batch_execute("SELECT 1").await.expect("it runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_with_a_long_path_has_its_socket_elsewhere() {
    let folder = TestFolder::new("long");
    let deep = folder.0.join("很长的文件夹名字".repeat(4)).join("x".repeat(40));
    let cluster = open(&deep);
    assert!(cluster.address().url.contains("/tmp/silver-atlas-"), "{}", cluster.address().url);
    connect(&cluster.address()).await.batch_execute("SELECT 1").await.expect("it runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_open_at_once_share_one_cluster() {
    let folder = TestFolder::new("many");
    let clusters: Vec<Cluster> = std::thread::scope(|scope| {
        let openers: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&folder.0))).collect();
        openers.into_iter().map(|opener| opener.join().expect("opened")).collect()
    });
    for cluster in &clusters {
        connect(&cluster.address()).await.batch_execute("SELECT 1").await.expect("it runs");
    }
}
