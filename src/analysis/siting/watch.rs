//! Watch: how long a search may take, whether anybody still waits for it, and how far it is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

/// Shared by the search and by whoever waits for it.
#[derive(Debug)]
pub struct Watch {
    stopped: Arc<AtomicBool>,
    limit: Duration,
    times: Mutex<Times>,
    news: Mutex<News>,
}

#[derive(Debug)]
struct Times {
    began: Instant,
    ended: Option<Instant>,
}

/// What is known so far.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct News {
    /// `waiting`, `gathering`, `greedy`, `bound`, `interchange`, `exact` or `done`.
    pub stage: &'static str,
    /// The best objective so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// No plan is better than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<f64>,
    /// Of work in steps: how many are done, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<(usize, usize)>,
}

impl Watch {
    /// A search may take so many seconds from [`Watch::begin`].
    pub fn new(seconds: f64) -> Watch {
        Watch {
            stopped: Arc::default(),
            limit: Duration::from_secs_f64(seconds.clamp(0.0, 1e6)),
            times: Mutex::new(Times { began: Instant::now(), ended: None }),
            news: Mutex::new(News { stage: "waiting", ..News::default() }),
        }
    }

    /// For a search that is one step of this one: it ends with it, and its news are not this one's.
    pub fn part(&self) -> Watch {
        Watch { stopped: Arc::clone(&self.stopped), ..Watch::new(self.left()) }
    }

    /// The clock runs from now: waiting for one's turn takes no time from the search.
    pub fn begin(&self) {
        lock(&self.times).began = Instant::now();
    }

    pub fn end(&self) {
        lock(&self.times).ended = Some(Instant::now());
        lock(&self.news).stage = "done";
    }

    /// Nobody waits any more.
    pub fn cancel(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub fn cancelled(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Whether to stop looking: cancelled, or out of time.
    pub fn over(&self) -> bool {
        self.cancelled() || self.left() == 0.0
    }

    /// Seconds since the search began, up to its end.
    pub fn spent(&self) -> f64 {
        let times = lock(&self.times);
        times.ended.unwrap_or_else(Instant::now).saturating_duration_since(times.began).as_secs_f64()
    }

    /// Seconds that are left.
    pub fn left(&self) -> f64 {
        (self.limit.as_secs_f64() - self.spent()).max(0.0)
    }

    pub fn seconds(&self) -> f64 {
        self.limit.as_secs_f64()
    }

    pub fn tell(&self, stage: &'static str) {
        lock(&self.news).stage = stage;
    }

    pub fn found(&self, value: f64) {
        lock(&self.news).value = Some(value);
    }

    pub fn bounded(&self, bound: f64) {
        lock(&self.news).bound = Some(bound);
    }

    /// So many steps of so many are done.
    pub fn step(&self, done: usize, of: usize) {
        lock(&self.news).steps = Some((done, of));
    }

    pub fn steps(&self) -> Option<(usize, usize)> {
        lock(&self.news).steps
    }

    pub fn news(&self) -> News {
        lock(&self.news).clone()
    }
}

/// Nothing panics while it holds one of these; were it so, the news would still be news.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_over_when_it_is_cancelled_or_its_time_is_up() {
        let watch = Watch::new(1000.0);
        assert!(!watch.over() && watch.left() > 900.0);
        watch.cancel();
        assert!(watch.over() && watch.cancelled());
        let watch = Watch::new(0.0);
        assert!(watch.over() && !watch.cancelled());
    }

    #[test]
    fn a_step_of_a_search_ends_with_it_and_keeps_its_news_to_itself() {
        let watch = Watch::new(1000.0);
        watch.found(19265.0);
        let part = watch.part();
        part.found(23.0);
        part.tell("interchange");
        assert_eq!((watch.news().value, watch.news().stage), (Some(19265.0), "waiting"));
        watch.cancel();
        assert!(part.over());
    }
}
