//! Licences, menu and staff in the record: written, taken back, seen as of a time; and the ratings that stood before.

use chrono::{Days, Utc};
use serde_json::json;
use silver_atlas::care::fields::Wishes;
use silver_atlas::care::{Facility, Vocabulary, Who};
use silver_atlas::registry::{RegistryError, Written};

use crate::sample;
use crate::support::TestDatabase;

struct House {
    test: TestDatabase,
    home: Facility,
    words: Vocabulary,
}

async fn house() -> House {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let words = test.registry.vocabulary().await.expect("words");
    House { test, home, words }
}

impl House {
    async fn tell(&self, version: i64, live: serde_json::Value) -> Result<Written, RegistryError> {
        let (who, live) = (Who::operator("operator".into(), false), live.as_object().cloned().expect("an object"));
        let told = self.test.registry.amend(self.home.id, version, &who, live, Wishes::new(), None, self.words.clone());
        told.await.map(|amended| amended.written)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn licences_are_taken_back_and_seen_as_they_were() {
    let house = house().await;
    let registry = &house.test.registry;
    let before = Utc::now();
    let fire = json!([{"type": "fire", "number": "验字 7", "valid_until": "2028-01-01"}]);
    let first = house.tell(1, json!({"licences": fire})).await.expect("told");
    assert_eq!(first.facility.licences.len(), 1);
    house
        .tell(2, json!({"phone": "0527-5555-0188", "staff": {"caregivers": 20, "as_of": "2026-11-01"}}))
        .await
        .expect("told");
    let past = registry.record_as_of(before).await.expect("the past");
    assert_eq!(past.facilities[0].licences, house.home.licences, "as they stood then");
    let back = registry.take_back(house.home.id, 3, first.seq, "bureau:wang").await.expect("taken back").facility;
    assert_eq!(back.licences, house.home.licences);
    let staff = back.staff.as_deref().expect("staff");
    assert_eq!((staff.caregivers, staff.certified), (Some(20), None), "what came after stays");
    assert_eq!(registry.load().await.expect("loads").facilities, [back]);
    // Nothing left is null, and not an empty object.
    house.tell(4, json!({"licences": null, "menu": null, "staff": null})).await.expect("told");
    let empty = "SELECT count(*) FROM facility WHERE dossier IS NULL";
    assert_eq!(house.test.sql().await.query_one(empty, &[]).await.expect("a count").get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_certified_caregivers_than_caregivers_and_unknown_licences_are_refused() {
    let house = house().await;
    for (live, words) in [
        (json!({"staff": {"caregivers": 9, "certified": 12, "as_of": "2026-10-01"}}), "certified"),
        (json!({"licences": [{"type": "fod"}]}), "\"food\""),
        (json!({"menu": [{"day": "2026-11-25", "dishes": []}]}), "dish"),
    ] {
        let refused = house.tell(1, live).await;
        assert!(matches!(&refused, Err(RegistryError::Rule { detail, .. }) if detail.contains(words)), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_that_is_written_lets_go_of_what_is_more_than_a_week_old() {
    let house = house().await;
    let today = Utc::now().date_naive();
    let day = |days| (today - Days::new(days)).to_string();
    let menu =
        json!([{"day": day(30), "dishes": ["a"]}, {"day": day(6), "dishes": ["b"]}, {"day": day(0), "dishes": ["c"]}]);
    let told = house.tell(1, json!({"menu": menu})).await.expect("told").facility;
    assert_eq!(told.menu.iter().map(|meal| &*meal.dishes[0]).collect::<Vec<_>>(), ["b", "c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_ratings_has_former_levels_and_no_corrections() {
    let house = house().await;
    let rated = |level, issuer: &str, on: &str| json!({"ratings": [{"scheme": "gb37276", "level": level, "issuer": issuer, "rated_on": on}]});
    house.tell(1, rated(3, "示例省民政厅", "2024-05-01")).await.expect("a correction");
    house.tell(2, rated(4, "示例省民政厅", "2026-06-01")).await.expect("another level");
    let told = house.test.registry.ratings_of(house.home.id).await.expect("ratings");
    let told: Vec<_> = told
        .iter()
        .map(|past| (past.rating.level, past.rating.issuer.as_deref(), past.superseded_at.is_some()))
        .collect();
    assert_eq!(told, [(Some(4), Some("示例省民政厅"), false), (Some(3), Some("示例省民政厅"), true)]);
}
