//! Facilities: which record a row is about, and what the row makes of it. Pure.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::facility_checks::{check, refuse_ahead, warn_of_older};
use super::known::KnownRegions;
use super::located::{self, Located};
use super::plan::Plan;
use crate::care::draft::{FacilityDraft, FacilityKey};
use crate::care::removed::{Fate, Removed, Said};
use crate::care::{Borders, Facility, RemovedFacility, Text};
use crate::exchange::Findings;
use crate::exchange::cell::Cell;

/// What the record knows beside the facilities that the rows may be about.
pub struct Context<'a> {
    pub known: &'a KnownRegions<'a>,
    pub borders: &'a Borders,
    pub removed: &'a Removed,
    pub now: DateTime<Utc>,
}

/// What became of a record that a draft still names, where the record holds none of that name.
fn fate<'a>(draft: &FacilityDraft, removed: &'a Removed, known: &KnownRegions<'_>) -> Option<Fate<'a>> {
    let said = Said {
        code: draft.code.as_deref(),
        name: &draft.name,
        kind: &draft.kind,
        region: draft.region.as_deref().or(draft.located_in.as_deref()),
    };
    let above = |above: &str, below: &str| known.is_above(above, below);
    // A list without regions names it as one without a region, wherever its point lies.
    let bare = || removed.find(Said { region: None, ..said }, &above).filter(|_| draft.region.is_none());
    removed.find(said, &above).or_else(bare)
}

/// The records that merged facilities of the file live on in, as far as `held` lacks them.
pub fn survivors(
    drafts: &[FacilityDraft],
    held: &[Facility],
    removed: &Removed,
    known: &KnownRegions<'_>,
) -> Vec<Uuid> {
    let index = Index::of(held);
    let ids: BTreeSet<Uuid> = held.iter().map(|facility| facility.id).collect();
    let lost = drafts.iter().filter(|draft| index.find(draft).is_empty());
    let survivors = lost.filter_map(|draft| match fate(draft, removed, known) {
        Some(Fate::Merged(id, _)) if !ids.contains(&id) => Some(id),
        _ => None,
    });
    survivors.collect::<BTreeSet<Uuid>>().into_iter().collect()
}

/// Decides for each draft. `held` are the facilities that the drafts' keys name, and the survivors of those that were merged.
pub fn plan(
    drafts: Vec<FacilityDraft>,
    held: Vec<Facility>,
    context: &Context<'_>,
    found: &mut Findings,
) -> Plan<Facility> {
    let index = Index::of(&held);
    let mut shelf = Shelf::new(held);
    let mut plan = Plan { edits: Vec::with_capacity(drafts.len()), ..Plan::new() };
    let (mut located, mut merged) = (Located::default(), Vec::new());
    for draft in drafts {
        let places = index.find(&draft);
        match fate(&draft, context.removed, context.known).filter(|_| places.is_empty()) {
            // A survivor's own row comes before the rows of what was merged into it.
            Some(Fate::Merged(id, gone)) if index.by_id.contains_key(&id) => {
                merged.push((draft, index.by_id[&id], gone))
            }
            Some(Fate::Merged(_, gone) | Fate::Withdrawn(gone)) => refuse_removed(&draft, gone, found),
            None => {
                let errors = found.errors();
                let before = shelf.hand_out(&draft, &places, found);
                if found.errors() == errors {
                    take(draft, before, &mut plan, &mut located, context, found);
                }
            }
        }
    }
    for (mut draft, at, gone) in merged {
        let survivor = shelf.name(at);
        let cell = match &draft.code {
            Some(code) => Cell::new(draft.row, "code", code.to_string()),
            None => Cell::new(draft.row, "name", draft.name.to_string()),
        };
        let said = gone.said();
        let Some(before) = shelf.take(at, draft.row) else {
            let problem = format!("this record {said}: {survivor}, which has a row of its own; that row stands");
            found.warning(&cell, "merged", problem, "one row, for the record that stands");
            plan.together += 1;
            continue;
        };
        let problem = format!("this record {said}; the row is read as one about {survivor}");
        found.warning(&cell, "merged", problem, "the code and name of the record that stands");
        // Who it is and where it stands was decided when they were merged.
        (draft.code, draft.region, draft.located_in) = (None, None, None);
        (draft.name, draft.kind) = (before.name.clone(), before.kind.clone());
        draft.place = draft.place.filter(|_| before.place.is_none());
        take(draft, Some(before), &mut plan, &mut located, context, found);
    }
    located::note(located, found);
    plan
}

fn refuse_removed(draft: &FacilityDraft, gone: &RemovedFacility, found: &mut Findings) {
    let cell = match &draft.code {
        Some(code) => Cell::new(draft.row, "code", code.to_string()),
        None => Cell::new(draft.row, "name", draft.name.to_string()),
    };
    let expected = "no row for it; if it is to come back, register it again by hand (POST /facilities?another=true)";
    found.error(&cell, "withdrawn", format!("this record {}", gone.said()), expected);
}

