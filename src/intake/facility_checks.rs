//! Facility checks: what a row says that cannot be, or may be a mistake, beside the record that it is about.

use chrono::{DateTime, NaiveTime, Utc};

use crate::care::ahead::{ahead, latest_day};
use crate::care::draft::{CapacityDraft, FacilityDraft};
use crate::care::{Capacity, Facility, Status};
use crate::exchange::Findings;
use crate::exchange::cell::Cell;
use crate::exchange::facilities::check_capacity;

/// Refuses days that have not come, and warns of an opening day to come where the status says that the facility operates.
/// A day alone is read as its first moment in UTC, and may be today's where it was written.
pub(super) fn refuse_ahead(draft: &FacilityDraft, now: DateTime<Utc>, found: &mut Findings) {
    let today = latest_day(now);
    if let (Some(day), Some(Status::Operating)) = (draft.opened_on.filter(|day| *day > today), draft.status) {
        let expected = "today or earlier, or the status planned";
        found.warning(
            &Cell::new(draft.row, "opened_on", day.to_string()),
            "in_future",
            "a day that has not come yet, and the status says that it operates",
            expected,
        );
    }
    let mut refuse = |column: &'static str, told: String| {
        found.error(
            &Cell::new(draft.row, column, told),
            "in_future",
            "a time that has not come yet",
            "today or earlier",
        );
    };
    let late = |as_of: &DateTime<Utc>| match as_of.time() == NaiveTime::MIN {
        true => as_of.date_naive() > today,
        false => ahead(*as_of, now),
    };
    if let Some(as_of) = draft.capacity.iter().filter_map(|told| told.as_of).find(late) {
        refuse("capacity_as_of", as_of.to_rfc3339());
    }
    if let Some(day) = draft.staff.as_of.filter(|day| *day > today) {
        refuse("staff_as_of", day.to_string());
    }
    if let Some(day) = draft.ratings.iter().filter_map(|rating| rating.rated_on).find(|day| *day > today) {
        refuse("rated_on", day.to_string());
    }
}

pub(super) fn warn_of_older(
    row: u64,
    told: &[CapacityDraft],
    before: &Facility,
    now: DateTime<Utc>,
    found: &mut Findings,
) {
    for told in told {
        let Some((as_of, held)) = told.as_of.zip(before.capacity_of(&told.measure)) else { continue };
        let differs = |told: Option<u32>, held: Option<u32>| told.is_some() && told != held;
        if !held.undated
            && as_of < held.as_of.min(now)
            && (differs(told.total.told(), held.total)
                || differs(told.nursing.told(), held.nursing)
                || differs(told.occupied.told(), held.occupied))
        {
            let cell = Cell::new(row, "capacity_as_of", as_of.date_naive().to_string());
            let problem =
                format!("the record has newer {}, as of {}; they stay", told.measure, held.as_of.date_naive());
            found.warning(&cell, "older_figures", problem, "figures as new as those of the record");
        }
    }
}

/// What may be wrong only once the row and the record have come together.
pub(super) fn check(row: u64, told: &[CapacityDraft], whole_price: bool, after: &Facility, found: &mut Findings) {
    for told in told {
        let Some(Capacity { total, nursing, occupied, .. }) = after.capacity_of(&told.measure) else { continue };
        // What the row says of itself has been checked when it was read.
        if told.total.told().is_none()
            || (told.nursing.told().is_none() && nursing.is_some())
            || (told.occupied.told().is_none() && occupied.is_some())
        {
            check_capacity(row, &told.measure, (*total, *nursing, *occupied), found);
        }
    }
    if let Some(price) = after.price.as_deref().filter(|_| !whole_price)
        && let (Some(min), Some(max)) = (price.min, price.max)
        && min > max
    {
        let cell = Cell::new(row, "price_min", min.to_string());
        found.error(&cell, "price_order", format!("more than price_max, {max}"), "at most price_max");
    }
    if let Some(staff) = after.staff.as_deref().filter(|staff| !staff.sound()) {
        let told = staff.certified.map(|certified| certified.to_string()).unwrap_or_default();
        let expected = "certified caregivers are a part of all caregivers";
        let problem = "more than the caregivers of the record".to_owned();
        found.error(&Cell::new(row, "caregivers_certified", told), "certified_above_caregivers", problem, expected);
    }
    if after.place.is_none() {
        let expected = "lon and lat; until then it is listed and never mapped, and does not count as coverage";
        found.warning(&Cell::new(row, "lon", ""), "no_point", "the facility has no point", expected);
    }
}
