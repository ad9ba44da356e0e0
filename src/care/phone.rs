//! Phone numbers in a text as people write it: which parts of it are numbers, and what to dial for each.
//!
//! A number that has a Chinese form is dialled with the country's code (`+86`), 400 and 800 numbers too. Short service
//! numbers (120, 12345, 95519) have no form with a country's code and are dialled as they are. A number without area code
//! takes that of its neighbour. A number of no Chinese form, such as `(205) 555-0100`, is dialled as it is written, with a
//! `+` for the 00 of an international one. The number of an account (QQ, WeChat) and digits of an e-mail are none.

use std::ops::Range;

use self::group::{Group, area_length, groups, is_extension, joined, joins, run, span};
use super::clean::plain_width;

mod account;
mod group;

/// A number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
    /// What is dialled: `+8652755550101`, or `12345`.
    pub dial: String,
    /// The extension behind it.
    pub extension: Option<String>,
}

impl PhoneNumber {
    /// As a link (RFC 3966).
    pub fn uri(&self) -> String {
        match &self.extension {
            Some(extension) => format!("tel:{};ext={extension}", self.dial),
            None => format!("tel:{}", self.dial),
        }
    }
}

/// The numbers of a text, in their order; none where nothing in it can be dialled.
pub fn numbers(text: &str) -> Vec<PhoneNumber> {
    let groups = groups(text);
    let mut found: Vec<Found> = Vec::new();
    let mut next = 0;
    while next < groups.len() {
        if account::is_account(text, &groups, next) {
            next += 1;
        } else if let Some((taken, number)) = after(&groups, next, found.last()).or_else(|| number_at(&groups, next)) {
            next += taken;
            let mut number = number;
            if number.extension.is_none()
                && let Some(group) = groups.get(next).filter(|group| is_extension(group))
            {
                number.extension = Some(group.digits.clone());
                number.at.end = group.at.end;
                next += 1;
            }
            found.push(number);
        } else {
            next += 1;
        }
    }
    let area = |at: usize| {
        let (before, after) = found.split_at(at);
        before.iter().rev().chain(after).find_map(|number| match &number.form {
            Form::Landline { area, .. } => Some(area.clone()),
            _ => None,
        })
    };
    let dialled: Vec<_> = found.iter().enumerate().map(|(at, number)| number.form.dial(|| area(at))).collect();
    let numbers = found.iter().zip(dialled);
    numbers
        .map(|(found, dial)| PhoneNumber { at: found.at.clone(), dial, extension: found.extension.clone() })
        .collect()
}

fn is_among(text: &str, wanted: &str) -> bool {
    let wanted = national(wanted);
    wanted.len() >= 7
        && numbers(text).iter().any(|number| {
            let held = national(&number.dial);
            held == wanted || held.len() > wanted.len() && wanted.len() <= 8 && held.ends_with(wanted)
        })
}

/// The number that a search asks for, where its words are one number and nothing else: an extension behind it, and a
/// word such as "tel" before it, are passed over.
pub fn wanted(words: &str) -> Option<String> {
    let digits = words.chars().filter(|c| plain_width(*c).is_ascii_digit()).count();
    if !(7..=20).contains(&digits) {
        return None;
    }
    let numbers = numbers(words);
    let [only] = numbers.as_slice() else { return None };
    let around = words[..only.at.start].chars().chain(words[only.at.end..].chars());
    let other: String = around.map(plain_width).filter(|c| c.is_alphanumeric()).collect();
    let passed_over = ["", "tel", "phone", "电话", "手机", "座机"];
    passed_over.contains(&&*other.to_lowercase()).then(|| only.dial.clone())
}

/// Whether one of the numbers in `text` is the one that is `wanted`, with its area code or without. Asked of every
/// facility in a search, and answered at once where the last digits are not there.
pub fn has_number(text: &str, wanted: &str) -> bool {
    let digits: String = text.chars().map(plain_width).filter(char::is_ascii_digit).collect();
    let last = wanted.len().saturating_sub(4);
    digits.contains(&wanted[last..]) && is_among(text, wanted)
}

fn national(dial: &str) -> &str {
    dial.strip_prefix("+86").unwrap_or(dial)
}

/// A number, before its area code is settled.
struct Found {
    at: Range<usize>,
    form: Form,
    extension: Option<String>,
}

/// What sort of number it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// In China, with its area code, no leading 0.
    Landline { area: String, number: String },
    /// In China without area code.
    Local(String),
    /// A mobile or a 400 or 800 number.
    National(String),
    /// Dialled as it stands.
    AsWritten(String),
}

impl Form {
    fn dial(&self, area: impl Fn() -> Option<String>) -> String {
        match self {
            Form::Landline { area, number } => format!("+86{area}{number}"),
            Form::Local(number) => area().map_or_else(|| number.clone(), |area| format!("+86{area}{number}")),
            Form::National(number) => format!("+86{number}"),
            Form::AsWritten(number) => number.clone(),
        }
    }
}

