//! The record as it stood at a time: the last snapshot before it, and what changed since. What lies before the snapshot is
//! not read, so the cost does not grow with the log.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use futures_util::{TryStreamExt, pin_mut};
use rayon::prelude::*;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::copy::{Cells, copy_out};
use super::snapshot::around;
use super::snapshot_part::Part;
use super::{Registry, RegistryError, change};
use crate::care::{DemandPoint, Entity, Facility, Record, Region};

/// So many bytes are gathered before they are read on all cores.
const GATHERED: usize = 4 * 1024 * 1024;
/// So many parts of a snapshot are read at once.
const PARTS: usize = 8;

impl Registry {
    /// The record as it was at a time, in today's vocabulary, as the log tells it.
    pub async fn record_as_of(&self, at: DateTime<Utc>) -> Result<Record, RegistryError> {
        let (line, reads, vocabulary) = (self.line.clone(), self.reads.clone(), self.vocabulary().await?);
        self.line
            .unlimited(async move {
                let read = async |client: &Client| {
                    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                    let record = record_as_of(client, at).await?;
                    client.batch_execute("COMMIT").await?;
                    Ok(record)
                };
                Ok(Record { vocabulary, ..reads.past.ask(&line, read).await? })
            })
            .await
    }
}

async fn record_as_of(client: &Client, at: DateTime<Utc>) -> Result<Record, RegistryError> {
    let (base, next) = around(client, at).await?;
    let from = base.unwrap_or(0);
    // Times stand in the order of numbers, so the last number is found by walking back from the next snapshot.
    let sql = "SELECT seq FROM change WHERE seq > $1 AND seq <= $2 AND at <= $3 ORDER BY seq DESC LIMIT 1";
    let last = client.query_opt(sql, &[&from, &next.unwrap_or(i64::MAX), &at]).await?;
    let revision: i64 = last.map_or(from, |row| row.get(0));
    // Asked before the rows begin to flow: an answer behind more rows than the line holds would never come.
    let successors = change::successors(client, revision).await?;
    let withdrawn = change::withdrawn(client, revision).await?;
    let mut record = Record { revision, read_at: at, successors, withdrawn, ..Record::default() };
    let changed = read_changes(client, &mut record, from, revision).await?;
    if base.is_some() {
        read_snapshot(client, &mut record, from, changed).await?;
    }
    Ok(record)
}

/// Reads the last state of each record that changed after `from`; answers their keys, where a snapshot follows.
async fn read_changes(client: &Client, record: &mut Record, from: i64, to: i64) -> Result<Changed, RegistryError> {
    let query = format!(
        "SELECT DISTINCT ON (entity, key) entity, key, after FROM change \
         WHERE seq > {from} AND seq <= {to} AND entity IN ('facility', 'region', 'demand_point') \
         ORDER BY entity, key, seq DESC"
    );
    let rows = copy_out(client, &query, &[Type::TEXT, Type::TEXT, Type::BYTEA]).await?;
    pin_mut!(rows);
    let (mut changed, mut gathered, mut bytes) = (Changed::default(), Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        let mut cells = Cells::of(&row);
        let (entity, key, after): (&str, &str, Option<&[u8]>) = (cells.read()?, cells.read()?, cells.read()?);
        let entity = known(entity)?;
        if from > 0 {
            changed.of(entity).insert(key.into());
        }
        // A record that was removed has none; the first byte of `jsonb` tells its form.
        let Some(json) = after.and_then(|after| after.get(1..)) else { continue };
        bytes += json.len();
        gathered.push((entity, json.to_vec()));
        if bytes > GATHERED {
            bytes = 0;
            let rows = std::mem::take(&mut gathered);
            take(record, shared(move || rows.par_iter().map(|(entity, json)| one(*entity, json)).collect()).await?);
        }
    }
    take(record, shared(move || gathered.par_iter().map(|(entity, json)| one(*entity, json)).collect()).await?);
    Ok(changed)
}

/// Adds the records of a snapshot that did not change since.
async fn read_snapshot(
    client: &Client,
    record: &mut Record,
    revision: i64,
    changed: Changed,
) -> Result<(), RegistryError> {
    let changed = std::sync::Arc::new(changed);
    let sql =
        "SELECT entity, body FROM record_snapshot_part WHERE revision = $1 AND number >= $2 ORDER BY number LIMIT $3";
    let mut number = 0;
    loop {
        let rows = client.query(sql, &[&revision, &number, &(PARTS as i64)]).await?;
        if rows.is_empty() {
            return Ok(());
        }
        number += PARTS as i32;
        let changed = changed.clone();
        let unpack = move || {
            let part = |row: &tokio_postgres::Row| {
                let (entity, body): (&str, &[u8]) = (row.get(0), row.get(1));
                unchanged(known(entity)?, body, &changed)
            };
            rows.par_iter().map(part).collect()
        };
        take(record, shared(unpack).await?);
    }
}

/// Keys of records, by their sort.
#[derive(Default)]
struct Changed([HashSet<Box<str>>; 3]);

impl Changed {
    fn of(&mut self, entity: Entity) -> &mut HashSet<Box<str>> {
        &mut self.0[index(entity)]
    }
}

fn index(entity: Entity) -> usize {
    match entity {
        Entity::Facility => 0,
        Entity::Region => 1,
        _ => 2,
    }
}

/// Records as they are read, by their sort.
#[derive(Default)]
struct Read {
    facilities: Vec<Facility>,
    regions: Vec<Region>,
    demand: Vec<DemandPoint>,
}

impl Read {
    fn add(&mut self, entity: Entity, json: &[u8]) -> Result<(), RegistryError> {
        let misread = |error: serde_json::Error| RegistryError::Internal(format!("the log: {error}"));
        match entity {
            Entity::Facility => self.facilities.push(serde_json::from_slice(json).map_err(misread)?),
            Entity::Region => self.regions.push(serde_json::from_slice(json).map_err(misread)?),
            _ => self.demand.push(serde_json::from_slice(json).map_err(misread)?),
        }
        Ok(())
    }
}

fn one(entity: Entity, json: &[u8]) -> Result<Read, RegistryError> {
    let mut read = Read::default();
    read.add(entity, json)?;
    Ok(read)
}

fn unchanged(entity: Entity, body: &[u8], changed: &Changed) -> Result<Read, RegistryError> {
    let (part, changed) = (Part::read(body)?, &changed.0[index(entity)]);
    let mut read = Read::default();
    for held in part.records() {
        let (key, json) = held?;
        if !changed.contains(key) {
            read.add(entity, json)?;
        }
    }
    Ok(read)
}

fn take(record: &mut Record, read: Vec<Read>) {
    for part in read {
        record.facilities.extend(part.facilities);
        record.regions.extend(part.regions);
        record.demand.extend(part.demand);
    }
}

fn known(entity: &str) -> Result<Entity, RegistryError> {
    let known = Entity::from_code(entity).filter(|entity| entity.drawn());
    known.ok_or_else(|| RegistryError::Internal(format!("the log: unknown entity {entity}")))
}

/// Shares work out among the cores, where long questions are, and waits for it.
async fn shared(
    work: impl FnOnce() -> Result<Vec<Read>, RegistryError> + Send + 'static,
) -> Result<Vec<Read>, RegistryError> {
    let (done, read) = tokio::sync::oneshot::channel();
    rayon::spawn(move || drop(done.send(work())));
    read.await.map_err(|_| RegistryError::Internal("a past day could not be read".to_owned()))?
}
