//! Expiry: ratings and licences that end soon or have ended, the soonest first.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use serde::Serialize;

use crate::atlas::Entry;
use crate::care::{Licence, Rating, Status, Validity, Vocabulary};

/// What ends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Paper {
    Rating(Rating),
    Licence(Licence),
}

/// One rating or licence with its last day.
pub struct Ending {
    pub entry: Arc<Entry>,
    pub paper: Paper,
    pub last_day: NaiveDate,
    /// From today to the last day; below 0 where it has ended.
    pub days_left: i64,
    pub state: Validity,
}

/// The ratings and licences of these facilities whose last day is at most `within_days` days from `today`, or past; a
/// paper with no known last day is not among them. Closed facilities are left out. By last day, then by facility and by
/// scheme or type.
pub fn endings(entries: &[Arc<Entry>], vocabulary: &Vocabulary, today: NaiveDate, within_days: u64) -> Vec<Ending> {
    let until = today.checked_add_days(Days::new(within_days)).unwrap_or(NaiveDate::MAX);
    let mut endings = Vec::new();
    for entry in entries.iter().filter(|entry| entry.facility.status != Status::Closed) {
        let ratings = entry.facility.ratings.iter().filter_map(|rating| {
            let scheme = vocabulary.scheme(&rating.scheme);
            Some((Paper::Rating(rating.clone()), rating.last_day(scheme)?, rating.validity(scheme, today)?))
        });
        let licences = entry.facility.licences.iter().filter_map(|licence| {
            Some((Paper::Licence(licence.clone()), licence.valid_until?, licence.validity(today)?))
        });
        let ending = ratings.chain(licences).filter(|(_, last_day, _)| *last_day <= until);
        endings.extend(ending.map(|(paper, last_day, state)| {
            let days_left = (last_day - today).num_days();
            Ending { entry: entry.clone(), paper, last_day, days_left, state }
        }));
    }
    // The order within a facility is that of its lists.
    endings.sort_by_key(|ending| (ending.last_day, ending.entry.facility.id));
    endings
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::atlas::sample;
    use crate::care::Facility;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn rated(id: u128, rated_on: &str) -> Facility {
        let rated_on = Some(day(rated_on));
        let rating = Rating { scheme: "stars".into(), level: Some(3), issuer: None, rated_on, valid_until: None };
        Facility { ratings: vec![rating], ..sample::facility(id, None) }
    }

    #[test]
    fn what_ends_is_listed_the_soonest_first_and_from_the_boundary_day_on() {
        // The scheme of the sample stands for three years.
        let mut homes = vec![
            rated(1, "2023-12-20"), // ends 2026-12-20
            rated(2, "2024-02-18"), // ends 2027-02-18, the last day within 90
            rated(3, "2024-02-19"), // one day later
            rated(4, "2023-11-19"), // ended yesterday
        ];
        let licence = |until: Option<&str>| Licence {
            r#type: "food".into(),
            number: None,
            issuer: None,
            valid_from: None,
            valid_until: until.map(day),
        };
        homes[0].licences = vec![licence(Some("2026-11-20")), licence(None), licence(Some("2030-01-01"))];
        let closed = Facility { status: Status::Closed, ..rated(5, "2023-11-01") };
        homes.push(closed);
        let atlas = sample::atlas_of(homes, &mut StdRng::seed_from_u64(1));
        let entries: Vec<_> = atlas.facilities().cloned().collect();
        let today = day("2026-11-20");
        let found = endings(&entries, atlas.vocabulary(), today, 90);
        let told: Vec<_> =
            found.iter().map(|ending| (ending.entry.facility.id.as_u128(), ending.days_left, ending.state)).collect();
        let expected = [
            (4, -1, Validity::Expired),
            (1, 0, Validity::EndsSoon),
            (1, 30, Validity::EndsSoon),
            (2, 90, Validity::Valid),
        ];
        assert_eq!(told, expected);
        assert!(matches!(found[1].paper, Paper::Licence(_)));
        assert_eq!(endings(&entries, atlas.vocabulary(), today, 91).len(), 5);
    }
}
