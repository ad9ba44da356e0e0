//! Targets, programme figures and claims: small tables, read whole, written row by row or by batch, each write with its line.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use super::edit::Deal;
use super::line::Purpose;
use super::refusal::{rule, within_limit};
use super::region::replacing;
use super::{Batch, Edit, Registry, RegistryError, change};
use crate::care::figure::FigureChange;
use crate::care::{Entity, Kept, Status, Text};

/// The table of a sort of row.
fn table<T: Kept>() -> &'static str {
    match T::ENTITY {
        Entity::Programme => "programme_figure",
        entity => entity.code(),
    }
}

fn columns<T: Kept>() -> String {
    let fields: Vec<&str> = ["id", "version"].into_iter().chain(T::FIELDS.iter().map(|field| field.name)).collect();
    fields.join(", ")
}

fn row<T: Kept>(json: Value) -> Result<T, RegistryError> {
    serde_json::from_value(json).map_err(|error| RegistryError::Internal(format!("{}: {error}", table::<T>())))
}

async fn read<T: Kept>(client: &Client) -> Result<Vec<T>, RegistryError> {
    let sql = format!("SELECT to_jsonb(held) FROM {} AS held ORDER BY id", table::<T>());
    client.query(&sql, &[]).await?.into_iter().map(|held| row(held.get(0))).collect()
}

/// Writes rows whose versions are one above those that are replaced.
async fn write<T: Kept>(client: &Client, edits: &[Edit<T>], lines: &mut change::Lines) -> Result<(), RegistryError> {
    let (table, columns) = (table::<T>(), columns::<T>());
    let told = Value::Array(edits.iter().map(|edit| json!(edit.after)).collect());
    let sql = format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1) \
         ON CONFLICT (id) DO UPDATE SET {} WHERE {table}.version = EXCLUDED.version - 1",
        replacing(&columns, "id")
    );
    let written = client.execute(&sql, &[&told]).await?;
    if written != edits.len() as u64 {
        return Err(rule("/version", "a row was changed by somebody else meanwhile"));
    }
    for Edit { before, after } in edits {
        lines.add(T::ENTITY, &after.id().to_string(), before.as_ref(), after);
    }
    Ok(())
}

/// The row, kept from changing until the transaction ends, if it still has version `expected`.
async fn locked<T: Kept>(client: &Client, id: Uuid, expected: i64) -> Result<T, RegistryError> {
    let sql = format!("SELECT to_jsonb(held) FROM {} AS held WHERE id = $1 FOR UPDATE", table::<T>());
    let held = client.query_opt(&sql, &[&id]).await?.ok_or(RegistryError::NotFound)?;
    let held: T = row(held.get(0))?;
    if held.version() != expected {
        return Err(RegistryError::StaleRow { version: held.version(), current: Box::new(json!(held)) });
    }
    Ok(held)
}

impl Registry {
    /// All rows, or all as they stood at a time.
    pub async fn kept<T: Kept>(&self, at: Option<DateTime<Utc>>) -> Result<Vec<T>, RegistryError> {
        let (line, reads) = (self.line.clone(), self.reads.clone());
        let task = async move |client: &Client| {
            let Some(at) = at else { return read(client).await };
            let sql =
                "SELECT DISTINCT ON (key) after FROM change WHERE entity = $1 AND at <= $2 ORDER BY key, seq DESC";
            let rows = client.query(sql, &[&T::ENTITY.code(), &at]).await?;
            rows.into_iter().filter_map(|held| held.get::<_, Option<Value>>(0)).map(row).collect()
        };
        self.line.unlimited(async move { reads.public.ask(&line, task).await }.boxed()).await
    }

    /// Writes one row: a new one, or one that still has version `expected`. Answers it as it now is and the number of the last
    /// change. What changes nothing is not written.
    pub async fn keep<T: Kept>(&self, after: T, expected: Option<i64>, actor: &str) -> Result<(T, i64), RegistryError> {
        self.put(after, expected, None, actor).await
    }

    /// Writes a new row. `key` is the request's Idempotency-Key with the SHA-256 of what was sent: where the same was sent
    /// before, the row that it made is answered.
    pub async fn keep_once<T: Kept>(
        &self,
        new: T,
        key: Option<(String, Vec<u8>)>,
        actor: &str,
    ) -> Result<(T, i64), RegistryError> {
        self.put(new, None, key, actor).await
    }

