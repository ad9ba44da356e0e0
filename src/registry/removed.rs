//! Removed facilities, as the log keeps them.

use std::collections::HashMap;

use tokio_postgres::{Client, Row};

use super::RegistryError;
use crate::care::region::is_above;
use crate::care::removed::{Fate, Removed, Said};
use crate::care::{Facility, RemovedFacility, Text};

/// Regions and all above them, each with what stands above it.
const PATHS: &str = "WITH RECURSIVE path AS (SELECT code, parent FROM region WHERE code = ANY ($1) \
                     UNION SELECT region.code, region.parent FROM region JOIN path ON region.code = path.parent) \
                     SELECT code, parent FROM path";

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

/// The end of the record that a facility would bring back: its own, or that of the one that it was merged into.
pub(super) async fn like(client: &Client, facility: &Facility) -> Result<Option<RemovedFacility>, RegistryError> {
    let said = Said {
        code: facility.code.as_deref(),
        name: &facility.name,
        kind: &facility.kind,
        region: facility.region.as_deref(),
    };
    let mut list = all(client).await?;
    // Seldom has one left under this name or code, wherever it was; only then the regions are looked at.
    if Removed::of(list.clone()).find(said, &|_, _| true).is_none() {
        return Ok(None);
    }
    // Codes of old, with what each has become; and what lies above the regions that are spoken of.
    let became = client
        .query("SELECT key, becomes FROM change WHERE entity = 'region' AND becomes IS NOT NULL ORDER BY seq", &[]);
    let became: HashMap<Text, Text> = became
        .await?
        .iter()
        .map(|row| (Text::from(row.get::<_, &str>(0)), Text::from(row.get::<_, &str>(1))))
        .collect();
    let spoken_of = list.iter().filter_map(|gone| gone.region.as_deref()).chain(said.region);
    let codes: Vec<&str> = spoken_of.chain(became.values().map(|code| &**code)).collect();
    let parents = client.query(PATHS, &[&codes]).await?;
    let parents: HashMap<&str, Option<&str>> = parents.iter().map(|row| (row.get(0), row.get(1))).collect();
    for gone in &mut list {
        for _ in 0..became.len() {
            let next =
                gone.region.as_ref().filter(|code| !parents.contains_key(&***code)).and_then(|code| became.get(code));
            match next {
                Some(next) => gone.region = Some(next.clone()),
                None => break,
            }
        }
    }
    let parent = |code: &str| parents.get(code).copied().flatten();
    let above = |above: &str, below: &str| is_above(parent, above, below);
    Ok(Removed::of(list).find(said, &above).map(|fate| match fate {
        Fate::Merged(now, gone) => RemovedFacility { becomes: Some(now), ..gone.clone() },
        Fate::Withdrawn(gone) => gone.clone(),
    }))
}
