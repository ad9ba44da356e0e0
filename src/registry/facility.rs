//! Facilities with their capacity and ratings: read whole, and laid out for writing.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures_util::{TryStreamExt, pin_mut};
use tokio_postgres::Client;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::copy::{Cells, Rows, copy_out, counted, whole};
use super::dossier::Dossier;
use super::point::{self, PlaceRow};
use super::{RegistryError, capacity as capacity_row, dossier, rating};
use crate::care::{Capacity, Facility, Price, Status, Text, Words};

/// The columns of the table, in the order in which they are read and laid out.
pub(super) const COLUMNS: &str = "id, version, code, name, kind, status, region, address, place, raw_x, raw_y, raw_datum, \
    place_confirmed, phone, hours, price_min, price_max, price_unit, ownership, operator, uscc, services, opened_on, \
    built_on, closed_on, tags, note, source, demo, updated_at, dossier";
pub(super) const WIDTH: i16 = 31;

/// Reads a facility from its columns, from left to right, without its parts. What recurs is held once.
fn read_one(cells: &mut Cells<'_>, words: &mut Words) -> Result<Facility, RegistryError> {
    let text = |cells: &mut Cells<'_>| Ok::<_, RegistryError>(cells.read::<Option<&str>>()?.map(Text::from));
    let mut facility = Facility {
        id: cells.read()?,
        version: cells.read()?,
        code: text(cells)?,
        name: cells.read::<&str>()?.into(),
        kind: words.hold(cells.read()?),
        // The table holds no other status.
        status: Status::from_code(cells.read()?).unwrap_or_default(),
        region: words.hold_some(cells.read()?),
        address: text(cells)?,
        place: PlaceRow::read(cells)?.place(),
        phone: text(cells)?,
        hours: words.hold_some(cells.read()?),
        price: price(cells.read()?, cells.read()?, words.hold_some(cells.read()?)),
        ownership: words.hold_some(cells.read()?),
        operator: words.hold_some(cells.read()?),
        uscc: words.hold_some(cells.read()?),
        services: words.hold_all(cells.read()?),
        opened_on: cells.read()?,
        built_on: cells.read()?,
        closed_on: cells.read()?,
        tags: words.hold_all(cells.read()?),
        note: text(cells)?,
        source: words.hold_some(cells.read()?),
        demo: cells.read()?,
        updated_at: cells.read()?,
        ratings: Vec::new(),
        capacity: Vec::new(),
        licences: Vec::new(),
        menu: Vec::new(),
        staff: None,
    };
    Dossier::read(cells.read()?)?.fill(&mut facility);
    Ok(facility)
}

fn price(min: Option<f64>, max: Option<f64>, unit: Option<Text>) -> Option<Box<Price>> {
    unit.map(|unit| Box::new(Price { min, max, unit }))
}

/// Which facilities to read: all, or those whose ids stand in a table.
#[derive(Clone, Copy)]
pub(super) enum Which<'a> {
    All,
    In(&'a str),
}

