//! Siting: maximal covering beside PySAL spopt, a published city to proof, and a nation's size against the clock.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng, rngs::StdRng};
use silver_atlas::analysis::siting::problem::{Cover, Lists, Plan, Watch, max_cover};

use super::{Found, Result};
use crate::peer::{self, Peer};
use crate::report::{Limit, Row, seconds};
use crate::size::Size;

type Point = (f64, f64);

pub fn compare(size: Size) -> Result<Found> {
    let mut found = Found::default();
    beside_spopt(size, &mut found)?;
    new_york(size, &mut found)?;
    nation(size, &mut found);
    Ok(found)
}

/// Processor time of this thread: what a machine that does other things too still tells rightly.
fn spent() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanos| nanos.parse().ok()).map(Duration::from_nanos).unwrap_or_default()
}

/// Processor time, time by the clock, and the plan.
fn solved(cover: &Cover, sites: usize, limit: f64) -> (Duration, Duration, Plan) {
    let (watch, began, before) = (Watch::new(limit), Instant::now(), spent());
    let plan = max_cover(cover, &Lists::default(), sites, &watch);
    (spent() - before, began.elapsed(), plan)
}

fn told(plan: &Plan) -> String {
    let how = if plan.proven {
        "proven".to_owned()
    } else {
        format!("gap {:.2} %", 100.0 * (plan.bound - plan.value) / plan.value)
    };
    format!("{} of at most {} people, {how}", plan.value, plan.bound)
}

/// Towns and the land between them, on a plane of so many metres.
fn land(seed: u64, towns: usize, side: f64, demand: usize, sites: usize) -> (Vec<(Point, u64)>, Vec<Point>) {
    let mut rng = StdRng::seed_from_u64(seed);
    let towns: Vec<(Point, f64)> = (0..towns)
        .map(|_| ((rng.random_range(0.0..side), rng.random_range(0.0..side)), rng.random_range(0.005..0.05) * side))
        .collect();
    let point = |rng: &mut StdRng| {
        if rng.random_bool(0.3) {
            return (rng.random_range(0.0..side), rng.random_range(0.0..side));
        }
        let ((x, y), wide) = towns[rng.random_range(0..towns.len())];
        let mut away = || wide * (rng.random_range(-1.0..1.0) + rng.random_range(-1.0..1.0));
        (x + away(), y + away())
    };
    let demand = (0..demand).map(|_| (point(&mut rng), 0)).collect::<Vec<(Point, u64)>>();
    let sites = (0..sites).map(|_| point(&mut rng)).collect();
    let demand = demand.into_iter().map(|(at, _)| (at, rng.random_range(5..400))).collect();
    (demand, sites)
}

fn cover(demand: &[(Point, u64)], sites: &[Point], near: impl Fn(Point, Point) -> bool) -> Cover {
    let reach = |site: &Point| -> Vec<u32> {
        (0u32..).zip(demand).filter(|(_, (point, _))| near(*site, *point)).map(|(at, _)| at).collect()
    };
    Cover::new(demand.iter().map(|(_, people)| *people).collect(), Lists::new(sites.iter().map(reach)))
}

fn within(metres: f64) -> impl Fn(Point, Point) -> bool {
    move |a, b| (a.0 - b.0).hypot(a.1 - b.1) <= metres
}

/// 800 × 200, 20 sites, to proof: making the problem from distances and solving it.
fn beside_spopt(size: Size, found: &mut Found) -> Result<()> {
    const RADIUS_M: f64 = 800.0;
    let (demand, sites) = land(8, 8, 10_000.0, 800, 200);
    let before = spent();
    let problem = cover(&demand, &sites, within(RADIUS_M));
    let built = spent() - before;
    let (ours, _, plan) = solved(&problem, 20, 60.0);
    let peer = match Peer::ready(size, "spopt", &["spopt==0.7.0", "pulp==2.9.0"]) {
        Ok(peer) => peer,
        Err(why) => {
            found.notes.push(format!("PySAL spopt cannot be had here and is not compared: {why}"));
            found.notes.push(format!("MCLP 800 × 200, p=20: {} in {}", told(&plan), seconds(built + ours)));
            return Ok(());
        }
    };
    let file = peer::folder().join("siting-800.csv");
    let mut text = "kind,x,y,people\n".to_owned();
    for ((x, y), people) in &demand {
        writeln!(text, "demand,{x},{y},{people}")?;
    }
    for (x, y) in &sites {
        writeln!(text, "site,{x},{y},0")?;
    }
    fs::write(&file, text)?;
    let theirs = peer.run("siting.py", &[&file])?;
    let number = |name: &str| theirs[name].as_f64().ok_or_else(|| format!("the peer does not tell {name}: {theirs}"));
    if number("people")? != plan.value {
        return Err(format!("the peer covers {} people, we {}", number("people")?, plan.value).into());
    }
    let (build, solve) = (number("build_s")?, number("solve_s")?);
    found.rows.push(Row {
        name: "siting",
        measure: "MCLP 800 × 200, p=20, to proof (processor)",
        ours: seconds(built + ours),
        with: "PySAL spopt, build and solve (CBC)",
        theirs: seconds(Duration::from_secs_f64(build + solve)),
        ratio: (built + ours).as_secs_f64() / (build + solve),
        limit: Limit::AtMost(0.25),
    });
    Ok(())
}

