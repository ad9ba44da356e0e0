//! Amendments at two speeds, change requests side by side, decisions, registrations and changes taken back.

use serde_json::json;
use silver_atlas::care::draft::FacilityDraft;
use silver_atlas::care::fields::Wishes;
use silver_atlas::care::{Decision, Entity, Facility, RequestState, Role, Verdict, Vocabulary, Who};
use silver_atlas::registry::{Amended, Asked, Registered, RegistryError};
use uuid::Uuid;

use crate::sample;
use crate::support::TestDatabase;

fn wishes(json: serde_json::Value) -> Wishes {
    json.as_object().cloned().expect("an object")
}

struct House {
    test: TestDatabase,
    home: Facility,
    words: Vocabulary,
    who: Who,
}

async fn house() -> House {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let words = test.registry.vocabulary().await.expect("words");
    let (role, facilities) = (Role::Manager, vec![home.id]);
    let who = Who { account: None, name: "li".into(), role, region: None, facilities, only_reads: false };
    House { test, home, words, who }
}

impl House {
    async fn amend(
        &self,
        version: i64,
        live: serde_json::Value,
        asked: serde_json::Value,
    ) -> Result<Amended, RegistryError> {
        let (live, asked) = (wishes(live), wishes(asked));
        self.test.registry.amend(self.home.id, version, &self.who, live, asked, None, self.words.clone()).await
    }

    async fn ask(&self, version: i64, asked: serde_json::Value) -> Uuid {
        self.amend(version, json!({}), asked).await.expect("asked").request.expect("a request")
    }

    async fn decide(&self, id: Uuid, version: i64, verdicts: &[(&str, Verdict)]) -> Result<Facility, RegistryError> {
        let decision =
            Decision::from_iter(verdicts.iter().map(|(name, verdict)| ((*name).to_owned(), verdict.clone())));
        let decided = self.test.registry.decide(id, version, decision, "bureau:wang", self.words.clone()).await;
        decided.map(|written| written.facility)
    }

