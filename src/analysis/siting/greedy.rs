//! Greedy: the site that adds most, again and again. Never worse than 63 % of the best cover (Nemhauser, Wolsey & Fisher
//! 1978, Math. Program. 14:265-294), and the start of all that follows.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::chosen::Chosen;

/// Adds the candidates that add most, up to `count` sites in all, while they add anybody. What a candidate adds only
/// shrinks as others are chosen, so most are not looked at again (Minoux 1978: lazy evaluation).
pub fn fill(chosen: &mut Chosen, candidates: usize, count: usize) {
    let gains = (0..candidates as u32).map(|site| (chosen.gain(site), Reverse(site))).filter(|(gain, _)| *gain > 0);
    let mut heap: BinaryHeap<(u64, Reverse<u32>)> = gains.collect();
    while chosen.sites().len() < count {
        let Some((promised, Reverse(site))) = heap.pop() else { return };
        let gain = chosen.gain(site);
        if gain == 0 || !chosen.free(site) {
            continue;
        }
        if gain == promised {
            chosen.add(site);
        } else {
            heap.push((gain, Reverse(site)));
        }
    }
}

/// The sites in the order in which each adds most to those before it, with what it adds; those that add nobody are left
/// out. `start` holds them all; what it reaches is reached again.
pub fn ranked(mut chosen: Chosen, sites: &[u32]) -> Vec<(u32, u64)> {
    let mut left = sites.to_vec();
    let mut ranked = Vec::with_capacity(left.len());
    while let Some(at) = (0..left.len()).max_by_key(|at| (chosen.gain(left[*at]), Reverse(left[*at]))) {
        let site = left.swap_remove(at);
        let gain = chosen.gain(site);
        if gain == 0 {
            break;
        }
        chosen.add(site);
        ranked.push((site, gain));
    }
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::siting::cover::{Cover, Lists};

    #[test]
    fn greedy_takes_what_adds_most_and_stops_when_nobody_is_left() {
        let cover = Cover::new(vec![4, 3, 3, 2], Lists::new([vec![0, 1], vec![2], vec![1, 2, 3], vec![0]]));
        let near = Lists::default();
        let mut chosen = Chosen::none(&cover, &near);
        fill(&mut chosen, 4, 4);
        assert_eq!(chosen.sites(), [2, 0], "8, then 4; the first of equals");
        assert_eq!(ranked(Chosen::none(&cover, &near), &[0, 1, 2, 3]), [(2, 8), (0, 4)]);
    }

    #[test]
    fn sites_too_near_each_other_are_not_chosen_together() {
        let cover = Cover::new(vec![4, 3, 2], Lists::new([vec![0], vec![1], vec![2]]));
        let near = Lists::new([vec![1], vec![0], vec![]]);
        let mut chosen = Chosen::none(&cover, &near);
        fill(&mut chosen, 3, 3);
        assert_eq!(chosen.sites(), [0, 2]);
    }
}
