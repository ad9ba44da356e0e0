//! Whole files into a real record: once, twice, out and in again, with bad rows, and as a rehearsal.

use crate::support::TestDatabase;
use silver_atlas::care::{Datum, Entity};
use silver_atlas::exchange::{Profile, facility_csv, facility_geojson};
use silver_atlas::intake::{Order, Report, SourceFile, bring_in};

fn order(what: Entity) -> Order<'static> {
    Order { what, datum: Datum::Wgs84, profile: None, dry_run: false, accept_good_rows: false, actor: "import" }
}

async fn bring(test: &TestDatabase, bytes: &[u8], order: Order<'_>) -> Report {
    bring_in(&test.registry, SourceFile { name: "file", bytes }, order, &mut |_| {}).await.expect("the record answers")
}

fn counts(report: &Report) -> (u64, u64, u64, u64, bool) {
    (report.inserted, report.updated, report.unchanged, report.rejected, report.committed)
}

const REGIONS: &str = r#"{"type":"FeatureCollection","features":[
 {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[118.1,33.1],[118.9,33.1],[118.9,33.9],[118.1,33.9],[118.1,33.1]]]},
  "properties":{"code":"321399","name":"示例区","level":"county","parent":"321300","demo":true}},
 {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[118,33],[119,33],[119,34],[118,34],[118,33]]]},
  "properties":{"code":"321300","name":"示例市","level":"city","lon":118.5,"lat":33.5,"demo":true}}]}"#;

