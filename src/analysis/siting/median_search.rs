//! Plans of the p-median, improved site by site (Teitz & Bart 1968, Oper. Res. 16:955-961, in the fast form of Whitaker
//! 1983, INFOR 21:95-108, and Hansen & Mladenović 1997, Location Sci. 5:207-226).

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::cover::Lists;
use super::distances::Distances;
use super::interchange::SEED;
use super::watch::Watch;

/// Stands for "what stands already, or nothing".
const NONE: u32 = u32::MAX;
/// So many distances are looked at for all rounds of shaking together.
const LOOKS: usize = 1_500_000_000;

/// A plan being made.
pub struct Median<'a> {
    distances: &'a Distances,
    near: &'a Lists,
    /// By demand point: its nearest and second nearest of what is chosen or stands already, and how far they are.
    first: Vec<(f64, u32)>,
    second: Vec<(f64, u32)>,
    sites: Vec<u32>,
    /// Farther than anything: stands for "nothing there".
    beyond: f64,
}

impl<'a> Median<'a> {
    pub fn none(distances: &'a Distances, near: &'a Lists) -> Median<'a> {
        let longest = (0..distances.sites() as u32).flat_map(|site| distances.of(site)).copied().fold(1.0, f64::max);
        let beyond = 4.0 * longest;
        let first = distances.already.iter().map(|metres| (metres.min(beyond), NONE)).collect();
        let second = vec![(beyond, NONE); distances.demand()];
        Median { distances, near, first, second, sites: Vec::new(), beyond }
    }

    fn total(&self) -> f64 {
        self.first.iter().zip(&self.distances.weights).map(|((metres, _), people)| metres * *people as f64).sum()
    }

    fn free(&self, site: u32, but: Option<u32>) -> bool {
        let near = self.near.get(site as usize);
        !self.sites.contains(&site)
            && (near.is_empty()
                || self.sites.iter().all(|held| Some(*held) == but || near.binary_search(held).is_err()))
    }

    fn add(&mut self, site: u32) {
        self.sites.push(site);
        for ((first, second), metres) in self.first.iter_mut().zip(&mut self.second).zip(self.distances.of(site)) {
            if *metres < first.0 {
                (*second, *first) = (*first, (*metres, site));
            } else if *metres < second.0 {
                *second = (*metres, site);
            }
        }
    }

    fn remove(&mut self, site: u32) {
        self.sites.retain(|held| *held != site);
        for at in 0..self.first.len() {
            if self.first[at].1 == site {
                self.first[at] = self.second[at];
            } else if self.second[at].1 != site {
                continue;
            }
            self.second[at] = self.second_of(at);
        }
    }

    /// The nearest but for the first.
    fn second_of(&self, at: usize) -> (f64, u32) {
        let first = self.first[at].1;
        let already = (self.distances.already[at].min(self.beyond), NONE);
        let already = if first == NONE { (self.beyond, NONE) } else { already };
        let others = self.sites.iter().filter(|site| **site != first);
        others.fold(already, |nearest, site| {
            let metres = self.distances.of(*site)[at];
            if metres < nearest.0 { (metres, *site) } else { nearest }
        })
    }

    /// Adds the site that saves most, again and again.
    pub fn fill(&mut self, count: usize, watch: &Watch) {
        // The first is taken in any case: a plan without a site is none.
        while self.sites.len() < count && (self.sites.is_empty() || !watch.over()) {
            let saved = |site: u32| -> f64 {
                let metres = self.distances.of(site).iter().zip(&self.first).zip(&self.distances.weights);
                metres.map(|((metres, first), people)| (first.0 - metres).max(0.0) * *people as f64).sum()
            };
            let free = (0..self.distances.sites() as u32).filter(|site| self.free(*site, None));
            let best = free.map(|site| (saved(site), site)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            match best {
                Some((saved, site)) if saved > 0.0 => self.add(site),
                _ => return,
            }
        }
    }

    /// For a candidate: the site to give up for it, and what that saves.
    fn best_swap(&self, site: u32, loss: &mut [f64], place: &[u32]) -> Option<(f64, u32)> {
        loss.fill(0.0);
        let mut gain = 0.0;
        let all = self.distances.of(site).iter().zip(&self.first).zip(&self.second).zip(&self.distances.weights);
        for (((metres, first), second), people) in all {
            if *metres < first.0 {
                gain += (first.0 - metres) * *people as f64;
            } else if first.1 != NONE {
                loss[place[first.1 as usize] as usize] += (metres.min(second.0) - first.0) * *people as f64;
            }
        }
        let swaps = self.sites.iter().zip(loss).filter(|(out, _)| self.free(site, Some(**out)));
        swaps.map(|(out, loss)| (gain - *loss, *out)).max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Swaps until none saves anything.
    pub fn improve(&mut self, count: usize, watch: &Watch) {
        let mut place = vec![0u32; self.distances.sites()];
        let mut loss = vec![0.0; self.sites.len()];
        loop {
            let enough = 1e-9 * self.total();
            let mut better = false;
            for site in 0..self.distances.sites() as u32 {
                if watch.over() {
                    return;
                }
                if self.sites.contains(&site) {
                    continue;
                }
                for (at, held) in (0u32..).zip(&self.sites) {
                    place[*held as usize] = at;
                }
                loss.resize(self.sites.len(), 0.0);
                if let Some((saved, out)) = self.best_swap(site, &mut loss, &place)
                    && saved > enough
                {
                    self.remove(out);
                    self.add(site);
                    better = true;
                }
            }
            if self.sites.len() < count {
                let before = self.sites.len();
                self.fill(count, watch);
                better |= self.sites.len() > before;
            }
            if !better {
                return;
            }
        }
    }

    /// The best plan of some rounds of shaking and improving.
    pub fn shaken(&mut self, count: usize, watch: &Watch) -> Vec<u32> {
        let mut rng = StdRng::seed_from_u64(SEED);
        let rounds = (LOOKS / (4 * self.distances.demand() * self.distances.sites()).max(1)).clamp(2, 60);
        let (mut best, mut least) = (self.sites.clone(), self.total());
        for _ in 0..rounds {
            if watch.over() || best.is_empty() {
                break;
            }
            let shaken = rng.random_range(1..=(count / 4).clamp(1, 8)).min(best.len());
            for site in best.choose_multiple(&mut rng, shaken) {
                self.remove(*site);
            }
            for _ in 0..4 * shaken {
                let site = rng.random_range(0..self.distances.sites() as u32);
                if self.sites.len() < count && self.free(site, None) {
                    self.add(site);
                }
            }
            self.fill(count, watch);
            self.improve(count, watch);
            let total = self.total();
            if total < least {
                (best, least) = (self.sites.clone(), total);
                watch.found(least);
            } else {
                for site in self.sites.clone() {
                    if !best.contains(&site) {
                        self.remove(site);
                    }
                }
                for site in &best {
                    if !self.sites.contains(site) {
                        self.add(*site);
                    }
                }
            }
        }
        best
    }
}
