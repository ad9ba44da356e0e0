//! The map of a day that is over, with the facilities that their own dates and the log place there.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Atlas;
use crate::care::{Facility, PastDay};

impl Atlas {
    /// This map of the record as it stood then, with each facility that `latest` knows in the status that it had on the day:
    /// what was recorded later and had opened is added, what had not opened is left out.
    pub fn on_past_day(&self, latest: &Atlas, past: &PastDay) -> Atlas {
        let mut moved: BTreeMap<Uuid, Option<Facility>> = BTreeMap::new();
        for facility in latest.facilities().map(|entry| &entry.facility) {
            let held = self.facility(facility.id).map(|entry| &entry.facility);
            match (past.status(facility), held) {
                (Some(status), Some(held)) if held.status == status => {}
                (None, None) => {}
                (Some(status), held) => {
                    let shown = held.unwrap_or(facility);
                    moved.insert(facility.id, Some(Facility { status, ..Facility::clone(shown) }));
                }
                (None, Some(_)) => {
                    moved.insert(facility.id, None);
                }
            }
        }
        let mut drawn = self.clone();
        drawn.take_facilities(moved);
        drawn
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::atlas::{Filter, sample};
    use crate::care::Status;

    #[test]
    fn facilities_stand_on_a_past_day_by_their_own_dates() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let made = |id: u128, opened: &str, closed: &str| Facility {
            opened_on: day(opened),
            closed_on: day(closed),
            status: if closed.is_empty() { Status::Operating } else { Status::Closed },
            ..sample::facility(id, Some((118.0, 34.0)))
        };
        let all = vec![
            made(1, "2019-01-01", ""),
            made(2, "2024-06-01", ""),
            made(3, "2019-01-01", "2024-02-01"),
            made(4, "2019-01-01", "2021-02-01"),
            made(5, "", ""),
        ];
        let latest = sample::atlas_of(all, &mut StdRng::seed_from_u64(1));
        let past = PastDay::by_dates(day("2023-12-31").expect("a day"));
        let drawn = latest.on_past_day(&latest, &past);
        let near = drawn.nearest(118.0, 34.0, &Filter::default(), 10, None);
        let mut ids: Vec<u128> = near.iter().map(|hit| hit.entry.facility.id.as_u128()).collect();
        ids.sort_unstable();
        assert_eq!(ids, [1, 3, 5]);
        assert_eq!(latest.nearest(118.0, 34.0, &Filter::default(), 10, None).len(), 3);
        assert_eq!(drawn.facility_count(), 4);
    }
}
