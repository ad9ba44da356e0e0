//! The line to the database: a pool for questions, single connections for bulk, all on the runtime that opened the registry.

use std::ops::Deref;
use std::sync::atomic::AtomicI32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};

use super::{Address, RegistryError};

/// How long to wait for a connection before the database counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 8;
/// So many connections beside the pool at once, one for each single write: the database has no more than a hundred for all.
const BESIDE: usize = 24;
/// How long one waits for its turn among them.
const TURN: Duration = Duration::from_secs(4);
/// How long a statement waits for a lock that somebody else holds. The database ends it then; nothing of it stands.
const LOCK: Duration = Duration::from_secs(5);
/// How long one statement may take on a connection for short questions and single writes.
const STATEMENT: Duration = Duration::from_secs(6);
/// How long an answer to a short question is waited for. The database keeps the limits above by itself; this one holds
/// where it says nothing any more.
pub(super) const ANSWER: Duration = Duration::from_millis(6500);
/// How long a single write may take, connecting included.
const WRITE: Duration = Duration::from_secs(7);
/// How long one statement may take that reads much: the log as it stood on a day, all inspections.
const LONG_READ: Duration = Duration::from_secs(120);
/// How long the database keeps a transaction whose client says nothing: its locks would keep others waiting.
const IDLE: Duration = Duration::from_secs(10);
/// The same for an import, which reads its file meanwhile.
const IDLE_IMPORT: Duration = Duration::from_secs(600);
/// How long a connection that nobody uses any more may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// So many of the press's transactions are under way at once: one brings its rows in while another waits for the disk.
pub(super) const PRESSMEN: usize = 2;

pub(super) type Pooled = Object<AsyncPgConnection>;

/// What a connection is for: it decides how long the database lets a statement take on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Short questions and single writes.
    Short,
    /// Questions that read much.
    Read,
    /// Imports, migrations and the loading of the whole record, which take as long as they take.
    Bulk,
}

impl Purpose {
    /// Statement, lock and idle limits; 0 is no limit.
    fn limits(self) -> [Duration; 3] {
        match self {
            Purpose::Short => [STATEMENT, LOCK, IDLE],
            Purpose::Read => [LONG_READ, LOCK, IDLE],
            Purpose::Bulk => [Duration::ZERO, Duration::ZERO, IDLE_IMPORT],
        }
    }

