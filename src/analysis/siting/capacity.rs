//! Maximal covering with limited places (Current & Storbeck 1988, Environ. Plan. B 15:153-163; Pirkul & Schilling 1991,
//! Manage. Sci. 37:233-248): a site serves at most its places, and people of one demand point may go to several sites.
//!
//! max Σ f_ij, Σ_j f_ij ≤ w_i, Σ_i f_ij ≤ places_j y_j, f_ij ≤ w_i y_j, Σ y_j ≤ p.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::cover::{Cover, Lists};
use super::serving::{Service, fits};
use super::solver::Program;
use super::watch::Watch;
use super::{Plan, people};

/// Steps of the bound.
const STEPS: usize = 400;
/// More numbers than this the solver does not see.
const SOLVED: usize = 120_000;
/// Candidates that are tried in the place of each site.
const TRIED: usize = 25;

/// Sites that stand already, candidates, and the places of each.
pub struct Places<'a> {
    /// All sites: candidates first, then those that stand already.
    pub cover: &'a Cover,
    /// By candidate, those that may not be chosen with it.
    pub near: &'a Lists,
    /// By site, how many people it can serve.
    pub places: &'a [u64],
    pub candidates: usize,
}

impl Places<'_> {
    /// The service by what stands already.
    pub fn standing(&self) -> Service<'_> {
        let mut service = Service::none(self.cover);
        service.open_all(self.candidates as u32..self.cover.sites() as u32, self.places);
        service
    }

    /// People served by what stands already and these.
    pub fn served(&self, sites: &[u32]) -> u64 {
        let mut service = self.standing();
        service.open_all(sites.iter().copied(), self.places);
        service.people()
    }

    /// Opens of these candidates up to `count` more, each the one that serves most more, while any does. `held` are open
    /// already. What a site adds only shrinks as others open, so most are not tried again.
    pub fn extend(
        &self,
        service: &mut Service,
        among: &[u32],
        held: &[u32],
        count: usize,
        watch: Option<&Watch>,
    ) -> Vec<(u32, u64)> {
        let (mut sites, mut opened) = (held.to_vec(), Vec::new());
        let most = |site: u32| {
            let reached = self.cover.by_site.get(site as usize).iter();
            reached.map(|demand| self.cover.weights[*demand as usize]).sum::<u64>().min(self.places[site as usize])
        };
        let hopes = among.iter().map(|site| (most(*site), Reverse(*site))).filter(|(most, _)| *most > 0);
        let mut heap: BinaryHeap<(u64, Reverse<u32>)> = hopes.collect();
        while opened.len() < count && !watch.is_some_and(Watch::over) {
            let Some((promised, Reverse(site))) = heap.pop() else { break };
            if sites.contains(&site) || !fits(self.near, site, &sites) {
                continue;
            }
            let gain = self.gain(service, site);
            if gain == promised && gain > 0 {
                service.open(site, self.places[site as usize]);
                sites.push(site);
                opened.push((site, gain));
            } else if gain > 0 {
                heap.push((gain, Reverse(site)));
            }
        }
        opened
    }

    /// For numbers of new sites from 0 to `count`: no plan of so many serves more people than this.
    fn most_by_places(&self, count: usize) -> Vec<u64> {
        let mut places = self.places[..self.candidates].to_vec();
        places.sort_unstable_by_key(|places| Reverse(*places));
        let mut most = vec![self.standing().people()];
        for places in places.into_iter().take(count) {
            most.push(most[most.len() - 1] + places);
        }
        most
    }

    fn gain(&self, service: &Service, site: u32) -> u64 {
        service.clone().open(site, self.places[site as usize])
    }
}

