//! Layout: which of our columns a file has, and from which of its headings each comes.

use std::borrow::Cow;

use super::cell::{Cell, clean, meant};
use super::columns::{GROUP, POPULATION_COLUMNS, columns_of, group_of, nearest_column};
use super::features::POINT_HEADINGS;
use super::profile::{Profile, Rule};
use super::sheet::SheetRow;
use super::{Findings, Reading};
use crate::care::clean::names_sum;
use crate::care::kind::nearest_word;
use crate::care::{Entity, Vocabulary};

/// One of our columns, found in a file.
#[derive(Debug)]
struct Column<'a> {
    name: &'a str,
    /// Places of its headings in the row; none for a constant.
    at: Vec<usize>,
    rule: Option<&'a Rule>,
    /// The columns that the rule names, as places in [`Layout::columns`].
    limit: Option<usize>,
    only_where: Option<usize>,
}

/// Our columns, found in a file.
#[derive(Debug)]
pub struct Layout<'a> {
    columns: Vec<Column<'a>>,
    /// What "not provided" looks like in this file.
    empty: &'a [String],
}

impl<'a> Layout<'a> {
    /// Finds the columns. `None` when the headings will not do; the findings, all in row 1, say why.
    pub fn find(
        what: Entity,
        headings: &[String],
        reading: &Reading<'a>,
        findings: &mut Findings,
    ) -> Option<Layout<'a>> {
        let errors = findings.errors();
        if headings.is_empty() {
            // The reader may have said why already.
            if findings.is_empty() {
                let cell = Cell::new(1, "", "");
                findings.error(&cell, "empty_file", "the file has no headings", "a first row of headings");
            }
            return None;
        }
        // What a profile passes over may stand more than once.
        let passed_over = |heading: &String| {
            reading.profile.is_some_and(|profile| {
                let read = |rule: &Rule| rule.headings.iter().any(|held| clean(held).as_ref() == heading);
                (profile.ignore_others || profile.ignore.contains(heading)) && !profile.columns.values().any(read)
            })
        };
        for (at, heading) in headings.iter().enumerate().filter(|(_, heading)| !passed_over(heading)) {
            if let Some(first) = headings[..at].iter().position(|held| held == heading && !heading.is_empty()) {
                let problem = format!("the heading stands twice: columns {} and {}", first + 1, at + 1);
                findings.error(&Cell::new(1, "", heading), "duplicate_column", problem, "each heading once");
            }
        }
        let vocabulary = reading.vocabulary;
        let layout = match reading.profile {
            None => Layout::plain(what, headings, vocabulary, findings),
            Some(profile) => Layout::mapped(what, headings, profile, vocabulary, findings),
        };
        layout.require(what, findings);
        (findings.errors() == errors).then_some(layout)
    }

    /// The headings are our own names.
    fn plain(what: Entity, headings: &[String], vocabulary: &'a Vocabulary, findings: &mut Findings) -> Layout<'a> {
        let mut columns: Vec<Column<'a>> = Vec::new();
        for (at, heading) in headings.iter().enumerate() {
            let ours = columns_of(what).iter().find(|name| *name == heading).copied();
            match ours.or_else(|| group_of(what, heading, vocabulary)) {
                Some(name) if columns.iter().any(|column| column.name == name) => {
                    let cell = Cell::new(1, name, heading);
                    findings.error(&cell, "duplicate_column", "the group has two columns", "one column for each group");
                }
                Some(name) => {
                    columns.push(Column { name, at: vec![at], rule: None, limit: None, only_where: None });
                }
                None => {
                    let expected = match heading.as_str() {
                        "" => "a heading over every column that has cells".to_owned(),
                        _ => format!(
                            "one of the columns of this kind of file{}",
                            nearest_column(what, heading, &vocabulary.groups)
                        ),
                    };
                    findings.error(&Cell::new(1, "", heading), "unknown_column", "no such column", expected);
                }
            }
        }
        Layout { columns, empty: &[] }
    }

    /// The headings are those that a profile knows.
    fn mapped(
        what: Entity,
        headings: &[String],
        profile: &'a Profile,
        vocabulary: &'a Vocabulary,
        findings: &mut Findings,
    ) -> Layout<'a> {
        let mut used = vec![profile.ignore_others; headings.len()];
        let mut columns = Vec::new();
        let ours = columns_of(what).iter().filter_map(|name| Some((*name, profile.columns.get(*name)?)));
        let mut mapped: Vec<(&'a str, &'a Rule)> = ours.collect();
        for (column, rule) in profile.columns.iter().filter(|(column, _)| column.starts_with(GROUP)) {
            match group_of(what, column, vocabulary) {
                Some(code) => mapped.push((code, rule)),
                None => {
                    let near = nearest_column(what, column, &vocabulary.groups);
                    let expected = format!("a group of the vocabulary{near}");
                    findings.error(
                        &Cell::new(1, column, ""),
                        "unknown_column",
                        "the profile maps to no known group",
                        expected,
                    );
                }
            }
        }
        let pair = ["lon", "lat"].into_iter().zip(POINT_HEADINGS);
        for (name, heading) in pair {
            let Some(found) = headings.iter().position(|held| held == heading) else { continue };
            used[found] = true;
            if !profile.columns.contains_key(name) && columns_of(what).contains(&name) {
                columns.push(Column { name, at: vec![found], rule: None, limit: None, only_where: None });
            }
        }
        for (name, rule) in mapped {
            let mut at = Vec::new();
            for heading in &rule.headings {
                let own = headings.iter().position(|held| held == clean(heading).as_ref());
                // A profile may call the point of a feature by our names.
                let of_point = || {
                    let named = ["lon", "lat"].iter().position(|name| name == heading)?;
                    headings.iter().position(|held| held == POINT_HEADINGS[named])
                };
                match own.or_else(of_point) {
                    Some(found) => {
                        used[found] = true;
                        at.push(found);
                    }
                    None => {
                        let near = nearest_word(heading, headings.iter().map(String::as_str));
                        let near = near.map_or_else(String::new, |word| format!("; perhaps \"{word}\""));
                        let expected = format!("the heading \"{heading}\", as the profile says{near}");
                        findings.error(
                            &Cell::new(1, name, ""),
                            "missing_column",
                            "no such heading in the file",
                            expected,
                        );
                    }
                }
            }
            columns.push(Column { name, at, rule: Some(rule), limit: None, only_where: None });
        }
        let place = |name: &Option<String>| {
            let name = name.as_ref()?;
            columns.iter().position(|column| column.name == name)
        };
        let named: Vec<_> = columns
            .iter()
            .map(|column| column.rule.map_or((None, None), |rule| (place(&rule.up_above), place(&rule.only_where))))
            .collect();
        for (column, (limit, only_where)) in columns.iter_mut().zip(named) {
            (column.limit, column.only_where) = (limit, only_where);
        }
        for (heading, used) in headings.iter().zip(used) {
            if !used && !heading.is_empty() && !profile.ignore.contains(heading) {
                let expected = "a heading that the profile maps or ignores (ignore = [..], or ignore_others = true)";
                findings.error(&Cell::new(1, "", heading), "unknown_column", "the profile does not know it", expected);
            }
        }
        Layout { columns, empty: &profile.empty }
    }

    fn require(&self, what: Entity, findings: &mut Findings) {
        let has = |name: &str| self.columns.iter().any(|column| column.name == name);
        let mut miss = |name: &str, expected: &'static str| {
            findings.error(&Cell::new(1, name, ""), "missing_column", "a column is missing", expected);
        };
        let required: &[&str] = match what {
            Entity::Facility => &["name", "kind"],
            Entity::Region => &["code", "name", "level"],
            Entity::DemandPoint => &[],
            Entity::Target => &["region", "year", "measure"],
            Entity::Programme => &["region", "programme", "metric", "value", "measure"],
            Entity::Claim => &["region", "indicator", "value"],
            Entity::Inspection => &["facility", "type", "inspected_on"],
            Entity::Scenario => &[],
        };
        for name in required.iter().filter(|name| !has(name)) {
            miss(name, "this column, with a value in every row");
        }
        if what == Entity::DemandPoint {
            let counts = |column: &Column<'_>| {
                ["total", "aged_60", "aged_80"].contains(&column.name) || !POPULATION_COLUMNS.contains(&column.name)
            };
            if !self.columns.iter().any(counts) {
                miss("total", "at least one of total, aged_60, aged_80 and the codes of groups");
            }
            let pair = has("lon") && has("lat");
            if !has("region") && !pair {
                miss("region", "region, or lon and lat");
            }
        }
    }

    /// The cells of a row that are not empty.
    pub fn cells<'r>(&'r self, row: &'r SheetRow) -> impl Iterator<Item = Cell<'r>> {
        self.columns
            .iter()
            .map(|column| Cell { row: row.number, column: column.name, text: self.value(column, row) })
            .filter(|cell| !cell.text.is_empty() && !says_nothing(cell.column, &cell.text))
    }

    /// The cell that says that the row holds sums (合计) and is about no record; `None` for a row that is.
    pub fn total<'r>(&'r self, row: &'r SheetRow) -> Option<Cell<'r>> {
        let named = self.columns.iter().filter(|column| NAMING.contains(&column.name));
        let mut cells =
            named.map(|column| Cell { row: row.number, column: column.name, text: self.value(column, row) });
        cells.find(|cell| names_sum(&cell.text))
    }

    fn value<'r>(&'r self, column: &'r Column<'a>, row: &'r SheetRow) -> Cow<'r, str> {
        let raw = |at: usize| meant(row.cells.get(at).unwrap_or_default());
        let Some(rule) = column.rule else {
            return column.at.first().map_or(Cow::Borrowed(""), |at| raw(*at));
        };
        if let Some(constant) = &rule.constant {
            let stands = column.only_where.is_none_or(|at| !self.value(&self.columns[at], row).is_empty());
            return if stands { Cow::Borrowed(constant) } else { Cow::Borrowed("") };
        }
        let value = match column.at.as_slice() {
            [at] => raw(*at),
            many => {
                let parts = many
                    .iter()
                    .map(|at| raw(*at))
                    .filter(|part| !part.is_empty() && !self.empty.iter().any(|e| e == part));
                parts.collect::<Vec<_>>().join(&rule.with).into()
            }
        };
        let limit = column.limit.map(|at| self.columns[at].at.first().map_or(Cow::Borrowed(""), |at| raw(*at)));
        rule.apply(value, self.empty, limit.as_deref())
    }
}

/// The columns that say which record a row is about.
const NAMING: [&str; 4] = ["code", "name", "region", "facility"];

/// The columns whose words are free: there 无 is a word like others.
const FREE: [&str; 15] = [
    "name",
    "address",
    "operator",
    "ownership",
    "services",
    "tags",
    "note",
    "source",
    "menu",
    "category",
    "detail",
    "rectification",
    "agencies",
    "rating_issuer",
    "qualifier",
];

/// Whether a cell says in its own way that nothing is known, as an empty one does.
fn says_nothing(column: &str, text: &str) -> bool {
    // A code that says so is told of, as it is read.
    if text.len() > 12 || column == "code" {
        return false;
    }
    let dashes = text.chars().all(|c| matches!(c, '-' | '/' | '\\' | '—' | '–' | '―' | '－' | '／' | '_'));
    let words = ["无", "未知", "不详", "不明", "暂无", "未填", "未统计", "n/a", "null", "#n/a", "nan"];
    dashes || !FREE.contains(&column) && words.contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests;
