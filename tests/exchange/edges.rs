//! Lists that would bring back what was merged or withdrawn, leave a facility in no region, count people twice or put a place
//! where it cannot be.

use crate::support::TestDatabase;
use silver_atlas::care::{Datum, Entity, Facility, Text};
use silver_atlas::intake::{Order, Report, SourceFile, bring_in};
use silver_atlas::registry::RegistryError;

fn order(what: Entity) -> Order<'static> {
    Order { what, datum: Datum::Wgs84, profile: None, dry_run: false, accept_good_rows: false, actor: "import" }
}

async fn bring(test: &TestDatabase, what: Entity, text: &str) -> Report {
    let file = SourceFile { name: "file", bytes: text.as_bytes() };
    bring_in(&test.registry, file, order(what), &mut |_| {}).await.expect("the record answers")
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.inserted, report.updated, report.unchanged, report.rejected)
}

fn codes(report: &Report) -> Vec<(u64, &'static str)> {
    let told = report.findings.iter().filter(|finding| finding.code != "no_point");
    told.map(|finding| (finding.row, finding.code)).collect()
}

async fn held(test: &TestDatabase) -> Vec<Facility> {
    test.registry.load().await.expect("the record").facilities
}

async fn named(test: &TestDatabase, name: &str) -> Facility {
    held(test).await.into_iter().find(|facility| &*facility.name == name).unwrap_or_else(|| panic!("{name}"))
}

const REGIONS: &str = "code,name,level,lon,lat\n3213,示例市,city,118.3,33.9\n";

#[tokio::test]
async fn a_list_that_still_names_a_merged_record_does_not_bring_it_back() {
    // Once by code, once by name, kind and region.
    for (head, a, b, name_a, name_b) in [
        (
            "code,name,kind,region,phone,address",
            "A1,甲院,nursing_home,3213,1,旧街",
            "B1,乙院,nursing_home,3213,2,新街",
            "甲院",
            "乙院",
        ),
        (
            "name,kind,region,phone,address",
            "甲院,nursing_home,3213,1,旧街",
            "乙院,nursing_home,3213,2,新街",
            "甲院",
            "乙院",
        ),
    ] {
        let test = TestDatabase::new().await;
        bring(&test, Entity::Region, REGIONS).await;
        let both = format!("{head}\n{b}\n{a}\n");
        bring(&test, Entity::Facility, &both).await;
        let (from, into) = (named(&test, name_b).await, named(&test, name_a).await);
        test.registry.merge((from.id, None), (into.id, None), vec![], "bureau:wang").await.expect("merged");
        let revision = test.registry.revision().await.expect("a revision");
        // Both rows: the survivor's own stands, and nothing goes to and fro.
        for _ in 0..2 {
            let report = bring(&test, Entity::Facility, &both).await;
            assert_eq!((counts(&report), codes(&report)), ((0, 0, 1, 0), vec![(2, "merged")]), "{report}");
            assert!(report.clean() && report.revision == revision, "{report}");
            assert!(report.to_string().contains("by bureau") && !report.to_string().contains("wang"), "{report}");
        }
        // The merged one alone: read as one about the survivor, which keeps its name and code.
        let alone = format!("{head}\n{b}\n");
        let report = bring(&test, Entity::Facility, &alone).await;
        assert_eq!((counts(&report), codes(&report)), ((0, 1, 0, 0), vec![(2, "merged")]), "{report}");
        assert_eq!(counts(&bring(&test, Entity::Facility, &alone).await), (0, 0, 1, 0));
        let left = held(&test).await;
        assert_eq!((left.len(), &*left[0].name, left[0].id), (1, name_a, into.id));
        assert_eq!((left[0].code.clone(), left[0].address.as_deref()), (into.code.clone(), Some("新街")));
    }
}

