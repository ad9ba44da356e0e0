//! Capacity as its manager tells it: one facility, one transaction, one line in the log.

use chrono::Utc;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use uuid::Uuid;

use super::copy::{Rows, count, whole};
use super::line::Pooled;
use super::refusal::rule;
use super::schema::{capacity, facility as facility_table, kind_measure};
use super::{RegistryError, Written, change, facility};
use crate::care::change::role_of;
use crate::care::draft::CapacityDraft;
use crate::care::{Capacity, Facility, Text};

/// The columns of the table, in the order in which they are laid out.
pub(super) const COLUMNS: &str = "facility, measure, total, nursing, occupied, as_of, source";

/// Writes what was told if the facility still has version `expected`.
pub(super) async fn update(
    connection: &mut Pooled,
    id: Uuid,
    expected: i64,
    told: Vec<CapacityDraft>,
    actor: Text,
) -> Result<Written, RegistryError> {
    connection
        .transaction(async move |connection: &mut Pooled| {
            let before = facility::lock(connection, id).await?.ok_or(RegistryError::NotFound)?;
            if before.version != expected {
                return Err(RegistryError::Stale(Box::new(before)));
            }
            let measures: Vec<String> = kind_measure::table
                .filter(kind_measure::kind.eq(&*before.kind))
                .select(kind_measure::measure)
                .load(connection)
                .await?;
            let after = take(&before, told, &measures, &actor)?;
            write(connection, &before, &after).await?;
            // The log comes last: from here to the end of the transaction, every other writer waits.
            let seq = change::append(connection, &actor, &before, &after).await?;
            Ok(Written { facility: after, seq })
        })
        .await
}

/// The facility as it will be. Figures that are told again are confirmed: they are as of now.
fn take(
    before: &Facility,
    told: Vec<CapacityDraft>,
    measures: &[String],
    actor: &Text,
) -> Result<Facility, RegistryError> {
    if told.is_empty() {
        return Err(rule("", "no capacity was told"));
    }
    let now = whole(Utc::now());
    let mut after = before.clone();
    for mut draft in told {
        let measure = draft.measure.clone();
        if !measures.iter().any(|has| **has == *measure) {
            return Err(rule(format!("/{measure}"), format!("a facility of this kind has no {measure}")));
        }
        draft.as_of = Some(draft.as_of.map_or(now, whole));
        // Everybody sees the source: the role, and not the name.
        after.take_capacity(draft, Some(role_of(actor).into()), now);
        check(after.capacity_of(&measure))?;
    }
    if !after.written(before, now) {
        after.version += 1;
        after.updated_at = now;
    }
    Ok(after)
}

fn check(told: Option<&Capacity>) -> Result<(), RegistryError> {
    let Some(Capacity { measure, total: Some(total), nursing: Some(nursing), .. }) = told else { return Ok(()) };
    if nursing > total {
        let detail = format!("nursing capacity ({nursing}) is more than the total ({total})");
        return Err(rule(format!("/{measure}/nursing"), detail));
    }
    Ok(())
}

async fn write(connection: &mut Pooled, before: &Facility, after: &Facility) -> Result<(), RegistryError> {
    for told in after.capacity.iter().filter(|told| before.capacity_of(&told.measure) != Some(told)) {
        let figures = (
            capacity::total.eq(count(told.total, &format!("/{}/total", told.measure))?),
            capacity::nursing.eq(count(told.nursing, &format!("/{}/nursing", told.measure))?),
            capacity::occupied.eq(count(told.occupied, &format!("/{}/occupied", told.measure))?),
            capacity::as_of.eq(told.as_of),
            capacity::source.eq(told.source.as_deref()),
        );
        diesel::insert_into(capacity::table)
            .values((capacity::facility.eq(after.id), capacity::measure.eq(&*told.measure), figures))
            .on_conflict((capacity::facility, capacity::measure))
            .do_update()
            .set(figures)
            .execute(connection)
            .await?;
    }
    diesel::update(facility_table::table.find(after.id))
        .set((facility_table::version.eq(after.version), facility_table::updated_at.eq(after.updated_at)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Lays one measure of a facility out as a row.
pub(super) fn lay(rows: &mut Rows, id: Uuid, told: &Capacity) -> Result<(), RegistryError> {
    rows.row(7)
        .put(id)
        .put(&*told.measure)
        .put(count(told.total, "/capacity/total")?)
        .put(count(told.nursing, "/capacity/nursing")?)
        .put(count(told.occupied, "/capacity/occupied")?)
        .put(told.as_of)
        .put(told.source.as_deref());
    Ok(())
}
