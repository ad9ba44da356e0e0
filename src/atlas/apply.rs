//! Apply: the snapshot after more of the log, which shares with the one before what did not change.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::entry::{Entry, Setting};
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
            Entity::Inspection | Entity::Target | Entity::Programme | Entity::Claim | Entity::Scenario => None,
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
    pub fn apply<'c>(
        &self,
        changes: impl IntoIterator<Item = &'c Change>,
        now: DateTime<Utc>,
    ) -> Result<Atlas, BadChange> {
        let mut next = Atlas { read_at: now, ..self.clone() };
        let mut words = LastWords::default();
        for change in changes {
            if change.seq > next.revision {
                words.hear(change)?;
                if let Some(becomes) = &change.becomes {
                    Arc::make_mut(&mut next.successors).insert(change.key.clone(), becomes.clone());
                }
                if (change.entity, change.action, &change.becomes) == (Entity::Facility, Action::Deleted, &None) {
                    Arc::make_mut(&mut next.withdrawn).insert(key(change)?);
                }
                next.revision = change.seq;
                next.position = next.position.at(change);
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

    /// One version of a facility as it shows on this map, whichever version the map shows just now.
    pub fn entry_of(&self, facility: Facility) -> Arc<Entry> {
        if let Some(held) = self.facility(facility.id).filter(|held| held.facility.version == facility.version) {
            return Arc::clone(held);
        }
        let mut clocks = self.clocks.clone();
        if let Some(hours) = facility.hours.as_deref() {
            clocks.wind(hours);
        }
        Arc::new(Entry::new(Arc::new(facility), &Setting { clocks: &clocks, ..self.setting() }))
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
            let Some(entry) = self.slots.get(slot) else { continue };
            if touched.get(entry.region as usize).copied().unwrap_or_else(|| region(entry) != NO_REGION) {
                let renewed = Entry::new(entry.facility.clone(), &self.setting());
                self.slots.set(slot, Some(Arc::new(renewed)));
            }
        }
        self.people.forget();
    }

    pub(super) fn take_facilities(&mut self, changes: BTreeMap<Uuid, Option<Facility>>) {
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
                    self.slots.push(entry);
                }
                (Some(_), Some(_)) => self.slots.set(slot as usize, entry),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{CoverageQuestion, coverage};
    use crate::atlas::{Filter, sample};
    use crate::care::{Record, Weight};
    use rand::{Rng, SeedableRng, rngs::StdRng};
    use serde::Serialize;

    fn change<T: Serialize>(seq: i64, entity: Entity, key: impl ToString, after: Option<&T>) -> Change {
        Change {
            seq,
            at: sample::now(),
            actor: "test".into(),
            batch: None,
            request: None,
            becomes: None,
            reason: None,
            entity,
            key: key.to_string().into(),
            action: if after.is_some() { Action::Updated } else { Action::Deleted },
            before: None,
            after: after.map(|record| serde_json::to_value(record).expect("records are JSON")),
        }
    }

    /// Puts a record in the place of the one it is `same` as, or takes that away.
    fn put<T: Clone>(list: &mut Vec<T>, record: Option<&T>, same: impl Fn(&T) -> bool) {
        list.retain(|held| !same(held));
        list.extend(record.cloned());
    }

    fn any_change(rng: &mut StdRng, seq: i64, record: &mut Record, facilities: u128) -> Change {
        record.revision = seq;
        match rng.random_range(0..20) {
            0 => {
                let region = sample::any_regions(rng).swap_remove(rng.random_range(0..200));
                let after = rng.random_bool(0.7).then_some(&region);
                put(&mut record.regions, after, |held| held.code == region.code);
                change(seq, Entity::Region, &region.code, after)
            }
            1 => {
                let point = sample::any_demand(rng, rng.clone().random_range(0..facilities / 2));
                let after = rng.random_bool(0.7).then_some(&point);
                put(&mut record.demand, after, |held| held.id == point.id);
                change(seq, Entity::DemandPoint, point.id, after)
            }
            _ => {
                let facility = sample::any_facility(rng, rng.clone().random_range(0..facilities + facilities / 4));
                let after = rng.random_bool(0.8).then_some(&facility);
                put(&mut record.facilities, after, |held| held.id == facility.id);
                change(seq, Entity::Facility, facility.id, after)
            }
        }
    }

    fn assert_same_answers(rng: &mut StdRng, applied: &Atlas, drawn: &Atlas) {
        assert_eq!((applied.revision(), applied.facility_count()), (drawn.revision(), drawn.facility_count()));
        let facilities = |atlas: &Atlas| atlas.facilities().map(|entry| entry.facility.clone()).collect::<Vec<_>>();
        assert_eq!(facilities(applied), facilities(drawn));
        for _ in 0..20 {
            let filter = sample::filter(rng, drawn);
            let (lon, lat) = sample::point(rng);
            let hits = |atlas: &Atlas| {
                let hits = atlas.nearest(lon, lat, &filter, 20, None);
                hits.into_iter().map(|hit| (hit.entry.facility.id, hit.distance_m)).collect::<Vec<_>>()
            };
            assert_eq!(hits(applied), hits(drawn));
            let page = |atlas: &Atlas, after| {
                let page = atlas.list(&filter, after, 50);
                (page.entries.iter().map(|entry| entry.facility.id).collect::<Vec<_>>(), page.matched, page.next)
            };
            let first = page(drawn, None);
            assert_eq!(page(applied, None), first);
            assert_eq!(page(applied, first.2), page(drawn, first.2));
        }
        assert_eq!(applied.places("区321", 30), drawn.places("区321", 30));
        let question = CoverageQuestion {
            region: None,
            filter: Filter::default(),
            within_m: 5e3,
            weight: Weight::Total,
            ..CoverageQuestion::default()
        };
        assert_eq!(coverage(applied, &question).totals, coverage(drawn, &question).totals);
        assert_eq!(coverage(applied, &question).rows, coverage(drawn, &question).rows);
    }

    #[test]
    fn changes_applied_give_the_answers_of_an_atlas_drawn_anew() {
        for seed in 0..3 {
            let mut rng = StdRng::seed_from_u64(seed);
            let facilities = 1500;
            let mut record = sample::record(&mut rng, facilities);
            let mut atlas = Atlas::draw(record.clone(), sample::now(), sample::ZONE);
            let mut seq = record.revision;
            for batch in [1, 1, 40, 1, 300, 100, 700, 1] {
                let mut changes = Vec::new();
                for _ in 0..batch {
                    seq += rng.random_range(1..3);
                    changes.push(any_change(&mut rng, seq, &mut record, facilities));
                }
                atlas = atlas.apply(&changes, sample::now()).expect("changes that can be read");
                let again = atlas.apply(&changes, sample::now()).expect("known changes are skipped");
                let drawn = Atlas::draw(record.clone(), sample::now(), sample::ZONE);
                assert_same_answers(&mut rng, &again, &drawn);
            }
            let tomorrow = sample::now() + chrono::Duration::days(1);
            assert!(atlas.turn_page(sample::now()).is_none());
            let turned = atlas.turn_page(tomorrow).expect("another day");
            assert_same_answers(&mut rng, &turned, &Atlas::draw(record, tomorrow, sample::ZONE));
        }
    }

    #[test]
    fn a_body_lasts_until_its_record_or_its_region_or_the_day_changes() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut standing = sample::facility(1, Some((118.0, 34.0)));
        standing.region = Some("x1".into());
        let other = sample::facility(2, Some((118.0, 34.0)));
        let atlas = sample::atlas_of(vec![standing, other], &mut rng);
        let body = |atlas: &Atlas, id| atlas.facility(Uuid::from_u128(id)).expect("it is there").body.get().cloned();
        let wish = |atlas: &Atlas| atlas.facilities().for_each(|entry| drop(entry.body.set("{}".into())));
        let region = Region { code: "x1".into(), parent: None, ..sample::any_regions(&mut rng).swap_remove(0) };
        let make =
            |seq, name: &str| change(seq, Entity::Region, "x1", Some(&Region { name: name.into(), ..region.clone() }));
        wish(&atlas);
        let made = atlas.apply(&[make(5, "甲镇")], sample::now()).expect("readable");
        assert_eq!((body(&made, 1), body(&made, 2)), (None, Some("{}".into())));
        assert_eq!(made.list(&Filter { region: Some("x1".into()), ..Default::default() }, None, 10).matched, 1);
        wish(&made);
        let renamed = made.apply(&[make(6, "乙镇")], sample::now()).expect("readable");
        assert_eq!((body(&renamed, 1), body(&renamed, 2)), (None, Some("{}".into())));
        wish(&renamed);
        let turned = renamed.turn_page(sample::now() + chrono::Duration::days(1)).expect("another day");
        assert_eq!((body(&turned, 1), body(&turned, 2)), (None, None));
    }

    #[test]
    fn a_change_that_cannot_be_read_is_named() {
        let atlas = sample::atlas(1, 10);
        let broken = Change {
            after: Some(serde_json::json!({"id": 1})),
            ..change::<()>(9, Entity::Facility, Uuid::nil(), Some(&()))
        };
        assert_eq!(atlas.apply(&[broken], sample::now()).err().map(|bad| bad.seq), Some(9));
        let empty = Change { after: None, ..change::<()>(8, Entity::Region, "x", Some(&())) };
        assert_eq!(atlas.apply(&[empty], sample::now()).err().map(|bad| bad.seq), Some(8));
        let nobody = change::<()>(7, Entity::Facility, "not an id", None);
        assert_eq!(atlas.apply(&[nobody], sample::now()).err().map(|bad| bad.seq), Some(7));
    }
}
