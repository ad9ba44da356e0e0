//! Queues and quotas over HTTP: one address that asks for very much does not take the places of anybody else.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use silver_atlas::care::{Role, password};
use silver_atlas::http::who::seal;
use silver_atlas::registry::NewAccount;

use super::server::{Answer, Folder, Server, run};
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

/// A browser's try to sign in from an address; `browser` is the cookie by which it is known again.
fn sign_in(server: &Server, address: &str, (name, word): (&str, &str), browser: Option<&str>) -> Answer {
    let door = "0".repeat(64);
    let known = browser.map_or_else(String::new, |secret| format!("; browser={secret}"));
    let escape = silver_atlas::http::address::escape;
    let body = format!("name={}&password={}&seal={}", escape(name), escape(word), seal(&door));
    let headers = [
        ("x-forwarded-for", address),
        ("cookie", &format!("door={door}{known}")),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    server.send("POST", "/sign-in", &headers, &body)
}

fn browser_of(answer: &Answer) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    cookies.filter_map(|cookie| cookie.strip_prefix("browser=")?.split(';').next().map(str::to_owned)).next()
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_lock_neither_the_address_nor_the_name_for_others() {
    let database = TestDatabase::new().await;
    for name in ["li", "Jos\u{e9}"] {
        let password = Some(password::hash("caf\u{e9} long password").expect("long enough"));
        let new = NewAccount { name: name.into(), role: Role::Admin, region: None, facilities: vec![], password };
        database.registry.add_account(new).await.expect("an account");
    }
    let server = Server::start(["--database-url", &database.address.url], &["--behind-proxy"]);
    let right = "caf\u{e9} long password";
    let first = sign_in(&server, "10.0.0.9", ("li", right), None);
    let browser = browser_of(&first).expect("it is known again");
    assert_eq!(first.status, 303, "{}", first.text);
    // Twenty wrong ones from one address, for names that are there and not.
    for at in 0..20 {
        let name = if at < 8 { "li".to_owned() } else { format!("guess{at}") };
        let answer = sign_in(&server, "10.0.0.1", (&name, "wrong"), None);
        assert!([401, 429].contains(&answer.status), "{}", answer.status);
    }
    assert_eq!(sign_in(&server, "10.0.0.1", ("li", right), None).status, 429, "this name from here");
    assert_eq!(sign_in(&server, "10.0.0.1", ("Jos\u{e9}", right), None).status, 303, "another account from here");
    assert_eq!(sign_in(&server, "10.0.0.2", ("li", right), None).status, 303, "this name from elsewhere");
    assert_eq!(sign_in(&server, "10.0.0.1", ("li", right), Some(&browser)).status, 303, "a browser that is known");
    // However the name and the password are typed.
    for (name, word) in [("jose\u{301}", "cafe\u{301} long password"), ("ＬＩ", right), (" Li ", right)] {
        assert_eq!(sign_in(&server, "10.0.0.3", (name, word), None).status, 303, "{name}");
    }
    for name in ["x".repeat(10_000), "王".repeat(3000), "\u{fdfa}".repeat(200), "a\u{202e}".repeat(90)] {
        let answer = sign_in(&server, "10.0.0.4", (&name, "wrong"), None);
        assert_eq!(answer.status, 401, "{} {}", name.len(), answer.text);
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_nobody_spoke_of_is_warned_of_once() {
    let database = TestDatabase::new().await;
    let mut server = Server::start(["--database-url", &database.address.url], &[]);
    server.forgive(&["--behind-proxy"]);
    for _ in 0..5 {
        assert_eq!(server.get_with("/healthz", &[("x-forwarded-for", "10.0.0.1")]).status, 200);
    }
    server.until(Duration::from_secs(5), "it is said", |server| server.log().contains("--behind-proxy"));
    assert_eq!(server.log().matches("--behind-proxy").count(), 1, "{}", server.log());
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_whose_names_look_the_same_are_not_made() {
    let folder = Folder::new("alike");
    let place = ["--data-dir", folder.0.to_str().expect("a path")];
    let add = |name: &str| run(&["account", "add", name, "--role", "admin", place[0], place[1]]);
    assert!(add("admin1").status.success());
    for name in ["Admin1", "admin1\u{202e}", "ａｄｍｉｎ１", "аdmin1", "аdmіn1", "ADMIN1\u{200b}"] {
        let refused = add(name);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success()
                && (said.contains("looks like") || said.contains("taken") || said.contains("script")),
            "{name:?}: {said}"
        );
    }
    assert!(add("Jos\u{e9}").status.success() && !add("Jose\u{301}").status.success());
    let list = String::from_utf8_lossy(&run(&["account", "list", place[0], place[1]]).stdout).into_owned();
    assert_eq!(list.lines().count(), 2, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_very_many_regions_come_in_pages_and_cost_little_memory() {
    const VILLAGES: usize = 60_000;
    let database = TestDatabase::new().await;
    let folder = Folder::new("many");
    let mut list =
        String::from("code,name,level,parent\n3213,甲市,city,\n321302,甲区,county,3213\n321302001,甲镇,town,321302\n");
    for at in 0..VILLAGES {
        list.push_str(&format!("V{at:07},村{at},village,321302001\n"));
    }
    let file = folder.write("regions.csv", &list);
    let place = ["--database-url", &database.address.url];
    assert!(run(&["import", "regions", file.to_str().expect("a path"), place[0], place[1]]).status.success());
    let server = Server::start(place, &[]);
    server.get("/api/v1/regions");
    for (first, rows, pages) in [
        ("/api/v1/regions?level=village", "features", 12),
        ("/api/v1/coverage?kind=meal_point&within_m=1000&by=village", "rows", 6),
        ("/api/v1/tiers?rule=village_neighbour_point&denominator=all", "rules/0/rows", 6),
    ] {
        // What an earlier list has left behind belongs to rest.
        server.peak_kb();
        let rest = server.peak_kb();
        let (mut address, mut seen, mut count) = (first.to_owned(), std::collections::BTreeSet::new(), 0);
        loop {
            let answer = server.get(&address);
            assert!(answer.status == 200 && answer.text.len() < 8_000_000, "{address}: {}", answer.text.len());
            let page = answer.json();
            assert_eq!(page["numberMatched"], VILLAGES, "{address}");
            for row in page.pointer(&format!("/{rows}")).and_then(Value::as_array).expect("rows") {
                let code = if rows == "features" { &row["id"] } else { &row["region"] };
                assert!(seen.insert(code.to_string()), "{code} came twice");
            }
            count += 1;
            let next = page["links"].as_array().expect("links").iter().find(|link| link["rel"] == "next");
            match next {
                Some(next) => address = next["href"].as_str().expect("an address").to_owned(),
                None => break,
            }
        }
        assert_eq!((seen.len(), count), (VILLAGES, pages), "{first}");
        let grown = server.peak_kb().saturating_sub(rest) / 1024;
        assert!(grown < 64, "{first}: {grown} MB above rest");
    }
    // A table has no place for links: the rest is named in a header.
    for path in [
        "/api/v1/coverage?kind=meal_point&within_m=1000&by=village",
        "/api/v1/tiers?rule=village_neighbour_point&denominator=all",
    ] {
        let table = server.get(&format!("{path}&format=csv&limit=100"));
        assert_eq!(table.text.lines().count(), 101, "{path}");
        let link = table.header("link");
        assert!(link.starts_with("</api/v1/") && link.ends_with("; rel=\"next\""), "{link}");
        let next = link.trim_start_matches('<').split('>').next().expect("an address");
        assert_eq!(server.get(next).text.lines().count(), 101, "{next}");
    }
    let children = server.get("/api/v1/regions/321302001").json();
    assert_eq!(children["properties"]["children"].as_array().map(Vec::len), Some(1000));
    assert_eq!(children["properties"]["children_matched"], VILLAGES);
    server.stop();
}
