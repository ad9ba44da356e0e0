//! The regions that the record knows, and which one an unknown code may have meant.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::care::kind::nearest_word;
use crate::care::{Region, Text};
use crate::exchange::cell::Cell;
use crate::exchange::{Draft, Findings};

/// Looking for the nearest word among tens of thousands is slow: after so many different unknown codes the file as a
/// whole is meant for another record, and a suggestion helps no more.
const SUGGESTIONS: usize = 50;

pub struct KnownRegions<'a> {
    by_code: HashMap<&'a str, &'a Region>,
    suggested: RefCell<HashMap<Text, String>>,
}

impl<'a> KnownRegions<'a> {
    pub fn new(regions: &'a [Region]) -> KnownRegions<'a> {
        let by_code = regions.iter().map(|region| (&*region.code, region)).collect();
        KnownRegions { by_code, suggested: RefCell::default() }
    }

    pub fn get(&self, code: &str) -> Option<&'a Region> {
        self.by_code.get(code).copied()
    }

    /// Keeps the drafts whose region is known or not given.
    pub fn refuse_unknown<D: Draft>(
        &self,
        drafts: Vec<D>,
        region: impl Fn(&D) -> Option<&Text>,
        found: &mut Findings,
    ) -> Vec<D> {
        let known = |draft: &D| {
            let Some(code) = region(draft) else { return true };
            let known = self.by_code.contains_key(&**code);
            if !known {
                self.refuse(draft.row(), "region", code, found);
            }
            known
        };
        drafts.into_iter().filter(known).collect()
    }

    /// Says that there is no such region, and which is near by code or by name.
    pub fn refuse(&self, row: u64, column: &'static str, code: &str, found: &mut Findings) {
        let mut suggested = self.suggested.borrow_mut();
        let expected = match suggested.get(code) {
            Some(expected) => expected.clone(),
            None if suggested.len() >= SUGGESTIONS => "the code of a region in the record".to_owned(),
            None => {
                let expected = self.nearest(code).map_or_else(
                    || "the code of a region in the record; import the regions first".to_owned(),
                    |region| format!("perhaps {} {}", region.code, region.name),
                );
                suggested.insert(code.into(), expected.clone());
                expected
            }
        };
        found.error(&Cell::new(row, column, code), "unknown_region", "no such region in the record", expected);
    }

    fn nearest(&self, written: &str) -> Option<&'a Region> {
        let named = |name: &str| self.by_code.values().filter(|region| &*region.name == name).min_by_key(|r| &r.code);
        if let Some(region) = named(written) {
            return Some(region);
        }
        let mut codes: Vec<&str> = self.by_code.keys().copied().collect();
        // Of words equally near, the same one every time.
        codes.sort_unstable();
        match nearest_word(written, codes) {
            Some(code) => self.get(code),
            None => nearest_word(written, self.by_code.values().map(|region| &*region.name)).and_then(named).copied(),
        }
    }
}
