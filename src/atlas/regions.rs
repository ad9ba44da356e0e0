//! The tree of regions: parents, children and everything below.

use crate::care::Region;

/// Regions by code.
pub struct RegionTree {}

impl RegionTree {
    pub fn get(&self, code: &str) -> Option<&Region> {
        todo!()
    }

    /// Regions without a parent, by code.
    pub fn roots(&self) -> Vec<&Region> {
        todo!()
    }

    /// The regions directly below, by code.
    pub fn children(&self, code: &str) -> Vec<&Region> {
        todo!()
    }

    /// From the widest down to the region itself.
    pub fn path(&self, code: &str) -> Vec<&Region> {
        todo!()
    }

    /// Whether `code` is `above` or stands below it.
    pub fn is_within(&self, code: &str, above: &str) -> bool {
        todo!()
    }

    pub fn iter(&self) -> Box<dyn Iterator<Item = &Region> + '_> {
        todo!()
    }

    pub fn len(&self) -> usize {
        todo!()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
