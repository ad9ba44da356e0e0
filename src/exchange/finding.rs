//! Findings: what is wrong with a cell, and what would be right.

use std::borrow::Cow;

use serde::Serialize;

use super::cell::Cell;

/// Whether the row can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row is rejected.
    Error,
    /// The row is accepted.
    Warning,
}

/// One thing wrong with one cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The line as a spreadsheet shows it (the headings are line 1); in GeoJSON the number of the feature, from 1.
    pub row: u64,
    /// Our name of the column; empty when the whole row or file is meant.
    pub column: Cow<'static, str>,
    /// As it stood in the file, shortened.
    pub value: String,
    pub severity: Severity,
    /// A stable word for this kind of finding.
    pub code: &'static str,
    pub problem: Cow<'static, str>,
    pub expected: Cow<'static, str>,
}

/// A longer value says no more in a list of findings.
const LONGEST_VALUE: usize = 80;

/// Findings being gathered.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    list: Vec<Finding>,
    errors: usize,
}

impl Findings {
    pub fn error(
        &mut self,
        cell: &Cell<'_>,
        code: &'static str,
        problem: impl Into<Cow<'static, str>>,
        expected: impl Into<Cow<'static, str>>,
    ) {
        self.push(finding(cell, Severity::Error, code, problem.into(), expected.into()));
    }

    pub fn warning(
        &mut self,
        cell: &Cell<'_>,
        code: &'static str,
        problem: impl Into<Cow<'static, str>>,
        expected: impl Into<Cow<'static, str>>,
    ) {
        self.push(finding(cell, Severity::Warning, code, problem.into(), expected.into()));
    }

    pub fn push(&mut self, finding: Finding) {
        self.errors += usize::from(finding.severity == Severity::Error);
        self.list.push(finding);
    }

    /// How many are errors.
    pub fn errors(&self) -> usize {
        self.errors
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn append(&mut self, other: Findings) {
        self.errors += other.errors;
        self.list.extend(other.list);
    }

    /// In the order of the rows; those of one row as they were found.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.row);
        self.list
    }
}

impl From<Vec<Finding>> for Findings {
    fn from(list: Vec<Finding>) -> Findings {
        let errors = list.iter().filter(|finding| finding.severity == Severity::Error).count();
        Findings { list, errors }
    }
}

fn finding(
    cell: &Cell<'_>,
    severity: Severity,
    code: &'static str,
    problem: Cow<'static, str>,
    expected: Cow<'static, str>,
) -> Finding {
    Finding {
        row: cell.row,
        column: cell.column.to_owned().into(),
        value: shortened(&cell.text),
        severity,
        code,
        problem,
        expected,
    }
}

/// At most [`LONGEST_VALUE`] characters, and none that could move a terminal's cursor.
fn shortened(value: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut kept: String = value.chars().take(LONGEST_VALUE).map(shown).collect();
    if kept.len() < value.len() && value.chars().nth(LONGEST_VALUE).is_some() {
        kept.push('…');
    }
    kept
}
