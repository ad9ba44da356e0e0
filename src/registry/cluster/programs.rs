//! Where PostgreSQL's server programs are, and what to install when they or PostGIS are missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// Where Debian and Ubuntu keep one folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The server programs of one version.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub bin: PathBuf,
    pub major: u32,
}

impl Programs {
    /// The programs in `named` if given, else those that `pg_config` names, else the newest of Debian's; with PostGIS in any
    /// case. A cluster can only be run by the major version that made it: `made_by`.
    pub fn find(named: Option<&Path>, made_by: Option<u32>) -> Result<Programs, ClusterError> {
        let installed = match named {
            Some(bin) => Programs::at(bin).into_iter().collect(),
            None => installed(),
        };
        if installed.is_empty() {
            return Err(ClusterError::ServerMissing { command: install(made_by.or_else(version_on_offer)) });
        }
        if let Some(major) = made_by {
            let found = installed.into_iter().find(|programs| programs.major == major);
            let programs = found.ok_or_else(|| ClusterError::OtherVersion { major, command: install(made_by) })?;
            return programs.with_postgis();
        }
        // The newest that has PostGIS; if none has, the complaint is about the newest.
        let complaint = installed[0].clone();
        installed
            .into_iter()
            .find_map(|programs| programs.with_postgis().ok())
            .map_or_else(|| complaint.with_postgis(), Ok)
    }

    pub fn path(&self, program: &str) -> PathBuf {
        self.bin.join(program)
    }

    fn at(bin: &Path) -> Option<Programs> {
        let needed = ["postgres", "initdb", "pg_ctl", "pg_isready"];
        if !needed.iter().all(|program| bin.join(program).is_file()) {
            return None;
        }
        let major = major_in(&said(Command::new(bin.join("postgres")).arg("--version"))?)?;
        Some(Programs { bin: bin.to_owned(), major })
    }

    fn with_postgis(self) -> Result<Programs, ClusterError> {
        let shared = said(Command::new(self.path("pg_config")).arg("--sharedir"))
            .map_or_else(|| Path::new("/usr/share/postgresql").join(self.major.to_string()), PathBuf::from);
        if shared.join("extension/postgis.control").is_file() {
            Ok(self)
        } else {
            Err(ClusterError::PostgisMissing { major: self.major, command: install(Some(self.major)) })
        }
    }
}

/// All versions on this machine, the newest first.
fn installed() -> Vec<Programs> {
    let named = said(Command::new("pg_config").arg("--bindir")).map(PathBuf::from);
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let mut found: Vec<Programs> = named.into_iter().chain(versions).filter_map(|bin| Programs::at(&bin)).collect();
    found.sort_by_key(|programs| std::cmp::Reverse(programs.major));
    found.dedup_by(|a, b| a.bin == b.bin);
    found
}

/// The version that this machine's package lists would install.
fn version_on_offer() -> Option<u32> {
    let depends = said(Command::new("apt-cache").args(["depends", "postgresql"]))?;
    depends.split_whitespace().find_map(|word| word.strip_prefix("postgresql-")?.parse().ok())
}

/// The one command that installs the server with PostGIS.
fn install(major: Option<u32>) -> String {
    match major {
        Some(major) => {
            // Debian's PostGIS packages bring the server of their version with them.
            format!("sudo apt-get install -y postgresql postgresql-{major}-postgis-3")
        }
        None => "sudo apt-get update && sudo apt-get install -y postgresql postgresql-postgis".to_owned(),
    }
}

/// The major version in the answer to `--version`, such as `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major_in(answer: &str) -> Option<u32> {
    let version = answer.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// What a program prints, trimmed; `None` when it is missing, fails or prints nothing.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_form_of_the_answer() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(major_in("postgres"), None);
    }

    #[test]
    fn a_missing_server_names_one_command_that_installs_it() {
        let error = Programs::find(Some(Path::new("/nowhere")), Some(15)).expect_err("nothing is there").to_string();
        assert!(error.contains("sudo apt-get install -y postgresql postgresql-15-postgis-3"), "{error}");
    }

    #[test]
    fn a_cluster_of_another_version_says_which_version_it_needs() {
        if let Err(error) = Programs::find(None, Some(9)) {
            assert!(error.to_string().contains("postgresql-9"), "{error}");
        }
    }
}
