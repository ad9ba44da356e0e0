//! Service: how many people given sites can serve when each has only so many places. A flow, kept as large as can be.

use super::cover::{Cover, Lists};

/// Who is served where. People of one demand point may go to several sites.
#[derive(Clone)]
pub struct Service<'a> {
    cover: &'a Cover,
    /// By demand point, people who are served nowhere yet.
    waiting: Vec<u64>,
    /// By demand point, the sites that serve some of its people, and how many.
    served: Vec<Vec<(u32, u64)>>,
    /// By site, places that are left.
    room: Vec<u64>,
    people: u64,
}

impl<'a> Service<'a> {
    pub fn none(cover: &'a Cover) -> Service<'a> {
        Service {
            cover,
            waiting: cover.weights.clone(),
            served: vec![Vec::new(); cover.weights.len()],
            room: vec![0; cover.sites()],
            people: 0,
        }
    }

    /// People served in all.
    pub fn people(&self) -> u64 {
        self.people
    }

    /// People of a demand point who are served nowhere.
    pub fn waiting(&self, demand: u32) -> u64 {
        self.waiting[demand as usize]
    }

    /// Opens a site with so many places, and serves as many more people as that allows: whoever waits in its reach, and
    /// whoever waits elsewhere and can have the place of somebody who comes here instead (augmenting paths, Ford &
    /// Fulkerson 1956). Answers how many more.
    pub fn open(&mut self, site: u32, places: u64) -> u64 {
        let before = self.people;
        self.room[site as usize] += places;
        while self.room[site as usize] > 0 && self.augment(site) {}
        self.people - before
    }

    /// Opens these sites.
    pub fn open_all(&mut self, sites: impl IntoIterator<Item = u32>, places: &[u64]) {
        for site in sites {
            self.open(site, places[site as usize]);
        }
    }

    fn augment(&mut self, from: u32) -> bool {
        // By site: the demand point that would move from it, and to which site.
        let mut came: Vec<Option<(u32, u32)>> = vec![None; self.room.len()];
        let mut seen = vec![false; self.waiting.len()];
        let mut queue = vec![from];
        let mut next = 0;
        while let Some(site) = queue.get(next).copied() {
            next += 1;
            for demand in self.cover.by_site.get(site as usize) {
                if std::mem::replace(&mut seen[*demand as usize], true) {
                    continue;
                }
                if self.waiting[*demand as usize] > 0 {
                    self.shift(from, site, *demand, &came);
                    return true;
                }
                for (other, _) in &self.served[*demand as usize] {
                    if *other != from && came[*other as usize].is_none() {
                        came[*other as usize] = Some((*demand, site));
                        queue.push(*other);
                    }
                }
            }
        }
        false
    }

    /// Serves people of `demand` at `site`, whose places become free one by one back to `from`.
    fn shift(&mut self, from: u32, site: u32, demand: u32, came: &[Option<(u32, u32)>]) {
        let mut people = self.waiting[demand as usize].min(self.room[from as usize]);
        let mut at = site;
        while let Some((moved, to)) = came[at as usize].filter(|_| at != from) {
            people = people.min(self.at(moved, at));
            at = to;
        }
        self.waiting[demand as usize] -= people;
        self.put(demand, site, people);
        let mut at = site;
        while let Some((moved, to)) = came[at as usize].filter(|_| at != from) {
            self.take(moved, at, people);
            self.put(moved, to, people);
            at = to;
        }
        self.room[from as usize] -= people;
        self.people += people;
    }

    fn at(&self, demand: u32, site: u32) -> u64 {
        self.served[demand as usize].iter().find(|(held, _)| *held == site).map_or(0, |(_, people)| *people)
    }

    fn put(&mut self, demand: u32, site: u32, people: u64) {
        let served = &mut self.served[demand as usize];
        match served.iter_mut().find(|(held, _)| *held == site) {
            Some((_, held)) => *held += people,
            None => served.push((site, people)),
        }
    }

    fn take(&mut self, demand: u32, site: u32, people: u64) {
        let served = &mut self.served[demand as usize];
        for (held, left) in served.iter_mut() {
            if *held == site {
                *left -= people;
            }
        }
        served.retain(|(_, left)| *left > 0);
    }
}

/// Whether none of these stands too near to the candidate.
pub fn fits(near: &Lists, site: u32, sites: &[u32]) -> bool {
    let near = near.get(site as usize);
    near.is_empty() || sites.iter().all(|held| near.binary_search(held).is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_can_go_elsewhere_makes_room() {
        // Point 0 can go to both sites, point 1 only to the first.
        let cover = Cover::new(vec![10, 10], Lists::new([vec![0, 1], vec![0]]));
        let mut service = Service::none(&cover);
        assert_eq!(service.open(0, 10), 10);
        assert_eq!(service.open(1, 10), 10);
        let served = |sites: &[(u32, u64)]| {
            let mut service = Service::none(&cover);
            sites.iter().map(|(site, places)| service.open(*site, *places)).sum::<u64>()
        };
        assert_eq!(served(&[(1, 10), (0, 10)]), 20);
        assert_eq!(served(&[(0, 25)]), 20, "no more than there are");
        assert_eq!(served(&[(1, 25)]), 10, "no more than reach it");
    }
}
