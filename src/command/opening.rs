//! Opening the registry: the database that was named, or the private cluster of the data directory.

use crate::command::Outcome;
use crate::registry::cluster::{Cluster, Durability};
use crate::registry::{Address, Registry};
use crate::settings::Settings;

/// An open registry, and the private cluster behind it where there is one.
pub struct Opened {
    pub registry: Registry,
    cluster: Option<Cluster>,
}

/// Opens and migrates.
pub async fn open(settings: &Settings) -> Result<Opened, String> {
    let (address, cluster) = match &settings.database_url {
        Some(url) => (Address { url: url.clone() }, None),
        None => {
            let (data_dir, programs) = (settings.data_dir.clone(), settings.postgres_bin.clone());
            // Starting PostgreSQL waits on files and processes.
            let opened = tokio::task::spawn_blocking(move || Cluster::open(&data_dir, programs.as_deref(), Durability::Full));
            let cluster = opened.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
            (cluster.address(), Some(cluster))
        }
    };
    let registry = Registry::open(&address).await.map_err(|error| error.to_string())?;
    let ran = registry.migrate().await.map_err(|error| error.to_string())?;
    if ran > 0 {
        tracing::info!(ran, "the database's schema is brought up to date");
    }
    Ok(Opened { registry, cluster })
}

impl Opened {
    /// Closes the pool, then stops the private cluster unless another command is still using it.
    pub async fn close(self) {
        drop(self.registry);
        if let Some(cluster) = self.cluster {
            let closed = tokio::task::spawn_blocking(move || cluster.close()).await;
            if let Ok(Err(error)) = closed {
                tracing::warn!(%error, "the private database did not stop cleanly; it will recover at the next start");
            }
        }
    }
}

/// Opens the registry for one command and closes it whatever the outcome.
pub async fn with_registry(
    settings: &Settings,
    work: impl AsyncFnOnce(&Registry) -> Result<Outcome, String>,
) -> Result<Outcome, String> {
    let opened = open(settings).await?;
    let outcome = work(&opened.registry).await;
    opened.close().await;
    outcome
}
