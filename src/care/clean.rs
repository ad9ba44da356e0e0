//! Cleaning: text as it was meant, whoever sent it. Files, the API, forms, accounts and searches all read text through here.
//!
//! Characters that nobody sees (zero width, direction marks, variation selectors, tags) are taken out; every kind of blank
//! is a plain space, one at a time and none at the ends; what is left is in Unicode's composed form (NFC). So two texts
//! that look the same are the same. Control characters are a sign of damage: they stay, and whoever takes text in refuses
//! them ([`control_character`]).

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// One line of text.
pub fn clean_text(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)).map(|c| if is_blank(c) { ' ' } else { c }).nfc() {
        if c != ' ' || !line.is_empty() && !line.ends_with(' ') {
            line.push(c);
        }
    }
    line.truncate(line.trim_end_matches(' ').len());
    Cow::Owned(line)
}

/// Text that may have several lines: each is clean, and none is empty at the beginning or the end.
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    if !text.contains(is_line_break) {
        return clean_text(text);
    }
    let text = text.replace("\r\n", "\n");
    let lines: Vec<_> = text.split(is_line_break).map(clean_text).collect();
    Cow::Owned(lines.join("\n").trim_matches('\n').to_owned())
}

/// A code: one line, in plain letters, digits and dashes, without what a spreadsheet puts around it to keep it text
/// (`="00123"`, `=00123`, `'00123`) and without the `.0` that one leaves behind when it took it for a number.
pub fn clean_code(text: &str) -> Cow<'_, str> {
    match clean_text(text) {
        Cow::Borrowed(text) => plain_code(text),
        Cow::Owned(text) => Cow::Owned(plain_code(&text).into_owned()),
    }
}

/// A code as it is compared where people may have typed it: whatever its width, its letters' case and its dashes.
pub fn plain_code_of(code: &str) -> String {
    plain_name(code).chars().map(|c| if is_dash(c) { '-' } else { c }).collect()
}

/// A name as it is compared: without blanks, whatever its width and its letters' case.
pub fn plain_name(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn plain_code(text: &str) -> Cow<'_, str> {
    let folded = match fold_width(text) {
        folded if folded.contains(is_dash) => Cow::Owned(plain_dashes(&folded)),
        folded => folded,
    };
    // A code is short, so the rare one that is folded may be copied once more.
    match folded {
        Cow::Borrowed(text) => Cow::Borrowed(bare_code(text)),
        Cow::Owned(text) => Cow::Owned(bare_code(&text).to_owned()),
    }
}

/// Whether a character is a dash that prints like `-`.
fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Dashes of any sort between letters and digits as `-`.
fn plain_dashes(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    let sign = |at: usize| all.get(at).is_some_and(|c| c.is_alphanumeric());
    let plain = |(at, c): (usize, &char)| if is_dash(*c) && at > 0 && sign(at - 1) && sign(at + 1) { '-' } else { *c };
    all.iter().enumerate().map(plain).collect()
}

fn bare_code(text: &str) -> &str {
    let quoted = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let inner = quoted.or_else(|| text.strip_prefix('=').filter(|rest| is_digits(rest)));
    let inner = inner.unwrap_or_else(|| text.trim_start_matches(['\'', '‘', '’', '`'])).trim();
    match inner.split_once('.') {
        Some((whole, zeros)) if is_digits(whole) && !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => inner,
    }
}

/// Whether a code says that there is none: a dash, a word such as 无, or what a spreadsheet shows where a formula failed or
/// a column is too narrow.
pub fn is_no_code(code: &str) -> bool {
    const WORDS: [&str; 12] =
        ["无", "暂无", "没有", "未知", "不详", "未填", "null", "nan", "none", "n/a", "nil", "undefined"];
    let failed = code.starts_with('#') && (code.ends_with(['!', '?', '#']) || code.eq_ignore_ascii_case("#n/a"));
    let dashes = !code.is_empty() && code.chars().all(|c| is_dash(c) || matches!(c, '-' | '/' | '\\' | '_'));
    failed || dashes || WORDS.contains(&code.to_lowercase().as_str())
}

