//! Floating catchments against sums done by hand, against what must hold, and against PySAL's values.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::analysis::decay::Step;
use crate::analysis::pairs::{Earth, Reach};
use proptest::prelude::*;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-12)
}

fn steps(pairs: &[(f64, f64)]) -> Decay {
    Decay::Steps { steps: pairs.iter().map(|(up_to_m, weight)| Step { up_to_m: *up_to_m, weight: *weight }).collect() }
}

#[test]
fn small_cases_are_as_by_hand() {
    // Two villages of 100 and 200; two homes of 10 and 30. Weights: village 0: 1 and 0.5; village 1: 0.5 only for home 1.
    let pairs = Pairs::new(3, 3, [(0, 0, 500.0), (0, 1, 1500.0), (1, 1, 2000.0), (2, 2, 2001.0)]);
    let (people, beds) = ([100.0, 200.0, 5.0], [10.0, 30.0, 7.0]);
    let decay = steps(&[(1000.0, 1.0), (2000.0, 0.5)]);
    let of = |method| access(method, &decay, 2000.0, &people, &beds, &pairs);
    // R0 = 10/100; R1 = 30/(50+100).
    let e2 = of(Method::Enhanced);
    assert_eq!((e2.ratio[0], e2.ratio[1], e2.ratio[2]), (Some(0.1), Some(0.2), None));
    assert!(close(e2.access[0], 0.1 + 0.2 * 0.5) && close(e2.access[1], 0.2 * 0.5));
    assert_eq!((e2.access[2], e2.reached[2]), (0.0, false));
    // G00 = 2/3, G01 = 1/3, G11 = 1. R0 = 10/(100·2/3) = 0.15; R1 = 30/(100·1/3·0.5 + 200·0.5) = 30/116.67.
    let three = of(Method::ThreeStep);
    let r1 = 30.0 / (100.0 / 3.0 * 0.5 + 100.0);
    assert!(close(three.access[0], 0.15 * 2.0 / 3.0 + r1 / 6.0) && close(three.access[1], r1 * 0.5));
    // R0 = 10/(100·2/3) = 0.15; R1 = 30/(100/3 + 200); around: home 0 1, home 1 0.5 + 0.5.
    let balanced = of(Method::Balanced);
    let r1 = 30.0 / (100.0 / 3.0 + 200.0);
    assert!(close(balanced.access[0], 0.15 + r1 * 0.5) && close(balanced.access[1], r1 * 0.5));
    assert!(close(balanced.share[0], 10.0 + r1 * 100.0 / 3.0) && close(balanced.share[1], r1 * 200.0));
}

#[test]
fn a_home_that_only_nobody_reaches_has_no_ratio_and_no_effect() {
    let pairs = Pairs::new(2, 2, [(0, 0, 10.0), (1, 1, 10.0)]);
    for method in Method::ALL {
        let found = access(method, &Decay::Flat, 100.0, &[0.0, 10.0], &[50.0, 0.0], &pairs);
        assert_eq!(found.ratio, [None, Some(0.0)], "{method:?}");
        assert_eq!(found.access, [0.0, 0.0]);
        // Beds stand in reach of the place where nobody lives; a home without beds is nothing in reach.
        assert_eq!(found.reached, [true, false]);
    }
}

#[test]
fn a_weight_too_small_to_multiply_is_none_and_loses_no_capacity() {
    let pairs = Pairs::new(1, 2, [(0, 0, 3435.0), (0, 1, 973.0)]);
    for method in Method::ALL {
        let found = access(method, &Decay::GaussianPlain { sigma_m: 100.0 }, 3490.0, &[1.0], &[1.0, 2.0], &pairs);
        assert_eq!(found.reached, [true], "{method:?}");
        assert!(found.ratio[0].is_none() && close(found.share[0], 2.0), "{method:?}: {found:?}");
    }
}

