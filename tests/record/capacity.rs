//! A manager's update of capacity, and what happens to it when the database goes away.

use std::time::{Duration, Instant};

use silver_atlas::care::Entity;
use silver_atlas::care::draft::CapacityDraft;
use silver_atlas::registry::cluster::{Cluster, Durability};
use silver_atlas::registry::{Registry, RegistryError};
use uuid::Uuid;

use crate::sample;
use crate::support::{TestDatabase, TestFolder};

fn beds(total: Option<u32>, nursing: Option<u32>, occupied: Option<u32>) -> Vec<CapacityDraft> {
    vec![CapacityDraft {
        measure: "beds".into(),
        total: total.into(),
        nursing: nursing.into(),
        occupied: occupied.into(),
        as_of: None,
        undated: false,
    }]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_writes_capacity_and_the_log_knows_it() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let told = beds(None, None, Some(97));
    let written = test.registry.update_capacity(home.id, 1, told, "operator").await.expect("written");
    let now = written.facility.capacity_of("beds").expect("beds").clone();
    assert_eq!((now.total, now.nursing, now.occupied), (Some(120), Some(60), Some(97)));
    assert_eq!(now.source.as_deref(), Some("operator"));
    assert_eq!(written.facility.version, 2);
    let record = test.registry.load().await.expect("loads");
    assert_eq!((&record.facilities[0], record.revision), (&written.facility, written.seq));
    let history = test.registry.history(Entity::Facility, &home.id.to_string()).await.expect("a history");
    assert_eq!(history.iter().map(|change| change.seq).max(), Some(written.seq));
    assert_eq!(history[0].after, Some(serde_json::to_value(&written.facility).expect("json")));
    assert_eq!(history[0].before, history[1].after);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_told_again_are_confirmed_as_of_now() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let held = home.capacity_of("beds").expect("beds");
    let told = beds(held.total, held.nursing, held.occupied);
    let written = test.registry.update_capacity(home.id, 1, told, "operator").await.expect("written");
    let now = written.facility.capacity_of("beds").expect("beds");
    assert!(now.same_figures(held) && now.as_of > held.as_of);
    assert_eq!(written.facility.version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_on_an_old_version_is_answered_with_the_current_state() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let write = || test.registry.update_capacity(home.id, 1, beds(None, None, Some(1)), "operator");
    let (one, other) = tokio::join!(write(), write());
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    let won = won.expect("one of the two");
    match lost {
        Err(RegistryError::Stale(current)) => assert_eq!(*current, won.facility),
        other => panic!("{other:?}"),
    }
    let missing = test.registry.update_capacity(Uuid::now_v7(), 1, beds(None, None, Some(1)), "operator").await;
    assert!(matches!(missing, Err(RegistryError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_a_time_to_come_are_refused_and_older_ones_are_never_taken_for_written() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let held = home.capacity_of("beds").expect("beds").as_of;
    let (now, hour) = (chrono::Utc::now(), chrono::TimeDelta::hours(1));
    let dated = |as_of| vec![CapacityDraft { as_of: Some(as_of), ..beds(None, None, Some(7)).remove(0) }];
    for (as_of, says) in [(now + hour, "has not come yet"), (held - hour, "has newer beds, as of")] {
        match test.registry.update_capacity(home.id, 1, dated(as_of), "operator").await {
            Err(RegistryError::Rule { pointer, detail }) => {
                assert!(pointer == "/beds/as_of" && detail.contains(says), "{pointer}: {detail}");
            }
            other => panic!("{as_of}: {other:?}"),
        }
    }
    test.registry.update_capacity(home.id, 1, dated(held), "operator").await.expect("as old is not older");
    // A record of before this rule: a plain word puts it right.
    let sql = test.sql().await;
    sql.execute("UPDATE capacity SET as_of = '2099-01-01'", &[]).await.expect("ahead");
    let written = test.registry.update_capacity(home.id, 2, beds(None, None, Some(8)), "operator").await.expect("now");
    let told = written.facility.capacity_of("beds").expect("beds");
    assert!(told.occupied == Some(8) && told.as_of < now + hour, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_is_told_with_its_place_and_nothing_is_written() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let plots = vec![CapacityDraft { measure: "plots".into(), total: Some(5).into(), ..CapacityDraft::default() }];
    let cases = [
        (beds(Some(50), None, None), "/beds/nursing"),
        (beds(None, Some(121), None), "/beds/nursing"),
        (beds(Some(u32::MAX), None, None), "/beds/total"),
        (plots, "/plots"),
        (Vec::new(), ""),
    ];
    for (told, expected) in cases {
        match test.registry.update_capacity(home.id, 1, told, "operator").await {
            Err(RegistryError::Rule { pointer, .. }) => assert_eq!(pointer, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    assert_eq!(test.registry.load().await.expect("loads").facilities, [home]);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_fail_quickly_while_the_database_is_away_and_work_again_when_it_is_back() {
    let folder = TestFolder::new("away");
    let open = || Cluster::open(&folder.0, Durability::Disposable).expect("a cluster");
    let cluster = open();
    let registry = Registry::open(&cluster.address()).await.expect("opens");
    registry.migrate().await.expect("migrates");
    let home = sample::settle(&registry).await;
    registry.wait_for_news().await;
    cluster.close().expect("stops");

    let began = Instant::now();
    let answer = registry.update_capacity(home.id, 1, beds(None, None, Some(5)), "operator").await;
    assert!(matches!(answer, Err(RegistryError::Unavailable(_))), "{answer:?}");
    assert!(matches!(registry.check().await, Err(RegistryError::Unavailable(_))));
    assert!(matches!(registry.begin(sample::info(Entity::Facility)).await, Err(RegistryError::Unavailable(_))));
    assert!(matches!(registry.load().await, Err(RegistryError::Unavailable(_))));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());

    let cluster = open();
    registry.check().await.expect("it is back");
    registry.update_capacity(home.id, 1, beds(None, None, Some(5)), "operator").await.expect("written");
    registry.wait_for_news().await;

    // A connection that is cut in the middle of a statement is also only "not now".
    let sql = crate::support::connect(&cluster.address()).await;
    sql.batch_execute("BEGIN; SELECT 1 FROM facility FOR UPDATE").await.expect("a lock to wait for");
    let waiting = registry.update_capacity(home.id, 2, beds(None, None, Some(6)), "operator");
    let cut = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        sql.query(others, &[]).await.expect("cut");
    };
    let (answer, ()) = tokio::join!(waiting, cut);
    assert!(matches!(answer, Err(RegistryError::Unavailable(_))), "{answer:?}");
}
