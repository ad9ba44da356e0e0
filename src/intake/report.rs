//! The report: what became of a file, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;
use uuid::Uuid;

use super::plan::Plan;
use super::{Order, SourceFile};
use crate::care::Entity;
use crate::exchange::{Finding, Findings, Severity};

/// Findings shown to a person; a program gets them all.
const SHOWN: usize = 50;

/// What became of a file.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub file: String,
    /// facilities, regions, population, inspections, targets, programmes or claims.
    pub what: &'static str,
    pub profile: Option<String>,
    pub dry_run: bool,
    /// Whether anything was written.
    pub committed: bool,
    pub rows: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// Of the accepted rows: those that were written, or would be.
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// The last change of the record when the file was done with.
    pub revision: i64,
    pub batch: Option<Uuid>,
    /// How many servers run on the record, where that was looked for.
    pub servers: Option<usize>,
    /// Whether all of them show the revision; not told where none runs.
    pub shown: Option<bool>,
    pub findings: Vec<Finding>,
    pub findings_total: usize,
}

/// The word of the command line for a kind of record.
pub fn word(what: Entity) -> &'static str {
    match what {
        Entity::Facility => "facilities",
        Entity::Region => "regions",
        Entity::DemandPoint => "population",
        Entity::Target => "targets",
        Entity::Programme => "programmes",
        Entity::Claim => "claims",
        Entity::Inspection => "inspections",
        Entity::Scenario => what.code(),
    }
}

impl Report {
    pub(super) fn of(file: &SourceFile<'_>, order: &Order<'_>, rows: u64) -> Report {
        Report {
            file: file.name.to_owned(),
            what: word(order.what),
            profile: order.profile.map(|profile| profile.name.clone()),
            dry_run: order.dry_run,
            committed: false,
            rows,
            accepted: 0,
            rejected: 0,
            inserted: 0,
            updated: 0,
            unchanged: 0,
            revision: 0,
            batch: None,
            servers: None,
            shown: None,
            findings: Vec::new(),
            findings_total: 0,
        }
    }

    pub(super) fn count<T>(&mut self, plan: &Plan<T>) {
        self.inserted = plan.inserted();
        self.updated = plan.updated();
        self.unchanged = plan.unchanged;
        self.accepted = self.inserted + self.updated + self.unchanged + plan.together;
        self.rejected = self.rows - self.accepted;
    }

    pub(super) fn with_findings(mut self, found: Findings) -> Report {
        self.findings = found.into_sorted();
        self.findings_total = self.findings.len();
        self
    }

    /// Whether every row was accepted.
    pub fn clean(&self) -> bool {
        self.rejected == 0 && self.findings.iter().all(|finding| finding.severity == Severity::Warning)
    }

    fn outcome(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (inserted, updated) = (count(self.inserted), count(self.updated));
        let rejected = count(self.rejected);
        if self.inserted + self.updated == 0 && self.clean() {
            let rows = if self.unchanged == 1 { "row is" } else { "rows are" };
            return writeln!(f, "no change (无变化): {} {rows} already so", count(self.unchanged));
        }
        if self.committed {
            write!(f, "done: {inserted} new (新增), {updated} updated (更新), {} unchanged", count(self.unchanged))?;
            let batch = self.batch.map_or_else(String::new, |batch| format!("; batch (批次) {batch}"));
            writeln!(f, "{batch}, revision (版次) {}", self.revision)?;
            if self.rejected > 0 {
                writeln!(f, "done with rejected rows (有被拒绝的行): {rejected} of {} are not in", count(self.rows))?;
            }
            return Ok(());
        }
        let good = format!("{inserted} new, {updated} updated, {} unchanged", count(self.unchanged));
        if self.dry_run {
            writeln!(f, "dry run (预演), nothing written; would be: {good}, {rejected} rejected")
        } else if self.accepted == 0 {
            writeln!(f, "nothing written (未写入): no row can be taken")
        } else {
            writeln!(f, "nothing written (未写入): {rejected} of {} rows have errors", count(self.rows))?;
            writeln!(f, "correct them, or take the good rows alone ({good}) with --accept-good-rows")
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profile = self.profile.as_ref().map_or_else(String::new, |name| format!(" by profile {name}"));
        let (rows, accepted, rejected) = (count(self.rows), count(self.accepted), count(self.rejected));
        writeln!(
            f,
            "{} from {}{profile}: {rows} rows, {accepted} accepted (接受), {rejected} rejected (拒绝)",
            self.what, self.file
        )?;
        if !self.findings.is_empty() {
            writeln!(f)?;
            let mut codes: BTreeMap<(Severity, &str), u64> = BTreeMap::new();
            for finding in &self.findings {
                *codes.entry((finding.severity, finding.code)).or_default() += 1;
            }
            writeln!(f, "findings (问题): {}", count(self.findings_total as u64))?;
            for ((severity, code), times) in codes {
                writeln!(f, "  {:>9}  {:<7}  {code}", count(times), severity_word(severity))?;
            }
            writeln!(f)?;
            // Errors first: they are what has to be done.
            let mut shown: Vec<&Finding> = self.findings.iter().collect();
            shown.sort_by_key(|finding| finding.severity);
            for finding in shown.iter().take(SHOWN) {
                writeln!(f, "{}", line(finding)?)?;
            }
            if shown.len() > SHOWN {
                writeln!(f, "… and {} more; --json has them all", count((shown.len() - SHOWN) as u64))?;
            }
            writeln!(f)?;
        }
        self.outcome(f)
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn line(finding: &Finding) -> Result<String, fmt::Error> {
    let mut line = format!("row {}: {}", finding.row, severity_word(finding.severity));
    if !finding.column.is_empty() {
        write!(line, ", {}", finding.column)?;
    }
    if !finding.value.is_empty() {
        write!(line, " \"{}\"", finding.value)?;
    }
    write!(line, ": {}", finding.problem)?;
    if !finding.expected.is_empty() {
        write!(line, "; expected: {}", finding.expected)?;
    }
    Ok(line)
}

/// 15283 as 15,283.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
