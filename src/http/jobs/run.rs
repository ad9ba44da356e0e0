//! Running a job: a search on a thread of its own, and a job from its turn to its end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;

use super::{Ended, Failure, GLANCE, Job, Outcome};
use crate::analysis::siting::{Refusal, Siting, SitingQuestion, Watch, siting};
use crate::atlas::Atlas;
use crate::http::turns::Ticket;
use crate::http::{Code, Problem};

/// A search, on a thread of its own.
pub(super) async fn search(
    quiet: Handle,
    watch: Arc<Watch>,
    (atlas, as_of): (Arc<Atlas>, DateTime<Utc>),
    question: SitingQuestion,
) -> Ended {
    let searched = quiet.spawn_blocking(move || siting(&atlas, &question, &watch)).await;
    let found = searched.unwrap_or_else(|error| {
        tracing::error!(%error, "a search failed");
        Err(Refusal::NoPlan)
    });
    found.map(|plan| Outcome::Siting(Arc::new(Siting { as_of, ..plan }))).map_err(Failure::Refusal)
}

/// Waits for its turn, then works until it is done, unwanted or out of time.
pub(super) async fn run(ticket: Ticket, job: Arc<Job>, abandoned_after: Duration, work: impl Future<Output = Ended>) {
    let cancelled = || Err(Failure::Refusal(Refusal::Cancelled));
    let _place = {
        let mut turn = pin!(ticket.place());
        loop {
            match tokio::time::timeout(GLANCE, &mut turn).await {
                Ok(place) => break place,
                Err(_) if job.unwanted(abandoned_after) => return job.finish(cancelled()),
                Err(_) => {}
            }
        }
    };
    if job.unwanted(abandoned_after) {
        return job.finish(cancelled());
    }
    job.watch.begin();
    job.watch.tell("gathering");
    let mut work = pin!(work);
    let ended = loop {
        match tokio::time::timeout(GLANCE, &mut work).await {
            Ok(ended) => break ended,
            // A search looks at its watch by itself, and answers with what it has. A look is dropped between its steps.
            Err(_) if job.unwanted(abandoned_after) && job.watch.steps().is_some() => break cancelled(),
            Err(_) if job.watch.over() && job.watch.steps().is_some() => {
                let detail = format!("This took longer than {} seconds and was ended.", job.watch.seconds());
                break Err(Failure::Problem(Problem::new(Code::Busy, detail)));
            }
            Err(_) => {}
        }
    };
    job.finish(ended);
}
