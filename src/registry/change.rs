//! The log: appended to by every write, read in the order of commits.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use super::copy::{Json, Rows};
use super::line::Pooled;
use super::schema::{change, import_batch};
use super::{BatchInfo, PastBatch, Registry, RegistryError};
use crate::care::{Action, Change, Entity, Text};

/// The columns that a writer gives, in the order in which they are laid out.
pub(super) const COLUMNS: &str = "actor, batch, request, entity, key, action, before, after, becomes, reason";

#[derive(Queryable, Selectable)]
#[diesel(table_name = change)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct ChangeRow {
    seq: i64,
    at: DateTime<Utc>,
    actor: String,
    batch: Option<Uuid>,
    entity: String,
    key: String,
    action: String,
    before: Option<Value>,
    after: Option<Value>,
    request: Option<Uuid>,
    becomes: Option<String>,
    reason: Option<String>,
}

impl ChangeRow {
    /// The columns in the order of the fields.
    fn of(row: &tokio_postgres::Row) -> ChangeRow {
        ChangeRow {
            seq: row.get(0),
            at: row.get(1),
            actor: row.get(2),
            batch: row.get(3),
            entity: row.get(4),
            key: row.get(5),
            action: row.get(6),
            before: row.get(7),
            after: row.get(8),
            request: row.get(9),
            becomes: row.get(10),
            reason: row.get(11),
        }
    }

    fn change(self) -> Result<Change, RegistryError> {
        // A newer program may have written what this one does not know; to skip it would be to follow wrongly.
        let unknown = |word: &str| RegistryError::Internal(format!("change {}: unknown word {word}", self.seq));
        Ok(Change {
            entity: Entity::from_code(&self.entity).ok_or_else(|| unknown(&self.entity))?,
            action: Action::from_code(&self.action).ok_or_else(|| unknown(&self.action))?,
            seq: self.seq,
            at: self.at,
            actor: self.actor.into(),
            batch: self.batch,
            request: self.request,
            becomes: self.becomes.map(Into::into),
            reason: self.reason.map(Into::into),
            key: self.key.into(),
            before: self.before,
            after: self.after,
        })
    }
}

impl Registry {
    /// The number of the last change.
    pub async fn revision(&self) -> Result<i64, RegistryError> {
        let (line, reads) = (self.line.clone(), self.reads.clone());
        self.line.unlimited(async move { reads.feed.ask(&line, revision).await }).await
    }

    /// Changes after `seq` in commit order, at most `limit`.
    pub async fn changes_after(&self, seq: i64, limit: i64) -> Result<Vec<Change>, RegistryError> {
        let (line, reads) = (self.line.clone(), self.reads.clone());
        let read = async move |client: &Client| after(client, seq, limit).await;
        self.line.unlimited(async move { reads.feed.ask(&line, read).await }).await
    }

    /// The latest thousand changes of one record, newest first.
    pub async fn history(&self, entity: Entity, key: &str) -> Result<Vec<Change>, RegistryError> {
        self.history_page(entity, key, None, 1000).await
    }

