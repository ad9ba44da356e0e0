//! Ratings: those that stand, read and laid out with their facility, and those that a newer word has superseded.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::copy::{Cells, Rows};
use super::line::Pooled;
use super::schema::rating;
use super::{Registry, RegistryError};
use crate::care::rating::history;
use crate::care::{PastRating, Rating, Words};

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

type Row = (String, Option<i16>, Option<String>, Option<NaiveDate>, Option<NaiveDate>, Option<DateTime<Utc>>);

/// All that were ever told of a facility, in no set order.
pub(super) async fn all(connection: &mut Pooled, id: Uuid) -> Result<Vec<PastRating>, RegistryError> {
    let rows: Vec<Row> = rating::table
        .filter(rating::facility.eq(id))
        .select((
            rating::scheme,
            rating::level,
            rating::issuer,
            rating::rated_on,
            rating::valid_until,
            rating::superseded_at,
        ))
        .load(connection)
        .await?;
    let past = |(scheme, level, issuer, rated_on, valid_until, superseded_at): Row| {
        let level = level.and_then(|level| u8::try_from(level).ok());
        let issuer = issuer.map(Into::into);
        PastRating { rating: Rating { scheme: scheme.into(), level, issuer, rated_on, valid_until }, superseded_at }
    };
    Ok(rows.into_iter().map(past).collect())
}

impl Registry {
    /// The ratings that a facility has and had: those that stand first, then the former ones, the latest first.
    pub async fn ratings_of(&self, id: Uuid) -> Result<Vec<PastRating>, RegistryError> {
        let told = self.line.ask(move |connection| async move { all(connection, id).await }.boxed()).await?;
        Ok(history(told))
    }
}
