//! Scenarios held against the slow way: the record changed for good, drawn anew, and asked the whole question.

use super::*;
use crate::analysis::coverage::By;
use crate::analysis::{CoverageQuestion, Part, coverage, scorecard};
use crate::atlas::{Filter, sample};
use crate::care::scenario::{Added, Enlarged, Moved};
use crate::care::{Capacity, Facility, Level, Place, Rating, Record, Status, UrbanRural, Weight};
use proptest::prelude::*;
use rand::{Rng, SeedableRng, rngs::StdRng};

const BANDS: [f64; 4] = [500.0, 2000.0, 20_000.0, 1e6];

fn question(rng: &mut StdRng, atlas: &Atlas) -> CoverageQuestion {
    let regions = [None, Some("32"), Some("321"), Some("3212")];
    let levels = [
        None,
        Some(By::Level(Level::Province)),
        Some(By::Class),
        Some(By::Level(Level::Town)),
        Some(By::Level(Level::Village)),
    ];
    CoverageQuestion {
        region: regions[rng.random_range(0..regions.len())].map(Into::into),
        filter: sample::filter(rng, atlas),
        within_m: 10f64.powf(rng.random_range(2.0..7.0)),
        weight: Weight::Total,
        by: levels[rng.random_range(0..levels.len())],
        class: [None, None, Some(UrbanRural::Rural)][rng.random_range(0..3)],
        population_year: None,
    }
}

/// Some of everything, also of facilities that serve nobody or have no place.
fn changes(rng: &mut StdRng, atlas: &Atlas) -> Changes {
    let mut ids: Vec<Uuid> = atlas.facilities().map(|entry| entry.facility.id).collect();
    let mut take = |rng: &mut StdRng| ids.swap_remove(rng.random_range(0..ids.len()));
    let mut changes = Changes::default();
    for _ in 0..rng.random_range(0..6) {
        let ((lon, lat), kind) = (sample::point(rng), ["home", "canteen", "kitchen"][rng.random_range(0..3)]);
        let free = rng.random_bool(0.7).then(|| rng.random_range(0..30));
        let total = rng.random_bool(0.5).then(|| free.unwrap_or(0) + 5);
        let rating = rng.random_bool(0.5).then(|| rng.random_range(1..=5));
        let services = if rng.random_bool(0.5) { vec!["meals".into()] } else { vec![] };
        let region = rng.random_bool(0.5).then(|| "321".into());
        changes.add.push(Added { kind: kind.into(), lon, lat, name: None, region, total, free, rating, services });
    }
    changes.close.extend((0..rng.random_range(0..6)).map(|_| take(rng)));
    for _ in 0..rng.random_range(0..4) {
        let (id, (lon, lat)) = (take(rng), sample::point(rng));
        changes.moved.push(Moved { id, lon, lat });
    }
    for _ in 0..rng.random_range(0..4) {
        changes.enlarge.push(Enlarged { id: take(rng), measure: "beds".into(), total: rng.random_range(0..90) });
    }
    changes
}

/// The record as it would be, written by hand and not by the code under test.
fn changed(mut record: Record, changes: &Changes, vocabulary: &crate::care::Vocabulary) -> Record {
    let find = |record: &mut Record, id: Uuid| -> usize {
        record.facilities.iter().position(|facility| facility.id == id).expect("it is there")
    };
    for id in &changes.close {
        let at = find(&mut record, *id);
        record.facilities[at].status = Status::Closed;
        // One that is closed in the record is not one that counts if only its place were known.
        record.facilities[at].place = None;
    }
    for to in &changes.moved {
        let at = find(&mut record, to.id);
        record.facilities[at].place = Some(Place::wgs84(to.lon, to.lat));
    }
    for larger in &changes.enlarge {
        let at = find(&mut record, larger.id);
        let held = &mut record.facilities[at].capacity;
        let (mut capacity, rest): (Vec<Capacity>, Vec<Capacity>) =
            held.drain(..).partition(|capacity| capacity.measure == larger.measure);
        let mut next = capacity.pop().unwrap_or(Capacity {
            measure: larger.measure.clone(),
            total: None,
            nursing: None,
            occupied: None,
            as_of: sample::now(),
            undated: false,
            source: None,
        });
        next.total = Some(larger.total);
        *held = rest.into_iter().chain([next]).collect();
    }
    for (at, site) in changes.add.iter().enumerate() {
        let mut new: Facility = sample::facility(1_000_000 + at as u128, Some((site.lon, site.lat)));
        (new.kind, new.region, new.services) = (site.kind.clone(), site.region.clone(), site.services.clone());
        new.ratings = site
            .rating
            .map(|level| Rating {
                scheme: "x".into(),
                level: Some(level),
                issuer: None,
                rated_on: None,
                valid_until: None,
            })
            .into_iter()
            .collect();
        if let Some(total) = site.total.or(site.free) {
            new.capacity = vec![Capacity {
                measure: vocabulary.first_measure(&site.kind).expect("a measure").into(),
                total: Some(total),
                nursing: None,
                occupied: site.free.map(|free| total - free),
                as_of: sample::now(),
                undated: false,
                source: None,
            }];
        }
        record.facilities.push(new);
    }
    record
}

