//! What is wrong with opening hours, in a sentence that says what would be right.

use std::fmt;

use super::{MAX_CHARS, MAX_RULES};

/// Why hours could not be read.
#[derive(Debug, Clone, PartialEq)]
pub enum BadHours {
    /// More characters than [`MAX_CHARS`].
    Long,
    /// More rules than [`MAX_RULES`], or too many parts in them.
    Many,
    /// A day that lies more than a year from the one that it is counted from.
    Offset,
    /// These words are not known.
    Unread(String),
    /// No such time of day.
    Time(String),
    /// Days without their times.
    NoTimes(String),
    /// A time that does not say until when.
    NoEnd(String),
    /// A first week or year after the last.
    Backwards,
}

const RIGHT_EN: &str = "Write it such as \"Mo-Fr 08:00-17:30; Sa 09:00-12:00\", \"周一至周五 8:00-17:30\" or \"24/7\".";
const RIGHT_ZH: &str = "可以写成：周一至周五 8:00-17:30；周六 9:00-12:00，或 24 小时。";

impl BadHours {
    pub fn in_chinese(&self) -> String {
        let wrong = match self {
            BadHours::Long => return format!("开放时间太长，最多 {MAX_CHARS} 个字。临时安排请写在备注里。"),
            BadHours::Many => return format!("开放时间的规则太多，最多 {MAX_RULES} 条。临时安排请写在备注里。"),
            BadHours::Offset => "离节日或日期最多 366 天。".to_owned(),
            BadHours::Unread(what) => format!("看不懂“{what}”。"),
            BadHours::Time(what) => format!("没有“{what}”这个时间，一天是 0:00 到 24:00。"),
            BadHours::NoTimes(what) => format!("“{what}”没有写几点到几点，也没有写休息。"),
            BadHours::NoEnd(what) => format!("“{what}”没有写到几点。"),
            BadHours::Backwards => "开始的周或年在结束之后，请对调。".to_owned(),
        };
        wrong + RIGHT_ZH
    }
}

impl fmt::Display for BadHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = match self {
            BadHours::Long => {
                return write!(
                    f,
                    "These hours are too long: at most {MAX_CHARS} characters. Put passing matters in the note."
                );
            }
            BadHours::Many => {
                return write!(
                    f,
                    "These hours have too many rules: at most {MAX_RULES}. Put passing matters in the note."
                );
            }
            BadHours::Offset => "A day is at most 366 days from its holiday or date.".to_owned(),
            BadHours::Unread(what) => format!("\"{what}\" cannot be read as opening hours."),
            BadHours::Time(what) => format!("There is no time \"{what}\": a day is from 00:00 to 24:00."),
            BadHours::NoTimes(what) => format!("\"{what}\" does not say from when until when, nor that it is closed."),
            BadHours::NoEnd(what) => format!("\"{what}\" does not say until when."),
            BadHours::Backwards => "The first week or year is after the last; exchange them.".to_owned(),
        };
        write!(f, "{wrong} {RIGHT_EN}")
    }
}

impl std::error::Error for BadHours {}

/// The grammar's error as a sentence: of its drawing only the place is kept.
pub(super) fn explained(text: &str, error: &opening_hours_syntax::Error) -> BadHours {
    use opening_hours_syntax::Error;
    match error {
        Error::InvertedYearRange { .. } | Error::InvertedWeekRange { .. } => BadHours::Backwards,
        Error::InvalidExtendedTime { hour, minutes } => BadHours::Time(format!("{hour}:{minutes:02}")),
        Error::Overflow { value, .. } => BadHours::Unread(value.to_string()),
        Error::Unsupported(_) => BadHours::NoEnd(piece(text)),
        Error::Syntax(error) => {
            // " --> 1:8": the line and the character at which nothing fits any more.
            let drawn = error.to_string();
            let place = drawn.split("--> ").nth(1).and_then(|rest| rest.split_whitespace().next()?.split_once(':'));
            let (line, character) = place.map_or((1, 1), |(line, character)| {
                (line.parse().unwrap_or(1usize), character.parse().unwrap_or(1usize))
            });
            let line = text.lines().nth(line.saturating_sub(1)).unwrap_or(text);
            BadHours::Unread(around(line, character.saturating_sub(1)))
        }
        Error::GrammarUnexpectedToken { .. } | Error::GrammarLogic { .. } => BadHours::Unread(piece(text)),
    }
}

/// The word that stands at a character, whole; the last one where that is the end.
fn around(line: &str, character: usize) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, ';' | ',');
    let all: Vec<char> = line.chars().collect();
    let mut at = character.min(all.len().saturating_sub(1));
    while at > 0 && all.get(at).is_none_or(|c| ends(*c)) {
        at -= 1;
    }
    let from = (0..at).rev().find(|before| ends(all[*before])).map_or(0, |before| before + 1);
    let until = (at..all.len()).find(|after| ends(all[*after])).unwrap_or(all.len());
    piece(&all[from..until].iter().collect::<String>())
}

/// No more of a text than one can take in.
pub(super) fn piece(text: &str) -> String {
    const SHOWN: usize = 24;
    let mut shown: String = text.trim().chars().take(SHOWN).collect();
    if text.trim().chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
