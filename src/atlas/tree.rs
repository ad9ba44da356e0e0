//! A static k-d tree over points in space: built once, never changed, searched with a bound that the visitor shrinks.
//!
//! Based on Bentley 1975 (Commun. ACM 18:509-517) with leaf buckets and a box around every node, laid out without
//! pointers: node *i* has the children 2*i* and 2*i* + 1, and node *j* of depth *k* holds the points from ⌊*jn* / 2ᵏ⌋
//! to ⌊(*j* + 1)*n* / 2ᵏ⌋. Splits are by rank and not by value, so any number of points may coincide.

use std::ops::Range;

use rayon::prelude::*;

use super::geodesic::{Ecef, chord2};

/// A leaf holds at most this many points, or one more where they do not divide evenly.
const LEAF: usize = 12;
/// Below this many points a second thread costs more than it saves.
const WORTH_SHARING: usize = 8192;

/// Points with a number each.
#[derive(Debug, Default)]
pub struct Tree {
    points: Vec<Ecef>,
    /// What the caller calls the point at the same place in `points`.
    numbers: Vec<u32>,
    /// By node; 0 is unused.
    boxes: Vec<Bounds>,
    depth: u32,
}

/// The box around some points.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    low: Ecef,
    high: Ecef,
}

impl Bounds {
    const EMPTY: Bounds = Bounds { low: [f64::INFINITY; 3], high: [f64::NEG_INFINITY; 3] };

    fn around(points: impl Iterator<Item = Ecef>) -> Bounds {
        points.fold(Bounds::EMPTY, |all, point| all.and(&Bounds { low: point, high: point }))
    }

    fn and(&self, other: &Bounds) -> Bounds {
        let mut all = *self;
        for axis in 0..3 {
            all.low[axis] = all.low[axis].min(other.low[axis]);
            all.high[axis] = all.high[axis].max(other.high[axis]);
        }
        all
    }

    fn widest_axis(&self) -> usize {
        let width = |axis: usize| self.high[axis] - self.low[axis];
        let wider = if width(1) > width(0) { 1 } else { 0 };
        if width(2) > width(wider) { 2 } else { wider }
    }

    /// The square of the distance from a point to the nearest point of the box.
    #[inline]
    fn distance2(&self, from: &Ecef) -> f64 {
        let away = |axis: usize| (self.low[axis] - from[axis]).max(from[axis] - self.high[axis]).max(0.0);
        let (x, y, z) = (away(0), away(1), away(2));
        x * x + y * y + z * z
    }
}

impl Tree {
    pub fn build(mut points: Vec<(Ecef, u32)>) -> Tree {
        let mut depth = 0;
        while points.len() >> depth > LEAF {
            depth += 1;
        }
        let count = points.len();
        arrange(&mut points, count, depth, 0, 0);
        let leaves = 1usize << depth;
        let mut boxes = vec![Bounds::EMPTY; 2 * leaves];
        boxes[leaves..].par_iter_mut().with_min_len(512).enumerate().for_each(|(leaf, bounds)| {
            *bounds = Bounds::around(points[span(leaf, count, depth)].iter().map(|point| point.0));
        });
        for node in (1..leaves).rev() {
            boxes[node] = boxes[2 * node].and(&boxes[2 * node + 1]);
        }
        let (points, numbers) = points.into_iter().unzip();
        Tree { points, numbers, boxes, depth }
    }

