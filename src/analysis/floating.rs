//! Floating catchments: how much capacity a person has within reach, where others reach for it too.
//!
//! Six methods over the same three slices and the same pairs. Each asks in step 1 how many people reach for a supply,
//! and in step 2 what a person finds in all supplies within reach.
//!
//! # Based on
//!
//! - **2SFCA** Luo & Wang 2003, *Environ. Plan. B* 30:865-884, doi 10.1068/b29120
//! - **E2SFCA** Luo & Qi 2009, *Health & Place* 15:1100-1107, doi 10.1016/j.healthplace.2009.06.002
//! - **gravity** with competition, Joseph & Bantock 1982, *Soc. Sci. Med.* 16:85-90
//! - **KD2SFCA** Dai 2010, *Health & Place* 16:1038-1052 (the Gaussian kernel)
//! - **3SFCA** Wan, Zou & Sternberg 2012, *IJGIS* 26:1073-1089, doi 10.1080/13658816.2011.624987
//! - **balanced FCA** Páez, Higgins & Vivona 2019, *PLoS ONE* 14:e0218773
//!
//! # Definitions
//!
//! `P_i` people at demand point `i`, `S_j` capacity of supply `j`, `w_ij` the weight of the distance between them (0
//! outside the catchment), `G_ij = w_ij / Σ_k w_ik` the part of `i`'s people that reach for `j` rather than another.
//!
//! | method | step 1: R_j = S_j / … | step 2: A_i = Σ_j R_j · … |
//! |---|---|---|
//! | 2sfca, e2sfca, gravity, kd2sfca | Σ_i P_i w_ij | w_ij |
//! | 3sfca | Σ_i P_i G_ij w_ij | G_ij w_ij |
//! | bfca | Σ_i P_i G_ij | w_ij / Σ_k w_kj |
//!
//! The first four differ in the weights only: [`Method::usual`] has those that each is known by.
//!
//! # What holds
//!
//! In all but bfca `Σ_i P_i A_i` is the capacity that has people in reach: nothing is counted twice and nothing is lost.
//! In bfca `Σ_i A_i = Σ_j R_j`; there a person's part depends on how finely the map is cut, and the capacity that falls
//! to a demand point is `Σ_j R_j P_i G_ij` instead, which again adds up to all that has people in reach.
//!
//! # Conventions, where tools differ
//!
//! The edge is inside. Weights and the parts `G` are of the catchment only (PySAL access sums `G`'s denominator over all
//! listed pairs; for zones that is the same). A supply that people may choose and whose capacity shall not count is listed
//! with 0. Nothing in reach gives 0 with `reached` false, never NaN. A supply that
//! nobody reaches for has no ratio and no effect.

use rayon::prelude::*;
use serde::Serialize;

use super::decay::{Decay, LUO_QI_SLOW, WAN};
use super::pairs::Pairs;

/// Fewer pairs than this are done before a second core has heard of them.
const WORTH_SHARING: usize = 8192;

/// How capacity is held against need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Method {
    #[default]
    #[serde(rename = "2sfca")]
    TwoStep,
    #[serde(rename = "e2sfca")]
    Enhanced,
    #[serde(rename = "3sfca")]
    ThreeStep,
    #[serde(rename = "gravity")]
    Gravity,
    #[serde(rename = "kd2sfca")]
    Kernel,
    #[serde(rename = "bfca")]
    Balanced,
}

impl Method {
    pub const ALL: [Method; 6] =
        [Method::TwoStep, Method::Enhanced, Method::ThreeStep, Method::Gravity, Method::Kernel, Method::Balanced];
    pub const CODES: [&str; 6] = ["2sfca", "e2sfca", "3sfca", "gravity", "kd2sfca", "bfca"];

    pub fn code(self) -> &'static str {
        Method::CODES[self as usize]
    }

    pub fn from_code(code: &str) -> Option<Method> {
        Method::CODES.iter().position(|known| *known == code).map(|at| Method::ALL[at])
    }

    pub fn source(self) -> &'static str {
        match self {
            Method::TwoStep => "Luo & Wang 2003, doi 10.1068/b29120",
            Method::Enhanced => "Luo & Qi 2009, doi 10.1016/j.healthplace.2009.06.002",
            Method::ThreeStep => "Wan, Zou & Sternberg 2012, doi 10.1080/13658816.2011.624987",
            Method::Gravity => "Joseph & Bantock 1982, Soc. Sci. Med. 16:85-90",
            Method::Kernel => "Dai 2010, Health & Place 16:1038-1052",
            Method::Balanced => "Páez, Higgins & Vivona 2019, PLoS ONE 14:e0218773",
        }
    }

    pub fn formula(self) -> &'static str {
        match self {
            Method::ThreeStep => "G_ij = w_ij / sum_k w_ik; R_j = S_j / sum_i P_i G_ij w_ij; A_i = sum_j R_j G_ij w_ij",
            Method::Balanced => {
                "G_ij = w_ij / sum_k w_ik; R_j = S_j / sum_i P_i G_ij; A_i = sum_j R_j w_ij / sum_k w_kj"
            }
            _ => "R_j = S_j / sum_i P_i w_ij; A_i = sum_j R_j w_ij",
        }
    }

    /// The weights that the method is known by, and where they are from, for a catchment of this radius in metres.
    pub fn usual(self, within_m: f64) -> (Decay, &'static str) {
        match self {
            Method::TwoStep | Method::Balanced => (Decay::Flat, "1 within the radius"),
            Method::Enhanced => (LUO_QI_SLOW.of(within_m), LUO_QI_SLOW.source),
            Method::ThreeStep => (WAN.of(within_m), WAN.source),
            Method::Kernel => (Decay::Gaussian, "the Gaussian of Dai 2010"),
            // The literature fits the exponent to journeys that were counted; here none were.
            Method::Gravity => (
                Decay::Power { exponent: 1.0, min_m: 100.0 },
                "our choice: inverse distance, flat below 100 m; give decay= where you know better",
            ),
        }
    }

    /// Whether `Σ_i P_i A_i` is the capacity that has people in reach.
    pub fn conserves(self) -> bool {
        self != Method::Balanced
    }

    /// Whether people choose among the supplies in reach (the parts `G`).
    pub(super) fn chooses(self) -> bool {
        matches!(self, Method::ThreeStep | Method::Balanced)
    }
}

