//! The report of the five demo districts, line by line against the figures of the bureaus' documents, from the seed's files.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, TimeZone, Utc};
use silver_atlas::analysis::Part;
use silver_atlas::analysis::evidence::{Evidence, Inspected, Ledger, StaffCount};
use silver_atlas::analysis::indicators::{Agreement, Report, State, Verdict, report};
use silver_atlas::analysis::plan::{Track, standing};
use silver_atlas::analysis::tiers::tier;
use silver_atlas::atlas::Atlas;
use silver_atlas::care::figure::FigureChange;
use silver_atlas::care::tier::{Denominator, rules};
use silver_atlas::care::{
    Capacity, Claim, Datum, DemandPoint, Facility, Kept, Kind, Measure, ProgrammeFigure, Record, Region, Scheme,
    Status, Term, Vocabulary,
};
use silver_atlas::exchange::kept::kept;
use silver_atlas::exchange::{
    Findings, Reading, Severity, facilities::facilities, inspections::inspections, regions::regions,
};
use silver_atlas::intake::inspections::plan;

const DAY: &str = "2026-11-25";
static NO_DAYS: BTreeMap<NaiveDate, std::sync::Arc<silver_atlas::care::PastDay>> = BTreeMap::new();

/// The vocabulary as the migration writes it.
fn vocabulary() -> Vocabulary {
    let sql = include_str!("../../migrations/2026-11-01-000001_vocabulary/up.sql");
    let rows = |table: &str| {
        let start = sql.find(&format!("INSERT INTO {table} (rank")).expect("the rows");
        let rows = &sql[start..start + sql[start..].find(';').expect("an end")];
        let rows = rows.lines().skip(1).map(|line| line.trim().trim_matches(|c| "(),".contains(c)).replace('\'', ""));
        rows.map(|line| line.split(", ").map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let measures_of = |kind: &str| {
        let found = sql.lines().find(|line| line.contains(&format!("('{kind}', ARRAY[")));
        let list = found.and_then(|line| line.split_once("ARRAY[")?.1.split_once(']')).map_or("", |(list, _)| list);
        list.split(", ").filter(|word| !word.is_empty()).map(|word| word.trim_matches('\'').into()).collect()
    };
    let kinds = rows("kind").into_iter().map(|row| Kind {
        code: row[1].as_str().into(),
        category: row[2].as_str().into(),
        name_zh: row[3].as_str().into(),
        name_en: row[4].as_str().into(),
        measures: measures_of(&row[1]),
        rank: row[0].parse().expect("a rank"),
    });
    let schemes = rows("rating_scheme").into_iter().map(|row| Scheme {
        code: row[1].as_str().into(),
        name_zh: row[2].as_str().into(),
        name_en: row[3].as_str().into(),
        levels: row[4].parse().expect("levels"),
        valid_years: row[5].parse().ok(),
        unit: row[6].as_str().into(),
        rank: row[0].parse().expect("a rank"),
    });
    let measure = |code: &str| Measure {
        code: code.into(),
        name_zh: code.into(),
        name_en: code.into(),
        unit_zh: "".into(),
        rank: 1,
    };
    let measures = ["beds", "day_places", "meals_per_day", "seats", "plots"].map(measure);
    let terms = |codes: &[&str]| codes.iter().zip(1..).map(|(code, rank)| Term::of(code, rank)).collect();
    Vocabulary::new(kinds.collect(), measures.into(), schemes.collect())
        .with_types(terms(&["filing", "fire", "food"]), terms(&["safety", "food", "annual"]))
}

struct Seed {
    atlas: Atlas,
    record: Record,
    ledger: Ledger,
    staff: Vec<StaffCount>,
    inspections: Vec<Inspected>,
}

fn rows<T: Kept>(bytes: &[u8], vocabulary: &Vocabulary) -> Vec<T> {
    let read = kept::<T>(bytes, &Reading { vocabulary, datum: Datum::Wgs84, profile: None });
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    read.drafts.into_iter().map(|draft| draft.told).collect()
}

static SEED: LazyLock<Seed> = LazyLock::new(|| {
    let vocabulary = vocabulary();
    assert_eq!(vocabulary.kinds.len(), 29);
    let reading = Reading { vocabulary: &vocabulary, datum: Datum::Wgs84, profile: None };
    let tree = regions(include_bytes!("../../seed/regions.geojson"), &reading).drafts.into_iter().map(Region::of);
    let list = facilities(include_bytes!("../../seed/facilities.csv"), &reading);
    assert!(list.findings.iter().all(|finding| finding.severity == Severity::Warning), "{:?}", list.findings);
    let now = day(DAY).and_hms_opt(4, 0, 0).expect("a time").and_utc();
    let record = Record {
        vocabulary: vocabulary.clone(),
        regions: tree.collect(),
        facilities: list.drafts.into_iter().map(|draft| draft.create(now)).collect(),
        demand: Vec::<DemandPoint>::new(),
        ..Record::default()
    };
    let ledger = Ledger {
        targets: rows(include_bytes!("../../seed/targets.csv"), &vocabulary),
        figures: rows::<ProgrammeFigure>(include_bytes!("../../seed/programmes.csv"), &vocabulary),
        claims: rows::<Claim>(include_bytes!("../../seed/claims.csv"), &vocabulary),
    };
    let staff = record.facilities.iter().filter_map(|facility| {
        let staff = facility.staff.as_deref()?;
        let (caregivers, certified) = staff.caregivers.zip(staff.certified)?;
        Some(StaffCount { facility: facility.id, caregivers, certified, as_of: staff.as_of })
    });
    let ids = record.facilities.iter().filter_map(|facility| Some((facility.code.clone()?, facility.id))).collect();
    let read = inspections(include_bytes!("../../seed/inspections.csv"), &reading);
    let mut found = Findings::from(read.findings);
    let told = plan(read.drafts, &ids, Vec::new(), now, &mut found).edits.into_iter().map(|edit| edit.after);
    let inspected = told.map(|told| Inspected {
        facility: told.facility,
        on: told.inspected_on,
        found: told.findings.into_iter().map(|finding| finding.category).collect(),
    });
    let (staff, inspections) = (staff.collect(), inspected.collect());
    assert!(found.is_empty(), "{:?}", found.into_sorted());
    Seed { atlas: drawn(&record), record, ledger, staff, inspections }
});

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn drawn(record: &Record) -> Atlas {
    let zone = chrono_tz::Asia::Shanghai;
    let now = zone.from_local_datetime(&day(DAY).and_hms_opt(12, 0, 0).expect("noon")).unwrap().with_timezone(&Utc);
    Atlas::draw(record.clone(), now, zone)
}

fn evidence<'a>(atlas: &'a Atlas, ledger: &'a Ledger, region: &str, changes: &'a [FigureChange]) -> Evidence<'a> {
    let year = ledger.latest_year(atlas, region, atlas.today());
    let region = atlas.regions().get(region).expect("a region");
    Evidence {
        atlas,
        region,
        year,
        day: atlas.today(),
        until: None,
        past_days: &NO_DAYS,
        asked: None,
        ledger,
        changes,
        staff: None,
        inspections: None,
    }
}

