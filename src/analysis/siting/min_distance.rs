//! The p-median (Hakimi 1964, Oper. Res. 12:450-459; ReVelle & Swain 1970, Geogr. Anal. 2:30-42): so many sites that all
//! people together have the shortest way. Greedy, interchange, a Lagrangian bound, and the solver on what that leaves open.

use super::cover::Lists;
use super::distances::Distances;
use super::median_bound::{self, MedianBound};
use super::median_search::Median;
use super::serving::fits;
use super::solver::Program;
use super::watch::Watch;
use super::{Hindrance, Plan};

/// More numbers than this the solver does not see.
const SOLVED: usize = 400_000;
/// Two plans whose metres differ by less, in proportion, are the same.
const SAME: f64 = 1e-9;

/// The least metres of all people together with at most `count` sites.
pub fn solve(distances: &Distances, near: &Lists, count: usize, watch: &Watch) -> Result<Plan, Hindrance> {
    let count = count.min(distances.sites());
    watch.tell("greedy");
    let mut median = Median::none(distances, near);
    median.fill(count, watch);
    watch.tell("interchange");
    median.improve(count, watch);
    let mut best = median.shaken(count, watch);
    let mut value = distances.total(&best);
    if !value.is_finite() {
        return Err(if watch.cancelled() { Hindrance::Cancelled } else { Hindrance::NoRoom });
    }
    watch.found(value);
    watch.tell("bound");
    let known = median_bound::bound(distances, count, value, watch);
    let mut lower = known.value.min(value);
    if lower < value * (1.0 - SAME) && !watch.over() {
        watch.tell("exact");
        if let Some((plan, bound)) = exact(distances, near, count, &best, value, &known, watch) {
            if let Some(plan) = plan {
                (value, best) = (distances.total(&plan), plan);
            }
            lower = lower.max(bound).min(value);
        }
    }
    let proven = lower >= value * (1.0 - SAME);
    watch.found(value);
    watch.bounded(lower);
    Ok(Plan { sites: best, value, bound: if proven { value } else { lower }, proven, bounds: Vec::new() })
}

/// The solver on what the bound leaves open: a better plan if there is one, and the bound. Every demand point goes from
/// distance to distance: it is charged the step to the next one unless a site stands within this one (the formulation
/// of Elloumi 2010, J. Comb. Optim. 19:69-83).
fn exact(
    distances: &Distances,
    near: &Lists,
    count: usize,
    best: &[u32],
    value: f64,
    known: &MedianBound,
    watch: &Watch,
) -> Option<(Option<Vec<u32>>, f64)> {
    let settled = known.settled(value);
    let taken: Vec<u32> = (0..distances.sites() as u32).filter(|site| settled[*site as usize] == Some(true)).collect();
    let open: Vec<u32> = (0..distances.sites() as u32).filter(|site| settled[*site as usize].is_none()).collect();
    if taken.iter().any(|site| !fits(near, *site, &taken)) {
        // Every plan that is better would have to have sites that are too near each other.
        return Some((None, value));
    }
    let reach = distances.nearest(&taken);
    let planned = distances.nearest(best);
    let mut program = Program::default();
    let fits = taken.iter().all(|site| best.contains(site))
        && best.iter().all(|site| taken.contains(site) || open.binary_search(site).is_ok());
    for site in &open {
        program.choice(0.0, best.contains(site));
    }
    program.at_most((count - taken.len()) as f64, (0..open.len()).map(|site| (site, 1.0)));
    let mut numbers = 0;
    for at in (0..distances.demand()).filter(|at| distances.weights[*at] > 0) {
        let people = distances.weights[at] as f64;
        let mut nearer: Vec<(f64, usize)> =
            open.iter().enumerate().map(|(place, site)| (distances.of(*site)[at], place)).collect();
        nearer.retain(|(metres, _)| *metres < reach[at]);
        nearer.sort_by(|a, b| a.0.total_cmp(&b.0));
        numbers += nearer.len();
        if numbers > SOLVED {
            return None;
        }
        let Some(first) = nearer.first().map(|(metres, _)| *metres) else {
            program.constant += people * reach[at];
            continue;
        };
        program.constant += people * first;
        let mut before: Option<usize> = None;
        let mut from = 0;
        while from < nearer.len() {
            let metres = nearer[from].0;
            let to = nearer.partition_point(|(other, _)| *other <= metres);
            let next = nearer.get(to).map_or(reach[at], |(next, _)| *next);
            let mut terms: Vec<(usize, f64)> = nearer[from..to].iter().map(|(_, place)| (*place, 1.0)).collect();
            let mut least = 1.0;
            if let Some(before) = before {
                terms.push((before, -1.0));
                least = 0.0;
            }
            if next.is_finite() {
                let still = f64::from(u8::from(planned[at] > metres));
                let step = program.amount(people * (next - metres), 1.0, still);
                terms.push((step, 1.0));
                before = Some(step);
            }
            program.at_least(least, terms);
            from = to;
        }
    }
    let place = |site: &u32| open.binary_search(site).ok();
    for (at, site) in open.iter().enumerate() {
        for other in near.get(*site as usize).iter().filter_map(place).filter(|other| *other > at) {
            program.at_most(1.0, [(at, 1.0), (other, 1.0)]);
        }
    }
    for other in taken.iter().flat_map(|site| near.get(*site as usize)).filter_map(place) {
        program.at_most(0.0, [(other, 1.0)]);
    }
    let outcome = program.least(0.0, fits, 1.0, watch.left(), watch)?;
    if outcome.impossible {
        return Some((None, value));
    }
    let plan = outcome.values.map(|values| {
        let held = open.iter().zip(&values).filter(|(_, value)| **value > 0.5).map(|(site, _)| *site);
        taken.iter().copied().chain(held).collect::<Vec<u32>>()
    });
    let better = plan.filter(|plan| distances.total(plan) < value);
    // Proven by the solver is proven, but for its own rounding.
    let bound =
        if outcome.proven { better.as_ref().map_or(value, |plan| distances.total(plan)) } else { outcome.bound };
    Some((better, bound.min(outcome.bound.max(0.0) * (1.0 + 1e-6))))
}
