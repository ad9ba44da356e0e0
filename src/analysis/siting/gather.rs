//! Gathering: a problem of people, candidates and what stands already, out of the atlas.

use rayon::prelude::*;

use super::areas::Areas;
use super::cover::Lists;
use super::distances::Distances;
use super::median_large::LargeMedian;
use super::points::Points;
use super::question::{Candidates, Refusal, SitingQuestion};
use crate::analysis::CoverageQuestion;
use crate::analysis::division::Division;
use crate::analysis::reach::{Overlay, Supply};
use crate::atlas::geodesic::{Ecef, SHORT_M, UNSURE_M, chord2, ecef, karney, longest_chord, short_line};
use crate::atlas::tree::Tree;
use crate::atlas::{Atlas, Demand};
use crate::care::{Facility, Text};

/// So many pairs of candidate and demand point in reach can be worked on.
pub const PAIRS: usize = 30_000_000;
/// No distance is near this: for distances that no limit decides about.
const ANY: f64 = f64::NEG_INFINITY;

/// So many distances of every candidate to every demand point.
pub const DISTANCES: usize = 16_000_000;
/// So many that are not kept, but computed again and again.
pub const LARGE: usize = 2_000_000_000;

/// A point of the earth.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    pub lon_lat: (f64, f64),
    at: Ecef,
}

impl Spot {
    pub fn new(lon_lat: (f64, f64)) -> Spot {
        Spot { lon_lat, at: ecef(lon_lat.0, lon_lat.1) }
    }

    /// Geodesic metres; Karney's within a millimetre, and on the same side of `limit` (inclusive) as Karney's.
    fn metres(&self, other: &Spot, limit: f64) -> f64 {
        let chord2 = chord2(&self.at, &other.at);
        if chord2 <= SHORT_M * SHORT_M {
            let metres = short_line(&self.at, &other.at, chord2);
            if (metres - limit).abs() > UNSURE_M {
                return metres;
            }
        }
        karney(self.lon_lat, other.lon_lat)
    }
}

/// A facility that stands already.
pub struct Standing {
    pub spot: Spot,
    /// Whether it is a facility of the region that is asked about.
    pub inside: bool,
    /// People it can serve, by the first measure of its kind; `None` where that is not registered.
    pub places: Option<u64>,
}

/// What the problem is made of.
pub struct Ground<'a> {
    /// Demand points of the region with a place and a number, by their places in the atlas.
    pub demand: Vec<&'a Demand>,
    pub people: Vec<u64>,
    spots: Vec<Spot>,
    pub candidates: Vec<Spot>,
    /// The candidates' regions, where they are those of demand points.
    pub regions: Vec<Option<Text>>,
    pub standing: Vec<Standing>,
    /// By demand point, metres to the nearest that stands already; infinite where nothing does.
    pub already: Vec<f64>,
    pub unknown_population: usize,
    pub unlocated_demand: usize,
    /// Where only one class is asked: demand points of which nobody has said whether they are of it.
    pub unclassed: usize,
    pub unlocated_facilities: usize,
}

