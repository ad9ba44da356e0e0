//! The tree of regions: parents, children and everything below.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::care::{Borders, Level, Region, Text, UrbanRural};

/// Stands for "no region, or none that is known" where a slot is expected.
pub(crate) const NO_REGION: u32 = u32::MAX;

/// Regions by code.
///
/// A region keeps its slot, a small number, in every later tree, also when it is deleted: what stands in a region
/// remembers the slot, and need not be touched when the tree around it changes. Its place in the order in which a
/// walk from the roots meets the regions makes "stands below" a comparison of two numbers.
#[derive(Default)]
pub struct RegionTree {
    slots: Vec<Option<Arc<Region>>>,
    slot_of: HashMap<Text, u32>,
    /// Slots by code.
    by_code: Vec<u32>,
    roots: Vec<u32>,
    /// By slot: the slots directly below, by code.
    children: Vec<Vec<u32>>,
    /// By slot: the slot above; [`NO_REGION`] above a root.
    parent: Vec<u32>,
    /// By slot: the region's turn in the walk, and the first turn after all that stand below it.
    turns: Vec<Range<u32>>,
    /// Slots in the order of the walk.
    walk: Vec<u32>,
    /// Made at the first wish.
    borders: OnceLock<Borders>,
}

impl RegionTree {
    pub(crate) fn grow(regions: Vec<Region>) -> RegionTree {
        RegionTree::default().with(regions.into_iter().map(|region| (region.code.clone(), Some(region))).collect())
    }

    /// The tree after regions were written (`Some`) or deleted (`None`).
    pub(crate) fn with(&self, changes: BTreeMap<Text, Option<Region>>) -> RegionTree {
        let mut tree = RegionTree { slots: self.slots.clone(), slot_of: self.slot_of.clone(), ..Default::default() };
        for (code, region) in changes {
            let region = region.map(Arc::new);
            match tree.slot_of.get(&code) {
                Some(slot) => tree.slots[*slot as usize] = region,
                None if region.is_some() => {
                    tree.slot_of.insert(code, tree.slots.len() as u32);
                    tree.slots.push(region);
                }
                None => {}
            }
        }
        tree.link();
        tree
    }

    /// Ties parents and children. A region whose parent is missing or unknown is a root, and so is the first by code
    /// of the regions that stand above each other in a ring.
    fn link(&mut self) {
        let region = |slot: u32| self.slots[slot as usize].as_deref();
        self.by_code = (0..self.slots.len() as u32).filter(|slot| region(*slot).is_some()).collect();
        self.by_code.sort_by_key(|slot| region(*slot).map(|region| &region.code));
        self.parent = vec![NO_REGION; self.slots.len()];
        self.children = vec![Vec::new(); self.slots.len()];
        for slot in &self.by_code {
            let above = region(*slot).and_then(|region| self.slot(region.parent.as_deref()));
            match above {
                Some(above) => {
                    self.parent[*slot as usize] = above;
                    self.children[above as usize].push(*slot);
                }
                None => self.roots.push(*slot),
            }
        }
        self.turns = vec![0..0; self.slots.len()];
        for root in self.roots.clone() {
            self.walk_from(root);
        }
        for slot in self.by_code.clone() {
            if self.turns[slot as usize].is_empty() {
                let first = self.first_of_ring(slot);
                let above = std::mem::replace(&mut self.parent[first as usize], NO_REGION);
                self.children[above as usize].retain(|child| *child != first);
                self.roots.push(first);
                self.walk_from(first);
            }
        }
        self.roots.sort_by_key(|slot| self.slots[*slot as usize].as_deref().map(|region| &region.code));
    }

    /// The first by code of the ring that stands above a region which no root leads to.
    fn first_of_ring(&self, mut slot: u32) -> u32 {
        let mut seen = HashSet::new();
        while seen.insert(slot) {
            slot = self.parent[slot as usize];
        }
        let ring = std::iter::successors(Some(slot), |at| Some(self.parent[*at as usize]).filter(|next| *next != slot));
        ring.min_by_key(|at| self.at(*at).map(|region| &region.code)).unwrap_or(slot)
    }

    /// Numbers a root and all below it. Its own stack, since a chain of parents may be as long as the list.
    fn walk_from(&mut self, root: u32) {
        let mut stack = vec![(root, false)];
        while let Some((slot, done)) = stack.pop() {
            let turn = self.walk.len() as u32;
            if done {
                self.turns[slot as usize].end = turn;
            } else {
                self.turns[slot as usize] = turn..turn + 1;
                self.walk.push(slot);
                stack.push((slot, true));
                stack.extend(self.children[slot as usize].iter().rev().map(|child| (*child, false)));
            }
        }
    }

