//! Profiles: how another file's headings become our columns.
//!
//! ```toml
//! about = "What the file is and where it comes from"
//! what = "facilities"
//! empty = ["", "NA"]                 # what "not provided" looks like in this file
//! ignore = ["Serial number"]         # headings to pass over; or ignore_others = true
//!
//! [columns]
//! name = "Provider Name"                                         # our column = their heading
//! address = { join = ["Street", "City"], with = ", " }           # several headings, the empty ones left out
//! kind = { constant = "nursing_home" }
//! rating_scheme = { constant = "cms_five_star", where = "rating_level" }   # only where that column is given
//! region = { heading = "State", prefix = "US-" }
//! status = { heading = "状态", values = { "运营" = "operating" } }
//! beds_occupied = { heading = "Residents", round = "nearest", up_above = "beds_total" }
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::cell::decimal;
use super::columns::{may_be_mapped, nearest_column};
use crate::care::Entity;

/// The profiles that come with the program.
const EMBEDDED: [(&str, &str); 2] = [
    ("cms-nursing-homes", include_str!("../../seed/profiles/cms-nursing-homes.toml")),
    ("geonames-places", include_str!("../../seed/profiles/geonames-places.toml")),
];

/// A profile, checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    #[serde(skip)]
    pub name: String,
    #[serde(default)]
    pub about: String,
    /// facilities, regions or population.
    pub what: String,
    #[serde(default)]
    pub empty: Vec<String>,
    #[serde(default)]
    pub ignore: Vec<String>,
    #[serde(default)]
    pub ignore_others: bool,
    pub columns: BTreeMap<String, Rule>,
}

/// Where one of our columns comes from, and what is done to it on the way: values, then empty, prefix and rounding.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    pub headings: Vec<String>,
    /// Between the parts, where there are several headings.
    pub with: String,
    pub constant: Option<String>,
    /// The constant stands only in rows where this column is given.
    pub only_where: Option<String>,
    pub prefix: String,
    pub values: BTreeMap<String, String>,
    /// More values that mean "not provided", in this column only.
    pub empty: Vec<String>,
    pub round: Option<Round>,
    /// A decimal above this column's number is rounded up, so that it is still above it when both are whole.
    pub up_above: Option<String>,
}

/// Which whole number a decimal becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Round {
    Nearest,
    Up,
    Down,
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("profile {name}: {problem}")]
pub struct BadProfile {
    pub name: String,
    pub problem: String,
}

impl Profile {
    /// A profile that comes with the program.
    pub fn embedded(name: &str) -> Option<Result<Profile, BadProfile>> {
        EMBEDDED.iter().find(|(held, _)| *held == name).map(|(name, text)| Profile::parse(name, text))
    }

    /// Names of the profiles that come with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(name, _)| *name)
    }

    pub fn parse(name: &str, text: &str) -> Result<Profile, BadProfile> {
        let bad = |problem: String| BadProfile { name: name.to_owned(), problem };
        let mut profile: Profile = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
        profile.name = name.to_owned();
        let Some(what) = profile.entity() else {
            return Err(bad(format!("what = \"{}\" is none of facilities, regions, population", profile.what)));
        };
        let named = profile
            .columns
            .keys()
            .chain(profile.columns.values().flat_map(|rule| rule.only_where.iter().chain(rule.up_above.iter())));
        for column in named {
            if !may_be_mapped(what, column) {
                return Err(bad(format!("there is no column \"{column}\"{}", nearest_column(what, column, &[]))));
            }
        }
        Ok(profile)
    }

    /// What the file holds.
    pub fn entity(&self) -> Option<Entity> {
        match self.what.as_str() {
            "facilities" => Some(Entity::Facility),
            "regions" => Some(Entity::Region),
            "population" => Some(Entity::DemandPoint),
            _ => None,
        }
    }
}

