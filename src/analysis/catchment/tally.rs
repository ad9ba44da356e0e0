//! What is summed for a region, and what of the sums is known.

use crate::analysis::bed_target::BedTarget;

/// What is summed for a row.
#[derive(Default, Clone)]
pub(super) struct Tally {
    pub demand_points: usize,
    pub people: u64,
    pub unreached: u64,
    pub unsure: u64,
    pub reached: bool,
    /// Σ P·A.
    pub access: f64,
    pub share: f64,
    pub unknown: usize,
    pub unknown_aged_60: Option<u64>,
    pub bare: usize,
    pub facilities: usize,
    /// Facilities of unknown capacity.
    pub silent: usize,
    pub capacity: f64,
}

impl Tally {
    pub fn and(mut self, other: &Tally) -> Tally {
        self.demand_points += other.demand_points;
        self.people += other.people;
        self.unreached += other.unreached;
        self.unsure += other.unsure;
        self.reached |= other.reached;
        self.access += other.access;
        self.share += other.share;
        self.unknown += other.unknown;
        self.unknown_aged_60 = match (self.unknown_aged_60, other.unknown_aged_60) {
            (Some(own), Some(more)) => Some(own + more),
            (own, more) => own.or(more),
        };
        self.bare += other.bare;
        self.facilities += other.facilities;
        self.silent += other.silent;
        self.capacity += other.capacity;
        self
    }

    /// Nothing was counted where there was nothing to count: that is not zero people.
    pub fn known<T>(&self, sum: T) -> Option<T> {
        (self.demand_points > 0).then_some(sum)
    }

    pub fn a_person(&self, sum: f64) -> Option<f64> {
        (self.people > 0).then(|| sum / self.people as f64)
    }

    /// What people reach, if any of it is known: facilities that nobody has counted are not zero.
    pub fn within_reach<T>(&self, sum: Option<T>) -> Option<T> {
        sum.filter(|_| self.reached || self.unsure == 0)
    }

    /// Whether anybody here reaches capacity.
    pub fn reaches(&self) -> Option<bool> {
        self.known(self.reached).filter(|reached| *reached || self.unsure == 0)
    }

    /// What stands here, if any of it is known.
    pub fn standing<T>(&self, sum: T) -> Option<T> {
        (self.facilities > 0 || self.silent == 0).then_some(sum)
    }

    pub fn gap(&self, target: Option<BedTarget>) -> Option<f64> {
        self.within_reach(self.known(tidy(target?.gap(self.people as f64, self.share))))
    }
}

/// Without the last digits that sums of many numbers leave behind.
pub(super) fn tidy(sum: f64) -> f64 {
    (sum * 1e6).round() / 1e6
}
