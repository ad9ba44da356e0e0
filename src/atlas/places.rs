//! Places to start a search from: regions and facilities by Chinese name, pinyin or initials.

use std::ops::Range;

use rayon::prelude::*;
use uuid::Uuid;

use super::Atlas;
use super::entry::Entry;
use super::named::{RANKS, named};
use super::needle::{Fit, Needle};
use crate::care::clean::clean_code;
use crate::care::{Level, Region, Text, phone};

/// What a place is.
#[derive(Debug, Clone, PartialEq)]
pub enum PlaceTarget {
    Region { code: Text, level: Level },
    Facility { id: Uuid, kind: Text },
}

/// One place found.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceMatch {
    pub name: Text,
    /// The regions above it, widest first: what tells two places of one name apart.
    pub within: Vec<Text>,
    pub target: PlaceTarget,
    pub lon: f64,
    pub lat: f64,
    pub demo: bool,
    /// Whether the words are its own name, with the regions above it or without, or its phone number.
    pub whole: bool,
    /// Whether the words are its code.
    pub coded: bool,
}

/// How well a place answers: the smaller, the better. What comes first decides first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    /// The whole name, its beginning, or a part.
    fit: u8,
    /// A region before a facility, a wider region before a narrower one.
    sort: u8,
    /// Characters of the name beside what was searched.
    left: usize,
    /// The facility's id, or the region's turn by code: so that the order is always the same.
    last: u128,
}

impl Likeness {
    fn of_region(needle: &Needle, name: &str, level: Level, last: usize) -> Option<Likeness> {
        let mut likeness = Likeness::new(needle, name, level as u8, last as u128)?;
        let rest = name.char_indices().rev().nth(likeness.left.saturating_sub(1)).map(|(at, _)| &name[at..]);
        if likeness.fit == 1 && rest.is_some_and(|rest| RANKS.contains(&rest)) {
            likeness.fit = 0;
        }
        Some(likeness)
    }

    fn of_facility(needle: &Needle, name: &str, id: Uuid) -> Option<Likeness> {
        Likeness::new(needle, name, u8::MAX, id.as_u128())
    }

    fn new(needle: &Needle, name: &str, sort: u8, last: u128) -> Option<Likeness> {
        let (fit, left) = match needle.fits(name)? {
            Fit::Start { left: 0 } => (0, 0),
            Fit::Start { left } => (1, left),
            Fit::Part => (2, name.chars().count()),
        };
        Some(Likeness { fit, sort, left, last })
    }
}

