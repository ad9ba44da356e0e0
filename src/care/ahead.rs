//! Ahead of the clock: what was counted or given cannot be of a time that has not come. A figure dated ahead would never
//! go stale, and every later word would be taken for an older one.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::fields::{FieldFault, Wishes};

/// Clocks of two machines may differ by so many minutes; a time further ahead of ours is a mistake.
pub const CLOCKS_DIFFER_MINUTES: i64 = 5;

/// Hours by which the earliest zone on earth (UTC+14) is ahead of UTC: a day begins nowhere before it begins there.
const EARLIEST_ZONE_HOURS: i64 = 14;

/// Whether a time lies further ahead of the clock than clocks differ.
pub fn ahead(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at > now + TimeDelta::minutes(CLOCKS_DIFFER_MINUTES)
}

/// The last day that has begun somewhere on earth: a file tells days, and not whose.
pub fn latest_day(now: DateTime<Utc>) -> NaiveDate {
    (now + TimeDelta::hours(EARLIEST_ZONE_HOURS)).date_naive()
}

/// What is wrong with a day of staff or of a rating that lies after `today`.
pub fn faults(wishes: &Wishes, today: NaiveDate) -> Vec<FieldFault> {
    let late =
        |day: &Value| day.as_str().and_then(|day| day.trim().parse().ok()).filter(|day: &NaiveDate| *day > today);
    let fault = |field: String, day: NaiveDate| FieldFault { field, detail: format!("{day} has not come yet") };
    let mut faults = Vec::new();
    if let Some(day) = wishes.get("staff").and_then(|staff| late(&staff["as_of"])) {
        faults.push(fault("staff/as_of".to_owned(), day));
    }
    let ratings = match wishes.get("ratings") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    for (at, rating) in ratings.iter().enumerate() {
        if let Some(day) = late(&rating["rated_on"]) {
            faults.push(fault(format!("ratings/{at}/rated_on"), day));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_day_that_has_not_come_is_a_fault_and_today_is_none() {
        let today = "2026-11-25".parse().expect("a day");
        let told = json!({"staff": {"caregivers": 1, "as_of": "2026-11-26"},
            "ratings": [{"scheme": "a", "rated_on": "2026-11-25"}, {"scheme": "b", "rated_on": "2099-01-01"}]});
        let wishes = told.as_object().cloned().expect("an object");
        let named: Vec<_> = faults(&wishes, today).into_iter().map(|fault| fault.field).collect();
        assert_eq!(named, ["staff/as_of", "ratings/1/rated_on"]);
        let alone = json!({"ratings": {"scheme": "a", "rated_on": "2027-01-01"}, "staff": null});
        assert_eq!(faults(alone.as_object().expect("an object"), today).len(), 1);
    }

    #[test]
    fn clocks_may_differ_by_minutes_and_a_file_may_come_from_any_zone() {
        let now = DateTime::UNIX_EPOCH;
        assert!(!ahead(now + TimeDelta::minutes(5), now) && ahead(now + TimeDelta::minutes(6), now));
        let evening = now + TimeDelta::hours(10);
        assert_eq!(latest_day(evening), NaiveDate::from_ymd_opt(1970, 1, 2).expect("a day"));
        assert_eq!(latest_day(now), now.date_naive());
    }
}
