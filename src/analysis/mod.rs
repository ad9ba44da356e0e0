//! Findings: what the record says about who is served. Pure functions over the atlas.

pub mod coverage;
mod division;
pub mod evidence;
pub mod indicators;
pub mod plan;
mod reach;
pub mod tiers;

pub use coverage::{Coverage, CoverageQuestion, Gap, coverage, gaps};
