//! The application: what every handler may ask.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::jobs::Jobs;
use super::remembered::Remembered;
use super::representation::facility_tag;
use super::{Code, Problem};
use crate::analysis::{CoverageQuestion, Standing};
use crate::atlas::Atlas;
use crate::care::{Region, Standards};
use crate::feed::Live;
use crate::past::Past;
use crate::registry::{DISK_FULL, Registry, RegistryError};
use crate::settings::Settings;

/// How long a writer waits for its own write to show. The log is followed in milliseconds; past this something is wrong.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many long questions may wait for a place before the next one is sent away.
const QUEUE: usize = 64;

/// One process has one.
pub struct App {
    pub settings: Settings,
    pub registry: Registry,
    pub live: Arc<Live>,
    /// Long searches.
    pub jobs: Jobs,
    /// The standards of distance to choose from.
    pub standards: Standards,
    past: Past,
    remembered: Arc<Remembered>,
    quiet: Handle,
    places: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl App {
    /// Must be called on the runtime that watches over long searches. Long questions are answered on quiet threads.
    pub fn new(settings: Settings, registry: Registry, live: Arc<Live>, quiet: &Handle) -> App {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        App {
            settings,
            registry,
            live,
            jobs: Jobs::on(Handle::current(), quiet.clone()),
            standards: Standards::shipped(),
            past: Past::on(quiet.clone()),
            remembered: Arc::default(),
            quiet: quiet.clone(),
            places: Arc::new(Semaphore::new(cores)),
            queue: Arc::new(Semaphore::new(QUEUE)),
        }
    }

    /// The atlas of a past time, or of now where none is asked for.
    pub async fn atlas_at(&self, at: Option<DateTime<Utc>>) -> Result<Arc<Atlas>, Problem> {
        match at {
            None => Ok(self.atlas()),
            Some(at) => Ok(self.past.atlas(&self.registry, at, self.settings.time_zone).await?),
        }
    }

    /// Whether the atlas of that time is at hand.
    pub fn is_drawn(&self, at: DateTime<Utc>) -> bool {
        self.past.is_drawn(at)
    }

    /// The same with the people of a year, where one is asked for.
    pub async fn atlas_of(&self, at: Option<DateTime<Utc>>, year: Option<i32>) -> Result<Arc<Atlas>, Problem> {
        let atlas = self.atlas_at(at).await?;
        Ok(year.map_or_else(|| Arc::clone(&atlas), |year| Arc::new(atlas.of_year(year))))
    }

    /// The snapshot for one request.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.live.atlas()
    }

    /// Answers a long question away from the workers, as many at a time as there are cores.
    pub async fn ponder<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Atlas) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.ponder_over(self.atlas(), question).await
    }

    /// The same over an atlas of a past time.
    pub async fn ponder_over<T: Send + 'static>(
        &self,
        atlas: Arc<Atlas>,
        question: impl FnOnce(&Atlas) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || Problem::new(Code::Busy, "Too many long questions at once; ask again in a few seconds.");
        let _waiting = self.queue.clone().try_acquire_owned().map_err(|_| busy())?;
        let place = self.places.clone().acquire_owned().await.map_err(|_| busy())?;
        let answer = self.quiet.spawn_blocking(move || {
            let answer = question(&atlas);
            drop(place);
            answer
        });
        answer.await.map_err(|error| Problem::internal(&error))
    }

    /// Answers about coverage as the record stands, with what is kept of the same question.
    pub async fn ponder_kept<T: Send + 'static>(
        &self,
        question: CoverageQuestion,
        answer: impl FnOnce(&Atlas, &Standing) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (kept, bands) = (Arc::clone(&self.remembered), self.standards.bands_m.clone());
        let atlas = self.atlas_of(None, question.population_year).await?;
        self.ponder_over(atlas, move |atlas| answer(atlas, &kept.standing(atlas, &question, &bands))).await
    }

    /// Waits until this process's atlas has the writer's own change.
    pub async fn show_write(&self, seq: i64) {
        if !self.live.reached(seq, PATIENCE).await {
            tracing::warn!(seq, "a committed change is slow to show in the atlas");
        }
    }
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Problem {
        match error {
            RegistryError::Unavailable(why) => {
                // The feed says once that the database is away, and once that it is back.
                tracing::debug!(why, "a write or a look into the log was refused: the database is away");
                if why.starts_with(DISK_FULL) {
                    return Problem::new(
                        Code::RecordAway,
                        "The disk of the database is full: nothing was written. Reading goes on, and writing works again as \
                         soon as there is room.",
                    );
                }
                Problem::new(
                    Code::RecordAway,
                    "The record cannot be reached just now. If this was a write, look whether it arrived before you send it \
                     again; with If-Match or Idempotency-Key sending it again is safe.",
                )
            }
            RegistryError::NotFound => Problem::new(Code::NotFound, "There is no such facility."),
            RegistryError::Stale(current) => Problem::new(
                Code::Stale,
                format!("The record has moved on to version {}. Look at it and decide again.", current.version),
            ),
            RegistryError::StaleInspection(current) => {
                let problem = Problem::new(
                    Code::Stale,
                    format!("The inspection has moved on to version {}. Look at it and decide again.", current.version),
                );
                let json = serde_json::to_string(&current).unwrap_or_default();
                problem.with_current(facility_tag(current.version), json.into())
            }
            RegistryError::StaleRow { version, current } => {
                let detail = format!("The row has moved on to version {version}. Look at it and decide again.");
                Problem::new(Code::Stale, detail).with_current(format!("\"{version}\""), current.to_string().into())
            }
            RegistryError::StaleRegion(current) => {
                let detail = "The region has changed since. Look at it and decide again.";
                let (tag, told) = (format!("\"{}\"", current.state()), Region { border: None, ..*current });
                let json = serde_json::to_string(&told).unwrap_or_default();
                Problem::new(Code::Stale, detail).with_current(tag, json.into())
            }
            RegistryError::Rule { pointer, detail } => Problem::new(Code::Rule, detail.clone()).at(pointer, detail),
            RegistryError::Conflict(why) => Problem::new(Code::Conflict, why),
            RegistryError::NewerSchema(_) => Problem::internal(&error),
            RegistryError::Internal(why) => Problem::internal(&why),
        }
    }
}
