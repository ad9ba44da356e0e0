//! Covering all (LSCP; Toregas, Swain, ReVelle & Bergman 1971, Oper. Res. 19:1363-1373): the fewest sites that leave nobody out.
//!
//! min Σ y_j, Σ_{j reaches i} y_j ≥ 1, y binary.

use super::chosen::Chosen;
use super::cover::{Cover, Lists};
use super::solver::Program;
use super::watch::Watch;
use super::{Hindrance, Plan, greedy, interchange};

/// Steps of the bound.
const STEPS: usize = 600;
/// So many numbers are looked at for the rounds of shaking together.
const LOOKS: usize = 30_000_000;
/// More numbers than this the solver does not see.
const SOLVED: usize = 4_000_000;

/// The fewest sites that reach every demand point of the cover, whatever its people. Stops early with more than
/// `enough` sites known to be needed, or with at most `enough` found.
pub fn solve(cover: &Cover, near: &Lists, enough: Option<usize>, watch: &Watch) -> Result<Plan, Hindrance> {
    let alone: Vec<u32> =
        (0..).zip(cover.by_demand.iter()).filter(|(_, sites)| sites.is_empty()).map(|(demand, _)| demand).collect();
    if !alone.is_empty() {
        return Err(Hindrance::Unreached(alone));
    }
    let even = Cover { weights: vec![1; cover.weights.len()], ..cover.clone() }.gathered();
    let apart = near.is_empty();
    let names: Vec<u32> = if apart { even.undominated() } else { (0..even.sites() as u32).collect() };
    let even = if apart { even.only(&names) } else { even };
    // One demand point is as good as another: each must be reached.
    let even = Cover { weights: vec![1; even.weights.len()], ..even };
    let all = even.weights.len() as u64;
    let renamed = |sites: &[u32]| sites.iter().map(|site| names[*site as usize]).collect::<Vec<u32>>();
    let plan = |sites: &[u32], bound: usize| {
        let bound = bound.min(sites.len());
        watch.found(sites.len() as f64);
        watch.bounded(bound as f64);
        let proven = bound == sites.len();
        Plan { sites: renamed(sites), value: sites.len() as f64, bound: bound as f64, proven, bounds: Vec::new() }
    };

    watch.tell("greedy");
    let mut chosen = Chosen::none(&even, near);
    greedy::fill(&mut chosen, even.sites(), usize::MAX);
    for site in chosen.sites().to_vec() {
        if chosen.loss(site) == 0 {
            chosen.remove(site);
        }
    }
    let mut best = (chosen.covered() == all).then(|| chosen.sites().to_vec());
    let known = best.as_ref().map_or(even.sites(), Vec::len);
    if best.as_ref().is_some_and(|best| enough.is_some_and(|enough| best.len() <= enough)) {
        return Ok(plan(&best.unwrap_or_default(), 0));
    }
    watch.tell("bound");
    let least = bound(&even, known, watch);
    if enough.is_some_and(|enough| least > enough) {
        return Err(Hindrance::NeedsMore(least));
    }
    watch.tell("interchange");
    let rounds = (LOOKS / even.by_site.items().max(1)).clamp(10, 600);
    while let Some(sites) = &best
        && sites.len() > least.max(enough.unwrap_or(0))
        && !watch.over()
    {
        // One site fewer: does the best cover of that many reach everybody?
        let start = &sites[..sites.len() - 1];
        let effort = interchange::Effort { rounds, enough: all, besides: None, turn: 0 };
        let fewer = interchange::search(&even, near, start, sites.len() - 1, &effort, watch);
        if even.covered(&fewer) < all {
            break;
        }
        best = Some(fewer);
    }
    let known = best.as_ref().map(Vec::len);
    if known == Some(least) || known.is_some_and(|known| enough.is_some_and(|enough| known <= enough)) {
        return Ok(plan(&best.unwrap_or_default(), least));
    }
    let mut lower = least;
    if even.by_site.items() <= SOLVED && !watch.over() {
        watch.tell("exact");
        let (exact, bound) = exact(&even, near, best.as_deref(), watch)?;
        lower = lower.max(bound);
        best = exact.or(best);
    }
    match best {
        Some(best) => Ok(plan(&best, lower)),
        None if watch.cancelled() => Err(Hindrance::Cancelled),
        None => Err(Hindrance::NoPlan),
    }
}

