//! Reach: how far every demand point is from the nearest eligible facility. What coverage, gaps and siting start from.

use rayon::prelude::*;

use crate::atlas::geodesic::{Ecef, UNSURE_M, chord2, ecef, karney, short_line, widened};
use crate::atlas::tree::Tree;
use crate::atlas::{Atlas, Demand, Filter};

/// So many neighbours are done one after the other: each begins with what the one before knows.
const STRETCH: usize = 1024;

/// Up to this chord, in metres, what is nearest by chord is nearest: by geodesic another can be nearer only by
/// c³ (1/R_MIN² - 1/R_MAX²) / 24, which is less than a fifth of a millimetre here.
const CHORD_DECIDES_M: f64 = 20_000.0;

/// The facilities that count, wherever they stand.
pub(crate) struct Supply<'a> {
    atlas: &'a Atlas,
    tree: Tree,
    /// By the tree's numbers: where they stand.
    lon_lat: Vec<(f64, f64)>,
    /// By the tree's numbers: the slots of their regions.
    pub regions: Vec<u32>,
    /// The slots of the regions of those that would count if their place were known.
    pub unlocated: Vec<u32>,
}

impl<'a> Supply<'a> {
    /// The serving facilities that pass the filter.
    pub fn gather(atlas: &'a Atlas, filter: &Filter) -> Supply<'a> {
        let sieve = atlas.sieve(filter).serving();
        let mut found =
            atlas.select(|entry| sieve.passes(entry).then(|| (entry.lon_lat.zip(entry.stand()), entry.region)));
        // In the order of slots, whichever core found them first.
        found.par_sort_unstable_by_key(|(_, slot)| *slot);
        let mut supply =
            Supply { atlas, tree: Tree::default(), lon_lat: Vec::new(), regions: Vec::new(), unlocated: Vec::new() };
        let mut points = Vec::with_capacity(found.len());
        for ((stand, region), _) in found {
            if let Some((lon_lat, at)) = stand {
                points.push((at, points.len() as u32));
                supply.lon_lat.push(lon_lat);
                supply.regions.push(region);
            } else {
                supply.unlocated.push(region);
            }
        }
        supply.tree = Tree::build(points);
        supply
    }

    /// For every demand point of the atlas the distance in metres to the nearest facility: infinite where there is no
    /// facility, NaN where the demand point has no place or is not wanted.
    ///
    /// Distances are Karney's within a millimetre, and on the same side of `within_m` (inclusive) as Karney's.
    pub fn nearest_m(&self, within_m: f64, wanted: impl Fn(&Demand) -> bool + Sync) -> Vec<f64> {
        let stretches = self.atlas.demand().par_chunks(STRETCH);
        let stretch = |demand: &'a [Demand]| {
            // The point before, and its squared chord to the nearest facility.
            let mut before: Option<(Ecef, f64)> = None;
            let mut distance = |demand: &Demand| {
                let (at, lon_lat) = demand.at.zip(demand.lon_lat).filter(|_| wanted(demand))?;
                // No farther than by way of the point before; a little more for rounding.
                let bound = before.map_or(f64::INFINITY, |(last, reach2)| {
                    ((chord2(&last, &at).sqrt() + reach2.sqrt()) * (1.0 + 1e-12) + 1e-6).powi(2)
                });
                let Some((number, reach2)) = self.tree.nearest(&at, bound) else { return Some(f64::INFINITY) };
                before = Some((at, reach2));
                Some(self.measure(&at, lon_lat, number, reach2, within_m))
            };
            demand.iter().map(|demand| distance(demand).unwrap_or(f64::NAN)).collect::<Vec<_>>()
        };
        stretches.flat_map_iter(stretch).collect()
    }

    /// The distance to the nearest facility, of which the nearest by chord is known. On short lines the two differ by
    /// less than is promised: chords order neighbours up to a few micrometres there.
    fn measure(&self, at: &Ecef, lon_lat: (f64, f64), number: u32, chord2: f64, within_m: f64) -> f64 {
        if chord2 <= CHORD_DECIDES_M * CHORD_DECIDES_M {
            let (lon, lat) = self.lon_lat[number as usize];
            let metres = short_line(at, &ecef(lon, lat), chord2);
            if (metres - within_m).abs() > UNSURE_M {
                return metres;
            }
        }
        let mut nearest = f64::INFINITY;
        self.tree.search(at, &mut widened(chord2), |number, _, _| {
            nearest = nearest.min(karney(lon_lat, self.lon_lat[number as usize]));
        });
        nearest
    }
}
