//! Plan against built: what a region meant to have in a year, what dated records say was built, and what was lost meanwhile.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::evidence::{Evidence, Records, STANDING, Said, said};
use super::indicators::ledger;
use super::indicators::outcome::{Outcome, Part};
use crate::atlas::Filter;
use crate::care::target::{Built, PlanMeasure};
use crate::care::{Capacity, Facility, Status, Target, Text};

/// How a target stands on the day of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    Met,
    /// At least the part of the plan that the part of the year gone by asks for.
    OnTrack,
    Behind,
    /// The year is over.
    NotMet,
    NotBegun,
    /// The plan's number, or what was built, is not known.
    Unknown,
}

impl Track {
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Track::Met => ("已完成", "met"),
            Track::OnTrack => ("按进度", "on track"),
            Track::Behind => ("落后于进度", "behind"),
            Track::NotMet => ("未完成", "not met"),
            Track::NotBegun => ("尚未开始", "not begun"),
            Track::Unknown => ("无法判断", "cannot be judged"),
        }
    }

    /// By the pace of the year: the plan in equal parts over its days (own convention; bureaus set no pace).
    pub fn of(planned: Option<f64>, built: Option<f64>, year: i32, day: NaiveDate) -> Track {
        let (Some(planned), Some(built)) = (planned, built) else { return Track::Unknown };
        match day.year() - year {
            ..=-1 => Track::NotBegun,
            _ if built >= planned => Track::Met,
            1.. => Track::NotMet,
            0 => {
                let days = if NaiveDate::from_ymd_opt(year, 2, 29).is_some() { 366.0 } else { 365.0 };
                let gone = f64::from(day.ordinal()) / days;
                if built >= planned * gone { Track::OnTrack } else { Track::Behind }
            }
        }
    }
}

/// One target beside what was built.
#[derive(Debug, Clone)]
pub struct Standing {
    pub target: Target,
    pub measure: Said,
    pub unit: &'static str,
    pub built: Outcome,
    pub lost: Outcome,
    /// Built over planned; `None` where either is not known, or nothing was planned.
    pub share: Option<f64>,
    pub track: Track,
}

/// Each of these targets beside what was built; `evidence` must be of the target's region and year.
pub fn standing(evidence: &Evidence, target: &Target) -> Standing {
    let measure = PlanMeasure::of(&target.measure, evidence.atlas.vocabulary());
    let (built, lost) = (built(evidence, &target.measure), lost(evidence, &target.measure));
    let share = target.planned.filter(|planned| *planned > 0.0).and_then(|planned| Some(built.value? / planned));
    Standing {
        measure: measure
            .as_ref()
            .map_or(said(&*target.measure, &*target.measure), |measure| said(&*measure.zh, &*measure.en)),
        unit: measure.as_ref().map_or("", |measure| measure.unit),
        track: Track::of(target.planned, built.value, target.year, evidence.day),
        target: target.clone(),
        built,
        lost,
        share,
    }
}

fn targets<'a>(evidence: &'a Evidence, measure: &str) -> Vec<&'a Target> {
    let targets = evidence.ledger.targets.iter();
    let ours = |target: &&Target| {
        target.region == evidence.region.code && target.year == evidence.year && *target.measure == *measure
    };
    targets.filter(ours).collect()
}

/// T: the number aimed at. Of a region that others were merged into, theirs are summed.
pub fn planned(evidence: &Evidence, measure: &str) -> Outcome {
    let targets = targets(evidence, measure);
    let records = Records::rows(evidence, "/api/v1/targets", targets.iter().map(|target| target.id));
    let numbers: Option<Vec<f64>> = targets.iter().map(|target| target.planned).collect();
    let mut outcome = match numbers {
        _ if targets.is_empty() => Outcome::unknown(said(
            format!("{} 年没有登记这项计划", evidence.year),
            format!("no target of this kind is registered for {}", evidence.year),
        )),
        None => Outcome::unknown(said("有这项计划，计划数不详", "there is a target, but its number is not known")),
        Some(numbers) => Outcome::computed(numbers.iter().sum()),
    };
    outcome.records.extend(records);
    outcome.sources = targets.iter().filter_map(|target| target.source.clone()).collect();
    outcome.demo = targets.iter().any(|target| target.demo);
    outcome
}

