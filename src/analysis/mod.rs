//! Findings: what the record says about who is served. Pure functions over the atlas.

pub mod bed_target;
pub mod catchment;
pub mod coverage;
pub mod decay;
mod division;
pub mod expiry;
pub mod floating;
pub mod pairs;
mod reach;
pub mod sweep;

pub use catchment::{Catchment, CatchmentQuestion, catchment, catchment_and_unreached};
pub use coverage::{Coverage, CoverageQuestion, Gap, coverage, gaps};
pub use expiry::{Ending, Paper, endings};
pub use sweep::{Sweep, SweepQuestion, sweep};
