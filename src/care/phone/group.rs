//! Groups of digits in a text, and whether what stands between two leaves them one number.

use std::ops::Range;

use crate::care::clean::plain_width;

/// No number is written in more groups.
const MOST_GROUPS: usize = 6;

/// Digits that stand together, and what stands before them since the last.
pub(super) struct Group {
    pub digits: String,
    pub at: Range<usize>,
    pub before: String,
    /// Whether it opens an international number, with + or with 00, which its digits are without.
    pub plus: bool,
    /// What stands right behind it.
    pub then: Option<char>,
}

pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut before = String::new();
    let mut within = false;
    for (at, c) in text.char_indices().map(|(at, c)| (at, plain_width(c))) {
        if !c.is_ascii_digit() {
            if let Some(group) = groups.last_mut().filter(|_| within) {
                group.then = Some(c);
            }
            before.push(c);
            within = false;
            continue;
        }
        let end = at + text[at..].chars().next().map_or(1, char::len_utf8);
        match groups.last_mut().filter(|_| within) {
            Some(group) => {
                group.digits.push(c);
                group.at.end = end;
            }
            None => {
                let plus = before.ends_with('+') || before.ends_with("+(");
                // The sign or bracket that opens a number belongs to it.
                let lead = before.chars().rev().take_while(|c| matches!(c, '+' | '(')).count();
                let start = text[..at].char_indices().rev().take(lead).last().map_or(at, |(at, _)| at);
                let before = std::mem::take(&mut before);
                groups.push(Group { digits: c.into(), at: start..end, before, plus, then: None });
                within = true;
            }
        }
    }
    for first in 0..groups.len() {
        let Some(rest) = groups[first].digits.strip_prefix("00").filter(|rest| !rest.starts_with('0')) else {
            continue;
        };
        let (rest, run) = (rest.to_owned(), run(&groups, first));
        if groups[first].plus || joined(&groups[first..first + run]).len() < 9 {
            continue;
        }
        if !rest.is_empty() {
            (groups[first].digits, groups[first].plus) = (rest, true);
        } else if run > 1 && !groups[first + 1].digits.starts_with('0') {
            (groups[first + 1].plus, groups[first + 1].at.start) = (true, groups[first].at.start);
        }
    }
    groups
}

/// How many groups from the first on may be one number.
pub(super) fn run(groups: &[Group], first: usize) -> usize {
    let pairs = groups[first..].windows(2).take(MOST_GROUPS - 1);
    1 + pairs.take_while(|pair| joins(&pair[0], &pair[1])).count()
}

/// Whether what stands between two groups leaves them one number. Behind an area code that is any sign.
pub(super) fn joins(last: &Group, group: &Group) -> bool {
    let mut signs = group.before.chars();
    let sign = |c| matches!(c, ' ' | '-' | '–' | '—' | '‐' | '‑' | '−' | '.' | '(' | ')' | '_' | '·' | '•' | '・');
    let area = is_area(&last.digits) && matches!(group.digits.len(), 3 | 4 | 7 | 8);
    !group.plus && group.before.chars().count() <= 3 && signs.all(|c| sign(c) || area && !c.is_alphanumeric())
}

/// Whether digits are an area code with its 0.
pub(super) fn is_area(digits: &str) -> bool {
    digits.strip_prefix('0').is_some_and(|area| area_length(area) == Some(area.len()))
}

/// How long the area code is that a number begins with, without its 0: 10 and 2x are areas, all others have three digits.
pub(super) fn area_length(number: &str) -> Option<usize> {
    match number.as_bytes() {
        [b'1', b'0', ..] | [b'2', ..] => Some(2),
        [b'3'..=b'9', ..] => Some(3),
        _ => None,
    }
}

pub(super) fn span(groups: &[Group]) -> Range<usize> {
    groups[0].at.start..groups[groups.len() - 1].at.end
}

pub(super) fn joined(groups: &[Group]) -> String {
    groups.iter().map(|group| group.digits.as_str()).collect()
}

/// Whether digits behind a number are its extension, by what stands between the two.
pub(super) fn is_extension(group: &Group) -> bool {
    let (digits, before) = (&group.digits, group.before.trim());
    let told = before.trim_matches([' ', ',', '(', ';']).to_lowercase();
    let told = told.trim_end_matches([':', '.', ' ', '：', '号', '=']).trim();
    let words = ["转", "转接", "转分机", "转内线", "分机", "分机号", "内线", "内线转", "内", "接"];
    let signs = ["ext", "extension", "x", "#", "*"];
    let bracketed = before == "(" && group.then == Some(')');
    // Two digits behind such a sign are the last ones of another number.
    let listed = matches!(before, "," | "~" | "～") && digits.len() >= 3;
    digits.len() <= 6 && (words.contains(&told) || signs.contains(&told))
        || digits.len() <= 5 && (bracketed || listed || matches!(before, "-" | "–" | "—"))
}
