//! Hours as people write them, brought into OpenStreetMap's syntax: full-width digits, `8:00`, 周一至周五, 下午 2 点半.

use super::BadHours;
use super::faults::piece;
use super::schedule::{BOTH, BOTH_SCHOOL, WORKING_DAYS};

const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

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

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Day(usize),
    Days(&'static str),
    Working,
    /// Year, month and day, where they are said.
    Date(Option<u16>, usize, Option<u8>),
    /// Minutes from midnight.
    Time(u16),
    Dash,
    Comma,
    End,
    Off,
    Always,
}

/// Words and what they stand for; the longer first where one begins like another. Those that stand for nothing are left out.
const WORDS: [(&str, Option<Token>); 75] = [
    ("24/7", Some(Token::Always)),
    ("24小时", Some(Token::Always)),
    ("24 小时", Some(Token::Always)),
    ("二十四小时", Some(Token::Always)),
    ("全天候", Some(Token::Always)),
    ("全天", Some(Token::Always)),
    ("全日", Some(Token::Always)),
    ("不对外开放", Some(Token::Off)),
    ("不开放", Some(Token::Off)),
    ("不营业", Some(Token::Off)),
    ("不供餐", Some(Token::Off)),
    ("不上班", Some(Token::Off)),
    ("停业", Some(Token::Off)),
    ("闭馆", Some(Token::Off)),
    ("关门", Some(Token::Off)),
    ("关闭", Some(Token::Off)),
    ("休息", Some(Token::Off)),
    ("放假", Some(Token::Off)),
    ("除外", Some(Token::Off)),
    ("off", Some(Token::Off)),
    ("closed", Some(Token::Off)),
    ("全年无休", Some(Token::Days("Mo-Su"))),
    ("每天", Some(Token::Days("Mo-Su"))),
    ("每日", Some(Token::Days("Mo-Su"))),
    ("天天", Some(Token::Days("Mo-Su"))),
    ("全年", Some(Token::Days("Mo-Su"))),
    ("daily", Some(Token::Days("Mo-Su"))),
    ("周末", Some(Token::Days("Sa-Su"))),
    ("双休日", Some(Token::Days("Sa-Su"))),
    ("国家法定节假日", Some(Token::Days("PH"))),
    ("法定节假日", Some(Token::Days("PH"))),
    ("法定假日", Some(Token::Days("PH"))),
    ("公共假日", Some(Token::Days("PH"))),
    ("公共假期", Some(Token::Days("PH"))),
    ("节假日", Some(Token::Days("PH"))),
    ("寒暑假", Some(Token::Days("SH"))),
    ("ph", Some(Token::Days("PH"))),
    ("sh", Some(Token::Days("SH"))),
    ("工作日", Some(Token::Working)),
    ("monday", Some(Token::Day(0))),
    ("tuesday", Some(Token::Day(1))),
    ("wednesday", Some(Token::Day(2))),
    ("thursday", Some(Token::Day(3))),
    ("friday", Some(Token::Day(4))),
    ("saturday", Some(Token::Day(5))),
    ("sunday", Some(Token::Day(6))),
    ("mon", Some(Token::Day(0))),
    ("tue", Some(Token::Day(1))),
    ("wed", Some(Token::Day(2))),
    ("thu", Some(Token::Day(3))),
    ("fri", Some(Token::Day(4))),
    ("sat", Some(Token::Day(5))),
    ("sun", Some(Token::Day(6))),
    ("to", Some(Token::Dash)),
    ("至", Some(Token::Dash)),
    ("到", Some(Token::Dash)),
    ("-", Some(Token::Dash)),
    ("以及", Some(Token::Comma)),
    ("和", Some(Token::Comma)),
    ("及", Some(Token::Comma)),
    ("与", Some(Token::Comma)),
    (",", Some(Token::Comma)),
    (";", Some(Token::End)),
    ("(", Some(Token::End)),
    (")", None),
    ("营业时间", None),
    ("开放时间", None),
    ("服务时间", None),
    ("供餐时间", None),
    ("营业", None),
    ("开放", None),
    ("服务", None),
    ("供餐", None),
    ("次日", None),
    (" ", None),
];

/// Half of the day that the times behind the word are in: hours below the second are twelve more.
const HALVES: [(&str, u16); 15] = [
    ("上午", 0),
    ("早上", 0),
    ("早晨", 0),
    ("早餐", 0),
    ("凌晨", 0),
    ("中午", 5),
    ("午餐", 5),
    ("中餐", 5),
    ("下午", 12),
    ("傍晚", 12),
    ("晚上", 12),
    ("晚餐", 12),
    ("早", 0),
    ("午", 5),
    ("晚", 12),
];

/// What is written in Chinese or in English words, in OpenStreetMap's syntax.
pub(super) fn in_osm(folded: &str) -> Result<String, BadHours> {
    let rules = rules(&tokens(folded)?, folded)?;
    Ok(rules.iter().map(Written::in_osm).collect::<Vec<_>>().join(";"))
}