fn of(region: &str) -> Report {
    let evidence = evidence(&SEED.atlas, &SEED.ledger, region, &[]);
    report(&Evidence { staff: Some(&SEED.staff), inspections: Some(&SEED.inspections), ..evidence })
}

/// District, line of the report, the document's figure. Shares are from 0 to 1 and hold to the digits that are printed.
const DOCUMENTS: &[(&str, &[(&str, f64)])] = &[
    (
        "321300",
        &[
            ("1", 145.0),
            ("2", 16.0),
            ("3", 24.0),
            ("4", 793.0),
            ("5", 16.0),
            ("6", 793.0 / 1401.0),
            ("7", 160_000.0),
            ("8", 145.0),
            ("9", 30.0),
            ("10a", 1.0),
            ("10b", 1.0),
            ("11", 1401.0),
            ("12a", 1.0),
            ("12b", 0.05),
            ("12c", 0.30),
            ("13", 1.0),
            ("14a", 78_100.0),
            ("14b", 33_100.0),
            ("15a", 1.0),
            ("15b", 1.0),
            ("41", 1401.0),
            ("57", 16.0 / 27.0),
        ],
    ),
    (
        "371500",
        &[
            ("16a", 500.0),
            ("16b", 188.0),
            ("16c", 0.376),
            ("16d", 0.0),
            ("17a", 102.0),
            ("17b", 46.0),
            ("17c", 46.0 / 102.0),
            ("18", 4869.0),
            ("19", 10_467.0),
            ("20", 6.0),
            ("21", 6.0),
            ("22a", 75.0),
            ("22b", 9.0),
            ("23", 152.0),
            ("24", 1.0),
            ("25", 0.88),
            ("26", 1.0),
        ],
    ),
    (
        "370403",
        &[
            ("27", 12.0),
            ("28", 15.0),
            ("29a", 0.13),
            ("29b", 0.80),
            ("30", 2.0),
            ("31a", 213.0),
            ("31b", 400.0),
            ("32", 4.0),
            ("34", 2.0),
            ("35a", 1.0),
            ("35b", 1.0),
            ("36a", 4_900_000.0),
            ("36b", 2_000_000.0),
        ],
    ),
    (
        "XX0001",
        &[
            ("37a", 20.0),
            ("37b", 20.0),
            ("37c", 1.0),
            ("38a", 50.0),
            ("38b", 148.0),
            ("39", 1.0),
            ("40a", 38.0),
            ("40b", 38.0),
            ("40c", 27_600.0),
            ("41", 75.0),
            ("41a", 62.0),
            ("41b", 13.0),
            ("42a", 11.0),
            ("42b", 5.0),
            ("42c", 1_000_000.0),
            ("44", 4.0),
            ("45a", 31.0),
            ("45b", 245.0),
            ("46a", 92.0),
            ("46b", 7.0),
            ("46c", 16.0),
            ("47", 1.0),
        ],
    ),
    (
        "321112",
        &[
            ("48", 1.0),
            ("49", 2.0),
            ("50a", 1.0),
            ("50b", 8.0),
            ("51", 3.0),
            ("52a", 100.0),
            ("52b", 12_302.0),
            ("52c", 56.0),
            ("53a", 2377.0),
            ("53b", 84_163.0),
            ("54a", 12_768.0),
            ("54b", 9_260_000.0),
            ("55", 5.0),
            ("56", 3.0),
        ],
    ),
];

