//! Snapshots of the record: a past day read from one is what the log tells, and what lies before it is not read.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use silver_atlas::care::{Entity, Facility, Record};
use silver_atlas::registry::{Edit, Registry};

use crate::sample::{self, bare, new};
use crate::support::TestDatabase;

async fn as_of(registry: &Registry, at: chrono::DateTime<chrono::Utc>) -> Record {
    let mut record = registry.record_as_of(at).await.expect("a record");
    record.facilities.sort_by_key(|facility| facility.id);
    record.regions.sort_by_key(|region| region.code.clone());
    record.demand.sort_by_key(|point| point.id);
    record
}

async fn all_snapshots(registry: &Registry, interval: i64) -> usize {
    let mut made = 0;
    while registry.make_snapshot(interval).await.expect("a snapshot or none") {
        made += 1;
    }
    made
}

/// Some facilities are new, some are renamed, some become others, some are withdrawn.
async fn any_history(test: &TestDatabase, rng: &mut StdRng) {
    sample::settle(&test.registry).await;
    for step in 0..25 {
        let held = test.registry.load().await.expect("loads").facilities;
        let any = |rng: &mut StdRng| held[rng.random_range(0..held.len())].clone();
        match rng.random_range(0..10) {
            0..4 => {
                let many: Vec<_> = (0..rng.random_range(1..30))
                    .map(|number| new(bare(&format!("助餐点{step}之{number}\t\n"), "meal_point")))
                    .collect();
                sample::write(&test.registry, &many).await.expect("a batch");
            }
            4..8 => {
                let before = any(rng);
                let mut after = Facility { name: format!("改名{step}").into(), ..before.clone() };
                assert!(after.written(&before, sample::later(&before)));
                sample::write(&test.registry, &[Edit { before: Some(before), after }]).await.expect("a batch");
            }
            8 if held.len() > 2 => {
                let gone = any(rng);
                let withdrawn = test.registry.withdraw_facility(gone.id, gone.version, "登记错了", "operator:li").await;
                withdrawn.expect("withdrawn");
            }
            _ if held.len() > 2 => {
                let (from, to) = (any(rng), any(rng));
                if from.id != to.id {
                    // Some pairs cannot be merged; that is a history too.
                    let _ = test.registry.merge((from.id, None), (to.id, None), Vec::new(), "operator:li").await;
                }
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_day_read_from_a_snapshot_is_what_the_log_tells() {
    for seed in 0..3 {
        let (test, mut rng) = (TestDatabase::new().await, StdRng::seed_from_u64(seed));
        any_history(&test, &mut rng).await;
        let sql = test.sql().await;
        let times: Vec<chrono::DateTime<chrono::Utc>> = sql
            .query("SELECT DISTINCT at FROM change ORDER BY at", &[])
            .await
            .expect("times")
            .iter()
            .map(|row| row.get(0))
            .collect();
        let mut replayed = Vec::new();
        for at in &times {
            replayed.push(as_of(&test.registry, *at).await);
        }
        assert!(all_snapshots(&test.registry, rng.random_range(3..40)).await > 1);
        for (at, told) in times.iter().zip(&replayed) {
            let read = as_of(&test.registry, *at).await;
            assert_eq!((read.revision, &read.facilities), (told.revision, &told.facilities), "seed {seed} at {at}");
            assert_eq!((&read.regions, &read.demand), (&told.regions, &told.demand));
            assert_eq!((&read.successors, &read.withdrawn), (&told.successors, &told.withdrawn));
        }
        let before = times[0] - chrono::Duration::seconds(1);
        assert_eq!(as_of(&test.registry, before).await.revision, 0);
        assert_eq!(all_snapshots(&test.registry, 1000).await, 0, "the log has not grown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_before_a_snapshot_are_not_read() {
    let test = TestDatabase::new().await;
    let many: Vec<_> = (0..300).map(|number| new(bare(&format!("助餐点{number}"), "meal_point"))).collect();
    sample::write(&test.registry, &many).await.expect("a batch");
    assert!(test.registry.make_snapshot(300).await.expect("a snapshot"));
    sample::write(&test.registry, &[new(bare("后来的", "meal_point"))]).await.expect("a batch");
    let sql = test.sql().await;
    let broken = "ALTER TABLE change DISABLE TRIGGER change_is_kept; \
        UPDATE change SET after = '{\"not\": \"a facility\"}' WHERE seq <= (SELECT max(revision) FROM record_snapshot)";
    sql.batch_execute(broken).await.expect("broken behind the registry's back");
    let head = sql.query_one("SELECT max(at) FROM change", &[]).await.expect("a time").get(0);
    assert_eq!(as_of(&test.registry, head).await.facilities.len(), 301);
    sql.batch_execute("DELETE FROM record_snapshot").await.expect("they follow from the log");
    assert!(test.registry.record_as_of(head).await.is_err(), "without it the log is read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_made_while_others_write_and_only_one_server_makes_it() {
    let test = TestDatabase::new().await;
    let many: Vec<_> = (0..50).map(|number| new(bare(&format!("助餐点{number}"), "meal_point"))).collect();
    sample::write(&test.registry, &many).await.expect("a batch");
    let sql = test.sql().await;
    // Somebody writes to the log and does not end.
    sql.batch_execute("BEGIN; SELECT change_take_turn()").await.expect("a turn");
    let other = Registry::open(&test.address).await.expect("another server");
    let (first, second) = tokio::join!(test.registry.make_snapshot(50), other.make_snapshot(50));
    let made = [first.expect("the one"), second.expect("the other")];
    assert!(made.contains(&true), "{made:?}");
    let kept =
        test.sql().await.query_one("SELECT count(*), max(records) FROM record_snapshot", &[]).await.expect("counted");
    assert_eq!((kept.get::<_, i64>(0), kept.get::<_, Option<i64>>(1)), (1, Some(50)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_history_says_where_the_next_begins() {
    let test = TestDatabase::new().await;
    let mut held = sample::settle(&test.registry).await;
    for number in 0..7 {
        let before = held.clone();
        held.name = format!("第{number}个名字").into();
        assert!(held.written(&before, sample::later(&before)));
        sample::write(&test.registry, &[Edit { before: Some(before), after: held.clone() }]).await.expect("a batch");
    }
    let (id, mut cursor, mut seen) = (held.id.to_string(), None, Vec::new());
    loop {
        let page = test.registry.log_of(Entity::Facility, &id, cursor, 3).await.expect("a page");
        let (lines, more) = page.lines().expect("readable");
        assert!(lines.len() <= 3);
        seen.extend(lines.iter().map(|line| line.seq));
        cursor = lines.last().map(|line| line.seq);
        if !more {
            break;
        }
    }
    let whole = test.registry.history(Entity::Facility, &id).await.expect("a history");
    assert_eq!(seen, whole.iter().map(|change| change.seq).collect::<Vec<_>>());
    assert_eq!(whole.len(), 8);
    let state = test.registry.state_of(Entity::Facility, &id, 1).await.expect("a state").expect("it was written");
    assert_eq!(state["version"], 1);
    assert_eq!(
        test.registry.change_of(Entity::Facility, &id, seen[2]).await.expect("one").map(|one| one.seq),
        Some(seen[2])
    );
    assert!(test.registry.change_of(Entity::Facility, &id, 1_000_000).await.expect("none").is_none());
}
