//! Invented facilities: the record, and the hand that places one in a region and fills it in.

use geo::{Contains, Point};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::{
    cells::round,
    dice::Dice,
    kinds,
    places::{DISTRICTS, District},
    plan,
    regions::{Region, Regions},
};

pub const NOTE: &str = "演示数据，非真实机构；名称、位置、电话、容量和价格均为虚构";
pub const NOTE_NAMED: &str = "演示数据，非真实机构；名称见于公开工作总结，位置、电话、容量、价格和等级均为虚构";

#[derive(Clone, Default, Serialize)]
pub struct Facility {
    pub code: String,
    pub name: String,
    pub kind: &'static str,
    pub status: &'static str,
    pub region: String,
    pub address: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub phone: String,
    pub hours: &'static str,
    pub rating_scheme: &'static str,
    pub rating_level: Option<u32>,
    pub rated_on: String,
    pub rating_valid_until: String,
    pub beds_total: Option<u32>,
    pub beds_nursing: Option<u32>,
    pub beds_occupied: Option<u32>,
    pub day_places: Option<u32>,
    pub meals_per_day: Option<u32>,
    pub seats: Option<u32>,
    pub plots_total: Option<u32>,
    pub plots_used: Option<u32>,
    pub licence_type: String,
    pub licence_number: String,
    pub licence_issuer: String,
    pub licence_valid_until: String,
    pub menu: String,
    pub caregivers: Option<u32>,
    pub caregivers_certified: Option<u32>,
    pub staff_as_of: &'static str,
    pub price_min: Option<u32>,
    pub price_max: Option<u32>,
    pub price_unit: &'static str,
    pub ownership: &'static str,
    pub operator: &'static str,
    pub services: &'static str,
    pub opened_on: String,
    pub built_on: String,
    pub closed_on: String,
    pub tags: &'static str,
    pub note: &'static str,
    pub source: &'static str,
    pub demo: bool,
}

impl Facility {
    /// Not open (yet, or any more): what only a working site has is taken out.
    pub fn not_working(&mut self, status: &'static str) {
        self.status = status;
        (self.beds_occupied, self.hours) = (None, "");
        match status {
            "closed" => self.closed_on = format!("2023-{:02}-28", Dice::new(&self.code).between(1, 5)),
            "suspended" => {}
            _ => self.opened_on.clear(),
        }
    }

    pub fn rate(&mut self, scheme: &'static str, level: u32, rated_on: String, valid_years: u32) {
        self.rating_scheme = scheme;
        self.rating_level = Some(level);
        // Without an end date a reader applies the scheme's own rule: three years for gb37276.
        if scheme != "gb37276" {
            let year: u32 = rated_on[..4].parse().unwrap_or_default();
            self.rating_valid_until = format!("{}{}", year + valid_years, &rated_on[4..]);
        }
        // Nobody rates a site before it has been open for a while.
        if self.opened_on > rated_on {
            let year: u32 = rated_on[..4].parse().unwrap_or_default();
            self.opened_on = format!("{}{}", year - 2, &rated_on[4..]);
        }
        self.rated_on = rated_on;
    }

    pub fn named(&mut self, name: &str) {
        self.name = format!("{name}(示例)");
        self.note = NOTE_NAMED;
    }

    pub fn nowhere(&mut self) {
        (self.lon, self.lat) = (None, None);
    }
}

pub struct Maker<'a> {
    pub regions: &'a Regions,
    pub district: &'a District,
    pub all: Vec<Facility>,
    serial: BTreeMap<&'static str, u32>,
    names: BTreeMap<String, u32>,
    /// For each smallest unit: how far its point is from the next one, in degrees of latitude.
    room: BTreeMap<String, f64>,
}

pub fn invent(regions: &Regions) -> Vec<Facility> {
    let mut all = vec![];
    for district in &DISTRICTS {
        let mut maker = Maker {
            regions,
            district,
            all: vec![],
            serial: BTreeMap::new(),
            names: BTreeMap::new(),
            room: room(regions, district),
        };
        plan::fill(&mut maker);
        all.append(&mut maker.all);
    }
    all
}

