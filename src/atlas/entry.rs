//! Entries: a facility and a demand point as the atlas holds them, with what is asked often worked out once.

use std::sync::OnceLock;

use chrono::NaiveDateTime;

use crate::care::{DemandPoint, Facility, Rating};

/// A facility in the atlas.
pub struct Entry {
    pub facility: Facility,
    /// Its JSON, made at the first wish and kept until the record or the day changes.
    pub body: OnceLock<Box<str>>,
}

impl Entry {
    /// Open at a local time; `None` where no hours are registered.
    pub fn open_at(&self, local: NaiveDateTime) -> Option<bool> {
        todo!()
    }

    /// The rating to show (see [`Facility::leading_rating`]) and whether it is current today.
    pub fn rating(&self) -> Option<(&Rating, bool)> {
        todo!()
    }
}

/// A demand point in the atlas, at the point where it counts.
pub struct Demand {
    pub point: DemandPoint,
    /// `None`: neither it nor its region has a point.
    pub lon_lat: Option<(f64, f64)>,
}
