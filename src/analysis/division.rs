//! Division: which regions an answer has rows for, and in which of them something stands.

use crate::atlas::RegionTree;
use crate::care::Level;

/// The asked region and all below it, by the rows of an answer. The row after the last is for what stands in the asked
/// region and in none of the rows' regions.
pub(crate) struct Division {
    /// Slots of the rows' regions.
    pub rows: Vec<u32>,
    /// The rows' level; `None` where there are no regions.
    pub level: Option<Level>,
    /// By slot: the row, or [`OUTSIDE`].
    row_of: Vec<u32>,
    /// The row of what stands in no known region.
    nowhere: u32,
}

/// Stands for "not in the asked region".
const OUTSIDE: u32 = u32::MAX;

impl Division {
    /// Divides a region (`None`: everything) by a level. Without a level it is the widest that is met directly below
    /// the region, or among the roots. A region at or below the level is one row: itself.
    pub fn new(regions: &RegionTree, region: Option<&str>, by: Option<Level>) -> Division {
        let asked = region.and_then(|code| regions.get(code));
        let next = match region {
            Some(code) => regions.children(code),
            None => regions.roots(),
        };
        let below = next.iter().map(|next| next.level).filter(|level| asked.is_none_or(|asked| *level > asked.level));
        let found = || below.min().or(asked.map(|region| region.level));
        let level = by.or_else(found);
        let inside = region.map_or(regions.walk(), |code| regions.below(code));
        let whole = asked.filter(|asked| level.is_some_and(|level| asked.level >= level));
        let rows: Vec<u32> = match whole {
            Some(_) => inside[..1].to_vec(),
            None => inside.iter().copied().filter(|slot| regions.at(*slot).map(|r| r.level) == level).collect(),
        };
        let rest = rows.len() as u32;
        let nowhere = if region.is_none() { rest } else { OUTSIDE };
        let mut row_of = vec![nowhere; regions.slot_count()];
        for slot in inside {
            row_of[*slot as usize] = rest;
        }
        // In the order of the walk, so that a region within one of its own level has its own row.
        for (row, slot) in (0..).zip(&rows) {
            for below in regions.at(*slot).map_or(&[][..], |region| regions.below(&region.code)) {
                row_of[*below as usize] = row;
            }
        }
        Division { rows, level: whole.map_or(level, |asked| Some(asked.level)), row_of, nowhere }
    }

    /// The row of what stands in the region with this slot; `None` outside the asked region.
    pub fn row_of(&self, slot: u32) -> Option<usize> {
        let row = self.row_of.get(slot as usize).copied().unwrap_or(self.nowhere);
        (row != OUTSIDE).then_some(row as usize)
    }
}
