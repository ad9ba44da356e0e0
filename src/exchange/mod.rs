//! Formats <-> care: CSV and GeoJSON in and out. A bad cell is a finding, never a crash. No database, no clock.
//!
//! A file goes through four hands: [`decode`] makes text of its bytes, [`sheet`] or [`features`] makes rows of the text,
//! [`layout`] finds the project's columns among the headings (by a [`profile`] if the file is someone else's), and
//! [`facilities`], [`regions`] or [`population`] make a draft of each row. Whatever is wrong on the way is a
//! [`Finding`]; a row with an error gives no draft, a row with a warning does.

mod borders;
pub mod cell;
mod cell_text;
pub mod columns;
pub mod csv_writer;
pub mod decode;
pub mod dossier;
pub mod facilities;
pub mod facility_csv;
pub mod facility_geojson;
pub mod features;
pub mod file_type;
pub mod finding;
mod formula;
pub mod inspections;
pub mod kept;
pub mod layout;
pub mod number;
pub mod people_csv;
pub mod point;
pub mod population;
pub mod profile;
pub mod regions;
pub mod sheet;
pub mod workbook;

use std::collections::HashMap;
use std::hash::Hash;

use rayon::prelude::*;

pub use crate::care::draft::{DemandDraft, FacilityDraft, RegionDraft};
use crate::care::{Datum, Entity, Text, Vocabulary};

use cell::Cell;
pub use finding::{Finding, Findings, Severity};
use layout::Layout;
pub use profile::Profile;
use sheet::{Sheet, SheetRow};

/// How a file is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    pub vocabulary: &'a Vocabulary,
    /// The datum of the file's coordinates.
    pub datum: Datum,
    pub profile: Option<&'a Profile>,
}

/// What a file says: a draft for each row without an error, and all that was found.
#[derive(Debug, Clone)]
pub struct Drafts<T> {
    /// Rows of data in the file, good and bad.
    pub rows: u64,
    pub drafts: Vec<T>,
    /// In the order of the rows.
    pub findings: Vec<Finding>,
}

/// What every draft has.
pub trait Draft: Send {
    /// The line of the file that it came from.
    fn row(&self) -> u64;
}

impl Draft for FacilityDraft {
    fn row(&self) -> u64 {
        self.row
    }
}

impl Draft for RegionDraft {
    fn row(&self) -> u64 {
        self.row
    }
}

impl Draft for DemandDraft {
    fn row(&self) -> u64 {
        self.row
    }
}

/// A run of rows that one thread reads: what it found, and the hours it has already parsed.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub findings: Findings,
    /// As written and as read: parsing opening hours is slow and most facilities share theirs with many others.
    pub good_hours: HashMap<Text, Text>,
}

/// Rows a thread takes at a time.
const PAGE_ROWS: usize = 8192;

pub(crate) fn read<T: Draft>(
    bytes: &[u8],
    what: Entity,
    reading: &Reading<'_>,
    draft: impl Fn(&SheetRow, &mut dyn Iterator<Item = Cell<'_>>, &mut Page) -> Option<T> + Sync,
) -> Drafts<T> {
    let mut findings = Findings::default();
    let text = match decode::decode(bytes) {
        Ok(text) => text,
        Err(finding) => return Drafts { rows: 0, drafts: Vec::new(), findings: vec![*finding] },
    };
    let Sheet { headings, rows, broken } = if text.trim_start().starts_with(['{', '[']) {
        features::read(&text, what, reading, &mut findings)
    } else {
        sheet::read(&text, &mut findings)
    };
    let count = rows.len() as u64 + broken;
    let Some(layout) = Layout::find(what, &headings, reading, &mut findings) else {
        return Drafts { rows: count, drafts: Vec::new(), findings: findings.into_sorted() };
    };
    let pages: Vec<(Vec<T>, Findings, u64)> = rows
        .par_chunks(PAGE_ROWS)
        .map(|rows| {
            let mut page = Page::default();
            let mut drafts = Vec::with_capacity(rows.len());
            let mut totals = 0;
            for row in rows {
                if let Some(cell) = layout.total(row) {
                    let expected = "rows of single records; sums are counted by the record itself";
                    page.findings.warning(&cell, "total_row", "a row of sums, passed over", expected);
                    totals += 1;
                    continue;
                }
                let errors = page.findings.errors();
                let told = draft(row, &mut layout.cells(row), &mut page);
                drafts.extend(told.filter(|_| page.findings.errors() == errors));
            }
            (drafts, page.findings, totals)
        })
        .collect();
    let mut drafts = Vec::with_capacity(rows.len());
    let mut count = count;
    for (some, found, totals) in pages {
        drafts.extend(some);
        count -= totals;
        findings.append(found);
    }
    Drafts { rows: count, drafts, findings: findings.into_sorted() }
}

impl<T: Draft> Drafts<T> {
    /// Refuses every row that repeats the key of an earlier one.
    pub(crate) fn refuse_duplicates<K: Hash + Eq>(
        mut self,
        column: &'static str,
        key: impl Fn(&T) -> K,
        shown: impl Fn(&T) -> String,
    ) -> Drafts<T> {
        let mut first: HashMap<K, u64> = HashMap::with_capacity(self.drafts.len());
        let mut findings = Findings::default();
        self.drafts.retain(|draft| {
            let row = draft.row();
            let held = *first.entry(key(draft)).or_insert(row);
            if held != row {
                let cell = Cell::new(row, column, shown(draft));
                findings.error(
                    &cell,
                    "duplicate",
                    format!("the same as row {held}"),
                    "one row for each; keep the right one, or tell them apart",
                );
            }
            held == row
        });
        if !findings.is_empty() {
            findings.append(Findings::from(self.findings));
            self.findings = findings.into_sorted();
        }
        self
    }
}
