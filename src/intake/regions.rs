//! Regions: a tree that stays a tree, and parents before children. Pure.

use std::collections::HashMap;

use super::known::KnownRegions;
use super::plan::Plan;
use crate::care::coordinates::{border_misplaced, region_misplaced};
use crate::care::draft::RegionDraft;
use crate::care::{Border, Borders, Level, Place, Region, Text};
use crate::exchange::Findings;
use crate::exchange::cell::Cell;
use crate::registry::InvalidBorder;

/// Leaves out the rows of regions that have become others, and leads parents on to what they have become. Answers how many
/// rows were left out: last year's list does not bring a region back.
pub fn follow_successors(
    mut drafts: Vec<RegionDraft>,
    known: &KnownRegions<'_>,
    found: &mut Findings,
) -> (Vec<RegionDraft>, u64) {
    let rows = drafts.len();
    let successor = |code: &str| if known.get(code).is_none() { known.successor(code) } else { None };
    drafts.retain_mut(|draft| {
        if let Some(new) = successor(&draft.code) {
            let cell = Cell::new(draft.row, "code", draft.code.to_string());
            let problem =
                format!("the region {} has become {} {}; the row is left out", draft.code, new.code, new.name);
            found.warning(&cell, "region_retired", problem, new.code.to_string());
            return false;
        }
        if let Some(new) = draft.parent.as_deref().and_then(successor) {
            let old = draft.parent.replace(new.code.clone()).unwrap_or_default();
            let problem = format!("the region {old} has become {} {}; read as that", new.code, new.name);
            found.warning(&Cell::new(draft.row, "parent", &*old), "region_retired", problem, new.code.to_string());
        }
        true
    });
    let left_out = (rows - drafts.len()) as u64;
    (drafts, left_out)
}

/// The borders of the file that the record does not hold yet, as GeoJSON, by code.
pub fn new_borders(drafts: &[RegionDraft], known: &KnownRegions<'_>) -> Vec<(Text, String)> {
    let held = |draft: &RegionDraft| known.get(&draft.code).and_then(|region| region.border.clone());
    let new = drafts.iter().filter(|draft| draft.border.is_some() && draft.border != held(draft));
    new.filter_map(|draft| Some((draft.code.clone(), draft.border.as_ref()?.to_string()))).collect()
}

/// Refuses the rows whose border is no valid area, and says where it crosses itself. A ring that only touches itself encloses
/// what it seems to: it is taken, and told of.
pub fn refuse_invalid(drafts: &mut Vec<RegionDraft>, invalid: &HashMap<Text, InvalidBorder>, found: &mut Findings) {
    drafts.retain(|draft| {
        let Some(wrong) = invalid.get(&draft.code) else { return true };
        let at = wrong.at.map_or_else(String::new, |(lon, lat)| format!(" at {lon}, {lat}"));
        let problem = format!("the border of {} {} is no valid area: {}{at}", draft.code, draft.name, wrong.reason);
        let expected = "rings that neither cross themselves nor each other, such as ogr2ogr -makevalid writes them";
        let cell = Cell::new(draft.row, "border", draft.code.to_string());
        match wrong.harmless {
            true => found.warning(&cell, "border", problem, expected),
            false => found.error(&cell, "border", problem, expected),
        }
        wrong.harmless
    });
}

/// A region with a border and without a point gets a point inside it, so that it can be found and reached.
fn give_point(region: &mut Region) {
    if region.place.is_none() {
        let inner = region.border.as_deref().and_then(Border::of).and_then(|border| border.inner_point());
        region.place = inner.map(|(lon, lat)| Place::wgs84(lon, lat));
    }
}

/// Refuses regions whose point cannot be right by their own border, or by what stands above them.
fn refuse_misplaced(
    told: Vec<(u64, Option<Region>, Region)>,
    held: &HashMap<Text, Region>,
    found: &mut Findings,
) -> Plan<Region> {
    let all: HashMap<&str, &Region> =
        held.values().chain(told.iter().map(|(_, _, after)| after)).map(|region| (&*region.code, region)).collect();
    let borders = Borders::of(all.values().copied());
    let wrong: Vec<bool> = told
        .iter()
        .map(|(row, before, after)| {
            let get = |code: &str| all.get(code).copied();
            let differs =
                |same: fn(&Region, &Region) -> bool| before.as_ref().is_none_or(|before| !same(before, after));
            let border = || border_misplaced(get, &borders, after).filter(|_| differs(|a, b| a.border == b.border));
            let point = || region_misplaced(get, &borders, after).filter(|_| differs(|a, b| a.place == b.place));
            let Some((column, wrong)) = border().map(|wrong| ("border", wrong)).or_else(|| Some(("lon", point()?)))
            else {
                return false;
            };
            let cell = Cell::new(*row, column, format!("{}, {}", wrong.lon, wrong.lat));
            found.error(&cell, "wrong_place", wrong.english(), wrong.expected());
            true
        })
        .collect();
    let mut plan = Plan::new();
    for ((_, before, after), _) in told.into_iter().zip(wrong).filter(|(_, wrong)| !wrong) {
        plan.put(before, after);
    }
    plan
}