/// Built over planned.
pub fn progress(evidence: &Evidence, measure: &str) -> Outcome {
    let (plan, done) = (planned(evidence, measure), built(evidence, measure));
    let (Some(planned), Some(built)) = (plan.value, done.value) else {
        return if plan.value.is_none() { plan } else { done };
    };
    let mut outcome = Outcome::ratio((said("完成", "built"), built), (said("计划", "planned"), planned));
    let track = Track::of(Some(planned), Some(built), evidence.year, evidence.day).words();
    outcome.notes.push(said(track.0, track.1));
    outcome.period = done.period;
    outcome.records = [plan.records, done.records].concat();
    outcome.sources = plan.sources;
    outcome.demo = plan.demo || done.demo;
    outcome
}

/// What was built or done in the year, by dated records. What closed is never taken off: see [`lost`].
pub fn built(evidence: &Evidence, measure: &str) -> Outcome {
    match PlanMeasure::of(measure, evidence.atlas.vocabulary()).map(|measure| measure.built) {
        None => Outcome::not_computable(said(format!("没有这个指标：{measure}"), format!("no measure {measure}"))),
        Some(Built::BedsAdded { nursing }) => beds(evidence, nursing, false),
        Some(Built::Ledger(metric)) => ledger::figure(evidence, &metric, None, false),
        Some(Built::Built(kinds)) => {
            let filter =
                Filter { kinds, statuses: STANDING.to_vec(), built_in: Some(evidence.span()), ..evidence.stock() };
            let mut outcome = sites(evidence, &filter);
            let entries = evidence.matching(&filter);
            let past = evidence.past_day();
            let status =
                |facility: &Facility| past.as_ref().map_or(Some(facility.status), |past| past.status(facility));
            let open = entries.iter().filter(|entry| status(&entry.facility).is_some_and(Status::serving)).count();
            let part = |zh: &str, en: &str, value: usize| Part { name: said(zh, en), value: value as f64 };
            outcome.parts = vec![
                part("其中已在服务", "of which serving", open),
                part("其中尚未开业或已停", "of which not serving", entries.len() - open),
            ];
            outcome
        }
        Some(Built::Opened(kinds)) => {
            let statuses = super::evidence::SERVING.to_vec();
            sites(evidence, &Filter { kinds, statuses, opened_in: Some(evidence.span()), ..evidence.stock() })
        }
    }
}

fn sites(evidence: &Evidence, filter: &Filter) -> Outcome {
    let entries = evidence.matching(filter);
    let mut outcome = Outcome::computed(entries.len() as f64).over(evidence.span());
    outcome.records.push(Records::facilities(evidence, filter));
    outcome.demo = entries.iter().any(|entry| entry.facility.demo);
    outcome
}

/// What was lost in the year: sites that closed, or beds of sites that closed or were reduced.
pub fn lost(evidence: &Evidence, measure: &str) -> Outcome {
    let kinds = match PlanMeasure::of(measure, evidence.atlas.vocabulary()).map(|measure| measure.built) {
        Some(Built::BedsAdded { nursing }) => return beds(evidence, nursing, true),
        Some(Built::Built(kinds) | Built::Opened(kinds)) => kinds,
        Some(Built::Ledger(_)) => {
            return Outcome::not_computable(said("台账不记减少", "a ledger tells of no losses"));
        }
        None => return built(evidence, measure),
    };
    sites(
        evidence,
        &Filter { kinds, statuses: vec![Status::Closed], closed_in: Some(evidence.span()), ..evidence.stock() },
    )
}

fn beds_of(capacity: &[Capacity], nursing: bool) -> Option<i64> {
    let beds = capacity.iter().find(|held| &*held.measure == "beds")?;
    if nursing { beds.nursing } else { beds.total }.map(i64::from)
}

