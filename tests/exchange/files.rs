//! Whole files through the exchange: the home file of CMS, places of GeoNames, GeoJSON, and files that are no files.

use proptest::prelude::*;
use silver_atlas::care::{Datum, Kind, Level, Measure, Place, Scheme, Status, Vocabulary};
use silver_atlas::exchange::{
    Finding, Profile, Reading, Severity, facilities::facilities, population::population, regions::regions,
};

pub fn vocabulary() -> Vocabulary {
    let kind = |code: &str, rank| Kind {
        code: code.into(),
        category: "residential".into(),
        name_zh: if code == "nursing_home" { "养老机构" } else { code }.into(),
        name_en: code.into(),
        measures: vec!["beds".into()],
        rank,
    };
    let measure = |code: &str, rank| Measure {
        code: code.into(),
        name_zh: code.into(),
        name_en: code.into(),
        unit_zh: "".into(),
        rank,
    };
    let scheme = |code: &str, rank| Scheme {
        code: code.into(),
        name_zh: code.into(),
        name_en: code.into(),
        levels: 5,
        valid_years: None,
        unit: "星".into(),
        rank,
    };
    Vocabulary::new(
        vec![kind("nursing_home", 1), kind("canteen", 2), kind("day_care", 3)],
        ["beds", "day_places", "meals_per_day", "seats", "plots"].map(|code| measure(code, 1)).into(),
        vec![scheme("gb37276", 1), scheme("cms_five_star", 2)],
    )
}

/// A file of shared data; `None`, and a word about it, where the folder is absent.
fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var("SILVER_ATLAS_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
    let file = std::path::Path::new(&folder).join(name);
    let bytes = std::fs::read(&file).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: {} is not there", file.display());
    }
    bytes
}

fn codes(findings: &[Finding]) -> Vec<(u64, &str, &str)> {
    findings.iter().map(|f| (f.row, f.column.as_ref(), f.code)).collect()
}

fn plain(vocabulary: &Vocabulary) -> Reading<'_> {
    Reading { vocabulary, datum: Datum::Wgs84, profile: None }
}

#[test]
fn the_cms_file_comes_in_whole() {
    let Some(bytes) = shared("cms-nursing-homes-2021-08.csv") else { return };
    let vocabulary = vocabulary();
    let profile = Profile::embedded("cms-nursing-homes").unwrap().unwrap();
    let read = facilities(&bytes, &Reading { profile: Some(&profile), ..plain(&vocabulary) });
    assert_eq!((read.rows, read.drafts.len()), (15_283, 15_283));
    let beds: u64 = read.drafts.iter().map(|draft| u64::from(draft.capacity[0].total.told().unwrap())).sum();
    assert_eq!(beds, 1_627_133);
    assert_eq!(read.drafts.iter().filter(|draft| draft.ratings.is_empty()).count(), 235);
    assert_eq!(read.drafts.iter().filter(|draft| draft.place.is_none()).count(), 10);
    assert!(read.findings.iter().all(|f| (f.code, f.severity) == ("over_capacity", Severity::Warning)));
    assert_eq!(read.findings.len(), 122);
    let first = &read.drafts[0];
    assert_eq!(first.address.as_deref(), Some("701 MONROE STREET NW, RUSSELLVILLE, AL, 35653"));
    assert_eq!((first.code.as_deref(), first.capacity[0].occupied.told()), (Some("015009"), Some(51)));
    assert_eq!(first.capacity[0].as_of.unwrap().to_rfc3339(), "2021-08-01T00:00:00+00:00");
}

#[test]
fn the_places_of_geonames_come_in_and_zero_is_not_given() {
    let vocabulary = vocabulary();
    let profile = Profile::embedded("geonames-places").unwrap().unwrap();
    let reading = Reading { profile: Some(&profile), ..plain(&vocabulary) };
    for (name, rows, people, repeated) in
        [("geonames-places-us.csv", 21_783, 278_759_830, 0), ("geonames-places-cn.csv", 16_048, 754_096_261, 4)]
    {
        let Some(bytes) = shared(name) else { continue };
        let read = population(&bytes, &reading);
        assert_eq!((read.rows, read.drafts.len() as u64), (rows, rows - repeated), "{name}");
        let total: u64 = read.drafts.iter().map(|draft| u64::from(draft.total.unwrap_or(0))).sum();
        assert_eq!(total, people, "{name}");
        assert!(read.drafts.iter().all(|draft| draft.total != Some(0)));
    }
}

