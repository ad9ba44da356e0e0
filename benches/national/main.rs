//! The benchmarks B1 to B6 at a nation's size: ratios measured in one run, printed as a table.
//!
//! `make bench` runs all; `make bench BENCH=--quick` a small nation, to see that everything works; `BENCH=--tiny` the
//! smallest, which `make test` runs; `BENCH="--only b2"` a part. Everything is made under target/bench: files, a database of its own, the server's log.

mod durable;
mod load;
mod program;
mod report;
mod size;
mod sql;
mod synthetic;
mod together;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use silver_atlas::atlas::Atlas;
use silver_atlas::registry::cluster::{Cluster, Durability};
use silver_atlas::registry::{Address, Registry};

use load::Line;
use program::Server;
use report::{Limit, Row, seconds};
use size::Size;
use synthetic::{NATIONAL, Nation, QUICK, Scale, TINY};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What `--only` may name here.
const PARTS: [&str; 6] = ["b1", "b2", "b3", "b4", "b5", "b6"];
const SEED: u64 = 20_261_101;
const WITHIN_M: f64 = 1000.0;
/// Beyond this, the statement that coverage is compared with is measured on a part and scaled.
const PATIENCE: Duration = Duration::from_secs(120);

struct Bench {
    scale: Scale,
    size: Size,
    only: Option<String>,
    nation: Nation,
    files: PathBuf,
    data: PathBuf,
    url: String,
    rows: Vec<Row>,
    notes: Vec<String>,
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let size = Size::of(&arguments);
    let only = arguments.iter().position(|argument| argument == "--only").and_then(|at| arguments.get(at + 1));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let only = only.map(|only| only.to_lowercase());
    // What the planner's benchmarks are asked for needs no nation.
    if only.as_deref().is_some_and(|only| !PARTS.contains(&only)) {
        return;
    }
    match runtime.block_on(run(size, only)) {
        Ok(true) => {}
        Ok(false) => std::process::exit(1),
        Err(error) => {
            eprintln!("bench: {}", with_causes(&*error));
            std::process::exit(1);
        }
    }
}

async fn run(size: Size, only: Option<String>) -> Result<bool> {
    let scale = size.pick(NATIONAL, QUICK, TINY);
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench").join(size.folder());
    let data = files.join("data");
    step(&format!("making a nation of {} facilities and {} demand points", scale.facilities, scale.demand));
    let nation = Nation::new(SEED, scale);
    nation.write(&files)?;

    // A database that is whole serves again where neither the import nor the start is the question.
    let whole = files.join("whole");
    let fresh = !whole.exists() || !matches!(only.as_deref(), Some("b1" | "b2" | "b4" | "b6"));
    if fresh {
        remove(&data)?;
        let _ = fs::remove_file(&whole);
    }
    let cluster = Cluster::open(&data, Durability::Kept)?;
    let url = cluster.address().url;
    let mut bench = Bench { scale, size, only, nation, files, data, url, rows: Vec::new(), notes: Vec::new() };
    if fresh {
        bench.fill().await?;
        fs::write(&whole, "")?;
    }
    let client = sql::connect(&bench.url).await?;
    sql::analyse(&client).await?;
    if ["b1", "b2", "b4", "b6"].iter().any(|part| bench.wanted(part)) {
        let server = Server::start(&bench.data, bench.files.join("serve.log")).map_err(|error| error.to_string())?;
        bench.notes.push(format!("The server listened {} after its start.", seconds(server.ready_after)));
        if bench.wanted("b1") {
            bench.nearest(server.port).await.map_err(|error| during("B1", &*error))?;
        }
        if bench.wanted("b2") {
            bench.coverage(server.port, &client).await.map_err(|error| during("B2", &*error))?;
        }
        if bench.wanted("b4") {
            bench.durable(server.port, &client).await.map_err(|error| during("B4", &*error))?;
        }
        if bench.wanted("b6") {
            bench.together(server.port).await.map_err(|error| during("B6", &*error))?;
        }
    }
    bench.rows.sort_by_key(|row| row.name);
    let database = sql::version(&client).await?;
    println!("\nmachine: {}; {database}", report::machine());
    println!("command: {}", size.command());
    println!("data:    {} facilities, {} demand points, seed {SEED}\n", bench.scale.facilities, bench.scale.demand);
    println!("{}", report::table(&bench.rows));
    bench.notes.iter().for_each(|note| println!("{note}"));
    // A small nation shows that everything works; its ratios say nothing.
    Ok(size != Size::Whole || bench.rows.iter().all(Row::holds))
}

/// An error with all that it says of its causes; of the database's also code, detail and hint.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let (mut said, mut cause) = (error.to_string(), Some(error));
    while let Some(error) = cause {
        let told = match error.downcast_ref::<tokio_postgres::error::DbError>() {
            Some(told) => {
                let more = [told.detail(), told.hint()].into_iter().flatten().map(|more| format!(" ({more})"));
                format!("{}: {}{}", told.code().code(), told.message(), more.collect::<String>())
            }
            None => error.to_string(),
        };
        if !said.contains(&told) {
            said = format!("{said}: {told}");
        }
        cause = error.source();
    }
    said
}

