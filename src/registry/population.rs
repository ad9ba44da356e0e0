//! Demand points: read whole, and written by staging.

use futures_util::{TryStreamExt, pin_mut};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, Type};

use super::copy::{Cells, CopyIn, Json, copy_out, count, counted};
use super::point::{self, PlaceRow};
use super::refusal::rule;
use super::region::replacing;
use super::{Edit, RegistryError};
use crate::care::{DemandPoint, Groups, Words};

fn columns() -> String {
    format!("id, region, {}, total, aged_60, aged_80, as_of, source, demo, groups", point::COLUMNS)
}

pub(super) async fn read(client: &Client) -> Result<Vec<DemandPoint>, RegistryError> {
    use Type as T;
    let types = [
        T::UUID,
        T::TEXT,
        T::BYTEA,
        T::FLOAT8,
        T::FLOAT8,
        T::TEXT,
        T::BOOL,
        T::INT4,
        T::INT4,
        T::INT4,
        T::DATE,
        T::TEXT,
        T::BOOL,
        T::JSONB,
    ];
    let rows = copy_out(client, &format!("SELECT {} FROM demand_point", columns()), &types).await?;
    pin_mut!(rows);
    let (mut points, mut words) = (Vec::new(), Words::default());
    while let Some(row) = rows.try_next().await? {
        let mut cells = Cells::of(&row);
        points.push(DemandPoint {
            id: cells.read()?,
            region: words.hold_some(cells.read()?),
            place: PlaceRow::read(&mut cells)?.place(),
            total: counted(cells.read()?),
            aged_60: counted(cells.read()?),
            aged_80: counted(cells.read()?),
            as_of: cells.read()?,
            source: words.hold_some(cells.read()?),
            demo: cells.read()?,
            groups: groups(cells.read::<Option<Jsonb<'_>>>()?, &mut words)?,
        });
    }
    points.sort_unstable_by_key(|point| point.id);
    Ok(points)
}

/// The bytes of a `jsonb` as they come.
struct Jsonb<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Jsonb<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Jsonb<'a>, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Jsonb(raw))
    }

    fn accepts(told: &Type) -> bool {
        *told == Type::JSONB
    }
}

/// The groups of a point. The first byte tells the form of the `jsonb`.
fn groups(column: Option<Jsonb<'_>>, words: &mut Words) -> Result<Option<Box<Groups>>, RegistryError> {
    let Some(json) = column.and_then(|told| told.0.get(1..)) else { return Ok(None) };
    let read: Groups =
        serde_json::from_slice(json).map_err(|error| RegistryError::Internal(format!("groups: {error}")))?;
    Ok(Some(Box::new(read.into_iter().map(|(code, people)| (words.hold(&code), people)).collect())))
}

/// Writes demand points; those that are there are replaced.
pub(super) async fn write(client: &Client, edits: &[Edit<DemandPoint>]) -> Result<(), RegistryError> {
    let columns = columns();
    client.batch_execute("CREATE TEMP TABLE demand_in (LIKE demand_point) ON COMMIT DROP").await?;
    let mut copy = CopyIn::begin(client, &format!("demand_in ({columns})")).await?;
    for Edit { after: told, .. } in edits {
        point::check(told.place.as_ref())?;
        let rows = copy.rows.row(9 + point::WIDTH);
        rows.put(told.id).put(told.region.as_deref());
        point::lay(rows, told.place.as_ref());
        rows.put(count(told.total, "/total")?)
            .put(count(told.aged_60, "/aged_60")?)
            .put(count(told.aged_80, "/aged_80")?)
            .put(told.as_of)
            .put(told.source.as_deref())
            .put(told.demo)
            .put(told.groups.as_deref().map(Json));
        copy.advance().await?;
    }
    copy.finish().await?;
    let sql = format!(
        "INSERT INTO demand_point ({columns}) SELECT {columns} FROM demand_in ON CONFLICT (id) DO UPDATE SET {}; \
         DROP TABLE demand_in",
        replacing(&columns, "id")
    );
    client.batch_execute(&sql).await.map_err(|error| match error.code() {
        Some(&SqlState::CARDINALITY_VIOLATION) => rule("/id", "a demand point is told twice"),
        _ => error.into(),
    })
}
