//! Rows of cells: what CSV and GeoJSON have in common, and the reader of CSV.

use csv::{ReaderBuilder, StringRecord};
use geojson::Geometry;

use super::Findings;
use super::cell::{Cell, clean};

/// Headings and rows, as text.
#[derive(Debug, Default)]
pub struct Sheet {
    pub headings: Vec<String>,
    pub rows: Vec<SheetRow>,
    /// Rows that could not be read as rows; each has its finding.
    pub broken: u64,
}

/// One row, as long as the headings.
#[derive(Debug)]
pub struct SheetRow {
    /// As a spreadsheet numbers it: the headings are row 1, an empty line counts, a line break inside a cell does not.
    pub number: u64,
    pub cells: StringRecord,
    /// The feature's polygon, in GeoJSON.
    pub border: Option<Box<Geometry>>,
}

/// A line that no file has. If it comes out as a cell of the last row, then a quote was opened there and never closed.
const AFTER_THE_END: &str = "\u{1}after the end\u{1}";

/// Reads CSV. Rows of empty cells, and empty columns at the end, are passed over.
pub fn read(text: &str, findings: &mut Findings) -> Sheet {
    let bytes = text.as_bytes();
    let end = format!("\n{AFTER_THE_END}");
    let source = std::io::Read::chain(bytes, end.as_bytes());
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source);
    let mut sheet = Sheet::default();
    let (mut number, mut record) = (0, StringRecord::new());
    loop {
        let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        match reader.read_record(&mut record) {
            Ok(true) if record.len() == 1 && record.get(0) == Some(AFTER_THE_END) => break,
            Ok(true) => {}
            // The text is valid and comes from memory, so the reader has nothing to fail at; if it does, what is read stands.
            Ok(false) | Err(_) => break,
        }
        number += 1 + empty_lines(bytes, start);
        if record.iter().next_back().is_some_and(|cell| cell.ends_with(AFTER_THE_END)) {
            let cell = Cell::new(number, "", record.iter().next_back().unwrap_or_default());
            findings.error(
                &cell,
                "open_quote",
                "a quoted cell begins in this row and never ends",
                "a closing quote \"; a quote inside a quoted cell is written twice",
            );
            sheet.broken += 1;
            break;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if sheet.headings.is_empty() {
            sheet.headings = record.iter().map(|heading| clean(heading).into_owned()).collect();
            while sheet.headings.last().is_some_and(String::is_empty) {
                sheet.headings.pop();
            }
            // The finding's row is counted from here, whatever empty lines stood above.
            continue;
        }
        let width = sheet.headings.len();
        if record.len() < width || record.iter().skip(width).any(|cell| !cell.trim().is_empty()) {
            let cell = Cell::new(number, "", record.get(0).unwrap_or_default());
            findings.error(
                &cell,
                "field_count",
                format!("{} cells where the headings have {width}", record.len()),
                "as many cells as headings; a cell with a comma or a line break stands in quotes",
            );
            sheet.broken += 1;
            continue;
        }
        sheet.rows.push(SheetRow { number, cells: record.clone(), border: None });
    }
    sheet
}

/// Line breaks between the end of one record and the beginning of the next.
fn empty_lines(bytes: &[u8], start: usize) -> u64 {
    let mut rest = bytes.get(start..).unwrap_or_default();
    // The reader stands between \r and \n after a row that ends in both.
    if start > 0 && bytes.get(start - 1) == Some(&b'\r') && rest.first() == Some(&b'\n') {
        rest = &rest[1..];
    }
    let mut lines = 0;
    loop {
        rest = match rest {
            [b'\r', b'\n', rest @ ..] | [b'\r' | b'\n', rest @ ..] => rest,
            _ => return lines,
        };
        lines += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> (Sheet, Vec<(u64, &'static str)>) {
        let mut findings = Findings::default();
        let sheet = read(text, &mut findings);
        let found = findings.into_sorted().iter().map(|finding| (finding.row, finding.code)).collect();
        (sheet, found)
    }

    fn numbers(sheet: &Sheet) -> Vec<u64> {
        sheet.rows.iter().map(|row| row.number).collect()
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        for line in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "1,2", "", "\"x\ny\",3", "4,5", ",", "6,7", ""].join(line);
            let (sheet, found) = rows(&text);
            assert_eq!((numbers(&sheet), found), (vec![2, 4, 5, 7], vec![]), "{line:?}");
        }
    }

    #[test]
    fn empty_columns_at_the_end_are_passed_over() {
        let (sheet, found) = rows("a,b,,\n1,2,,\n3,4,,,,\n");
        assert_eq!((sheet.headings.len(), numbers(&sheet), found), (2, vec![2, 3], vec![]));
    }

    #[test]
    fn a_row_with_another_number_of_cells_is_found_and_the_next_is_read() {
        let (sheet, found) = rows("a,b\n1\n1,2\n1,2,3\n");
        assert_eq!((numbers(&sheet), found), (vec![3], vec![(2, "field_count"), (4, "field_count")]));
    }

    #[test]
    fn a_quote_that_never_ends_is_found_where_it_begins() {
        let (sheet, found) = rows("a,b\n1,2\n1,\"2\n3,4\n5,6\n");
        assert_eq!((numbers(&sheet), found), (vec![2], vec![(3, "open_quote")]));
        let (_, found) = rows("a,b\n1,5\" pipe\n1,\"5\"\" pipe\"");
        assert_eq!(found, vec![]);
    }
}
