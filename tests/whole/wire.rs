//! The wire: compressed bodies, slow clients, answers to other sites, headers, the private listener, and the log.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::server::Server;
use super::support::TestDatabase;

fn host(server: &Server) -> &str {
    server.url.trim_start_matches("http://")
}

fn connected(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(host(server)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    stream
}

/// Sends bytes and reads until the server closes the connection.
fn sent(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connected(server);
    // The server may close before all is sent: it has said what it has to say.
    let _ = stream.write_all(bytes);
    read_to_end(&mut stream)
}

fn read_to_end(stream: &mut TcpStream) -> String {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        bytes.extend_from_slice(&piece[..length]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_compressed_body_is_unpacked_whatever_its_coding_address_and_method() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    // Up to the limit of the address: as much as a coding can hide in what is taken at all.
    let body = vec![0x1f; 4 * 1024 * 1024];
    let _ = server.get("/");
    server.peak_kb();
    let before = server.memory_kb();
    let ask = |method: &str, path: &str, coding: &str| {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        sent(&server, &[head.as_bytes(), &body].concat())
    };
    for coding in ["br", "gzip", "zstd", "deflate", "GZIP", "identity, br", "x-unknown"] {
        for (method, path) in [
            ("POST", "/sign-in"),
            ("POST", "/api/v1/siting"),
            ("PATCH", "/api/v1/facilities/0190b7a0-0000-7000-8000-000000000000"),
            ("GET", "/api/v1/regions"),
            ("POST", "/nowhere"),
            ("DELETE", "/"),
        ] {
            let answer = ask(method, path, coding);
            assert!(answer.starts_with("HTTP/1.1 415 "), "{method} {path} {coding}: {answer:.300}");
            assert!(answer.to_ascii_lowercase().contains("accept-encoding: identity"), "{answer:.900}");
            assert!(!path.starts_with("/api/") || answer.contains("coded-body"), "{answer}");
        }
    }
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| assert!(ask("POST", "/api/v1/siting", "gzip").starts_with("HTTP/1.1 415 ")));
        }
    });
    let grown = server.peak_kb().saturating_sub(before);
    assert!(grown < 32 * 1024, "{grown} kB more than at rest");
    let plain = "POST /api/v1/coverage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: Identity\r\n\
                 Connection: close\r\nContent-Length: 2\r\n\r\n{}";
    assert!(!sent(&server, plain.as_bytes()).starts_with("HTTP/1.1 415 "), "identity is as it is");
    for (path, over) in [("/api/v1/coverage", 64 * 1024 + 1), ("/api/v1/siting", 4 * 1024 * 1024 + 1)] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {over}\r\n\r\n"
        );
        let answer = sent(&server, head.as_bytes());
        let named = format!("{} KiB", over / 1024);
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains(&named), "{path}: {answer}");
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_send_slowly_are_let_go_and_others_are_not() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    let request = |head: &str| format!("{head} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n");
    let body = request("POST /api/v1/coverage") + "Content-Length: 40\r\n\r\n{";
    let chunked = request("GET /healthz") + "Transfer-Encoding: chunked\r\n\r\n";
    let first = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ".to_owned();
    // What is sent at once, what trickles, how the answer begins; a second request has had a first answer.
    let clients: [(&str, &str, &str); 5] = [
        ("nothing at all", "", "HTTP/1.1 408 "),
        ("slow headers", &first, "HTTP/1.1 408 "),
        ("a slow body", &body, "HTTP/1.1 408 "),
        ("a slow body that nobody reads", &chunked, "HTTP/1.1 200 "),
        ("slow headers of a second request", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 "),
    ];
    std::thread::scope(|scope| {
        for (what, start, answer) in clients {
            let server = &server;
            scope.spawn(move || {
                let mut stream = connected(server);
                let began = Instant::now();
                stream.write_all(start.as_bytes()).expect("sent");
                let mut trickle = stream.try_clone().expect("the same connection");
                let drips = std::thread::spawn(move || {
                    let drip: &[u8] = if what == "a slow body that nobody reads" { b"1\r\nx\r\n" } else { b"G" };
                    for _ in 0..30 {
                        std::thread::sleep(Duration::from_secs(1));
                        if what != "nothing at all" && trickle.write_all(drip).is_err() {
                            return;
                        }
                    }
                });
                let text = read_to_end(&mut stream);
                let took = began.elapsed();
                assert!(text.starts_with(answer), "{what}: {text}");
                assert!((9.0..14.0).contains(&took.as_secs_f64()), "{what}: closed after {took:?}");
                drop(stream);
                let _ = drips.join();
            });
        }
        // Meanwhile one that is idle between two requests keeps its connection.
        let mut patient = connected(&server);
        for _ in 0..2 {
            patient.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
            let mut piece = [0; 4096];
            let length = patient.read(&mut piece).expect("an answer");
            assert!(piece[..length].starts_with(b"HTTP/1.1 200 "));
            std::thread::sleep(Duration::from_secs(14));
        }
    });
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_may_read_the_open_api_and_nothing_else() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    let elsewhere = ("origin", "https://example.org");
    for address in ["/api/v1/nearest?lon=118.3&lat=33.9", "/api/openapi.json", "/api/v1/facilities/nowhere", "/api/x"] {
        for method in ["GET", "HEAD"] {
            let answer = server.send(method, address, &[elsewhere], "");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {address}: {}", answer.status);
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            for name in ["ETag", "Link", "Retry-After", "Location"] {
                assert!(answer.header("access-control-expose-headers").contains(name), "{name}");
            }
        }
    }
    let token = format!("Bearer {}", server.token.clone().expect("a token"));
    for (method, address, headers) in [
        ("GET", "/", vec![elsewhere]),
        ("GET", "/healthz", vec![elsewhere]),
        ("GET", "/api/v1/requests", vec![elsewhere, ("authorization", token.as_str())]),
        ("POST", "/api/v1/coverage", vec![elsewhere]),
        ("POST", "/api/v1/facilities", vec![elsewhere]),
    ] {
        let answer = server.send(method, address, &headers, "{}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {address}");
    }
    let preflight = |address: &str, method: &str| {
        let asked =
            [elsewhere, ("access-control-request-method", method), ("access-control-request-headers", "if-none-match")];
        server.send("OPTIONS", address, &asked, "")
    };
    let may = preflight("/api/v1/nearest?lon=1&lat=2", "GET");
    assert_eq!((may.status, may.header("access-control-allow-origin")), (204, "*"));
    assert_eq!(may.header("access-control-allow-methods"), "GET, HEAD");
    assert!(may.header("access-control-allow-headers").contains("If-None-Match"));
    for (address, method, allow) in [
        ("/api/v1/facilities", "POST", "GET, HEAD, POST, OPTIONS"),
        ("/api/v1/facilities/x", "PATCH", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("/api/v1/siting", "GET", "POST, OPTIONS"),
        ("/sign-in", "GET", "GET, HEAD, POST, OPTIONS"),
    ] {
        let answer = preflight(address, method);
        assert_eq!((answer.status, answer.header("allow")), (204, allow), "{address}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{address}");
    }
    assert_eq!(preflight("/api/nowhere", "GET").status, 404);
    assert_eq!(server.send("HEAD", "/api/v1/nearest?lon=1&lat=2", &[], "").status, 200);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_carry_the_headers_that_browsers_heed_and_hsts_only_over_tls() {
    let database = TestDatabase::new().await;
    let place = ["--database-url", database.address.url.as_str()];
    let server = Server::start(place, &[]);
    for address in ["/", "/api/v1/regions", "/nowhere", "/assets/site.css"] {
        let answer = server.get_with(address, &[("x-forwarded-proto", "https")]);
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{address}");
        assert!(answer.header("permissions-policy").contains("geolocation=(self)"), "{address}");
        assert_eq!(answer.header("strict-transport-security"), "", "nobody's word is believed without the setting");
    }
    let public = server.get("/metrics");
    assert_eq!(public.status, 404);
    assert!(public.text.contains("--metrics-listen"), "{}", public.text);
    server.stop();
    let server = Server::start(place, &["--behind-proxy", "--metrics-listen", "127.0.0.1:0"]);
    let hsts =
        |proto| server.get_with("/", &[("x-forwarded-proto", proto)]).header("strict-transport-security").to_owned();
    assert!(hsts("https").starts_with("max-age="));
    assert_eq!(hsts("http"), "");
    let line =
        server.said.iter().find_map(|line| line.strip_prefix("metrics on ")).expect("a line for scripts").to_owned();
    let figures = ureq::get(&line).call().expect("an answer").body_mut().read_to_string().expect("text");
    assert!(figures.contains("silver_atlas_facilities"), "{figures}");
    assert_eq!(server.get("/metrics").status, 404);
    let private = line.replace("/metrics", "/api/v1/facilities");
    assert!(ureq::get(&private).call().is_err(), "the private listener has nothing else");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_not_warnings_and_a_log_in_a_file_has_no_colours() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    for _ in 0..300 {
        assert_eq!(server.get("/api/v1/nearest?lon=nowhere").status, 400);
        assert_eq!(server.get("/api/v1/requests").status, 401);
        assert_eq!(server.get("/nowhere").status, 404);
    }
    let log = server.log();
    assert!(!log.contains('\u{1b}'), "{log}");
    assert!(log.lines().count() < 30, "{log}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_takes_is_what_its_own_export_brings_back() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    let token = format!("Bearer {}", server.token.clone().expect("a token"));
    let post = |body: serde_json::Value| {
        server.send("POST", "/api/v1/facilities", &[("authorization", &token)], &body.to_string())
    };
    let full = || {
        serde_json::json!({"name": "院".repeat(200), "kind": "nursing_home", "code": "c".repeat(64),
            "phone": "1".repeat(200), "address": "路".repeat(500), "note": "注".repeat(4000),
            "operator": "营".repeat(200), "tags": (0..50).map(|at| format!("{at:060}")).collect::<Vec<_>>()})
    };
    for (field, value, sizes) in [
        ("phone", serde_json::json!("1".repeat(50_000)), ["50000 characters", "200"]),
        ("name", serde_json::json!("名".repeat(10_000)), ["10000 characters", "200"]),
        ("tags", serde_json::json!((0..5_000).map(|at| at.to_string()).collect::<Vec<_>>()), ["5000 items", "50"]),
        ("opened_on", serde_json::json!("0001-01-01"), ["not a day", "0001"]),
        ("price", serde_json::json!({"min": 1e12}), ["price", "1000000000"]),
    ] {
        let mut body = serde_json::json!({"name": "院", "kind": "nursing_home"});
        body[field] = value;
        let refused = post(body);
        let problem = refused.json();
        assert_eq!(refused.status, 422, "{field}: {problem}");
        let fault = &problem["errors"][0];
        assert_eq!(fault["pointer"], format!("/{field}"));
        assert!(sizes.iter().all(|size| fault["detail"].to_string().contains(size)), "{fault}");
    }
    let made = post(full());
    assert_eq!(made.status, 201, "{}", made.text);
    let address = made.header("location").to_owned();
    let headers = [("authorization", token.as_str()), ("if-match", made.header("etag"))];
    let reasoned = format!("{address}?reason={}", "x".repeat(501));
    let note = serde_json::json!({"phone": "1".repeat(200), "request_note": "x".repeat(1001)}).to_string();
    for (method, address, body) in [("DELETE", reasoned.as_str(), ""), ("PATCH", &address, &note)] {
        let answer = server.send(method, address, &headers, body);
        assert_eq!(answer.status, 422, "{method}: {}", answer.text);
        assert!(answer.text.contains("at most"), "{}", answer.text);
    }
    for format in ["csv", "geojson"] {
        let folder = super::server::Folder::new(&format!("limits-{format}"));
        let file = folder.0.join(format!("all.{format}"));
        let file = file.to_str().expect("a path");
        let place = ["--database-url", database.address.url.as_str()];
        let run = |words: &[&str]| super::server::run(&[words, &place].concat());
        let exported = run(&["export", "facilities", "--format", format, "--output", file]);
        assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
        let imported = run(&["import", "facilities", file, "--json"]);
        let report = String::from_utf8_lossy(&imported.stdout).into_owned();
        assert!(imported.status.success(), "{format}: {report}");
        let report: serde_json::Value = serde_json::from_str(&report).expect("a report");
        assert_eq!((&report["rejected"], &report["unchanged"]), (&0.into(), &1.into()), "{format}: {report}");
    }
    server.stop();
}
