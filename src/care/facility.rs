//! Facility: the record of one place that serves elders.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dossier::{Licence, Meal, Staff};
use super::{Capacity, Place, Rating, Text, Vocabulary};

/// The stages of a facility's life, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Planned,
    UnderConstruction,
    Built,
    Trial,
    #[default]
    Operating,
    Suspended,
    Closed,
}

impl Status {
    pub const ALL: [Status; 7] = [
        Status::Planned,
        Status::UnderConstruction,
        Status::Built,
        Status::Trial,
        Status::Operating,
        Status::Suspended,
        Status::Closed,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Status::Planned => "planned",
            Status::UnderConstruction => "under_construction",
            Status::Built => "built",
            Status::Trial => "trial",
            Status::Operating => "operating",
            Status::Suspended => "suspended",
            Status::Closed => "closed",
        }
    }

    pub fn from_code(code: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Whether people are served there now.
    pub fn serving(self) -> bool {
        matches!(self, Status::Operating | Status::Trial)
    }
}

/// What a stay, a meal or a plot costs, in CNY.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Price {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// What the price is for; `month` unless the record says otherwise.
    pub unit: Text,
}

/// The unit of a price that names none.
pub const DEFAULT_PRICE_UNIT: &str = "month";

/// One facility, whole. Its JSON is what the log keeps as `before` and `after`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facility {
    pub id: Uuid,
    /// Counts the writes to this record; its ETag.
    pub version: i64,
    /// The bureau's own unique code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Text>,
    pub name: Text,
    pub kind: Text,
    pub status: Status,
    /// Code of the region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text>,
    /// OpenStreetMap `opening_hours`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Text>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<Rating>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capacity: Vec<Capacity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<Licence>,
    /// In the order of days and meals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub menu: Vec<Meal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<Box<Staff>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Box<Price>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Text>,
    /// 统一社会信用代码 of the operator; neither unique nor required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<Text>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// Where the record comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    /// Invented for demonstration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    pub updated_at: DateTime<Utc>,
}

impl Facility {
    /// Whether this is its code, in letters of either case.
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref().is_some_and(|held| held.eq_ignore_ascii_case(code))
    }

    /// The point, if it is known and confirmed: what may be mapped and may count as coverage.
    pub fn located(&self) -> Option<&Place> {
        self.place.as_ref().filter(|place| place.confirmed)
    }

    /// Whether it may answer nearest and coverage.
    pub fn eligible(&self) -> bool {
        self.status.serving() && self.located().is_some()
    }

    pub fn capacity_of(&self, measure: &str) -> Option<&Capacity> {
        self.capacity.iter().find(|capacity| &*capacity.measure == measure)
    }

    /// The rating to show and to filter by: a current one before an expired one, then by the rank of its scheme.
    pub fn leading_rating(&self, vocabulary: &Vocabulary, today: NaiveDate) -> Option<&Rating> {
        self.ratings.iter().min_by_key(|rating| {
            let scheme = vocabulary.scheme(&rating.scheme);
            (!rating.current(scheme, today), scheme.map_or(i32::MAX, |scheme| scheme.rank))
        })
    }
}