/// A case of a few demand points and supplies, its distances in a square of 10 km.
fn cases() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, Pairs)> {
    let people = prop::collection::vec((0u32..400, 0.0..1e4f64, 0.0..1e4f64), 1..40);
    let beds = prop::collection::vec((0u32..200, 0.0..1e4f64, 0.0..1e4f64), 1..12);
    (people, beds).prop_map(|(people, beds)| {
        let far = |p: &(u32, f64, f64), q: &(u32, f64, f64)| (p.1 - q.1).hypot(p.2 - q.2).round();
        let row =
            |(i, p): (u32, &(u32, f64, f64))| (0u32..).zip(&beds).map(|(j, q)| (i, j, far(p, q))).collect::<Vec<_>>();
        let pairs = Pairs::new(people.len(), beds.len(), (0u32..).zip(&people).flat_map(row));
        let numbers = |list: &[(u32, f64, f64)]| list.iter().map(|it| f64::from(it.0)).collect();
        (numbers(&people), numbers(&beds), pairs)
    })
}

fn any_decay() -> impl Strategy<Value = Decay> {
    prop_oneof![
        Just(Decay::Flat),
        Just(steps(&[(1000.0, 1.0), (2000.0, 0.68), (3000.0, 0.22)])),
        Just(Decay::Gaussian),
        Just(Decay::Linear),
        (100.0..5000.0).prop_map(|sigma_m| Decay::GaussianPlain { sigma_m }),
        (100.0..5000.0).prop_map(|scale_m| Decay::Exponential { scale_m }),
        (0.5..3.0f64).prop_map(|exponent| Decay::Power { exponent, min_m: 100.0 }),
    ]
}

proptest! {
    #[test]
    fn no_capacity_is_lost_and_none_counted_twice(
        (people, beds, pairs) in cases(), decay in any_decay(), within_m in 200.0..9000.0f64
    ) {
        let metres: HashMap<_, _> = pairs.iter().map(|(i, j, metres)| ((i, j), metres)).collect();
        for method in Method::ALL {
            let found = access(method, &decay, within_m, &people, &beds, &pairs);
            let weighs = |i: usize, j: usize| decay.weight(metres[&(i, j)], within_m) > 0.0;
            let used = |j: usize| (0..people.len()).any(|i| people[i] > 0.0 && weighs(i, j));
            let with_demand: f64 = (0..beds.len()).filter(|j| used(*j)).map(|j| beds[j]).sum();
            prop_assert!(close(found.share.iter().sum(), with_demand), "{:?}", method);
            prop_assert!(found.access.iter().chain(&found.share).all(|value| value.is_finite() && *value >= 0.0));
            if method.conserves() {
                let sum: f64 = people.iter().zip(&found.access).map(|(p, a)| p * a).sum();
                prop_assert!(close(sum, with_demand), "{:?}: {} of {}", method, sum, with_demand);
            } else {
                let (sum, ratios) = (found.access.iter().sum(), found.ratio.iter().flatten().sum());
                prop_assert!(close(sum, ratios), "{} of {}", sum, ratios);
            }
            for i in 0..people.len() {
                let reached = (0..beds.len()).any(|j| beds[j] > 0.0 && weighs(i, j));
                prop_assert_eq!(found.reached[i], reached);
                prop_assert!(reached || found.access[i] == 0.0);
            }
        }
    }

    #[test]
    fn a_factor_in_the_weights_makes_no_difference((people, beds, pairs) in cases()) {
        let (one, three) = (steps(&[(2000.0, 1.0), (4000.0, 0.5)]), steps(&[(2000.0, 3.0), (4000.0, 1.5)]));
        for method in Method::ALL {
            let of = |decay| access(method, decay, 4000.0, &people, &beds, &pairs).access;
            prop_assert!(of(&one).iter().zip(of(&three)).all(|(a, b)| close(*a, b)));
        }
    }
}

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/coverage");
    let there = folder.join("catchment-expected.json").exists();
    if !there {
        eprintln!("skipped: {} is not here", folder.display());
    }
    there.then_some(folder)
}

type Rows = Vec<HashMap<String, String>>;

