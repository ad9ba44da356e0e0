//! Capacity as its manager tells it: what a telling makes of a facility, and one telling in a transaction of its own.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use uuid::Uuid;

use super::copy::{Rows, count, whole};
use super::edit::Deal;
use super::refusal::rule;
use super::{Registry, RegistryError, Written};
use crate::care::ahead::ahead;
use crate::care::change::role_of;
use crate::care::draft::CapacityDraft;
use crate::care::limits::highest_of;
use crate::care::{Capacity, Facility, Text};

/// The columns of the table, in the order in which they are laid out.
pub(super) const COLUMNS: &str = "facility, measure, total, nursing, occupied, as_of, undated, source";

/// The facility as it will be. Figures that are told again are confirmed: they are as of now.
pub(super) fn take(
    before: &Facility,
    told: &[CapacityDraft],
    measures: &[Text],
    actor: &str,
) -> Result<Facility, RegistryError> {
    if told.is_empty() {
        return Err(rule("", "no capacity was told"));
    }
    let now = whole(Utc::now());
    let mut after = before.clone();
    for mut draft in told.iter().cloned() {
        let measure = draft.measure.clone();
        if !measures.contains(&measure) {
            return Err(rule(format!("/{measure}"), format!("a facility of this kind has no {measure}")));
        }
        if let Some(as_of) = draft.as_of {
            in_time(&draft.measure, as_of, before.capacity_of(&measure), now)?;
        }
        draft.as_of = Some(draft.as_of.map_or(now, whole));
        // Everybody sees the source: the role, and not the name.
        after.take_capacity(draft, Some(role_of(actor).into()), now);
        check(after.capacity_of(&measure))?;
    }
    Ok(after)
}

/// Refuses a time that has not come, and one before that of the figures held: they would stay, and the word be lost.
fn in_time(
    measure: &str,
    as_of: DateTime<Utc>,
    held: Option<&Capacity>,
    now: DateTime<Utc>,
) -> Result<(), RegistryError> {
    let pointer = format!("/{measure}/as_of");
    if ahead(as_of, now) {
        return Err(rule(pointer, format!("{} has not come yet", as_of.to_rfc3339())));
    }
    match held.filter(|held| !held.undated && whole(as_of) < held.as_of.min(now)) {
        Some(held) => Err(rule(
            pointer,
            format!(
                "the record has newer {measure}, as of {}; send that time or a later one, or leave as_of out for now",
                held.as_of.to_rfc3339()
            ),
        )),
        None => Ok(()),
    }
}

fn check(told: Option<&Capacity>) -> Result<(), RegistryError> {
    let Some(told) = told else { return Ok(()) };
    for (name, figure) in [("total", told.total), ("nursing", told.nursing), ("occupied", told.occupied)] {
        let (pointer, highest) = (format!("/{}/{name}", told.measure), highest_of(&told.measure));
        count(figure, &pointer)?;
        if let Some(figure) = figure.filter(|figure| *figure > highest) {
            return Err(rule(pointer, format!("{figure} {} cannot be meant; at most {highest}", told.measure)));
        }
    }
    match (told.nursing, told.total) {
        (Some(nursing), Some(total)) if nursing > total => Err(rule(
            format!("/{}/nursing", told.measure),
            format!("nursing capacity ({nursing}) is more than the total ({total})"),
        )),
        _ => Ok(()),
    }
}

impl Registry {
    /// Writes capacity if the facility still has version `expected`, in a transaction of its own, however long the facility
    /// is kept by others. Figures that are told again are confirmed as of now.
    pub async fn update_capacity(
        &self,
        id: Uuid,
        expected: i64,
        told: Vec<CapacityDraft>,
        actor: &str,
    ) -> Result<Written, RegistryError> {
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            let before = deal.facility(id, Some(expected)).await?;
            let sql = "SELECT measure FROM kind_measure WHERE kind = $1";
            let rows = deal.client.query(sql, &[&&*before.kind]).await?;
            let measures: Vec<Text> = rows.iter().map(|row| row.get::<_, &str>(0).into()).collect();
            let after = take(&before, &told, &measures, &actor)?;
            let facility = deal.write(Some(before), after).await?;
            Ok(Written { facility, seq: deal.commit().await? })
        };
        self.line.at_home(task.boxed()).await
    }
}

/// Lays one measure of a facility out as a row.
pub(super) fn lay(rows: &mut Rows, id: Uuid, told: &Capacity) -> Result<(), RegistryError> {
    rows.row(8)
        .put(id)
        .put(&*told.measure)
        .put(count(told.total, "/capacity/total")?)
        .put(count(told.nursing, "/capacity/nursing")?)
        .put(count(told.occupied, "/capacity/occupied")?)
        .put(told.as_of)
        .put(told.undated)
        .put(told.source.as_deref());
    Ok(())
}
