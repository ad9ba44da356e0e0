//! B6: families' nearest over 200 connections while two planners ask one long question after another.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::load::{Line, Load, get, load};
use crate::report::{Limit, Row};
use crate::{Bench, ms, step};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Families.
pub const FAMILIES: usize = 200;

/// What families saw at rest and beside the planners, and how many questions of the planners were answered meanwhile.
pub struct Together {
    pub rest: Load,
    pub beside: Load,
    pub answered: usize,
}

pub async fn together(port: u16, nearest: Arc<Vec<Vec<u8>>>, time: Duration) -> Result<Together> {
    let rest = load(port, nearest.clone(), FAMILIES, time).await?;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let planners: Vec<_> =
        [false, true].map(|searches| tokio::spawn(plan(port, searches, stop.clone(), answered.clone()))).into();
    let beside = load(port, nearest, FAMILIES, time).await?;
    stop.store(true, Ordering::Relaxed);
    for planner in planners {
        planner.await??;
    }
    Ok(Together { rest, beside, answered: answered.load(Ordering::Relaxed) })
}

/// One planner: coverage of everyone and what reaches whom, or a search for sites; never twice the same question.
async fn plan(port: u16, searches: bool, stop: Arc<AtomicBool>, answered: Arc<AtomicUsize>) -> Result<()> {
    let mut line = Line::open(port).await?;
    for round in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let within_m = 2000 + round;
        let request = match (searches, round % 2) {
            (true, _) => {
                let body = format!(
                    "{{\"kind\":\"meal_point\",\"within_m\":{within_m},\"sites\":20,\"objective\":\"max_covered\",\"candidates\":\"demand\",\
                     \"keep_existing\":true,\"seconds\":4}}"
                );
                let head = "POST /api/v1/siting HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
                format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
            }
            (false, 0) => get(&format!("/api/v1/coverage?within_m={within_m}&by=county")),
            (false, _) => {
                get(&format!("/api/v1/catchment?method=2sfca&kind=nursing_home&within_m={within_m}&by=county"))
            }
        };
        let (status, body) = line.ask(&request).await?;
        if status != 200 {
            return Err(format!("a planner was answered {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

impl Bench {
    /// B6: what families notice of planners.
    pub async fn together(&mut self, port: u16) -> Result<()> {
        step("nearest-10 over 200 connections at rest, then beside two planners");
        let points = self.nation.askers(20_000);
        let ask = |(lon, lat): &(f64, f64)| get(&format!("/api/v1/nearest?lon={lon:.6}&lat={lat:.6}&limit=10"));
        let nearest = Arc::new(points.iter().map(ask).collect::<Vec<_>>());
        let time = self.size.seconds(20, 5, 1);
        load(port, nearest.clone(), FAMILIES, time).await?;
        let seen = together(port, nearest, time).await?;
        let show = |load: &Load| format!("{:.2} ms (p50 {:.2} ms, {:.0}/s)", ms(load.p99), ms(load.p50), load.a_second);
        self.rows.push(Row {
            name: "B6",
            measure: "p99 of nearest-10, 200 connections, while two planners ask without a pause",
            ours: format!("{}; {} long answers beside", show(&seen.beside), seen.answered),
            with: "the same at rest",
            theirs: show(&seen.rest),
            ratio: seen.beside.p99.as_secs_f64() / seen.rest.p99.as_secs_f64(),
            limit: Limit::AtMost(2.0),
        });
        Ok(())
    }
}
