//! The schema, brought up to date step by step; one that a newer program has made is refused.

use std::collections::HashSet;

use diesel::migration::MigrationSource;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::line::Purpose;
use super::{Registry, RegistryError};

/// How the tables came to be, step by step, each with its way back.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

impl Registry {
    /// Brings the schema up to date; answers how many migrations ran.
    pub async fn migrate(&self) -> Result<usize, RegistryError> {
        let (client, connection) = self.line.own_at_home(Purpose::Bulk).await?;
        let connection = AsyncPgConnection::try_from_client_and_connection(client, connection).await;
        let mut connection = connection.map_err(|error| RegistryError::Unavailable(error.to_string()))?;
        self.line
            .unlimited(async move {
                // Two programs that start at once take turns; the turn ends with the connection.
                diesel_async::SimpleAsyncConnection::batch_execute(
                    &mut connection,
                    "SELECT pg_advisory_lock(20583, 3)",
                )
                .await?;
                refuse_newer(&mut connection).await?;
                let migrated = tokio::task::spawn_blocking(move || {
                    let mut connection: AsyncConnectionWrapper<AsyncPgConnection> = connection.into();
                    connection.run_pending_migrations(MIGRATIONS).map(|ran| ran.len())
                });
                let migrated = migrated.await.map_err(|error| RegistryError::Internal(error.to_string()))?;
                migrated.map_err(|error| {
                    RegistryError::Internal(format!("the schema could not be brought up to date: {error}"))
                })
            })
            .await
    }
}

#[derive(diesel::QueryableByName)]
struct Migrated {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// Refuses a database that a newer program has changed: this one would read its tables wrongly, or write what is no longer right.
async fn refuse_newer(connection: &mut AsyncPgConnection) -> Result<(), RegistryError> {
    let there = "SELECT version::text AS version FROM __diesel_schema_migrations ORDER BY version";
    let begun = "SELECT 'begun' AS version WHERE to_regclass('__diesel_schema_migrations') IS NOT NULL";
    if RunQueryDsl::load::<Migrated>(diesel::sql_query(begun), connection).await?.is_empty() {
        return Ok(());
    }
    let applied: Vec<Migrated> = RunQueryDsl::load(diesel::sql_query(there), connection).await?;
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)
        .map_err(|error| RegistryError::Internal(format!("the migrations cannot be read: {error}")))?;
    let known: HashSet<String> =
        known.iter().map(|migration| migration.name().version().as_owned().to_string()).collect();
    let unknown: Vec<String> =
        applied.into_iter().map(|row| row.version).filter(|version| !known.contains(version)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(RegistryError::NewerSchema(unknown.join(", ")))
}
