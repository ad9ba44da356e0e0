//! Tries to sign in: guessing slows down, by name and address first, and nobody's guesses lock others out for long.
//!
//! A try counts for its name from its address (soon slow), for its name from everywhere, and for its address whatever the
//! name (both later, and never for long). A browser in which somebody has signed in before counts for itself alone: what
//! others try meanwhile does not concern it.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::account::named;
use super::line::Pooled;
use super::schema::{failed_sign_in, recognised_browser};
use super::token::{hash, secret};
use super::{Registry, RegistryError};
use crate::care::account_name::folded;

/// How fast tries of one subject may follow each other: so many wrong ones are free, then each doubles the wait.
struct Pace {
    subject: &'static str,
    free: i32,
    first_wait_s: i64,
    longest_wait_s: i64,
}

/// Names are guessed from everywhere, and an office shares an address: those waits stay short.
const PACES: [Pace; 4] = [
    Pace { subject: "pair:", free: 5, first_wait_s: 5, longest_wait_s: 15 * 60 },
    Pace { subject: "browser:", free: 5, first_wait_s: 5, longest_wait_s: 15 * 60 },
    Pace { subject: "name:", free: 50, first_wait_s: 1, longest_wait_s: 60 },
    Pace { subject: "address:", free: 100, first_wait_s: 1, longest_wait_s: 5 },
];
/// Failures are forgotten after this.
const FORGET: Duration = Duration::hours(24);
/// So many subjects are kept, the latest; now and then the others are dropped.
const SUBJECTS: i64 = 100_000;
/// So long a browser is known again after its last sign-in.
pub const RECOGNISED: Duration = Duration::days(180);
/// Browsers that are known again for one account.
const BROWSERS: i64 = 50;

/// A try to sign in.
#[derive(Debug, Clone)]
pub struct Try {
    pub name: String,
    pub address: String,
    /// The secret that the browser was given when somebody signed in there.
    pub browser: Option<String>,
}

/// What a try counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted(Vec<String>);

/// Whether a try may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knock {
    Try(Counted),
    /// It is too early by so much; it was not counted.
    Wait(Duration),
}

/// Of one length whatever it is of.
fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// How long the next try must wait after so many failures in a row.
fn wait(subject: &str, failures: i32) -> Duration {
    let Some(pace) = PACES.iter().find(|pace| subject.starts_with(pace.subject)) else { return Duration::zero() };
    match failures - pace.free {
        ..0 => Duration::zero(),
        over => Duration::seconds((pace.first_wait_s << over.min(20)).min(pace.longest_wait_s)),
    }
}

/// Whether somebody has signed in to this account in the browser before.
async fn is_recognised(connection: &mut Pooled, tried: &Try) -> Result<bool, RegistryError> {
    let Some(browser) = tried.browser.as_deref() else { return Ok(false) };
    let Some(id) = named(connection, &tried.name).await? else { return Ok(false) };
    let held = recognised_browser::table
        .find((hash(browser), id))
        .filter(recognised_browser::seen_at.gt(Utc::now() - RECOGNISED));
    Ok(diesel::select(diesel::dsl::exists(held)).get_result(connection).await?)
}

/// Counts a try as failed before it is made, so that many at once cannot slip through; a right password takes it back. The
/// answer is how long to wait, where it is too early: such a try is not made and not counted.
async fn knock(connection: &mut Pooled, tried: Try) -> Result<Knock, RegistryError> {
    let name = folded(&tried.name);
    let subjects = match (is_recognised(connection, &tried).await?, &tried.browser) {
        (true, Some(browser)) => vec![format!("browser:{}", digest(&[browser, &name]))],
        _ => vec![
            // Those that many share are locked last and for the shortest time.
            format!("pair:{}", digest(&[&name, &tried.address])),
            format!("name:{}", digest(&[&name])),
            format!("address:{}", tried.address),
        ],
    };
    let counted = Counted(subjects.clone());
    connection
        .transaction(async move |connection: &mut Pooled| {
            for subject in &subjects {
                count(connection, subject).await?;
            }
            Ok(())
        })
        .await
        .map_or_else(
            |error| match error {
                TooEarly::Wait(left) => Ok(Knock::Wait(left)),
                TooEarly::Failed(error) => Err(error),
            },
            |()| Ok(Knock::Try(counted)),
        )
}