#[tokio::test]
async fn a_list_that_still_names_a_withdrawn_record_is_told_why_and_by_whom() {
    for head_and_row in ["code,name,kind\nA1,甲院,nursing_home\n", "name,kind\n甲院,nursing_home\n"] {
        let test = TestDatabase::new().await;
        bring(&test, Entity::Facility, head_and_row).await;
        let facility = named(&test, "甲院").await;
        test.registry.withdraw_facility(facility.id, 1, "从未开办", "bureau:wang").await.expect("withdrawn");
        let report = bring(&test, Entity::Facility, head_and_row).await;
        assert_eq!((counts(&report), codes(&report)), ((0, 0, 0, 1), vec![(2, "withdrawn")]), "{report}");
        let told = &report.findings[0];
        assert!(told.problem.contains("从未开办") && told.problem.contains("by bureau"), "{}", told.problem);
        assert!(told.expected.contains("another=true"), "{}", told.expected);
        assert!(held(&test).await.is_empty());
    }
}

#[tokio::test]
async fn another_code_another_spacing_or_a_region_on_the_same_path_does_not_bring_a_removed_record_back() {
    let test = TestDatabase::new().await;
    let regions = "code,name,level,parent\n3213,示例市,city,\n321302,甲区,county,3213\n321303,乙区,county,3213\n\
                   321302008,丙镇,town,321302\n";
    bring(&test, Entity::Region, regions).await;
    let head = "code,name,kind,region,phone\n";
    let list = "B1-A,甲乙老年公寓,nursing_home,321302,1\nB1-B,甲乙养老公寓,nursing_home,321302,2\n\
                B1-C,丙丁养老院,nursing_home,321302,3\n";
    bring(&test, Entity::Facility, &format!("{head}{list}")).await;
    let (a, b) = (named(&test, "甲乙老年公寓").await, named(&test, "甲乙养老公寓").await);
    test.registry.merge((b.id, None), (a.id, None), vec![], "bureau:wang").await.expect("merged");
    let c = named(&test, "丙丁养老院").await;
    test.registry.withdraw_facility(c.id, 1, "从未开办", "bureau:wang").await.expect("withdrawn");
    for region in ["321302", "321302008", "3213"] {
        for (code, name, is) in [
            ("NEW-9", "甲乙养老公寓", "merged"),
            ("", "甲乙 养老公寓", "merged"),
            ("b1-b", "改了名", "merged"),
            ("NEW-C", "丙丁养老院", "withdrawn"),
            ("", "丙丁　养老院", "withdrawn"),
            ("B1–C", "改了名", "withdrawn"),
        ] {
            let row = format!("{head}{code},{name},nursing_home,{region},2\n");
            let report = bring(&test, Entity::Facility, &row).await;
            // A dash of another sort is told of as well.
            assert!(codes(&report).contains(&(2, is)), "{row}{report}");
            assert_eq!(report.inserted, 0, "{row}{report}");
        }
    }
    assert_eq!(held(&test).await.len(), 1);
    // Whoever registers is told the same, and may insist.
    let wished = |name: &str, code: Option<&str>, region: &str| Facility {
        id: uuid::Uuid::now_v7(),
        name: name.into(),
        code: code.map(Into::into),
        region: Some(region.into()),
        ..a.clone()
    };
    for (name, code, region) in [
        ("丙丁 养老院", None, "321302"),
        ("丙丁养老院", Some("NEW-C"), "321302008"),
        ("丙丁养老院", None, "3213"),
        ("改了名", Some("b1—c"), "321303"),
    ] {
        let facility = wished(name, code, region);
        let answer = test.registry.register(facility, &Text::from("bureau:li"), None, false).await;
        assert!(matches!(answer, Err(RegistryError::Removed(_))), "{name} {code:?} {region}: {answer:?}");
    }
    let spaced =
        test.registry.register(wished("甲乙 老年公寓", None, "321302"), &Text::from("bureau:li"), None, false).await;
    assert!(matches!(spaced, Err(RegistryError::Conflict(_))), "{spaced:?}");
    let insisted = wished("丙丁养老院", Some("NEW-C"), "321302");
    test.registry.register(insisted, &Text::from("bureau:li"), None, true).await.expect("registered again");
    // From then on its row is one about a record that stands; in the other district the name is another's.
    let row = format!("{head}NEW-C,丙丁养老院,nursing_home,321302,4\nNEW-D,丙丁养老院,nursing_home,321303,5\n");
    let report = bring(&test, Entity::Facility, &row).await;
    assert_eq!((counts(&report), codes(&report)), ((1, 1, 0, 0), vec![]), "{report}");
}

