//! The demand points: a stated total spread over village-level units, so that the parts add up exactly.

use serde::Serialize;

use crate::{
    dice::Dice,
    places::{AGED_80, Class, DISTRICTS},
    regions::Regions,
};

#[derive(Serialize)]
pub struct Demand {
    pub region: String,
    pub lon: f64,
    pub lat: f64,
    pub total: u32,
    pub aged_60: u32,
    pub aged_80: u32,
    pub living_alone: u32,
    pub as_of: &'static str,
    pub source: String,
    pub demo: bool,
}

/// Whole numbers in proportion to the weights that add up to the total: largest remainders first, earlier ones on a tie.
pub fn apportion(total: u32, weights: &[f64]) -> Vec<u32> {
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights.iter().map(|w| f64::from(total) * w / sum).collect();
    let mut parts: Vec<u32> = exact.iter().map(|e| e.floor() as u32).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| (exact[b].fract()).total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let left = (total - parts.iter().sum::<u32>()) as usize;
    order.into_iter().take(left).for_each(|n| parts[n] += 1);
    parts
}

/// A share per ten thousand, rounded to a whole person.
pub fn share(total: u32, per_10000: u32) -> u32 {
    ((u64::from(total) * u64::from(per_10000) + 5000) / 10_000) as u32
}

/// Elders living alone per ten thousand aged 60 and over: a round figure for the demonstration, no statistic.
const LIVING_ALONE: f64 = 1400.0;
/// What the file says of it.
const LIVING_ALONE_SOURCE: &str = "living alone: assumed 14 % of 60+ (10 to 18 % by village), to be confirmed";

fn alone(code: &str) -> u32 {
    (LIVING_ALONE * (0.7 + 0.6 * Dice::new(&format!("alone {code}")).unit())) as u32
}

pub fn spread(regions: &Regions) -> Vec<Demand> {
    let mut all = vec![];
    for district in &DISTRICTS {
        let villages = regions.below(district.root, "village");
        let class = |code: &str| match code.as_bytes()[6] {
            b'0' => Class::Street,
            b'4' => Class::Zone,
            b'2' => Class::Township,
            _ => Class::Town,
        };
        let vary = |what: &str, code: &str, by: f64| 1.0 - by + 2.0 * by * Dice::new(&format!("{what} {code}")).unit();
        let size: Vec<f64> = villages.iter().map(|v| class(&v.code).size() * vary("size", &v.code, 0.4)).collect();
        let total = apportion(district.population, &size);
        let old: Vec<f64> = villages
            .iter()
            .zip(&total)
            .map(|(v, n)| f64::from(*n) * class(&v.code).age() * vary("age", &v.code, 0.15))
            .collect();
        let aged_60 = apportion(share(district.population, district.aged_60), &old);
        let very: Vec<f64> =
            villages.iter().zip(&aged_60).map(|(v, n)| f64::from(*n) * vary("very", &v.code, 0.15)).collect();
        let aged_80 = apportion(share(district.population, AGED_80), &very);
        all.extend(villages.iter().enumerate().map(|(n, village)| Demand {
            region: village.code.clone(),
            lon: village.lon,
            lat: village.lat,
            total: total[n],
            aged_60: aged_60[n],
            aged_80: aged_80[n],
            as_of: "2020-11-01",
            living_alone: share(aged_60[n], alone(&village.code)),
            source: format!("{}; {LIVING_ALONE_SOURCE}", district.population_source),
            demo: true,
        }));
    }
    all
}
