//! Hours as people write them, brought into OpenStreetMap's syntax: full-width digits, `8:00`, 周一至周五, 下午 2 点半.

use super::BadHours;
use super::faults::piece;
use super::schedule::WORKING_DAYS;
use super::spoken::{arranged, iso_date, loose_in_order, loose_time, turned, whole};
use super::words::{HALVES, Token, WORDS};
use crate::care::simplified::simplified;

pub(super) const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What is written in Chinese or in English words, in OpenStreetMap's syntax.
pub(super) fn in_osm(folded: &str) -> Result<String, BadHours> {
    if let Some(said) = whole(folded) {
        return Ok(said);
    }
    let tokens = turned(tokens(folded)?).ok_or_else(|| BadHours::Unread(piece(folded)))?;
    let rules = arranged(rules(&tokens, folded)?).ok_or_else(|| BadHours::Unread(piece(folded)))?;
    Ok(rules.iter().map(Written::in_osm).collect::<Vec<_>>().join(";"))
}

fn tokens(text: &str) -> Result<Vec<Token>, BadHours> {
    let lower = simplified(&text.to_lowercase());
    let mut rest = lower.as_str();
    let (mut tokens, mut half) = (Vec::new(), 0u16);
    let (mut numbered, mut loose, mut strict) = (false, false, false);
    while let Some(first) = rest.chars().next() {
        if let Some((token, beyond)) = chinese_day(rest, &tokens, &mut numbered) {
            tokens.push(Token::Day(token));
            rest = beyond;
        } else if let Some((date, beyond)) = iso_date(rest).or_else(|| date(rest, &tokens)) {
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
            (rest, strict) = (beyond, true);
        } else if let Some((time, beyond)) = loose_time(rest, half) {
            tokens.push(Token::Time(time));
            (rest, loose) = (beyond, true);
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
    // 8.30 and 0830 may be other things too.
    if loose && (strict || !loose_in_order(&tokens)) {
        return Err(BadHours::Unread(piece(text)));
    }
    Ok(tokens)
}

/// Whether a text begins with a word, and not only with another word that begins so.
fn begins_with(text: &str, word: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let beyond = text.strip_prefix(word);
    beyond.is_some_and(|beyond| !(letter(word.chars().next_back()) && letter(beyond.chars().next())))
}

/// 周一, 星期一, 礼拜一, 周1; behind another day also 一 alone (周一至五, 周一、三, 周六日), and 5 where days are `numbered`.
fn chinese_day<'a>(text: &'a str, before: &[Token], numbered: &mut bool) -> Option<(usize, &'a str)> {
    const NAMES: [char; 8] = ['一', '二', '三', '四', '五', '六', '日', '天'];
    let prefixed = ["周", "星期", "礼拜"].iter().find_map(|prefix| text.strip_prefix(prefix));
    let listed = matches!(before, [.., Token::Day(_), Token::Dash | Token::Comma]);
    let among = listed || matches!(before, [.., Token::Day(_)]);
    let named = prefixed.or(among.then_some(text))?;
    let first = named.chars().next()?;
    let rest = &named[first.len_utf8()..];
    if let Some(day) = first.to_digit(10).filter(|day| (1..=7).contains(day)) {
        let alone = !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || ":.点时月年/".contains(c));
        *numbered |= prefixed.is_some();
        return (alone && (prefixed.is_some() || listed && *numbered)).then_some((day as usize - 1, rest));
    }
    let day = NAMES.iter().position(|name| *name == first)?;
    Some((day.min(6), rest))
}

pub(super) fn number(text: &str) -> Option<(u16, &str)> {
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
pub(super) struct Written {
    pub dates: Vec<String>,
    pub days: Vec<String>,
    pub feasts: Vec<&'static str>,
    pub working: bool,
    pub rest: bool,
    pub times: Vec<String>,
    pub off: bool,
    pub always: bool,
    pub open: bool,
}

impl Written {
    fn when(&self) -> bool {
        self.rest || !(self.dates.is_empty() && self.days.is_empty() && self.feasts.is_empty())
    }

    fn what(&self) -> bool {
        self.off || self.open || self.timed()
    }

    pub fn timed(&self) -> bool {
        self.always || !self.times.is_empty()
    }

    fn in_osm(&self) -> String {
        if !self.feasts.is_empty() {
            // Its days are holidays, but nobody says which of them.
            return format!("PH unknown \"{}休息\"", self.feasts.join("、"));
        }
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
        if rule.what()
            && !matches!(tokens[at], Token::Time(_) | Token::Comma | Token::Always | Token::Off | Token::Open)
        {
            close(&mut rule, &mut rules)?;
        }
        // 周一休息，9:00-17:00
        let listed = at > 0 && tokens[at - 1] == Token::Comma;
        if rule.off && rule.when() && listed && matches!(tokens[at], Token::Time(_) | Token::Always) {
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
                rule.dates.push(range(first, last));
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
            (Token::Open, _) => {
                rule.open = true;
                1
            }
            (Token::Rest, _) => {
                rule.rest = true;
                1
            }
            (Token::Feast(name), _) => {
                rule.feasts.push(name);
                1
            }
            (Token::Dash | Token::Except | Token::Beyond, _) => return Err(BadHours::Unread(piece(text))),
            (Token::Comma | Token::End, _) => 1,
        };
        // "Mo-Su 24/7 off" says nothing that one could follow.
        if rule.off && (rule.open || rule.timed()) {
            return Err(BadHours::Unread(piece(text)));
        }
    }
    close(&mut rule, &mut rules)?;
    if rules.is_empty() { Err(BadHours::Unread(piece(text))) } else { Ok(rules) }
}

/// From one date to another; one that begins in a year and runs over its end ends in the next.
fn range(first: (Option<u16>, usize, Option<u8>), last: (Option<u16>, usize, Option<u8>)) -> String {
    const LENGTHS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let last = match (first, last) {
        ((Some(year), month, day), (None, last_month, last_day)) if (last_month, last_day) < (month, day) => {
            let ends = last_day.unwrap_or(LENGTHS[last_month]);
            let first = (Some(year), month, Some(day.unwrap_or(1)));
            return format!("{}-{}", dated(first), dated((Some(year + 1), last_month, Some(ends))));
        }
        (_, last) => last,
    };
    format!("{}-{}", dated(first), dated(last))
}

fn dated((year, month, day): (Option<u16>, usize, Option<u8>)) -> String {
    let year = year.map(|year| format!("{year} ")).unwrap_or_default();
    let day = day.map(|day| format!(" {day:02}")).unwrap_or_default();
    format!("{year}{}{day}", MONTHS[month])
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
