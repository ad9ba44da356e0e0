//! Removed facilities, as the log keeps them.

use tokio_postgres::{Client, Row};

use super::RegistryError;
use crate::care::{Facility, RemovedFacility, Text, removed};

/// A line that says neither what became of the record nor why is no word against it.
const SELECT: &str = "SELECT key::uuid, before ->> 'code', before ->> 'name', before ->> 'kind', before ->> 'region', \
     becomes::uuid, reason, at, actor FROM change \
     WHERE entity = 'facility' AND action = 'deleted' AND (becomes IS NOT NULL OR reason IS NOT NULL)";

fn read(row: &Row) -> RemovedFacility {
    let text = |at: usize| row.get::<_, Option<&str>>(at).map(Text::from);
    RemovedFacility {
        id: row.get(0),
        code: text(1),
        name: text(2).unwrap_or_default(),
        kind: text(3).unwrap_or_default(),
        region: text(4),
        becomes: row.get(5),
        reason: text(6),
        at: row.get(7),
        actor: text(8).unwrap_or_default(),
    }
}

/// All of them, in the order of the log.
pub(super) async fn all(client: &Client) -> Result<Vec<RemovedFacility>, RegistryError> {
    let rows = client.query(&format!("{SELECT} ORDER BY seq"), &[]).await?;
    Ok(rows.iter().map(read).collect())
}

/// The last one that a facility would bring back.
pub(super) async fn like(client: &Client, facility: &Facility) -> Result<Option<RemovedFacility>, RegistryError> {
    let sql = format!("{SELECT} AND (before ->> 'code' = $1 OR before ->> 'name' = $2) ORDER BY seq DESC");
    let rows = client.query(&sql, &[&facility.code.as_deref(), &&*facility.name]).await?;
    Ok(rows.iter().map(read).find(|gone| removed::same(gone, facility)))
}
