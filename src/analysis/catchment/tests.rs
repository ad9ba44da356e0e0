//! Capacity against need held against the slow way: every person against every facility, summed as the formula says.

use std::collections::HashMap;

use super::*;
use crate::analysis::decay::LUO_QI_SLOW;
use crate::atlas::geodesic::karney;
use crate::atlas::sample::{self, brute};
use crate::atlas::{Demand, Entry};
use crate::care::{Capacity, Place, Record};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

fn question(method: Method, within_m: f64) -> CatchmentQuestion {
    let (decay, source) = method.usual(within_m);
    CatchmentQuestion {
        region: None,
        filter: Filter::default(),
        measure: Some("beds".into()),
        free: false,
        method,
        decay,
        decay_source: Some(source),
        within_m,
        earth: Earth::Geodesic,
        weight: Weight::Total,
        population_year: None,
        by: By::Point,
        target: None,
    }
}

/// Access by demand point, as the table of methods has it, from the record alone.
fn slowly(atlas: &Atlas, asked: &CatchmentQuestion) -> HashMap<Uuid, f64> {
    let demand: Vec<&Demand> =
        atlas.demand().iter().filter(|it| it.lon_lat.is_some() && it.point.people(&asked.weight).is_some()).collect();
    // Where people choose, they choose among all: what does not pass the filter holds no beds that count.
    let passing: Vec<Uuid> = brute::eligible(atlas, &asked.filter).iter().map(|entry| entry.facility.id).collect();
    let passes = |entry: &Entry| passing.contains(&entry.facility.id);
    let known = |entry: &Entry| Some(f64::from(entry.facility.capacity_of("beds")?.total?));
    let beds = |entry: &Entry| if passes(entry) { known(entry) } else { known(entry).and(Some(0.0)) };
    let chooses = matches!(asked.method, Method::ThreeStep | Method::Balanced);
    let supply = brute::eligible(atlas, &Filter::default()).into_iter();
    let supply: Vec<&Entry> = supply.filter(|entry| known(entry).is_some() && (chooses || passes(entry))).collect();
    let w = |demand: &Demand, entry: &Entry| {
        let place = entry.facility.located().expect("eligible");
        asked.decay.weight(karney(demand.lon_lat.expect("it has one"), (place.lon, place.lat)), asked.within_m)
    };
    let people = |demand: &Demand| f64::from(demand.point.people(&asked.weight).expect("it has some"));
    let w: Vec<Vec<f64>> = demand.iter().map(|i| supply.iter().map(|j| w(i, j)).collect()).collect();
    let g = |i: usize, j: usize| Some(w[i][j] / w[i].iter().sum::<f64>()).filter(|g| g.is_finite()).unwrap_or(0.0);
    let column = |j: usize, of: &dyn Fn(usize, usize) -> f64| (0..demand.len()).map(|i| of(i, j)).sum::<f64>();
    let first: &dyn Fn(usize, usize) -> f64 = match asked.method {
        Method::ThreeStep => &|i, j| g(i, j) * w[i][j],
        Method::Balanced => &|i, j| g(i, j),
        _ => &|i, j| w[i][j],
    };
    let ratios: Vec<f64> = (0..supply.len())
        .map(|j| beds(supply[j]).expect("known") / column(j, &|i, j| people(demand[i]) * first(i, j)))
        .map(|ratio| if ratio.is_finite() { ratio } else { 0.0 })
        .collect();
    let around: Vec<f64> = (0..supply.len()).map(|j| column(j, &|i, j| w[i][j])).collect();
    let second = |i: usize, j: usize| match asked.method {
        Method::Balanced if w[i][j] > 0.0 => w[i][j] / around[j],
        Method::Balanced => 0.0,
        _ => first(i, j),
    };
    let access = |i: usize| (0..supply.len()).map(|j| ratios[j] * second(i, j)).sum::<f64>();
    (0..demand.len()).map(|i| (demand[i].point.id, access(i))).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-6)
}

