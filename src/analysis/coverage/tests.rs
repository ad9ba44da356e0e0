//! Coverage held against the slow way: every demand point against every facility by Karney's distance.

use super::*;
use crate::atlas::Demand;
use crate::atlas::geodesic::karney;
use crate::atlas::sample::{self, brute};
use crate::care::{Facility, Place, Record, Region};
use rand::{Rng, SeedableRng, rngs::StdRng};

fn question(region: Option<&str>, within_m: f64, by: Option<Level>) -> CoverageQuestion {
    let region = region.map(Into::into);
    CoverageQuestion {
        region,
        filter: Filter::default(),
        within_m,
        weight: Weight::Total,
        by: by.map(By::Level),
        ..CoverageQuestion::default()
    }
}

/// How far a demand point has it.
fn nearest_m(atlas: &Atlas, filter: &Filter, demand: &Demand) -> Option<f64> {
    let from = demand.lon_lat?;
    let supply = brute::eligible(atlas, filter).into_iter().filter_map(|entry| entry.facility.located());
    Some(supply.map(|place| karney(from, (place.lon, place.lat))).fold(f64::INFINITY, f64::min))
}

fn is_in(atlas: &Atlas, demand: &Demand, region: &str) -> bool {
    demand.point.region.as_deref().is_some_and(|code| atlas.regions().is_within(code, region))
}

/// The sums over the demand points that are wanted.
fn sums(atlas: &Atlas, asked: &CoverageQuestion, wanted: impl Fn(&Demand) -> bool) -> (usize, u64, u64) {
    let mut sums = (0, 0, 0);
    for demand in atlas.demand().iter().filter(|demand| wanted(demand)) {
        let people = demand.point.people(&asked.weight).map(u64::from);
        if let (Some(metres), Some(people)) = (nearest_m(atlas, &asked.filter, demand), people) {
            sums = (sums.0 + 1, sums.1 + people, sums.2 + if metres <= asked.within_m { people } else { 0 });
        }
    }
    sums
}

#[test]
fn sums_are_those_of_every_point_against_every_facility() {
    let mut rng = StdRng::seed_from_u64(1);
    for seed in 0..2 {
        let atlas = sample::atlas(seed, 250);
        for region in [None, Some("32"), Some("321"), Some("3212"), Some("32123"), Some("321230")] {
            for by in [None, Some(Level::County), Some(Level::Town), Some(Level::Village)] {
                let asked = CoverageQuestion {
                    filter: sample::filter(&mut rng, &atlas),
                    ..question(region, 10f64.powf(rng.random_range(2.0..7.0)), by)
                };
                let told = coverage(&atlas, &asked);
                let inside = |demand: &Demand| region.is_none_or(|region| is_in(&atlas, demand, region));
                let expected = sums(&atlas, &asked, inside);
                let totals = &told.totals;
                assert_eq!(
                    (totals.demand_points, totals.population.unwrap_or(0), totals.covered.unwrap_or(0)),
                    expected,
                    "{asked:?}"
                );
                let add = |of: fn(&Row) -> u64| told.rows.iter().map(of).sum::<u64>();
                assert_eq!(add(|row| row.demand_points as u64), expected.0 as u64);
                assert_eq!(add(|row| row.population.unwrap_or(0)), expected.1);
                assert_eq!(add(|row| row.covered.unwrap_or(0)), expected.2);
                for row in told.rows.iter().filter(|row| row.region.is_some()).take(3) {
                    let code = row.region.as_deref().expect("some");
                    let expected = sums(&atlas, &asked, |demand| inside(demand) && is_in(&atlas, demand, code));
                    let population = row.population.unwrap_or(0);
                    assert_eq!((row.demand_points, population, row.covered.unwrap_or(0)), expected, "{code}");
                }
            }
        }
    }
}