impl Atlas {
    /// Places to start from by code, Chinese name, pinyin, initials or phone number, the best first: a whole name before the
    /// beginning of one, and that before a part; among these regions before facilities and wider regions before narrower
    /// ones. Words that begin with the names of regions (宿城区耿车镇), or have them beside (吕良 宿城), find what has the rest
    /// as its name there. Only places with a point.
    pub fn places(&self, query: &str, limit: usize) -> Vec<PlaceMatch> {
        if limit == 0 {
            return Vec::new();
        }
        let mut found = self.by_code(query);
        let coded = found.len();
        found.extend(self.by_phone(query));
        let names = self.by_name(query, None, limit);
        let other = |held: &Found<'_>, found: &[(Likeness, Found<'_>)]| !found.iter().any(|(_, other)| other.is(held));
        let names: Vec<_> = names.into_iter().filter(|(_, held)| other(held, &found)).collect();
        found.extend(names);
        if found.first().is_none_or(|(likeness, _)| likeness.fit != 0) {
            let below = self.below_named_regions(query, limit);
            found.retain(|(_, held)| other(held, &below));
            found.splice(0..0, below);
        }
        found.truncate(limit);
        let matches = found.into_iter().enumerate();
        matches.filter_map(|(at, (likeness, found))| self.place_match(found, likeness.fit == 0, at < coded)).collect()
    }

    /// The facilities that have the words as their code.
    fn by_code(&self, query: &str) -> Vec<(Likeness, Found<'_>)> {
        let code = clean_code(query);
        let facilities = self.select(|entry| {
            entry.lon_lat?;
            let last = entry.facility.id.as_u128();
            entry.facility.has_code(&code).then_some(Likeness { fit: 0, sort: 0, left: 0, last })
        });
        let found = facilities.into_iter();
        found.filter_map(|(likeness, slot)| Some((likeness, Found::Facility(self.at(slot)?)))).collect()
    }

    /// The facilities with this phone number, where the words are one.
    fn by_phone(&self, query: &str) -> Vec<(Likeness, Found<'_>)> {
        let Some(wanted) = phone::wanted(query) else { return Vec::new() };
        let facilities = self.select(|entry| {
            entry.lon_lat?;
            let held = entry.facility.phone.as_deref()?;
            let last = entry.facility.id.as_u128();
            phone::has_number(held, &wanted).then_some(Likeness { fit: 0, sort: u8::MAX, left: 0, last })
        });
        facilities
            .into_iter()
            .filter_map(|(likeness, slot)| Some((likeness, Found::Facility(self.at(slot)?))))
            .collect()
    }

    /// The places that fit the words, the best first; those of some regions where their turns are given.
    fn by_name(&self, query: &str, within: Option<&[Range<u32>]>, limit: usize) -> Vec<(Likeness, Found<'_>)> {
        let needle = Needle::new(query);
        if needle.is_empty() {
            return Vec::new();
        }
        let inside = |turn: u32| within.is_none_or(|turns| turns.iter().any(|turns| turns.contains(&turn)));
        let regions: Vec<_> = self.regions.iter().enumerate().collect();
        let regions = regions.into_par_iter().with_min_len(1024).filter_map(|(turn, region)| {
            region.place.as_ref().filter(|place| place.confirmed)?;
            within.is_none_or(|_| inside(self.regions.turns(&region.code).start)).then_some(())?;
            Some((Likeness::of_region(&needle, &region.name, region.level, turn)?, Found::Region(region)))
        });
        let mut found: Vec<_> = regions.collect();
        let facilities = self.select(|entry| {
            entry.lon_lat?;
            inside(self.regions.turn(entry.region)).then_some(())?;
            Likeness::of_facility(&needle, &entry.facility.name, entry.facility.id)
        });
        found.extend(
            facilities.into_iter().filter_map(|(likeness, slot)| Some((likeness, Found::Facility(self.at(slot)?)))),
        );
        if found.len() > limit {
            found.select_nth_unstable_by(limit - 1, |a, b| a.0.cmp(&b.0));
            found.truncate(limit);
        }
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// What the rest of the words names within the regions that they name, the best first.
    fn below_named_regions(&self, query: &str, limit: usize) -> Vec<(Likeness, Found<'_>)> {
        let ways = named(&self.regions, query);
        let each = ways.iter().flat_map(|way| self.by_name(&way.rest, Some(&way.turns), limit));
        let mut found: Vec<(Likeness, Found<'_>)> = Vec::new();
        for (likeness, held) in each {
            match found.iter_mut().find(|(_, other)| other.is(&held)) {
                Some((other, _)) if likeness < *other => *other = likeness,
                Some(_) => {}
                None => found.push((likeness, held)),
            }
        }
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        found.truncate(limit);
        found
    }

    fn place_match(&self, found: Found<'_>, whole: bool, coded: bool) -> Option<PlaceMatch> {
        let names = |code: &str| self.regions.path(code).iter().map(|region| region.name.clone()).collect::<Vec<_>>();
        match found {
            Found::Region(region) => {
                let place = region.place.as_ref()?;
                let mut within = names(&region.code);
                within.pop();
                let target = PlaceTarget::Region { code: region.code.clone(), level: region.level };
                Some(PlaceMatch {
                    name: region.name.clone(),
                    within,
                    target,
                    lon: place.lon,
                    lat: place.lat,
                    demo: region.demo,
                    whole,
                    coded,
                })
            }
            Found::Facility(entry) => {
                let ((lon, lat), facility) = (entry.lon_lat?, &entry.facility);
                let within = facility.region.as_deref().map(names).unwrap_or_default();
                let target = PlaceTarget::Facility { id: facility.id, kind: facility.kind.clone() };
                let (name, demo) = (facility.name.clone(), facility.demo);
                Some(PlaceMatch { name, within, target, lon, lat, demo, whole, coded })
            }
        }
    }
}

enum Found<'a> {
    Region(&'a Region),
    Facility(&'a Entry),
}

impl Found<'_> {
    fn is(&self, other: &Found<'_>) -> bool {
        match (self, other) {
            (Found::Region(one), Found::Region(other)) => one.code == other.code,
            (Found::Facility(one), Found::Facility(other)) => one.facility.id == other.facility.id,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::sample;
    use crate::care::{Facility, Place, Record};

    fn atlas() -> Atlas {
        let region = |code: &str, name: &str, level, parent: Option<&str>| Region {
            code: code.into(),
            name: name.into(),
            level,
            parent: parent.map(Into::into),
            place: Some(Place::wgs84(118.0, 34.0)),
            border: None,
            counts_in_coverage: true,
            class: None,
            source: None,
            demo: true,
        };
        let mut home = sample::facility(1, Some((118.1, 34.1)));
        (home.name, home.region) = ("宿迁市示例养老院".into(), Some("321302".into()));
        home.code = Some("NH-QX/77".into());
        home.phone = Some("值班：（0527）55550101转802".into());
        let mut other = sample::facility(2, Some((118.1, 34.1)));
        other.name = "Sunrise Manor".into();
        let mut nowhere = sample::facility(3, None);
        nowhere.name = "宿迁".into();
        let regions = vec![
            region("32", "江苏省", Level::Province, None),
            region("3213", "宿迁市", Level::City, Some("32")),
            region("321302", "宿城区", Level::County, Some("3213")),
            region("321302001", "新宿迁村", Level::Village, Some("321302")),
            region("321302002", "宿迁大道社区", Level::Village, Some("321302")),
        ];
        let record = Record { facilities: vec![home, other, nowhere], regions, ..Default::default() };
        Atlas::draw(record, sample::now(), sample::ZONE)
    }

    fn names(query: &str, limit: usize) -> Vec<String> {
        atlas().places(query, limit).into_iter().map(|place| place.name.to_string()).collect()
    }

    #[test]
    fn the_whole_name_comes_before_its_beginning_and_a_part() {
        let expected = ["宿迁市", "宿迁大道社区", "宿迁市示例养老院", "新宿迁村"];
        for query in ["宿迁", "suqian", "Su Qian", "sq"] {
            assert_eq!(names(query, 10), expected, "{query}");
        }
        assert_eq!(names("suqian", 2), expected[..2]);
        assert_eq!(names("sunrise", 10), ["Sunrise Manor"]);
    }

    #[test]
    fn a_place_says_what_it_stands_in() {
        let found = atlas().places("suqianshishili", 10);
        assert_eq!(found[0].within, ["江苏省".into(), "宿迁市".into(), Text::from("宿城区")]);
        assert_eq!(found[0].target, PlaceTarget::Facility { id: Uuid::from_u128(1), kind: "home".into() });
        assert_eq!(atlas().places("宿城", 1)[0].within, ["江苏省".into(), Text::from("宿迁市")]);
    }

    #[test]
    fn the_regions_above_may_stand_before_a_name_without_a_sign_between() {
        for query in ["宿迁市宿城区", "江苏省宿迁市宿城区", "江蘇省 宿遷市 宿城区", "江苏省宿城区"]
        {
            let found = atlas().places(query, 10);
            assert_eq!((&*found[0].name, found[0].whole), ("宿城区", true), "{query}");
        }
        assert_eq!(names("宿城区新宿迁村", 10)[0], "新宿迁村");
        assert_eq!(names("宿城区宿迁大道", 10)[0], "宿迁大道社区");
        assert_eq!(names("江苏省宿城区宿迁市示例养老院", 10)[0], "宿迁市示例养老院");
        assert!(names("江苏省没有的地方", 10).is_empty());
    }

    #[test]
    fn a_facility_is_found_by_its_phone_number() {
        for query in ["052755550101", "0527-5555 0101", "55550101", "＋86 527 55550101"] {
            let found = atlas().places(query, 10);
            assert_eq!((found.len(), &*found[0].name, found[0].whole), (1, "宿迁市示例养老院", true), "{query}");
        }
        assert!(names("052755550109", 10).is_empty());
    }

    #[test]
    fn a_facility_is_found_first_by_its_code() {
        for query in ["NH-QX/77", "nh-qx/77", "NH–QX/77"] {
            let found = atlas().places(query, 10);
            assert_eq!((&*found[0].name, found[0].coded), ("宿迁市示例养老院", true), "{query}");
        }
        assert!(names("NH-QX/7", 10).is_empty());
        let filter = |q: &str| crate::atlas::Filter { q: Some(q.into()), ..Default::default() };
        let mut initials = sample::facility(4, None);
        (initials.name, initials.code) = ("示1号院".into(), Some("S1".into()));
        initials.id = Uuid::from_u128(9);
        let others = (5..8).map(|id| Facility { name: "示1院".into(), ..sample::facility(id, None) });
        let record = Record { facilities: others.chain([initials]).collect(), ..Default::default() };
        let atlas = Atlas::draw(record, sample::now(), sample::ZONE);
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = atlas.list(&filter("S1"), cursor, 1);
            assert_eq!(page.matched, 4);
            seen.extend(page.entries.iter().map(|entry| entry.facility.id.as_u128()));
            let Some(next) = page.next else { break };
            cursor = Some(next);
        }
        assert_eq!(seen, [9, 5, 6, 7], "its code, then the initials, each once");
    }

    #[test]
    fn a_region_may_stand_beside_a_name_in_any_order() {
        for query in [
            "示例养老院 宿城区",
            "宿城区 示例养老院",
            "宿城 示例",
            "宿城区宿迁市示例养老院",
            "shili 宿城",
            "江苏 宿城 示例",
        ] {
            assert_eq!(names(query, 10).first().map(String::as_str), Some("宿迁市示例养老院"), "{query}");
            let filter = crate::atlas::Filter { q: Some(query.into()), ..Default::default() };
            let page = atlas().list(&filter, None, 10);
            assert_eq!(page.entries.first().map(|entry| &*entry.facility.name), Some("宿迁市示例养老院"), "{query}");
        }
        assert!(names("示例养老院 新宿迁村", 10).is_empty(), "it does not lie there");
    }

    #[test]
    fn an_empty_word_finds_no_place() {
        assert!(names(" ", 10).is_empty() && names("宿迁", 0).is_empty());
    }
}