/// What a method finds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Access {
    /// By demand point: capacity a person (A_i); 0 where nothing is in reach.
    pub access: Vec<f64>,
    /// By demand point: whether any capacity is in reach, with a weight above 0. A supply with none is nothing.
    pub reached: Vec<bool>,
    /// By supply: capacity a person who reaches for it (R_j); `None` where nobody does.
    pub ratio: Vec<Option<f64>>,
    /// By demand point: the capacity that falls to its people. All of them together have what people reach for.
    pub share: Vec<f64>,
}

/// Capacity a person at every demand point.
///
/// - `population`: people by demand point (P), 0 or more
/// - `capacity`: by supply (S), 0 or more, in the unit of the answer
/// - `pairs`: of those two, with metres. Pairs beyond `within_m` count nothing; a usual misunderstanding is that a
///   missing pair is far away: it is out of reach
/// - `decay`, `within_m`: the weights, and the catchment's radius in metres (infinite for none)
///
/// 1. Weights of all pairs, and where people choose the parts `G`: each demand point by itself, on all cores.
/// 2. People that reach for each supply, one pair after the other, so that sums are the same on any number of cores.
/// 3. Ratios, and their weighted sums at each demand point, on all cores.
///
/// O(pairs) time and memory. Missing entries of `population` and `capacity` are 0.
///
/// ```
/// use silver_atlas::analysis::decay::Decay;
/// use silver_atlas::analysis::floating::{Method, access};
/// use silver_atlas::analysis::pairs::Pairs;
///
/// // 100 people reach the home with 30 beds, 50 people both homes; nobody else reaches the second, with 10.
/// let pairs = Pairs::new(3, 2, [(0, 0, 900.0), (1, 0, 1000.0), (1, 1, 200.0)]);
/// let found = access(Method::TwoStep, &Decay::Flat, 1000.0, &[100.0, 50.0, 70.0], &[30.0, 10.0], &pairs);
/// assert_eq!(found.ratio, [Some(0.2), Some(0.2)]);
/// assert_eq!(found.access, [0.2, 0.4, 0.0]);
/// assert_eq!(found.reached, [true, true, false]);
/// ```
pub fn access(
    method: Method,
    decay: &Decay,
    within_m: f64,
    population: &[f64],
    capacity: &[f64],
    pairs: &Pairs,
) -> Access {
    let people = |i: usize| population.get(i).copied().unwrap_or(0.0);
    let held = |j: u32| capacity.get(j as usize).copied().unwrap_or(0.0);
    let supply = pairs.supply();
    let weights: Vec<f64> =
        pairs.metres().par_iter().with_min_len(WORTH_SHARING).map(|metres| decay.weight(*metres, within_m)).collect();
    let chosen = if method.chooses() { Some(parts(&weights, pairs)) } else { None };
    // What a pair weighs in step 1.
    let reaching = |at: usize| match (&chosen, method) {
        (Some(parts), Method::ThreeStep) => parts[at] * weights[at],
        (Some(parts), _) => parts[at],
        (None, _) => weights[at],
    };
    let mut demand = vec![0.0; pairs.supplies()];
    // In bfca also what all its demand points weigh for a supply.
    let mut around = vec![0.0; if method == Method::Balanced { pairs.supplies() } else { 0 }];
    for i in 0..pairs.demands() {
        let people = people(i);
        for at in pairs.range(i) {
            demand[supply[at] as usize] += people * reaching(at);
            if let Some(around) = around.get_mut(supply[at] as usize) {
                *around += weights[at];
            }
        }
    }
    let ratio = |(j, demand): (u32, &f64)| Some(held(j) / demand).filter(|ratio| *demand > 0.0 && ratio.is_finite());
    let ratio: Vec<Option<f64>> = (0..).zip(&demand).map(ratio).collect();
    let one = |i: usize| {
        let (mut access, mut share, mut reached) = (0.0, 0.0, 0.0);
        for at in pairs.range(i) {
            let j = supply[at];
            if weights[at] > 0.0 {
                reached += held(j);
                let ratio = ratio[j as usize].unwrap_or(0.0);
                share += ratio * reaching(at);
                access += ratio * around.get(j as usize).map_or_else(|| reaching(at), |all| weights[at] / all);
            }
        }
        (access, reached > 0.0, share * people(i))
    };
    let found: Vec<(f64, bool, f64)> = (0..pairs.demands()).into_par_iter().with_min_len(512).map(one).collect();
    Access {
        access: found.iter().map(|found| found.0).collect(),
        reached: found.iter().map(|found| found.1).collect(),
        share: found.iter().map(|found| found.2).collect(),
        ratio,
    }
}

/// The part of a demand point's people that reach for each of its supplies: its weight over all its weights.
fn parts(weights: &[f64], pairs: &Pairs) -> Vec<f64> {
    let part = |i: usize| {
        let weights = &weights[pairs.range(i)];
        let all: f64 = weights.iter().sum();
        weights.iter().map(move |weight| if all > 0.0 { weight / all } else { 0.0 })
    };
    (0..pairs.demands()).into_par_iter().with_min_len(512).flat_map_iter(part).collect()
}

#[cfg(test)]
mod tests;
