//! Targets, programme figures and claims: a row becomes the fields that it tells, read by the same table as everywhere.

use serde_json::{Value, json};

use super::cell::{Cell, fold};
use super::workbook::{self, Table, Value as Cells};
use super::{Draft, Drafts, Page, Reading, read};
use crate::care::Kept;
use crate::care::kept::{Given, KeptField, Sort, with};

/// One row of such a file: what it tells, and what it would be as a new row.
#[derive(Debug, Clone)]
pub struct KeptDraft<T> {
    pub row: u64,
    pub given: Given,
    pub told: T,
}

impl<T: Send> Draft for KeptDraft<T> {
    fn row(&self) -> u64 {
        self.row
    }
}

/// Reads a file of such rows. Empty means "not provided".
pub fn kept<T: Kept>(bytes: &[u8], reading: &Reading<'_>) -> Drafts<KeptDraft<T>> {
    let key = |draft: &KeptDraft<T>| draft.told.key().iter().map(|part| part.to_string()).collect::<Vec<_>>();
    read(bytes, T::ENTITY, reading, |row, cells, page| draft::<T>(row.number, cells, reading, page)).refuse_duplicates(
        T::KEY[0],
        key,
        |draft| draft.told.region().to_string(),
    )
}

fn draft<T: Kept>(
    row: u64,
    cells: &mut dyn Iterator<Item = Cell<'_>>,
    reading: &Reading<'_>,
    page: &mut Page,
) -> Option<KeptDraft<T>> {
    let findings = &mut page.findings;
    let mut given = Given::new();
    let mut broken = false;
    for cell in cells {
        let Some(field) = field_of::<T>(cell.column) else { continue };
        let value = match field.sort {
            Sort::Text(longest) if field.name == "region" => cell.code(longest, findings).map(|text| json!(text)),
            Sort::Text(longest) => cell.text(longest, findings).map(|text| json!(text)),
            Sort::Date => cell.date(findings).map(|day| json!(day)),
            Sort::Flag => cell.flag(findings).map(|flag| json!(flag)),
            Sort::Year => cell.count(findings).map(|year| json!(year)),
            Sort::Number => cell.number(findings).map(|number| json!(number)),
            Sort::Word(words) => {
                let word = fold(&cell.text);
                let known = words.iter().find(|known| **known == word);
                if known.is_none() {
                    cell.unknown("unknown_word", words.iter().copied(), findings);
                }
                known.map(|word| json!(word))
            }
        };
        broken |= value.is_none();
        given.extend(value.map(|value| (cell.column.to_owned(), value)));
    }
    if broken {
        // The cells have said what is wrong with them.
        return None;
    }
    match with::<T>(None, &given, reading.vocabulary) {
        Ok(told) => Some(KeptDraft { row, given, told }),
        Err(faults) => {
            for fault in faults {
                let column = field_of::<T>(&fault.field).map_or("", |field| field.name);
                let value = given.get(column).map_or(String::new(), |value| match value.as_str() {
                    Some(text) => text.to_owned(),
                    None => value.to_string(),
                });
                findings.error(&Cell::new(row, column, value), "rule", fault.detail, "");
            }
            None
        }
    }
}

/// Such rows as CSV, with the columns that an import reads.
pub fn csv<T: Kept>(rows: &[T]) -> Result<String, String> {
    let cell = |row: &Value, name: &str| match row.get(name) {
        None | Some(Value::Null) => Cells::Empty,
        Some(Value::String(text)) => Cells::text(text),
        Some(Value::Number(number)) => Cells::number(number.as_f64()),
        Some(other) => Cells::text(other.to_string()),
    };
    let line = |row: &T| {
        let row = json!(row);
        T::FIELDS.iter().map(|field| cell(&row, field.name)).collect()
    };
    workbook::csv(&Table {
        name: String::new(),
        headings: T::FIELDS.iter().map(|field| field.name.to_owned()).collect(),
        rows: rows.iter().map(line).collect(),
    })
}

fn field_of<T: Kept>(name: &str) -> Option<&'static KeptField> {
    T::FIELDS.iter().find(|field| field.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::{Datum, ProgrammeFigure, Target, Vocabulary};

    fn codes<T: Kept>(text: &str) -> (Drafts<KeptDraft<T>>, Vec<String>) {
        let vocabulary = Vocabulary::default();
        let reading = Reading { vocabulary: &vocabulary, datum: Datum::Wgs84, profile: None };
        let drafts = kept::<T>(text.as_bytes(), &reading);
        let codes = drafts.findings.iter().map(|f| format!("{} {} {}", f.row, f.column, f.code)).collect();
        (drafts, codes)
    }

    #[test]
    fn an_empty_plan_is_a_target_whose_number_is_not_known() {
        let (drafts, codes) = codes::<Target>("region,year,measure,planned\n371500,2024,nursing_beds_added,\n");
        assert_eq!((drafts.drafts[0].told.planned, codes), (None, vec![]));
    }

    #[test]
    fn every_wrong_cell_of_a_ledger_is_found_where_it_stands() {
        let head = "region,programme,metric,value,measure,as_of,qualifier\n";
        let text = format!(
            "{head}3715,retrofit,households,4869,cumulative,2024-04-30,余\n3715,retrofit,households,many,stock,2024-04-30,\n\
             3715,Retrofit,households,1,stock,2024-04-30,\n3715,retrofit,households,1,level,2024-02-30,\n\
             3715,retrofit,households,1,stock,,\n3715,retrofit,households,4869,cumulative,2024-04-30,\n"
        );
        let (drafts, codes) = codes::<ProgrammeFigure>(&text);
        assert_eq!(drafts.drafts.len(), 1);
        let expected = [
            "3 value not_a_number",
            "4 programme rule",
            "5 measure unknown_word",
            "5 as_of impossible_date",
            "6 as_of rule",
            "7 region duplicate",
        ];
        assert_eq!(codes, expected);
    }
}
