//! Indicators: the lines of the bureau's report as data, each with the formula that gives its value.
//!
//! The table is `seed/indicators.toml`, which the program carries with it. A line is a number of the report (`3`), with a
//! letter where the number has several figures (`16b`).

use std::sync::LazyLock;

use serde::Deserialize;

use super::programme::Measured;
use super::region::Class;
use super::{Level, Status, Text};

/// The whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    #[serde(rename = "indicator")]
    pub indicators: Vec<Indicator>,
    /// Names of the ledger's figures.
    #[serde(rename = "metric")]
    pub metrics: Vec<Metric>,
    #[serde(rename = "check")]
    pub checks: Vec<Check>,
}

/// One line of the report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub line: Text,
    pub zh: String,
    pub en: String,
    /// 家, 户, 人次, 元, or `share` (0 to 1).
    pub unit: String,
    pub formula: Formula,
    /// What a reader must know of the figure, in Chinese and English.
    #[serde(default)]
    pub note: Option<(String, String)>,
}

impl Indicator {
    /// The number in the report.
    pub fn number(&self) -> u32 {
        self.line.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().unwrap_or_default()
    }
}

/// A figure of the ledger, by its code `programme.metric`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    pub code: Text,
    pub zh: String,
    pub en: String,
    pub unit: String,
}

/// Figures that must add up. A term is a code of the ledger (with a point in it) or a line of the report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub zh: String,
    pub en: String,
    pub whole: Text,
    /// The whole is their sum, or (`quotient`) the first divided by the second.
    pub parts: Vec<Text>,
    #[serde(default)]
    pub quotient: bool,
    /// How far apart they may be, in the whole's unit; printed numbers are rounded.
    #[serde(default)]
    pub tolerance: f64,
}

/// Which facilities are meant. Without a status: those that serve.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pick {
    pub kinds: Vec<Text>,
    /// `{year}` in it stands for the year of the report.
    pub tag: Option<Text>,
    /// Any of these.
    pub ownership: Vec<Text>,
    /// A current rating in this scheme.
    pub scheme: Option<Text>,
    /// Of exactly this level.
    pub level: Option<u8>,
    pub status: Vec<Status>,
    pub any_status: bool,
    pub opened_in_year: bool,
    pub built_in_year: bool,
}

/// How a value is found.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// How many facilities.
    Count(Pick),
    /// One count over another.
    Share {
        of: Pick,
        among: Pick,
    },
    /// How many facilities for each region of a level that counts.
    PerUnit {
        of: Pick,
        level: Level,
    },
    /// The share of the regions of a level (and class) that have such a facility.
    UnitsWith {
        of: Pick,
        level: Level,
        class: Option<Class>,
    },
    /// How many regions of a level count; with an ending, only those whose name has it.
    Units {
        level: Level,
        ending: Option<Text>,
    },
    /// A figure of the ledger.
    Ledger {
        metric: Text,
        measure: Option<Measured>,
        first: Option<bool>,
    },
    /// A figure of the ledger over the regions of a level that count.
    LedgerPerUnit {
        metric: Text,
        level: Level,
    },
    /// A target's number, what was built towards it, their ratio, and what was lost meanwhile.
    Target {
        measure: Text,
    },
    Built {
        measure: Text,
    },
    Progress {
        measure: Text,
    },
    Lost {
        measure: Text,
    },
    /// The smallest or the largest fall of the lowest price in the year, as a share of the old price.
    PriceCut {
        of: Pick,
        largest: bool,
    },
    /// Certified caregivers over caregivers.
    Certified {
        of: Pick,
    },
    /// Facilities inspected in the year over facilities.
    Inspected {
        of: Pick,
    },
    /// Findings of a category in the year.
    FoundFaults {
        category: Text,
    },
    /// The first of these that can be computed.
    Or(Vec<Formula>),
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // cannot fail: the table is part of the program, and a test reads it.
    toml::from_str(include_str!("../../seed/indicators.toml")).expect("the table of indicators")
});

pub fn table() -> &'static Table {
    &TABLE
}

/// The indicator of a line.
pub fn of_line(line: &str) -> Option<&'static Indicator> {
    TABLE.indicators.iter().find(|indicator| &*indicator.line == line)
}

/// The name of a figure of the ledger, where it is one that the report knows.
pub fn metric(code: &str) -> Option<&'static Metric> {
    TABLE.metrics.iter().find(|metric| &*metric.code == code)
}

impl Table {
    /// The kinds whose prices a formula compares.
    pub fn priced_kinds(&self) -> Vec<Text> {
        fn kinds(formula: &Formula) -> Vec<Text> {
            match formula {
                Formula::PriceCut { of, .. } => of.kinds.clone(),
                Formula::Or(formulas) => formulas.iter().flat_map(kinds).collect(),
                _ => Vec::new(),
            }
        }
        self.indicators.iter().flat_map(|indicator| kinds(&indicator.formula)).collect()
    }
}

