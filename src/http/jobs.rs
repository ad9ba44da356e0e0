//! Jobs: long searches and long looks, few at a time and away from families' questions, kept while somebody may still ask
//! for them. Searches and looks have queues of their own, and every client a share of each.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use uuid::Uuid;

use self::run::{run, search};
use super::Problem;
use super::client::Client;
use super::links::Linked;
use super::no_plan::problem;
use super::report::Answered;
use super::turns::{Quota, Ticket, Turns};
use super::views::Reading;
use crate::analysis::Scorecard;
use crate::analysis::indicators::Report;
use crate::analysis::siting::{News, Refusal, Siting, SitingQuestion, Watch};
use crate::atlas::Atlas;

/// Searches: one at a time. Whoever is known finds room beside those whom nobody knows.
const SEARCHES: Quota = Quota { places: 1, all: 12, unknown: 8, address: 2, account: 4 };
/// Looks: each shares out its work among the cores by itself.
const LOOKS: Quota = Quota { places: 2, all: 16, unknown: 10, address: 3, account: 6 };
/// So many are kept in all, and of one client.
const KEPT: usize = 60;
const KEPT_OF_ONE: usize = 6;
/// A result is kept so long.
const KEPT_FOR: Duration = Duration::from_secs(20 * 60);
/// So long a job goes on that nobody asks about.
const ABANDONED_AFTER: Duration = Duration::from_secs(60);

/// So long an answer stands though the record has moved on: it says its revision.
const MOMENT: Duration = Duration::from_secs(60);

/// A search for somebody whom nobody knows takes at most so many seconds.
pub const SEARCH_SECONDS_UNKNOWN: f64 = 30.0;
/// A look may take so many seconds; those at a whole nation take a few for each day.
const LOOK_SECONDS: f64 = 600.0;
const LOOK_SECONDS_UNKNOWN: f64 = 120.0;
/// So often a job is asked whether anybody still waits for it.
const GLANCE: Duration = Duration::from_millis(100);

/// As many seconds as this client's search may take of those that it asks for.
pub fn search_seconds(client: Client, asked: f64) -> f64 {
    if client.is_known() { asked } else { asked.min(SEARCH_SECONDS_UNKNOWN) }
}

/// What a job came to.
#[derive(Clone)]
pub enum Outcome {
    Siting(Arc<Siting>),
    Trend(Arc<Vec<Reading>>),
    Scorecard(Arc<Linked<Scorecard>>),
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
    client: Client,
    /// When somebody last asked about it, and how many wait for its end.
    seen: Mutex<Instant>,
    waiting: AtomicUsize,
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
        let _waits = Waits::on(self);
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

    /// Somebody asks about it.
    fn touch(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether nobody wants it any more. A job that nobody has asked about for long is cancelled here.
    fn unwanted(&self, after: Duration) -> bool {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if self.waiting.load(Ordering::Relaxed) == 0 && seen.elapsed() > after {
            self.watch.cancel();
        }
        self.watch.cancelled()
    }
}

/// Somebody waits for the end of a job.
struct Waits<'a>(&'a Job);

impl Waits<'_> {
    fn on(job: &Job) -> Waits<'_> {
        job.waiting.fetch_add(1, Ordering::Relaxed);
        Waits(job)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.touch();
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
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
    searches: Turns,
    looks: Turns,
    abandoned_after: Duration,
    runtime: Handle,
    quiet: Handle,
}

impl Jobs {
    /// The first runtime watches over the searches, the second has the threads that they run on.
    pub fn on(runtime: Handle, quiet: Handle) -> Jobs {
        let (searches, looks) = (Turns::new("searches", SEARCHES), Turns::new("reports and trends", LOOKS));
        Jobs { all: Mutex::default(), searches, looks, abandoned_after: ABANDONED_AFTER, runtime, quiet }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job with this number, if it is still kept. Asking for it keeps it going.
    pub fn find(&self, id: &str) -> Option<Arc<Job>> {
        let id: Uuid = id.parse().ok()?;
        let found = self.all().iter().find(|job| job.id == id && !job.old()).cloned();
        found.inspect(|job| job.touch())
    }

    /// Begins a search of an atlas, whose record is known as of that time, or finds the one with the same key. It runs
    /// when its turn comes.
    pub fn begin(
        &self,
        client: Client,
        (atlas, as_of): (Arc<Atlas>, DateTime<Utc>),
        question: SitingQuestion,
        seconds: f64,
        key: Option<String>,
    ) -> Result<Arc<Job>, Problem> {
        let (job, ticket) =
            self.place(&self.searches, client, atlas.revision(), search_seconds(client, seconds), key)?;
        if let Some(ticket) = ticket {
            let work = search(self.quiet.clone(), job.watch.clone(), (atlas, as_of), question);
            self.runtime.spawn(run(ticket, job.clone(), self.abandoned_after, work));
        }
        Ok(job)
    }

    /// Begins a look at the record at this revision, or finds the one with the same key. It runs when its turn comes; where
    /// nobody waits for it any more, it is dropped where it waits.
    pub fn look<W: Future<Output = Result<Outcome, Problem>> + Send + 'static>(
        &self,
        client: Client,
        revision: i64,
        key: Option<String>,
        work: impl FnOnce(Arc<Watch>) -> W,
    ) -> Result<Arc<Job>, Problem> {
        let seconds = if client.is_known() { LOOK_SECONDS } else { LOOK_SECONDS_UNKNOWN };
        let (job, ticket) = self.place(&self.looks, client, revision, seconds, key)?;
        if let Some(ticket) = ticket {
            let work = work(job.watch.clone());
            let work = async move { work.await.map_err(Failure::Problem) };
            self.runtime.spawn(run(ticket, job.clone(), self.abandoned_after, work));
        }
        Ok(job)
    }

    /// A new job with its place in the queue, or the one with the same key.
    fn place(
        &self,
        turns: &Turns,
        client: Client,
        revision: i64,
        seconds: f64,
        key: Option<String>,
    ) -> Result<(Arc<Job>, Option<Ticket>), Problem> {
        let mut all = self.all();
        all.retain(|job| !job.old());
        let same = |job: &&Arc<Job>| key.is_some() && job.key == key && job.fresh(revision);
        if let Some(job) = all.iter().find(same) {
            job.touch();
            return Ok((job.clone(), None));
        }
        let ticket = turns.enter(client)?;
        let done = |job: &Arc<Job>| job.ended().is_some();
        let own = |job: &Arc<Job>| job.client == client && done(job);
        // A client's results make room for its own before they make room for others'.
        while all.iter().filter(|job| own(job)).count() >= KEPT_OF_ONE {
            let Some(oldest) = all.iter().position(own) else { break };
            all.remove(oldest);
        }
        while all.len() >= KEPT {
            let Some(oldest) = all.iter().position(done) else { break };
            all.remove(oldest);
        }
        let job = Arc::new(Job {
            id: Uuid::now_v7(),
            key,
            asked_at: Utc::now(),
            revision,
            watch: Arc::new(Watch::new(seconds)),
            client,
            seen: Mutex::new(Instant::now()),
            waiting: AtomicUsize::new(0),
            ended: OnceLock::new(),
            bell: Notify::new(),
        });
        all.push(job.clone());
        Ok((job, Some(ticket)))
    }

    /// Forgets a job, and stops it where it still runs.
    pub fn remove(&self, job: &Job) {
        job.watch.cancel();
        if job.ended().is_some() {
            self.all().retain(|held| held.id != job.id);
        }
    }
}

mod run;
#[cfg(test)]
mod tests;
