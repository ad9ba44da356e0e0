//! Whose the cluster is: PostgreSQL refuses to run as root, so that root runs it as the system user `postgres`.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{ClusterError, io};

/// The system user whom PostgreSQL's packages make.
const SYSTEM_USER: &str = "postgres";

/// The system user that the server's programs run as.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub uid: u32,
    pub gid: u32,
    pub name: String,
    /// Whether this process is root and must step down.
    step_down: bool,
}

impl Owner {
    /// The owner of an existing cluster, or whoever may own a new one.
    pub fn of(cluster: &Path) -> Result<Owner, ClusterError> {
        let me = fs::metadata("/proc/self").map_err(io("look up the current user"))?;
        let step_down = me.uid() == 0;
        if let Ok(held) = fs::metadata(cluster)
            && (held.uid() == me.uid() || step_down)
        {
            return Ok(Owner { uid: held.uid(), gid: held.gid(), name: name_of(held.uid())?, step_down });
        }
        if !step_down {
            return Ok(Owner { uid: me.uid(), gid: me.gid(), name: name_of(me.uid())?, step_down });
        }
        let (uid, gid) = (id(&["-u", SYSTEM_USER]), id(&["-g", SYSTEM_USER]));
        match (uid.and_then(|text| text.parse().ok()), gid.and_then(|text| text.parse().ok())) {
            (Some(uid), Some(gid)) => Ok(Owner { uid, gid, name: SYSTEM_USER.to_owned(), step_down }),
            _ => Err(ClusterError::Failed {
                what: "start PostgreSQL".to_owned(),
                detail: format!("it refuses to run as root, and there is no system user {SYSTEM_USER} to run it as"),
            }),
        }
    }

    /// A program to be run as the owner, from a folder that everybody may enter.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir("/").stdin(Stdio::null());
        if self.step_down {
            // Setting the user as root also drops root's further groups.
            command.uid(self.uid).gid(self.gid).env("HOME", "/");
        }
        command
    }

    /// Whether the owner can enter this folder: every folder above it must let them through.
    pub fn can_enter(&self, folder: &Path) -> bool {
        !self.step_down || self.command("/usr/bin/test").arg("-x").arg(folder).status().is_ok_and(|s| s.success())
    }

    /// Makes a folder that is the owner's alone.
    pub fn make_private(&self, folder: &Path) -> Result<(), ClusterError> {
        fs::DirBuilder::new().mode(0o700).create(folder).map_err(io(format!("make {}", folder.display())))?;
        self.give(folder)
    }

    /// Makes a file or folder the owner's.
    pub fn give(&self, path: &Path) -> Result<(), ClusterError> {
        if self.step_down {
            chown(path, Some(self.uid), Some(self.gid)).map_err(io(format!("give {} away", path.display())))?;
        }
        Ok(())
    }

    /// Whether a folder is the owner's alone: nobody else may have put a socket there.
    pub fn alone_in(&self, folder: &Path) -> bool {
        fs::symlink_metadata(folder)
            .is_ok_and(|held| held.is_dir() && held.uid() == self.uid && held.permissions().mode() & 0o077 == 0)
    }
}

fn name_of(uid: u32) -> Result<String, ClusterError> {
    id(&["-un", &uid.to_string()]).ok_or_else(|| ClusterError::Failed {
        what: "start PostgreSQL".to_owned(),
        detail: format!("the user number {uid} has no name on this machine"),
    })
}

fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
