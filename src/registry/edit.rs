//! Single facilities, registered and edited: one transaction each, with the log's line and whatever belongs to it.

use std::sync::Arc;

use chrono::Utc;
use futures_util::FutureExt;
use uuid::Uuid;

use super::copy::whole;
use super::facility::{self, Which};
use super::line::{Line, OwnClient, Purpose};
use super::refusal::{rule, within_limit};
use super::{Edit, Registry, RegistryError, Written, batch, change, removed, request};
use crate::care::fields::{self, FieldFault, Wishes};
use crate::care::{Change, Facility, Text, Vocabulary, Who};

/// One transaction about facilities. Dropped, it is rolled back.
pub(super) struct Deal {
    pub client: OwnClient,
    pub lines: change::Lines,
}

impl Deal {
    pub async fn begin(line: &Arc<Line>, actor: &str, request: Option<Uuid>) -> Result<Deal, RegistryError> {
        Deal::begin_for(line, actor, request, Purpose::Short).await
    }

    /// The same, for a transaction that may take its time where that is its purpose.
    pub async fn begin_for(
        line: &Arc<Line>,
        actor: &str,
        request: Option<Uuid>,
        purpose: Purpose,
    ) -> Result<Deal, RegistryError> {
        let client = line.client_for(purpose).await?;
        client.batch_execute("BEGIN").await?;
        Ok(Deal { client, lines: change::Lines::new(actor, None, request) })
    }

    /// The facility, kept from changing until the transaction ends, if it still has the version that the writer saw.
    pub async fn facility(&self, id: Uuid, expected: Option<i64>) -> Result<Facility, RegistryError> {
        let locked = self.client.execute("SELECT 1 FROM facility WHERE id = $1 FOR UPDATE", &[&id]).await?;
        if locked == 0 {
            return Err(RegistryError::NotFound);
        }
        let only = format!("(VALUES ('{id}'::uuid)) AS named (id)");
        let held = facility::read(&self.client, Which::In(&only)).await?.pop().ok_or(RegistryError::NotFound)?;
        if expected.is_some_and(|expected| expected != held.version) {
            return Err(RegistryError::Stale(Box::new(held)));
        }
        Ok(held)
    }

    /// Writes the facility as it shall be; answers it with its new version. What changes nothing is not written.
    pub async fn write(&mut self, before: Option<Facility>, mut after: Facility) -> Result<Facility, RegistryError> {
        let now = whole(Utc::now());
        match &before {
            Some(before) if !after.written(before, now) => return Ok(after),
            Some(_) => {}
            None => (after.version, after.updated_at) = (1, now),
        }
        let edit = Edit { before, after };
        batch::write_facilities(&self.client, std::slice::from_ref(&edit), &mut self.lines).await?;
        Ok(edit.after)
    }

    /// What the same request under the same Idempotency-Key has made already; else the key now stands for `makes`.
    pub async fn made_before(
        &self,
        actor: &str,
        key: Option<(String, Vec<u8>)>,
        makes: Uuid,
    ) -> Result<Option<Uuid>, RegistryError> {
        let Some((key, print)) = key else { return Ok(None) };
        // Whoever comes second with the same key waits here until the first has committed or gone.
        let sql =
            "INSERT INTO idempotency (actor, key, print, facility) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        if self.client.execute(sql, &[&actor, &key, &print, &makes]).await? > 0 {
            return Ok(None);
        }
        let sql = "SELECT print, facility FROM idempotency WHERE actor = $1 AND key = $2";
        let row = self.client.query_one(sql, &[&actor, &key]).await?;
        let (held, made): (Vec<u8>, Uuid) = (row.get(0), row.get(1));
        match held == print {
            true => Ok(Some(made)),
            false => Err(RegistryError::Conflict("This Idempotency-Key was used for another body.".to_owned())),
        }
    }

    /// Commits; answers the number of its last change, or of the log's.
    pub async fn commit(mut self) -> Result<i64, RegistryError> {
        batch::append(&self.client, &mut self.lines).await?;
        let seq = self.client.query_one("SELECT coalesce(max(seq), 0) FROM change", &[]).await?.get(0);
        self.client.batch_execute("COMMIT").await?;
        Ok(seq)
    }
}

