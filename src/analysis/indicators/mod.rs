//! The bureau's report: every line of the table of indicators for one region, year and day, with what it rests on.

mod check;
mod claim;
pub mod count;
pub mod ledger;
pub mod outcome;
mod seams;

use serde::Serialize;
use serde_json::{Value, json};

use super::evidence::{Evidence, Records, Said};
use super::plan;
use crate::care::indicator::{Formula, Indicator, table};
pub use check::{Checked, Verdict};
pub use claim::{Agreement, Compared};
pub use outcome::{Outcome, Part, State};

/// One line of the report.
#[derive(Debug, Clone)]
pub struct Line {
    pub indicator: &'static Indicator,
    pub outcome: Outcome,
    /// Published figures of this line, beside it.
    pub claims: Vec<Compared>,
}

/// The whole report.
#[derive(Debug, Clone)]
pub struct Report {
    pub lines: Vec<Line>,
    pub checks: Vec<Checked>,
}

/// How many lines came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub computed: usize,
    pub not_computable: usize,
    pub unknown: usize,
}

impl Report {
    pub fn summary(&self) -> Summary {
        let count = |state| self.lines.iter().filter(|line| line.outcome.state == state).count();
        Summary {
            computed: count(State::Computed),
            not_computable: count(State::NotComputable),
            unknown: count(State::Unknown),
        }
    }

    pub fn line(&self, line: &str) -> Option<&Line> {
        self.lines.iter().find(|one| &*one.indicator.line == line)
    }
}

/// Computes the report.
pub fn report(evidence: &Evidence) -> Report {
    let lines: Vec<Line> = table()
        .indicators
        .iter()
        .map(|indicator| {
            let mut outcome = outcome(evidence, &indicator.formula);
            if let Some((zh, en)) = &indicator.note {
                outcome.notes.insert(0, Said { zh: zh.clone(), en: en.clone() });
            }
            let claims = claim::compared(evidence, indicator, &outcome);
            Line { indicator, outcome, claims }
        })
        .collect();
    let checks = check::all(evidence, &lines);
    Report { lines, checks }
}

/// What comes of a formula.
pub fn outcome(evidence: &Evidence, formula: &Formula) -> Outcome {
    match formula {
        Formula::Count(pick) => count::count(evidence, pick),
        Formula::Share { of, among } => count::share(evidence, of, among),
        Formula::PerUnit { of, level } => count::per_unit(evidence, of, *level),
        Formula::UnitsWith { of, level, class } => count::units_with(evidence, of, *level, *class),
        Formula::Units { level, ending } => count::unit_count(evidence, *level, ending.as_deref()),
        Formula::Ledger { metric, measure, first } => {
            ledger::figure(evidence, metric, *measure, first.unwrap_or_default())
        }
        Formula::LedgerPerUnit { metric, level } => ledger_per_unit(evidence, metric, *level),
        Formula::Target { measure } => plan::planned(evidence, measure),
        Formula::Built { measure } => plan::built(evidence, measure),
        Formula::Progress { measure } => plan::progress(evidence, measure),
        Formula::Lost { measure } => plan::lost(evidence, measure),
        Formula::PriceCut { of, largest } => seams::price_cut(evidence, of, *largest),
        Formula::Certified { of } => seams::certified(evidence, of),
        Formula::Inspected { of } => seams::inspected(evidence, of),
        Formula::FoundFaults { category } => seams::found(evidence, category),
        Formula::Or(formulas) => first_of(evidence, formulas),
    }
}

/// The first that can be computed. That nothing is registered is no answer while another formula has one.
fn first_of(evidence: &Evidence, formulas: &[Formula]) -> Outcome {
    let outcomes: Vec<Outcome> = formulas.iter().map(|formula| outcome(evidence, formula)).collect();
    let says = |outcome: &&Outcome| outcome.value.is_some_and(|value| value != 0.0);
    let spoken = outcomes.iter().find(says).or(outcomes.iter().find(|outcome| outcome.value.is_some()));
    let spoken = spoken.or(outcomes.last()).cloned();
    spoken.unwrap_or_else(|| Outcome::not_computable(super::evidence::said("没有公式", "no formula")))
}

fn ledger_per_unit(evidence: &Evidence, metric: &str, level: crate::care::Level) -> Outcome {
    let told = ledger::figure(evidence, metric, None, false);
    let Some(value) = told.value else { return told };
    let units = count::unit_count(evidence, level, None);
    let Some(all) = units.value else { return units };
    let of = (super::evidence::said("台账中的数", "in the ledger"), value);
    let among = (super::evidence::said("计入覆盖的单元", "units that count"), all);
    let ratio = Outcome::ratio(of, among);
    let mut notes = told.notes.clone();
    notes.push(over_units(told.as_of, ratio.value));
    let records = [told.records.clone(), units.records].concat();
    Outcome { parts: ratio.parts, value: ratio.value, records, notes, ..told }
}

/// A document's number over the units that count as the record stands: each has a day of its own.
fn over_units(as_of: Option<chrono::NaiveDate>, share: Option<f64>) -> Said {
    let day = as_of.map(|day| day.to_string());
    let (zh, en) = (day.as_deref().unwrap_or("日期不详"), day.as_deref().unwrap_or("of no day that is told"));
    let (mut zh, mut en) = (
        format!("分子是台账所据文件中的数（{zh}），分母是登记册现在计入的单元数"),
        format!("the number is the document's ({en}), over the units that count in the record as it stands"),
    );
    if share.is_some_and(|share| share > 1.0) {
        zh.push_str("；超过 100 %，因为文件所数的单元有的现在不计入了");
        en.push_str("; it is above 100 %, since units that the document counted do not count now");
    }
    super::evidence::said(zh, en)
}

/// The line as JSON; `link` writes the address of records.
pub fn line_json(line: &Line, link: &dyn Fn(&Records) -> String) -> Value {
    let Line { indicator, outcome, claims } = line;
    let mut json = json!({
        "number": indicator.number(),
        "line": indicator.line,
        "name_zh": indicator.zh,
        "name_en": indicator.en,
        "unit": indicator.unit,
        "formula": indicator.formula.text(),
        "state": outcome.state,
        "value": outcome.value,
        "records": outcome.records.iter().map(link).collect::<Vec<_>>(),
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            json[name] = value;
        }
    };
    put("qualifier", outcome.qualifier.as_ref().map(|word| json!(word)));
    put("missing", outcome.missing.as_ref().map(|missing| json!(missing)));
    put("notes", (!outcome.notes.is_empty()).then(|| json!(outcome.notes)));
    put("parts", (!outcome.parts.is_empty()).then(|| json!(outcome.parts)));
    put("as_of", outcome.as_of.map(|day| json!(day)));
    put("standing_on", outcome.stock_on.map(|day| json!(day)));
    put("period", outcome.period.map(|(from, to)| json!({"from": from, "to": to})));
    put("sources", (!outcome.sources.is_empty()).then(|| json!(outcome.sources)));
    put("claims", (!claims.is_empty()).then(|| json!(claims)));
    put("demo", outcome.demo.then(|| json!(true)));
    json
}
