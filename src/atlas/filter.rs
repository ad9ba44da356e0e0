//! Filter: what a question asks of a facility besides its distance.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::entry::{Entry, NO_KIND};
use super::named;
use super::needle::Needle;
use super::regions::RegionTree;
use crate::care::{Class, Facility, Level, PastDay, Region, Status, Text, Vocabulary, phone};

/// All that is set must hold; an empty filter passes everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Any of these facilities; empty means any.
    pub ids: Vec<Uuid>,
    /// Any of these kinds (codes that the vocabulary knows); empty means any.
    pub kinds: Vec<Text>,
    pub category: Option<Text>,
    /// Any of these statuses; empty means any. Nearest and coverage take only serving ones, whatever stands here.
    pub statuses: Vec<Status>,
    /// In this region or below it.
    pub region: Option<Text>,
    /// A current rating of at least this level, in whichever scheme.
    pub min_rating: Option<u8>,
    /// At least so many free of `measure`; what is unknown or stale is not free.
    pub min_free: Option<u32>,
    /// The measure that `min_free` speaks of; `None` means the first of the facility's kind.
    pub measure: Option<Text>,
    /// Open at this local time; unknown hours do not pass.
    pub open_at: Option<NaiveDateTime>,
    /// The lowest price at most this, in CNY, whatever the unit; unknown does not pass.
    pub max_price: Option<f64>,
    pub service: Option<Text>,
    pub tag: Option<Text>,
    /// Any of these words; empty means any.
    pub ownership: Vec<Text>,
    /// A current rating in this scheme.
    pub rating_scheme: Option<Text>,
    /// A current rating of exactly this level: in `rating_scheme`, or in whichever scheme.
    pub rating_level: Option<u8>,
    /// From and to, both included; what has no such day does not pass.
    pub opened_in: Option<(NaiveDate, NaiveDate)>,
    pub built_in: Option<(NaiveDate, NaiveDate)>,
    pub closed_in: Option<(NaiveDate, NaiveDate)>,
    /// Status and ratings as they were on this day; who was not there yet does not pass.
    pub standing_on: Option<Arc<PastDay>>,
    pub updated_since: Option<DateTime<Utc>>,
    /// West, south, east, north; west > east crosses the antimeridian. Confirmed points only.
    pub bbox: Option<[f64; 4]>,
    /// Part of the name, code or address, the name's pinyin or initials, or a phone number; beside the name also regions.
    pub q: Option<Text>,
}

/// What a question asks of a region. All that is set must hold; an empty filter passes every region.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegionFilter {
    /// This region or below it.
    pub within: Option<Text>,
    pub level: Option<Level>,
    /// Whether it counts as a unit.
    pub counts_in_coverage: Option<bool>,
    /// Of this class by its code; a code that does not tell one does not pass.
    pub unit: Option<Class>,
    /// Its name ends so, or so with a number behind it.
    pub ending: Option<Text>,
}

impl RegionFilter {
    pub fn passes(&self, tree: &RegionTree, region: &Region) -> bool {
        let name = region.name.trim_end_matches(|c: char| c.is_ascii_digit());
        self.within.as_ref().is_none_or(|above| tree.is_within(&region.code, above))
            && self.level.is_none_or(|level| region.level == level)
            && self.counts_in_coverage.is_none_or(|counts| region.counts_in_coverage == counts)
            && self.unit.is_none_or(|unit| Class::of(&region.code) == Some(unit))
            && self.ending.as_ref().is_none_or(|ending| name.ends_with(&**ending))
    }
}