/// Counts a try for one subject, unless it is too early.
async fn count(connection: &mut Pooled, subject: &str) -> Result<(), TooEarly> {
    let now = Utc::now();
    // Made first, so that two who try at once meet in one row. What was forgotten begins anew.
    let forgotten = failed_sign_in::last_at.lt(now - FORGET);
    diesel::delete(failed_sign_in::table.filter(failed_sign_in::subject.eq(subject).and(forgotten)))
        .execute(connection)
        .await?;
    diesel::insert_into(failed_sign_in::table)
        .values((failed_sign_in::subject.eq(subject), failed_sign_in::failures.eq(1), failed_sign_in::last_at.eq(now)))
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
    // Whoever waited for the row has an older clock than the one who held it: no wait is none. A clock that was set
    // back makes nobody wait longer than the pace says.
    if wait > Duration::zero() && left > Duration::zero() {
        // Rolls back what was counted.
        return Err(TooEarly::Wait(left.min(wait)));
    }
    diesel::update(failed_sign_in::table.find(subject))
        .set(failed_sign_in::last_at.eq(now))
        .execute(connection)
        .await?;
    Ok(())
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

/// The password was right: what was counted for this name here is forgotten, and this try is no failure of the name or
/// the address. Older ones stay: whoever holds one account shall not wash away what was tried on others.
async fn welcome(connection: &mut Pooled, counted: Counted) -> Result<(), RegistryError> {
    let mine = failed_sign_in::subject.like("pair:%").or(failed_sign_in::subject.like("browser:%"));
    let told = failed_sign_in::table.filter(failed_sign_in::subject.eq_any(counted.0));
    diesel::delete(told.clone().filter(mine.or(failed_sign_in::failures.le(1)))).execute(connection).await?;
    diesel::update(told).set(failed_sign_in::failures.eq(failed_sign_in::failures - 1)).execute(connection).await?;
    // Seldom enough to cost nothing, and never while somebody waits for a wrong password.
    let old = failed_sign_in::last_at.lt(Utc::now() - FORGET);
    diesel::delete(failed_sign_in::table.filter(old)).execute(connection).await?;
    Ok(())
}

/// Drops the oldest subjects beyond those that are kept.
async fn trim(connection: &mut Pooled) -> Result<(), RegistryError> {
    let oldest: Option<DateTime<Utc>> = failed_sign_in::table
        .order(failed_sign_in::last_at.desc())
        .offset(SUBJECTS)
        .select(failed_sign_in::last_at)
        .first(connection)
        .await
        .optional()?;
    if let Some(oldest) = oldest {
        diesel::delete(failed_sign_in::table.filter(failed_sign_in::last_at.le(oldest))).execute(connection).await?;
    }
    Ok(())
}

/// Gives the browser another secret, by which it is known again for the accounts of the former one and for this one.
async fn recognise(connection: &mut Pooled, id: Uuid, former: Option<String>) -> Result<String, RegistryError> {
    let text = secret("br_");
    connection
        .transaction(async move |connection: &mut Pooled| {
            let old = recognised_browser::seen_at.lt(Utc::now() - RECOGNISED);
            diesel::delete(recognised_browser::table.filter(old)).execute(connection).await?;
            if let Some(former) = former {
                diesel::update(recognised_browser::table.filter(recognised_browser::hash.eq(hash(&former))))
                    .set(recognised_browser::hash.eq(hash(&text)))
                    .execute(connection)
                    .await?;
            }
            diesel::insert_into(recognised_browser::table)
                .values((recognised_browser::hash.eq(hash(&text)), recognised_browser::account.eq(id)))
                .on_conflict((recognised_browser::hash, recognised_browser::account))
                .do_update()
                .set(recognised_browser::seen_at.eq(Utc::now()))
                .execute(connection)
                .await?;
            let mine = recognised_browser::table.filter(recognised_browser::account.eq(id));
            let oldest: Option<DateTime<Utc>> = mine
                .order(recognised_browser::seen_at.desc())
                .offset(BROWSERS)
                .select(recognised_browser::seen_at)
                .first(connection)
                .await
                .optional()?;
            if let Some(oldest) = oldest {
                let dropped = recognised_browser::account.eq(id).and(recognised_browser::seen_at.le(oldest));
                diesel::delete(recognised_browser::table.filter(dropped)).execute(connection).await?;
            }
            Ok(text)
        })
        .await
}

/// Knows no browser of this account again: its password was changed, or it was signed out everywhere.
pub(super) async fn forget_browsers(connection: &mut Pooled, id: Uuid) -> Result<(), RegistryError> {
    diesel::delete(recognised_browser::table.filter(recognised_browser::account.eq(id))).execute(connection).await?;
    Ok(())
}

impl Registry {
    /// Announces a try to sign in; answers how long to wait where it is too early.
    pub async fn knock(&self, tried: Try) -> Result<Knock, RegistryError> {
        let knocked = self.line.ask(move |connection| knock(connection, tried).boxed()).await?;
        if rand::random_ratio(1, 512) {
            self.line.ask(|connection| trim(connection).boxed()).await?;
        }
        Ok(knocked)
    }

    /// Takes the announced try back: the password was right.
    pub async fn welcome(&self, counted: Counted) -> Result<(), RegistryError> {
        self.line.ask(move |connection| welcome(connection, counted).boxed()).await
    }

    /// Knows this browser again for this account; answers the secret that it shall keep in the place of the former one.
    pub async fn recognise_browser(&self, account: Uuid, former: Option<String>) -> Result<String, RegistryError> {
        self.line.ask(move |connection| recognise(connection, account, former).boxed()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_slows_down_by_name_and_address_soonest_and_shared_subjects_never_wait_long() {
        let seconds = |subject, failures| wait(subject, failures).num_seconds();
        assert_eq!([4, 5, 6, 8].map(|failures| seconds("pair:a", failures)), [0, 5, 10, 40]);
        assert_eq!([500, i32::MAX].map(|failures| seconds("pair:a", failures)), [900, 900]);
        assert_eq!([49, 50, 51, 500].map(|failures| seconds("name:a", failures)), [0, 1, 2, 60]);
        assert_eq!([20, 99, 100, 101, 5000].map(|failures| seconds("address:10.0.0.1", failures)), [0, 0, 1, 2, 5]);
        assert_eq!(seconds("browser:a", 5), 5);
    }
}
