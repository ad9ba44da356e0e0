//! Standards of distance: how near is near enough, as data with a source that a bureau can replace.

use serde::{Deserialize, Serialize};

use super::Text;

/// The standards that come with the program.
const SHIPPED: &str = include_str!("../../seed/standards.toml");

/// One standard: a distance, or minutes of walking at a speed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    pub code: Text,
    pub name_zh: Text,
    pub name_en: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metres: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
    /// Metres a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_m_s: Option<f64>,
    /// The kinds that the standard is about, where a question names none; empty: whichever are asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Text>,
    /// Where the figure comes from.
    pub source: Text,
    /// Whether the figure was read in the source itself.
    pub confirmed: bool,
}

impl Standard {
    /// The straight line, in metres, that keeps the standard where ways are `detour` times as long as straight lines.
    pub fn within_m(&self, detour: f64) -> f64 {
        let way = match (self.metres, self.minutes, self.speed_m_s) {
            (Some(metres), ..) => metres,
            (None, minutes, speed) => walk_m(minutes.unwrap_or(0.0), speed.unwrap_or(0.0)),
        };
        straight_m(way, detour)
    }
}

/// How far one walks, in metres, in so many minutes at so many metres a second.
pub fn walk_m(minutes: f64, speed_m_s: f64) -> f64 {
    minutes * 60.0 * speed_m_s
}

/// The straight line, in metres, under a way that is `detour` (1 or more) times as long.
pub fn straight_m(way_m: f64, detour: f64) -> f64 {
    way_m / detour
}

/// All standards of a registry, and what there is to choose from beside them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standards {
    pub speeds_m_s: Vec<f64>,
    pub default_speed_m_s: f64,
    pub detours: Vec<f64>,
    /// The upper ends of the bands in which distances are counted, in metres, ascending.
    pub bands_m: Vec<f64>,
    #[serde(rename = "standard")]
    pub list: Vec<Standard>,
}

impl Standards {
    pub fn shipped() -> Standards {
        // cannot fail: a test reads the same text.
        Standards::read(SHIPPED).expect("the standards that come with the program")
    }

    /// Reads a file of standards; the error says what is wrong with it.
    pub fn read(text: &str) -> Result<Standards, String> {
        let standards: Standards = toml::from_str(text).map_err(|error| error.to_string())?;
        let positive = |number: f64| number.is_finite() && number > 0.0;
        for (at, one) in standards.list.iter().enumerate() {
            let wrong = |what: &str| Err(format!("standard \"{}\": {what}", one.code));
            let told = (one.metres, one.minutes, one.speed_m_s);
            if !matches!(told, (Some(_), None, None) | (None, Some(_), Some(_))) {
                return wrong("needs either metres, or minutes and speed_m_s");
            }
            if !positive(one.within_m(1.0)) {
                return wrong("its figures must be above 0");
            }
            if one.code.is_empty() || standards.list[..at].iter().any(|other| other.code == one.code) {
                return wrong("needs a code of its own");
            }
        }
        let ascending = standards.bands_m.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || !standards.bands_m.iter().all(|band| positive(*band)) {
            return Err("bands_m: metres above 0, ascending".to_owned());
        }
        let speeds = [standards.speeds_m_s.as_slice(), &[standards.default_speed_m_s]].concat();
        if !speeds.into_iter().all(positive) || !standards.detours.iter().all(|detour| (1.0..=5.0).contains(detour)) {
            return Err("speeds_m_s must be above 0, and detours from 1 to 5".to_owned());
        }
        Ok(standards)
    }

    pub fn get(&self, code: &str) -> Option<&Standard> {
        self.list.iter().find(|standard| &*standard.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_minutes_at_each_speed_are_so_many_metres_and_a_detour_shortens_them() {
        let standards = Standards::shipped();
        let within = |code: &str, detour| standards.get(code).expect(code).within_m(detour);
        for (speed, metres) in [("0.6", 540.0), ("0.8", 720.0), ("1.0", 900.0), ("1.2", 1080.0)] {
            assert!((within(&format!("15min_{speed}"), 1.0) - metres).abs() < 1e-9, "{speed}");
        }
        assert_eq!(["300m", "500m", "700m", "1000m"].map(|code| within(code, 1.0)), [300.0, 500.0, 700.0, 1000.0]);
        assert!((within("15min_0.8", 1.25) - 576.0).abs() < 1e-9);
        assert!((within("1000m", 1.25) - 800.0).abs() < 1e-9);
    }

    #[test]
    fn every_standard_cites_a_source() {
        assert!(Standards::shipped().list.iter().all(|standard| standard.source.chars().count() > 10));
    }

    #[test]
    fn a_file_of_standards_that_makes_no_sense_is_refused_with_the_reason() {
        let with = |old: &str, new: &str| Standards::read(&SHIPPED.replacen(old, new, 1));
        assert!(with("metres = 300", "metres = 300\nminutes = 5").is_err_and(|why| why.contains("either")));
        assert!(with("metres = 300", "metres = -1").is_err_and(|why| why.contains("above 0")));
        assert!(with("\"500m\"", "\"300m\"").is_err_and(|why| why.contains("code")));
        assert!(with("bands_m = [300, 500", "bands_m = [500, 300").is_err_and(|why| why.contains("bands_m")));
        assert!(with("detours = [1.0", "detours = [0.5").is_err_and(|why| why.contains("detours")));
        assert!(with("source = ", "sauce = ").is_err());
    }
}