    fn options(self) -> String {
        let [statement, lock, idle] = self.limits().map(|limit| limit.as_millis());
        format!(
            "-c statement_timeout={statement} -c lock_timeout={lock} -c idle_in_transaction_session_timeout={idle} \
             -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        )
    }
}

/// A client whose connection ends with it, also where the other side says nothing any more.
pub(super) struct OwnClient {
    client: Client,
    _gone: oneshot::Sender<()>,
}

impl Deref for OwnClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Connections live and work on the runtime that opened them. Web workers are runtimes of their own, and a worker that is
/// busy would otherwise keep another's answer waiting.
pub(super) struct Line {
    pool: Pool<AsyncPgConnection>,
    config: Config,
    home: Handle,
    beside: Arc<Semaphore>,
    /// Why the last write did not go through, until one goes through again.
    fault: Mutex<Option<String>>,
    /// What whoever looks after the database knows of an outage, such as a full disk.
    outage: Mutex<Option<String>>,
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
        // A machine that went away without a word is noticed within half a minute; over a Unix socket these say nothing.
        config.keepalives(true).keepalives_idle(Duration::from_secs(10)).keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3).tcp_user_timeout(Duration::from_secs(20));
        let mut setup = ManagerConfig::<AsyncPgConnection>::default();
        let connect = limited(&config, Purpose::Short);
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
        let (home, fault, outage) = (Handle::current(), Mutex::default(), Mutex::default());
        Ok(Line { pool, config, home, beside, fault, outage, own_writers: Default::default() })
    }

    /// Runs a single write or a short question at home and waits for its answer. The task goes on when the caller goes away,
    /// and ends with its connection when its time is over.
    pub async fn at_home<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T, RegistryError>> + Send + 'static,
    ) -> Result<T, RegistryError> {
        self.unlimited(async move { timeout(WRITE, task).await.unwrap_or_else(|_| Err(silent())) }).await
    }

    /// The same for what may take its time.
    pub async fn unlimited<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T, RegistryError>> + Send + 'static,
    ) -> Result<T, RegistryError> {
        match self.home.spawn(task).await {
            Ok(answer) => answer.map_err(|error| self.explained(error)),
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
        self.unlimited(async move {
            let mut connection = line.pooled().await?;
            let began = Instant::now();
            match timeout(ANSWER, question(&mut connection)).await {
                // diesel does not pass on the code by which a database says that it is stopping or that a limit was passed;
                // a connection that is dead after an error, and the time that it took, say so as well.
                Ok(Err(RegistryError::Internal(why))) if began.elapsed() >= LOCK || !answers(&mut connection).await => {
                    Err(RegistryError::Unavailable(why))
                }
                Ok(answer) => answer,
                Err(_) => {
                    // An answer may still come on it: it is not for the next question.
                    drop(Object::take(connection));
                    Err(silent())
                }
            }
        })
        .await
    }

    /// A connection of the pool, tried and found working.
    pub async fn pooled(&self) -> Result<Pooled, RegistryError> {
        let mut reached = timeout(PATIENCE, self.pool.get()).await;
        if reached.is_err() {
            // A connection that says nothing was lying there, and the others are as old: only a new one can tell.
            self.pool.retain(|_, _| false);
            reached = timeout(PATIENCE / 2, self.pool.get()).await;
        }
        match reached {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(RegistryError::Unavailable(error.to_string())),
            Err(_) => Err(RegistryError::Unavailable("no connection in time".to_owned())),
        }
    }

    /// A connection of one's own, for COPY and LISTEN, which diesel does not speak; its other half runs at home.
    pub async fn own(&self, purpose: Purpose) -> Result<(Client, Connection<Socket, NoTlsStream>), RegistryError> {
        let reached = timeout(PATIENCE, limited(&self.config, purpose).connect(NoTls)).await;
        reached.map_err(|_| RegistryError::Unavailable("no connection in time".to_owned()))?.map_err(Into::into)
    }

    /// The same for a caller from elsewhere.
    pub async fn own_at_home(
        self: &Arc<Self>,
        purpose: Purpose,
    ) -> Result<(Client, Connection<Socket, NoTlsStream>), RegistryError> {
        let line = Arc::clone(self);
        self.at_home(async move { line.own(purpose).await }).await
    }

    /// The same for a single write, already running; in turn, where many want one.
    pub async fn client(self: &Arc<Self>) -> Result<OwnClient, RegistryError> {
        self.client_for(Purpose::Short).await
    }

    pub async fn client_for(self: &Arc<Self>, purpose: Purpose) -> Result<OwnClient, RegistryError> {
        let turn = timeout(TURN, Arc::clone(&self.beside).acquire_owned()).await;
        let turn = turn.map_err(|_| RegistryError::Unavailable("no turn for a connection in time".to_owned()))?;
        let (client, connection) = self.own_at_home(purpose).await?;
        let (gone, left) = oneshot::channel();
        self.home.spawn(async move {
            let ended = async {
                // Fails when its sender is dropped, which is what is waited for.
                let _ = left.await;
                sleep(GOODBYE).await;
            };
            // What ends the connection reaches whoever waits for an answer on it. The turn ends with it.
            tokio::select! { _ = connection => {}, () = ended => {} }
            drop(turn);
        });
        Ok(OwnClient { client, _gone: gone })
    }

    /// An error with what is known of an outage, which is remembered.
    pub fn explained(&self, error: RegistryError) -> RegistryError {
        let RegistryError::Unavailable(why) = error else { return error };
        let outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let why = match outage {
            Some(outage) if !why.starts_with(&outage) => format!("{outage}: {why}"),
            _ => why,
        };
        self.note_fault(&why);
        RegistryError::Unavailable(why)
    }

    pub fn set_outage(&self, outage: Option<String>) {
        *self.outage.lock().unwrap_or_else(PoisonError::into_inner) = outage;
    }

    /// Remembers that a write did not go through. That somebody else holds a lock says nothing of other writes.
    pub fn note_fault(&self, why: &str) {
        if !why.contains("lock timeout") {
            *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_owned());
        }
    }

    pub fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A write went through.
    pub fn clear_fault(&self) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub fn home(&self) -> &Handle {
        &self.home
    }
}

/// The database said nothing for too long.
pub(super) fn silent() -> RegistryError {
    RegistryError::Unavailable("no answer in time".to_owned())
}

/// With the limits of a purpose; those that the address names itself come last and win.
fn limited(config: &Config, purpose: Purpose) -> Config {
    let mut limited = config.clone();
    let own = config.get_options().unwrap_or_default();
    limited.options(format!("{} {own}", purpose.options()).trim_end());
    limited
}

async fn answers(connection: &mut Pooled) -> bool {
    timeout(PATIENCE, connection.batch_execute("SELECT 1")).await.is_ok_and(|answer| answer.is_ok())
}

fn bad_connection(error: tokio_postgres::Error) -> ConnectionError {
    ConnectionError::BadConnection(RegistryError::from(error).to_string())
}
