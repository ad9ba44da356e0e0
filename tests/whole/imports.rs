//! Files in and out by the command line: twice is once, out and in is nothing new, all rows or none.

use serde_json::Value;

use super::server::{Folder, Server, run};
use super::support::TestDatabase;

struct Bench {
    folder: Folder,
    database: TestDatabase,
}

impl Bench {
    async fn new(name: &str) -> Bench {
        Bench { folder: Folder::new(name), database: TestDatabase::new().await }
    }

    /// Imports a text; answers the exit status and the JSON report.
    fn import(&self, what: &str, name: &str, text: &str, more: &[&str]) -> (Option<i32>, Value) {
        let file = self.folder.write(name, text);
        self.import_file(what, file.to_str().expect("a path"), more)
    }

    fn import_file(&self, what: &str, file: &str, more: &[&str]) -> (Option<i32>, Value) {
        let url = self.database.address.url.clone();
        let output = run(&[&["import", what, file, "--json", "--database-url", &url], more].concat());
        let text = String::from_utf8_lossy(&output.stdout);
        let report = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code(), report)
    }
}

const SEED: [(&str, &str); 7] = [
    ("regions", "seed/regions.geojson"),
    ("population", "seed/population.csv"),
    ("facilities", "seed/facilities.csv"),
    ("inspections", "seed/inspections.csv"),
    ("programmes", "seed/programmes.csv"),
    ("targets", "seed/targets.csv"),
    ("claims", "seed/claims.csv"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_comes_in_once_and_goes_out_and_in_again_without_a_change() {
    let bench = Bench::new("seed").await;
    for (what, file) in SEED {
        let (status, report) = bench.import_file(what, file, &[]);
        assert_eq!((status, report["rejected"].as_u64()), (Some(0), Some(0)), "{report}");
        assert_eq!(report["accepted"], report["rows"]);
        // Several rows may be one inspection.
        assert!(report["inserted"] == report["rows"] || what == "inspections", "{report}");
        let (status, again) = bench.import_file(what, file, &[]);
        assert_eq!(status, Some(0));
        assert_eq!((&again["inserted"], &again["updated"]), (&0.into(), &0.into()), "{what} twice: {again}");
        assert_eq!((&again["unchanged"], &again["accepted"]), (&report["inserted"], &report["rows"]));
    }
    let url = bench.database.address.url.clone();
    for format in ["csv", "geojson"] {
        let out = bench.folder.0.join(format!("out.{format}"));
        let out = out.to_str().expect("a path");
        let written = run(&["export", "facilities", "--format", format, "--output", out, "--database-url", &url]);
        assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
        let (status, back) = bench.import_file("facilities", out, &[]);
        assert_eq!(status, Some(0), "{back}");
        assert_eq!((&back["inserted"], &back["updated"]), (&0.into(), &0.into()), "{format}: {back}");
        assert_eq!(back["unchanged"], 2241, "{format}");
    }
    let out = bench.folder.0.join("inspections.csv");
    let out = out.to_str().expect("a path");
    assert!(run(&["export", "inspections", "--output", out, "--database-url", &url]).status.success());
    let (status, back) = bench.import_file("inspections", out, &[]);
    assert_eq!((status, &back["inserted"], &back["updated"]), (Some(0), &0.into(), &0.into()), "{back}");
    assert_eq!(back["rows"], 56);
    let held =
        bench.database.registry.inspections(silver_atlas::registry::Inspections::All).await.expect("inspections");
    for inspection in &held {
        let id = inspection.id.to_string();
        let log = bench.database.registry.history(silver_atlas::care::Entity::Inspection, &id);
        assert_eq!(log.await.expect("a history").len(), 1, "one line in the log each");
    }
    let book = bench.folder.0.join("out.xlsx");
    let out = book.to_str().expect("a path");
    assert!(
        run(&["export", "facilities", "--format", "xlsx", "--output", out, "--database-url", &url]).status.success()
    );
    assert!(std::fs::read(&book).expect("a workbook").starts_with(b"PK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_with_a_bad_row_stays_out_and_names_it() {
    let bench = Bench::new("ledger").await;
    bench.import("regions", "r.csv", "code,name,level\n3715,聊城市,city\n", &[]);
    let text = "region,year,measure,planned\n3715,2024,nursing_beds_added,500\n3716,2024,nursing_bed_added,\n";
    let (status, report) = bench.import("targets", "t.csv", text, &[]);
    assert_eq!((status, &report["committed"], &report["rejected"]), (Some(1), &false.into(), &1.into()), "{report}");
    let findings = report["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|finding| finding["row"] == 3 && finding["column"] == "measure"), "{report}");
    let good = "region,year,measure,planned\n3715,2024,nursing_beds_added,500\n";
    assert_eq!(bench.import("targets", "t.csv", good, &[]).1["inserted"], 1);
    assert_eq!(bench.import("targets", "t.csv", good, &[]).1["unchanged"], 1);
    let unknown = bench.import("targets", "t.csv", "region,year,measure\n3716,2024,beds_added\n", &[]);
    assert_eq!(unknown.1["findings"][0]["code"], "unknown_region", "{}", unknown.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_row_stops_the_whole_file_unless_the_good_ones_are_asked_for() {
    let bench = Bench::new("bad-row").await;
    let text = "code,name,kind,beds_total,beds_nursing,lon,lat\n\
                A,Good,nursing_home,100,50,118.3,33.9\n\
                B,Bad,nursing_home,80,95,118.3,33.9\n\
                C,Bad,nursing_hoem,ten,,200,33.9\n";
    let (status, report) = bench.import("facilities", "f.csv", text, &[]);
    assert_eq!(status, Some(1));
    assert_eq!((&report["committed"], &report["rejected"]), (&false.into(), &2.into()), "{report}");
    let findings = report["findings"].as_array().expect("findings");
    let of =
        |row: u64, column: &str| findings.iter().any(|finding| finding["row"] == row && finding["column"] == column);
    assert!(of(3, "beds_nursing") && of(4, "kind") && of(4, "beds_total") && of(4, "lon"), "{report}");
    let (status, good) = bench.import("facilities", "f.csv", text, &["--accept-good-rows"]);
    assert_eq!((status, &good["inserted"]), (Some(1), &1.into()), "{good}");
    let server = Server::start(["--database-url", &bench.database.address.url], &[]);
    assert_eq!(server.get("/api/v1/facilities").json()["numberMatched"], 1);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_all_and_writes_nothing() {
    let bench = Bench::new("dry").await;
    let text = "code,name,kind\nA,One,canteen\n";
    let (status, report) = bench.import("facilities", "f.csv", text, &["--dry-run"]);
    assert_eq!((status, &report["inserted"], &report["committed"]), (Some(0), &1.into(), &false.into()), "{report}");
    let (_, real) = bench.import("facilities", "f.csv", text, &[]);
    assert_eq!(real["inserted"], 1, "the dry run had written it: {real}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_cell_never_clears_and_a_later_file_adds_to_the_record() {
    let bench = Bench::new("empty").await;
    bench.import("facilities", "a.csv", "code,name,kind,phone,seats\nA,One,canteen,0527-5555-0101,40\n", &[]);
    let (_, report) = bench.import("facilities", "b.csv", "code,name,kind,phone,seats\nA,One,canteen,,45\n", &[]);
    assert_eq!(report["updated"], 1, "{report}");
    let server = Server::start(["--database-url", &bench.database.address.url], &[]);
    let list = server.get("/api/v1/facilities").json();
    let facility = &list["features"][0]["properties"];
    assert_eq!(facility["phone"], "0527-5555-0101");
    assert_eq!(facility["capacity"]["seats"]["total"], 45);
    assert_eq!(facility["version"], 2);
    server.stop();
}

#[test]
fn wrong_usage_ends_with_status_two() {
    for arguments in [&["import", "homes", "x.csv"] as &[&str], &["serve", "--port", "80"], &["nothing"]] {
        assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    let folder = Folder::new("usage");
    let data = folder.0.to_str().expect("a path");
    let missing = run(&["import", "facilities", "no-such-file.csv", "--data-dir", data]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-file.csv"));
}
