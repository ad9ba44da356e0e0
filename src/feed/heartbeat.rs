//! The heartbeat of this server: every two seconds, and as soon as changes of another process are shown.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Live;
use crate::registry::{Registry, RegistryError};

const BEAT: Duration = Duration::from_secs(2);
/// Where others write without a pause, the row is written so often at most.
const PAUSE: Duration = Duration::from_millis(50);

/// Beats until told to stop.
pub async fn beat(registry: Registry, live: Arc<Live>, stop: CancellationToken) {
    let mut heartbeat = registry.heartbeat();
    loop {
        let beaten = heartbeat.beat(live.atlas().revision()).await;
        live.set_writable(beaten.map_err(|error| match error {
            RegistryError::Unavailable(why) => why,
            error => error.to_string(),
        }));
        let next = async {
            tokio::time::sleep(PAUSE).await;
            tokio::select! {
                () = tokio::time::sleep(BEAT) => {}
                () = live.others_shown() => {}
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = next => {}
        }
    }
    heartbeat.end().await;
}
