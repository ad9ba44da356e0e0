//! The live snapshot of this process, as of when it is the whole truth, and whether the record can be read and written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};

use crate::atlas::Atlas;
use crate::registry::{MissingRecords, RegistryError};

/// A heartbeat that is older says nothing of writing now.
const FRESH: Duration = Duration::from_secs(10);
/// A feed that reaches the database and yet learned nothing for so long is stuck, unless it is reading the whole record.
const STUCK: Duration = Duration::from_secs(1200);

/// The current atlas. One process has one; every request takes its snapshot from here.
pub struct Live {
    atlas: ArcSwap<Atlas>,
    revision: watch::Sender<i64>,
    seen: Mutex<Seen>,
    reachable: AtomicBool,
    nudge: Notify,
    /// Changes of other processes were shown: whoever waits for them outside is to be told at once.
    others: Notify,
    /// When the record was last found writable, or why it is not.
    writable: Mutex<Result<Instant, String>>,
    /// What the log says is there and the tables lack.
    missing: Mutex<Vec<MissingRecords>>,
}

/// When the log was last seen to hold nothing newer: by the clock on the wall, and by the one that is never set.
struct Seen {
    at: DateTime<Utc>,
    when: Instant,
}

impl Live {
    pub fn new(atlas: Atlas) -> Live {
        let revision = watch::Sender::new(atlas.revision());
        let seen = Mutex::new(Seen { at: atlas.read_at(), when: Instant::now() });
        Live {
            atlas: ArcSwap::from_pointee(atlas),
            revision,
            seen,
            reachable: true.into(),
            nudge: Notify::new(),
            others: Notify::new(),
            writable: Mutex::new(Ok(Instant::now())),
            missing: Mutex::default(),
        }
    }

    /// The snapshot to answer one request from.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.atlas.load_full()
    }

    /// The time for which the atlas is known to be the whole truth; it stands still while the database is away, and is never
    /// ahead of the clock, though that may have been set back.
    pub fn as_of(&self) -> DateTime<Utc> {
        locked(&self.seen).at.min(Utc::now())
    }

    /// How long ago that was, by the clock that is never set.
    pub fn lag(&self) -> Duration {
        locked(&self.seen).when.elapsed()
    }

    /// Whether the feed reached the database at its last try.
    pub fn reachable(&self) -> bool {
        self.reachable.load(Ordering::Relaxed)
    }

    /// Whether reads are good: nothing is known to be missing, and the feed is not stuck. While the database is away they are
    /// good as of the last word from it.
    pub fn can_read(&self) -> bool {
        locked(&self.missing).is_empty() && !(self.reachable() && self.lag() > STUCK)
    }

    /// Why the record cannot be written just now; `None` while it can.
    pub fn write_fault(&self) -> Option<String> {
        match &*locked(&self.writable) {
            Err(why) => Some(why.clone()),
            Ok(when) if when.elapsed() > FRESH => Some("the database has not answered for a while".to_owned()),
            Ok(_) => None,
        }
    }

    /// What a look at the record has found out about writing.
    pub fn set_writable(&self, found: Result<(), String>) {
        let mut writable = locked(&self.writable);
        match (&*writable, &found) {
            (Ok(_), Err(why)) => tracing::warn!(%why, "the record cannot be written; reads go on"),
            (Err(_), Ok(())) => tracing::info!("the record can be written again"),
            _ => {}
        }
        *writable = found.map(|()| Instant::now());
    }

    pub fn missing(&self) -> Vec<MissingRecords> {
        locked(&self.missing).clone()
    }

    pub fn set_missing(&self, missing: Vec<MissingRecords>) {
        *locked(&self.missing) = missing;
    }

    /// Waits until the atlas knows change `seq`; answers whether it came to know it in time.
    pub async fn reached(&self, seq: i64, patience: Duration) -> bool {
        let mut revision = self.revision.subscribe();
        if *revision.borrow() >= seq {
            return true;
        }
        self.nudge.notify_one();
        tokio::time::timeout(patience, revision.wait_for(|at| *at >= seq)).await.is_ok()
    }

    /// Resolves when somebody waits for a change.
    pub(super) async fn nudged(&self) {
        self.nudge.notified().await;
    }

    pub(super) fn show(&self, atlas: Atlas) {
        let revision = atlas.revision();
        self.atlas.store(Arc::new(atlas));
        self.revision.send_replace(revision);
    }

    pub(super) fn shows_others(&self) {
        self.others.notify_one();
    }

    /// Resolves when changes of another process were shown.
    pub(super) async fn others_shown(&self) {
        self.others.notified().await;
    }

    /// The log was asked at this time and holds nothing newer. A clock that was set back is believed.
    pub(super) fn saw(&self, at: DateTime<Utc>) {
        *locked(&self.seen) = Seen { at, when: Instant::now() };
        if !self.reachable.swap(true, Ordering::Relaxed) {
            tracing::info!("the database is back; the atlas follows again");
        }
    }

    /// The log is known as far as a change that this process wrote, by the clock of the database.
    pub(super) fn saw_own(&self, at: DateTime<Utc>) {
        let at = locked(&self.seen).at.max(at);
        self.saw(at);
    }

    pub(super) fn lost(&self, error: &RegistryError) {
        if self.reachable.swap(false, Ordering::Relaxed) {
            tracing::warn!(%error, as_of = %self.as_of(), "the database is away; reads go on from the atlas");
        }
    }
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is held is replaced as a whole, whoever panicked.
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::sample;

    #[test]
    fn a_clock_that_was_set_back_is_believed_and_no_answer_is_dated_ahead() {
        let live = Live::new(sample::atlas(1, 5));
        let ahead = Utc::now() + chrono::Duration::days(400);
        live.saw(ahead);
        assert!(live.as_of() <= Utc::now(), "never ahead of the clock");
        let now = Utc::now();
        live.saw(now);
        assert_eq!(live.as_of(), now);
        live.saw_own(now - chrono::Duration::days(1));
        assert_eq!(live.as_of(), now, "an own change is older than the last look");
        assert!(live.lag() < Duration::from_secs(5));
    }

    #[test]
    fn reads_are_good_while_writes_are_not_and_not_where_records_are_missing() {
        let live = Live::new(sample::atlas(1, 5));
        assert!(live.can_read() && live.write_fault().is_none());
        live.lost(&RegistryError::Unavailable("gone".to_owned()));
        live.set_writable(Err("gone".to_owned()));
        assert!(live.can_read() && live.write_fault().as_deref() == Some("gone"));
        live.set_writable(Ok(()));
        assert_eq!(live.write_fault(), None);
        let first = vec!["a".into()];
        live.set_missing(vec![MissingRecords { entity: crate::care::Entity::Facility, count: 1, first }]);
        assert!(!live.can_read());
    }
}
