//! Inspections in the record: every write logged, nobody's write lost, one key one inspection.

use serde_json::{Value, json};
use silver_atlas::care::fields::Wishes;
use silver_atlas::care::{Action, Entity, Facility, Inspection, Vocabulary};
use silver_atlas::registry::{Inspections, RegistryError, Told};
use uuid::Uuid;

use crate::sample::{self, day};
use crate::support::TestDatabase;

const TODAY: &str = "2026-11-25";

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

fn members(told: Value) -> Wishes {
    told.as_object().cloned().expect("an object")
}

impl House {
    fn inspection(&self, told: Value) -> Inspection {
        Inspection::of(self.home.id, &members(told), &self.words, day(TODAY)).expect("an inspection")
    }

    async fn add(&self, told: Value) -> Inspection {
        match self.test.registry.add_inspection(self.inspection(told), "bureau:wang", None).await {
            Ok(Told::New(written)) => written.inspection,
            other => panic!("written: {other:?}"),
        }
    }

    async fn amend(&self, id: Uuid, version: i64, told: Value) -> Result<Inspection, RegistryError> {
        let (words, registry) = (self.words.clone(), &self.test.registry);
        let amended = registry.amend_inspection(id, version, members(told), "bureau:wang", words, day(TODAY)).await;
        amended.map(|written| written.inspection)
    }

    async fn one(&self, id: Uuid) -> Inspection {
        self.test.registry.inspections(Inspections::One(id)).await.expect("an answer").pop().expect("an inspection")
    }
}

fn fire() -> Value {
    json!({
        "type": "fire", "inspected_on": "2026-11-01", "agencies": ["消防", "民政"], "result": "failed", "note": "夜查",
        "findings": [
            {"category": "消防通道", "severity": "major", "detail": "堆放杂物", "due_on": "2026-11-10"},
            {"category": "用电", "severity": "minor", "detail": "插座松动"},
        ],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspection_comes_back_as_it_was_told_and_the_log_has_every_write() {
    let house = house().await;
    let told = house.add(fire()).await;
    assert_eq!((told.version, told.findings.len()), (1, 2));
    assert_eq!(house.one(told.id).await, told);
    let mut findings = json!(told.findings);
    findings[0]["rectified_on"] = json!("2026-11-09");
    findings[0]["rectification"] = json!("清走了");
    let ticked = house.amend(told.id, 1, json!({"findings": findings})).await.expect("amended");
    assert_eq!((ticked.version, ticked.open_and_overdue(day(TODAY))), (2, (1, 0)));
    assert_eq!(house.one(told.id).await, ticked);
    // What changes nothing is no write.
    assert_eq!(house.amend(told.id, 2, json!({"note": "夜查"})).await.expect("as it was").version, 2);
    let log = house.test.registry.history(Entity::Inspection, &told.id.to_string()).await.expect("a history");
    let lines: Vec<_> = log.iter().map(|change| (change.action, &*change.actor)).collect();
    assert_eq!(lines, [(Action::Updated, "bureau:wang"), (Action::Created, "bureau:wang")]);
    assert_eq!(log[0].before, Some(json!(told)));
    assert_eq!(log[0].after, Some(json!(ticked)));
    let later = house.add(json!({"type": "safety", "inspected_on": "2026-11-20", "result": "passed"})).await;
    let all = house.test.registry.inspections(Inspections::All).await.expect("all");
    assert_eq!(all, [later, ticked], "the newest first");
    assert!(house.test.registry.inspections(Inspections::Of(vec![Uuid::nil()])).await.expect("none").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writers_on_one_version_one_is_told_that_the_inspection_moved_on() {
    let house = house().await;
    let told = house.add(fire()).await;
    let (one, other) = tokio::join!(
        house.amend(told.id, 1, json!({"note": "甲"})),
        house.amend(told.id, 1, json!({"agencies": ["应急"]}))
    );
    let (kept, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(kept.expect("one is written").version, 2);
    assert!(matches!(&lost, Err(RegistryError::StaleInspection(held)) if held.version == 2), "{lost:?}");
    let wrong = house.amend(told.id, 2, json!({"result": "passed"})).await;
    assert!(matches!(&wrong, Err(RegistryError::Rule { .. })), "a passed inspection has no findings: {wrong:?}");
    assert!(matches!(house.amend(Uuid::nil(), 1, json!({"note": "x"})).await, Err(RegistryError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_makes_one_inspection_however_often_it_is_sent() {
    let house = house().await;
    let send = |print: u8| {
        let key = Some(("k-1".to_owned(), vec![print]));
        house.test.registry.add_inspection(house.inspection(fire()), "bureau:wang", key)
    };
    let (one, other) = tokio::join!(send(1), send(1));
    let id = |told: Result<Told, RegistryError>| match told.expect("an answer") {
        Told::New(written) => written.inspection.id,
        Told::Again(id) => id,
    };
    assert_eq!(id(one), id(other));
    assert!(matches!(send(2).await, Err(RegistryError::Conflict(_))), "another body under the same key");
    assert_eq!(house.test.registry.inspections(Inspections::All).await.expect("all").len(), 1);
}