fn assert_same(told: &Side, expected: &Coverage) {
    let close = |a: Option<f64>, b: Option<f64>, off: f64| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= off,
        (None, None) => true,
        _ => false,
    };
    let (a, b) = (&told.totals, &expected.totals);
    assert_eq!(
        (a.demand_points, a.population, a.covered, a.uncovered),
        (b.demand_points, b.population, b.covered, b.uncovered)
    );
    assert!(close(a.share, b.share, 0.0) && close(a.mean_m, b.mean_m, 1e-3), "{a:?} {b:?}");
    assert_eq!(told.not_located, expected.not_located);
    assert_eq!(told.rows.len(), expected.rows.len());
    for (a, b) in told.rows.iter().zip(&expected.rows) {
        assert_eq!(
            (&a.region, a.covered, a.uncovered, a.facilities),
            (&b.region, b.covered, b.uncovered, b.facilities)
        );
        assert!(close(a.mean_m, b.mean_m, 1e-3), "{a:?} {b:?}");
        let far = |row: &Row| row.nearest_m.clone().map(|nearest| [nearest.median, nearest.p90, nearest.max]);
        for (a, b) in far(a).into_iter().flatten().zip(far(b).into_iter().flatten()) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }
    let people = |bands: &[Band]| bands.iter().map(|band| band.population).collect::<Vec<_>>();
    assert_eq!(people(&told.distribution), people(&expected.distribution));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_asked_anew_gives_what_the_changed_record_gives_in_full(seed in any::<u64>()) {
        let mut rng = StdRng::seed_from_u64(seed);
        let count = [12, 80, 400][rng.random_range(0..3)];
        let record = sample::record(&mut rng, count);
        let atlas = Atlas::draw(record.clone(), sample::now(), sample::ZONE);
        let question = question(&mut rng, &atlas);
        let standing = Standing::of(&atlas, &question, &BANDS);
        // Two scenarios from one standing: the second knows nothing of the first.
        for _ in 0..2 {
            let changes = changes(&mut rng, &atlas);
            let told = what_if(&atlas, &standing, &changes);
            let then = changed(record.clone(), &changes, atlas.vocabulary());
            let then = Atlas::draw(then, sample::now(), sample::ZONE);
            assert_same(&told.after, &Standing::of(&then, &question, &BANDS).coverage(&then));
            assert_same(&told.before, &standing.coverage(&atlas));
            let gaps = |on: fn(&Shift) -> bool| {
                let shifts = shifts(&atlas, &standing, &changes);
                shifts.iter().filter(|shift| on(shift)).map(|shift| (shift.gap.demand, shift.gap.population)).collect()
            };
            let whole = |gaps: Vec<Gap>| gaps.iter().map(|gap| (gap.demand, gap.population)).collect::<Vec<_>>();
            let (before, after): (Vec<_>, Vec<_>) = (gaps(|shift| shift.before), gaps(|shift| shift.after));
            assert_eq!(before, whole(standing.gaps(&atlas)));
            assert_eq!(after, whole(Standing::of(&then, &question, &BANDS).gaps(&then)));
        }
    }
}

#[test]
fn a_scenario_closed_and_reopened_gives_the_first_answer_bit_for_bit() {
    let mut rng = StdRng::seed_from_u64(3);
    let record = sample::record(&mut rng, 300);
    let draw = |record: &Record| Atlas::draw(record.clone(), sample::now(), sample::ZONE);
    let atlas = draw(&record);
    let question = CoverageQuestion {
        region: None,
        filter: Filter::default(),
        within_m: 50_000.0,
        weight: Weight::Total,
        ..CoverageQuestion::default()
    };
    let first = coverage(&atlas, &question);
    let standing = Standing::of(&atlas, &question, &[]);
    let close = |id| what_if(&atlas, &standing, &Changes { close: vec![id], ..Changes::default() });
    let serving = atlas.facilities().filter(|entry| entry.facility.eligible());
    let closed = serving.map(|entry| (entry, close(entry.facility.id)));
    let (serving, closed) = { closed }
        .find(|(_, told)| told.difference.totals.person_m.is_some_and(|metres| metres > 0.0))
        .expect("somebody has one that is nearest");
    assert_ne!(closed.after.totals.person_m, closed.before.totals.person_m);
    let reopened = what_if(&atlas, &standing, &Changes::default());
    assert_eq!((&reopened.after, reopened.demand_points_touched), (&closed.before, 0));
    assert_eq!((&reopened.after.rows, &reopened.after.totals), (&first.rows, &first.totals));
    assert_eq!(reopened.difference.rows, []);
    // And the same in the record itself.
    let mut then = record.clone();
    let at = then.facilities.iter().position(|f| f.id == serving.facility.id).expect("it is there");
    then.facilities[at].status = Status::Closed;
    assert_ne!(coverage(&draw(&then), &question).totals, first.totals);
    then.facilities[at].status = serving.facility.status;
    let again = coverage(&draw(&then), &question);
    assert_eq!((again.rows, again.totals), (first.rows, first.totals));
}

