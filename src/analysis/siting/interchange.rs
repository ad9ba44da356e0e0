//! Interchange: swap a site for a better one until no swap helps (Teitz & Bart 1968, Oper. Res. 16:955-961), then shake
//! the plan and do it again (iterated local search, Lourenço, Martin & Stützle 2003).

use rand::{Rng, SeedableRng, rngs::StdRng};

use super::chosen::Chosen;
use super::cover::{Cover, Lists};
use super::watch::Watch;

/// The same question has the same answer: chance begins here.
pub const SEED: u64 = 20_261_125;

/// Swaps and adds until neither helps.
pub fn improve(chosen: &mut Chosen, candidates: usize, count: usize, watch: &Watch) {
    let mut extra = vec![0; candidates];
    loop {
        let mut better = false;
        while chosen.sites().len() < count
            && let Some(site) = chosen.best()
        {
            chosen.add(site);
            better = true;
        }
        for out in chosen.sites().to_vec() {
            if watch.over() {
                return;
            }
            if let Some(site) = chosen.best_swap(out, &mut extra) {
                chosen.remove(out);
                chosen.add(site);
                better = true;
            }
        }
        if !better {
            return;
        }
    }
}

/// How long to shake.
pub struct Effort {
    pub rounds: usize,
    /// A plan of so many people is enough.
    pub enough: u64,
    /// People who are covered besides, for the news; `None` where these are no people.
    pub besides: Option<u64>,
    /// Every turn shakes otherwise.
    pub turn: u64,
}

/// Shakes the plan for some rounds: some sites go, others come, interchange again; what is worse by more than a little
/// is taken back.
pub fn search(cover: &Cover, near: &Lists, start: &[u32], count: usize, effort: &Effort, watch: &Watch) -> Vec<u32> {
    let Effort { rounds, enough, besides, turn } = *effort;
    let tell = |people: u64| besides.into_iter().for_each(|besides| watch.found((besides + people) as f64));
    let mut rng = StdRng::seed_from_u64(SEED + turn);
    let candidates = cover.sites();
    let mut chosen = Chosen::of(cover, near, start);
    // What was a plan of the whole may have too many sites for a remnant, which holds others already.
    while chosen.sites().len() > count {
        let Some(out) = chosen.sites().iter().copied().min_by_key(|site| (chosen.loss(*site), *site)) else { break };
        chosen.remove(out);
    }
    improve(&mut chosen, candidates, count, watch);
    let (mut best, mut most) = (chosen.sites().to_vec(), chosen.covered());
    let (mut kept, mut reached) = (best.clone(), most);
    tell(most);
    for round in 0..rounds {
        if most >= enough || watch.over() || kept.is_empty() {
            break;
        }
        shake(&mut chosen, &mut rng, candidates, count);
        improve(&mut chosen, candidates, count, watch);
        let covered = chosen.covered();
        if covered > most {
            (best, most) = (chosen.sites().to_vec(), covered);
            tell(most);
        }
        // A little worse is allowed, and less and less so.
        let patience = (most / 500) * (rounds - round) as u64 / rounds as u64;
        if covered >= reached || covered + patience >= most {
            (kept, reached) = (chosen.sites().to_vec(), covered);
        } else {
            let back = if rng.random_bool(0.1) { &best } else { &kept };
            chosen = change(chosen, back);
            (kept, reached) = (chosen.sites().to_vec(), chosen.covered());
        }
    }
    best
}

/// Lets one to a few sites in that nobody asked for, each for the one that is missed least.
fn shake(chosen: &mut Chosen, rng: &mut StdRng, candidates: usize, count: usize) {
    let mut new = Vec::new();
    for _ in 0..rng.random_range(1..=4) {
        let Some(site) = (0..20).map(|_| rng.random_range(0..candidates as u32)).find(|site| chosen.free(*site)) else {
            break;
        };
        chosen.add(site);
        new.push(site);
        while chosen.sites().len() > count {
            let old = chosen.sites().iter().copied().filter(|site| !new.contains(site));
            let Some(out) = old.min_by_key(|site| (chosen.loss(*site), *site)) else { break };
            chosen.remove(out);
        }
    }
    while chosen.sites().len() > count {
        let Some(out) = chosen.sites().last().copied() else { break };
        chosen.remove(out);
    }
}

/// Turns one plan into another.
fn change<'a>(mut chosen: Chosen<'a>, into: &[u32]) -> Chosen<'a> {
    for site in chosen.sites().to_vec() {
        if !into.contains(&site) {
            chosen.remove(site);
        }
    }
    for site in into {
        if !chosen.sites().contains(site) {
            chosen.add(*site);
        }
    }
    chosen
}
