//! Tiny problems, of which every plan is looked at: the answer is the best, and no bound is ever passed.

use proptest::prelude::*;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::analysis::siting::problem::*;

/// A problem small enough to look at every plan.
struct Tiny {
    cover: Cover,
    distances: Distances,
    near: Lists,
    count: usize,
}

const RADIUS: f64 = 30.0;

/// Candidates and people on a plane; `spaced` forbids some pairs.
fn tiny(seed: u64, spaced: bool) -> Tiny {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut points = |count: usize| -> Vec<(f64, f64)> {
        (0..count)
            .map(|_| (f64::from(rng.random_range(0..20)) * 5.0, f64::from(rng.random_range(0..20)) * 5.0))
            .collect()
    };
    let (sites, demand) = (points(1 + seed as usize % 9), points(1 + seed as usize % 23));
    let metres = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
    let all: Vec<f64> = sites.iter().flat_map(|site| demand.iter().map(move |point| metres(site, point))).collect();
    let weights: Vec<u64> = demand.iter().map(|_| rng.random_range(0..40)).collect();
    let already: Vec<f64> =
        demand.iter().map(|_| if rng.random_bool(0.2) { rng.random_range(0.0..60.0) } else { f64::INFINITY }).collect();
    let reach = |site: &(f64, f64)| -> Vec<u32> {
        (0u32..).zip(&demand).filter(|(_, point)| metres(site, point) <= RADIUS).map(|(at, _)| at).collect()
    };
    let near = |at: usize| -> Vec<u32> {
        let near =
            (0u32..).zip(&sites).filter(|(other, site)| *other as usize != at && metres(&sites[at], site) < 20.0);
        near.map(|(other, _)| other).collect()
    };
    Tiny {
        cover: Cover::new(weights.clone(), Lists::new(sites.iter().map(reach))),
        distances: Distances::new(weights, already, all),
        near: if spaced { Lists::new((0..sites.len()).map(near)) } else { Lists::default() },
        count: rng.random_range(1..=sites.len()),
    }
}

impl Tiny {
    fn allowed(&self, sites: &[u32]) -> bool {
        sites.iter().all(|site| sites.iter().all(|other| !self.near.get(*site as usize).contains(other)))
    }

    /// Every plan of at most so many sites.
    fn plans(&self, count: usize) -> impl Iterator<Item = Vec<u32>> {
        let every = (0u32..1 << self.cover.sites()).filter(move |bits| bits.count_ones() as usize <= count);
        let plan = |bits: u32| (0..self.cover.sites() as u32).filter(|at| bits >> at & 1 == 1).collect::<Vec<u32>>();
        every.map(plan).filter(|plan| self.allowed(plan))
    }

    fn check(&self, plan: &Plan) -> Result<(), TestCaseError> {
        let mut sites = plan.sites.clone();
        sites.sort_unstable();
        sites.dedup();
        prop_assert_eq!(sites.len(), plan.sites.len(), "no site twice");
        prop_assert!(self.allowed(&plan.sites));
        prop_assert!(plan.proven, "{:?}", plan);
        Ok(())
    }
}

/// HiGHS 1.16's presolve names an objective for this one that its own plan does not have.
#[test]
fn an_objective_that_is_not_the_plans_own_proves_nothing_and_is_asked_again() {
    let tiny = tiny(24_632, true);
    let plan = min_distance(&tiny.distances, &tiny.near, tiny.count, &patient()).expect("a plan");
    assert!(plan.proven && plan.bound == plan.value, "{plan:?}");
}

