//! The record in PostgreSQL: the only folder that knows diesel or SQL.

mod account;
mod as_of;
mod batch;
mod capacity;
mod change;
pub mod cluster;
mod completeness;
mod copy;
mod correction;
mod dossier;
mod edit;
mod facility;
mod heartbeat;
mod holders;
mod inspection;
mod ledger;
mod line;
mod log_page;
mod migrate;
mod news;
mod plate;
mod point;
mod population;
mod position;
mod press;
mod rating;
mod reads;
mod refusal;
mod region;
mod removed;
mod request;
mod scenario;
pub mod schema;
mod session;
mod sign_in;
mod snapshot;
mod snapshot_part;
mod status_log;
mod succession;
mod token;
mod vocabulary;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use tokio::time::timeout;
use uuid::Uuid;

pub use self::account::{Account, NewAccount};
pub use self::completeness::{MissingRecords, RecordCounts};
pub use self::correction::{NewCorrection, Received};
pub use self::edit::{Amended, Registered};
pub use self::heartbeat::{Heartbeat, Shown};
use self::holders::Holders;
pub use self::inspection::{Inspected, Inspections, Told};
use self::line::{ANSWER, Line, OwnClient, Purpose, silent};
pub use self::log_page::{LogLine, LogPage};
pub use self::migrate::MIGRATIONS;
use self::news::News;
pub use self::position::LogState;
use self::press::Press;
use self::reads::Reads;
pub use self::refusal::{DISK_FULL, constraints_in_words};
pub use self::region::InvalidBorder;
pub use self::request::Asked;
pub use self::scenario::Rewritten;
pub use self::sign_in::{Counted, Knock, RECOGNISED, Try};
pub use self::snapshot::{RECORDS_A_CHANGE, SNAPSHOT_INTERVAL};
pub use self::token::{DEFAULT_DAYS, NewToken, OPERATOR};
use crate::care::draft::FacilityKey;
use crate::care::{
    Change, DemandPoint, Entity, Facility, Inspection, Record, Region, RemovedFacility, Text, Vocabulary,
};

/// Where the database is.
#[derive(Debug, Clone)]
pub struct Address {
    /// A PostgreSQL URL or key-value string, as tokio-postgres reads it.
    pub url: String,
}

/// Why the record could not answer.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The database cannot be reached now; what was asked was not done.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    #[error("no such facility")]
    NotFound,
    /// What is asked for cannot be done as the record stands.
    #[error("{0}")]
    Conflict(String),
    /// What is to be registered was merged into another record or withdrawn.
    #[error("{} {}", .0.name, .0.said())]
    Removed(Box<RemovedFacility>),
    /// The record moved on since the version that the write was based on.
    #[error("the record has moved on to version {}", .0.version)]
    Stale(Box<Facility>),
    #[error("the inspection has moved on to version {}", .0.version)]
    StaleInspection(Box<Inspection>),
    /// The same of a target, a programme figure or a claim, with its current JSON.
    #[error("the row has moved on to version {version}")]
    StaleRow { version: i64, current: Box<serde_json::Value> },
    #[error("the region is not as it was seen")]
    StaleRegion(Box<Region>),
    /// A rule of the record, in words, with the JSON pointer of what broke it.
    #[error("{detail}")]
    Rule { pointer: String, detail: String },
    /// The migrations that this program does not know.
    #[error(
        "the database was brought up to date by a newer version of the program (migrations {0} are not known to this one, \
         {version}); start the newer version, or restore a backup from before", version = env!("CARGO_PKG_VERSION")
    )]
    NewerSchema(String),
    #[error("database error: {0}")]
    Internal(String),
}

/// A committed write: the record as it now is, and the number of its change.
#[derive(Debug, Clone)]
pub struct Written {
    pub facility: Facility,
    pub seq: i64,
}

/// Who brought in which file.
#[derive(Debug, Clone)]
pub struct BatchInfo {
    pub what: Entity,
    pub actor: Text,
    pub file_name: Text,
    /// Hex SHA-256 of the file's bytes.
    pub sha256: Text,
    pub rows: u64,
}

/// A batch that was brought in.
#[derive(Debug, Clone)]
pub struct PastBatch {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub info: BatchInfo,
}

/// A record before and after; `before` is `None` for a new one.
#[derive(Debug, Clone)]
pub struct Edit<T> {
    pub before: Option<T>,
    pub after: T,
}

/// How long the database may take to say that it is there.
const CHECK_TIME: Duration = Duration::from_secs(1);

/// The record. Cheap to clone; every call runs on the runtime that opened it.
pub struct Registry {
    line: Arc<Line>,
    news: Arc<OnceLock<News>>,
    press: Arc<Press>,
    holders: Arc<Holders>,
    reads: Arc<Reads>,
    /// The last news that this follower has heard.
    heard: AtomicU64,
}

impl Clone for Registry {
    fn clone(&self) -> Registry {
        let heard = self.heard.load(Ordering::Relaxed).into();
        Registry {
            line: Arc::clone(&self.line),
            news: Arc::clone(&self.news),
            press: Arc::clone(&self.press),
            holders: Arc::clone(&self.holders),
            reads: Arc::clone(&self.reads),
            heard,
        }
    }
}

/// One batch being written: a transaction that commits whole or not at all (dropped = rolled back). After an error nothing
/// more can be written.
pub struct Batch {
    client: OwnClient,
    id: Uuid,
    /// What will be appended to the log at the end.
    lines: change::Lines,
}

impl Registry {
    /// Opens the pool on the current runtime. Does not migrate.
    pub async fn open(address: &Address) -> Result<Registry, RegistryError> {
        let line = Arc::new(Line::open(address)?);
        Ok(Registry {
            line,
            news: Arc::default(),
            press: Arc::default(),
            holders: Arc::default(),
            reads: Arc::default(),
            heard: AtomicU64::new(0),
        })
    }