#[test]
fn a_regions_answer_knows_all_that_stands_and_lives_around_it() {
    let mut rng = StdRng::seed_from_u64(2);
    for seed in 0..3 {
        let atlas = sample::atlas(seed, 300);
        for method in Method::ALL {
            for region in [None, Some("32"), Some("3212"), Some("32123")] {
                let within_m = 10f64.powf(rng.random_range(3.0..6.5));
                let asked = CatchmentQuestion {
                    region: region.map(Into::into),
                    filter: Filter { min_rating: rng.random_bool(0.3).then_some(3), ..Filter::default() },
                    ..question(method, within_m)
                };
                let expected = slowly(&atlas, &asked);
                let told = catchment(&atlas, &asked).expect("an answer");
                let inside = |demand: &&Demand| {
                    let code = demand.point.region.as_deref();
                    region.is_none_or(|region| code.is_some_and(|code| atlas.regions().is_within(code, region)))
                };
                let shown =
                    atlas.demand().iter().filter(inside).filter(|demand| expected.contains_key(&demand.point.id));
                assert_eq!(told.rows.len(), shown.count());
                for row in &told.rows {
                    let exact = expected[&row.id.expect("a point")];
                    let Some(access) = row.access else {
                        assert!(exact == 0.0 && row.reached.is_none(), "{row:?}");
                        continue;
                    };
                    assert!(close(access, exact), "{asked:?}: {access} is not {exact}");
                    assert!(access == 0.0 || row.reached == Some(true));
                }
                // By region the same people, and the same capacity falls to them.
                for by in [By::Below, By::Level(Level::County), By::Level(Level::Village)] {
                    let asked = CatchmentQuestion { by, ..asked.clone() };
                    let areas = catchment(&atlas, &asked).expect("an answer");
                    let per_1000 = |totals: &Totals| totals.per_1000.unwrap_or(0.0);
                    assert!(close(per_1000(&areas.totals), per_1000(&told.totals)));
                    // Sums in another order may differ in their last digit.
                    let totals = Totals { per_1000: told.totals.per_1000, ..areas.totals.clone() };
                    assert_eq!(totals, told.totals);
                    let add = |of: fn(&Row) -> f64| areas.rows.iter().map(of).sum::<f64>();
                    assert_eq!(
                        add(|row| row.population.unwrap_or(0) as f64) as u64,
                        told.totals.population.unwrap_or(0)
                    );
                    let reached = add(|row| row.area.as_ref().and_then(|area| area.reached_capacity).unwrap_or(0.0));
                    assert!((reached - told.totals.reached_capacity.unwrap_or(0.0)).abs() < 1e-3);
                }
                if region.is_none() && method.conserves() {
                    let points =
                        told.rows.iter().map(|row| row.population.unwrap_or(0) as f64 * row.access.unwrap_or(0.0));
                    assert!((points.sum::<f64>() - told.totals.reached_capacity.unwrap_or(0.0)).abs() < 1e-3);
                }
            }
        }
    }
}

fn home(id: u128, lon: f64, total: Option<u32>, days_old: i64) -> crate::care::Facility {
    let mut home = sample::facility(id, Some((lon, 34.0)));
    let as_of = sample::now() - chrono::Duration::days(days_old);
    let beds = Capacity {
        measure: "beds".into(),
        total,
        nursing: None,
        occupied: Some(4),
        as_of,
        undated: false,
        source: None,
    };
    home.capacity = vec![beds];
    home
}

fn people(id: u128, lon: f64, total: Option<u32>) -> crate::care::DemandPoint {
    let mut point = sample::any_demand(&mut StdRng::seed_from_u64(1), id);
    (point.region, point.place, point.total) = (None, Some(Place::wgs84(lon, 34.0)), total);
    point
}

fn drawn(facilities: Vec<crate::care::Facility>, demand: Vec<crate::care::DemandPoint>) -> Atlas {
    let record = Record { facilities, demand, vocabulary: sample::vocabulary(), ..Default::default() };
    Atlas::draw(record, sample::now(), sample::ZONE)
}

#[test]
fn what_is_not_known_is_left_out_and_told() {
    let mut unplaced = home(4, 118.0, Some(9), 1);
    unplaced.place = None;
    let mut canteen = home(5, 118.0, None, 1);
    (canteen.kind, canteen.capacity) = ("canteen".into(), Vec::new());
    let homes =
        vec![home(1, 118.0, Some(10), 1), home(2, 118.0, None, 1), home(3, 118.0, Some(20), 200), unplaced, canteen];
    let demand = vec![people(1, 118.001, Some(500)), people(2, 118.001, None), people(3, 119.0, Some(100))];
    let atlas = drawn(homes, demand);
    let target = BedTarget::read("cn-2020");
    let told =
        catchment(&atlas, &CatchmentQuestion { target, ..question(Method::TwoStep, 1000.0) }).expect("an answer");
    let totals = &told.totals;
    assert_eq!((totals.demand_points, totals.population, totals.unknown_population), (2, Some(600), 1));
    assert_eq!(
        (totals.facilities, totals.capacity, totals.capacity_unknown, totals.capacity_stale),
        (2, Some(30), 1, 1)
    );
    assert_eq!(told.not_located, NotLocated { facilities: 1, capacity: 9, demand_points: 0 });
    assert_eq!((totals.reached_capacity, totals.unreached_population), (Some(30.0), Some(100)));
    assert_eq!((totals.per_1000, totals.capacity_per_1000), (Some(50.0), Some(50.0)));
    // 35 of 1,000 of 600 people are 21 beds; nine are over. Where nobody reaches a bed all are lacking.
    assert_eq!(totals.gap, Some(-9.0));
    let rows: Vec<_> = told.rows.iter().map(|row| (row.access, row.reached, row.gap)).collect();
    assert_eq!(rows, [(Some(0.0), Some(false), Some(3.5)), (Some(0.06), Some(true), Some(-12.5))]);
    // Only free places of fresh figures: 10 - 4 in one home; the stale one is not known.
    let free =
        catchment(&atlas, &CatchmentQuestion { free: true, ..question(Method::TwoStep, 1000.0) }).expect("an answer");
    assert_eq!((free.totals.capacity, free.totals.capacity_unknown, free.method.count), (Some(6), 2, "free"));
    let Outline { unreached, .. } = outline(&atlas, &question(Method::TwoStep, 1000.0), 30).expect("an answer");
    assert_eq!(unreached.iter().map(|row| row.population).collect::<Vec<_>>(), [Some(100)]);
}

