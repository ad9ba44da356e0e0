//! Requests as a generator of them makes: days that are none, tokens that nobody holds, bodies of another type or shape.

use serde_json::json;

use super::server::Server;
use super::support::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn what_no_client_means_is_refused_with_its_place_and_never_a_fault_of_the_service() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &[]);
    let bearer = format!("Bearer {}", server.token.as_ref().expect("the operator's token"));
    for day in ["-4713-01-01", "0000-01-01", "+12345-01-01", "-0001-01-01T00:00:00Z", "1799-12-31"] {
        for path in
            ["/api/v1/nearest?lon=118.3&lat=33.9&as_of=", "/api/v1/targets?as_of=", "/api/v1/facilities?standing_on="]
        {
            let answer = server.get(&format!("{path}{}", day.replace('+', "%2B")));
            assert!(
                answer.status == 400
                    && (answer.text.contains("a day")
                        || answer.text.contains("future")
                        || answer.text.contains("lies after")),
                "{path}{day}: {} {}",
                answer.status,
                answer.text
            );
        }
    }
    let auth = [("authorization", bearer.as_str())];
    let place = json!({"lon": 118.3, "lat": 33.9, "datum": "wgs84"});
    let made = server.send(
        "POST",
        "/api/v1/facilities",
        &auth,
        &json!({"name": "甲", "kind": "canteen", "place": place}).to_string(),
    );
    assert_eq!(made.status, 201, "{}", made.text);
    let address = made.header("location").to_owned();
    let rated = json!({"ratings": [{"scheme": "gb37276", "level": 1, "rated_on": "-0001-01-01"}]}).to_string();
    let refused = server.patch(&address, &[("if-match", "*")], &rated);
    assert!(refused.status == 422 && refused.text.contains("/ratings"), "{} {}", refused.status, refused.text);
    let day =
        json!({"region": "3213", "indicator": "48", "value": 0.5, "source": "s", "as_of": "0000-01-01"}).to_string();
    let refused = server.send("POST", "/api/v1/claims", &auth, &day);
    assert!(refused.status == 422 && refused.text.contains("/as_of"), "{} {}", refused.status, refused.text);

    // A log that ends before what is asked for says where it ends.
    let revision = server.get("/api/v1/facilities").json()["revision"].clone();
    let ahead = server.get("/api/v1/changes?since=99999").json();
    assert_eq!((&ahead["revision"], &ahead["since"]), (&revision, &json!(99999)));

    // A token that nobody holds is nobody's, at public addresses too; another scheme is for somebody else.
    for path in ["/api/v1/facilities", "/api/v1/nearest?lon=118.3&lat=33.9"] {
        let refused = server.get_with(path, &[("authorization", "Bearer nobody's")]);
        assert!(refused.status == 401 && refused.text.contains("token"), "{path}: {} {}", refused.status, refused.text);
        assert_eq!(server.get_with(path, &[("authorization", "Basic eDp5")]).status, 200, "{path}");
        assert_eq!(server.get_with(path, &auth).status, 200, "{path}");
    }

    // JSON in UTF-8, everywhere.
    for (method, path, kind) in [
        ("PATCH", "/api/v1/regions/3213", "text/plain"),
        ("PATCH", address.as_str(), "application/json; charset=utf-16"),
        ("PATCH", &format!("{address}/capacity"), "text/html"),
    ] {
        let refused = server.patch(path, &[("if-match", "*"), ("content-type", kind)], "{\"phone\":\"1\"}");
        let expected = if path.contains("regions") { [404, 415] } else { [415, 415] };
        assert!(expected.contains(&refused.status), "{method} {path} {kind}: {} {}", refused.status, refused.text);
    }

    // An empty list does not ask about everything.
    for (path, body) in [
        ("/api/v1/coverage", json!({"kind": "canteen", "within_m": 1000, "region": []})),
        ("/api/v1/coverage", json!({"kind": "canteen", "within_m": 1000, "service": {}})),
        ("/api/v1/coverage/gaps", json!({"kind": "canteen", "within_m": 1000, "weight": [null]})),
        ("/api/v1/siting", json!({"kind": "canteen", "within_m": 1000, "sites": 1, "region": []})),
    ] {
        let refused = server.send("POST", path, &auth, &body.to_string());
        assert_eq!(refused.status, 422, "{path} {body}: {}", refused.text);
    }
    let note = json!({"name": "乙", "request_note": {"a": 1}}).to_string();
    assert_eq!(server.patch(&address, &[("if-match", "*")], &note).status, 422);

    // Many wrong parameters are not answered with a long list of each.
    let many: Vec<String> = (0..2000).map(|at| format!("a{at}=1")).collect();
    let refused = server.get(&format!("/api/v1/facilities?{}", many.join("&")));
    assert!(refused.status == 400 && refused.text.len() < 20_000, "{} bytes", refused.text.len());
    server.stop();
}
