//! Population: in which region a point lies, and which demand point a row is about. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use rayon::prelude::*;

use super::known::KnownRegions;
use super::plan::Plan;
use crate::care::ahead::latest_day;
use crate::care::draft::DemandDraft;
use crate::care::{Borders, DemandPoint, Level, Place, Region, Text};
use crate::exchange::Findings;
use crate::exchange::cell::Cell;
use crate::exchange::population::spot;

/// Finds the region of every draft that names none, and tells of what stands nowhere.
pub fn locate(
    mut drafts: Vec<DemandDraft>,
    regions: &[Region],
    borders: &Borders,
    found: &mut Findings,
) -> Vec<DemandDraft> {
    drafts.par_iter_mut().filter(|draft| draft.region.is_none()).for_each(|draft| {
        let inside = draft.place.as_ref().and_then(|place| borders.region_at(place.lon, place.lat));
        draft.region = inside.cloned();
    });
    let known = KnownRegions::new(regions);
    for draft in &drafts {
        match (&draft.region, &draft.place) {
            (None, Some(place)) => {
                let cell = Cell::new(draft.row, "region", format!("{}, {}", place.lon, place.lat));
                let expected = "regions with borders, imported first; until then it counts in no region";
                found.warning(&cell, "no_region", "no border in the record contains the point", expected);
            }
            (Some(code), None) if known.get(code).is_none_or(|region| region.place.is_none()) => {
                let expected = "lon and lat here, or a point for the region; until then it is not located";
                let cell = Cell::new(draft.row, "region", code.to_string());
                found.warning(&cell, "no_point", "neither the row nor its region has a point", expected);
            }
            _ => {}
        }
    }
    drafts
}

/// Refuses points that cannot be right by the region that is told of them, and counts of a day that has not come: they would
/// take the place of every later count.
pub fn refuse_wrong(
    mut drafts: Vec<DemandDraft>,
    known: &KnownRegions<'_>,
    borders: &Borders,
    now: DateTime<Utc>,
    found: &mut Findings,
) -> Vec<DemandDraft> {
    let today = latest_day(now);
    drafts.retain(|draft| {
        let errors = found.errors();
        if let Some(place) = &draft.place {
            known.refuse_misplaced(draft.row, draft.region.as_deref(), place, borders, found);
        }
        if let Some(day) = draft.as_of.filter(|day| *day > today) {
            let cell = Cell::new(draft.row, "as_of", day.to_string());
            found.error(&cell, "in_future", "a day that has not come yet", "today or earlier");
        }
        found.errors() == errors
    });
    drafts
}

/// Tells of regions that have a count of their own beside those of regions below them: the same people, counted once, by the
/// finer rows.
pub fn note_counted_twice(
    drafts: &[DemandDraft],
    held: &[DemandPoint],
    known: &KnownRegions<'_>,
    found: &mut Findings,
) {
    let told = drafts.iter().filter_map(|draft| Some((draft.region.as_deref()?, Some(draft.row))));
    let kept = held.iter().filter_map(|point| Some((point.region.as_deref()?, None)));
    let mut rows: BTreeMap<&str, Option<u64>> = BTreeMap::new();
    for (code, row) in told.chain(kept) {
        let first = rows.entry(code).or_insert(row);
        *first = first.or(row);
    }
    // The regions above those that have a count, with the first row of the file below each.
    let mut above: BTreeMap<&str, Option<u64>> = BTreeMap::new();
    for (code, row) in &rows {
        let mut at = known.get(code).and_then(|region| region.parent.as_deref());
        for _ in 0..Level::ALL.len() {
            let Some(parent) = at else { break };
            let first = above.entry(parent).or_insert(*row);
            *first = match (*first, *row) {
                (Some(held), Some(row)) => Some(held.min(row)),
                (held, row) => held.or(row),
            };
            at = known.get(parent).and_then(|region| region.parent.as_deref());
        }
    }
    for (code, own) in &rows {
        let Some(below) = above.get(code) else { continue };
        let Some(row) = own.or(*below) else { continue };
        let problem =
            format!("{code} has a count of its own and regions below it have theirs: people are counted once");
        let expected = "the finer counts stand; of the count of the whole only what they do not cover is added";
        found.warning(&Cell::new(row, "region", *code), "counted_below", problem, expected);
    }
}

