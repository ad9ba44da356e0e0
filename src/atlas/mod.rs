//! The map in memory: an immutable snapshot of the record, drawn once and asked often. Pure: no I/O, no clock of its own.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::care::{Change, Record, Vocabulary};

pub mod entry;
pub mod filter;
pub mod places;
pub mod regions;

pub use entry::{Demand, Entry};
pub use filter::Filter;
pub use places::{PlaceMatch, PlaceTarget};
pub use regions::RegionTree;

/// A snapshot of the record at one revision, for one day.
pub struct Atlas {}

/// One facility found, and how far it stands.
pub struct Hit {
    pub entry: Arc<Entry>,
    /// Geodesic metres on WGS 84.
    pub distance_m: f64,
}

/// A page of a list.
pub struct Page {
    pub entries: Vec<Arc<Entry>>,
    /// How many match in all.
    pub matched: usize,
    /// The id after which the next page begins.
    pub next: Option<Uuid>,
}

/// A change that the snapshot cannot take.
#[derive(Debug, thiserror::Error)]
#[error("change {seq} cannot be read: {why}")]
pub struct BadChange {
    pub seq: i64,
    pub why: String,
}

impl Atlas {
    /// Draws the snapshot for the day of `now` in `zone`.
    pub fn draw(record: Record, now: DateTime<Utc>, zone: Tz) -> Atlas {
        todo!()
    }

    /// The snapshot after these changes, which follow its revision in order. Shares what did not change.
    pub fn apply(&self, changes: &[Change], now: DateTime<Utc>) -> Result<Atlas, BadChange> {
        todo!()
    }

    /// The same record for the day of `now`, or `None` when it is that day already.
    pub fn turn_page(&self, now: DateTime<Utc>) -> Option<Atlas> {
        todo!()
    }

    pub fn revision(&self) -> i64 {
        todo!()
    }

    /// When this revision was read from the record.
    pub fn read_at(&self) -> DateTime<Utc> {
        todo!()
    }

    /// The day for which ratings are current and capacity is fresh.
    pub fn today(&self) -> NaiveDate {
        todo!()
    }

    pub fn zone(&self) -> Tz {
        todo!()
    }

    pub fn vocabulary(&self) -> &Vocabulary {
        todo!()
    }

    pub fn regions(&self) -> &RegionTree {
        todo!()
    }

    /// Demand points, each at its own point or at its region's.
    pub fn demand(&self) -> &[Demand] {
        todo!()
    }

    pub fn facility(&self, id: Uuid) -> Option<&Arc<Entry>> {
        todo!()
    }

    pub fn facility_count(&self) -> usize {
        todo!()
    }

    /// All facilities in the order of their ids.
    pub fn facilities(&self) -> Box<dyn Iterator<Item = &Arc<Entry>> + '_> {
        todo!()
    }

    /// The `limit` nearest eligible facilities that pass the filter, no farther than `within_m`, nearest first; equal
    /// distances by smaller id.
    pub fn nearest(&self, lon: f64, lat: f64, filter: &Filter, limit: usize, within_m: Option<f64>) -> Vec<Hit> {
        todo!()
    }

    /// The facilities that pass the filter, whatever their status, in the order of their ids, from after `after`.
    pub fn list(&self, filter: &Filter, after: Option<Uuid>, limit: usize) -> Page {
        todo!()
    }

    /// Places to start from by Chinese name, pinyin or initials: regions first, then facilities.
    pub fn places(&self, query: &str, limit: usize) -> Vec<PlaceMatch> {
        todo!()
    }
}
