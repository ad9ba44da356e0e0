//! Siting: where the next facilities do most good, how good that is, and how much better anything could be.
//!
//! `question` is asked, `gather` makes a problem of people, candidates and what stands already, one file an objective
//! solves it, and `answer` tells it. Every answer comes with a bound that no plan can pass, found by the same run.
//! The same question about the same record has the same answer, if there is time enough to end it.

pub mod answer;
mod areas;
mod bound;
mod capacity;
mod chosen;
mod cover;
mod cover_all;
mod desk;
mod distances;
mod gather;
mod greedy;
mod interchange;
mod max_cover;
mod median_bound;
mod median_large;
mod median_search;
mod min_distance;
mod min_farthest;
pub mod outlook;
mod points;
pub mod question;
mod ranking;
mod remnant;
mod serving;
mod shorten;
mod solver;
mod watch;

#[cfg(test)]
mod tests;

pub use answer::Siting;
pub use areas::{Area, has_border};
pub use desk::siting;
pub use question::{Candidates, Objective, Refusal, SitingQuestion};
pub use watch::{News, Watch};

/// The problems themselves, for benchmarks and for whoever has distances of their own.
pub mod problem {
    pub use super::capacity::{Places, solve as max_served};
    pub use super::cover::{Cover, Lists};
    pub use super::cover_all::solve as cover_all;
    pub use super::distances::Distances;
    pub use super::max_cover::solve as max_cover;
    pub use super::min_distance::solve as min_distance;
    pub use super::min_farthest::solve as min_farthest;
    pub use super::{Hindrance, Plan, Watch};
}

/// A plan, and what is known of all others.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Candidates by number, in no set order.
    pub sites: Vec<u32>,
    /// The objective: people, sites, or metres.
    pub value: f64,
    /// No plan is better than this.
    pub bound: f64,
    /// The plan is one of the best.
    pub proven: bool,
    /// For numbers of sites from 0 up: no plan of so many covers more. Empty where that is not known.
    pub bounds: Vec<f64>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Hindrance {
    /// No candidate reaches these demand points.
    Unreached(Vec<u32>),
    /// So many sites are needed at least.
    NeedsMore(usize),
    /// The rule of spacing leaves no plan.
    NoRoom,
    /// None was found in the time that was given; there may be one.
    NoPlan,
    /// Nobody waits any more.
    Cancelled,
}

/// People are whole: the most that a bound allows, with room for what was rounded on the way to it.
fn people(bound: f64) -> u64 {
    (bound + 1e-6 + 1e-9 * bound.abs()).floor().max(0.0) as u64
}
