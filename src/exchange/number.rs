//! Numbers as people write them in a cell: `1.2万`, `1,200`, `约50张`, `50余`. What cannot be meant as one number is not read.

/// Not exact: what may stand before the number, and behind it.
const BEFORE: [&str; 9] = ["大约", "约", "近", "超过", "超", "逾", "≈", "~", "至少"];
const BEHIND: [&str; 8] = ["左右", "以上", "上下", "余", "多", "许", "+", "来"];

/// What is counted: says nothing that the heading does not say.
const UNITS: [&str; 26] = [
    "张床位",
    "张床",
    "个床位",
    "人次",
    "餐次",
    "张",
    "个",
    "人",
    "位",
    "名",
    "座",
    "穴",
    "份",
    "家",
    "处",
    "所",
    "户",
    "间",
    "床",
    "餐",
    "次",
    "格",
    "岁",
    "平方米",
    "元",
    "㎡",
];

/// Words for powers of ten, and how many zeros each is.
const MAGNITUDES: [(&str, usize); 7] =
    [("万亿", 12), ("千万", 7), ("百万", 6), ("亿", 8), ("万", 4), ("千", 3), ("百", 2)];

/// A number that was read from a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// In digits alone, with a point at most.
    pub digits: String,
    /// The word that says that it is not exact.
    pub about: Option<&'static str>,
}

/// Why a text is not one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoNumber {
    /// A share in percent.
    Share,
    /// From one number to another.
    Range,
    /// More, less or anything else than a number.
    Other,
}

impl NoNumber {
    /// What such a text is, in words.
    pub fn said(self) -> Option<&'static str> {
        match self {
            NoNumber::Share => Some("a share, not a number"),
            NoNumber::Range => Some("a range or several numbers, not one"),
            NoNumber::Other => None,
        }
    }
}

/// Reads a cell that was folded to plain width.
pub fn read(text: &str) -> Result<Written, NoNumber> {
    let text = text.trim();
    if text.contains(['%', '‰']) || text.contains("分之") || text.ends_with('成') {
        return Err(NoNumber::Share);
    }
    let (mut rest, mut about) = (text, None);
    for sign in ["¥", "￥"] {
        rest = rest.strip_prefix(sign).unwrap_or(rest).trim_start();
    }
    if let Some((word, after)) = BEFORE.iter().find_map(|word| Some((*word, rest.strip_prefix(word)?))) {
        (rest, about) = (after.trim_start(), Some(word));
    }
    let Some((mut digits, mut after)) = digits_and_magnitude(rest) else { return Err(kind_of(text)) };
    // 3万5千 and 1万2000, but not 1万2, which may be 12,000 or 10,002.
    while let Some((next, behind)) = digits_and_magnitude(after).filter(|_| !after.starts_with(['-', '+', ' '])) {
        let whole = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !(whole(&digits) && whole(&next) && fits_below(&digits, &next, after)) {
            return Err(kind_of(text));
        }
        let kept = digits.len() - next.len();
        digits.replace_range(kept.., &next);
        after = behind;
    }
    let mut rest = after.trim_start();
    let mut qualify = |rest: &mut &str| {
        if let Some((word, after)) = BEHIND.iter().find_map(|word| Some((*word, rest.strip_prefix(word)?))) {
            (*rest, about) = (after.trim_start(), about.or(Some(word)));
        }
    };
    qualify(&mut rest);
    rest = UNITS.iter().find_map(|unit| rest.strip_prefix(unit)).unwrap_or(rest).trim_start();
    qualify(&mut rest);
    if rest.is_empty() { Ok(Written { digits, about }) } else { Err(kind_of(text)) }
}

/// Whether a second number fills zeros of the first: all of them, unless it has a magnitude of its own.
fn fits_below(held: &str, next: &str, written: &str) -> bool {
    let zeros = held.bytes().rev().take_while(|b| *b == b'0').count();
    let plain = written.bytes().take_while(u8::is_ascii_digit).count();
    held.len() > next.len() && zeros >= next.len() && (plain < next.len() || next.len() == zeros)
}

/// The one number in a text that holds more than a number; `None` where it has several, or what stands beside it
/// would change it.
pub fn hint(text: &str) -> Option<String> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    // What a spreadsheet shows where a formula failed (#DIV/0!) holds no number.
    if text.starts_with('#') || text[..start].ends_with(['-', '.']) || !matches!(kind_of(text), NoNumber::Other) {
        return None;
    }
    let (digits, rest) = digits_and_magnitude(&text[start..])?;
    let more = rest.contains(|c: char| c.is_ascii_digit() || c.is_ascii_alphabetic())
        || MAGNITUDES.iter().any(|(word, _)| rest.contains(word))
        || rest.starts_with(['.', ',']);
    (!more && digits != text).then_some(digits)
}

fn kind_of(text: &str) -> NoNumber {
    if text.contains(['%', '‰']) {
        return NoNumber::Share;
    }
    let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').filter(|part| !part.is_empty());
    if numbers.count() > 1 { NoNumber::Range } else { NoNumber::Other }
}

