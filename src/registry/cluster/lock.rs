//! Locks on the data directory, which the kernel lets go when their holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::Path;

use super::{ClusterError, io};

/// Opens a file to lock. One that another user made is opened for reading, which is enough to lock it.
pub(super) fn lock_file(path: &Path) -> Result<File, ClusterError> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    opened
        .or_else(|error| if error.kind() == ErrorKind::PermissionDenied { File::open(path) } else { Err(error) })
        .map_err(io(format!("open {}", path.display())))
}

/// The right to be the one server on a data directory, for as long as it lives.
#[derive(Debug)]
pub struct ServerLock {
    _held: File,
}

impl ServerLock {
    /// Claims the data directory for a server, or says who has it.
    pub fn claim(data_dir: &Path) -> Result<ServerLock, ClusterError> {
        std::fs::create_dir_all(data_dir).map_err(io(format!("make {}", data_dir.display())))?;
        let mut file = lock_file(&data_dir.join("server.lock"))?;
        match file.try_lock() {
            Ok(()) => {
                // What stands in the file only serves the message below; the lock itself is the kernel's.
                let note = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                note.map_err(io("write server.lock"))?;
                Ok(ServerLock { _held: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let read = file.rewind().and_then(|()| file.read_to_string(&mut pid));
                let pid = read.ok().and_then(|_| pid.trim().parse().ok());
                Err(ClusterError::Taken { data_dir: data_dir.to_owned(), pid })
            }
            Err(TryLockError::Error(error)) => Err(io("lock server.lock")(error)),
        }
    }
}
