//! Opening hours in OpenStreetMap's `opening_hours` syntax.

use std::fmt;

use chrono::NaiveDateTime;
use opening_hours::OpeningHours;

/// A parsed expression. Times are local to the facility.
#[derive(Clone)]
pub struct Hours(OpeningHours);

/// Why an expression could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("not an opening_hours expression, such as \"Mo-Fr 08:00-17:30\" or \"24/7\": {0}")]
pub struct BadHours(String);

impl Hours {
    pub fn parse(expression: &str) -> Result<Hours, BadHours> {
        expression.trim().parse::<OpeningHours>().map(Hours).map_err(|error| {
            // The parser's own message spans lines with a drawing of the place; one line is enough in a list of findings.
            BadHours(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
        })
    }

    /// The expression that somebody wrote as it should be, or as one writes it in Chinese: 周一至周五 08:00-17:30.
    pub fn in_words(text: &str) -> Option<String> {
        const WORDS: [(&str, &str); 24] = [
            ("全天24小时", "24/7"),
            ("24小时", "24/7"),
            ("全天", "24/7"),
            ("每天", "Mo-Su "),
            ("每日", "Mo-Su "),
            ("工作日", "Mo-Fr "),
            ("周末", "Sa-Su "),
            ("星期", "周"),
            ("周一", "Mo "),
            ("周二", "Tu "),
            ("周三", "We "),
            ("周四", "Th "),
            ("周五", "Fr "),
            ("周六", "Sa "),
            ("周日", "Su "),
            ("周天", "Su "),
            ("休息", "off"),
            ("至", "-"),
            ("到", "-"),
            ("—", "-"),
            ("–", "-"),
            ("：", ":"),
            ("；", ";"),
            ("，", ","),
        ];
        if Hours::parse(text).is_ok() {
            return Some(text.to_owned());
        }
        let mut said = WORDS.iter().fold(text.replace("、", ","), |said, (zh, osm)| said.replace(zh, osm));
        while said.contains("  ") {
            said = said.replace("  ", " ");
        }
        for (loose, tight) in [(" - ", "-"), (" -", "-"), ("- ", "-"), (" ,", ","), (" ;", ";")] {
            said = said.replace(loose, tight);
        }
        let said = said.trim().to_owned();
        Hours::parse(&said).is_ok().then_some(said)
    }

    /// Open (`Some(true)`), closed (`Some(false)`), or not said (`None`), at a local time.
    pub fn open_at(&self, local: NaiveDateTime) -> Option<bool> {
        let (kind, _) = self.0.state(local);
        match kind {
            opening_hours::RuleKind::Open => Some(true),
            opening_hours::RuleKind::Closed => Some(false),
            opening_hours::RuleKind::Unknown => None,
        }
    }

    /// When the state after `local` next changes; `None` when it never does.
    pub fn next_change(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        self.0.next_change(local)
    }
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hours({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().expect("a local time")
    }

    #[test]
    fn a_meal_point_is_open_at_lunch_and_closed_between_meals() {
        let hours = Hours::parse("Mo-Su 06:30-08:30,11:00-13:00").expect("valid");
        assert_eq!(hours.open_at(at("2026-11-20T12:00:00")), Some(true));
        assert_eq!(hours.open_at(at("2026-11-20T09:00:00")), Some(false));
        assert_eq!(hours.next_change(at("2026-11-20T09:00:00")), Some(at("2026-11-20T11:00:00")));
    }

    #[test]
    fn hours_may_be_told_as_one_writes_them() {
        for (said, osm) in [
            ("周一至周五 08:00-17:30", "Mo-Fr 08:00-17:30"),
            ("每天 10:30—13:00，16:30—18:00", "Mo-Su 10:30-13:00,16:30-18:00"),
            ("星期一到星期五 08:00-17:30；周六、周日休息", "Mo-Fr 08:00-17:30;Sa,Su off"),
            ("全天", "24/7"),
            ("Mo-Fr 08:00-12:00", "Mo-Fr 08:00-12:00"),
        ] {
            assert_eq!(Hours::in_words(said).as_deref(), Some(osm), "{said}");
        }
        assert_eq!(Hours::in_words("有事请打电话"), None);
    }

    #[test]
    fn hours_that_cannot_be_read_say_what_would_be_right() {
        let error = Hours::parse("from nine to five").expect_err("not an expression").to_string();
        assert!(error.contains("Mo-Fr 08:00-17:30"), "{error}");
        assert!(!error.contains('\n'));
    }
}
