//! Duplicates merged and regions renumbered: nothing is lost, and the old key leads to the new one.

use silver_atlas::care::correction::Subject;
use silver_atlas::care::draft::FacilityDraft;
use silver_atlas::care::{Action, Entity, Facility, Inspection, RequestState, Role, Scenario, Succession, Who};
use silver_atlas::registry::{Asked, Edit, Inspections, NewAccount, NewCorrection, Registered, RegistryError};

use crate::sample;
use crate::support::TestDatabase;

async fn twin(test: &TestDatabase) -> Facility {
    let draft = FacilityDraft {
        name: "重复的院".into(),
        kind: "nursing_home".into(),
        region: Some("3213".into()),
        phone: Some("0527-5555-0142".into()),
        ..Default::default()
    };
    match test.registry.register(draft.create(chrono::Utc::now()), "bureau:wang", None, false).await {
        Ok(Registered::New(written)) => written.facility,
        other => panic!("registered: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_keeps_both_histories_and_the_old_id_leads_to_the_new_one() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let twin = twin(&test).await;
    let new =
        NewAccount { name: "li".into(), role: Role::Manager, region: None, facilities: vec![twin.id], password: None };
    test.registry.add_account(new).await.expect("an account");
    let words = test.registry.vocabulary().await.expect("words");
    let seen = serde_json::json!({"type": "safety", "inspected_on": "2026-11-01", "result": "passed"});
    let seen = seen.as_object().expect("an object");
    let inspected = Inspection::of(twin.id, seen, &words, sample::day("2026-11-25")).expect("an inspection");
    test.registry.add_inspection(inspected, "bureau:wang", None).await.expect("written");
    let stale = test.registry.merge((twin.id, Some(7)), (home.id, Some(1)), vec![], "bureau:wang").await;
    assert!(matches!(stale, Err(RegistryError::Stale(_))), "{stale:?}");
    let written = test
        .registry
        .merge((twin.id, Some(1)), (home.id, Some(1)), vec!["phone".into()], "bureau:wang")
        .await
        .expect("merged");
    assert_eq!((written.facility.id, written.facility.phone.as_deref()), (home.id, Some("0527-5555-0142")));
    assert_eq!((&written.facility.name, written.facility.version), (&home.name, 2));
    let record = test.registry.load().await.expect("loads");
    assert_eq!(record.facilities, vec![written.facility.clone()]);
    assert_eq!(record.successors, vec![(twin.id.to_string().into(), home.id.to_string().into())]);
    let history = test.registry.history(Entity::Facility, &home.id.to_string()).await.expect("a history");
    let told: Vec<_> = history.iter().map(|change| (change.action, *change.key == *twin.id.to_string())).collect();
    assert_eq!(
        told,
        [(Action::Updated, false), (Action::Deleted, true), (Action::Created, true), (Action::Created, false)]
    );
    assert_eq!(history[1].becomes.as_deref(), Some(home.id.to_string().as_str()));
    let moved = test.registry.inspections(Inspections::Of(vec![home.id])).await.expect("a list");
    assert_eq!(moved.iter().map(|one| one.version).collect::<Vec<_>>(), [2], "its inspections go with it");
    let told = test.registry.history(Entity::Inspection, &moved[0].id.to_string()).await.expect("a history");
    assert_eq!(told.len(), 2);
    let accounts = test.registry.accounts().await.expect("a list");
    assert_eq!(accounts[0].who.facilities, [home.id], "its manager keeps what it became");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renumbered_region_takes_everything_with_it() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let old = home.region.clone().expect("a region");
    let mut batch = test.registry.begin(sample::info(Entity::Region)).await.expect("a batch");
    let mut successor = sample::region("320000", None);
    successor.name = "新区".into();
    batch.write_regions(&[Edit { before: None, after: successor }]).await.expect("written");
    batch.commit().await.expect("committed");
    let before = test.registry.load().await.expect("loads");
    let lived = before.demand.iter().filter(|point| point.region.as_ref() == Some(&old)).count();
    let plan = Scenario {
        id: uuid::Uuid::now_v7(),
        version: 1,
        name: "甲方案".into(),
        account: None,
        actor: "planner:li".into(),
        region: Some(old.clone()),
        question: Default::default(),
        changes: Default::default(),
        note: None,
        made_at: before.read_at,
        updated_at: before.read_at,
    };
    let (plan, _) = test.registry.save_scenario(plan).await.expect("saved");
    let (name, role, region) = ("wang".into(), Role::Bureau, Some(old.clone()));
    let bureau = NewAccount { name, role, region, facilities: vec![], password: None };
    test.registry.add_account(bureau).await.expect("an account");
    let (_, went) = test.registry.succeed_region(&old, "320000", "operator").await.expect("renumbered");
    let below = before.regions.iter().filter(|region| region.parent.as_ref() == Some(&old)).count();
    let expected = Succession { facilities: 1, regions: below, demand_points: lived, accounts: 1, scenarios: 1 };
    assert_eq!(went, expected, "whoever does it is told what went along");
    let log = test.registry.history(Entity::Region, "320000").await.expect("a history");
    let line = log.iter().find(|line| line.becomes.as_deref() == Some("320000")).expect("the end of the old one");
    assert_eq!(line.reason.as_deref().and_then(Succession::read), Some(expected), "and so is who reads the log");
    let accounts = test.registry.accounts().await.expect("a list");
    assert_eq!(accounts[0].who.region.as_deref(), Some("320000"));
    let told = test.registry.history(Entity::Scenario, &plan.id.to_string()).await.expect("a history");
    assert_eq!((told.len(), &*told[0].actor), (2, "operator"), "a scenario goes along, and the log says who moved it");
    let plan = test.registry.scenario(plan.id).await.expect("an answer").expect("is there");
    assert_eq!((plan.region.as_deref(), plan.version, &*plan.actor), (Some("320000"), 2, "planner:li"));
    let record = test.registry.load().await.expect("loads");
    assert!(record.regions.iter().all(|region| region.code != old && region.parent.as_ref() != Some(&old)));
    assert!(record.facilities.iter().all(|facility| facility.region.as_deref() == Some("320000")));
    let moved = record.demand.iter().filter(|point| point.region.as_deref() == Some("320000")).count();
    assert_eq!(moved, lived);
    assert_eq!(record.successors, vec![(old.clone(), "320000".into())]);
    assert_eq!(record.facilities[0].version, home.version + 1);
    // The record as of before still has the old code.
    let past = test.registry.record_as_of(before.read_at).await.expect("the past");
    assert!(past.regions.iter().any(|region| region.code == old) && past.successors.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_facility_is_out_of_the_record_with_all_that_waited_about_it() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let words = test.registry.vocabulary().await.expect("words");
    let who = Who::operator("somebody".into(), false);
    let wish = serde_json::json!({"name": "新名"}).as_object().cloned().expect("an object");
    test.registry.amend(home.id, 1, &who, Default::default(), wish, None, words).await.expect("asked");
    let new = NewCorrection { facility: home.id, subject: Subject::Phone, said: None, phone: Some("12345".into()) };
    test.registry.correct(new, "10.0.0.1").await.expect("taken");
    let before = test.registry.load().await.expect("loads");
    let silent = test.registry.withdraw_facility(home.id, 1, " ", "bureau:wang").await;
    assert!(matches!(silent, Err(RegistryError::Rule { .. })), "{silent:?}");
    let stale = test.registry.withdraw_facility(home.id, 7, "录错了", "bureau:wang").await;
    assert!(matches!(stale, Err(RegistryError::Stale(_))), "{stale:?}");
    assert_eq!(test.registry.load().await.expect("loads").facilities.len(), 1, "nothing was withdrawn");
    let seq = test.registry.withdraw_facility(home.id, 1, "录错了", "bureau:wang").await.expect("withdrawn");
    let record = test.registry.load().await.expect("loads");
    assert_eq!((record.revision, record.facilities.len(), record.withdrawn), (seq, 0, vec![home.id]));
    let last = test.registry.history(Entity::Facility, &home.id.to_string()).await.expect("a history").remove(0);
    assert_eq!((last.action, last.becomes, last.reason.as_deref()), (Action::Deleted, None, Some("录错了")));
    let asked = test.registry.requests(Asked::About(home.id)).await.expect("a list");
    assert_eq!(asked.iter().map(|request| request.state).collect::<Vec<_>>(), [RequestState::Withdrawn]);
    assert_eq!(test.registry.corrections().await.expect("a list"), vec![]);
    let past = test.registry.record_as_of(before.read_at).await.expect("the past");
    assert_eq!((past.facilities, past.withdrawn), (vec![home], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_counts_or_does_not_and_the_log_says_since_when() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let code = home.region.expect("a region");
    let find = async || {
        let record = test.registry.load().await.expect("loads");
        record.regions.into_iter().find(|region| region.code == code).expect("the region")
    };
    let before = find().await;
    let (saw, other) = (before.state(), Some(!before.counts_in_coverage));
    let (_, seq) = test.registry.settle_region(&code, &saw, other, None, "bureau:wang").await.expect("written");
    let late = test.registry.settle_region(&code, &saw, None, Some(None), "bureau:li").await;
    assert!(matches!(late, Err(RegistryError::StaleRegion(_))), "somebody else was quicker: {late:?}");
    let after = find().await;
    let expected = silver_atlas::care::Region { counts_in_coverage: !before.counts_in_coverage, ..before.clone() };
    assert_eq!(after, expected, "and nothing else changed");
    let again = test.registry.settle_region(&code, &after.state(), other, None, "bureau:wang").await.expect("nothing");
    assert_eq!(again.1, seq, "what is so already is not written");
    let last = test.registry.history(Entity::Region, &code).await.expect("a history").remove(0);
    assert_eq!((&*last.actor, last.seq), ("bureau:wang", seq));
    assert_eq!(last.before, serde_json::to_value(&before).ok());
}
