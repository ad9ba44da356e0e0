//! Reach: how far every demand point is from the nearest eligible facility. What coverage, gaps and scenarios start from.

use rayon::prelude::*;

use crate::atlas::geodesic::{Ecef, UNSURE_M, chord2, ecef, karney, short_line, widened};
use crate::atlas::tree::Tree;
use crate::atlas::{Atlas, Demand, Filter};

/// So many neighbours are done one after the other: each begins with what the one before knows.
const STRETCH: usize = 1024;

/// Up to this chord, in metres, what is nearest by chord is nearest: by geodesic another can be nearer only by
/// c³ (1/R_MIN² - 1/R_MAX²) / 24, which is less than a fifth of a millimetre here.
const CHORD_DECIDES_M: f64 = 20_000.0;

/// The facility nearest to a demand point by chord.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Near {
    /// The tree's number, or after those the place among the added; [`NOBODY`] where there is none.
    pub number: u32,
    /// Its squared chord, in square metres: infinite where there is no facility, NaN where the demand point has no place
    /// or is not wanted.
    pub chord2: f64,
}

/// Stands for "no facility".
const NOBODY: u32 = u32::MAX;

impl Near {
    const UNWANTED: Near = Near { number: NOBODY, chord2: f64::NAN };
    const NONE: Near = Near { number: NOBODY, chord2: f64::INFINITY };
}

/// The facilities that count, wherever they stand.
pub(crate) struct Supply {
    tree: Tree,
    /// By the tree's numbers: where they stand.
    pub lon_lat: Vec<(f64, f64)>,
    /// By the tree's numbers: their slots, ascending.
    pub slots: Vec<u32>,
    /// By the tree's numbers: the slots of their regions.
    pub regions: Vec<u32>,
    /// The slots of those that would count if their place were known, ascending, and of their regions.
    pub unlocated: Vec<(u32, u32)>,
}

/// What a scenario does to the facilities that count.
#[derive(Default)]
pub(crate) struct Overlay {
    /// Numbers of those that count no more, ascending.
    pub removed: Vec<u32>,
    /// Where further ones stand. Their numbers follow the tree's.
    pub added: Vec<(Ecef, (f64, f64))>,
}

impl Supply {
    /// The serving facilities that pass the filter.
    pub fn gather(atlas: &Atlas, filter: &Filter) -> Supply {
        let sieve = atlas.sieve(filter).serving();
        let mut found =
            atlas.select(|entry| sieve.passes(entry).then(|| (entry.lon_lat.zip(entry.stand()), entry.region)));
        // In the order of slots, whichever core found them first.
        found.par_sort_unstable_by_key(|(_, slot)| *slot);
        let mut supply = Supply {
            tree: Tree::default(),
            lon_lat: Vec::new(),
            slots: Vec::new(),
            regions: Vec::new(),
            unlocated: Vec::new(),
        };
        let mut points = Vec::with_capacity(found.len());
        for ((stand, region), slot) in found {
            if let Some((lon_lat, at)) = stand {
                points.push((at, points.len() as u32));
                supply.lon_lat.push(lon_lat);
                supply.slots.push(slot);
                supply.regions.push(region);
            } else {
                supply.unlocated.push((slot, region));
            }
        }
        supply.tree = Tree::build(points);
        supply
    }

    /// For every demand point the nearest facility by chord.
    pub fn near(&self, demand: &[Demand], wanted: impl Fn(&Demand) -> bool + Sync) -> Vec<Near> {
        let stretch = |demand: &[Demand]| {
            // The point before, and its squared chord to the nearest facility.
            let mut before: Option<(Ecef, f64)> = None;
            let mut nearest = |demand: &Demand| {
                let at = demand.at.filter(|_| wanted(demand))?;
                // No farther than by way of the point before; a little more for rounding.
                let bound = before.map_or(f64::INFINITY, |(last, reach2)| {
                    ((chord2(&last, &at).sqrt() + reach2.sqrt()) * (1.0 + 1e-12) + 1e-6).powi(2)
                });
                let Some((number, reach2)) = self.tree.nearest(&at, bound) else { return Some(Near::NONE) };
                before = Some((at, reach2));
                Some(Near { number, chord2: reach2 })
            };
            demand.iter().map(|demand| nearest(demand).unwrap_or(Near::UNWANTED)).collect::<Vec<_>>()
        };
        demand.par_chunks(STRETCH).flat_map_iter(stretch).collect()
    }

    /// The nearest facility by chord of what is left and what is added.
    pub fn near_after(&self, overlay: &Overlay, at: &Ecef) -> Near {
        let mut near = Near::NONE;
        for (number, (place, _)) in (self.lon_lat.len() as u32..).zip(&overlay.added) {
            let chord2 = chord2(place, at);
            if chord2 < near.chord2 {
                near = Near { number, chord2 };
            }
        }
        self.tree.search(at, &mut { near.chord2 }, |number, chord2, bound| {
            if overlay.removed.binary_search(&number).is_err() {
                near = Near { number, chord2 };
                *bound = chord2;
            }
        });
        near
    }

    /// The distance in metres to the nearest facility, of which the nearest by chord is known: infinite where there is
    /// none, NaN where the demand point has no place or is not wanted.
    ///
    /// Distances are Karney's within a millimetre, and on the same side of `within_m` (inclusive) as Karney's. On short
    /// lines chord and geodesic differ by less than is promised: chords order neighbours up to a few micrometres there.
    pub fn measure(&self, overlay: &Overlay, demand: &Demand, near: Near, within_m: f64) -> f64 {
        let (Some(at), Some(lon_lat)) = (&demand.at, demand.lon_lat) else { return f64::NAN };
        if near.number == NOBODY {
            return near.chord2;
        }
        if near.chord2 <= CHORD_DECIDES_M * CHORD_DECIDES_M {
            let number = near.number as usize;
            let (lon, lat) =
                self.lon_lat.get(number).copied().unwrap_or_else(|| overlay.added[number - self.lon_lat.len()].1);
            let metres = short_line(at, &ecef(lon, lat), near.chord2);
            if (metres - within_m).abs() > UNSURE_M {
                return metres;
            }
        }
        let mut nearest = f64::INFINITY;
        let bound = widened(near.chord2);
        self.tree.search(at, &mut { bound }, |number, _, _| {
            if overlay.removed.binary_search(&number).is_err() {
                nearest = nearest.min(karney(lon_lat, self.lon_lat[number as usize]));
            }
        });
        for (place, added) in &overlay.added {
            if chord2(place, at) <= bound {
                nearest = nearest.min(karney(lon_lat, *added));
            }
        }
        nearest
    }
}
