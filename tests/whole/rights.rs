//! Every address × every role × inside and outside its scope. An address without a line in the table fails the walk.

use std::collections::BTreeSet;

use serde_json::json;
use silver_atlas::care::correction::Subject;
use silver_atlas::care::fields::Wishes;
use silver_atlas::care::{Claim, Inspection, Kept, ProgrammeFigure, Role, Scenario, Target, Who, kept};
use silver_atlas::registry::{NewAccount, NewCorrection, NewToken, Received, Registry};
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
    /// Who may save scenarios there; those saved here are the planner's own.
    Save,
    /// The same on pages: whoever is nobody is led to sign in.
    SignedInPage,
    LookPage,
    TellPage,
    RegisterPage,
    /// Who may register somewhere, wherever that is.
    DeskPage,
    SavePage,
    /// Who asked, and admins: whoever else decides it says why.
    Withdraw,
    /// Only who carries the seal of a page of ours.
    Sealed,
    /// Nobody here.
    Elsewhere,
}
use May::{
    DeskPage, Elsewhere, Everybody, Look, LookPage, Register, RegisterPage, Save, SavePage, Sealed, SignedIn,
    SignedInPage, Tell, TellPage, Withdraw,
};

/// Forms of a single button.
const NOTHING_TYPED: [&str; 2] = ["/desk/regions", "/desk/corrections/{id}"];

