//! Division: which regions an answer has rows for, and in which of them something stands.

use super::coverage::{By, CoverageQuestion};
use crate::atlas::{NO_REGION, RegionTree};
use crate::care::{Level, UrbanRural};

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
    /// The rows are urban and rural, and at the end those whose class is not known; no region stands for one.
    pub by_class: bool,
    /// By row whether the asked class leaves nothing of it.
    emptied: Vec<bool>,
}

/// Stands for "not in the asked region".
const OUTSIDE: u32 = u32::MAX;
/// Stands for "in the asked region, but whether of the asked class is not known".
const UNCLASSED: u32 = u32::MAX - 1;

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
        let level = whole.map_or(level, |asked| Some(asked.level));
        Division { rows, level, row_of, nowhere, by_class: false, emptied: Vec::new() }
    }

    /// Divides as a question of coverage asks.
    pub fn of(regions: &RegionTree, question: &CoverageQuestion) -> Division {
        let level = question.by.and_then(By::level);
        let mut division = Division::new(regions, question.region.as_deref(), level);
        let by_class = question.by == Some(By::Class);
        if by_class || question.class.is_some() {
            division.part(&regions.classes(), question.class, by_class);
        }
        division
    }

    /// Leaves only what is of a class, and makes the classes the rows.
    fn part(&mut self, classes: &[Option<UrbanRural>], only: Option<UrbanRural>, by_class: bool) {
        if by_class {
            (self.by_class, self.level, self.rows) = (true, None, vec![NO_REGION; UrbanRural::ALL.len()]);
        }
        let rest = UrbanRural::ALL.len() as u32;
        let part = |row: u32, class: Option<UrbanRural>| match (row, only) {
            (OUTSIDE, _) => OUTSIDE,
            (_, Some(only)) if class.is_some_and(|class| class != only) => OUTSIDE,
            (_, Some(_)) if class.is_none() => UNCLASSED,
            _ if by_class => class.map_or(rest, |class| class as u32),
            _ => row,
        };
        for (row, class) in self.row_of.iter_mut().zip(classes) {
            *row = part(*row, *class);
        }
        self.nowhere = part(self.nowhere, None);
        if only.is_some() {
            self.emptied = vec![true; self.rows.len()];
            for row in &self.row_of {
                if let Some(emptied) = self.emptied.get_mut(*row as usize) {
                    *emptied = false;
                }
            }
        }
    }

    /// Whether the asked class leaves nothing of a row.
    pub fn emptied(&self, row: usize) -> bool {
        self.emptied.get(row).copied().unwrap_or(false)
    }

    /// Whether what stands in the region with this slot may be of the asked class, and nobody knows.
    pub fn unclassed(&self, slot: u32) -> bool {
        self.row_of.get(slot as usize).copied().unwrap_or(self.nowhere) == UNCLASSED
    }

    /// The row of what stands in the region with this slot; `None` outside the asked region.
    pub fn row_of(&self, slot: u32) -> Option<usize> {
        let row = self.row_of.get(slot as usize).copied().unwrap_or(self.nowhere);
        (row < UNCLASSED).then_some(row as usize)
    }
}
