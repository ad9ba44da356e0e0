//! Capacity against need: 2SFCA and E2SFCA from coordinates to values, beside PySAL access on the very same pairs.

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use serde_json::Value;
use silver_atlas::analysis::decay::Decay;
use silver_atlas::analysis::floating::{Method, access};
use silver_atlas::analysis::pairs::{Earth, Pairs, Reach};

use crate::peer::{Peer, folder};
use crate::report::{Limit, Row, seconds};
use crate::size::Size;
use crate::synthetic::Dice;
use crate::{Found, Result, measure};

const WITHIN_M: f64 = 3000.0;
const ZONES: &str = "1000:1,2000:0.68,3000:0.22";
const ROUNDS: u32 = 20;
/// People live and homes stand evenly in a square of this side, in metres, around this point.
const SIDE_M: f64 = 60_000.0;
const MIDDLE: (f64, f64) = (120.6, 31.3);
/// Metres a degree there.
const DEGREE_M: (f64, f64) = (95_200.0, 110_870.0);

/// Places in the plane and on the earth, with a number each.
struct Places {
    plane: Vec<(f64, f64)>,
    lon_lat: Vec<(f64, f64)>,
    numbers: Vec<f64>,
}

impl Places {
    fn new(dice: &mut Dice, count: usize, most: u32) -> Places {
        let side = |dice: &mut Dice| SIDE_M * (dice.unit() - 0.5);
        let plane: Vec<_> = (0..count).map(|_| (side(dice), side(dice))).collect();
        let lon_lat = plane.iter().map(|(x, y)| (MIDDLE.0 + x / DEGREE_M.0, MIDDLE.1 + y / DEGREE_M.1)).collect();
        Places { plane, lon_lat, numbers: (0..count).map(|_| dice.between(1, most).into()).collect() }
    }

    fn csv(&self, number: &str) -> String {
        let mut text = format!("id,x,y,{number}\n");
        for (id, ((x, y), number)) in self.plane.iter().zip(&self.numbers).enumerate() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{id},{x},{y},{number}");
        }
        text
    }
}

/// One method here: with the search for pairs, on the pairs alone, and its values.
struct Ours {
    method: Method,
    spent: Duration,
    alone: Duration,
    values: Vec<f64>,
}

pub fn compare(size: Size) -> Result<Found> {
    let (people, homes) = size.pick((20_000, 2000), (2000, 200), (400, 60));
    let mut dice = Dice::new(20_261_104);
    let (demand, supply) = (Places::new(&mut dice, people, 2000), Places::new(&mut dice, homes, 300));
    let reach = Reach { within_m: WITHIN_M, edges: &[1000.0, 2000.0], earth: Earth::Geodesic };
    let pairs = Pairs::within(&demand.lon_lat, &supply.lon_lat, &reach, usize::MAX)?;

    let mut ours = Vec::new();
    for (method, decay) in [(Method::TwoStep, Decay::Flat), (Method::Enhanced, Decay::read_steps(ZONES)?)] {
        let edges = decay.edges();
        let reach = Reach { edges: &edges, ..reach };
        let search = || Pairs::within(&demand.lon_lat, &supply.lon_lat, &reach, usize::MAX).unwrap_or_default();
        let compute = |pairs: &Pairs| access(method, &decay, WITHIN_M, &demand.numbers, &supply.numbers, pairs).access;
        let (spent, values) = measure(ROUNDS, || compute(&search()))?;
        let found = search();
        let (alone, _) = measure(ROUNDS, || compute(&found))?;
        ours.push(Ours { method, spent, alone, values });
    }
    let all = pairs.len();
    let mut notes = vec![format!("catchment: {people} demand points, {homes} facilities, {all} pairs within 3 km.")];

    let peer = match Peer::ready(size, "access", &["access==1.1.10.post3"]) {
        Ok(peer) => peer,
        Err(why) => {
            let times: Vec<_> =
                ours.iter().map(|ours: &Ours| format!("{} {}", ours.method.code(), seconds(ours.spent))).collect();
            notes.push(format!("Here: {}. PySAL access cannot be had and is not compared: {why}", times.join(", ")));
            return Ok(Found { rows: Vec::new(), notes });
        }
    };
    let folder = folder();
    let mut listed = "demand,supply,metres\n".to_owned();
    for (i, j, metres) in pairs.iter() {
        let _ = writeln!(listed, "{i},{j},{metres}");
    }
    let files = [("demand.csv", demand.csv("people")), ("supply.csv", supply.csv("beds")), ("pairs.csv", listed)];
    let files = files.map(|(name, text)| (folder.join(name), text));
    for (file, text) in &files {
        fs::write(file, text)?;
    }
    let theirs = peer.run("catchment.py", &files.each_ref().map(|(file, _)| file.as_path()))?;

    let mut rows = Vec::new();
    let search = theirs["search"]["seconds"].as_f64().ok_or("the peer told no time")?;
    for Ours { method, spent, alone, values } in ours {
        let told = &theirs[method.code()];
        let computed = told["seconds"].as_f64().ok_or("the peer told no time")?;
        let off = farthest_off(&values, told)?;
        notes.push(format!("{}: {people} values, at most {off:.1e} from PySAL's.", method.code()));
        let name = if method == Method::TwoStep { "P1 2SFCA" } else { "P1 E2SFCA" };
        for (measure, with, ours, theirs) in [
            (
                "capacity against need of 20,000 × 2,000 points on pairs that are given, one thread",
                "PySAL access on the same pairs",
                alone,
                computed,
            ),
            ("the same, the search for the pairs included", "the same, and scipy's search", spent, search + computed),
        ] {
            rows.push(Row {
                name,
                measure,
                ours: seconds(ours),
                with,
                theirs: seconds(Duration::from_secs_f64(theirs)),
                ratio: ours.as_secs_f64() / theirs,
                limit: Limit::AtMost(0.25),
            });
        }
    }
    Ok(Found { rows, notes })
}

/// The largest difference of two lists of values, in proportion; where nothing is in reach the peer has no number and we
/// have 0.
fn farthest_off(values: &[f64], told: &Value) -> Result<f64> {
    let theirs =
        told["access"].as_array().filter(|list| list.len() == values.len()).ok_or("the peer told other values")?;
    let off = |(ours, theirs): (&f64, &Value)| {
        let theirs = theirs.as_f64().unwrap_or(0.0);
        (ours - theirs).abs() / theirs.abs().max(1e-9)
    };
    let off = values.iter().zip(theirs).map(off).fold(0.0, f64::max);
    if off > 1e-9 { Err(format!("values differ from the peer's by {off:e}").into()) } else { Ok(off) }
}
