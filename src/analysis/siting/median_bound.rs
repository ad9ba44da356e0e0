//! A bound of the p-median without a solver: Lagrangian relaxation of "everybody goes to one site" (Cornuéjols, Fisher &
//! Nemhauser 1977, Manage. Sci. 23:789-810), by subgradient steps.
//!
//! Every demand point pays `pay_i` for being served; a candidate that serves it gets that and bears the metres. For
//! whatever payments no plan of *p* sites has fewer metres than
//! `L(pay) = Σ_i pay_i + Σ_{p least} Σ_i min(0, P_i d_ij − pay_i)`.

use super::distances::Distances;
use super::watch::Watch;

/// Steps of the bound.
const STEPS: usize = 700;
/// Rounding may have taken so much, in proportion.
const ROUNDING: f64 = 1e-9;

/// What the relaxation tells.
pub struct MedianBound {
    /// No plan has fewer metres.
    pub value: f64,
    /// By candidate, what it bears where the bound is highest; at most 0.
    borne: Vec<f64>,
    /// By demand point, what it pays there.
    pub pay: Vec<f64>,
    sites: usize,
}

impl MedianBound {
    /// By candidate: `Some(true)` when every plan better than `value` has it, `Some(false)` when none has.
    pub fn settled(&self, value: f64) -> Vec<Option<bool>> {
        let mut order = self.borne.clone();
        order.sort_by(f64::total_cmp);
        let (Some(last), Some(next)) = (order.get(self.sites.wrapping_sub(1)), order.get(self.sites)) else {
            return vec![None; self.borne.len()];
        };
        let too_high = |bound: f64| bound > value;
        let settle = |borne: &f64| {
            if *borne > *last && too_high(self.value - last + borne) {
                Some(false)
            } else if *borne < *next && too_high(self.value - borne + next) {
                Some(true)
            } else {
                None
            }
        };
        self.borne.iter().map(settle).collect()
    }
}

/// The highest bound that the steps find, for at most `sites` sites. `value` is that of the best plan known.
pub fn bound(distances: &Distances, sites: usize, value: f64, watch: &Watch) -> MedianBound {
    let count = sites.min(distances.sites());
    let people: Vec<f64> = distances.weights.iter().map(|people| *people as f64).collect();
    // What stands already serves for its metres: nobody pays more than that.
    let most: Vec<f64> =
        distances.already.iter().zip(&people).map(|(metres, p)| if *p > 0.0 { metres * p } else { 0.0 }).collect();
    let mean = value / people.iter().sum::<f64>().max(1.0);
    let mut pay: Vec<f64> = people.iter().zip(&most).map(|(people, most)| (1.5 * mean * people).min(*most)).collect();
    let mut best =
        MedianBound { value: 0.0, borne: vec![f64::NEG_INFINITY; distances.sites()], pay: pay.clone(), sites: count };
    let (mut centre, mut stretch, mut stale) = (pay.clone(), 1.0, 0);
    let mut borne = vec![0.0; distances.sites()];
    let mut order: Vec<u32> = (0..distances.sites() as u32).collect();
    let mut slope = vec![0.0; pay.len()];
    for _ in 0..STEPS {
        for (site, borne) in (0u32..).zip(&mut borne) {
            let each = distances.of(site).iter().zip(&people).zip(&pay);
            *borne = each.map(|((metres, people), pay)| (metres * people - pay).min(0.0)).sum();
        }
        if count < order.len() && count > 0 {
            order.select_nth_unstable_by(count - 1, |a, b| {
                borne[*a as usize].total_cmp(&borne[*b as usize]).then(a.cmp(b))
            });
        }
        let paid: f64 = pay.iter().sum();
        let total = (paid + order[..count].iter().map(|site| borne[*site as usize]).sum::<f64>()) - ROUNDING * paid;
        if total > best.value {
            stale = if total > best.value * (1.0 + 1e-5) { 0 } else { stale + 1 };
            best = MedianBound { value: total, borne: borne.clone(), pay: pay.clone(), sites: count };
            centre.clone_from(&pay);
            watch.bounded(total);
        } else {
            stale += 1;
        }
        if best.value >= value * (1.0 - 2.0 * ROUNDING) || stretch < 1e-5 || watch.over() {
            break;
        }
        if stale >= 15 {
            (stretch, stale) = (stretch / 2.0, 0);
            pay.clone_from(&centre);
            continue;
        }
        for slope in &mut slope {
            *slope = 0.3 * *slope + 0.7;
        }
        for site in &order[..count] {
            for (at, metres) in distances.of(*site).iter().enumerate() {
                if metres * people[at] < pay[at] {
                    slope[at] -= 0.7;
                }
            }
        }
        let moves = |at: usize| people[at] > 0.0 && (slope[at] < 0.0 || pay[at] < most[at]);
        let length: f64 = (0..pay.len()).filter(|at| moves(*at)).map(|at| slope[at] * slope[at]).sum();
        if length == 0.0 {
            break;
        }
        let far = stretch * (value - total).max(1e-6 * value) / length;
        for at in 0..pay.len() {
            pay[at] = (pay[at] + far * slope[at]).clamp(0.0, most[at]);
        }
    }
    best
}
