//! Every address × every role × inside and outside its scope. An address without a line in the table fails the walk.

use std::collections::BTreeSet;

use serde_json::json;
use silver_atlas::care::fields::Wishes;
use silver_atlas::care::{Role, Who};
use silver_atlas::registry::{NewAccount, NewToken, Registry};
use uuid::Uuid;

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

/// Who may do it.
#[derive(Clone, Copy, PartialEq, Debug)]
enum May {
    /// Everybody, signed in or not.
    Everybody,
    /// Everybody who is somebody; they see what is theirs.
    SignedIn,
    /// Who may look, tell or register on this ground.
    Look,
    Tell,
    Register,
    /// The same on pages: whoever is nobody is led to sign in.
    SignedInPage,
    LookPage,
    TellPage,
    RegisterPage,
    /// Only who carries the seal of a page of ours.
    Sealed,
}
use May::{Everybody, Look, LookPage, Register, RegisterPage, Sealed, SignedIn, SignedInPage, Tell, TellPage};

/// The table: method, address, who may.
const TABLE: &[(&str, &str, May)] = &[
    ("GET", "/healthz", Everybody),
    ("GET", "/readyz", Everybody),
    ("GET", "/metrics", Everybody),
    ("GET", "/api/openapi.json", Everybody),
    ("GET", "/api/v1/nearest", Everybody),
    ("GET", "/api/v1/facilities", Everybody),
    ("POST", "/api/v1/facilities", Register),
    ("GET", "/api/v1/facilities/{id}", Everybody),
    ("PATCH", "/api/v1/facilities/{id}", Tell),
    ("GET", "/api/v1/facilities/{id}/history", Everybody),
    ("PATCH", "/api/v1/facilities/{id}/capacity", Tell),
    ("GET", "/api/v1/requests", SignedIn),
    ("GET", "/api/v1/requests/{id}", Look),
    ("DELETE", "/api/v1/requests/{id}", Tell),
    ("POST", "/api/v1/requests/{id}/decision", Register),
    ("GET", "/api/v1/changes", Everybody),
    ("GET", "/api/v1/places", Everybody),
    ("GET", "/api/v1/regions", Everybody),
    ("GET", "/api/v1/regions/{code}", Everybody),
    ("GET", "/api/v1/coverage", Everybody),
    ("GET", "/api/v1/coverage/gaps", Everybody),
    ("POST", "/api/v1/siting", Everybody),
    ("GET", "/api/v1/jobs/{id}", Everybody),
    ("DELETE", "/api/v1/jobs/{id}", Everybody),
    ("GET", "/", Everybody),
    ("GET", "/search", Everybody),
    ("GET", "/map", Everybody),
    ("GET", "/compare", Everybody),
    ("GET", "/f/{id}", Everybody),
    ("GET", "/f/{id}/go", Everybody),
    ("GET", "/f/{id}/capacity", TellPage),
    ("POST", "/f/{id}/capacity", TellPage),
    ("GET", "/f/{id}/edit", TellPage),
    ("POST", "/f/{id}/edit", TellPage),
    ("GET", "/f/{id}/history", LookPage),
    ("POST", "/f/{id}/history", RegisterPage),
    ("GET", "/sign-in", Everybody),
    ("POST", "/sign-in", Sealed),
    ("GET", "/my", SignedInPage),
    ("GET", "/desk", SignedInPage),
    ("GET", "/desk/requests/{id}", LookPage),
    ("POST", "/desk/requests/{id}", RegisterPage),
    ("GET", "/plan", Everybody),
    ("GET", "/plan/siting", Everybody),
    ("POST", "/plan/siting", Sealed),
    ("GET", "/data", Everybody),
    ("GET", "/accessibility", Everybody),
    ("GET", "/settings", Everybody),
    ("GET", "/assets/{name}", Everybody),
    ("POST", "/sign-out", Sealed),
];

