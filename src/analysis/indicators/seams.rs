//! Formulas over what other parts of the record tell: prices in the log, staff, inspections and their findings.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::count;
use super::outcome::Outcome;
use crate::analysis::evidence::{Evidence, Records, said};
use crate::care::indicator::Pick;
use crate::care::{Price, Text};

/// The smallest or the largest fall of the lowest price in the year, as a share of the old price; (old − new) ÷ old.
pub fn price_cut(evidence: &Evidence, of: &Pick, largest: bool) -> Outcome {
    let (from, to) = evidence.span();
    let zone = evidence.atlas.zone();
    let entries = evidence.matching(&count::filter(evidence, of));
    let ours: BTreeSet<Uuid> = entries.iter().map(|entry| entry.facility.id).collect();
    let lowest = |price: &Option<Price>| price.as_ref().and_then(|price| price.min.or(price.max));
    let cuts = evidence.changes.iter().filter(|change| ours.contains(&change.facility)).filter_map(|change| {
        let day = change.at.with_timezone(&zone).date_naive();
        let (old, new) = (lowest(&change.price.0)?, lowest(&change.price.1)?);
        ((from..=to).contains(&day) && new < old).then(|| ((old - new) / old, change.facility))
    });
    let cuts: Vec<(f64, Uuid)> = cuts.collect();
    let found = match largest {
        true => cuts.iter().max_by(|a, b| a.0.total_cmp(&b.0)),
        false => cuts.iter().min_by(|a, b| a.0.total_cmp(&b.0)),
    };
    let Some((cut, facility)) = found else {
        let missing = said("当年的变更记录中没有降价", "the log tells of no price that fell in the year");
        return Outcome::not_computable(missing);
    };
    let mut outcome = Outcome::computed(*cut).over((from, to));
    outcome.records.extend(Records::rows(evidence, "/api/v1/facilities", [*facility]));
    let demo = |entry: &std::sync::Arc<crate::atlas::Entry>| {
        cuts.iter().any(|(_, id)| *id == entry.facility.id) && entry.facility.demo
    };
    outcome.demo = entries.iter().any(demo);
    outcome
}

/// Σ certified ÷ Σ caregivers, each facility by its latest count up to the last day that counts.
pub fn certified(evidence: &Evidence, of: &Pick) -> Outcome {
    let Some(staff) = evidence.staff else {
        return Outcome::not_computable(said("登记册没有护理员人数", "the registry keeps no number of caregivers"));
    };
    let filter = count::filter(evidence, of);
    let (mut caregivers, mut certified, mut demo) = (0.0, 0.0, false);
    for entry in evidence.matching(&filter) {
        let told = staff.iter().filter(|told| told.facility == entry.facility.id && told.as_of <= evidence.span().1);
        if let Some(latest) = told.max_by_key(|told| told.as_of) {
            caregivers += f64::from(latest.caregivers);
            certified += f64::from(latest.certified);
            demo |= entry.facility.demo;
        }
    }
    if caregivers == 0.0 {
        return Outcome::not_computable(said("没有登记护理员人数", "no number of caregivers is registered here"));
    }
    let mut outcome =
        Outcome::ratio((said("持证护理员", "certified"), certified), (said("护理员", "caregivers"), caregivers));
    outcome.records.push(Records::facilities(evidence, &filter));
    outcome.demo = demo;
    outcome
}

fn no_inspections() -> Outcome {
    Outcome::not_computable(said("没有检查记录", "there are no inspections in the record"))
}

/// Facilities inspected in the year over facilities.
pub fn inspected(evidence: &Evidence, of: &Pick) -> Outcome {
    let Some(inspections) = evidence.inspections else { return no_inspections() };
    let (from, to) = evidence.span();
    let done = inspections.iter().filter(|inspection| (from..=to).contains(&inspection.on));
    let done: BTreeSet<Uuid> = done.map(|inspection| inspection.facility).collect();
    let filter = count::filter(evidence, of);
    let entries = evidence.matching(&filter);
    let with = entries.iter().filter(|entry| done.contains(&entry.facility.id)).count();
    let mut outcome = Outcome::ratio(
        (said("当年检查过", "inspected in the year"), with as f64),
        (said("登记的总数", "registered in all"), entries.len() as f64),
    )
    .over((from, to));
    outcome.records = vec![Records::inspected(evidence, &filter), Records::facilities(evidence, &filter)];
    outcome.demo = entries.iter().any(|entry| entry.facility.demo);
    outcome
}

/// Findings of a category in the year, at the facilities of the region.
pub fn found(evidence: &Evidence, category: &Text) -> Outcome {
    let Some(inspections) = evidence.inspections else { return no_inspections() };
    let (from, to) = evidence.span();
    let entries = evidence.matching(&evidence.here());
    let ours: BTreeSet<Uuid> = entries.iter().map(|entry| entry.facility.id).collect();
    let here = inspections.iter().filter(|one| (from..=to).contains(&one.on) && ours.contains(&one.facility));
    let with: Vec<_> = here.filter(|inspection| inspection.found.contains(category)).collect();
    let categories = with.iter().flat_map(|inspection| &inspection.found);
    let mut outcome = Outcome::computed(categories.filter(|found| *found == category).count() as f64).over((from, to));
    outcome.records.push(Records::findings(evidence, category));
    let demo: BTreeSet<Uuid> = with.iter().map(|inspection| inspection.facility).collect();
    outcome.demo = entries.iter().any(|entry| entry.facility.demo && demo.contains(&entry.facility.id));
    outcome
}
