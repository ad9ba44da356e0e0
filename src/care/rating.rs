//! Ratings: a level in a scheme, and whether it still stands.

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Text;
use super::dossier::Validity;

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
    /// Who gave it: a civil affairs bureau, an association.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Text>,
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

    /// Whether it stands, ends soon or has ended; `None` where no last day is known.
    pub fn validity(&self, scheme: Option<&Scheme>, today: NaiveDate) -> Option<Validity> {
        Validity::on(today, None, self.last_day(scheme))
    }
}

/// A rating that stands, or one that stood until a newer word took its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastRating {
    #[serde(flatten)]
    pub rating: Rating,
    /// `None`: it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_at: Option<DateTime<Utc>>,
}

/// The ratings that a facility has and had: those that stand, then the former ones, the latest first. A word that only
/// said more of the same rating (its day, its issuer) was no other rating and is left out.
pub fn history(mut told: Vec<PastRating>) -> Vec<PastRating> {
    let latest = |past: &PastRating| past.superseded_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
    told.sort_by(|a, b| latest(b).cmp(&latest(a)).then_with(|| a.rating.scheme.cmp(&b.rating.scheme)));
    let mut history: Vec<PastRating> = Vec::new();
    for past in told {
        let same = |later: &PastRating| {
            let (one, other) = (&later.rating, &past.rating);
            let level = one.level.zip(other.level).is_none_or(|(one, other)| one == other);
            let day = one.rated_on.zip(other.rated_on).is_none_or(|(one, other)| one == other);
            one.scheme == other.scheme && level && day
        };
        // Only the next later word of the scheme can be the same rating told better.
        let next = history.iter().rev().find(|later| later.rating.scheme == past.rating.scheme);
        if !next.is_some_and(same) {
            history.push(past);
        }
    }
    history
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn rated(level: u8, rated_on: Option<&str>) -> Rating {
        let (scheme, level, rated_on) = ("gb37276".into(), Some(level), rated_on.map(day));
        Rating { scheme, level, issuer: None, rated_on, valid_until: None }
    }

    #[test]
    fn a_correction_is_no_rating_of_its_own_in_the_history_and_a_renewal_is() {
        let past = |level, rated_on, days: Option<i64>| PastRating {
            rating: rated(level, rated_on),
            superseded_at: days.map(|days| DateTime::UNIX_EPOCH + chrono::Duration::days(days)),
        };
        let stands = past(3, Some("2026-05-01"), None);
        let (renewed, lower) = (past(3, Some("2023-05-01"), Some(30)), past(2, Some("2020-05-01"), Some(20)));
        let undated = past(2, None, Some(10));
        let told = vec![undated, lower.clone(), renewed.clone(), stands.clone()];
        assert_eq!(history(told), [stands, renewed, lower]);
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
        let rating = rated(3, Some("2019-08-01"));
        assert!(rating.current(Some(&scheme), day("2022-08-01")));
        assert!(!rating.current(Some(&scheme), day("2022-08-02")));
        let dated = Rating { valid_until: Some(day("2030-01-01")), ..rating };
        assert!(dated.current(Some(&scheme), day("2029-12-31")));
    }
}
