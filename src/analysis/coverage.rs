//! Coverage: how many people have an eligible facility within a distance, and who has not.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use super::standing::Standing;
use crate::atlas::{Atlas, Filter};
use crate::care::{Level, Text, UrbanRural, Weight};

/// A question of coverage.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CoverageQuestion {
    /// This region and what is below it; `None` means everything.
    pub region: Option<Text>,
    /// Kinds, `min_free`, `min_rating` and the like. Its `region` stays empty: a facility counts wherever it stands.
    pub filter: Filter,
    /// Geodesic metres, inclusive.
    pub within_m: f64,
    pub weight: Weight,
    /// What the rows are; `None` means the level below the region.
    pub by: Option<By>,
    /// Only people in such regions; who lives where that is not known is left out and counted.
    pub class: Option<UrbanRural>,
    /// The year of the counts of people. The atlas must be the one [of that year](Atlas::of_year).
    pub population_year: Option<i32>,
}

/// What the rows of an answer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Level(Level),
    /// Urban and rural.
    Class,
}

impl By {
    /// The words for it.
    pub const CODES: [&str; 6] = ["province", "city", "county", "town", "village", "class"];

    pub fn code(self) -> &'static str {
        match self {
            By::Level(level) => level.code(),
            By::Class => "class",
        }
    }

    pub fn from_code(code: &str) -> Option<By> {
        if code == "class" { Some(By::Class) } else { Level::from_code(code).map(By::Level) }
    }

    pub fn level(self) -> Option<Level> {
        if let By::Level(level) = self { Some(level) } else { None }
    }
}

impl Serialize for By {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

/// The answer, as it is written in JSON and on the page (contract, section 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    pub revision: i64,
    pub as_of: DateTime<Utc>,
    pub standard: Standard,
    pub totals: Totals,
    /// How many rows there are in all.
    #[serde(rename = "numberMatched")]
    pub matched: usize,
    pub rows: Vec<Row>,
    /// How many people have it how far; empty where no bands were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<Band>,
    /// Of which days the counts of people are.
    pub counted: Counted,
    pub not_located: NotLocated,
    /// Where only urban or only rural was asked: who is left out because nobody knows which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_unknown: Option<LeftOut>,
    /// Eligible facilities in all rows, shown or not.
    #[serde(skip)]
    pub facilities: usize,
}

/// Which of the rows of an answer are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// So many come before.
    pub skip: usize,
    pub most: usize,
}

impl Part {
    /// Rows of an answer where nobody says how many.
    pub const MOST: usize = 10_000;
    /// All rows.
    pub const WHOLE: Part = Part { skip: 0, most: usize::MAX };
}

impl Default for Part {
    fn default() -> Part {
        Part { skip: 0, most: Part::MOST }
    }
}

/// Of which days the counts are that went into an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counted {
    /// The year that was asked for; `None`: the latest of each point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    pub oldest: Option<NaiveDate>,
    pub newest: Option<NaiveDate>,
    /// Demand points whose count has no date.
    pub undated: usize,
}

impl Counted {
    /// Counts in a demand point whose people are as of a day.
    pub fn add(&mut self, as_of: Option<NaiveDate>) {
        match as_of {
            Some(day) => {
                self.oldest = Some(self.oldest.map_or(day, |oldest| oldest.min(day)));
                self.newest = self.newest.max(Some(day));
            }
            None => self.undated += 1,
        }
    }

    /// Both together.
    pub fn and(&self, other: &Counted) -> Counted {
        let oldest = self.oldest.into_iter().chain(other.oldest).min();
        let (newest, undated) = (self.newest.max(other.newest), self.undated + other.undated);
        Counted { year: self.year.or(other.year), oldest, newest, undated }
    }
}

/// Demand points that are in nothing, and the people of the asked weight there as far as they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    pub demand_points: usize,
    pub population: u64,
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
    pub by: Option<By>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<UrbanRural>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population_year: Option<i32>,
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
    /// People aged 60 and over at those points, as far as they are known; `None` where the weight is they themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_aged_60: Option<u64>,
    /// Regions with none below them where nobody is known to live: no demand point stands in them or for their town.
    pub regions_without_population: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub region: Option<Text>,
    pub name: Option<Text>,
    /// `urban`, `rural` or `unknown`, where the rows are that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
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
    /// As in the totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_aged_60: Option<u64>,
    /// As in the totals.
    pub regions_without_population: usize,
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
