//! Capacity: how much of a measure there is, how much is taken, and when that was so.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use super::Text;

/// Capacity older than this many days is stale.
pub const STALE_AFTER_DAYS: i64 = 90;

/// One measure of a facility, as of a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// Code of the measure: `beds`, `day_places`, `meals_per_day`, `seats` or `plots`.
    pub measure: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// The part of `total` that is for nursing care (beds only); never more than `total`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nursing: Option<u32>,
    /// May exceed `total`: real homes do. Such capacity is flagged, never refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupied: Option<u32>,
    /// When the figures were so; of undated ones when they came in.
    pub as_of: DateTime<Utc>,
    /// Nobody has said of when the figures are: stale until somebody does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undated: bool,
    /// Where the figures come from: a file, a person's role, a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

impl Capacity {
    /// total − occupied, never below 0; `None` when either is unknown.
    pub fn free(&self) -> Option<u32> {
        Some(self.total?.saturating_sub(self.occupied?))
    }

    /// The same by figures that are not stale: what may be promised to somebody who looks for a place.
    pub fn fresh_free(&self, today: NaiveDate, zone: &impl TimeZone) -> Option<u32> {
        self.free().filter(|_| !self.stale(today, zone))
    }

    pub fn over_capacity(&self) -> bool {
        matches!((self.total, self.occupied), (Some(total), Some(occupied)) if occupied > total)
    }

    /// Days between the day of the figures and `today`, both in `zone`; 0 for figures dated ahead of the clock.
    pub fn age_days(&self, today: NaiveDate, zone: &impl TimeZone) -> i64 {
        (today - self.as_of.with_timezone(zone).date_naive()).num_days().max(0)
    }

    /// Figures of a day that has not come are as little to be trusted as old ones: a clock ran ahead when they were told. One
    /// day is let pass, by which zones and clocks differ.
    pub fn stale(&self, today: NaiveDate, zone: &impl TimeZone) -> bool {
        let ahead_days = (self.as_of.with_timezone(zone).date_naive() - today).num_days();
        self.undated || self.age_days(today, zone) > STALE_AFTER_DAYS || ahead_days > 1
    }

    /// Whether the figures are the same, whatever their date and source.
    pub fn same_figures(&self, other: &Capacity) -> bool {
        self.measure == other.measure
            && self.total == other.total
            && self.nursing == other.nursing
            && self.occupied == other.occupied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beds(total: Option<u32>, occupied: Option<u32>) -> Capacity {
        Capacity {
            measure: "beds".into(),
            total,
            nursing: None,
            occupied,
            as_of: DateTime::UNIX_EPOCH,
            undated: false,
            source: None,
        }
    }

    #[test]
    fn free_is_total_less_occupied_and_never_below_zero() {
        assert_eq!(beds(Some(120), Some(97)).free(), Some(23));
        assert_eq!(beds(Some(120), Some(125)).free(), Some(0));
        assert!(beds(Some(120), Some(125)).over_capacity());
    }

    #[test]
    fn free_is_unknown_when_a_part_is_unknown() {
        assert_eq!(beds(Some(120), None).free(), None);
        assert_eq!(beds(None, Some(5)).free(), None);
    }

    #[test]
    fn figures_of_a_day_that_has_not_come_are_stale() {
        let mut capacity = beds(Some(1), Some(1));
        let today = DateTime::UNIX_EPOCH.date_naive();
        for (days, stale) in [(0, false), (1, false), (2, true), (400, true)] {
            capacity.as_of = DateTime::UNIX_EPOCH + chrono::Duration::days(days);
            assert_eq!(capacity.stale(today, &Utc), stale, "{days} days ahead");
        }
    }

    #[test]
    fn undated_figures_are_stale_from_the_first_day() {
        let undated = Capacity { undated: true, ..beds(Some(100), Some(50)) };
        let today = DateTime::UNIX_EPOCH.date_naive();
        assert!(undated.stale(today, &Utc) && undated.fresh_free(today, &Utc).is_none());
        assert_eq!(undated.free(), Some(50));
    }

    #[test]
    fn capacity_is_stale_only_after_ninety_days() {
        let capacity = beds(Some(1), Some(1));
        let on = |days| DateTime::UNIX_EPOCH.date_naive() + chrono::Days::new(days);
        assert!(!capacity.stale(on(90), &Utc));
        assert!(capacity.stale(on(91), &Utc));
        assert_eq!(capacity.age_days(on(91), &Utc), 91);
    }
}
