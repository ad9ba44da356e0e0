//! Connections: whoever sends the headers of a request byte by byte, or a body that nobody waits for, does not keep one open.
//!
//! The HTTP library ends a first request whose headers do not come and a connection that is silent between two requests. What
//! lies between is watched here: bytes that come while no request is under way must become a request in time.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long the headers of a request may take, from the connection or from their first byte.
pub const HEAD_TIME: Duration = Duration::from_secs(10);

/// The library answers 408 to a first request at [`HEAD_TIME`]; the connection is cut only after that.
const CUT: Duration = Duration::from_secs(11);

/// What the stream and the requests on it know of each other; both live on one thread.
#[derive(Debug, Default)]
struct State {
    /// Requests whose headers are here and whose answer is not.
    under_way: Cell<u32>,
    /// When the first byte of what may become the next request came.
    begun: Cell<Option<Instant>>,
}

/// The side of a connection that its requests see.
#[derive(Debug, Clone, Default)]
pub struct Watch(Rc<State>);

/// A request under way; dropped when it is answered or given up.
#[derive(Debug)]
pub struct UnderWay(Rc<State>);

impl Watch {
    /// A request has come whole as far as its headers go.
    pub fn request(&self) -> UnderWay {
        self.0.under_way.set(self.0.under_way.get() + 1);
        self.0.begun.set(None);
        UnderWay(Rc::clone(&self.0))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.set(self.0.under_way.get().saturating_sub(1));
        self.0.begun.set(None);
    }
}

/// A connection of a client.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    state: Rc<State>,
    timer: Option<Pin<Box<Sleep>>>,
    /// How long bytes may come without becoming a request.
    limit: Duration,
}

impl Connection {
    pub fn new(stream: TcpStream) -> Connection {
        Connection { stream, state: Rc::default(), timer: None, limit: CUT }
    }

    pub fn watch(&self) -> Watch {
        Watch(Rc::clone(&self.state))
    }

    /// Whether bytes have been coming for too long without becoming a request. Wakes the reader when that is so.
    fn overdue(&mut self, context: &mut Context<'_>) -> bool {
        let Some(begun) = self.state.begun.get().filter(|_| self.state.under_way.get() == 0) else {
            self.timer = None;
            return false;
        };
        let deadline = begun + self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(context).is_ready()
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let held = to.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(context, to);
        let came = matches!(polled, Poll::Ready(Ok(()))) && to.filled().len() > held;
        if came && this.state.under_way.get() == 0 && this.state.begun.get().is_none() {
            this.state.begun.set(Some(Instant::now()));
        }
        if (came || polled.is_pending()) && this.overdue(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(150);

    async fn pair() -> (TcpStream, Connection) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let connection = Connection::new(listener.accept().await.expect("a client").0);
        (client, Connection { limit: LIMIT, ..connection })
    }

    #[tokio::test]
    async fn bytes_that_become_no_request_end_the_connection_and_silence_does_not() {
        let (mut client, mut connection) = pair().await;
        let mut buffer = [0; 64];
        let silent = tokio::time::timeout(LIMIT * 2, connection.read(&mut buffer));
        assert!(silent.await.is_err(), "silence between two requests is the library's to end");
        client.write_all(b"GET").await.expect("sent");
        assert_eq!(connection.read(&mut buffer).await.expect("three bytes"), 3);
        let cut = connection.read(&mut buffer).await.expect_err("nothing more comes");
        assert_eq!(cut.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn while_a_request_is_under_way_nothing_is_cut() {
        let (mut client, mut connection) = pair().await;
        let mut buffer = [0; 64];
        let request = connection.watch().request();
        client.write_all(b"a body").await.expect("sent");
        assert_eq!(connection.read(&mut buffer).await.expect("six bytes"), 6);
        let wait = tokio::time::timeout(LIMIT * 3, connection.read(&mut buffer));
        assert!(wait.await.is_err());
        drop(request);
    }
}
