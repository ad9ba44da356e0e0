//! What PostgreSQL with PostGIS takes for the same questions: prepared, indexed, analysed, and measured in the same run.

use std::error::Error;
use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt, pin_mut};
use tokio_postgres::{Client, NoTls};

use crate::load::Load;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Who may answer nearest and coverage.
const ELIGIBLE: &str = "status IN ('operating', 'trial') AND place IS NOT NULL AND place_confirmed";
/// The tables of a facility, parents first.
const TABLES: [&str; 3] = ["facility", "capacity", "rating"];

pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

pub async fn version(client: &Client) -> Result<String> {
    let row = client.query_one("SELECT current_setting('server_version'), postgis_lib_version()", &[]).await?;
    let (server, postgis): (String, String) = (row.get(0), row.get(1));
    Ok(format!("PostgreSQL {}, PostGIS {postgis}", server.split(' ').next().unwrap_or_default()))
}

/// After a bulk load, so that the planner knows what it has: the comparison is with PostgreSQL at its best.
pub async fn analyse(client: &Client) -> Result<()> {
    // One at a time: statements sent together are one transaction, in which VACUUM cannot run.
    client.batch_execute("VACUUM ANALYZE facility").await?;
    Ok(client.batch_execute("VACUUM ANALYZE demand_point").await?)
}

/// The ten nearest by a prepared statement, over so many clients.
pub async fn nearest(url: &str, points: Arc<Vec<(f64, f64)>>, clients: usize, time: Duration) -> Result<Load> {
    let statement = format!(
        "SELECT id, ST_Distance(place, ST_MakePoint($1, $2)::geography) AS distance_m FROM facility WHERE {ELIGIBLE} \
         ORDER BY place <-> ST_MakePoint($1, $2)::geography LIMIT 10"
    );
    let mut ready = Vec::new();
    for _ in 0..clients {
        let client = connect(url).await?;
        let prepared = client.prepare(&statement).await?;
        ready.push((client, prepared));
    }
    let start = Instant::now();
    let mut asking = Vec::new();
    for (number, (client, prepared)) in ready.into_iter().enumerate() {
        let points = points.clone();
        asking.push(tokio::spawn(async move {
            let mut took = Vec::new();
            let mut next = number * points.len() / clients;
            while start.elapsed() < time {
                let asked = Instant::now();
                let (lon, lat) = points[next % points.len()];
                let rows = client.query(&prepared, &[&lon, &lat]).await?;
                assert_eq!(rows.len(), 10, "ten are found");
                took.push(asked.elapsed());
                next += 1;
            }
            Ok::<_, tokio_postgres::Error>(took)
        }));
    }
    let mut took = Vec::new();
    for one in asking {
        took.extend(one.await??);
    }
    Ok(Load::of(took, start.elapsed()))
}

/// What one statement says of coverage, and how long it took (or would take, where only a part was measured).
pub struct Covered {
    pub people: i64,
    pub covered: i64,
    pub time: Duration,
    /// The share of demand points that was measured.
    pub part: f64,
}

/// Coverage of everyone by one statement with a lateral nearest-neighbour join; on a part where all would take too long.
pub async fn coverage(client: &Client, within_m: f64, patience: Duration) -> Result<Covered> {
    let trial = 0.02;
    let first = covered(client, within_m, trial).await?;
    let whole = first.time.mul_f64(1.0 / trial);
    if whole > patience {
        let part = (patience.as_secs_f64() / whole.as_secs_f64()).max(trial);
        let mut answer = covered(client, within_m, part).await?;
        answer.time = answer.time.mul_f64(1.0 / part);
        return Ok(answer);
    }
    covered(client, within_m, 1.0).await
}

async fn covered(client: &Client, within_m: f64, part: f64) -> Result<Covered> {
    let sample =
        if part < 1.0 { format!("TABLESAMPLE BERNOULLI ({}) REPEATABLE (1)", part * 100.0) } else { String::new() };
    // By province, as the program answers it; the nearest on the sphere is then measured on the spheroid.
    let statement = format!(
        "SELECT left(region, 2), count(*), sum(aged_60)::bigint, \
                coalesce(sum(aged_60) FILTER (WHERE nearest.m <= $1), 0)::bigint, max(nearest.m) \
         FROM demand_point {sample} CROSS JOIN LATERAL ( \
             SELECT ST_Distance(facility.place, demand_point.place) AS m FROM facility \
             WHERE {} ORDER BY facility.place <-> demand_point.place LIMIT 1) nearest \
         GROUP BY 1",
        ELIGIBLE.replace("place IS", "facility.place IS").replace("place_c", "facility.place_c")
    );
    let start = Instant::now();
    let rows = client.query(&statement, &[&within_m]).await?;
    let sum = |column: usize| rows.iter().map(|row| row.get::<_, i64>(column)).sum();
    Ok(Covered { people: sum(2), covered: sum(3), time: start.elapsed(), part })
}

/// `COPY … TO STDOUT` of every facility with its capacity and ratings: the time, and the rows for `copy_in`.
pub async fn copy_out(client: &Client) -> Result<(Duration, Vec<Vec<u8>>)> {
    let start = Instant::now();
    let mut tables = Vec::new();
    for table in TABLES {
        let stream = client.copy_out(&format!("COPY {table} TO STDOUT")).await?;
        pin_mut!(stream);
        let mut rows = Vec::new();
        while let Some(part) = stream.next().await {
            rows.extend_from_slice(&part?);
        }
        tables.push(rows);
    }
    Ok((start.elapsed(), tables))
}

/// Empties the tables and copies the same rows back in, committed: the same data, indexes and rules as before.
pub async fn copy_in(client: &mut Client, tables: Vec<Vec<u8>>) -> Result<Duration> {
    let transaction = client.transaction().await?;
    // CASCADE: inspections, requests, managers and the like refer to facilities. Here they are empty.
    transaction.batch_execute(&format!("TRUNCATE {} CASCADE", TABLES.join(", "))).await?;
    let start = Instant::now();
    for (table, rows) in TABLES.iter().zip(tables) {
        let sink = transaction.copy_in::<_, Cursor<Vec<u8>>>(&format!("COPY {table} FROM STDIN")).await?;
        pin_mut!(sink);
        for part in rows.chunks(1 << 16) {
            sink.send(Cursor::new(part.to_vec())).await?;
        }
        sink.finish().await?;
    }
    transaction.commit().await?;
    Ok(start.elapsed())
}
