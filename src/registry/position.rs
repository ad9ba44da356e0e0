//! The position in the log: which log this database holds, and whether it still holds the change that was read last.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text as SqlText, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use tokio_postgres::Client;
use uuid::Uuid;

use super::line::Pooled;
use super::{Registry, RegistryError};
use crate::care::{Entity, LogMark, LogPosition};

/// What the database says of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// Its identity.
    pub log: Uuid,
    /// The number of its last change; 0 before the first.
    pub head: i64,
    /// The change that was asked for, if it is there.
    pub known: Option<LogMark>,
}

impl LogState {
    /// Whether a reader who stands here follows this log and has lost nothing.
    pub fn continues(&self, position: &LogPosition) -> bool {
        self.log == position.log && self.known == position.last && self.head >= position.revision()
    }
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = SqlUuid)]
    log: Uuid,
    #[diesel(sql_type = BigInt)]
    head: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlText>)]
    entity: Option<String>,
    #[diesel(sql_type = Nullable<SqlText>)]
    key: Option<String>,
}

async fn state(connection: &mut Pooled, known: i64) -> Result<LogState, RegistryError> {
    let sql = "SELECT current_log() AS log, (SELECT coalesce(max(seq), 0) FROM change) AS head, at, entity, key \
               FROM (VALUES ($1::bigint)) AS known (seq) LEFT JOIN change USING (seq)";
    let row: StateRow = sql_query(sql).bind::<BigInt, _>(known).get_result(connection).await?;
    let entity = row.entity.and_then(|code| Entity::from_code(&code));
    let mark = row.at.zip(entity).zip(row.key);
    let known = mark.map(|((at, entity), key)| LogMark { seq: known, at, entity, key: key.into() });
    Ok(LogState { log: row.log, head: row.head, known })
}

/// Where the log stands in the transaction of this client.
pub(super) async fn read(client: &Client) -> Result<LogPosition, RegistryError> {
    let sql = "SELECT current_log(), seq, at, entity, key \
               FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM change ORDER BY seq DESC LIMIT 1) AS last ON true";
    let row = client.query_one(sql, &[]).await?;
    let last = match row.get::<_, Option<i64>>(1) {
        None => None,
        Some(seq) => {
            let word: &str = row.get(3);
            let unknown = || RegistryError::Internal(format!("change {seq}: unknown word {word}"));
            let entity = Entity::from_code(word).ok_or_else(unknown)?;
            Some(LogMark { seq, at: row.get(2), entity, key: row.get::<_, &str>(4).into() })
        }
    };
    Ok(LogPosition { log: row.get(0), last })
}

impl Registry {
    /// What the database says of its log, and of the change with this number.
    pub async fn log_state(&self, known: i64) -> Result<LogState, RegistryError> {
        self.line.ask(move |connection| state(connection, known).boxed()).await
    }

    /// Gives the log another identity, if it still has this one: it lost changes that others may have read.
    pub async fn renew_log_identity(&self, lost: Uuid) -> Result<(), RegistryError> {
        let task = async move |connection: &mut Pooled| {
            let sql = "UPDATE log_identity SET id = gen_random_uuid() WHERE current_log() = $1";
            sql_query(sql).bind::<SqlUuid, _>(lost).execute(connection).await?;
            Ok(())
        };
        self.line.ask(move |connection| async move { task(connection).await }.boxed()).await
    }
}
