//! Completeness: whether every record that lives by the log stands in its table. A page that a damaged disk gave back empty
//! is no error to the database; only the log knows what stood there.

use futures_util::FutureExt;
use tokio_postgres::Client;

use super::line::Purpose;
use super::{Edit, Registry, RegistryError, batch, change, population, region};
use crate::care::{DemandPoint, Entity, Facility, Record, Region, Text};

/// So many keys are named.
const NAMED: usize = 20;

/// Records that the log says are there and their table lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRecords {
    pub entity: Entity,
    pub count: usize,
    /// The first of their keys.
    pub first: Vec<Text>,
}

impl MissingRecords {
    /// What to do about them.
    pub const REPAIR: &str = "Look at the disk first. Then restore the last backup; or stop the server, run `silver-atlas check \
                              --repair`, which writes each record again as the log last told it, and start the server.";
}

/// The sorts of records that are checked, with the condition under which a row of the table is that of a key in the log.
const TABLES: [(Entity, &str); 3] = [
    (Entity::Facility, "facility WHERE id = change.key::uuid"),
    (Entity::Region, "region WHERE code = change.key"),
    (Entity::DemandPoint, "demand_point WHERE id = change.key::uuid"),
];

/// The keys that live by the log and are not in the table.
async fn missing(client: &Client, entity: Entity) -> Result<Vec<Text>, RegistryError> {
    let (_, row) = TABLES.iter().find(|(checked, _)| *checked == entity).unwrap_or(&TABLES[0]);
    let sql = format!(
        "SELECT key FROM change WHERE entity = $1 AND action <> 'updated' GROUP BY key \
         HAVING count(*) FILTER (WHERE action = 'created') > count(*) FILTER (WHERE action = 'deleted') \
             AND NOT EXISTS (SELECT 1 FROM {row}) ORDER BY key"
    );
    let rows = client.query(&sql, &[&entity.code()]).await?;
    Ok(rows.iter().map(|row| row.get::<_, &str>(0).into()).collect())
}

/// The last state of these records, by the log.
async fn last_states<T: serde::de::DeserializeOwned>(
    client: &Client,
    entity: Entity,
    keys: &[Text],
) -> Result<Vec<Edit<T>>, RegistryError> {
    let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
    let sql = "SELECT DISTINCT ON (key) after FROM change WHERE entity = $1 AND key = ANY ($2) ORDER BY key, seq DESC";
    let rows = client.query(sql, &[&entity.code(), &keys]).await?;
    let edits = rows.iter().filter_map(|row| row.get::<_, Option<serde_json::Value>>(0)).map(|after| {
        let after = serde_json::from_value(after);
        after
            .map(|after| Edit { before: None, after })
            .map_err(|error| RegistryError::Internal(format!("the log: {error}")))
    });
    edits.collect()
}

impl Registry {
    /// What is missing from the tables by the log. `held` was just loaded; where its numbers are those of the log, which an
    /// index alone tells, nothing more is looked at.
    pub async fn missing_records(
        &self,
        RecordCounts(held): RecordCounts,
    ) -> Result<Vec<MissingRecords>, RegistryError> {
        let client = self.line.client_for(Purpose::Read).await?;
        let task = async move {
            let sql = "SELECT entity, count(*) FILTER (WHERE action = 'created') - count(*) FILTER (WHERE action = 'deleted') \
                       FROM change WHERE action <> 'updated' AND entity IN ('facility', 'region', 'demand_point') GROUP BY entity";
            let mut found = Vec::new();
            for row in client.query(sql, &[]).await? {
                let (word, living): (&str, i64) = (row.get(0), row.get(1));
                let Some(place) = TABLES.iter().position(|(entity, _)| entity.code() == word) else { continue };
                let entity = TABLES[place].0;
                if living <= i64::try_from(held[place]).unwrap_or(i64::MAX) {
                    continue;
                }
                let keys = missing(&client, entity).await?;
                if !keys.is_empty() {
                    found.push(MissingRecords {
                        entity,
                        count: keys.len(),
                        first: keys.into_iter().take(NAMED).collect(),
                    });
                }
            }
            Ok(found)
        };
        self.line.unlimited(task.boxed()).await
    }

    /// Writes what is missing again, as the log last told it; the log itself is not added to. Answers how many records.
    pub async fn restore_missing(&self) -> Result<usize, RegistryError> {
        let client = self.line.client_for(Purpose::Bulk).await?;
        let task = async move {
            client.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(20583, 2)").await?;
            let keys = missing(&client, Entity::Region).await?;
            let regions: Vec<Edit<Region>> = last_states(&client, Entity::Region, &keys).await?;
            region::write(&client, &regions).await?;
            let keys = missing(&client, Entity::DemandPoint).await?;
            let demand: Vec<Edit<DemandPoint>> = last_states(&client, Entity::DemandPoint, &keys).await?;
            population::write(&client, &demand).await?;
            let keys = missing(&client, Entity::Facility).await?;
            let facilities: Vec<Edit<Facility>> = last_states(&client, Entity::Facility, &keys).await?;
            // What hung on a row that went may still be there.
            let ids: Vec<uuid::Uuid> = facilities.iter().map(|edit| edit.after.id).collect();
            for table in ["capacity", "rating"] {
                client.execute(&format!("DELETE FROM {table} WHERE facility = ANY ($1)"), &[&ids]).await?;
            }
            let mut lines = change::Lines::new("", None, None);
            batch::write_facilities(&client, &facilities, &mut lines).await?;
            client.batch_execute("COMMIT").await?;
            Ok(regions.len() + demand.len() + facilities.len())
        };
        self.line.unlimited(task.boxed()).await
    }
}

/// How many facilities, regions and demand points a record holds.
#[derive(Debug, Clone, Copy)]
pub struct RecordCounts([usize; 3]);

impl RecordCounts {
    pub fn of(record: &Record) -> RecordCounts {
        RecordCounts([record.facilities.len(), record.regions.len(), record.demand.len()])
    }
}