    /// The slot of a region that exists.
    pub(crate) fn slot(&self, code: Option<&str>) -> Option<u32> {
        let slot = *self.slot_of.get(code?)?;
        self.slots[slot as usize].is_some().then_some(slot)
    }

    /// The slot of a code that is or was a region's, or [`NO_REGION`].
    pub(crate) fn lasting_slot(&self, code: Option<&str>) -> u32 {
        code.and_then(|code| self.slot_of.get(code)).copied().unwrap_or(NO_REGION)
    }

    pub(crate) fn at(&self, slot: u32) -> Option<&Region> {
        self.slots.get(slot as usize)?.as_deref()
    }

    /// How many slots there are, with those of deleted regions.
    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// The turns of the regions that are the one with this code or stand below it; none if there is no such region.
    pub(crate) fn turns(&self, code: &str) -> Range<u32> {
        self.slot(Some(code)).map_or(0..0, |slot| self.turns[slot as usize].clone())
    }

    /// The turns of the region of a slot and of all below it.
    pub(crate) fn turns_of(&self, slot: u32) -> Range<u32> {
        self.turns.get(slot as usize).cloned().unwrap_or(0..0)
    }

    /// The slots directly below.
    pub(crate) fn slots_below(&self, slot: u32) -> &[u32] {
        self.children.get(slot as usize).map_or(&[], Vec::as_slice)
    }

    /// The turn of a slot; one that no range holds for [`NO_REGION`] and deleted regions.
    #[inline]
    pub(crate) fn turn(&self, slot: u32) -> u32 {
        match self.turns.get(slot as usize) {
            Some(turns) if !turns.is_empty() => turns.start,
            _ => u32::MAX,
        }
    }

    /// The slots of the region with this code and of all below it, in the order of the walk.
    pub(crate) fn below(&self, code: &str) -> &[u32] {
        let turns = self.turns(code);
        &self.walk[turns.start as usize..turns.end as usize]
    }

    /// The slots of all regions, in the order of the walk: every region before those below it.
    pub(crate) fn walk(&self) -> &[u32] {
        &self.walk
    }

    /// The borders of all regions, ready to be asked of points.
    pub fn borders(&self) -> &Borders {
        self.borders.get_or_init(|| Borders::of(self.iter()))
    }

    pub fn get(&self, code: &str) -> Option<&Region> {
        self.at(self.slot(Some(code))?)
    }

    /// Regions without a parent, by code.
    pub fn roots(&self) -> Vec<&Region> {
        self.roots.iter().filter_map(|slot| self.at(*slot)).collect()
    }

    /// The regions directly below, by code.
    pub fn children(&self, code: &str) -> Vec<&Region> {
        let children = self.slot(Some(code)).map_or(&[][..], |slot| &self.children[slot as usize]);
        children.iter().filter_map(|slot| self.at(*slot)).collect()
    }

    /// By slot whether it is urban or rural, as it says itself or as the nearest above that says it.
    pub(crate) fn classes(&self) -> Vec<Option<UrbanRural>> {
        let mut classes = vec![None; self.slots.len()];
        for slot in &self.walk {
            let above = classes.get(self.parent[*slot as usize] as usize).copied().flatten();
            classes[*slot as usize] = self.at(*slot).and_then(|region| region.class).or(above);
        }
        classes
    }

    /// By slot whether the region has none below it, and neither it nor the town above it is among `peopled`: nobody is
    /// known to live there. What does not count as a unit, or stands in a town that does not, such as a development zone, need
    /// have nobody and is not among them.
    pub(crate) fn without_people(&self, peopled: &[bool]) -> Vec<bool> {
        let told = |slot: u32| {
            let counts = self.at(slot).is_none_or(|region| region.counts_in_coverage);
            !counts || peopled.get(slot as usize).copied().unwrap_or(false)
        };
        let town = |slot: u32| self.at(slot).is_some_and(|region| region.level >= Level::Town);
        let mut bare = vec![false; self.slots.len()];
        for slot in self.walk.iter().filter(|slot| self.children[**slot as usize].is_empty()) {
            let above = |at: &u32| Some(self.parent[*at as usize]).filter(|at| *at != NO_REGION && town(*at));
            bare[*slot as usize] = !std::iter::successors(Some(*slot), above).any(told);
        }
        bare
    }

    /// From the widest down to the region itself.
    pub fn path(&self, code: &str) -> Vec<&Region> {
        let above = |slot: &u32| Some(self.parent[*slot as usize]).filter(|slot| *slot != NO_REGION);
        let mut path: Vec<_> =
            std::iter::successors(self.slot(Some(code)), above).filter_map(|slot| self.at(slot)).collect();
        path.reverse();
        path
    }

