//! For tests: records with everything in them that is difficult, and the slow way to every answer.
#![cfg(test)]

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use super::{Atlas, Filter};
use crate::care::{
    Capacity, DemandPoint, Facility, Kind, Level, Place, Price, Rating, Record, Region, Scheme, Status, Text,
    UrbanRural, Vocabulary,
};

pub const ZONE: Tz = chrono_tz::Asia::Shanghai;
const KINDS: [(&str, &str, &str); 5] = [
    ("home", "residential", "beds"),
    ("station", "community", "day_places"),
    ("canteen", "meals", "seats"),
    ("kitchen", "meals", "seats"),
    ("odd", "", "beds"),
];
const HOURS: [&str; 5] = ["24/7", "Mo-Fr 08:00-17:30", "06:30-08:30,11:00-13:00", "22:00-05:00", "whenever"];

pub fn now() -> DateTime<Utc> {
    "2026-11-20T03:30:00Z".parse().expect("a time")
}

/// Four kinds; the fifth of the facilities is not in it.
pub fn vocabulary() -> Vocabulary {
    let kind = |(code, category, measure): &(&str, &str, &str)| Kind {
        code: (*code).into(),
        category: (*category).into(),
        name_zh: (*code).into(),
        name_en: (*code).into(),
        measures: vec![(*measure).into()],
        rank: 0,
    };
    let scheme = Scheme {
        code: "stars".into(),
        name_zh: "".into(),
        name_en: "".into(),
        levels: 5,
        valid_years: Some(3),
        unit: "".into(),
        rank: 1,
    };
    Vocabulary::new(KINDS[..4].iter().map(kind).collect(), Vec::new(), vec![scheme])
}

/// A plain serving home.
pub fn facility(id: u128, place: Option<(f64, f64)>) -> Facility {
    Facility {
        id: Uuid::from_u128(id),
        version: 1,
        code: None,
        name: format!("示例养老院{id}").into(),
        kind: "home".into(),
        status: Status::Operating,
        region: None,
        address: None,
        place: place.map(|(lon, lat)| Place::wgs84(lon, lat)),
        phone: None,
        hours: None,
        ratings: Vec::new(),
        capacity: Vec::new(),
        licences: Vec::new(),
        menu: Vec::new(),
        staff: None,
        price: None,
        ownership: None,
        operator: None,
        uscc: None,
        services: Vec::new(),
        opened_on: None,
        built_on: None,
        closed_on: None,
        tags: Vec::new(),
        note: None,
        source: None,
        demo: true,
        updated_at: now(),
    }
}

/// A point where formulas and indexes break: in a crowd, on a grid, anywhere, at a pole, at the antimeridian.
pub fn point(rng: &mut StdRng) -> (f64, f64) {
    let sphere = |rng: &mut StdRng| rng.random_range::<f64, _>(-1.0..=1.0).asin().to_degrees();
    match rng.random_range(0..8) {
        0 | 1 => (118.0 + rng.random_range(0.0..0.5), 33.5 + rng.random_range(0.0..0.5)),
        2 | 3 => (118.0 + f64::from(rng.random_range(0..6)) * 0.01, 33.5 + f64::from(rng.random_range(0..6)) * 0.01),
        4 => (rng.random_range(-180.0..=180.0), if rng.random_bool(0.5) { 90.0 } else { -90.0 + 1e-3 }),
        5 => (if rng.random_bool(0.5) { 180.0 } else { -180.0 }, rng.random_range(-1.0..1.0)),
        6 => (rng.random_range(110.0..120.0), rng.random_range(30.0..40.0)),
        _ => (rng.random_range(-180.0..=180.0), sphere(rng)),
    }
}

fn one<'a, T: ?Sized>(rng: &mut StdRng, of: &[&'a T]) -> &'a T {
    of[rng.random_range(0..of.len())]
}

