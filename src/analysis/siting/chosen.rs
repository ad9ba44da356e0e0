//! Chosen sites of a covering problem: what each adds, what each other would add, kept up to date site by site.

use super::cover::{Cover, Lists};

/// A plan being made. Adding or taking away a site costs what stands around it, not the whole problem.
pub struct Chosen<'a> {
    cover: &'a Cover,
    /// By candidate, those that stand too near to be chosen together; no lists where nothing forbids it.
    near: &'a Lists,
    /// By demand point, how many chosen sites reach it, and the numbers of these sites added bit by bit (xor): of a
    /// demand point that one site reaches, that is the site.
    reached: Vec<(u32, u32)>,
    /// By candidate, the people whom only it would add.
    gain: Vec<u64>,
    /// By chosen site, the people whom nobody else reaches.
    loss: Vec<u64>,
    /// By candidate, how many chosen sites stand too near.
    blocked: Vec<u32>,
    open: Vec<bool>,
    sites: Vec<u32>,
    covered: u64,
}

impl<'a> Chosen<'a> {
    pub fn none(cover: &'a Cover, near: &'a Lists) -> Chosen<'a> {
        let count = cover.sites();
        let gain = cover.by_site.iter().map(|demand| demand.iter().map(|d| cover.weights[*d as usize]).sum());
        Chosen {
            cover,
            near,
            reached: vec![(0, 0); cover.weights.len()],
            gain: gain.collect(),
            loss: vec![0; count],
            blocked: vec![0; count],
            open: vec![false; count],
            sites: Vec::new(),
            covered: 0,
        }
    }

    pub fn of(cover: &'a Cover, near: &'a Lists, sites: &[u32]) -> Chosen<'a> {
        let mut chosen = Chosen::none(cover, near);
        sites.iter().for_each(|site| chosen.add(*site));
        chosen
    }

    /// Chosen sites, in the order in which they were added.
    pub fn sites(&self) -> &[u32] {
        &self.sites
    }

    /// People whom the chosen sites reach.
    pub fn covered(&self) -> u64 {
        self.covered
    }

    /// People whom this candidate would add.
    pub fn gain(&self, site: u32) -> u64 {
        self.gain[site as usize]
    }

    /// People who would lose their only site.
    pub fn loss(&self, site: u32) -> u64 {
        self.loss[site as usize]
    }

    /// Whether the candidate may be added.
    pub fn free(&self, site: u32) -> bool {
        !self.open[site as usize] && self.blocked[site as usize] == 0
    }

    pub fn add(&mut self, site: u32) {
        self.open[site as usize] = true;
        self.sites.push(site);
        for demand in self.cover.by_site.get(site as usize) {
            let people = self.cover.weights[*demand as usize];
            let (count, xor) = self.reached[*demand as usize];
            if count == 0 {
                self.covered += people;
                self.loss[site as usize] += people;
                for other in self.cover.by_demand.get(*demand as usize) {
                    self.gain[*other as usize] -= people;
                }
            } else if count == 1 {
                self.loss[xor as usize] -= people;
            }
            self.reached[*demand as usize] = (count + 1, xor ^ site);
        }
        for other in self.near.get(site as usize) {
            self.blocked[*other as usize] += 1;
        }
    }

    pub fn remove(&mut self, site: u32) {
        self.open[site as usize] = false;
        self.sites.retain(|held| *held != site);
        for demand in self.cover.by_site.get(site as usize) {
            let people = self.cover.weights[*demand as usize];
            let (count, xor) = self.reached[*demand as usize];
            let (count, xor) = (count - 1, xor ^ site);
            self.reached[*demand as usize] = (count, xor);
            if count == 0 {
                self.covered -= people;
                self.loss[site as usize] -= people;
                for other in self.cover.by_demand.get(*demand as usize) {
                    self.gain[*other as usize] += people;
                }
            } else if count == 1 {
                self.loss[xor as usize] += people;
            }
        }
        for other in self.near.get(site as usize) {
            self.blocked[*other as usize] -= 1;
        }
    }

    /// The candidate that would add most people, the first of equals; `None` where none would add any.
    pub fn best(&self) -> Option<u32> {
        let wanted = (0..self.gain.len() as u32).filter(|site| self.gain(*site) > 0 && self.free(*site));
        wanted.max_by_key(|site| (self.gain(*site), std::cmp::Reverse(*site)))
    }

    /// The best candidate to stand in this site's place, if that reaches more people. `extra` is scratch: zero by
    /// candidate, and so again afterwards.
    pub fn best_swap(&self, out: u32, extra: &mut [u64]) -> Option<u32> {
        let mut touched = Vec::new();
        for demand in self.cover.by_site.get(out as usize) {
            if self.reached[*demand as usize].0 == 1 {
                for other in self.cover.by_demand.get(*demand as usize) {
                    extra[*other as usize] += self.cover.weights[*demand as usize];
                    touched.push(*other);
                }
            }
        }
        let near = self.near.get(out as usize);
        let may = |site: u32| {
            !self.open[site as usize]
                && match self.blocked[site as usize] {
                    0 => true,
                    1 => near.binary_search(&site).is_ok(),
                    _ => false,
                }
        };
        let mut best: Option<(u64, u32)> = None;
        for site in 0..self.gain.len() as u32 {
            let worth = self.gain(site) + extra[site as usize];
            if worth > self.loss(out) && best.is_none_or(|(most, _)| worth > most) && may(site) {
                best = Some((worth, site));
            }
        }
        for other in touched {
            extra[other as usize] = 0;
        }
        best.map(|(_, site)| site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    fn any_cover(rng: &mut StdRng) -> Cover {
        let (sites, demand) = (rng.random_range(1..12), rng.random_range(1..30));
        let lists: Vec<Vec<u32>> =
            (0..sites).map(|_| (0..demand as u32).filter(|_| rng.random_bool(0.3)).collect()).collect();
        Cover::new((0..demand).map(|_| rng.random_range(0..50)).collect(), Lists::new(lists))
    }

    proptest! {
        #[test]
        fn what_is_kept_up_to_date_is_what_counting_anew_gives(seed in 0u64..10_000) {
            let mut rng = StdRng::seed_from_u64(seed);
            let cover = any_cover(&mut rng);
            let near = Lists::default();
            let mut chosen = Chosen::none(&cover, &near);
            for _ in 0..30 {
                let site = rng.random_range(0..cover.sites() as u32);
                if chosen.sites().contains(&site) { chosen.remove(site) } else { chosen.add(site) }
                let held = chosen.sites().to_vec();
                prop_assert_eq!(chosen.covered(), cover.covered(&held));
                for site in 0..cover.sites() as u32 {
                    if held.contains(&site) {
                        let without: Vec<u32> = held.iter().copied().filter(|other| *other != site).collect();
                        prop_assert_eq!(chosen.loss(site), cover.covered(&held) - cover.covered(&without));
                    } else {
                        let with = [held.as_slice(), &[site]].concat();
                        prop_assert_eq!(chosen.gain(site), cover.covered(&with) - cover.covered(&held));
                    }
                }
            }
        }
    }
}
