//! The log of statuses: what the changes since a day say of the statuses on it.

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use uuid::Uuid;

use super::line::Purpose;
use super::{Registry, RegistryError};
use crate::care::{Status, StatusLog};

/// The first change of a facility.
const FIRST: &str = "SELECT at FROM change WHERE entity = 'facility' ORDER BY seq LIMIT 1";

const MADE_SINCE: &str = "SELECT key FROM change WHERE entity = 'facility' AND action = 'created' AND at > $1 \
     AND ($2::timestamptz IS NULL OR at <= $2)";

const EARLIEST: &str = "SELECT DISTINCT ON (key) key, before ->> 'status' FROM change WHERE entity = 'facility' \
     AND action = 'updated' AND at > $1 AND ($2::timestamptz IS NULL OR at <= $2) \
     AND before -> 'status' IS DISTINCT FROM after -> 'status' ORDER BY key, seq";

fn unreadable(why: impl std::fmt::Display) -> RegistryError {
    RegistryError::Internal(format!("the log: {why}"))
}

fn id(key: &str) -> Result<Uuid, RegistryError> {
    key.parse().map_err(unreadable)
}

impl Registry {
    /// What the log, read up to `until`, says of statuses at the end of a day.
    pub async fn status_log(
        &self,
        end: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
    ) -> Result<StatusLog, RegistryError> {
        let client = self.line.client_for(Purpose::Read).await?;
        let task = async move {
            let first: Option<DateTime<Utc>> = client.query_opt(FIRST, &[]).await?.map(|row| row.get(0));
            let begun = first.is_some_and(|first| first <= end);
            let mut log = StatusLog { begun, ..StatusLog::default() };
            if begun {
                for row in client.query(MADE_SINCE, &[&end, &until]).await? {
                    log.made_since.insert(id(row.get(0))?);
                }
            }
            for row in client.query(EARLIEST, &[&end, &until]).await? {
                let code: Option<&str> = row.get(1);
                let status =
                    code.and_then(Status::from_code).ok_or_else(|| unreadable("a status that is not known"))?;
                log.earliest.insert(id(row.get(0))?, status);
            }
            Ok(log)
        };
        self.line.unlimited(task.boxed()).await
    }
}