fn rows(file: &Path) -> Rows {
    csv::Reader::from_path(file).expect("a file").deserialize().collect::<Result<_, _>>().expect("rows")
}

fn numbers(rows: &Rows, column: &str) -> Vec<f64> {
    rows.iter().map(|row| row[column].parse().expect("a number")).collect()
}

fn distances(folder: &Path, cost: &str, demand: &Rows, supply: &Rows) -> Pairs {
    let index = |rows: &Rows| (0u32..).zip(rows).map(|(at, row)| (row["id"].clone(), at)).collect::<HashMap<_, _>>();
    let (demands, supplies) = (index(demand), index(supply));
    let listed = rows(&folder.join("catchment-distances.csv"));
    let pair = |row: &HashMap<String, String>| {
        (demands[&row["demand_id"]], supplies[&row["supply_id"]], row[cost].parse().expect("metres"))
    };
    Pairs::new(demand.len(), supply.len(), listed.iter().map(pair))
}

fn assert_values(told: &serde_json::Value, ids: &Rows, found: &[f64], tolerance: f64, what: &str) {
    for (row, value) in ids.iter().zip(found) {
        let expected = told[&row["id"]].as_f64().unwrap_or(0.0);
        assert!(
            (value - expected).abs() <= tolerance * expected.abs().max(1.0),
            "{what} {}: {value}, {expected}",
            row["id"]
        );
    }
}

#[test]
fn every_value_is_pysals() {
    let Some(folder) = folder() else { return };
    let (demand, supply) = (rows(&folder.join("catchment-demand.csv")), rows(&folder.join("catchment-supply.csv")));
    let people = numbers(&demand, "pop60");
    let beds = numbers(&supply, "beds");
    let good = |(beds, row): (&f64, &HashMap<String, String>)| if row["stars"].as_str() >= "4" { *beds } else { 0.0 };
    let beds4: Vec<f64> = beds.iter().zip(&supply).map(good).collect();
    let text = std::fs::read_to_string(folder.join("catchment-expected.json")).expect("a file");
    let expected: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for case in expected["cases"].as_array().expect("cases") {
        let cost = case["cost"].as_str().expect("a cost");
        let listed = distances(&folder, cost, &demand, &supply);
        let within_m = case["max_cost_inclusive"].as_f64().expect("metres");
        let method = Method::from_code(case["method"].as_str().expect("a method")).expect("a known one");
        let decay = match case["weight"]["step_upper_inclusive"].as_object() {
            None => Decay::Flat,
            Some(zones) => {
                let text: Vec<_> = zones.iter().map(|(metres, weight)| format!("{metres}:{weight}")).collect();
                Decay::read_steps(&text.join(",")).expect("zones")
            }
        };
        let places = |rows: &Rows| numbers(rows, "lon").into_iter().zip(numbers(rows, "lat")).collect::<Vec<_>>();
        let earth = if cost == "geodesic_m" { Earth::Geodesic } else { Earth::Haversine };
        let reach = Reach { within_m, edges: &decay.edges(), earth };
        let measured = Pairs::within(&places(&demand), &places(&supply), &reach, 900).expect("few");
        for (column, beds) in [("beds", &beds), ("beds4", &beds4)] {
            let told = &case["result"][column];
            for (pairs, tolerance) in [(&listed, 1e-9), (&measured, 1e-6)] {
                let found = access(method, &decay, within_m, &people, beds, pairs);
                let what = format!("{} {column}", case["id"]);
                assert_values(&told["access"], &demand, &found.access, tolerance, &what);
                let ratios: Vec<f64> = found.ratio.iter().map(|ratio| ratio.unwrap_or(0.0)).collect();
                assert_values(&told["supply_ratio_R"], &supply, &ratios, tolerance, &what);
                let unreached = people.iter().zip(&found.reached).filter(|(_, reached)| !**reached);
                let unreached: f64 = unreached.map(|(people, _)| people).sum();
                assert_eq!(Some(unreached), told["pop_with_zero_or_null"].as_f64(), "{what}");
            }
        }
    }
}
