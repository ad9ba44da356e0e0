//! A question of coverage, read from its parameters: the API and the plan ask with the same words.

use chrono::Utc;

use super::{Parameters, filter};
use crate::analysis::CoverageQuestion;
use crate::atlas::{Atlas, Filter};
use crate::care::{Level, Weight};

/// The parameters of a question of coverage.
pub const QUESTION: [&str; 8] = ["region", "kind", "category", "within_m", "weight", "by", "min_free", "min_rating"];

/// Half the way around the earth, in metres: farther than anything can be.
pub const FARTHEST_M: f64 = 20_040_000.0;

/// Reads what stands in [`QUESTION`].
pub fn question(parameters: &mut Parameters, atlas: &Atlas) -> CoverageQuestion {
    let read = filter::read(parameters, atlas, Utc::now());
    let within_m = parameters.number("within_m", 0.0..=FARTHEST_M, "distance in metres");
    CoverageQuestion {
        region: read.region.clone(),
        // A facility across the border serves people on this side too.
        filter: Filter { region: None, ..read },
        within_m: parameters.require("within_m", within_m, "how far people go, in metres, such as 1000").unwrap_or(0.0),
        weight: parameters.word("weight", Weight::from_code, &Weight::ALL.map(Weight::code)).unwrap_or_default(),
        by: parameters.word("by", Level::from_code, &[Level::County, Level::Town, Level::Village].map(Level::code)),
    }
}