impl Rule {
    /// Maps, empties, prefixes and rounds. `limit` is the value of the column that [`Rule::up_above`] names.
    pub fn apply<'a>(&self, value: Cow<'a, str>, empty: &[String], limit: Option<&str>) -> Cow<'a, str> {
        if value.is_empty() || empty.iter().chain(&self.empty).any(|word| *word == *value) {
            return Cow::Borrowed("");
        }
        let value = match self.values.get(&*value) {
            Some(ours) => Cow::Owned(ours.clone()),
            None => value,
        };
        let value = if self.prefix.is_empty() { value } else { format!("{}{value}", self.prefix).into() };
        let Some((round, number)) = self.round.zip(decimal(&value)) else { return value };
        let above = limit.and_then(decimal).is_some_and(|limit| number > limit);
        let whole = match round {
            _ if above => number.ceil(),
            Round::Nearest => number.round(),
            Round::Up => number.ceil(),
            Round::Down => number.floor(),
        };
        format!("{whole}").into()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    heading: Option<String>,
    join: Option<Vec<String>>,
    with: Option<String>,
    constant: Option<String>,
    #[serde(rename = "where")]
    only_where: Option<String>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    empty: Vec<String>,
    round: Option<Round>,
    up_above: Option<String>,
}

impl<'de> Deserialize<'de> for Rule {
    /// By hand, because an untagged enum answers every mistake with "did not match any variant".
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
        use serde::de::Error;
        let value = toml::Value::deserialize(deserializer)?;
        if let toml::Value::String(heading) = value {
            return Ok(Rule { headings: vec![heading], ..Rule::default() });
        }
        let written = WrittenRule::deserialize(value).map_err(|error| D::Error::custom(error.message()))?;
        let headings = match (written.heading, written.join, &written.constant) {
            (Some(heading), None, None) => vec![heading],
            (None, Some(headings), None) if !headings.is_empty() => headings,
            (None, None, Some(_)) => Vec::new(),
            _ => return Err(D::Error::custom("a column needs exactly one of heading, join and constant")),
        };
        Ok(Rule {
            headings,
            with: written.with.unwrap_or_else(|| " ".to_owned()),
            constant: written.constant,
            only_where: written.only_where,
            prefix: written.prefix,
            values: written.values,
            empty: written.empty,
            round: written.round,
            up_above: written.up_above,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_that_comes_with_the_program_can_be_used() {
        for name in Profile::names() {
            Profile::embedded(name).expect("embedded").expect("usable");
        }
    }

    #[test]
    fn a_mistake_in_a_profile_is_named() {
        let problem = |text: &str| Profile::parse("x", text).expect_err("a mistake").to_string();
        assert!(problem("what = \"homes\"\n[columns]").contains("facilities, regions, population"));
        assert!(problem("what = \"facilities\"\nignroe = []\n[columns]").contains("ignroe"));
        assert!(problem("what = \"facilities\"\n[columns]\nadress = \"Street\"").contains("perhaps \"address\""));
        let rule = |rule: &str| problem(&format!("what = \"facilities\"\n[columns]\nname = {rule}"));
        assert!(rule("{ haeding = \"Name\" }").contains("haeding"));
        assert!(rule("{ prefix = \"a\" }").contains("exactly one of"));
        assert!(rule("{ heading = \"Name\", up_above = \"bed_total\" }").contains("perhaps \"beds_total\""));
    }

    #[test]
    fn a_decimal_is_rounded_and_what_was_above_a_limit_stays_above_it() {
        let rule = Rule { round: Some(Round::Nearest), ..Rule::default() };
        for (value, limit, whole) in
            [("51.4", "57", "51"), ("51.5", "57", "52"), ("67.1", "67", "68"), ("67", "67", "67")]
        {
            assert_eq!(rule.apply(value.into(), &[], Some(limit)), whole);
        }
        assert_eq!(rule.apply("many".into(), &[], None), "many");
    }
}
