//! The heartbeat of a server: says every two seconds which revision it shows, and finds out whether the record can be written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::line::{ANSWER, Line, OwnClient, silent};
use super::refusal::DISK_FULL;
use super::{Registry, RegistryError};

/// A server that wrote nothing for so long has ended or lost its database.
const SILENT_S: f64 = 10.0;
/// How often whoever waits for a revision looks.
const LOOK: Duration = Duration::from_millis(25);

/// One server's own row. The row goes when the server ends in order; one that was killed is known by its connection.
pub struct Heartbeat {
    line: Arc<Line>,
    id: Uuid,
    client: Option<OwnClient>,
}

/// What a command learned of the servers on its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// So many servers run, and all of them show the change.
    By(usize),
    /// No server runs on this record.
    NoServer,
    /// So many did not show it in time.
    NotYet(usize),
}

impl Heartbeat {
    /// Writes that this server shows this revision. An error says why the record cannot be written.
    pub async fn beat(&mut self, revision: i64) -> Result<(), RegistryError> {
        let line = Arc::clone(&self.line);
        let client = match self.client.take() {
            Some(client) => client,
            None => self.line.client().await?,
        };
        let id = self.id;
        let beating = async move {
            // Nobody needs this row after a crash: it does not wait for the disk.
            let sql = "SET synchronous_commit = off; DELETE FROM server WHERE seen_at < now() - interval '1 day'";
            client.batch_execute(sql).await?;
            let sql = "INSERT INTO server (id, backend, revision) VALUES ($1, pg_backend_pid(), $2) \
                       ON CONFLICT (id) DO UPDATE SET backend = excluded.backend, revision = excluded.revision, seen_at = now()";
            client.execute(sql, &[&id, &revision]).await?;
            if line.fault().is_some_and(|why| why.starts_with(DISK_FULL)) {
                // A row that is replaced in its place needs no room: 3 MB that are given back at once do.
                let sql = "BEGIN; CREATE TEMP TABLE room ON COMMIT DROP AS SELECT generate_series(1, 100000) AS number; ROLLBACK";
                client.batch_execute(sql).await?;
            }
            Ok::<_, RegistryError>(client)
        };
        let beaten = timeout(ANSWER, beating).await.unwrap_or_else(|_| Err(silent()));
        match beaten {
            Ok(client) => {
                self.client = Some(client);
                self.line.clear_fault();
                Ok(())
            }
            Err(error) => Err(self.line.explained(error)),
        }
    }

    /// The server ends: its row goes, if the database is there.
    pub async fn end(mut self) {
        if let Some(client) = self.client.take() {
            let gone = async { client.execute("DELETE FROM server WHERE id = $1", &[&self.id]).await };
            if !matches!(timeout(Duration::from_secs(1), gone).await, Ok(Ok(_))) {
                tracing::debug!("the row of this server stays until another server clears it away");
            }
        }
    }
}

impl Registry {
    pub fn heartbeat(&self) -> Heartbeat {
        Heartbeat { line: Arc::clone(&self.line), id: Uuid::now_v7(), client: None }
    }

    /// What whoever looks after the database knows of an outage; `None` when it is over.
    pub fn set_outage(&self, outage: Option<String>) {
        self.line.set_outage(outage);
    }

    /// Why the last write did not go through, where none has since.
    pub fn write_fault(&self) -> Option<String> {
        self.line.fault()
    }

    /// Waits until every server that runs on this record shows a change, for as long as `patience`.
    pub async fn wait_until_shown(&self, seq: i64, patience: Duration) -> Result<Shown, RegistryError> {
        let client = self.line.client().await?;
        let began = Instant::now();
        // A server that was killed has no process at the database any more.
        let sql = "SELECT count(*), count(*) FILTER (WHERE revision < $1) FROM server \
                   WHERE seen_at BETWEEN now() - make_interval(secs => $2) AND now() + interval '1 minute' \
                       AND EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = server.backend)";
        let look = client.prepare(sql).await?;
        loop {
            let row = client.query_one(&look, &[&seq, &SILENT_S]).await?;
            let (servers, behind): (i64, i64) = (row.get(0), row.get(1));
            let count = |number: i64| usize::try_from(number).unwrap_or_default();
            match (servers, behind) {
                (0, _) => return Ok(Shown::NoServer),
                (_, 0) => return Ok(Shown::By(count(servers))),
                _ if began.elapsed() > patience => return Ok(Shown::NotYet(count(behind))),
                _ => sleep(LOOK).await,
            }
        }
    }
}
