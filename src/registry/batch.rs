//! One batch: rows go in by COPY as they come, their lines in the log at the end, and all of it stands or falls together.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_postgres::Client;
use uuid::Uuid;

use super::copy::{CopyError, CopyIn};
use super::facility::{self, Which};
use super::line::{Line, Purpose};
use super::refusal::rule;
use super::region::{self, InvalidBorder};
use super::{Batch, BatchInfo, Edit, RegistryError, capacity, change, rating, removed};
use crate::care::draft::FacilityKey;
use crate::care::{Capacity, Entity, Facility, Rating, RemovedFacility, Text};

/// Opens the transaction and waits for its turn among batches.
pub(super) async fn begin(line: &Arc<Line>, info: BatchInfo) -> Result<Batch, RegistryError> {
    let client = line.client_for(Purpose::Bulk).await?;
    client.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(20583, 2)").await?;
    let id = Uuid::now_v7();
    let rows = i64::try_from(info.rows).map_err(|_| rule("/rows", "this is more than can be held"))?;
    let sql = "INSERT INTO import_batch (id, what, actor, file_name, sha256, rows) VALUES ($1, $2, $3, $4, $5, $6)";
    let (actor, file_name, sha256) = (&*info.actor, &*info.file_name, &*info.sha256);
    client.execute(sql, &[&id, &info.what.code(), &actor, &file_name, &sha256, &rows]).await?;
    Ok(Batch { lines: change::Lines::new(&info.actor, Some(id), None), client, id })
}

/// The facilities that these keys name, locked until the transaction ends.
pub(super) async fn facilities(client: &Client, keys: &[FacilityKey]) -> Result<Vec<Facility>, RegistryError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    client
        .batch_execute(
            "CREATE TEMP TABLE key_in (code text, name text, kind text, region text) ON COMMIT DROP; \
             CREATE TEMP TABLE named (id uuid PRIMARY KEY) ON COMMIT DROP",
        )
        .await?;
    let mut copy = CopyIn::begin(client, "key_in").await?;
    for key in keys {
        let (code, name, kind, region) = match key {
            FacilityKey::Code(code) => (Some(&**code), None, None, None),
            FacilityKey::Name(name, kind, region) => (None, Some(&**name), Some(&**kind), region.as_deref()),
        };
        copy.rows.row(4).put(code).put(name).put(kind).put(region);
        copy.advance().await?;
    }
    copy.finish().await?;
    // Locked in the order of ids, so that two who lock many never wait for each other; a facility that changed while it was
    // waited for is read as it is afterwards.
    client
        .batch_execute(
            "ANALYZE key_in; \
             INSERT INTO named \
                 SELECT facility.id FROM facility JOIN key_in USING (code) \
                 UNION \
                 SELECT facility.id FROM facility JOIN key_in ON facility.name = key_in.name \
                     AND facility.kind = key_in.kind AND facility.region IS NOT DISTINCT FROM key_in.region; \
             ANALYZE named; \
             SELECT count(*) FROM \
                 (SELECT 1 FROM facility WHERE id IN (SELECT id FROM named) ORDER BY id FOR UPDATE) AS locked",
        )
        .await?;
    let held = facility::read(client, Which::In("named")).await?;
    client.batch_execute("DROP TABLE key_in; DROP TABLE named").await?;
    Ok(held)
}

impl Batch {
    /// The facilities of these ids, locked likewise.
    pub async fn facilities_of(&mut self, ids: &[Uuid]) -> Result<Vec<Facility>, RegistryError> {
        facilities_where(&self.client, "id = ANY ($1)", &[&ids]).await
    }

    /// The facilities that have a point and no region, locked likewise.
    pub async fn facilities_without_region(&mut self) -> Result<Vec<Facility>, RegistryError> {
        facilities_where(&self.client, "region IS NULL AND place IS NOT NULL", &[]).await
    }

    /// The facilities that were merged or withdrawn, in the order of the log.
    pub async fn removed_facilities(&mut self) -> Result<Vec<RemovedFacility>, RegistryError> {
        removed::all(&self.client).await
    }

