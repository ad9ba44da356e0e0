//! A position in the log: which log it is, and its last change, so that a log that lost changes is told from one that grew.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Change, Entity, Text};

/// Which log a reader follows, and how far it has read. Numbers alone do not tell: after a failover to a copy that lacked
/// the last changes, the same numbers are given to other changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPosition {
    /// The log's identity. It changes when the database was restored, promoted or rolled back.
    pub log: Uuid,
    /// The last change that was read; `None` before the first.
    pub last: Option<LogMark>,
}

/// What tells one change from another that has the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogMark {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub entity: Entity,
    pub key: Text,
}

impl From<&Change> for LogMark {
    fn from(change: &Change) -> LogMark {
        LogMark { seq: change.seq, at: change.at, entity: change.entity, key: change.key.clone() }
    }
}

impl LogPosition {
    /// The same log, read as far as this change.
    pub fn at(&self, change: &Change) -> LogPosition {
        LogPosition { log: self.log, last: Some(change.into()) }
    }

    /// The number of the last change; 0 before the first.
    pub fn revision(&self) -> i64 {
        self.last.as_ref().map_or(0, |last| last.seq)
    }
}
