//! Ratings: those that stand, read and laid out with their facility, and those that a newer word has superseded.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::copy::{Cells, Rows};
use super::{Registry, RegistryError};
use crate::care::rating::history;
use crate::care::{PastRating, Rating, Text, Words};

/// The columns of the table, in the order in which they are read and laid out.
pub(super) const COLUMNS: &str = "facility, scheme, level, issuer, rated_on, valid_until";
pub(super) const TYPES: [Type; 6] = [Type::UUID, Type::TEXT, Type::INT2, Type::TEXT, Type::DATE, Type::DATE];

/// Reads a rating from its columns after the first, from left to right.
pub(super) fn read_one(cells: &mut Cells<'_>, words: &mut Words) -> Result<Rating, RegistryError> {
    Ok(Rating {
        scheme: words.hold(cells.read()?),
        level: cells.read::<Option<i16>>()?.and_then(|level| u8::try_from(level).ok()),
        issuer: words.hold_some(cells.read()?),
        rated_on: cells.read()?,
        valid_until: cells.read()?,
    })
}

/// Lays one rating of a facility out as a row.
pub(super) fn lay(rows: &mut Rows, id: Uuid, told: &Rating) {
    rows.row(6)
        .put(id)
        .put(&*told.scheme)
        .put(told.level.map(i16::from))
        .put(told.issuer.as_deref())
        .put(told.rated_on)
        .put(told.valid_until);
}

/// Reads one that was told at any time.
fn past(row: &Row) -> PastRating {
    let text = |at: usize| row.get::<_, Option<&str>>(at).map(Text::from);
    let level = row.get::<_, Option<i16>>(1).and_then(|level| u8::try_from(level).ok());
    let (scheme, issuer, rated_on, valid_until) = (row.get::<_, &str>(0).into(), text(2), row.get(3), row.get(4));
    PastRating { rating: Rating { scheme, level, issuer, rated_on, valid_until }, superseded_at: row.get(5) }
}

impl Registry {
    /// The ratings that a facility has and had: those that stand first, then the former ones, the latest first.
    pub async fn ratings_of(&self, id: Uuid) -> Result<Vec<PastRating>, RegistryError> {
        let (line, reads) = (self.line.clone(), self.reads.clone());
        let sql = "SELECT scheme, level, issuer, rated_on, valid_until, superseded_at FROM rating WHERE facility = $1";
        let read = async move |client: &Client| Ok(client.query(sql, &[&id]).await?.iter().map(past).collect());
        let told = self.line.unlimited(async move { reads.public.ask(&line, read).await }).await?;
        Ok(history(told))
    }
}
