//! The p-median where candidates × demand points are too many to keep: distances are computed where they are needed, as
//! chords through the earth, which are never longer than the way. A heuristic with a bound:
//!
//! lazy greedy (Minoux 1978, Lect. Notes Control Inf. Sci. 7:234-243), interchange in the fast form of Whitaker 1983 over
//! batches of candidates, then the Lagrangian bound of [`median_bound`](super::median_bound): payments are found on a
//! sample and hold for the whole, since every payment gives a bound.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};
use rayon::prelude::*;

use super::cover::Lists;
use super::distances::Distances;
use super::interchange::SEED;
use super::points::Points;
use super::serving::fits;
use super::watch::Watch;
use super::{Hindrance, median_bound};
use crate::atlas::geodesic::Ecef;

/// Stands for "what stands already, or nothing".
const NONE: u32 = u32::MAX;
/// Candidates that are looked at before the best swap among them is made.
const BATCH: usize = 64;
/// Demand points, and candidates, of the sample on which payments are found.
const SAMPLE: usize = 1200;
/// The parts of the time after which interchange, and the sample, end.
const PARTS: (f64, f64) = (0.5, 0.65);
/// Steps of the bound on the whole.
const STEPS: usize = 60;

/// A p-median over points.
pub struct LargeMedian<'a> {
    pub demand: Points,
    pub candidates: Points,
    /// People by demand point.
    pub weights: Vec<f64>,
    /// By demand point, to the nearest that stands already; infinite where nothing does.
    pub already: Vec<f64>,
    pub near: &'a Lists,
}

/// A plan, what would come next, and what no plan is better than.
pub struct LargePlan {
    pub sites: Vec<u32>,
    /// Candidates that would save most beside the plan, the best first.
    pub next: Vec<u32>,
    pub bound: f64,
}

/// A plan being made: by demand point its nearest and second nearest of what is chosen or stands already.
struct State {
    sites: Vec<u32>,
    first: Vec<(f64, u32)>,
    second: Vec<(f64, u32)>,
}