/// No plan has fewer sites: Lagrangian relaxation of the rows. Every demand point offers `offer_i >= 0` for being
/// reached; a site is worth its price of 1 where its points offer more: `Σ offer_i + Σ_j min(0, 1 − Σ_{i} offer_i)`.
fn bound(cover: &Cover, known: usize, watch: &Watch) -> usize {
    let widest = |sites: &[u32]| sites.iter().map(|site| cover.by_site.get(*site as usize).len()).max().unwrap_or(1);
    let mut offer: Vec<f64> = cover.by_demand.iter().map(|sites| 1.0 / widest(sites) as f64).collect();
    let (mut best, mut centre, mut stretch, mut stale) = (0.0f64, offer.clone(), 1.0, 0);
    let mut slope = vec![0.0; offer.len()];
    for _ in 0..STEPS {
        let mut total: f64 = offer.iter().sum();
        slope.fill(1.0);
        for demand in cover.by_site.iter() {
            let worth = 1.0 - demand.iter().map(|demand| offer[*demand as usize]).sum::<f64>();
            if worth < 0.0 {
                total += worth;
                demand.iter().for_each(|demand| slope[*demand as usize] -= 1.0);
            }
        }
        if total > best {
            stale = if total > best * (1.0 + 1e-4) { 0 } else { stale + 1 };
            (best, centre) = (total, offer.clone());
            watch.bounded((best - 1e-6).ceil());
        } else {
            stale += 1;
        }
        if (best - 1e-6).ceil() >= known as f64 || stretch < 1e-4 || watch.over() {
            break;
        }
        if stale >= 15 {
            (stretch, stale) = (stretch / 2.0, 0);
            offer.clone_from(&centre);
            continue;
        }
        let length: f64 = slope
            .iter()
            .zip(&offer)
            .filter(|(slope, offer)| **slope > 0.0 || **offer > 0.0)
            .map(|(slope, _)| slope * slope)
            .sum();
        if length == 0.0 {
            break;
        }
        let far = stretch * (known as f64 * 1.02 - total).max(0.1) / length;
        for (offer, slope) in offer.iter_mut().zip(&slope) {
            *offer = (*offer + far * slope).max(0.0);
        }
    }
    (best - 1e-6).ceil().max(f64::from(u8::from(!offer.is_empty()))) as usize
}

/// The solver's plan, if it is better than the start or there is none, and its bound.
fn exact(
    cover: &Cover,
    near: &Lists,
    start: Option<&[u32]>,
    watch: &Watch,
) -> Result<(Option<Vec<u32>>, usize), Hindrance> {
    let mut program = Program::default();
    for site in 0..cover.sites() as u32 {
        program.choice(1.0, start.is_some_and(|start| start.contains(&site)));
    }
    for sites in cover.by_demand.iter() {
        program.at_least(1.0, sites.iter().map(|site| (*site as usize, 1.0)));
    }
    for (site, others) in near.iter().enumerate() {
        for other in others.iter().filter(|other| **other as usize > site) {
            program.at_most(1.0, [(site, 1.0), (*other as usize, 1.0)]);
        }
    }
    let Some(outcome) = program.least(0.999, start.is_some(), 1.0, watch.left(), watch) else { return Ok((None, 0)) };
    if outcome.impossible && start.is_none() {
        return Err(Hindrance::NoRoom);
    }
    let found = outcome.values.map(|values| {
        let held = (0u32..).zip(&values).filter(|(_, value)| **value > 0.5);
        held.map(|(site, _)| site).collect::<Vec<u32>>()
    });
    let found = found.filter(|found| cover.covered(found) == cover.weights.len() as u64);
    // Proven by the solver is proven: its own bound may stay one site below, since it stops at less than one site's gap.
    let proven = found.as_ref().map(Vec::len).filter(|_| outcome.proven);
    let better = found.filter(|found| start.is_none_or(|start| found.len() < start.len()));
    Ok((better, proven.unwrap_or((outcome.bound - 1e-6).ceil().max(0.0) as usize)))
}
