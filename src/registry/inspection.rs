//! Inspections: records of their own, each write with its line in the log.

use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use super::copy::whole;
use super::edit::{Deal, refused};
use super::{Registry, RegistryError};
use crate::care::fields::Wishes;
use crate::care::{Entity, Inspection, Text, Vocabulary};

/// Which inspections to read.
#[derive(Debug, Clone)]
pub enum Inspections {
    All,
    One(Uuid),
    /// Those of these facilities.
    Of(Vec<Uuid>),
}

/// A committed write: the inspection as it now is, and the number of its change.
#[derive(Debug, Clone)]
pub struct Inspected {
    pub inspection: Inspection,
    pub seq: i64,
}

/// What became of an inspection that was told.
#[derive(Debug, Clone)]
pub enum Told {
    New(Box<Inspected>),
    /// The same request under the same key was answered before.
    Again(Uuid),
}

/// An inspection as JSON: the columns are its members.
const WHOLE: &str = "SELECT to_jsonb(inspection) || jsonb_build_object('findings', coalesce( \
        (SELECT jsonb_agg(to_jsonb(finding) ORDER BY number) FROM finding WHERE finding.inspection = inspection.id), \
        '[]')) FROM inspection";

/// The newest first.
const NEWEST: &str = "ORDER BY inspected_on DESC, id DESC";

async fn read(client: &Client, which: &Inspections) -> Result<Vec<Inspection>, RegistryError> {
    let rows = match which {
        Inspections::All => client.query(&format!("{WHOLE} {NEWEST}"), &[]).await?,
        Inspections::One(id) => client.query(&format!("{WHOLE} WHERE id = $1"), &[id]).await?,
        Inspections::Of(ids) => client.query(&format!("{WHOLE} WHERE facility = ANY ($1) {NEWEST}"), &[ids]).await?,
    };
    let inspection = |row: &tokio_postgres::Row| {
        serde_json::from_value(row.get::<_, Value>(0))
            .map_err(|error| RegistryError::Internal(format!("an inspection: {error}")))
    };
    rows.iter().map(inspection).collect()
}

/// Writes the inspection as it shall be, with its findings; answers it with its new version.
async fn write(
    deal: &mut Deal,
    before: Option<Inspection>,
    mut after: Inspection,
) -> Result<Inspection, RegistryError> {
    if before.as_ref() == Some(&after) {
        return Ok(after);
    }
    (after.version, after.updated_at) = (after.version + 1, whole(Utc::now()));
    let sql = "INSERT INTO inspection (id, version, facility, type, inspected_on, agencies, result, note, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET version = excluded.version, \
               facility = excluded.facility, type = excluded.type, inspected_on = excluded.inspected_on, \
               agencies = excluded.agencies, result = excluded.result, note = excluded.note, \
               updated_at = excluded.updated_at";
    let agencies: Vec<&str> = after.agencies.iter().map(|agency| &**agency).collect();
    let (kind, result, note) = (&*after.r#type, after.result.code(), after.note.as_deref());
    let client = &deal.client;
    client
        .execute(
            sql,
            &[
                &after.id,
                &after.version,
                &after.facility,
                &kind,
                &after.inspected_on,
                &agencies,
                &result,
                &note,
                &after.updated_at,
            ],
        )
        .await?;
    client.execute("DELETE FROM finding WHERE inspection = $1", &[&after.id]).await?;
    let sql = "INSERT INTO finding \
                   (inspection, number, category, severity, detail, due_on, rectified_on, rectification) \
               SELECT $1, number, told.* FROM jsonb_array_elements($2) WITH ORDINALITY AS each (one, number), \
                   jsonb_to_record(one) AS told (category text, severity text, detail text, due_on date, \
                       rectified_on date, rectification text)";
    client.execute(sql, &[&after.id, &json!(after.findings)]).await?;
    deal.lines.add(Entity::Inspection, &after.id.to_string(), before.as_ref(), &after);
    Ok(after)
}

/// The inspections of a facility that lives on as another go with it, each with its line in the log.
pub(super) async fn follow(deal: &mut Deal, from: Uuid, into: Uuid) -> Result<(), RegistryError> {
    for held in read(&deal.client, &Inspections::Of(vec![from])).await? {
        let after = Inspection { facility: into, ..held.clone() };
        write(deal, Some(held), after).await?;
    }
    Ok(())
}

impl Registry {
    /// Inspections, the newest first.
    pub async fn inspections(&self, which: Inspections) -> Result<Vec<Inspection>, RegistryError> {
        let client = self.line.client().await?;
        self.line.at_home(async move { read(&client, &which).await }).await
    }

    /// Writes a new inspection. `key` is the request's Idempotency-Key with the SHA-256 of what was sent.
    pub async fn add_inspection(
        &self,
        inspection: Inspection,
        actor: &str,
        key: Option<(String, Vec<u8>)>,
    ) -> Result<Told, RegistryError> {
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            if let Some(made) = deal.made_before(&actor, key, inspection.id).await? {
                return Ok(Told::Again(made));
            }
            let inspection = write(&mut deal, None, inspection).await?;
            Ok(Told::New(Box::new(Inspected { inspection, seq: deal.commit().await? })))
        };
        self.line.at_home(task.boxed()).await
    }

    /// Changes members of an inspection that still has version `expected`.
    pub async fn amend_inspection(
        &self,
        id: Uuid,
        expected: i64,
        told: Wishes,
        actor: &str,
        vocabulary: Vocabulary,
        today: NaiveDate,
    ) -> Result<Inspected, RegistryError> {
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            deal.client.execute("SELECT 1 FROM inspection WHERE id = $1 FOR UPDATE", &[&id]).await?;
            let held = read(&deal.client, &Inspections::One(id)).await?.pop().ok_or(RegistryError::NotFound)?;
            if held.version != expected {
                return Err(RegistryError::StaleInspection(Box::new(held)));
            }
            let after = held.with(&told, &vocabulary, today).map_err(refused)?;
            let inspection = write(&mut deal, Some(held), after).await?;
            Ok(Inspected { inspection, seq: deal.commit().await? })
        };
        self.line.at_home(task.boxed()).await
    }
}
