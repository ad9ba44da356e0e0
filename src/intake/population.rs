//! Population: in which region a point lies, and which demand point a row is about. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use rayon::prelude::*;
use uuid::Uuid;

use super::known::KnownRegions;
use super::plan::Plan;
use crate::care::ahead::latest_day;
use crate::care::draft::DemandDraft;
use crate::care::place::metres;
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
    drafts.retain_mut(|draft| {
        let errors = found.errors();
        if let Some(place) = &mut draft.place {
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

/// A village's point that moves by less is the same point, measured again.
const MOVED_METRES: f64 = 100.0;
/// The same where the region has several points, which may stand in a grid.
const MOVED_AMONG_OTHERS_METRES: f64 = 20.0;

/// The place of a row's region that the row does not name, where another one stands: moved a little, it is the same point, and
/// all counts held there move with it. Anything else adds to what the record holds, which a warning says once for each region.
pub fn follow_moved(
    drafts: &mut [DemandDraft],
    held: &mut [DemandPoint],
    found: &mut Findings,
) -> HashMap<Uuid, DemandPoint> {
    let told = |draft: &DemandDraft| Some((draft.region.clone()?, draft.place.as_ref().map(spot)));
    let named: BTreeSet<_> = drafts.iter().filter_map(told).collect();
    // By region: the points held, and the counts at each.
    let mut spots: HashMap<Text, Spots> = HashMap::new();
    for (at, point) in held.iter().enumerate() {
        let Some(region) = &point.region else { continue };
        let spots = spots.entry(region.clone()).or_default();
        spots.entry(point.place.as_ref().map(spot)).or_default().push(at);
    }
    let (mut before, mut warned) = (HashMap::new(), BTreeSet::new());
    for draft in drafts {
        let Some((region, here)) = told(draft) else { continue };
        let Some(spots) = spots.get_mut(&region).filter(|spots| !spots.contains_key(&here)) else { continue };
        let mut others: Vec<_> =
            spots.keys().copied().filter(|spot| !named.contains(&(region.clone(), *spot))).collect();
        let within = if spots.len() == 1 { MOVED_METRES } else { MOVED_AMONG_OTHERS_METRES };
        let off = |spot: &Option<(i64, i64)>| {
            let from = held[spots[spot][0]].place.as_ref()?;
            draft.place.as_ref().map(|to| metres((from.lon, from.lat), (to.lon, to.lat)))
        };
        let count = others.len();
        others.retain(|spot| off(spot).is_some_and(|off| off <= within));
        let cell = |column| Cell::new(draft.row, column, region.to_string());
        match others.as_slice() {
            [old] => {
                let problem = format!("the point of {region} has moved by {:.0} m", off(old).unwrap_or_default());
                let expected = "read as the same point, with its new place and count";
                found.warning(&cell("lon"), "point_moved", problem, expected);
                let counts = spots.remove(old).unwrap_or_default();
                let newest = counts.iter().map(|at| held[*at].as_of).max().flatten();
                if draft.as_of < newest {
                    // An older list knows no newer place.
                    draft.place = held[counts[0]].place.clone();
                    spots.insert(*old, counts);
                    continue;
                }
                for at in &counts {
                    before.entry(held[*at].id).or_insert_with(|| held[*at].clone());
                    held[*at].place = draft.place.clone();
                }
                spots.insert(here, counts);
            }
            _ if count > 0 && warned.insert(region.clone()) => {
                let problem = format!("the record holds another point of {region}, and the people of both are added");
                let expected = "the point as the record holds it, where the same people are meant";
                found.warning(&cell("region"), "points_add", problem, expected);
            }
            _ => {}
        }
    }
    before
}

/// The points of a region, to a few centimetres, and the counts held at each.
type Spots = BTreeMap<Option<(i64, i64)>, Vec<usize>>;

/// What a row is matched by.
type Key = (Option<Text>, Option<(i64, i64)>, Option<NaiveDate>);

fn key(region: Option<&Text>, place: Option<&Place>, as_of: Option<NaiveDate>) -> Key {
    (region.cloned(), place.map(spot), as_of)
}

/// Decides for each draft. `held` are all demand points of the record.
pub fn plan(mut drafts: Vec<DemandDraft>, mut held: Vec<DemandPoint>, found: &mut Findings) -> Plan<DemandPoint> {
    let mut moved = follow_moved(&mut drafts, &mut held, found);
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
            let was = before.map(|held| moved.remove(&held.id).unwrap_or(held));
            plan.put(was, after);
        }
    }
    // Counts of other days at the same point have no row, and move with it.
    let left = held.into_values().filter_map(|after| Some((moved.remove(&after.id)?, after)));
    left.for_each(|(was, after)| plan.put(Some(was), after));
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
    fn a_village_whose_point_moved_some_metres_is_the_same_and_a_second_point_is_told_of() {
        let day = |year| NaiveDate::from_ymd_opt(year, 1, 1);
        let row = |lon: f64, year, total| DemandDraft { as_of: day(year), ..draft(Some("V1"), lon, total) };
        let held = || vec![DemandPoint::of(row(118.0, 2020, 170)), DemandPoint::of(row(118.0, 2021, 180))];
        let spots = |plan: &Plan<DemandPoint>| -> Vec<(f64, u32, bool)> {
            let of = |edit: &crate::registry::Edit<DemandPoint>| {
                let after = &edit.after;
                (after.place.as_ref().map_or(0.0, |at| at.lon), after.total.unwrap_or(0), edit.before.is_some())
            };
            let mut all: Vec<_> = plan.edits.iter().map(of).collect();
            all.sort_by_key(|(_, total, _)| *total);
            all
        };
        let run = |drafts, held| {
            let mut found = Findings::default();
            let plan = plan(drafts, held, &mut found);
            let codes: Vec<_> = found.into_sorted().iter().map(|finding| finding.code).collect();
            (spots(&plan), codes)
        };
        // With a newer date: its counts of other days go with it.
        let newer = run(vec![row(118.0001, 2022, 185)], held());
        assert_eq!(newer.0, [(118.0001, 170, true), (118.0001, 180, true), (118.0001, 185, false)]);
        assert_eq!(newer.1, ["point_moved"]);
        let same_day = run(vec![row(118.0001, 2021, 185)], held());
        assert_eq!(same_day.0, [(118.0001, 170, true), (118.0001, 185, true)]);
        // An older list does not move it back.
        assert_eq!(run(vec![row(118.0001, 2019, 160)], held()).0, [(118.0, 160, false)]);
        // Too far, or one of several in a grid: it adds, and that is said once.
        let far = run(vec![row(118.01, 2022, 185), row(118.02, 2022, 185)], held());
        assert_eq!((far.0.len(), far.1), (2, vec!["points_add"]));
        let grid = vec![DemandPoint::of(row(118.0, 2021, 1)), DemandPoint::of(row(118.001, 2021, 1))];
        assert_eq!(run(vec![row(118.0019, 2021, 1)], grid).1, ["points_add"]);
        let whole = DemandPoint::of(DemandDraft { place: None, ..row(118.0, 2021, 180) });
        assert_eq!(run(vec![row(118.0, 2022, 185)], vec![whole]).1, ["points_add"], "beside a count without a point");
        // A file that names the old point too means both.
        assert_eq!(run(vec![row(118.0, 2021, 180), row(118.0001, 2021, 5)], held()).1, [""; 0]);
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
