//! `silver-atlas serve`: the service, with the demo registry in it if asked and if there is nothing else.

use std::net::SocketAddr;

use clap::Args;

use super::{Ended, Failed, holidays, opening};
use crate::intake;
use crate::quiet::Quiet;
use crate::registry::Registry;
use crate::settings::Settings;

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
        Ok(_) => start(settings, &args, &opened.registry).await,
        Err(_) => Ok(()),
    };
    opened.close().await;
    lock?;
    served.map(|()| Ended::Done)
}

async fn start(settings: Settings, args: &ServeArgs, registry: &Registry) -> Result<(), Failed> {
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
    crate::serve::serve(settings, args.listen, registry.clone(), quiet).await.map_err(Failed::Service)
}
