//! The map in memory: an immutable snapshot of the record, drawn once and asked often. Pure: no I/O, no clock of its own.

use std::collections::{HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use imbl::OrdMap;
use rayon::prelude::*;
use uuid::Uuid;

use crate::care::clean::clean_code;
use crate::care::{Facility, LogPosition, Record, Text, Vocabulary};
use clock::Clocks;
use demand::People;
use entry::Setting;
use filter::Sieve;
use ground::{Ground, Spot};
use slots::Slots;

mod apply;
mod clock;
mod demand;
pub mod entry;
pub mod filter;
mod finest;
mod folding;
pub mod geodesic;
mod ground;
mod named;
mod nearest;
mod needle;
mod on_past_day;
pub mod places;
pub mod regions;
pub(crate) mod sample;
mod size;
mod slots;
pub mod tree;

pub use entry::{Demand, Entry};
pub use filter::{Filter, RegionFilter};
pub use places::{PlaceMatch, PlaceTarget};
pub(crate) use regions::NO_REGION;
pub use regions::RegionTree;

/// A snapshot of the record at one revision, for one day. Copies share what they have in common.
#[derive(Clone)]
pub struct Atlas {
    revision: i64,
    position: LogPosition,
    read_at: DateTime<Utc>,
    today: NaiveDate,
    zone: Tz,
    vocabulary: Arc<Vocabulary>,
    regions: Arc<RegionTree>,
    people: People,
    clocks: Clocks,
    /// A facility keeps its slot until the page is turned; a deleted one leaves it empty.
    slots: Slots,
    ids: OrdMap<Uuid, u32>,
    ground: Ground,
    /// Keys of records that live on under another.
    successors: Arc<HashMap<Text, Text>>,
    /// Facilities that left the record, and nothing took their place.
    withdrawn: Arc<HashSet<Uuid>>,
}

/// One facility found, and how far it stands.
pub struct Hit {
    pub entry: Arc<Entry>,
    /// Geodesic metres on WGS 84.
    pub distance_m: f64,
}

/// A page of a list.
pub struct Page {
    pub entries: Vec<Arc<Entry>>,
    /// How many match in all.
    pub matched: usize,
    /// The id after which the next page begins.
    pub next: Option<Uuid>,
}

/// A change that the snapshot cannot take.
#[derive(Debug, thiserror::Error)]
#[error("change {seq} cannot be read: {why}")]
pub struct BadChange {
    pub seq: i64,
    pub why: String,
}

impl Atlas {
    /// Draws the snapshot for the day of `now` in `zone`.
    pub fn draw(record: Record, now: DateTime<Utc>, zone: Tz) -> Atlas {
        let facilities = record.facilities.into_par_iter().map(|facility| Arc::new(tidy(facility))).collect();
        let atlas = Atlas {
            revision: record.revision,
            position: record.position,
            read_at: record.read_at,
            today: now.with_timezone(&zone).date_naive(),
            zone,
            vocabulary: Arc::new(record.vocabulary),
            regions: Arc::new(RegionTree::grow(record.regions)),
            people: People::of(record.demand),
            clocks: Clocks::default(),
            slots: Slots::default(),
            ids: OrdMap::new(),
            ground: Ground::default(),
            successors: Arc::new(record.successors.into_iter().collect()),
            withdrawn: Arc::new(record.withdrawn.into_iter().collect()),
        };
        let atlas = atlas.with_facilities(facilities);
        // Worked out now and not at the first question, which would wait for it.
        atlas.demand();
        atlas
    }

    /// Enters these facilities and no others.
    fn with_facilities(self, mut facilities: Vec<Arc<Facility>>) -> Atlas {
        facilities.par_sort_unstable_by_key(|facility| facility.id);
        let mut clocks = Clocks::default();
        for hours in facilities.iter().filter_map(|facility| facility.hours.as_deref()) {
            clocks.wind(hours);
        }
        let mut atlas = Atlas { clocks, ..self };
        let setting = atlas.setting();
        let entries: Vec<_> =
            facilities.into_par_iter().map(|facility| Arc::new(Entry::new(facility, &setting))).collect();
        atlas.ids = entries.iter().map(|entry| entry.facility.id).zip(0u32..).collect();
        atlas.slots = entries.into_iter().collect();
        atlas.ground = Ground::build(atlas.spots(), atlas.vocabulary.kinds.len());
        atlas
    }

    /// The same record for the day of `now`, or `None` when it is that day already.
    pub fn turn_page(&self, now: DateTime<Utc>) -> Option<Atlas> {
        let today = now.with_timezone(&self.zone).date_naive();
        let facilities = || self.facilities().map(|entry| entry.facility.clone()).collect();
        (today != self.today).then(|| Atlas { today, ..self.clone() }.with_facilities(facilities()))
    }

    /// The key under which a record lives on that was merged or renumbered, at the end of the chain.
    pub fn successor(&self, key: &str) -> Option<&Text> {
        let mut last = self.successors.get(key)?;
        // No longer than all of them: a region may be renumbered back.
        for _ in 0..self.successors.len() {
            match self.successors.get(last) {
                Some(next) => last = next,
                None => break,
            }
        }
        Some(last)
    }

    /// Whether there was a facility of this id that was withdrawn.
    pub fn withdrawn(&self, id: Uuid) -> bool {
        self.withdrawn.contains(&id)
    }

    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// The same record, known to be the whole truth at `now`: for a clock that was set back since it was read.
    pub fn read_again(&self, now: DateTime<Utc>) -> Atlas {
        Atlas { read_at: now, ..self.clone() }
    }

    /// Which log this snapshot follows, and the last change in it.
    pub fn position(&self) -> &LogPosition {
        &self.position
    }

    /// When this revision was read from the record.
    pub fn read_at(&self) -> DateTime<Utc> {
        self.read_at
    }

    /// The day for which ratings are current and capacity is fresh.
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    pub fn regions(&self) -> &RegionTree {
        &self.regions
    }

    /// Demand points, each at its own point or at its region's, in an order in which neighbours mostly follow each
    /// other. Of several counts of one region and place only the newest is here.
    pub fn demand(&self) -> &[Demand] {
        self.people.counted(&self.regions)
    }

    /// The same, with its people by the counts of a year: the latest of or before it.
    pub fn of_year(&self, year: i32) -> Atlas {
        Atlas { people: self.people.of_year(year), ..self.clone() }
    }

    /// The years of which there are counts of people, the latest first.
    pub fn population_years(&self) -> Vec<i32> {
        self.people.years()
    }

    pub fn facility(&self, id: Uuid) -> Option<&Arc<Entry>> {
        self.at(*self.ids.get(&id)?)
    }

    /// Where the facility with this id is kept.
    pub(crate) fn slot_of(&self, id: Uuid) -> Option<u32> {
        self.ids.get(&id).copied()
    }

    /// The entry of a facility that is not in the record, or is otherwise there, as the filters would see it.
    pub(crate) fn imagine(&self, facility: Arc<Facility>) -> Entry {
        Entry::new(facility, &self.setting())
    }

    pub fn facility_count(&self) -> usize {
        self.ids.len()
    }

    /// All facilities in the order of their ids.
    pub fn facilities(&self) -> Box<dyn Iterator<Item = &Arc<Entry>> + '_> {
        Box::new(self.ids.values().filter_map(|slot| self.at(*slot)))
    }

    /// The facilities that pass the filter, whatever their status, in the order of their ids, from after `after`. The one whose
    /// code is searched stands first, on the first page.
    pub fn list(&self, filter: &Filter, after: Option<Uuid>, limit: usize) -> Page {
        if *filter == Filter::default() {
            let start = after.map_or(Bound::Unbounded, Bound::Excluded);
            let ids = self.ids.range((start, Bound::Unbounded)).map(|(id, slot)| (*id, *slot));
            return self.page(ids.take(limit.saturating_add(1)).collect(), self.ids.len(), limit);
        }
        let sieve = self.sieve(filter);
        let mut found = self.select(|entry| sieve.passes(entry).then_some(entry.facility.id));
        let matched = found.len();
        let code = filter.q.as_deref().map(clean_code);
        let has_code = |slot: u32| {
            code.as_deref().is_some_and(|code| self.at(slot).is_some_and(|entry| entry.facility.has_code(code)))
        };
        let coded = found.iter().copied().filter(|(_, slot)| has_code(*slot)).min();
        found.retain(|held| after.is_none_or(|after| held.0 > after && coded != Some(*held)));
        let turn = |held: &(Uuid, u32)| (coded != Some(*held), *held);
        if found.len() > limit + 1 {
            found.select_nth_unstable_by_key(limit, turn);
            found.truncate(limit + 1);
        }
        found.sort_unstable_by_key(turn);
        let mut page = self.page(found, matched, limit);
        // All others are still to come, whatever their ids.
        page.next = page.next.map(|next| if coded.is_some_and(|(id, _)| id == next) { Uuid::nil() } else { next });
        page
    }

    /// The page of these, of which one more than the limit says that another page follows.
    fn page(&self, mut found: Vec<(Uuid, u32)>, matched: usize, limit: usize) -> Page {
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(id, _)| *id);
        Page { entries: found.iter().filter_map(|(_, slot)| self.at(*slot)).cloned().collect(), matched, next }
    }

    /// Looks at every facility, on all cores, and gathers what it is wanted for with its slot, in no set order.
    pub(crate) fn select<T: Send>(&self, want: impl Fn(&Entry) -> Option<T> + Sync) -> Vec<(T, u32)> {
        let leaves: Vec<_> = self.slots.leaves().collect();
        let wanted = |(first, leaf): (u32, &[Option<Arc<Entry>>])| {
            let each = leaf.iter().zip(first..);
            each.filter_map(|(entry, slot)| Some((want(entry.as_ref()?)?, slot))).collect::<Vec<_>>()
        };
        leaves.into_par_iter().with_min_len(4).flat_map_iter(wanted).collect()
    }

    pub(crate) fn at(&self, slot: u32) -> Option<&Arc<Entry>> {
        self.slots.get(slot as usize)
    }

    pub(crate) fn sieve<'a>(&'a self, filter: &'a Filter) -> Sieve<'a> {
        Sieve::new(filter, &self.vocabulary, &self.regions, (self.today, self.zone))
    }

    fn setting(&self) -> Setting<'_> {
        Setting {
            vocabulary: &self.vocabulary,
            regions: &self.regions,
            clocks: &self.clocks,
            today: self.today,
            zone: self.zone,
        }
    }

    fn spots(&self) -> Vec<Spot> {
        self.slots.iter().filter_map(|(slot, entry)| Spot::of(slot, entry)).collect()
    }
}

/// The same facility without the room that lists keep for growing.
fn tidy(mut facility: Facility) -> Facility {
    facility.ratings.shrink_to_fit();
    facility.capacity.shrink_to_fit();
    facility.services.shrink_to_fit();
    facility.tags.shrink_to_fit();
    facility.licences.shrink_to_fit();
    facility.menu.shrink_to_fit();
    facility
}

#[cfg(test)]
mod tests;
