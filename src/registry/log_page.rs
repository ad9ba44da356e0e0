//! Pages of the log for public readers: as the database sent them, limited in rows and bytes, read where no one else waits.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::{Registry, RegistryError};
use crate::care::{Action, Entity, Text};

/// A page ends when its records, compressed as the database keeps them, are larger; it has one change at least.
const PAGE_BYTES: i64 = 2 * 1024 * 1024;

/// Rows as they came.
pub struct LogPage(Vec<Row>);

/// One line of the log; the records are its text, not yet read.
#[derive(Debug, Serialize)]
pub struct LogLine {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub becomes: Option<Text>,
    pub entity: Entity,
    pub key: Text,
    pub action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<RawValue>>,
}

impl LogPage {
    /// Its lines, and whether others follow.
    pub fn lines(&self) -> Result<(Vec<LogLine>, bool), RegistryError> {
        let found: i64 = self.0.first().map_or(0, |row| row.get("found"));
        let lines = self.0.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        let more = found > lines.len() as i64;
        Ok((lines, more))
    }
}

fn line(row: &Row) -> Result<LogLine, RegistryError> {
    let seq = row.get("seq");
    let unknown = |word: &str| RegistryError::Internal(format!("change {seq}: unknown word {word}"));
    let text = |name: &str| row.get::<_, Option<&str>>(name).map(Text::from);
    let json = |name: &str| {
        let text = row.get::<_, Option<String>>(name);
        text.map(RawValue::from_string)
            .transpose()
            .map_err(|error| RegistryError::Internal(format!("the log: {error}")))
    };
    let (entity, action) = (row.get::<_, &str>("entity"), row.get::<_, &str>("action"));
    Ok(LogLine {
        seq,
        at: row.get("at"),
        actor: row.get::<_, &str>("actor").into(),
        batch: row.get("batch"),
        request: row.get("request"),
        becomes: text("becomes"),
        entity: Entity::from_code(entity).ok_or_else(|| unknown(entity))?,
        key: row.get::<_, &str>("key").into(),
        action: Action::from_code(action).ok_or_else(|| unknown(action))?,
        before: json("before")?,
        after: json("after")?,
    })
}

/// The question for a page: which changes by `condition`, in which order, and whether with the record before.
fn question(condition: &str, order: &str, limit: i64, before: &str) -> String {
    let size = format!("coalesce(pg_column_size(after), 0) + coalesce(pg_column_size({before}), 0)");
    format!(
        "WITH chosen AS MATERIALIZED \
             (SELECT seq FROM change WHERE {condition} ORDER BY seq {order} LIMIT {}), \
         page AS (SELECT seq, at, actor, batch, request, becomes, entity, key, action, {before} AS before, after, \
             row_number() OVER (ORDER BY seq {order}) AS number, sum({size}) OVER (ORDER BY seq {order}) AS bytes \
             FROM change JOIN chosen USING (seq)) \
         SELECT seq, at, actor, batch, request, becomes, entity, key, action, before::text, after::text, \
             (SELECT count(*) FROM chosen) AS found \
         FROM page WHERE number <= {limit} AND (number = 1 OR bytes <= {PAGE_BYTES}) ORDER BY seq {order}",
        limit.saturating_add(1),
    )
}

/// The key itself, and those of the records that became it, however many steps ago.
async fn keys(client: &Client, entity: Entity, key: &str) -> Result<Vec<String>, RegistryError> {
    let mut keys = vec![key.to_owned()];
    let mut latest = keys.clone();
    while !latest.is_empty() {
        let sql = "SELECT key FROM change WHERE entity = $1 AND becomes = ANY ($2)";
        let rows = client.query(sql, &[&entity.code(), &latest]).await?;
        latest = rows.iter().map(|row| row.get(0)).filter(|key| !keys.contains(key)).collect();
        keys.extend(latest.iter().cloned());
    }
    Ok(keys)
}

impl Registry {
    /// Changes after `since` for public readers, in commit order.
    pub async fn log_after(&self, since: i64, limit: i64) -> Result<LogPage, RegistryError> {
        let (line, reads) = (self.line.clone(), self.reads.clone());
        let read = async move |client: &Client| {
            let sql = question("seq > $1", "ASC", limit, "NULL::jsonb");
            Ok(LogPage(client.query(&sql, &[&since]).await?))
        };
        self.line.unlimited(async move { reads.public.ask(&line, read).await }).await
    }

    /// The changes of one record for public readers, newest first, from before `before`.
    pub async fn log_of(
        &self,
        entity: Entity,
        key: &str,
        before: Option<i64>,
        limit: i64,
    ) -> Result<LogPage, RegistryError> {
        let (line, reads, key) = (self.line.clone(), self.reads.clone(), Text::from(key));
        let read = async move |client: &Client| {
            let (keys, before) = (keys(client, entity, &key).await?, before.unwrap_or(i64::MAX));
            // Of one key the index gives the latest first; several are put in order.
            let (which, code) =
                (if keys.len() == 1 { "key = ($2::text[])[1]" } else { "key = ANY ($2)" }, entity.code());
            let sql = question(&format!("entity = $1 AND {which} AND seq < $3"), "DESC", limit, "before");
            Ok(LogPage(client.query(&sql, &[&code, &keys, &before]).await?))
        };
        self.line.unlimited(async move { reads.public.ask(&line, read).await }).await
    }
}