fn patient() -> Watch {
    Watch::new(600.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_plan_covers_more_than_the_answer(seed in 0u64..100_000, spaced in any::<bool>()) {
        let tiny = tiny(seed, spaced);
        let best = tiny.plans(tiny.count).map(|plan| tiny.cover.covered(&plan)).max().expect("the empty plan");
        let plan = max_cover(&tiny.cover, &tiny.near, tiny.count, &patient());
        tiny.check(&plan)?;
        prop_assert!(plan.sites.len() <= tiny.count);
        prop_assert_eq!(plan.value, best as f64);
        prop_assert_eq!(tiny.cover.covered(&plan.sites), best);
        for count in 0..=tiny.count {
            let best = tiny.plans(count).map(|plan| tiny.cover.covered(&plan)).max().expect("the empty plan");
            prop_assert!(plan.bounds[count] >= best as f64, "the bound of {} sites", count);
        }
        // Out of time at once: the bound still holds, and the plan is one.
        let hurried = max_cover(&tiny.cover, &tiny.near, tiny.count, &Watch::new(0.0));
        prop_assert!(hurried.bound >= best as f64 && hurried.value <= best as f64);
        prop_assert_eq!(tiny.cover.covered(&hurried.sites) as f64, hurried.value);
        prop_assert!(tiny.allowed(&hurried.sites));
    }

    #[test]
    fn no_fewer_sites_cover_all(seed in 0u64..100_000, spaced in any::<bool>()) {
        let tiny = tiny(seed, spaced);
        let demand = tiny.cover.weights.len();
        let even = Cover::new(vec![1; demand], tiny.cover.by_site.clone());
        let all = tiny.plans(usize::MAX).filter(|plan| even.covered(plan) == demand as u64);
        match (cover_all(&tiny.cover, &tiny.near, None, &patient()), all.map(|plan| plan.len()).min()) {
            (Ok(plan), Some(least)) => {
                tiny.check(&plan)?;
                prop_assert_eq!(plan.value, least as f64);
                prop_assert_eq!(even.covered(&plan.sites), demand as u64);
                prop_assert_eq!(plan.sites.len(), least);
            }
            (Err(Hindrance::Unreached(points)), None) => {
                prop_assert!(points.iter().all(|at| tiny.cover.by_demand.get(*at as usize).is_empty()));
                prop_assert!(!points.is_empty());
            }
            (Err(Hindrance::NoRoom), None) => prop_assert!(spaced),
            (answer, least) => prop_assert!(false, "{:?} but {:?}", answer, least),
        }
    }

    #[test]
    fn no_plan_has_shorter_ways(seed in 0u64..100_000, spaced in any::<bool>()) {
        let tiny = tiny(seed, spaced);
        let best = tiny.plans(tiny.count).map(|plan| tiny.distances.total(&plan)).min_by(f64::total_cmp).expect("a plan");
        let plan = min_distance(&tiny.distances, &tiny.near, tiny.count, &patient()).expect("a plan");
        tiny.check(&plan)?;
        prop_assert!((plan.value - best).abs() <= 1e-9 * best, "{} {}", plan.value, best);
        prop_assert!((tiny.distances.total(&plan.sites) - best).abs() <= 1e-9 * best);
        let hurried = min_distance(&tiny.distances, &tiny.near, tiny.count, &Watch::new(0.0)).expect("a plan");
        prop_assert!(hurried.bound <= best * (1.0 + 1e-9) && hurried.value >= best * (1.0 - 1e-9));
    }

    #[test]
    fn no_plan_brings_the_farthest_nearer(seed in 0u64..100_000, spaced in any::<bool>()) {
        let tiny = tiny(seed, spaced);
        let best = tiny.plans(tiny.count).map(|plan| tiny.distances.farthest(&plan)).min_by(f64::total_cmp).expect("a plan");
        let plan = min_farthest(&tiny.distances, &tiny.near, tiny.count, &patient()).expect("a plan");
        tiny.check(&plan)?;
        prop_assert_eq!(plan.value, best);
        prop_assert_eq!(tiny.distances.farthest(&plan.sites), best);
    }

    #[test]
    fn no_plan_serves_more_with_its_places(seed in 0u64..100_000, spaced in any::<bool>(), standing in any::<bool>()) {
        let tiny = tiny(seed, spaced);
        let mut rng = StdRng::seed_from_u64(seed);
        let candidates = tiny.cover.sites() - usize::from(standing && tiny.cover.sites() > 1);
        let places: Vec<u64> = (0..tiny.cover.sites()).map(|_| rng.random_range(0..80)).collect();
        let near = Lists::new(tiny.near.iter().take(candidates).map(|near| {
            near.iter().copied().filter(|site| (*site as usize) < candidates).collect::<Vec<u32>>()
        }));
        let problem = Places { cover: &tiny.cover, near: &near, places: &places, candidates };
        let mine = |plan: &Vec<u32>| plan.iter().all(|site| (*site as usize) < candidates);
        let best = tiny.plans(tiny.count).filter(mine).map(|plan| by_cuts(&problem, &plan)).max().expect("the empty plan");
        let plan = max_served(&problem, tiny.count, &patient());
        tiny.check(&plan)?;
        prop_assert_eq!(plan.value, best as f64);
        prop_assert_eq!(by_cuts(&problem, &plan.sites), best);
        let hurried = max_served(&problem, tiny.count, &Watch::new(0.0));
        prop_assert!(hurried.bound >= best as f64 && hurried.value <= best as f64);
    }
}

/// People served, by another way than the flow: the least cut over all sets of open sites. Whoever reaches only the set
/// waits for its places; everybody else is served by somebody.
fn by_cuts(problem: &Places, sites: &[u32]) -> u64 {
    let open: Vec<u32> = sites.iter().copied().chain(problem.candidates as u32..problem.cover.sites() as u32).collect();
    let cut = |bits: u32| -> u64 {
        let full: Vec<u32> = (0..open.len()).filter(|at| bits >> at & 1 == 1).map(|at| open[at]).collect();
        let rest: Vec<u32> = open.iter().copied().filter(|site| !full.contains(site)).collect();
        full.iter().map(|site| problem.places[*site as usize]).sum::<u64>() + problem.cover.covered(&rest)
    };
    (0..1 << open.len()).map(cut).min().unwrap_or(0)
}

/// Larger problems, of which not every plan can be looked at: the plan keeps the rules and is worth what it says.
#[test]
fn a_plan_of_any_size_keeps_the_rules() {
    for seed in 0..60u64 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut points = |count: usize| -> Vec<(f64, f64)> {
            (0..count).map(|_| (rng.random_range(0.0..100.0), rng.random_range(0.0..100.0))).collect()
        };
        let (sites, demand) = (points(100 + 2 * seed as usize), points(300));
        let metres = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
        let lists = |of: &[(f64, f64)], limit: f64| {
            let list = |site: &(f64, f64)| -> Vec<u32> {
                (0..).zip(of).filter(|(_, at)| metres(site, at) <= limit && *at != site).map(|(at, _)| at).collect()
            };
            Lists::new(sites.iter().map(list))
        };
        let cover = Cover::new(demand.iter().map(|_| rng.random_range(0..90)).collect(), lists(&demand, 7.0));
        let near = if seed % 2 == 0 { lists(&sites, 15.0) } else { Lists::default() };
        let count = 5 + seed as usize % 10;
        let plan = max_cover(&cover, &near, count, &patient());
        assert!(plan.sites.len() <= count && plan.proven, "{seed}: {plan:?}");
        assert_eq!(cover.covered(&plan.sites) as f64, plan.value, "{seed}");
        let apart = |site: &u32| plan.sites.iter().all(|other| !near.get(*site as usize).contains(other));
        assert!(plan.sites.iter().all(apart), "{seed}");
        assert_eq!(max_cover(&cover, &near, count - 1, &patient()).value.max(plan.value), plan.value, "one site less");
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    for seed in 0..20 {
        let tiny = tiny(seed, false);
        let once = max_cover(&tiny.cover, &tiny.near, tiny.count, &patient());
        assert_eq!(once, max_cover(&tiny.cover, &tiny.near, tiny.count, &patient()));
    }
}

#[test]
fn a_cancelled_search_ends() {
    let tiny = tiny(17, false);
    let watch = patient();
    watch.cancel();
    let plan = max_cover(&tiny.cover, &tiny.near, tiny.count, &watch);
    assert!(plan.bound >= plan.value);
}
