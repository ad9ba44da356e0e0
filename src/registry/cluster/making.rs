//! Makes a new cluster, and clears away what an earlier start left that was killed meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Cluster, ClusterError, DATABASE, Durability, ROLE, io, run};

/// How long the programs of a start that was killed may take to end.
const LEFT_OVER: Duration = Duration::from_secs(5);

impl Cluster {
    /// Makes the cluster beside its place and moves it there when it is whole, so that a half-made one is never taken for one.
    pub(super) fn make(&self) -> Result<(), ClusterError> {
        tracing::info!(place = %self.home.display(), "making the database");
        self.clear_unfinished();
        // A name of its own: what an earlier start left may not be gone yet.
        let half = self.home.with_extension(format!("making-{}", std::process::id()));
        self.owner.make_private(&half)?;
        let mut initdb = self.owner.command(self.programs.path("initdb"));
        // Bytewise order is the same on every machine and needs no locale to be installed.
        initdb.arg("-D").arg(&half).args(["-U", ROLE, "-E", "UTF8", "--locale=C", "--auth=peer", "--data-checksums"]);
        if self.durability == Durability::Disposable {
            initdb.arg("--no-sync");
        }
        run("make the database", &mut initdb)?;
        // Only the owner and root reach the socket at all; peer says so once more. The role is not called like the user.
        self.write(&half.join("pg_hba.conf"), "local all all peer map=atlas\n")?;
        self.write(&half.join("pg_ident.conf"), &format!("atlas {} {ROLE}\natlas root {ROLE}\n", self.owner.name))?;
        self.write(&half.join("silver_atlas.conf"), &self.settings())?;
        let settings = fs::read_to_string(half.join("postgresql.conf")).map_err(io("read postgresql.conf"))?;
        self.write(&half.join("postgresql.conf"), &format!("{settings}\ninclude 'silver_atlas.conf'\n"))?;
        // A server for one statement each, without a socket: the cluster is whole before anybody can see it.
        self.alone(&half, "template1", &format!("CREATE DATABASE {DATABASE}"))?;
        self.alone(&half, DATABASE, "CREATE EXTENSION postgis")?;
        fs::rename(&half, &self.home).map_err(io("put the new database in its place"))
    }

    /// Runs one statement with nobody else there.
    fn alone(&self, home: &Path, database: &str, statement: &str) -> Result<(), ClusterError> {
        let what = "prepare the database";
        let script = "printf '%s;\\n\\n' \"$3\" | \"$0\" --single -j -D \"$1\" \"$2\"";
        let mut shell = self.owner.command("/bin/sh");
        shell.args(["-c", script]).arg(self.programs.path("postgres")).arg(home).args([database, statement]);
        let said = run(what, &mut shell)?;
        // It goes on after an error; to make errors fatal would also stop at those that PostGIS's own script expects.
        match said.contains("ERROR:") {
            true => Err(ClusterError::Failed { what: what.to_owned(), detail: said }),
            false => Ok(()),
        }
    }

    /// Removes what starts left that were killed: first the programs that they had begun, which would go on writing there.
    /// What cannot be removed is in nobody's way.
    fn clear_unfinished(&self) {
        let began = Instant::now();
        for half in self.unfinished() {
            while began.elapsed() < LEFT_OVER && (end_programs_in(&half) || fs::remove_dir_all(&half).is_err()) {
                sleep(Duration::from_millis(50));
            }
            if half.exists() {
                tracing::warn!(folder = %half.display(), "an unfinished start could not be cleared away; it can be deleted");
            }
        }
    }

    /// The folders of unfinished starts.
    fn unfinished(&self) -> Vec<PathBuf> {
        let (Some(parent), Some(name)) = (self.home.parent(), self.home.file_name()) else { return Vec::new() };
        let begins = format!("{}.making", name.to_string_lossy());
        let entries = fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path());
        entries
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begins)))
            .collect()
    }
}

/// Ends the programs that work in a folder: those that stand in it or were started with its path. Answers whether there were any.
fn end_programs_in(folder: &Path) -> bool {
    let path = folder.as_os_str().as_encoded_bytes();
    let works_here = |process: &Path| {
        fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder)
            || fs::read(process.join("cmdline"))
                .is_ok_and(|line| line.split(|byte| *byte == 0).any(|argument| argument == path))
    };
    let mut any = false;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid =
            entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid.filter(|_| works_here(&entry.path())) {
            any = true;
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
    any
}