#[tokio::test]
async fn the_cms_file_comes_in_once_and_out_and_in_again_as_no_change() {
    let folder = std::env::var("SILVER_ATLAS_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
    let Ok(bytes) = std::fs::read(format!("{folder}/cms-nursing-homes-2021-08.csv")) else {
        return eprintln!("SKIPPED: the shared data is not there");
    };
    let test = TestDatabase::new().await;
    let profile = Profile::embedded("cms-nursing-homes").unwrap().unwrap();
    let cms = Order { profile: Some(&profile), ..order(Entity::Facility) };
    let first = bring(&test, &bytes, cms).await;
    assert_eq!(counts(&first), (15_283, 0, 0, 0, true));
    let of = |code: &str| first.findings.iter().filter(|finding| finding.code == code).count();
    assert_eq!((of("over_capacity"), of("no_point"), first.findings_total), (122, 10, 132));
    let second = bring(&test, &bytes, cms).await;
    assert_eq!(counts(&second), (0, 0, 15_283, 0, false));
    assert!(second.to_string().contains("no change (无变化): 15,283 rows are already so"));
    assert_eq!(second.revision, first.revision);
    let record = test.registry.load().await.unwrap();
    let (mut csv, mut geojson) = (Vec::new(), Vec::new());
    facility_csv::write(&record.facilities, &record.vocabulary, &mut csv).unwrap();
    facility_geojson::write(&record.facilities, &record.vocabulary, &record.regions, &mut geojson).unwrap();
    for bytes in [csv, geojson] {
        let again = bring(&test, &bytes, order(Entity::Facility)).await;
        assert_eq!(counts(&again), (0, 0, 15_283, 0, false), "{again}");
    }
}

#[tokio::test]
async fn a_day_that_has_not_come_is_a_finding_on_its_row() {
    let test = TestDatabase::new().await;
    let today = chrono::Utc::now().date_naive();
    let file = format!(
        "name,kind,beds_total,capacity_as_of,caregivers,staff_as_of,rating_scheme,rating_level,rated_on\n\
         A,nursing_home,9,{today},1,{today},gb37276,3,{today}\n\
         B,nursing_home,9,2099-01-01,1,2099-01-01,gb37276,3,2099-01-01\n"
    );
    let report = bring(&test, file.as_bytes(), Order { accept_good_rows: true, ..order(Entity::Facility) }).await;
    let told: Vec<_> = report.findings.iter().map(|finding| (finding.row, finding.code, &*finding.column)).collect();
    let late = |column| (3, "in_future", column);
    let told: Vec<_> = told.into_iter().filter(|(_, code, _)| *code == "in_future").collect();
    assert_eq!(told, [late("capacity_as_of"), late("staff_as_of"), late("rated_on")]);
    assert_eq!((report.inserted, report.committed), (1, true), "{report}");
}

#[tokio::test]
async fn regions_and_people_come_in_twice_and_the_second_time_nothing_changes() {
    let test = TestDatabase::new().await;
    let people = "lon,lat,region,total,aged_60,as_of\n118.5,33.5,,100,30,2020-11-01\n118.05,33.5,,50,,\n10,10,,5,,\n,,321300,7,,\n";
    for datum in [Datum::Wgs84, Datum::Gcj02] {
        let regions = Order { datum, ..order(Entity::Region) };
        assert!(bring(&test, REGIONS.as_bytes(), regions).await.committed);
        assert_eq!(counts(&bring(&test, REGIONS.as_bytes(), regions).await), (0, 0, 2, 0, false), "{datum:?}");
        let demand = Order { datum, ..order(Entity::DemandPoint) };
        let report = bring(&test, people.as_bytes(), demand).await;
        assert_eq!((report.accepted, report.committed), (4, true));
        assert_eq!(counts(&bring(&test, people.as_bytes(), demand).await), (0, 0, 4, 0, false), "{datum:?}");
    }
    let record = test.registry.load().await.unwrap();
    let region_of = |total| {
        let point = record.demand.iter().find(|point| point.total == Some(total)).unwrap();
        point.region.as_deref().map(str::to_owned)
    };
    assert_eq!(
        (region_of(100).as_deref(), region_of(50).as_deref(), region_of(5)),
        (Some("321399"), Some("321300"), None)
    );
}

#[tokio::test]
async fn a_bad_row_keeps_the_file_out_unless_the_good_ones_are_asked_for() {
    let test = TestDatabase::new().await;
    bring(&test, REGIONS.as_bytes(), order(Entity::Region)).await;
    let file = "code,name,kind,region,lon,lat,beds_total,beds_occupied,phone\n\
                A1,示例敬老院,nursing_home,321399,118.5,33.5,120,97,'+86 527 5555 0101\n\
                A2,示例养老院,nursing_home,321398,118.5,33.5,many,,\n\
                A3,示例护理院,nursing_home,321399,119.5,33.5,80,85,\n";
    let all = bring(&test, file.as_bytes(), order(Entity::Facility)).await;
    assert_eq!(counts(&all), (2, 0, 0, 1, false));
    assert!(!all.clean());
    let rehearsal =
        bring(&test, file.as_bytes(), Order { dry_run: true, accept_good_rows: true, ..order(Entity::Facility) }).await;
    assert_eq!(counts(&rehearsal), (2, 0, 0, 1, false));
    assert!(test.registry.load().await.unwrap().facilities.is_empty());
    let good = Order { accept_good_rows: true, ..order(Entity::Facility) };
    let report = bring(&test, file.as_bytes(), good).await;
    assert_eq!(counts(&report), (2, 0, 0, 1, true));
    assert!(!report.clean() && report.to_string().contains("done with rejected rows"));
    let codes: Vec<_> = report.findings.iter().map(|finding| (finding.row, finding.code)).collect();
    assert_eq!(codes, [(3, "not_a_number"), (4, "over_capacity"), (4, "outside_region")]);
    assert_eq!(counts(&bring(&test, file.as_bytes(), good).await), (0, 0, 2, 1, false));
    let update =
        "code,name,kind,beds_total,beds_nursing\nA1,示例敬老院,nursing_home,,130\nA3,示例护理院,nursing_home,90,\n";
    let report = bring(&test, update.as_bytes(), good).await;
    assert_eq!(counts(&report), (0, 1, 0, 1, true));
    let record = test.registry.load().await.unwrap();
    let phone = record.facilities.iter().find_map(|facility| facility.phone.as_deref());
    assert_eq!(phone, Some("+86 527 5555 0101"));
    let lost = "code,name,kind,lon,lat\nB0,示例食堂,canteen,118.5,33.5\n";
    let report = bring(&test, lost.as_bytes(), Order { dry_run: true, ..order(Entity::Facility) }).await;
    assert_eq!((report.findings.len(), report.findings[0].code), (1, "region_from_border"), "{report}");
    let unknown = "code,name,kind,region\nB1,示例,nursing_home,321398\n";
    let report = bring(&test, unknown.as_bytes(), order(Entity::Facility)).await;
    assert!(report.findings[0].expected.contains("321399 示例区"), "{}", report.findings[0].expected);
    assert_eq!(report.findings[0].code, "unknown_region");
}

#[tokio::test]
async fn a_code_of_old_is_taken_to_the_region_that_it_has_become() {
    let test = TestDatabase::new().await;
    let regions = "code,name,level\n371523,茌平县,county\n371503,茌平区,county\n";
    assert!(bring(&test, regions.as_bytes(), order(Entity::Region)).await.committed);
    test.registry.succeed_region("371523", "371503", "operator").await.unwrap();
    let facilities = "name,kind,region,lon,lat\n示例养老院,nursing_home,371523,116.2,36.6\n";
    let report = bring(&test, facilities.as_bytes(), order(Entity::Facility)).await;
    assert_eq!(counts(&report), (1, 0, 0, 0, true));
    let finding = &report.findings[0];
    assert_eq!((finding.code, finding.column.as_ref(), finding.value.as_str()), ("region_retired", "region", "371523"));
    assert!(finding.problem.contains("371503 茌平区"), "{}", finding.problem);
    // The same row under the new code is the same facility.
    let renamed = facilities.replace("371523", "371503");
    assert_eq!(counts(&bring(&test, renamed.as_bytes(), order(Entity::Facility)).await), (0, 0, 1, 0, false));
    let people = "region,lon,lat,total\n371523,116.2,36.6,10\n371503,116.2,36.6,11\n";
    let report = bring(&test, people.as_bytes(), Order { accept_good_rows: true, ..order(Entity::DemandPoint) }).await;
    let codes: Vec<_> = report.findings.iter().map(|finding| (finding.row, finding.code)).collect();
    assert_eq!(codes, [(2, "region_retired"), (3, "duplicate")]);
    let record = test.registry.load().await.unwrap();
    assert_eq!(record.demand.iter().map(|point| point.region.as_deref()).collect::<Vec<_>>(), [Some("371503")]);
    assert_eq!(record.facilities[0].region.as_deref(), Some("371503"));
}
