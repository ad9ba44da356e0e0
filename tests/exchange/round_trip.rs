//! What goes out comes back as "no change": every field, in CSV and in GeoJSON, through the plan of an import.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use proptest::prelude::*;
use silver_atlas::care::clean::clean_code;
use silver_atlas::care::{Borders, removed::Removed};
use silver_atlas::care::{
    Capacity, Datum, Facility, Kind, Licence, Meal, MealTime, Place, Price, Rating, Scheme, Staff, Status, Term, Text,
    Vocabulary,
};
use silver_atlas::exchange::{Findings, Reading, facilities::facilities, facility_csv, facility_geojson};
use silver_atlas::intake::facilities::{Context, plan};
use silver_atlas::intake::known::KnownRegions;
use uuid::Uuid;

fn vocabulary() -> Vocabulary {
    let kind = Kind {
        code: "nursing_home".into(),
        category: "residential".into(),
        name_zh: "养老机构".into(),
        name_en: "Nursing home".into(),
        measures: vec!["beds".into()],
        rank: 1,
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
    Vocabulary::new(vec![kind], Vec::new(), vec![scheme("cms_five_star", 2), scheme("gb37276", 1)])
        .with_types(vec![Term::of("registration", 1), Term::of("food", 4)], Vec::new())
}

/// Text as an import leaves it: trimmed, one line, nothing that cannot be seen.
fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        // As the record keeps texts: clean, so that no two blanks stand side by side.
        "[=+@'-]{1,3}( ?[a-z0-9]){0,6}x".prop_map(|text| text.into()),
        "[a-z\",\\\\|=+@'-]{1,12}x".prop_map(|text| text.into()),
        "[一-龥]{1,6}".prop_map(|text| text.into()),
        Just("+86 527 5555 0101".into()),
    ]
}

/// A code as the record keeps it.
fn code(text: Text) -> Option<Text> {
    Some(clean_code(&text)).filter(|code| !code.is_empty()).map(|code| Text::from(&*code))
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (0i32..30_000).prop_map(|days| NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + Duration::days(days.into()))
}

/// Of what is told as it was: a time to come is refused.
fn past_day() -> impl Strategy<Value = NaiveDate> {
    (0i32..27_000).prop_map(|days| NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + Duration::days(days.into()))
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![
        (0i64..1_700_000_000_000_000).prop_map(|at| DateTime::from_timestamp_micros(at).unwrap()),
        (0i64..20_000).prop_map(|days| DateTime::from_timestamp(days * 86_400, 0).unwrap()),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    (0usize..3, 73.0..135.0f64, 18.0..53.0f64, any::<bool>())
        .prop_map(|(datum, x, y, confirmed)| Place { confirmed, ..Place::from_datum(Datum::ALL[datum], x, y) })
}

fn figure() -> impl Strategy<Value = Option<u32>> {
    prop::option::of(0u32..5000)
}

fn capacity() -> impl Strategy<Value = Vec<Capacity>> {
    let one = (figure(), figure(), moment(), prop::option::of(text()));
    let two = (figure(), figure(), figure(), moment());
    (prop::option::of(one), prop::option::of(two)).prop_map(|(seats, beds)| {
        let beds = beds.map(|(total, nursing, occupied, as_of)| Capacity {
            measure: "beds".into(),
            total,
            nursing: nursing.map(|nursing| nursing.min(total.unwrap_or(nursing))),
            occupied,
            as_of,
            undated: false,
            source: None,
        });
        let seats = seats.map(|(total, occupied, as_of, source)| Capacity {
            measure: "seats".into(),
            total,
            nursing: None,
            occupied,
            as_of,
            undated: false,
            source,
        });
        beds.into_iter().chain(seats).collect()
    })
}

fn ratings() -> impl Strategy<Value = Vec<Rating>> {
    let one = |scheme: &'static str| {
        let parts = (prop::option::of(1u8..=5), prop::option::of(past_day()), any::<bool>(), prop::option::of(text()));
        parts.prop_map(move |(level, rated_on, until, issuer)| {
            let valid_until = rated_on.filter(|_| until).map(|day| day + Duration::days(700));
            Rating { scheme: scheme.into(), level, issuer, rated_on, valid_until }
        })
    };
    (prop::option::of(one("cms_five_star")), prop::option::of(one("gb37276")))
        .prop_map(|(a, b)| a.into_iter().chain(b).collect())
}

/// A registration without a day and a food licence with its days; never two of a type, which the number must tell apart.
fn licences() -> impl Strategy<Value = Vec<Licence>> {
    let one = |kind: &'static str| {
        let parts = (prop::option::of(text()), prop::option::of(text()), prop::option::of(day()), any::<bool>());
        parts.prop_map(move |(number, issuer, valid_from, until)| {
            let valid_until = valid_from.filter(|_| until).map(|day| day + Duration::days(700));
            let number = number.and_then(code);
            Licence { r#type: kind.into(), number, issuer, valid_from, valid_until }
        })
    };
    (prop::option::of(one("registration")), prop::option::of(one("food")))
        .prop_map(|(a, b)| a.into_iter().chain(b).collect())
}

fn menu() -> impl Strategy<Value = Vec<Meal>> {
    let dish = prop_oneof![Just(Text::from("红烧肉")), Just("3 丝".into()), Just("番茄炒蛋".into())];
    let meal = (0usize..4, prop::collection::vec(dish, 1..4), prop::option::of(0u32..100));
    prop::collection::btree_map(day(), meal, 0..4).prop_map(|days| {
        let meal = |(day, (at, dishes, price)): (NaiveDate, (usize, Vec<Text>, Option<u32>))| Meal {
            day,
            meal: MealTime::ALL.get(at).copied(),
            dishes,
            price: price.map(|price| f64::from(price) / 4.0),
        };
        days.into_iter().map(meal).collect()
    })
}