#[tokio::test]
async fn last_years_list_of_regions_does_not_revive_a_retired_code() {
    let test = TestDatabase::new().await;
    let old = "code,name,level,parent\n3715,示例市,city,\n371523,茌平县,county,3715\n371523100,振兴镇,town,371523\n";
    bring(&test, Entity::Region, old).await;
    bring(&test, Entity::DemandPoint, "region,total,aged_60\n371523,1500,300\n").await;
    bring(&test, Entity::Region, "code,name,level,parent\n371503,茌平区,county,3715\n").await;
    test.registry.succeed_region("371523", "371503", "operator").await.expect("renumbered");
    for _ in 0..2 {
        let report = bring(&test, Entity::Region, old).await;
        assert_eq!(counts(&report), (0, 0, 2, 0), "{report}");
        assert_eq!(codes(&report), [(3, "region_retired"), (4, "region_retired")]);
        // People and facilities under the old code go to what it has become.
        let people = bring(&test, Entity::DemandPoint, "region,total,aged_60\n371523,1500,300\n").await;
        assert_eq!(counts(&people), (0, 0, 1, 0), "{people}");
    }
    let record = test.registry.load().await.expect("the record");
    assert!(record.regions.iter().all(|region| &*region.code != "371523"));
    let town = record.regions.iter().find(|region| &*region.code == "371523100").expect("the town");
    assert_eq!(town.parent.as_deref(), Some("371503"));
    let aged: u32 = record.demand.iter().filter_map(|point| point.aged_60).sum();
    assert_eq!(aged, 300);
}