    async fn now(&self) -> Facility {
        let record = self.test.registry.load().await.expect("loads");
        record.facilities.into_iter().find(|facility| facility.id == self.home.id).expect("the home")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_live_at_once_and_a_name_waits_in_the_same_step() {
    let house = house().await;
    let amended = house.amend(1, json!({"phone": "0527-5555-0199"}), json!({"name": "新名"})).await.expect("amended");
    let now = house.now().await;
    assert_eq!((now.phone.as_deref(), &now.name, now.version), (Some("0527-5555-0199"), &house.home.name, 2));
    assert_eq!(now, amended.written.facility);
    let request = &house.test.registry.requests(Asked::Pending).await.expect("a list")[0];
    assert_eq!((Some(request.id), request.based_on, &*request.actor), (amended.request, 1, "manager:li"));
    assert_eq!((&request.was["name"], &request.wished["name"]), (&json!(house.home.name), &json!("新名")));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_live_side_by_side_and_none_replaces_another() {
    let house = house().await;
    let first = house.ask(1, json!({"name": "甲"})).await;
    let second = house.ask(1, json!({"name": "乙", "operator": "丙"})).await;
    assert_eq!(house.test.registry.requests(Asked::Pending).await.expect("a list").len(), 2);
    let now = house.decide(first, 1, &[("name", Verdict::Accept)]).await.expect("decided");
    assert_eq!((&*now.name, now.version), ("甲", 2));
    // The second was based on what has changed meanwhile: the reviewer sees that, and nothing is overwritten unseen.
    let waiting = &house.test.registry.requests(Asked::Pending).await.expect("a list")[0];
    assert_eq!((waiting.id, waiting.overtaken(&now)), (second, vec!["name"]));
    let blind = house.decide(second, 1, &[("name", Verdict::Accept), ("operator", Verdict::Accept)]).await;
    assert!(matches!(blind, Err(RegistryError::Stale(_))), "{blind:?}");
    let now =
        house.decide(second, 2, &[("name", Verdict::Newer), ("operator", Verdict::Accept)]).await.expect("decided");
    assert_eq!((&*now.name, now.operator.as_deref(), now.version), ("甲", Some("丙"), 3));
    let history = house.test.registry.history(Entity::Facility, &house.home.id.to_string()).await.expect("a history");
    assert_eq!(history.iter().map(|change| change.request).collect::<Vec<_>>(), [Some(second), Some(first), None]);
    assert_eq!(&*history[0].actor, "bureau:wang");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requester_sees_the_outcome_and_a_rejection_says_why() {
    let house = house().await;
    let id = house.ask(1, json!({"operator": "丁"})).await;
    let silent = house.decide(id, 1, &[("operator", Verdict::Reject { reason: " ".into() })]).await;
    assert!(matches!(silent, Err(RegistryError::Rule { .. })), "{silent:?}");
    let why = Verdict::Reject { reason: "没有合同".into() };
    let now = house.decide(id, 1, &[("operator", why.clone())]).await.expect("decided");
    assert_eq!(now.version, 1, "a rejection changes nothing of the facility");
    let request = &house.test.registry.requests(Asked::One(id)).await.expect("a list")[0];
    assert_eq!(request.state, RequestState::Decided);
    assert_eq!(request.decision.as_ref().expect("a decision")["operator"], why);
    let again = house.decide(id, 1, &[("operator", Verdict::Accept)]).await;
    assert!(matches!(again, Err(RegistryError::Conflict(_))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_reviewers_at_once_decide_once() {
    let house = house().await;
    let id = house.ask(1, json!({"name": "甲"})).await;
    let (accept, reject) = (Verdict::Accept, Verdict::Reject { reason: "不".into() });
    let (one_says, other_says) = ([("name", accept)], [("name", reject)]);
    let (one, other) = tokio::join!(house.decide(id, 1, &one_says), house.decide(id, 1, &other_says));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|decided| **decided).count(), 1, "{one:?} {other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_request_is_decided_by_nobody() {
    let house = house().await;
    let id = house.ask(1, json!({"name": "甲"})).await;
    house.test.registry.withdraw(id, "manager:li").await.expect("withdrawn");
    assert!(matches!(house.decide(id, 1, &[("name", Verdict::Accept)]).await, Err(RegistryError::Conflict(_))));
    assert!(matches!(house.test.registry.withdraw(id, "manager:li").await, Err(RegistryError::Conflict(_))));
    assert_eq!(house.now().await.version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_cannot_be_granted_is_refused_when_it_is_made_and_nothing_of_it_stands() {
    let house = house().await;
    let refused = house.amend(1, json!({"phone": "1"}), json!({"kind": "hotel"})).await;
    assert!(matches!(refused, Err(RegistryError::Rule { .. })), "{refused:?}");
    assert_eq!(house.now().await, house.home);
    assert!(house.test.registry.requests(Asked::Pending).await.expect("a list").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_taken_back_as_a_new_change_unless_another_came_after_it() {
    let house = house().await;
    let first = house.amend(1, json!({"phone": "1", "hours": "24/7"}), json!({})).await.expect("written").written;
    house.amend(2, json!({"note": "后来"}), json!({})).await.expect("written");
    let back = house.test.registry.take_back(house.home.id, 3, first.seq, "bureau:wang").await.expect("taken back");
    let now = back.facility;
    assert_eq!((&now.phone, &now.hours, now.note.as_deref()), (&house.home.phone, &house.home.hours, Some("后来")));
    assert_eq!(now.version, 4);
    house.amend(4, json!({"phone": "2"}), json!({})).await.expect("written");
    let again = house.test.registry.take_back(house.home.id, 5, back.seq, "bureau:wang").await;
    assert!(matches!(again, Err(RegistryError::Conflict(ref why)) if why.contains("phone")), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_registers_one_facility_however_often_it_is_sent() {
    let house = house().await;
    let new = || {
        let draft = FacilityDraft { name: "新食堂".into(), kind: "canteen".into(), ..Default::default() };
        draft.create(chrono::Utc::now())
    };
    let key = |print: u8| Some(("k-1".to_owned(), vec![print]));
    let send = |print| house.test.registry.register(new(), "bureau:wang", key(print), false);
    let (one, other) = tokio::join!(send(1), send(1));
    let ids: Vec<Uuid> = [one, other]
        .into_iter()
        .map(|answer| match answer.expect("registered") {
            Registered::New(written) => written.facility.id,
            Registered::Again(id) => id,
        })
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert!(matches!(send(2).await, Err(RegistryError::Conflict(_))), "another body under the same key");
    let twin = house.test.registry.register(new(), "bureau:wang", None, false).await;
    assert!(matches!(twin, Err(RegistryError::Conflict(ref why)) if why.contains(&ids[0].to_string())), "{twin:?}");
    house.test.registry.register(new(), "bureau:wang", None, true).await.expect("another, knowingly");
    assert_eq!(house.test.registry.load().await.expect("loads").facilities.len(), 3);
}