fn staff() -> impl Strategy<Value = Option<Box<Staff>>> {
    let told = (figure(), figure(), past_day()).prop_filter("a figure", |(one, other, _)| one.or(*other).is_some());
    prop::option::of(told.prop_map(|(caregivers, certified, as_of)| {
        let certified = certified.map(|certified| certified.min(caregivers.unwrap_or(certified)));
        Box::new(Staff { caregivers, certified, as_of })
    }))
}

fn texts() -> impl Strategy<Value = [Option<Text>; 8]> {
    prop::array::uniform8(prop::option::of(text()))
}

fn list() -> impl Strategy<Value = Vec<Text>> {
    prop::collection::btree_set(text(), 0..4).prop_map(|items| items.into_iter().collect())
}

fn facility() -> impl Strategy<Value = Facility> {
    let days = prop::array::uniform3(prop::option::of(day()));
    let price = (prop::option::of(0u32..50_000), prop::option::of(0u32..50_000), text());
    let marks = (0usize..7, any::<bool>(), prop::option::of(price), staff(), licences(), menu());
    (text(), texts(), prop::option::of(place()), ratings(), capacity(), list(), list(), days, marks).prop_map(
        |(
            name,
            texts,
            place,
            ratings,
            capacity,
            services,
            tags,
            [opened_on, built_on, closed_on],
            (status, demo, price, staff, licences, menu),
        )| {
            let [code, address, phone, ownership, operator, uscc, note, source] = texts;
            let price = price.map(|(a, b, unit)| {
                let (min, max) = (a.map(|a| f64::from(a) / 100.0), b.map(|b| 500.0 + f64::from(b) / 4.0));
                Box::new(Price { min, max, unit })
            });
            Facility {
                id: Uuid::from_u128(1),
                version: 3,
                code: code.and_then(self::code),
                name,
                kind: "nursing_home".into(),
                status: Status::ALL[status],
                region: Some("321300".into()),
                address,
                place,
                phone,
                hours: Some("Mo-Fr 08:00-17:30".into()),
                ratings,
                capacity,
                licences,
                menu,
                staff,
                price,
                ownership,
                operator,
                uscc: uscc.and_then(self::code),
                services,
                opened_on,
                built_on,
                closed_on,
                tags,
                note,
                source,
                demo,
                updated_at: DateTime::UNIX_EPOCH,
            }
        },
    )
}

fn written(facility: &Facility) -> [Vec<u8>; 2] {
    let vocabulary = vocabulary();
    let (mut csv, mut geojson) = (Vec::new(), Vec::new());
    assert_eq!(facility_csv::write([facility], &vocabulary, &mut csv).unwrap(), 1);
    assert_eq!(facility_geojson::write([facility], &vocabulary, &[], &mut geojson).unwrap(), 1);
    [csv, geojson]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn a_facility_that_went_out_comes_back_as_no_change(facility in facility()) {
        let vocabulary = vocabulary();
        for bytes in written(&facility) {
            let reading = Reading { vocabulary: &vocabulary, datum: Datum::Wgs84, profile: None };
            let read = facilities(&bytes, &reading);
            let shown = String::from_utf8_lossy(&bytes);
            prop_assert_eq!(read.drafts.len(), 1, "{:?}\n{}", read.findings, shown);
            let mut found = Findings::default();
            let (known, borders, removed) = (KnownRegions::new(&[]), Borders::default(), Removed::default());
            let context = Context { known: &known, borders: &borders, removed: &removed, now: Utc::now() };
            let plan = plan(read.drafts, vec![facility.clone()], &context, &mut found);
            prop_assert_eq!(plan.unchanged, 1, "{:?}\n{:?}\n{}", plan.edits, found, shown);
        }
    }

    #[test]
    fn a_facility_that_went_out_can_be_made_anew(facility in facility()) {
        let vocabulary = vocabulary();
        for bytes in written(&facility) {
            let reading = Reading { vocabulary: &vocabulary, datum: Datum::Wgs84, profile: None };
            let draft = facilities(&bytes, &reading).drafts.remove(0);
            let made = draft.create(Utc::now());
            // What a file cannot carry: identity, the raw pair, points not confirmed, where single figures come from,
            // a measure without a figure, and a price that is none.
            let place = facility.located().map(|place| {
                let made = made.place.as_ref().unwrap();
                // JSON numbers are read to within the last bit.
                assert!((made.lon - place.lon).abs() < 1e-12 && (made.lat - place.lat).abs() < 1e-12);
                Place::wgs84(made.lon, made.lat)
            });
            let price = facility.price.clone().filter(|price| price.min.is_some() || price.max.is_some());
            let mut capacity = facility.capacity.clone();
            capacity.retain(|held| held.total.is_some() || held.nursing.is_some() || held.occupied.is_some());
            capacity.iter_mut().for_each(|held| held.source = facility.source.clone());
            let mut ratings = facility.ratings.clone();
            ratings.sort_by(|a, b| a.scheme.cmp(&b.scheme));
            let (id, version, updated_at) = (made.id, made.version, made.updated_at);
            let expected = Facility { id, version, updated_at, place, price, capacity, ratings, ..facility.clone() };
            prop_assert_eq!(made, expected);
        }
    }
}