fn square(code: &str, level: &str, parent: &str, west: f64, side: f64) -> String {
    let east = west + side;
    let (south, north) = (33.0, 33.0 + side);
    format!(
        r#"{{"type":"Feature","properties":{{"code":"{code}","name":"示例{code}","level":"{level}","parent":"{parent}"}},
          "geometry":{{"type":"Polygon","coordinates":[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}"#
    )
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

#[tokio::test]
async fn facilities_without_a_region_get_that_of_the_border_around_them_and_the_file_one_note() {
    let test = TestDatabase::new().await;
    let city = square("3213", "city", "", 118.0, 1.0);
    let (a, b) = (square("321301", "county", "3213", 118.0, 0.5), square("321302", "county", "3213", 118.5, 0.5));
    bring(&test, Entity::Region, &collection(&[city, a, b])).await;
    let mut file =
        "name,kind,lon,lat\n角上,canteen,118.5,33.2\n城内,canteen,118.2,33.7\n海上,canteen,125.0,33.2\n".to_owned();
    for at in 0..40 {
        file.push_str(&format!("食堂{at},canteen,118.{},33.1\n", 10 + at));
    }
    let report = bring(&test, Entity::Facility, &file).await;
    assert_eq!(
        (counts(&report), codes(&report)),
        ((43, 0, 0, 0), vec![(1, "region_from_border"), (1, "no_region")]),
        "{report}"
    );
    assert!(report.findings[0].problem.contains("42 facilities"), "{}", report.findings[0].problem);
    let region = |name: &'static str| async { named(&test, name).await.region.map(|code| code.to_string()) };
    assert_eq!(region("角上").await.as_deref(), Some("321301"), "on the border of two: the smaller code");
    assert_eq!((region("城内").await.as_deref(), region("海上").await), (Some("3213"), None));
    // The same file again is no change, and the finding about those that lie nowhere stays one.
    let again = bring(&test, Entity::Facility, &file).await;
    assert_eq!((counts(&again), codes(&again)), ((0, 0, 43, 0), vec![(1, "no_region")]), "{again}");
}

#[tokio::test]
async fn borders_that_come_later_give_facilities_of_the_record_their_region() {
    let test = TestDatabase::new().await;
    let file = "code,name,kind,lon,lat\nA1,甲院,nursing_home,118.2,33.2\nA2,乙院,nursing_home,150,33.2\n";
    bring(&test, Entity::Facility, file).await;
    let report = bring(&test, Entity::Region, &collection(&[square("3213", "city", "", 118.0, 1.0)])).await;
    assert_eq!((counts(&report), codes(&report)), ((1, 0, 0, 0), vec![(1, "region_from_border")]), "{report}");
    assert_eq!(named(&test, "甲院").await.region.as_deref(), Some("3213"));
    assert_eq!(named(&test, "乙院").await.region, None);
    let id = named(&test, "甲院").await.id.to_string();
    assert_eq!(test.registry.history(Entity::Facility, &id).await.expect("a history").len(), 2, "the log tells it");
    assert_eq!(counts(&bring(&test, Entity::Facility, file).await), (0, 0, 2, 0));
}

#[tokio::test]
async fn a_border_that_crosses_itself_is_one_finding_with_its_place_and_a_region_without_a_point_gets_one() {
    let test = TestDatabase::new().await;
    let bow =
        r#"{"type":"Feature","properties":{"code":"B","name":"坏县","level":"county"},"geometry":{"type":"Polygon",
        "coordinates":[[[71.1,40.1],[71.9,40.9],[71.9,40.1],[71.1,40.9],[71.1,40.1]]]}}"#
            .to_owned();
    let file = collection(&[square("A", "county", "", 118.0, 1.0), bow]);
    let report = bring(&test, Entity::Region, &file).await;
    assert_eq!((counts(&report), codes(&report)), ((1, 0, 0, 1), vec![(2, "border")]), "{report}");
    let told = &report.findings[0];
    assert!(told.problem.contains("B 坏县") && told.problem.contains("71.5, 40.5"), "{}", told.problem);
    assert!(!report.committed, "all rows or none");
    let good = Order { accept_good_rows: true, ..order(Entity::Region) };
    let bytes = SourceFile { name: "file", bytes: file.as_bytes() };
    let report = bring_in(&test.registry, bytes, good, &mut |_| {}).await.expect("the record answers");
    assert!(report.committed);
    let regions = test.registry.regions().await.expect("regions");
    let place = regions[0].place.as_ref().expect("an inner point");
    assert!((118.0..=119.0).contains(&place.lon) && (33.0..=34.0).contains(&place.lat), "{place:?}");
    let again = collection(&[square("A", "county", "", 118.0, 1.0)]);
    assert_eq!(counts(&bring(&test, Entity::Region, &again).await), (0, 0, 1, 0));
}

#[tokio::test]
async fn a_place_that_cannot_be_right_is_found_in_every_kind_of_file() {
    let test = TestDatabase::new().await;
    let regions = "code,name,level,parent,lon,lat\n65,新疆,province,,87.6,43.8\n6501,乌鲁木齐市,city,65,87.62,43.82\n650102,天山区,county,6501,,\n";
    assert_eq!(counts(&bring(&test, Entity::Region, regions).await), (3, 0, 0, 0));
    let facilities = "name,kind,region,lon,lat\n甲,canteen,650102,43.83,87.62\n乙,canteen,650102,43.83,43.83\n\
                      丙,canteen,650102,-87.62,43.83\n丁,canteen,650102,8.762,43.83\n戊,canteen,650102,87.62,43.83\n\
                      己,canteen,650102,118.3,33.9\n";
    let report = bring(&test, Entity::Facility, facilities).await;
    let wrong: Vec<_> = (2..=5).chain([7]).map(|row| (row, "wrong_place")).collect();
    assert_eq!((counts(&report), codes(&report)), ((1, 0, 0, 5), wrong), "{report}");
    let problem = |at: usize| report.findings[at].problem.to_string();
    assert!(problem(0).contains("lon and lat look swapped: perhaps 87.62, 43.83"), "{}", problem(0));
    assert!(
        problem(1).contains("the same number") && problem(2).contains("minus sign"),
        "{} {}",
        problem(1),
        problem(2)
    );
    assert!(problem(3).contains("decimal point"), "{}", problem(3));
    let people = "region,lon,lat,total\n650102,43.83,87.62,10\n650102,87.63,43.83,10\n";
    assert_eq!(codes(&bring(&test, Entity::DemandPoint, people).await), [(2, "wrong_place")]);
    let towns =
        "code,name,level,parent,lon,lat\n650102001,街道,town,650102,43.8,87.6\n650102002,街道,town,650102,87.6,43.8\n";
    assert_eq!(codes(&bring(&test, Entity::Region, towns).await), [(2, "wrong_place")]);
}

#[tokio::test]
async fn a_place_that_is_hardly_one_is_kept_and_not_mapped_until_it_is_confirmed() {
    let test = TestDatabase::new().await;
    let file =
        "name,kind,lon,lat\n甲院,nursing_home,33.94,33.94\n乙院,nursing_home,118.26,0\n丙院,nursing_home,0,33.94\n";
    for _ in 0..2 {
        let report = bring(&test, Entity::Facility, file).await;
        let odd: Vec<_> = (2..=4).map(|row| (row, "unlikely_place")).collect();
        assert_eq!((report.rejected, codes(&report)), (0, odd), "{report}");
        assert!(held(&test).await.iter().all(|facility| facility.place.is_some() && facility.located().is_none()));
    }
}

#[tokio::test]
async fn a_border_around_the_earth_or_far_from_what_stands_above_is_a_finding_of_its_row() {
    let test = TestDatabase::new().await;
    bring(&test, Entity::Region, "code,name,level,lon,lat\nC1,示例市,city,71,40\n").await;
    let area = |code: &str, ring: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"code":"{code}","name":"示例{code}","level":"county","parent":"C1"}},
              "geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let file = collection(&[
        area("A", "[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]"),
        area("B", "[[40,71.5],[40.1,71.5],[40.1,71.6],[40,71.5]]"),
        area("C", "[[71.5,40],[71.6,40],[71.6,40.1],[71.5,40]]"),
        area("D", "[[71.5,40],[71.6,40],[null,40.1],[71.5,40]]"),
    ]);
    let report = bring(&test, Entity::Region, &file).await;
    let wrong = vec![(1, "border"), (2, "wrong_place"), (4, "feature")];
    assert_eq!((counts(&report), codes(&report)), ((1, 0, 0, 3), wrong), "{report}");
    let swapped = &report.findings[1].problem;
    assert!(swapped.contains("lon and lat look swapped"), "{swapped}");
    assert!(report.findings[2].problem.contains("a coordinate is null"), "{report}");
}

