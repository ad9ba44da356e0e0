//! Where a search starts: a point, a region, or the places that a person may have meant.

use std::sync::Arc;

use crate::atlas::{Atlas, Entry, Filter, PlaceMatch, PlaceTarget};
use crate::care::{Region, Text, phone};

/// How many places are offered to choose from.
const OFFERED: usize = 20;

/// A point to measure from, and what to call it.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    pub name: Text,
    pub lon: f64,
    pub lat: f64,
    /// The region or facility that it is.
    pub target: Option<PlaceTarget>,
    /// How many other places the words could mean.
    pub others: usize,
    /// The words were not known whole; this is the part of them that was.
    pub partly: bool,
}

/// What the words of a person mean.
pub enum Meaning {
    At(Start),
    Which { places: Vec<PlaceMatch>, addresses: Vec<Arc<Entry>> },
    Nothing,
}

/// Reads the words. One place, or one region of exactly this name, is where to start; else the person chooses (`ask`
/// makes them choose even so).
pub fn meaning(atlas: &Atlas, words: &str, ask: bool) -> Meaning {
    let places = atlas.places(words, OFFERED);
    // Letters alone may be the initials of many.
    let told = !words.is_ascii() || phone::wanted(words).is_some();
    let exact = |place: &&PlaceMatch| place.coded || same_name(&place.name, words) || place.whole && told;
    let exactly = places.iter().filter(exact).count();
    let sure = match places.as_slice() {
        [only] => Some(only),
        [first, ..] if exactly == 1 && exact(&first) => Some(first),
        _ => None,
    };
    if let (Some(place), false) = (sure, ask) {
        let (name, target) = (place.name.clone(), Some(place.target.clone()));
        let others = places.len() - 1;
        return Meaning::At(Start { name, lon: place.lon, lat: place.lat, target, others, partly: false });
    }
    if !places.is_empty() {
        return Meaning::Which { places, addresses: Vec::new() };
    }
    let addresses = atlas.list(&Filter { q: Some(words.into()), ..Filter::default() }, None, OFFERED).entries;
    if !addresses.is_empty() {
        return Meaning::Which { places, addresses };
    }
    match named_within(atlas, words).and_then(|region| of_region(region).map(|start| Start { partly: true, ..start })) {
        Some(start) => Meaning::At(start),
        None => Meaning::Nothing,
    }
}

/// The start at a region's point.
pub fn of_region(region: &Region) -> Option<Start> {
    let place = region.place.as_ref()?;
    let target = Some(PlaceTarget::Region { code: region.code.clone(), level: region.level });
    Some(Start { name: region.name.clone(), lon: place.lon, lat: place.lat, target, others: 0, partly: false })
}

/// 宿城 is 宿城区.
fn same_name(name: &str, words: &str) -> bool {
    let ends = ["省", "市", "区", "县", "镇", "乡", "街道", "村", "社区"];
    name == words || ends.iter().any(|end| name.strip_suffix(end).is_some_and(|stem| stem == words))
}

/// The lowest region whose name stands in an address, with as many of those above it as are named too.
fn named_within<'a>(atlas: &'a Atlas, address: &str) -> Option<&'a Region> {
    let named = |region: &Region| address.contains(&*region.name);
    let path = |region: &Region| atlas.regions().path(&region.code).into_iter().filter(|above| named(above)).count();
    atlas.regions().iter().filter(|region| named(region)).max_by_key(|region| (path(region), region.level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_is_known_without_its_last_character() {
        assert!(same_name("宿城区", "宿城") && same_name("宿城区", "宿城区") && same_name("项里街道", "项里"));
        assert!(!same_name("宿城区", "宿"));
    }
}
