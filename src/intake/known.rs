//! The regions that the record knows, and which one an unknown code may have meant.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::care::coordinates::{misplaced, unlikely};
use crate::care::kind::nearest_word;
use crate::care::region::is_above;
use crate::care::removed::Removed;
use crate::care::{Borders, Place, Region, RemovedFacility, Text};
use crate::exchange::cell::Cell;
use crate::exchange::{Draft, Drafts, Findings};

/// Looking for the nearest word among tens of thousands is slow: after so many different unknown codes the file as a
/// whole is meant for another record, and a suggestion helps no more.
const SUGGESTIONS: usize = 50;

pub struct KnownRegions<'a> {
    by_code: HashMap<&'a str, &'a Region>,
    /// Codes of old, and the next code of each.
    became: HashMap<&'a str, &'a str>,
    suggested: RefCell<HashMap<Text, String>>,
}

impl<'a> KnownRegions<'a> {
    pub fn new(regions: &'a [Region]) -> KnownRegions<'a> {
        let by_code = regions.iter().map(|region| (&*region.code, region)).collect();
        KnownRegions { by_code, became: HashMap::new(), suggested: RefCell::default() }
    }

    /// The same with the regions that were merged or renumbered, and what each became.
    pub fn with_successors(self, successors: &'a [(Text, Text)]) -> KnownRegions<'a> {
        let became = successors.iter().map(|(old, new)| (&**old, &**new)).collect();
        KnownRegions { became, ..self }
    }

    /// The region that one of this code of old has become, also where the code is filled up with zeros.
    pub fn successor(&self, code: &str) -> Option<&'a Region> {
        let mut last = *unpadded(code).find_map(|code| self.became.get(code))?;
        // No longer than all of them: a region may be renumbered back.
        for _ in 0..self.became.len() {
            match self.became.get(last) {
                Some(next) if !self.by_code.contains_key(last) => last = next,
                _ => break,
            }
        }
        self.get(last)
    }

    /// Leads drafts that name a region of old to what it has become, each with a warning. Two rows that have become one
    /// are refused by `once`.
    pub fn lead_on<D: Draft>(
        &self,
        mut drafts: Vec<D>,
        region: impl Fn(&mut D) -> &mut Option<Text>,
        once: impl Fn(Drafts<D>) -> Drafts<D>,
        found: &mut Findings,
    ) -> Vec<D> {
        let mut led = false;
        for draft in &mut drafts {
            let row = draft.row();
            let named = region(draft);
            let Some(old) = named.take() else { continue };
            let new = if self.by_code.contains_key(&*old) { None } else { self.successor(&old) };
            if let Some(new) = new {
                let problem = format!("the region {old} has become {} {}; read as that", new.code, new.name);
                let cell = Cell::new(row, "region", old.to_string());
                found.warning(&cell, "region_retired", problem, new.code.to_string());
                led = true;
            }
            *named = Some(new.map_or(old, |new| new.code.clone()));
        }
        if !led {
            return drafts;
        }
        let Drafts { drafts, findings, .. } = once(Drafts { rows: 0, drafts, findings: Vec::new() });
        found.append(Findings::from(findings));
        drafts
    }

    /// Whether the second region lies in the first.
    pub fn is_above(&self, above: &str, below: &str) -> bool {
        is_above(|code| self.get(code).and_then(|region| region.parent.as_deref()), above, below)
    }

    /// The removed facilities, each in the region that its own has become.
    pub fn removed(&self, mut list: Vec<RemovedFacility>) -> Removed {
        for gone in &mut list {
            let old = gone.region.as_deref().filter(|code| !self.by_code.contains_key(code));
            if let Some(new) = old.and_then(|code| self.successor(code)) {
                gone.region = Some(new.code.clone());
            }
        }
        Removed::of(list)
    }

    /// Says of a point that it cannot be right, by the region that is told of it. One that is hardly a place, where no region
    /// can be asked, is kept and not mapped until somebody confirms it.
    pub fn refuse_misplaced(
        &self,
        row: u64,
        region: Option<&str>,
        place: &mut Place,
        borders: &Borders,
        found: &mut Findings,
    ) {
        let told = place.raw.as_deref().map_or((place.lon, place.lat), |raw| (raw.x, raw.y));
        let cell = Cell::new(row, "lon", format!("{}, {}", told.0, told.1));
        if let Some(wrong) = misplaced(|code| self.get(code), borders, region, (place.lon, place.lat)) {
            found.error(&cell, "wrong_place", wrong.english(), wrong.expected());
        } else if let Some(odd) = unlikely(|code| self.get(code), borders, region, place) {
            place.confirmed = false;
            let expected = "the longitude and the latitude of the place; until then it is not mapped";
            found.warning(&cell, "unlikely_place", odd.english(), expected);
        } else if place.lon == place.lat && place.lon.fract() != 0.0 {
            let expected = "the longitude and the latitude of the place";
            found.warning(&cell, "same_number", "lon and lat are the same number", expected);
        }
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
        let unpadded = || unpadded(written).find_map(|code| self.by_code.get(code));
        if let Some(region) = named(written).or_else(unpadded) {
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

/// A code, and what it is without the zeros that fill it up to the digits of a town or a village.
fn unpadded(code: &str) -> impl Iterator<Item = &str> {
    let digits = code.bytes().all(|digit| digit.is_ascii_digit());
    std::iter::successors(Some(code), move |code| {
        code.strip_suffix("000").filter(move |short| digits && short.len() >= 6)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::Level;
    use crate::care::draft::{DemandDraft, RegionDraft};
    use crate::exchange::population::once;

    fn region(code: &str, name: &str) -> Region {
        let (place, border) = (None, None);
        let (level, code, name) = (Level::County, code.into(), name.into());
        let draft = RegionDraft {
            row: 2,
            level,
            code,
            name,
            place,
            border,
            parent: None,
            counts_in_coverage: None,
            class: None,
            source: None,
            demo: None,
        };
        Region::of(draft)
    }

    fn draft(row: u64, region: &str) -> DemandDraft {
        DemandDraft { row, region: Some(region.into()), total: Some(1), ..DemandDraft::default() }
    }

    #[test]
    fn a_code_of_old_is_led_to_its_successor_with_a_warning() {
        let regions = [region("371503", "茌平区"), region("371502", "东昌府区")];
        // Renumbered twice; and one that became a region which is not in the record.
        let pairs = [("371523", "371593"), ("371593", "371503"), ("1", "2")];
        let successors = pairs.map(|(old, new)| (Text::from(old), Text::from(new)));
        let known = KnownRegions::new(&regions).with_successors(&successors);
        let mut found = Findings::default();
        let drafts = vec![draft(2, "371523"), draft(3, "371502"), draft(4, "1"), draft(5, "371503")];
        let drafts = known.lead_on(drafts, |draft| &mut draft.region, once, &mut found);
        let led: Vec<_> = drafts.iter().map(|draft| (draft.row, draft.region.as_deref().unwrap_or(""))).collect();
        assert_eq!(led, [(2, "371503"), (3, "371502"), (4, "1")]);
        let told: Vec<_> = found.into_sorted().into_iter().map(|told| (told.row, told.code, told.problem)).collect();
        assert_eq!((told[0].0, told[0].1), (2, "region_retired"));
        assert!(told[0].2.contains("371523") && told[0].2.contains("371503 茌平区"), "{}", told[0].2);
        assert_eq!((told.len(), told[1].0, told[1].1), (2, 5, "duplicate"), "two rows about one place");
    }

    #[test]
    fn a_code_filled_up_with_zeros_is_that_of_the_region_that_was_or_is() {
        let regions = [region("321302", "宿城区"), region("321302001001", "幸福社区"), region("990102", "新县")];
        let successors = [(Text::from("990101"), Text::from("990102"))];
        let known = KnownRegions::new(&regions).with_successors(&successors);
        for code in ["990101", "990101000", "990101000000"] {
            assert_eq!(known.successor(code).map(|region| &*region.code), Some("990102"), "{code}");
        }
        assert_eq!(known.successor("990101001"), None);
        for code in ["321302000", "321302000000"] {
            assert_eq!(known.nearest(code).map(|region| &*region.code), Some("321302"), "{code}");
        }
    }
}
