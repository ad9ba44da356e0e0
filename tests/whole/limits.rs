//! docs/limits.md by address: every address has one row, the places are those of the queues, and what is promised of memory and
//! time is measured on the demo registry.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::rights::routes;
use super::server::{Server, run};
use super::support::TestDatabase;

const PAGE: &str = include_str!("../../docs/limits.md");

/// What one row promises.
struct Promise {
    /// `None`: by size. For whoever is anonymous.
    seconds: Option<f64>,
    megabytes: u64,
    queue: String,
    places: [String; 3],
}

/// By method and address.
fn promises() -> BTreeMap<(String, String), Promise> {
    let section = PAGE.split("## By address").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the section");
    let mut promises = BTreeMap::new();
    for line in section.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [addresses, seconds, memory, queue, anonymous, manager, planner] = cells[..] else { panic!("{line}") };
        for group in addresses.split(';').map(str::trim) {
            let (method, list) = group.split_once(' ').expect("a method and addresses");
            // Every second piece stands between backticks.
            for address in list.split('`').skip(1).step_by(2) {
                let key = (method.to_owned(), address.to_owned());
                let promise = Promise {
                    seconds: seconds.split(',').next().and_then(|seconds| seconds.parse().ok()),
                    megabytes: memory.parse().expect("megabytes"),
                    queue: queue.to_owned(),
                    places: [anonymous, manager, planner].map(str::to_owned),
                };
                assert!(promises.insert(key, promise).is_none(), "{method} {address} has two rows");
            }
        }
    }
    promises
}

#[test]
fn every_address_has_a_row_of_limits_and_the_places_are_those_of_its_queue() {
    let promises = promises();
    let mut routes = routes();
    // On a listener of its own, which is the operator's.
    assert!(routes.remove(&("GET".to_owned(), "/metrics".to_owned())));
    let listed: Vec<_> = promises.keys().cloned().collect();
    assert_eq!(routes.into_iter().collect::<Vec<_>>(), listed);
    let queues = PAGE.split("## Queues and quotas").nth(1).expect("the queues");
    for ((method, address), promise) in &promises {
        let [anonymous, manager, planner] = &promise.places;
        if ["none", "public questions to the log"].contains(&&*promise.queue) {
            continue;
        }
        let row = queues.lines().find(|line| line.starts_with('|') && line.contains(&promise.queue));
        let row: Vec<&str> =
            row.unwrap_or_else(|| panic!("no queue \"{}\"", promise.queue)).trim_matches('|').split('|').collect();
        let of = |at: usize| row[at].trim();
        assert!(anonymous == of(4) || anonymous == "none", "{method} {address}: {anonymous}");
        assert_eq!((&**manager, &**planner), (of(5), of(5)), "{method} {address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_address_promises_of_memory_and_time_holds_on_the_demo_registry() {
    let database = TestDatabase::new().await;
    let url = &database.address.url;
    for (what, file) in [
        ("regions", "seed/regions.geojson"),
        ("population", "seed/population.csv"),
        ("facilities", "seed/facilities.csv"),
    ] {
        assert!(run(&["import", what, file, "--database-url", url]).status.success(), "{what}");
    }
    let server = Server::start(["--database-url", url], &[]);
    let id = server.get("/api/v1/facilities?limit=1").json()["features"][0]["id"].as_str().expect("an id").to_owned();
    // The widest question that an address takes; of the others their own address is enough.
    let widest = |address: &str| match address {
        "/api/v1/facilities" => "?limit=1000",
        "/api/v1/regions" => "?limit=5000&geometry=true",
        "/api/v1/nearest" => "?lon=118.3&lat=33.96&limit=100",
        "/api/v1/places" | "/map" => "?bbox=70,10,140,55",
        "/search" => "?q=养老",
        "/api/v1/coverage" | "/plan" => "?kind=canteen&within_m=5000&by=village",
        "/api/v1/coverage/gaps" => "?kind=canteen&within_m=1&limit=20000",
        "/api/v1/coverage/trend" => "?kind=canteen&within_m=1000",
        "/api/v1/coverage/scorecard" => "?kind=canteen&standard=all",
        "/api/v1/catchment" | "/plan/catchment" => "?kind=nursing_home&within_m=20000&method=2sfca&limit=20000",
        "/api/v1/tiers" => "?rule=village_neighbour_point&denominator=all",
        "/api/v1/indicators" | "/plan/report" => "?region=321300",
        "/api/v1/changes" => "?since=0&limit=1000",
        _ => "",
    };
    let mut looked_at = 0;
    for ((method, address), promise) in promises() {
        if method != "GET" || address == "/assets/{name}" {
            continue;
        }
        let path = address.replace("{id}", &id).replace("{code}", "321300") + widest(&address);
        // What is made once and kept belongs to rest.
        let first = server.get(&path);
        assert!(first.status < 500, "{path}: {} {:.300}", first.status, first.text);
        server.peak_kb();
        let rest = server.memory_kb();
        let began = Instant::now();
        let answer = server.get(&path);
        let (took, grown) = (began.elapsed(), server.peak_kb().saturating_sub(rest) / 1024);
        assert!(answer.status < 500, "{path}: {}", answer.status);
        assert!(grown < promise.megabytes, "{path}: {grown} MB above rest, {} promised", promise.megabytes);
        let seconds = promise.seconds.unwrap_or(10.0);
        assert!(took < Duration::from_secs_f64(seconds), "{path}: {took:?}, {seconds} s promised");
        looked_at += usize::from(answer.status == 200);
    }
    assert!(looked_at > 30, "only {looked_at} addresses gave an answer");
    server.stop();
}
