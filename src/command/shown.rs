//! After a write: waits until the servers on the record show it, or says that none is running.

use std::time::Duration;

use super::Failed;
use crate::registry::{Registry, Shown};

/// How long a command waits. A server that reads a whole nation anew takes half a minute.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of the wait, for programs and for people.
pub struct Seen {
    pub servers: usize,
    /// `None` where no server runs.
    pub shown: Option<bool>,
    pub sentence: String,
}

/// Waits until every running server shows this revision.
pub async fn wait(registry: &Registry, revision: i64) -> Result<Seen, Failed> {
    let shown = registry.wait_until_shown(revision, PATIENCE).await?;
    Ok(match shown {
        Shown::NoServer => Seen {
            servers: 0,
            shown: None,
            sentence: "no server is running on this record; the next one will show the change (没有正在运行的服务)"
                .to_owned(),
        },
        Shown::By(servers) => Seen {
            servers,
            shown: Some(true),
            sentence: match servers {
                1 => format!("the running server shows revision {revision} (服务已显示)"),
                _ => format!("the {servers} running servers show revision {revision} (服务已显示)"),
            },
        },
        Shown::NotYet(servers) => Seen {
            servers,
            shown: Some(false),
            sentence: format!(
                "the change is written, but {servers} running server(s) do not show revision {revision} after {} seconds; \
                 see /readyz there (服务尚未显示)",
                PATIENCE.as_secs()
            ),
        },
    })
}
