//! B4: durable capacity updates over HTTP beside pgbench's simple update on the same cluster, and nearest meanwhile.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::Client;

use silver_atlas::registry::{Address, NewToken, Registry};

use crate::load::{Line, Load, get, load};
use crate::report::{Limit, Row};
use crate::{Bench, ms, step};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Writers, and pgbench's clients.
pub const WRITERS: usize = 8;

/// pgbench's simple update (`-N`): 100,000 accounts a unit of scale, as many rows as there are facilities.
struct Peer {
    program: PathBuf,
    host: String,
}

impl Peer {
    /// `None` where pgbench is not installed.
    async fn made(client: &Client, url: &str, rows: usize) -> Result<Option<Peer>> {
        let Some(program) = program() else { return Ok(None) };
        let host = url.split('\'').nth(1).ok_or("no socket in the database's address")?.to_owned();
        client.batch_execute("DROP DATABASE IF EXISTS pgbench").await?;
        client.batch_execute("CREATE DATABASE pgbench").await?;
        let peer = Peer { program, host };
        peer.ask(&["-i", "-q", "-s", &rows.div_ceil(100_000).to_string()])?;
        Ok(Some(peer))
    }

    fn ask(&self, arguments: &[&str]) -> Result<String> {
        let reached = ["-h", &self.host, "-p", "5432", "-U", "atlas"];
        let output = Command::new(&self.program).args(reached).args(arguments).arg("pgbench").output()?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }

