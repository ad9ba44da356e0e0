//! Jobs are shared, asked about, and ended.

use super::*;
use crate::analysis::siting::{Candidates, Objective};
use crate::atlas::{Filter, sample};
use crate::care::Weight;

fn question(within_m: f64) -> SitingQuestion {
    SitingQuestion {
        region: None,
        filter: Filter::default(),
        within_m: Some(within_m),
        weight: Weight::Total,
        class: None,
        population_year: None,
        sites: Some(3),
        objective: Objective::MaxCovered,
        candidates: Candidates::Demand,
        keep_existing: false,
        capacity: None,
        min_spacing_m: None,
        excluded: Vec::new(),
        nearly: 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_is_one_job_and_a_cancelled_one_is_asked_anew() {
    let atlas = Arc::new(sample::atlas(0, 50));
    let jobs = Jobs::on(Handle::current(), Handle::current());
    let begin =
        |key: &str| jobs.begin((atlas.clone(), Utc::now()), question(1000.0), 5.0, Some(key.into())).expect("a place");
    let (first, second, other) = (begin("a"), begin("a"), begin("b"));
    assert!(first.id == second.id && first.id != other.id);
    first.end().await.err();
    assert!(matches!(first.state(), JobState::Done | JobState::Failed));
    assert!(jobs.find(&first.id.to_string()).is_some());
    jobs.remove(&first);
    assert!(jobs.find(&first.id.to_string()).is_none());
    assert_ne!(begin("a").id, first.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_asker_has_gone_is_cancelled() {
    let atlas = Arc::new(sample::atlas(0, 50));
    let jobs = Jobs::on(Handle::current(), Handle::current());
    // Nobody's turn comes: the search waits.
    let held = jobs.turn.clone().acquire_owned().await.expect("the turn");
    let job = jobs.begin((atlas, Utc::now()), question(1000.0), 5.0, None).expect("a place");
    assert_eq!(job.state(), JobState::Waiting);
    drop(Asker(job.clone()));
    drop(held);
    assert!(matches!(job.end().await, Err(Failure::Refusal(Refusal::Cancelled))));
    assert_eq!(job.state(), JobState::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_tells_how_far_it_is_and_is_dropped_where_it_waits_when_it_is_cancelled() {
    let jobs = Jobs::on(Handle::current(), Handle::current());
    let never = |watch: Arc<Watch>| async move {
        watch.step(1, 3);
        std::future::pending::<()>().await;
        Ok(Outcome::Trend(Arc::default()))
    };
    let job = jobs.look(7, Some("a".into()), never).expect("a place");
    while job.news().steps.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!((job.state(), job.news().steps), (JobState::Running, Some((1, 3))));
    jobs.remove(&job);
    assert!(job.end().await.is_err() && job.state() == JobState::Cancelled);
    let done = jobs.look(7, Some("a".into()), |_| async { Ok(Outcome::Trend(Arc::default())) }).expect("a place");
    assert!(done.id != job.id && done.end().await.is_ok());
}