/// Reads facilities whole, by id. Each table is read in the order in which it lies, and put together here: sorting in memory
/// is a tenth of the time of sorting in the database.
pub(super) async fn read(client: &Client, which: Which<'_>) -> Result<Vec<Facility>, RegistryError> {
    let only = |id: &str| match which {
        Which::All => String::new(),
        Which::In(table) => format!(" WHERE {id} IN (SELECT id FROM {table})"),
    };
    let query = format!("SELECT {COLUMNS} FROM facility{}", only("id"));
    let rows = copy_out(client, &query, &types()).await?;
    pin_mut!(rows);
    let (mut facilities, mut words) = (Vec::new(), Words::default());
    while let Some(row) = rows.try_next().await? {
        facilities.push(read_one(&mut Cells::of(&row), &mut words)?);
    }
    facilities.sort_unstable_by_key(|facility| facility.id);
    let at: HashMap<Uuid, usize> = facilities.iter().enumerate().map(|(at, facility)| (facility.id, at)).collect();

    let query = format!("SELECT {} FROM capacity{}", capacity_row::COLUMNS, only("facility"));
    let types = [Type::UUID, Type::TEXT, Type::INT4, Type::INT4, Type::INT4, Type::TIMESTAMPTZ, Type::BOOL, Type::TEXT];
    let rows = copy_out(client, &query, &types).await?;
    pin_mut!(rows);
    while let Some(row) = rows.try_next().await? {
        let mut cells = Cells::of(&row);
        let Some(&at) = at.get(&cells.read()?) else { continue };
        facilities[at].capacity.push(Capacity {
            measure: words.hold(cells.read()?),
            total: counted(cells.read()?),
            nursing: counted(cells.read()?),
            occupied: counted(cells.read()?),
            as_of: cells.read()?,
            undated: cells.read()?,
            source: words.hold_some(cells.read()?),
        });
    }

    let standing = if matches!(which, Which::All) { " WHERE" } else { " AND" };
    let query = format!("SELECT {} FROM rating{}{standing} superseded_at IS NULL", rating::COLUMNS, only("facility"));
    let rows = copy_out(client, &query, &rating::TYPES).await?;
    pin_mut!(rows);
    while let Some(row) = rows.try_next().await? {
        let mut cells = Cells::of(&row);
        let Some(&at) = at.get(&cells.read()?) else { continue };
        facilities[at].ratings.push(rating::read_one(&mut cells, &mut words)?);
    }
    for facility in &mut facilities {
        order(facility);
    }
    Ok(facilities)
}

/// The order in which a facility's parts are always told.
fn order(facility: &mut Facility) {
    facility.capacity.sort_by(|a, b| a.measure.cmp(&b.measure));
    facility.ratings.sort_by(|a, b| a.scheme.cmp(&b.scheme));
}

fn types() -> Vec<Type> {
    use Type as T;
    [
        [T::UUID, T::INT8, T::TEXT, T::TEXT, T::TEXT, T::TEXT, T::TEXT, T::TEXT, T::BYTEA, T::FLOAT8].as_slice(),
        &[T::FLOAT8, T::TEXT, T::BOOL, T::TEXT, T::TEXT, T::FLOAT8, T::FLOAT8, T::TEXT, T::TEXT, T::TEXT],
        &[T::TEXT, T::TEXT_ARRAY, T::DATE, T::DATE, T::DATE, T::TEXT_ARRAY, T::TEXT, T::TEXT, T::BOOL, T::TIMESTAMPTZ],
        &[T::BYTEA],
    ]
    .concat()
}

/// Lays a facility out as a row.
pub(super) fn lay(rows: &mut Rows, facility: &Facility) -> Result<(), RegistryError> {
    point::check(facility.place.as_ref())?;
    let price = facility.price.as_deref();
    rows.row(WIDTH)
        .put(facility.id)
        .put(facility.version)
        .put(facility.code.as_deref())
        .put(&*facility.name)
        .put(&*facility.kind)
        .put(facility.status.code())
        .put(facility.region.as_deref())
        .put(facility.address.as_deref());
    point::lay(rows, facility.place.as_ref());
    rows.put(facility.phone.as_deref())
        .put(facility.hours.as_deref())
        .put(price.and_then(|price| price.min))
        .put(price.and_then(|price| price.max))
        .put(price.map(|price| &*price.unit))
        .put(facility.ownership.as_deref())
        .put(facility.operator.as_deref())
        .put(facility.uscc.as_deref())
        .put(&*facility.services)
        .put(facility.opened_on)
        .put(facility.built_on)
        .put(facility.closed_on)
        .put(&*facility.tags)
        .put(facility.note.as_deref())
        .put(facility.source.as_deref())
        .put(facility.demo)
        .put(facility.updated_at);
    dossier::lay(rows, facility);
    Ok(())
}

/// The facility with its times in whole microseconds, as the tables hold them: what the log says and what is read back are
/// then the same.
pub(super) fn settle(facility: &Facility) -> Cow<'_, Facility> {
    let odd = |time: DateTime<Utc>| time != whole(time);
    if !odd(facility.updated_at) && !facility.capacity.iter().any(|told| odd(told.as_of)) {
        return Cow::Borrowed(facility);
    }
    let mut settled = facility.clone();
    settled.updated_at = whole(settled.updated_at);
    for told in &mut settled.capacity {
        told.as_of = whole(told.as_of);
    }
    Cow::Owned(settled)
}