/// An error of one part of the benchmark.
fn during(part: &str, error: &(dyn Error + 'static)) -> Box<dyn Error + Send + Sync> {
    format!("{part}: {}", with_causes(error)).into()
}

impl Bench {
    fn wanted(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == name)
    }

    /// Brings the files in with the program, and measures B3 and B5 on the way: while there are only facilities.
    async fn fill(&mut self) -> Result<()> {
        let (data, files) = (self.data.clone(), self.files.clone());
        let import = |what: &str, file: &str| {
            step(&format!("silver-atlas import {what} {file}"));
            program::import(&data, what, &files.join(file)).map_err(|error| error.to_string())
        };
        import("regions", "regions.csv")?;
        let ours = import("facilities", "facilities.csv")?;
        let mut client = sql::connect(&self.url).await?;
        if self.wanted("b3") {
            self.start(&client).await.map_err(|error| during("B3", &*error))?;
        }
        if self.wanted("b5") {
            step("COPY of the same rows");
            let (_, rows) = sql::copy_out(&client).await?;
            let theirs = sql::copy_in(&mut client, rows).await.map_err(|error| during("B5", &*error))?;
            self.rows.push(Row {
                name: "B5",
                measure: "import of a file of facilities: read, checked, matched, committed, logged",
                ours: seconds(ours),
                with: "`COPY` of the same rows into the same tables",
                theirs: seconds(theirs),
                ratio: ours.as_secs_f64() / theirs.as_secs_f64(),
                limit: Limit::AtMost(6.0),
            });
        }
        import("population", "population.csv")?;
        Ok(())
    }

    /// B3: from the record to the map, and what the map weighs. Comes first: memory is measured while little was ever used.
    async fn start(&mut self, client: &tokio_postgres::Client) -> Result<()> {
        step("loading the atlas; COPY of the same rows out");
        let registry = Registry::open(&Address { url: self.url.clone() }).await?;
        let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
        let mut weight = 0;
        for round in 0..2 {
            let before = report::resident();
            let start = Instant::now();
            let atlas = Atlas::draw(registry.load().await?, Utc::now(), chrono_tz::Asia::Shanghai);
            ours = ours.min(start.elapsed());
            if round == 0 {
                weight = report::resident().saturating_sub(before);
            }
            assert_eq!(atlas.facility_count(), self.scale.facilities, "every facility is in the atlas");
            drop(atlas);
            theirs = theirs.min(sql::copy_out(client).await?.0);
        }
        self.rows.push(Row {
            name: "B3",
            measure: "start: facilities from the record into the atlas",
            ours: seconds(ours),
            with: "`COPY … TO STDOUT` of the same rows",
            theirs: seconds(theirs),
            ratio: ours.as_secs_f64() / theirs.as_secs_f64(),
            limit: Limit::AtMost(5.0),
        });
        self.rows.push(Row {
            name: "B3 memory",
            measure: "memory a facility in the atlas, in KB (growth of the process)",
            ours: format!("{:.0} MB", weight as f64 / 1e6),
            with: "facilities",
            theirs: format!("{}", self.scale.facilities),
            ratio: weight as f64 / self.scale.facilities as f64 / 1000.0,
            limit: Limit::AtMost(1.5),
        });
        Ok(())
    }

    /// B1: ten nearest over HTTP, beside an empty answer and beside PostGIS.
    async fn nearest(&mut self, port: u16) -> Result<()> {
        step("nearest-10 over 32 connections; /healthz over 32 connections; PostGIS over 4 clients");
        let points = Arc::new(self.nation.askers(50_000));
        let ask = |(lon, lat): &(f64, f64)| load::get(&format!("/api/v1/nearest?lon={lon:.6}&lat={lat:.6}&limit=10"));
        let nearest = Arc::new(points.iter().map(ask).collect::<Vec<_>>());
        let healthz = Arc::new(vec![load::get("/healthz")]);
        let time = self.size.seconds(10, 2, 1);
        // Every body is asked for once before: a server in daily use has answered before.
        load::load(port, nearest.clone(), 32, time).await?;
        let empty = load::load(port, healthz, 32, time).await?;
        let ours = load::load(port, nearest, 32, time).await?;
        let theirs = sql::nearest(&self.url, points, 4, time).await?;
        let show = |load: &load::Load| {
            format!("{:.0}/s, p50 {:.2} ms, p99 {:.2} ms", load.a_second, ms(load.p50), ms(load.p99))
        };
        for (name, with, theirs, limit) in [
            ("B1 a", "`/healthz` of the same server", &empty, 0.5),
            ("B1 b", "the same in PostGIS, prepared, 4 clients", &theirs, 2.5),
        ] {
            self.rows.push(Row {
                name,
                measure: "nearest-10 over HTTP, 32 connections",
                ours: show(&ours),
                with,
                theirs: show(theirs),
                ratio: ours.a_second / theirs.a_second,
                limit: Limit::AtLeast(limit),
            });
        }
        Ok(())
    }

    /// B2 scenario: the same question with one changed scenario after another, beside its first computation.
    async fn scenario(&mut self, line: &mut Line, coverage: Duration) -> Result<()> {
        step("coverage of everyone before and after a changed scenario");
        let mut took = Vec::new();
        for round in 0..6 {
            let start = Instant::now();
            let (status, body) = line.ask(&what_if(WITHIN_M + 5.0, f64::from(round) * 0.013)).await?;
            took.push(start.elapsed());
            let answer: serde_json::Value = serde_json::from_slice(&body)?;
            let people = &answer["difference"]["totals"]["covered"];
            if status != 200 || !people.is_i64() || answer["demand_points_touched"] == 0 {
                return Err(format!("a scenario answered {status}: {answer}").into());
            }
        }
        // The first computes everything: nobody asked with this distance before.
        let first = took.remove(0);
        took.sort_unstable();
        self.notes.push(format!("B2 scenario: the same as a plain question of coverage took {}.", seconds(coverage)));
        self.rows.push(Row {
            name: "B2 scenario",
            measure: "coverage of everyone with a changed scenario of ten new sites, over HTTP",
            ours: seconds(took[2]),
            with: "its first computation",
            theirs: seconds(first),
            ratio: took[2].as_secs_f64() / first.as_secs_f64(),
            limit: Limit::AtMost(0.2),
        });
        Ok(())
    }

    /// B2: coverage of everyone, over HTTP and by one statement. The two must say the same.
    async fn coverage(&mut self, port: u16, client: &tokio_postgres::Client) -> Result<()> {
        step("coverage of everyone over HTTP, then by one SQL statement");
        let mut line = Line::open(port).await?;
        let mut took = Vec::new();
        let mut covered = 0;
        // Another distance each time, so that no answer can be one that was kept; the last is the one compared.
        for extra in [2.0, 1.0, 0.0] {
            let path = format!("/api/v1/coverage?within_m={}&weight=aged_60", WITHIN_M + extra);
            let start = Instant::now();
            let (status, body) = line.ask(&load::get(&path)).await?;
            took.push(start.elapsed());
            let answer: serde_json::Value = serde_json::from_slice(&body)?;
            if status != 200 {
                return Err(format!("coverage answered {status}: {answer}").into());
            }
            covered = answer["totals"]["covered"].as_i64().ok_or("no number of people covered")?;
        }
        took.sort_unstable();
        // Before the statement: a line that is idle for so long is closed.
        self.scenario(&mut line, took[1]).await?;
        let theirs = sql::coverage(client, WITHIN_M, PATIENCE).await?;
        let sure = if theirs.part < 1.0 { 0.05 } else { 0.0001 };
        let expected = theirs.covered as f64 / theirs.part;
        if (covered as f64 - expected).abs() > expected * sure {
            return Err(format!("coverage differs: {covered} people here, {expected:.0} by SQL").into());
        }
        self.notes.push(format!(
            "B2: {covered} people within {WITHIN_M} m here, {expected:.0} of {:.0} by SQL, measured on {:.0} % of the demand points.",
            theirs.people as f64 / theirs.part,
            theirs.part * 100.0
        ));
        self.rows.push(Row {
            name: "B2",
            measure: "coverage of all demand points by all facilities, over HTTP",
            ours: seconds(took[1]),
            with: "one SQL statement with a lateral nearest-neighbour join",
            theirs: seconds(theirs.time),
            ratio: theirs.time.as_secs_f64() / took[1].as_secs_f64(),
            limit: Limit::AtLeast(30.0),
        });
        Ok(())
    }
}

/// A question of coverage before and after a scenario of ten new sites in the east of the box.
fn what_if(within_m: f64, shift: f64) -> Vec<u8> {
    let site =
        |at: u32| format!("{{\"kind\":\"canteen\",\"lon\":{},\"lat\":{}}}", 112.0 + f64::from(at) * 0.7 + shift, 31.5);
    let body = format!("{{\"add\":[{}]}}", (0..10).map(site).collect::<Vec<_>>().join(","));
    let head = format!("POST /api/v1/coverage?within_m={within_m}&weight=aged_60 HTTP/1.1\r\nHost: localhost\r\n");
    format!("{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn step(what: &str) {
    eprintln!("bench: {what}");
}

/// Removes a data directory, and the cluster where it lives elsewhere and only a link stands in the directory.
fn remove(data: &Path) -> Result<()> {
    if let Ok(cluster) = data.join("postgres").canonicalize() {
        fs::remove_dir_all(cluster)?;
    }
    if data.exists() {
        fs::remove_dir_all(data)?;
    }
    Ok(())
}
