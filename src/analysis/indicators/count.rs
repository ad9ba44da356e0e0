//! Counts of facilities and of regions, and shares of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::outcome::{Outcome, Part};
use crate::analysis::evidence::{Evidence, Records, SERVING, Said, said};
use crate::atlas::{Entry, Filter, RegionFilter};
use crate::care::indicator::Pick;
use crate::care::{Class, Level, Region, Status, Text};

/// A tag that tells when what is being built is expected to be ready.
const EXPECTED: &str = "预计建成:";

/// The filter that a pick means in this region and year.
pub fn filter(evidence: &Evidence, pick: &Pick) -> Filter {
    let span = evidence.span();
    Filter {
        kinds: pick.kinds.clone(),
        statuses: match pick.any_status {
            true => Vec::new(),
            false if pick.status.is_empty() => SERVING.to_vec(),
            false => pick.status.clone(),
        },
        tag: pick.tag.as_ref().map(|tag| tag.replace("{year}", &evidence.year.to_string()).into()),
        ownership: pick.ownership.clone(),
        rating_scheme: pick.scheme.clone(),
        rating_level: pick.level,
        opened_in: pick.opened_in_year.then_some(span),
        built_in: pick.built_in_year.then_some(span),
        ..evidence.stock()
    }
}

/// What a reader must know of a count on a past day: whose opening or closing nothing dates.
fn unsure(evidence: &Evidence, filter: &Filter, entries: &[Arc<Entry>]) -> Vec<Said> {
    let Some(past) = &filter.standing_on else { return Vec::new() };
    let mut notes = Vec::new();
    let undated = entries.iter().filter(|entry| past.undated(&entry.facility)).count();
    if undated > 0 && filter.statuses.iter().any(|status| status.serving()) {
        notes.push(said(
            format!("其中 {undated} 家没有开业日期，{} 是否已开业无从得知，按已开业计入", past.day),
            format!("{undated} of these have no opening date; nothing says whether they were open on {}, and they are counted", past.day),
        ));
    }
    if filter.statuses.iter().any(|status| status.serving()) {
        let closed = Filter { statuses: vec![Status::Closed], ..filter.clone() };
        let closed = evidence.matching(&closed);
        let unknown = closed.iter().filter(|entry| past.closing_unknown(&entry.facility)).count();
        if unknown > 0 {
            notes.push(said(
                format!("另有 {unknown} 家已关停而没有关停日期，没有计入"),
                format!("{unknown} more are closed without a closing date and are not counted"),
            ));
        }
    }
    notes
}

/// How many facilities a pick means.
pub fn count(evidence: &Evidence, pick: &Pick) -> Outcome {
    let filter = filter(evidence, pick);
    let entries = evidence.matching(&filter);
    let mut outcome = Outcome::computed(entries.len() as f64);
    outcome.records.push(Records::facilities(evidence, &filter));
    outcome.demo = entries.iter().any(|entry| entry.facility.demo);
    outcome.stock_on = filter.standing_on.as_ref().map(|past| past.day);
    outcome.period = (pick.opened_in_year || pick.built_in_year).then(|| evidence.span());
    outcome.notes = unsure(evidence, &filter, &entries);
    if pick.kinds.len() > 1 {
        outcome.parts = pick
            .kinds
            .iter()
            .map(|kind| {
                let value = entries.iter().filter(|entry| entry.facility.kind == *kind).count() as f64;
                let known = evidence.atlas.vocabulary().kind(kind);
                let name = known.map_or(said(&**kind, &**kind), |known| said(&*known.name_zh, &*known.name_en));
                Part { name, value }
            })
            .collect();
    }
    if entries.is_empty() {
        outcome.notes.push(none_registered());
    }
    if filter.statuses.iter().any(|status| matches!(status, Status::Planned | Status::UnderConstruction)) {
        for tag in entries.iter().flat_map(|entry| &entry.facility.tags) {
            let Some(day) = tag.strip_prefix(EXPECTED).and_then(|day| day.parse::<chrono::NaiveDate>().ok()) else {
                continue;
            };
            let late = (evidence.span().1 - day).num_days();
            outcome.notes.push(match late > 0 {
                true => {
                    said(format!("预计 {day} 建成，已过 {late} 天"), format!("expected {day}, overdue by {late} days"))
                }
                false => said(format!("预计 {day} 建成"), format!("expected {day}")),
            });
        }
    }
    outcome
}

fn none_registered() -> Said {
    said("登记册中没有这样的记录", "none is registered here")
}

