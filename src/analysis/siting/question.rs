//! The question of siting, and why it may have no answer.

use serde::Serialize;

use super::areas::Area;
use crate::atlas::Filter;
use crate::care::{Text, UrbanRural, Weight};

/// What is wanted of new sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Most people within the distance, with so many sites.
    #[default]
    MaxCovered,
    /// Everybody within the distance, with the fewest sites.
    CoverAll,
    /// The shortest way for all people together.
    MinDistance,
    /// The shortest way for those who are farthest.
    MinFarthest,
}

impl Objective {
    pub const ALL: [Objective; 4] =
        [Objective::MaxCovered, Objective::CoverAll, Objective::MinDistance, Objective::MinFarthest];

    pub fn code(self) -> &'static str {
        match self {
            Objective::MaxCovered => "max_covered",
            Objective::CoverAll => "cover_all",
            Objective::MinDistance => "min_distance",
            Objective::MinFarthest => "min_farthest",
        }
    }

    pub fn from_code(code: &str) -> Option<Objective> {
        Objective::ALL.into_iter().find(|objective| objective.code() == code)
    }

    /// Whether the question is one of cover within a distance.
    pub fn covers(self) -> bool {
        matches!(self, Objective::MaxCovered | Objective::CoverAll)
    }
}

/// Where a site may be.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Candidates {
    /// At every demand point of the region.
    #[default]
    Demand,
    /// At these longitudes and latitudes.
    Points(Vec<(f64, f64)>),
}

/// A question of siting.
#[derive(Debug, Clone, PartialEq)]
pub struct SitingQuestion {
    /// The people of this region and what is below it; `None` means everybody.
    pub region: Option<Text>,
    /// Which facilities count as standing already, wherever they stand. Its `region` stays empty.
    pub filter: Filter,
    /// Geodesic metres, inclusive. What covers; `None` only where the objective is a distance.
    pub within_m: Option<f64>,
    pub weight: Weight,
    /// Only people in regions of this class, and candidates there.
    pub class: Option<UrbanRural>,
    /// People by the latest count of or before this year. The atlas is that of the year.
    pub population_year: Option<i32>,
    /// How many new sites at most; `None` only for [`Objective::CoverAll`].
    pub sites: Option<usize>,
    pub objective: Objective,
    pub candidates: Candidates,
    /// What stands already goes on serving. Without it the plan begins with nothing.
    pub keep_existing: bool,
    /// How many people a new site can serve; what stands already serves as many as its registered capacity.
    pub capacity: Option<u32>,
    /// New sites keep this far from each other and from what stands already.
    pub min_spacing_m: Option<f64>,
    /// No site there.
    pub excluded: Vec<Area>,
    /// How many runners-up to tell.
    pub nearly: usize,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// Nobody lives in the region, or nobody's number is known.
    NoPeople,
    /// There is no candidate, or none is left.
    NoCandidates,
    /// More sites are wished than there are candidates.
    FewCandidates {
        candidates: usize,
    },
    /// No candidate reaches these demand points (longitude, latitude, region, people); with this radius one would.
    Unreachable {
        points: Vec<Unreached>,
        count: usize,
        radius_m: f64,
    },
    /// It takes so many sites at least.
    NeedsMore {
        sites: usize,
    },
    /// The rule of spacing leaves no plan.
    NoRoom,
    /// So many pairs of candidates and demand points are within reach; so many can be worked on.
    TooLarge {
        pairs: usize,
        limit: usize,
    },
    /// No plan was found in the time that was given.
    NoPlan,
    Cancelled,
}

/// A demand point that no candidate reaches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unreached {
    pub lon: f64,
    pub lat: f64,
    pub region: Option<Text>,
    pub population: u64,
    /// To the nearest candidate.
    pub nearest_m: f64,
}
