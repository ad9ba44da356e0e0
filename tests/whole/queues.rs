//! Queues and quotas over HTTP: one address that asks for very much does not take the places of anybody else.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::{Answer, Server, run};
use super::support::TestDatabase;

/// The demo registry behind a proxy, which says from where each request comes.
async fn seeded() -> (TestDatabase, Server) {
    let database = TestDatabase::new().await;
    let place = ["--database-url", &database.address.url];
    for (what, file) in [
        ("regions", "seed/regions.geojson"),
        ("population", "seed/population.csv"),
        ("facilities", "seed/facilities.csv"),
    ] {
        assert!(run(&["import", what, file, place[0], place[1]]).status.success());
    }
    let server = Server::start(place, &["--behind-proxy"]);
    (database, server)
}

/// A search that takes as long as it may.
fn long_search() -> Value {
    let candidates: Vec<[f64; 2]> =
        (0..20_000).map(|i| [118.2 + f64::from(i % 200) * 0.001, 33.85 + f64::from(i / 200) * 0.001]).collect();
    json!({"region": "321302", "kind": "meal_point", "within_m": 1500, "sites": 40, "capacity": 50, "seconds": 300,
           "candidates": candidates})
}

fn from(server: &Server, address: &str, method: &str, path: &str, body: &str) -> Answer {
    match method {
        "GET" => server.get_with(path, &[("x-forwarded-for", address)]),
        _ => server.send(method, path, &[("x-forwarded-for", address)], body),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_two_searches_and_reports_trends_and_past_days_do_not_wait_for_them() {
    let (_database, mut server) = seeded().await;
    server.forgive(&["answered with a problem"]);
    let body = long_search().to_string();
    let begun: Vec<Answer> =
        (0..12).map(|_| from(&server, "10.0.0.1", "POST", "/api/v1/siting?job=true", &body)).collect();
    let statuses: Vec<u16> = begun.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 2, "{statuses:?}");
    assert!(begun[2..].iter().all(|answer| answer.status == 429 && answer.header("retry-after") == "5"));
    assert_eq!(begun[2].json()["type"], "too-many");
    // Whom nobody knows may search for half a minute, whatever they ask for.
    let job = begun[0].header("location").to_owned();
    assert_eq!(server.get(&job).json()["seconds_limit"], 30.0);
    // Asked and waited for it is the same quota.
    assert_eq!(from(&server, "10.0.0.1", "POST", "/api/v1/siting", &body).status, 429);
    assert_eq!(
        from(
            &server,
            "10.0.0.1",
            "GET",
            "/plan/siting?region=321302&kind=meal_point&within_m=1000&sites=3&objective=max_covered",
            ""
        )
        .status,
        429
    );
    // Another address has its own.
    let other = from(&server, "10.0.0.2", "POST", "/api/v1/siting?job=true", &body);
    assert_eq!(other.status, 202, "{}", other.text);
    // Whoever is known may search longer.
    let token = server.token.clone().expect("a token");
    let known = server.send("POST", "/api/v1/siting?job=true", &[("authorization", &format!("Bearer {token}"))], &body);
    assert_eq!((known.status, &known.json()["seconds_limit"]), (202, &json!(300.0)));
    let asked = Instant::now();
    let day = (chrono::Utc::now() - chrono::Duration::days(2)).format("%Y-%m-%d");
    for path in [
        "/api/v1/indicators?region=321302".to_owned(),
        format!("/api/v1/coverage/trend?region=321302&kind=meal_point&within_m=1000&as_of={day}"),
        "/api/v1/coverage/scorecard?region=321302&kind=meal_point".to_owned(),
        format!("/plan?region=321302&kind=meal_point&within_m=1000&as_of={day}"),
    ] {
        let answer = from(&server, "10.0.0.3", "GET", &path, "");
        assert!(answer.status == 200 && !answer.text.contains("http-equiv=\"refresh\""), "{path}: {}", answer.text);
    }
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    for job in begun[..2].iter().chain([&other, &known]).map(|answer| answer.header("location")) {
        assert_eq!(server.send("DELETE", job, &[], "").status, 204);
    }
    // A place in the queue is free again once its search has ended.
    server.until(Duration::from_secs(20), "the searches have ended", |server| {
        let again = from(server, "10.0.0.1", "POST", "/api/v1/siting?job=true", &body);
        let begun = again.status == 202;
        if begun {
            server.send("DELETE", again.header("location"), &[], "");
        }
        begun
    });
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn long_questions_of_one_address_leave_room_for_others_and_for_families() {
    let (_database, mut server) = seeded().await;
    server.forgive(&["answered with a problem"]);
    let statuses = std::thread::scope(|scope| {
        let ask = |at: usize| {
            let path = format!("/api/v1/catchment?method=gravity&kind=nursing_home&by=point&within_m={}", 50_000 + at);
            let server = &server;
            move || from(server, "10.0.0.1", "GET", &path, "").status
        };
        let many: Vec<_> = (0..60).map(|at| scope.spawn(ask(at))).collect();
        std::thread::sleep(Duration::from_millis(200));
        let began = Instant::now();
        for (address, path) in [
            ("10.0.0.2", "/api/v1/places?q=suqian"),
            ("10.0.0.1", "/api/v1/places?q=sq"),
            ("10.0.0.2", "/api/v1/coverage?region=321302&kind=canteen&within_m=1000"),
        ] {
            let answer = from(&server, address, "GET", path, "");
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        many.into_iter().filter_map(|asked| asked.join().ok()).collect::<Vec<u16>>()
    });
    assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
    assert!(statuses.iter().filter(|status| **status == 200).count() >= 16, "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
    server.stop();
}
