//! Connections for reading only, apart from the writers': for whoever follows the log, for public questions to it, and for
//! past days.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_postgres::Client;

use super::RegistryError;
use super::line::{Line, Purpose};

/// How long one waits for a free connection.
const TURN: Duration = Duration::from_secs(5);
/// Public questions to the log at once.
const PUBLIC: usize = 4;
/// The feed asks one thing at a time.
const FEED: usize = 2;
/// One past day is read while the next snapshot is built.
const PAST: usize = 2;

/// A few connections that are kept open between questions.
pub(super) struct ReadConnections {
    idle: Mutex<Vec<Client>>,
    turns: Semaphore,
    /// How long one question may take.
    patience: Duration,
    purpose: Purpose,
}

/// The connections of one process, by what they are for.
pub(super) struct Reads {
    pub public: ReadConnections,
    pub feed: ReadConnections,
    pub past: ReadConnections,
}

impl Default for Reads {
    fn default() -> Reads {
        let seconds = Duration::from_secs;
        Reads {
            public: ReadConnections::new(PUBLIC, seconds(10), Purpose::Read),
            feed: ReadConnections::new(FEED, seconds(6), Purpose::Read),
            past: ReadConnections::new(PAST, seconds(600), Purpose::Bulk),
        }
    }
}

impl ReadConnections {
    fn new(count: usize, patience: Duration, purpose: Purpose) -> ReadConnections {
        ReadConnections { idle: Mutex::default(), turns: Semaphore::new(count), patience, purpose }
    }

    /// Asks one thing. Must be called at home, where the connections live. After an error, or where whoever asked went away
    /// meanwhile, the connection is not used again.
    pub async fn ask<T>(
        &self,
        line: &Arc<Line>,
        question: impl AsyncFnOnce(&Client) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let late = |what: &str| RegistryError::Unavailable(what.to_owned());
        let turn = timeout(TURN, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| late("no turn to read in time"))?.map_err(|_| late("the program is stopping"))?;
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let client = match kept.filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => self.connect(line).await?,
        };
        let answer = timeout(self.patience, question(&client)).await;
        let answer = answer.unwrap_or_else(|_| Err(late("no answer in time")));
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        match &answer {
            Ok(_) if !client.is_closed() => idle.push(client),
            // The others are as old, and may say nothing either.
            Err(RegistryError::Unavailable(_)) => idle.clear(),
            _ => {}
        }
        answer
    }

    async fn connect(&self, line: &Arc<Line>) -> Result<Client, RegistryError> {
        let (client, connection) = line.own(self.purpose).await?;
        line.home().spawn(connection.map(drop));
        let limit = self.patience.as_millis();
        let set = timeout(TURN, client.batch_execute(&format!("SET statement_timeout = {limit}"))).await;
        set.map_err(|_| RegistryError::Unavailable("no answer in time".to_owned()))??;
        Ok(client)
    }
}