/// Digits, perhaps with separators and a point, and a word for a power of ten behind them; and what follows.
fn digits_and_magnitude(text: &str) -> Option<(String, &str)> {
    let sign = text.strip_prefix(['-', '−']).map_or("", |_| "-");
    let body = text.trim_start_matches(['-', '−', '+']);
    let mut end = body.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(body.len());
    // 1 200 is 1200, as some spreadsheets write it.
    while let Some(group) = body[end..].strip_prefix(' ') {
        let digits = group.bytes().take_while(u8::is_ascii_digit).count();
        if digits != 3 || end > 3 && !body[..end].contains(' ') {
            break;
        }
        end += 4;
    }
    let number = without_separators(&body[..end])?;
    let after = body[end..].trim_start();
    let magnitude = MAGNITUDES.iter().find_map(|(word, zeros)| Some((after.strip_prefix(word)?, *zeros)));
    let (rest, digits) = match magnitude {
        Some((rest, zeros)) => (rest, scaled(&number, zeros)),
        None => (&body[end..], number),
    };
    Some((format!("{sign}{digits}"), rest))
}

/// 1,200 and 1 200 are 1200; 1,20 is none.
fn without_separators(text: &str) -> Option<String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if text.ends_with('.') || !part.is_empty() && !digits(part) {
        return None;
    }
    let mut groups = whole.split([',', ' ']);
    let first = groups.next().unwrap_or_default();
    let mut more = groups.peekable();
    let grouped = more.peek().is_some();
    let sound = digits(first) && more.all(|group| group.len() == 3 && digits(group));
    (sound && (!grouped || first.len() <= 3)).then(|| text.replace([',', ' '], ""))
}

/// A decimal number with its point moved to the right.
fn scaled(number: &str, zeros: usize) -> String {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let moved: String = part.chars().chain(std::iter::repeat('0')).take(zeros).collect();
    let rest = part.get(zeros..).unwrap_or_default().trim_end_matches('0');
    let whole = format!("{whole}{moved}");
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if rest.is_empty() { whole.to_owned() } else { format!("{whole}.{rest}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digits(text: &str) -> Option<String> {
        read(text).ok().map(|written| written.digits)
    }

    #[test]
    fn a_number_is_read_as_it_was_meant() {
        for (text, expected) in [
            ("1.2万", "12000"),
            ("1.2 万", "12000"),
            ("1.2万人", "12000"),
            ("0.35万", "3500"),
            ("1.23456万", "12345.6"),
            ("2亿", "200000000"),
            ("3千", "3000"),
            ("3万5千", "35000"),
            ("1亿2000万", "120000000"),
            ("1万2000", "12000"),
            ("1,200", "1200"),
            ("1 200", "1200"),
            ("12,345,678.5", "12345678.5"),
            ("1,200万", "12000000"),
            ("120张", "120"),
            ("50 张", "50"),
            ("¥2800元", "2800"),
            ("-3", "-3"),
            ("007", "007"),
        ] {
            assert_eq!(digits(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_exact_says_so() {
        for (text, expected, about) in [
            ("约50张", "50", "约"),
            ("50余", "50", "余"),
            ("50余张", "50", "余"),
            ("1.2万余人", "12000", "余"),
            ("大约 50 张左右", "50", "大约"),
            ("50张以上", "50", "以上"),
        ] {
            assert_eq!(read(text), Ok(Written { digits: expected.into(), about: Some(about) }), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_number_is_not_read() {
        for (text, why) in [
            ("85%", NoNumber::Share),
            ("三分之一", NoNumber::Share),
            ("30-50", NoNumber::Range),
            ("30~50张", NoNumber::Range),
            ("100/60", NoNumber::Range),
            ("1万2", NoNumber::Range),
            ("2024年6月", NoNumber::Range),
            ("十二", NoNumber::Other),
            ("1,20", NoNumber::Other),
            ("不足50", NoNumber::Other),
            ("1e3", NoNumber::Range),
            ("1.2w", NoNumber::Other),
            ("1.2.3", NoNumber::Other),
            ("1.", NoNumber::Other),
            ("", NoNumber::Other),
        ] {
            assert_eq!(read(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_hint_never_leaves_a_magnitude_away() {
        assert_eq!(hint("1.2万平米").as_deref(), Some("12000"));
        assert_eq!(hint("共120张床").as_deref(), Some("120"));
        for text in ["1.2万到3万", "85%", "30-50", "1.2w", "1,20", "1.2.3", "十二"] {
            assert_eq!(hint(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "[-0-9.,万千亿约余张% +元a]{0,12}") {
            if let Ok(written) = read(&text) {
                prop_assert!(written.digits.parse::<f64>().is_ok_and(f64::is_finite), "{}", written.digits);
            }
            let _ = hint(&text);
        }

        #[test]
        fn a_number_with_separators_is_that_number(number in 0u32..2_000_000_000) {
            let plain = number.to_string();
            let mut grouped = String::new();
            for (at, digit) in plain.chars().enumerate() {
                if at > 0 && (plain.len() - at) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            prop_assert_eq!(digits(&grouped), Some(plain.clone()));
            let in_ten_thousands = format!("{}万", f64::from(number) / 10_000.0);
            prop_assert_eq!(digits(&in_ten_thousands), Some(plain));
        }
    }
}