#[test]
fn who_reaches_only_facilities_that_nobody_has_counted_is_not_said_to_reach_nothing() {
    let demand = || vec![people(1, 118.0, Some(500)), people(2, 118.5, Some(70)), people(3, 119.0, Some(100))];
    let homes = vec![home(1, 118.0, None, 1), home(2, 118.5, None, 1)];
    let target = BedTarget::read("cn-2020");
    let asked = CatchmentQuestion { target, ..question(Method::TwoStep, 1000.0) };
    let told = catchment(&drawn(homes, demand()), &asked).expect("an answer");
    let totals = &told.totals;
    assert_eq!(
        (totals.population, totals.unreached_population, totals.unsure_population),
        (Some(670), Some(100), Some(570))
    );
    assert_eq!((totals.facilities, totals.capacity_unknown, totals.capacity), (0, 2, None));
    assert_eq!((totals.reached_capacity, totals.per_1000, totals.gap), (None, None, None));
    let rows: Vec<_> = told.rows.iter().map(|row| (row.population, row.access, row.reached)).collect();
    assert_eq!(rows, [(Some(100), Some(0.0), Some(false)), (Some(500), None, None), (Some(70), None, None)]);
    // One that is known makes the sum a known one, as far as it goes.
    let homes = vec![home(1, 118.0, Some(10), 1), home(2, 118.5, None, 1)];
    let told = catchment(&drawn(homes, demand()), &asked).expect("an answer");
    let totals = &told.totals;
    assert_eq!((totals.reached_capacity, totals.unsure_population, totals.capacity), (Some(10.0), Some(70), Some(10)));
}

#[test]
fn a_point_exactly_at_the_radius_reaches_and_one_at_an_edge_is_in_its_zone() {
    let metres = karney((118.02, 34.0), (118.0, 34.0));
    let atlas = drawn(vec![home(1, 118.0, Some(10), 1)], vec![people(1, 118.02, Some(100))]);
    let access = |question: &CatchmentQuestion| catchment(&atlas, question).expect("an answer").rows[0].access;
    assert_eq!(access(&question(Method::TwoStep, metres)), Some(0.1));
    assert_eq!(access(&question(Method::TwoStep, metres.next_down())), Some(0.0));
    let zones = |edge: f64| Decay::read_steps(&format!("{edge}:1,{}:0", edge * 2.0)).expect("zones");
    let asked = |edge| CatchmentQuestion { decay: zones(edge), ..question(Method::Enhanced, edge * 2.0) };
    assert_eq!(access(&asked(metres)), Some(0.1));
    assert_eq!(access(&asked(metres.next_down())), Some(0.0));
}

#[test]
fn the_measure_is_the_first_that_is_known_of_the_kind() {
    let atlas = drawn(vec![home(1, 118.0, Some(10), 1)], vec![people(1, 118.0, Some(100))]);
    let of = |kind: &str| {
        let filter = Filter { kinds: vec![kind.into()], ..Filter::default() };
        catchment(&atlas, &CatchmentQuestion { filter, measure: None, ..question(Method::TwoStep, 100.0) })
    };
    assert_eq!(&*of("home").expect("an answer").method.measure, "beds");
    assert_eq!(&*of("canteen").expect("an answer").method.measure, "seats");
    assert_eq!(of("odd").err(), Some(Trouble::NoMeasure));
    let target = BedTarget::read("cn-2020");
    let seats = CatchmentQuestion { measure: Some("seats".into()), target, ..question(Method::TwoStep, 100.0) };
    assert_eq!(catchment(&atlas, &seats).err(), Some(Trouble::NotBeds));
}

#[test]
fn nothing_known_is_not_nothing_there() {
    let atlas = drawn(Vec::new(), Vec::new());
    let told = catchment(&atlas, &CatchmentQuestion { by: By::Below, ..question(Method::Enhanced, 100.0) })
        .expect("an answer");
    assert_eq!((told.totals.population, told.totals.unreached_population, told.totals.per_1000), (None, None, None));
    assert!(told.rows.is_empty());
    assert_eq!(told.method.decay, LUO_QI_SLOW.of(100.0));
    let json = serde_json::to_value(&told).expect("JSON");
    assert_eq!((&json["method"]["name"], &json["method"]["decay"]["name"]), (&"e2sfca".into(), &"steps".into()));
}