/// The table: method, address, who may.
const TABLE: &[(&str, &str, May)] = &[
    ("GET", "/healthz", Everybody),
    ("GET", "/readyz", Everybody),
    // The figures are given on a listener of their own.
    ("GET", "/metrics", Elsewhere),
    ("GET", "/api/openapi.json", Everybody),
    ("GET", "/api/v1/nearest", Everybody),
    ("GET", "/api/v1/facilities", Everybody),
    ("POST", "/api/v1/facilities", Register),
    ("GET", "/api/v1/facilities/{id}", Everybody),
    ("PATCH", "/api/v1/facilities/{id}", Tell),
    ("DELETE", "/api/v1/facilities/{id}", Register),
    ("GET", "/api/v1/facilities/{id}/history", Everybody),
    ("PATCH", "/api/v1/facilities/{id}/capacity", Tell),
    ("GET", "/api/v1/facilities/{id}/ratings", Everybody),
    ("GET", "/api/v1/ratings/expiring", SignedIn),
    ("GET", "/api/v1/facilities/{id}/inspections", Look),
    ("POST", "/api/v1/facilities/{id}/inspections", Register),
    ("GET", "/api/v1/inspections/sweep", SignedIn),
    ("GET", "/api/v1/inspections/facilities", SignedIn),
    ("GET", "/api/v1/inspections/findings", SignedIn),
    ("GET", "/api/v1/inspections/{id}", Look),
    ("PATCH", "/api/v1/inspections/{id}", Register),
    ("GET", "/api/v1/requests", SignedIn),
    ("GET", "/api/v1/requests/{id}", Look),
    ("DELETE", "/api/v1/requests/{id}", Withdraw),
    ("POST", "/api/v1/requests/{id}/decision", Register),
    ("GET", "/api/v1/changes", Everybody),
    ("GET", "/api/v1/places", Everybody),
    ("GET", "/api/v1/regions", Everybody),
    ("GET", "/api/v1/regions/{code}", Everybody),
    ("PATCH", "/api/v1/regions/{code}", Register),
    ("GET", "/api/v1/coverage", Everybody),
    ("POST", "/api/v1/coverage", Everybody),
    ("GET", "/api/v1/coverage/gaps", Everybody),
    ("POST", "/api/v1/coverage/gaps", Everybody),
    ("GET", "/api/v1/catchment", Everybody),
    ("GET", "/api/v1/coverage/trend", Everybody),
    ("GET", "/api/v1/coverage/scorecard", Everybody),
    ("GET", "/api/v1/standards", Everybody),
    ("GET", "/api/v1/scenarios", SignedIn),
    ("POST", "/api/v1/scenarios", Save),
    ("GET", "/api/v1/scenarios/compare", Everybody),
    ("GET", "/api/v1/scenarios/{id}", Everybody),
    ("PATCH", "/api/v1/scenarios/{id}", Save),
    ("DELETE", "/api/v1/scenarios/{id}", Save),
    ("GET", "/api/v1/scenarios/{id}/coverage", Everybody),
    ("GET", "/api/v1/scenarios/{id}/targets", Everybody),
    ("GET", "/api/v1/tiers", Everybody),
    ("GET", "/api/v1/indicators", Everybody),
    ("GET", "/api/v1/targets", Everybody),
    ("POST", "/api/v1/targets", Register),
    ("GET", "/api/v1/targets/standing", Everybody),
    ("GET", "/api/v1/targets/{id}", Everybody),
    ("PATCH", "/api/v1/targets/{id}", Register),
    ("DELETE", "/api/v1/targets/{id}", Register),
    ("GET", "/api/v1/programmes", Everybody),
    ("POST", "/api/v1/programmes", Register),
    ("GET", "/api/v1/programmes/{id}", Everybody),
    ("PATCH", "/api/v1/programmes/{id}", Register),
    ("DELETE", "/api/v1/programmes/{id}", Register),
    ("GET", "/api/v1/claims", Everybody),
    ("POST", "/api/v1/claims", Register),
    ("GET", "/api/v1/claims/{id}", Everybody),
    ("PATCH", "/api/v1/claims/{id}", Register),
    ("DELETE", "/api/v1/claims/{id}", Register),
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
    ("GET", "/f/{id}/menu", TellPage),
    ("POST", "/f/{id}/menu", TellPage),
    ("GET", "/f/{id}/staff", TellPage),
    ("POST", "/f/{id}/staff", TellPage),
    ("GET", "/f/{id}/licences", TellPage),
    ("POST", "/f/{id}/licences", TellPage),
    ("GET", "/f/{id}/inspections", LookPage),
    ("POST", "/f/{id}/inspections", RegisterPage),
    ("GET", "/f/{id}/merge", RegisterPage),
    ("POST", "/f/{id}/merge", RegisterPage),
    ("GET", "/f/{id}/withdraw", RegisterPage),
    ("POST", "/f/{id}/withdraw", RegisterPage),
    ("GET", "/f/{id}/report", Everybody),
    ("POST", "/f/{id}/report", Sealed),
    ("GET", "/sign-in", Everybody),
    ("POST", "/sign-in", Sealed),
    ("GET", "/my", SignedInPage),
    ("GET", "/desk", SignedInPage),
    ("GET", "/desk/expiring", SignedInPage),
    ("GET", "/desk/sweep", SignedInPage),
    ("GET", "/desk/requests/{id}", LookPage),
    ("POST", "/desk/requests/{id}", RegisterPage),
    ("GET", "/desk/regions", DeskPage),
    ("POST", "/desk/regions", RegisterPage),
    ("GET", "/desk/register", DeskPage),
    ("POST", "/desk/register", RegisterPage),
    ("POST", "/desk/corrections/{id}", RegisterPage),
    ("GET", "/plan", Everybody),
    ("GET", "/plan/catchment", Everybody),
    ("GET", "/plan/scorecard", Everybody),
    ("GET", "/plan/scenario", Everybody),
    ("POST", "/plan/scenario", SavePage),
    ("GET", "/plan/scenarios", Everybody),
    ("GET", "/plan/scenarios/{id}", Everybody),
    ("POST", "/plan/scenarios/{id}", SavePage),
    ("GET", "/plan/tiers", Everybody),
    ("GET", "/plan/targets", Everybody),
    ("POST", "/plan/targets", RegisterPage),
    ("GET", "/plan/targets/{id}/remove", RegisterPage),
    ("POST", "/plan/targets/{id}/remove", RegisterPage),
    ("GET", "/plan/programmes", Everybody),
    ("POST", "/plan/programmes", RegisterPage),
    ("GET", "/plan/programmes/{id}/remove", RegisterPage),
    ("POST", "/plan/programmes/{id}/remove", RegisterPage),
    ("GET", "/plan/claims", Everybody),
    ("POST", "/plan/claims", RegisterPage),
    ("GET", "/plan/claims/{id}/remove", RegisterPage),
    ("POST", "/plan/claims/{id}/remove", RegisterPage),
    ("GET", "/plan/report", Everybody),
    ("GET", "/plan/siting", Everybody),
    ("POST", "/plan/stop", Sealed),
    ("GET", "/data", Everybody),
    ("GET", "/accessibility", Everybody),
    ("GET", "/settings", Everybody),
    ("GET", "/assets/{name}", Everybody),
    ("POST", "/sign-out", Sealed),
];

