//! 100 demand points × 40 candidates, of which two solvers found the same optima. The files are not the project's own.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::analysis::siting::problem::*;

/// Mean radius of the earth, metres: the cases were made on this sphere.
const RADIUS_M: f64 = 6_371_008.8;

fn haversine(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat, other) = (a.1.to_radians(), b.1.to_radians());
    let across = ((b.0 - a.0).to_radians() / 2.0).sin();
    let up = ((other - lat) / 2.0).sin();
    2.0 * RADIUS_M * (up * up + lat.cos() * other.cos() * across * across).sqrt().asin()
}

/// Where the shared data stands, beside the project; `None` (and a word) where it is absent.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/coverage");
    let there = folder.join("siting-expected.json").exists();
    if !there {
        eprintln!("skipped: {} is not there", folder.display());
    }
    there.then_some(folder)
}

type Line = (String, (f64, f64), u64);

fn read(path: PathBuf) -> Vec<Line> {
    let mut reader = csv::Reader::from_path(path).expect("a file of cases");
    let line = |row: csv::StringRecord| {
        let number = |at: usize| row[at].parse::<f64>().expect("a number");
        (row[0].to_owned(), (number(1), number(2)), number(3) as u64)
    };
    reader.records().map(|row| line(row.expect("a row"))).collect()
}

struct Case {
    demand: Vec<Line>,
    sites: Vec<Line>,
}

impl Case {
    /// Candidates that are not fixed, and the ways to those that are.
    fn split(&self, fixed: bool) -> (Vec<&Line>, Distances) {
        let (held, free): (Vec<&Line>, Vec<&Line>) = self.sites.iter().partition(|site| fixed && site.2 == 1);
        let nearest = |demand: &Line| held.iter().map(|site| haversine(demand.1, site.1)).fold(f64::INFINITY, f64::min);
        let already = self.demand.iter().map(nearest).collect();
        let metres =
            free.iter().flat_map(|site| self.demand.iter().map(|demand| haversine(demand.1, site.1))).collect();
        (free, Distances::new(self.demand.iter().map(|demand| demand.2).collect(), already, metres))
    }

    /// What these sites are worth, counted anew from the coordinates.
    fn worth(&self, model: &str, within: f64, sites: &[&Line]) -> f64 {
        let nearest =
            |demand: &Line| sites.iter().map(|site| haversine(demand.1, site.1)).fold(f64::INFINITY, f64::min);
        let ways = self.demand.iter().map(|demand| (nearest(demand), demand.2 as f64));
        match model {
            "mclp" => ways.filter(|(metres, _)| *metres <= within).map(|(_, people)| people).sum(),
            "pmedian" => ways.map(|(metres, people)| metres * people).sum(),
            "pcenter" => ways.map(|(metres, _)| metres).fold(0.0, f64::max),
            _ => {
                assert!(ways.into_iter().all(|(metres, _)| metres <= within), "everybody is covered");
                sites.len() as f64
            }
        }
    }
}

#[test]
fn the_proven_optima_of_two_solvers_are_found_and_proven() {
    let Some(folder) = folder() else { return };
    let case = Case { demand: read(folder.join("siting-demand.csv")), sites: read(folder.join("siting-sites.csv")) };
    let expected = std::fs::read_to_string(folder.join("siting-expected.json")).expect("the optima");
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    let results = expected["instances"]["syn100"]["results"].as_array().expect("results");
    for told in results {
        let model = told["model"].as_str().expect("a model");
        let within = told["R_m"].as_f64().unwrap_or(f64::INFINITY);
        let fixed = told["existing_fixed"] == true;
        let held = if fixed { 3 } else { 0 };
        // Elsewhere the sites that stand already are counted in; here they are told apart.
        let count = told["p"].as_u64().map_or(0, |p| p as usize - held);
        let (free, distances) = case.split(fixed);
        let cover = distances.within(within);
        let covered = cover.weights.iter().sum::<u64>();
        let watch = Watch::new(120.0);
        let near = Lists::default();
        let solved = match model {
            "lscp" => cover_all(&cover, &near, None, &watch),
            "mclp" => Ok(max_cover(&cover, &near, count, &watch)),
            "pmedian" => min_distance(&distances, &near, count, &watch),
            _ => min_farthest(&distances, &near, count, &watch),
        };
        let Some(optimum) = told["optimum"].as_f64() else {
            let Err(Hindrance::Unreached(alone)) = solved else { panic!("{told}: {solved:?}") };
            let nearest = |at: &u32| (0..40).map(|site| distances.of(site)[*at as usize]).fold(f64::INFINITY, f64::min);
            let radius = alone.iter().map(nearest).fold(0.0, f64::max);
            let told = expected["instances"]["syn100"]["smallest_feasible_lscp_radius_m"].as_f64().expect("a radius");
            assert!((radius - told).abs() < 0.001, "{radius} would do, {told} was told");
            continue;
        };
        let plan = solved.unwrap_or_else(|why| panic!("{told}: {why:?}"));
        assert!(plan.proven, "{told}: {plan:?}");
        let standing = case.sites.iter().filter(|site| fixed && site.2 == 1);
        let sites: Vec<&Line> = plan.sites.iter().map(|site| free[*site as usize]).chain(standing).collect();
        let worth = case.worth(model, within, &sites);
        assert!((worth - optimum).abs() <= 1e-9 * optimum, "{told}: {worth}");
        let value = match model {
            "mclp" => plan.value + (case.demand.iter().map(|demand| demand.2).sum::<u64>() - covered) as f64,
            "lscp" => plan.value + held as f64,
            _ => plan.value,
        };
        assert!((value - optimum).abs() <= 1e-9 * optimum, "{told}: {value}");
    }
    assert_eq!(results.len(), 16);
}