/// What became of an amendment: fields that stand at once, and a request for those that the bureau decides.
#[derive(Debug, Clone)]
pub struct Amended {
    pub written: Written,
    pub request: Option<Uuid>,
}

/// What became of a registration.
#[derive(Debug, Clone)]
pub enum Registered {
    New(Box<Written>),
    /// The same request under the same key was answered before.
    Again(Uuid),
}

/// Wrong fields, as rules of the record with their JSON pointers.
pub(super) fn refused(faults: Vec<FieldFault>) -> RegistryError {
    let pointer = faults.first().map_or_else(String::new, |fault| format!("/{}", fault.field));
    let details = faults.into_iter().map(|fault| format!("{}: {}", fault.field, fault.detail));
    rule(pointer, details.collect::<Vec<_>>().join("; "))
}

impl Registry {
    /// Registers a facility. `key` is the request's Idempotency-Key with the SHA-256 of its body: the same twice makes one
    /// facility. A second facility of the same name and kind in the same region needs `another`.
    pub async fn register(
        &self,
        facility: Facility,
        actor: &str,
        key: Option<(String, Vec<u8>)>,
        another: bool,
    ) -> Result<Registered, RegistryError> {
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        self.line.at_home(async move { register(&line, facility, &actor, key, another).await }.boxed()).await
    }

    /// What this person registered under this key, and the SHA-256 of what was sent with it.
    pub async fn registered_under(&self, actor: &str, key: &str) -> Result<Option<(Uuid, Vec<u8>)>, RegistryError> {
        let (client, actor, key) = (self.line.client().await?, Text::from(actor), Text::from(key));
        let task = async move {
            let sql = "SELECT facility, print FROM idempotency WHERE actor = $1 AND key = $2";
            let row = client.query_opt(sql, &[&&*actor, &&*key]).await?;
            Ok(row.map(|row| (row.get(0), row.get(1))))
        };
        self.line.at_home(task.boxed()).await
    }

    /// Changes fields of a facility that still has version `expected`: those of `live` at once, and for those of `asked` a
    /// change request is made, in the same transaction.
    #[expect(clippy::too_many_arguments, reason = "each is a word of its own in the sentence")]
    pub async fn amend(
        &self,
        id: Uuid,
        expected: i64,
        who: &Who,
        live: Wishes,
        asked: Wishes,
        note: Option<Text>,
        vocabulary: Vocabulary,
    ) -> Result<Amended, RegistryError> {
        within_limit("request_note", note.as_deref().unwrap_or_default())?;
        let (line, who) = (Arc::clone(&self.line), who.clone());
        let task = async move {
            let mut deal = Deal::begin(&line, &who.actor(), None).await?;
            let before = deal.facility(id, Some(expected)).await?;
            let mut after = fields::with(&before, &live, &vocabulary).map_err(refused)?;
            if live.contains_key("menu") {
                after.forget_old_meals(Utc::now().date_naive());
            }
            // A wish that cannot be granted is refused now, not when the bureau looks at it.
            fields::with(&after, &asked, &vocabulary).map_err(refused)?;
            let request = match asked.is_empty() {
                true => None,
                false => Some(request::file(&deal.client, &before, &who, asked, note).await?),
            };
            let facility = deal.write(Some(before), after).await?;
            Ok(Amended { written: Written { facility, seq: deal.commit().await? }, request })
        };
        self.line.at_home(task.boxed()).await
    }

    /// Takes one change of a facility back, as a new change. What others changed since stays: then it is refused and told.
    pub async fn take_back(&self, id: Uuid, expected: i64, seq: i64, actor: &str) -> Result<Written, RegistryError> {
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        let change = self.change_of(crate::care::Entity::Facility, &id.to_string(), seq).await?;
        let task = async move {
            let change = change.ok_or(RegistryError::NotFound)?;
            let mut deal = Deal::begin(&line, &actor, None).await?;
            let held = deal.facility(id, Some(expected)).await?;
            let after = without(&held, &change)?;
            let facility = deal.write(Some(held), after).await?;
            Ok(Written { facility, seq: deal.commit().await? })
        };
        self.line.at_home(task.boxed()).await
    }

