//! Cells: one value of a file, and how it is read as text, number, date or list.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, SubsecRound, Utc};

use super::Findings;
use crate::care::Text;
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

    /// Text that may have several lines.
    pub fn prose(&self, longest: usize, findings: &mut Findings) -> Option<Text> {
        let text = &*self.text;
        let (mut length, mut damaged) = (0, false);
        for c in text.chars() {
            if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
                let problem = format!("a control character (U+{:04X}) in the text", c as u32);
                findings.error(self, "control_character", problem, "text that can be seen");
                return None;
            }
            length += 1;
            damaged |= c == '\u{fffd}';
        }
        if damaged {
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
            Err(_) => findings.error(self, "not_a_number", "not a whole number", hint(&digits, COUNT)),
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
            None => findings.error(self, "not_a_number", "not an amount", hint(&digits, AMOUNT)),
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
            None => findings.error(self, "not_a_number", "not a number", hint(&digits, NUMBER)),
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
        if self.text.is_ascii() && !self.text.contains(',') {
            return Cow::Borrowed(&self.text);
        }
        let folded = fold(&self.text);
        let plain = without_separators(&folded);
        if plain != *self.text {
            findings.warning(self, "number_format", format!("read as {plain}"), "digits alone, without separators");
        }
        plain.into()
    }
}

/// Trimmed, and without the characters of no width that spreadsheets and web pages leave behind.
pub fn clean(text: &str) -> Cow<'_, str> {
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    // All of them begin with one of two bytes, which is faster to look for.
    if !text.bytes().any(|byte| matches!(byte, 0xe2 | 0xef)) || !text.contains(invisible) {
        return Cow::Borrowed(text.trim());
    }
    Cow::Owned(text.replace(invisible, "").trim().to_owned())
}

/// A cell as it was meant: clean, and without the mark that kept a spreadsheet from taking it for a formula.
pub fn meant(text: &str) -> Cow<'_, str> {
    match clean(text) {
        Cow::Borrowed(text) => Cow::Borrowed(super::formula::unescape(text)),
        Cow::Owned(text) => Cow::Owned(super::formula::unescape(&text).to_owned()),
    }
}

/// Full-width letters, digits and signs as their plain ones: １２０ is 120.
pub fn fold(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            c => c,
        })
        .collect()
}

/// A decimal number and nothing else; "NaN" and "inf" are words, not numbers.
pub fn decimal(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (number.is_finite() && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))).then_some(number)
}

/// 1,200 is 1200; 1,20 stays as it is.
fn without_separators(text: &str) -> String {
    let mut groups = text.split('.').next().unwrap_or_default().split(',');
    let first = groups.next().unwrap_or_default().trim_start_matches('-');
    let three = |group: &str| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
    let grouped = (1..=3).contains(&first.len()) && groups.all(three);
    if grouped { text.replace(',', "") } else { text.to_owned() }
}

/// What would be right, and the number in the cell if there is just one.
fn hint(text: &str, expected: &'static str) -> Cow<'static, str> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|part| decimal(part).is_some());
    match (numbers.next(), numbers.next()) {
        (Some(number), None) if number.len() < text.len() => format!("{expected}; perhaps {number}").into(),
        _ => expected.into(),
    }
}

fn iso_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.split('-').next().is_some_and(|y| y.len() == 4))
}

fn spreadsheet_day(text: &str) -> Option<NaiveDate> {
    let days: u64 = text.parse().ok().filter(|days| (10_000..80_000).contains(days))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(text: &str, read: impl Fn(&Cell<'_>, &mut Findings) -> Option<T>) -> (Option<T>, Vec<&'static str>) {
        let mut findings = Findings::default();
        let value = read(&Cell::new(2, "x", clean(text)), &mut findings);
        (value, findings.into_sorted().iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn counts_are_read_from_digits_of_any_width() {
        assert_eq!(read("120", |cell, f| cell.count(f)), (Some(120), vec![]));
        assert_eq!(read("0", |cell, f| cell.count(f)), (Some(0), vec![]));
        assert_eq!(read("120.0", |cell, f| cell.count(f)), (Some(120), vec![]));
        assert_eq!(read("１２０", |cell, f| cell.count(f)), (Some(120), vec!["number_format"]));
        assert_eq!(read("1,200", |cell, f| cell.count(f)), (Some(1200), vec!["number_format"]));
    }

    #[test]
    fn what_is_no_count_says_why() {
        for (text, code) in [
            ("120张", "not_a_number"),
            ("十二", "not_a_number"),
            ("30-50", "not_a_number"),
            ("12.5", "not_a_number"),
            ("1,20", "not_a_number"),
            ("-3", "negative"),
            ("3000000000", "too_large"),
            ("99999999999999999999", "not_a_number"),
            ("1e3", "not_a_number"),
        ] {
            assert_eq!(read(text, |cell, f| cell.count(f)), (None, vec![code]), "{text}");
        }
        let mut findings = Findings::default();
        Cell::new(2, "beds_total", "120张").count(&mut findings);
        assert!(findings.into_sorted()[0].expected.contains("perhaps 120"));
    }

    #[test]
    fn amounts_are_finite_and_not_negative() {
        assert_eq!(read("2800.50", |cell, f| cell.amount(f)), (Some(2800.5), vec![]));
        for (text, code) in
            [("NaN", "not_a_number"), ("inf", "not_a_number"), ("面议", "not_a_number"), ("-1", "negative")]
        {
            assert_eq!(read(text, |cell, f| cell.amount(f)), (None, vec![code]), "{text}");
        }
    }

    #[test]
    fn dates_are_days_that_exist() {
        let day = NaiveDate::from_ymd_opt(2024, 6, 30);
        assert_eq!(read("2024-06-30", |cell, f| cell.date(f)), (day, vec![]));
        for text in ["2024/06/30", "2024/6/30", "2024.6.30", "2024年6月30日"] {
            assert_eq!(read(text, |cell, f| cell.date(f)), (day, vec!["date_format"]), "{text}");
        }
        for (text, code) in [
            ("2024-02-30", "impossible_date"),
            ("2024-13-01", "impossible_date"),
            ("0024-01-01", "impossible_date"),
            ("45292", "not_a_date"),
            ("2024年6月", "not_a_date"),
            ("30/06/2024", "not_a_date"),
            ("tomorrow", "not_a_date"),
            ("+12024-01-01", "not_a_date"),
        ] {
            assert_eq!(read(text, |cell, f| cell.date(f)), (None, vec![code]), "{text}");
        }
    }

    #[test]
    fn text_is_whole_and_can_be_seen() {
        assert_eq!(read("\u{feff} 示例\u{200b}食堂　", |cell, f| cell.text(20, f)), (Some("示例食堂".into()), vec![]));
        assert_eq!(read("a\0b", |cell, f| cell.text(20, f)), (None, vec!["control_character"]));
        assert_eq!(read("abc", |cell, f| cell.text(2, f)), (None, vec!["too_long"]));
        assert_eq!(read("示例\n食堂", |cell, f| cell.text(20, f)), (Some("示例 食堂".into()), vec![]));
        let list = read("助餐; 助浴;;助餐；康复", |cell, f| cell.list(limits::of("tags"), f));
        assert_eq!(list, (Some(vec!["助餐".into(), "助浴".into(), "康复".into()]), vec![]));
    }
}
