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

use serde::Serialize;

use super::decay::{Decay, LUO_QI_SLOW, WAN};
use super::pairs::Pairs;

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
/// 1. Where people choose: the sum of each demand point's weights, from which the parts `G` follow.
/// 2. Supply by supply, in their order, so that sums are the same on any machine: the people that reach for it, its ratio,
///    and what that adds at each of its demand points.
///
/// O(pairs) time, no memory but the answer. Missing entries of `population` and `capacity` are 0.
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
    let people = |i: u32| population.get(i as usize).copied().unwrap_or(0.0);
    let demands = pairs.demands();
    let mut all = vec![0.0; if method.chooses() { demands } else { 0 }];
    if method.chooses() {
        for (i, _, metres) in pairs.iter() {
            all[i] += decay.weight(metres, within_m);
        }
    }
    let part = |i: u32, weight: f64| if weight > 0.0 { weight / all[i as usize] } else { 0.0 };
    let mut found = Access {
        access: vec![0.0; demands],
        reached: vec![false; demands],
        ratio: Vec::with_capacity(pairs.supplies()),
        share: vec![0.0; demands],
    };
    // Of one supply: its weights, and what they are in step 1.
    let (mut weights, mut reaching) = (Vec::new(), Vec::new());
    for j in 0..pairs.supplies() {
        let held = capacity.get(j).copied().unwrap_or(0.0);
        let (demand, metres) = pairs.of(j);
        weights.clear();
        weights.extend(metres.iter().map(|metres| decay.weight(*metres, within_m)));
        let step_one = match method {
            Method::ThreeStep | Method::Balanced => {
                let squared = method == Method::ThreeStep;
                let weigh = |(i, w): (&u32, &f64)| part(*i, *w) * if squared { *w } else { 1.0 };
                reaching.clear();
                reaching.extend(demand.iter().zip(&weights).map(weigh));
                &reaching
            }
            _ => &weights,
        };
        let sum: f64 = demand.iter().zip(step_one).map(|(i, weight)| people(*i) * weight).sum();
        let ratio = Some(held / sum).filter(|ratio| sum > 0.0 && ratio.is_finite());
        found.ratio.push(ratio);
        if held > 0.0 {
            for (i, weight) in demand.iter().zip(&weights) {
                found.reached[*i as usize] |= *weight > 0.0;
            }
        }
        let Some(ratio) = ratio else { continue };
        if method == Method::Balanced {
            let around: f64 = weights.iter().sum();
            for ((i, weight), part) in demand.iter().zip(&weights).zip(step_one) {
                found.access[*i as usize] += ratio * weight / around;
                found.share[*i as usize] += ratio * part * people(*i);
            }
        } else {
            for (i, weight) in demand.iter().zip(step_one) {
                found.access[*i as usize] += ratio * weight;
            }
        }
    }
    if method.conserves() {
        found.share = (0..).zip(&found.access).map(|(i, access)| people(i) * access).collect();
    }
    found
}

#[cfg(test)]
mod tests;
