//! The finest level of a population count: people who are counted for a village and for the county around it count once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::entry::Demand;
use super::regions::{NO_REGION, RegionTree};
use crate::care::{Borders, DemandPoint, Groups, Text, Weight};

/// A count at a point where only borders put it in the region, outside all finer ones, is of the region as a whole only where
/// it is about as much as all below it together; a smaller one is about people at that point.
const ABOUT_AS_MUCH: f64 = 0.8;

/// Takes from the count of a region what regions below it tell of the same people. Where every region directly below has
/// counts, all the way down, the finer counts stand alone; else what they do not cover stays with the region. Rows of one
/// region add to each other, with a point of their own or without, and are together its count.
pub(super) fn finest(mut demand: Vec<Demand>, regions: &RegionTree) -> Vec<Demand> {
    // By turn of the walk, so that all that stands below a region is one range.
    let mut by_turn: Vec<(u32, usize)> = (0..demand.len())
        .filter(|at| demand[*at].region != NO_REGION)
        .map(|at| (regions.turn(demand[at].region), at))
        // A region outside the tree has no turn.
        .filter(|(turn, _)| *turn != u32::MAX)
        .collect();
    by_turn.sort_unstable();
    let within = |from: u32, to: u32| {
        let start = by_turn.partition_point(|(turn, _)| *turn < from);
        let end = by_turn.partition_point(|(turn, _)| *turn < to);
        &by_turn[start..end]
    };
    let borders = regions.borders();
    let slots: BTreeSet<(u32, u32)> = by_turn.iter().map(|(turn, at)| (*turn, demand[*at].region)).collect();
    let mut spent: BTreeSet<usize> = BTreeSet::new();
    // From the last turn to the first, every region comes after those below it.
    for (turn, slot) in slots.into_iter().rev() {
        let turns = regions.turns_of(slot);
        let below = within(turn + 1, turns.end);
        let here = within(turn, turn + 1);
        let finer: Vec<usize> = below.iter().map(|(_, at)| *at).collect();
        if finer.is_empty() {
            continue;
        }
        let bordered = |slot: &u32| regions.at(*slot).is_some_and(|region| borders.get(&region.code).is_some());
        let parted = regions.walk()[turn as usize + 1..turns.end as usize].iter().any(bordered);
        let (points, whole): (Vec<usize>, Vec<usize>) = here.iter().map(|(_, at)| *at).partition(|at| {
            parted && lies_in(&demand[*at].point, borders) == regions.at(slot).map(|region| &region.code)
        });
        let own = match (points.as_slice(), whole.is_empty()) {
            (_, false) => whole.clone(),
            ([at], true) => vec![*at],
            _ => continue,
        };
        for weight in weights(own.iter().map(|at| &*demand[*at].point)) {
            let told: Vec<u32> = finer.iter().filter_map(|at| demand[*at].point.people(&weight)).collect();
            if told.is_empty() {
                continue;
            }
            let mut rest: u64 = told.into_iter().map(u64::from).sum();
            let all: u64 = own.iter().filter_map(|at| demand[*at].point.people(&weight)).map(u64::from).sum();
            if (all as f64) < ABOUT_AS_MUCH * rest as f64 && whole.is_empty() {
                continue;
            }
            let covered = !below.is_empty()
                && covered_below(slot, regions, &|slot| {
                    let turn = regions.turn(slot);
                    within(turn, turn + 1).iter().any(|(_, at)| demand[*at].point.people(&weight).is_some())
                });
            for at in &own {
                let Some(people) = demand[*at].point.people(&weight) else { continue };
                let taken = if covered { people } else { u64::from(people).min(rest) as u32 };
                rest -= u64::from(taken).min(rest);
                if taken > 0 {
                    set(&mut demand[*at].point, &weight, people - taken);
                    spent.insert(*at);
                }
            }
        }
    }
    // What is left of nobody is no demand point any more.
    spent.retain(|at| {
        weights(std::iter::once(&*demand[*at].point)).iter().all(|w| demand[*at].point.people(w) == Some(0))
    });
    let mut at = 0;
    demand.retain(|_| {
        at += 1;
        !spent.contains(&(at - 1))
    });
    demand
}

