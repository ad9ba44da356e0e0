//! Pair budget: whether a question has more pairs of people and facilities than can be held, found out by counting before any
//! distance is measured; and which distance would do.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::pairs::{Reach, farthest_chord};
use crate::atlas::geodesic::{Ecef, ecef};
use crate::atlas::tree::Tree;

/// So many places of each side stand for all of them where a distance is looked for.
const SAMPLE: usize = 1500;

type LonLat = (f64, f64);

/// Whether the places have more pairs within reach than `most`, judged by the straight lines between them. That stops at
/// the first pair too many. A question that is just at the limit is left to whoever measures.
pub(super) fn exceeds(demand: &[LonLat], supply: &[LonLat], reach: &Reach, most: usize) -> bool {
    let most = most.saturating_add(most / 50);
    if demand.len().saturating_mul(supply.len()) <= most {
        return false;
    }
    if !reach.within_m.is_finite() {
        return true;
    }
    let stand = |(number, place): (usize, &LonLat)| (ecef(place.0, place.1), number as u32);
    let tree = Tree::build(demand.iter().enumerate().map(stand).collect());
    let (bound, found) = (farthest_chord(reach).powi(2), AtomicUsize::new(0));
    supply.par_iter().for_each(|place| {
        if found.load(Ordering::Relaxed) <= most {
            let mut here = 0;
            tree.all_within(&ecef(place.0, place.1), bound, |_, _| here += 1);
            found.fetch_add(here, Ordering::Relaxed);
        }
    });
    found.into_inner() > most
}

/// A distance in metres, in two digits, within which there are about so many pairs or fewer.
pub(super) fn radius_for(demand: &[LonLat], supply: &[LonLat], most: usize) -> f64 {
    let some = |places: &[LonLat]| -> Vec<Ecef> {
        let step = places.len().div_ceil(SAMPLE).max(1);
        places.iter().step_by(step).map(|(lon, lat)| ecef(*lon, *lat)).collect()
    };
    let (from, to) = (some(demand), some(supply));
    let far2 = |a: &Ecef, b: &Ecef| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let mut lines: Vec<f64> = to.par_iter().flat_map_iter(|to| from.iter().map(move |from| far2(from, to))).collect();
    if lines.is_empty() {
        return 0.0;
    }
    // A sample is not the whole: a tenth less than what is allowed.
    let part = 0.9 * most as f64 / (demand.len() as f64 * supply.len() as f64);
    let nth = ((lines.len() as f64 * part) as usize).min(lines.len() - 1);
    let (_, line2, _) = lines.select_nth_unstable_by(nth, f64::total_cmp);
    let metres = line2.sqrt();
    let unit = 10f64.powf(metres.max(10.0).log10().floor() - 1.0);
    (metres / unit).floor() * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::pairs::{Earth, Pairs};
    use crate::atlas::sample;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn too_many_pairs_are_known_without_measuring_them_and_the_told_distance_does() {
        let mut rng = StdRng::seed_from_u64(9);
        let mut places = |count: usize| -> Vec<LonLat> { (0..count).map(|_| sample::point(&mut rng)).collect() };
        let (demand, supply) = (places(3000), places(2000));
        let most = 200_000;
        let exceed =
            |within_m| exceeds(&demand, &supply, &Reach { within_m, edges: &[], earth: Earth::Geodesic }, most);
        assert!(exceed(f64::INFINITY) && exceed(2e7) && !exceed(1.0));
        let radius = radius_for(&demand, &supply, most);
        let reach = Reach { within_m: radius, edges: &[], earth: Earth::Geodesic };
        let pairs = Pairs::within(&demand, &supply, &reach, most).expect("it does");
        assert!(pairs.len() > most / 2, "{} pairs within {radius} m: it need not be so small", pairs.len());
    }
}
