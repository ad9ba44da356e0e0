//! Nearest: the few that stand closest, exactly as Karney's distances rank them, with few of those computed.
//!
//! 1. The search goes by squared chords and keeps all that may still be among the nearest: the bound is the chord
//!    that the *k*-th nearest by chord can have at most, see [`widened`].
//!    A search that meets too many that do not pass the filter is given up for a look at all facilities, which goes
//!    through memory in order and on all cores: a question about a far region costs milliseconds and not a second.
//! 2. What is left is measured, short lines by [`short_line`], others by [`karney`].
//! 3. Where cheap distances are too close to each other or to the limit to tell, Karney's decide.

use std::collections::BinaryHeap;
use std::sync::Arc;

use uuid::Uuid;

use super::entry::Entry;
use super::geodesic::{Ecef, SHORT_M, UNSURE_M, chord2, ecef, karney, longest_chord, short_line, widened};
use super::{Atlas, Filter, Hit};
use crate::care::Place;

/// Looking at one facility in the order of the search costs as much as looking at so many in the order of memory.
const SCAN_WORTH: usize = 20;
/// How many facilities that do not pass are met at least before the search is given up.
const LEAST_PATIENCE: usize = 1000;

/// The candidates of a search, and how near one must be to become one.
struct Candidates {
    limit: usize,
    bound: f64,
    /// Slots with their squared chords.
    found: Vec<(u32, f64)>,
    /// The smallest squared chords, by their bits: for numbers that are not negative they have the same order.
    nearest: BinaryHeap<u64>,
}

impl Candidates {
    fn take(&mut self, slot: u32, chord2: f64) -> f64 {
        self.found.push((slot, chord2));
        let bits = chord2.to_bits();
        if self.nearest.len() < self.limit {
            self.nearest.push(bits);
        } else if let Some(mut farthest) = self.nearest.peek_mut().filter(|farthest| bits < **farthest) {
            *farthest = bits;
        } else {
            return self.bound;
        }
        if self.nearest.len() == self.limit {
            let farthest = self.nearest.peek().map_or(f64::INFINITY, |bits| f64::from_bits(*bits));
            self.bound = self.bound.min(widened(farthest));
        }
        self.bound
    }
}

/// A candidate that is measured.
struct Measured<'a> {
    entry: &'a Arc<Entry>,
    lon_lat: (f64, f64),
    metres: f64,
    exact: bool,
}

impl Measured<'_> {
    fn rank(&self, other: &Self) -> std::cmp::Ordering {
        let id = |measured: &Self| -> Uuid { measured.entry.facility.id };
        self.metres.total_cmp(&other.metres).then_with(|| id(self).cmp(&id(other)))
    }

    fn measure_exactly(&mut self, from: (f64, f64)) {
        if !self.exact {
            (self.metres, self.exact) = (karney(from, self.lon_lat), true);
        }
    }
}

impl Atlas {
    /// The `limit` nearest eligible facilities that pass the filter, no farther than `within_m`, nearest first; equal
    /// distances by smaller id. Distances are Karney's within a millimetre, their order is exactly Karney's.
    pub fn nearest(&self, lon: f64, lat: f64, filter: &Filter, limit: usize, within_m: Option<f64>) -> Vec<Hit> {
        let within = within_m.unwrap_or(f64::INFINITY);
        if limit == 0 || !Place::in_range(lon, lat) || within.is_nan() || within < 0.0 {
            return Vec::new();
        }
        let sieve = self.sieve(filter).serving();
        let from = ecef(lon, lat);
        let bound = longest_chord(within).powi(2);
        let mut candidates = Candidates { limit, bound, found: Vec::new(), nearest: BinaryHeap::new() };
        let any_passes = sieve.only_kinds();
        let mut patience = (self.slots.len() / SCAN_WORTH).max(LEAST_PATIENCE);
        self.ground.search(&from, sieve.kinds(), bound, |slot, chord2, bound| {
            if any_passes || self.at(slot).is_some_and(|entry| sieve.passes(entry)) {
                *bound = candidates.take(slot, chord2);
            } else {
                patience -= 1;
                // No squared chord is negative: the search ends.
                *bound = if patience == 0 { -1.0 } else { *bound };
            }
        });
        if patience == 0 {
            let pass = self.select(|entry| sieve.passes(entry).then(|| entry.stand().map(|at| chord2(&from, &at)))?);
            candidates = Candidates { limit, bound, found: Vec::new(), nearest: BinaryHeap::new() };
            for (chord2, slot) in pass {
                if chord2 <= candidates.bound {
                    candidates.take(slot, chord2);
                }
            }
        }
        // Most became candidates before the bound had shrunk; they are let go before anything is read of them.
        let Candidates { found, bound, .. } = candidates;
        let near = found.into_iter().filter(|(_, chord2)| *chord2 <= bound);
        let entries = near.filter_map(|(slot, chord2)| Some((self.at(slot)?, chord2)));
        let measure = |(entry, chord2)| measure(entry, chord2, (lon, lat), &from, within);
        let mut measured: Vec<_> = entries.filter_map(measure).collect();
        rank(&mut measured, limit, (lon, lat));
        measured.truncate(limit);
        measured.into_iter().map(|m| Hit { entry: m.entry.clone(), distance_m: m.metres }).collect()
    }
}

