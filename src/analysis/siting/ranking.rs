//! Ranking: the chosen sites in the order in which they do most good, what each adds, which candidates nearly made it,
//! and how much any smaller number of sites would do.

use super::capacity::Places;
use super::chosen::Chosen;
use super::cover::{Cover, Lists};
use super::distances::Distances;
use super::watch::Watch;
use super::{greedy, interchange};

/// More numbers than this (candidate reaches point, for every number of sites) are not improved for the curve.
const IMPROVED: usize = 40_000_000;

/// The sites of a plan of people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking {
    /// Each with the people it adds to those before it.
    pub sites: Vec<(u32, u64)>,
    /// What would come next, each with the people it would add to all before it.
    pub nearly: Vec<(u32, u64)>,
    /// People whom 0, 1, 2 … sites add at their best, as far as is known.
    pub curve: Vec<u64>,
}

/// Of a plan that covers. Sites that add nobody are left out.
pub fn covering(cover: &Cover, near: &Lists, plan: &[u32], nearly: usize, watch: &Watch) -> Ranking {
    let sites = greedy::ranked(Chosen::none(cover, near), plan);
    let mut chosen = Chosen::of(cover, near, &sites.iter().map(|(site, _)| *site).collect::<Vec<u32>>());
    let all = chosen.covered();
    let mut next = Vec::new();
    while let Some(site) = chosen.best().filter(|_| next.len() < nearly) {
        next.push((site, chosen.gain(site)));
        chosen.add(site);
    }
    let mut curve = vec![0];
    for (_, adds) in &sites {
        curve.push(curve[curve.len() - 1] + adds);
    }
    // The best of few sites are not the first of many: each number has a plan of its own.
    let quick = cover.by_site.items() * sites.len() <= IMPROVED;
    let mut fewer = Chosen::none(cover, near);
    for count in 1..sites.len() {
        greedy::fill(&mut fewer, cover.sites(), count);
        if quick && !watch.over() {
            interchange::improve(&mut fewer, cover.sites(), count, watch);
        }
        curve[count] = curve[count].max(fewer.covered()).max(curve[count - 1]).min(all);
    }
    Ranking { sites, nearly: next, curve }
}

/// Of a plan whose sites have only so many places.
pub fn serving(problem: &Places, plan: &[u32], nearly: usize) -> Ranking {
    let mut service = problem.standing();
    let sites = problem.extend(&mut service, plan, &[], plan.len(), None);
    let chosen: Vec<u32> = sites.iter().map(|(site, _)| *site).collect();
    let all: Vec<u32> = (0..problem.candidates as u32).collect();
    let nearly = problem.extend(&mut service, &all, &chosen, nearly, None);
    let mut curve = vec![0];
    for (_, adds) in &sites {
        curve.push(curve[curve.len() - 1] + adds);
    }
    Ranking { sites, nearly, curve }
}

/// The sites of a plan of distances.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Order {
    pub sites: Vec<u32>,
    /// People who have each of them nearest, in the plan as a whole.
    pub serves: Vec<u64>,
    /// What would come next, with the metres that it would save all people together.
    pub nearly: Vec<(u32, f64)>,
}

/// Of a plan that shortens ways: `farthest` ranks by the longest way first.
pub fn shortening(distances: &Distances, near: &Lists, plan: &[u32], farthest: bool, nearly: usize) -> Order {
    let mut left = plan.to_vec();
    let mut order = Order::default();
    let mut reach = distances.already.clone();
    while !left.is_empty() {
        // The longest way and all ways together with one more site; nothing is known of ways that lead nowhere.
        let with = |site: u32| {
            let each = reach.iter().zip(distances.of(site)).zip(&distances.weights).filter(|(_, people)| **people > 0);
            each.fold((0.0f64, 0.0), |(longest, all), ((before, metres), people)| {
                let metres = before.min(*metres);
                (if farthest { longest.max(metres) } else { 0.0 }, all + metres * *people as f64)
            })
        };
        let best = left
            .iter()
            .map(|site| (with(*site), *site))
            .min_by(|(a, x), (b, y)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(x.cmp(y)));
        let Some((_, site)) = best else { break };
        left.retain(|held| *held != site);
        for (reach, metres) in reach.iter_mut().zip(distances.of(site)) {
            *reach = reach.min(*metres);
        }
        order.sites.push(site);
    }
    order.serves = vec![0; order.sites.len()];
    for (at, metres) in reach.iter().enumerate() {
        if let Some(site) = order.sites.iter().position(|site| distances.of(*site)[at] == *metres) {
            order.serves[site] += distances.weights[at];
        }
    }
    let mut chosen = order.sites.clone();
    while order.nearly.len() < nearly {
        let saved = |site: u32| -> f64 {
            let each = distances.of(site).iter().zip(&reach).zip(&distances.weights);
            each.filter(|(_, people)| **people > 0).map(|((m, r), p)| (r - m).max(0.0) * *p as f64).sum()
        };
        let free = |site: &u32| !chosen.contains(site) && super::serving::fits(near, *site, &chosen);
        let candidates = (0..distances.sites() as u32).filter(free).map(|site| (site, saved(site)));
        let Some(best) = candidates.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).filter(|(_, s)| *s > 0.0)
        else {
            break;
        };
        chosen.push(best.0);
        order.nearly.push(best);
        for (reach, metres) in reach.iter_mut().zip(distances.of(best.0)) {
            *reach = reach.min(*metres);
        }
    }
    order
}
