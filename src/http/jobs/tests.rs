//! Jobs are shared, asked about, and ended.

use super::*;
use crate::analysis::siting::{Candidates, Objective};
use crate::atlas::{Filter, sample};
use crate::care::Weight;

fn anybody(last: u8) -> Client {
    Client::Address(std::net::Ipv4Addr::new(10, 0, 0, last).into())
}

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
    let begin = |key: &str| {
        jobs.begin(Client::Operator, (atlas.clone(), Utc::now()), question(1000.0), 5.0, Some(key.into()))
            .expect("a place")
    };
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
    let ticket = jobs.searches.enter(Client::Own).expect("room");
    let held = ticket.place().await;
    let job = jobs.begin(anybody(1), (atlas, Utc::now()), question(1000.0), 5.0, None).expect("a place");
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
    let job = jobs.look(anybody(1), 7, Some("a".into()), never).expect("a place");
    while job.news().steps.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!((job.state(), job.news().steps), (JobState::Running, Some((1, 3))));
    jobs.remove(&job);
    assert!(job.end().await.is_err() && job.state() == JobState::Cancelled);
    let done =
        jobs.look(anybody(1), 7, Some("a".into()), |_| async { Ok(Outcome::Trend(Arc::default())) }).expect("a place");
    assert!(done.id != job.id && done.end().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_without_number_leave_room_for_others_and_for_looks() {
    let atlas = Arc::new(sample::atlas(0, 50));
    let jobs = Jobs::on(Handle::current(), Handle::current());
    let ticket = jobs.searches.enter(Client::Own).expect("room");
    let _held = ticket.place().await;
    let begin = |client| jobs.begin(client, (atlas.clone(), Utc::now()), question(1000.0), 300.0, None);
    let slug = |begun: Result<Arc<Job>, Problem>| begun.err().map_or("begun", |problem| problem.code.slug());
    // One address has two, and those whom nobody knows eight.
    for address in 0..4 {
        assert!(begin(anybody(address)).is_ok_and(|job| job.watch.seconds() == SEARCH_SECONDS_UNKNOWN));
        assert_eq!([begin(anybody(address)), begin(anybody(address))].map(slug), ["begun", "too-many"]);
    }
    assert_eq!(slug(begin(anybody(9))), "busy");
    // Whoever is known has room and time, and looks have a queue of their own.
    assert!(begin(Client::Account(Uuid::from_u128(1))).is_ok_and(|job| job.watch.seconds() == 300.0));
    let look = jobs.look(anybody(1), 7, None, |_| async { Ok(Outcome::Trend(Arc::default())) }).expect("room");
    assert!(look.end().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_nobody_asks_about_ends_whether_it_waits_or_runs() {
    let jobs = Jobs { abandoned_after: GLANCE * 5, ..Jobs::on(Handle::current(), Handle::current()) };
    let never = |watch: Arc<Watch>| async move {
        watch.step(1, 3);
        std::future::pending::<()>().await;
        Ok(Outcome::Trend(Arc::default()))
    };
    let begun: Vec<Arc<Job>> = (0..3).filter_map(|n| jobs.look(anybody(n), 7, None, never).ok()).collect();
    assert_eq!(begun.len(), 3, "two run and one waits");
    // Who asks about it, or waits for its end, keeps it going.
    for _ in 0..10 {
        tokio::time::sleep(GLANCE).await;
        assert!(jobs.find(&begun[0].id.to_string()).is_some_and(|job| job.ended().is_none()));
    }
    assert!(tokio::time::timeout(GLANCE * 10, begun[0].end()).await.is_err(), "it still runs");
    assert!(begun[1].ended().is_some() && begun[2].ended().is_some());
    tokio::time::sleep(GLANCE * 10).await;
    assert_eq!(begun[0].state(), JobState::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_results_of_one_client_do_not_push_out_those_of_others() {
    let jobs = Jobs::on(Handle::current(), Handle::current());
    let done = |_| async { Ok(Outcome::Past) };
    let mine = jobs.look(anybody(1), 7, None, done).expect("room");
    assert!(mine.end().await.is_ok());
    for _ in 0..KEPT * 2 {
        let theirs = loop {
            // The place of the last is free a moment after its end.
            match jobs.look(anybody(2), 7, None, done) {
                Ok(job) => break job,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        assert!(theirs.end().await.is_ok());
    }
    assert!(jobs.find(&mine.id.to_string()).is_some() && jobs.all().len() <= KEPT_OF_ONE + 1);
}
