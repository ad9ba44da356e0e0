//! Stretches: neighbours in the order of the demand, boxed, so that a change finds whom it touches without asking everybody.

use rayon::prelude::*;

use super::reach::Near;
use crate::atlas::Demand;
use crate::atlas::geodesic::{Ecef, chord2, widened};

/// Neighbours in one box.
const LENGTH: usize = 256;

/// A box around some neighbours.
pub(crate) struct Stretch {
    low: Ecef,
    high: Ecef,
    /// Of all of them the longest squared chord within which a facility could be as near as the nearest.
    reach2: f64,
}

/// The boxes of all demand points, in their order.
pub(crate) fn stretches(demand: &[Demand], near: &[Near]) -> Vec<Stretch> {
    let stretch = |(demand, near): (&[Demand], &[Near])| {
        let mut stretch = Stretch { low: [f64::INFINITY; 3], high: [f64::NEG_INFINITY; 3], reach2: f64::NEG_INFINITY };
        for (demand, near) in demand.iter().zip(near) {
            let Some(at) = demand.at.filter(|_| !near.chord2.is_nan()) else { continue };
            for (axis, at) in at.into_iter().enumerate() {
                stretch.low[axis] = stretch.low[axis].min(at);
                stretch.high[axis] = stretch.high[axis].max(at);
            }
            stretch.reach2 = stretch.reach2.max(near.chord2);
        }
        if stretch.reach2 >= 0.0 {
            stretch.reach2 = widened(stretch.reach2);
        }
        stretch
    };
    demand.par_chunks(LENGTH).zip(near.par_chunks(LENGTH)).map(stretch).collect()
}

impl Stretch {
    /// The square of the distance from a point to the box.
    fn distance2(&self, from: &Ecef) -> f64 {
        let away = |axis: usize| (self.low[axis] - from[axis]).max(from[axis] - self.high[axis]).max(0.0);
        (0..3).map(|axis| away(axis).powi(2)).sum()
    }
}

/// The demand points, ascending, whose nearest facility may be another once facilities appear or disappear at `sites`.
pub(crate) fn touched(stretches: &[Stretch], demand: &[Demand], near: &[Near], sites: &[Ecef]) -> Vec<u32> {
    let touched = |(at, stretch): (usize, &Stretch)| {
        let close: Vec<&Ecef> = sites.iter().filter(|site| stretch.distance2(site) <= stretch.reach2).collect();
        let first = at * LENGTH;
        let end = if close.is_empty() { first } else { (first + LENGTH).min(demand.len()) };
        let reached = move |index: &usize| {
            let (Some(at), reach2) = (&demand[*index].at, near[*index].chord2) else { return false };
            // NaN, of those that are not wanted, is not within anything.
            !reach2.is_nan() && {
                let reach2 = widened(reach2);
                close.iter().any(|site| chord2(site, at) <= reach2)
            }
        };
        (first..end).filter(reached).map(|index| index as u32).collect::<Vec<_>>()
    };
    stretches.par_iter().enumerate().with_min_len(64).flat_map_iter(touched).collect()
}
