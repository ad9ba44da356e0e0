//! `silver-atlas serve`: the service, with the demo registry in it if asked and if there is nothing else.

use std::net::SocketAddr;

use clap::Args;

use super::{Outcome, opening};
use crate::intake;
use crate::registry::Registry;
use crate::registry::cluster::ServerLock;
use crate::settings::Settings;

#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "SILVER_ATLAS_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Fill an empty registry with the demo districts
    #[arg(long)]
    pub seed: bool,
}

pub async fn run(settings: Settings, serve: Serve) -> Result<Outcome, String> {
    // Two servers on one private database would both think they own its life.
    let _lock = match settings.database_url {
        Some(_) => None,
        None => Some(ServerLock::claim(&settings.data_dir).map_err(|error| error.to_string())?),
    };
    let opened = opening::open(&settings).await?;
    let served = async {
        prepare(&opened.registry, serve.seed).await?;
        crate::serve::serve(settings, serve.listen, opened.registry.clone()).await
    };
    let served = served.await;
    opened.close().await;
    served.map(|()| Outcome::Done)
}

async fn prepare(registry: &Registry, seed: bool) -> Result<(), String> {
    if seed && registry.revision().await.map_err(|error| error.to_string())? == 0 {
        tracing::info!("the registry is empty: bringing in the demo districts (invented records, and marked so)");
        intake::seed::bring_in(registry).await?;
    }
    if let Some(token) = registry.first_token().await.map_err(|error| error.to_string())? {
        println!("operator's token, shown this once: {token}");
    }
    Ok(())
}
