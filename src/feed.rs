//! The feed: keeps this process's atlas up with the registry's log, and lets a writer wait until it has.

mod heartbeat;
mod live;

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use chrono_tz::Tz;
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

pub use self::heartbeat::beat;
pub use self::live::Live;
use crate::atlas::Atlas;
use crate::registry::{MissingRecords, RecordCounts, Registry, RegistryError};

/// Past so many waiting changes, reading the whole record is cheaper than following the log line by line. A page that is
/// not full ends where a transaction ended, so half an import is never shown.
const PAGE: i64 = 20_000;

/// How long to rest after the database could not be reached.
const REST: Duration = Duration::from_millis(500);

/// Clocks are corrected by moments all the time; a snapshot dated further ahead was read by a clock that was set back since.
const AHEAD: TimeDelta = TimeDelta::seconds(2);

/// Follows the log until told to stop.
pub async fn follow(registry: Registry, live: Arc<Live>, zone: Tz, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = registry.wait_for_news() => {}
            () = live.nudged() => {}
        }
        let caught_up = tokio::select! {
            () = stop.cancelled() => return,
            caught_up = catch_up(&registry, &live, zone) => caught_up,
        };
        if let Err(error) = caught_up {
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
            live.saw_own(at);
            // Whoever looked for these meanwhile need not make the record be asked.
            let _ = live.nudged().now_or_never();
            return Ok(());
        }
    }
    let atlas = live.atlas();
    let state = registry.log_state(atlas.revision()).await?;
    let behind = state.head - atlas.revision();
    let lost = !state.continues(atlas.position());
    if lost {
        tracing::warn!(
            revision = atlas.revision(),
            head = state.head,
            "the database is not the one that was followed, or has lost changes; reading the whole record"
        );
        registry.forget_own_changes();
        if state.log == atlas.position().log {
            registry.renew_log_identity(state.log).await?;
        }
    }
    let changes = if !lost && (1..PAGE).contains(&behind) {
        registry.changes_after(atlas.revision(), PAGE).await?
    } else {
        vec![]
    };
    let next = if lost {
        Some(redraw(registry, zone).await?)
    } else if behind == 0 {
        let ahead = atlas.read_at() > asked + AHEAD;
        atlas.turn_page(asked).or_else(|| ahead.then(|| atlas.read_again(asked)))
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
    if behind != 0 || lost {
        live.shows_others();
    }
    Ok(())
}

/// The first atlas of a server, and what is missing from the record by its own log.
pub async fn first(registry: &Registry, zone: Tz) -> Result<(Atlas, Vec<MissingRecords>), RegistryError> {
    let record = registry.load().await?;
    let missing = registry.missing_records(RecordCounts::of(&record)).await?;
    Ok((blocking(move || Atlas::draw(record, Utc::now(), zone)).await?, missing))
}

/// Reads the whole record and draws it.
pub async fn redraw(registry: &Registry, zone: Tz) -> Result<Atlas, RegistryError> {
    let record = registry.load().await?;
    blocking(move || Atlas::draw(record, Utc::now(), zone)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, RegistryError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| RegistryError::Internal(error.to_string()))
}