#[test]
fn the_five_demo_districts_give_the_documents_figures() {
    let mut walked = 0;
    for (district, figures) in DOCUMENTS {
        let report = of(district);
        for (line, printed) in *figures {
            let outcome = &report.line(line).expect("a line").outcome;
            let value = outcome.value.unwrap_or_else(|| panic!("{district} #{line}: {:?}", outcome.missing));
            assert!((value - printed).abs() < 1e-9, "{district} #{line}: {value} is not {printed}");
            assert!(!outcome.records.is_empty() || *line == "16d", "{district} #{line} links to no record");
            walked += 1;
        }
        println!("{district}: {:?}", report.summary());
    }
    assert_eq!(walked, 88);
    // From the inspections, which are not public: the line names no record. Without one it says that it cannot tell.
    for (district, line, printed) in [("370403", "33", 1.0), ("XX0001", "43", 12.0)] {
        let outcome = |report: Report| report.line(line).expect("a line").outcome.clone();
        let told = outcome(of(district));
        assert_eq!((told.state, told.value, told.demo), (State::Computed, Some(printed), true), "{district} #{line}");
        let without = outcome(report(&evidence(&SEED.atlas, &SEED.ledger, district, &[])));
        assert_eq!((without.state, without.value), (State::NotComputable, None), "{district} #{line}");
    }
    // Every line of the table is met by some district, or is one of those two.
    let met: std::collections::BTreeSet<&str> =
        DOCUMENTS.iter().flat_map(|(_, figures)| figures.iter().map(|(line, _)| *line)).chain(["33", "43"]).collect();
    let all = silver_atlas::care::indicator::table().indicators.iter().map(|one| &*one.line);
    assert_eq!(all.filter(|line| !met.contains(line)).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn published_figures_agree_but_for_those_that_contradict_or_lack_records() {
    let mut odd = Vec::new();
    let mut equal = 0;
    for (district, _) in DOCUMENTS {
        for line in of(district).lines {
            for claim in line.claims {
                match claim.agreement {
                    Agreement::Equal => equal += 1,
                    agreement => odd.push(format!("{district} #{} {} {agreement:?}", line.indicator.line, claim.value)),
                }
            }
        }
    }
    let expected = ["XX0001 #41 64 Different"];
    assert_eq!((odd, equal), (expected.map(str::to_owned).to_vec(), 42));
}

#[test]
fn what_must_add_up_is_checked_and_what_does_not_is_said() {
    let checks = of("XX0001").checks;
    let verdicts: BTreeMap<&str, Verdict> = checks.iter().map(|check| (&*check.name.en, check.verdict)).collect();
    let wrong: Vec<&str> =
        verdicts.iter().filter(|(_, verdict)| **verdict != Verdict::AddsUp).map(|(name, _)| *name).collect();
    assert_eq!(wrong, ["Public-welfare groups are the sum of their parts"]);
    assert_eq!(verdicts.len(), 9, "{verdicts:?}");
    let groups = checks.iter().find(|check| check.verdict == Verdict::DoesNot).expect("the one");
    assert_eq!((groups.whole, groups.parts, groups.difference), (Some(132.0), Some(100.0), Some(32.0)));
    assert!(groups.shown.en.contains("32 not explained"), "{}", groups.shown.en);
    let insured = of("321112").checks.into_iter().find(|check| check.whole == Some(86_540.0)).expect("the insured");
    assert_eq!(insured.verdict, Verdict::AddsUp);
}

#[test]
fn the_denominator_decides_what_the_share_is() {
    let rule = rules().iter().find(|rule| &*rule.code == "street_day_care").expect("the rule");
    let shares = Denominator::ALL.map(|way| {
        let tier = tier(&SEED.atlas, Some("321300"), rule, Some(way));
        let counted = tier.chosen().expect("counted").clone();
        let units = tier.units(&SEED.atlas, Part::default());
        assert_eq!(units.len(), counted.units);
        assert_eq!(units.iter().filter(|unit| unit.meets).count(), counted.meets);
        (counted.meets, counted.units, counted.share.map(|share| (share * 1000.0).round() / 10.0))
    });
    let expected = [(16, 95, Some(16.8)), (16, 109, Some(14.7)), (16, 27, Some(59.3)), (0, 67, Some(0.0))];
    assert_eq!(shares, expected);
    // Where codes are no Chinese codes, the class is not known, and no share is made up.
    let anonymous = tier(&SEED.atlas, Some("XX0001"), rule, None);
    assert_eq!((anonymous.unknown_class, anonymous.chosen().and_then(|counted| counted.share)), (6, None));
    let societies = rules().iter().find(|rule| &*rule.code == "village_mutual_aid").expect("the rule");
    let all = tier(&SEED.atlas, Some("XX0001"), societies, None);
    assert_eq!(all.chosen().map(|counted| (counted.meets, counted.misses)), Some((75, 0)));
}

fn find<'a>(record: &'a mut Record, code: &str) -> &'a mut Facility {
    record.facilities.iter_mut().find(|facility| facility.code.as_deref() == Some(code)).expect("a facility")
}