impl<'a> Ground<'a> {
    pub fn gather(atlas: &'a Atlas, question: &SitingQuestion) -> Result<Ground<'a>, Refusal> {
        let tree = atlas.regions();
        let (region, class) = (question.region.clone(), question.class);
        let division = Division::of(tree, &CoverageQuestion { region, class, ..CoverageQuestion::default() });
        let inside = |demand: &Demand| division.row_of(demand.region).is_some();
        let supply = Supply::gather(atlas, &question.filter);
        let (near, none) = (supply.near(atlas.demand(), inside), Overlay::default());
        let within_m = question.within_m.unwrap_or(0.0);
        let nearest =
            atlas.demand().iter().zip(near).map(|(demand, near)| supply.measure(&none, demand, near, within_m));
        let nearest: Vec<f64> = nearest.collect();
        let mut ground = Ground {
            demand: Vec::new(),
            people: Vec::new(),
            spots: Vec::new(),
            candidates: Vec::new(),
            regions: Vec::new(),
            standing: standing(atlas, question),
            already: Vec::new(),
            unknown_population: 0,
            unlocated_demand: 0,
            unclassed: atlas.demand().iter().filter(|demand| division.unclassed(demand.region)).count(),
            unlocated_facilities: supply.unlocated.iter().filter(|(_, at)| division.row_of(*at).is_some()).count(),
        };
        for (demand, metres) in atlas.demand().iter().zip(nearest).filter(|(demand, _)| inside(demand)) {
            match (demand.lon_lat, demand.point.people(&question.weight)) {
                (None, _) => ground.unlocated_demand += 1,
                (Some(_), None) => ground.unknown_population += 1,
                (Some(lon_lat), Some(people)) => {
                    ground.demand.push(demand);
                    ground.people.push(people.into());
                    ground.spots.push(Spot::new(lon_lat));
                    ground.already.push(metres);
                }
            }
        }
        if ground.people.iter().all(|people| *people == 0) {
            return Err(Refusal::NoPeople);
        }
        ground.take_candidates(atlas, question, inside);
        if ground.candidates.is_empty() {
            return Err(Refusal::NoCandidates);
        }
        Ok(ground)
    }

    fn take_candidates(&mut self, atlas: &Atlas, question: &SitingQuestion, inside: impl Fn(&Demand) -> bool) {
        let mut all: Vec<((f64, f64), Option<Text>)> = match &question.candidates {
            Candidates::Points(points) => points.iter().map(|point| (*point, None)).collect(),
            Candidates::Demand => {
                let here = atlas.demand().iter().filter(|demand| inside(demand));
                here.filter_map(|demand| Some((demand.lon_lat?, demand.point.region.clone()))).collect()
            }
        };
        let mut seen = std::collections::HashSet::new();
        all.retain(|((lon, lat), _)| seen.insert((lon.to_bits(), lat.to_bits())));
        let areas = Areas::new(atlas, &question.excluded);
        all.retain(|(lon_lat, region)| !areas.hold(atlas, *lon_lat, region.as_deref()));
        if let Some(spacing) = question.min_spacing_m.filter(|_| question.keep_existing) {
            let built = Tree::build(self.standing.iter().zip(0..).map(|(held, at)| (held.spot.at, at)).collect());
            all.retain(|(lon_lat, _)| {
                let spot = Spot::new(*lon_lat);
                let mut free = true;
                built.search(&spot.at, &mut longest_chord(spacing).powi(2), |at, _, _| {
                    free &= spot.metres(&self.standing[at as usize].spot, spacing) >= spacing;
                });
                free
            });
        }
        (self.candidates, self.regions) = all.into_iter().map(|(lon_lat, region)| (Spot::new(lon_lat), region)).unzip();
    }

    /// By site, the demand points within the distance.
    pub fn reach(&self, sites: &[Spot], within_m: f64) -> Result<Lists, Refusal> {
        let tree = Tree::build(self.spots.iter().zip(0..).map(|(spot, at)| (spot.at, at)).collect());
        let bound = longest_chord(within_m).powi(2);
        let within = |site: &Spot| {
            let mut reached: Vec<u32> = Vec::new();
            tree.search(&site.at, &mut bound.clone(), |at, _, _| {
                if site.metres(&self.spots[at as usize], within_m) <= within_m {
                    reached.push(at);
                }
            });
            reached.sort_unstable();
            reached
        };
        // Counted on a few before all are worked on: a list that does not fit is not made.
        let step = (sites.len() / 256).max(1);
        let few: usize = sites.par_iter().step_by(step).map(|site| within(site).len()).sum();
        let pairs = few * step;
        if pairs > 2 * PAIRS {
            return Err(Refusal::TooLarge { pairs, limit: PAIRS });
        }
        let lists = Lists::new(sites.par_iter().map(within).collect::<Vec<_>>());
        if lists.items() > PAIRS {
            return Err(Refusal::TooLarge { pairs: lists.items(), limit: PAIRS });
        }
        Ok(lists)
    }

    /// By candidate, the others nearer than the spacing; no lists where there is no such rule.
    pub fn near(&self, question: &SitingQuestion) -> Result<Lists, Refusal> {
        let Some(spacing) = question.min_spacing_m.filter(|spacing| *spacing > 0.0) else {
            return Ok(Lists::default());
        };
        let tree = Tree::build(self.candidates.iter().zip(0..).map(|(spot, at)| (spot.at, at)).collect());
        let too_near = |(own, site): (usize, &Spot)| {
            let mut near: Vec<u32> = Vec::new();
            tree.search(&site.at, &mut longest_chord(spacing).powi(2), |at, _, _| {
                if at as usize != own && site.metres(&self.candidates[at as usize], spacing) < spacing {
                    near.push(at);
                }
            });
            near.sort_unstable();
            near
        };
        let lists = Lists::new(self.candidates.par_iter().enumerate().map(too_near).collect::<Vec<_>>());
        if lists.items() > PAIRS {
            return Err(Refusal::TooLarge { pairs: lists.items(), limit: PAIRS });
        }
        Ok(lists)
    }

    /// All distances.
    pub fn distances(&self, kept: bool) -> Result<Distances, Refusal> {
        let pairs = self.spots.len() * self.candidates.len();
        if pairs > DISTANCES {
            return Err(Refusal::TooLarge { pairs, limit: DISTANCES });
        }
        let row = |site: &'_ Spot| {
            let site = *site;
            self.spots.iter().map(move |spot| site.metres(spot, ANY))
        };
        let metres = self.candidates.par_iter().flat_map_iter(row).collect();
        let already = if kept { self.already.clone() } else { vec![f64::INFINITY; self.spots.len()] };
        Ok(Distances::new(self.people.clone(), already, metres))
    }