#[test]
fn distances_are_karneys_within_a_millimetre_near_and_far() {
    for (seed, count) in [(1, 700), (2, 30), (3, 3)] {
        let many = sample::atlas(seed, 900);
        let few = many.facilities().take(count).map(|entry| Facility::clone(&entry.facility)).collect();
        let mut rng = StdRng::seed_from_u64(seed);
        let atlas =
            Atlas::draw(Record { facilities: few, ..sample::record(&mut rng, 900) }, sample::now(), sample::ZONE);
        let asked = question(None, 1000.0, None);
        for gap in gaps(&atlas, &asked) {
            let expected = nearest_m(&atlas, &asked.filter, &atlas.demand()[gap.demand]).filter(|m| m.is_finite());
            assert_eq!(gap.nearest_m.is_some(), expected.is_some());
            let off = (gap.nearest_m.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs();
            assert!(off < 1e-3, "off by {off}");
        }
    }
}

#[test]
fn a_point_exactly_at_the_distance_is_covered() {
    let mut rng = StdRng::seed_from_u64(9);
    for _ in 0..200 {
        let (lon, lat) = (118.0, 34.0);
        let away = 10f64.powf(rng.random_range(-4.0..1.5));
        let place = (lon + away, lat - away * rng.random_range(0.0..1.0));
        let mut demand = sample::any_demand(&mut rng, 1);
        (demand.place, demand.total) = (Some(Place::wgs84(lon, lat)), Some(10));
        let facilities = vec![sample::facility(1, Some(place))];
        let record = Record { facilities, demand: vec![demand], ..Default::default() };
        let atlas = Atlas::draw(record, sample::now(), sample::ZONE);
        let metres = karney((lon, lat), place);
        let covered = |within_m| coverage(&atlas, &question(None, within_m, None)).totals.covered;
        assert_eq!(covered(metres), Some(10));
        assert_eq!(covered(metres.next_down()), Some(0));
    }
}

/// Two villages of one town, of which one has no people in the record, and a hamlet in none.
fn village_atlas() -> Atlas {
    let mut rng = StdRng::seed_from_u64(1);
    // Borders that show the hamlet to lie in the town and beside its villages.
    let square = |code: &str| {
        let (west, east) = match code {
            "32" => (117.9, 118.2),
            "322" => (118.15, 118.2),
            _ => return None,
        };
        let ring = [[west, 33.9], [east, 33.9], [east, 34.05], [west, 34.05], [west, 33.9]];
        let ring = ring.into_iter().map(geojson::Position::from).collect();
        Some(Box::new(geojson::Geometry::new(geojson::GeometryValue::Polygon { coordinates: vec![ring] })))
    };
    let region = |code: &str, level, parent: Option<&str>| Region {
        code: code.into(),
        name: format!("名{code}").into(),
        level,
        parent: parent.map(Into::into),
        place: (code == "321").then(|| Place::wgs84(118.0, 34.0)),
        border: square(code),
        counts_in_coverage: true,
        class: None,
        source: None,
        demo: true,
    };
    let mut demand = |id, region: Option<&str>, place: Option<(f64, f64)>, total, year| {
        let mut point = sample::any_demand(&mut rng, id);
        (point.region, point.place) = (region.map(Into::into), place.map(|(lon, lat)| Place::wgs84(lon, lat)));
        (point.total, point.as_of) = (total, chrono::NaiveDate::from_ymd_opt(year, 1, 1));
        point
    };
    let mut unconfirmed = sample::facility(2, Some((118.0, 34.0)));
    unconfirmed.region = Some("321".into());
    unconfirmed.place.as_mut().expect("it has one").confirmed = false;
    let mut home = sample::facility(1, Some((118.0, 34.0)));
    home.region = Some("321".into());
    Atlas::draw(
        Record {
            facilities: vec![home, unconfirmed],
            regions: vec![
                region("32", Level::Town, None),
                region("321", Level::Village, Some("32")),
                region("322", Level::Village, Some("32")),
            ],
            demand: vec![
                demand(1, Some("321"), None, Some(60), 2025),
                demand(2, Some("321"), None, Some(70), 2020),
                demand(3, Some("321"), Some((118.01, 34.0)), Some(30), 2020),
                demand(4, Some("321"), Some((118.02, 34.0)), None, 2020),
                demand(5, Some("322"), None, Some(5), 2020),
                demand(6, Some("32"), Some((118.05, 34.0)), Some(10), 2020),
                demand(7, None, Some((118.05, 34.1)), Some(1000), 2020),
            ],
            ..Default::default()
        },
        sample::now(),
        sample::ZONE,
    )
}

#[test]
fn a_village_without_population_data_says_so_and_is_no_gap() {
    let told = coverage(&village_atlas(), &question(Some("32"), 500.0, None));
    assert_eq!(told.standard.by, Some(By::Level(Level::Village)));
    let regions: Vec<_> = told.rows.iter().map(|row| row.region.as_deref()).collect();
    assert_eq!(regions, [Some("321"), None, Some("322")]);
    let (first, hamlet, last) = (&told.rows[0], &told.rows[1], &told.rows[2]);
    // Of the two counts at the village's own point only the newer one stands.
    assert_eq!((first.population, first.covered, first.uncovered), (Some(90), Some(60), Some(30)));
    assert_eq!((first.demand_points, first.facilities), (2, 1));
    // One of its points has no number: the row says that it speaks of the others only.
    assert_eq!((first.unknown_population, last.unknown_population), (1, 0));
    assert_eq!((hamlet.population, hamlet.covered), (Some(10), Some(0)));
    assert_eq!((last.population, last.uncovered, last.share), (None, None, None));
    assert_eq!((last.missing, &last.nearest_m), (Some("no_population_data"), &None));
    assert_eq!(told.totals.population, Some(100));
    assert_eq!((told.totals.share, told.totals.unknown_population), (Some(0.6), 1));
    assert_eq!(told.not_located, NotLocated { facilities: 1, demand_points: 1 });
}

#[test]
fn quantiles_are_by_people() {
    let told = coverage(&village_atlas(), &question(Some("32"), 500.0, Some(Level::Town)));
    assert_eq!(told.rows.len(), 1);
    let nearest = told.rows[0].nearest_m.clone().expect("there is a facility");
    let metres = |lon| karney((lon, 34.0), (118.0, 34.0));
    assert_eq!(nearest.median, 0.0);
    assert!((nearest.p90 - metres(118.01)).abs() < 1e-4 && (nearest.max - metres(118.05)).abs() < 1e-4);
}

#[test]
fn nothing_known_is_not_nothing_there() {
    let atlas = Atlas::draw(Record::default(), sample::now(), sample::ZONE);
    let told = coverage(&atlas, &question(None, 500.0, None));
    assert_eq!((told.totals.population, told.totals.share, told.rows.len()), (None, None, 0));
    let absent = coverage(&village_atlas(), &question(Some("no such region"), 500.0, None));
    assert_eq!((absent.totals.population, absent.rows.len(), absent.not_located.facilities), (None, 0, 0));
}

#[test]
fn gaps_are_the_uncovered_points_with_most_people_first() {
    let atlas = village_atlas();
    let gaps = gaps(&atlas, &question(None, 500.0, None));
    let people: Vec<_> = gaps.iter().map(|gap| gap.population).collect();
    assert_eq!(people, [1000, 30, 10]);
    assert!(gaps.iter().all(|gap| gap.nearest_m.is_some_and(|metres| metres > 500.0)));
}

/// By ancestors, one by one: the class of the nearest region that tells one.
fn class_of(atlas: &Atlas, demand: &Demand) -> Option<UrbanRural> {
    let mut code = demand.point.region.clone();
    while let Some(region) = code.as_deref().and_then(|code| atlas.regions().get(code)) {
        if region.class.is_some() {
            return region.class;
        }
        code = region.parent.clone();
    }
    None
}

#[test]
fn urban_and_rural_rows_and_filters_are_the_sums_of_points_by_the_nearest_class_above() {
    for seed in 0..2 {
        let atlas = sample::atlas(seed, 250);
        for region in [None, Some("32"), Some("3212")] {
            let whole = question(region, 20_000.0, None);
            let inside = |demand: &Demand| region.is_none_or(|region| is_in(&atlas, demand, region));
            let by_class = coverage(&atlas, &CoverageQuestion { by: Some(By::Class), ..whole.clone() });
            assert_eq!(by_class.totals.population, coverage(&atlas, &whole).totals.population);
            for class in [Some(UrbanRural::Urban), Some(UrbanRural::Rural), None] {
                let expected = sums(&atlas, &whole, |demand| inside(demand) && class_of(&atlas, demand) == class);
                let code = class.map_or("unknown", UrbanRural::code);
                let row = by_class.rows.iter().find(|row| row.class == Some(code));
                let told = row.map_or((0, 0, 0), |row| {
                    (row.demand_points, row.population.unwrap_or(0), row.covered.unwrap_or(0))
                });
                assert_eq!(told, expected, "{region:?} {code}");
                let Some(class) = class else { continue };
                let only = coverage(&atlas, &CoverageQuestion { class: Some(class), ..whole.clone() });
                let totals = &only.totals;
                let told = (totals.demand_points, totals.population.unwrap_or(0), totals.covered.unwrap_or(0));
                assert_eq!(told, expected, "only {code}");
                assert_eq!(only.rows.iter().map(|row| row.population.unwrap_or(0)).sum::<u64>(), expected.1);
                let located = |demand: &&Demand| demand.lon_lat.is_some() && inside(demand);
                let open = atlas.demand().iter().filter(located).filter(|demand| class_of(&atlas, demand).is_none());
                let left_out = only.class_unknown.expect("a class was asked");
                assert_eq!(left_out.demand_points, open.clone().count());
                let people = open.filter_map(|demand| demand.point.total).map(u64::from).sum::<u64>();
                assert_eq!(left_out.population, people);
            }
        }
    }
}

#[test]
fn a_group_counts_where_it_is_told_and_says_whom_it_leaves_out() {
    let atlas = sample::atlas(5, 250);
    let weight = Weight::Group("living_alone".into());
    let asked = CoverageQuestion { weight: weight.clone(), ..question(Some("32"), 30_000.0, Some(Level::County)) };
    let told = coverage(&atlas, &asked);
    let inside = |demand: &Demand| is_in(&atlas, demand, "32");
    let expected = sums(&atlas, &asked, inside);
    assert!(expected.0 > 20 && expected.1 > expected.2);
    let totals = &told.totals;
    assert_eq!(
        (totals.demand_points, totals.population, totals.covered),
        (expected.0, Some(expected.1), Some(expected.2))
    );
    let silent =
        |demand: &&Demand| inside(demand) && demand.lon_lat.is_some() && demand.point.people(&weight).is_none();
    let silent: Vec<&Demand> = atlas.demand().iter().filter(silent).collect();
    assert_eq!(totals.unknown_population, silent.len());
    let aged_60 = silent.iter().filter_map(|demand| demand.point.aged_60).map(u64::from).sum::<u64>();
    assert_eq!(totals.unknown_aged_60, Some(aged_60));
    assert_eq!(told.rows.iter().filter_map(|row| row.unknown_aged_60).sum::<u64>(), aged_60);
    let uncovered = gaps(&atlas, &asked).iter().map(|gap| gap.population).sum::<u64>();
    assert_eq!(Some(uncovered), totals.uncovered);
}

#[test]
fn a_village_where_nobody_is_known_to_live_is_told_of_and_is_no_place_without_a_gap() {
    let region = |code: &str, level, parent: &str| Region {
        code: code.into(),
        name: code.into(),
        level,
        parent: (!parent.is_empty()).then(|| parent.into()),
        place: Some(Place::wgs84(118.0, 33.0)),
        border: None,
        counts_in_coverage: true,
        class: None,
        source: None,
        demo: true,
    };
    let people = |id, region: &str, total| crate::care::DemandPoint {
        region: Some(region.into()),
        place: None,
        total,
        aged_60: Some(7),
        groups: None,
        as_of: "2024-12-31".parse().ok(),
        ..sample::any_demand(&mut StdRng::seed_from_u64(id), id.into())
    };
    let record = Record {
        regions: vec![
            region("1", Level::County, ""),
            region("11", Level::Town, "1"),
            region("111", Level::Village, "11"),
            region("112", Level::Village, "11"),
            region("113", Level::Village, "11"),
            region("12", Level::Town, "1"),
            region("121", Level::Village, "12"),
            region("122", Level::Village, "12"),
            region("13", Level::Town, "1"),
        ],
        // One village told, one with a number missing; the second town is told as a whole; of the third nothing is known.
        demand: vec![people(1, "111", Some(10)), people(2, "112", None), people(3, "12", Some(30))],
        vocabulary: sample::vocabulary(),
        ..Record::default()
    };
    let atlas = Atlas::draw(record, sample::now(), sample::ZONE);
    let told = coverage(&atlas, &question(Some("1"), 1000.0, None));
    let totals = &told.totals;
    assert_eq!((totals.population, totals.unknown_population, totals.unknown_aged_60), (Some(40), 1, Some(7)));
    assert_eq!(totals.regions_without_population, 2, "113 and 13");
    let row = |code: &str| told.rows.iter().find(|row| row.region.as_deref() == Some(code)).expect(code);
    assert_eq!(["11", "12", "13"].map(|code| row(code).regions_without_population), [1, 0, 1]);
    assert_eq!((row("13").missing, row("13").uncovered), (Some("no_population_data"), None));
    assert_eq!((told.counted.oldest, told.counted.undated), ("2024-12-31".parse().ok(), 0));
}
