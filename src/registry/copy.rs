//! COPY in PostgreSQL's binary form, out of and into the database: the fast way for many rows.
//!
//! Rows going in are laid out here rather than by the driver's writer, which asks each value for its type and sends 4 kB at
//! a time; that was half the time of an import.

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::{SinkExt, Stream, StreamExt, stream};
use std::io::Cursor;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::binary_copy::{BinaryCopyOutRow, BinaryCopyOutStream};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, CopyInSink};
use uuid::Uuid;

use super::RegistryError;
use super::line::silent;
use super::refusal::rule;
use crate::care::Text;

/// How much is gathered before it is sent.
const CHUNK: usize = 256 * 1024;
/// How long the next row of a long answer is waited for. A database that sorts millions of rows says nothing meanwhile.
const FLOW: Duration = Duration::from_secs(120);
/// The number of PostgreSQL's type `text`, which arrays carry.
const TEXT_OID: i32 = 25;

/// Rows laid out for `COPY … FROM STDIN BINARY`.
pub(super) struct Rows {
    bytes: Vec<u8>,
    header: bool,
}

impl Rows {
    pub fn new() -> Rows {
        Rows { bytes: Vec::new(), header: true }
    }

    /// Begins a row of so many columns.
    pub fn row(&mut self, columns: i16) -> &mut Rows {
        if self.header {
            self.bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
            self.header = false;
        }
        self.bytes.extend_from_slice(&columns.to_be_bytes());
        self
    }

    /// Adds the next column.
    pub fn put(&mut self, value: impl Column) -> &mut Rows {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        let length = match value.lay(&mut self.bytes) {
            Some(()) => (self.bytes.len() - at - 4) as i32,
            None => -1,
        };
        self.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
        self
    }

    pub fn is_empty(&self) -> bool {
        self.header
    }

    pub fn full(&self) -> bool {
        self.bytes.len() >= CHUNK
    }

    /// Takes what has been laid out so far.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::replace(&mut self.bytes, Vec::with_capacity(CHUNK + 4096))
    }
}

/// Rows on their way into a table.
pub(super) struct CopyIn {
    sink: std::pin::Pin<Box<CopyInSink<Cursor<Vec<u8>>>>>,
    pub rows: Rows,
}

impl CopyIn {
    pub async fn begin(client: &Client, into: &str) -> Result<CopyIn, RegistryError> {
        let sink = client.copy_in(&format!("COPY {into} FROM STDIN BINARY")).await?;
        Ok(CopyIn { sink: Box::pin(sink), rows: Rows::new() })
    }

    /// Sends what has gathered, once it is enough.
    pub async fn advance(&mut self) -> Result<(), RegistryError> {
        if self.rows.full() { Ok(self.send().await?) } else { Ok(()) }
    }

    /// Ends the COPY; answers how many rows there were. What the database refuses, it refuses here.
    pub async fn finish(mut self) -> Result<u64, CopyError> {
        if self.rows.is_empty() {
            // Nothing was laid out; an empty COPY needs its header all the same.
            self.rows.bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        }
        self.send().await.map_err(CopyError)?;
        self.sink.as_mut().finish().await.map_err(CopyError)
    }

    async fn send(&mut self) -> Result<(), tokio_postgres::Error> {
        let bytes = self.rows.take();
        self.sink.send(Cursor::new(bytes)).await
    }

    /// Sends rows laid out before.
    pub async fn send_all(&mut self, chunks: Vec<Vec<u8>>) -> Result<(), RegistryError> {
        self.rows.header &= chunks.is_empty();
        for chunk in chunks {
            self.sink.send(Cursor::new(chunk)).await?;
        }
        Ok(())
    }
}

/// Why the database refused rows.
pub(super) struct CopyError(tokio_postgres::Error);