    /// Whether there are too many distances to keep.
    pub fn is_large(&self) -> bool {
        self.spots.len() * self.candidates.len() > DISTANCES
    }

    /// A p-median of which not all distances can be kept.
    pub fn large_median<'n>(&self, kept: bool, near: &'n Lists) -> Result<LargeMedian<'n>, Refusal> {
        let pairs = self.spots.len() * self.candidates.len();
        if pairs > LARGE {
            return Err(Refusal::TooLarge { pairs, limit: LARGE });
        }
        let at = |spots: &[Spot]| Points::new(spots.iter().map(|spot| spot.at));
        Ok(LargeMedian {
            demand: at(&self.spots),
            candidates: at(&self.candidates),
            weights: self.people.iter().map(|people| *people as f64).collect(),
            already: if kept { self.already.clone() } else { vec![f64::INFINITY; self.spots.len()] },
            near,
        })
    }

    /// The distances of these candidates alone.
    pub fn distances_of(&self, sites: &[u32], kept: bool) -> Distances {
        let row = |site: &u32| {
            let site = self.candidates[*site as usize];
            self.spots.iter().map(move |spot| site.metres(spot, ANY))
        };
        let metres = sites.par_iter().flat_map_iter(row).collect();
        let already = if kept { self.already.clone() } else { vec![f64::INFINITY; self.spots.len()] };
        Distances::new(self.people.clone(), already, metres)
    }

    /// By facility that stands already, whether people of the region have it within the distance.
    pub fn in_reach(&self, within_m: f64) -> Vec<bool> {
        let tree = Tree::build(self.spots.iter().zip(0..).map(|(spot, at)| (spot.at, at)).collect());
        let bound = longest_chord(within_m).powi(2);
        let reached = |held: &Standing| {
            let mut found = false;
            tree.search(&held.spot.at, &mut bound.clone(), |at, _, left| {
                if !found && held.spot.metres(&self.spots[at as usize], within_m) <= within_m {
                    found = true;
                    // Nothing farther is looked at.
                    *left = 0.0;
                }
            });
            found
        };
        self.standing.par_iter().map(reached).collect()
    }

    /// For these demand points the metres to the nearest candidate.
    pub fn nearest_candidate(&self, demand: &[u32]) -> Vec<f64> {
        let one = |at: &u32| {
            let from = &self.spots[*at as usize];
            self.candidates.iter().map(|site| site.metres(from, ANY)).fold(f64::INFINITY, f64::min)
        };
        demand.par_iter().map(one).collect()
    }
}

fn is_inside(atlas: &Atlas, question: &SitingQuestion, facility: &Facility) -> bool {
    let Some(above) = question.region.as_deref() else { return true };
    facility.region.as_deref().is_some_and(|code| atlas.regions().is_within(code, above))
}

/// The facilities that count, in the order of the atlas.
fn standing(atlas: &Atlas, question: &SitingQuestion) -> Vec<Standing> {
    let sieve = atlas.sieve(&question.filter).serving();
    let vocabulary = atlas.vocabulary();
    let inside = |facility: &Facility| is_inside(atlas, question, facility);
    let mut found = atlas.select(|entry| {
        let lon_lat = entry.lon_lat.filter(|_| sieve.passes(entry))?;
        let measure = vocabulary.first_measure(&entry.facility.kind);
        let places = measure.and_then(|measure| entry.facility.capacity_of(measure)?.total).map(u64::from);
        Some(Standing { spot: Spot::new(lon_lat), inside: inside(&entry.facility), places })
    });
    found.sort_by_key(|(_, slot)| *slot);
    found.into_iter().map(|(standing, _)| standing).collect()
}
