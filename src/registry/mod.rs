//! The record in PostgreSQL: the only folder that knows diesel or SQL.

use uuid::Uuid;

use crate::care::draft::{CapacityDraft, FacilityKey};
use crate::care::{Change, DemandPoint, Entity, Facility, Record, Region, Text, Vocabulary};

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
    /// The record moved on since the version that the write was based on.
    #[error("the record has moved on to version {}", .0.version)]
    Stale(Box<Facility>),
    /// A rule of the record, in words, with the JSON pointer of what broke it.
    #[error("{detail}")]
    Rule { pointer: String, detail: String },
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

/// A record before and after; `before` is `None` for a new one.
#[derive(Debug, Clone)]
pub struct Edit<T> {
    pub before: Option<T>,
    pub after: T,
}

/// The record. Cheap to clone; every call runs on the runtime that opened it.
#[derive(Clone)]
pub struct Registry {}

/// One batch being written: a transaction that commits whole or not at all (dropped = rolled back).
pub struct Batch {}

impl Registry {
    /// Opens the pool on the current runtime. Does not migrate.
    pub async fn open(address: &Address) -> Result<Registry, RegistryError> {
        todo!()
    }

    /// Brings the schema up to date; answers how many migrations ran.
    pub async fn migrate(&self) -> Result<usize, RegistryError> {
        todo!()
    }

    /// The whole record at one revision (one REPEATABLE READ snapshot).
    pub async fn load(&self) -> Result<Record, RegistryError> {
        todo!()
    }

    /// Kinds, measures and schemes.
    pub async fn vocabulary(&self) -> Result<Vocabulary, RegistryError> {
        todo!()
    }

    pub async fn regions(&self) -> Result<Vec<Region>, RegistryError> {
        todo!()
    }

    /// The number of the last change.
    pub async fn revision(&self) -> Result<i64, RegistryError> {
        todo!()
    }

    /// Changes after `seq` in commit order, at most `limit`.
    pub async fn changes_after(&self, seq: i64, limit: i64) -> Result<Vec<Change>, RegistryError> {
        todo!()
    }

    /// The changes of one record, newest first.
    pub async fn history(&self, entity: Entity, key: &str) -> Result<Vec<Change>, RegistryError> {
        todo!()
    }

    /// Writes capacity if the facility still has version `expected`.
    pub async fn update_capacity(
        &self,
        id: Uuid,
        expected: i64,
        told: Vec<CapacityDraft>,
        actor: &str,
    ) -> Result<Written, RegistryError> {
        todo!()
    }

    /// Makes the operator's first token if there is none; the text is answered once and never stored.
    pub async fn first_token(&self) -> Result<Option<String>, RegistryError> {
        todo!()
    }

    /// The name behind a token, if it is known and not expired.
    pub async fn token_holder(&self, token: &str) -> Result<Option<Text>, RegistryError> {
        todo!()
    }

    /// Resolves each time the record has (or may have) changed: a NOTIFY, or a reconnection after the line broke.
    pub async fn wait_for_news(&self) {
        todo!()
    }

    /// Begins a batch. Batches take turns.
    pub async fn begin(&self, info: BatchInfo) -> Result<Batch, RegistryError> {
        todo!()
    }
}

impl Batch {
    /// The facilities that these keys name, locked until the batch ends.
    pub async fn facilities(&mut self, keys: &[FacilityKey]) -> Result<Vec<Facility>, RegistryError> {
        todo!()
    }

    pub async fn regions(&mut self) -> Result<Vec<Region>, RegistryError> {
        todo!()
    }

    pub async fn demand(&mut self) -> Result<Vec<DemandPoint>, RegistryError> {
        todo!()
    }

    /// Writes the rows and their lines in the log.
    pub async fn write_facilities(&mut self, edits: &[Edit<Facility>]) -> Result<(), RegistryError> {
        todo!()
    }

    /// Parents must come before children.
    pub async fn write_regions(&mut self, edits: &[Edit<Region>]) -> Result<(), RegistryError> {
        todo!()
    }

    pub async fn write_demand(&mut self, edits: &[Edit<DemandPoint>]) -> Result<(), RegistryError> {
        todo!()
    }

    /// Commits; answers the batch's id and the number of its last change (the log's head if it changed nothing).
    pub async fn commit(self) -> Result<(Uuid, i64), RegistryError> {
        todo!()
    }

    pub async fn roll_back(self) -> Result<(), RegistryError> {
        todo!()
    }
}