/// Decides for each draft. `held` are all regions of the record.
pub fn plan(mut drafts: Vec<RegionDraft>, held: Vec<Region>, found: &mut Findings) -> Plan<Region> {
    let mut depths;
    // A region whose parent is refused has no parent either: again until all that are left stand.
    loop {
        let tree = Tree::new(&drafts, &held);
        depths = HashMap::with_capacity(drafts.len());
        let known = KnownRegions::new(&held);
        for draft in &drafts {
            if let Some(depth) = tree.depth(draft, &known, found) {
                depths.insert(draft.code.clone(), depth);
            }
        }
        let before = drafts.len();
        drafts.retain(|draft| depths.contains_key(&draft.code));
        if drafts.len() == before {
            break;
        }
    }
    drafts.sort_by_key(|draft| depths[&draft.code]);
    let mut held: HashMap<Text, Region> = held.into_iter().map(|region| (region.code.clone(), region)).collect();
    let told = drafts.into_iter().map(|draft| {
        let (row, before) = (draft.row, held.remove(&draft.code));
        let mut after = match &before {
            None => Region::of(draft),
            Some(before) => {
                let mut after = before.clone();
                after.take(draft);
                after
            }
        };
        give_point(&mut after);
        (row, before, after)
    });
    let told = told.collect();
    refuse_misplaced(told, &held, found)
}

/// Level and parent of every region, as they would be with the file in the record.
struct Tree<'a>(HashMap<&'a str, (Level, Option<&'a str>)>);

impl<'a> Tree<'a> {
    fn new(drafts: &'a [RegionDraft], held: &'a [Region]) -> Tree<'a> {
        let mut tree: HashMap<&str, (Level, Option<&str>)> =
            held.iter().map(|region| (&*region.code, (region.level, region.parent.as_deref()))).collect();
        for draft in drafts {
            let place = tree.entry(&draft.code).or_insert((draft.level, None));
            *place = (draft.level, draft.parent.as_deref().or(place.1));
        }
        Tree(tree)
    }

    /// How many regions stand above it; `None`, with a finding, when it does not stand in a tree.
    fn depth(&self, draft: &RegionDraft, known: &KnownRegions<'_>, found: &mut Findings) -> Option<usize> {
        let (level, parent) = self.0[&*draft.code];
        let Some(parent) = parent else { return Some(0) };
        let Some((above, _)) = self.0.get(parent) else {
            known.refuse(draft.row, "parent", parent, found);
            return None;
        };
        let mut depth = 1;
        let mut at = parent;
        while let Some(next) = self.0.get(at).and_then(|(_, parent)| *parent) {
            depth += 1;
            at = next;
            if at == &*draft.code || depth > self.0.len() {
                let cell = Cell::new(draft.row, "parent", parent.to_owned());
                found.error(&cell, "cycle", "going up from parent to parent never ends", "a region above this one");
                return None;
            }
        }
        if *above >= level {
            let cell = Cell::new(draft.row, "parent", parent.to_owned());
            let problem = format!("a {} cannot lie in a {}", level.code(), above.code());
            found.error(&cell, "level_order", problem, "a region of a wider level");
            return None;
        }
        Some(depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(row: u64, code: &str, level: Level, parent: &str) -> RegionDraft {
        RegionDraft {
            row,
            code: code.into(),
            name: format!("示例{code}").into(),
            level,
            parent: (!parent.is_empty()).then(|| parent.into()),
            place: None,
            border: None,
            counts_in_coverage: None,
            class: None,
            source: None,
            demo: None,
        }
    }

    fn codes(found: Findings) -> Vec<(u64, &'static str)> {
        found.into_sorted().iter().map(|finding| (finding.row, finding.code)).collect()
    }

    #[test]
    fn parents_come_before_children_and_the_same_file_twice_changes_nothing() {
        let file = || {
            vec![
                draft(2, "321300100", Level::Town, "321301"),
                draft(3, "321301", Level::County, "321300"),
                draft(4, "321300", Level::City, ""),
            ]
        };
        let mut found = Findings::default();
        let first = plan(file(), Vec::new(), &mut found);
        let order: Vec<_> = first.edits.iter().map(|edit| edit.after.code.to_string()).collect();
        assert_eq!(order, ["321300", "321301", "321300100"]);
        let held = first.edits.into_iter().map(|edit| edit.after).collect();
        let second = plan(file(), held, &mut found);
        assert_eq!((second.edits.len(), second.unchanged), (0, 3));
        assert!(found.is_empty());
    }

    #[test]
    fn what_is_no_tree_is_refused_with_all_below_it() {
        let mut found = Findings::default();
        let plan = plan(
            vec![
                draft(2, "1", Level::Province, ""),
                draft(3, "11", Level::City, "9"),
                draft(4, "111", Level::County, "11"),
                draft(5, "a", Level::City, "b"),
                draft(6, "b", Level::City, "a"),
                draft(7, "12", Level::Province, "1"),
                draft(8, "c", Level::Town, "c"),
            ],
            Vec::new(),
            &mut found,
        );
        assert_eq!(plan.edits.len(), 1);
        let expected = [
            (3, "unknown_region"),
            (4, "unknown_region"),
            (5, "cycle"),
            (6, "cycle"),
            (7, "level_order"),
            (8, "cycle"),
        ];
        assert_eq!(codes(found), expected);
    }
}