/// Every method and address of the two tables of routes, as their source tells them.
pub fn routes() -> BTreeSet<(String, String)> {
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

/// A facility with a change request about it, and an inspection of it.
#[derive(Clone)]
struct Place {
    id: Uuid,
    region: &'static str,
    request: Uuid,
    inspection: Uuid,
    correction: Uuid,
    scenario: Uuid,
    /// A target, a programme figure and a claim of the region.
    kept: [Uuid; 3],
}

const REGIONS: &str = "code,name,level,parent\n3213,甲市,city,\n321302,甲县,county,3213\n3703,乙市,city,\n";
const LIST: &str =
    "code,name,kind,region,lon,lat\nA,甲院,nursing_home,321302,118.3,33.9\nB,乙院,nursing_home,3703,117.3,34.9\n";

async fn scenario_of(registry: &Registry, account: Option<Uuid>, region: &str) -> Uuid {
    let question = json!({"within_m": 1000}).as_object().cloned().expect("an object");
    let at = chrono::DateTime::UNIX_EPOCH;
    let new = Scenario {
        id: Uuid::now_v7(),
        version: 1,
        name: "甲方案".into(),
        account,
        actor: "planner:planner".into(),
        region: Some(region.into()),
        question,
        changes: Default::default(),
        note: None,
        made_at: at,
        updated_at: at,
    };
    registry.save_scenario(new).await.expect("saved").0.id
}

async fn request_about(registry: &Registry, id: Uuid, who: &Who) -> Uuid {
    let wish = Wishes::from_iter([("name".to_owned(), json!("别名"))]);
    let words = registry.vocabulary().await.expect("words");
    let amended = registry.amend(id, 1, who, Wishes::new(), wish, None, words).await.expect("asked");
    amended.request.expect("a request")
}

async fn inspection_of(registry: &Registry, id: Uuid) -> Uuid {
    let told = json!({"type": "safety", "inspected_on": "2026-11-01", "result": "passed"});
    let words = registry.vocabulary().await.expect("words");
    let today = "2026-11-25".parse().expect("a day");
    let inspection = Inspection::of(id, told.as_object().expect("an object"), &words, today).expect("sound");
    let number = inspection.id;
    registry.add_inspection(inspection, "somebody", None).await.expect("an inspection");
    number
}

async fn correction_about(registry: &Registry, facility: Uuid) -> Uuid {
    let new = NewCorrection { facility, subject: Subject::Closed, said: None, phone: None };
    assert_eq!(registry.correct(new, "10.0.0.1").await.expect("taken"), Received::Taken);
    let all = registry.corrections().await.expect("a list");
    all.iter().find(|one| one.facility == facility).expect("it waits").id
}

async fn kept_in<T: Kept>(registry: &Registry, told: serde_json::Value) -> Uuid {
    let given = told.as_object().expect("fields").clone();
    let words = registry.vocabulary().await.expect("words");
    let row: T = kept::with(None, &given, &words).expect("a sound row");
    registry.keep(row, None, "operator").await.expect("kept").0.id()
}

async fn rows_of(registry: &Registry, region: &str) -> [Uuid; 3] {
    let figure = json!({"region": region, "programme": "retrofit", "metric": "households", "value": 1,
        "measure": "stock", "as_of": "2024-04-30"});
    [
        kept_in::<Target>(registry, json!({"region": region, "year": 2024, "measure": "beds_added"})).await,
        kept_in::<ProgrammeFigure>(registry, figure).await,
        kept_in::<Claim>(registry, json!({"region": region, "indicator": "1", "value": 145})).await,
    ]
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
    let requests = [request_about(registry, inside, &nobody).await, request_about(registry, outside, &nobody).await];
    let inspections = [inspection_of(registry, inside).await, inspection_of(registry, outside).await];
    let corrections = [correction_about(registry, inside).await, correction_about(registry, outside).await];
    let kept = [rows_of(registry, "321302").await, rows_of(registry, "3703").await];
    let mut people = vec![(None, String::new(), String::new())];
    let mut planner = None;
    for role in [Role::Manager, Role::Planner, Role::Bureau, Role::Admin] {
        let region = matches!(role, Role::Planner | Role::Bureau).then(|| "3213".into());
        let facilities = if role == Role::Manager { vec![inside] } else { vec![] };
        let new = NewAccount { name: role.code().into(), role, region, facilities, password: None };
        let id = registry.add_account(new).await.expect("an account");
        planner = planner.or((role == Role::Planner).then_some(id));
        let token = NewToken { account: Some(id), role, ..NewToken::operators(role.code().into(), Some(1)) };
        let token = registry.make_token(token).await.expect("a token");
        people.push((Some(role), token, registry.begin_session(id, None).await.expect("a session")));
    }
    let scenarios = [scenario_of(registry, planner, "321302").await, scenario_of(registry, None, "3703").await];
    let [own, foreign] = [(inside, "321302", 0), (outside, "3703", 1)].map(|(id, region, at)| Place {
        id,
        region,
        request: requests[at],
        inspection: inspections[at],
        correction: corrections[at],
        scenario: scenarios[at],
        kept: kept[at],
    });
    let places = [own, foreign];
    let server = Server::start(place, &[]);
    let mut walked = 0;
    for (method, path, may) in TABLE {
        for (role, token, session) in &people {
            for (at, place) in places.iter().enumerate() {
                let kept =
                    ["targets/{id}", "programmes/{id}", "claims/{id}"].iter().position(|word| path.contains(word));
                let subject = match path {
                    _ if path.contains("/requests/{id}") => place.request,
                    _ if path.contains("/inspections/{id}") => place.inspection,
                    _ if path.contains("/corrections/{id}") => place.correction,
                    _ if path.contains("/scenarios/{id}") => place.scenario,
                    _ if kept.is_some() => place.kept[kept.unwrap_or_default()],
                    _ => place.id,
                };
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
                let counting = format!("region={}&counts=false", place.region);
                let registering = format!("kind=nursing_home&name=新院&region={}", place.region);
                let target = format!("region={}&year=2030&measure=beds_added", place.region);
                let figure =
                    format!("region={}&programme=a&metric=b&value=1&measure=stock&as_of=2030-01-01", place.region);
                let claim = format!("region={}&indicator=1&value=1&as_of=2030-01-01", place.region);
                let fields = match *path {
                    "/desk/register" => &registering,
                    "/desk/regions" => &counting,
                    "/plan/targets" => &target,
                    "/plan/programmes" => &figure,
                    "/plan/claims" => &claim,
                    "/f/{id}/capacity" => "version=1&measure=beds&total=30",
                    "/f/{id}/edit" => "version=1&phone=1",
                    "/f/{id}/menu" => "version=1&day=2030-01-01&dishes_lunch=1",
                    "/f/{id}/staff" => "version=1&caregivers=1&as_of=2026-10-01",
                    "/f/{id}/licences" => "version=1&type_0=fire",
                    "/f/{id}/inspections" => "type=safety&inspected_on=2026-11-01&result=passed",
                    "/f/{id}/history" => "version=1&seq=1",
                    "/sign-in" => "name=nobody&password=nothing",
                    "/plan/scenario" => "name=a",
                    "/plan/scenarios/{id}" => "version=9&name=a",
                    _ => "",
                };
                let fields = match *path {
                    "/plan/scenario" => format!("{fields}&query=within_m%3D1000%26region%3D{}", place.region),
                    _ => fields.to_owned(),
                };
                let form = format!("{fields}&seal={}", silver_atlas::http::who::seal(session));
                let json = json!({"name": "新院", "kind": "nursing_home", "region": place.region, "phone": "1"});
                let body = if path.starts_with("/api/") { json.to_string() } else { form };
                let status = server.send(method, &address, headers.as_slice(), &body).status;
                let expected = match (may, role) {
                    (Elsewhere, _) => Some(404),
                    // A form of a browser without a seal of ours; a session signs out once, and is then nobody.
                    (Sealed, None) => Some(403),
                    (Sealed, _) | (Everybody, _) | (_, Some(Role::Admin)) => None,
                    // What was typed goes along with the page that asks to sign in.
                    (SignedInPage | LookPage | TellPage | RegisterPage | DeskPage | SavePage, None)
                        if *method == "POST" && !NOTHING_TYPED.contains(path) =>
                    {
                        Some(401)
                    }
                    (SignedInPage | LookPage | TellPage | RegisterPage | DeskPage | SavePage, None) => Some(303),
                    (_, None) => Some(401),
                    (SignedIn | SignedInPage, _) | (DeskPage, Some(Role::Bureau)) => None,
                    _ if at == 1 => Some(403),
                    (Withdraw, _) => Some(403),
                    (Look | LookPage, _) => None,
                    (_, Some(Role::Bureau)) | (Tell | TellPage, Some(Role::Manager)) => None,
                    (Save | SavePage, Some(Role::Planner)) => None,
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
