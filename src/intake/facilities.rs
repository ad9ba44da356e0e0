//! Facilities: which record a row is about, and what the row makes of it. Pure.

use std::collections::HashMap;

use chrono::{DateTime, NaiveTime, Utc};

use super::borders::Borders;
use super::plan::Plan;
use crate::care::ahead::{ahead, latest_day};
use crate::care::draft::{CapacityDraft, FacilityDraft, FacilityKey};
use crate::care::{Capacity, Facility, Text};
use crate::exchange::Findings;
use crate::exchange::cell::Cell;
use crate::exchange::facilities::check_capacity;

/// Decides for each draft. `held` are the facilities that the drafts' keys name.
pub fn plan(
    drafts: Vec<FacilityDraft>,
    held: Vec<Facility>,
    borders: &Borders<'_>,
    now: DateTime<Utc>,
    found: &mut Findings,
) -> Plan<Facility> {
    let mut shelf = Shelf::new(held);
    let mut plan = Plan { edits: Vec::with_capacity(drafts.len()), ..Plan::new() };
    for draft in drafts {
        let errors = found.errors();
        let row = draft.row;
        let before = shelf.hand_out(&draft, found);
        let told = draft.capacity.clone();
        let whole_price = draft.price_min.is_some() && draft.price_max.is_some();
        if let (Some(place), Some(region)) = (&draft.place, &draft.region)
            && borders.contains(region, place.lon, place.lat) == Some(false)
        {
            let cell = Cell::new(row, "lon", format!("{}, {}", place.lon, place.lat));
            let problem = format!("the point lies outside the border of {region}");
            found.warning(&cell, "outside_region", problem, "a point in the region; the datum may be another one");
        }
        refuse_ahead(&draft, now, found);
        if found.errors() > errors {
            continue;
        }
        if let Some(before) = &before {
            warn_of_older(row, &told, before, now, found);
        }
        let after = match &before {
            None => draft.create(now),
            Some(before) => {
                let mut after = before.clone();
                after.take(draft, now);
                after
            }
        };
        warn_of_no_region(row, &after, borders, found);
        check(row, &told, whole_price, &after, found);
        if found.errors() == errors {
            plan.put(before, after);
        }
    }
    plan
}

/// A facility in no region counts in no district, wherever it stands. The region is not taken from the point: a key of
/// the file may be name and region, and the next import would not know the record again.
fn warn_of_no_region(row: u64, after: &Facility, borders: &Borders<'_>, found: &mut Findings) {
    let Some(place) = after.place.as_ref().filter(|_| after.region.is_none()) else { return };
    if let Some(code) = borders.region_at(place.lon, place.lat) {
        let problem = format!("no region is told, and the point lies in {code}: the facility counts in no district");
        found.warning(&Cell::new(row, "region", ""), "no_region", problem, format!("{code}, if the point is right"));
    }
}

/// The facilities held, each handed out to one row at most.
struct Shelf {
    facilities: Vec<Option<Facility>>,
    /// The row that each was handed out to.
    rows: Vec<u64>,
    by_code: HashMap<Text, usize>,
    by_name: HashMap<(Text, Text, Option<Text>), Vec<usize>>,
}

impl Shelf {
    fn new(held: Vec<Facility>) -> Shelf {
        let mut shelf = Shelf {
            rows: vec![0; held.len()],
            by_code: HashMap::with_capacity(held.len()),
            by_name: HashMap::new(),
            facilities: Vec::with_capacity(held.len()),
        };
        for (at, facility) in held.into_iter().enumerate() {
            if let Some(code) = &facility.code {
                shelf.by_code.insert(code.clone(), at);
            }
            let name = (facility.name.clone(), facility.kind.clone(), facility.region.clone());
            shelf.by_name.entry(name).or_default().push(at);
            shelf.facilities.push(Some(facility));
        }
        shelf
    }

    fn hand_out(&mut self, draft: &FacilityDraft, found: &mut Findings) -> Option<Facility> {
        let at = match draft.key() {
            FacilityKey::Code(code) => *self.by_code.get(&code)?,
            FacilityKey::Name(name, kind, region) => {
                let same = self.by_name.get(&(name, kind, region))?;
                let coded = |at: &usize| self.facilities[*at].as_ref().is_some_and(|held| held.code.is_some());
                // One without a code was told of as this row tells: it comes before those that have one.
                let (coded, bare): (Vec<usize>, Vec<usize>) = same.iter().copied().partition(coded);
                match (bare.as_slice(), coded.as_slice()) {
                    ([at], _) | ([], [at]) => *at,
                    _ => {
                        let cell = Cell::new(draft.row, "name", draft.name.to_string());
                        let problem = format!("{} facilities have this name, kind and region", same.len());
                        found.error(&cell, "ambiguous", problem, "the code of the one that is meant");
                        return None;
                    }
                }
            }
        };
        let facility = self.facilities[at].take();
        if facility.is_none() {
            let cell = Cell::new(draft.row, "name", draft.name.to_string());
            let problem = format!("the same facility as row {}", self.rows[at]);
            found.error(&cell, "duplicate", problem, "one row for each; keep the right one, or tell them apart");
        }
        self.rows[at] = draft.row;
        facility
    }
}

/// Refuses days that have not come. A day alone is read as its first moment in UTC, and may be today's where it was written.
fn refuse_ahead(draft: &FacilityDraft, now: DateTime<Utc>, found: &mut Findings) {
    let today = latest_day(now);
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

fn warn_of_older(row: u64, told: &[CapacityDraft], before: &Facility, now: DateTime<Utc>, found: &mut Findings) {
    for told in told {
        let Some((as_of, held)) = told.as_of.zip(before.capacity_of(&told.measure)) else { continue };
        let differs = |told: Option<u32>, held: Option<u32>| told.is_some() && told != held;
        if as_of < held.as_of.min(now)
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
fn check(row: u64, told: &[CapacityDraft], whole_price: bool, after: &Facility, found: &mut Findings) {
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
