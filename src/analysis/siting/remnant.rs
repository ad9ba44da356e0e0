//! Remnant: what of a covering problem is still open once some candidates are known to be chosen and others not to be.

use super::cover::{Cover, Lists};

/// A covering problem, and how its candidates and people stand to those of the whole.
#[derive(Debug, Clone, Default)]
pub struct Remnant {
    pub cover: Cover,
    /// By candidate, those that may not be chosen with it; no lists where nothing forbids it.
    pub near: Lists,
    /// By candidate, its number in the whole.
    names: Vec<u32>,
    /// Candidates of the whole that are chosen.
    taken: Vec<u32>,
    /// People whom these reach.
    pub people: u64,
    /// How many more may be chosen.
    pub count: usize,
    /// What is taken cannot all be chosen: too many, or too near each other.
    pub hopeless: bool,
}

impl Remnant {
    /// The whole: without candidates that nobody needs, with demand points that the same candidates reach as one.
    pub fn whole(cover: &Cover, near: &Lists, count: usize) -> Remnant {
        let names = (0..cover.sites() as u32).collect();
        let all = Remnant { cover: cover.gathered(), near: near.clone(), names, count, ..Remnant::default() };
        all.without(&vec![None; cover.sites()])
    }

    /// What is left when these candidates are chosen (`Some(true)`) or given up (`Some(false)`).
    pub fn without(&self, settled: &[Option<bool>]) -> Remnant {
        let sites =
            |wanted: Option<bool>| (0..).zip(settled).filter(move |(_, known)| **known == wanted).map(|(site, _)| site);
        let chosen: Vec<u32> = sites(Some(true)).collect();
        let mut reached = vec![false; self.cover.weights.len()];
        let mut blocked = vec![false; settled.len()];
        for site in &chosen {
            self.cover.by_site.get(*site as usize).iter().for_each(|demand| reached[*demand as usize] = true);
            self.near.get(*site as usize).iter().for_each(|other| blocked[*other as usize] = true);
        }
        let crowded = chosen.iter().any(|site| blocked[*site as usize]) || chosen.len() > self.count;
        let open: Vec<u32> = sites(None).filter(|site| !blocked[*site as usize]).collect();
        let rest = |site: &u32| -> Vec<u32> {
            let demand = self.cover.by_site.get(*site as usize).iter();
            demand.copied().filter(|demand| !reached[*demand as usize]).collect()
        };
        let cover = Cover::new(self.cover.weights.clone(), Lists::new(open.iter().map(rest))).gathered();
        // With a rule of spacing, a candidate that reaches less may still be the one that fits.
        let needed = if self.near.is_empty() { cover.undominated() } else { (0..open.len() as u32).collect() };
        let open: Vec<u32> = needed.iter().map(|site| open[*site as usize]).collect();
        let near = match self.near.is_empty() {
            true => Lists::default(),
            false => Lists::new(open.iter().map(|site| {
                let near = self.near.get(*site as usize).iter();
                near.filter_map(|other| open.binary_search(other).ok().map(|place| place as u32)).collect::<Vec<u32>>()
            })),
        };
        Remnant {
            cover: cover.only(&needed).gathered(),
            near,
            names: open.iter().map(|site| self.names[*site as usize]).collect(),
            taken: self.taken.iter().copied().chain(chosen.iter().map(|site| self.names[*site as usize])).collect(),
            people: self.people + self.cover.covered(&chosen),
            count: self.count - chosen.len().min(self.count),
            hopeless: self.hopeless || crowded,
        }
    }

    /// A plan of the remnant as one of the whole.
    pub fn told(&self, sites: &[u32]) -> Vec<u32> {
        self.taken.iter().copied().chain(sites.iter().map(|site| self.names[*site as usize])).collect()
    }

    /// What of a plan of the whole can be chosen here, and whether that is all of it.
    pub fn heard(&self, plan: &[u32]) -> (Vec<u32>, bool) {
        let places = plan.iter().filter_map(|site| self.names.binary_search(site).ok()).map(|place| place as u32);
        let places: Vec<u32> = places.collect();
        let taken = self.taken.iter().all(|site| plan.contains(site));
        let whole = taken && places.len() + self.taken.len() == plan.len();
        (places, whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_is_left_out_and_counted() {
        let cover = Cover::new(vec![5, 3, 2, 1], Lists::new([vec![0, 1], vec![1, 2], vec![2, 3], vec![3]]));
        let whole = Remnant::whole(&cover, &Lists::default(), 2);
        assert_eq!(whole.told(&[0, 1, 2]), [0, 1, 2], "the last is needed by nobody");
        let rest = whole.without(&[Some(true), None, None]);
        assert_eq!((rest.people, rest.count), (8, 1));
        assert_eq!(rest.cover.weights, [3], "two points that the same candidate reaches");
        assert_eq!(rest.told(&[0]), [0, 2]);
        assert_eq!(rest.heard(&[0, 2]), (vec![0], true));
        assert_eq!(rest.heard(&[1, 2]), (vec![0], false));
    }
}