/// A filter made ready to be asked of many entries.
pub(crate) struct Sieve<'a> {
    filter: &'a Filter,
    statuses: &'a [Status],
    /// By kind, and at the end whether a kind that the vocabulary does not know may pass; `None` admits any.
    kinds: Option<Vec<bool>>,
    vocabulary: &'a Vocabulary,
    regions: &'a RegionTree,
    /// The turns of the region and all below it.
    turns: Option<Range<u32>>,
    needle: Option<Needle>,
    /// The words as a name and the turns of the regions that they name.
    named: Vec<(Needle, Vec<Range<u32>>)>,
    /// The phone number that the words are.
    number: Option<String>,
    /// The day on which capacity is fresh or stale.
    day: (NaiveDate, Tz),
}

impl<'a> Sieve<'a> {
    pub fn new(
        filter: &'a Filter,
        vocabulary: &'a Vocabulary,
        regions: &'a RegionTree,
        day: (NaiveDate, Tz),
    ) -> Sieve<'a> {
        let named = |code: &str| filter.kinds.is_empty() || filter.kinds.iter().any(|kind| &**kind == code);
        let kinds = (!filter.kinds.is_empty() || filter.category.is_some()).then(|| {
            let unknown = filter.category.is_none() && filter.kinds.iter().any(|kind| vocabulary.kind(kind).is_none());
            let grouped = |category: &Text| filter.category.as_ref().is_none_or(|wanted| wanted == category);
            let known = vocabulary.kinds.iter().map(|kind| named(&kind.code) && grouped(&kind.category));
            known.chain([unknown]).collect()
        });
        let turns = filter.region.as_deref().map(|region| regions.turns(region));
        let needle = filter.q.as_deref().map(Needle::new);
        let ways = filter.q.as_deref().map(|q| named::named(regions, q)).unwrap_or_default();
        let named = ways.into_iter().map(|way| (Needle::new(&way.rest), way.turns)).collect();
        let number = filter.q.as_deref().and_then(phone::wanted);
        Sieve { filter, statuses: &filter.statuses, kinds, vocabulary, regions, turns, needle, named, number, day }
    }

    /// The same, for serving facilities only, whatever statuses the filter names.
    pub fn serving(self) -> Sieve<'a> {
        Sieve { statuses: &[Status::Trial, Status::Operating], ..self }
    }

    /// The kinds that may pass, as [`Ground::search`](super::ground::Ground::search) wants them.
    pub fn kinds(&self) -> Option<&[bool]> {
        self.kinds.as_deref()
    }

    /// Whether everything of the admitted kinds passes, in whichever status.
    pub fn only_kinds(&self) -> bool {
        let rest = Filter { kinds: Vec::new(), category: None, statuses: Vec::new(), ..self.filter.clone() };
        rest == Filter::default() && self.kinds.as_ref().is_none_or(|kinds| kinds.last() != Some(&true))
    }

    /// Whether the entry passes. What is cheap to know is asked first.
    pub fn passes(&self, entry: &Entry) -> bool {
        let filter = self.filter;
        let at_least =
            |least: Option<u32>, held: Option<u32>| least.is_none_or(|least| held.is_some_and(|h| h >= least));
        self.status_passes(entry)
            && self.kinds.as_ref().is_none_or(|kinds| self.admits(kinds, entry))
            && self.turns.as_ref().is_none_or(|turns| turns.contains(&self.regions.turn(entry.region)))
            && at_least(filter.min_rating.map(u32::from), entry.level.map(u32::from))
            && at_least(filter.min_free, self.free(entry))
            && filter.bbox.is_none_or(|bbox| entry.lon_lat.is_some_and(|lon_lat| in_box(bbox, lon_lat)))
            && filter.open_at.is_none_or(|local| entry.open_at(local) == Some(true))
            && self.rest_passes(entry)
    }

    fn status_passes(&self, entry: &Entry) -> bool {
        let wanted = |status: &Status| self.statuses.is_empty() || self.statuses.contains(status);
        match &self.filter.standing_on {
            None => wanted(&entry.status),
            Some(past) => past.status(&entry.facility).is_some_and(|status| wanted(&status)),
        }
    }

    fn admits(&self, kinds: &[bool], entry: &Entry) -> bool {
        if entry.kind == NO_KIND {
            kinds.last() == Some(&true) && self.filter.kinds.contains(&entry.facility.kind)
        } else {
            kinds[usize::from(entry.kind)]
        }
    }

    fn free(&self, entry: &Entry) -> Option<u32> {
        match &self.filter.measure {
            Some(measure) => entry.facility.capacity_of(measure)?.fresh_free(self.day.0, &self.day.1),
            None => entry.free,
        }
    }

    /// Whether one of its current ratings is of the scheme and level that are asked for.
    fn rated(&self, facility: &Facility) -> bool {
        let (scheme, level) = (&self.filter.rating_scheme, self.filter.rating_level);
        if scheme.is_none() && level.is_none() {
            return true;
        }
        let past = self.filter.standing_on.as_ref().map(|past| past.day);
        let day = past.unwrap_or(self.day.0);
        facility.ratings.iter().any(|rating| {
            scheme.as_ref().is_none_or(|scheme| rating.scheme == *scheme)
                && level.is_none_or(|level| rating.level == Some(level))
                && rating.current(self.vocabulary.scheme(&rating.scheme), day)
                && past.is_none_or(|day| rating.rated_on.is_none_or(|rated| rated <= day))
        })
    }

    /// What lies outside the entry, in the facility itself.
    fn rest_passes(&self, entry: &Entry) -> bool {
        let (filter, facility) = (self.filter, &entry.facility);
        let lowest = || facility.price.as_ref().and_then(|price| price.min.or(price.max));
        (filter.ids.is_empty() || filter.ids.contains(&facility.id))
            && filter.max_price.is_none_or(|most| lowest().is_some_and(|price| price <= most))
            && filter.service.as_ref().is_none_or(|service| facility.services.contains(service))
            && filter.tag.as_ref().is_none_or(|tag| facility.tags.contains(tag))
            && filter.updated_since.is_none_or(|since| facility.updated_at >= since)
            && (filter.ownership.is_empty()
                || facility.ownership.as_ref().is_some_and(|held| filter.ownership.contains(held)))
            && within(filter.opened_in, facility.opened_on)
            && within(filter.built_in, facility.built_on)
            && within(filter.closed_in, facility.closed_on)
            && self.rated(facility)
            && self.needle.as_ref().is_none_or(|needle| {
                let told = [facility.code.as_deref(), facility.address.as_deref()];
                let has =
                    |wanted: &String| facility.phone.as_deref().is_some_and(|held| phone::has_number(held, wanted));
                let lies = |turns: &[Range<u32>]| {
                    let turn = self.regions.turn(entry.region);
                    turns.iter().any(|turns| turns.contains(&turn))
                };
                needle.fits(&facility.name).is_some()
                    || self.named.iter().any(|(name, turns)| lies(turns) && name.fits(&facility.name).is_some())
                    || told.into_iter().flatten().any(|text| needle.stands_in(text))
                    || self.number.as_ref().is_some_and(has)
            })
    }
}

fn within(span: Option<(NaiveDate, NaiveDate)>, day: Option<NaiveDate>) -> bool {
    span.is_none_or(|(from, to)| day.is_some_and(|day| (from..=to).contains(&day)))
}

fn in_box([west, south, east, north]: [f64; 4], (lon, lat): (f64, f64)) -> bool {
    let across = if west <= east { (west..=east).contains(&lon) } else { lon >= west || lon <= east };
    across && (south..=north).contains(&lat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_may_cross_the_antimeridian() {
        assert!(in_box([170.0, -10.0, -170.0, 10.0], (-175.0, 0.0)));
        assert!(in_box([170.0, -10.0, -170.0, 10.0], (180.0, 10.0)));
        assert!(!in_box([170.0, -10.0, -170.0, 10.0], (0.0, 0.0)));
        assert!(!in_box([-10.0, -10.0, 10.0, 10.0], (0.0, 10.1)));
    }
}
