//! Pairs: who stands within reach of what, and how far. What the methods of capacity against need start from.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use crate::atlas::geodesic::{Ecef, SHORT_M, UNSURE_M, ecef, karney, longest_chord, short_line};
use crate::atlas::tree::Tree;

/// So many places are done one after the other.
const STRETCH: usize = 64;
/// The mean radius of WGS 84, metres (R1 of Moritz 2000, J. Geod. 74:128-133).
const MEAN_RADIUS_M: f64 = 6_371_008.8;
/// Up to this chord, in metres, the earth is round enough to measure an arc by its chord alone.
const ROUND_M: f64 = 10_000.0;
/// A line on the ellipsoid is at most this much longer than between the same coordinates on the sphere: the largest
/// radius of curvature over the mean radius, rounded up.
const STRETCHED: f64 = 1.0046;

/// What distances are measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Earth {
    /// Geodesics on the WGS 84 ellipsoid.
    #[default]
    Geodesic,
    /// Great circles on a sphere of mean radius (R = 6,371,008.8 m), as other tools have them: up to half a per cent off.
    Haversine,
}

impl Earth {
    pub const CODES: [&str; 2] = ["geodesic", "haversine"];

    pub fn from_code(code: &str) -> Option<Earth> {
        [Earth::Geodesic, Earth::Haversine]
            .into_iter()
            .zip(Earth::CODES)
            .find(|(_, known)| *known == code)
            .map(|it| it.0)
    }
}

/// How far people go.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    /// Metres, inclusive; infinite for no limit.
    pub within_m: f64,
    /// Other distances in metres at which a weight jumps: there a distance must be on its right side.
    pub edges: &'a [f64],
    pub earth: Earth,
}

impl Reach<'_> {
    /// Whether a distance that is known within a tenth of a millimetre is on a known side of every edge.
    #[inline]
    fn clear_of_edges(&self, metres: f64) -> bool {
        let clear = |edge: f64| (metres - edge).abs() > UNSURE_M;
        clear(self.within_m) && self.edges.iter().all(|edge| clear(*edge))
    }
}

/// Pairs of a demand point and a supply with the metres between them, by supply.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pairs {
    demands: usize,
    supplies: usize,
    /// Each of [`STRETCH`] supplies that follow each other; the last may be of fewer.
    parts: Vec<Part>,
}

/// The pairs of some supplies that follow each other.
#[derive(Debug, Clone, Default, PartialEq)]
struct Part {
    /// Where each supply's pairs end.
    ends: Vec<usize>,
    demand: Vec<u32>,
    metres: Vec<f64>,
}

/// More pairs than can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {0} pairs of people and facilities are within this distance")]
pub struct TooManyPairs(pub usize);

impl Pairs {
    /// Orders pairs `(i, j, metres)` of `demands` demand points and `supplies` supplies by supply. A pair with a number
    /// that is too large is left out.
    pub fn new(demands: usize, supplies: usize, pairs: impl IntoIterator<Item = (u32, u32, f64)>) -> Pairs {
        let known = |(i, j, _): &(u32, u32, f64)| (*i as usize) < demands && (*j as usize) < supplies;
        let mut listed: Vec<_> = pairs.into_iter().filter(known).collect();
        listed.sort_by_key(|(_, j, _)| *j);
        let mut rest = listed.as_slice();
        let part = |first: usize| {
            let mut part = Part::default();
            for j in first..supplies.min(first + STRETCH) {
                let (here, after) = rest.split_at(rest.partition_point(|(_, other, _)| *other as usize <= j));
                part.demand.extend(here.iter().map(|(i, ..)| *i));
                part.metres.extend(here.iter().map(|(.., metres)| *metres));
                part.ends.push(part.demand.len());
                rest = after;
            }
            part
        };
        Pairs { demands, supplies, parts: (0..supplies).step_by(STRETCH).map(part).collect() }
    }

