//! `silver-atlas serve`: the service, with the demo registry in it if asked and if there is nothing else.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use clap::Args;
use rustix::process::{Signal, getpid, kill_process};
use tokio_util::sync::CancellationToken;

use super::opening::{self, Opened};
use super::{Ended, Failed, holidays};
use crate::intake;
use crate::quiet::Quiet;
use crate::registry::cluster::{self, Cluster};
use crate::serve::StopClock;
use crate::settings::Settings;

/// How long stopping may take: the ten seconds that are promised, less what ending takes.
const STOP_TIME: Duration = Duration::from_millis(9_200);
/// How long the process may take to end once it was told to.
const LAST_WORDS: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "SILVER_ATLAS_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Fill an empty registry with the demo districts
    #[arg(long)]
    pub seed: bool,
}

pub async fn run(settings: Settings, args: ServeArgs) -> Result<Ended, Failed> {
    // Before anything is drawn: the calendars stand as long as the process does.
    holidays::put_in_force(settings.holidays.as_deref())?;
    let opened = opening::open(&settings).await?;
    // Held until the end: two servers on one private database would both think they own its life.
    let lock = opened.cluster.as_ref().map(|cluster| cluster.claim_server()).transpose();
    let served = match &lock {
        Ok(_) => supervised(settings, &args, &opened).await,
        Err(_) => Ok(()),
    };
    opened.close().await;
    lock?;
    served.map(|()| Ended::Done)
}

/// Serves, and starts the private database again where it dies meanwhile.
async fn supervised(settings: Settings, args: &ServeArgs, opened: &Opened) -> Result<(), Failed> {
    let stop = CancellationToken::new();
    let supervisor = opened
        .cluster
        .clone()
        .map(|cluster| tokio::spawn(cluster::keep_running(cluster, opened.registry.clone(), stop.clone())));
    let served = start(settings, args, opened).await;
    stop.cancel();
    if let Some(supervisor) = supervisor {
        let _ = supervisor.await;
    }
    served
}

async fn start(settings: Settings, args: &ServeArgs, opened: &Opened) -> Result<(), Failed> {
    let registry = &opened.registry;
    // Before the seed: whoever shares work out first makes the threads for it, once and for all.
    let quiet = Quiet::begin()
        .map_err(|error| Failed::Service(format!("no thread for long questions can be started: {error}")))?;
    if args.seed {
        intake::seed::bring_in(registry).await?;
    }
    if let Some(token) = registry.first_token().await? {
        println!("operator's token, shown this once: {token}");
        println!("the first administrator is made with: silver-atlas account add NAME --role admin");
    }
    let cluster = opened.cluster.clone();
    let clock = StopClock::new(move || drop(thread::spawn(move || end_in_time(cluster.as_deref()))));
    crate::serve::serve(settings, args.listen, registry.clone(), quiet, clock).await.map_err(Failed::Service)
}

/// Ends the process when the time for stopping is over, whatever hangs: a computation that cannot be broken off, a database
/// that says nothing. Usually the process has ended long before.
fn end_in_time(cluster: Option<&Cluster>) {
    thread::sleep(STOP_TIME);
    tracing::warn!("stopping took too long; what was under way is broken off");
    if let Some(cluster) = cluster {
        cluster.leave_now();
    }
    thread::spawn(|| {
        thread::sleep(LAST_WORDS);
        let _ = kill_process(getpid(), Signal::KILL);
    });
    std::process::exit(0);
}
