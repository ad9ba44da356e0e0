//! Targets, programme figures and claims: written once, on the version that was seen, logged, and told as they stood.

use chrono::Utc;
use serde_json::json;
use silver_atlas::care::kept::with;
use silver_atlas::care::{Action, Entity, Kept, ProgrammeFigure, Target};
use silver_atlas::registry::RegistryError;

use crate::sample;
use crate::support::TestDatabase;

fn target(planned: Option<f64>) -> Target {
    let given = json!({"region": "3213", "year": 2024, "measure": "nursing_beds_added", "planned": planned});
    with(None, given.as_object().expect("fields"), &Default::default()).expect("a sound target")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_kept_once_and_amended_on_the_version_that_was_seen() {
    let test = TestDatabase::new().await;
    sample::settle(&test.registry).await;
    let (first, seq) = test.registry.keep(target(None), None, "bureau:wang").await.expect("kept");
    assert_eq!((first.version, first.planned), (1, None));
    let twin = test.registry.keep(target(Some(1.0)), None, "bureau:wang").await;
    assert!(matches!(twin, Err(RegistryError::Conflict(_))), "{twin:?}");
    let wish = Target { planned: Some(500.0), ..first.clone() };
    let (second, later) = test.registry.keep(wish.clone(), Some(1), "bureau:wang").await.expect("amended");
    assert_eq!((second.version, second.planned), (2, Some(500.0)));
    assert!(later > seq);
    let stale = test.registry.keep(Target { planned: Some(9.0), ..wish }, Some(1), "bureau:li").await;
    let Err(RegistryError::StaleRow { version: 2, current }) = stale else { panic!("{stale:?}") };
    assert_eq!(current["planned"], 500.0);
    // The same again writes nothing.
    let (same, head) = test.registry.keep(second.clone(), Some(2), "bureau:li").await.expect("the same");
    assert_eq!((same, head), (second.clone(), later));
    let history = test.registry.history(Entity::Target, &first.id.to_string()).await.expect("a history");
    assert_eq!(history.iter().map(|change| change.action).collect::<Vec<_>>(), [Action::Updated, Action::Created]);
    assert_eq!(test.registry.kept::<Target>(None).await.expect("rows"), [second]);
    let then = history[1].at;
    assert_eq!(test.registry.kept::<Target>(Some(then)).await.expect("as it stood"), [first]);
    // The map follows a log that tells of what it does not draw.
    assert_eq!(test.registry.load().await.expect("loads").revision, later);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_taken_out_with_a_reason_and_stays_in_the_log() {
    let test = TestDatabase::new().await;
    sample::settle(&test.registry).await;
    let (kept, _) = test.registry.keep(target(Some(5.0)), None, "bureau:wang").await.expect("kept");
    let remove =
        |version, reason: &'static str| test.registry.remove_kept::<Target>(kept.id, version, reason, "bureau:li");
    assert!(matches!(remove(1, " ").await, Err(RegistryError::Rule { .. })), "a reason is needed");
    assert!(matches!(remove(2, "a twin").await, Err(RegistryError::StaleRow { version: 1, .. })));
    let seq = remove(1, "a twin").await.expect("taken out");
    assert!(matches!(remove(1, "again").await, Err(RegistryError::NotFound)));
    assert_eq!(test.registry.kept::<Target>(None).await.expect("rows"), []);
    let history = test.registry.history(Entity::Target, &kept.id.to_string()).await.expect("a history");
    let (last, first) = (&history[0], &history[1]);
    assert_eq!((last.seq, last.action, last.reason.as_deref()), (seq, Action::Deleted, Some("a twin")));
    assert_eq!(last.before, Some(json!(kept)));
    assert_eq!(test.registry.kept::<Target>(Some(first.at)).await.expect("as it stood"), [kept]);
    assert_eq!(test.registry.kept::<Target>(Some(last.at)).await.expect("afterwards"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_of_the_ledger_comes_back_as_it_was_told() {
    let test = TestDatabase::new().await;
    sample::settle(&test.registry).await;
    let given = json!({"region": "3213", "programme": "allowance", "metric": "aged_money", "value": 3053.91, "unit": "元",
        "qualifier": "余", "measure": "flow", "period_from": "2023-01-01", "period_to": "2023-12-31", "source": "报告"});
    let told: ProgrammeFigure = with(None, given.as_object().expect("fields"), &Default::default()).expect("sound");
    let (kept, _) = test.registry.keep(told.clone(), None, "operator").await.expect("kept");
    assert_eq!((&kept, kept.key()), (&told, told.key()));
    assert_eq!(test.registry.kept::<ProgrammeFigure>(Some(Utc::now())).await.expect("rows"), [told]);
}

#[tokio::test(flavor = "multi_thread")]
async fn beds_that_moved_are_told_with_their_dates() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let told = silver_atlas::care::draft::CapacityDraft {
        measure: "beds".into(),
        occupied: Some(1).into(),
        ..Default::default()
    };
    test.registry.update_capacity(home.id, 1, vec![told], "operator").await.expect("written");
    let moved = test.registry.figure_changes(vec![home.id], None).await.expect("changes");
    assert_eq!(moved.len(), 1);
    assert_eq!((moved[0].facility, &moved[0].capacity.0), (home.id, &home.capacity));
    assert_ne!(moved[0].capacity.0, moved[0].capacity.1);
    assert!(test.registry.figure_changes(vec![home.id], Some(home.updated_at)).await.expect("before").is_empty());
}
