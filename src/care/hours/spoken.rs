//! Turns of speech about opening hours: 除周一外, 其余, 节假日不休, 国庆节休息, 暂停营业; and times that may be something else.

use super::reading::{Written, number};
use super::words::{ASK, CLOSED, Token};
use crate::care::simplified::simplified;

/// A whole text that tells no times, with itself as the remark: closed until further notice, or to be asked for.
pub(super) fn whole(text: &str) -> Option<String> {
    let plain = simplified(text);
    if CLOSED.contains(&&*plain) {
        return Some(format!("off \"{text}\""));
    }
    ASK.contains(&&*plain).then(|| format!("\"{text}\""))
}

/// 除周一外 9:00-17:00 as what it means: 9:00-17:00；周一休息. None where the days or the times are missing.
pub(super) fn turned(mut tokens: Vec<Token>) -> Option<Vec<Token>> {
    while let Some(from) = tokens.iter().position(|token| *token == Token::Except) {
        let until = from + tokens[from..].iter().position(|token| *token == Token::Beyond)?;
        let end = tokens[until..].iter().position(|token| *token == Token::End).map_or(tokens.len(), |at| until + at);
        let (days, what) = (&tokens[from + 1..until], &tokens[until + 1..end]);
        let day = |token: &Token| matches!(token, Token::Day(_) | Token::Days(_) | Token::Dash | Token::Comma);
        let told = what.iter().any(|token| matches!(token, Token::Time(_) | Token::Always));
        let other =
            what.iter().any(|token| !matches!(token, Token::Time(_) | Token::Always | Token::Dash | Token::Comma));
        // Behind the times it says of them what it says before them.
        let behind =
            what.is_empty() && tokens[..from].iter().any(|token| matches!(token, Token::Time(_) | Token::Always));
        if days.is_empty() || !days.iter().all(day) || !(told || behind) || other {
            return None;
        }
        let mut next = tokens[..from].to_vec();
        next.extend_from_slice(what);
        next.push(Token::End);
        next.extend_from_slice(days);
        next.push(Token::Off);
        next.extend_from_slice(&tokens[end..]);
        tokens = next;
    }
    Some(tokens)
}

/// The rules in the order in which they hold, where they speak of each other; None where it is not sure what they mean.
pub(super) fn arranged(rules: Vec<Written>) -> Option<Vec<Written>> {
    let (feasts, rules): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| !rule.feasts.is_empty());
    let (mut rest, rules): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| rule.rest);
    let (as_ever, mut rules): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| rule.open && !rule.timed());
    let sure = |rule: &Written| rule.off && rule.days.is_empty() && rule.dates.is_empty() && !rule.rest;
    let timed = |rules: &[Written]| rules.iter().any(Written::timed);
    if !feasts.is_empty() && !(feasts.iter().all(sure) && (timed(&rules) || timed(&rest))) {
        return None;
    }
    // What is so on all other days comes first, and what is said of some days lies over it.
    for rule in &mut rest {
        if !rule.timed() || rules.is_empty() {
            return None;
        }
        if rule.days.is_empty() && rule.dates.is_empty() {
            rule.days.push("Mo-Su".to_owned());
        }
    }
    // Hours of no days behind days off are those of all other days.
    let bare = |rule: &Written| rule.timed() && rule.days.is_empty() && rule.dates.is_empty();
    if let Some(at) = rules.iter().position(bare).filter(|at| rules[..*at].iter().any(|rule| rule.off)) {
        if rules.iter().filter(|rule| rule.timed()).count() > 1 || !rest.is_empty() {
            return None;
        }
        let hours = rules.remove(at);
        rules.insert(0, hours);
    }
    for rule in rules.iter_mut().filter(|rule| rule.open && rule.days == ["PH"]) {
        rule.days.insert(0, "Mo-Su".to_owned());
    }
    if !as_ever.is_empty() {
        let mut hours: Vec<_> = rules.iter_mut().filter(|rule| rule.timed()).collect();
        let [only] = hours.as_mut_slice() else { return None };
        if only.working || !only.dates.is_empty() || !rest.is_empty() {
            return None;
        }
        for rule in as_ever {
            if rule.days.is_empty() || !rule.dates.is_empty() || rule.working {
                return None;
            }
            if only.days.is_empty() {
                only.days.push("Mo-Su".to_owned());
            }
            only.days.extend(rule.days);
        }
    }
    rest.extend(rules);
    rest.extend(feasts);
    Some(rest)
}

/// 2026-11-28, and the same with / or a point.
pub(super) fn iso_date(text: &str) -> Option<(Token, &str)> {
    let (year, rest) = number(text).filter(|(year, _)| (1900..=2200).contains(year))?;
    let sign = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (month, rest) = number(&rest[1..]).filter(|(month, _)| (1..=12).contains(month))?;
    let (day, rest) = number(rest.strip_prefix(sign)?).filter(|(day, _)| (1..=31).contains(day))?;
    let alone = !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':');
    alone.then_some((Token::Date(Some(year), usize::from(month) - 1, u8::try_from(day).ok()), rest))
}

/// 8.30 or 0830: a time only where all around it is one too.
pub(super) fn loose_time(text: &str, half: u16) -> Option<(u16, &str)> {
    let (first, rest) = number(text)?;
    let digits = text.len() - rest.len();
    let (mut hour, minute, rest) = match rest.strip_prefix('.') {
        Some(after) if digits <= 2 => {
            let (minute, rest) = number(after).filter(|(_, rest)| after.len() - rest.len() == 2)?;
            (first, minute, rest)
        }
        None if digits == 4 => (first / 100, first % 100, rest),
        _ => return None,
    };
    if hour < half {
        hour += 12;
    }
    let alone = !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || ":.年月日号点时".contains(c));
    let sound = minute.is_multiple_of(5) && minute < 60 && hour * 60 + minute <= 24 * 60;
    (alone && sound).then_some((hour * 60 + minute, rest))
}

/// Whether the times of each rule follow each other: 4.30-9.30 8.00-18.00 begins with dates.
pub(super) fn loose_in_order(tokens: &[Token]) -> bool {
    let mut last = None;
    tokens.iter().all(|token| match token {
        Token::Time(time) => {
            let later = last.is_none_or(|last| last < *time);
            last = Some(*time);
            later
        }
        Token::Dash | Token::Comma => true,
        _ => {
            last = None;
            true
        }
    })
}