    pub fn len(&self) -> usize {
        self.points.len()
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Shows the visitor the number and squared chord of every point whose squared chord is at most `bound`, near
    /// ones early. The visitor may shrink the bound: what then lies beyond it is not shown.
    #[inline]
    pub fn search(&self, from: &Ecef, bound: &mut f64, mut visit: impl FnMut(u32, f64, &mut f64)) {
        if self.is_empty() {
            return;
        }
        let leaves = 1usize << self.depth;
        // At every depth at most one sibling waits, and depth is below 32 because numbers are u32.
        let mut waiting = [(0u32, 0f64); 32];
        let mut waits = 0;
        let mut node = 1;
        let mut near = self.boxes[1].distance2(from);
        loop {
            if near <= *bound {
                if node < leaves {
                    let (left, right) = (2 * node, 2 * node + 1);
                    let (to_left, to_right) = (self.boxes[left].distance2(from), self.boxes[right].distance2(from));
                    let (first, then) = if to_left <= to_right {
                        ((left, to_left), (right, to_right))
                    } else {
                        ((right, to_right), (left, to_left))
                    };
                    waiting[waits] = (then.0 as u32, then.1);
                    waits += 1;
                    (node, near) = first;
                    continue;
                }
                let leaf = node - leaves;
                let range = span(leaf, self.points.len(), self.depth);
                for (point, number) in self.points[range.clone()].iter().zip(&self.numbers[range]) {
                    let chord2 = chord2(point, from);
                    if chord2 <= *bound {
                        visit(*number, chord2, bound);
                    }
                }
            }
            if waits == 0 {
                return;
            }
            waits -= 1;
            node = waiting[waits].0 as usize;
            near = waiting[waits].1;
        }
    }

    /// Shows the visitor the number and squared chord of every point whose squared chord is at most `bound`, in no set
    /// order: for those who want all of many, quicker than [`search`](Tree::search), which looks for the nearest.
    #[inline]
    pub fn all_within(&self, from: &Ecef, bound: f64, mut visit: impl FnMut(u32, f64)) {
        if self.is_empty() {
            return;
        }
        let leaves = 1usize << self.depth;
        let mut waiting = [1u32; 32];
        let mut waits = 1;
        while waits > 0 {
            waits -= 1;
            let node = waiting[waits] as usize;
            if self.boxes[node].distance2(from) > bound {
                continue;
            }
            if node < leaves {
                waiting[waits] = 2 * node as u32;
                waiting[waits + 1] = 2 * node as u32 + 1;
                waits += 2;
                continue;
            }
            let range = span(node - leaves, self.points.len(), self.depth);
            // Found first and visited then: whether a point of a leaf is within the bound cannot be foretold, and a
            // processor that need not guess is quicker.
            let (mut found, mut count) = ([(0, 0.0); LEAF + 1], 0);
            for (point, number) in self.points[range.clone()].iter().zip(&self.numbers[range]) {
                let chord2 = chord2(point, from);
                found[count] = (*number, chord2);
                count += usize::from(chord2 <= bound);
            }
            found[..count].iter().for_each(|(number, chord2)| visit(*number, *chord2));
        }
    }

    /// The number and squared chord of the nearest point whose squared chord is at most `bound`.
    pub fn nearest(&self, from: &Ecef, mut bound: f64) -> Option<(u32, f64)> {
        let mut best = None;
        self.search(from, &mut bound, |number, chord2, bound| {
            best = Some((number, chord2));
            *bound = chord2;
        });
        best
    }
}

/// The points of the `nth` node of a depth.
fn span(nth: usize, count: usize, depth: u32) -> Range<usize> {
    let start = |nth: usize| ((nth as u64 * count as u64) >> depth) as usize;
    start(nth)..start(nth + 1)
}

/// Puts the points of the `nth` node of depth `at` into the order of its leaves.
fn arrange(points: &mut [(Ecef, u32)], count: usize, depth: u32, at: u32, nth: usize) {
    if at == depth {
        return;
    }
    let axis = Bounds::around(points.iter().map(|point| point.0)).widest_axis();
    let middle = span(2 * nth, count, at + 1).len();
    points.select_nth_unstable_by(middle, |a, b| a.0[axis].total_cmp(&b.0[axis]));
    let shared = points.len() > WORTH_SHARING;
    let (lower, upper) = points.split_at_mut(middle);
    let mut lower = || arrange(lower, count, depth, at + 1, 2 * nth);
    let mut upper = || arrange(upper, count, depth, at + 1, 2 * nth + 1);
    if shared {
        rayon::join(lower, upper);
    } else {
        lower();
        upper();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some_points() -> impl Strategy<Value = Vec<Ecef>> {
        // A coarse grid makes many points coincide.
        let grid = prop::array::uniform3(-3i32..3).prop_map(|p| p.map(f64::from));
        let free = prop::array::uniform3(-3.0..3.0f64);
        prop::collection::vec(prop_oneof![grid, free], 0..300)
    }

    proptest! {
        #[test]
        fn a_search_sees_exactly_the_points_within_its_bound(
            points in some_points(), from in prop::array::uniform3(-4.0..4.0f64), bound in 0.0..20.0f64
        ) {
            let tree = Tree::build(points.iter().copied().zip(0..).collect());
            let mut seen = Vec::new();
            tree.search(&from, &mut { bound }, |number, chord2, _| seen.push((number, chord2)));
            seen.sort_by_key(|(number, _)| *number);
            let expected: Vec<_> =
                (0..).zip(&points).map(|(n, p)| (n, chord2(p, &from))).filter(|(_, c)| *c <= bound).collect();
            prop_assert_eq!(&seen, &expected);
            let mut all = Vec::new();
            tree.all_within(&from, bound, |number, chord2| all.push((number, chord2)));
            all.sort_by_key(|(number, _)| *number);
            prop_assert_eq!(all, expected);
        }

        #[test]
        fn the_nearest_point_is_the_nearest_of_all(points in some_points(), from in prop::array::uniform3(-4.0..4.0f64)) {
            let tree = Tree::build(points.iter().copied().zip(0..).collect());
            let found = tree.nearest(&from, f64::INFINITY).map(|(_, chord2)| chord2);
            prop_assert_eq!(found, points.iter().map(|p| chord2(p, &from)).min_by(f64::total_cmp));
        }
    }

    #[test]
    fn a_hundred_thousand_points_in_one_place_are_a_tree_like_any_other() {
        let tree = Tree::build((0..100_000).map(|number| ([1.0, 2.0, 3.0], number)).collect());
        let mut seen = 0;
        tree.search(&[1.0, 2.0, 3.0], &mut 0.0, |_, _, _| seen += 1);
        assert_eq!(seen, 100_000);
    }
}