fn tokens(text: &str) -> Result<Vec<Token>, BadHours> {
    let lower = text.to_lowercase();
    let mut rest = lower.as_str();
    let (mut tokens, mut half) = (Vec::new(), 0u16);
    while let Some(first) = rest.chars().next() {
        if let Some((token, beyond)) = chinese_day(rest, &tokens) {
            tokens.push(Token::Day(token));
            rest = beyond;
        } else if let Some((date, beyond)) = date(rest, &tokens) {
            tokens.push(date);
            rest = beyond;
        } else if let Some((word, token)) = WORDS.iter().find(|(word, _)| begins_with(rest, word)) {
            if *token == Some(Token::End) {
                half = 0;
            }
            tokens.extend(token.clone());
            rest = &rest[word.len()..];
            // "营业时间: 8:00", "午餐:11:00".
            rest = if token.is_none() { rest.strip_prefix(':').unwrap_or(rest) } else { rest };
        } else if let Some((word, below)) = HALVES.iter().find(|(word, _)| rest.starts_with(word)) {
            half = *below;
            rest = rest[word.len()..].trim_start_matches([':', ' ']);
        } else if let Some((time, beyond)) = time(rest, half)? {
            tokens.push(Token::Time(time));
            rest = beyond;
        } else if let Some(day) = DAYS.iter().position(|day| begins_with(rest, &day.to_ascii_lowercase())) {
            tokens.push(Token::Day(day));
            rest = &rest[2..];
        } else if first == '每' && rest[first.len_utf8()..].starts_with(['周', '星']) {
            rest = &rest[first.len_utf8()..];
        } else {
            let until = rest.find([' ', ';', ',', '(']).filter(|at| *at > 0).unwrap_or(rest.len());
            // As it was written, where lower case has as many bytes.
            let at = lower.len() - rest.len();
            return Err(BadHours::Unread(piece(text.get(at..at + until).unwrap_or(&rest[..until]))));
        }
    }
    Ok(tokens)
}

/// Whether a text begins with a word, and not only with another word that begins so.
fn begins_with(text: &str, word: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let beyond = text.strip_prefix(word);
    beyond.is_some_and(|beyond| !(letter(word.chars().next_back()) && letter(beyond.chars().next())))
}

/// 周一, 星期一, 礼拜一; behind another day also 一 alone (周一至五, 周一、三, 周六日).
fn chinese_day<'a>(text: &'a str, before: &[Token]) -> Option<(usize, &'a str)> {
    const NAMES: [char; 8] = ['一', '二', '三', '四', '五', '六', '日', '天'];
    let prefixed = ["周", "星期", "礼拜"].iter().find_map(|prefix| text.strip_prefix(prefix));
    let among = matches!(before, [.., Token::Day(_), Token::Dash | Token::Comma] | [.., Token::Day(_)]);
    let named = prefixed.or(among.then_some(text))?;
    let first = named.chars().next()?;
    let day = NAMES.iter().position(|name| *name == first)?;
    Some((day.min(6), &named[first.len_utf8()..]))
}

fn number(text: &str) -> Option<(u16, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=4).contains(&digits).then(|| text[..digits].parse().ok().map(|number| (number, &text[digits..])))?
}

/// 2026年11月30日, 11月30日, 11月; behind a date and a dash also 6日.
fn date<'a>(text: &'a str, before: &[Token]) -> Option<(Token, &'a str)> {
    let (first, rest) = number(text)?;
    let (year, (month, rest)) = match rest.strip_prefix('年') {
        Some(rest) => (Some(first), number(rest)?),
        None => (None, (first, rest)),
    };
    let day_mark = |rest: &'a str| rest.strip_prefix('日').or_else(|| rest.strip_prefix('号'));
    if let ([.., Token::Date(year, held, Some(_)), Token::Dash], Some(rest), 1..=31) = (before, day_mark(rest), month) {
        return Some((Token::Date(*year, *held, u8::try_from(month).ok()), rest));
    }
    let rest = rest.strip_prefix('月')?;
    if !(1..=12).contains(&month) {
        return None;
    }
    let day =
        number(rest).and_then(|(day, rest)| Some((day, day_mark(rest)?))).filter(|(day, _)| (1..=31).contains(day));
    let (day, rest) = day.map_or((None, rest), |(day, rest)| (u8::try_from(day).ok(), rest));
    Some((Token::Date(year, usize::from(month) - 1, day), rest))
}