/// The finest region whose border contains the point of a count. Where that is the region that the count is told of, and those
/// below have borders, nobody there is counted in a finer row.
fn lies_in<'b>(point: &DemandPoint, borders: &'b Borders) -> Option<&'b Text> {
    point.place.as_ref().and_then(|place| borders.region_at(place.lon, place.lat))
}

/// Whether every region directly below tells the count, or is covered in the same way.
fn covered_below(slot: u32, regions: &RegionTree, tells: &dyn Fn(u32) -> bool) -> bool {
    let children = regions.slots_below(slot);
    !children.is_empty() && children.iter().all(|child| tells(*child) || covered_below(*child, regions, tells))
}

/// The counts that any of the points tells.
fn weights<'a>(points: impl Iterator<Item = &'a DemandPoint>) -> Vec<Weight> {
    let mut groups: BTreeMap<Text, ()> = BTreeMap::new();
    let mut ages = [false; 3];
    for point in points {
        for (told, weight) in ages.iter_mut().zip(Weight::AGES) {
            *told |= point.people(&weight).is_some();
        }
        groups.extend(point.groups.iter().flat_map(|groups| groups.keys()).map(|code| (code.clone(), ())));
    }
    let ages = Weight::AGES.into_iter().zip(ages).filter(|(_, told)| *told).map(|(weight, _)| weight);
    ages.chain(groups.into_keys().map(Weight::Group)).collect()
}