#[test]
fn added_beds_are_dated_and_what_closed_stands_apart() {
    let mut record = SEED.record.clone();
    let homes: Vec<String> = record
        .facilities
        .iter()
        .filter(|facility| {
            &*facility.kind == "nursing_home"
                && facility.status == Status::Operating
                && facility.code.as_deref().is_some_and(|code| code.starts_with("DEMO-371500"))
                && facility.built_on.is_none_or(|built| built < day("2024-01-01"))
                && facility.capacity_of("beds").is_some_and(|beds| beds.nursing.is_some_and(|beds| beds >= 10))
        })
        .filter_map(|facility| facility.code.as_deref().map(str::to_owned))
        .collect();
    let at = |text: &str| day(text).and_hms_opt(4, 0, 0).expect("a time").and_utc();
    let beds = |facility: &Facility, nursing: u32, on: &str| {
        vec![Capacity { nursing: Some(nursing), as_of: at(on), ..facility.capacity_of("beds").expect("beds").clone() }]
    };
    let moved = |record: &mut Record, code: &str, from: u32, to: u32, on: &str| {
        let facility = find(record, code);
        let capacity = (beds(facility, from, "2020-01-01"), beds(facility, to, on));
        let status = (Status::Operating, Status::Operating);
        FigureChange { facility: facility.id, at: at("2026-11-01"), capacity, price: (None, None), status }
    };
    // 12 more in 2024, 5 fewer in 2024, 30 more in 2025; and one home with its nursing beds closes in 2024.
    let changes = [
        moved(&mut record, &homes[0], 40, 52, "2024-03-01"),
        moved(&mut record, &homes[1], 40, 35, "2024-04-01"),
        moved(&mut record, &homes[2], 40, 70, "2025-01-01"),
    ];
    let gone = find(&mut record, &homes[3]);
    (gone.status, gone.closed_on) = (Status::Closed, Some(day("2024-02-01")));
    let lost_with_it = f64::from(gone.capacity_of("beds").and_then(|beds| beds.nursing).expect("nursing beds"));
    let atlas = drawn(&record);
    let report = report(&evidence(&atlas, &SEED.ledger, "371500", &changes));
    let value = |line: &str| report.line(line).expect("a line").outcome.value;
    assert_eq!(value("16b"), Some(188.0 + 12.0));
    assert_eq!(value("16d"), Some(5.0 + lost_with_it));
    assert_eq!(value("16c"), Some(200.0 / 500.0));
}