/// Σ of beds that came (or, `losses`, went) in the year.
///
/// Of a site that was built in the year, all the beds that it had at the end of the year or on the day of the report count as
/// added, reductions since its building apart. Elsewhere the increases that the log dates in the year count, by the date of
/// the figures. A number that only became known is no addition. Of sites that closed in the year, all their beds are lost.
fn beds(evidence: &Evidence, nursing: bool, losses: bool) -> Outcome {
    let (from, to) = evidence.span();
    let kinds: Vec<Text> = evidence
        .atlas
        .vocabulary()
        .kinds
        .iter()
        .filter(|kind| kind.measures.iter().any(|measure| &**measure == "beds"))
        .map(|kind| kind.code.clone())
        .collect();
    let filter = Filter { kinds, ..evidence.here() };
    let (mut added, mut reduced, mut closed, mut unknown, mut demo) = (0, 0, 0, 0, false);
    let mut moved: Vec<&Facility> = Vec::new();
    let entries = evidence.matching(&filter);
    for facility in entries.iter().map(|entry| &*entry.facility) {
        let built =
            facility.built_on.is_some_and(|day| (from..=to).contains(&day)) && STANDING.contains(&facility.status);
        let now = beds_of(&facility.capacity, nursing);
        let (mut came, mut went, mut later) = (0, 0, 0);
        for (day, delta) in deltas(evidence, facility, nursing) {
            match delta {
                _ if day > to => later += delta,
                _ if day < from => {}
                1.. => came += delta,
                _ => went -= delta,
            }
        }
        match now {
            None if built => unknown += 1,
            Some(now) if built => added += (now - later + went).max(0),
            _ => added += came,
        }
        reduced += went;
        let gone =
            facility.status == Status::Closed && facility.closed_on.is_some_and(|day| (from..=to).contains(&day));
        closed += if gone { now.unwrap_or_default() } else { 0 };
        let touched = if losses { gone || went > 0 } else { built || came > 0 };
        demo |= touched && facility.demo;
        // What was built in the year is counted by its day, not by the log.
        let by_log = if losses { went > 0 } else { came > 0 && !built };
        if by_log {
            moved.push(facility);
        }
    }
    let part = |zh: &str, en: &str, value: i64| Part { name: said(zh, en), value: value as f64 };
    let mut outcome = Outcome::computed(if losses { closed + reduced } else { added } as f64).over((from, to));
    if losses {
        outcome.parts = vec![part("关停", "of sites that closed", closed), part("调减", "by reductions", reduced)];
        let closed = Filter { statuses: vec![Status::Closed], closed_in: Some((from, to)), ..filter };
        outcome.records.push(Records::facilities(evidence, &closed));
    } else {
        let built = Filter { statuses: STANDING.to_vec(), built_in: Some((from, to)), ..filter };
        outcome.records.push(Records::facilities(evidence, &built));
    }
    outcome.demo = demo;
    if unknown > 0 && !losses {
        outcome.notes.push(said(
            format!("另有 {unknown} 处当年建成而床位数未登记，没有算入"),
            format!("{unknown} sites built in the year tell no number of beds and are not counted"),
        ));
    }
    if !moved.is_empty() {
        let names: Vec<&str> = moved.iter().take(20).map(|facility| &*facility.name).collect();
        let (zh, en) = if losses { ("调减", "reductions") } else { ("增加", "additions") };
        outcome.notes.push(said(
            format!("含 {} 处按变更记录的{zh}：{}", moved.len(), names.join("、")),
            format!("with {en} at {} sites by the log of changes: {}", moved.len(), names.join(", ")),
        ));
        let ids = moved.iter().map(|facility| facility.id);
        outcome.records.extend(Records::rows(evidence, "/api/v1/facilities", ids));
    }
    outcome
}

/// The dated changes of a facility's beds, where both numbers are known.
fn deltas<'a>(
    evidence: &'a Evidence,
    facility: &'a Facility,
    nursing: bool,
) -> impl Iterator<Item = (NaiveDate, i64)> + 'a {
    let zone = evidence.atlas.zone();
    evidence.changes.iter().filter(|change| change.facility == facility.id).filter_map(move |change| {
        let (before, after) = (beds_of(&change.capacity.0, nursing)?, beds_of(&change.capacity.1, nursing)?);
        let told = change.capacity.1.iter().find(|held| &*held.measure == "beds")?;
        (before != after).then(|| (told.as_of.with_timezone(&zone).date_naive(), after - before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_target_is_judged_by_the_pace_of_its_year_and_never_without_its_number() {
        let of = |planned, built, at: &str| Track::of(planned, built, 2024, day(at));
        // 121 of 366 days are gone on 30 April: 33.1 %.
        assert_eq!(of(Some(500.0), Some(188.0), "2024-04-30"), Track::OnTrack);
        assert_eq!(of(Some(500.0), Some(165.0), "2024-04-30"), Track::Behind);
        assert_eq!(of(Some(500.0), Some(188.0), "2026-11-25"), Track::NotMet);
        assert_eq!(of(Some(20.0), Some(20.0), "2024-02-01"), Track::Met);
        assert_eq!(of(Some(20.0), Some(0.0), "2023-02-01"), Track::NotBegun);
        assert_eq!(of(None, Some(4869.0), "2024-04-30"), Track::Unknown);
    }
}
