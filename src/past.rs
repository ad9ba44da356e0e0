//! The past: snapshots as of days gone by, built one at a time when asked for; as many are kept as fit.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::atlas::Atlas;
use crate::registry::{Registry, RegistryError, SNAPSHOT_INTERVAL};

/// All that are kept take about so much memory together; one is kept in any case.
pub const KEPT_BYTES: usize = 512 * 1024 * 1024;
/// So many days wait while one is built; who asks for another is sent away.
pub const WAITING: usize = 8;
/// How often to look whether the log has grown enough for another snapshot of the record.
const LOOK: Duration = Duration::from_secs(30);

/// Why there is no atlas of that time.
#[derive(Debug, Clone)]
pub enum PastError {
    /// Too many other days wait already.
    Busy,
    Unavailable(String),
    Internal(String),
}

impl From<RegistryError> for PastError {
    fn from(error: RegistryError) -> PastError {
        match error {
            RegistryError::Unavailable(why) => PastError::Unavailable(why),
            error => PastError::Internal(error.to_string()),
        }
    }
}

/// The identity of the log and a time: after a failover that lost changes, the same day is another.
type Day = (Uuid, DateTime<Utc>);

type Built = Result<Arc<Atlas>, PastError>;

struct Held {
    day: Day,
    atlas: Arc<Atlas>,
    bytes: usize,
}

#[derive(Default)]
struct State {
    /// The latest asked for at the front.
    kept: VecDeque<Held>,
    under_way: Vec<(Day, Shared<BoxFuture<'static, Built>>)>,
    /// Of the one that was built last.
    bytes: usize,
}

impl State {
    fn find(&mut self, day: Day) -> Option<Arc<Atlas>> {
        let found = self.kept.iter().position(|held| held.day == day)?;
        let held = self.kept.remove(found)?;
        let atlas = Arc::clone(&held.atlas);
        self.kept.push_front(held);
        Some(atlas)
    }

    /// Lets the oldest go until another of so many bytes fits.
    fn make_room(&mut self, bytes: usize) {
        while !self.kept.is_empty() && self.kept.iter().map(|held| held.bytes).sum::<usize>() + bytes > KEPT_BYTES {
            self.kept.pop_back();
        }
    }
}

/// One process has one.
pub struct Past {
    runtime: Handle,
    /// Where they are built.
    quiet: Handle,
    turn: Arc<Semaphore>,
    state: Arc<Mutex<State>>,
}

/// What is under way, until it ends in whatever way.
struct UnderWay {
    state: Arc<Mutex<State>>,
    day: Day,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        open(&self.state).under_way.retain(|(day, _)| *day != self.day);
    }
}

fn open(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Past {
    /// The first runtime watches over the work, the second has the threads that it runs on.
    pub fn on(runtime: Handle, quiet: Handle) -> Past {
        Past { runtime, quiet, turn: Arc::new(Semaphore::new(1)), state: Arc::default() }
    }

    /// The atlas as the record stood at a time, for that day, in today's vocabulary. Who asks for the same time meanwhile
    /// waits for the same one.
    pub async fn atlas(&self, registry: &Registry, day: Day, zone: Tz) -> Built {
        let building = {
            let mut state = open(&self.state);
            if let Some(atlas) = state.find(day) {
                return Ok(atlas);
            }
            match state.under_way.iter().find(|(held, _)| *held == day) {
                Some((_, building)) => building.clone(),
                None if state.under_way.len() > WAITING => return Err(PastError::Busy),
                None => {
                    let building = self.begin(registry.clone(), day, zone);
                    state.under_way.push((day, building.clone()));
                    building
                }
            }
        };
        building.await
    }

    /// It is finished though whoever asked goes away: the next one may ask for the same day.
    fn begin(&self, registry: Registry, day: Day, zone: Tz) -> Shared<BoxFuture<'static, Built>> {
        let (turn, quiet, state) = (self.turn.clone(), self.quiet.clone(), self.state.clone());
        let task = self.runtime.spawn(async move {
            let _ended = UnderWay { state: Arc::clone(&state), day };
            let turn = turn.acquire_owned().await;
            {
                let mut state = open(&state);
                let bytes = state.bytes;
                state.make_room(bytes);
            }
            let built = build(&registry, &quiet, day.1, zone).await;
            drop(turn);
            if let Ok((atlas, bytes)) = &built {
                let mut state = open(&state);
                state.bytes = *bytes;
                state.make_room(*bytes);
                state.kept.push_front(Held { day, atlas: Arc::clone(atlas), bytes: *bytes });
            }
            built.map(|(atlas, _)| atlas)
        });
        task.map(|ended| ended.unwrap_or_else(|error| Err(PastError::Internal(error.to_string())))).boxed().shared()
    }

    /// Whether that time is at hand.
    pub fn is_drawn(&self, day: Day) -> bool {
        open(&self.state).kept.iter().any(|held| held.day == day)
    }
}

async fn build(
    registry: &Registry,
    quiet: &Handle,
    at: DateTime<Utc>,
    zone: Tz,
) -> Result<(Arc<Atlas>, usize), PastError> {
    let record = registry.record_as_of(at).await?;
    let drawn = quiet.spawn_blocking(move || {
        let atlas = Atlas::draw(record, at, zone);
        let bytes = atlas.estimated_bytes();
        (Arc::new(atlas), bytes)
    });
    drawn.await.map_err(|error| PastError::Internal(error.to_string()))
}

/// Makes snapshots of the record as the log grows, until told to stop.
pub async fn keep_snapshots(registry: Registry, stop: CancellationToken) {
    let mut told = false;
    loop {
        let rest = match registry.make_snapshot(SNAPSHOT_INTERVAL).await {
            Ok(true) => Duration::from_millis(200),
            Ok(false) => LOOK,
            Err(error) => {
                // The feed says it when the database is away.
                if !std::mem::replace(&mut told, true) {
                    tracing::info!(%error, "no snapshot of the record could be made; trying again");
                }
                LOOK
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}
