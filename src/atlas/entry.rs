//! Entries: a facility and a demand point as the atlas holds them, with what is asked often worked out once.

use std::sync::{Arc, OnceLock};

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::clock::{Clock, Clocks};
use super::geodesic::{Ecef, ecef};
use super::regions::RegionTree;
use crate::care::hours::State;
use crate::care::{DemandPoint, Facility, Hours, Rating, Status, Vocabulary};

/// The kind of a facility whose kind the vocabulary does not know.
pub(crate) const NO_KIND: u16 = u16::MAX;

/// A facility in the atlas.
pub struct Entry {
    pub facility: Arc<Facility>,
    /// Its JSON, made at the first wish and kept until the record, a region above it or the day changes.
    pub body: OnceLock<Box<str>>,
    pub(crate) status: Status,
    /// Index into the vocabulary's kinds.
    pub(crate) kind: u16,
    /// Slot of its region in the tree.
    pub(crate) region: u32,
    /// Its confirmed point, longitude and latitude.
    pub(crate) lon_lat: Option<(f64, f64)>,
    /// Free of the first measure of its kind, by figures that are not stale.
    pub(crate) free: Option<u32>,
    /// The highest level of its current ratings.
    pub(crate) level: Option<u8>,
    /// Which rating to show, and whether it is current.
    leading: Option<(u8, bool)>,
    clock: Option<Arc<Clock>>,
}

/// What a facility is seen against when its entry is made.
pub(crate) struct Setting<'a> {
    pub vocabulary: &'a Vocabulary,
    pub regions: &'a RegionTree,
    /// With a clock for every expression that will be met.
    pub clocks: &'a Clocks,
    pub today: NaiveDate,
    pub zone: Tz,
}

impl Entry {
    pub(crate) fn new(facility: Arc<Facility>, setting: &Setting) -> Entry {
        let Setting { vocabulary, regions, clocks, today, zone } = *setting;
        let current = |rating: &Rating| rating.current(vocabulary.scheme(&rating.scheme), today);
        let leading = facility.leading_rating(vocabulary, today).and_then(|leading| {
            let at = facility.ratings.iter().position(|rating| std::ptr::eq(rating, leading))?;
            Some((u8::try_from(at).ok()?, current(leading)))
        });
        let first_measure = vocabulary.first_measure(&facility.kind);
        let kind = vocabulary.kind_index(&facility.kind).and_then(|kind| u16::try_from(kind).ok());
        Entry {
            body: OnceLock::new(),
            status: facility.status,
            kind: kind.unwrap_or(NO_KIND),
            region: regions.lasting_slot(facility.region.as_deref()),
            lon_lat: facility.located().map(|place| (place.lon, place.lat)),
            free: first_measure.and_then(|measure| facility.capacity_of(measure)?.fresh_free(today, &zone)),
            level: facility.ratings.iter().filter(|rating| current(rating)).filter_map(|rating| rating.level).max(),
            leading,
            clock: facility.hours.as_deref().and_then(|hours| clocks.get(hours)),
            facility,
        }
    }

    /// Open or not at a local time; `None` where no hours are registered. What does not serve is closed, whatever its
    /// hours say.
    pub fn state_at(&self, local: NaiveDateTime) -> Option<State> {
        let state = || Some(self.clock.as_ref()?.state_at(local));
        if self.status.serving() { state() } else { Some(State::Closed) }
    }

    /// Open (`Some(true)`), closed (`Some(false)`) or not known at a local time.
    pub fn open_at(&self, local: NaiveDateTime) -> Option<bool> {
        self.state_at(local)?.open()
    }

    /// Its hours, where they can be read.
    pub fn hours(&self) -> Option<&Hours> {
        self.clock.as_ref().map(|clock| clock.hours())
    }

    /// The rating to show (see [`Facility::leading_rating`]) and whether it is current today.
    pub fn rating(&self) -> Option<(&Rating, bool)> {
        let (at, current) = self.leading?;
        Some((&self.facility.ratings[usize::from(at)], current))
    }

    /// Where it stands for nearest and coverage; `None` while it may not answer them.
    pub(crate) fn stand(&self) -> Option<Ecef> {
        let (lon, lat) = self.lon_lat.filter(|_| self.status.serving())?;
        Some(ecef(lon, lat))
    }

    /// Whether an index that holds the other entry holds this one too.
    pub(crate) fn stands_like(&self, other: &Entry) -> bool {
        (self.kind, self.lon_lat, self.status.serving()) == (other.kind, other.lon_lat, other.status.serving())
    }
}

/// A demand point in the atlas, at the point where it counts.
pub struct Demand {
    pub point: Arc<DemandPoint>,
    /// `None`: neither it nor its region has a point.
    pub lon_lat: Option<(f64, f64)>,
    pub(crate) at: Option<Ecef>,
    /// Slot of its region in the tree.
    pub(crate) region: u32,
}
