//! The line to the database: a pool for questions, single connections for bulk, all on the runtime that opened the registry.

use std::sync::Arc;
use std::sync::atomic::AtomicI32;
use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};

use super::{Address, RegistryError};

/// How long to wait for a connection before the database counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 8;
/// So many connections beside the pool at once, one for each single write: the database has no more than a hundred for all.
const BESIDE: usize = 24;
/// How long one waits for its turn among them.
const TURN: Duration = Duration::from_secs(10);
/// So many of the press's transactions are under way at once: one brings its rows in while another waits for the disk.
pub(super) const PRESSMEN: usize = 2;

pub(super) type Pooled = Object<AsyncPgConnection>;

/// Connections live and work on the runtime that opened them. Web workers are runtimes of their own, and a worker that is
/// busy would otherwise keep another's answer waiting.
pub(super) struct Line {
    pool: Pool<AsyncPgConnection>,
    config: Config,
    home: Handle,
    beside: Arc<Semaphore>,
    /// The database's processes that write for the press: what they notify of is known here already. 0: none yet.
    pub own_writers: [AtomicI32; PRESSMEN],
}

impl Line {
    pub fn open(address: &Address) -> Result<Line, RegistryError> {
        let mut config: Config = address
            .url
            .parse()
            .map_err(|error| RegistryError::Internal(format!("the database's address cannot be read: {error}")))?;
        config.connect_timeout(PATIENCE).application_name("silver-atlas");
        let mut setup = ManagerConfig::<AsyncPgConnection>::default();
        let connect = config.clone();
        setup.custom_setup = Box::new(move |_| {
            let config = connect.clone();
            async move {
                let (client, connection) = config.connect(NoTls).await.map_err(bad_connection)?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
            .boxed()
        });
        // A connection is tried before it is handed out, so that the first question after a restart of the database is answered.
        let manager = AsyncDieselConnectionManager::new_with_config(address.url.as_str(), setup);
        let pool = Pool::builder(manager).max_size(CONNECTIONS).build();
        let pool = pool.map_err(|error| RegistryError::Internal(error.to_string()))?;
        let beside = Arc::new(Semaphore::new(BESIDE));
        Ok(Line { pool, config, home: Handle::current(), beside, own_writers: Default::default() })
    }

    /// Runs a task at home and waits for its answer. The task goes on when the caller goes away.
    pub async fn at_home<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T, RegistryError>> + Send + 'static,
    ) -> Result<T, RegistryError> {
        match self.home.spawn(task).await {
            Ok(answer) => answer,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(RegistryError::Unavailable("the program is stopping".to_owned())),
        }
    }

    /// Asks something of a pooled connection, at home.
    pub async fn ask<T, Q>(self: &Arc<Self>, question: Q) -> Result<T, RegistryError>
    where
        T: Send + 'static,
        Q: for<'c> FnOnce(&'c mut Pooled) -> BoxFuture<'c, Result<T, RegistryError>> + Send + 'static,
    {
        let line = Arc::clone(self);
        self.at_home(async move {
            let mut connection = line.pooled().await?;
            match question(&mut connection).await {
                // diesel does not pass on the code by which a stopping database says so; a connection that is dead
                // after an error says it as well.
                Err(RegistryError::Internal(why)) if !answers(&mut connection).await => {
                    Err(RegistryError::Unavailable(why))
                }
                answer => answer,
            }
        })
        .await
    }

    /// A connection of the pool, tried and found working.
    pub async fn pooled(&self) -> Result<Pooled, RegistryError> {
        match timeout(PATIENCE, self.pool.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(RegistryError::Unavailable(error.to_string())),
            Err(_) => Err(RegistryError::Unavailable("no connection in time".to_owned())),
        }
    }

    /// A connection of one's own, for COPY and LISTEN, which diesel does not speak; its other half runs at home.
    pub async fn own(&self) -> Result<(Client, Connection<Socket, NoTlsStream>), RegistryError> {
        let reached = timeout(PATIENCE, self.config.connect(NoTls)).await;
        reached.map_err(|_| RegistryError::Unavailable("no connection in time".to_owned()))?.map_err(Into::into)
    }

    /// The same for a caller from elsewhere.
    pub async fn own_at_home(self: &Arc<Self>) -> Result<(Client, Connection<Socket, NoTlsStream>), RegistryError> {
        let line = Arc::clone(self);
        self.at_home(async move { line.own().await }).await
    }

    /// The same, already running; in turn, where many want one.
    pub async fn client(self: &Arc<Self>) -> Result<Client, RegistryError> {
        let turn = timeout(TURN, Arc::clone(&self.beside).acquire_owned()).await;
        let turn = turn.map_err(|_| RegistryError::Unavailable("no turn for a connection in time".to_owned()))?;
        let (client, connection) = self.own_at_home().await?;
        // What ends the connection reaches whoever waits for an answer on it. The turn ends with it.
        self.home.spawn(connection.map(|_| drop(turn)));
        Ok(client)
    }

    pub fn home(&self) -> &Handle {
        &self.home
    }
}

async fn answers(connection: &mut Pooled) -> bool {
    timeout(PATIENCE, connection.batch_execute("SELECT 1")).await.is_ok_and(|answer| answer.is_ok())
}

fn bad_connection(error: tokio_postgres::Error) -> ConnectionError {
    ConnectionError::BadConnection(RegistryError::from(error).to_string())
}
