//! Demand points: how many people live at a point.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Place, Text};

/// Whose number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    Total,
    #[default]
    #[serde(rename = "aged_60")]
    Aged60,
    #[serde(rename = "aged_80")]
    Aged80,
}

impl Weight {
    pub const ALL: [Weight; 3] = [Weight::Total, Weight::Aged60, Weight::Aged80];

    pub fn code(self) -> &'static str {
        match self {
            Weight::Total => "total",
            Weight::Aged60 => "aged_60",
            Weight::Aged80 => "aged_80",
        }
    }

    pub fn from_code(code: &str) -> Option<Weight> {
        Weight::ALL.into_iter().find(|weight| weight.code() == code)
    }
}

/// People at a point, as of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemandPoint {
    pub id: Uuid,
    /// Code of the region; `None` when no known region contains the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// Its own point; `None` where it stands at its region's point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aged_60: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aged_80: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

impl DemandPoint {
    pub fn people(&self, weight: Weight) -> Option<u32> {
        match weight {
            Weight::Total => self.total,
            Weight::Aged60 => self.aged_60,
            Weight::Aged80 => self.aged_80,
        }
    }
}
