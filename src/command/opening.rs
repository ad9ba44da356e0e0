//! Opening the registry: the database that was named, or the private cluster of the data directory.

use std::sync::Arc;

use super::{Ended, Failed};
use crate::registry::cluster::{Cluster, ClusterError, Durability};
use crate::registry::{Address, Registry};
use crate::settings::Settings;

/// An open registry, and the private cluster behind it where there is one.
pub struct Opened {
    pub registry: Registry,
    pub cluster: Option<Arc<Cluster>>,
}

/// Opens and migrates.
pub async fn open(settings: &Settings) -> Result<Opened, Failed> {
    let cluster = match &settings.database_url {
        Some(_) => None,
        None => Some(Arc::new(private(settings.clone()).await?)),
    };
    let address = match (&settings.database_url, &cluster) {
        (_, Some(cluster)) => cluster.address(),
        (url, None) => Address { url: url.clone().unwrap_or_default() },
    };
    let registry = Registry::open(&address).await?;
    let ran = registry.migrate().await?;
    if ran > 0 {
        tracing::info!(ran, "the database's schema is brought up to date");
    }
    Ok(Opened { registry, cluster })
}

/// Starting PostgreSQL waits on files and processes: not on the runtime's own threads.
pub async fn private(settings: Settings) -> Result<Cluster, Failed> {
    let opening = move || {
        let bin = settings.postgres_bin.as_deref();
        Cluster::open_with(&settings.data_dir, Durability::Kept, bin)
    };
    Ok(blocking(opening).await?)
}

impl Opened {
    /// Closes the pool, then stops the private cluster unless another command is still using it.
    pub async fn close(self) {
        drop(self.registry);
        if let Some(cluster) = self.cluster
            && let Err(error) = blocking(move || cluster.leave()).await
        {
            tracing::warn!(%error, "the private database did not stop cleanly; it will recover at the next start");
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// Opens the registry for one command and closes it whatever the outcome.
pub async fn with_registry(
    settings: &Settings,
    work: impl AsyncFnOnce(&Registry) -> Result<Ended, Failed>,
) -> Result<Ended, Failed> {
    let opened = open(settings).await?;
    let ended = work(&opened.registry).await;
    opened.close().await;
    ended
}