/// The distance of an entry with its squared chord, if it stands within the limit.
fn measure<'a>(
    entry: &'a Arc<Entry>,
    chord2: f64,
    lon_lat: (f64, f64),
    from: &Ecef,
    within: f64,
) -> Option<Measured<'a>> {
    let place = entry.lon_lat?;
    let to = ecef(place.0, place.1);
    let mut measured = Measured { entry, lon_lat: place, metres: short_line(from, &to, chord2), exact: false };
    if chord2 > SHORT_M * SHORT_M || (measured.metres - within).abs() < UNSURE_M {
        measured.measure_exactly(lon_lat);
    }
    (measured.metres <= within).then_some(measured)
}

/// Puts the first `limit` into their exact order.
fn rank(measured: &mut [Measured], limit: usize, from: (f64, f64)) {
    measured.sort_unstable_by(Measured::rank);
    let mut start = 0;
    while start < measured.len().min(limit) {
        let close = |pair: &&[Measured]| pair[1].metres - pair[0].metres < UNSURE_M;
        let end = start + 1 + measured[start..].windows(2).take_while(close).count();
        let run = &mut measured[start..end];
        // Facilities in one place are equally far by either measure, and their ids have ordered them.
        if run.iter().any(|one| one.lon_lat != run[0].lon_lat) {
            let mut last: Option<((f64, f64), f64)> = None;
            for one in run.iter_mut() {
                match last {
                    Some((place, metres)) if place == one.lon_lat => (one.metres, one.exact) = (metres, true),
                    _ => one.measure_exactly(from),
                }
                last = Some((one.lon_lat, one.metres));
            }
            run.sort_unstable_by(Measured::rank);
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::sample::{self, brute};
    use crate::care::Status;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    #[test]
    fn nearest_is_what_karneys_distances_to_all_facilities_say() {
        let mut rng = StdRng::seed_from_u64(3);
        for seed in 0..4 {
            let atlas = sample::atlas(seed, 2500);
            for _ in 0..150 {
                let (lon, lat) = sample::point(&mut rng);
                let filter = sample::filter(&mut rng, &atlas);
                let limit = *[1, 3, 10, 40, 4000].get(rng.random_range(0..5)).unwrap_or(&1);
                let within = rng.random_bool(0.5).then(|| 10f64.powf(rng.random_range(1.0..7.4)));
                let expected = brute::nearest(&atlas, lon, lat, &filter, limit, within);
                brute::assert_same(&atlas.nearest(lon, lat, &filter, limit, within), &expected);
            }
        }
    }

    #[test]
    fn a_limit_equal_to_a_distance_includes_it() {
        let atlas = sample::atlas(7, 800);
        let mut rng = StdRng::seed_from_u64(4);
        for _ in 0..300 {
            let (lon, lat) = sample::point(&mut rng);
            let all = brute::nearest(&atlas, lon, lat, &Filter::default(), 30, None);
            let last = all[rng.random_range(0..all.len())].1;
            for within in [last, last.next_down(), last.next_up(), last + 1e-4, last - 1e-4] {
                let expected = brute::nearest(&atlas, lon, lat, &Filter::default(), 40, Some(within));
                brute::assert_same(&atlas.nearest(lon, lat, &Filter::default(), 40, Some(within)), &expected);
            }
        }
    }

    #[test]
    fn facilities_equally_far_come_by_their_ids() {
        let mut rng = StdRng::seed_from_u64(5);
        // In a ring around the point and, many at once, in one place of it.
        let ring = |n: u128| {
            let turn = f64::from((n % 24) as u32) * 15f64.to_radians();
            let spot = if n.is_multiple_of(3) { (0.5, 0.0) } else { (0.5 * turn.cos(), 0.5 * turn.sin()) };
            sample::facility(n, Some(spot))
        };
        let atlas = sample::atlas_of((1..400).map(ring).collect(), &mut rng);
        for limit in [1, 7, 133, 134, 400] {
            let expected = brute::nearest(&atlas, 0.0, 0.0, &Filter::default(), limit, None);
            brute::assert_same(&atlas.nearest(0.0, 0.0, &Filter::default(), limit, None), &expected);
        }
    }

    #[test]
    fn a_closed_facility_is_never_nearest() {
        let mut rng = StdRng::seed_from_u64(6);
        let mut closed = sample::facility(1, Some((118.0, 34.0)));
        closed.status = Status::Closed;
        let mut unconfirmed = sample::facility(2, Some((118.0, 34.0)));
        unconfirmed.place.as_mut().expect("it has one").confirmed = false;
        let open = sample::facility(3, Some((118.1, 34.0)));
        let atlas = sample::atlas_of(vec![closed, unconfirmed, open], &mut rng);
        let filter = Filter { statuses: vec![Status::Closed], ..Default::default() };
        let hits = atlas.nearest(118.0, 34.0, &filter, 10, None);
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].entry.facility.id, uuid::Uuid::from_u128(3));
    }

    #[test]
    fn the_same_place_is_at_distance_zero_and_nonsense_finds_nothing() {
        let mut rng = StdRng::seed_from_u64(6);
        let atlas = sample::atlas_of(vec![sample::facility(1, Some((118.0, 34.0)))], &mut rng);
        let nearest = |lon, lat, within| atlas.nearest(lon, lat, &Filter::default(), 1, within);
        assert_eq!(nearest(118.0, 34.0, Some(0.0))[0].distance_m, 0.0);
        assert!(nearest(f64::NAN, 34.0, None).is_empty());
        assert!(nearest(118.0, 134.0, None).is_empty());
        assert!(nearest(118.0, 34.0, Some(-1.0)).is_empty());
        assert!(sample::atlas_of(vec![], &mut rng).nearest(0.0, 0.0, &Filter::default(), 5, None).is_empty());
    }
}
