//! Bounds without a solver: Lagrangian relaxation of "a point is covered only by a chosen site", by subgradient steps
//! (Galvão & ReVelle 1996, Eur. J. Oper. Res. 88:114-123; Held, Wolfe & Crowder 1974, Math. Program. 6:62-88).
//!
//! Every demand point *i* pays its candidates `0 <= pay_i <= w_i` and keeps the rest. For whatever payments, no plan of
//! *p* sites covers more than what the points keep and the *p* best paid candidates get:
//! `L(pay) = Σ_i (w_i − pay_i) + Σ_{p largest} Σ_{i in reach of j} pay_i`. The least of these is the bound of the linear program.

use super::cover::{Cover, Lists};
use super::watch::Watch;

/// What the relaxation tells.
#[derive(Debug, Clone)]
pub struct Bound {
    /// No plan covers more people.
    pub value: f64,
    /// By candidate, what it is paid where the bound is least.
    pub paid: Vec<f64>,
    /// What the demand points keep there.
    kept: f64,
    sites: usize,
}

/// Rounding may have taken so much, in proportion.
const ROUNDING: f64 = 1e-9;

impl Bound {
    /// No plan of so many sites covers more people.
    pub fn with(&self, sites: usize) -> f64 {
        let mut paid = self.paid.clone();
        let sites = sites.min(paid.len());
        if sites < paid.len() && sites > 0 {
            paid.select_nth_unstable_by(sites - 1, |a, b| b.total_cmp(a));
        }
        (self.kept + paid[..sites].iter().sum::<f64>()) * (1.0 + ROUNDING)
    }

    /// By candidate: `Some(true)` when every plan better than `value` has it, `Some(false)` when none has.
    pub fn settled(&self, value: u64) -> Vec<Option<bool>> {
        let mut order: Vec<f64> = self.paid.clone();
        order.sort_by(|a, b| b.total_cmp(a));
        let (Some(last), Some(next)) = (order.get(self.sites.wrapping_sub(1)), order.get(self.sites)) else {
            return vec![None; self.paid.len()];
        };
        // People are whole: better means one more at least.
        let too_low = |bound: f64| bound * (1.0 + ROUNDING) < value as f64 + 1.0;
        let settle = |paid: &f64| {
            if *paid < *last && too_low(self.value - last + paid) {
                Some(false)
            } else if *paid > *next && too_low(self.value - paid + next) {
                Some(true)
            } else {
                None
            }
        };
        self.paid.iter().map(settle).collect()
    }
}

/// How long to go on: after so many steps at most, or when a plan of `value` people is known to be best.
pub struct Effort {
    pub steps: usize,
    pub value: u64,
    /// People who are covered besides, for the news.
    pub besides: u64,
}

/// The least bound that so many steps find. `look` is shown the best paid candidates now and then, and answers the best
/// plan's people that it knows.
pub fn bound(
    cover: &Cover,
    sites: usize,
    effort: &Effort,
    watch: &Watch,
    mut look: impl FnMut(&[u32]) -> u64,
) -> Bound {
    let weights: Vec<f64> = cover.weights.iter().map(|people| *people as f64).collect();
    let count = sites.min(cover.sites());
    let mut pay: Vec<f64> = weights.iter().map(|people| people / 2.0).collect();
    let mut best =
        Bound { value: weights.iter().sum(), paid: vec![0.0; cover.sites()], kept: weights.iter().sum(), sites: count };
    let mut centre = pay.clone();
    let (mut value, mut stretch, mut stale) = (effort.value, 1.0, 0);
    let mut order: Vec<u32> = (0..cover.sites() as u32).collect();
    let mut paid = vec![0.0; cover.sites()];
    let mut slope = vec![0.0; weights.len()];
    for step in 0..effort.steps {
        for (site, sum) in paid.iter_mut().enumerate() {
            *sum = cover.by_site.get(site).iter().map(|demand| pay[*demand as usize]).sum();
        }
        if count < order.len() && count > 0 {
            order.select_nth_unstable_by(count - 1, |a, b| {
                paid[*b as usize].total_cmp(&paid[*a as usize]).then(a.cmp(b))
            });
        }
        let kept: f64 = weights.iter().zip(&pay).map(|(people, pay)| people - pay).sum();
        let total = (kept + order[..count].iter().map(|site| paid[*site as usize]).sum::<f64>()) * (1.0 + ROUNDING);
        if total < best.value {
            stale = if total < best.value * (1.0 - 1e-5) { 0 } else { stale + 1 };
            best = Bound { value: total, paid: paid.clone(), kept, sites: count };
            centre.clone_from(&pay);
            watch.bounded(total + effort.besides as f64);
        } else {
            stale += 1;
        }
        if best.value < value as f64 + 1.0 || stretch < 1e-4 || watch.over() {
            break;
        }
        if step % 100 == 99 {
            value = value.max(look(&order[..count]));
        }
        if stale >= 20 {
            (stretch, stale) = (stretch / 2.0, 0);
            pay.clone_from(&centre);
            continue;
        }
        // Where nobody chosen reaches, pay more; where several do, pay less. Part of the last way is gone again.
        for slope in &mut slope {
            *slope = 0.4 * *slope - 0.6;
        }
        for demand in order[..count].iter().flat_map(|site| cover.by_site.get(*site as usize)) {
            slope[*demand as usize] += 0.6;
        }
        let length: f64 = slope
            .iter()
            .zip(&pay)
            .zip(&weights)
            .filter(|((slope, pay), people)| !(**slope < 0.0 && pay >= people || **slope > 0.0 && **pay <= 0.0))
            .map(|((slope, _), _)| slope * slope)
            .sum();
        if length == 0.0 {
            break;
        }
        let far = stretch * (total - value as f64).max(1.0) / length;
        for ((pay, slope), people) in pay.iter_mut().zip(&slope).zip(&weights) {
            *pay = (*pay - far * slope).clamp(0.0, *people);
        }
    }
    best
}

/// The best paid candidates as a plan to improve.
pub fn plan_of(best_paid: &[u32], near: &Lists) -> Vec<u32> {
    let mut plan: Vec<u32> = Vec::with_capacity(best_paid.len());
    for site in best_paid {
        let near = near.get(*site as usize);
        if near.is_empty() || !plan.iter().any(|held| near.binary_search(held).is_ok()) {
            plan.push(*site);
        }
    }
    plan
}
