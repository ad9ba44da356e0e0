//! The log: in the order of commits, followed by news, and read as of a time.

use std::time::Duration;

use silver_atlas::care::{Entity, Record};
use silver_atlas::registry::Registry;
use tokio::time::timeout;

use crate::sample::{self, bare, new};
use crate::support::TestDatabase;

/// A line as a single writer appends it: its time is told after its turn has come.
const LINE: &str = "INSERT INTO change (at, actor, entity, key, action, after) \
    VALUES (clock_timestamp(), 'x', 'region', $1, 'created', '{}')";

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_never_skips_a_line_that_commits_late() {
    let test = TestDatabase::new().await;
    let (first, second) = (test.sql().await, test.sql().await);
    first.batch_execute("BEGIN").await.expect("begins");
    first.execute(LINE, &[&"early"]).await.expect("takes its place");
    // The second would overtake; it has to wait for the first instead.
    let overtaking = tokio::spawn(async move {
        second.execute(LINE, &[&"late"]).await.expect("writes");
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!overtaking.is_finished());
    assert_eq!(test.registry.changes_after(0, 10).await.expect("nothing yet"), []);
    first.batch_execute("COMMIT").await.expect("commits");
    overtaking.await.expect("the other");
    let seen: Vec<_> = test.registry.changes_after(0, 10).await.expect("both").iter().map(|c| c.key.clone()).collect();
    assert_eq!(seen, ["early".into(), "late".into()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_at_once_leave_no_gap_that_fills_later() {
    let test = TestDatabase::new().await;
    let mut writers = Vec::new();
    for writer in 0..6 {
        let sql = test.sql().await;
        writers.push(tokio::spawn(async move {
            for line in 0..30 {
                sql.batch_execute("BEGIN").await.expect("begins");
                sql.execute(LINE, &[&format!("{writer}-{line}")]).await.expect("writes");
                let end = if line % 7 == 3 { "ROLLBACK" } else { "COMMIT" };
                sql.batch_execute(end).await.expect("ends");
            }
        }));
    }
    let expected = 6 * (30 - 4);
    let (mut seen, mut at) = (0, 0);
    let follow = async {
        while seen < expected {
            let page = test.registry.changes_after(at, 7).await.expect("a page");
            seen += page.len();
            at = page.last().map_or(at, |change| change.seq);
            assert!(page.windows(2).all(|pair| pair[0].seq < pair[1].seq && pair[0].at <= pair[1].at));
        }
    };
    timeout(Duration::from_secs(30), follow).await.expect("a follower that pages by number sees every line");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_wakes_a_follower() {
    let test = TestDatabase::new().await;
    let follower = test.registry.clone();
    follower.wait_for_news().await;
    for _ in 0..3 {
        // Waiting once more than there is news takes the half second after which a follower looks all the same.
        let waiting = tokio::spawn({
            let follower = follower.clone();
            async move { follower.wait_for_news().await }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        test.sql().await.execute(LINE, &[&"x"]).await.expect("writes");
        timeout(Duration::from_millis(300), waiting).await.expect("woken").expect("a task");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_only_ever_added_to() {
    let test = TestDatabase::new().await;
    let sql = test.sql().await;
    sql.execute(LINE, &[&"x"]).await.expect("writes");
    for statement in ["UPDATE change SET actor = 'y'", "DELETE FROM change", "TRUNCATE change"] {
        sql.batch_execute(statement).await.expect_err(statement);
    }
}

fn sorted(mut record: Record) -> Record {
    record.facilities.sort_by_key(|facility| facility.id);
    record
}

async fn as_of(registry: &Registry, at: &str) -> Record {
    sorted(registry.record_as_of(sample::time(at)).await.expect("a record"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_can_be_read_as_of_a_past_time() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let now = |text: &str| text.to_owned();
    let time = test.sql().await.query_one("SELECT clock_timestamp()", &[]).await.expect("a time");
    let then: chrono::DateTime<chrono::Utc> = time.get(0);
    let second = bare("助餐点", "meal_point");
    sample::write(&test.registry, &[new(second)]).await.expect("a batch");
    let changed = {
        let mut after = home.clone();
        after.name = "改名养老院".into();
        assert!(after.written(&home, sample::later(&home)));
        after
    };
    let edit = silver_atlas::registry::Edit { before: Some(home.clone()), after: changed };
    sample::write(&test.registry, &[edit]).await.expect("a batch");

    let past = as_of(&test.registry, &now(&then.to_rfc3339())).await;
    assert_eq!(past.facilities, [home]);
    assert_eq!(past.regions.len(), 2);
    let present = as_of(&test.registry, "2999-01-01T00:00:00Z").await;
    let loaded = test.registry.load().await.expect("loads");
    assert_eq!((present.facilities, present.revision), (loaded.facilities, loaded.revision));
    assert!(as_of(&test.registry, "2000-01-01T00:00:00Z").await.facilities.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_larger_than_the_line_holds_at_once_can_be_read_as_of_a_past_time() {
    let test = TestDatabase::new().await;
    let many: Vec<_> = (0..8000).map(|number| new(bare(&format!("助餐点{number}"), "meal_point"))).collect();
    sample::write(&test.registry, &many).await.expect("a batch");
    let read = as_of(&test.registry, "2999-01-01T00:00:00Z");
    let past = tokio::time::timeout(std::time::Duration::from_secs(60), read).await.expect("an answer");
    assert_eq!(past.facilities.len(), many.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_what_came_with_which_file() {
    let test = TestDatabase::new().await;
    sample::settle(&test.registry).await;
    let (batch, seq) = sample::write(&test.registry, &[new(bare("助餐点", "meal_point"))]).await.expect("a batch");
    let changes = test.registry.changes_of(batch).await.expect("changes");
    assert_eq!((changes.len(), changes[0].seq, changes[0].entity), (1, seq, Entity::Facility));
    let batches = test.registry.batches(10).await.expect("batches");
    assert_eq!((batches.len(), batches[0].id, &*batches[0].info.file_name), (3, batch, "sample.csv"));
}
