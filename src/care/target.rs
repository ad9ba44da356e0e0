//! Targets: what a region means to have built or done in a year, and what counts towards it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields::FieldFault;
use super::kept::{Kept, KeptField, Sort, is_code};
use super::kind::nearest_word;
use super::{Entity, Text, Vocabulary};

/// One target of one region for one year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub id: Uuid,
    /// Counts the writes to this row; its ETag.
    pub version: i64,
    pub region: Text,
    pub year: i32,
    /// What counts towards it: see [`PlanMeasure::of`].
    pub measure: Text,
    /// In the measure's unit. `None`: there is a target, but its number is not known; never 100 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    #[serde(default)]
    pub demo: bool,
}

/// How what was built is found in the record.
#[derive(Debug, Clone, PartialEq)]
pub enum Built {
    /// Added beds, all or those for nursing: those of sites built in the year, and dated increases elsewhere.
    BedsAdded { nursing: bool },
    /// Sites of these kinds whose `built_on` lies in the year, opened or not.
    Built(Vec<Text>),
    /// Sites of these kinds whose `opened_on` lies in the year and that serve now.
    Opened(Vec<Text>),
    /// A figure of the ledger: `programme.metric`.
    Ledger(Text),
}

/// What a target counts.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanMeasure {
    pub zh: String,
    pub en: String,
    /// 张, 家, or that of the ledger's figures.
    pub unit: &'static str,
    pub built: Built,
}

/// Measures with a name of their own: code, Chinese, English, unit.
pub const NAMED: [(&str, &str, &str, &str); 5] = [
    ("nursing_beds_added", "新增护理型床位", "Nursing beds added", "张"),
    ("beds_added", "新增床位", "Beds added", "张"),
    ("canteens_built", "建成幸福食堂", "Canteens built", "个"),
    ("meal_places_opened", "新增助餐场所", "Meal places opened", "个"),
    ("homes_opened", "新开养老机构", "Nursing homes opened", "家"),
];

impl PlanMeasure {
    /// The measure of this code: one of [`NAMED`]; `built.KIND` or `opened.KIND`; or a figure of the ledger,
    /// `PROGRAMME.METRIC`.
    pub fn of(code: &str, vocabulary: &Vocabulary) -> Option<PlanMeasure> {
        let kinds = |codes: &[&str]| codes.iter().map(|code| Text::from(*code)).collect::<Vec<_>>();
        let built = match code {
            "nursing_beds_added" => Some(Built::BedsAdded { nursing: true }),
            "beds_added" => Some(Built::BedsAdded { nursing: false }),
            "canteens_built" => Some(Built::Built(kinds(&["canteen"]))),
            "meal_places_opened" => Some(Built::Opened(kinds(&["canteen", "meal_point"]))),
            "homes_opened" => Some(Built::Opened(kinds(&["nursing_home"]))),
            _ => None,
        };
        if let Some(built) = built {
            let (_, zh, en, unit) = NAMED.iter().find(|named| named.0 == code)?;
            return Some(PlanMeasure { zh: (*zh).to_owned(), en: (*en).to_owned(), unit, built });
        }
        let (first, last) = code.split_once('.')?;
        match first {
            "built" | "opened" => {
                let kind = vocabulary.kind(last)?;
                let (zh, en) = if first == "built" { ("建成", "built") } else { ("新开", "opened") };
                Some(PlanMeasure {
                    zh: format!("{zh}{}", kind.name_zh),
                    en: format!("{}: {en}", kind.name_en),
                    unit: "个",
                    built: if first == "built" { Built::Built(kinds(&[last])) } else { Built::Opened(kinds(&[last])) },
                })
            }
            _ if is_code(first) && is_code(last) => {
                let metric = super::indicator::metric(code);
                Some(PlanMeasure {
                    zh: metric.map_or(code, |metric| &metric.zh).to_owned(),
                    en: metric.map_or(code, |metric| &metric.en).to_owned(),
                    unit: metric.map_or("", |metric| &metric.unit),
                    built: Built::Ledger(code.into()),
                })
            }
            _ => None,
        }
    }
}

const FIELDS: [KeptField; 7] = [
    KeptField::needed("region", "地区", "Region", Sort::Text(64)),
    KeptField::needed("year", "年份", "Year", Sort::Year),
    KeptField::needed("measure", "指标", "Measure", Sort::Text(80)),
    KeptField::free("planned", "计划数", "Planned", Sort::Number),
    KeptField::free("source", "来源", "Source", Sort::Text(300)),
    KeptField::free("note", "说明", "Note", Sort::Text(300)),
    KeptField::free("demo", "演示", "Demo", Sort::Flag),
];

impl Kept for Target {
    const ENTITY: Entity = Entity::Target;
    const FIELDS: &'static [KeptField] = &FIELDS;
    const KEY: &'static [&'static str] = &["region", "year", "measure"];

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

    fn faults(&self, vocabulary: &Vocabulary) -> Vec<FieldFault> {
        if PlanMeasure::of(&self.measure, vocabulary).is_some() {
            return Vec::new();
        }
        let near = nearest_word(&self.measure, NAMED.iter().map(|named| named.0));
        let near = near.map_or_else(String::new, |near| format!("; is it \"{near}\"?"));
        let known = "a named measure, built.KIND, opened.KIND, or PROGRAMME.METRIC of the ledger";
        let detail = format!("\"{}\" is not {known}{near}", self.measure);
        vec![FieldFault { field: "measure".to_owned(), detail }]
    }
}