#[test]
fn every_cell_of_a_bad_row_is_found_and_the_good_rows_stand() {
    let file = "code,name,kind,status,lon,lat,hours,beds_total,beds_nursing,rating_scheme,rating_level,opened_on,demo
A1,示例敬老院,nursing_home,operating,118.27,33.96,24/7,120,60,gb37276,3,2020-05-01,true
A2,,nursing_hom,closd,33.96,118.27,nine to five,many,,gb37267,9,2020-02-30,maybe
A1,示例食堂,canteen,,,,,,,,,,
A3,示例食堂,canteen,,118.27,,,80,95,,3,,
A4,养老院,养老机构,,0,0,,80,,gb37276,6,,
";
    let vocabulary = vocabulary();
    let read = facilities(file.as_bytes(), &plain(&vocabulary));
    assert_eq!((read.rows, read.drafts.len()), (5, 1));
    assert_eq!(
        codes(&read.findings),
        [
            (3, "kind", "unknown_kind"),
            (3, "status", "unknown_status"),
            (3, "hours", "hours"),
            (3, "beds_total", "not_a_number"),
            (3, "opened_on", "not_a_date"),
            (3, "demo", "not_a_flag"),
            (3, "name", "missing_value"),
            (3, "lon", "swapped"),
            (3, "rating_scheme", "unknown_scheme"),
            (4, "code", "duplicate"),
            (5, "lat", "half_a_point"),
            (5, "rating_scheme", "missing_value"),
            (5, "beds_nursing", "nursing_above_total"),
            (6, "lon", "zero_point"),
            (6, "rating_level", "rating_level"),
        ]
        .map(|(row, column, code)| (row, column, if code == "not_a_date" { "impossible_date" } else { code }))
    );
    assert!(read.findings[0].expected.contains("nursing_home"));
    assert!(read.findings[1].expected.contains("closed"));
    assert_eq!(read.drafts[0].status, Some(Status::Operating));
}

#[test]
fn a_feature_as_the_api_writes_it_is_read() {
    let feature = r#"{"type":"Feature","id":"0190","geometry":{"type":"Point","coordinates":[118.27,33.96]},"properties":{
        "code":"A1","name":"示例敬老院","kind":"nursing_home","category":"residential","status":"trial",
        "region":{"code":"321300","name":"宿迁市"},"open_now":true,"phone":null,
        "rating":{"scheme":"gb37276","level":3,"of":5,"rated_on":"2024-01-01","current":true},
        "capacity":{"beds":{"total":120,"occupied":97,"free":23,"as_of":"2024-06-30T08:00:00Z","age_days":3,"stale":false}},
        "price":{"min":2800,"max":5000.5,"unit":"month"},"services":["助餐","康复"],"updated_at":"2024-07-01T00:00:00Z",
        "version":3,"distance_m":12.5}}"#;
    let vocabulary = vocabulary();
    let read = facilities(feature.as_bytes(), &plain(&vocabulary));
    assert_eq!(codes(&read.findings), []);
    let draft = &read.drafts[0];
    assert_eq!(draft.region.as_deref(), Some("321300"));
    assert_eq!(draft.place, Some(Place::wgs84(118.27, 33.96)));
    assert_eq!((draft.ratings[0].level, draft.capacity[0].occupied.told()), (Some(3), Some(97)));
    assert_eq!(draft.capacity[0].as_of.unwrap().to_rfc3339(), "2024-06-30T08:00:00+00:00");
    assert_eq!((draft.price_max, draft.services.as_ref().unwrap().len()), (Some(5000.5), 2));
}

