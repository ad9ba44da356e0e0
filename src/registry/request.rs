//! Change requests: filed beside each other, decided one at a time, each decision in one transaction with what it changes.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use futures_util::FutureExt;
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use super::edit::{Deal, refused};
use super::line::Pooled;
use super::refusal::{rule, within_limit};
use super::schema::change_request;
use super::{Registry, RegistryError, Written};
use crate::care::fields::{self, Wishes};
use crate::care::{ChangeRequest, Decision, Facility, RequestState, Text, Verdict, Vocabulary, Who};

/// Which requests to list.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// All that wait for a decision, the oldest first.
    Pending,
    /// All about one facility, the newest first.
    About(Uuid),
    /// All of one account, the newest first.
    By(Uuid),
    One(Uuid),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = change_request)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    facility: Uuid,
    account: Option<Uuid>,
    actor: String,
    based_on: i64,
    was: Value,
    wished: Value,
    note: Option<String>,
    at: DateTime<Utc>,
    state: String,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<String>,
    decision: Option<Value>,
}

impl Row {
    fn request(self) -> Result<ChangeRequest, RegistryError> {
        let misread = |what: &dyn std::fmt::Display| RegistryError::Internal(format!("request {}: {what}", self.id));
        let object = |value: Value| match value {
            Value::Object(members) => Ok(members),
            other => Err(misread(&other)),
        };
        Ok(ChangeRequest {
            state: RequestState::from_code(&self.state).ok_or_else(|| misread(&self.state))?,
            decision: self.decision.map(serde_json::from_value).transpose().map_err(|error| misread(&error))?,
            was: object(self.was)?,
            wished: object(self.wished)?,
            id: self.id,
            facility: self.facility,
            account: self.account,
            actor: self.actor.into(),
            based_on: self.based_on,
            note: self.note.map(Text::from),
            at: self.at,
            decided_at: self.decided_at,
            decided_by: self.decided_by.map(Text::from),
        })
    }
}

async fn list(connection: &mut Pooled, asked: Asked) -> Result<Vec<ChangeRequest>, RegistryError> {
    let all = change_request::table.select(Row::as_select()).into_boxed();
    let newest = change_request::at.desc();
    let query = match asked {
        Asked::Pending => {
            all.filter(change_request::state.eq(RequestState::Pending.code())).order(change_request::at.asc())
        }
        Asked::About(id) => all.filter(change_request::facility.eq(id)).order(newest),
        Asked::By(account) => all.filter(change_request::account.eq(account)).order(newest),
        Asked::One(id) => all.filter(change_request::id.eq(id)),
    };
    let rows: Vec<Row> = diesel_async::RunQueryDsl::load(query, connection).await?;
    rows.into_iter().map(Row::request).collect()
}

/// Files a request beside whatever waits already; answers its number.
pub(super) async fn file(
    client: &Client,
    saw: &Facility,
    who: &Who,
    wished: Wishes,
    note: Option<Text>,
) -> Result<Uuid, RegistryError> {
    let id = Uuid::now_v7();
    let was = Value::Object(fields::values(saw, wished.keys()));
    let sql = "INSERT INTO change_request (id, facility, account, actor, based_on, was, wished, note) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (actor, wished) = (who.actor(), Value::Object(wished));
    client.execute(sql, &[&id, &saw.id, &who.account, &&*actor, &saw.version, &was, &wished, &note.as_deref()]).await?;
    Ok(id)
}

/// Takes the request for this transaction; refused where it waits no longer.
async fn pending(client: &Client, id: Uuid) -> Result<(), RegistryError> {
    let row = client.query_opt("SELECT state FROM change_request WHERE id = $1 FOR UPDATE", &[&id]).await?;
    match row.ok_or(RegistryError::NotFound)?.get(0) {
        "pending" => Ok(()),
        "withdrawn" => Err(RegistryError::Conflict("This request was withdrawn.".to_owned())),
        _ => Err(RegistryError::Conflict("This request was decided already.".to_owned())),
    }
}

impl Registry {
    pub async fn requests(&self, asked: Asked) -> Result<Vec<ChangeRequest>, RegistryError> {
        self.line.ask(move |connection| list(connection, asked).boxed()).await
    }

    /// Decides a request on the version of the facility that the reviewer saw: verdict, changes and the log's line stand or
    /// fall together.
    pub async fn decide(
        &self,
        id: Uuid,
        expected: i64,
        decision: Decision,
        actor: &str,
        vocabulary: Vocabulary,
    ) -> Result<Written, RegistryError> {
        for verdict in decision.values() {
            if let Verdict::Reject { reason } = verdict {
                within_limit("reason", reason)?;
            }
        }
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        let request = self.requests(Asked::One(id)).await?.pop().ok_or(RegistryError::NotFound)?;
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, Some(id)).await?;
            pending(&deal.client, id).await?;
            if let Some((field, detail)) = request.objection(&decision) {
                return Err(rule(format!("/{field}"), format!("{field}: {detail}")));
            }
            let before = deal.facility(request.facility, Some(expected)).await?;
            if let Some(field) = request.nothing_newer(&decision, &before) {
                let detail = "nobody else has changed this since it was asked for: accept it, or reject it and say why";
                return Err(rule(format!("/{field}"), format!("{field}: {detail}")));
            }
            let after = fields::with(&before, &request.granted(&decision), &vocabulary).map_err(refused)?;
            let verdicts =
                serde_json::to_value(&decision).map_err(|error| RegistryError::Internal(error.to_string()))?;
            let sql = "UPDATE change_request SET state = 'decided', decided_at = clock_timestamp(), decided_by = $2, \
                       decision = $3 WHERE id = $1";
            deal.client.execute(sql, &[&id, &&*actor, &verdicts]).await?;
            let facility = deal.write(Some(before), after).await?;
            Ok(Written { facility, seq: deal.commit().await? })
        };
        self.line.at_home(task.boxed()).await
    }

    /// Takes a request that still waits out of the queue.
    pub async fn withdraw(&self, id: Uuid, actor: &str) -> Result<(), RegistryError> {
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        let task = async move {
            let deal = Deal::begin(&line, &actor, None).await?;
            pending(&deal.client, id).await?;
            let sql = "UPDATE change_request SET state = 'withdrawn', decided_at = clock_timestamp(), decided_by = $2 \
                       WHERE id = $1";
            deal.client.execute(sql, &[&id, &&*actor]).await?;
            deal.commit().await.map(drop)
        };
        self.line.at_home(task.boxed()).await
    }
}
