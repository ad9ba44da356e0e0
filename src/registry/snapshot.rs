//! Snapshots of the record, kept beside the log: a past day is the last one before it, and the few changes since. Each is
//! made from the one before and the changes between, a part at a time, so making one takes little memory and nobody waits.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::Client;

use super::snapshot_part::{Part, PartWriter};
use super::{Registry, RegistryError};
use crate::care::Text;

/// Fewer changes than these are no reason for another.
pub const SNAPSHOT_INTERVAL: i64 = 50_000;
/// Nor are fewer than one for so many records: the snapshots together stay smaller than the log.
pub const RECORDS_A_CHANGE: i64 = 8;
/// How many changes are fetched at a time.
const FETCH: &str = "FETCH 200 FROM later";
/// A rest after each part, so that making one never fills the database's time.
const REST: Duration = Duration::from_millis(5);

/// A snapshot of the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Snapshot {
    pub revision: i64,
    records: i64,
}

/// The snapshot from which the record at that time is read, if there is one, and the next one.
pub(super) async fn around(client: &Client, at: DateTime<Utc>) -> Result<(Option<i64>, Option<i64>), RegistryError> {
    let sql = "SELECT revision FROM record_snapshot WHERE at <= $1 ORDER BY revision DESC LIMIT 1";
    let before: Option<i64> = client.query_opt(sql, &[&at]).await?.map(|row| row.get(0));
    let sql = "SELECT min(revision) FROM record_snapshot WHERE revision > $1";
    let next = client.query_one(sql, &[&before.unwrap_or(0)]).await?.get(0);
    Ok((before, next))
}

impl Registry {
    /// Makes the next snapshot, if at least so many changes have come since the last one; answers whether it did. Several
    /// servers of one database take turns.
    pub async fn make_snapshot(&self, interval: i64) -> Result<bool, RegistryError> {
        let (line, reads) = (self.line.clone(), self.reads.clone());
        self.line
            .unlimited(async move { reads.past.ask(&line, async |client| make(client, interval).await).await })
            .await
    }
}

async fn make(client: &Client, interval: i64) -> Result<bool, RegistryError> {
    // Taken before the transaction begins: whoever has the lock then sees what the last one committed under it.
    let turn = client.query_one("SELECT pg_try_advisory_lock(20583, 30)", &[]).await?;
    if !turn.get::<_, bool>(0) {
        return Ok(false);
    }
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    let made = make_within(client, interval).await;
    let end = client.batch_execute(if made.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
    client.query_one("SELECT pg_advisory_unlock(20583, 30)", &[]).await?;
    end?;
    made
}

async fn make_within(client: &Client, interval: i64) -> Result<bool, RegistryError> {
    let sql = "SELECT revision, records FROM record_snapshot ORDER BY revision DESC LIMIT 1";
    let last = client.query_opt(sql, &[]).await?.map(|row| Snapshot { revision: row.get(0), records: row.get(1) });
    let (from, records) = last.map_or((0, 0), |last| (last.revision, last.records));
    let target = from.saturating_add(interval.max(records / RECORDS_A_CHANGE));
    let head: i64 = client.query_one("SELECT coalesce(max(seq), 0) FROM change", &[]).await?.get(0);
    if head < target {
        return Ok(false);
    }
    let sql = "SELECT seq, at FROM change WHERE seq <= $1 ORDER BY seq DESC LIMIT 1";
    let end = client.query_one(sql, &[&target]).await?;
    let (revision, at): (i64, DateTime<Utc>) = (end.get(0), end.get(1));
    if revision <= from {
        return Ok(false);
    }
    let later = format!(
        "SET LOCAL work_mem = '32MB'; DECLARE later NO SCROLL CURSOR FOR \
         SELECT DISTINCT ON (entity COLLATE \"C\", key COLLATE \"C\") entity, key, after::text FROM change \
         WHERE seq > {from} AND seq <= {revision} AND entity IN ('facility', 'region', 'demand_point') \
         ORDER BY entity COLLATE \"C\", key COLLATE \"C\", seq DESC"
    );
    client.batch_execute(&later).await?;
    let mut later = Later { client, fetched: VecDeque::new(), ended: false };
    let mut parts = Parts {
        client,
        revision,
        number: 0,
        entity: Text::default(),
        writer: PartWriter::default(),
        records: 0,
        bytes: 0,
    };
    let mut number = 0i32;
    let sql = "SELECT entity, body FROM record_snapshot_part WHERE revision = $1 AND number = $2";
    while let Some(row) = client.query_opt(sql, &[&from, &number]).await? {
        let (entity, body): (Text, &[u8]) = (row.get::<_, &str>(0).into(), row.get(1));
        let part = Part::read(body)?;
        for held in part.records() {
            let (key, json) = held?;
            let mut overtaken = false;
            while let Some(change) = later.next_up_to(&entity, key).await? {
                overtaken |= *change.entity == *entity && *change.key == *key;
                parts.take(&change).await?;
            }
            if !overtaken {
                parts.add(&entity, key, json).await?;
            }
        }
        number += 1;
        tokio::time::sleep(REST).await;
    }
    while let Some(change) = later.next().await? {
        parts.take(&change).await?;
    }
    parts.flush().await?;
    let sql = "INSERT INTO record_snapshot (revision, at, records, bytes) VALUES ($1, $2, $3, $4)";
    client.execute(sql, &[&revision, &at, &parts.records, &parts.bytes]).await?;
    tracing::debug!(revision, records = parts.records, bytes = parts.bytes, "a snapshot of the record is kept");
    Ok(true)
}

/// The last state of a record that changed since the last snapshot; `None` where it is gone.
struct LastState {
    entity: Text,
    key: Text,
    json: Option<String>,
}

/// These, in the order of sorts and keys.
struct Later<'a> {
    client: &'a Client,
    fetched: VecDeque<LastState>,
    ended: bool,
}

