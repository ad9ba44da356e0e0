//! Tests of atlas.

use super::*;
use crate::care::Status;
use rand::{SeedableRng, rngs::StdRng};

#[test]
fn every_facility_is_looked_at_once() {
    let atlas = sample::atlas(0, 700);
    let mut seen = atlas.select(|entry| Some(entry.facility.id));
    seen.sort();
    assert_eq!(seen, atlas.ids.iter().map(|(id, slot)| (*id, *slot)).collect::<Vec<_>>());
}

#[test]
fn the_pages_of_a_list_are_all_that_pass_in_order() {
    let mut rng = StdRng::seed_from_u64(8);
    let atlas = sample::atlas(1, 500);
    for limit in [1, 7, 100, 500] {
        let mut filter = sample::filter(&mut rng, &atlas);
        filter.statuses = if limit > 50 { vec![Status::Closed, Status::Planned] } else { Vec::new() };
        let passes = |facility: &Facility| {
            let status = filter.statuses.is_empty() || filter.statuses.contains(&facility.status);
            status && sample::brute::holds(&atlas, &filter, facility)
        };
        let ids = |entry: &Arc<Entry>| entry.facility.id;
        let expected: Vec<_> = atlas.facilities().filter(|entry| passes(&entry.facility)).map(ids).collect();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = atlas.list(&filter, after, limit);
            assert_eq!(page.matched, expected.len());
            found.extend(page.entries.iter().map(ids));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, expected);
    }
}

#[test]
fn a_list_is_searched_by_name_code_and_address() {
    let mut rng = StdRng::seed_from_u64(8);
    let mut home = sample::facility(1, None);
    (home.name, home.code, home.address) = ("幸福养老院".into(), Some("A-17".into()), Some("示例路 ５ 号".into()));
    let atlas = sample::atlas_of(vec![home, sample::facility(2, None)], &mut rng);
    let matched = |q: &str| atlas.list(&Filter { q: Some(q.into()), ..Default::default() }, None, 10).matched;
    assert_eq!(
        (matched("幸福"), matched("xingfu"), matched("xfyly"), matched("a-1"), matched("路5号")),
        (1, 1, 1, 1, 1)
    );
    assert_eq!((matched("养老院"), matched("shililu"), matched("")), (2, 0, 2));
}
