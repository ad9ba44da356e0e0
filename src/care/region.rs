//! Regions: the tree of provinces, cities, counties, towns and villages.

use geojson::Geometry;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Place, Text};

/// The levels of the tree, from the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Province,
    City,
    County,
    Town,
    Village,
}

impl Level {
    pub const ALL: [Level; 5] = [Level::Province, Level::City, Level::County, Level::Town, Level::Village];

    pub fn code(self) -> &'static str {
        match self {
            Level::Province => "province",
            Level::City => "city",
            Level::County => "county",
            Level::Town => "town",
            Level::Village => "village",
        }
    }

    pub fn from_code(code: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.code() == code)
    }
}

/// Whether one region lies above another, by what tells each region's parent.
pub fn is_above<'a>(parent: impl Fn(&str) -> Option<&'a str>, above: &str, below: &str) -> bool {
    // No tree is so deep; a ring of parents ends here.
    std::iter::successors(parent(below), |at| parent(at)).take(Level::ALL.len()).any(|at| at == above)
}

/// The class of a town-level unit, by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 街道
    Street,
    /// 镇
    Town,
    /// 乡
    Township,
    /// 开发区、园区 and other units that are run together with an enterprise.
    Zone,
}

impl Class {
    pub const ALL: [Class; 4] = [Class::Street, Class::Town, Class::Township, Class::Zone];

    /// From digits 7 to 9 of a Chinese code of 9 digits or more: 001–099 street, 100–199 town, 200–399 township,
    /// 400–599 zone (GB/T 10114, 县级以下行政区划代码编制规则). `None` for every other code: then the class is not known.
    pub fn of(code: &str) -> Option<Class> {
        let chinese = matches!(code.len(), 9 | 12) && code.bytes().all(|byte| byte.is_ascii_digit());
        let block: u32 = code.get(6..9).filter(|_| chinese)?.parse().ok()?;
        match block {
            1..=99 => Some(Class::Street),
            100..=199 => Some(Class::Town),
            200..=399 => Some(Class::Township),
            400..=599 => Some(Class::Zone),
            _ => None,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Class::Street => "street",
            Class::Town => "town",
            Class::Township => "township",
            Class::Zone => "zone",
        }
    }

    pub fn from_code(code: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.code() == code)
    }
}

/// Whether a region is urban or rural, as the bureau tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrbanRural {
    /// 城镇
    Urban,
    /// 乡村
    Rural,
}

impl UrbanRural {
    pub const ALL: [UrbanRural; 2] = [UrbanRural::Urban, UrbanRural::Rural];
    pub const CODES: [&str; 2] = ["urban", "rural"];

    pub fn code(self) -> &'static str {
        match self {
            UrbanRural::Urban => "urban",
            UrbanRural::Rural => "rural",
        }
    }

    pub fn from_code(code: &str) -> Option<UrbanRural> {
        UrbanRural::ALL.into_iter().find(|class| class.code() == code)
    }

    /// As files write it: our words, 城 and 乡, or a class of the statistics bureau: 111 and 112 (main urban area and what joins
    /// it), 121, 122 and 123 (town centre, what joins it, special area) are urban, 210 and 220 (township centre, village)
    /// rural (国家统计局《统计上划分城乡的规定》, 2008, 国函〔2008〕60号; the digits by its 城乡分类代码, to be confirmed).
    pub fn of_file(text: &str) -> Option<UrbanRural> {
        match text {
            "城" | "城镇" | "城市" | "111" | "112" | "121" | "122" | "123" => Some(UrbanRural::Urban),
            "乡" | "乡村" | "农村" | "210" | "220" => Some(UrbanRural::Rural),
            code => UrbanRural::from_code(code),
        }
    }
}

/// One region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Region {
    pub code: Text,
    pub name: Text,
    pub level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// A Polygon or MultiPolygon in WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub border: Option<Box<Geometry>>,
    /// Whether it counts as a unit where units are counted ("one canteen a town"); its people always count.
    pub counts_in_coverage: bool,
    /// `None`: not told here; then it is that of the nearest region above that tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<UrbanRural>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

impl Region {
    /// A word for this state of the region, its border aside: whoever saw another word saw another state.
    pub fn state(&self) -> String {
        let Region { code, name, level, parent, counts_in_coverage, class, .. } = self;
        let told = format!("{code}\n{name}\n{}\n{parent:?}\n{counts_in_coverage}\n{class:?}", level.code());
        Sha256::digest(told).iter().take(6).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

/// What went to another region when its own was merged into that one or renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Succession {
    pub facilities: usize,
    /// Regions that lay directly below the old one.
    pub regions: usize,
    pub demand_points: usize,
    /// Accounts whose region it was: they now reach over what the new one holds.
    pub accounts: usize,
    pub scenarios: usize,
}

impl Succession {
    /// As the line of the log keeps it, where accounts have no lines of their own.
    pub fn written(&self) -> String {
        let Succession { facilities, regions, demand_points, accounts, scenarios } = self;
        format!(
            "with it went: facilities {facilities}, regions below {regions}, demand points {demand_points}, \
             accounts {accounts}, scenarios {scenarios}"
        )
    }

    /// What [`Succession::written`] has written.
    pub fn read(text: &str) -> Option<Succession> {
        let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        let numbers = numbers.map(str::parse).collect::<Result<Vec<usize>, _>>().ok()?;
        let [facilities, regions, demand_points, accounts, scenarios] = numbers.try_into().ok()?;
        Some(Succession { facilities, regions, demand_points, accounts, scenarios })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::draft::RegionDraft;

    #[test]
    fn another_class_is_another_state() {
        let draft = |class| {
            let (code, name, level, place, border) = ("3213".into(), "甲".into(), Level::City, None, None);
            let (parent, counts_in_coverage, source, demo) = (None, None, None, None);
            RegionDraft { row: 1, code, name, level, parent, place, border, counts_in_coverage, class, source, demo }
        };
        let state = |class| Region::of(draft(class)).state();
        assert_eq!(state(None), state(None));
        assert_ne!(state(None), state(Some(UrbanRural::Urban)));
    }

    #[test]
    fn what_went_along_is_read_from_the_log_as_it_was_written() {
        let told = Succession { facilities: 12, regions: 3, demand_points: 0, accounts: 2, scenarios: 1 };
        assert_eq!(Succession::read(&told.written()), Some(told));
        assert_eq!(Succession::read("accounts 2"), None);
    }

    #[test]
    fn urban_and_rural_are_read_from_words_and_from_the_classes_of_the_statistics_bureau() {
        for (text, class) in [
            ("urban", "urban"),
            ("城", "urban"),
            ("城镇", "urban"),
            ("122", "urban"),
            ("乡村", "rural"),
            ("220", "rural"),
        ] {
            assert_eq!(UrbanRural::of_file(text).map(UrbanRural::code), Some(class), "{text}");
        }
        for other in ["", "100", "211", "镇", "suburban"] {
            assert_eq!(UrbanRural::of_file(other), None, "{other}");
        }
    }

    #[test]
    fn the_class_of_a_unit_is_read_from_a_chinese_code_and_from_no_other() {
        let of = |code: &str| Class::of(code).map(Class::code);
        assert_eq!(
            [of("321302001"), of("321323107"), of("321302201"), of("321302401")],
            [Some("street"), Some("town"), Some("township"), Some("zone")]
        );
        assert_eq!(of("321302001003"), Some("street"));
        for other in ["XX0001001", "321302", "321302000", "Vaduz", "3213020011", "٣٢١٣٠٢٠٠١"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
