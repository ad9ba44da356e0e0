//! Inspections: a row is one finding of an inspection, or an inspection that found nothing.

use chrono::NaiveDate;

use super::cell::{Cell, fold};
use super::columns::INSPECTION_COLUMNS;
use super::workbook::{Table, Value};
use super::{Draft, Drafts, Page, Reading, read};
use crate::care::inspection::Finding;
use crate::care::{Entity, Inspection, Outcome, Severity, Text, limits};

/// One row. `None` means "not provided".
#[derive(Debug, Clone)]
pub struct InspectionDraft {
    pub row: u64,
    /// The facility's code, or its id.
    pub facility: Text,
    pub r#type: Text,
    pub inspected_on: NaiveDate,
    pub agencies: Option<Vec<Text>>,
    pub result: Option<Outcome>,
    pub note: Option<Text>,
    pub finding: Option<FindingDraft>,
}

/// What a row says of one finding; which it is, its category and detail tell.
#[derive(Debug, Clone)]
pub struct FindingDraft {
    pub category: Text,
    pub detail: Text,
    pub severity: Option<Severity>,
    pub due_on: Option<NaiveDate>,
    pub rectified_on: Option<NaiveDate>,
    pub rectification: Option<Text>,
}

impl Draft for InspectionDraft {
    fn row(&self) -> u64 {
        self.row
    }
}

/// The cells of a row that belong to its finding.
#[derive(Default)]
struct Found {
    category: Option<Text>,
    detail: Option<Text>,
    severity: Option<Severity>,
    due_on: Option<NaiveDate>,
    rectified_on: Option<NaiveDate>,
    rectification: Option<Text>,
}

/// Reads a file of inspections, CSV. Empty means "not provided".
pub fn inspections(bytes: &[u8], reading: &Reading<'_>) -> Drafts<InspectionDraft> {
    let key = |draft: &InspectionDraft| {
        let finding = draft.finding.as_ref().map(|finding| (finding.category.clone(), finding.detail.clone()));
        (draft.facility.clone(), draft.r#type.clone(), draft.inspected_on, finding)
    };
    read(bytes, Entity::Inspection, reading, |row, cells, page| draft(row.number, cells, reading, page))
        .refuse_duplicates("facility", key, |draft| draft.facility.to_string())
}

fn draft(
    row: u64,
    cells: &mut dyn Iterator<Item = Cell<'_>>,
    reading: &Reading<'_>,
    page: &mut Page,
) -> Option<InspectionDraft> {
    let findings = &mut page.findings;
    let (mut facility, mut kind, mut inspected_on) = (None, None, None);
    let (mut agencies, mut result, mut note, mut found) = (None, None, None, Found::default());
    let mut given = Vec::new();
    for cell in cells {
        given.push(cell.column);
        match cell.column {
            "facility" => facility = cell.code(limits::of("code").characters, findings),
            "type" => {
                let written = fold(&cell.text);
                let types = &reading.vocabulary.inspection_types;
                let named = types.iter().find(|term| *term.code == *written || *term.name_zh == *written);
                match named {
                    Some(term) => kind = Some(term.code.clone()),
                    None => cell.unknown("unknown_type", types.iter().map(|term| &*term.code), findings),
                }
            }
            "inspected_on" => inspected_on = cell.date(findings),
            "agencies" => agencies = cell.list(limits::of("inspection/agencies"), findings),
            "result" => {
                result = Outcome::from_code(&fold(&cell.text));
                if result.is_none() {
                    cell.unknown("unknown_word", Outcome::ALL.map(Outcome::code).into_iter(), findings);
                }
            }
            "note" => note = cell.prose(limits::of("inspection/note").characters, findings),
            "category" => found.category = cell.text(limits::of("finding/category").characters, findings),
            "detail" => found.detail = cell.prose(limits::of("finding/detail").characters, findings),
            "severity" => {
                found.severity = Severity::from_code(&fold(&cell.text));
                if found.severity.is_none() {
                    cell.unknown("unknown_word", Severity::ALL.map(Severity::code).into_iter(), findings);
                }
            }
            "due_on" => found.due_on = cell.date(findings),
            "rectified_on" => found.rectified_on = cell.date(findings),
            "rectification" => {
                found.rectification = cell.prose(limits::of("finding/rectification").characters, findings)
            }
            _ => {}
        }
    }
    let mut needed = vec![
        ("facility", "the facility's code or id"),
        ("type", "a type of inspection, such as safety"),
        ("inspected_on", "the day of the inspection"),
    ];
    let of_finding = INSPECTION_COLUMNS[6..].iter().any(|column| given.contains(column));
    if of_finding {
        needed.extend([("category", "what the finding is about, such as 消防通道"), ("detail", "what was found")]);
    }
    for (column, expected) in needed.into_iter().filter(|(column, _)| !given.contains(column)) {
        findings.error(&Cell::new(row, column, ""), "missing_value", "the cell is empty", expected);
    }
    let finding = match (found.category, found.detail) {
        (Some(category), Some(detail)) => Some(FindingDraft {
            category,
            detail,
            severity: found.severity,
            due_on: found.due_on,
            rectified_on: found.rectified_on,
            rectification: found.rectification,
        }),
        _ => None,
    };
    Some(InspectionDraft {
        row,
        facility: facility?,
        r#type: kind?,
        inspected_on: inspected_on?,
        agencies,
        result,
        note,
        finding,
    })
}

/// Inspections as a table with the columns that an import reads; `named` gives the code or the id of a facility.
pub fn table(inspections: &[Inspection], named: impl Fn(&Inspection) -> String) -> Table {
    let mut rows = Vec::new();
    for inspection in inspections {
        let facility = named(inspection);
        if inspection.findings.is_empty() {
            rows.push(line(inspection, None, &facility));
        }
        rows.extend(inspection.findings.iter().map(|finding| line(inspection, Some(finding), &facility)));
    }
    let headings = INSPECTION_COLUMNS.map(str::to_owned).to_vec();
    Table { name: "inspections".to_owned(), headings, rows }
}

fn line(inspection: &Inspection, finding: Option<&Finding>, facility: &str) -> Vec<Value> {
    let text = |text: Option<&Text>| Value::text(text.map_or("", |text| text));
    let day = |day: Option<NaiveDate>| Value::text(day.map_or_else(String::new, |day| day.to_string()));
    let agencies: Vec<String> = inspection.agencies.iter().map(|agency| agency.replace(';', "；")).collect();
    let cell = |column: &str| match column {
        "facility" => Value::text(facility),
        "type" => text(Some(&inspection.r#type)),
        "inspected_on" => day(Some(inspection.inspected_on)),
        "agencies" => Value::text(agencies.join(";")),
        "result" => Value::text(inspection.result.code()),
        "note" => text(inspection.note.as_ref()),
        "category" => text(finding.map(|finding| &finding.category)),
        "severity" => Value::text(finding.map_or("", |finding| finding.severity.code())),
        "detail" => text(finding.map(|finding| &finding.detail)),
        "due_on" => day(finding.and_then(|finding| finding.due_on)),
        "rectified_on" => day(finding.and_then(|finding| finding.rectified_on)),
        _ => text(finding.and_then(|finding| finding.rectification.as_ref())),
    };
    INSPECTION_COLUMNS.iter().map(|column| cell(column)).collect()
}
