//! Claims beside computed values: equal, different, or not to be compared.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::outcome::Outcome;
use crate::analysis::evidence::{Evidence, Said};
use crate::care::indicator::Indicator;
use crate::care::programme::Bound;
use crate::care::{Claim, Text};

/// Whether a published figure and the record agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    Equal,
    Different,
    /// The record has no value to compare with.
    NotComputable,
}

impl Agreement {
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Agreement::Equal => ("一致", "equal"),
            Agreement::Different => ("不一致", "different"),
            Agreement::NotComputable => ("无法比较", "cannot be compared"),
        }
    }
}

/// One claim beside the computed value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    pub id: uuid::Uuid,
    pub value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    pub agreement: Agreement,
    /// The record's value on the day of the claim, with which it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub computed: Option<f64>,
    #[serde(skip)]
    pub notes: Vec<Said>,
}

/// The claims about a line for the region and the year, each beside the value on its own day; a claim without a day is of
/// any year and stands beside the value of the report.
pub fn compared(evidence: &Evidence, indicator: &Indicator, outcome: &Outcome) -> Vec<Compared> {
    let ours = |claim: &&Claim| {
        claim.region == evidence.region.code
            && claim.indicator == indicator.line
            && claim.as_of.is_none_or(|day| day.year() == evidence.year)
    };
    let (_, last) = evidence.span();
    // A claim speaks of its own day: what opened after it was no part of it.
    let on_its_day = |claim: &Claim| match claim.as_of.filter(|day| *day != last) {
        Some(day) if day > evidence.day => None,
        Some(day) => {
            let until = Evidence { until: Some(day), ..evidence.clone() };
            Some(super::outcome(&until, &indicator.formula))
        }
        None => Some(outcome.clone()),
    };
    let compare = |claim: &Claim| {
        let then = on_its_day(claim);
        let value = then.as_ref().and_then(|then| then.value);
        let notes = then.filter(|then| then.value != outcome.value).map_or_else(Vec::new, |then| then.notes);
        Compared {
            id: claim.id,
            value: claim.value,
            qualifier: claim.qualifier.clone(),
            as_of: claim.as_of,
            source: claim.source.clone(),
            agreement: match value {
                None => Agreement::NotComputable,
                Some(value) if agrees(value, claim.value, Bound::of(claim.qualifier.as_deref())) => Agreement::Equal,
                Some(_) => Agreement::Different,
            },
            computed: value,
            notes,
        }
    };
    evidence.ledger.claims.iter().filter(ours).map(compare).collect()
}

/// Half of the last decimal that is printed: 0.566 stands for 0.5655 to 0.5665, and 145 for 145 alone.
fn slack(printed: f64) -> f64 {
    let text = printed.to_string();
    match text.split_once('.') {
        Some((_, decimals)) => 0.5 * 10f64.powi(-i32::try_from(decimals.len()).unwrap_or(15)) + 1e-12,
        None => 1e-9,
    }
}

/// The unit of the last digit that is not 0: 1000 for 23000. What 余 leaves open is less than that.
fn grain(printed: f64) -> f64 {
    let mut grain = 1.0;
    while printed >= grain * 10.0 && printed % (grain * 10.0) == 0.0 {
        grain *= 10.0;
    }
    grain
}

/// Whether a value is what was printed. 余 and the like: not below, and less than one more of the last digit printed; 近: the
/// same downwards; 约: within one of the last digit printed. Own conventions; no standard defines these words.
fn agrees(value: f64, printed: f64, bound: Bound) -> bool {
    let (slack, grain) = (slack(printed), grain(printed));
    match bound {
        Bound::Exact => (value - printed).abs() <= slack,
        Bound::AtLeast => value >= printed - slack && value < printed + grain.max(1.0),
        Bound::AtMost => value <= printed + slack && value > printed - grain.max(1.0),
        Bound::About => (value - printed).abs() <= grain.max(slack),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_number_stands_for_what_rounds_to_it() {
        assert!(agrees(793.0 / 1401.0, 0.566, Bound::Exact));
        assert!(agrees(16.0 / 95.0, 0.168, Bound::Exact) && !agrees(16.0 / 109.0, 0.168, Bound::Exact));
        assert!(agrees(145.0, 145.0, Bound::Exact) && !agrees(146.0, 145.0, Bound::Exact));
    }

    #[test]
    fn more_than_four_thousand_is_four_thousand_and_something() {
        assert!(agrees(4000.0, 4000.0, Bound::AtLeast) && agrees(4999.0, 4000.0, Bound::AtLeast));
        assert!(!agrees(3999.0, 4000.0, Bound::AtLeast) && !agrees(5000.0, 4000.0, Bound::AtLeast));
        assert!(agrees(3990.0, 4000.0, Bound::AtMost) && !agrees(4001.0, 4000.0, Bound::AtMost));
    }
}
