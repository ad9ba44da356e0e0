//! Sessions of browsers, and the door that opens more slowly the more wrong passwords were tried.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use futures_util::FutureExt;
use uuid::Uuid;

use super::line::Pooled;
use super::schema::{failed_sign_in, session};
use super::token::{hash, secret};
use super::{Registry, RegistryError, account};
use crate::care::Who;

/// A session ends so long after its last use.
const IDLE: Duration = Duration::hours(12);
/// And so long after it began, used or not.
const LIFE: Duration = Duration::days(7);
/// Its last use is written no oftener than this.
const SEEN: Duration = Duration::minutes(5);

/// Wrong passwords for one name, and from one address, before the door slows down: an office shares an address.
const FREE_TRIES: [(&str, i32); 2] = [("account:", 5), ("address:", 20)];
/// The first wait; each further failure doubles it.
const FIRST_WAIT_S: i64 = 5;
const LONGEST_WAIT_S: i64 = 15 * 60;
/// Failures are forgotten after this.
const FORGET: Duration = Duration::hours(24);

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
    Ok(diesel::delete(session::table.filter(session::account.eq(id))).execute(connection).await?)
}

/// How long the next try must wait after so many failures in a row.
fn wait(subject: &str, failures: i32) -> Duration {
    let free = FREE_TRIES.iter().find(|(kind, _)| subject.starts_with(kind)).map_or(0, |(_, free)| *free);
    match failures - free {
        ..0 => Duration::zero(),
        over => Duration::seconds((FIRST_WAIT_S << over.min(20)).min(LONGEST_WAIT_S)),
    }
}

/// Counts a try as failed before it is made, so that many at once cannot slip through; a right password takes it back. The
/// answer is how long to wait, where it is too early: such a try is not made and not counted.
pub(super) async fn knock(connection: &mut Pooled, subjects: Vec<String>) -> Result<Option<Duration>, RegistryError> {
    connection
        .transaction(async move |connection: &mut Pooled| {
            let now = Utc::now();
            diesel::delete(failed_sign_in::table.filter(failed_sign_in::last_at.lt(now - FORGET)))
                .execute(connection)
                .await?;
            let mut subjects = subjects;
            subjects.sort();
            for subject in &subjects {
                // Made first, so that two who try at once meet in one row.
                diesel::insert_into(failed_sign_in::table)
                    .values((
                        failed_sign_in::subject.eq(subject),
                        failed_sign_in::failures.eq(1),
                        failed_sign_in::last_at.eq(now),
                    ))
                    .on_conflict(failed_sign_in::subject)
                    .do_update()
                    .set(failed_sign_in::failures.eq(failed_sign_in::failures + 1))
                    .execute(connection)
                    .await?;
                let (failures, last): (i32, DateTime<Utc>) = failed_sign_in::table
                    .find(subject)
                    .select((failed_sign_in::failures, failed_sign_in::last_at))
                    .first(connection)
                    .await?;
                let wait = wait(subject, failures - 1);
                let left = last + wait - now;
                // Whoever waited for the row has an older clock than the one who held it: no wait is none.
                if wait > Duration::zero() && left > Duration::zero() {
                    // Rolls back what was counted.
                    return Err(TooEarly::Wait(left));
                }
                diesel::update(failed_sign_in::table.find(subject))
                    .set(failed_sign_in::last_at.eq(now))
                    .execute(connection)
                    .await?;
            }
            Ok(())
        })
        .await
        .map_or_else(
            |error| match error {
                TooEarly::Wait(left) => Ok(Some(left)),
                TooEarly::Failed(error) => Err(error),
            },
            |()| Ok(None),
        )
}

/// What ends a knock.
enum TooEarly {
    Wait(Duration),
    Failed(RegistryError),
}

impl From<diesel::result::Error> for TooEarly {
    fn from(error: diesel::result::Error) -> TooEarly {
        TooEarly::Failed(error.into())
    }
}

/// The password was right: the account's failures are forgotten, and this try is no failure of the address. Older ones stay:
/// whoever holds one account shall not wash away what was tried on others.
pub(super) async fn welcome(connection: &mut Pooled, subjects: Vec<String>) -> Result<(), RegistryError> {
    let named = failed_sign_in::table.filter(failed_sign_in::subject.eq_any(subjects));
    diesel::delete(named.clone().filter(failed_sign_in::subject.like("account:%").or(failed_sign_in::failures.le(1))))
        .execute(connection)
        .await?;
    diesel::update(named).set(failed_sign_in::failures.eq(failed_sign_in::failures - 1)).execute(connection).await?;
    Ok(())
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

    /// Announces a try to sign in, by account and by address; answers how long to wait where it is too early.
    pub async fn knock(&self, subjects: Vec<String>) -> Result<Option<Duration>, RegistryError> {
        self.line.ask(move |connection| knock(connection, subjects).boxed()).await
    }

    /// Takes the announced try back: the password was right.
    pub async fn welcome(&self, subjects: Vec<String>) -> Result<(), RegistryError> {
        self.line.ask(move |connection| welcome(connection, subjects).boxed()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_slows_down_by_account_sooner_than_by_address() {
        let seconds = |subject, failures| wait(subject, failures).num_seconds();
        assert_eq!([4, 5, 6, 8].map(|failures| seconds("account:li", failures)), [0, 5, 10, 40]);
        assert_eq!(seconds("account:li", 500), LONGEST_WAIT_S);
        assert_eq!([19, 20].map(|failures| seconds("address:10.0.0.1", failures)), [0, 5]);
    }
}