    /// The status before the last change of status, where that was a manager's temporary closure.
    pub async fn paused_from(&self, id: Uuid) -> Result<Option<Text>, RegistryError> {
        let client = self.line.client().await?;
        let task = async move {
            let sql = "SELECT actor, before ->> 'status', after ->> 'status' FROM change \
                       WHERE entity = 'facility' AND key = $1 AND action = 'updated' \
                           AND before ->> 'status' <> after ->> 'status' ORDER BY seq DESC LIMIT 1";
            let Some(row) = client.query_opt(sql, &[&id.to_string()]).await? else { return Ok(None) };
            let (actor, before, after): (&str, &str, &str) = (row.get(0), row.get(1), row.get(2));
            Ok((actor.starts_with("manager:") && after == "suspended").then(|| before.into()))
        };
        self.line.at_home(task.boxed()).await
    }
}

/// The facility without what a change did to it.
fn without(held: &Facility, change: &Change) -> Result<Facility, RegistryError> {
    let read = |json: &Option<serde_json::Value>| {
        let json = json.clone().ok_or_else(|| {
            RegistryError::Conflict("A registration is not taken back: close the facility or merge it.".to_owned())
        })?;
        serde_json::from_value::<Facility>(json).map_err(|error| RegistryError::Internal(error.to_string()))
    };
    let (before, after) = (read(&change.before)?, read(&change.after)?);
    let overtaken = |what: &str| {
        RegistryError::Conflict(format!(
            "{what} changed again since; take that change back first, or edit the facility."
        ))
    };
    let (mut next, held_json) = (held.clone(), |name: &str| fields::value(held, name));
    let mut wishes = Wishes::new();
    for field in fields::differing(&before, &after) {
        if held_json(field.name) != fields::value(&after, field.name) {
            return Err(overtaken(field.name));
        }
        wishes.insert(field.name.to_owned(), fields::value(&before, field.name));
    }
    fields::restore(&mut next, &wishes).map_err(|error| RegistryError::Internal(error.to_string()))?;
    for told in before.capacity.iter().chain(&after.capacity) {
        let (was, became) = (before.capacity_of(&told.measure), after.capacity_of(&told.measure));
        if was == became {
            continue;
        }
        if held.capacity_of(&told.measure) != became {
            return Err(overtaken(&told.measure));
        }
        next.capacity.retain(|capacity| capacity.measure != told.measure);
        next.capacity.extend(was.cloned());
    }
    next.capacity.sort_by(|a, b| a.measure.cmp(&b.measure));
    Ok(next)
}

async fn register(
    line: &Arc<Line>,
    facility: Facility,
    actor: &Text,
    key: Option<(String, Vec<u8>)>,
    another: bool,
) -> Result<Registered, RegistryError> {
    let mut deal = Deal::begin(line, actor, None).await?;
    if let Some(made) = deal.made_before(actor, key, facility.id).await? {
        return Ok(Registered::Again(made));
    }
    if !another {
        // Those who register take turns here, or two could both find nothing.
        deal.client.batch_execute("SELECT pg_advisory_xact_lock(20583, 4)").await?;
        // However the name is spaced: clean text has no other blank.
        let sql = "SELECT id FROM facility WHERE replace(name, ' ', '') = $1 AND kind = $2 \
                   AND (region = $3 OR region IS NULL AND $3::text IS NULL) LIMIT 1";
        let region = facility.region.as_deref();
        let name = facility.name.replace(' ', "");
        if let Some(row) = deal.client.query_opt(sql, &[&name, &&*facility.kind, &region]).await? {
            return Err(RegistryError::Conflict(format!(
                "{} of this kind is already registered in this region as {}.",
                facility.name,
                row.get::<_, Uuid>(0)
            )));
        }
        if let Some(removed) = removed::like(&deal.client, &facility).await? {
            return Err(RegistryError::Removed(Box::new(removed)));
        }
    }
    let facility = deal.write(None, facility).await?;
    Ok(Registered::New(Box::new(Written { facility, seq: deal.commit().await? })))
}
