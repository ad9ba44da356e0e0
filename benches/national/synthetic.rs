//! A nation for benchmarks: regions, facilities and people placed like real towns, the same for the same seed everywhere.
//!
//! Nothing here is real and every name says so. What is like the real thing: four levels of regions in the numbers of
//! China's (31, 341, about 2,900, about 35,000); towns whose sizes follow Zipf's law (the n-th largest in proportion to
//! 1/(n + 50)), scattered in clusters over a box of China's size; seven of ten facilities in the town and three in villages
//! around it; kinds in the shares that bureaus publish, with the measures, ratings, hours and prices that such kinds have.
//!
//! The dice are SplitMix64 (Steele, Lea, Flood 2014) and the bell curve is a sum of twelve throws less six: only additions
//! and multiplications, so that no mathematical library's last digit can make two machines differ.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Scale {
    pub facilities: usize,
    pub demand: usize,
    pub towns_per_county: usize,
}

pub const NATIONAL: Scale = Scale { facilities: 400_000, demand: 600_000, towns_per_county: 12 };
pub const TINY: Scale = Scale { facilities: 2_000, demand: 3_000, towns_per_county: 1 };
pub const QUICK: Scale = Scale { facilities: 20_000, demand: 30_000, towns_per_county: 2 };

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, end: u32) -> u32 {
        (self.unit() * f64::from(end)) as u32
    }

    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    pub fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u32) as usize]
    }
}

/// Provinces by the first two digits of their codes.
const PROVINCES: [u32; 31] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65,
];
const CITIES: u32 = 11;
const NAMES: [&str; 24] = [
    "安", "宁", "和", "福", "寿", "康", "乐", "松", "柏", "竹", "梅", "兰", "溪", "河", "湖", "山", "岭", "原", "桥",
    "塘", "东", "西", "南", "北",
];

