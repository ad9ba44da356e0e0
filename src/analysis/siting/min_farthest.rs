//! The p-center (Hakimi 1964, Oper. Res. 12:450-459): so many sites that the farthest people are as near as can be.
//!
//! The answer is one of the distances. Whether a distance will do is a question of covering all (Minieka 1970, SIAM Rev.
//! 12:138-139), so the distances are halved until one remains.

use super::cover::Lists;
use super::distances::Distances;
use super::watch::Watch;
use super::{Hindrance, Plan, cover_all};

/// The least farthest distance with at most `count` sites.
pub fn solve(distances: &Distances, near: &Lists, count: usize, watch: &Watch) -> Result<Plan, Hindrance> {
    let lived: Vec<usize> = (0..distances.demand()).filter(|at| distances.weights[*at] > 0).collect();
    // Nobody can be nearer than with a site at every candidate.
    let every: Vec<u32> = (0..distances.sites() as u32).collect();
    let least = distances.farthest(&every);
    watch.tell("greedy");
    let mut best = farthest_first(distances, near, count);
    let most = distances.farthest(&best);
    let mut steps: Vec<f64> = every
        .iter()
        .flat_map(|site| lived.iter().map(|at| distances.of(*site)[*at]))
        .chain(lived.iter().map(|at| distances.already[*at]))
        .filter(|metres| (least..=most).contains(metres) && metres.is_finite())
        .collect();
    steps.sort_unstable_by(f64::total_cmp);
    steps.dedup();
    // All below `low` are too short; the one at `high`, if there is one, will do.
    let (mut low, mut high) = (0, steps.iter().position(|metres| *metres == most).unwrap_or(steps.len()));
    let mut found = most.is_finite();
    let mut refused = None;
    watch.tell("exact");
    watch.bounded(least);
    if found {
        watch.found(most);
    }
    while low < high && !watch.over() {
        let middle = (low + high) / 2;
        match cover_all::solve(&distances.within(steps[middle]), near, Some(count), &watch.part()) {
            Ok(plan) if plan.sites.len() <= count => {
                best = plan.sites;
                found = true;
                let reached = distances.farthest(&best);
                high = steps[..=middle].partition_point(|metres| *metres < reached);
            }
            Ok(plan) if plan.bound > count as f64 => low = middle + 1,
            Err(hindrance @ (Hindrance::NeedsMore(_) | Hindrance::NoRoom | Hindrance::Unreached(_))) => {
                refused = Some(hindrance);
                low = middle + 1;
            }
            Ok(_) | Err(_) => break,
        }
        if found {
            watch.found(distances.farthest(&best));
        }
        watch.bounded(steps.get(low).copied().unwrap_or(least));
    }
    if !found {
        return Err(match refused {
            Some(hindrance) if low >= high => hindrance,
            _ if watch.cancelled() => Hindrance::Cancelled,
            _ => Hindrance::NoPlan,
        });
    }
    let value = distances.farthest(&best);
    let bound = steps.get(low).copied().unwrap_or(value).min(value);
    Ok(Plan { sites: best, value, bound, proven: bound >= value, bounds: Vec::new() })
}

/// Every next site for who is farthest (Gonzalez 1985, Theor. Comput. Sci. 38:293-306).
fn farthest_first(distances: &Distances, near: &Lists, count: usize) -> Vec<u32> {
    let mut sites: Vec<u32> = Vec::new();
    let mut nearest = distances.already.clone();
    while sites.len() < count {
        let lived = (0..distances.demand()).filter(|at| distances.weights[*at] > 0);
        let Some(farthest) = lived.max_by(|a, b| nearest[*a].total_cmp(&nearest[*b])) else { break };
        let free = |site: &u32| near.get(*site as usize).iter().all(|other| !sites.contains(other));
        let candidates = (0..distances.sites() as u32).filter(|site| !sites.contains(site) && free(site));
        let metres = |site: u32| distances.of(site)[farthest];
        let Some(site) = candidates.min_by(|a, b| metres(*a).total_cmp(&metres(*b))) else { break };
        if metres(site) >= nearest[farthest] {
            break;
        }
        sites.push(site);
        for (nearest, metres) in nearest.iter_mut().zip(distances.of(site)) {
            *nearest = nearest.min(*metres);
        }
    }
    sites
}