impl LargeMedian<'_> {
    /// The best plan of at most `count` sites that the time allows, and the best bound.
    pub fn solve(&self, count: usize, nearly: usize, watch: &Watch) -> Result<LargePlan, Hindrance> {
        let count = count.min(self.candidates.len());
        let mut state = self.start();
        watch.tell("greedy");
        self.fill(&mut state, count, watch);
        let value = self.value(&state);
        if state.sites.is_empty() || !value.is_finite() {
            return Err(if watch.cancelled() { Hindrance::Cancelled } else { Hindrance::NoRoom });
        }
        watch.found(value);
        watch.tell("interchange");
        self.improve(&mut state, PARTS.0 * watch.seconds(), watch);
        watch.tell("bound");
        // Of as many sites as were asked for, though time may have run out before all were placed.
        let bound = self.bound((&state.sites, count), self.value(&state), watch);
        watch.tell("interchange");
        self.improve(&mut state, watch.seconds(), watch);
        let next = self.next(&state, nearly, watch);
        Ok(LargePlan { sites: state.sites, next, bound })
    }

    fn site(&self, site: u32) -> Ecef {
        self.candidates.at(site as usize)
    }

    fn start(&self) -> State {
        // Farther than anything on the earth: stands for "nothing there".
        let beyond = 4.0e7;
        State {
            sites: Vec::new(),
            first: self.already.iter().map(|metres| (metres.min(beyond), NONE)).collect(),
            second: vec![(beyond, NONE); self.demand.len()],
        }
    }

    /// Metres that all people together have.
    fn value(&self, state: &State) -> f64 {
        state.first.iter().zip(&self.weights).map(|((metres, _), people)| metres * people).sum()
    }

    /// Metres that one more site saves.
    fn saved(&self, state: &State, site: u32) -> f64 {
        let each = self.demand.row(self.site(site)).zip(&state.first).zip(&self.weights);
        each.map(|((metres, first), people)| (first.0 - metres).max(0.0) * people).sum()
    }

    fn add(&self, state: &mut State, site: u32) {
        state.sites.push(site);
        for ((metres, first), second) in self.demand.row(self.site(site)).zip(&mut state.first).zip(&mut state.second) {
            if metres < first.0 {
                (*second, *first) = (*first, (metres, site));
            } else if metres < second.0 {
                *second = (metres, site);
            }
        }
    }

    fn remove(&self, state: &mut State, site: u32) {
        state.sites.retain(|held| *held != site);
        for at in 0..state.first.len() {
            if state.first[at].1 == site {
                state.first[at] = state.second[at];
            } else if state.second[at].1 != site {
                continue;
            }
            let first = state.first[at].1;
            let already = if first == NONE { 4.0e7 } else { self.already[at].min(4.0e7) };
            let others = state.sites.iter().filter(|held| **held != first);
            state.second[at] = others.fold((already, NONE), |nearest, held| {
                let metres = self.demand.one(at, self.site(*held));
                if metres < nearest.0 { (metres, *held) } else { nearest }
            });
        }
    }

    /// Adds the site that saves most, again and again. What a site saves only shrinks as others come, so most are not
    /// looked at again.
    fn fill(&self, state: &mut State, count: usize, watch: &Watch) {
        let all = self.candidates.len() as u32;
        let hope = |site: u32| {
            // A few are looked at in any case: a plan without a site is none.
            let looked = site < 64 || !watch.over();
            (if looked { self.saved(state, site) } else { 0.0 }, site)
        };
        let hopes: Vec<(f64, u32)> = (0..all).into_par_iter().map(hope).collect();
        let mut heap: BinaryHeap<(u64, Reverse<u32>)> = hopes
            .into_iter()
            .filter(|(saved, _)| *saved > 0.0)
            .map(|(saved, site)| (saved.to_bits(), Reverse(site)))
            .collect();
        while state.sites.len() < count && (state.sites.is_empty() || !watch.over()) {
            let Some((_, Reverse(site))) = heap.pop() else { break };
            if !fits(self.near, site, &state.sites) {
                continue;
            }
            let saved = self.saved(state, site);
            // The bits of floats that are not negative stand in their order.
            if heap.peek().is_none_or(|(promised, _)| saved.to_bits() >= *promised) {
                if saved > 0.0 {
                    self.add(state, site);
                }
            } else if saved > 0.0 {
                heap.push((saved.to_bits(), Reverse(site)));
            }
        }
    }

    /// For a candidate: the site to give up for it, and what that saves.
    fn best_swap(&self, state: &State, place: &[u32], site: u32) -> Option<(f64, u32)> {
        if state.sites.contains(&site) {
            return None;
        }
        let (mut gain, mut loss) = (0.0, vec![0.0; state.sites.len()]);
        let all = self.demand.row(self.site(site)).zip(&state.first).zip(&state.second).zip(&self.weights);
        for (((metres, first), second), people) in all {
            if metres < first.0 {
                gain += (first.0 - metres) * people;
            } else if first.1 != NONE {
                loss[place[first.1 as usize] as usize] += (metres.min(second.0) - first.0) * people;
            }
        }
        let others = |out: u32| state.sites.iter().copied().filter(move |held| *held != out).collect::<Vec<u32>>();
        let free = |out: u32| self.near.is_empty() || fits(self.near, site, &others(out));
        let swaps = state.sites.iter().zip(&loss).filter(|(out, _)| free(**out));
        swaps.map(|(out, loss)| (gain - loss, *out)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
    }

    /// Swaps until none saves anything, or so many seconds have passed.
    fn improve(&self, state: &mut State, until: f64, watch: &Watch) {
        let mut order: Vec<u32> = (0..self.candidates.len() as u32).collect();
        order.shuffle(&mut StdRng::seed_from_u64(SEED));
        let mut place = vec![0u32; self.candidates.len()];
        let mut unimproved = 0;
        for batch in order.chunks(BATCH).cycle() {
            if watch.over() || watch.spent() >= until || unimproved >= order.len() {
                return;
            }
            (0u32..).zip(&state.sites).for_each(|(at, site)| place[*site as usize] = at);
            let swap = |site: &u32| self.best_swap(state, &place, *site).map(|(saved, out)| (saved, out, *site));
            let swaps: Vec<(f64, u32, u32)> = batch.par_iter().filter_map(swap).collect();
            let best = swaps.into_iter().max_by(|a, b| a.0.total_cmp(&b.0).then(b.2.cmp(&a.2)));
            match best.filter(|(saved, ..)| *saved > 1e-9 * self.value(state)) {
                Some((_, out, site)) => {
                    self.remove(state, out);
                    self.add(state, site);
                    watch.found(self.value(state));
                    unimproved = 0;
                }
                None => unimproved += batch.len(),
            }
        }
    }

    /// The candidates that would save most beside the plan, each by itself.
    fn next(&self, state: &State, nearly: usize, watch: &Watch) -> Vec<u32> {
        let free = |site: &u32| !state.sites.contains(site) && fits(self.near, *site, &state.sites);
        let sites = (0..self.candidates.len() as u32).into_par_iter().filter(free);
        let mut saved: Vec<(f64, u32)> = match nearly == 0 || watch.cancelled() {
            true => Vec::new(),
            false => sites.map(|site| (self.saved(state, site), site)).collect(),
        };
        saved.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        saved.into_iter().take(nearly).map(|(_, site)| site).collect()
    }

    /// The highest bound that the time allows.
    fn bound(&self, (sites, count): (&[u32], usize), value: f64, watch: &Watch) -> f64 {
        let mut reach = self.sampled(sites, watch);
        let (mut best, mut centre, mut stretch, mut stale) = (0.0f64, reach.clone(), 1.0, 0);
        for step in 0..STEPS {
            // The first is looked at in any case: a plan without a bound tells nothing.
            if step > 0 && watch.over() || watch.cancelled() {
                break;
            }
            let (total, chosen) = self.relaxed(&reach, count);
            if total > best {
                stale = if total > best * 1.0001 { 0 } else { stale + 1 };
                (best, centre) = (total, reach.clone());
                watch.bounded(best);
            } else {
                stale += 1;
            }
            if best >= value * (1.0 - 1e-6) || stretch < 1e-3 {
                break;
            }
            if stale >= 4 {
                (stretch, stale) = (stretch / 2.0, 0);
                reach.clone_from(&centre);
                continue;
            }
            let mut slope = vec![1.0; reach.len()];
            for site in chosen {
                for (at, metres) in self.demand.row(self.site(site)).enumerate() {
                    slope[at] -= f64::from(u8::from(metres < reach[at]));
                }
            }
            let people = |at: usize| self.weights[at];
            let length: f64 =
                slope.iter().enumerate().map(|(at, slope)| slope * slope * f64::from(u8::from(people(at) > 0.0))).sum();
            if length == 0.0 {
                break;
            }
            let far = stretch * (value - total).max(1e-6 * value) / length;
            for (at, slope) in slope.iter().enumerate().filter(|(at, _)| people(*at) > 0.0) {
                reach[at] = (reach[at] + far * slope / people(at)).clamp(0.0, self.already[at]);
            }
        }
        best
    }

    /// The relaxation where everybody pays for going so far: a bound, and the candidates that it takes.
    fn relaxed(&self, reach: &[f64], count: usize) -> (f64, Vec<u32>) {
        let borne = |site: u32| -> f64 {
            let each = self.demand.row(self.site(site)).zip(reach).zip(&self.weights);
            each.map(|((metres, reach), people)| (metres - reach).min(0.0) * people).sum()
        };
        let mut borne: Vec<(f64, u32)> =
            (0..self.candidates.len() as u32).into_par_iter().map(|site| (borne(site), site)).collect();
        let count = count.min(borne.len());
        if count < borne.len() && count > 0 {
            borne.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        let paid: f64 = reach.iter().zip(&self.weights).map(|(reach, people)| reach * people).sum();
        let total = paid + borne[..count].iter().map(|(borne, _)| borne).sum::<f64>() - 1e-9 * paid;
        (total, borne[..count].iter().map(|(_, site)| *site).collect())
    }

    /// How far everybody pays for, found on a sample: demand points next to each other in the list share one, and every
    /// so-manieth candidate stands for those beside it.
    fn sampled(&self, sites: &[u32], watch: &Watch) -> Vec<f64> {
        let run = self.demand.len().div_ceil(SAMPLE).max(1);
        let mut weights = Vec::new();
        let (mut already, mut middles) = (Vec::new(), Vec::new());
        for from in (0..self.demand.len()).step_by(run) {
            let to = (from + run).min(self.demand.len());
            weights.push(self.weights[from..to].iter().sum::<f64>().round() as u64);
            already.push(self.already[(from + to) / 2]);
            middles.push(self.demand.at((from + to) / 2));
        }
        let middles = Points::new(middles);
        let step = self.candidates.len().div_ceil(SAMPLE).max(1);
        let every = (0..self.candidates.len() as u32).step_by(step).filter(|site| !sites.contains(site));
        let few: Vec<u32> = sites.iter().copied().chain(every).collect();
        let metres = few.iter().flat_map(|site| middles.row(self.site(*site))).collect();
        let distances = Distances::new(weights.clone(), already, metres);
        let plan: Vec<u32> = (0..sites.len() as u32).collect();
        let part = Watch::new((PARTS.1 * watch.seconds() - watch.spent()).max(0.2));
        let found = median_bound::bound(&distances, sites.len(), distances.total(&plan), &part);
        let of_run = |at: usize| found.pay[at / run] / (weights[at / run] as f64).max(1.0);
        (0..self.demand.len()).map(|at| of_run(at).min(self.already[at])).collect()
    }
}
