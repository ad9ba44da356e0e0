//! A past day: which status each facility had then, by its own dates and by the log of changes.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Facility, Status};

/// What the log says of statuses since the end of a day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StatusLog {
    /// Whether any facility was in the record on that day. Without that nothing is known of the day but dates.
    pub begun: bool,
    /// Facilities whose record was made after the day; empty where none was in the record then.
    pub made_since: HashSet<Uuid>,
    /// By facility whose status changed after the day: what it was before the first of these changes.
    pub earliest: HashMap<Uuid, Status>,
}

/// A day that is over, with what the log says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastDay {
    pub day: NaiveDate,
    pub log: StatusLog,
}

impl PastDay {
    /// A day of which only the facilities' own dates tell.
    pub fn by_dates(day: NaiveDate) -> PastDay {
        PastDay { day, log: StatusLog::default() }
    }

    fn was_recorded(&self, facility: &Facility) -> bool {
        self.log.begun && !self.log.made_since.contains(&facility.id)
    }

    /// The status on the day; `None` where the facility was not there yet, or nothing says so.
    ///
    /// The facility's own dates decide. Where it has no opening date the log decides; where the log had not begun either,
    /// the facility counts as it stands, and [`PastDay::undated`] tells so.
    pub fn status(&self, facility: &Facility) -> Option<Status> {
        let by = |date: Option<NaiveDate>| date.is_some_and(|date| date <= self.day);
        if by(facility.closed_on) {
            return Some(Status::Closed);
        }
        let known = self.log.earliest.get(&facility.id).copied().unwrap_or(facility.status);
        // It closed later, by its own date.
        let known = match known {
            Status::Closed if facility.closed_on.is_some() => Status::Operating,
            known => known,
        };
        let opened = matches!(known, Status::Trial | Status::Operating | Status::Suspended | Status::Closed);
        let before_opening = || {
            if by(facility.built_on) {
                return Some(Status::Built);
            }
            let recorded = self.was_recorded(facility) && !opened;
            let built_later = known == Status::Built && facility.built_on.is_some();
            recorded.then_some(if built_later { Status::UnderConstruction } else { known })
        };
        match facility.opened_on {
            Some(date) if date > self.day => before_opening(),
            Some(_) if !opened && facility.status.serving() => Some(facility.status),
            None if self.log.begun && !self.was_recorded(facility) => before_opening(),
            None if !opened && facility.built_on.is_some() && !by(facility.built_on) => Some(Status::UnderConstruction),
            _ => Some(known),
        }
    }

    /// Whether it counts on the day as open, and neither an opening date nor the log says so.
    pub fn undated(&self, facility: &Facility) -> bool {
        facility.opened_on.is_none() && !self.log.begun && self.status(facility).is_some_and(Status::serving)
    }

    /// Whether it is closed and nothing says if it was so on the day already.
    pub fn closing_unknown(&self, facility: &Facility) -> bool {
        facility.closed_on.is_none()
            && !self.was_recorded(facility)
            && self.status(facility) == Some(Status::Closed)
            && facility.opened_on.is_none_or(|opened| opened <= self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::sample;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn facility(status: Status, opened: &str, closed: &str) -> Facility {
        let date = |text: &str| text.parse().ok();
        Facility { status, opened_on: date(opened), closed_on: date(closed), ..sample::facility(1, None) }
    }

    /// The log had begun by the day; `made`: the record of facility 1 was made since; `was`: its status before the first change.
    fn logged(made: bool, was: Option<Status>) -> PastDay {
        let id = Uuid::from_u128(1);
        let earliest = was.map(|status| (id, status)).into_iter().collect();
        let made_since = made.then_some(id).into_iter().collect();
        PastDay { day: day("2023-12-31"), log: StatusLog { begun: true, made_since, earliest } }
    }

    #[test]
    fn own_dates_decide_whenever_the_record_was_made() {
        use Status::{Closed, Operating, Planned, Suspended, Trial};
        for past in [PastDay::by_dates(day("2023-12-31")), logged(true, None), logged(false, None)] {
            let status = |status, opened, closed| past.status(&facility(status, opened, closed));
            assert_eq!(status(Operating, "2023-12-31", ""), Some(Operating), "{past:?}");
            assert_eq!(status(Operating, "2024-01-01", ""), None);
            assert_eq!(status(Trial, "2020-01-01", ""), Some(Trial));
            assert_eq!(status(Closed, "2020-01-01", "2023-12-31"), Some(Closed));
            assert_eq!(status(Closed, "2020-01-01", "2024-01-01"), Some(Operating));
            assert_eq!(status(Suspended, "2020-01-01", ""), Some(Suspended));
        }
        assert_eq!(logged(false, Some(Planned)).status(&facility(Operating, "2023-06-01", "")), Some(Operating));
    }

    #[test]
    fn without_an_opening_date_the_log_decides_and_before_it_the_facility_counts_and_is_told() {
        use Status::{Closed, Operating, Planned, Suspended};
        let undated = |status| facility(status, "", "");
        let none = PastDay::by_dates(day("2023-12-31"));
        assert_eq!(none.status(&undated(Operating)), Some(Operating));
        assert!(none.undated(&undated(Operating)) && !none.undated(&undated(Planned)));
        assert!(!none.undated(&facility(Operating, "2020-01-01", "")));
        assert!(none.closing_unknown(&facility(Closed, "2020-01-01", "")));
        assert_eq!(logged(true, None).status(&undated(Operating)), None);
        assert_eq!(logged(false, None).status(&undated(Operating)), Some(Operating));
        assert_eq!(logged(false, Some(Planned)).status(&undated(Operating)), Some(Planned));
        assert_eq!(logged(false, Some(Operating)).status(&undated(Suspended)), Some(Operating));
        assert_eq!(logged(false, Some(Operating)).status(&undated(Closed)), Some(Operating));
        assert!(!logged(false, None).undated(&undated(Operating)));
    }

    #[test]
    fn what_was_built_and_had_not_opened_stood_as_built() {
        let built = |on: &str| Facility { built_on: Some(day(on)), ..facility(Status::Operating, "2024-05-01", "") };
        let past = PastDay::by_dates(day("2023-12-31"));
        assert_eq!(past.status(&built("2023-11-01")), Some(Status::Built));
        assert_eq!(past.status(&built("2024-02-01")), None);
        let waits = Facility { built_on: Some(day("2024-02-01")), ..facility(Status::Built, "", "") };
        assert_eq!(past.status(&waits), Some(Status::UnderConstruction));
    }
}
