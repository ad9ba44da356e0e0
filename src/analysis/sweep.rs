//! Sweep: the facilities of a region, inspected since a day or not, with what is open and what is overdue.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

use super::division::Division;
use crate::atlas::{Atlas, Entry};
use crate::care::{Inspection, Outcome, Region, Status, Text};

/// What is asked of a sweep.
#[derive(Debug, Clone)]
pub struct SweepQuestion {
    /// Only inspections of this type; `None`: of any.
    pub r#type: Option<Text>,
    /// A facility is done when it was inspected on this day or later.
    pub since: NaiveDate,
    pub today: NaiveDate,
}

/// The numbers of a sweep: sums over its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SweepTotals {
    pub facilities: usize,
    pub inspected: usize,
    pub not_inspected: usize,
    /// Findings that are open, whenever they were found.
    pub open: usize,
    /// Those of them that are past their last day.
    pub overdue: usize,
    /// Facilities with something overdue.
    pub facilities_overdue: usize,
}

impl SweepTotals {
    fn add(&mut self, row: &SweepRow) {
        self.facilities += 1;
        self.inspected += usize::from(row.inspected);
        self.not_inspected += usize::from(!row.inspected);
        self.open += row.open;
        self.overdue += row.overdue;
        self.facilities_overdue += usize::from(row.overdue > 0);
    }
}

/// One facility in a sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepRow {
    pub facility: Uuid,
    pub name: Text,
    pub kind: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    pub inspected: bool,
    /// Its latest inspection up to today, also one before the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_inspected_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_result: Option<Outcome>,
    pub open: usize,
    pub overdue: usize,
    /// The earliest last day of what is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest_due_on: Option<NaiveDate>,
}

/// The numbers of one region directly below the one that is swept; without code for what stands in none of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepDistrict {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    #[serde(flatten)]
    pub totals: SweepTotals,
}

/// A sweep, whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sweep {
    pub totals: SweepTotals,
    /// Their numbers add up to the totals.
    pub districts: Vec<SweepDistrict>,
    pub rows: Vec<SweepRow>,
}

/// Whether a facility is swept: where people are served, or were until a pause.
pub fn swept(status: Status) -> bool {
    status.serving() || status == Status::Suspended
}

/// Sweeps these facilities, which stand in `region` (`None`: anywhere). Rows: what is overdue first, the longest overdue
/// before others, then those not inspected, then those with something open; within each by name.
pub fn sweep(
    atlas: &Atlas,
    region: Option<&str>,
    entries: &[Arc<Entry>],
    inspections: &[Inspection],
    question: &SweepQuestion,
) -> Sweep {
    let mut of_facility: HashMap<Uuid, Vec<&Inspection>> = HashMap::new();
    let asked = |inspection: &&Inspection| question.r#type.as_ref().is_none_or(|asked| *asked == inspection.r#type);
    for inspection in inspections.iter().filter(asked) {
        of_facility.entry(inspection.facility).or_default().push(inspection);
    }
    let division = Division::new(atlas.regions(), region, None);
    let rest = division.rows.len();
    let mut of_district = vec![SweepTotals::default(); rest + 1];
    let (mut rows, mut totals) = (Vec::new(), SweepTotals::default());
    for entry in entries.iter().filter(|entry| swept(entry.facility.status)) {
        let row = row(entry, of_facility.get(&entry.facility.id).map_or(&[][..], Vec::as_slice), question);
        of_district[division.row_of(entry.region).unwrap_or(rest)].add(&row);
        totals.add(&row);
        rows.push(row);
    }
    rows.sort_by(|a, b| {
        let key = |row: &SweepRow| {
            let longest = row.earliest_due_on.filter(|_| row.overdue > 0);
            (row.overdue == 0, longest, row.inspected, row.open == 0)
        };
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name)).then_with(|| a.facility.cmp(&b.facility))
    });
    let named = division.rows.iter().map(|slot| atlas.regions().at(*slot)).chain([None]);
    let district = |(region, totals): (Option<&Region>, SweepTotals)| SweepDistrict {
        region: region.map(|region| region.code.clone()),
        name: region.map(|region| region.name.clone()),
        totals,
    };
    let districts = named.zip(of_district).filter(|(_, totals)| totals.facilities > 0).map(district).collect();
    Sweep { totals, districts, rows }
}