#[test]
fn a_target_without_a_number_is_never_met() {
    let evidence = evidence(&SEED.atlas, &SEED.ledger, "371500", &[]);
    assert_eq!(evidence.year, 2024);
    let standings: Vec<_> = SEED
        .ledger
        .targets
        .iter()
        .filter(|target| &*target.region == "371500")
        .map(|target| standing(&evidence, target))
        .map(|standing| (standing.target.measure.to_string(), standing.built.value, standing.share, standing.track))
        .collect();
    let expected = [
        ("nursing_beds_added", Some(188.0), Some(0.376), Track::NotMet),
        ("canteens_built", Some(46.0), Some(46.0 / 102.0), Track::NotMet),
        ("retrofit.households", Some(4869.0), None, Track::Unknown),
    ];
    assert_eq!(standings, expected.map(|(measure, built, share, track)| (measure.to_owned(), built, share, track)));
}

#[test]
fn the_figures_of_districts_are_summed_only_where_the_region_itself_has_none() {
    // 江苏省 has none of its own: 宿迁's and 丹徒's relief in their own years are not mixed.
    let ledger = &SEED.ledger;
    let mut province = evidence(&SEED.atlas, ledger, "320000", &[]);
    province.year = 2022;
    let honour = report(&province);
    let line = honour.line("54a").expect("a line");
    assert_eq!(line.outcome.value, Some(12_768.0));
    assert!(
        line.outcome.notes.iter().any(|note| note.en.contains("sum of 1 regions below")),
        "{:?}",
        line.outcome.notes
    );
    province.year = 2023;
    assert_eq!(report(&province).line("52b").expect("a line").outcome.state, State::Unknown);
}

#[test]
fn overlapping_periods_are_counted_once() {
    let figure = |value: f64, from: &str, to: &str| {
        let given = serde_json::json!({"region": "321112", "programme": "survey", "metric": "persons", "value": value,
            "measure": "flow", "period_from": from, "period_to": to});
        silver_atlas::care::kept::with::<ProgrammeFigure>(
            None,
            given.as_object().expect("fields"),
            &SEED.record.vocabulary,
        )
        .expect("sound")
    };
    let figures = vec![
        figure(10.0, "2022-01-01", "2022-03-31"),
        figure(30.0, "2022-01-01", "2022-06-30"),
        figure(5.0, "2022-07-01", "2022-07-31"),
        figure(99.0, "2021-01-01", "2021-12-31"),
    ];
    let ledger = Ledger { figures, ..Ledger::default() };
    let report = report(&evidence(&SEED.atlas, &ledger, "321112", &[]));
    assert_eq!(report.line("19").expect("a line").outcome.value, Some(35.0));
}

#[test]
fn certified_caregivers_are_counted_where_the_record_has_staff() {
    let home = SEED.record.facilities.iter().find(|facility| {
        &*facility.kind == "nursing_home"
            && facility.status == Status::Operating
            && facility.code.as_deref().is_some_and(|code| code.starts_with("DEMO-370403"))
    });
    let facility = home.expect("a home").id;
    let count = |certified, on: &str| StaffCount { facility, caregivers: 20, certified, as_of: day(on) };
    // A count of the next year says nothing of the end of this one.
    let staff = [count(3, "2023-01-01"), count(17, "2023-12-31"), count(1, "2024-01-01")];
    let evidence = Evidence { staff: Some(&staff), ..evidence(&SEED.atlas, &SEED.ledger, "370403", &[]) };
    assert_eq!(report(&evidence).line("29b").expect("a line").outcome.value, Some(0.85));
}

