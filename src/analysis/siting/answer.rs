//! The answer of siting: what is, what would be, which sites, what each adds, and how good any plan could be.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::areas::Area;
use super::outlook::Outlook;
use super::question::Objective;
use crate::care::{Text, UrbanRural, Weight};

/// As it is written in JSON and on the page (contract, section 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Siting {
    pub revision: i64,
    pub as_of: DateTime<Utc>,
    pub objective: Objective,
    /// People covered (or served), new sites, metres of all people together, or metres of the farthest.
    #[serde(serialize_with = "whole")]
    pub value: f64,
    /// No plan is better than this.
    #[serde(serialize_with = "whole")]
    pub bound: f64,
    /// How far the bound is from the value, in proportion to the larger.
    pub gap: f64,
    pub proven: bool,
    pub standard: Standard,
    pub demand: Counted,
    pub existing: Existing,
    pub candidates: usize,
    pub baseline: State,
    pub after: State,
    pub sites: Vec<Site>,
    /// The sites that would come next.
    pub nearly: Vec<Site>,
    pub curve: Vec<Step>,
    /// How long the search took.
    pub seconds: f64,
    /// What the page draws.
    #[serde(skip)]
    pub outlook: Outlook,
}

/// What was asked, in the words of the question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    pub kinds: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_m: Option<f64>,
    pub weight: Weight,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<UrbanRural>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population_year: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sites: Option<usize>,
    pub keep_existing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_spacing_m: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Area>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_free: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_rating: Option<u8>,
    /// Always `geodesic_straight_line`: nobody walks it.
    pub distance: &'static str,
}

/// The people of the region.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counted {
    pub demand_points: usize,
    pub population: u64,
    /// Demand points without a number for this weight; in none of the sums.
    pub unknown_population: usize,
    pub not_located: usize,
    /// Demand points where nobody of this weight lives: no plan has to reach them, not even one that is to cover all.
    pub without_people: usize,
    /// Where only one class is asked: demand points of which nobody has said whether they are urban or rural.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_unknown: Option<usize>,
    /// People whom no candidate reaches and who are not covered already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_reach: Option<u64>,
}

/// What stands already.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Existing {
    /// Facilities of the region with a confirmed point that count.
    pub facilities: usize,
    /// Facilities of other regions that people of this one have within the distance: they count as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside_in_reach: Option<usize>,
    /// Facilities of the region without a confirmed point.
    pub not_located: usize,
    /// Where places are limited: those whose capacity is not registered. They serve nobody here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_capacity: Option<usize>,
}

/// How it is, or would be.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct State {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Mean metres of a person to the nearest; absent where nothing stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub farthest_m: Option<f64>,
}

/// A site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Site {
    pub lon: f64,
    pub lat: f64,
    pub region: Option<Text>,
    pub name: Option<Text>,
    /// People whom it covers (or serves) beyond what stands already and the sites before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adds: Option<u64>,
    /// People covered (or served) with it and all before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cumulative: Option<u64>,
    /// Where ways are shortened: people who have this one nearest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serves: Option<u64>,
    /// Where ways are shortened: metres that it would save all people together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saves_m: Option<f64>,
}

/// What a number of new sites does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    pub sites: usize,
    #[serde(flatten)]
    pub state: State,
    /// No plan of so many sites covers more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<u64>,
}

/// Whole numbers are written as such.
fn whole<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 && value.abs() < 9e15 { to.serialize_i64(*value as i64) } else { to.serialize_f64(*value) }
}
