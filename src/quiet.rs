//! Quiet: threads for long questions. Where cores are scarce, they step back behind families' short ones.

use std::io;

use rustix::process::nice;
use tokio::runtime::{Builder, Handle, Runtime};

/// So far the threads step back: at the same core a family's answer then weighs about nine times as much as a planner's.
const STEPS: i32 = 10;

/// The threads, for as long as this is kept.
pub struct Quiet {
    /// Where to spawn blocking work.
    pub handle: Handle,
    runtime: Option<Runtime>,
}

impl Quiet {
    /// Makes the threads, and lets those that share a long question out among the cores step back as well. Comes before
    /// anything is shared out: the threads for that are made once.
    pub fn begin() -> io::Result<Quiet> {
        let shared = rayon::ThreadPoolBuilder::new().start_handler(|_| step_back()).thread_name(|_| "quiet".to_owned());
        if let Err(error) = shared.build_global() {
            tracing::debug!(%error, "long questions are shared out among threads that do not step back");
        }
        // Nothing but blocking work ever runs there, each on a thread of its own.
        let runtime = Builder::new_current_thread().thread_name("quiet").on_thread_start(step_back).build()?;
        Ok(Quiet { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // What nobody waits for any more need not be finished.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// On Linux a thread has a priority of its own, and whoever it starts has the same. A solver's threads step back too.
fn step_back() {
    if let Err(error) = nice(STEPS) {
        tracing::debug!(%error, "a thread for long questions cannot step back");
    }
}
