//! Findings: what the record says about who is served. Pure functions over the atlas.

mod absent;
pub mod bed_target;
pub mod catchment;
pub mod coverage;
pub mod decay;
mod division;
pub mod evidence;
pub mod expiry;
pub mod floating;
mod imagined;
pub mod indicators;
mod pair_budget;
pub mod pairs;
pub mod plan;
mod reach;
pub mod region_at;
mod rows;
pub mod scorecard;
pub mod siting;
pub mod standing;
mod stretch;
pub mod sweep;
mod tally;
pub mod tiers;
pub mod what_if;

pub use absent::regions_without_population;
pub use catchment::{Catchment, CatchmentQuestion, Outline, catchment, catchment_part, outline};
pub use coverage::{Coverage, CoverageQuestion, Gap, Part, coverage, gaps};
pub use expiry::{Ending, Paper, endings};
pub use scorecard::{Scorecard, scorecard};
pub use standing::Standing;
pub use sweep::{Sweep, SweepQuestion, sweep};
pub use what_if::{WhatIf, what_if};
