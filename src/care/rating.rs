//! Ratings: a level in a scheme, and whether it still stands.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Text;

/// A scheme of rating, such as GB/T 37276 with one to five stars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scheme {
    pub code: Text,
    pub name_zh: Text,
    pub name_en: Text,
    /// How many levels there are; the highest is the best.
    pub levels: u8,
    /// How long a rating stands when it names no last day; `None` when the scheme sets no limit.
    pub valid_years: Option<u32>,
    /// What is written after the level: 星, A.
    pub unit: Text,
    pub rank: i32,
}

/// One rating of a facility.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    pub scheme: Text,
    /// Unknown where a list says "star-rated" and not how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
}

impl Rating {
    /// The last day on which it stands, as written or by its scheme; `None` when no limit is known.
    pub fn last_day(&self, scheme: Option<&Scheme>) -> Option<NaiveDate> {
        self.valid_until.or_else(|| {
            let years = scheme?.valid_years?;
            self.rated_on?.checked_add_months(Months::new(12 * years))
        })
    }

    /// Not past its last day. A rating with no known last day stands: it is not known to have ended.
    pub fn current(&self, scheme: Option<&Scheme>, today: NaiveDate) -> bool {
        self.last_day(scheme).is_none_or(|last| today <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_national_rating_stands_for_three_years() {
        let scheme = Scheme {
            code: "gb37276".into(),
            name_zh: "".into(),
            name_en: "".into(),
            levels: 5,
            valid_years: Some(3),
            unit: "星".into(),
            rank: 1,
        };
        let rating =
            Rating { scheme: "gb37276".into(), level: Some(3), rated_on: Some(day("2019-08-01")), valid_until: None };
        assert!(rating.current(Some(&scheme), day("2022-08-01")));
        assert!(!rating.current(Some(&scheme), day("2022-08-02")));
        let dated = Rating { valid_until: Some(day("2030-01-01")), ..rating };
        assert!(dated.current(Some(&scheme), day("2029-12-31")));
    }
}
