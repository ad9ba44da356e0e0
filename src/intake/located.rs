//! Facilities that name no region get that whose border contains their point. Pure.

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use crate::care::draft::FacilityDraft;
use crate::care::{Borders, Facility};
use crate::exchange::Findings;
use crate::exchange::cell::Cell;
use crate::registry::Edit;

/// How many facilities of a file got their region from a border, and how many lie in none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Located {
    pub found: u64,
    pub nowhere: u64,
}

/// Looks up where the points of those drafts lie that name no region.
pub fn locate(drafts: &mut [FacilityDraft], borders: &Borders) {
    if borders.is_empty() {
        return;
    }
    drafts.par_iter_mut().filter(|draft| draft.region.is_none()).for_each(|draft| {
        let place = draft.place.as_ref().filter(|place| place.confirmed);
        draft.located_in = place.and_then(|place| borders.region_at(place.lon, place.lat)).cloned();
    });
}

/// Gives facilities of the record that have none the region that a new border makes known.
pub fn assign(held: Vec<Facility>, borders: &Borders, now: DateTime<Utc>, found: &mut Findings) -> Vec<Edit<Facility>> {
    let located = held.into_iter().filter_map(|before| {
        let place = before.located()?;
        let region = borders.region_at(place.lon, place.lat)?.clone();
        let mut after = Facility { region: Some(region), ..before.clone() };
        after.written(&before, now);
        Some(Edit { before: Some(before), after })
    });
    let edits: Vec<Edit<Facility>> = located.collect();
    note(Located { found: edits.len() as u64, nowhere: 0 }, found);
    edits
}

/// One note for the whole file, however many rows there are.
pub fn note(located: Located, found: &mut Findings) {
    let cell = Cell::new(1, "region", "");
    if located.found > 0 {
        let problem = format!(
            "{} facilities without a region were put in the region whose border contains their point",
            located.found
        );
        found.warning(&cell, "region_from_border", problem, "a region in the row, where another one is right");
    }
    if located.nowhere > 0 {
        let problem = format!(
            "{} facilities have no region, and no border in the record contains their point: they count in no district",
            located.nowhere
        );
        found.warning(&cell, "no_region", problem, "a region in the row, or regions with borders");
    }
}