fn row(entry: &Entry, inspections: &[&Inspection], question: &SweepQuestion) -> SweepRow {
    let facility = &entry.facility;
    let past = inspections.iter().filter(|inspection| inspection.inspected_on <= question.today);
    let last = past.max_by_key(|inspection| (inspection.inspected_on, inspection.id));
    let open = inspections.iter().flat_map(|inspection| &inspection.findings).filter(|finding| finding.open());
    let mut row = SweepRow {
        facility: facility.id,
        name: facility.name.clone(),
        kind: facility.kind.clone(),
        region: facility.region.clone(),
        demo: facility.demo,
        inspected: last.is_some_and(|last| last.inspected_on >= question.since),
        last_inspected_on: last.map(|last| last.inspected_on),
        last_result: last.map(|last| last.result),
        open: 0,
        overdue: 0,
        earliest_due_on: None,
    };
    for finding in open {
        row.open += 1;
        row.overdue += usize::from(finding.overdue(question.today));
        row.earliest_due_on = row.earliest_due_on.into_iter().chain(finding.due_on).min();
    }
    row
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::*;
    use crate::atlas::sample;
    use crate::care::Severity;
    use crate::care::inspection::Finding;

    fn any_inspection(rng: &mut StdRng, facility: Uuid, today: NaiveDate) -> Inspection {
        let inspected_on = today - Duration::days(rng.random_range(0..300));
        let finding = |rng: &mut StdRng| Finding {
            category: "用电".into(),
            severity: Severity::Minor,
            detail: "插座".into(),
            due_on: rng.random_bool(0.8).then(|| inspected_on + Duration::days(rng.random_range(0..200))),
            rectified_on: rng.random_bool(0.5).then_some(today),
            rectification: None,
        };
        let findings: Vec<_> = (0..rng.random_range(0..4)).map(|_| finding(rng)).collect();
        let r#type = ["safety", "fire"][rng.random_range(0..2)].into();
        let (note, updated_at, agencies) = (None, DateTime::UNIX_EPOCH, Vec::new());
        let result = if findings.is_empty() { Outcome::Passed } else { Outcome::Failed };
        let id = Uuid::from_u128(rng.random());
        Inspection { id, version: 1, facility, r#type, inspected_on, agencies, result, note, findings, updated_at }
    }

    /// Counted finding by finding, without rows.
    fn brute(entries: &[Arc<Entry>], all: &[Inspection], question: &SweepQuestion) -> SweepTotals {
        let mut totals = SweepTotals::default();
        for entry in entries {
            let code = entry.facility.status.code();
            if !["trial", "operating", "suspended"].contains(&code) {
                continue;
            }
            totals.facilities += 1;
            let mut done = false;
            let mut late = 0;
            for inspection in all.iter().filter(|one| one.facility == entry.facility.id) {
                if question.r#type.as_deref().is_some_and(|asked| asked != &*inspection.r#type) {
                    continue;
                }
                done |= question.since <= inspection.inspected_on;
                for finding in &inspection.findings {
                    if finding.rectified_on.is_none() {
                        totals.open += 1;
                        late += usize::from(matches!(finding.due_on, Some(due) if question.today > due));
                    }
                }
            }
            if done {
                totals.inspected += 1
            } else {
                totals.not_inspected += 1
            }
            totals.overdue += late;
            totals.facilities_overdue += usize::from(late > 0);
        }
        totals
    }

    #[test]
    fn the_totals_of_a_sweep_are_those_of_a_count_by_hand_and_the_sums_of_its_rows() {
        let mut rng = StdRng::seed_from_u64(11);
        for _ in 0..20 {
            let homes = (1..60).map(|id| sample::any_facility(&mut rng, id)).collect();
            let atlas = sample::atlas_of(homes, &mut rng);
            let entries: Vec<_> = atlas.facilities().cloned().collect();
            let today = atlas.today();
            let ids = (0..90).map(|_| Uuid::from_u128(rng.random_range(1..80))).collect::<Vec<_>>();
            let all: Vec<_> = ids.into_iter().map(|id| any_inspection(&mut rng, id, today)).collect();
            let r#type = [None, Some(Text::from("fire"))][rng.random_range(0..2)].clone();
            let question = SweepQuestion { r#type, since: today - Duration::days(120), today };
            let sweep = sweep(&atlas, None, &entries, &all, &question);
            assert_eq!(sweep.totals, brute(&entries, &all, &question));
            let totals = sweep.totals;
            assert_eq!(totals.inspected + totals.not_inspected, totals.facilities);
            assert_eq!(sweep.rows.iter().map(|row| row.overdue).sum::<usize>(), totals.overdue);
            let districts =
                |count: fn(&SweepTotals) -> usize| sweep.districts.iter().map(|one| count(&one.totals)).sum();
            let sums: [usize; 3] = [districts(|d| d.facilities), districts(|d| d.inspected), districts(|d| d.overdue)];
            assert_eq!(sums, [totals.facilities, totals.inspected, totals.overdue]);
            let overdue: Vec<_> = sweep.rows.iter().map(|row| row.overdue > 0).collect();
            assert!(overdue.is_sorted_by(|a, b| a >= b), "what is overdue comes first");
        }
    }
}
