//! Tiers: which units of a level meet a rule and which miss it, and what the choice of the denominator does to the share.

use std::collections::HashMap;

use serde::Serialize;

use super::evidence::{SERVING, Said, said};
use crate::atlas::{Atlas, Filter};
use crate::care::tier::{Denominator, TierRule};
use crate::care::{Class, Region, Text};

/// One unit and the rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unit {
    pub region: Text,
    pub name: Text,
    /// `None`: the code does not tell.
    pub class: Option<Class>,
    pub counts_in_coverage: bool,
    /// Serving facilities that pass the rule's condition, in the unit or below it.
    pub facilities: u32,
    pub meets: bool,
}

/// The units counted in one way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counted {
    pub denominator: Denominator,
    #[serde(flatten)]
    pub meaning: Said,
    pub units: usize,
    pub meets: usize,
    pub misses: usize,
    /// `None`: no unit is counted this way, or the classes are not known.
    pub share: Option<f64>,
}

/// One rule in one region.
#[derive(Debug, Clone)]
pub struct Tier<'r> {
    pub rule: &'r TierRule,
    pub chosen: Denominator,
    /// The same counted in every way.
    pub counted: Vec<Counted>,
    /// The units of the chosen way: those that miss the rule first, then by code.
    pub units: Vec<Unit>,
    /// Units of the level whose class the code does not tell.
    pub unknown_class: usize,
    /// Facilities that pass, but stand in no unit of the level: registered in a wider region.
    pub unplaced: u32,
    pub demo: bool,
}

/// Holds a rule against the units of a region (`None`: all).
pub fn tier<'r>(atlas: &Atlas, region: Option<&str>, rule: &'r TierRule, chosen: Option<Denominator>) -> Tier<'r> {
    let chosen = chosen.unwrap_or(rule.denominator);
    let condition = &rule.condition;
    let filter = Filter {
        kinds: condition.kinds.clone(),
        statuses: if condition.status.is_empty() { SERVING.to_vec() } else { condition.status.clone() },
        tag: condition.tag.clone(),
        ownership: condition.ownership.clone(),
        rating_scheme: condition.scheme.clone(),
        rating_level: condition.level,
        region: region.map(Text::from),
        ..Filter::default()
    };
    let regions = atlas.regions();
    let sieve = atlas.sieve(&filter);
    let found = atlas.select(|entry| sieve.passes(entry).then(|| (entry.facility.region.clone(), entry.facility.demo)));
    let mut standing: HashMap<Text, u32> = HashMap::new();
    let (mut unplaced, mut demo) = (0, false);
    for ((code, invented), _) in found {
        demo |= invented;
        let path = code.as_deref().map(|code| regions.path(code)).unwrap_or_default();
        match path.into_iter().find(|above| above.level == rule.level) {
            Some(unit) => *standing.entry(unit.code.clone()).or_default() += 1,
            None => unplaced += 1,
        }
    }
    let inside = |unit: &&Region| region.is_none_or(|above| regions.is_within(&unit.code, above));
    let all = regions.iter().filter(|unit| unit.level == rule.level).filter(inside).map(|unit| {
        let facilities = standing.get(&unit.code).copied().unwrap_or_default();
        Unit {
            region: unit.code.clone(),
            name: unit.name.clone(),
            class: Class::of(&unit.code),
            counts_in_coverage: unit.counts_in_coverage,
            facilities,
            meets: facilities >= rule.minimum,
        }
    });
    let all: Vec<Unit> = all.collect();
    let counted = Denominator::ALL.map(|denominator| counted(&all, denominator)).to_vec();
    let unknown_class = all.iter().filter(|unit| unit.class.is_none()).count();
    let mut units: Vec<Unit> = all.into_iter().filter(|unit| is_counted(unit, chosen)).collect();
    units.sort_by(|a, b| (a.meets, &a.region).cmp(&(b.meets, &b.region)));
    Tier { rule, chosen, counted, units, unknown_class, unplaced, demo }
}

fn is_counted(unit: &Unit, denominator: Denominator) -> bool {
    match denominator {
        Denominator::Counted => unit.counts_in_coverage,
        Denominator::All => true,
        Denominator::Street => unit.counts_in_coverage && unit.class == Some(Class::Street),
        Denominator::Rural => unit.counts_in_coverage && matches!(unit.class, Some(Class::Town | Class::Township)),
    }
}

fn counted(all: &[Unit], denominator: Denominator) -> Counted {
    let units: Vec<&Unit> = all.iter().filter(|unit| is_counted(unit, denominator)).collect();
    let meets = units.iter().filter(|unit| unit.meets).count();
    let (zh, en) = denominator.meaning();
    Counted {
        denominator,
        meaning: said(zh, en),
        units: units.len(),
        meets,
        misses: units.len() - meets,
        share: (!units.is_empty()).then(|| meets as f64 / units.len() as f64),
    }
}

impl Tier<'_> {
    /// The counts of the chosen way.
    pub fn chosen(&self) -> Option<&Counted> {
        self.counted.iter().find(|counted| counted.denominator == self.chosen)
    }
}
