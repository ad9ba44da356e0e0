//! Imagined: the facilities that count after a scenario, told as what is different from the record.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::reach::Overlay;
use super::standing::Standing;
use crate::atlas::geodesic::{Ecef, ecef};
use crate::atlas::{Atlas, Entry};
use crate::care::scenario::{self, Changes};
use crate::care::{Capacity, Facility, Place, Rating, Status, Text};

/// The facilities that count after the changes, told as what is different.
pub(crate) struct Imagined {
    pub overlay: Overlay,
    /// Where facilities appear or disappear.
    pub sites: Vec<Ecef>,
    /// By row, and how many have no place.
    pub facilities: (Vec<usize>, usize),
}

impl Imagined {
    pub fn of(atlas: &Atlas, standing: &Standing, changes: &Changes) -> Imagined {
        let (reach, regions) = (&*standing.reach, atlas.regions());
        let sieve = atlas.sieve(&reach.question.filter).serving();
        let lies_in = |lon, lat| regions.borders().region_at(lon, lat).cloned();
        let mut imagined =
            Imagined { overlay: Overlay::default(), sites: Vec::new(), facilities: standing.facilities.clone() };
        let mut altered: BTreeMap<Uuid, Option<Facility>> = changes.close.iter().map(|id| (*id, None)).collect();
        let held = |id: Uuid| atlas.facility(id).map(|entry| Facility::clone(&entry.facility));
        for to in &changes.moved {
            let facility = altered.entry(to.id).or_insert_with(|| held(to.id));
            *facility = facility.as_ref().map(|f| scenario::moved(f, to, lies_in(to.lon, to.lat).as_ref()));
        }
        for larger in &changes.enlarge {
            let facility = altered.entry(larger.id).or_insert_with(|| held(larger.id));
            if let Some(facility) = facility {
                enlarge(facility, &larger.measure, larger.total, atlas.read_at());
            }
        }
        for id in altered.keys() {
            imagined.without(atlas, standing, *id);
        }
        let added = changes.add.iter().map(|site| {
            let region = site.region.clone().or_else(|| lies_in(site.lon, site.lat));
            built(atlas, site, region)
        });
        for facility in altered.into_values().flatten().chain(added) {
            let entry = atlas.imagine(Arc::new(facility));
            if sieve.passes(&entry) {
                imagined.with(standing, &entry);
            }
        }
        imagined.overlay.removed.sort_unstable();
        imagined
    }

    /// Takes a facility of the record away.
    fn without(&mut self, atlas: &Atlas, standing: &Standing, id: Uuid) {
        let Some(slot) = atlas.slot_of(id) else { return };
        let (supply, division) = (&standing.reach.supply, &standing.reach.division);
        if let Ok(number) = supply.slots.binary_search(&slot) {
            self.overlay.removed.push(number as u32);
            let (lon, lat) = supply.lon_lat[number];
            self.sites.push(ecef(lon, lat));
            if let Some(row) = division.row_of(supply.regions[number]) {
                self.facilities.0[row] -= 1;
            }
        } else if let Ok(at) = supply.unlocated.binary_search_by_key(&slot, |(slot, _)| *slot)
            && division.row_of(supply.unlocated[at].1).is_some()
        {
            self.facilities.1 -= 1;
        }
    }

    /// Puts one more.
    fn with(&mut self, standing: &Standing, entry: &Entry) {
        let row = standing.reach.division.row_of(entry.region);
        match entry.stand().zip(entry.lon_lat) {
            Some((at, lon_lat)) => {
                self.overlay.added.push((at, lon_lat));
                self.sites.push(at);
                if let Some(row) = row {
                    self.facilities.0[row] += 1;
                }
            }
            None => self.facilities.1 += usize::from(row.is_some()),
        }
    }
}

/// A facility that is not there, as a record of its own. What is not told of it is not known.
fn built(atlas: &Atlas, site: &scenario::Added, region: Option<Text>) -> Facility {
    let measure = atlas.vocabulary().first_measure(&site.kind);
    let total = site.total.or(site.free);
    let capacity = measure.zip(total).map(|(measure, total)| Capacity {
        measure: measure.into(),
        total: Some(total),
        nursing: None,
        occupied: site.free.map(|free| total - free.min(total)),
        as_of: atlas.read_at(),
        undated: false,
        source: None,
    });
    // In a scheme of no name, so that it stands whatever the day.
    let rating = site.rating.map(|level| Rating {
        scheme: "".into(),
        level: Some(level),
        issuer: None,
        rated_on: None,
        valid_until: None,
    });
    Facility {
        id: Uuid::nil(),
        version: 1,
        code: None,
        name: site.name.clone().unwrap_or_else(|| "".into()),
        kind: site.kind.clone(),
        status: Status::Operating,
        region,
        address: None,
        place: Some(Place::wgs84(site.lon, site.lat)),
        phone: None,
        hours: None,
        ratings: rating.into_iter().collect(),
        capacity: capacity.into_iter().collect(),
        licences: Vec::new(),
        menu: Vec::new(),
        staff: None,
        price: None,
        ownership: None,
        operator: None,
        uscc: None,
        services: site.services.clone(),
        opened_on: None,
        built_on: None,
        closed_on: None,
        tags: Vec::new(),
        note: None,
        source: None,
        demo: false,
        updated_at: atlas.read_at(),
    }
}

/// Another total; what is taken stays as it is known, and is as old as it is.
fn enlarge(facility: &mut Facility, measure: &Text, total: u32, now: DateTime<Utc>) {
    match facility.capacity.iter_mut().find(|capacity| capacity.measure == *measure) {
        Some(capacity) => capacity.total = Some(total),
        None => facility.capacity.push(Capacity {
            measure: measure.clone(),
            total: Some(total),
            nursing: None,
            occupied: None,
            as_of: now,
            undated: false,
            source: None,
        }),
    }
}