/// Whether a text names the sum of other rows, such as 合计, 小计：, 全市总计 or Total.
pub fn names_sum(text: &str) -> bool {
    // Most names are told apart by this alone.
    if text.len() > 60 || !text.contains(['计', '总', 't', 'T']) {
        return false;
    }
    let word: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let sums = ["合计", "总计", "小计", "共计", "累计"];
    let with_count = word.trim_end_matches(|c: char| c.is_ascii_digit() || "家个所处张人户条座".contains(c));
    sums.iter().any(|sum| with_count.ends_with(sum))
        || ["total", "totals", "subtotal", "grandtotal", "sumtotal", "总数", "总和", "汇总"].contains(&word.as_str())
}

/// Whether a code is a number that a spreadsheet has rounded, such as `3.21302E+11`: its last digits are lost.
pub fn is_rounded_code(code: &str) -> bool {
    let Some((number, exponent)) = code.split_once(['E', 'e']) else { return false };
    let number = number.trim().trim_start_matches(['+', '-']);
    let exponent = exponent.trim();
    let digits = exponent.trim_start_matches(['+', '-']);
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    // `1E5` may be a code; a spreadsheet writes 1E+05, other programs 1.0E5.
    is_digits(whole) && is_digits(part) && is_digits(digits) && (digits.len() < exponent.len() || whole != number)
}

/// Full-width letters, digits and signs as their plain ones: １２０ is 120.
pub fn fold_width(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| plain_width(c) != c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(plain_width).collect())
}

/// The plain form of a full-width letter, digit or sign; any other character as it is.
pub fn plain_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

/// The first control character of a text that has one: no text that is taken in may.
pub fn control_character(text: &str) -> Option<char> {
    text.chars().find(|c| c.is_control() && !is_blank(*c))
}

