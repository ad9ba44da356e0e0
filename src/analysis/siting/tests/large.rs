//! The p-median without kept distances beside the exact one; bounds with limited places; covering all until it is proven.

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::analysis::siting::capacity::{self, Places};
use crate::analysis::siting::cover::{Cover, Lists};
use crate::analysis::siting::distances::Distances;
use crate::analysis::siting::median_large::LargeMedian;
use crate::analysis::siting::points::Points;
use crate::analysis::siting::{Watch, cover_all, min_distance};
use crate::atlas::geodesic::{Ecef, chord2, ecef};

/// Points in a box of half a degree.
fn points(rng: &mut StdRng, count: usize) -> Vec<Ecef> {
    (0..count).map(|_| ecef(118.0 + rng.random_range(0.0..0.5), 34.0 + rng.random_range(0.0..0.5))).collect()
}

#[test]
fn the_large_p_median_is_near_the_exact_one_and_its_bound_holds() {
    for (seed, sites) in [(1, 3), (2, 8), (3, 15)] {
        let mut rng = StdRng::seed_from_u64(seed);
        let (demand, candidates) = (points(&mut rng, 150), points(&mut rng, 120));
        let people: Vec<u64> = (0..demand.len()).map(|_| rng.random_range(0..900)).collect();
        let already: Vec<f64> =
            demand.iter().map(|_| if rng.random_bool(0.2) { 9_000.0 } else { f64::INFINITY }).collect();
        let metres = candidates.iter().flat_map(|site| demand.iter().map(|point| chord2(site, point).sqrt()));
        let distances = Distances::new(people.clone(), already.clone(), metres.collect());
        let near = Lists::default();
        let exact = min_distance::solve(&distances, &near, sites, &Watch::new(60.0)).expect("a plan");
        assert!(exact.proven);
        let large = LargeMedian {
            demand: Points::new(demand),
            candidates: Points::new(candidates),
            weights: people.iter().map(|people| *people as f64).collect(),
            already,
            near: &near,
        };
        let found = large.solve(sites, 5, &Watch::new(10.0)).expect("a plan");
        let value = distances.total(&found.sites);
        assert!(found.sites.len() <= sites && value >= exact.value * (1.0 - 1e-9));
        assert!(value <= exact.value * 1.02, "{value} beside {}", exact.value);
        assert!(found.bound <= exact.value * (1.0 + 1e-9), "{} beside {}", found.bound, exact.value);
        assert!(found.bound >= exact.value * 0.9, "{} beside {}", found.bound, exact.value);
        assert!(found.next.iter().all(|site| !found.sites.contains(site)));
        let hurried = large.solve(sites, 5, &Watch::new(0.0)).expect("a plan in no time");
        assert!(!hurried.sites.is_empty() && hurried.bound <= exact.value * (1.0 + 1e-9));
    }
}

#[test]
fn a_large_p_median_keeps_its_spacing() {
    let mut rng = StdRng::seed_from_u64(9);
    let (demand, candidates) = (points(&mut rng, 80), points(&mut rng, 60));
    let near = Lists::new((0..candidates.len()).map(|one| {
        let close = |other: &usize| *other != one && chord2(&candidates[one], &candidates[*other]).sqrt() < 12_000.0;
        (0..candidates.len()).filter(close).map(|other| other as u32).collect::<Vec<u32>>()
    }));
    let large = LargeMedian {
        demand: Points::new(demand),
        candidates: Points::new(candidates),
        weights: vec![10.0; 80],
        already: vec![f64::INFINITY; 80],
        near: &near,
    };
    let found = large.solve(6, 3, &Watch::new(5.0)).expect("a plan");
    for one in &found.sites {
        assert!(found.sites.iter().all(|other| near.get(*one as usize).binary_search(other).is_err()));
    }
    assert_eq!(near.among(&found.sites).items(), 0);
}

#[test]
fn nobody_is_served_beyond_the_places_that_there_are() {
    // Ten towns of 100,000 people, each with a candidate of its own, and one facility that serves 7,000.
    let towns = 10;
    let reach = (0..towns).map(|town| vec![town]).chain([vec![0]]);
    let cover = Cover::new(vec![100_000; towns as usize], Lists::new(reach));
    let places: Vec<u64> = vec![5_000; 10].into_iter().chain([7_000]).collect();
    let problem = Places { cover: &cover, near: &Lists::default(), places: &places, candidates: 10 };
    let plan = capacity::solve(&problem, 4, &Watch::new(0.0));
    assert_eq!((plan.bound, plan.bounds.last()), (27_000.0, Some(&27_000.0)));
    let plan = capacity::solve(&problem, 4, &Watch::new(20.0));
    assert_eq!((plan.value, plan.bound, plan.proven), (27_000.0, 27_000.0, true));
    for (sites, bound) in plan.bounds.iter().enumerate() {
        assert!(*bound <= (7_000 + 5_000 * sites) as f64);
    }
}

#[test]
fn covering_all_goes_on_until_it_is_proven() {
    for (seed, count, radius) in [(1, 400, 4_000.0f64), (2, 700, 3_000.0), (3, 300, 8_000.0)] {
        let all = points(&mut StdRng::seed_from_u64(seed), count);
        let reach = all.iter().map(|site| {
            let within = |at: &usize| chord2(site, &all[*at]) <= radius * radius;
            (0..count).filter(within).map(|at| at as u32).collect::<Vec<u32>>()
        });
        let cover = Cover::new(vec![1; count], Lists::new(reach));
        let watch = Watch::new(60.0);
        let plan = cover_all::solve(&cover, &Lists::default(), None, &watch).expect("a plan");
        let stopped = (plan.value, plan.bound, watch.spent(), cover.by_site.items());
        assert!(plan.proven, "{count} points: value, bound, seconds, numbers {stopped:?}");
    }
}
