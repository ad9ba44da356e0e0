//! Places to start a search from: regions and facilities by Chinese name, pinyin or initials.

use uuid::Uuid;

use crate::care::{Level, Text};

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
}
