//! Cells: one value of a file, and how it is read as text, number, date or list.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, SubsecRound, Utc};

use super::{Findings, number};
use crate::care::Text;
pub use crate::care::clean::clean_text as clean;
use crate::care::clean::{clean_code, clean_lines, control_character, fold_width, is_no_code, is_rounded_code};
use crate::care::kind::nearest_word;
use crate::care::limits;

/// One cell, with where it stands. Its text is clean; an empty cell is never read.
#[derive(Debug, Clone)]
pub struct Cell<'a> {
    pub row: u64,
    /// Our name of the column.
    pub column: &'a str,
    pub text: Cow<'a, str>,
}

const DATE: &str = "a date written YYYY-MM-DD, such as 2024-06-30";
const COUNT: &str = "a whole number in digits alone, such as 120; empty when it is not known";
const NUMBER: &str = "a number in digits alone, such as 4869 or 0.376; empty when it is not known";
const AMOUNT: &str = "an amount in digits alone, such as 2800 or 12.50; empty when it is not known";

impl<'a> Cell<'a> {
    pub fn new(row: u64, column: &'a str, text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell { row, column, text: text.into() }
    }

    /// One line of text of at most `longest` characters.
    pub fn text(&self, longest: usize, findings: &mut Findings) -> Option<Text> {
        let text = self.prose(longest, findings)?;
        let broken = text.contains(['\n', '\r', '\t']);
        Some(if broken { text.split_whitespace().collect::<Vec<_>>().join(" ").into() } else { text })
    }

    /// A code: plain letters and digits, whatever a spreadsheet put around it.
    pub fn code(&self, longest: usize, findings: &mut Findings) -> Option<Text> {
        let code = clean_code(&self.text);
        if is_no_code(&code) {
            let problem = format!("{code} is no code; the cell is taken for empty");
            findings.warning(self, "no_code", problem, "the code, or an empty cell");
            return None;
        }
        if is_rounded_code(&code) {
            let expected = "the code as text: a spreadsheet took it for a number and its last digits are lost";
            findings.error(self, "precision_lost", "a rounded number, not a code", expected);
            return None;
        }
        let digits = code.len() > 15 && code.bytes().all(|b| b.is_ascii_digit());
        if digits && code[15..].bytes().all(|b| b == b'0') {
            let expected = "the code as text; a spreadsheet keeps the first 15 digits of a number";
            findings.warning(self, "precision_lost", "the digits after the 15th are all 0", expected);
        } else if code != self.text {
            findings.warning(self, "code_format", format!("read as {code}"), "the code alone, as text");
        }
        Cell::new(self.row, self.column, code).text(longest, findings)
    }

    /// Text that may have several lines.
    pub fn prose(&self, longest: usize, findings: &mut Findings) -> Option<Text> {
        let text = &*self.text;
        if let Some(c) = control_character(text) {
            let problem = format!("a control character (U+{:04X}) in the text", c as u32);
            findings.error(self, "control_character", problem, "text that can be seen");
            return None;
        }
        let length = text.chars().count();
        if text.contains('\u{fffd}') {
            let problem = "the text was damaged before it came here (\u{fffd})";
            findings.warning(self, "damaged_text", problem, "the text whole");
        }
        if length > longest {
            let expected = format!("at most {longest} characters");
            findings.error(self, "too_long", format!("{length} characters"), expected);
            return None;
        }
        Some(text.into())
    }

    pub fn count(&self, findings: &mut Findings) -> Option<u32> {
        let digits = self.digits(findings);
        // A spreadsheet may write 120 as 120.0.
        let whole =
            digits.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0')).map_or(&*digits, |(n, _)| n);
        match whole.parse::<i64>() {
            Ok(n) if n < 0 => findings.error(self, "negative", "a number below zero", COUNT),
            Ok(n) => match i32::try_from(n) {
                // The record counts in 32 bits.
                Ok(_) => return u32::try_from(n).ok(),
                Err(_) => findings.error(self, "too_large", "a number that cannot be meant", COUNT),
            },
            Err(_) => self.no_number("not a whole number", COUNT, findings),
        }
        None
    }

    /// A sum of money.
    pub fn amount(&self, findings: &mut Findings) -> Option<f64> {
        let digits = self.digits(findings);
        match decimal(&digits) {
            Some(amount) if amount < 0.0 => findings.error(self, "negative", "an amount below zero", AMOUNT),
            Some(amount) if amount > limits::HIGHEST_PRICE => {
                findings.error(self, "too_large", "an amount that cannot be meant", AMOUNT)
            }
            Some(amount) => return Some(amount),
            None => self.no_number("not an amount", AMOUNT, findings),
        }
        None
    }

    /// A number from 0 up, of whatever is counted.
    pub fn number(&self, findings: &mut Findings) -> Option<f64> {
        let digits = self.digits(findings);
        let number = decimal(&digits);
        match number {
            Some(number) if number < 0.0 => findings.error(self, "negative", "a number below zero", NUMBER),
            Some(number) => return Some(number),
            None => self.no_number("not a number", NUMBER, findings),
        }
        None
    }

