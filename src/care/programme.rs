//! Programme figures: what a bureau does that is no facility, as a ledger. Home retrofits, visits, allowances.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields::FieldFault;
use super::kept::{Kept, KeptField, Sort, is_code, period_faults};
use super::{Entity, Text, Vocabulary};

/// Words that say how exact a printed number is. Kept as they are printed.
pub const QUALIFIERS: [&str; 6] = ["余", "多", "以上", "约", "近", "不足"];

/// Whether the true value is at least the printed one (余, 多, 以上), at most it (近, 不足), or about it (约).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    Exact,
    AtLeast,
    AtMost,
    About,
}

impl Bound {
    pub fn of(qualifier: Option<&str>) -> Bound {
        match qualifier {
            Some("余" | "多" | "以上") => Bound::AtLeast,
            Some("近" | "不足") => Bound::AtMost,
            Some("约") => Bound::About,
            _ => Bound::Exact,
        }
    }
}

/// What a figure counts over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// How many there are at `as_of`.
    Stock,
    /// How many in the period.
    Flow,
    /// How many from a start, mostly not told, to `as_of`.
    Cumulative,
}

impl Measured {
    pub const CODES: [&str; 3] = ["stock", "flow", "cumulative"];

    pub fn code(self) -> &'static str {
        match self {
            Measured::Stock => "stock",
            Measured::Flow => "flow",
            Measured::Cumulative => "cumulative",
        }
    }
}

/// One figure of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeFigure {
    pub id: Uuid,
    pub version: i64,
    pub region: Text,
    /// Code of the programme, such as `retrofit`.
    pub programme: Text,
    /// What is counted, such as `households`.
    pub metric: Text,
    pub value: f64,
    /// 户, 人, 人次, 元, or `share` (0 to 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// One of [`QUALIFIERS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<Text>,
    pub measure: Measured,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_to: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    #[serde(default)]
    pub demo: bool,
}

impl ProgrammeFigure {
    /// The day for which it speaks: the end of its period, or the day of which it is.
    pub fn day(&self) -> Option<NaiveDate> {
        match self.measure {
            Measured::Flow => self.period_to.or(self.as_of),
            Measured::Stock | Measured::Cumulative => self.as_of.or(self.period_to),
        }
    }

    /// `programme.metric`.
    pub fn code(&self) -> String {
        format!("{}.{}", self.programme, self.metric)
    }
}

const FIELDS: [KeptField; 12] = [
    KeptField::needed("region", "地区", "Region", Sort::Text(64)),
    KeptField::needed("programme", "项目", "Programme", Sort::Text(40)),
    KeptField::needed("metric", "指标", "Metric", Sort::Text(40)),
    KeptField::needed("value", "数值", "Value", Sort::Number),
    KeptField::free("unit", "单位", "Unit", Sort::Text(20)),
    KeptField::free("qualifier", "约数", "Qualifier", Sort::Word(&QUALIFIERS)),
    KeptField::needed("measure", "口径", "Measure", Sort::Word(&Measured::CODES)),
    KeptField::free("period_from", "起", "From", Sort::Date),
    KeptField::free("period_to", "止", "To", Sort::Date),
    KeptField::free("as_of", "截至", "As of", Sort::Date),
    KeptField::free("source", "来源", "Source", Sort::Text(300)),
    KeptField::free("demo", "演示", "Demo", Sort::Flag),
];

impl Kept for ProgrammeFigure {
    const ENTITY: Entity = Entity::Programme;
    const FIELDS: &'static [KeptField] = &FIELDS;
    const KEY: &'static [&'static str] =
        &["region", "programme", "metric", "measure", "period_from", "period_to", "as_of"];

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn set_version(&mut self, version: i64) {
        self.version = version;
    }

    fn region(&self) -> &Text {
        &self.region
    }

    fn faults(&self, _: &Vocabulary) -> Vec<FieldFault> {
        let mut faults = period_faults(self.period_from, self.period_to);
        let mut refuse = |field: &str, detail: &str| {
            faults.push(FieldFault { field: field.to_owned(), detail: detail.to_owned() });
        };
        for (field, code) in [("programme", &self.programme), ("metric", &self.metric)] {
            if !is_code(code) {
                refuse(field, "a code is made of small letters, digits and _, such as home_visit");
            }
        }
        if self.day().is_none() {
            match self.measure {
                Measured::Flow => refuse("period_to", "a flow needs the period in which it was, or as_of"),
                Measured::Stock | Measured::Cumulative => refuse("as_of", "needs the day for which it is true"),
            }
        }
        faults
    }
}
