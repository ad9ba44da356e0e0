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
    fn hours_that_cannot_be_read_say_what_would_be_right() {
        let error = Hours::parse("from nine to five").expect_err("not an expression").to_string();
        assert!(error.contains("Mo-Fr 08:00-17:30"), "{error}");
        assert!(!error.contains('\n'));
    }
}