impl CopyError {
    /// The row at fault, counted from 1, where the database knows it: `COPY facility, line 17`.
    pub fn line(&self) -> Option<usize> {
        let (_, rest) = self.0.as_db_error()?.where_()?.split_once(", line ")?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

impl From<CopyError> for RegistryError {
    fn from(CopyError(error): CopyError) -> RegistryError {
        error.into()
    }
}

/// A value that can be a column. `None` from `lay` is null.
pub(super) trait Column {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()>;
}

impl<C: Column> Column for Option<C> {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        self.as_ref()?.lay(out)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => { $(
        impl Column for $number {
            fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
                out.extend_from_slice(&self.to_be_bytes());
                Some(())
            }
        }
    )* };
}
numbers!(i16, i32, i64, f64);

impl Column for bool {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        out.push(u8::from(*self));
        Some(())
    }
}

impl Column for &str {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        out.extend_from_slice(self.as_bytes());
        Some(())
    }
}

impl Column for Uuid {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        out.extend_from_slice(self.as_bytes());
        Some(())
    }
}

impl Column for NaiveDate {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        // PostgreSQL counts days from here.
        // cannot fail: it is a day of the calendar.
        let epoch = const { NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day of the calendar") };
        ((*self - epoch).num_days() as i32).lay(out)
    }
}

impl Column for DateTime<Utc> {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        // Microseconds since 2000-01-01.
        (self.timestamp_micros() - 946_684_800_000_000).lay(out)
    }
}

impl Column for &[Text] {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        let dimensions = i32::from(!self.is_empty());
        for number in [dimensions, 0, TEXT_OID] {
            number.lay(out);
        }
        if dimensions == 1 {
            (self.len() as i32).lay(out);
            1i32.lay(out);
        }
        for text in *self {
            (text.len() as i32).lay(out);
            out.extend_from_slice(text.as_bytes());
        }
        Some(())
    }
}

/// A record as `jsonb`.
pub(super) struct Json<'a, T>(pub &'a T);

impl<T: serde::Serialize> Column for Json<'_, T> {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        out.push(1);
        // Records hold nothing that JSON cannot say; a number that is none becomes null.
        serde_json::to_writer(out, self.0).ok()
    }
}

/// The rows of a query, as they come.
pub(super) async fn copy_out(
    client: &Client,
    query: &str,
    types: &[Type],
) -> Result<impl Stream<Item = Result<BinaryCopyOutRow, RegistryError>> + use<>, RegistryError> {
    let stream = client.copy_out(&format!("COPY ({query}) TO STDOUT BINARY")).await?;
    let rows = Box::pin(BinaryCopyOutStream::new(stream, types));
    Ok(stream::unfold(Some(rows), |rows| async move {
        let mut rows = rows?;
        match timeout(FLOW, rows.next()).await {
            Ok(Some(Ok(row))) => Some((Ok(row), Some(rows))),
            Ok(Some(Err(error))) => Some((Err(error.into()), None)),
            Ok(None) => None,
            Err(_) => Some((Err(silent()), None)),
        }
    }))
}

/// The columns of one row, from left to right.
pub(super) struct Cells<'a> {
    row: &'a BinaryCopyOutRow,
    at: usize,
}

impl<'a> Cells<'a> {
    pub fn of(row: &'a BinaryCopyOutRow) -> Cells<'a> {
        Cells { row, at: 0 }
    }

    /// Reads the next column.
    pub fn read<T: tokio_postgres::types::FromSql<'a>>(&mut self) -> Result<T, RegistryError> {
        let at = self.at;
        self.at += 1;
        Ok(self.row.try_get(at)?)
    }
}

/// A count as the tables hold it.
pub(super) fn count(number: Option<u32>, pointer: &str) -> Result<Option<i32>, RegistryError> {
    let fits = number.map(i32::try_from).transpose();
    fits.map_err(|_| rule(pointer, "this is more than can be held"))
}

/// A count as the tables hold it; they refuse any below 0.
pub(super) fn counted(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// A time as the tables hold it, in whole microseconds.
pub(super) fn whole(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}
