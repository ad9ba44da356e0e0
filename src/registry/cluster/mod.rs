//! The private cluster: a PostgreSQL that the program makes, starts, shares and stops in its data directory.
//!
//! Two locks order who uses it. Everybody who uses it holds `cluster.lock` shared; whoever starts or stops it holds
//! `cluster.turn` alone, and only briefly. The last one out, who gets `cluster.lock` alone, stops the server.

mod lock;
mod making;
mod owner;
mod programs;
mod supervise;

use std::fs::{self, File};
use std::io::Error;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

pub use self::lock::ServerLock;
use self::lock::lock_file;
use self::owner::Owner;
use self::programs::Programs;
pub use self::supervise::keep_running;
use super::Address;

/// The database in the cluster, and the role that owns it.
const DATABASE: &str = "silver_atlas";
const ROLE: &str = "atlas";
const SOCKET: &str = ".s.PGSQL.5432";
/// The longest path that a Unix socket can have.
const SOCKET_PATH_MAX: usize = 107;
/// Where clusters live whose data directory the system user cannot enter.
const ELSEWHERE: &str = "/var/lib/silver-atlas";

/// What a crash of the machine may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    Kept,
    /// Everything: for tests.
    Disposable,
}

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error("PostgreSQL's server programs are not installed; this installs them: {command}")]
    ServerMissing { command: String },
    #[error("PostGIS for PostgreSQL {major} is not installed; this installs it: {command}")]
    PostgisMissing { major: u32, command: String },
    #[error("the database was made by PostgreSQL {major}, which is not installed; this installs it: {command}")]
    OtherVersion { major: u32, command: String },
    #[error("a server is already running on {}{}", data_dir.display(), pid.map_or_else(String::new, |pid| format!(" (process {pid})")))]
    Taken { data_dir: PathBuf, pid: Option<u32> },
    #[error("could not {what}: {detail}")]
    Failed { what: String, detail: String },
}

/// A use of the private cluster; the last one dropped stops it.
#[derive(Debug)]
pub struct Cluster {
    data_dir: PathBuf,
    home: PathBuf,
    sockets: PathBuf,
    owner: Owner,
    programs: Programs,
    durability: Durability,
    /// `None` once closed.
    used: Mutex<Option<File>>,
    /// Set where a start that waits for a recovery is no longer wanted.
    stopping: AtomicBool,
}

impl Cluster {
    /// Makes the cluster if there is none, starts it if it does not run, and keeps it running until closed.
    pub fn open(data_dir: &Path, durability: Durability) -> Result<Cluster, ClusterError> {
        Cluster::open_with(data_dir, durability, None)
    }