    /// The pairs within reach of each other, of places in degrees of longitude and latitude.
    ///
    /// 1. A k-d tree of the demand points in space, as the atlas has them: there are more of them than of supplies, and
    ///    a few searches that find much are quicker than many that find little.
    /// 2. For each supply the demand points within the longest chord that the distance can have.
    /// 3. Their distances by a formula for short lines, and by Karney's where that is within half a millimetre of
    ///    `within_m` or an edge or the line is long: so that every pair stands on the side where Karney's puts it.
    ///
    /// Distances are Karney's within a tenth of a millimetre, or haversines. The order is the same on any number of
    /// cores. Costs O((n + m) log n + pairs). Gives up when there are more than `most` pairs.
    ///
    /// ```
    /// use silver_atlas::analysis::pairs::{Earth, Pairs, Reach};
    ///
    /// let people = [(118.30, 33.95), (118.40, 33.95)];
    /// let homes = [(118.31, 33.95), (119.00, 33.95)];
    /// let reach = Reach { within_m: 1000.0, edges: &[], earth: Earth::Geodesic };
    /// let pairs = Pairs::within(&people, &homes, &reach, 1_000_000).unwrap();
    /// let (person, home, metres) = pairs.iter().next().unwrap();
    /// assert_eq!((pairs.len(), person, home), (1, 0, 0));
    /// assert!((metres - 924.39).abs() < 0.01);
    /// ```
    pub fn within(
        demand: &[(f64, f64)],
        supply: &[(f64, f64)],
        reach: &Reach,
        most: usize,
    ) -> Result<Pairs, TooManyPairs> {
        let stands: Vec<Ecef> = demand.par_iter().with_min_len(STRETCH).map(|(lon, lat)| ecef(*lon, *lat)).collect();
        let tree = Tree::build(stands.iter().copied().zip(0..).collect());
        let chord = farthest_chord(reach);
        let round = if reach.earth == Earth::Geodesic { ROUND_M * ROUND_M } else { -1.0 };
        let found = AtomicUsize::new(0);
        let stretch = |supply: &[(f64, f64)]| {
            let mut part = Part::default();
            for place in supply {
                let (at, before) = (ecef(place.0, place.1), part.demand.len());
                if found.load(Ordering::Relaxed) <= most {
                    tree.all_within(&at, chord * chord, |i, chord2| {
                        let exactly = || {
                            let from = (&stands[i as usize], demand[i as usize]);
                            measure(from, (&at, *place), chord2, reach)
                        };
                        let metres = if chord2 <= round { round_line(chord2) } else { f64::NAN };
                        // An unsure distance and none are both not far from an edge.
                        let metres = if reach.clear_of_edges(metres) { metres } else { exactly() };
                        if metres <= reach.within_m {
                            part.demand.push(i);
                            part.metres.push(metres);
                        }
                    });
                }
                found.fetch_add(part.demand.len() - before, Ordering::Relaxed);
                part.ends.push(part.demand.len());
            }
            part
        };
        let parts = supply.par_chunks(STRETCH).map(stretch).collect();
        if found.into_inner() > most {
            return Err(TooManyPairs(most));
        }
        Ok(Pairs { demands: demand.len(), supplies: supply.len(), parts })
    }

    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.demand.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many demand points, with or without pairs.
    pub fn demands(&self) -> usize {
        self.demands
    }

    /// How many supplies, with or without pairs.
    pub fn supplies(&self) -> usize {
        self.supplies
    }

    /// All pairs `(i, j, metres)`, by supply.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        let of = |j| {
            let (demand, metres) = self.of(j);
            demand.iter().zip(metres).map(move |(i, metres)| (*i as usize, j, *metres))
        };
        (0..self.supplies()).flat_map(of)
    }

    /// A supply's demand points and the metres to them.
    pub(super) fn of(&self, supply: usize) -> (&[u32], &[f64]) {
        let (part, at) = (&self.parts[supply / STRETCH], supply % STRETCH);
        let start = if at == 0 { 0 } else { part.ends[at - 1] };
        (&part.demand[start..part.ends[at]], &part.metres[start..part.ends[at]])
    }
}

/// No pair within reach has a longer chord, metres.
pub(super) fn farthest_chord(reach: &Reach) -> f64 {
    let stretched = if reach.earth == Earth::Haversine { STRETCHED } else { 1.0 };
    longest_chord(reach.within_m * stretched)
}

type Stand<'a> = (&'a Ecef, (f64, f64));

