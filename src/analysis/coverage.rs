//! Coverage: how many people have an eligible facility within a distance, and who has not.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::atlas::{Atlas, Filter};
use crate::care::{Level, Text, Weight};

/// A question of coverage.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageQuestion {
    /// This region and what is below it; `None` means everything.
    pub region: Option<Text>,
    /// Kinds, `min_free`, `min_rating` and the like. Its `region` stays empty: a facility counts wherever it stands.
    pub filter: Filter,
    /// Geodesic metres, inclusive.
    pub within_m: f64,
    pub weight: Weight,
    /// The level of the rows; `None` means the level below the region.
    pub by: Option<Level>,
}

/// The answer, as it is written in JSON and on the page (contract, section 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    pub revision: i64,
    pub as_of: DateTime<Utc>,
    pub standard: Standard,
    pub totals: Totals,
    pub rows: Vec<Row>,
    pub not_located: NotLocated,
}

/// What was asked, in the words of the question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    pub kinds: Vec<Text>,
    pub within_m: f64,
    pub weight: Weight,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_free: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_rating: Option<u8>,
    /// Always `geodesic_straight_line`: nobody walks it.
    pub distance: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Totals {
    /// Demand points with a point and a number for this weight.
    pub demand_points: usize,
    /// `None`: no demand point here has a number for this weight.
    pub population: Option<u64>,
    pub covered: Option<u64>,
    pub uncovered: Option<u64>,
    pub share: Option<f64>,
    /// Demand points without a number for this weight; in none of the sums.
    pub unknown_population: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub region: Option<Text>,
    pub name: Option<Text>,
    pub demand_points: usize,
    pub population: Option<u64>,
    pub covered: Option<u64>,
    pub uncovered: Option<u64>,
    pub share: Option<f64>,
    /// `no_population_data` where there is no number: never "no gap".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<&'static str>,
    /// Eligible facilities that stand in the region.
    pub facilities: usize,
    pub nearest_m: Option<Nearest>,
}

/// Distances to the nearest eligible facility, weighted by people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nearest {
    pub median: f64,
    pub p90: f64,
    pub max: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotLocated {
    pub facilities: usize,
    pub demand_points: usize,
}

/// A demand point that is not covered.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Index into [`Atlas::demand`].
    pub demand: usize,
    pub population: u64,
    /// To the nearest eligible facility anywhere; `None` when there is none.
    pub nearest_m: Option<f64>,
}

pub fn coverage(atlas: &Atlas, question: &CoverageQuestion) -> Coverage {
    todo!()
}

/// The uncovered demand points, most people first, then by id.
pub fn gaps(atlas: &Atlas, question: &CoverageQuestion) -> Vec<Gap> {
    todo!()
}