#[tokio::test]
async fn a_count_of_the_whole_beside_its_parts_is_told_of_and_one_of_the_future_is_refused() {
    let test = TestDatabase::new().await;
    let regions =
        "code,name,level,parent,lon,lat\nC,县,county,,118,33\nV1,甲村,village,C,118.1,33\nV2,乙村,village,C,118.2,33\n";
    bring(&test, Entity::Region, regions).await;
    let people = "region,lon,lat,total,aged_60\nC,118,33,1500,300\nV1,118.1,33,700,150\nV2,118.2,33,800,150\n";
    let report = bring(&test, Entity::DemandPoint, people).await;
    assert_eq!((counts(&report), codes(&report)), ((3, 0, 0, 0), vec![(2, "counted_below")]), "{report}");
    assert_eq!(counts(&bring(&test, Entity::DemandPoint, people).await), (0, 0, 3, 0));
    // A village that comes later, alone.
    let later = bring(&test, Entity::DemandPoint, "region,lon,lat,total\nV1,118.1,33,701\n").await;
    assert_eq!(codes(&later), [(2, "counted_below")]);
    let ahead = bring(&test, Entity::DemandPoint, "region,lon,lat,total,as_of\nV1,118.1,33,9,2099-01-01\n").await;
    assert_eq!((counts(&ahead), codes(&ahead)[0]), ((0, 0, 0, 1), (2, "in_future")), "{ahead}");
}

