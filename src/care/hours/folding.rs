//! Opening hours as one spells them, before they are read: plain digits and marks, two-digit hours, what stands for holidays.

use super::reading::{DAYS, MONTHS};
use super::schedule::{BOTH, BOTH_SCHOOL};

/// The same text with plain digits and marks, single blanks and two-digit hours; what stands in quotation marks is kept.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    for c in text.trim().chars() {
        let plain = match c {
            '“' | '”' | '＂' | '"' => {
                quoted = !quoted;
                '"'
            }
            c if quoted => c,
            '。' | '\n' | '\r' => ';',
            '、' => ',',
            '—' | '–' | '−' | '―' | '‐' | '‑' | '~' | '～' | '〜' => '-',
            '\u{3000}' | '\u{a0}' | '\t' => ' ',
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => continue,
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            c => c,
        };
        let twice = |mark: char| plain == mark && out.ends_with(mark);
        if quoted || !(twice(' ') || twice('-') || twice(';')) {
            out.push(plain);
        }
    }
    padded(out.trim_matches([' ', ';', ',']))
}

/// `8:00` as `08:00`, outside quotation marks.
fn padded(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    for (at, c) in chars.iter().enumerate() {
        quoted ^= *c == '"';
        let lone = digit(at) && !(at > 0 && (digit(at - 1) || chars[at - 1] == ':'));
        if lone && !quoted && chars.get(at + 1) == Some(&':') && digit(at + 2) && digit(at + 3) {
            out.push('0');
        }
        out.push(*c);
    }
    out
}

/// `Nov 28,30` with the month before each day, `Nov 28,Nov 30`; none where nothing is to be named.
pub(super) fn months_named(text: &str) -> Option<String> {
    let (mut out, mut month, mut changed) = (String::with_capacity(text.len() + 16), None::<String>, false);
    for (at, part) in text.split(',').enumerate() {
        let day = part.trim_start();
        let digits = day.bytes().take_while(u8::is_ascii_digit).count();
        let alone =
            (1..=2).contains(&digits) && !day[digits..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':');
        if at > 0 {
            out.push(',');
            if let (Some(month), true) = (&month, alone) {
                out.push_str(month);
                out.push(' ');
                changed = true;
            }
        }
        out.push_str(if alone && at > 0 { day } else { part });
        // "Mo; Nov 28" goes on with its month, "Nov 28 10:00-12:00" does not.
        let last = part.rsplit(';').next().unwrap_or(part).trim();
        let words: Vec<&str> = last.split([' ', '-']).filter(|word| !word.is_empty()).collect();
        let whole = words.iter().all(|word| word.bytes().all(|b| b.is_ascii_digit()) || MONTHS.contains(word));
        let named = words.iter().rposition(|word| MONTHS.contains(word));
        let year = |at: usize| words.get(at.checked_sub(1)?).filter(|word| word.len() == 4);
        month = match named {
            Some(at) if whole => Some(year(at).map_or(words[at].to_owned(), |year| format!("{year} {}", words[at]))),
            None if whole && !part.contains(';') => month,
            _ => None,
        };
    }
    (changed && !text.contains('"')).then_some(out)
}

/// For evaluation only: a remark without "open" makes its rule unknown, and `PH Su` (holidays that are Sundays) is told from
/// `PH,Su`. The grammar keeps neither, so both are said in words that it does keep.
pub(super) fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (at, part) in text.split('"').enumerate() {
        if at % 2 == 1 {
            let label = text.split('"').nth(at + 1).is_some_and(|after| after.trim_start().starts_with(':'));
            let told = ["open", "closed", "off", "unknown"].iter().any(|word| {
                let said = out.trim_end().to_ascii_lowercase();
                said.ends_with(word)
            });
            if !label && !told {
                let blank = out.is_empty() || out.ends_with(' ');
                out.push_str(if blank { "unknown " } else { " unknown " });
            }
            out.push('"');
            out.push_str(part);
            out.push('"');
        } else {
            out.push_str(&both_marked(part));
        }
    }
    out
}

fn both_marked(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.find("PH").into_iter().chain(rest.find("SH")).min() {
        let (before, from) = rest.split_at(at);
        let (kind, after) = from.split_at(2);
        let (offset, beyond) = day_offset(after);
        let first = if kind == "PH" { BOTH } else { BOTH_SCHOOL };
        let sum = |offset: i16| format!("PH +{} days", first + offset.clamp(-366, 366));
        let follows = beyond.strip_prefix(' ').is_some_and(starts_with_day);
        let precedes = before.ends_with(' ') && ends_with_day(before.trim_end());
        out.push_str(if precedes { before.trim_end() } else { before });
        match (follows, precedes) {
            (true, _) => {
                out.push_str(&sum(offset));
                out.push(',');
                rest = &beyond[1..];
            }
            (false, true) => {
                out.push(',');
                out.push_str(&sum(offset));
                rest = beyond;
            }
            (false, false) => {
                out.push_str(kind);
                rest = after;
            }
        }
    }
    out + rest
}

/// ` +1 day`, and what comes behind it.
fn day_offset(text: &str) -> (i16, &str) {
    let read = || {
        let signed = text.strip_prefix(' ')?;
        let sign = if signed.starts_with('-') { -1 } else { 1 };
        let digits = signed.strip_prefix(['+', '-'])?;
        let (number, rest) = digits.split_once(' ')?;
        let rest = rest.strip_prefix("days").or_else(|| rest.strip_prefix("day"))?;
        Some((sign * number.parse::<i16>().ok()?, rest))
    };
    read().unwrap_or((0, text))
}

fn starts_with_day(text: &str) -> bool {
    let after = text.get(2..).and_then(|rest| rest.chars().next());
    text.get(..2).is_some_and(|word| DAYS.iter().any(|day| day.eq_ignore_ascii_case(word)))
        && !after.is_some_and(|c| c.is_ascii_alphabetic())
}

fn ends_with_day(text: &str) -> bool {
    let word = text.len().checked_sub(2).and_then(|at| text.get(at..)).unwrap_or_default();
    word.ends_with(']') || DAYS.iter().any(|day| day.eq_ignore_ascii_case(word))
}

/// Whether there are words that only OpenStreetMap's syntax has.
pub(super) fn osm_only(text: &str) -> bool {
    const ONLY: [&str; 7] = ["week", "easter", "sunrise", "sunset", "\"", "||", "["];
    ONLY.iter().chain(&MONTHS).any(|word| text.contains(word))
}