/// Whether nobody sees the character: it has no width, or does nothing but choose among forms of another.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether the character is a blank of any width, or breaks a line.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a trimmed text is as it should be. Asked of every cell of every file, and mostly answered at once.
fn is_clean(text: &str) -> bool {
    let mut blank = false;
    let mut plain = true;
    for c in text.chars() {
        match c {
            ' ' if blank => return false,
            ' ' => blank = true,
            '!'..='~' | '\u{4e00}'..='\u{9fff}' | '\u{3001}'..='\u{3029}' | '\u{ff01}'..='\u{ff5e}' => blank = false,
            c if is_blank(c) || is_invisible(c) => return false,
            _ => (blank, plain) = (false, false),
        }
    }
    plain || is_nfc(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of every sort that nobody sees.
    const INVISIBLE: [char; 26] = [
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{202a}',
        '\u{202d}',
        '\u{202e}',
        '\u{2060}',
        '\u{2063}',
        '\u{2066}',
        '\u{2069}',
        '\u{206f}',
        '\u{feff}',
        '\u{ad}',
        '\u{180e}',
        '\u{61c}',
        '\u{fe0f}',
        '\u{e0100}',
        '\u{e0041}',
        '\u{3164}',
        '\u{34f}',
        '\u{115f}',
        '\u{ffa0}',
        '\u{fff9}',
        '\u{180b}',
    ];
    const BLANK: [char; 10] =
        ['\u{a0}', '\u{3000}', '\u{2009}', '\u{202f}', '\u{205f}', '\u{2800}', '\u{2028}', '\t', '\n', '\u{1680}'];

    #[test]
    fn what_nobody_sees_makes_no_other_text() {
        for c in INVISIBLE {
            for text in [format!("示例{c}养老院"), format!("{c}示例养老院"), format!("示例养老院{c}{c}")]
            {
                assert_eq!(clean_text(&text), "示例养老院", "U+{:04X}", c as u32);
            }
            assert_eq!(clean_code(&format!("NH{c}9")), "NH9", "U+{:04X}", c as u32);
        }
        for c in BLANK {
            assert_eq!(clean_text(&format!("{c}Sunrise{c}{c} Manor{c}")), "Sunrise Manor", "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn lines_stay_where_a_text_has_several() {
        assert_eq!(clean_lines(" 一\u{200b}层 \r\n\r\n二层\u{3000}\n"), "一层\n\n二层");
        assert_eq!(clean_text("一层\r\n二层"), "一层 二层");
    }

    #[test]
    fn composed_and_decomposed_letters_are_one_text() {
        assert_eq!(clean_text("Cafe\u{301}"), "Café");
        assert_eq!(clean_text("e\u{34f}\u{301}"), "é");
    }

    #[test]
    fn names_keep_their_full_width_signs_and_codes_do_not() {
        assert_eq!(clean_text("示例养老院（东区）Ａ座"), "示例养老院（东区）Ａ座");
        assert_eq!(clean_code("ＮＨ－００２"), "NH-002");
    }

    #[test]
    fn what_a_spreadsheet_puts_around_a_code_is_taken_off() {
        for text in
            ["=\"00123\"", "'00123", "＝＂00123＂", "00123", "’00123", "00123.0", "\u{feff}00123.000 ", "=00123"]
        {
            assert_eq!(clean_code(text), "00123", "{text}");
        }
        for text in ["1.2.0", "A.0", "00123.10", "=A1"] {
            assert_eq!(clean_code(text), text);
        }
    }

    #[test]
    fn a_dash_of_any_sort_in_a_code_is_the_plain_one() {
        for dash in ['‐', '‑', '‒', '–', '—', '―', '−', '－'] {
            assert_eq!(clean_code(&format!("NH{dash}00{dash}2")), "NH-00-2", "U+{:04X}", dash as u32);
        }
        assert_eq!(clean_text("NH–2"), "NH–2", "other texts keep theirs");
    }

    #[test]
    fn what_stands_for_no_code_is_none() {
        let words = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "########", "-", "—", "/", "无", "null", "NaN"];
        for text in words.into_iter().chain(["none", "N/A", "－", "--", "#NUM!", "None"]) {
            assert!(is_no_code(&clean_code(text)), "{text}");
        }
        for text in ["NA-1", "#12", "N-1", "无锡-1", "0", "NAN-2", ""] {
            assert!(!is_no_code(text), "{text}");
        }
    }

    #[test]
    fn a_number_that_was_rounded_is_no_code() {
        for code in ["3.21302E+11", "3.21302e11", "3,21302E+11", "3E+11", "9.13213E+17", "3.0E5"] {
            assert!(is_rounded_code(code), "{code}");
        }
        for code in ["1E5", "E01000001", "DE111", "NH-3E", "321302", "91321300MA1E12345X", "1.2.E+3", ""] {
            assert!(!is_rounded_code(code), "{code}");
        }
    }

    #[test]
    fn control_characters_are_told() {
        assert_eq!(control_character("a\0b"), Some('\0'));
        assert_eq!(control_character("a\u{7f}"), Some('\u{7f}'));
        assert_eq!(control_character("a\tb\nc"), None);
    }

    proptest! {
        #[test]
        fn what_is_clean_stays_as_it_is(text in "\\PC{0,12}[\\u{200b}\\u{3000}a \\u{301}'=\"0.]{0,8}\\PC{0,12}") {
            let once = clean_text(&text).into_owned();
            prop_assert_eq!(&clean_text(&once), &once);
            let once = clean_lines(&text).into_owned();
            prop_assert_eq!(&clean_lines(&once), &once);
            prop_assert!(!clean_text(&text).contains(is_invisible) && !clean_text(&text).contains("  "));
        }

        #[test]
        fn an_invisible_character_anywhere_changes_nothing(text in "[a-z\\u{4e00}-\\u{4fff} ]{1,10}", at in 0..10usize, c in 0..26usize) {
            let mut dirty: Vec<char> = text.chars().collect();
            dirty.insert(at.min(dirty.len()), INVISIBLE[c]);
            let dirty: String = dirty.into_iter().collect();
            prop_assert_eq!(clean_text(&dirty), clean_text(&text));
        }
    }
}