/// Every method and address of the two tables of routes, as their source tells them.
fn routes() -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    for source in [include_str!("../../src/api/mod.rs"), include_str!("../../src/pages/mod.rs")] {
        let table = &source[source.find("pub fn routes").expect("a table of addresses")..];
        for service in table.split("service(").skip(1) {
            let Some(path) = service.split('"').nth(1).filter(|path| path.starts_with('/')) else { continue };
            if path == "/assets/map" {
                continue; // Files from a folder: GET by nature, and nobody's.
            }
            let methods = ["post", "patch", "put", "delete"];
            let service = if service.starts_with("form(") { "form( web::post() reads()" } else { service };
            let written = methods.into_iter().filter(|method| service.contains(&format!("web::{method}()")));
            let reads = service.starts_with("read(") || service.contains("reads()") || service.contains("web::get()");
            for method in written.chain(reads.then_some("get")) {
                routes.insert((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    routes
}

#[test]
fn every_address_has_a_line_in_the_table_of_rights() {
    let table: BTreeSet<_> = TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    let routes = routes();
    assert_eq!(routes.difference(&table).collect::<Vec<_>>(), Vec::<&_>::new(), "addresses without a line");
    assert_eq!(table.difference(&routes).collect::<Vec<_>>(), Vec::<&_>::new(), "lines without an address");
    assert!(routes.len() > 25, "the tables of addresses were read: {}", routes.len());
}

/// A facility with a change request about it.
#[derive(Clone)]
struct Place {
    id: Uuid,
    region: &'static str,
    request: Uuid,
}

const REGIONS: &str = "code,name,level,parent\n3213,甲市,city,\n321302,甲县,county,3213\n3703,乙市,city,\n";
const LIST: &str =
    "code,name,kind,region,lon,lat\nA,甲院,nursing_home,321302,118.3,33.9\nB,乙院,nursing_home,3703,117.3,34.9\n";

async fn request_about(registry: &Registry, id: Uuid, who: &Who) -> Uuid {
    let wish = Wishes::from_iter([("name".to_owned(), json!("别名"))]);
    let words = registry.vocabulary().await.expect("words");
    let amended = registry.amend(id, 1, who, Wishes::new(), wish, None, words).await.expect("asked");
    amended.request.expect("a request")
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_beyond_their_right_by_any_address() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("rights");
    let place = ["--database-url", &database.address.url];
    for (what, name, text) in [("regions", "r.csv", REGIONS), ("facilities", "f.csv", LIST)] {
        let file = folder.write(name, text);
        let ran = run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    let registry = &database.registry;
    let record = registry.load().await.expect("loads");
    let named = |code: &str| record.facilities.iter().find(|facility| facility.code.as_deref() == Some(code));
    let (inside, outside) = (named("A").expect("A").id, named("B").expect("B").id);
    let nobody = Who::operator("somebody".into(), false);
    let places = [
        Place { id: inside, region: "321302", request: request_about(registry, inside, &nobody).await },
        Place { id: outside, region: "3703", request: request_about(registry, outside, &nobody).await },
    ];
    let mut people = vec![(None, String::new(), String::new())];
    for role in [Role::Manager, Role::Planner, Role::Bureau, Role::Admin] {
        let region = matches!(role, Role::Planner | Role::Bureau).then(|| "3213".into());
        let facilities = if role == Role::Manager { vec![inside] } else { vec![] };
        let new = NewAccount { name: role.code().into(), role, region, facilities, password: None };
        let id = registry.add_account(new).await.expect("an account");
        let token = NewToken { account: Some(id), role, ..NewToken::operators(role.code().into(), Some(1)) };
        let token = registry.make_token(token).await.expect("a token");
        people.push((Some(role), token, registry.begin_session(id, None).await.expect("a session")));
    }
    let server = Server::start(place, &[]);
    let mut walked = 0;
    for (method, path, may) in TABLE {
        for (role, token, session) in &people {
            for (at, place) in places.iter().enumerate() {
                let subject = if path.contains("requests") { place.request } else { place.id };
                let address = path
                    .replace("{id}", &subject.to_string())
                    .replace("{code}", place.region)
                    .replace("{name}", "site.css");
                let credential = if path.starts_with("/api/") {
                    ("authorization", format!("Bearer {token}"))
                } else {
                    ("cookie", format!("session={session}"))
                };
                let headers = role.map(|_| (credential.0, credential.1.as_str()));
                let fields = match *path {
                    "/f/{id}/capacity" => "version=1&measure=beds&total=30",
                    "/f/{id}/edit" => "version=1&phone=1",
                    "/f/{id}/history" => "version=1&seq=1",
                    "/sign-in" => "name=nobody&password=nothing",
                    _ => "",
                };
                let form = format!("{fields}&seal={}", silver_atlas::http::who::seal(session));
                let json = json!({"name": "新院", "kind": "nursing_home", "region": place.region, "phone": "1"});
                let body = if path.starts_with("/api/") { json.to_string() } else { form };
                let status = server.send(method, &address, headers.as_slice(), &body).status;
                let expected = match (may, role) {
                    // A form of a browser without a seal of ours; a session signs out once, and is then nobody.
                    (Sealed, None) => Some(403),
                    (Sealed, _) | (Everybody, _) | (_, Some(Role::Admin)) => None,
                    (SignedInPage | LookPage | TellPage | RegisterPage, None) => Some(303),
                    (_, None) => Some(401),
                    (SignedIn | SignedInPage, _) => None,
                    _ if at == 1 => Some(403),
                    (Look | LookPage, _) => None,
                    (_, Some(Role::Bureau)) | (Tell | TellPage, Some(Role::Manager)) => None,
                    _ => Some(403),
                };
                let line = format!("{method} {address} by {role:?}, {}", ["inside", "outside"][at]);
                match expected {
                    Some(expected) => assert_eq!(status, expected, "{line}"),
                    None => assert!(
                        ![401, 403, 404, 405].contains(&status)
                            || path.starts_with("/f/{id}")
                            || path.contains("/jobs/")
                            || *may == Sealed,
                        "{line}: {status}"
                    ),
                }
                walked += 1;
            }
        }
    }
    assert_eq!(walked, TABLE.len() * 10);
    // Forged and borrowed credentials open nothing.
    let address = format!("/api/v1/facilities/{inside}/capacity");
    let session = people[4].2.as_str();
    for credential in ["Bearer sa_forged", "Bearer ", "Basic YWRtaW46YWRtaW4=", &format!("Bearer {session}")] {
        assert_eq!(server.send("PATCH", &address, &[("authorization", credential)], "{}").status, 401, "{credential}");
    }
    let cookie = format!("session={session}");
    assert_eq!(server.send("PATCH", &address, &[("cookie", &cookie)], "{}").status, 401, "the API knows no cookies");
    server.stop();
}
