//! Jobs: long searches and long looks, few at a time and away from families' questions, kept while somebody may still ask
//! for them.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use super::no_plan::problem;
use super::report::Answered;
use super::views::Reading;
use super::{Code, Problem};
use crate::analysis::Scorecard;
use crate::analysis::indicators::Report;
use crate::analysis::siting::{News, Refusal, Siting, SitingQuestion, Watch, siting};
use crate::atlas::Atlas;

/// So many searches may wait or run; the next one is sent away.
const UNFINISHED: usize = 12;
/// So many are kept in all.
const KEPT: usize = 60;
/// A result is kept so long.
const KEPT_FOR: Duration = Duration::from_secs(20 * 60);

/// So long an answer stands though the record has moved on: it says its revision.
const MOMENT: Duration = Duration::from_secs(60);

/// A look may take so many seconds; those at a whole nation take a few for each day.
pub const LOOK_SECONDS: f64 = 600.0;
/// So many looks run at once; each shares out its work among the cores by itself.
const LOOKS: usize = 2;
/// So often a look that waits for others is asked whether anybody still waits for it.
const GLANCE: Duration = Duration::from_millis(100);

/// What a job came to.
#[derive(Clone)]
pub enum Outcome {
    Siting(Arc<Siting>),
    Trend(Arc<Vec<Reading>>),
    Scorecard(Arc<Scorecard>),
    Report(Arc<Answered<Report>>),
    /// The map of a past day is drawn.
    Past,
}

/// Why a job came to nothing.
#[derive(Clone, Debug)]
pub enum Failure {
    Refusal(Refusal),
    Problem(Problem),
}

impl Failure {
    pub fn problem(&self) -> Problem {
        match self {
            Failure::Refusal(refusal) => problem(refusal),
            Failure::Problem(problem) => problem.clone(),
        }
    }
}

/// How a job ended.
pub type Ended = Result<Outcome, Failure>;

/// One search.
pub struct Job {
    pub id: Uuid,
    /// Two questions with the same key are one; `None` is nobody else's.
    key: Option<String>,
    pub asked_at: DateTime<Utc>,
    /// Of the atlas that is searched.
    revision: i64,
    pub watch: Arc<Watch>,
    ended: OnceLock<(Ended, Instant)>,
    bell: Notify,
}

/// Where a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl JobState {
    pub fn code(self) -> &'static str {
        match self {
            JobState::Waiting => "waiting",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        }
    }
}

impl Job {
    pub fn state(&self) -> JobState {
        match self.ended() {
            Some(Ok(_)) => JobState::Done,
            Some(Err(Failure::Refusal(Refusal::Cancelled))) => JobState::Cancelled,
            Some(Err(_)) => JobState::Failed,
            None if self.watch.news().stage == "waiting" => JobState::Waiting,
            None => JobState::Running,
        }
    }

    pub fn ended(&self) -> Option<&Ended> {
        self.ended.get().map(|(ended, _)| ended)
    }

    pub fn news(&self) -> News {
        self.watch.news()
    }

    /// Returns when the search has ended.
    pub async fn end(&self) -> Ended {
        loop {
            let rung = self.bell.notified();
            if let Some(ended) = self.ended() {
                return ended.clone();
            }
            rung.await;
        }
    }

    fn finish(&self, ended: Ended) {
        self.watch.end();
        let _ = self.ended.set((ended, Instant::now()));
        self.bell.notify_waiters();
    }

    /// Whether it answers for the record at this revision: it was asked about that, or a moment ago.
    fn fresh(&self, revision: i64) -> bool {
        let ended = self.ended.get();
        !self.watch.cancelled() && ended.is_none_or(|(_, at)| self.revision == revision || at.elapsed() < MOMENT)
    }

    fn old(&self) -> bool {
        self.ended.get().is_some_and(|(_, at)| at.elapsed() > KEPT_FOR)
    }
}

/// Whoever asked goes away: so does the search.
pub struct Asker(pub Arc<Job>);

impl Drop for Asker {
    fn drop(&mut self) {
        if self.0.ended().is_none() {
            self.0.watch.cancel();
        }
    }
}

/// All jobs of this process.
pub struct Jobs {
    all: Mutex<Vec<Arc<Job>>>,
    turn: Arc<Semaphore>,
    looks: Arc<Semaphore>,
    runtime: Handle,
    quiet: Handle,
}

