//! Bed targets: how many beds a thousand old people a plan asks for. The figures are others'; each says whose.

use serde::Serialize;

use crate::care::{Text, Weight};

/// A published figure.
#[derive(Debug, PartialEq)]
pub struct Preset {
    pub code: &'static str,
    pub per_1000: f64,
    /// Whose number it is counted on: `60+` or `65+`.
    pub base: &'static str,
    pub name_zh: &'static str,
    pub name_en: &'static str,
    pub source: &'static str,
}

/// The measure that all presets speak of.
pub const MEASURE: &str = "beds";

pub const PRESETS: [Preset; 4] = [
    Preset {
        code: "cn-2015",
        per_1000: 30.0,
        base: "60+",
        name_zh: "国家规划 2015 年",
        name_en: "China's plan for 2015",
        source: "China, plan of a system of social care for the old 2011-2015: 30 beds per 1,000 people aged 60 and over",
    },
    Preset {
        code: "cn-2020",
        per_1000: 35.0,
        base: "60+",
        name_zh: "国家规划 2020 年（下限）",
        name_en: "China's plan for 2020, lower end",
        source: "China, State Council 2013 on services for the old: 35 to 40 beds per 1,000 people aged 60 and over by 2020",
    },
    Preset {
        code: "cn-2020-high",
        per_1000: 40.0,
        base: "60+",
        name_zh: "国家规划 2020 年（上限）",
        name_en: "China's plan for 2020, upper end",
        source: "China, State Council 2013 on services for the old: 35 to 40 beds per 1,000 people aged 60 and over by 2020",
    },
    Preset {
        code: "oecd-2021",
        per_1000: 46.0,
        base: "65+",
        name_zh: "经合组织 2021 年平均",
        name_en: "OECD average 2021",
        source: "OECD, Health at a Glance 2023: 46 long-term care beds per 1,000 people aged 65 and over in 2021",
    },
];

/// A target that capacity is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BedTarget {
    /// Capacity per 1,000 people.
    pub per_1000: f64,
    pub preset: Option<&'static Preset>,
}

impl BedTarget {
    /// A preset by its code, or a number of its own from above 0 to 1,000.
    pub fn read(text: &str) -> Option<BedTarget> {
        if let Some(preset) = PRESETS.iter().find(|preset| preset.code == text) {
            return Some(BedTarget { per_1000: preset.per_1000, preset: Some(preset) });
        }
        let per_1000 = text.parse().ok().filter(|number| *number > 0.0 && *number <= 1000.0)?;
        Some(BedTarget { per_1000, preset: None })
    }

    /// What `people` lack of the target: `per_1000 / 1000 · people - reached`. Negative is surplus.
    pub fn gap(&self, people: f64, reached: f64) -> f64 {
        self.per_1000 / 1000.0 * people - reached
    }

    /// As it is told, beside whose number was counted.
    pub fn told(&self, measure: &Text, weight: &Weight) -> TargetTold {
        let counted: Text = match weight {
            Weight::Aged60 => "60+".into(),
            Weight::Aged80 => "80+".into(),
            Weight::Total => "all".into(),
            Weight::Group(code) => code.clone(),
        };
        TargetTold {
            per_1000: self.per_1000,
            measure: measure.clone(),
            preset: self.preset.map(|preset| preset.code),
            source: self.preset.map(|preset| preset.source),
            base: self.preset.map(|preset| preset.base),
            same_base: self.preset.map(|preset| *preset.base == *counted),
            counted,
        }
    }
}

/// A target in an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetTold {
    pub per_1000: f64,
    pub measure: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// Whose number the source counts on; `None` for a number of the asker's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<&'static str>,
    /// Whose number this answer counts on. Where the two differ, so do the gaps.
    pub counted: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_base: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_preset_or_a_number_and_says_whose_base_it_has() {
        let oecd = BedTarget::read("oecd-2021").expect("a preset").told(&"beds".into(), &Weight::Aged60);
        assert_eq!((oecd.base, &*oecd.counted, oecd.same_base), (Some("65+"), "60+", Some(false)));
        let own = BedTarget::read("33.5").expect("a number");
        assert_eq!((own.per_1000, own.told(&"beds".into(), &Weight::Aged60).same_base), (33.5, None));
        assert_eq!(own.gap(2000.0, 70.0), -3.0);
        for text in ["", "0", "-1", "NaN", "inf", "1001", "oecd"] {
            assert_eq!(BedTarget::read(text), None, "{text}");
        }
    }
}
