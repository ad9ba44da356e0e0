//! How long many rows take, against PostgreSQL's own COPY. Run with `--ignored --nocapture`.

use std::time::{Duration, Instant};

use chrono::Utc;
use silver_atlas::care::{Capacity, Entity, Facility, Place, Rating};

use crate::sample::{self, home, info, new};
use crate::support::TestDatabase;

const MANY: usize = 400_000;

fn facility(number: usize) -> Facility {
    let spread = |step: f64, width: f64| (number as f64 * step).fract() * width;
    Facility {
        place: Some(Place::wgs84(105.0 + spread(0.618_034, 15.0), 25.0 + spread(0.414_214, 12.0))),
        services: vec!["助餐".into()],
        capacity: vec![Capacity { occupied: Some(97), as_of: Utc::now(), ..home("x", None).capacity[0].clone() }],
        ratings: vec![Rating { level: Some(1 + (number % 5) as u8), ..home("x", None).ratings[0].clone() }],
        tags: Vec::new(),
        ..home(&format!("S-{number:06}"), Some("321302"))
    }
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of some minutes"]
async fn import_and_load_against_copy() {
    let test = TestDatabase::new().await;
    sample::settle(&test.registry).await;
    let edits: Vec<_> = (0..MANY).map(|number| new(facility(number))).collect();
    let sql = test.sql().await;

    let began = Instant::now();
    let mut batch = test.registry.begin(info(Entity::Facility)).await.expect("begins");
    batch.write_facilities(&edits).await.expect("writes");
    let rows = began.elapsed();
    batch.commit().await.expect("commits");
    let import = began.elapsed();

    sql.batch_execute("COPY facility TO '/tmp/silver-atlas-speed.copy'").await.expect("copies");
    let began = Instant::now();
    sql.batch_execute("COPY facility TO '/tmp/silver-atlas-speed.copy'").await.expect("copies");
    let copy_to = began.elapsed();

    let began = Instant::now();
    let record = test.registry.load().await.expect("loads");
    let load = began.elapsed();
    assert_eq!(record.facilities.len(), MANY + 1);

    let began = Instant::now();
    let keys: Vec<_> = edits
        .iter()
        .map(|edit| silver_atlas::care::draft::FacilityKey::Code(edit.after.code.clone().expect("a code")))
        .collect();
    let mut batch = test.registry.begin(info(Entity::Facility)).await.expect("begins");
    assert_eq!(batch.facilities(&keys).await.expect("found").len(), MANY);
    let find = began.elapsed();
    batch.roll_back().await.expect("rolls back");

    sql.batch_execute("TRUNCATE facility CASCADE; CHECKPOINT").await.expect("empties");
    let began = Instant::now();
    sql.batch_execute("COPY facility FROM '/tmp/silver-atlas-speed.copy'").await.expect("copies");
    let copy_from = began.elapsed();
    println!(
        "import {:.1} s (rows {:.1} s), COPY FROM {:.1} s: ×{:.1}",
        seconds(import),
        seconds(rows),
        seconds(copy_from),
        seconds(import) / seconds(copy_from)
    );
    println!(
        "load {:.1} s, COPY TO {:.1} s: ×{:.1}",
        seconds(load),
        seconds(copy_to),
        seconds(load) / seconds(copy_to)
    );
    println!("find and lock {MANY} by key {:.1} s", seconds(find));
}
