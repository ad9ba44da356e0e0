//! Supervision of the private cluster: a server that died is started again, with a pause that grows while that fails.

use std::fs::TryLockError;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::lock::lock_file;
use super::{Cluster, ClusterError, io};
use crate::registry::{DISK_FULL, Registry};

/// How often the server's process is looked for.
const LOOK: Duration = Duration::from_secs(1);
/// The first pause after a start that failed, and the longest.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// With less room than this PostgreSQL cannot recover: one file of its write-ahead log.
const ROOM_BYTES: u64 = 16 * 1024 * 1024;

/// Keeps the cluster running until told to stop.
pub async fn keep_running(cluster: Arc<Cluster>, registry: Registry, stop: CancellationToken) {
    let mut pause = PAUSE;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if cluster.alive() {
            continue;
        }
        tracing::warn!("the private database has ended; starting it again");
        let (again, asked) = (Arc::clone(&cluster), stop.clone());
        let started = tokio::task::spawn_blocking(move || again.start_again(|| asked.is_cancelled()));
        let started = tokio::select! {
            () = stop.cancelled() => return,
            started = started => started,
        };
        match started {
            Ok(Ok(())) => {
                tracing::info!("the private database runs again");
                registry.set_outage(None);
                pause = PAUSE;
                continue;
            }
            Ok(Err(error)) => {
                let full = cluster.disk_is_full() || error.to_string().contains("No space left on device");
                let why = if full { DISK_FULL } else { "the private database does not start" };
                registry.set_outage(Some(why.to_owned()));
                tracing::error!(%error, next_try = ?pause, "{why}");
            }
            Err(error) => tracing::error!(%error, "the private database could not be looked after"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST);
    }
}

impl Cluster {
    /// Starts the server again in turn with other commands, unless it is no longer used here.
    fn start_again(&self, stopping: impl Fn() -> bool) -> Result<(), ClusterError> {
        let turn = lock_file(&self.data_dir.join("cluster.turn"))?;
        while let Err(error) = turn.try_lock() {
            match error {
                TryLockError::WouldBlock if stopping() => return Ok(()),
                TryLockError::WouldBlock => sleep(Duration::from_millis(50)),
                TryLockError::Error(error) => return Err(io("lock cluster.turn")(error)),
            }
        }
        if self.held().is_none() || self.stopping.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.start()
    }

    fn disk_is_full(&self) -> bool {
        rustix::fs::statvfs(&self.home).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM_BYTES)
    }

    /// Tells the server to stop if nobody else uses it, and waits for nothing: for whoever has to end at once. It stops in
    /// order by itself.
    pub fn leave_now(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let Some(used) = self.held().take() else { return };
        let Ok(turn) = lock_file(&self.data_dir.join("cluster.turn")) else { return };
        if turn.try_lock().is_ok()
            && used.try_lock().is_ok()
            && let Err(error) = self.control(&["stop", "-m", "fast", "-W"])
        {
            tracing::warn!(%error, "the private database was left running");
        }
    }
}