fn measure(from: Stand, to: Stand, chord2: f64, reach: &Reach) -> f64 {
    if reach.earth == Earth::Haversine {
        return haversine(from.1, to.1);
    }
    if chord2 <= SHORT_M * SHORT_M {
        let metres = short_line(from.0, to.0, chord2);
        if reach.clear_of_edges(metres) {
            return metres;
        }
    }
    karney(from.1, to.1)
}

/// The arc over a chord of at most [`ROUND_M`] on a sphere of mean radius. On the ellipsoid it differs by at most
/// c³/24 (1/R_MIN² - 1/R²), a hundredth of a millimetre.
#[inline]
fn round_line(chord2: f64) -> f64 {
    const BEND: f64 = 1.0 / (24.0 * MEAN_RADIUS_M * MEAN_RADIUS_M);
    chord2.sqrt() * (1.0 + chord2 * BEND)
}

/// Metres along the great circle of a sphere of mean radius, between places in degrees.
fn haversine(from: (f64, f64), to: (f64, f64)) -> f64 {
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let across = from.1.to_radians().cos() * to.1.to_radians().cos() * half(from.0, to.0);
    2.0 * MEAN_RADIUS_M * (half(from.1, to.1) + across).sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::sample;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    fn places(rng: &mut StdRng, count: usize) -> Vec<(f64, f64)> {
        (0..count).map(|_| sample::point(rng)).collect()
    }

    #[test]
    fn pairs_are_those_of_every_place_against_every_place() {
        let mut rng = StdRng::seed_from_u64(4);
        for earth in [Earth::Geodesic, Earth::Haversine] {
            for _ in 0..12 {
                let (demand, supply) = (places(&mut rng, 700), places(&mut rng, 60));
                let reach = Reach { within_m: 10f64.powf(rng.random_range(2.0..7.4)), edges: &[], earth };
                let pairs = Pairs::within(&demand, &supply, &reach, usize::MAX).expect("not too many");
                assert_eq!((pairs.demands(), pairs.supplies()), (700, 60));
                for (i, from) in demand.iter().enumerate() {
                    // By supply already.
                    let found: Vec<_> = pairs.iter().filter(|pair| pair.0 == i).map(|(_, j, m)| (j, m)).collect();
                    let exact = |to| if earth == Earth::Geodesic { karney(*from, to) } else { haversine(*from, to) };
                    let all = supply.iter().map(|to| exact(*to)).enumerate();
                    let expected: Vec<_> = all.filter(|(_, metres)| *metres <= reach.within_m).collect();
                    assert_eq!(found.len(), expected.len(), "{reach:?}");
                    for ((j, metres), (k, exact)) in found.into_iter().zip(expected) {
                        assert!(j == k && (metres - exact).abs() < 1e-4, "{metres} is not {exact}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_pair_exactly_at_an_edge_is_inside_it() {
        let mut rng = StdRng::seed_from_u64(5);
        for _ in 0..300 {
            let away = 10f64.powf(rng.random_range(-4.0..1.5));
            let (from, to) = ((118.0, 34.0), (118.0 + away, 34.0 - away * rng.random_range(0.0..1.0)));
            let metres = karney(from, to);
            let pairs = |within_m, edges: &[f64]| {
                Pairs::within(&[from], &[to], &Reach { within_m, edges, earth: Earth::Geodesic }, 10).expect("one")
            };
            assert_eq!(pairs(metres, &[]).len(), 1);
            assert_eq!(pairs(metres.next_down(), &[]).len(), 0);
            // An edge of a zone is as exact as the radius.
            assert_eq!(pairs(f64::INFINITY, &[metres]).iter().next(), Some((0, 0, metres)));
        }
    }

    #[test]
    fn too_many_pairs_are_refused_and_not_held() {
        let (demand, supply) = (vec![(118.0, 34.0); 2000], vec![(118.0, 34.0); 100]);
        let reach = Reach { within_m: 0.0, edges: &[], earth: Earth::Geodesic };
        assert_eq!(Pairs::within(&demand, &supply, &reach, 199_999), Err(TooManyPairs(199_999)));
        assert_eq!(Pairs::within(&demand, &supply, &reach, 200_000).map(|pairs| pairs.len()), Ok(200_000));
        assert_eq!(Pairs::within(&[], &[], &reach, 0).map(|pairs| pairs.demands()), Ok(0));
    }
}