/// What a row is matched by.
type Key = (Option<Text>, Option<(i64, i64)>, Option<NaiveDate>);

fn key(region: Option<&Text>, place: Option<&Place>, as_of: Option<NaiveDate>) -> Key {
    (region.cloned(), place.map(spot), as_of)
}

/// Decides for each draft. `held` are all demand points of the record.
pub fn plan(drafts: Vec<DemandDraft>, held: Vec<DemandPoint>, found: &mut Findings) -> Plan<DemandPoint> {
    let mut held: HashMap<Key, DemandPoint> =
        held.into_iter().map(|point| (key(point.region.as_ref(), point.place.as_ref(), point.as_of), point)).collect();
    let mut plan = Plan::new();
    for draft in drafts {
        let row = draft.row;
        let place = draft.place.as_ref();
        let before = held.remove(&key(draft.region.as_ref(), place, draft.as_of)).or_else(|| {
            // It came in before the border around it did.
            place.and_then(|place| held.remove(&key(None, Some(place), draft.as_of)))
        });
        let after = match &before {
            None => DemandPoint::of(draft),
            Some(before) => {
                let mut after = before.clone();
                after.take(draft);
                after
            }
        };
        if fits(row, &after, found) {
            plan.put(before, after);
        }
    }
    plan
}

/// Whether the parts are parts of their wholes, once row and record have come together.
fn fits(row: u64, point: &DemandPoint, found: &mut Findings) -> bool {
    let Some((part, column, whole, of)) = point.part_above_whole() else { return true };
    let cell = Cell::new(row, column, part.to_string());
    found.error(&cell, "part_above_whole", format!("more than {of}, {whole}"), format!("a part of {of}"));
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(region: Option<&str>, lon: f64, total: u32) -> DemandDraft {
        DemandDraft {
            row: 2,
            region: region.map(Text::from),
            place: Some(Place::wgs84(lon, 33.0)),
            total: Some(total),
            ..DemandDraft::default()
        }
    }

    #[test]
    fn the_same_row_changes_nothing_and_another_number_is_an_update() {
        let mut found = Findings::default();
        let first = plan(vec![draft(None, 118.0, 10)], Vec::new(), &mut found);
        let held = vec![first.edits[0].after.clone()];
        assert_eq!(plan(vec![draft(None, 118.0, 10)], held.clone(), &mut found).unchanged, 1);
        let update = plan(vec![draft(None, 118.0, 12)], held.clone(), &mut found);
        assert_eq!((update.updated(), update.edits[0].after.id), (1, held[0].id));
        let located = plan(vec![draft(Some("321300"), 118.0, 10)], held, &mut found);
        assert_eq!((located.updated(), located.inserted()), (1, 0));
        assert!(found.is_empty());
    }

    #[test]
    fn parts_that_exceed_the_whole_together_with_the_record_are_refused() {
        let mut found = Findings::default();
        let held = vec![DemandPoint::of(draft(None, 118.0, 10))];
        let aged = DemandDraft { total: None, aged_60: Some(11), ..draft(None, 118.0, 0) };
        assert_eq!(plan(vec![aged], held, &mut found).edits.len(), 0);
        assert_eq!(found.errors(), 1);
    }

    #[test]
    fn what_stands_nowhere_is_told_of_and_accepted() {
        let mut found = Findings::default();
        let nowhere = DemandDraft { row: 3, region: Some("321300".into()), ..DemandDraft::default() };
        let kept = locate(vec![draft(None, 118.0, 10), nowhere], &[], &Borders::default(), &mut found);
        assert_eq!((kept.len(), found.errors()), (2, 0));
        let codes: Vec<_> = found.into_sorted().iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["no_region", "no_point"]);
    }
}