impl Later<'_> {
    async fn fill(&mut self) -> Result<(), RegistryError> {
        if self.fetched.is_empty() && !self.ended {
            let rows = self.client.query(FETCH, &[]).await?;
            self.ended = rows.is_empty();
            let read = |row: &tokio_postgres::Row| LastState {
                entity: row.get::<_, &str>(0).into(),
                key: row.get::<_, &str>(1).into(),
                json: row.get(2),
            };
            self.fetched = rows.iter().map(read).collect();
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<LastState>, RegistryError> {
        self.fill().await?;
        Ok(self.fetched.pop_front())
    }

    /// The next one, if it does not come after this key.
    async fn next_up_to(&mut self, entity: &str, key: &str) -> Result<Option<LastState>, RegistryError> {
        self.fill().await?;
        let comes = self.fetched.front().is_some_and(|state| (&*state.entity, &*state.key) <= (entity, key));
        Ok(if comes { self.fetched.pop_front() } else { None })
    }
}

/// The parts of the new snapshot, written one by one.
struct Parts<'a> {
    client: &'a Client,
    revision: i64,
    number: i32,
    entity: Text,
    writer: PartWriter,
    records: i64,
    bytes: i64,
}

impl Parts<'_> {
    async fn take(&mut self, state: &LastState) -> Result<(), RegistryError> {
        match &state.json {
            Some(json) => self.add(&state.entity, &state.key, json.as_bytes()).await,
            None => Ok(()),
        }
    }

    async fn add(&mut self, entity: &str, key: &str, json: &[u8]) -> Result<(), RegistryError> {
        if self.writer.is_full() || *self.entity != *entity {
            self.flush().await?;
            self.entity = entity.into();
        }
        self.writer.add(key, json);
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), RegistryError> {
        let writer = std::mem::take(&mut self.writer);
        if writer.is_empty() {
            return Ok(());
        }
        self.records += writer.records;
        let (done, body) = tokio::sync::oneshot::channel();
        // Where long questions are shared out among the cores, behind families' short ones.
        rayon::spawn(move || drop(done.send(writer.compress())));
        let body = body.await.map_err(|_| RegistryError::Internal("a part of a snapshot is lost".to_owned()))??;
        self.bytes += body.len() as i64;
        let sql = "INSERT INTO record_snapshot_part (revision, number, entity, body) VALUES ($1, $2, $3, $4)";
        self.client.execute(sql, &[&self.revision, &self.number, &&*self.entity, &body]).await?;
        self.number += 1;
        Ok(())
    }
}
