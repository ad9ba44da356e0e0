//! Jobs: long searches, one at a time and away from families' questions, kept while somebody may still ask for them.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use super::{Code, Problem};
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

/// How a search ended.
pub type Ended = Result<Arc<Siting>, Refusal>;

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
            Some(Err(Refusal::Cancelled)) => JobState::Cancelled,
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
    runtime: Handle,
    quiet: Handle,
}

impl Jobs {
    /// The first runtime watches over the searches, the second has the threads that they run on.
    pub fn on(runtime: Handle, quiet: Handle) -> Jobs {
        Jobs { all: Mutex::default(), turn: Arc::new(Semaphore::new(1)), runtime, quiet }
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
        let mut all = self.all();
        all.retain(|job| !job.old());
        let same = |job: &&Arc<Job>| key.is_some() && job.key == key && job.fresh(atlas.revision());
        if let Some(job) = all.iter().find(same) {
            return Ok(job.clone());
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
            revision: atlas.revision(),
            watch: Arc::new(Watch::new(seconds)),
            ended: OnceLock::new(),
            bell: Notify::new(),
        });
        all.push(job.clone());
        drop(all);
        self.runtime.spawn(run(self.quiet.clone(), self.turn.clone(), job.clone(), (atlas, as_of), question));
        Ok(job)
    }

    /// Forgets a job, and stops it where it still runs.
    pub fn remove(&self, job: &Job) {
        job.watch.cancel();
        if job.ended().is_some() {
            self.all().retain(|held| held.id != job.id);
        }
    }
}

/// Waits for its turn, then searches on a thread of its own.
async fn run(
    quiet: Handle,
    turn: Arc<Semaphore>,
    job: Arc<Job>,
    (atlas, as_of): (Arc<Atlas>, DateTime<Utc>),
    question: SitingQuestion,
) {
    let Ok(_turn) = turn.acquire_owned().await else { return };
    if job.watch.cancelled() {
        job.finish(Err(Refusal::Cancelled));
        return;
    }
    let watch = job.watch.clone();
    watch.begin();
    let searched = quiet
        .spawn_blocking(move || siting(&atlas, &question, &watch).map(|plan| Arc::new(Siting { as_of, ..plan })))
        .await;
    job.finish(searched.unwrap_or_else(|error| {
        tracing::error!(%error, "a search failed");
        Err(Refusal::NoPlan)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::siting::{Candidates, Objective};
    use crate::atlas::{Filter, sample};
    use crate::care::Weight;

    fn question(within_m: f64) -> SitingQuestion {
        SitingQuestion {
            region: None,
            filter: Filter::default(),
            within_m: Some(within_m),
            weight: Weight::Total,
            class: None,
            population_year: None,
            sites: Some(3),
            objective: Objective::MaxCovered,
            candidates: Candidates::Demand,
            keep_existing: false,
            capacity: None,
            min_spacing_m: None,
            excluded: Vec::new(),
            nearly: 0,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_same_question_is_one_job_and_a_cancelled_one_is_asked_anew() {
        let atlas = Arc::new(sample::atlas(0, 50));
        let jobs = Jobs::on(Handle::current(), Handle::current());
        let begin = |key: &str| {
            jobs.begin((atlas.clone(), Utc::now()), question(1000.0), 5.0, Some(key.into())).expect("a place")
        };
        let (first, second, other) = (begin("a"), begin("a"), begin("b"));
        assert!(first.id == second.id && first.id != other.id);
        let ended = first.end().await;
        assert!(matches!(first.state(), JobState::Done | JobState::Failed), "{ended:?}");
        assert!(jobs.find(&first.id.to_string()).is_some());
        jobs.remove(&first);
        assert!(jobs.find(&first.id.to_string()).is_none());
        assert_ne!(begin("a").id, first.id);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_job_whose_asker_has_gone_is_cancelled() {
        let atlas = Arc::new(sample::atlas(0, 50));
        let jobs = Jobs::on(Handle::current(), Handle::current());
        // Nobody's turn comes: the search waits.
        let held = jobs.turn.clone().acquire_owned().await.expect("the turn");
        let job = jobs.begin((atlas, Utc::now()), question(1000.0), 5.0, None).expect("a place");
        assert_eq!(job.state(), JobState::Waiting);
        drop(Asker(job.clone()));
        drop(held);
        assert_eq!(job.end().await, Err(Refusal::Cancelled));
        assert_eq!(job.state(), JobState::Cancelled);
    }
}