    /// Transactions a second.
    fn rate(&self, time: Duration) -> Result<f64> {
        let (clients, seconds) = (WRITERS.to_string(), time.as_secs().to_string());
        let said = self.ask(&["-N", "-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds])?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        Ok(rate.ok_or_else(|| format!("pgbench tells no rate: {said}"))?)
    }
}

fn program() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions.filter_map(|version| Some(version.ok()?.path().join("bin/pgbench"))).find(|path| path.exists())
}

/// Rounds of both, one after the other.
const ROUNDS: usize = 5;

/// Capacity updates by so many writers until told to stop, each on facilities of its own and on the version that it was told last.
pub async fn updates(port: u16, token: &str, ids: &[(String, &str)], stop: Arc<AtomicBool>) -> Result<Load> {
    let start = Instant::now();
    let mut writing = Vec::new();
    for writer in 0..WRITERS {
        let own: Vec<(String, String)> =
            ids.iter().skip(writer).step_by(WRITERS).map(|(id, measure)| (id.clone(), (*measure).to_owned())).collect();
        let (token, stop) = (token.to_owned(), stop.clone());
        writing.push(tokio::spawn(async move {
            let mut line = Line::open(port).await?;
            let mut took = Vec::new();
            let mut versions = vec![0i64; own.len()];
            let mut figure = 0usize;
            while !stop.load(Ordering::Relaxed) {
                let at = figure % own.len();
                let (id, measure) = &own[at];
                figure += 1;
                if versions[at] == 0 {
                    let (_, body) = line.ask(&get(&format!("/api/v1/facilities/{id}"))).await?;
                    let feature: serde_json::Value = serde_json::from_slice(&body)?;
                    versions[at] = feature["properties"]["version"].as_i64().ok_or("no version")?;
                }
                let body = format!("{{\"{measure}\":{{\"occupied\":{}}}}}", figure % 100);
                let request = format!(
                    "PATCH /api/v1/facilities/{id}/capacity HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
                     If-Match: \"{}\"\r\nContent-Type: application/merge-patch+json\r\nContent-Length: {}\r\n\r\n{body}",
                    versions[at],
                    body.len()
                );
                let asked = Instant::now();
                let (status, answer) = line.ask(request.as_bytes()).await?;
                if status != 200 {
                    return Err(format!("status {status}: {}", String::from_utf8_lossy(&answer)).into());
                }
                took.push(asked.elapsed());
                versions[at] += 1;
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(took)
        }));
    }
    let mut took = Vec::new();
    for one in writing {
        took.extend(one.await??);
    }
    Ok(Load::of(took, start.elapsed()))
}

impl Bench {
    /// B4: durable updates, and what nearest is like meanwhile.
    pub async fn durable(&mut self, port: u16, client: &tokio_postgres::Client) -> Result<()> {
        step("pgbench's simple update; capacity updates by 8 writers; nearest at rest and meanwhile");
        let time = self.size.seconds(10, 4, 2);
        let registry = Registry::open(&Address { url: self.url.clone() }).await?;
        let token = registry.make_token(NewToken::operators("bench".into(), Some(1))).await?;
        let sql = "SELECT DISTINCT ON (facility) facility, measure FROM capacity ORDER BY facility LIMIT 2000";
        let rows = client.query(sql, &[]).await?;
        let ids: Vec<(String, &str)> =
            rows.iter().map(|row| (row.get::<_, uuid::Uuid>(0).to_string(), row.get(1))).collect();
        let peer = Peer::made(client, &self.url, self.scale.facilities).await?;
        // In turns, and the round in the middle counts: what else the machine does for a moment decides nothing.
        let mut rounds = Vec::new();
        let count = self.size.pick(ROUNDS, ROUNDS, 1);
        for _ in 0..count {
            let theirs = peer.as_ref().map(|peer| peer.rate(time / 2)).transpose()?;
            let stop = Arc::new(AtomicBool::new(false));
            let (ours, ()) = tokio::join!(updates(port, &token, &ids, stop.clone()), async {
                tokio::time::sleep(time / 2).await;
                stop.store(true, Ordering::Relaxed);
            });
            rounds.push((ours?, theirs));
        }
        client.batch_execute("DROP DATABASE IF EXISTS pgbench").await?;
        let share = |(ours, theirs): &(Load, Option<f64>)| ours.a_second / theirs.unwrap_or(1.0);
        rounds.sort_by(|a, b| share(a).total_cmp(&share(b)));
        let shares: Vec<String> = rounds.iter().map(|round| format!("{:.2}", share(round))).collect();
        let (ours, theirs) = rounds.swap_remove(count / 2);
        let points = self.nation.askers(20_000);
        let ask = |(lon, lat): &(f64, f64)| get(&format!("/api/v1/nearest?lon={lon:.6}&lat={lat:.6}&limit=10"));
        let nearest = Arc::new(points.iter().map(ask).collect::<Vec<_>>());
        load(port, nearest.clone(), 32, time).await?;
        let rest = load(port, nearest.clone(), 32, time).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let (written, meanwhile) = tokio::join!(updates(port, &token, &ids, stop.clone()), async {
            let meanwhile = load(port, nearest, 32, time).await;
            stop.store(true, Ordering::Relaxed);
            meanwhile
        });
        let (written, meanwhile) = (written?, meanwhile?);
        let show =
            |load: &Load| format!("{:.0}/s, p50 {:.2} ms, p99 {:.2} ms", load.a_second, ms(load.p50), ms(load.p99));
        match theirs {
            Some(theirs) => {
                self.notes.push(format!("B4 a: the round in the middle of {count}; ratios {}.", shares.join(", ")));
                self.rows.push(Row {
                    name: "B4 a",
                    measure: "durable capacity updates over HTTP, 8 writers",
                    ours: show(&ours),
                    with: "`pgbench -N`, 8 clients, prepared, the same cluster",
                    theirs: format!("{theirs:.0}/s"),
                    ratio: ours.a_second / theirs,
                    limit: Limit::AtLeast(0.5),
                });
            }
            None => self.notes.push(format!("B4: pgbench is not installed; {} updates.", show(&ours))),
        }
        self.rows.push(Row {
            name: "B4 b",
            measure: "p99 of nearest-10, 32 connections, while the 8 writers write",
            ours: format!(
                "{:.2} ms ({:.0}/s; {:.0} updates/s beside)",
                ms(meanwhile.p99),
                meanwhile.a_second,
                written.a_second
            ),
            with: "the same at rest",
            theirs: format!("{:.2} ms ({:.0}/s)", ms(rest.p99), rest.a_second),
            ratio: meanwhile.p99.as_secs_f64() / rest.p99.as_secs_f64(),
            limit: Limit::AtMost(2.0),
        });
        Ok(())
    }
}
