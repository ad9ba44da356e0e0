//! Public questions to the log: few at once, a short queue, and everything that costs time away from the workers.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::{App, Code, Problem};
use crate::registry::{LogLine, LogPage, RegistryError};

/// So many turns at most.
pub const TURNS: usize = 3;
/// So many may wait for their turn.
pub const WAITING: usize = 64;
/// So long a turn is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Who is sent away hears it after a moment: whoever asks again at once would otherwise only be refused faster.
const MOMENT: Duration = Duration::from_millis(500);

/// The turns of public readers.
pub struct LogTurns {
    turns: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for LogTurns {
    /// Half of the cores at most, so that families and writers have the other half; never all public connections.
    fn default() -> LogTurns {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        LogTurns {
            turns: Arc::new(Semaphore::new((cores / 2).clamp(1, TURNS))),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

impl App {
    /// Asks the log and makes an answer of its page, which says whether others follow.
    pub async fn read_log<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<LogPage, RegistryError>>,
        answer: impl FnOnce(Vec<LogLine>, bool) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = match self.log_turns.waiting.clone().try_acquire_owned() {
            Ok(_waiting) => timeout(PATIENCE, self.log_turns.turns.clone().acquire_owned()).await.ok(),
            Err(_) => {
                sleep(MOMENT).await;
                None
            }
        };
        let Some(Ok(turn)) = turn else {
            let detail =
                "Too many read the log at once; ask again in a few seconds, or follow it with wait= or as a stream.";
            return Err(Problem::new(Code::Busy, detail));
        };
        let page = question.await?;
        let made = self.quiet().spawn_blocking(move || {
            let made = page.lines().map(|(lines, more)| answer(lines, more));
            drop(turn);
            made
        });
        Ok(made.await.map_err(|error| Problem::internal(&error))??)
    }
}
