//! The ground: where the facilities stand that may answer nearest, by kind, and what has moved since that was drawn.

use std::sync::Arc;

use rayon::prelude::*;

use super::entry::Entry;
use super::geodesic::{Ecef, chord2};
use super::tree::Tree;

/// So many restless facilities are borne before the trees are built anew, whatever the size of the atlas.
const RESTLESS: usize = 512;
/// In a large atlas they may be one in so many: looking through a list of them costs microseconds, building the trees
/// a tenth of a second.
const RESTLESS_SHARE: usize = 100;

/// An index of slots by place.
#[derive(Clone, Default)]
pub(super) struct Ground {
    trees: Arc<Trees>,
    restless: Arc<Restless>,
}

#[derive(Default)]
struct Trees {
    all: Tree,
    /// By kind, and at the end one for the kinds that the vocabulary does not know.
    by_kind: Vec<Tree>,
}

/// What the trees do not know yet.
#[derive(Clone, Default)]
struct Restless {
    /// Slots that the trees are wrong about, in order.
    slots: Vec<u32>,
    /// Where those of them stand now that may answer.
    spots: Vec<Spot>,
}

/// Where a facility stands.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    at: Ecef,
    slot: u32,
    kind: u16,
}

impl Spot {
    /// `None` for a facility that may not answer nearest.
    pub fn of(slot: u32, entry: &Entry) -> Option<Spot> {
        entry.stand().map(|at| Spot { at, slot, kind: entry.kind })
    }
}

impl Ground {
    pub fn build(spots: Vec<Spot>, kinds: usize) -> Ground {
        let mut by_kind = vec![Vec::new(); kinds + 1];
        for spot in &spots {
            by_kind[usize::from(spot.kind).min(kinds)].push((spot.at, spot.slot));
        }
        let all = || Tree::build(spots.iter().map(|spot| (spot.at, spot.slot)).collect());
        let (all, by_kind) = rayon::join(all, || by_kind.into_par_iter().map(Tree::build).collect());
        Ground { trees: Arc::new(Trees { all, by_kind }), restless: Arc::default() }
    }

    /// Takes over new stands (`None`: it may not answer any more). Answers whether it could: with too many restless
    /// facilities it is time to build anew.
    #[must_use]
    pub fn take(&mut self, moves: Vec<(u32, Option<Spot>)>) -> bool {
        let bearable = RESTLESS.max(self.trees.all.len() / RESTLESS_SHARE);
        if self.restless.slots.len() + moves.len() > bearable {
            return false;
        }
        if !moves.is_empty() {
            let restless = Arc::make_mut(&mut self.restless);
            for (slot, spot) in moves {
                match restless.slots.binary_search(&slot) {
                    Ok(_) => restless.spots.retain(|held| held.slot != slot),
                    Err(at) => restless.slots.insert(at, slot),
                }
                restless.spots.extend(spot);
            }
        }
        true
    }

    /// Shows the visitor the slot and squared chord of every facility of these kinds (by index, and at the end those
    /// of no known kind; `None` for any) within the bound, which it may shrink: see [`Tree::search`].
    pub fn search(
        &self,
        from: &Ecef,
        kinds: Option<&[bool]>,
        mut bound: f64,
        mut visit: impl FnMut(u32, f64, &mut f64),
    ) {
        let Restless { slots, spots } = &*self.restless;
        let admits = |kind: u16| kinds.is_none_or(|kinds| kinds[usize::from(kind).min(kinds.len() - 1)]);
        for spot in spots.iter().filter(|spot| admits(spot.kind)) {
            let chord2 = chord2(&spot.at, from);
            if chord2 <= bound {
                visit(spot.slot, chord2, &mut bound);
            }
        }
        let mut settled = |slot: u32, chord2: f64, bound: &mut f64| {
            if slots.is_empty() || slots.binary_search(&slot).is_err() {
                visit(slot, chord2, bound);
            }
        };
        match kinds {
            None => self.trees.all.search(from, &mut bound, settled),
            Some(kinds) => {
                for (tree, _) in self.trees.by_kind.iter().zip(kinds).filter(|(_, admitted)| **admitted) {
                    tree.search(from, &mut bound, &mut settled);
                }
            }
        }
    }
}
