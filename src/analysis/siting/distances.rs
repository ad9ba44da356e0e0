//! Distances: how far every demand point is from every candidate, and from what stands already.

use super::cover::{Cover, Lists};

/// Candidates × demand points in metres.
#[derive(Debug, Clone, Default)]
pub struct Distances {
    /// People by demand point.
    pub weights: Vec<u64>,
    /// By demand point, to the nearest that stands already; infinite where nothing does.
    pub already: Vec<f64>,
    /// By candidate and then demand point.
    metres: Vec<f64>,
    sites: usize,
}

impl Distances {
    /// `metres` holds the distances of the first candidate to all demand points, then those of the second, and so on.
    pub fn new(weights: Vec<u64>, already: Vec<f64>, metres: Vec<f64>) -> Distances {
        let sites = if weights.is_empty() { 0 } else { metres.len() / weights.len() };
        Distances { weights, already, metres, sites }
    }

    pub fn sites(&self) -> usize {
        self.sites
    }

    pub fn demand(&self) -> usize {
        self.weights.len()
    }

    /// From one candidate to every demand point.
    #[inline]
    pub fn of(&self, site: u32) -> &[f64] {
        let count = self.demand();
        &self.metres[site as usize * count..(site as usize + 1) * count]
    }

    /// Metres that all people together have to the nearest.
    pub fn total(&self, sites: &[u32]) -> f64 {
        self.nearest(sites).iter().zip(&self.weights).filter(|(_, p)| **p > 0).map(|(m, p)| m * *p as f64).sum()
    }

    /// Metres that the farthest people have to the nearest.
    pub fn farthest(&self, sites: &[u32]) -> f64 {
        let lived = self.nearest(sites).into_iter().zip(&self.weights).filter(|(_, people)| **people > 0);
        lived.map(|(metres, _)| metres).fold(0.0, f64::max)
    }

    /// By demand point, metres to the nearest of these or of what stands already.
    pub fn nearest(&self, sites: &[u32]) -> Vec<f64> {
        let mut nearest = self.already.clone();
        for site in sites {
            for (nearest, metres) in nearest.iter_mut().zip(self.of(*site)) {
                *nearest = nearest.min(*metres);
            }
        }
        nearest
    }

    /// Who reaches whom within a distance: demand points where somebody lives and nothing stands near enough already.
    pub fn within(&self, metres: f64) -> Cover {
        let open: Vec<usize> =
            (0..self.demand()).filter(|at| self.weights[*at] > 0 && self.already[*at] > metres).collect();
        let reached = |site: u32| {
            let of = self.of(site);
            (0u32..).zip(&open).filter(|(_, at)| of[**at] <= metres).map(|(place, _)| place).collect::<Vec<u32>>()
        };
        let weights = open.iter().map(|at| self.weights[*at]).collect();
        Cover::new(weights, Lists::new((0..self.sites as u32).map(reached)))
    }
}