/// Kind, share in a thousand, and its measures with the smallest and largest totals.
type KindRow = (&'static str, u32, &'static [(&'static str, u32, u32)]);
const KINDS: [KindRow; 15] = [
    ("meal_point", 240, &[("meals_per_day", 20, 150)]),
    ("community_station", 200, &[]),
    ("canteen", 120, &[("meals_per_day", 60, 600), ("seats", 20, 150)]),
    ("day_care", 120, &[("day_places", 10, 60)]),
    ("nursing_home", 100, &[("beds", 20, 400)]),
    ("village_relief_station", 50, &[]),
    ("neighbour_point", 40, &[]),
    ("public_cemetery", 35, &[("plots", 300, 20_000)]),
    ("street_day_care", 30, &[("day_places", 20, 100)]),
    ("embedded_centre", 20, &[("beds", 10, 60)]),
    ("elder_support_station", 15, &[]),
    ("nursing_hospital", 10, &[("beds", 50, 300)]),
    ("columbarium", 8, &[("plots", 500, 10_000)]),
    ("commercial_cemetery", 7, &[("plots", 2_000, 60_000)]),
    ("funeral_home", 5, &[]),
];

const FACILITY_COLUMNS: &str = "code,name,kind,status,region,address,lon,lat,phone,hours,rating_scheme,rating_level,rated_on,\
     beds_total,beds_nursing,beds_occupied,day_places,meals_per_day,seats,plots_total,plots_used,price_min,price_max,\
     ownership,services,opened_on,tags";

struct Region {
    code: String,
    name: String,
    level: &'static str,
    parent: String,
    lon: f64,
    lat: f64,
}

pub struct Nation {
    seed: u64,
    scale: Scale,
    regions: Vec<Region>,
    /// Where the towns begin in `regions`.
    first_town: usize,
    /// Sums of the towns' sizes up to each.
    sizes: Vec<f64>,
}

impl Nation {
    pub fn new(seed: u64, scale: Scale) -> Nation {
        let mut dice = Dice::new(seed);
        let (mut provinces, mut cities, mut counties, mut towns) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for province in PROVINCES {
            let centre = (99.0 + 22.0 * dice.unit(), 22.0 + 20.0 * dice.unit());
            provinces.push(region(&mut dice, format!("{province}0000"), "province", "省", "", centre, 0.0));
            let above = format!("{province}0000");
            for city in 1..=CITIES {
                cities.push(region(&mut dice, format!("{province}{city:02}00"), "city", "市", &above, centre, 1.2));
            }
        }
        for (at, city) in cities.iter().enumerate() {
            for county in 1..=8 + at % 2 {
                let code = format!("{}{county:02}", &city.code[..4]);
                counties.push(region(&mut dice, code, "county", "县", &city.code, (city.lon, city.lat), 0.3));
            }
        }
        for county in &counties {
            for town in 1..=scale.towns_per_county {
                let code = format!("{}{:03}", county.code, 100 + town);
                towns.push(region(&mut dice, code, "town", "镇", &county.code, (county.lon, county.lat), 0.1));
            }
        }
        let first_town = provinces.len() + cities.len() + counties.len();
        let regions: Vec<Region> = [provinces, cities, counties, towns].into_iter().flatten().collect();
        let mut ranks: Vec<_> = (0..regions.len() - first_town).collect();
        for at in (1..ranks.len()).rev() {
            ranks.swap(at, dice.below(at as u32 + 1) as usize);
        }
        let mut sum = 0.0;
        let sizes = ranks.iter().map(|rank| {
            sum += 1.0 / (*rank as f64 + 50.0);
            sum
        });
        let sizes = sizes.collect();
        Nation { seed, scale, regions, first_town, sizes }
    }

    /// A town, the larger the likelier.
    fn town(&self, dice: &mut Dice) -> &Region {
        let wanted = dice.unit() * self.sizes.last().copied().unwrap_or(0.0);
        &self.regions[self.first_town + self.sizes.partition_point(|sum| *sum <= wanted).min(self.sizes.len() - 1)]
    }

    /// A point in the town, or with `villages` in a hundred in a village around it.
    fn point(&self, dice: &mut Dice, town: &Region, villages: u32) -> (f64, f64) {
        let spread = if dice.percent(villages) { 0.06 } else { 0.015 };
        around(dice, (town.lon, town.lat), spread)
    }

    /// Writes regions.csv, facilities.csv and population.csv.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        self.write_regions(&mut BufWriter::new(File::create(folder.join("regions.csv"))?))?;
        self.write_facilities(&mut BufWriter::new(File::create(folder.join("facilities.csv"))?))?;
        self.write_population(&mut BufWriter::new(File::create(folder.join("population.csv"))?))
    }

    pub fn write_regions(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "code,name,level,parent,lon,lat,counts_in_coverage")?;
        for Region { code, name, level, parent, lon, lat } in &self.regions {
            writeln!(out, "{code},{name},{level},{parent},{lon:.6},{lat:.6},true")?;
        }
        out.flush()
    }

    pub fn write_facilities(&self, out: &mut impl Write) -> io::Result<()> {
        let mut dice = Dice::new(self.seed ^ 0xfac1);
        writeln!(out, "{FACILITY_COLUMNS}")?;
        for number in 1..=self.scale.facilities {
            self.write_facility(&mut dice, number, out)?;
        }
        out.flush()
    }

    fn write_facility(&self, dice: &mut Dice, number: usize, out: &mut impl Write) -> io::Result<()> {
        let mut share = dice.below(1000);
        let is = |(_, of_thousand, _): &&KindRow| {
            let here = share < *of_thousand;
            share = share.wrapping_sub(*of_thousand);
            here
        };
        let (kind, _, measures) = KINDS.iter().find(is).unwrap_or(&KINDS[0]);
        let residential = measures.first().is_some_and(|(measure, ..)| *measure == "beds");
        let meals = measures.first().is_some_and(|(measure, ..)| *measure == "meals_per_day");
        let status = match dice.below(100) {
            0..=89 => "operating",
            90..=91 => "trial",
            92 => "planned",
            93 => "under_construction",
            94 => "built",
            95..=96 => "suspended",
            _ => "closed",
        };
        let town = self.town(dice);
        let (lon, lat) = self.point(dice, town, 30);
        // One in a hundred has not been put on the map yet.
        let place = if dice.percent(99) { format!("{lon:.6},{lat:.6}") } else { ",".to_owned() };
        let phone = if dice.percent(70) { format!("0000-5555-{:04}", dice.below(10_000)) } else { String::new() };
        let hours = match (meals, dice.below(3)) {
            (true, 0) => "\"Mo-Su 06:30-08:30,11:00-13:00\"",
            (true, 1) => "\"Mo-Su 11:00-12:30,16:30-18:00\"",
            (true, _) => "Mo-Fr 10:30-13:00",
            (false, _) if residential => "24/7",
            (false, _) => "",
        };
        let rated = residential && dice.percent(35);
        let level = dice.between(1, 5);
        let rated_on = format!("202{}-{:02}-{:02}", dice.between(3, 6), dice.between(1, 9), dice.between(1, 28));
        let rating = if rated { format!("gb37276,{level},{rated_on}") } else { ",,".to_owned() };
        let total = |dice: &mut Dice, wanted: &str| {
            let range = measures.iter().find(|(measure, ..)| *measure == wanted);
            range.map(|(_, low, high)| dice.between(*low, *high))
        };
        let cell = |number: Option<u32>| number.map_or(String::new(), |number| number.to_string());
        let beds = total(dice, "beds");
        let nursing = beds.map(|beds| beds * dice.between(20, 80) / 100);
        let occupied = beds.map(|beds| beds * dice.between(30, 104) / 100);
        let (day_places, meals_per_day) = (total(dice, "day_places"), total(dice, "meals_per_day"));
        let (seats, plots) = (total(dice, "seats"), total(dice, "plots"));
        let used = plots.map(|plots| plots * dice.between(5, 95) / 100);
        let price = residential.then(|| 100 * dice.between(8, 60));
        let ownership = *dice.pick(&["public", "private", "public_private"]);
        let services = if meals { "meals;delivery" } else { "" };
        let opened = format!("20{:02}-{:02}-01", dice.between(5, 25), dice.between(1, 12));
        writeln!(
            out,
            "N{number:07},{}示例{number},{kind},{status},{},{}示例路{}号,{place},{phone},{hours},{rating},{},{},{},{},{},{},{},{},{},{},\
             {ownership},{services},{opened},示例",
            town.name,
            town.code,
            town.name,
            dice.between(1, 400),
            cell(beds),
            cell(nursing),
            cell(occupied),
            cell(day_places),
            cell(meals_per_day),
            cell(seats),
            cell(plots),
            cell(used),
            cell(price),
            cell(price.map(|price| price + 1200)),
        )
    }

    pub fn write_population(&self, out: &mut impl Write) -> io::Result<()> {
        let mut dice = Dice::new(self.seed ^ 0x9e0b);
        writeln!(out, "region,lon,lat,total,aged_60,aged_80,as_of")?;
        for _ in 0..self.scale.demand {
            let town = self.town(&mut dice);
            let (lon, lat) = self.point(&mut dice, town, 50);
            let total = 50 + (dice.unit() * dice.unit() * 6000.0) as u32;
            let aged_60 = total * dice.between(12, 32) / 100;
            let aged_80 = aged_60 * dice.between(8, 16) / 100;
            writeln!(out, "{},{lon:.6},{lat:.6},{total},{aged_60},{aged_80},2025-11-01", town.code)?;
        }
        out.flush()
    }

    /// Where people ask from: close to where they live.
    pub fn askers(&self, count: usize) -> Vec<(f64, f64)> {
        let mut dice = Dice::new(self.seed ^ 0xa5ce);
        let ask = |_| {
            let town = self.town(&mut dice);
            self.point(&mut dice, town, 50)
        };
        (0..count).map(ask).collect()
    }
}

fn region(
    dice: &mut Dice,
    code: String,
    level: &'static str,
    ending: &str,
    parent: &str,
    centre: (f64, f64),
    spread: f64,
) -> Region {
    let (lon, lat) = around(dice, centre, spread);
    let name = format!("{}{}{ending}", dice.pick(&NAMES), dice.pick(&NAMES));
    Region { code, name, level, parent: parent.to_owned(), lon, lat }
}

/// A bell-shaped step from a point. A degree of longitude is taken as it is at 35° north: 0.82 of a degree of latitude.
fn around(dice: &mut Dice, (lon, lat): (f64, f64), spread: f64) -> (f64, f64) {
    (lon + spread * dice.bell() / 0.82, lat + spread * dice.bell())
}