/// Numbers are short; what is longer is none.
const LONGEST: usize = 15;
/// The number that begins at a group, and how many groups it takes.
fn number_at(groups: &[Group], first: usize) -> Option<(usize, Found)> {
    let run = run(groups, first);
    let of = |count: usize| &groups[first..first + count];
    if let Some((count, form)) = (1..=run).rev().find_map(|count| Some((count, known_form(of(count))?))) {
        return Some((count, Found { at: span(of(count)), form, extension: None }));
    }
    // Not while a number of a known form begins further on: what stands here may be its serial number.
    let later = !groups[first].plus
        && (1..run).any(|skip| (1..=run - skip).any(|count| known_form(&of(run)[skip..skip + count]).is_some()));
    let digits = joined(of(run));
    let plus = if groups[first].plus { "+" } else { "" };
    let sound = (7..=LONGEST).contains(&digits.len()) && !looks_like_day(of(run));
    (!later && sound)
        .then(|| (run, Found { at: span(of(run)), form: Form::AsWritten(format!("{plus}{digits}")), extension: None }))
}

/// 2024-06-30 is no number.
fn looks_like_day(groups: &[Group]) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
    lengths.len() == 3 && lengths[0] == 4 && lengths[1] <= 2 && lengths[2] <= 2
}

/// The form of a number, where it is one that is known.
fn known_form(groups: &[Group]) -> Option<Form> {
    let digits = joined(groups);
    let (first, rest) = (&groups[0], &groups[1..]);
    // A digit alone behind a number is its extension.
    if rest.last().is_some_and(|last| last.digits.len() == 1) {
        return None;
    }
    let american = |number: &str| {
        number.len() == 10 && !number.starts_with(['0', '1']) && !matches!(number.as_bytes()[3], b'0' | b'1')
    };
    if let Some(number) = digits.strip_prefix('1').filter(|number| american(number))
        && (first.plus || first.digits == "1")
    {
        return Some(Form::AsWritten(format!("+1{number}")));
    }
    let bracketed = first.before.ends_with('(') && first.digits.len() == 3 && rest.len() == 2;
    if bracketed && american(&digits) {
        return Some(Form::AsWritten(digits));
    }
    let abroad = digits.strip_prefix("86").filter(|_| first.plus);
    if first.plus && abroad.is_none() {
        return None;
    }
    let home = abroad.or_else(|| digits.strip_prefix("86").filter(|rest| rest.len() >= 10)).map(|number| {
        let number = number.strip_prefix('0').unwrap_or(number);
        mobile_or_free(number).or_else(|| landline(number))
    });
    if let Some(Some(form)) = home {
        return Some(form);
    }
    if abroad.is_some() {
        return None;
    }
    let behind_zero =
        || digits.strip_prefix('0').and_then(|number| mobile_or_free(number).or_else(|| landline(number)));
    if let Some(form) = mobile_or_free(&digits).or_else(behind_zero) {
        return Some(form);
    }
    let local = matches!(digits.len(), 7 | 8) && matches!(digits.as_bytes()[0], b'2'..=b'8') && groups.len() <= 2;
    if local && groups.iter().all(|group| group.digits.len() >= 3) {
        return Some(Form::Local(digits));
    }
    (rest.is_empty() && is_service(&digits)).then_some(Form::AsWritten(digits))
}

fn mobile_or_free(number: &str) -> Option<Form> {
    let mobile = number.len() == 11 && number.starts_with('1') && matches!(number.as_bytes()[1], b'3'..=b'9');
    let free = number.len() == 10 && (number.starts_with("400") || number.starts_with("800"));
    (mobile || free).then(|| Form::National(number.to_owned()))
}

/// A number with its area code, without the leading 0.
fn landline(number: &str) -> Option<Form> {
    let (area, number) = number.split_at_checked(area_length(number)?)?;
    let subscriber = match number.len() {
        7 | 8 => !number.starts_with('0'),
        _ => number.len() >= 5 && is_service(number),
    };
    subscriber.then(|| Form::Landline { area: area.to_owned(), number: number.to_owned() })
}

/// Short numbers of services.
fn is_service(digits: &str) -> bool {
    match digits.len() {
        3 => matches!(digits, "110" | "112" | "114" | "119" | "120" | "122" | "999"),
        5 => digits.starts_with('1') || digits.starts_with("95") || digits.starts_with("96"),
        6 => digits.starts_with("95") || digits.starts_with("96"),
        _ => false,
    }
}

/// A short group behind a list's sign: the last digits of another number (`55550101/02`), or another extension.
fn after(groups: &[Group], at: usize, last: Option<&Found>) -> Option<(usize, Found)> {
    let (group, last) = (&groups[at], last?);
    let listed = matches!(group.before.trim(), "/" | "、" | "~" | "～" | "至" | "," | "或" | "|" | "\\");
    let alone = groups.get(at + 1).is_none_or(|next| !joins(group, next));
    if !listed || !alone || group.plus {
        return None;
    }
    if let Some(extension) = &last.extension {
        let another = group.digits.len() == extension.len() && group.digits.len() <= 6;
        let form = last.form.clone();
        return another.then(|| (1, Found { at: group.at.clone(), form, extension: Some(group.digits.clone()) }));
    }
    if group.digits.len() > 4 || is_service(&group.digits) || is_extension(group) {
        return None;
    }
    let ended = |number: &str| {
        let kept = number.len().checked_sub(group.digits.len())?;
        Some(format!("{}{}", &number[..kept], group.digits))
    };
    let form = match &last.form {
        Form::Landline { area, number } => Form::Landline { area: area.clone(), number: ended(number)? },
        Form::Local(number) => Form::Local(ended(number)?),
        Form::National(_) | Form::AsWritten(_) => return None,
    };
    Some((1, Found { at: group.at.clone(), form, extension: None }))
}

#[cfg(test)]
mod tests;
