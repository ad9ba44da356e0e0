//! News: what wakes those who follow the log. It carries no data; the log itself is read.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::AsyncMessage;

use super::RegistryError;
use super::holders::Holders;
use super::line::{Line, Purpose, silent};

/// How long to wait for news before looking all the same.
const LOOK_ALL_THE_SAME: Duration = Duration::from_millis(500);
/// How long to wait before trying a broken line again.
const PAUSE: Duration = Duration::from_millis(250);
/// How often the line is tried, and how long it may take to answer: one that says nothing would hide that a token has ended.
const TRIED: Duration = Duration::from_secs(3);

/// Where news is heard; ends with its last holder.
pub(super) struct News {
    /// The number only tells one piece of news from the next.
    latest: watch::Sender<u64>,
    listener: AbortHandle,
}

impl News {
    /// Starts to listen.
    pub fn listen(line: &Arc<Line>, holders: Arc<Holders>) -> News {
        let (latest, _) = watch::channel(0);
        let (line, news, home) = (Arc::clone(line), latest.clone(), line.home().clone());
        let listener = home.spawn(async move {
            loop {
                if let Err(error) = hear(&line, &news, &holders).await {
                    tracing::debug!(%error, "the line for news broke");
                }
                holders.distrust();
                sleep(PAUSE).await;
            }
        });
        News { latest, listener: listener.abort_handle() }
    }

    /// Tells of what this process wrote itself, ahead of the database's own word.
    pub fn tell(&self) {
        self.latest.send_modify(|number| *number += 1);
    }

    /// Waits until there is news later than `heard`, or for half a second; answers the latest.
    pub async fn wait(&self, heard: u64) -> u64 {
        let mut receiver = self.latest.subscribe();
        match timeout(LOOK_ALL_THE_SAME, receiver.wait_for(|number| *number != heard)).await {
            Ok(Ok(number)) => *number,
            Ok(Err(_)) | Err(_) => heard,
        }
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Listens until the line breaks.
async fn hear(line: &Line, news: &watch::Sender<u64>, holders: &Holders) -> Result<(), RegistryError> {
    let (client, mut connection) = line.own(Purpose::Short).await?;
    let tell = || news.send_modify(|number| *number += 1);
    // Interest is registered before anything is read, and having missed something while away counts as news.
    let listening = async || -> Result<(), RegistryError> {
        timeout(TRIED, client.batch_execute("LISTEN change; LISTEN account")).await.map_err(|_| silent())??;
        holders.trust();
        tell();
        loop {
            sleep(TRIED).await;
            timeout(TRIED, client.batch_execute("SELECT 1")).await.map_err(|_| silent())??;
        }
    };
    let hearing = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(news) = message? {
                match news.channel() {
                    "account" => holders.forget(),
                    // The press has told of its own writes.
                    _ if line.own_writers.iter().any(|own| own.load(Ordering::Relaxed) == news.process_id()) => {}
                    _ => tell(),
                }
            }
        }
        Ok(())
    };
    tokio::select! { end = listening() => end, end = hearing => end }
}
