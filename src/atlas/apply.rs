//! Apply: the snapshot after more of the log, which shares with the one before what did not change.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::entry::Entry;
use super::ground::{Ground, Spot};
use super::regions::{NO_REGION, RegionTree};
use super::{Atlas, BadChange, tidy};
use crate::care::{Action, Change, DemandPoint, Entity, Facility, Region, Text};

/// The last word on every record that the changes are about; `None`: it was deleted.
#[derive(Default)]
struct LastWords {
    facilities: BTreeMap<Uuid, Option<Facility>>,
    regions: BTreeMap<Text, Option<Region>>,
    demand: BTreeMap<Uuid, Option<DemandPoint>>,
}

impl LastWords {
    fn hear(&mut self, change: &Change) -> Result<(), BadChange> {
        match change.entity {
            Entity::Facility => self.facilities.insert(key(change)?, after(change)?.map(tidy)).map(drop),
            Entity::Region => self.regions.insert(change.key.clone(), after(change)?).map(drop),
            Entity::DemandPoint => self.demand.insert(key(change)?, after(change)?).map(drop),
        };
        Ok(())
    }
}

fn bad(change: &Change, why: impl ToString) -> BadChange {
    BadChange { seq: change.seq, why: why.to_string() }
}

fn key(change: &Change) -> Result<Uuid, BadChange> {
    change.key.parse().map_err(|error| bad(change, format!("its key {:?} is no id: {error}", change.key)))
}

fn after<'a, T: Deserialize<'a>>(change: &'a Change) -> Result<Option<T>, BadChange> {
    match (change.action, &change.after) {
        (Action::Deleted, _) => Ok(None),
        (_, Some(after)) => T::deserialize(after).map(Some).map_err(|error| bad(change, error)),
        (_, None) => Err(bad(change, "it does not say what the record is after it")),
    }
}

impl Atlas {
    /// The snapshot after these changes, which follow its revision in order. Shares what did not change. Changes that
    /// it knows already are skipped; one that cannot be read leaves everything as it was.
    pub fn apply(&self, changes: &[Change], now: DateTime<Utc>) -> Result<Atlas, BadChange> {
        let mut next = Atlas { read_at: now, ..self.clone() };
        let mut words = LastWords::default();
        for change in changes {
            if change.seq > next.revision {
                words.hear(change)?;
                next.revision = change.seq;
            }
        }
        // Regions first: what is said of the others may stand in them.
        if !words.regions.is_empty() {
            next.take_regions(words.regions);
        }
        if !words.demand.is_empty() {
            next.people.take(words.demand);
        }
        next.take_facilities(words.facilities);
        Ok(next)
    }

    fn take_regions(&mut self, changes: BTreeMap<Text, Option<Region>>) {
        let codes: Vec<Text> = changes.keys().cloned().collect();
        let regions = Arc::new(self.regions.with(changes));
        let before = std::mem::replace(&mut self.regions, regions.clone());
        // A facility speaks of the regions above it: it is drawn anew where one of them has changed.
        let mut touched = vec![false; regions.slot_count()];
        let mut touch = |tree: &RegionTree| {
            for slot in codes.iter().flat_map(|code| tree.below(code)) {
                touched[*slot as usize] = true;
            }
        };
        touch(&before);
        touch(&regions);
        // And where its region was not known before.
        let region = |entry: &Entry| regions.lasting_slot(entry.facility.region.as_deref());
        for slot in 0..self.slots.len() {
            let Some(Some(entry)) = self.slots.get(slot) else { continue };
            if touched.get(entry.region as usize).copied().unwrap_or_else(|| region(entry) != NO_REGION) {
                let renewed = Entry::new(entry.facility.clone(), &self.setting());
                self.slots.set(slot, Some(Arc::new(renewed)));
            }
        }
        self.people.forget();
    }

    fn take_facilities(&mut self, changes: BTreeMap<Uuid, Option<Facility>>) {
        let mut moves = Vec::new();
        for (id, facility) in changes {
            if let Some(hours) = facility.as_ref().and_then(|facility| facility.hours.as_deref()) {
                self.clocks.wind(hours);
            }
            let held = self.ids.get(&id).copied();
            let entry = facility.map(|facility| Arc::new(Entry::new(Arc::new(facility), &self.setting())));
            let Some(slot) = held.or_else(|| entry.as_ref().map(|_| self.slots.len() as u32)) else { continue };
            let spot = entry.as_ref().and_then(|entry| Spot::of(slot, entry));
            let before = self.at(slot);
            let settled = match (before, &entry) {
                (Some(before), Some(entry)) => entry.stands_like(before),
                _ => false,
            };
            if !settled {
                moves.push((slot, spot));
            }
            match (&entry, held) {
                (Some(_), None) => {
                    self.ids.insert(id, slot);
                    self.slots.push_back(entry);
                }
                (Some(_), Some(_)) => drop(self.slots.set(slot as usize, entry)),
                (None, _) => {
                    self.ids.remove(&id);
                    self.slots.set(slot as usize, None);
                }
            }
        }
        if !self.ground.take(moves) {
            self.ground = Ground::build(self.spots(), self.vocabulary.kinds.len());
        }
    }
}
