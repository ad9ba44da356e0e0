//! Findings: what the record says about who is served. Pure functions over the atlas.

pub mod coverage;

pub use coverage::{Coverage, CoverageQuestion, Gap, coverage, gaps};