fn room(regions: &Regions, district: &District) -> BTreeMap<String, f64> {
    let mut units = regions.below(district.root, "village");
    units.extend(regions.below(district.root, "town").into_iter().filter(|t| !t.counts));
    let distance = |a: &Region, b: &Region| ((a.lon - b.lon) * a.lat.to_radians().cos()).hypot(a.lat - b.lat);
    let nearest = |a: &Region| {
        let others = units.iter().filter(|b| b.code != a.code);
        others.map(|b| distance(a, b)).fold(f64::INFINITY, f64::min)
    };
    units.iter().map(|unit| (unit.code.clone(), nearest(unit))).collect()
}

impl<'a> Maker<'a> {
    pub fn region(&self, code: &str) -> &'a Region {
        self.regions.get(code).expect("a region of the plan")
    }

    /// The regions of one level in the district.
    pub fn level(&self, level: &str) -> Vec<&'a Region> {
        self.regions.below(self.district.root, level)
    }

    pub fn add(&mut self, kind: &'static str, region: &'a Region) -> &mut Facility {
        let serial = self.serial.entry(kind).or_default();
        *serial += 1;
        let code = format!("DEMO-{}-{}-{serial:04}", self.district.root, kinds::short(kind));
        let mut dice = Dice::new(&code);
        let mut facility = Facility {
            code,
            kind,
            status: "operating",
            region: region.code.clone(),
            note: NOTE,
            source: "invented for the demo",
            demo: true,
            ..Facility::default()
        };

        let label = dice.pick(kinds::labels(kind));
        let place = if region.level == "county" || region.level == "city" {
            format!("{}示例", region.name)
        } else {
            region.name.clone()
        };
        let count = self.names.entry(format!("{place}{label}")).or_default();
        *count += 1;
        facility.name = match *count {
            1 => format!("{place}{label}(示例)"),
            n => format!("{place}第{n}{label}(示例)"),
        };

        let (lon, lat) = self.point(region, &mut dice);
        (facility.lon, facility.lat) = (Some(lon), Some(lat));
        facility.address = format!("{}示例路{}号", self.path(region), dice.between(1, 299));
        if !self.district.area_code.is_empty() {
            let number = self.all.len() + 101;
            facility.phone = format!("{}-5555-{number:04}", self.district.area_code);
        }
        kinds::fill(&mut facility, &mut dice);
        self.all.push(facility);
        self.all.last_mut().expect("just added")
    }

    /// `n` facilities over the regions at an even step from a start that differs by kind; more than one round where `n` is larger.
    pub fn spread(
        &mut self,
        kind: &'static str,
        n: usize,
        over: &[&'a Region],
        mut change: impl FnMut(usize, &mut Facility),
    ) {
        let start = Dice::new(kind).between(0, over.len() as u32 - 1) as usize;
        for k in 0..n {
            let step = if n > over.len() { k } else { k * over.len() / n };
            change(k, self.add(kind, over[(start + step) % over.len()]));
        }
    }

    /// Near the point of one of the region's units, closer to it than to any other unit's point and inside its border.
    fn point(&self, region: &Region, dice: &mut Dice) -> (f64, f64) {
        let units: Vec<_> = self.room.keys().filter(|code| self.regions.within(code, &region.code)).collect();
        let unit = units[dice.between(0, units.len() as u32 - 1) as usize];
        let (at, angle) = (self.region(unit), std::f64::consts::TAU * dice.unit());
        let mut far = self.room[unit] * (0.04 + 0.4 * dice.unit());
        loop {
            let lon = round(at.lon + far * angle.cos() / at.lat.to_radians().cos());
            let lat = round(at.lat + far * angle.sin());
            if at.shape.contains(&Point::new(lon, lat)) {
                return (lon, lat);
            }
            far *= 0.6;
        }
    }

    /// The names of a region and its ancestors up to the city.
    fn path(&self, region: &Region) -> String {
        let above = match self.regions.get(&region.parent) {
            Some(parent) if parent.level != "province" => self.path(parent),
            _ => String::new(),
        };
        // A village's invented name starts with its town's.
        let own = match self.regions.get(&region.parent) {
            Some(parent) => region.name.strip_prefix(&parent.name).unwrap_or(&region.name),
            None => &region.name,
        };
        above + own
    }
}