/// New York: 2,713 weighted points, each of them a candidate, 400 m (Cordeau, Furini & Ljubić 2019; Maximo, Cordeau &
/// Nascimento 2023, doi 10.1111/itor.13387). The file is not the project's own.
fn new_york(size: Size, found: &mut Found) -> Result<()> {
    /// The published values need this radius of the earth, in metres.
    const RADIUS_M: f64 = 6_378_100.0;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/coverage/siting-newyork-2713.txt");
    let Ok(text) = fs::read_to_string(&path) else {
        found.notes.push(format!("New York is skipped: {} is not there", path.display()));
        return Ok(());
    };
    let numbers =
        |line: &str| line.split_whitespace().filter_map(|word| word.parse::<f64>().ok()).collect::<Vec<f64>>();
    let (places, people) = text.split_once("DEMAND_SECTION").ok_or("the file has no people")?;
    let places = places.split_once("NODE_COORD_SECTION").ok_or("the file has no places")?.1;
    let places: Vec<Point> = places.lines().map(numbers).filter(|n| n.len() == 2).map(|n| (n[0], n[1])).collect();
    let people: Vec<u64> = people.lines().map(numbers).filter(|n| n.len() == 1).map(|n| n[0] as u64).collect();
    let demand: Vec<(Point, u64)> = places.iter().copied().zip(people).collect();
    let near = |a: Point, b: Point| {
        let (lat, other) = (a.0.to_radians(), b.0.to_radians());
        let (up, across) = (((other - lat) / 2.0).sin(), ((b.1 - a.1).to_radians() / 2.0).sin());
        2.0 * RADIUS_M * (up * up + lat.cos() * other.cos() * across * across).sqrt().asin() <= 400.0
    };
    let problem = cover(&demand, &places, near);
    for (sites, published, limit) in [(50, 1_153_640.0, 300.0), (100, 1_574_256.0, 60.0)] {
        if size == Size::Tiny || size == Size::Quick && sites == 100 {
            continue;
        }
        let (processor, clock, plan) = solved(&problem, sites, limit);
        let note = format!(
            "New York, p={sites}: {}, in {} ({} of processor)",
            told(&plan),
            seconds(clock),
            seconds(processor)
        );
        found.notes.push(note);
        found.rows.push(Row {
            name: "siting",
            measure: if sites == 50 { "New York, p=50: people, proven" } else { "New York, p=100: people in 60 s" },
            ours: plan.value.to_string(),
            with: if sites == 50 { "the published optimum" } else { "the best known" },
            theirs: published.to_string(),
            ratio: if sites == 50 && !plan.proven { 0.0 } else { plan.value / published },
            limit: Limit::AtLeast(if sites == 50 { 1.0 } else { 0.995 }),
        });
        if sites == 50 {
            found.rows.push(Row {
                name: "siting",
                measure: "New York, p=50 to proof (processor)",
                ours: seconds(processor),
                with: "what is promised",
                theirs: "15 s".to_owned(),
                ratio: processor.as_secs_f64() / 15.0,
                limit: Limit::AtMost(1.0),
            });
        }
    }
    Ok(())
}

/// 100,000 demand points × 5,000 candidates, 50 sites: an answer with a bound within a minute.
fn nation(size: Size, found: &mut Found) {
    let (demand, candidates) = size.pick((100_000, 5_000), (5_000, 500), (1_000, 100));
    let (points, sites) = land(1, demand / 100, 100_000.0, demand, candidates);
    let problem = cover(&points, &sites, within(5_000.0));
    let (processor, clock, plan) = solved(&problem, 50, size.pick(55.0, 55.0, 3.0));
    found.notes.push(format!(
        "{demand} × {candidates}, p=50 ({} pairs in reach): {}, in {} ({} of processor)",
        problem.by_site.items(),
        told(&plan),
        seconds(clock),
        seconds(processor)
    ));
    found.rows.push(Row {
        name: "siting",
        measure: "100,000 × 5,000, p=50: an answer with a bound (clock)",
        ours: seconds(clock),
        with: "what is promised",
        theirs: "60 s".to_owned(),
        ratio: if plan.bound.is_finite() { clock.as_secs_f64() / 60.0 } else { f64::INFINITY },
        limit: Limit::AtMost(1.0),
    });
}