    /// Whether `code` is `above` or stands below it.
    pub fn is_within(&self, code: &str, above: &str) -> bool {
        self.slot(Some(code)).is_some_and(|slot| self.turns(above).contains(&self.turn(slot)))
    }

    /// All regions, by code.
    pub fn iter(&self) -> Box<dyn Iterator<Item = &Region> + '_> {
        Box::new(self.by_code.iter().filter_map(|slot| self.at(*slot)))
    }

    pub fn len(&self) -> usize {
        self.by_code.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str, parent: Option<&str>) -> Region {
        Region {
            code: code.into(),
            name: code.into(),
            level: Level::Town,
            parent: parent.map(Into::into),
            place: None,
            border: None,
            counts_in_coverage: true,
            class: None,
            source: None,
            demo: false,
        }
    }

    fn codes(regions: Vec<&Region>) -> Vec<&str> {
        regions.into_iter().map(|region| &*region.code).collect()
    }

    #[test]
    fn the_tree_knows_who_stands_below_whom() {
        let tree = RegionTree::grow(vec![
            region("32", None),
            region("3213", Some("32")),
            region("321302", Some("3213")),
            region("3211", Some("32")),
            region("US", Some("nowhere")),
        ]);
        assert_eq!(codes(tree.roots()), ["32", "US"]);
        assert_eq!(codes(tree.children("32")), ["3211", "3213"]);
        assert_eq!(codes(tree.path("321302")), ["32", "3213", "321302"]);
        assert!(tree.is_within("321302", "32") && tree.is_within("32", "32"));
        assert!(!tree.is_within("32", "321302") && !tree.is_within("3211", "3213") && !tree.is_within("?", "?"));
        assert_eq!(codes(tree.iter().collect()), ["32", "3211", "3213", "321302", "US"]);
    }

    #[test]
    fn a_ring_of_parents_hangs_from_its_first_region() {
        let tree = RegionTree::grow(vec![
            region("0", Some("b")),
            region("b", Some("a")),
            region("a", Some("b")),
            region("c", Some("c")),
        ]);
        assert_eq!(codes(tree.roots()), ["a", "c"]);
        assert_eq!(codes(tree.path("0")), ["a", "b", "0"]);
        assert_eq!(codes(tree.path("b")), ["a", "b"]);
        assert!(tree.children("c").is_empty());
    }

    #[test]
    fn what_says_nothing_of_itself_is_urban_or_rural_as_the_nearest_above() {
        let (urban, rural) = (Some(UrbanRural::Urban), Some(UrbanRural::Rural));
        let of = |code: &str, parent, class| Region { class, ..region(code, parent) };
        let tree = RegionTree::grow(vec![
            of("1", None, urban),
            of("11", Some("1"), None),
            of("111", Some("11"), rural),
            of("1111", Some("111"), None),
            of("2", None, None),
        ]);
        let classes = tree.classes();
        let class = |code: &str| classes[tree.lasting_slot(Some(code)) as usize];
        assert_eq!(["1", "11", "111", "1111", "2"].map(class), [urban, urban, rural, rural, None]);
    }

    #[test]
    fn a_unit_that_does_not_count_is_not_missed_among_the_people_and_any_other_is() {
        let of =
            |code: &str, parent, level, counts| Region { level, counts_in_coverage: counts, ..region(code, parent) };
        let tree = RegionTree::grow(vec![
            of("county", None, Level::County, false),
            of("town", Some("county"), Level::Town, true),
            of("village", Some("town"), Level::Village, true),
            of("zone", Some("county"), Level::Town, false),
            of("estate", Some("county"), Level::Town, false),
            of("block", Some("estate"), Level::Village, true),
            of("bare", Some("county"), Level::Town, true),
        ]);
        let mut peopled = vec![false; tree.slot_count()];
        peopled[tree.lasting_slot(Some("town")) as usize] = true;
        let bare = tree.without_people(&peopled);
        let named = tree.iter().filter(|region| bare[tree.lasting_slot(Some(&region.code)) as usize]);
        assert_eq!(codes(named.collect()), ["bare"], "a county that is no unit still has towns that are");
    }

    #[test]
    fn a_region_keeps_its_slot_through_changes() {
        let tree = RegionTree::grow(vec![region("a", None), region("b", Some("a"))]);
        let slot = tree.lasting_slot(Some("b"));
        let without = tree.with([("b".into(), None)].into());
        assert!(without.get("b").is_none() && !without.is_within("b", "a"));
        let again = without.with([("b".into(), Some(region("b", None))), ("0".into(), Some(region("0", None)))].into());
        assert_eq!((again.lasting_slot(Some("b")), again.len()), (slot, 3));
        assert_eq!(codes(again.path("b")), ["b"]);
    }
}