/// Lets the record take a draft over, unless something is wrong with the two together.
fn take(
    mut draft: FacilityDraft,
    before: Option<Facility>,
    plan: &mut Plan<Facility>,
    located: &mut Located,
    context: &Context<'_>,
    found: &mut Findings,
) {
    let Context { borders, now, .. } = *context;
    let errors = found.errors();
    let row = draft.row;
    // Figures of a list that does not date them are of nobody knows when; invented ones are as of now.
    let invented = draft.demo.unwrap_or_else(|| before.as_ref().is_some_and(|before| before.demo));
    for figures in draft.capacity.iter_mut().filter(|figures| figures.as_of.is_none() && !invented) {
        figures.undated = true;
    }
    let told = draft.capacity.clone();
    let whole_price = draft.price_min.is_some() && draft.price_max.is_some();
    let region = draft.region.as_ref().or(before.as_ref().and_then(|before| before.region.as_ref()));
    let place = draft.place.as_ref().or(before.as_ref().and_then(|before| before.located()));
    match (region, place) {
        (None, Some(place)) if !borders.is_empty() => {
            let at = draft.located_in.take().or_else(|| borders.region_at(place.lon, place.lat).cloned());
            (located.found, located.nowhere) =
                (located.found + u64::from(at.is_some()), located.nowhere + u64::from(at.is_none()));
            draft.region = at;
        }
        (Some(region), Some(place))
            if draft.place.is_some() && borders.contains(region, place.lon, place.lat) == Some(false) =>
        {
            let cell = Cell::new(row, "lon", format!("{}, {}", place.lon, place.lat));
            let problem = format!("the point lies outside the border of {region}");
            found.warning(&cell, "outside_region", problem, "a point in the region; the datum may be another one");
        }
        _ => {}
    }
    let region = draft.region.as_ref().or(before.as_ref().and_then(|before| before.region.as_ref()));
    if let Some(place) = &mut draft.place {
        let held = before.as_ref().and_then(|before| before.located());
        context.known.refuse_misplaced(row, region.map(|region| &**region), place, borders, found);
        // Somebody has confirmed it.
        place.confirmed |= held.is_some_and(|held| (held.lon, held.lat) == (place.lon, place.lat));
    }
    refuse_ahead(&draft, now, found);
    if found.errors() > errors {
        return;
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
    check(row, &told, whole_price, &after, found);
    if found.errors() == errors {
        plan.put(before, after);
    }
}

/// Where each facility stands in the list of those held.
struct Index {
    by_id: HashMap<Uuid, usize>,
    by_code: HashMap<Text, usize>,
    by_name: HashMap<(Text, Text, Option<Text>), Vec<usize>>,
}

impl Index {
    fn of(held: &[Facility]) -> Index {
        let mut index = Index {
            by_id: HashMap::with_capacity(held.len()),
            by_code: HashMap::with_capacity(held.len()),
            by_name: HashMap::new(),
        };
        for (at, facility) in held.iter().enumerate() {
            index.by_id.insert(facility.id, at);
            if let Some(code) = &facility.code {
                index.by_code.insert(code.clone(), at);
            }
            let name = (facility.name.clone(), facility.kind.clone(), facility.region.clone());
            index.by_name.entry(name).or_default().push(at);
        }
        index
    }

    /// Those that a draft may be about: of its first key that any has.
    fn find(&self, draft: &FacilityDraft) -> Vec<usize> {
        let of = |key| match key {
            FacilityKey::Code(code) => self.by_code.get(&code).map(|at| vec![*at]),
            FacilityKey::Name(name, kind, region) => self.by_name.get(&(name, kind, region)).cloned(),
        };
        draft.keys().find_map(of).unwrap_or_default()
    }
}

/// The facilities held, each handed out to one row at most.
struct Shelf {
    facilities: Vec<Option<Facility>>,
    names: Vec<String>,
    coded: Vec<bool>,
    /// The row that each was handed out to.
    rows: Vec<u64>,
}

impl Shelf {
    fn new(held: Vec<Facility>) -> Shelf {
        let name = |held: &Facility| match &held.code {
            Some(code) => format!("{} ({code})", held.name),
            None => held.name.to_string(),
        };
        Shelf {
            rows: vec![0; held.len()],
            names: held.iter().map(name).collect(),
            coded: held.iter().map(|held| held.code.is_some()).collect(),
            facilities: held.into_iter().map(Some).collect(),
        }
    }

    fn name(&self, at: usize) -> String {
        self.names[at].clone()
    }

    fn take(&mut self, at: usize, row: u64) -> Option<Facility> {
        let facility = self.facilities[at].take()?;
        self.rows[at] = row;
        Some(facility)
    }

    fn hand_out(&mut self, draft: &FacilityDraft, places: &[usize], found: &mut Findings) -> Option<Facility> {
        // One without a code was told of as a row without one tells: it comes before those that have one.
        let (coded, bare): (Vec<usize>, Vec<usize>) = places.iter().copied().partition(|at| self.coded[*at]);
        let at = match (bare.as_slice(), coded.as_slice()) {
            ([], []) => return None,
            ([at], _) | ([], [at]) => *at,
            _ => {
                let cell = Cell::new(draft.row, "name", draft.name.to_string());
                let problem = format!("{} facilities have this name, kind and region", places.len());
                found.error(&cell, "ambiguous", problem, "the code of the one that is meant");
                return None;
            }
        };
        let facility = self.take(at, draft.row);
        if facility.is_none() {
            let cell = Cell::new(draft.row, "name", draft.name.to_string());
            let problem = format!("the same facility as row {}", self.rows[at]);
            found.error(&cell, "duplicate", problem, "one row for each; keep the right one, or tell them apart");
        }
        facility
    }
}
