//! Inspections: which inspection and which finding a row is about, and what the rows of one make of it. Pure.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use super::plan::Plan;
use crate::care::inspection::{Finding, MOST_FINDINGS};
use crate::care::{Inspection, Outcome, Text};
use crate::exchange::Findings;
use crate::exchange::cell::Cell;
use crate::exchange::inspections::{FindingDraft, InspectionDraft};

/// An inspection is known by its facility, its type and its day.
type Key = (Uuid, Text, NaiveDate);

/// Decides for each inspection of the file. `facilities` are those that the rows name, by what they wrote; `held` are the
/// inspections of these. What the record holds and the file does not tell stays.
pub fn plan(
    drafts: Vec<InspectionDraft>,
    facilities: &HashMap<Text, Uuid>,
    held: Vec<Inspection>,
    now: DateTime<Utc>,
    found: &mut Findings,
) -> Plan<Inspection> {
    let mut shelf: HashMap<Key, Vec<Inspection>> = HashMap::new();
    for inspection in held {
        shelf.entry(key(&inspection)).or_default().push(inspection);
    }
    let mut told: Vec<(Key, Vec<InspectionDraft>)> = Vec::new();
    let mut at: HashMap<Key, usize> = HashMap::new();
    for draft in drafts {
        let Some(facility) = facilities.get(&draft.facility) else {
            let cell = Cell::new(draft.row, "facility", draft.facility.to_string());
            found.error(&cell, "unknown_facility", "no such facility in the record", "the code or id of a facility");
            continue;
        };
        let key = (*facility, draft.r#type.clone(), draft.inspected_on);
        let place = *at.entry(key.clone()).or_insert_with(|| {
            told.push((key, Vec::new()));
            told.len() - 1
        });
        told[place].1.push(draft);
    }
    let mut plan = Plan::new();
    for (key, rows) in told {
        let mut before = shelf.remove(&key).unwrap_or_default();
        if before.len() > 1 {
            let problem = format!("the record holds {} of this type on this day", before.len());
            let cell = Cell::new(rows[0].row, "inspected_on", key.2.to_string());
            found.error(&cell, "ambiguous", problem, "edit these on their page");
            continue;
        }
        let (before, errors) = (before.pop(), found.errors());
        let mut after = before.clone().unwrap_or_else(|| blank(&key));
        let stands = take(&mut after, &rows, before.is_none(), found);
        // A day that has begun anywhere on earth does not lie in the future.
        let today = now.date_naive().checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
        for fault in after.faults(today) {
            tell(&fault.field, fault.detail, &after, &rows, &stands, found);
        }
        if found.errors() > errors {
            continue;
        }
        plan.together += rows.len() as u64 - 1;
        if before.as_ref() != Some(&after) {
            (after.version, after.updated_at) = (after.version + 1, now);
        }
        plan.put(before, after);
    }
    plan
}

fn key(inspection: &Inspection) -> Key {
    (inspection.facility, inspection.r#type.clone(), inspection.inspected_on)
}

fn blank((facility, kind, inspected_on): &Key) -> Inspection {
    Inspection {
        id: Uuid::now_v7(),
        version: 0,
        facility: *facility,
        r#type: kind.clone(),
        inspected_on: *inspected_on,
        agencies: Vec::new(),
        result: Outcome::Passed,
        note: None,
        findings: Vec::new(),
        updated_at: DateTime::UNIX_EPOCH,
    }
}

/// Takes over what the rows say; answers the row that each finding was told in, 0 for those that were held and not told.
fn take(after: &mut Inspection, rows: &[InspectionDraft], new: bool, found: &mut Findings) -> Vec<u64> {
    if let Some((agencies, _)) = agreed(rows, "agencies", |row| row.agencies.clone(), |told| told.join(";"), found) {
        after.agencies = agencies;
    }
    match agreed(rows, "result", |row| row.result, |told| told.code().to_owned(), found) {
        Some((result, _)) => after.result = result,
        None if new => {
            let cell = Cell::new(rows[0].row, "result", "");
            found.error(&cell, "missing_value", "the cell is empty", "passed, passed_with_findings or failed");
        }
        None => {}
    }
    if let Some((note, _)) = agreed(rows, "note", |row| row.note.clone(), |told| told.to_string(), found) {
        after.note = Some(note);
    }
    let mut stands = vec![0; after.findings.len()];
    for (row, told) in rows.iter().filter_map(|row| Some((row.row, row.finding.as_ref()?))) {
        let same = |held: &Finding| (&held.category, &held.detail) == (&told.category, &told.detail);
        let at = after.findings.iter().position(same);
        match (at, told.severity) {
            (Some(at), _) => {
                provide(&mut after.findings[at], told);
                stands[at] = row;
            }
            (None, None) => {
                let cell = Cell::new(row, "severity", "");
                found.error(&cell, "missing_value", "the cell is empty", "minor or major");
            }
            (None, Some(severity)) => {
                let (category, detail) = (told.category.clone(), told.detail.clone());
                let mut finding =
                    Finding { category, severity, detail, due_on: None, rectified_on: None, rectification: None };
                provide(&mut finding, told);
                after.findings.push(finding);
                stands.push(row);
            }
        }
    }
    if after.findings.len() > MOST_FINDINGS {
        let cell = Cell::new(rows[0].row, "category", "");
        found.error(
            &cell,
            "too_many",
            format!("{} findings", after.findings.len()),
            format!("{MOST_FINDINGS} at most"),
        );
    }
    stands
}

fn provide(finding: &mut Finding, told: &FindingDraft) {
    finding.severity = told.severity.unwrap_or(finding.severity);
    finding.due_on = told.due_on.or(finding.due_on);
    finding.rectified_on = told.rectified_on.or(finding.rectified_on);
    finding.rectification = told.rectification.clone().or_else(|| finding.rectification.take());
}

/// What the rows of one inspection say of the whole, and in which row first. Rows that contradict it are errors.
fn agreed<T: PartialEq>(
    rows: &[InspectionDraft],
    column: &'static str,
    part: impl Fn(&InspectionDraft) -> Option<T>,
    shown: impl Fn(&T) -> String,
    found: &mut Findings,
) -> Option<(T, u64)> {
    let mut first: Option<(T, u64)> = None;
    for (told, row) in rows.iter().filter_map(|row| Some((part(row)?, row.row))) {
        match &first {
            None => first = Some((told, row)),
            Some((held, of)) if *held != told => {
                let problem = format!("row {of} says {} of the same inspection", shown(held));
                let expected = "the same in each row of an inspection, or empty after the first";
                found.error(&Cell::new(row, column, shown(&told)), "contradiction", problem, expected);
            }
            Some(_) => {}
        }
    }
    first
}

/// Says what is wrong at the row and in the column that it was told in.
fn tell(
    field: &str,
    detail: String,
    after: &Inspection,
    rows: &[InspectionDraft],
    stands: &[u64],
    found: &mut Findings,
) {
    let mut parts = field.split('/');
    let (whole, at, part) = (parts.next(), parts.next(), parts.next());
    let finding =
        at.and_then(|at| at.parse::<usize>().ok()).and_then(|at| Some((after.findings.get(at)?, stands.get(at)?)));
    let of = |day: Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
    let (row, column, value) = match (finding, part, whole) {
        (Some((finding, row)), Some("due_on"), _) => (*row, "due_on", of(finding.due_on)),
        (Some((finding, row)), Some("rectified_on"), _) => (*row, "rectified_on", of(finding.rectified_on)),
        (Some((finding, row)), ..) => {
            (*row, "rectification", finding.rectification.as_deref().unwrap_or_default().to_owned())
        }
        (_, _, Some("result")) => (0, "result", after.result.code().to_owned()),
        (_, _, Some("inspected_on")) => (0, "inspected_on", after.inspected_on.to_string()),
        _ => (0, "category", String::new()),
    };
    // What no row tells is wrong with the inspection as a whole: its first row says so.
    let row = if row == 0 { rows[0].row } else { row };
    found.error(&Cell::new(row, column, value), "rule", detail, "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::{Datum, Term, Vocabulary};
    use crate::exchange::Reading;
    use crate::exchange::inspections::{inspections, table};
    use crate::exchange::workbook::csv;

    const HEAD: &str =
        "facility,type,inspected_on,agencies,result,note,category,severity,detail,due_on,rectified_on,rectification\n";

    fn known() -> HashMap<Text, Uuid> {
        [("A", 1), ("B", 2)].map(|(code, id)| (code.into(), Uuid::from_u128(id))).into()
    }

    fn planned(rows: &str, held: Vec<Inspection>) -> (Plan<Inspection>, Vec<String>) {
        let words = Vocabulary::default().with_types(Vec::new(), vec![Term::of("safety", 1), Term::of("fire", 2)]);
        let reading = Reading { vocabulary: &words, datum: Datum::Wgs84, profile: None };
        let read = inspections(format!("{HEAD}{rows}").as_bytes(), &reading);
        let mut found = Findings::from(read.findings);
        let now = "2026-11-25T04:00:00Z".parse().expect("a time");
        let plan = plan(read.drafts, &known(), held, now, &mut found);
        let said = found.into_sorted().iter().map(|one| format!("{} {} {}", one.row, one.column, one.code)).collect();
        (plan, said)
    }

    const TWO: &str = "A,safety,2026-10-08,民政局;消防队,failed,,消防通道,major,堆放杂物,2026-11-08,,\n\
                       A,safety,2026-10-08,,,,用电,minor,插座松动,2026-10-20,2026-10-19,更换\n\
                       B,fire,2026-10-09,,passed,,,,,,,\n";

    #[test]
    fn a_row_is_a_finding_and_the_same_file_twice_changes_nothing() {
        let (first, said) = planned(TWO, vec![]);
        assert_eq!((said, first.inserted(), first.together), (vec![], 2, 1));
        let held: Vec<_> = first.edits.into_iter().map(|edit| edit.after).collect();
        assert_eq!((held[0].findings.len(), held[0].agencies.len(), held[0].version), (2, 2, 1));
        let (again, _) = planned(TWO, held.clone());
        assert_eq!((again.edits.len(), again.unchanged, again.together), (0, 2, 1));
        // What was exported is read back as no change, too.
        let named = |inspection: &Inspection| if inspection.facility.as_u128() == 1 { "A" } else { "B" }.to_owned();
        let out = csv(&table(&held, named)).expect("a file");
        let (back, said) = planned(out.split_once('\n').expect("rows").1, held.clone());
        assert_eq!((back.edits.len(), said), (0, vec![]), "{out}");
        // A list that tells only what was put right since leaves the rest as it is.
        let (later, said) = planned("A,safety,2026-10-08,,,,消防通道,,堆放杂物,,2026-11-20,清理\n", held);
        assert_eq!(said, Vec::<String>::new());
        let after = &later.edits[0].after;
        let told = (after.version, after.findings.len(), after.findings[0].open(), after.findings[0].due_on.is_some());
        assert_eq!(told, (2, 2, false, true));
    }

    #[test]
    fn a_bad_row_names_its_row_and_column() {
        for (rows, expected) in [
            ("C,safety,2026-10-08,,passed,,,,,,,\n", "2 facility unknown_facility"),
            ("A,safty,2026-10-08,,passed,,,,,,,\n", "2 type unknown_type"),
            ("A,safety,2026-13-08,,passed,,,,,,,\n", "2 inspected_on impossible_date"),
            ("A,safety,2026-10-08,,,,,,,,,\n", "2 result missing_value"),
            (
                "A,safety,2026-10-08,,passed,,,,,,,\nA,safety,2026-10-08,,failed,,用电,minor,松,,,\n",
                "3 result contradiction",
            ),
            ("A,safety,2026-10-08,,passed,,用电,minor,松,,,\n", "2 result rule"),
            ("A,safety,2026-10-08,,failed,,用电,,松,,,\n", "2 severity missing_value"),
            ("A,safety,2026-10-08,,failed,,用电,grave,松,,,\n", "2 severity unknown_word"),
            ("A,safety,2026-10-08,,failed,,,minor,,,,\n", "2 category missing_value"),
            (
                "A,safety,2026-10-08,,failed,,用电,minor,松,,,\nA,safety,2026-10-08,,,,燃气,minor,漏,2026-10-01,,\n",
                "3 due_on rule",
            ),
            ("A,safety,2026-10-08,,failed,,用电,minor,松,,2027-10-01,\n", "2 rectified_on rule"),
            ("A,safety,2027-10-08,,passed,,,,,,,\n", "2 inspected_on rule"),
            (
                "A,safety,2026-10-08,,failed,,用电,minor,松,,,\nA,safety,2026-10-08,,failed,,用电,minor,松,,,\n",
                "3 facility duplicate",
            ),
        ] {
            let (_, said) = planned(rows, vec![]);
            assert!(said.iter().any(|one| one == expected), "{expected}: {said:?}");
        }
    }
}
