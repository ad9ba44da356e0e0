//! Pairs: who stands within reach of what, and how far. What the methods of capacity against need start from.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use crate::atlas::geodesic::{Ecef, SHORT_M, UNSURE_M, ecef, karney, longest_chord, short_line};
use crate::atlas::tree::Tree;

/// So many demand points are done one after the other.
const STRETCH: usize = 512;
/// The mean radius of WGS 84, metres (R1 of Moritz 2000, J. Geod. 74:128-133).
const MEAN_RADIUS_M: f64 = 6_371_008.8;
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

/// Pairs of a demand point and a supply with the metres between them, by demand point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pairs {
    /// Where each demand point's pairs begin; one more at the end.
    first: Vec<usize>,
    supply: Vec<u32>,
    metres: Vec<f64>,
    supplies: usize,
}

/// More pairs than can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {0} pairs of people and facilities are within this distance")]
pub struct TooManyPairs(pub usize);

impl Pairs {
    /// Orders pairs `(i, j, metres)` of `demands` demand points and `supplies` supplies by demand point. A pair with a
    /// number that is too large is left out.
    pub fn new(demands: usize, supplies: usize, pairs: impl IntoIterator<Item = (u32, u32, f64)>) -> Pairs {
        let known = |(i, j, _): &(u32, u32, f64)| (*i as usize) < demands && (*j as usize) < supplies;
        let mut listed: Vec<_> = pairs.into_iter().filter(known).collect();
        listed.sort_by_key(|(i, ..)| *i);
        let mut first = vec![0; demands + 1];
        for (i, ..) in &listed {
            first[*i as usize + 1] += 1;
        }
        for at in 0..demands {
            first[at + 1] += first[at];
        }
        let (supply, metres) = listed.into_iter().map(|(_, j, metres)| (j, metres)).unzip();
        Pairs { first, supply, metres, supplies }
    }

    /// The pairs within reach of each other, of places in degrees of longitude and latitude.
    ///
    /// 1. A k-d tree of the supplies in space, as the atlas has it.
    /// 2. For each demand point the supplies within the longest chord that the distance can have.
    /// 3. Their distances by the formula for short lines, and by Karney's where that is within half a millimetre of
    ///    `within_m` or an edge or the line is long: so that every pair stands on the side where Karney's puts it.
    ///
    /// Distances are Karney's within a tenth of a millimetre, or haversines. The order is the same on any number of
    /// cores. Costs O((n + m) log m + pairs). Gives up when there are more than `most` pairs.
    ///
    /// ```
    /// use silver_atlas::analysis::pairs::{Earth, Pairs, Reach};
    ///
    /// let people = [(118.30, 33.95), (118.40, 33.95)];
    /// let homes = [(118.31, 33.95), (119.00, 33.95)];
    /// let reach = Reach { within_m: 1000.0, edges: &[], earth: Earth::Geodesic };
    /// let pairs = Pairs::within(&people, &homes, &reach, 1_000_000).unwrap();
    /// let (supply, metres) = pairs.of(0).next().unwrap();
    /// assert_eq!((pairs.len(), supply), (1, 0));
    /// assert!((metres - 924.52).abs() < 0.01);
    /// ```
    pub fn within(
        demand: &[(f64, f64)],
        supply: &[(f64, f64)],
        reach: &Reach,
        most: usize,
    ) -> Result<Pairs, TooManyPairs> {
        let stands: Vec<Ecef> = supply.iter().map(|(lon, lat)| ecef(*lon, *lat)).collect();
        let tree = Tree::build(stands.iter().copied().zip(0..).collect());
        let chord = farthest_chord(reach);
        let found = AtomicUsize::new(0);
        let stretch = |demand: &[(f64, f64)]| {
            let mut part = (Vec::with_capacity(demand.len()), Vec::new(), Vec::new());
            for lon_lat in demand {
                if found.load(Ordering::Relaxed) > most {
                    break;
                }
                let at = ecef(lon_lat.0, lon_lat.1);
                let before = part.1.len();
                tree.search(&at, &mut { chord * chord }, |number, chord2, _| {
                    let (stand, place) = (&stands[number as usize], supply[number as usize]);
                    let metres = measure((&at, *lon_lat), (stand, place), chord2, reach);
                    if metres <= reach.within_m {
                        part.1.push(number);
                        part.2.push(metres);
                    }
                });
                part.0.push(part.1.len() - before);
                found.fetch_add(part.1.len() - before, Ordering::Relaxed);
            }
            part
        };
        let parts: Vec<(Vec<usize>, Vec<u32>, Vec<f64>)> = demand.par_chunks(STRETCH).map(stretch).collect();
        if found.into_inner() > most {
            return Err(TooManyPairs(most));
        }
        let mut pairs =
            Pairs { first: Vec::with_capacity(demand.len() + 1), supplies: supply.len(), ..Pairs::default() };
        pairs.first.push(0);
        let mut end = 0;
        for count in parts.iter().flat_map(|(counts, ..)| counts) {
            end += count;
            pairs.first.push(end);
        }
        pairs.supply.reserve_exact(end);
        pairs.metres.reserve_exact(end);
        for (_, supply, metres) in parts {
            pairs.supply.extend(supply);
            pairs.metres.extend(metres);
        }
        Ok(pairs)
    }

    pub fn len(&self) -> usize {
        self.supply.len()
    }

    pub fn is_empty(&self) -> bool {
        self.supply.is_empty()
    }

    /// How many demand points, with or without pairs.
    pub fn demands(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// How many supplies, with or without pairs.
    pub fn supplies(&self) -> usize {
        self.supplies
    }

    /// A demand point's supplies and the metres to them.
    pub fn of(&self, demand: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.range(demand);
        self.supply[range.clone()].iter().map(|j| *j as usize).zip(self.metres[range].iter().copied())
    }

    pub(super) fn range(&self, demand: usize) -> std::ops::Range<usize> {
        match self.first.get(demand..demand + 2) {
            Some([start, end]) => *start..*end,
            _ => 0..0,
        }
    }

    pub(super) fn supply(&self) -> &[u32] {
        &self.supply
    }

    pub(super) fn metres(&self) -> &[f64] {
        &self.metres
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
        let unsure = |edge: f64| (metres - edge).abs() <= UNSURE_M;
        if !unsure(reach.within_m) && !reach.edges.iter().any(|edge| unsure(*edge)) {
            return metres;
        }
    }
    karney(from.1, to.1)
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
                    let mut found: Vec<_> = pairs.of(i).collect();
                    found.sort_by_key(|(j, _)| *j);
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
            assert_eq!(pairs(f64::INFINITY, &[metres]).of(0).next(), Some((0, metres)));
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
