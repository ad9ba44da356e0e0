//! A load of requests over HTTP: kept-open connections, each asking the next thing as soon as it is answered.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a load brought.
pub struct Load {
    pub a_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// One kept-open connection.
pub struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    pub async fn open(port: u16) -> io::Result<Line> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Line { stream, read: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and answers the status and the body.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        self.stream.write_all(request).await?;
        let head = self.read_until(b"\r\n\r\n").await?;
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| broken("no status"))?;
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if let Some(length) = header("content-length:") {
            let length = length.parse().map_err(|_| broken("a length that is no number"))?;
            return Ok((status, self.take(length).await?));
        }
        if header("transfer-encoding:") != Some("chunked") {
            return Err(broken("a body without a length"));
        }
        let mut body = Vec::new();
        loop {
            let size = self.read_until(b"\r\n").await?;
            let size = std::str::from_utf8(&size).ok().and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
            let size = size.ok_or_else(|| broken("a chunk without a size"))?;
            body.extend(self.take(size).await?);
            self.take(2).await?;
            if size == 0 {
                return Ok((status, body));
            }
        }
    }

    async fn read_until(&mut self, mark: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.read.windows(mark.len()).position(|window| window == mark) {
                return self.take(at + mark.len()).await;
            }
            self.more().await?;
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < length {
            self.more().await?;
        }
        Ok(self.read.drain(..length).collect())
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.read).await? == 0 {
            return Err(broken("the connection ended"));
        }
        Ok(())
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// Asks over and over for a while, over so many connections; anything but a 200 is an error.
pub async fn load(port: u16, requests: Arc<Vec<Vec<u8>>>, connections: usize, time: Duration) -> io::Result<Load> {
    let start = Instant::now();
    let mut asking = Vec::new();
    for number in 0..connections {
        let requests = requests.clone();
        asking.push(tokio::spawn(async move {
            let mut line = Line::open(port).await?;
            let mut took = Vec::new();
            // Each connection begins elsewhere in the list, so that no two ask the same thing at the same time.
            let mut next = number * requests.len() / connections;
            while start.elapsed() < time {
                let asked = Instant::now();
                let (status, body) = line.ask(&requests[next % requests.len()]).await?;
                if status != 200 {
                    return Err(broken(&format!("status {status}: {}", String::from_utf8_lossy(&body))));
                }
                took.push(asked.elapsed());
                next += 1;
            }
            Ok(took)
        }));
    }
    let mut took = Vec::new();
    for one in asking {
        took.extend(one.await.map_err(io::Error::other)??);
    }
    Ok(Load::of(took, start.elapsed()))
}

impl Load {
    pub fn of(mut took: Vec<Duration>, time: Duration) -> Load {
        took.sort_unstable();
        let at = |share: f64| took.get((took.len() as f64 * share) as usize).copied().unwrap_or_default();
        Load { a_second: took.len() as f64 / time.as_secs_f64(), p50: at(0.5), p99: at(0.99) }
    }
}
