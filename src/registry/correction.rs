//! Corrections from visitors: taken in no faster than a person writes, listed until somebody has seen to them.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::line::Pooled;
use super::schema::correction;
use super::{Registry, RegistryError};
use crate::care::Text;
use crate::care::correction::{Correction, Subject};

/// So many an hour from one address: phones of one network share addresses, so it is more than one person writes.
const AN_HOUR: usize = 10;
const HOUR: Duration = Duration::hours(1);
/// The sender's address is forgotten after this.
const FORGET: Duration = Duration::days(1);

/// What a visitor sends.
#[derive(Debug, Clone)]
pub struct NewCorrection {
    pub facility: Uuid,
    pub subject: Subject,
    pub said: Option<Text>,
    pub phone: Option<Text>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    Taken,
    /// Too many from this address; the next may come after so long.
    TooMany(Duration),
}

type Row = (Uuid, Uuid, String, Option<String>, Option<String>, DateTime<Utc>);
const ROW: (
    correction::id,
    correction::facility,
    correction::subject,
    correction::said,
    correction::phone,
    correction::at,
) = (correction::id, correction::facility, correction::subject, correction::said, correction::phone, correction::at);

fn read((id, facility, subject, said, phone, at): Row) -> Correction {
    // The table holds no other subject.
    let subject = Subject::from_code(&subject).unwrap_or(Subject::Other);
    Correction { id, facility, subject, said: said.map(Text::from), phone: phone.map(Text::from), at }
}

async fn take(connection: &mut Pooled, new: NewCorrection, sender: Vec<u8>) -> Result<Received, RegistryError> {
    connection
        .transaction(async move |connection: &mut Pooled| {
            // Those who write take turns, or many at once could all be the tenth.
            connection.batch_execute("SELECT pg_advisory_xact_lock(20583, 5)").await?;
            let now = Utc::now();
            diesel::update(
                correction::table.filter(correction::at.lt(now - FORGET).and(correction::sender.is_not_null())),
            )
            .set(correction::sender.eq(None::<Vec<u8>>))
            .execute(connection)
            .await?;
            let latest: Vec<DateTime<Utc>> = correction::table
                .filter(correction::sender.eq(&sender).and(correction::at.gt(now - HOUR)))
                .order(correction::at.desc())
                .limit(AN_HOUR as i64)
                .select(correction::at)
                .load(connection)
                .await?;
            if let Some(first) = latest.get(AN_HOUR - 1) {
                return Ok(Received::TooMany(*first + HOUR - now));
            }
            diesel::insert_into(correction::table)
                .values((
                    correction::id.eq(Uuid::now_v7()),
                    correction::facility.eq(new.facility),
                    correction::subject.eq(new.subject.code()),
                    correction::said.eq(new.said.as_deref()),
                    correction::phone.eq(new.phone.as_deref()),
                    correction::sender.eq(sender),
                ))
                .execute(connection)
                .await?;
            Ok(Received::Taken)
        })
        .await
}

async fn waiting(connection: &mut Pooled) -> Result<Vec<Correction>, RegistryError> {
    let open = correction::table.filter(correction::done_at.is_null()).order(correction::at);
    let rows: Vec<Row> = open.select(ROW).load(connection).await?;
    Ok(rows.into_iter().map(read).collect())
}

async fn one(connection: &mut Pooled, id: Uuid) -> Result<Option<Correction>, RegistryError> {
    let row: Option<Row> = correction::table.find(id).select(ROW).first(connection).await.optional()?;
    Ok(row.map(read))
}

async fn done(connection: &mut Pooled, id: Uuid, actor: String) -> Result<(), RegistryError> {
    let (at, by) = (correction::done_at.eq(Utc::now()), correction::done_by.eq(actor));
    diesel::update(correction::table.find(id).filter(correction::done_at.is_null()))
        .set((at, by, correction::phone.eq(None::<String>)))
        .execute(connection)
        .await?;
    Ok(())
}

impl Registry {
    /// Takes a correction in, unless too many came from this address.
    pub async fn correct(&self, new: NewCorrection, address: &str) -> Result<Received, RegistryError> {
        let sender = Sha256::digest(address).to_vec();
        self.line.ask(move |connection| take(connection, new, sender).boxed()).await
    }

    /// Those that wait, the oldest first.
    pub async fn corrections(&self) -> Result<Vec<Correction>, RegistryError> {
        self.line.ask(|connection| waiting(connection).boxed()).await
    }

    /// One of them, whether it waits or is done.
    pub async fn correction(&self, id: Uuid) -> Result<Option<Correction>, RegistryError> {
        self.line.ask(move |connection| one(connection, id).boxed()).await
    }

    /// Somebody has seen to it. Done twice is done once.
    pub async fn correction_done(&self, id: Uuid, actor: &str) -> Result<(), RegistryError> {
        let actor = actor.to_owned();
        self.line.ask(move |connection| done(connection, id, actor).boxed()).await
    }
}