#[test]
fn regions_come_with_borders_and_bad_borders_are_found() {
    let ring = "[[118,33],[119,33],[119,34],[118,33]]";
    let feature = |code: &str, geometry: &str| {
        let properties = format!(r#"{{"code":"{code}","name":"示例","level":"county","counts_in_coverage":false}}"#);
        format!(r#"{{"type":"Feature","geometry":{geometry},"properties":{properties}}}"#)
    };
    let file = format!(
        r#"{{"type":"FeatureCollection","features":[{},{},{},{},{{"type":"Feature"}},7]}}"#,
        feature("1", &format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#)),
        feature("2", r#"{"type":"Polygon","coordinates":[[[118,33],[119,33],[118,33]]]}"#),
        feature("3", r#"{"type":"LineString","coordinates":[[118,33],[119,33]]}"#),
        feature("4", "null"),
    );
    let vocabulary = vocabulary();
    let read = regions(file.as_bytes(), &plain(&vocabulary));
    assert_eq!(read.rows, 6);
    let found: Vec<_> = read.findings.iter().map(|f| (f.row, f.code)).collect();
    assert!(found.starts_with(&[(2, "border"), (3, "geometry")]), "{found:?}");
    assert_eq!(read.drafts.len(), 2);
    assert!(read.drafts[0].border.is_some() && read.drafts[0].level == Level::County);
    let shifted = regions(file.as_bytes(), &Reading { datum: Datum::Gcj02, ..plain(&vocabulary) });
    assert_ne!(shifted.drafts[0].border, read.drafts[0].border);
}

#[test]
fn files_that_are_none_say_so_and_nothing_falls_over() {
    let vocabulary = vocabulary();
    for (file, code) in [
        ("", "empty_file"),
        ("\n\n,,\n", "empty_file"),
        ("{", "geojson"),
        ("[1,2]", "geojson"),
        ("{\"type\":\"FeatureCollection\",\"features\":[]}", "geojson"),
        ("<html></html>\n", "web_page"),
    ] {
        let read = facilities(file.as_bytes(), &plain(&vocabulary));
        assert_eq!((read.drafts.len(), read.findings[0].code), (0, code), "{file:?}");
    }
}

/// Cells that have broken importers before.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\\PC{0,12}",
        1 => any::<f64>().prop_map(|n| n.to_string()),
        1 => "[0-9-/.:; ]{0,12}",
        1 => "(Mo|Tu|PH|24/7|week|easter|[0-9]{2}:[0-9]{2}|-|,|;|off| |\"|\\||\\+){0,8}",
        2 => Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_bytes_are_read_without_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let vocabulary = vocabulary();
        for reading in [plain(&vocabulary), Reading { datum: Datum::Bd09, ..plain(&vocabulary) }] {
            facilities(&bytes, &reading);
            regions(&bytes, &reading);
            population(&bytes, &reading);
        }
    }

    #[test]
    fn any_cells_are_read_without_a_crash(rows in prop::collection::vec(prop::collection::vec(cell(), 50), 1..6)) {
        let vocabulary = vocabulary();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(silver_atlas::exchange::columns::FACILITY_COLUMNS).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let read = facilities(&bytes, &Reading { datum: Datum::Gcj02, ..plain(&vocabulary) });
        prop_assert!(read.drafts.len() as u64 <= read.rows);
        let mut lines = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
        lines.push_str(&rows.iter().flatten().cloned().collect::<String>());
        facilities(lines.as_bytes(), &plain(&vocabulary));
    }
}

/// Not a measurement to quote: it fails only when reading has become slow by an order of magnitude.
#[test]
fn four_hundred_thousand_rows_are_read_in_seconds() {
    let mut file =
        String::from("code,name,kind,status,region,address,lon,lat,phone,hours,rating_scheme,rating_level,beds_total,");
    file.push_str("beds_nursing,beds_occupied,price_min,price_max,ownership,services,opened_on,tags,source,demo\n");
    for n in 0..400_000 {
        let (lon, lat) = (100.0 + f64::from(n % 2000) / 100.0, 25.0 + f64::from(n / 2000) / 20.0);
        file.push_str(&format!(
            "T{n},示例敬老院{n},nursing_home,operating,321300,示例路{n}号,{lon},{lat},0527-5555-0101,Mo-Fr 08:00-{}:30,gb37276,{},120,60,{},\
             2800,5000,public,助餐;康复,2020-05-01,demo,invented,true\n",
            10 + n % 12,
            1 + n % 5,
            n % 130,
        ));
    }
    let vocabulary = vocabulary();
    let start = std::time::Instant::now();
    let read = facilities(file.as_bytes(), &plain(&vocabulary));
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("400,000 rows, {} MB: {seconds:.2} s", file.len() / 1_000_000);
    assert_eq!(read.drafts.len(), 400_000);
    assert!(seconds < 40.0);
}