#[test]
fn features_under_a_profile_keep_their_point_and_properties_of_any_name_and_tell_a_foreign_system() {
    use silver_atlas::exchange::{Profile, Reading, facilities::facilities};
    let vocabulary = crate::files::vocabulary();
    let profile = |more: &str, columns: &str| {
        let text = format!(
            "what = \"facilities\"\n{more}\n[columns]\nname = \"名称\"\nkind = {{ constant = \"canteen\" }}\n{columns}"
        );
        Profile::parse("p", &text).expect("a profile")
    };
    let read = |profile: &Profile, text: &str| {
        facilities(text.as_bytes(), &Reading { vocabulary: &vocabulary, datum: Datum::Wgs84, profile: Some(profile) })
    };
    let feature = |properties: &str, crs: &str| {
        format!(
            r#"{{"type":"FeatureCollection"{crs},"features":[{{"type":"Feature","properties":{properties},
               "geometry":{{"type":"Point","coordinates":[118.3,33.9]}}}}]}}"#
        )
    };
    let coded = profile("", "code = \"id\"\nnote = \"category\"\ntags = \"version\"");
    let told = read(&coded, &feature(r#"{"名称":"甲","id":"A1","category":"乙类","version":"v2"}"#, ""));
    assert!(told.findings.is_empty(), "{:?}", told.findings);
    let draft = &told.drafts[0];
    assert_eq!((draft.code.as_deref(), draft.note.as_deref()), (Some("A1"), Some("乙类")));
    assert_eq!(draft.place.as_ref().map(|place| (place.lon, place.lat)), Some((118.3, 33.9)));
    let plain = profile("", "");
    for (crs, refused) in [("EPSG::4490", false), ("OGC:1.3:CRS84", false), ("EPSG::4527", true), ("EPSG::3857", true)]
    {
        let crs = format!(r#","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:{crs}"}}}}"#);
        let told = read(&plain, &feature(r#"{"名称":"甲"}"#, &crs));
        let codes: Vec<_> = told.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, if refused { vec!["crs"] } else { vec![] }, "{crs}");
    }
    let twice = read(&profile("ignore_others = true", ""), "名称,类别,床位数,备注,入住数,备注\n甲,a,1,x,2,y\n");
    assert_eq!((twice.drafts.len(), twice.findings.len()), (1, 0), "{:?}", twice.findings);
}

#[tokio::test]
async fn figures_without_a_date_are_undated_until_one_is_told() {
    let test = TestDatabase::new().await;
    let file = "code,name,kind,beds_total,beds_occupied\nA,甲院,nursing_home,100,50\n";
    bring(&test, Entity::Facility, file).await;
    let beds = || async { named(&test, "甲院").await.capacity.remove(0) };
    let first = beds().await;
    assert!(first.undated);
    assert_eq!(counts(&bring(&test, Entity::Facility, file).await), (0, 0, 1, 0));
    // Out and in again: still undated.
    let record = test.registry.load().await.expect("the record");
    let mut out = Vec::new();
    silver_atlas::exchange::facility_csv::write(&record.facilities, &record.vocabulary, &mut out).expect("a table");
    let back = bring(&test, Entity::Facility, &String::from_utf8(out).expect("text")).await;
    assert_eq!(counts(&back), (0, 0, 1, 0), "{back}");
    assert_eq!(beds().await, first);
    let dated = "code,name,kind,beds_total,beds_occupied,capacity_as_of\nA,甲院,nursing_home,100,50,2026-06-30\n";
    assert_eq!(counts(&bring(&test, Entity::Facility, dated).await), (0, 1, 0, 0));
    assert!(!beds().await.undated);
}
