//! Workbooks: tables of cells as a spreadsheet file (xlsx). Text is written as text, so that no cell becomes a formula.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::columns::FACILITY_COLUMNS;
use super::csv_writer;
use super::facility_csv;
use crate::care::{Facility, Vocabulary};

/// The characters that a cell of a spreadsheet can hold.
const LONGEST: usize = 32_767;
/// The rows that a sheet can hold, with its headings.
const MOST_ROWS: usize = 1_048_576;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not known.
    Empty,
    Text(String),
    Number(f64),
    /// A number from 0 to 1, shown in percent.
    Share(f64),
}

impl Value {
    pub fn number(number: Option<f64>) -> Value {
        number.map_or(Value::Empty, Value::Number)
    }

    pub fn text(text: impl Into<String>) -> Value {
        let text = text.into();
        if text.is_empty() { Value::Empty } else { Value::Text(text) }
    }
}

/// One sheet: a name of at most 31 characters, headings, and rows as long as these.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub name: String,
    pub headings: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

/// The tables as the bytes of an xlsx file, a sheet each.
pub fn workbook(tables: &[Table]) -> Result<Vec<u8>, String> {
    let whole = || -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let (bold, percent) = (Format::new().set_bold(), Format::new().set_num_format("0.0%"));
        for table in tables {
            let sheet = book.add_worksheet().set_name(&table.name)?;
            sheet.set_freeze_panes(1, 0)?;
            for (column, heading) in (0u16..).zip(&table.headings) {
                sheet.write_string_with_format(0, column, heading, &bold)?;
                sheet.set_column_width(column, width(table, usize::from(column)))?;
            }
            for (row, cells) in (1u32..).zip(&table.rows) {
                for (column, cell) in (0u16..).zip(cells) {
                    match cell {
                        Value::Empty => continue,
                        Value::Text(text) => sheet.write_string(row, column, shortened(text))?,
                        Value::Number(number) => sheet.write_number(row, column, *number)?,
                        Value::Share(share) => sheet.write_number_with_format(row, column, *share, &percent)?,
                    };
                }
            }
        }
        book.save_to_buffer()
    };
    if let Some(table) = tables.iter().find(|table| table.rows.len() >= MOST_ROWS) {
        return Err(format!("{}: {} rows are more than a sheet can hold; use CSV", table.name, table.rows.len()));
    }
    whole().map_err(|error| error.to_string())
}

/// A table as CSV; text that a spreadsheet would take for a formula is escaped.
pub fn csv(table: &Table) -> Result<String, String> {
    let text = |cell: &Value| match cell {
        Value::Empty => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) | Value::Share(number) => number.to_string(),
    };
    csv_writer::table(&table.headings, table.rows.iter().map(|row| row.iter().map(text)))
}

/// Wide enough for the first rows of a column, within reason.
fn width(table: &Table, column: usize) -> f64 {
    let length = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let cells = table.rows.iter().take(50).filter_map(|row| match row.get(column) {
        Some(Value::Text(text)) => Some(length(text)),
        _ => None,
    });
    let longest = cells.chain(table.headings.get(column).map(|heading| length(heading))).max().unwrap_or_default();
    longest.clamp(8, 60) as f64 + 1.0
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST).collect() }
}

/// The facilities with the columns of their CSV; answers the bytes and how many there are.
pub fn facilities<'a>(
    facilities: impl IntoIterator<Item = &'a Facility>,
    vocabulary: &Vocabulary,
) -> Result<(Vec<u8>, u64), String> {
    let rows: Vec<Vec<Value>> =
        facilities.into_iter().map(|facility| facility_csv::values(facility, vocabulary)).collect();
    let count = rows.len() as u64;
    let headings = FACILITY_COLUMNS.map(str::to_owned).to_vec();
    Ok((workbook(&[Table { name: "facilities".to_owned(), headings, rows }])?, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_a_zip_that_holds_no_formula() {
        let rows = vec![vec![Value::text("=1+1"), Value::Number(2.0)], vec![Value::text("+86"), Value::Share(0.376)]];
        let table = Table { name: "报表".into(), headings: vec!["@a".into(), "b".into()], rows };
        let bytes = workbook(&[table]).expect("a workbook");
        assert!(bytes.starts_with(b"PK\x03\x04") && bytes.len() > 1000);
    }

    #[test]
    fn a_sheet_that_is_too_long_is_refused() {
        let table = Table { name: "a".into(), headings: vec![], rows: vec![Vec::new(); MOST_ROWS] };
        assert!(workbook(&[table]).expect_err("too long").contains("use CSV"));
    }
}