/// A facility with everything.
pub fn any_facility(rng: &mut StdRng, id: u128) -> Facility {
    let (kind, _, measure) = KINDS[rng.random_range(0..KINDS.len())];
    let status = *one(rng, &Status::ALL.each_ref());
    let day = |rng: &mut StdRng| {
        NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day") + Duration::days(rng.random_range(-3..3))
    };
    let mut told = facility(id, rng.random_bool(0.95).then(|| point(rng)));
    if let Some(place) = &mut told.place {
        place.confirmed = rng.random_bool(0.95);
    }
    told.kind = kind.into();
    told.status = if rng.random_bool(0.7) { Status::Operating } else { status };
    told.region = rng.random_bool(0.9).then(|| any_region(rng).into());
    told.hours = rng.random_bool(0.8).then(|| (*one(rng, &HOURS.each_ref())).into());
    for scheme in ["stars", "other"] {
        if rng.random_bool(0.4) {
            let level = rng.random_bool(0.9).then(|| rng.random_range(1..=5));
            let valid_until = rng.random_bool(0.8).then(|| day(rng));
            told.ratings.push(Rating { scheme: scheme.into(), level, issuer: None, rated_on: None, valid_until });
        }
    }
    for measure in [measure, "plots"] {
        if rng.random_bool(0.6) {
            let total = rng.random_bool(0.9).then(|| rng.random_range(0..50));
            let occupied = rng.random_bool(0.9).then(|| rng.random_range(0..50));
            // Some are stale.
            let as_of = now() - chrono::Duration::days(rng.random_range(0..150));
            let capacity = Capacity {
                measure: measure.into(),
                total,
                nursing: None,
                occupied,
                as_of,
                undated: false,
                source: None,
            };
            told.capacity.push(capacity);
        }
    }
    told.price = rng.random_bool(0.7).then(|| {
        let mut price = || rng.random_bool(0.8).then(|| f64::from(rng.random_range(10..60)) * 100.0);
        Box::new(Price { min: price(), max: price(), unit: "month".into() })
    });
    told.services = vec![one(rng, &["meals", "nursing", "bathing"]).into()];
    told.tags = vec![one(rng, &["new", "old"]).into()];
    told.updated_at = now() - Duration::days(rng.random_range(0..10));
    told
}

/// The code of a region, mostly of one that exists.
fn any_region(rng: &mut StdRng) -> String {
    let mut code = "32".to_owned();
    for _ in 0..rng.random_range(0..=4) {
        code.push(char::from(b'0' + rng.random_range(0..4)));
    }
    code
}

/// A tree of the five levels, four regions below each, codes of one more digit, some missing.
pub fn any_regions(rng: &mut StdRng) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    let mut codes: Vec<String> = vec!["32".into()];
    for level in Level::ALL {
        for code in &codes {
            let parent = code[..code.len() - 1].to_owned();
            regions.push(Region {
                code: code.as_str().into(),
                name: format!("区{code}").into(),
                level,
                parent: (level != Level::Province).then(|| parent.into()),
                place: rng.random_bool(0.8).then(|| point(rng)).map(|(lon, lat)| Place::wgs84(lon, lat)),
                border: None,
                counts_in_coverage: true,
                class: match code.as_bytes().last() {
                    Some(b'1') => Some(UrbanRural::Urban),
                    Some(b'3') => Some(UrbanRural::Rural),
                    _ => None,
                },
                source: None,
                demo: true,
            });
        }
        codes = codes.iter().flat_map(|code| (0..4).map(move |digit| format!("{code}{digit}"))).collect();
    }
    regions.retain(|_| rng.random_bool(0.95));
    regions
}

pub fn any_demand(rng: &mut StdRng, id: u128) -> DemandPoint {
    let mut people = || rng.random_bool(0.9).then(|| rng.random_range(0..500));
    let (total, aged_60, aged_80) = (people(), people(), people());
    DemandPoint {
        id: Uuid::from_u128(id),
        region: rng.random_bool(0.9).then(|| any_region(rng).into()),
        place: rng.random_bool(0.7).then(|| point(rng)).map(|(lon, lat)| Place::wgs84(lon, lat)),
        total,
        aged_60,
        aged_80,
        groups: (!id.is_multiple_of(3)).then(|| Box::new([("living_alone".into(), total.unwrap_or(90) / 3)].into())),
        as_of: rng.random_bool(0.8).then(|| NaiveDate::from_ymd_opt(2020 + rng.random_range(0..3), 1, 1)).flatten(),
        source: None,
        demo: true,
    }
}

pub fn record(rng: &mut StdRng, count: u128) -> Record {
    Record {
        revision: 1,
        position: Default::default(),
        read_at: now(),
        vocabulary: vocabulary(),
        facilities: (0..count).map(|id| any_facility(rng, id * 7919 % count)).collect(),
        regions: any_regions(rng),
        demand: (0..count / 2).map(|id| any_demand(rng, id)).collect(),
        successors: Vec::new(),
        withdrawn: Vec::new(),
    }
}

pub fn atlas(seed: u64, count: u128) -> Atlas {
    let mut rng = StdRng::seed_from_u64(seed);
    Atlas::draw(record(&mut rng, count), now(), ZONE)
}

pub fn atlas_of(facilities: Vec<Facility>, rng: &mut StdRng) -> Atlas {
    Atlas::draw(Record { facilities, ..record(rng, 0) }, now(), ZONE)
}

