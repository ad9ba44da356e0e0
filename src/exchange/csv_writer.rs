//! The one writer of CSV: UTF-8 with its mark, so that Excel reads Chinese as Chinese, and no cell that a spreadsheet would
//! take for a formula.

use std::io::Write;

use super::formula::escape;

/// Tells a spreadsheet that the file is UTF-8.
pub const MARK: &str = "\u{feff}";

pub struct CsvWriter<W: Write>(csv::Writer<W>);

impl<W: Write> CsvWriter<W> {
    pub fn new(mut to: W) -> csv::Result<CsvWriter<W>> {
        to.write_all(MARK.as_bytes())?;
        Ok(CsvWriter(csv::Writer::from_writer(to)))
    }

    /// Writes one row. Numbers stay numbers; all else that begins like a formula is escaped.
    pub fn write_record<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> csv::Result<()> {
        for cell in cells {
            let cell = cell.as_ref();
            if is_number(cell) {
                self.0.write_field(cell)?;
            } else {
                self.0.write_field(&*escape(cell))?;
            }
        }
        self.0.write_record(None::<&[u8]>)
    }

    pub fn flush(&mut self) -> csv::Result<()> {
        Ok(self.0.flush()?)
    }
}

impl CsvWriter<Vec<u8>> {
    pub fn into_text(self) -> Result<String, String> {
        let bytes = self.0.into_inner().map_err(|error| error.to_string())?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }
}

/// A whole table as text.
pub fn table<S: AsRef<str>, R: IntoIterator<Item = S>>(
    headings: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = R>,
) -> Result<String, String> {
    let written = || -> csv::Result<CsvWriter<Vec<u8>>> {
        let mut out = CsvWriter::new(Vec::new())?;
        out.write_record(headings)?;
        for row in rows {
            out.write_record(row)?;
        }
        Ok(out)
    };
    written().map_err(|error| error.to_string())?.into_text()
}

/// Digits with a minus sign, a point and an exponent at most: what this program writes a number as. A telephone number that
/// begins with a plus sign is none.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && cell.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'e'))
        && cell.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_begins_with_the_mark_and_holds_no_formula_while_numbers_stay_numbers() {
        let cells = ["=1+1", "@a", "+8613800000000", "-", "\tx", "\rx", "-77.03", "118.3", "1e-7", "-1+1", "甲"];
        let text = table(&["a"; 11], [cells]).expect("a table");
        let row = text.strip_prefix("\u{feff}a,a,a,a,a,a,a,a,a,a,a\n").expect("the mark and the heading");
        assert_eq!(row, "'=1+1,'@a,'+8613800000000,'-,'\tx,\"'\rx\",-77.03,118.3,1e-7,'-1+1,甲\n");
    }
}
