//! Coverage: how many people have an eligible facility within a distance, and who has not.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::standing::Standing;
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
    /// How many people have it how far; empty where no bands were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<Band>,
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
    /// The level of the rows, as asked or as found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_free: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_rating: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Text>,
    /// Where the distance was said by a standard or by walking.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub walk: Option<Walk>,
    /// Always `geodesic_straight_line`: nobody walks it.
    pub distance: &'static str,
}

/// How a distance was said that was not said in metres of straight line.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Walk {
    /// The code of the standard, and where its figure comes from.
    #[serde(rename = "standard", skip_serializing_if = "Option::is_none")]
    pub code: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    /// Whether the figure was read in the source itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_m_s: Option<f64>,
    /// How many times the way is as long as the straight line.
    pub detour: f64,
}

/// People whose nearest eligible facility is so far: beyond `from_m` and up to `to_m`, in metres.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    pub from_m: f64,
    /// `None`: any farther, or there is no facility at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_m: Option<f64>,
    pub population: u64,
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
    /// Metres from each person to the nearest eligible facility, in all; `None` where there is none.
    pub person_m: Option<f64>,
    /// The same for one person on average.
    pub mean_m: Option<f64>,
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
    /// Demand points without a number for this weight: the row speaks of the others only.
    pub unknown_population: usize,
    /// Metres from each person to the nearest eligible facility, in all; `None` where there is none.
    pub person_m: Option<f64>,
    /// The same for one person on average.
    pub mean_m: Option<f64>,
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

/// How many people of each region have an eligible facility within the distance.
///
/// Every demand point in the asked region is counted in one of three ways: in the sums (`demand_points`), as one
/// without a number for this weight (`unknown_population`), or as one without a place (`not_located`). The rows add up
/// to the totals: demand that stands below no region of the rows' level has a row without a region. Rows with the most
/// uncovered people come first, those without population data last.
pub fn coverage(atlas: &Atlas, question: &CoverageQuestion) -> Coverage {
    Standing::of(atlas, question, &[]).coverage(atlas)
}

/// The uncovered demand points, most people first, then by id.
pub fn gaps(atlas: &Atlas, question: &CoverageQuestion) -> Vec<Gap> {
    Standing::of(atlas, question, &[]).gaps(atlas)
}

#[cfg(test)]
mod tests;
