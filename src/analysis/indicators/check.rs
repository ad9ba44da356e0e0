//! Checks: figures that must add up, and whether they do.

use serde::Serialize;

use super::{Line, ledger};
use crate::analysis::evidence::{Evidence, Said, by_child, said};
use crate::care::indicator::{Check, Formula, table};

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    AddsUp,
    DoesNot,
    /// Not all numbers are known.
    NotChecked,
}

impl Verdict {
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Verdict::AddsUp => ("相符", "adds up"),
            Verdict::DoesNot => ("不符", "does not add up"),
            Verdict::NotChecked => ("未核对", "not checked"),
        }
    }
}

/// One check of one report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    #[serde(flatten)]
    pub name: Said,
    pub verdict: Verdict,
    /// The whole as it was told.
    pub whole: Option<f64>,
    /// What its parts come to.
    pub parts: Option<f64>,
    /// whole − parts.
    pub difference: Option<f64>,
    pub tolerance: f64,
    /// The numbers, as they were put together.
    pub shown: Said,
}

/// All checks of which something is known.
pub fn all(evidence: &Evidence, lines: &[Line]) -> Vec<Checked> {
    let told = table().checks.iter().filter_map(|check| told(evidence, lines, check));
    told.chain([below(evidence, lines)]).collect()
}

fn term(evidence: &Evidence, lines: &[Line], term: &str) -> Option<f64> {
    if term.contains('.') {
        return ledger::figure(evidence, term, None, false).value;
    }
    lines.iter().find(|line| *line.indicator.line == *term)?.outcome.value
}

fn told(evidence: &Evidence, lines: &[Line], check: &Check) -> Option<Checked> {
    let whole = term(evidence, lines, &check.whole);
    let parts: Vec<Option<f64>> = check.parts.iter().map(|part| term(evidence, lines, part)).collect();
    let known = whole.is_some() && parts.iter().any(Option::is_some);
    if !known {
        return None;
    }
    let all: Option<Vec<f64>> = parts.iter().copied().collect();
    let sum = all.as_ref().and_then(|parts| match (check.quotient, parts.as_slice()) {
        (false, parts) => Some(parts.iter().sum::<f64>()),
        (true, [of, by]) if *by != 0.0 => Some(of / by),
        (true, _) => None,
    });
    let difference = whole.zip(sum).map(|(whole, sum)| whole - sum);
    // Sums of decimals are not exact in binary.
    let fits = |difference: f64| difference.abs() <= check.tolerance + 1e-6;
    let verdict = match difference {
        None => Verdict::NotChecked,
        Some(difference) if fits(difference) => Verdict::AddsUp,
        Some(_) => Verdict::DoesNot,
    };
    let number = |number: &Option<f64>| number.map_or("?".to_owned(), |number| number.to_string());
    let sign = if check.quotient { " ÷ " } else { " + " };
    let joined = parts.iter().map(number).collect::<Vec<_>>().join(sign);
    let result = sum.map_or(String::new(), |sum| format!(" = {}", (sum * 100.0).round() / 100.0));
    let shown = format!("{joined}{result}; {}", number(&whole));
    let left = difference.filter(|_| verdict == Verdict::DoesNot);
    Some(Checked {
        name: said(&*check.zh, &*check.en),
        verdict,
        whole,
        parts: sum,
        difference,
        tolerance: check.tolerance,
        shown: match left {
            Some(left) => said(format!("{shown}，差 {left} 没有说明"), format!("{shown}, {left} not explained")),
            None => said(&*shown, &*shown),
        },
    })
}

/// Whether every count of facilities is the sum of those of the regions below, each found by the chain of parents.
fn below(evidence: &Evidence, lines: &[Line]) -> Checked {
    let (mut whole, mut parts, mut wrong, mut lines_checked) = (0.0, 0.0, Vec::new(), 0);
    for line in lines {
        let (Formula::Count(pick), Some(value)) = (&line.indicator.formula, line.outcome.value) else { continue };
        let entries = evidence.matching(&super::count::filter(evidence, pick));
        let sum: u32 = by_child(evidence, &entries).values().sum();
        if f64::from(sum) != value {
            wrong.push(format!("#{}", line.indicator.line));
        }
        (whole, parts, lines_checked) = (whole + value, parts + f64::from(sum), lines_checked + 1);
    }
    let shown = match wrong.is_empty() {
        true => said(format!("{lines_checked} 项全部相符"), format!("all {lines_checked} lines")),
        false => said(format!("不符：{}", wrong.join("、")), format!("not so: {}", wrong.join(", "))),
    };
    Checked {
        name: said("机构数等于下级各地区之和", "Counts of facilities are the sums of the regions below"),
        verdict: if wrong.is_empty() { Verdict::AddsUp } else { Verdict::DoesNot },
        whole: Some(whole),
        parts: Some(parts),
        difference: Some(whole - parts),
        tolerance: 0.0,
        shown,
    }
}
