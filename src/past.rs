//! The past: atlases of days gone by, drawn from the log when asked for, a few of them kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;

use crate::atlas::Atlas;
use crate::registry::{Registry, RegistryError};

/// How many are kept: each is as large as the present one.
const KEPT: usize = 3;

type Drawn = Arc<OnceCell<Arc<Atlas>>>;

/// One process has one.
pub struct Past {
    /// Where they are drawn.
    quiet: Handle,
    held: Mutex<VecDeque<(DateTime<Utc>, Drawn)>>,
}

impl Past {
    pub fn on(quiet: Handle) -> Past {
        Past { quiet, held: Mutex::default() }
    }

    /// The atlas as the record stood at a time, for that day, in today's vocabulary. Who asks for the same time meanwhile
    /// waits for the same drawing.
    pub async fn atlas(&self, registry: &Registry, at: DateTime<Utc>, zone: Tz) -> Result<Arc<Atlas>, RegistryError> {
        let drawn = self.place(at);
        let draw = || async {
            let record = registry.record_as_of(at).await?;
            let atlas = self.quiet.spawn_blocking(move || Atlas::draw(record, at, zone)).await;
            atlas.map(Arc::new).map_err(|error| RegistryError::Internal(error.to_string()))
        };
        drawn.get_or_try_init(draw).await.cloned()
    }

    /// Whether that time is drawn already.
    pub fn is_drawn(&self, at: DateTime<Utc>) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().any(|(time, drawn)| *time == at && drawn.initialized())
    }

    /// The place of a time, the latest asked for at the front.
    fn place(&self, at: DateTime<Utc>) -> Drawn {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held.iter().position(|(time, _)| *time == at).and_then(|found| held.remove(found));
        let (_, drawn) = known.unwrap_or_default();
        held.push_front((at, drawn.clone()));
        held.truncate(KEPT);
        drawn
    }
}