    /// The latest changes of one record before the number `before`, newest first, at most `limit`.
    pub async fn history_page(
        &self,
        entity: Entity,
        key: &str,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Change>, RegistryError> {
        let (key, before) = (Text::from(key), before.unwrap_or(i64::MAX));
        self.line
            .ask(move |connection| async move { history(connection, entity, &key, before, limit).await }.boxed())
            .await
    }

    /// One change of a record, by its number.
    pub async fn change_of(&self, entity: Entity, key: &str, seq: i64) -> Result<Option<Change>, RegistryError> {
        let latest = self.history_page(entity, key, Some(seq.saturating_add(1)), 1).await?;
        Ok(latest.into_iter().find(|change| change.seq == seq))
    }

    /// The record as its changes tell that it was at a version; `None` where they do not.
    pub async fn state_of(&self, entity: Entity, key: &str, version: i64) -> Result<Option<Value>, RegistryError> {
        let key = Text::from(key);
        self.line.ask(move |connection| async move { state(connection, entity, &key, version).await }.boxed()).await
    }
}

/// The number of the last change; 0 before the first.
pub(super) async fn revision(client: &Client) -> Result<i64, RegistryError> {
    Ok(client.query_one("SELECT coalesce(max(seq), 0) FROM change", &[]).await?.get(0))
}

/// Changes after a number, in commit order.
pub(super) async fn after(client: &Client, seq: i64, limit: i64) -> Result<Vec<Change>, RegistryError> {
    let sql = "SELECT seq, at, actor, batch, entity, key, action, before, after, request, becomes, reason \
               FROM change WHERE seq > $1 ORDER BY seq LIMIT $2";
    let rows = client.query(sql, &[&seq, &limit]).await?;
    rows.iter().map(|row| ChangeRow::of(row).change()).collect()
}

/// The latest changes of a record before a number, newest first.
pub(super) async fn history(
    connection: &mut Pooled,
    entity: Entity,
    key: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Change>, RegistryError> {
    // Its own, and those of the records that became it, however many steps ago.
    let mut keys = vec![key.to_owned()];
    let mut latest = keys.clone();
    while !latest.is_empty() {
        let became = change::entity.eq(entity.code()).and(change::becomes.eq_any(latest));
        latest = change::table.filter(became).select(change::key).load(connection).await?;
        latest.retain(|key| !keys.contains(key));
        keys.extend(latest.iter().cloned());
    }
    let rows: Vec<ChangeRow> = change::table
        .filter(change::entity.eq(entity.code()).and(change::key.eq_any(keys)).and(change::seq.lt(before)))
        .order(change::seq.desc())
        .limit(limit)
        .select(ChangeRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(ChangeRow::change).collect()
}

/// A record as it stood at a version, by the changes that led to it or from it.
pub(super) async fn state(
    connection: &mut Pooled,
    entity: Entity,
    key: &str,
    version: i64,
) -> Result<Option<Value>, RegistryError> {
    use diesel::sql_types::{BigInt, Jsonb, Text};
    #[derive(diesel::QueryableByName)]
    struct State {
        #[diesel(sql_type = Jsonb)]
        state: Value,
    }
    let sql = "SELECT CASE WHEN (after->>'version')::bigint = $3 THEN after ELSE before END AS state FROM change \
               WHERE entity = $1 AND key = $2 AND $3 IN ((after->>'version')::bigint, (before->>'version')::bigint) \
               ORDER BY seq DESC LIMIT 1";
    let states = diesel::sql_query(sql).bind::<Text, _>(entity.code()).bind::<Text, _>(key).bind::<BigInt, _>(version);
    let found: Option<State> = states.get_result(connection).await.optional()?;
    Ok(found.map(|found| found.state))
}

/// The changes that came with one file, in order: what undoing it starts from.
pub(super) async fn of_batch(connection: &mut Pooled, batch: Uuid) -> Result<Vec<Change>, RegistryError> {
    let rows: Vec<ChangeRow> = change::table
        .filter(change::batch.eq(batch))
        .order(change::seq)
        .select(ChangeRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(ChangeRow::change).collect()
}

type BatchRow = (Uuid, String, String, String, String, i64, DateTime<Utc>);

/// The latest batches, newest first.
pub(super) async fn batches(connection: &mut Pooled, limit: i64) -> Result<Vec<PastBatch>, RegistryError> {
    let latest = import_batch::table.order((import_batch::at.desc(), import_batch::id.desc())).limit(limit);
    let rows: Vec<BatchRow> = latest.load(connection).await?;
    let batches = rows.into_iter().map(|(id, what, actor, file_name, sha256, rows, at)| {
        let unknown = || RegistryError::Internal(format!("batch {id}: unknown word {what}"));
        let info = BatchInfo {
            what: Entity::from_code(&what).ok_or_else(unknown)?,
            actor: actor.into(),
            file_name: file_name.into(),
            sha256: sha256.into(),
            // The table holds none below 0.
            rows: rows.unsigned_abs(),
        };
        Ok(PastBatch { id, at, info })
    });
    batches.collect()
}

/// Lines of the log that wait for the end of their batch.
pub(super) struct Lines {
    rows: Rows,
    full: Vec<Vec<u8>>,
    actor: Box<str>,
    batch: Option<Uuid>,
    request: Option<Uuid>,
}

impl Lines {
    /// Lines that belong to a file, or to a change request, or to neither.
    pub fn new(actor: &str, batch: Option<Uuid>, request: Option<Uuid>) -> Lines {
        Lines { rows: Rows::new(), full: Vec::new(), actor: actor.into(), batch, request }
    }

    pub fn add<T: Serialize>(&mut self, entity: Entity, key: &str, before: Option<&T>, after: &T) {
        let action = if before.is_some() { Action::Updated } else { Action::Created };
        self.rows
            .row(10)
            .put(&*self.actor)
            .put(self.batch)
            .put(self.request)
            .put(entity.code())
            .put(key)
            .put(action.code())
            .put(before.map(Json))
            .put(Json(after))
            .put(None::<&str>)
            .put(None::<&str>);
        if self.rows.full() {
            self.full.push(self.rows.take());
        }
    }

    /// The end of a record that lives on under another key.
    pub fn remove<T: Serialize>(&mut self, entity: Entity, key: &str, before: &T, becomes: &str) {
        self.end(entity, key, before, (Some(becomes), None));
    }

    /// The same, and what else is to be said of it.
    pub fn succeed<T: Serialize>(&mut self, entity: Entity, key: &str, before: &T, becomes: &str, said: &str) {
        self.end(entity, key, before, (Some(becomes), Some(said)));
    }

    /// The end of a record that nothing takes the place of, and why.
    pub fn withdraw<T: Serialize>(&mut self, entity: Entity, key: &str, before: &T, reason: &str) {
        self.end(entity, key, before, (None, Some(reason)));
    }

    fn end<T: Serialize>(
        &mut self,
        entity: Entity,
        key: &str,
        before: &T,
        (becomes, reason): (Option<&str>, Option<&str>),
    ) {
        self.rows
            .row(10)
            .put(&*self.actor)
            .put(self.batch)
            .put(self.request)
            .put(entity.code())
            .put(key)
            .put(Action::Deleted.code())
            .put(Json(before))
            .put(None::<Json<T>>)
            .put(becomes)
            .put(reason);
    }

    /// The end of a record of which nothing more is to be said.
    pub fn drop<T: Serialize>(&mut self, entity: Entity, key: &str, before: &T) {
        self.end(entity, key, before, (None, None));
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All of them, in pieces to send.
    pub fn take(&mut self) -> Vec<Vec<u8>> {
        self.full.push(self.rows.take());
        std::mem::take(&mut self.full)
    }
}

/// What became of records that were merged or renumbered.
pub(super) async fn successors(client: &Client, revision: i64) -> Result<Vec<(Text, Text)>, RegistryError> {
    let sql = "SELECT key, becomes FROM change WHERE becomes IS NOT NULL AND seq <= $1 ORDER BY seq";
    let rows = client.query(sql, &[&revision]).await?;
    Ok(rows.iter().map(|row| (row.get::<_, &str>(0).into(), row.get::<_, &str>(1).into())).collect())
}

/// Facilities that left the record and have no successor.
pub(super) async fn withdrawn(client: &Client, revision: i64) -> Result<Vec<Uuid>, RegistryError> {
    let sql = "SELECT key::uuid FROM change WHERE action = 'deleted' AND becomes IS NULL AND entity = 'facility' AND seq <= $1";
    let rows = client.query(sql, &[&revision]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
