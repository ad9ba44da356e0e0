//! Databases for tests: one disposable cluster under `target/`, one migrated template, and a copy of it for each test.
//!
//! A database a test and not a schema a test: advisory locks and notifications are per database.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};

use sha2::{Digest, Sha256};
use silver_atlas::registry::cluster::{Cluster, Durability};
use silver_atlas::registry::{Address, Registry};
use tokio_postgres::{Client, NoTls};

/// The cluster runs while any test of any process uses it.
static CLUSTER: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// An empty, migrated database of a test's own; gone when dropped.
pub struct TestDatabase {
    pub registry: Registry,
    pub address: Address,
    name: String,
    cluster: Arc<Cluster>,
}

impl TestDatabase {
    pub async fn new() -> TestDatabase {
        let cluster = tokio::task::spawn_blocking(shared_cluster).await.expect("the cluster starts");
        let template = template(&cluster).await;
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let admin = connect(&database(&cluster, "postgres")).await;
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.expect("a database");
        let address = database(&cluster, &name);
        let registry = Registry::open(&address).await.expect("the registry opens");
        TestDatabase { registry, address, name, cluster }
    }

    /// A plain connection to look behind the registry's back.
    pub async fn sql(&self) -> Client {
        connect(&self.address).await
    }

    /// The address of a fresh database without tables.
    pub async fn bare() -> TestDatabase {
        let test = TestDatabase::new().await;
        let sql = test.sql().await;
        let down = migrations().iter().rev().map(|folder| read(&folder.join("down.sql"))).collect::<String>();
        sql.batch_execute(&format!("{down}; DROP TABLE __diesel_schema_migrations")).await.expect("all the way down");
        test
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (name, admin) = (self.name.clone(), database(&self.cluster, "postgres"));
        // Dropping is not async, and the test's own runtime may be on its way out.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let admin = connect(&admin).await;
                admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
            })
        });
        if !matches!(dropped.join(), Ok(Ok(()))) && !std::thread::panicking() {
            panic!("the test's database could not be dropped");
        }
    }
}

/// A folder of a test's own for a cluster of its own; gone when dropped.
pub struct TestFolder(pub PathBuf);

impl TestFolder {
    pub fn new(name: &str) -> TestFolder {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}_{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        TestFolder(folder)
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub async fn connect(address: &Address) -> Client {
    let (client, connection) = tokio_postgres::connect(&address.url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

/// The folders of the migrations, in order.
pub fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut folders: Vec<PathBuf> =
        folder.read_dir().expect("migrations").map(|e| e.expect("a folder").path()).collect();
    folders.sort();
    folders
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cluster")
}

fn shared_cluster() -> Arc<Cluster> {
    // A test that failed while it held the lock has broken nothing: the next opens the cluster again.
    let mut held = CLUSTER.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    held.upgrade().unwrap_or_else(|| {
        let cluster = Arc::new(Cluster::open(&folder(), Durability::Disposable).expect("a cluster"));
        *held = Arc::downgrade(&cluster);
        cluster
    })
}

fn database(cluster: &Cluster, name: &str) -> Address {
    Address { url: cluster.address().url.replace("dbname=silver_atlas", &format!("dbname={name}")) }
}

/// The name of the migrated template; made by whoever comes first.
async fn template(cluster: &Cluster) -> String {
    let mut hash = Sha256::new();
    for path in migrations() {
        hash.update(read(&path.join("up.sql")));
    }
    let name =
        format!("template_{}", hash.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let turn = File::create(folder().join("template.turn")).expect("a lock file");
    let _turn = tokio::task::spawn_blocking(move || turn.lock().map(|()| turn)).await.expect("a task").expect("a turn");
    let admin = connect(&database(cluster, "postgres")).await;
    if DATABASES.load(Ordering::Relaxed) == 0 {
        clear(&admin, &name).await;
    }
    let made = admin.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.expect("an answer");
    if made.is_none() {
        admin.batch_execute("CREATE DATABASE half_made TEMPLATE silver_atlas").await.expect("a database");
        Registry::open(&database(cluster, "half_made")).await.expect("opens").migrate().await.expect("migrates");
        admin.batch_execute(&format!("ALTER DATABASE half_made RENAME TO {name}")).await.expect("a template");
    }
    name
}

/// Drops what killed runs and older migrations left.
async fn clear(admin: &Client, keep: &str) {
    let names = admin.query("SELECT datname FROM pg_database WHERE datname ~ '^(test_|template_.{12}|half_made)'", &[]);
    for row in names.await.expect("names") {
        let name: String = row.get(0);
        let pid = name.strip_prefix("test_").and_then(|rest| rest.split('_').next());
        if name != keep && !pid.is_some_and(|pid| Path::new("/proc").join(pid).exists()) {
            admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.expect("dropped");
        }
    }
}