    async fn put<T: Kept>(
        &self,
        mut after: T,
        expected: Option<i64>,
        key: Option<(String, Vec<u8>)>,
        actor: &str,
    ) -> Result<(T, i64), RegistryError> {
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            if let Some(made) = deal.made_before(&actor, key, after.id()).await? {
                let held: Vec<T> = read(&deal.client).await?;
                let gone = || RegistryError::Conflict("What this Idempotency-Key made was taken out since.".to_owned());
                let held = held.into_iter().find(|held| held.id() == made).ok_or_else(gone)?;
                return Ok((held, deal.commit().await?));
            }
            let before = match expected {
                None => {
                    // Those who write such rows take turns, so that two never write the same one.
                    deal.client.batch_execute("SELECT pg_advisory_xact_lock(20583, 5)").await?;
                    let held: Vec<T> = read(&deal.client).await?;
                    if let Some(twin) = held.iter().find(|held| held.key() == after.key()) {
                        let what = T::ENTITY.code();
                        return Err(RegistryError::Conflict(format!("This {what} is there already: {}.", twin.id())));
                    }
                    after.set_version(1);
                    None
                }
                Some(expected) => {
                    let held: T = locked(&deal.client, after.id(), expected).await?;
                    after.set_version(expected);
                    if after == held {
                        return Ok((after, deal.commit().await?));
                    }
                    after.set_version(expected + 1);
                    Some(held)
                }
            };
            let edit = Edit { before, after };
            let Deal { client, lines } = &mut deal;
            write(client, std::slice::from_ref(&edit), lines).await?;
            Ok((edit.after, deal.commit().await?))
        };
        self.line.at_home(task.boxed()).await
    }

    /// Takes a row out that still has version `expected`, and says why in the log. Answers the number of the change.
    pub async fn remove_kept<T: Kept>(
        &self,
        id: Uuid,
        expected: i64,
        reason: &str,
        actor: &str,
    ) -> Result<i64, RegistryError> {
        let (line, actor, reason) = (Arc::clone(&self.line), Text::from(actor), Text::from(reason.trim()));
        if reason.is_empty() {
            return Err(rule("/reason", "taking a row out needs a reason"));
        }
        within_limit("reason", &reason)?;
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            let held: T = locked(&deal.client, id, expected).await?;
            let sql = format!("DELETE FROM {} WHERE id = $1", table::<T>());
            deal.client.execute(&sql, &[&id]).await?;
            deal.lines.withdraw(T::ENTITY, &id.to_string(), &held, &reason);
            deal.commit().await
        };
        self.line.at_home(task.boxed()).await
    }

    /// The changes of these facilities that moved capacity, price or status, in order, up to a time.
    pub async fn figure_changes(
        &self,
        facilities: Vec<Uuid>,
        until: Option<DateTime<Utc>>,
    ) -> Result<Vec<FigureChange>, RegistryError> {
        if facilities.is_empty() {
            return Ok(Vec::new());
        }
        let client = self.line.client_for(Purpose::Read).await?;
        let keys: Vec<String> = facilities.iter().map(Uuid::to_string).collect();
        let task = async move {
            let member = |name: &str| format!("before -> '{name}', after -> '{name}'");
            let differs = |name: &str| format!("before -> '{name}' IS DISTINCT FROM after -> '{name}'");
            let names = ["capacity", "price", "status"];
            let sql = format!(
                "SELECT key, at, {} FROM change WHERE entity = 'facility' AND action = 'updated' AND key = ANY ($1) \
                     AND ($2::timestamptz IS NULL OR at <= $2) AND ({}) ORDER BY seq",
                names.map(member).join(", "),
                names.map(differs).join(" OR "),
            );
            client.query(&sql, &[&keys, &until]).await?.iter().map(moved).collect()
        };
        self.line.unlimited(task.boxed()).await
    }
}

fn moved(row: &tokio_postgres::Row) -> Result<FigureChange, RegistryError> {
    fn part<T: serde::de::DeserializeOwned + Default>(
        row: &tokio_postgres::Row,
        at: usize,
    ) -> Result<T, RegistryError> {
        match row.get::<_, Option<Value>>(at) {
            None => Ok(T::default()),
            Some(value) => {
                serde_json::from_value(value).map_err(|error| RegistryError::Internal(format!("the log: {error}")))
            }
        }
    }
    let facility = row.get::<_, &str>(0).parse();
    Ok(FigureChange {
        facility: facility.map_err(|error| RegistryError::Internal(format!("the log: {error}")))?,
        at: row.get(1),
        capacity: (part(row, 2)?, part(row, 3)?),
        price: (part(row, 4)?, part(row, 5)?),
        status: (part::<Status>(row, 6)?, part(row, 7)?),
    })
}

impl Batch {
    pub async fn kept<T: Kept>(&mut self) -> Result<Vec<T>, RegistryError> {
        read(&self.client).await
    }

    pub async fn write_kept<T: Kept>(&mut self, edits: &[Edit<T>]) -> Result<(), RegistryError> {
        write(&self.client, edits, &mut self.lines).await
    }
}