fn set(point: &mut Arc<DemandPoint>, weight: &Weight, people: u32) {
    let point = Arc::make_mut(point);
    match weight {
        Weight::Total => point.total = Some(people),
        Weight::Aged60 => point.aged_60 = Some(people),
        Weight::Aged80 => point.aged_80 = Some(people),
        Weight::Group(code) => {
            let groups: &mut Groups = point.groups.get_or_insert_default();
            groups.insert(code.clone(), people);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::draft::DemandDraft;
    use crate::care::{Level, Place, Region};

    fn region(code: &str, parent: Option<&str>) -> Region {
        Region {
            code: code.into(),
            name: code.into(),
            level: if parent.is_none() { Level::County } else { Level::Town },
            parent: parent.map(Into::into),
            place: Some(Place::wgs84(118.0, 33.0)),
            border: None,
            counts_in_coverage: true,
            class: None,
            source: None,
            demo: false,
        }
    }

    /// With borders: squares of a tenth of a degree for V1 and V2, and one of a degree around both for C.
    fn tree(bordered: bool) -> RegionTree {
        let square = |lon: f64, side: f64| {
            let corner = |x: f64, y: f64| geojson::Position::from([lon + x * side, 33.0 + (y - 0.5) * side]);
            let ring = vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 1.0), corner(0.0, 0.0)];
            let value = geojson::GeometryValue::Polygon { coordinates: vec![ring] };
            bordered.then(|| Box::new(geojson::Geometry::new(value)))
        };
        RegionTree::grow(vec![
            Region { border: square(118.0, 1.0), ..region("C", None) },
            region("T", Some("C")),
            Region { border: square(118.06, 0.09), ..region("V1", Some("T")) },
            Region { border: square(118.16, 0.09), ..region("V2", Some("T")) },
        ])
    }

    /// Region, longitude of its own point, total, aged 60 and over.
    type Row = (&'static str, Option<f64>, Option<u32>, Option<u32>);

    fn counted(rows: &[Row]) -> Vec<(String, Option<u32>, Option<u32>)> {
        counted_in(&tree(false), rows)
    }

    fn counted_in(regions: &RegionTree, rows: &[Row]) -> Vec<(String, Option<u32>, Option<u32>)> {
        let demand = rows.iter().map(|(code, lon, total, aged_60)| {
            let draft = DemandDraft {
                region: Some((*code).into()),
                place: lon.map(|lon| Place::wgs84(lon, 33.0)),
                total: *total,
                aged_60: *aged_60,
                ..DemandDraft::default()
            };
            let point = Arc::new(DemandPoint::of(draft));
            Demand { point, lon_lat: None, at: None, region: regions.lasting_slot(Some(code)) }
        });
        let left = finest(demand.collect(), regions);
        let row = |demand: &Demand| {
            (demand.point.region.as_deref().unwrap_or("").to_owned(), demand.point.total, demand.point.aged_60)
        };
        left.iter().map(row).collect()
    }

    fn sums(rows: &[Row]) -> (u32, u32) {
        sums_in(&tree(false), rows)
    }

    fn sums_in(regions: &RegionTree, rows: &[Row]) -> (u32, u32) {
        let left = counted_in(regions, rows);
        (left.iter().filter_map(|row| row.1).sum(), left.iter().filter_map(|row| row.2).sum())
    }

    const V1: Row = ("V1", Some(118.1), Some(700), Some(150));
    const V2: Row = ("V2", Some(118.2), Some(800), Some(150));

    #[test]
    fn a_county_beside_its_villages_counts_once_with_and_without_a_point_of_its_own() {
        for lon in [None, Some(118.0)] {
            let county = ("C", lon, Some(1500), Some(300));
            assert_eq!(sums(&[county, V1, V2]), (1500, 300));
            assert_eq!(counted(&[county, V1, V2]).len(), 2, "the villages alone stand");
            assert_eq!(sums(&[county, ("T", lon, Some(1500), Some(300)), V1, V2]), (1500, 300), "three levels");
        }
        // The finer counts stand where they differ.
        assert_eq!(sums(&[("C", None, Some(1490), Some(310)), V1, V2]), (1500, 300));
    }

    #[test]
    fn what_finer_rows_do_not_cover_stays_with_the_region() {
        let county = ("C", None, Some(1500), Some(300));
        assert_eq!(sums(&[county, V1]), (1500, 300));
        assert_eq!(counted(&[county, V1])[0], ("C".to_owned(), Some(800), Some(150)));
        // The villages tell no total: that of the county is the only one there is.
        let aged = |row: Row| (row.0, row.1, None, row.3);
        assert_eq!(sums(&[county, aged(V1), aged(V2)]), (1500, 300));
    }

    #[test]
    fn a_count_of_a_region_that_is_less_than_those_below_it_gives_nothing_more_wherever_it_stands() {
        for at in ["C", "T"] {
            for lon in [None, Some(118.0)] {
                let more = ("V1", Some(118.11), Some(800), Some(180));
                assert_eq!(sums(&[(at, lon, Some(1500), Some(300)), V1, more, V2]), (2300, 480), "{at} {lon:?}");
                assert_eq!(sums(&[(at, lon, Some(90), Some(20)), V1, V2]), (1500, 300), "{at} {lon:?}");
            }
        }
    }

    #[test]
    fn a_region_told_of_at_several_points_counts_once_beside_those_below_it() {
        let county = [("C", Some(118.5), Some(1000), Some(200)), ("C", Some(118.6), Some(500), Some(100))];
        assert_eq!(sums(&[county[0], county[1], V1, V2]), (1500, 300));
        assert_eq!(sums(&[county[0], county[1], V1]), (1500, 300), "with what one village does not cover");
        let mixed = ("C", None, Some(500), Some(100));
        assert_eq!(sums(&[county[0], mixed, V1, V2]), (1500, 300), "one of them without a point");
        // Nothing stands below: the rows add.
        assert_eq!(sums(&[("C", None, Some(1500), Some(300)), ("C", Some(118.5), Some(900), Some(90))]), (2400, 390));
    }

    #[test]
    fn people_at_points_that_borders_show_to_lie_outside_all_finer_regions_add() {
        let regions = tree(true);
        // A settlement of the county, and several.
        assert_eq!(sums_in(&regions, &[("C", Some(118.5), Some(90), Some(20)), V1, V2]), (1590, 320));
        let several = [("C", Some(118.5), Some(900), Some(90)), ("C", Some(118.6), Some(900), Some(90)), V1];
        assert_eq!(sums_in(&regions, &several), (2500, 330));
        // About as much as all below, or at a point inside a village: the county as a whole.
        assert_eq!(sums_in(&regions, &[("C", Some(118.5), Some(1500), Some(300)), V1, V2]), (1500, 300));
        assert_eq!(sums_in(&regions, &[("C", Some(118.1), Some(900), Some(200)), V1, V2]), (1500, 300));
    }
}