/// Most people served with at most `count` more sites.
pub fn solve(problem: &Places, count: usize, watch: &Watch) -> Plan {
    let count = count.min(problem.candidates);
    watch.tell("greedy");
    let mut best = greedy(problem, &[], count, watch);
    watch.tell("interchange");
    improve(problem, &mut best, count, watch);
    let mut most = problem.served(&best);
    watch.found(most as f64);
    watch.tell("bound");
    let everybody = problem.cover.reachable();
    let (bound, bounds) = bound(problem, count, most, watch);
    // No site serves more than its places: beside what stands already serves, so many of the largest at most.
    let by_places = problem.most_by_places(count);
    let mut upper = bound.min(everybody as f64).min(by_places[count] as f64);
    if upper >= most as f64 + 1.0 && !watch.over() {
        watch.tell("exact");
        if let Some((plan, bound)) = exact(problem, count, &best, watch) {
            if problem.served(&plan) > most {
                (most, best) = (problem.served(&plan), plan);
            }
            upper = upper.min(bound);
        }
    }
    let upper = (people(upper) as f64).max(most as f64);
    let bounds = bounds.into_iter().zip(by_places);
    let bounds = bounds.map(|(bound, places)| (people(bound).min(places) as f64).min(upper)).collect();
    watch.found(most as f64);
    watch.bounded(upper);
    Plan { sites: best, value: most as f64, bound: upper, proven: upper <= most as f64, bounds }
}

/// Adds to these sites what serves most more, again and again.
fn greedy(problem: &Places, start: &[u32], count: usize, watch: &Watch) -> Vec<u32> {
    let mut service = problem.standing();
    service.open_all(start.iter().copied(), problem.places);
    let all: Vec<u32> = (0..problem.candidates as u32).collect();
    let more = problem.extend(&mut service, &all, start, count.saturating_sub(start.len()), Some(watch));
    start.iter().copied().chain(more.into_iter().map(|(site, _)| site)).collect()
}

/// Swaps a site for one of the most promising others while that serves more.
fn improve(problem: &Places, best: &mut Vec<u32>, count: usize, watch: &Watch) {
    let mut most = problem.served(best);
    loop {
        let before = most;
        for out in best.clone() {
            let rest: Vec<u32> = best.iter().copied().filter(|site| *site != out).collect();
            let mut service = problem.standing();
            service.open_all(rest.iter().copied(), problem.places);
            let mut promising: Vec<(u64, u32)> = (0..problem.candidates as u32)
                .filter(|site| *site != out && !rest.contains(site) && fits(problem.near, *site, &rest))
                .map(|site| (waiting(problem, &service, site), site))
                .collect();
            promising.sort_by_key(|(waiting, site)| (Reverse(*waiting), *site));
            for (_, site) in promising.into_iter().take(TRIED) {
                if watch.over() {
                    return;
                }
                let people = service.people() + problem.gain(&service, site);
                if people > most {
                    most = people;
                    *best = [rest.as_slice(), &[site]].concat();
                }
            }
            if most > before {
                break;
            }
        }
        if best.len() < count {
            *best = greedy(problem, best, count, watch);
            most = problem.served(best);
        }
        if most <= before {
            return;
        }
        watch.found(most as f64);
    }
}

/// People in reach who wait, as far as there would be places.
fn waiting(problem: &Places, service: &Service, site: u32) -> u64 {
    let reached = problem.cover.by_site.get(site as usize).iter();
    reached.map(|demand| service.waiting(*demand)).sum::<u64>().min(problem.places[site as usize])
}

/// The best bound of the steps, and the same for every smaller number of sites: Lagrangian relaxation of "nobody is
/// served twice". Who is served pays `pay_i` of 1; a site serves those who leave it most, as far as it has places.
fn bound(problem: &Places, count: usize, most: u64, watch: &Watch) -> (f64, Vec<f64>) {
    let cover = problem.cover;
    let weights: Vec<f64> = cover.weights.iter().map(|people| *people as f64).collect();
    let mut pay = vec![0.5f64; weights.len()];
    let (mut best, mut bounds, mut stretch, mut stale) = (f64::INFINITY, Vec::new(), 1.0, 0);
    for _ in 0..STEPS {
        let mut slope = weights.clone();
        let paid: f64 = weights.iter().zip(&pay).map(|(people, pay)| people * pay).sum();
        let served: Vec<(f64, Vec<(u32, f64)>)> =
            (0..cover.sites()).map(|site| fullest(problem, site, &pay, &weights)).collect();
        let mut order: Vec<usize> = (0..problem.candidates).collect();
        order.sort_by(|a, b| served[*b].0.total_cmp(&served[*a].0).then(a.cmp(b)));
        let standing = problem.candidates..cover.sites();
        let fixed = paid + standing.clone().map(|site| served[site].0).sum::<f64>();
        let mut sums = vec![fixed];
        for site in &order[..count] {
            sums.push(sums[sums.len() - 1] + served[*site].0);
        }
        let total = sums[count] * (1.0 + 1e-9);
        if total < best {
            stale = if total < best * (1.0 - 1e-5) { 0 } else { stale + 1 };
            (best, bounds) = (total, sums);
            watch.bounded(best);
        } else {
            stale += 1;
        }
        if best < most as f64 + 1.0 || stretch < 1e-4 || watch.over() {
            break;
        }
        if stale >= 12 {
            (stretch, stale) = (stretch / 2.0, 0);
        }
        for (demand, people) in order[..count].iter().copied().chain(standing).flat_map(|site| &served[site].1) {
            slope[*demand as usize] -= people;
        }
        let length: f64 = slope.iter().map(|slope| slope * slope).sum();
        if length == 0.0 {
            break;
        }
        let far = stretch * (total - most as f64).max(1.0) / length;
        for (pay, slope) in pay.iter_mut().zip(&slope) {
            *pay = (*pay - far * slope).clamp(0.0, 1.0);
        }
    }
    (best, bounds)
}

