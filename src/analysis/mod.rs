//! Findings: what the record says about who is served. Pure functions over the atlas.

pub mod coverage;
mod division;
mod reach;
pub mod siting;

pub use coverage::{Coverage, CoverageQuestion, Gap, coverage, gaps};