/// One count over another.
pub fn share(evidence: &Evidence, of: &Pick, among: &Pick) -> Outcome {
    let (some, all) = (count(evidence, of), count(evidence, among));
    let numbers = (some.value.unwrap_or_default(), all.value.unwrap_or_default());
    let mut outcome = Outcome::ratio(
        (said("其中符合的", "of these"), numbers.0),
        (said("登记的总数", "registered in all"), numbers.1),
    );
    outcome.records = [some.records, all.records].concat();
    outcome.demo = all.demo;
    outcome.stock_on = all.stock_on;
    outcome.notes = all.notes.into_iter().filter(|note| *note != none_registered()).collect();
    outcome
}

/// A filter for the regions of a level in the asked one that count as units.
fn counting(evidence: &Evidence, level: Level) -> RegionFilter {
    let within = Some(evidence.region.code.clone());
    RegionFilter { within, level: Some(level), counts_in_coverage: Some(true), ..RegionFilter::default() }
}

fn units<'a>(evidence: &Evidence<'a>, filter: &RegionFilter) -> Vec<&'a Region> {
    let regions = evidence.atlas.regions();
    regions.iter().filter(|region| filter.passes(regions, region)).collect()
}

fn level_words(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Province => ("省", "provinces"),
        Level::City => ("市", "cities"),
        Level::County => ("县（区）", "counties"),
        Level::Town => ("计入覆盖的乡镇街道", "towns and streets that count"),
        Level::Village => ("计入覆盖的村（社区）", "villages that count"),
    }
}

fn units_said(level: Level, class: Option<Class>) -> Said {
    let (zh, en) = level_words(level);
    match class {
        Some(Class::Street) => said("街道", "streets"),
        Some(class) => said(format!("{zh}（{}）", class.code()), format!("{en} ({})", class.code())),
        None => said(zh, en),
    }
}

/// How many facilities for each region of a level.
pub fn per_unit(evidence: &Evidence, of: &Pick, level: Level) -> Outcome {
    let some = count(evidence, of);
    let counting = counting(evidence, level);
    let all = units(evidence, &counting);
    let number = (said("登记的总数", "registered in all"), some.value.unwrap_or_default());
    let mut outcome = Outcome::ratio(number, (units_said(level, None), all.len() as f64));
    outcome.records = [some.records, vec![Records::regions(evidence, &counting)]].concat();
    outcome.stock_on = some.stock_on;
    outcome.notes = some.notes.into_iter().filter(|note| *note != none_registered()).collect();
    outcome.demo = some.demo || all.iter().any(|region| region.demo);
    outcome
}

/// The share of the regions of a level that have such a facility, in them or below.
pub fn units_with(evidence: &Evidence, of: &Pick, level: Level, class: Option<Class>) -> Outcome {
    let filter = filter(evidence, of);
    let entries = evidence.matching(&filter);
    let regions = evidence.atlas.regions();
    let unit =
        |code: &Text| regions.path(code).into_iter().find(|region| region.level == level).map(|r| r.code.clone());
    let served: BTreeSet<Text> = entries.iter().filter_map(|entry| unit(entry.facility.region.as_ref()?)).collect();
    let counting = RegionFilter { unit: class, ..counting(evidence, level) };
    let all = units(evidence, &counting);
    let with = all.iter().filter(|region| served.contains(&region.code)).count();
    let mut outcome =
        Outcome::ratio((said("已有的", "that have one"), with as f64), (units_said(level, class), all.len() as f64));
    if class.is_some() && all.is_empty() {
        outcome.missing = Some(said(
            "区域代码不是 9 位中国代码，看不出哪些是街道",
            "the regions' codes are not Chinese codes of 9 digits, so their class is not known",
        ));
    }
    outcome.records = vec![Records::facilities(evidence, &filter), Records::regions(evidence, &counting)];
    outcome.stock_on = filter.standing_on.as_ref().map(|past| past.day);
    outcome.notes = unsure(evidence, &filter, &entries);
    outcome.demo = entries.iter().any(|entry| entry.facility.demo);
    outcome
}

/// How many regions of a level count; with an ending, those whose name ends so, or with it and a number.
pub fn unit_count(evidence: &Evidence, level: Level, ending: Option<&str>) -> Outcome {
    let counting = counting(evidence, level);
    let all = units(evidence, &counting);
    let named = RegionFilter { ending: ending.map(Text::from), ..counting };
    let mut outcome = Outcome::computed(units(evidence, &named).len() as f64);
    outcome.records.push(Records::regions(evidence, &named));
    outcome.demo = all.iter().any(|region| region.demo);
    if all.is_empty() {
        let missing = said("区域表中没有这一级", "the table of regions has no such level here");
        return Outcome { records: outcome.records, ..Outcome::not_computable(missing) };
    }
    outcome
}
