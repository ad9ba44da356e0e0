//! Cover: which candidates reach which demand points, both ways, and what can be left out without changing the best.

use std::collections::HashMap;

/// Lists of numbers, one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lists {
    /// List `i` is `items[starts[i]..starts[i + 1]]`; empty where there are no lists.
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Lists {
    pub fn new<T: AsRef<[u32]>>(lists: impl IntoIterator<Item = T>) -> Lists {
        let mut all = Lists { starts: vec![0], items: Vec::new() };
        for list in lists {
            all.items.extend_from_slice(list.as_ref());
            all.starts.push(all.items.len());
        }
        all
    }

    /// The list with this number; empty where there is none.
    #[inline]
    pub fn get(&self, at: usize) -> &[u32] {
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => &self.items[*start..*end],
            _ => &[],
        }
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many numbers stand in all lists.
    pub fn items(&self) -> usize {
        self.items.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The other way round: list `i` holds in ascending order the numbers of the lists that hold `i`.
    pub fn turned(&self, count: usize) -> Lists {
        let mut starts = vec![0; count + 1];
        for item in &self.items {
            starts[*item as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut items = vec![0; self.items.len()];
        for (list, held) in (0u32..).zip(self.iter()) {
            for item in held {
                items[next[*item as usize]] = list;
                next[*item as usize] += 1;
            }
        }
        Lists { starts, items }
    }

    /// The lists of these alone, under their places here.
    pub fn among(&self, names: &[u32]) -> Lists {
        if self.is_empty() {
            return Lists::default();
        }
        let place = |name: &u32| names.iter().position(|held| held == name).map(|at| at as u32);
        Lists::new(names.iter().map(|name| {
            let mut held: Vec<u32> = self.get(*name as usize).iter().filter_map(place).collect();
            held.sort_unstable();
            held
        }))
    }
}

/// Candidates × demand points: who reaches whom.
#[derive(Debug, Clone, Default)]
pub struct Cover {
    /// People by demand point.
    pub weights: Vec<u64>,
    /// By candidate, the demand points it reaches, ascending.
    pub by_site: Lists,
    /// By demand point, the candidates that reach it, ascending.
    pub by_demand: Lists,
}

impl Cover {
    pub fn new(weights: Vec<u64>, by_site: Lists) -> Cover {
        let by_demand = by_site.turned(weights.len());
        Cover { weights, by_site, by_demand }
    }

    pub fn sites(&self) -> usize {
        self.by_site.len()
    }

    /// People whom somebody can reach.
    pub fn reachable(&self) -> u64 {
        self.by_demand.iter().zip(&self.weights).filter(|(sites, _)| !sites.is_empty()).map(|(_, people)| people).sum()
    }

    /// People whom these candidates reach together.
    pub fn covered(&self, sites: &[u32]) -> u64 {
        let mut seen = vec![false; self.weights.len()];
        let mut people = 0;
        for demand in sites.iter().flat_map(|site| self.by_site.get(*site as usize)) {
            if !std::mem::replace(&mut seen[*demand as usize], true) {
                people += self.weights[*demand as usize];
            }
        }
        people
    }

    /// The same question with fewer demand points: those that the same candidates reach are one, those that nobody
    /// reaches or where nobody lives are none. Candidates keep their numbers.
    pub fn gathered(&self) -> Cover {
        let mut group: HashMap<&[u32], usize> = HashMap::new();
        let mut weights: Vec<u64> = Vec::new();
        let mut lists: Vec<&[u32]> = Vec::new();
        for (sites, people) in self.by_demand.iter().zip(&self.weights) {
            if sites.is_empty() || *people == 0 {
                continue;
            }
            let at = *group.entry(sites).or_insert_with(|| {
                weights.push(0);
                lists.push(sites);
                lists.len() - 1
            });
            weights[at] += people;
        }
        let by_demand = Lists::new(lists);
        Cover { weights, by_site: by_demand.turned(self.sites()), by_demand }
    }

    /// The candidates that are needed: none whose demand points another one reaches all. Of equals the first stays.
    /// Right only where nothing but cover tells candidates apart.
    pub fn undominated(&self) -> Vec<u32> {
        let beaten = |site: u32| {
            let mine = self.by_site.get(site as usize);
            // Whoever reaches all of mine reaches the one that the fewest reach.
            let Some(rare) = mine.iter().min_by_key(|demand| self.by_demand.get(**demand as usize).len()) else {
                return true;
            };
            self.by_demand.get(*rare as usize).iter().any(|other| {
                let theirs = self.by_site.get(*other as usize);
                *other != site
                    && (theirs.len() > mine.len() || theirs.len() == mine.len() && *other < site)
                    && holds(theirs, mine)
            })
        };
        (0..self.sites() as u32).filter(|site| !beaten(*site)).collect()
    }

    /// The same question for these candidates only, by their places in the list.
    pub fn only(&self, sites: &[u32]) -> Cover {
        Cover::new(self.weights.clone(), Lists::new(sites.iter().map(|site| self.by_site.get(*site as usize))))
    }
}

/// Whether an ascending list holds all of another.
pub fn holds(all: &[u32], part: &[u32]) -> bool {
    let mut rest = all.iter();
    part.iter().all(|wanted| rest.any(|item| item == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_turned_twice_are_the_same() {
        let lists = Lists::new([vec![0, 2], vec![], vec![1, 2, 3]]);
        assert_eq!(lists.turned(4), Lists::new([vec![0], vec![2], vec![0, 2], vec![2]]));
        assert_eq!(lists.turned(4).turned(3), lists);
        assert_eq!(Lists::default().get(7), &[] as &[u32]);
    }

    #[test]
    fn demand_points_with_the_same_candidates_are_one() {
        let cover = Cover::new(vec![5, 7, 0, 9, 2], Lists::new([vec![0, 1, 2], vec![0, 1, 4]]));
        let gathered = cover.gathered();
        assert_eq!(gathered.weights, [12, 2]);
        assert_eq!(gathered.by_site, Lists::new([vec![0], vec![0, 1]]));
        assert_eq!(cover.reachable(), 14);
        assert_eq!(gathered.undominated(), [1]);
        assert_eq!(cover.covered(&[0, 1]), 14);
    }

    #[test]
    fn of_equal_candidates_the_first_stays_and_an_empty_one_goes() {
        let cover = Cover::new(vec![1, 1], Lists::new([vec![], vec![0, 1], vec![0, 1], vec![1]]));
        assert_eq!(cover.undominated(), [1]);
    }
}