    pub fn date(&self, findings: &mut Findings) -> Option<NaiveDate> {
        let text = fold(&self.text);
        if let Some(date) = iso_date(&text) {
            return self.in_our_time(date, findings);
        }
        let dashed = text.replace(['/', '.', '年', '月'], "-");
        if let Some(date) = iso_date(dashed.trim_end_matches('日')) {
            findings.warning(self, "date_format", format!("read as {date}"), DATE);
            return self.in_our_time(date, findings);
        }
        let parts: Vec<&str> = text.split('-').collect();
        let dated =
            parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if dated && parts[0].len() == 4 {
            findings.error(self, "impossible_date", "there is no such day", DATE);
        } else if let Some(meant) = spreadsheet_day(&text) {
            let expected = format!("{DATE}; as a spreadsheet's day number this would be {meant}");
            findings.error(self, "not_a_date", "a number, not a date", expected);
        } else {
            findings.error(self, "not_a_date", "not a date with year, month and day", DATE);
        }
        None
    }

    /// A date or a time with its zone; a date alone is its first moment in UTC. To the microsecond, as the record keeps it.
    pub fn moment(&self, findings: &mut Findings) -> Option<DateTime<Utc>> {
        match DateTime::parse_from_rfc3339(&self.text) {
            Ok(moment) => self.in_our_time(moment.date_naive(), findings).map(|_| moment.to_utc().trunc_subsecs(6)),
            Err(_) => self.date(findings).map(|date| date.and_time(NaiveTime::MIN).and_utc()),
        }
    }

    fn in_our_time(&self, date: NaiveDate, findings: &mut Findings) -> Option<NaiveDate> {
        if limits::YEARS.contains(&date.year()) {
            return Some(date);
        }
        findings.error(self, "impossible_date", "a year that cannot be meant", DATE);
        None
    }

    pub fn flag(&self, findings: &mut Findings) -> Option<bool> {
        match fold(&self.text).to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" | "是" => Some(true),
            "false" | "no" | "0" | "否" => Some(false),
            _ => {
                findings.error(self, "not_a_flag", "neither yes nor no", "true or false");
                None
            }
        }
    }

    /// Says that this is none of the words known, and which it may have been.
    pub fn unknown<'w>(
        &self,
        code: &'static str,
        words: impl Iterator<Item = &'w str> + Clone,
        findings: &mut Findings,
    ) {
        let expected = match nearest_word(&self.text, words.clone()) {
            Some(word) => format!("perhaps \"{word}\""),
            None => {
                let mut some: Vec<&str> = words.take(13).collect();
                if some.len() == 13 {
                    some[12] = "…";
                }
                format!("one of: {}", some.join(", "))
            }
        };
        findings.error(self, code, "not known here", expected);
    }

    /// The number as it should have been written, with a warning where it was not.
    fn digits(&self, findings: &mut Findings) -> Cow<'_, str> {
        if self.text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Cow::Borrowed(&self.text);
        }
        let folded = fold(&self.text);
        let Ok(written) = number::read(&folded) else { return folded.into() };
        if let Some(about) = written.about {
            let problem = format!("read as {}; the cell says that it is not exact ({about})", written.digits);
            findings.warning(self, "not_exact", problem, "the exact number where it is known");
        } else if written.digits != *self.text {
            let problem = format!("read as {}", written.digits);
            findings.warning(self, "number_format", problem, "digits alone, without separators and units");
        }
        written.digits.into()
    }

    /// Says why this is no number, and which number it holds if there is just one.
    fn no_number(&self, problem: &'static str, expected: &'static str, findings: &mut Findings) {
        let folded = fold(&self.text);
        let why = number::read(&folded).err().and_then(number::NoNumber::said).unwrap_or(problem);
        match number::hint(&folded) {
            Some(number) => findings.error(self, "not_a_number", why, format!("{expected}; perhaps {number}")),
            None => findings.error(self, "not_a_number", why, expected),
        }
    }
}

/// A cell as it was meant: clean, and without what kept a spreadsheet from taking it for a formula or a number.
pub fn meant(text: &str) -> Cow<'_, str> {
    match clean_lines(text) {
        Cow::Borrowed(text) => without_formula(text),
        Cow::Owned(text) => Cow::Owned(without_formula(&text).into_owned()),
    }
}

/// What a formula of nothing but text (`="00123"`) shows, or the text behind the mark of one that is escaped.
fn without_formula(text: &str) -> Cow<'_, str> {
    let shown = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    match shown.filter(|shown| !shown.replace("\"\"", "").contains('"')) {
        Some(shown) => Cow::Owned(clean(&shown.replace("\"\"", "\"")).into_owned()),
        None => Cow::Borrowed(super::formula::unescape(text)),
    }
}

/// Full-width letters, digits and signs as their plain ones: １２０ is 120.
pub fn fold(text: &str) -> String {
    fold_width(text).into_owned()
}

/// A decimal number and nothing else; "NaN" and "inf" are words, not numbers.
pub fn decimal(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (number.is_finite() && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))).then_some(number)
}

fn iso_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.split('-').next().is_some_and(|y| y.len() == 4))
}

fn spreadsheet_day(text: &str) -> Option<NaiveDate> {
    let days: u64 = text.parse().ok().filter(|days| (10_000..80_000).contains(days))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}

#[cfg(test)]
mod tests;