    /// What PostGIS finds wrong with borders: the code, what it is, and where, as far as it can say.
    pub async fn invalid_borders(
        &mut self,
        borders: &[(Text, String)],
    ) -> Result<HashMap<Text, InvalidBorder>, RegistryError> {
        region::invalid_borders(&self.client, borders).await
    }

    pub async fn roll_back(self) -> Result<(), RegistryError> {
        Ok(self.client.batch_execute("ROLLBACK").await?)
    }
}

/// The facilities for which a condition holds, locked until the transaction ends.
pub(super) async fn facilities_where(
    client: &Client,
    condition: &str,
    parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<Vec<Facility>, RegistryError> {
    client.batch_execute("CREATE TEMP TABLE wanted (id uuid PRIMARY KEY) ON COMMIT DROP").await?;
    let sql = format!(
        "WITH locked AS (SELECT id FROM facility WHERE {condition} ORDER BY id FOR UPDATE) \
         INSERT INTO wanted SELECT id FROM locked"
    );
    client.execute(&sql, parameters).await?;
    let held = facility::read(client, Which::In("wanted")).await?;
    client.batch_execute("DROP TABLE wanted").await?;
    Ok(held)
}

/// Writes facilities with their capacity and ratings. New ones go straight into their table.
pub(super) async fn write_facilities(
    client: &Client,
    edits: &[Edit<Facility>],
    lines: &mut change::Lines,
) -> Result<(), RegistryError> {
    let mut copy = CopyIn::begin(client, &format!("facility ({})", facility::COLUMNS)).await?;
    let mut rows = Vec::with_capacity(edits.len());
    for Edit { before, after } in edits {
        if before.is_none() {
            facility::lay(&mut copy.rows, after).map_err(|error| of(after, error))?;
            rows.push(after);
            copy.advance().await?;
        }
        let before = before.as_ref().map(facility::settle);
        lines.add(Entity::Facility, &after.id.to_string(), before.as_deref(), &*facility::settle(after));
    }
    copy.finish().await.map_err(|error| named(error, &rows))?;
    if edits.iter().any(|edit| edit.before.is_some()) {
        replace(client, edits).await?;
        give_up_parts(client, edits).await?;
    }

    let mut copy = CopyIn::begin(client, &format!("capacity ({})", capacity::COLUMNS)).await?;
    rows.clear();
    for Edit { before, after } in edits {
        let held = |told: &Capacity| before.as_ref().is_some_and(|before| before.capacity.contains(told));
        for told in after.capacity.iter().filter(|told| !held(told)) {
            capacity::lay(&mut copy.rows, after.id, told).map_err(|error| of(after, error))?;
            rows.push(after);
            copy.advance().await?;
        }
    }
    copy.finish().await.map_err(|error| named(error, &rows))?;

    let mut copy = CopyIn::begin(client, &format!("rating ({})", rating::COLUMNS)).await?;
    rows.clear();
    for Edit { before, after } in edits {
        let held = |told: &Rating| before.as_ref().is_some_and(|before| before.ratings.contains(told));
        for told in after.ratings.iter().filter(|told| !held(told)) {
            rating::lay(&mut copy.rows, after.id, told);
            rows.push(after);
            copy.advance().await?;
        }
    }
    copy.finish().await.map_err(|error| named(error, &rows))?;
    Ok(())
}

/// Replaces the rows of facilities that are there already.
async fn replace(client: &Client, edits: &[Edit<Facility>]) -> Result<(), RegistryError> {
    client
        .batch_execute(
            "CREATE TEMP TABLE facility_in (LIKE facility) ON COMMIT DROP; \
             CREATE TEMP TABLE version_in (id uuid, was bigint) ON COMMIT DROP",
        )
        .await?;
    let held = || edits.iter().filter_map(|edit| Some((edit.before.as_ref()?, &edit.after)));
    let mut copy = CopyIn::begin(client, &format!("facility_in ({})", facility::COLUMNS)).await?;
    for (_, after) in held() {
        facility::lay(&mut copy.rows, after).map_err(|error| of(after, error))?;
        copy.advance().await?;
    }
    let expected = copy.finish().await?;
    let mut copy = CopyIn::begin(client, "version_in").await?;
    for (before, after) in held() {
        copy.rows.row(2).put(after.id).put(before.version);
        copy.advance().await?;
    }
    copy.finish().await?;
    let set = facility::COLUMNS.split(", ").skip(1).map(|column| format!("{column} = told.{column}"));
    let sql = format!(
        "UPDATE facility SET {} FROM facility_in AS told JOIN version_in USING (id) \
         WHERE facility.id = told.id AND facility.version = version_in.was",
        set.collect::<Vec<_>>().join(", ")
    );
    let replaced = client.execute(&sql, &[]).await?;
    client.batch_execute("DROP TABLE facility_in; DROP TABLE version_in").await?;
    if replaced != expected {
        return Err(rule("/version", "a facility was changed by somebody else while the batch was being written"));
    }
    Ok(())
}

/// Removes capacity that is told anew or no longer, and marks ratings that are no longer the word as superseded.
async fn give_up_parts(client: &Client, edits: &[Edit<Facility>]) -> Result<(), RegistryError> {
    let (mut of_capacity, mut measures) = (Vec::new(), Vec::new());
    let (mut of_rating, mut schemes) = (Vec::new(), Vec::new());
    for edit in edits {
        let Edit { before: Some(before), after } = edit else { continue };
        for held in before.capacity.iter().filter(|held| !after.capacity.contains(held)) {
            of_capacity.push(before.id);
            measures.push(&*held.measure);
        }
        for held in before.ratings.iter().filter(|held| !after.ratings.contains(held)) {
            of_rating.push(before.id);
            schemes.push(&*held.scheme);
        }
    }
    let sql = "DELETE FROM capacity USING unnest($1::uuid[], $2::text[]) AS gone (facility, measure) \
               WHERE capacity.facility = gone.facility AND capacity.measure = gone.measure";
    client.execute(sql, &[&of_capacity, &measures]).await?;
    let sql = "UPDATE rating SET superseded_at = now() FROM unnest($1::uuid[], $2::text[]) AS gone (facility, scheme) \
               WHERE rating.facility = gone.facility AND rating.scheme = gone.scheme AND superseded_at IS NULL";
    client.execute(sql, &[&of_rating, &schemes]).await?;
    Ok(())
}

/// Writes the lines of the log and commits. The turn to write to the log is taken only now.
pub(super) async fn commit(mut batch: Batch) -> Result<(Uuid, i64), RegistryError> {
    append(&batch.client, &mut batch.lines).await?;
    let seq = batch.client.query_one("SELECT coalesce(max(seq), 0) FROM change", &[]).await?.get(0);
    batch.client.batch_execute("COMMIT").await?;
    Ok((batch.id, seq))
}

/// Appends the lines that waited to the log. Every other writer waits from here to the end of the transaction.
pub(super) async fn append(client: &Client, lines: &mut change::Lines) -> Result<(), RegistryError> {
    if lines.is_empty() {
        return Ok(());
    }
    // A statement of its own: the lines take their time from the start of the next.
    client.batch_execute("SELECT change_take_turn()").await?;
    let mut copy = CopyIn::begin(client, &format!("change ({})", change::COLUMNS)).await?;
    copy.send_all(lines.take()).await?;
    copy.finish().await?;
    Ok(())
}

/// Says which facility broke a rule.
fn of(facility: &Facility, error: RegistryError) -> RegistryError {
    match error {
        RegistryError::Rule { pointer, detail } => {
            let code = facility.code.as_deref().map_or_else(String::new, |code| format!(" ({code})"));
            RegistryError::Rule { pointer, detail: format!("{}{code}: {detail}", facility.name) }
        }
        error => error,
    }
}

/// The same for an error of the database, which tells the line of the COPY.
fn named(error: CopyError, rows: &[&Facility]) -> RegistryError {
    let facility = error.line().and_then(|line| rows.get(line.checked_sub(1)?));
    match facility {
        Some(facility) => of(facility, error.into()),
        None => error.into(),
    }
}
