//! The planner's benchmarks: our findings beside those of a peer, made from the same data in the same run.
//!
//! `make bench` runs all after the national ones; `make bench BENCH="--only catchment"` one of them; `--quick` a small
//! case, `--tiny` a tiny one without peers, to see that everything works. A peer that cannot be installed is skipped, with a word why.

mod catchment;
mod peer;
#[path = "../national/report.rs"]
#[allow(dead_code, reason = "the national benchmarks use all of it")]
mod report;
mod siting;
#[path = "../national/size.rs"]
#[allow(dead_code, reason = "the national benchmarks use all of it")]
mod size;
#[path = "../national/synthetic.rs"]
#[allow(dead_code, reason = "only its dice are thrown here")]
mod synthetic;

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use report::Row;
use size::Size;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What a comparison brought: rows of the table, and words below it.
#[derive(Default)]
pub struct Found {
    pub rows: Vec<Row>,
    pub notes: Vec<String>,
}

/// A name for `--only`, and what makes the data, runs ours and runs the peer.
type Comparison = (&'static str, fn(size: Size) -> Result<Found>);
const COMPARISONS: [Comparison; 2] = [("catchment", catchment::compare), ("siting", siting::compare)];

/// Processor time of one round of a piece of work on one thread, as the peers work, and what it answers. Processor time
/// is what a machine that does other things too still tells rightly; where the system does not tell it, the clock's.
pub fn measure<T: Send>(rounds: u32, mut work: impl FnMut() -> T + Send) -> Result<(Duration, T)> {
    let spent = || {
        let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        told.split(' ').next()?.parse().map(Duration::from_nanos).ok()
    };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    one.install(|| {
        // The first round makes the room that the others find.
        let mut last = work();
        let (began, before) = (Instant::now(), spent());
        for _ in 0..rounds {
            last = std::hint::black_box(work());
        }
        let spent = match (before, spent()) {
            (Some(before), Some(after)) if after > before => after - before,
            _ => began.elapsed(),
        };
        Ok((spent / rounds, last))
    })
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let size = Size::of(&arguments);
    let only = arguments.iter().position(|argument| argument == "--only").and_then(|at| arguments.get(at + 1));
    let mut all = Found::default();
    for (name, compare) in COMPARISONS.iter().filter(|(name, _)| only.is_none_or(|only| only == name)) {
        eprintln!("bench: {name}");
        match compare(size) {
            Ok(found) => {
                all.rows.extend(found.rows);
                all.notes.extend(found.notes);
            }
            Err(error) => {
                eprintln!("bench: {name}: {error}");
                std::process::exit(1);
            }
        }
    }
    if all.rows.is_empty() && all.notes.is_empty() {
        return;
    }
    println!("\nmachine: {}", report::machine());
    println!("command: {}\n", size.command());
    println!("{}", report::table(&all.rows));
    all.notes.iter().for_each(|note| println!("{note}"));
    // A small case shows that everything works; its ratios say nothing.
    if size == Size::Whole && !all.rows.iter().all(Row::holds) {
        std::process::exit(1);
    }
}
