//! Inspections: records of their own, each write with its line in the log.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use super::change::Lines;
use super::copy::whole;
use super::edit::{Deal, refused};
use super::line::Purpose;
use super::{Batch, Edit, Registry, RegistryError};
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
    let edit = Edit { before, after };
    put(&deal.client, std::slice::from_ref(&edit), &mut deal.lines).await?;
    Ok(edit.after)
}

/// Writes inspections with their findings, whole, and their lines in the log.
async fn put(client: &Client, edits: &[Edit<Inspection>], lines: &mut Lines) -> Result<(), RegistryError> {
    let sql = "INSERT INTO inspection (id, version, facility, type, inspected_on, agencies, result, note, updated_at) \
               SELECT id, version, facility, type, inspected_on, \
                   ARRAY(SELECT jsonb_array_elements_text(agencies)), result, note, updated_at \
               FROM jsonb_to_recordset($1) AS told (id uuid, version bigint, facility uuid, type text, \
                   inspected_on date, agencies jsonb, result text, note text, updated_at timestamptz) \
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, \
               facility = excluded.facility, type = excluded.type, inspected_on = excluded.inspected_on, \
               agencies = excluded.agencies, result = excluded.result, note = excluded.note, \
               updated_at = excluded.updated_at";
    let told = json!(edits.iter().map(|edit| &edit.after).collect::<Vec<_>>());
    client.execute(sql, &[&told]).await?;
    let ids: Vec<Uuid> = edits.iter().map(|edit| edit.after.id).collect();
    client.execute("DELETE FROM finding WHERE inspection = ANY ($1)", &[&ids]).await?;
    let sql = "INSERT INTO finding \
                   (inspection, number, category, severity, detail, due_on, rectified_on, rectification) \
               SELECT (whole->>'id')::uuid, number, told.* FROM jsonb_array_elements($1) AS whole, \
                   jsonb_array_elements(whole->'findings') WITH ORDINALITY AS each (one, number), \
                   jsonb_to_record(one) AS told (category text, severity text, detail text, due_on date, \
                       rectified_on date, rectification text)";
    client.execute(sql, &[&told]).await?;
    for Edit { before, after } in edits {
        lines.add(Entity::Inspection, &after.id.to_string(), before.as_ref(), after);
    }
    Ok(())
}

/// The inspections of a facility that lives on as another go with it, each with its line in the log.
pub(super) async fn follow(deal: &mut Deal, from: Uuid, into: Uuid) -> Result<(), RegistryError> {
    for held in read(&deal.client, &Inspections::Of(vec![from])).await? {
        let after = Inspection { facility: into, ..held.clone() };
        write(deal, Some(held), after).await?;
    }
    Ok(())
}

impl Batch {
    /// The facilities of these codes or ids, each kept from being merged away until the batch ends. An id of old leads to
    /// what it has become.
    pub async fn facility_ids(&mut self, named: &[Text]) -> Result<HashMap<Text, Uuid>, RegistryError> {
        let became: HashMap<Text, Text> = self.successors().await?.into_iter().collect();
        let mut codes: Vec<&str> = named.iter().map(|name| &**name).collect();
        codes.sort_unstable();
        let sql = "SELECT code, id FROM facility WHERE code = ANY ($1) ORDER BY id FOR KEY SHARE";
        let rows = self.client.query(sql, &[&codes]).await?;
        let mut found: HashMap<Text, Uuid> =
            rows.iter().map(|row| (Text::from(row.get::<_, &str>(0)), row.get(1))).collect();
        let last = |name: &Text| {
            let mut last = name;
            // No longer than all of them: nothing becomes itself again.
            for _ in 0..became.len() {
                let Some(next) = became.get(last) else { break };
                last = next;
            }
            last.parse::<Uuid>().ok()
        };
        let by_id: Vec<(&Text, Uuid)> = named
            .iter()
            .filter(|name| !found.contains_key(*name))
            .filter_map(|name| Some((name, last(name)?)))
            .collect();
        let ids: Vec<Uuid> = by_id.iter().map(|(_, id)| *id).collect();
        let sql = "SELECT id FROM facility WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE";
        let held: HashSet<Uuid> = self.client.query(sql, &[&ids]).await?.iter().map(|row| row.get(0)).collect();
        found.extend(by_id.into_iter().filter(|(_, id)| held.contains(id)).map(|(name, id)| (name.clone(), id)));
        Ok(found)
    }

    /// The inspections of these facilities, locked until the batch ends.
    pub async fn inspections(&mut self, of: Vec<Uuid>) -> Result<Vec<Inspection>, RegistryError> {
        let sql = "SELECT 1 FROM inspection WHERE facility = ANY ($1) ORDER BY id FOR UPDATE";
        self.client.execute(sql, &[&of]).await?;
        read(&self.client, &Inspections::Of(of)).await
    }

    pub async fn write_inspections(&mut self, edits: &[Edit<Inspection>]) -> Result<(), RegistryError> {
        put(&self.client, edits, &mut self.lines).await
    }
}

impl Registry {
    /// Inspections, the newest first.
    pub async fn inspections(&self, which: Inspections) -> Result<Vec<Inspection>, RegistryError> {
        let client = self.line.client_for(Purpose::Read).await?;
        self.line.unlimited(async move { read(&client, &which).await }).await
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