/// Whom a site serves at these payments, and what that is worth.
fn fullest(problem: &Places, site: usize, pay: &[f64], weights: &[f64]) -> (f64, Vec<(u32, f64)>) {
    let mut reached: Vec<u32> = problem.cover.by_site.get(site).to_vec();
    reached.retain(|demand| pay[*demand as usize] < 1.0);
    reached.sort_by(|a, b| pay[*a as usize].total_cmp(&pay[*b as usize]).then(a.cmp(b)));
    let (mut places, mut worth, mut served) = (problem.places[site] as f64, 0.0, Vec::new());
    for demand in reached {
        if places <= 0.0 {
            break;
        }
        let people = weights[demand as usize].min(places);
        places -= people;
        worth += people * (1.0 - pay[demand as usize]);
        served.push((demand, people));
    }
    (worth, served)
}

/// The solver's plan and bound; `None` where there is too much for it.
fn exact(problem: &Places, count: usize, best: &[u32], watch: &Watch) -> Option<(Vec<u32>, f64)> {
    let cover = problem.cover;
    if cover.by_site.items() > SOLVED {
        return None;
    }
    let mut program = Program::default();
    for site in 0..problem.candidates as u32 {
        program.choice(0.0, best.contains(&site));
    }
    let mut served: Vec<Vec<(usize, f64)>> = vec![Vec::new(); cover.weights.len()];
    for (site, demand) in cover.by_site.iter().enumerate() {
        let places = problem.places[site] as f64;
        let mut flows = Vec::with_capacity(demand.len() + 1);
        for demand in demand {
            let people = cover.weights[*demand as usize] as f64;
            let flow = program.amount(-1.0, people.min(places), 0.0);
            served[*demand as usize].push((flow, 1.0));
            flows.push((flow, -1.0));
            if site < problem.candidates {
                program.at_least(0.0, [(site, people.min(places)), (flow, -1.0)]);
            }
        }
        match site < problem.candidates {
            true => program.at_least(0.0, flows.into_iter().chain([(site, places)])),
            false => program.at_least(-places, flows),
        }
    }
    for (flows, people) in served.into_iter().zip(&cover.weights) {
        program.at_most(*people as f64, flows);
    }
    program.at_most(count as f64, (0..problem.candidates).map(|site| (site, 1.0)));
    for (site, others) in problem.near.iter().enumerate() {
        for other in others.iter().filter(|other| **other as usize > site) {
            program.at_most(1.0, [(site, 1.0), (*other as usize, 1.0)]);
        }
    }
    let outcome = program.least(0.999, false, -1.0, watch.left(), watch)?;
    let held = |values: &[f64]| {
        let chosen = (0u32..).zip(&values[..problem.candidates]).filter(|(_, value)| **value > 0.5);
        chosen.map(|(site, _)| site).collect()
    };
    let plan: Vec<u32> = outcome.values.as_deref().map_or_else(Vec::new, held);
    // People are whole: what the solver proves to less than one is proven.
    let bound = if outcome.proven { problem.served(&plan).max(problem.served(best)) as f64 } else { -outcome.bound };
    Some((plan, bound))
}
