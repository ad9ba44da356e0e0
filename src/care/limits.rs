//! Limits: how long a text may be and how many texts a list may hold; one table for the API, the forms and the files alike.
//!
//! What one way in takes, every other takes too: an export can always be imported. docs/limits.md shows this table.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

/// Days of these years can be told; others are slips of the pen.
pub const YEARS: RangeInclusive<i32> = 1800..=2200;

/// The day that a text tells, such as 2026-11-22, if it is of these years.
pub fn day(text: &str) -> Option<NaiveDate> {
    text.parse::<NaiveDate>().ok().filter(|day| YEARS.contains(&day.year()))
}

/// No price is higher, in CNY.
pub const HIGHEST_PRICE: f64 = 1e9;

/// No number of places is higher: the record counts in 32 bits.
pub const HIGHEST_COUNT: u32 = i32::MAX as u32;

/// The highest number of a measure that can be meant. No home has more beds than a town has people.
pub fn highest_of(measure: &str) -> u32 {
    if measure == "beds" { 100_000 } else { HIGHEST_COUNT }
}

/// How much one field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The field's name in the API and in files.
    pub field: &'static str,
    /// Characters (not bytes) of one text.
    pub characters: usize,
    /// How many texts, rows or parts; 1 for a field that is one text.
    pub count: usize,
}

const fn text(field: &'static str, characters: usize) -> Limit {
    Limit { field, characters, count: 1 }
}

const fn list(field: &'static str, count: usize, characters: usize) -> Limit {
    Limit { field, characters, count }
}

/// Every text that somebody can send and that is kept, or searched for. `hours` has rules of its own beside its length.
pub const LIMITS: [Limit; 36] = [
    // A facility.
    text("code", 64),
    text("name", 200),
    text("region", 64),
    text("address", 500),
    text("phone", 200),
    text("hours", 500),
    text("price_unit", 40),
    text("ownership", 100),
    text("operator", 200),
    text("uscc", 40),
    text("source", 300),
    text("note", 4000),
    list("services", 50, 60),
    list("tags", 50, 60),
    text("rating_issuer", 200),
    // How many licences and meals; their texts follow.
    list("licences", 200, 200),
    text("licence_number", 200),
    text("licence_issuer", 200),
    list("menu", 200, 200),
    list("dishes", 50, 200),
    // An inspection.
    list("inspection/agencies", 50, 100),
    text("inspection/note", 4000),
    list("inspection/findings", 100, 2000),
    text("finding/category", 60),
    text("finding/detail", 2000),
    text("finding/rectification", 2000),
    // A scenario.
    text("scenario/name", 200),
    text("scenario/note", 5000),
    // The region above another.
    text("region/code", 64),
    // What visitors, managers and reviewers say.
    text("correction/said", 1000),
    text("correction/phone", 40),
    text("request_note", 1000),
    text("reason", 500),
    // What is asked: the words of a search, any other parameter, and a parameter that is a list.
    text("q", 200),
    text("parameter", 2000),
    text("parameter/list", 40_000),
];

/// The limit of a field, by its name in the table; a name that is not there is a fault of the program and has the shortest.
pub fn of(field: &str) -> Limit {
    LIMITS.iter().copied().find(|limit| limit.field == field).unwrap_or(text("", 40))
}

impl Limit {
    /// Whether a text fits; else how long it is and how long it may be.
    pub fn check(&self, text: &str) -> Result<(), TooLong> {
        // Counting bytes first: most texts are far too short to count.
        if text.len() <= self.characters {
            return Ok(());
        }
        let held = text.chars().count();
        if held <= self.characters {
            Ok(())
        } else {
            Err(TooLong { of: Unit::Characters, held, most: self.characters })
        }
    }

    /// Whether so many fit.
    pub fn check_count(&self, held: usize) -> Result<(), TooLong> {
        if held <= self.count { Ok(()) } else { Err(TooLong { of: Unit::Items, held, most: self.count }) }
    }
}

/// Whether what is told of a field fits: a text, or a list and each text in it. What is of another type is refused elsewhere.
pub fn fits(field: &str, told: &Value) -> Result<(), String> {
    let limit = of(field);
    let named = |fault: TooLong| format!("{field} has {fault}");
    match told {
        Value::String(text) => limit.check(text.trim()).map_err(named),
        Value::Array(items) => {
            limit.check_count(items.len()).map_err(named)?;
            let mut texts = items.iter().filter_map(Value::as_str);
            texts.try_for_each(|text| limit.check(text.trim())).map_err(named)
        }
        _ => Ok(()),
    }
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Characters,
    Items,
}

/// More than a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    pub of: Unit,
    pub held: usize,
    pub most: usize,
}

impl TooLong {
    /// How much there is, such as "5000 characters".
    pub fn held(&self) -> String {
        format!("{} {}", self.held, self.unit())
    }

    /// How much there may be, such as "at most 200 characters".
    pub fn allowed(&self) -> String {
        format!("at most {} {}", self.most, self.unit())
    }

    fn unit(&self) -> &'static str {
        match self.of {
            Unit::Characters => "characters",
            Unit::Items => "items",
        }
    }

    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self.of {
            Unit::Characters => format!("有 {} 个字，最多 {} 个字", self.held, self.most),
            Unit::Items => format!("有 {} 项，最多 {} 项", self.held, self.most),
        }
    }
}

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {} are allowed", self.held(), self.allowed())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_measured_in_characters_and_the_fault_names_both_sizes() {
        assert_eq!(of("name").check(&"院".repeat(200)), Ok(()));
        let fault = of("name").check(&"院".repeat(201)).expect_err("one too many");
        assert_eq!(fault.to_string(), "201 characters; at most 200 characters are allowed");
        assert_eq!(of("tags").check_count(51).expect_err("one too many").zh(), "有 51 项，最多 50 项");
    }

    #[test]
    fn a_list_is_measured_and_so_is_each_text_in_it() {
        assert_eq!(fits("tags", &json!(vec!["x"; 50])), Ok(()));
        let many = fits("tags", &json!(vec!["x"; 5000])).expect_err("too many");
        assert_eq!(many, "tags has 5000 items; at most 50 items are allowed");
        let long = fits("tags", &json!(["x".repeat(61)])).expect_err("too long");
        assert_eq!(long, "tags has 61 characters; at most 60 characters are allowed");
        assert_eq!(fits("name", &json!(format!("{:300}x{:300}", "", ""))), Ok(()), "blanks around a text are not kept");
    }

    #[test]
    fn no_field_stands_twice_in_the_table() {
        for (at, limit) in LIMITS.iter().enumerate() {
            assert!(LIMITS[at + 1..].iter().all(|other| other.field != limit.field), "{}", limit.field);
        }
    }

    #[test]
    fn the_page_of_limits_shows_this_table() {
        let page = include_str!("../../docs/limits.md");
        let grouped = |number: usize| match (number / 1000, number % 1000) {
            (0, rest) => rest.to_string(),
            (thousands, rest) => format!("{thousands},{rest:03}"),
        };
        for limit in LIMITS {
            let row = format!("| `{}` | {} | {} |", limit.field, grouped(limit.characters), limit.count);
            assert!(page.contains(&row), "docs/limits.md lacks {row}");
        }
    }
}
