//! Claims: figures that were published about an indicator. They stand beside the record and never in it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields::FieldFault;
use super::kept::{Kept, KeptField, Sort};
use super::programme::QUALIFIERS;
use super::{Entity, Text, Vocabulary, indicator};

/// One published figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub id: Uuid,
    pub version: i64,
    pub region: Text,
    /// The line of the report, such as `16b`.
    pub indicator: Text,
    /// In the indicator's unit; a share is from 0 to 1.
    pub value: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    #[serde(default)]
    pub demo: bool,
}

const FIELDS: [KeptField; 7] = [
    KeptField::needed("region", "地区", "Region", Sort::Text(64)),
    KeptField::needed("indicator", "指标", "Indicator", Sort::Text(8)),
    KeptField::needed("value", "数值", "Value", Sort::Number),
    KeptField::free("qualifier", "约数", "Qualifier", Sort::Word(&QUALIFIERS)),
    KeptField::free("source", "来源", "Source", Sort::Text(300)),
    KeptField::free("as_of", "截至", "As of", Sort::Date),
    KeptField::free("demo", "演示", "Demo", Sort::Flag),
];

impl Kept for Claim {
    const ENTITY: Entity = Entity::Claim;
    const FIELDS: &'static [KeptField] = &FIELDS;
    const KEY: &'static [&'static str] = &["region", "indicator", "as_of", "source"];

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
        if indicator::of_line(&self.indicator).is_some() {
            return Vec::new();
        }
        let detail = format!("the report has no line \"{}\"; see /api/v1/indicators", self.indicator);
        vec![FieldFault { field: "indicator".to_owned(), detail }]
    }
}
