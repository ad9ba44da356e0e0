//! Outcomes: what came of a formula, or why nothing came of it.

use chrono::NaiveDate;
use serde::Serialize;

use crate::analysis::evidence::{Records, Said, said};
use crate::care::Text;

/// Whether there is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Computed,
    /// The record cannot say: what it would need is not in it.
    NotComputable,
    /// The bureau has not told: no figure, or a target without a number.
    Unknown,
}

impl State {
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            State::Computed => ("已计算", "computed"),
            State::NotComputable => ("无法计算", "not computable"),
            State::Unknown => ("未登记", "not known"),
        }
    }
}

/// A number that a value is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    #[serde(flatten)]
    pub name: Said,
    pub value: f64,
}

/// What came of a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub state: State,
    pub value: Option<f64>,
    /// 余, 约 and the like, where the figures have it.
    pub qualifier: Option<Text>,
    /// What is missing, where there is no value.
    pub missing: Option<Said>,
    pub notes: Vec<Said>,
    pub parts: Vec<Part>,
    pub records: Vec<Records>,
    /// The day of a figure of the ledger.
    pub as_of: Option<NaiveDate>,
    /// Of a stock: the day that is over on which it is counted; `None` is the day of the record.
    pub stock_on: Option<NaiveDate>,
    /// Of a flow: its first and last day.
    pub period: Option<(NaiveDate, NaiveDate)>,
    pub sources: Vec<Text>,
    /// Something behind it was invented for demonstration.
    pub demo: bool,
}

impl Outcome {
    pub fn computed(value: f64) -> Outcome {
        Outcome {
            state: State::Computed,
            value: Some(value),
            qualifier: None,
            missing: None,
            notes: Vec::new(),
            parts: Vec::new(),
            records: Vec::new(),
            as_of: None,
            stock_on: None,
            period: None,
            sources: Vec::new(),
            demo: false,
        }
    }

    pub fn not_computable(missing: Said) -> Outcome {
        Outcome { state: State::NotComputable, value: None, missing: Some(missing), ..Outcome::computed(0.0) }
    }

    pub fn unknown(missing: Said) -> Outcome {
        Outcome { state: State::Unknown, ..Outcome::not_computable(missing) }
    }

    /// `of` over `among`, both kept as parts; not computable over nothing.
    pub fn ratio(of: (Said, f64), among: (Said, f64)) -> Outcome {
        let parts = vec![Part { name: of.0, value: of.1 }, Part { name: among.0.clone(), value: among.1 }];
        if among.1 == 0.0 {
            let missing =
                said(format!("没有可作分母的：{}", among.0.zh), format!("nothing to divide by: {}", among.0.en));
            return Outcome { parts, ..Outcome::not_computable(missing) };
        }
        Outcome { parts, ..Outcome::computed(of.1 / among.1) }
    }

    /// A flow of these days; none where the year has not begun.
    pub fn over(self, (from, to): (NaiveDate, NaiveDate)) -> Outcome {
        Outcome { period: (from <= to).then_some((from, to)), ..self }
    }
}
