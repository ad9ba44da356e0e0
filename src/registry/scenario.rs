//! Saved scenarios: written with the log's line in one transaction, on the version that was seen.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use futures_util::FutureExt;
use serde_json::Value;
use uuid::Uuid;

use super::copy::whole;
use super::edit::Deal;
use super::line::Pooled;
use super::schema::scenario;
use super::{Registry, RegistryError};
use crate::care::{Entity, Scenario, Text};

/// How many are listed at most.
const LISTED: i64 = 1000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = scenario)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    version: i64,
    name: String,
    account: Option<Uuid>,
    actor: String,
    region: Option<String>,
    question: Value,
    changes: Value,
    note: Option<String>,
    made_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn scenario(self) -> Result<Scenario, RegistryError> {
        let misread = |what: &dyn std::fmt::Display| RegistryError::Internal(format!("scenario {}: {what}", self.id));
        Ok(Scenario {
            changes: serde_json::from_value(self.changes).map_err(|error| misread(&error))?,
            question: serde_json::from_value(self.question).map_err(|error| misread(&error))?,
            id: self.id,
            version: self.version,
            name: self.name.into(),
            account: self.account,
            actor: self.actor.into(),
            region: self.region.map(Text::from),
            note: self.note.map(Text::from),
            made_at: self.made_at,
            updated_at: self.updated_at,
        })
    }
}

async fn load(connection: &mut Pooled, id: Option<Uuid>) -> Result<Vec<Scenario>, RegistryError> {
    let all = scenario::table.select(Row::as_select()).into_boxed();
    let query = match id {
        Some(id) => all.filter(scenario::id.eq(id)),
        None => all.order(scenario::updated_at.desc()).limit(LISTED),
    };
    let rows: Vec<Row> = diesel_async::RunQueryDsl::load(query, connection).await?;
    rows.into_iter().map(Row::scenario).collect()
}

/// What became of a write to a scenario.
#[derive(Debug, Clone)]
pub enum Rewritten {
    /// As it now is, or was before it was removed, and the number of the change.
    Done(Box<Scenario>, i64),
    /// It moved on since the version that was seen.
    Stale(Box<Scenario>),
    Gone,
}

impl Registry {
    /// The latest, those saved last first.
    pub async fn scenarios(&self) -> Result<Vec<Scenario>, RegistryError> {
        self.line.ask(|connection| load(connection, None).boxed()).await
    }

    pub async fn scenario(&self, id: Uuid) -> Result<Option<Scenario>, RegistryError> {
        Ok(self.line.ask(move |connection| load(connection, Some(id)).boxed()).await?.pop())
    }

    /// Saves a new one; answers it with its times, and the number of the change. Where one of this id is there already,
    /// that one is answered, and 0.
    pub async fn save_scenario(&self, new: Scenario) -> Result<(Scenario, i64), RegistryError> {
        let (line, registry) = (Arc::clone(&self.line), self.clone());
        let task = async move {
            let mut deal = Deal::begin(&line, &new.actor, None).await?;
            // Who repeats a request takes turns with the first, and finds what it saved.
            let turn = "SELECT pg_advisory_xact_lock(20585, hashtext($1))";
            deal.client.execute(turn, &[&new.id.to_string()]).await?;
            if let Some(held) = registry.scenario(new.id).await? {
                return Ok((held, 0));
            }
            let now = whole(Utc::now());
            let new = Scenario { version: 1, made_at: now, updated_at: now, ..new };
            write(&mut deal, None, &new).await?;
            Ok((new, deal.commit().await?))
        };
        self.line.at_home(task.boxed()).await
    }

    /// Saves it anew, if it still has the version that `after` was made from.
    pub async fn amend_scenario(&self, after: Scenario) -> Result<Rewritten, RegistryError> {
        self.rewrite(after.id, after.version, after.actor.clone(), Some(after)).await
    }

    /// Removes it, if it still has this version; the log remembers it.
    pub async fn remove_scenario(&self, id: Uuid, expected: i64, actor: &str) -> Result<Rewritten, RegistryError> {
        self.rewrite(id, expected, actor.into(), None).await
    }

    async fn rewrite(
        &self,
        id: Uuid,
        expected: i64,
        actor: Text,
        after: Option<Scenario>,
    ) -> Result<Rewritten, RegistryError> {
        let (line, registry) = (Arc::clone(&self.line), self.clone());
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            let locked = deal.client.execute("SELECT 1 FROM scenario WHERE id = $1 FOR UPDATE", &[&id]).await?;
            // Nobody else writes it while it is locked, so another connection reads what is there.
            let held = if locked == 0 { None } else { registry.scenario(id).await? };
            let Some(before) = held else { return Ok(Rewritten::Gone) };
            if before.version != expected {
                return Ok(Rewritten::Stale(Box::new(before)));
            }
            let told = match after {
                Some(after) => {
                    let (version, made_at) = (before.version + 1, before.made_at);
                    let after = Scenario { version, made_at, updated_at: whole(Utc::now()), ..after };
                    write(&mut deal, Some(&before), &after).await?;
                    after
                }
                None => {
                    deal.client.execute("DELETE FROM scenario WHERE id = $1", &[&id]).await?;
                    deal.lines.drop(Entity::Scenario, &id.to_string(), &before);
                    before
                }
            };
            Ok(Rewritten::Done(Box::new(told), deal.commit().await?))
        };
        self.line.at_home(task.boxed()).await
    }
}

/// The scenarios of a region that becomes another go with it, each with its line in the log; who saved it last stays.
pub(super) async fn follow(deal: &mut Deal, old: &str, new: &Text) -> Result<usize, RegistryError> {
    let sql = "SELECT to_jsonb(scenario) FROM scenario WHERE region = $1 ORDER BY id FOR UPDATE";
    let rows = deal.client.query(sql, &[&old]).await?;
    for row in &rows {
        let held: Scenario = serde_json::from_value(row.get(0))
            .map_err(|error| RegistryError::Internal(format!("a scenario: {error}")))?;
        let (version, updated_at) = (held.version + 1, whole(Utc::now()));
        let after = Scenario { region: Some(new.clone()), version, updated_at, ..held.clone() };
        write(deal, Some(&held), &after).await?;
    }
    Ok(rows.len())
}

async fn write(deal: &mut Deal, before: Option<&Scenario>, after: &Scenario) -> Result<(), RegistryError> {
    let sql = "INSERT INTO scenario (id, version, name, account, actor, region, question, changes, note, made_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, \
               actor = excluded.actor, region = excluded.region, question = excluded.question, \
               changes = excluded.changes, note = excluded.note, updated_at = excluded.updated_at";
    let question = Value::Object(after.question.clone());
    let changes = serde_json::to_value(&after.changes).map_err(|error| RegistryError::Internal(error.to_string()))?;
    let Scenario { id, version, account, made_at, updated_at, .. } = after;
    let (name, actor) = (&*after.name, &*after.actor);
    let (region, note) = (after.region.as_deref(), after.note.as_deref());
    deal.client
        .execute(sql, &[id, version, &name, account, &actor, &region, &question, &changes, &note, made_at, updated_at])
        .await?;
    deal.lines.add(Entity::Scenario, &id.to_string(), before, after);
    Ok(())
}
