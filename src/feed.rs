//! The feed: keeps this process's atlas up with the registry's log, and lets a writer wait until it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::FutureExt;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::atlas::Atlas;
use crate::registry::{Registry, RegistryError};

/// Past so many waiting changes, reading the whole record is cheaper than following the log line by line. A page that is
/// not full ends where a transaction ended, so half an import is never shown.
const PAGE: i64 = 20_000;

/// How long to rest after the database could not be reached.
const REST: Duration = Duration::from_millis(500);

/// The current atlas. One process has one; every request takes its snapshot from here.
pub struct Live {
    atlas: ArcSwap<Atlas>,
    revision: watch::Sender<i64>,
    /// Milliseconds since 1970 when the log was last seen to hold nothing newer.
    seen: AtomicI64,
    reachable: AtomicBool,
    nudge: Notify,
}

impl Live {
    pub fn new(atlas: Atlas) -> Live {
        let revision = watch::Sender::new(atlas.revision());
        let seen = AtomicI64::new(atlas.read_at().timestamp_millis());
        Live { atlas: ArcSwap::from_pointee(atlas), revision, seen, reachable: true.into(), nudge: Notify::new() }
    }

    /// The snapshot to answer one request from.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.atlas.load_full()
    }

    /// The time for which the atlas is known to be the whole truth; it stands still while the database is away.
    pub fn as_of(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.seen.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Whether the feed reached the database at its last try.
    pub fn reachable(&self) -> bool {
        self.reachable.load(Ordering::Relaxed)
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

    fn show(&self, atlas: Atlas) {
        let revision = atlas.revision();
        self.atlas.store(Arc::new(atlas));
        self.revision.send_replace(revision);
    }

    fn saw(&self, at: DateTime<Utc>) {
        self.seen.fetch_max(at.timestamp_millis(), Ordering::Relaxed);
        if !self.reachable.swap(true, Ordering::Relaxed) {
            tracing::info!("the database is back; the atlas follows again");
        }
    }

    fn lost(&self, error: &RegistryError) {
        if self.reachable.swap(false, Ordering::Relaxed) {
            tracing::warn!(%error, as_of = %self.as_of(), "the database is away; reads go on from the atlas");
        }
    }
}

/// Follows the log until told to stop.
pub async fn follow(registry: Registry, live: Arc<Live>, zone: Tz, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = registry.wait_for_news() => {}
            () = live.nudge.notified() => {}
        }
        if let Err(error) = catch_up(&registry, &live, zone).await {
            live.lost(&error);
            tokio::time::sleep(REST).await;
        }
    }
}

async fn catch_up(registry: &Registry, live: &Live, zone: Tz) -> Result<(), RegistryError> {
    let asked = Utc::now();
    let atlas = live.atlas();
    // What this process wrote itself need not be asked for.
    let own = registry.own_changes_after(atlas.revision());
    if let Some(last) = own.last().and_then(|group| group.last()) {
        // The log is known to hold nothing older that is not here.
        let at = last.at;
        // Figures move nothing on the map, so its index need not be drawn anew: quicker here than handed to another thread.
        if let Ok(atlas) = atlas.apply(own.iter().flat_map(|group| &**group), asked) {
            live.show(atlas);
            live.saw(at);
            // Whoever looked for these meanwhile need not make the record be asked.
            let _ = live.nudge.notified().now_or_never();
            return Ok(());
        }
    }
    let atlas = live.atlas();
    let behind = registry.revision().await? - atlas.revision();
    let changes =
        if (1..PAGE).contains(&behind) { registry.changes_after(atlas.revision(), PAGE).await? } else { vec![] };
    let next = if behind == 0 {
        atlas.turn_page(asked)
    } else if (1..PAGE).contains(&(changes.len() as i64)) {
        // Applying is quick, but drawing the index anew now and then is not: never on the runtime's own threads.
        let applied = blocking(move || atlas.apply(&changes, asked)).await?;
        match applied {
            Ok(atlas) => Some(atlas),
            Err(error) => {
                tracing::error!(%error, "a change cannot be applied; reading the whole record instead");
                Some(redraw(registry, zone).await?)
            }
        }
    } else {
        Some(redraw(registry, zone).await?)
    };
    if let Some(atlas) = next {
        live.show(atlas);
    }
    live.saw(asked);
    Ok(())
}

/// Reads the whole record and draws it.
pub async fn redraw(registry: &Registry, zone: Tz) -> Result<Atlas, RegistryError> {
    let record = registry.load().await?;
    blocking(move || Atlas::draw(record, Utc::now(), zone)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, RegistryError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| RegistryError::Internal(error.to_string()))
}