    /// The same with the server's programs in a named folder.
    pub fn open_with(data_dir: &Path, durability: Durability, bin: Option<&Path>) -> Result<Cluster, ClusterError> {
        fs::create_dir_all(data_dir).map_err(io(format!("make {}", data_dir.display())))?;
        let data_dir = data_dir.canonicalize().map_err(io(format!("find {}", data_dir.display())))?;
        let turn = lock_file(&data_dir.join("cluster.turn"))?;
        turn.lock().map_err(io("lock cluster.turn"))?;
        let used = lock_file(&data_dir.join("cluster.lock"))?;
        used.lock_shared().map_err(io("lock cluster.lock"))?;

        let seen = data_dir.join("postgres");
        let owner = Owner::of(&seen)?;
        let home = if let Ok(home) = seen.canonicalize() {
            home
        } else if owner.can_enter(&data_dir) {
            seen.clone()
        } else {
            elsewhere(&data_dir, &seen, &owner)?
        };
        let made_by = fs::read_to_string(home.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
        let programs = Programs::find(bin, made_by)?;
        let sockets = if home.join(SOCKET).as_os_str().len() <= SOCKET_PATH_MAX {
            home.clone()
        } else {
            Path::new("/tmp").join(format!("silver-atlas-{}", fingerprint(&home)))
        };
        let (used_by_us, stopping) = (Mutex::default(), AtomicBool::new(false));
        let cluster = Cluster { data_dir, home, sockets, owner, programs, durability, used: used_by_us, stopping };
        if made_by.is_none() {
            cluster.make()?;
        }
        cluster.start()?;
        // Only now: a cluster that fails to start is not left, since the turn to do so is held here.
        *cluster.held() = Some(used);
        Ok(cluster)
    }

    /// How to reach the database.
    pub fn address(&self) -> Address {
        let quoted = self.sockets.to_string_lossy().replace('\\', "\\\\").replace('\'', "\\'");
        Address { url: format!("host='{quoted}' port=5432 user={ROLE} dbname={DATABASE}") }
    }

    /// Claims the data directory for the one server that may run on it.
    pub fn claim_server(&self) -> Result<ServerLock, ClusterError> {
        ServerLock::claim(&self.data_dir)
    }

    /// Lets go; stops the server if nobody else uses it.
    pub fn close(self) -> Result<(), ClusterError> {
        self.leave()
    }

    fn held(&self) -> MutexGuard<'_, Option<File>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same for one of several who hold it here.
    pub fn leave(&self) -> Result<(), ClusterError> {
        self.stopping.store(true, Ordering::Relaxed);
        let Some(used) = self.held().take() else { return Ok(()) };
        let turn = lock_file(&self.data_dir.join("cluster.turn"))?;
        turn.lock().map_err(io("lock cluster.turn"))?;
        if used.try_lock().is_err() {
            return Ok(());
        }
        // A backend that does not end at once has no business that could matter: nobody uses the cluster any more.
        self.control(&["stop", "-m", "fast", "-w", "-t", "30"])
            .or_else(|_| self.control(&["stop", "-m", "immediate", "-w"]))
    }

    fn settings(&self) -> String {
        let sockets = self.sockets.to_string_lossy().replace('\'', "''");
        let durability = match self.durability {
            Durability::Kept => "max_wal_size = 4GB\nshared_buffers = 256MB\n",
            Durability::Disposable => {
                "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_wal_size = 4GB\nshared_buffers = 128MB\n"
            }
        };
        format!(
            "# Written at each start of the server.\n\
             listen_addresses = ''\nunix_socket_directories = '{sockets}'\nunix_socket_permissions = 0700\n\
             zero_damaged_pages = off\nmax_connections = 100\nwork_mem = 32MB\nmaintenance_work_mem = 128MB\nrandom_page_cost = 1.1\njit = off\n\
             checkpoint_timeout = 15min\nlog_checkpoints = off\ntimezone = 'UTC'\nlc_messages = 'C'\n{durability}"
        )
    }

    /// Starts the server unless it runs; waits through a start, a stop or a recovery that is under way.
    fn start(&self) -> Result<(), ClusterError> {
        if self.sockets != self.home && !self.owner.alone_in(&self.sockets) {
            self.owner.make_private(&self.sockets)?;
        }
        let began = Instant::now();
        let mut told = false;
        loop {
            if self.stopping.load(Ordering::Relaxed) {
                return Err(ClusterError::Failed {
                    what: "start PostgreSQL".to_owned(),
                    detail: "the program is stopping".to_owned(),
                });
            }
            if UnixStream::connect(self.sockets.join(SOCKET)).is_ok() && self.ready() {
                return Ok(());
            }
            if !self.alive() {
                self.clear_stale();
                let (conf, settings) = (self.home.join("silver_atlas.conf"), self.settings());
                // Written only where it differs: on a full disk a file that is written anew is left empty.
                if fs::read_to_string(&conf).ok().as_ref() != Some(&settings) {
                    self.write(&conf, &settings)?;
                }
                let log = self.home.join("server.log");
                let log_began = fs::metadata(&log).map_or(0, |log| log.len());
                // An hour: a recovery takes as long as it takes, and its end is what is waited for.
                let mut start = self.pg_ctl(&["start", "-w", "-t", "3600", "-l"]);
                let mut start = start.arg(&log).spawn().map_err(io("start PostgreSQL"))?;
                let started = loop {
                    if let Some(status) = start.try_wait().map_err(io("start PostgreSQL"))? {
                        break status.success();
                    }
                    told = told || self.tell_of_recovery(began);
                    if self.stopping.load(Ordering::Relaxed) {
                        // The server goes on recovering; only nobody waits for it here.
                        let _ = start.kill();
                    }
                    sleep(Duration::from_millis(10));
                };
                let said = since(&log, log_began);
                // The server's children outlive its sudden death for a moment, and hold its memory.
                let dying = said.contains("shared memory block") && began.elapsed() < Duration::from_secs(30);
                if !started && !dying {
                    return Err(ClusterError::Failed { what: "start PostgreSQL".to_owned(), detail: said });
                }
            }
            told = told || self.tell_of_recovery(began);
            sleep(Duration::from_millis(50));
        }
    }

    fn tell_of_recovery(&self, began: Instant) -> bool {
        let long = began.elapsed() > Duration::from_secs(3);
        if long {
            tracing::info!("waiting for the database, which is recovering from a sudden stop");
        }
        long
    }

    fn ready(&self) -> bool {
        let mut asked = self.owner.command(self.programs.path("pg_isready"));
        asked.arg("-q").arg("-h").arg(&self.sockets).args(["-p", "5432", "-d", DATABASE]);
        asked.status().is_ok_and(|status| status.success())
    }

    /// The process that the cluster says is its server.
    fn pid(&self) -> Option<u32> {
        fs::read_to_string(self.home.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
    }

    /// Whether that process is a server of this cluster: it stands in the cluster's folder.
    fn alive(&self) -> bool {
        self.pid().is_some_and(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == self.home))
    }

    /// Removes what a dead server left if its number now belongs to another process, which PostgreSQL would take for it.
    fn clear_stale(&self) {
        let reused = self.pid().is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists());
        let left = [self.sockets.join(SOCKET), self.sockets.join(format!("{SOCKET}.lock"))];
        for path in left.into_iter().chain(reused.then(|| self.home.join("postmaster.pid"))) {
            // That it is not there is the usual case.
            let _ = fs::remove_file(path);
        }
    }