/// A filter of a few conditions.
pub fn filter(rng: &mut StdRng, atlas: &Atlas) -> Filter {
    let mut filter = Filter::default();
    for _ in 0..rng.random_range(0..3) {
        match rng.random_range(0..11) {
            0 => filter.kinds.push(KINDS[rng.random_range(0..5)].0.into()),
            1 => filter.category = Some(one(rng, &["meals", "residential"]).into()),
            2 => filter.region = Some(any_region(rng).into()),
            3 => filter.min_rating = Some(rng.random_range(1..=5)),
            4 => filter.min_free = Some(rng.random_range(0..20)),
            5 => (filter.min_free, filter.measure) = (Some(5), Some("plots".into())),
            6 => filter.open_at = Some((now() + Duration::minutes(rng.random_range(0..20_000))).naive_utc()),
            7 => filter.max_price = Some(f64::from(rng.random_range(1000..5000))),
            8 => filter.service = Some(one(rng, &["meals", "nursing"]).into()),
            9 => filter.bbox = Some([118.0, 33.5, 118.2, 33.7]),
            _ => filter.updated_since = Some(now() - Duration::days(rng.random_range(0..10))),
        }
    }
    debug_assert!(atlas.zone() == ZONE);
    filter
}

/// The slow way.
pub mod brute {
    use super::*;
    use crate::atlas::geodesic::karney;
    use crate::atlas::{Entry, Hit};
    use crate::care::Hours;

    /// The filter's conditions one by one, from the record alone; its statuses left out.
    pub fn holds(atlas: &Atlas, filter: &Filter, facility: &Facility) -> bool {
        let kind = atlas.vocabulary().kind(&facility.kind);
        let current = |rating: &&Rating| rating.current(atlas.vocabulary().scheme(&rating.scheme), atlas.today());
        let measure: Option<Text> =
            filter.measure.clone().or_else(|| atlas.vocabulary().first_measure(&facility.kind).map(Into::into));
        let within = |region: &Text| {
            let path = facility.region.as_deref().map(|code| atlas.regions().path(code)).unwrap_or_default();
            path.iter().any(|above| above.code == *region)
        };
        let lowest = facility.price.as_ref().and_then(|price| price.min.or(price.max));
        [
            filter.kinds.is_empty() || filter.kinds.contains(&facility.kind),
            filter.category.as_ref().is_none_or(|category| kind.is_some_and(|kind| kind.category == *category)),
            filter.region.as_ref().is_none_or(within),
            filter.min_rating.is_none_or(|least| {
                facility.ratings.iter().filter(current).any(|rating| rating.level.is_some_and(|level| level >= least))
            }),
            filter.min_free.is_none_or(|least| {
                let told = measure.and_then(|measure| facility.capacity_of(&measure));
                told.is_some_and(|told| {
                    let days = atlas.today() - told.as_of.with_timezone(&ZONE).date_naive();
                    days.num_days() <= 90 && told.free().is_some_and(|free| free >= least)
                })
            }),
            filter.open_at.is_none_or(|local| {
                let hours = facility.hours.as_deref().and_then(|hours| Hours::parse(hours).ok());
                facility.status.serving() && hours.and_then(|hours| hours.open_at(local)) == Some(true)
            }),
            filter.max_price.is_none_or(|most| lowest.is_some_and(|price| price <= most)),
            filter.service.as_ref().is_none_or(|service| facility.services.contains(service)),
            filter.bbox.is_none_or(|[west, south, east, north]| {
                let inside = |place: &Place| (west..=east).contains(&place.lon) && (south..=north).contains(&place.lat);
                facility.located().is_some_and(inside)
            }),
            filter.updated_since.is_none_or(|since| facility.updated_at >= since),
        ]
        .iter()
        .all(|held| *held)
    }

    pub fn eligible<'a>(atlas: &'a Atlas, filter: &Filter) -> Vec<&'a Entry> {
        let entries = atlas.facilities().map(|entry| &**entry);
        entries.filter(|entry| entry.facility.eligible() && holds(atlas, filter, &entry.facility)).collect()
    }

    pub fn nearest(
        atlas: &Atlas,
        lon: f64,
        lat: f64,
        filter: &Filter,
        limit: usize,
        within_m: Option<f64>,
    ) -> Vec<(Uuid, f64)> {
        let measured = eligible(atlas, filter).into_iter().map(|entry| {
            let place = entry.facility.located().expect("eligible");
            (entry.facility.id, karney((lon, lat), (place.lon, place.lat)))
        });
        let mut all: Vec<_> = measured.filter(|(_, metres)| within_m.is_none_or(|within| *metres <= within)).collect();
        all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        all.truncate(limit);
        all
    }

    #[track_caller]
    pub fn assert_same(hits: &[Hit], expected: &[(Uuid, f64)]) {
        let ids = |hit: &Hit| hit.entry.facility.id;
        assert_eq!(hits.iter().map(ids).collect::<Vec<_>>(), expected.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        for (hit, (_, metres)) in hits.iter().zip(expected) {
            assert!((hit.distance_m - metres).abs() < 1e-4, "{} is not {metres}", hit.distance_m);
        }
        assert!(hits.is_sorted_by(|a, b| a.distance_m <= b.distance_m));
    }
}