/// 8:00, 8点, 8点半, 8时30分, 9:00am.
fn time(text: &str, half: u16) -> Result<Option<(u16, &str)>, BadHours> {
    let Some((mut hour, rest)) = number(text) else { return Ok(None) };
    let (minute, rest) = if let Some((minute, rest)) = rest.strip_prefix(':').and_then(number) {
        (minute, rest)
    } else if let Some(rest) = rest.strip_prefix('点').or_else(|| rest.strip_prefix('时')) {
        let rest = rest.strip_prefix("钟").unwrap_or(rest);
        match rest.strip_prefix('半') {
            Some(rest) => (30, rest),
            None => match number(rest) {
                Some((minute, rest)) => (minute, rest.strip_prefix('分').unwrap_or(rest)),
                None => (0, rest.strip_prefix('整').unwrap_or(rest)),
            },
        }
    } else if rest.trim_start().starts_with(['a', 'p']) {
        (0, rest)
    } else {
        return Ok(None);
    };
    let mut rest = rest;
    let below = match rest.trim_start() {
        after if after.starts_with("am") => {
            (hour, rest) = (hour % 12, &after[2..]);
            0
        }
        after if after.starts_with("pm") => {
            rest = &after[2..];
            12
        }
        _ => half,
    };
    if hour < below {
        hour += 12;
    }
    if minute > 59 || hour * 60 + minute > 24 * 60 {
        return Err(BadHours::Time(piece(&text[..text.len() - rest.len()])));
    }
    Ok(Some((hour * 60 + minute, rest)))
}

/// One rule, as it is gathered.
#[derive(Default, Clone)]
struct Written {
    dates: Vec<String>,
    days: Vec<String>,
    working: bool,
    times: Vec<String>,
    off: bool,
    always: bool,
}

impl Written {
    fn when(&self) -> bool {
        !self.dates.is_empty() || !self.days.is_empty()
    }

    fn what(&self) -> bool {
        self.off || self.always || !self.times.is_empty()
    }

    fn in_osm(&self) -> String {
        let what = match (self.off, self.always, self.when()) {
            (true, ..) => "off".to_owned(),
            (_, true, false) => "24/7".to_owned(),
            (_, true, true) if self.times.is_empty() => "00:00-24:00".to_owned(),
            _ => self.times.join(","),
        };
        let label = if self.working { format!("\"{WORKING_DAYS}\":") } else { String::new() };
        let parts = [self.dates.join(","), self.days.join(","), what];
        label + &parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
    }
}

fn rules(tokens: &[Token], text: &str) -> Result<Vec<Written>, BadHours> {
    let mut rules: Vec<Written> = Vec::new();
    let mut rule = Written::default();
    let mut at = 0;
    let close = |rule: &mut Written, rules: &mut Vec<Written>| {
        let done = std::mem::take(rule);
        match (done.when(), done.what()) {
            (false, false) => Ok(()),
            (true, false) => Err(BadHours::NoTimes(piece(text))),
            _ => {
                rules.push(done);
                Ok(())
            }
        }
    };
    while at < tokens.len() {
        let ranged = matches!(tokens.get(at + 1), Some(Token::Dash)).then(|| tokens.get(at + 2)).flatten();
        if rule.what() && !matches!(tokens[at], Token::Time(_) | Token::Comma | Token::Always | Token::Off) {
            close(&mut rule, &mut rules)?;
        }
        at += match (&tokens[at], ranged) {
            (Token::Day(first), Some(Token::Day(last))) => {
                rule.days.push(format!("{}-{}", DAYS[*first], DAYS[*last]));
                3
            }
            (Token::Day(day), _) => {
                rule.days.push(DAYS[*day].to_owned());
                1
            }
            (Token::Days(days), _) => {
                rule.days.push((*days).to_owned());
                1
            }
            (Token::Working, _) => {
                rule.days.push("Mo-Fr".to_owned());
                rule.working = true;
                1
            }
            (Token::Date(year, month, day), Some(Token::Date(last_year, last_month, last_day))) => {
                let (first, last) = ((*year, *month, *day), (*last_year, *last_month, *last_day));
                rule.dates.push(format!("{}-{}", dated(first), dated(last)));
                3
            }
            (Token::Date(year, month, day), _) => {
                rule.dates.push(dated((*year, *month, *day)));
                1
            }
            (Token::Time(from), Some(Token::Time(until))) => {
                rule.times.push(format!("{}-{}", clock(*from), clock(*until)));
                3
            }
            (Token::Time(from), _) => return Err(BadHours::NoEnd(clock(*from))),
            (Token::Off, _) => {
                rule.off = true;
                1
            }
            (Token::Always, _) => {
                rule.always = true;
                1
            }
            (Token::Dash, _) => return Err(BadHours::Unread(piece(text))),
            (Token::Comma | Token::End, _) => 1,
        };
        // "Mo-Su 24/7 off" says nothing that one could follow.
        if rule.off && (rule.always || !rule.times.is_empty()) {
            return Err(BadHours::Unread(piece(text)));
        }
    }
    close(&mut rule, &mut rules)?;
    if rules.is_empty() { Err(BadHours::Unread(piece(text))) } else { Ok(rules) }
}

fn dated((year, month, day): (Option<u16>, usize, Option<u8>)) -> String {
    let year = year.map(|year| format!("{year} ")).unwrap_or_default();
    let day = day.map(|day| format!(" {day:02}")).unwrap_or_default();
    format!("{year}{}{day}", MONTHS[month])
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
