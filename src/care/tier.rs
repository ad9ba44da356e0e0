//! Tier rules: which kind of facility every unit of a level must have, as data with its source.
//!
//! The rules are `seed/tiers.toml`, which the program carries with it.

use std::sync::LazyLock;

use serde::Deserialize;
use serde::Serialize;

use super::indicator::Pick;
use super::{Level, Text};

/// One rule, such as "every village has a neighbour point".
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRule {
    pub code: Text,
    pub zh: String,
    pub en: String,
    /// The level of the units that must meet it.
    pub level: Level,
    /// Any facility that passes counts; it stands in the unit or below it.
    pub condition: Pick,
    /// So many of them.
    pub minimum: u32,
    /// Which units are counted where nobody chooses otherwise.
    pub denominator: Denominator,
    /// Where the rule comes from.
    pub source: String,
}

/// Which units of the level are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// Those that the bureau counts (`counts_in_coverage`).
    Counted,
    /// All that have a code.
    All,
    /// Of those that count, streets (街道) only, or what stands below them.
    Street,
    /// Of those that count, towns and townships (镇, 乡) only, or what stands below them.
    Rural,
}

impl Denominator {
    pub const ALL: [Denominator; 4] = [Denominator::Counted, Denominator::All, Denominator::Street, Denominator::Rural];

    pub fn code(self) -> &'static str {
        match self {
            Denominator::Counted => "counted",
            Denominator::All => "all",
            Denominator::Street => "street",
            Denominator::Rural => "rural",
        }
    }

    pub fn from_code(code: &str) -> Option<Denominator> {
        Denominator::ALL.into_iter().find(|denominator| denominator.code() == code)
    }

    /// What it means, in Chinese and English.
    pub fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Denominator::Counted => (
                "计入覆盖的单元：民政部门在区域表中标为“计入覆盖”的（开发区、园区多不计入）",
                "units that count: those that the bureau has marked in the table of regions (most development zones are not)",
            ),
            Denominator::All => (
                "全部单元：区域表中这一级的每一个代码，含开发区、园区",
                "all units: every code of the level, zones included",
            ),
            Denominator::Street => (
                "只算计入覆盖的街道：代码第 7 至 9 位为 001–099（GB/T 10114），村级则看其上级",
                "streets only, of the units that count: digits 7 to 9 of the code are 001–099 (GB/T 10114); for villages, those of what they stand in",
            ),
            Denominator::Rural => (
                "只算计入覆盖的镇和乡：代码第 7 至 9 位为 100–399（GB/T 10114），村级则看其上级",
                "towns and townships only, of the units that count: digits 7 to 9 are 100–399 (GB/T 10114); for villages, those of what they stand in",
            ),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    #[serde(rename = "rule")]
    rules: Vec<TierRule>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    // cannot fail: the rules are part of the program, and a test reads them.
    toml::from_str(include_str!("../../seed/tiers.toml")).expect("the tier rules")
});

pub fn rules() -> &'static [TierRule] {
    &RULES.rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_be_read_and_has_a_code_of_its_own_and_a_source() {
        let codes: std::collections::BTreeSet<_> = rules().iter().map(|rule| &rule.code).collect();
        assert_eq!(codes.len(), rules().len());
        assert!(
            rules().iter().all(|rule| rule.minimum > 0 && !rule.source.is_empty() && !rule.condition.kinds.is_empty())
        );
    }
}