#[test]
fn a_link_leads_to_just_the_records_that_were_counted() {
    let report = of("321112");
    let line = report.line("50b").expect("a line");
    let pairs: BTreeMap<&str, &str> =
        line.outcome.records[0].pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let expected = [
        ("region", "321112"),
        ("kind", "community_centre"),
        ("status", "trial,operating"),
        ("tag", "示范点"),
        ("rating_scheme", "community_a"),
        ("rating_level", "2"),
        ("standing_on", "2022-12-31"),
    ];
    assert_eq!(pairs, BTreeMap::from(expected));
    assert!(line.outcome.demo, "facilities of the demo say so");
}

#[test]
fn a_plan_of_one_county_does_not_turn_the_citys_report_to_another_year() {
    let year = |ledger: &Ledger, region| ledger.latest_year(&SEED.atlas, region, day(DAY));
    let before = year(&SEED.ledger, "321300");
    let mut ledger = SEED.ledger.clone();
    let mut plan = ledger.targets[0].clone();
    (plan.region, plan.year) = ("321302".into(), day(DAY).year());
    ledger.targets.push(plan);
    assert_eq!((year(&ledger, "321300"), year(&ledger, "321302")), (before, day(DAY).year()));
    assert!(before < day(DAY).year());
}

/// The record of 宿迁市 with one more nursing home that has these dates.
fn with_home(opened: &str, closed: &str) -> Record {
    let mut record = SEED.record.clone();
    let home = record.facilities.iter().find(|facility| {
        &*facility.kind == "nursing_home" && facility.region.as_deref().is_some_and(|code| code.starts_with("321302"))
    });
    let mut home = home.expect("a home").clone();
    home.id = uuid::Uuid::from_u128(77);
    home.code = None;
    home.status = if closed.is_empty() { Status::Operating } else { Status::Closed };
    (home.opened_on, home.closed_on) = (opened.parse().ok(), closed.parse().ok());
    record.facilities.push(home);
    record
}

#[test]
fn a_past_year_counts_what_was_open_then_and_a_claim_is_compared_on_its_own_day() {
    let of = |opened: &str, closed: &str| {
        let atlas = drawn(&with_home(opened, closed));
        let report = report(&evidence(&atlas, &SEED.ledger, "321300", &[]));
        let line = report.line("1").expect("a line");
        let claim = &line.claims[0];
        let notes: Vec<&str> = line.outcome.notes.iter().map(|note| &*note.en).collect();
        assert_eq!(line.outcome.stock_on, Some(day("2023-12-31")));
        (line.outcome.value, claim.computed, claim.agreement, notes.join("; "))
    };
    let (whole, claimed) = (Some(146.0), Some(145.0));
    let none = String::new();
    assert_eq!(of("2024-01-01", ""), (claimed, claimed, Agreement::Equal, none.clone()));
    // Open at the end of the year, and not yet on the day of the claim.
    assert_eq!(of("2023-07-01", ""), (whole, claimed, Agreement::Equal, none.clone()));
    assert_eq!(of("2023-06-30", ""), (whole, whole, Agreement::Different, none.clone()));
    // Closed since then.
    assert_eq!(of("2019-01-01", "2025-03-01"), (whole, whole, Agreement::Different, none.clone()));
    assert_eq!(of("2019-01-01", "2023-08-01"), (claimed, whole, Agreement::Different, none.clone()));
    assert_eq!(of("2019-01-01", "2023-06-01"), (claimed, claimed, Agreement::Equal, none));
    // Nothing says when it opened: it counts, and that is told.
    let (value, _, _, notes) = of("", "");
    assert_eq!(value, whole);
    assert!(notes.contains("1 of these have no opening date"), "{notes}");
}

#[test]
fn a_flow_says_its_days_and_a_year_that_is_not_over_ends_on_the_day_of_the_record() {
    let built = report(&evidence(&SEED.atlas, &SEED.ledger, "371500", &[]));
    let days = |line: &str| built.line(line).expect("a line").outcome.period;
    assert_eq!(days("22b"), Some((day("2024-01-01"), day("2024-12-31"))));
    assert_eq!((days("16b"), days("17c")), (days("22b"), days("22b")));
    let this_year = Evidence { year: 2026, ..evidence(&SEED.atlas, &SEED.ledger, "371500", &[]) };
    let now = report(&this_year);
    assert_eq!(now.line("22b").expect("a line").outcome.period, Some((day("2026-01-01"), day(DAY))));
    assert_eq!(now.line("22a").expect("a line").outcome.stock_on, None);
}
