//! Findings: what the record says about who is served. Pure functions over the atlas.

pub mod coverage;
mod division;
pub mod expiry;
mod reach;
pub mod sweep;

pub use coverage::{Coverage, CoverageQuestion, Gap, coverage, gaps};
pub use expiry::{Ending, Paper, endings};
pub use sweep::{Sweep, SweepQuestion, sweep};
