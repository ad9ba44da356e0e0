//! Tokens of those who may write. What is kept is a hash: who reads the table cannot write with what stands there.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::line::Pooled;
use super::schema::token;
use super::{Registry, RegistryError, account};
use crate::care::{Role, Text, Who};

/// The role, and the name, of whoever runs the service.
pub const OPERATOR: &str = "operator";
/// How long a token is good for unless it is said otherwise.
pub const DEFAULT_DAYS: i64 = 90;

/// A token about to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Written beside every change made with it, where there is no account.
    pub holder: Text,
    pub role: Role,
    pub account: Option<Uuid>,
    /// Of scope `read`, whatever its holder may do.
    pub only_reads: bool,
    /// How long it is good for; `None`: without end.
    pub days: Option<i64>,
}

impl NewToken {
    /// A token of whoever runs the service.
    pub fn operators(holder: Text, days: Option<i64>) -> NewToken {
        NewToken { holder, role: Role::Operator, account: None, only_reads: false, days }
    }
}

/// The operator's first token, if there is none yet. It has no last day: nobody else could make the next one.
async fn first(connection: &mut Pooled) -> Result<Option<String>, RegistryError> {
    connection
        .transaction(async |connection: &mut Pooled| {
            // Two servers that start at once make one token.
            diesel::sql_query("LOCK TABLE token IN SHARE ROW EXCLUSIVE MODE").execute(connection).await?;
            let held: i64 = token::table.filter(token::role.eq(OPERATOR)).count().get_result(connection).await?;
            if held > 0 {
                return Ok(None);
            }
            make(connection, NewToken::operators(OPERATOR.into(), None)).await.map(Some)
        })
        .await
}

/// Makes a token; answers its text, which is nowhere else.
async fn make(connection: &mut Pooled, new: NewToken) -> Result<String, RegistryError> {
    let text = secret("sa_");
    let expires_at: Option<DateTime<Utc>> = new.days.map(|days| Utc::now() + Duration::days(days));
    diesel::insert_into(token::table)
        .values((
            token::hash.eq(hash(&text)),
            token::holder.eq(&*new.holder),
            token::role.eq(new.role.code()),
            token::account.eq(new.account),
            token::scope.eq(if new.only_reads { "read" } else { "write" }),
            token::expires_at.eq(expires_at),
        ))
        .execute(connection)
        .await?;
    Ok(text)
}

/// Whose token this is, if it is known and not expired, and when it ends.
async fn who(connection: &mut Pooled, hash: &[u8]) -> Result<Option<(Who, Option<DateTime<Utc>>)>, RegistryError> {
    type Held = (String, Option<Uuid>, String, Option<DateTime<Utc>>);
    let held: Option<Held> = token::table
        .filter(token::hash.eq(hash))
        .filter(token::expires_at.is_null().or(token::expires_at.gt(Utc::now())))
        .select((token::holder, token::account, token::scope, token::expires_at))
        .first(connection)
        .await
        .optional()?;
    let Some((holder, account, scope, ends)) = held else { return Ok(None) };
    let only_reads = scope == "read";
    match account {
        None => Ok(Some((Who::operator(holder.into(), only_reads), ends))),
        Some(id) => Ok(account::who(connection, id).await?.map(|who| (Who { only_reads, ..who }, ends))),
    }
}

/// A secret of 256 bits that tells what it is by its first letters.
pub(super) fn secret(prefix: &str) -> String {
    let secret: [u8; 32] = rand::random();
    secret.iter().fold(prefix.to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

pub(super) fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

impl Registry {
    /// Makes the operator's first token if there is none; the text is answered once and never stored.
    pub async fn first_token(&self) -> Result<Option<String>, RegistryError> {
        self.line.ask(|connection| first(connection).boxed()).await
    }

    /// Makes a token; its text is answered once and never stored.
    pub async fn make_token(&self, new: NewToken) -> Result<String, RegistryError> {
        self.line.ask(move |connection| make(connection, new).boxed()).await
    }

    /// Who stands behind a token, if it is known and not expired.
    pub async fn token_holder(&self, token: &str) -> Result<Option<Who>, RegistryError> {
        let hash = hash(token);
        let asked = match self.holders.find(&hash) {
            Ok(who) => return Ok(Some(who)),
            Err(asked) => asked,
        };
        let named = hash.clone();
        let held = self.line.ask(move |connection| async move { who(connection, &named).await }.boxed()).await?;
        Ok(held.map(|(who, ends)| {
            self.holders.keep(asked, hash, &who, ends);
            who
        }))
    }
}
