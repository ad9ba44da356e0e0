//! Tiers: which units of a level meet a rule and which miss it, and what the choice of the denominator does to the share.

use std::collections::HashMap;

use serde::Serialize;

use super::coverage::Part;
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
    /// Slots of the units of the chosen way: those that miss the rule first, then by code.
    order: Vec<u32>,
    /// Facilities that pass, by unit.
    standing: HashMap<Text, u32>,
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
    // A nation has hundreds of thousands of villages: only their slots are kept, and only what is shown is written.
    let meets = |unit: &Region| standing.get(&unit.code).copied().unwrap_or_default() >= rule.minimum;
    let (mut sums, mut unknown_class, mut order) = ([(0, 0); Denominator::ALL.len()], 0, Vec::new());
    for slot in region.map_or(regions.walk(), |code| regions.below(code)) {
        let Some(unit) = regions.at(*slot).filter(|unit| unit.level == rule.level) else { continue };
        let (class, meets) = (Class::of(&unit.code), meets(unit));
        unknown_class += usize::from(class.is_none());
        for (denominator, (units, met)) in Denominator::ALL.into_iter().zip(&mut sums) {
            if is_counted(unit, class, denominator) {
                *units += 1;
                *met += usize::from(meets);
            }
        }
        if is_counted(unit, class, chosen) {
            order.push(*slot);
        }
    }
    let key = |slot: &u32| regions.at(*slot).map(|unit| (meets(unit), &unit.code));
    order.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
    let counted = Denominator::ALL.into_iter().zip(sums).map(|(denominator, (units, met))| {
        let (zh, en) = denominator.meaning();
        let share = (units > 0).then(|| met as f64 / units as f64);
        Counted { denominator, meaning: said(zh, en), units, meets: met, misses: units - met, share }
    });
    Tier { rule, chosen, counted: counted.collect(), order, standing, unknown_class, unplaced, demo }
}

fn is_counted(unit: &Region, class: Option<Class>, denominator: Denominator) -> bool {
    match denominator {
        Denominator::Counted => unit.counts_in_coverage,
        Denominator::All => true,
        Denominator::Street => unit.counts_in_coverage && class == Some(Class::Street),
        Denominator::Rural => unit.counts_in_coverage && matches!(class, Some(Class::Town | Class::Township)),
    }
}

impl Tier<'_> {
    /// Some of the units of the chosen way, in order. `atlas` is the one that the rule was held against.
    pub fn units(&self, atlas: &Atlas, part: Part) -> Vec<Unit> {
        let shown = self.order.iter().skip(part.skip).take(part.most);
        let units = shown.filter_map(|slot| atlas.regions().at(*slot)).map(|unit| {
            let facilities = self.standing.get(&unit.code).copied().unwrap_or_default();
            Unit {
                region: unit.code.clone(),
                name: unit.name.clone(),
                class: Class::of(&unit.code),
                counts_in_coverage: unit.counts_in_coverage,
                facilities,
                meets: facilities >= self.rule.minimum,
            }
        });
        units.collect()
    }

    /// The counts of the chosen way.
    pub fn chosen(&self) -> Option<&Counted> {
        self.counted.iter().find(|counted| counted.denominator == self.chosen)
    }
}