    /// Whether the database is there and answers.
    pub async fn check(&self) -> Result<(), RegistryError> {
        // The pool tries a connection before it hands it out.
        let asked = timeout(CHECK_TIME, self.line.ask(|_| async { Ok(()) }.boxed()));
        asked.await.unwrap_or_else(|_| Err(RegistryError::Unavailable("no answer in time".to_owned())))
    }

    /// The whole record at one revision (one REPEATABLE READ snapshot).
    pub async fn load(&self) -> Result<Record, RegistryError> {
        let (line, vocabulary) = (Arc::clone(&self.line), self.vocabulary().await?);
        self.line.unlimited(async move { load(&line, vocabulary).await }).await
    }

    /// Kinds, measures and schemes.
    pub async fn vocabulary(&self) -> Result<Vocabulary, RegistryError> {
        self.line.ask(|connection| vocabulary::load(connection).boxed()).await
    }

    pub async fn regions(&self) -> Result<Vec<Region>, RegistryError> {
        let client = self.line.client_for(Purpose::Read).await?;
        self.line.unlimited(async move { region::read(&client).await }).await
    }

    /// The changes that came with one batch, in order.
    pub async fn changes_of(&self, batch: Uuid) -> Result<Vec<Change>, RegistryError> {
        self.line.ask(move |connection| change::of_batch(connection, batch).boxed()).await
    }

    /// The latest batches, newest first.
    pub async fn batches(&self, limit: i64) -> Result<Vec<PastBatch>, RegistryError> {
        self.line.ask(move |connection| change::batches(connection, limit).boxed()).await
    }

    /// Resolves each time the record has (or may have) changed: a NOTIFY, a reconnection after the line broke, or half a
    /// second without either.
    pub async fn wait_for_news(&self) {
        let news = self.news.get_or_init(|| News::listen(&self.line, Arc::clone(&self.holders)));
        let heard = news.wait(self.heard.load(Ordering::Relaxed)).await;
        self.heard.store(heard, Ordering::Relaxed);
    }

    /// Begins a batch. Batches take turns.
    pub async fn begin(&self, info: BatchInfo) -> Result<Batch, RegistryError> {
        batch::begin(&self.line, info).await
    }
}

impl Batch {
    /// The facilities that these keys name, locked until the batch ends.
    pub async fn facilities(&mut self, keys: &[FacilityKey]) -> Result<Vec<Facility>, RegistryError> {
        batch::facilities(&self.client, keys).await
    }

    pub async fn regions(&mut self) -> Result<Vec<Region>, RegistryError> {
        region::read(&self.client).await
    }

    /// Old keys of records that were merged or renumbered, and what each became.
    pub async fn successors(&mut self) -> Result<Vec<(Text, Text)>, RegistryError> {
        change::successors(&self.client, i64::MAX).await
    }

    pub async fn demand(&mut self) -> Result<Vec<DemandPoint>, RegistryError> {
        population::read(&self.client).await
    }

    /// Writes the rows and their lines in the log.
    pub async fn write_facilities(&mut self, edits: &[Edit<Facility>]) -> Result<(), RegistryError> {
        batch::write_facilities(&self.client, edits, &mut self.lines).await
    }

    /// Parents must come before children.
    pub async fn write_regions(&mut self, edits: &[Edit<Region>]) -> Result<(), RegistryError> {
        region::write(&self.client, edits).await?;
        for Edit { before, after } in edits {
            self.lines.add(Entity::Region, &after.code, before.as_ref(), after);
        }
        Ok(())
    }

    pub async fn write_demand(&mut self, edits: &[Edit<DemandPoint>]) -> Result<(), RegistryError> {
        population::write(&self.client, edits).await?;
        for Edit { before, after } in edits {
            self.lines.add(Entity::DemandPoint, &after.id.to_string(), before.as_ref(), after);
        }
        Ok(())
    }

    /// Commits; answers the batch's id and the number of its last change (the log's head if it changed nothing).
    pub async fn commit(self) -> Result<(Uuid, i64), RegistryError> {
        batch::commit(self).await
    }
}

/// Reads everything at one revision, on two connections that share a snapshot.
async fn load(line: &Arc<Line>, vocabulary: Vocabulary) -> Result<Record, RegistryError> {
    let (first, second) = (line.client_for(Purpose::Bulk).await?, line.client_for(Purpose::Bulk).await?);
    let share = async {
        first.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let row = first.query_one("SELECT pg_export_snapshot(), coalesce(max(seq), 0) FROM change", &[]).await?;
        let (snapshot, revision): (String, i64) = (row.get(0), row.get(1));
        let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{snapshot}'");
        second.batch_execute(&begin).await?;
        let position = position::read(&first).await?;
        Ok::<_, RegistryError>((revision, position))
    };
    // The rows that follow have a limit of their own; what comes before them is short.
    let (revision, position) = timeout(ANSWER, share).await.map_err(|_| silent())??;
    let people = tokio::spawn(async move {
        let regions = region::read(&second).await?;
        Ok::<_, RegistryError>((regions, population::read(&second).await?))
    });
    let successors = change::successors(&first, revision).await?;
    let withdrawn = change::withdrawn(&first, revision).await?;
    let facilities = facility::read(&first, facility::Which::All).await?;
    let (regions, demand) = people.await.map_err(|error| RegistryError::Internal(error.to_string()))??;
    let read_at = Utc::now();
    Ok(Record { revision, position, read_at, vocabulary, facilities, regions, demand, successors, withdrawn })
}
