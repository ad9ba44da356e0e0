//! The application: what every handler may ask.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::client::Client;
use super::jobs::Jobs;
use super::log_reader::LogTurns;
use super::remembered::Remembered;
use super::representation::facility_tag;
use super::turns::{Quota, Turns};
use super::{Code, Problem};
use crate::analysis::{CoverageQuestion, Standing};
use crate::atlas::Atlas;
use crate::care::{PastDay, Region, Standards};
use crate::feed::Live;
use crate::past::{Past, PastError};
use crate::registry::{DISK_FULL, Registry, RegistryError};
use crate::settings::Settings;

/// How long a writer waits for its own write to show. The log is followed in milliseconds; past this something is wrong.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many long questions may wait for a place or be worked on; there are as many places as cores.
const LONG: Quota = Quota { places: 0, all: 64, unknown: 64, address: 16, account: 16 };
/// The same for families' short ones: many phones may share the one address of their network.
const SHORT: Quota = Quota { places: 0, all: 512, unknown: 512, address: 128, account: 128 };

/// Passwords that are compared: each takes 19 MiB and a core for a moment.
const PASSWORDS: Quota = Quota { places: 2, all: 64, unknown: 64, address: 8, account: 8 };

/// One process has one.
pub struct App {
    pub settings: Settings,
    pub registry: Registry,
    pub live: Arc<Live>,
    /// Long searches.
    pub jobs: Jobs,
    /// Comparing passwords.
    pub passwords: Turns,
    /// The standards of distance to choose from.
    pub standards: Standards,
    past: Past,
    pub(super) log_turns: LogTurns,
    remembered: Arc<Remembered>,
    runtime: Handle,
    quiet: Handle,
    long: Turns,
    short: Turns,
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
            passwords: Turns::new("sign-ins", PASSWORDS),
            standards: Standards::shipped(),
            past: Past::on(Handle::current(), quiet.clone()),
            log_turns: LogTurns::default(),
            remembered: Arc::default(),
            runtime: Handle::current(),
            quiet: quiet.clone(),
            long: Turns::new("long questions", Quota { places: cores, ..LONG }),
            short: Turns::new("questions", Quota { places: cores, ..SHORT }),
        }
    }

    /// The atlas of a past time, or of now where none is asked for.
    pub async fn atlas_at(&self, at: Option<DateTime<Utc>>) -> Result<Arc<Atlas>, Problem> {
        match at {
            None => Ok(self.atlas()),
            Some(at) => Ok(self.past.atlas(&self.registry, self.day(at), self.settings.time_zone).await?),
        }
    }

    /// Whether the atlas of that time is at hand.
    pub fn is_drawn(&self, at: DateTime<Utc>) -> bool {
        self.past.is_drawn(self.day(at))
    }

    /// A time in the log that is followed now.
    fn day(&self, at: DateTime<Utc>) -> (Uuid, DateTime<Utc>) {
        (self.atlas().position().log, at)
    }

    /// A day that is over, with what the log (read up to `until`) says of the statuses on it.
    pub async fn past_day(&self, day: NaiveDate, until: Option<DateTime<Utc>>) -> Result<Arc<PastDay>, Problem> {
        let next = day
            .succ_opt()
            .and_then(|next| next.and_time(NaiveTime::MIN).and_local_timezone(self.settings.time_zone).earliest());
        let Some(next) = next else { return Ok(Arc::new(PastDay::by_dates(day))) };
        let end = next.to_utc() - TimeDelta::microseconds(1);
        let log = self.registry.status_log(end, until).await?;
        Ok(Arc::new(PastDay { day, log }))
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

    /// Where long work is spawned.
    pub(super) fn quiet(&self) -> &Handle {
        &self.quiet
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
        in_turn(&self.long, &self.quiet, atlas, question).await
    }

    /// Answers a family's question that takes a few milliseconds: it has places of its own, which planners' questions
    /// cannot take, and threads that do not step back.
    pub async fn look_up<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Atlas) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        in_turn(&self.short, &self.runtime, self.atlas(), question).await
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

impl From<PastError> for Problem {
    fn from(error: PastError) -> Problem {
        match error {
            PastError::Busy => Problem::new(
                Code::Busy,
                "Too many past days are asked for at once; they are built one at a time. Ask again in a few seconds.",
            ),
            PastError::Unavailable(why) => RegistryError::Unavailable(why).into(),
            PastError::Internal(why) => Problem::internal(&why),
        }
    }
}

/// Waits for a turn, then answers on a thread for blocking work. The place is held until the answer is there, whoever has
/// gone away meanwhile.
async fn in_turn<T: Send + 'static>(
    turns: &Turns,
    threads: &Handle,
    atlas: Arc<Atlas>,
    question: impl FnOnce(&Atlas) -> T + Send + 'static,
) -> Result<T, Problem> {
    let ticket = turns.enter(Client::here())?;
    let place = ticket.place().await;
    let answer = threads.spawn_blocking(move || {
        let answer = question(&atlas);
        drop((place, ticket));
        answer
    });
    answer.await.map_err(|error| Problem::internal(&error))
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
            RegistryError::Removed(removed) => {
                let now = removed.becomes.map_or_else(String::new, |id| format!(" Its record is now {id}."));
                let (name, said) = (&removed.name, removed.said());
                let detail =
                    format!("{name} {said}.{now} If it is to be registered again all the same, send another=true.");
                Problem::new(Code::Conflict, detail)
            }
            RegistryError::Internal(why) => Problem::internal(&why),
        }
    }
}
