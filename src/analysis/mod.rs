//! Findings: what the record says about who is served. Pure functions over the atlas.

pub mod coverage;
mod division;
mod imagined;
mod reach;
mod region_at;
pub mod scorecard;
pub mod standing;
mod stretch;
mod tally;
pub mod what_if;

pub use coverage::{Coverage, CoverageQuestion, Gap, coverage, gaps};
pub use scorecard::{Scorecard, scorecard};
pub use standing::Standing;
pub use what_if::{WhatIf, what_if};
