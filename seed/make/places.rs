//! What is known and what is chosen about each district: counties, how many units of which class, census totals, towns with a name.

/// West, south, east, north of the GeoNames rows that are kept: 宿迁, 聊城, 薛城, 丹徒.
pub const BOXES: [[f64; 4]; 4] = [
    [117.90, 32.95, 119.20, 34.45],
    [115.25, 35.75, 116.55, 37.05],
    [117.10, 34.60, 117.50, 35.00],
    [119.15, 31.90, 119.80, 32.30],
];

/// The classes of town-level units, by the first digit of the code's middle block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Street,
    Zone,
    Town,
    Township,
}

impl Class {
    pub const ALL: [Class; 4] = [Class::Street, Class::Zone, Class::Town, Class::Township];

    pub fn block(self) -> u32 {
        match self {
            Class::Street => 0,
            Class::Town => 100,
            Class::Township => 200,
            Class::Zone => 400,
        }
    }

    pub fn suffix(self) -> &'static str {
        match self {
            Class::Street => "街道",
            Class::Town => "镇",
            Class::Township => "乡",
            Class::Zone => "工业园区",
        }
    }

    /// How many people a village-level unit of this class has, compared with a village of a town.
    pub fn size(self) -> f64 {
        match self {
            Class::Street | Class::Zone => 2.2,
            Class::Town => 1.0,
            Class::Township => 0.8,
        }
    }

    /// How old its people are, compared with a town.
    pub fn age(self) -> f64 {
        match self {
            Class::Street | Class::Zone => 0.85,
            Class::Town => 1.0,
            Class::Township => 1.1,
        }
    }
}

pub struct County {
    pub code: &'static str,
    pub name: &'static str,
    /// Rough middle and radius of the invented towns.
    pub lon: f64,
    pub lat: f64,
    pub spread_km: f64,
    /// How many streets, zones, towns, townships.
    pub units: [usize; 4],
}

pub struct District {
    /// The unit whose figures are stated; also the one the population total is for.
    pub root: &'static str,
    /// Ancestors of the counties, highest first: code, name, level, parent, GeoNames row of the point (0: none).
    pub above: &'static [(&'static str, &'static str, &'static str, &'static str, u32)],
    pub counties: &'static [County],
    /// Villages in streets, zones, towns, townships.
    pub villages: [usize; 4],
    /// The only zones that count in coverage and have villages.
    pub counting_zones: &'static [&'static str],
    /// How far the computed border reaches beyond the outermost town point.
    pub margin_km: f64,
    pub population: u32,
    /// People aged 60 and over, per ten thousand.
    pub aged_60: u32,
    pub population_source: &'static str,
    pub area_code: &'static str,
    pub demo: bool,
}

/// People aged 80 and over, per ten thousand: the national share of 2020, used for every district.
pub const AGED_80: u32 = 254;

const fn county(
    code: &'static str,
    name: &'static str,
    lon: f64,
    lat: f64,
    spread_km: f64,
    units: [usize; 4],
) -> County {
    County { code, name, lon, lat, spread_km, units }
}

pub const DISTRICTS: [District; 5] = [
    District {
        root: "321300",
        above: &[("320000", "江苏省", "province", "", 0), ("321300", "宿迁市", "city", "320000", 1793771)],
        counties: &[
            county("321302", "宿城区", 118.18, 33.86, 15.0, [9, 4, 8, 1]),
            county("321311", "宿豫区", 118.47, 34.00, 16.0, [4, 3, 7, 2]),
            county("321322", "沭阳县", 118.80, 34.15, 25.0, [6, 3, 18, 2]),
            county("321323", "泗阳县", 118.68, 33.72, 19.0, [3, 2, 11, 1]),
            county("321324", "泗洪县", 118.27, 33.43, 26.0, [5, 3, 15, 2]),
        ],
        villages: [330, 11, 954, 106],
        counting_zones: &["321302401"],
        margin_km: 7.0,
        population: 4_986_192,
        aged_60: 2184,
        population_source: "census 2020 total of 宿迁市, spread by rule; 60+ share of 江苏省, 80+ share of China",
        area_code: "0527",
        demo: false,
    },
    District {
        root: "371500",
        above: &[("370000", "山东省", "province", "", 0), ("371500", "聊城市", "city", "370000", 1803834)],
        counties: &[
            county("371502", "东昌府区", 115.93, 36.45, 19.0, [5, 0, 5, 0]),
            county("371503", "茌平区", 116.20, 36.60, 17.0, [2, 0, 5, 0]),
            county("371521", "阳谷县", 115.78, 36.11, 17.0, [2, 0, 6, 0]),
            county("371522", "莘县", 115.60, 36.15, 18.0, [2, 0, 6, 1]),
            county("371524", "东阿县", 116.25, 36.32, 15.0, [1, 0, 5, 0]),
            county("371525", "冠县", 115.45, 36.50, 17.0, [1, 0, 6, 1]),
            county("371526", "高唐县", 116.22, 36.86, 16.0, [1, 0, 5, 0]),
            county("371581", "临清市", 115.75, 36.80, 16.0, [2, 0, 5, 0]),
        ],
        villages: [64, 0, 163, 7],
        counting_zones: &[],
        margin_km: 9.0,
        population: 5_952_128,
        aged_60: 2090,
        population_source: "census 2020 total of 聊城市, spread by rule; 60+ share of 山东省, 80+ share of China",
        area_code: "0635",
        demo: false,
    },
    District {
        root: "370403",
        above: &[("370000", "山东省", "province", "", 0), ("370400", "枣庄市", "city", "370000", 0)],
        counties: &[county("370403", "薛城区", 117.27, 34.79, 9.0, [6, 0, 4, 0])],
        villages: [36, 0, 32, 0],
        counting_zones: &[],
        margin_km: 4.5,
        population: 450_000,
        aged_60: 2090,
        population_source: "assumed round total, to be confirmed, spread by rule; 60+ share of 山东省, 80+ share of China",
        area_code: "0632",
        demo: false,
    },
    District {
        root: "321112",
        above: &[("320000", "江苏省", "province", "", 0), ("321100", "镇江市", "city", "320000", 1784642)],
        counties: &[county("321112", "丹徒区", 119.44, 32.12, 14.0, [2, 0, 6, 0])],
        villages: [14, 0, 42, 0],
        counting_zones: &[],
        margin_km: 5.0,
        population: 350_000,
        aged_60: 2184,
        population_source: "assumed round total, to be confirmed, spread by rule; 60+ share of 江苏省, 80+ share of China",
        area_code: "0511",
        demo: false,
    },
    District {
        root: "XX0001",
        above: &[],
        counties: &[county("XX0001", "某区（匿名）", 104.5, 38.9, 6.0, [4, 0, 1, 1])],
        villages: [62, 0, 7, 6],
        counting_zones: &[],
        margin_km: 2.2,
        population: 240_000,
        aged_60: 1870,
        population_source: "invented total, spread by rule; 60+ and 80+ shares of China",
        area_code: "",
        demo: true,
    },
];
