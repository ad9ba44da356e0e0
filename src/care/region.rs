//! Regions: the tree of provinces, cities, counties, towns and villages.

use geojson::Geometry;
use serde::{Deserialize, Serialize};

use super::{Place, Text};

/// The levels of the tree, from the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Province,
    City,
    County,
    Town,
    Village,
}

impl Level {
    pub const ALL: [Level; 5] = [Level::Province, Level::City, Level::County, Level::Town, Level::Village];

    pub fn code(self) -> &'static str {
        match self {
            Level::Province => "province",
            Level::City => "city",
            Level::County => "county",
            Level::Town => "town",
            Level::Village => "village",
        }
    }

    pub fn from_code(code: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.code() == code)
    }
}

/// One region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Region {
    pub code: Text,
    pub name: Text,
    pub level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// A Polygon or MultiPolygon in WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub border: Option<Box<Geometry>>,
    /// Whether it counts as a unit where units are counted ("one canteen a town"); its people always count.
    pub counts_in_coverage: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}
