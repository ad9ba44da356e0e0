//! The synthetic nation of the benchmarks: the same seed gives the same files, and they look like a nation.

#[path = "../benches/national/synthetic.rs"]
#[allow(dead_code)]
mod synthetic;

use sha2::{Digest, Sha256};
use synthetic::{Nation, Scale};

const SMALL: Scale = Scale { facilities: 2_000, demand: 3_000, towns_per_county: 1 };

fn files(seed: u64) -> [String; 3] {
    let nation = Nation::new(seed, SMALL);
    let (mut regions, mut facilities, mut population) = (Vec::new(), Vec::new(), Vec::new());
    nation.write_regions(&mut regions).expect("written");
    nation.write_facilities(&mut facilities).expect("written");
    nation.write_population(&mut population).expect("written");
    [regions, facilities, population].map(|file| String::from_utf8(file).expect("UTF-8"))
}

fn column(file: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let at = reader.headers().expect("a header").iter().position(|column| column == name).expect("the column");
    reader.records().map(|row| row.expect("a whole row")[at].to_owned()).collect()
}

#[test]
fn the_same_seed_gives_the_same_nation_on_every_machine() {
    assert_eq!(files(1), files(1));
    assert_ne!(files(1), files(2));
    let mut all = Sha256::new();
    files(1).iter().for_each(|file| all.update(file));
    assert_eq!(format!("{:x}", all.finalize())[..16], *"4a9bb3d09e8ac194");
}

#[test]
fn every_row_stands_in_a_region_and_every_region_below_another() {
    let [regions, facilities, population] = files(1);
    let codes: std::collections::HashSet<_> = column(&regions, "code").into_iter().collect();
    for (file, name) in [(&regions, "parent"), (&facilities, "region"), (&population, "region")] {
        assert!(column(file, name).iter().all(|code| code.is_empty() || codes.contains(code)), "{name}");
    }
    assert_eq!(column(&regions, "level").iter().filter(|level| *level == "province").count(), 31);
}

#[test]
fn people_and_facilities_stand_within_the_box_and_the_figures_fit() {
    let [_, facilities, population] = files(1);
    for file in [&facilities, &population] {
        let inside = |name: &str, low: f64, high: f64| {
            column(file, name).iter().filter_map(|x| x.parse::<f64>().ok()).all(|x| low < x && x < high)
        };
        assert!(inside("lon", 80.0, 140.0) && inside("lat", 10.0, 55.0));
    }
    let pairs = column(&facilities, "beds_nursing").into_iter().zip(column(&facilities, "beds_total"));
    let fits =
        |(nursing, total): (String, String)| nursing.is_empty() || nursing.parse::<u32>().ok() <= total.parse().ok();
    assert!(pairs.into_iter().all(fits));
}