#[test]
fn a_new_site_asks_only_those_anew_whom_it_may_serve() {
    let atlas = sample::atlas(5, 3000);
    let question = CoverageQuestion {
        region: None,
        filter: Filter::default(),
        within_m: 1000.0,
        weight: Weight::Total,
        ..CoverageQuestion::default()
    };
    let standing = Standing::of(&atlas, &question, &[]);
    // Where somebody lives in the crowd, who has a facility not far away.
    let near = |gap: &crate::analysis::Gap| gap.population > 0 && gap.nearest_m.is_some_and(|metres| metres < 5000.0);
    let gap = standing.gaps(&atlas).into_iter().find(near).expect("a gap in the crowd");
    let (lon, lat) = atlas.demand()[gap.demand].lon_lat.expect("a place");
    let site = Added {
        kind: "home".into(),
        lon,
        lat,
        name: None,
        region: None,
        total: None,
        free: None,
        rating: None,
        services: vec![],
    };
    let told = what_if(&atlas, &standing, &Changes { add: vec![site], ..Changes::default() });
    assert_eq!(told.difference.totals.facilities, 1);
    assert!(told.difference.totals.mean_m.is_some_and(|metres| metres < 0.0));
    assert!((1..atlas.demand().len() / 20).contains(&told.demand_points_touched), "{}", told.demand_points_touched);
}

#[test]
fn ids_that_nobody_has_or_that_serve_nobody_or_stand_twice_are_objected_to() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut closed = sample::facility(1, Some((118.0, 34.0)));
    closed.status = Status::Closed;
    let atlas = sample::atlas_of(vec![closed, sample::facility(2, None), sample::facility(3, None)], &mut rng);
    let id = Uuid::from_u128;
    let changes = Changes {
        add: vec![],
        close: vec![id(1), id(2), id(2), id(9)],
        moved: vec![Moved { id: id(2), lon: 1.0, lat: 2.0 }, Moved { id: id(3), lon: 1.0, lat: 2.0 }],
        enlarge: vec![
            Enlarged { id: id(3), measure: "beds".into(), total: 5 },
            Enlarged { id: id(3), measure: "beds".into(), total: 6 },
            Enlarged { id: id(2), measure: "beds".into(), total: 6 },
        ],
    };
    let told: Vec<String> = objections(&atlas, &changes).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(told, ["/close/0", "/close/2", "/close/3", "/move/0/id", "/enlarge/1/id", "/enlarge/2/id"]);
    let (left, out) = as_it_stands(&atlas, &changes);
    assert_eq!((left.close, left.moved.len(), left.enlarge.len(), out.len()), (vec![id(2)], 1, 1, 6));
}

#[test]
fn a_scorecard_says_what_each_standard_says_alone() {
    let mut rng = StdRng::seed_from_u64(8);
    let atlas = sample::atlas(8, 600);
    let filters = [Filter::default(), Filter { kinds: vec!["home".into()], ..Filter::default() }];
    let ask = |filter: &Filter, within_m| CoverageQuestion {
        region: Some("32".into()),
        filter: filter.clone(),
        within_m,
        weight: Weight::Total,
        by: Some(By::Level(Level::County)),
        ..CoverageQuestion::default()
    };
    let questions: Vec<_> = (0..6).map(|at| ask(&filters[at % 2], 10f64.powf(rng.random_range(3.0..6.5)))).collect();
    let card = scorecard(&atlas, &questions, Part::default());
    assert!(card.rows.len() > 5);
    for (at, question) in questions.iter().enumerate() {
        let alone = coverage(&atlas, question);
        assert_eq!(card.standards[at].totals, alone.totals);
        for row in &alone.rows {
            let scored = card.rows.iter().find(|scored| scored.region == row.region).expect("a row");
            let score = &scored.scores[at];
            assert_eq!((score.covered, score.uncovered, score.share), (row.covered, row.uncovered, row.share));
            assert_eq!((scored.population, scored.missing), (row.population, row.missing));
        }
    }
}
