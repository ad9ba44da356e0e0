//! Sessions of browsers.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use uuid::Uuid;

use super::line::Pooled;
use super::schema::session;
use super::token::{hash, secret};
use super::{Registry, RegistryError, account, sign_in};
use crate::care::Who;

/// A session ends so long after its last use.
const IDLE: Duration = Duration::hours(12);
/// And so long after it began, used or not.
const LIFE: Duration = Duration::days(7);
/// Its last use is written no oftener than this.
const SEEN: Duration = Duration::minutes(5);

/// Begins a session with a secret of its own, which is answered once; ends the one that the browser held before.
pub(super) async fn begin(connection: &mut Pooled, id: Uuid, former: Option<&str>) -> Result<String, RegistryError> {
    let text = secret("ss_");
    let dead = Utc::now() - LIFE;
    diesel::delete(session::table.filter(session::began_at.lt(dead))).execute(connection).await?;
    if let Some(former) = former {
        end(connection, former).await?;
    }
    diesel::insert_into(session::table)
        .values((session::hash.eq(hash(&text)), session::account.eq(id)))
        .execute(connection)
        .await?;
    Ok(text)
}

/// Who holds this secret, if the session has not ended.
pub(super) async fn who(connection: &mut Pooled, text: &str) -> Result<Option<Who>, RegistryError> {
    let now = Utc::now();
    let held: Option<(Uuid, DateTime<Utc>)> = session::table
        .find(hash(text))
        .filter(session::seen_at.gt(now - IDLE).and(session::began_at.gt(now - LIFE)))
        .select((session::account, session::seen_at))
        .first(connection)
        .await
        .optional()?;
    let Some((id, seen_at)) = held else { return Ok(None) };
    if now - seen_at > SEEN {
        diesel::update(session::table.find(hash(text))).set(session::seen_at.eq(now)).execute(connection).await?;
    }
    account::who(connection, id).await
}

pub(super) async fn end(connection: &mut Pooled, text: &str) -> Result<(), RegistryError> {
    diesel::delete(session::table.find(hash(text))).execute(connection).await?;
    Ok(())
}

/// Ends every session of an account; answers how many there were.
pub(super) async fn end_all(connection: &mut Pooled, id: Uuid) -> Result<usize, RegistryError> {
    sign_in::forget_browsers(connection, id).await?;
    Ok(diesel::delete(session::table.filter(session::account.eq(id))).execute(connection).await?)
}

impl Registry {
    /// Begins a session of an account and ends the former one of the same browser; the secret is answered once.
    pub async fn begin_session(&self, account: Uuid, former: Option<String>) -> Result<String, RegistryError> {
        self.line
            .ask(move |connection| async move { begin(connection, account, former.as_deref()).await }.boxed())
            .await
    }

    /// Who holds the secret of a session that has not ended.
    pub async fn session_holder(&self, secret: &str) -> Result<Option<Who>, RegistryError> {
        let secret = secret.to_owned();
        self.line.ask(move |connection| async move { who(connection, &secret).await }.boxed()).await
    }

    pub async fn end_session(&self, secret: &str) -> Result<(), RegistryError> {
        let secret = secret.to_owned();
        self.line.ask(move |connection| async move { end(connection, &secret).await }.boxed()).await
    }

    /// Signs an account out everywhere; answers how many sessions ended.
    pub async fn end_sessions(&self, account: Uuid) -> Result<usize, RegistryError> {
        self.line.ask(move |connection| end_all(connection, account).boxed()).await
    }
}