    fn pg_ctl(&self, arguments: &[&str]) -> Command {
        let mut command = self.owner.command(self.programs.path("pg_ctl"));
        command.arg("-D").arg(&self.home).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn control(&self, arguments: &[&str]) -> Result<(), ClusterError> {
        run("stop PostgreSQL", &mut self.pg_ctl(arguments)).map(drop)
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), ClusterError> {
        fs::write(path, text).map_err(io(format!("write {}", path.display())))?;
        self.owner.give(path)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the database was left running");
        }
    }
}

/// The place of a cluster whose data directory its owner cannot enter, with a link to it where it is looked for.
fn elsewhere(data_dir: &Path, seen: &Path, owner: &Owner) -> Result<PathBuf, ClusterError> {
    let folder = Path::new(ELSEWHERE).join(fingerprint(data_dir));
    fs::create_dir_all(ELSEWHERE).map_err(io(format!("make {ELSEWHERE}")))?;
    if !folder.is_dir() {
        owner.make_private(&folder)?;
    }
    let home = folder.join("postgres");
    // A link that leads nowhere yet is one of an unfinished start.
    if fs::symlink_metadata(seen).is_err() {
        std::os::unix::fs::symlink(&home, seen).map_err(io(format!("link {}", seen.display())))?;
    }
    Ok(home)
}

/// A short name for a path.
fn fingerprint(path: &Path) -> String {
    Sha256::digest(path.as_os_str().as_encoded_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was written to a log after it had this length.
fn since(log: &Path, length: u64) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(length as usize..).unwrap_or_default()).trim().to_owned()
}

/// Runs a program to its end; answers what it said.
fn run(what: &str, command: &mut Command) -> Result<String, ClusterError> {
    let output = command.output().map_err(io(what))?;
    let said = String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).trim().to_owned();
    if output.status.success() { Ok(said) } else { Err(ClusterError::Failed { what: what.to_owned(), detail: said }) }
}

fn io(what: impl Into<String>) -> impl FnOnce(Error) -> ClusterError {
    move |error| ClusterError::Failed { what: what.into(), detail: error.to_string() }
}