impl Pick {
    fn text(&self) -> String {
        let mut parts = vec![if self.kinds.is_empty() { "*".to_owned() } else { self.kinds.join(" + ") }];
        parts.extend(self.tag.as_ref().map(|tag| format!("tag = {tag}")));
        if !self.ownership.is_empty() {
            parts.push(format!("ownership = {}", self.ownership.join(" | ")));
        }
        parts.extend(self.scheme.as_ref().map(|scheme| match self.level {
            Some(level) => format!("current rating {scheme} = {level}"),
            None => format!("current rating {scheme}"),
        }));
        if !self.status.is_empty() {
            parts.push(self.status.iter().map(|status| status.code()).collect::<Vec<_>>().join(" | "));
        }
        parts.extend(self.any_status.then(|| "any status".to_owned()));
        parts.extend(self.opened_in_year.then(|| "opened in the year".to_owned()));
        parts.extend(self.built_in_year.then(|| "built in the year".to_owned()));
        format!("F({})", parts.join(", "))
    }
}

impl Formula {
    /// The formula in the notation of the report: F counts facilities (serving, unless a status is named), P is a figure of
    /// the ledger, T a target, U counts regions that count as units.
    pub fn text(&self) -> String {
        let of_class = |class: &Option<Class>| class.map_or(String::new(), |class| format!(", {}", class.code()));
        match self {
            Formula::Count(pick) => pick.text(),
            Formula::Share { of, among } => format!("{} ÷ {}", of.text(), among.text()),
            Formula::PerUnit { of, level } => format!("{} ÷ U({})", of.text(), level.code()),
            Formula::UnitsWith { of, level, class } => {
                let class = of_class(class);
                format!("U({}{class}, with {}) ÷ U({}{class})", level.code(), of.text(), level.code())
            }
            Formula::Units { level, ending: None } => format!("U({})", level.code()),
            Formula::Units { level, ending: Some(ending) } => format!("U({}, name … {ending})", level.code()),
            Formula::Ledger { metric, measure, first } => {
                let measure = measure.map_or(String::new(), |measure| format!(", {}", measure.code()));
                format!("P({metric}{measure}{})", if *first == Some(true) { ", first" } else { "" })
            }
            Formula::LedgerPerUnit { metric, level } => format!("P({metric}) ÷ U({})", level.code()),
            Formula::Target { measure } => format!("T({measure})"),
            Formula::Built { measure } => format!("built({measure})"),
            Formula::Progress { measure } => format!("built({measure}) ÷ T({measure})"),
            Formula::Lost { measure } => format!("lost({measure})"),
            Formula::PriceCut { of, largest } => {
                format!("{}((old − new) ÷ old) over {}", if *largest { "max" } else { "min" }, of.text())
            }
            Formula::Certified { of } => format!("Σ certified ÷ Σ caregivers over {}", of.text()),
            Formula::Inspected { of } => format!("{} inspected in the year ÷ {}", of.text(), of.text()),
            Formula::FoundFaults { category } => format!("findings({category}, in the year)"),
            Formula::Or(formulas) => formulas.iter().map(Formula::text).collect::<Vec<_>>().join(" or, without it, "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_numbers_1_to_57_in_order_and_no_line_twice() {
        let numbers: Vec<u32> = table().indicators.iter().map(Indicator::number).collect();
        assert!(numbers.is_sorted());
        assert_eq!(numbers.iter().collect::<std::collections::BTreeSet<_>>().len(), 57);
        let lines: std::collections::BTreeSet<_> = table().indicators.iter().map(|one| &one.line).collect();
        assert_eq!(lines.len(), table().indicators.len());
        assert_eq!((numbers[0], numbers[numbers.len() - 1]), (1, 57));
    }

    /// Every figure of the ledger that a formula or a check speaks of has a name.
    #[test]
    fn every_figure_of_the_ledger_that_is_asked_for_has_a_name() {
        fn asked(formula: &Formula, found: &mut Vec<Text>) {
            match formula {
                Formula::Ledger { metric, .. } | Formula::LedgerPerUnit { metric, .. } => found.push(metric.clone()),
                Formula::Or(formulas) => formulas.iter().for_each(|formula| asked(formula, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        table().indicators.iter().for_each(|one| asked(&one.formula, &mut found));
        let terms = table().checks.iter().flat_map(|check| [&check.whole].into_iter().chain(&check.parts));
        found.extend(terms.filter(|term| term.contains('.')).cloned());
        for code in found {
            assert!(metric(&code).is_some(), "{code}");
        }
    }

    #[test]
    fn a_formula_says_what_it_does() {
        let text = |line: &str| of_line(line).expect("a line").formula.text();
        assert_eq!(text("1"), "F(nursing_home)");
        assert_eq!(text("28"), "F(canteen + meal_point, opened in the year)");
        assert_eq!(text("50a"), "F(community_centre, tag = 示范点, current rating community_a = 3)");
    }
}
