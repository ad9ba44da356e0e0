//! The answer to a question of capacity against need, as it is written in JSON and on the page.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::analysis::bed_target::TargetTold;
use crate::analysis::coverage::Counted;
use crate::analysis::decay::Decay;
use crate::analysis::floating::Method;
use crate::analysis::pairs::Earth;
use crate::care::{Text, Weight};

/// The answer (contract, section 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Catchment {
    pub revision: i64,
    pub as_of: DateTime<Utc>,
    pub method: Told,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetTold>,
    pub totals: Totals,
    /// Of which days the counts of people are.
    pub counted: Counted,
    pub rows: Vec<Row>,
    pub not_located: NotLocated,
}

/// An answer as a page shows it.
pub struct Outline {
    /// With its first rows.
    pub answer: Catchment,
    /// How many rows there are in all.
    pub matched: usize,
    /// Demand points that reach nothing, those with most people first, as many as were asked for.
    pub unreached: Vec<Row>,
    /// How many there are in all.
    pub unreached_matched: usize,
}

/// What was asked and how it was worked out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    pub name: Method,
    pub formula: &'static str,
    pub source: &'static str,
    pub decay: Decay,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_source: Option<&'static str>,
    /// `None`: no limit. On the line counts.
    pub within_m: Option<f64>,
    /// Straight lines, on this earth: nobody walks them.
    pub distance: Earth,
    pub kinds: Vec<Text>,
    pub measure: Text,
    /// `total`, or `free`: what is free by figures that are not stale.
    pub count: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_rating: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    pub weight: Weight,
    /// `point`, or the level of the rows.
    pub by: Option<&'static str>,
    /// Where people choose among facilities: among which, whatever their rating and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<&'static str>,
    /// People and facilities around the region count: they compete, and they serve.
    pub across_borders: bool,
}

/// Sums over the asked region.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Totals {
    pub demand_points: usize,
    /// `None`: no demand point here has a number for this weight.
    pub population: Option<u64>,
    /// Of the facilities that stand here, by figures that are known; `None` where facilities stand and no figure is known.
    pub capacity: Option<u64>,
    /// What falls to the people here, wherever it stands. Over all regions it is all capacity that has people in reach.
    pub reached_capacity: Option<f64>,
    /// People who have no capacity within reach.
    pub unreached_population: Option<u64>,
    /// People who reach only facilities of which nobody knows how much they have. Where that is all of them, what they
    /// reach is not known, and `None`.
    pub unsure_population: Option<u64>,
    /// What falls to a thousand people here.
    pub per_1000: Option<f64>,
    /// What stands here for a thousand people here, as offices publish it.
    pub capacity_per_1000: Option<f64>,
    /// Against the target; negative is surplus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
    pub facilities: usize,
    /// Facilities left out because nobody knows how much they have.
    pub capacity_unknown: usize,
    /// Facilities counted by figures that are stale.
    pub capacity_stale: usize,
    /// Demand points without a number for this weight; they are in nothing.
    pub unknown_population: usize,
    /// People aged 60 and over at those points, as far as they are known; `None` where the weight is they themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_aged_60: Option<u64>,
    /// Regions with none below them where nobody is known to live: no demand point stands in them or for their town.
    pub regions_without_population: usize,
}

/// A demand point or a region.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Of the demand point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    pub region: Option<Text>,
    pub name: Option<Text>,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub population: Option<u64>,
    /// Capacity a person; of a region the mean by people.
    pub access: Option<f64>,
    /// Whether any capacity is in reach, of anybody here; `None` where only facilities of unknown capacity are.
    pub reached: Option<bool>,
    pub per_1000: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub area: Option<Area>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

/// What only a region has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Area {
    pub demand_points: usize,
    pub reached_capacity: Option<f64>,
    pub unreached_population: Option<u64>,
    /// As in the totals.
    pub unsure_population: Option<u64>,
    pub facilities: usize,
    /// Facilities here left out because nobody knows how much they have.
    pub capacity_unknown: usize,
    pub capacity: Option<u64>,
    pub capacity_per_1000: Option<f64>,
    /// Demand points without a number for this weight: the row speaks of the others only.
    pub unknown_population: usize,
    /// As in the totals.
    pub regions_without_population: usize,
    /// `no_population_data` where there is no number: never "no gap".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotLocated {
    pub facilities: usize,
    /// Of those facilities; it reaches nobody here.
    pub capacity: u64,
    pub demand_points: usize,
}
