//! Regions: a tree that stays a tree, and parents before children. Pure.

use std::collections::HashMap;

use super::known::KnownRegions;
use super::plan::Plan;
use crate::care::draft::RegionDraft;
use crate::care::{Level, Region, Text};
use crate::exchange::Findings;
use crate::exchange::cell::Cell;

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
    let mut plan = Plan::new();
    for draft in drafts {
        let before = held.remove(&draft.code);
        let after = match &before {
            None => Region::of(draft),
            Some(before) => {
                let mut after = before.clone();
                after.take(draft);
                after
            }
        };
        plan.put(before, after);
    }
    plan
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