impl Jobs {
    /// The first runtime watches over the searches, the second has the threads that they run on.
    pub fn on(runtime: Handle, quiet: Handle) -> Jobs {
        let (turn, looks) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(LOOKS)));
        Jobs { all: Mutex::default(), turn, looks, runtime, quiet }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job with this number, if it is still kept.
    pub fn find(&self, id: &str) -> Option<Arc<Job>> {
        let id: Uuid = id.parse().ok()?;
        self.all().iter().find(|job| job.id == id && !job.old()).cloned()
    }

    /// Begins a search of an atlas, whose record is known as of that time, or finds the one with the same key. It runs
    /// when its turn comes.
    pub fn begin(
        &self,
        (atlas, as_of): (Arc<Atlas>, DateTime<Utc>),
        question: SitingQuestion,
        seconds: f64,
        key: Option<String>,
    ) -> Result<Arc<Job>, Problem> {
        let (job, new) = self.place(atlas.revision(), seconds, key)?;
        if new {
            let work = search(self.quiet.clone(), job.watch.clone(), (atlas, as_of), question);
            self.runtime.spawn(run(self.turn.clone(), job.clone(), work));
        }
        Ok(job)
    }

    /// Begins a look at the record at this revision, or finds the one with the same key. It runs when its turn comes; where
    /// nobody waits for it any more, it is dropped where it waits.
    pub fn look<W: Future<Output = Result<Outcome, Problem>> + Send + 'static>(
        &self,
        revision: i64,
        key: Option<String>,
        work: impl FnOnce(Arc<Watch>) -> W,
    ) -> Result<Arc<Job>, Problem> {
        let (job, new) = self.place(revision, LOOK_SECONDS, key)?;
        if new {
            let work = work(job.watch.clone());
            let work = async move { work.await.map_err(Failure::Problem) };
            self.runtime.spawn(run(self.looks.clone(), job.clone(), work));
        }
        Ok(job)
    }

    /// A new job, or the one with the same key; and whether it is new.
    fn place(&self, revision: i64, seconds: f64, key: Option<String>) -> Result<(Arc<Job>, bool), Problem> {
        let mut all = self.all();
        all.retain(|job| !job.old());
        let same = |job: &&Arc<Job>| key.is_some() && job.key == key && job.fresh(revision);
        if let Some(job) = all.iter().find(same) {
            return Ok((job.clone(), false));
        }
        if all.iter().filter(|job| job.ended().is_none()).count() >= UNFINISHED {
            return Err(Problem::new(Code::Busy, "Too many searches wait already; ask again in a minute."));
        }
        while all.len() >= KEPT {
            let Some(oldest) = all.iter().position(|job| job.ended().is_some()) else { break };
            all.remove(oldest);
        }
        let job = Arc::new(Job {
            id: Uuid::now_v7(),
            key,
            asked_at: Utc::now(),
            revision,
            watch: Arc::new(Watch::new(seconds)),
            ended: OnceLock::new(),
            bell: Notify::new(),
        });
        all.push(job.clone());
        Ok((job, true))
    }

    /// Forgets a job, and stops it where it still runs.
    pub fn remove(&self, job: &Job) {
        job.watch.cancel();
        if job.ended().is_some() {
            self.all().retain(|held| held.id != job.id);
        }
    }
}

/// A search, on a thread of its own.
async fn search(
    quiet: Handle,
    watch: Arc<Watch>,
    (atlas, as_of): (Arc<Atlas>, DateTime<Utc>),
    question: SitingQuestion,
) -> Ended {
    let searched = quiet.spawn_blocking(move || siting(&atlas, &question, &watch)).await;
    let found = searched.unwrap_or_else(|error| {
        tracing::error!(%error, "a search failed");
        Err(Refusal::NoPlan)
    });
    found.map(|plan| Outcome::Siting(Arc::new(Siting { as_of, ..plan }))).map_err(Failure::Refusal)
}

/// Waits for its turn, then works until it is done, cancelled or out of time.
async fn run(turn: Arc<Semaphore>, job: Arc<Job>, work: impl Future<Output = Ended>) {
    let Ok(_turn) = turn.acquire_owned().await else { return };
    let cancelled = || Err(Failure::Refusal(Refusal::Cancelled));
    if job.watch.cancelled() {
        job.finish(cancelled());
        return;
    }
    job.watch.begin();
    job.watch.tell("gathering");
    let mut work = pin!(work);
    let ended = loop {
        match tokio::time::timeout(GLANCE, &mut work).await {
            Ok(ended) => break ended,
            Err(_) if job.watch.cancelled() && job.watch.steps().is_some() => break cancelled(),
            Err(_) => {}
        }
    };
    job.finish(ended);
}

#[cfg(test)]
mod tests;
