//! Opening hours in OpenStreetMap's `opening_hours` syntax, looked at day by day and never farther than [`HORIZON_DAYS`].
//!
//! Only the grammar is that of the crate `opening-hours-syntax`. What a rule means for a day is decided here, because its
//! companion searches for the next change through eight thousand years (half a minute for thirty characters), knows no
//! unknown holidays and takes a remark alone for "open". A closure of certain dates holds wherever it
//! is written. Here a day costs as much as its rules are many, and no more.

mod dates;
mod faults;
mod folding;
mod order;
mod reading;
mod schedule;
mod spoken;
mod words;

use std::fmt;
use std::sync::Arc;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use opening_hours_syntax::rules::day::{MonthdayRange, WeekDayRange};
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleKind};

pub use self::faults::BadHours;
use self::schedule::{Kept, Rules};
use super::holidays::Holidays;

/// Characters of an expression.
pub const MAX_CHARS: usize = 500;
/// Rules of an expression.
pub const MAX_RULES: usize = 32;
/// Dates, weeks, weekdays and times of all its rules together.
pub const MAX_PARTS: usize = 96;
/// How many days ahead a change is looked for.
pub const HORIZON_DAYS: u64 = 400;
/// The farthest that a rule may stand from the holiday or date that it names, in days.
const MAX_OFFSET: i16 = 366;
/// Minutes of a day.
pub const DAY: u16 = 1440;

/// Why nobody can say whether it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The hours themselves leave it open: by a remark, an open end, or the sun.
    Told,
    /// It depends on holidays whose calendar is not known.
    Holidays,
}

/// Open or not, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Closed,
    Open,
    Unknown(Doubt),
}

impl State {
    /// Open, closed, or not known.
    pub fn open(self) -> Option<bool> {
        match self {
            State::Open => Some(true),
            State::Closed => Some(false),
            State::Unknown(_) => None,
        }
    }
}

/// A stretch of one day, in minutes from its midnight.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    pub from: u16,
    pub until: u16,
    pub state: State,
    /// What the rule remarks.
    pub comment: Option<Arc<str>>,
}

/// A rule of certain dates, as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct DatedRule {
    pub dates: Vec<MonthdayRange>,
    /// The rule in OpenStreetMap's words.
    pub written: String,
    pub closed: bool,
    pub comment: Option<Arc<str>>,
}

/// A parsed expression. Times are local to the facility.
#[derive(Clone)]
pub struct Hours {
    rules: Arc<Rules>,
    expression: Arc<OpeningHoursExpression>,
}

impl Hours {
    pub fn parse(text: &str) -> Result<Hours, BadHours> {
        let text = text.trim();
        if text.chars().nth(MAX_CHARS).is_some() {
            return Err(BadHours::Long);
        }
        let mut expression = opening_hours_syntax::parse(text).map_err(|error| faults::explained(text, &error))?;
        let parts = expression.rules.iter().map(|rule| {
            let days = &rule.day_selector;
            let dates = days.year.len() + days.monthday.len() + days.week.len();
            dates + days.weekday.len() + rule.time_selector.spans.len()
        });
        if expression.rules.len() > MAX_RULES || parts.sum::<usize>() > MAX_PARTS {
            return Err(BadHours::Many);
        }
        if offsets(&expression).any(|offset| !(-MAX_OFFSET..=MAX_OFFSET).contains(&offset)) {
            return Err(BadHours::Offset);
        }
        let mut marked = opening_hours_syntax::parse(&folding::marked(text)).unwrap_or_else(|_| expression.clone());
        order::closures_last(&mut expression.rules);
        order::closures_last(&mut marked.rules);
        Ok(Hours { rules: Arc::new(Rules::of(marked)), expression: Arc::new(expression) })
    }

    /// The expression that somebody wrote as it should be, or as one writes it in Chinese: 周一至周五 8:00-17:30. Every
    /// way into the record goes through here.
    pub fn read(text: &str) -> Result<String, BadHours> {
        if text.chars().nth(4 * MAX_CHARS).is_some() {
            return Err(BadHours::Long);
        }
        let folded = folding::folded(text);
        match Hours::parse(&folded) {
            Ok(_) => Ok(folded),
            Err(grammar @ BadHours::Unread(_)) => {
                if let Some(told) = folding::months_named(&folded).filter(|told| Hours::parse(told).is_ok()) {
                    return Ok(told);
                }
                match reading::in_osm(&folded) {
                    Ok(said) => Hours::parse(&said).map(|_| said),
                    // Of what is meant for OpenStreetMap the grammar knows best where it went wrong.
                    Err(_) if folding::osm_only(&folded) => Err(grammar),
                    Err(words) => Err(words),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Open, closed or unknown at a local time.
    pub fn state_at(&self, local: NaiveDateTime) -> State {
        self.stretch_at(local).state
    }

    /// The same with when it ends, which is midnight at the latest.
    pub fn stretch_at(&self, local: NaiveDateTime) -> Stretch {
        let minute = minute_of(local.time());
        let day = self.day(local.date());
        day.into_iter().find(|stretch| minute < stretch.until).unwrap_or(Stretch {
            from: 0,
            until: DAY,
            state: State::Closed,
            comment: None,
        })
    }

    /// Open (`Some(true)`), closed (`Some(false)`), or not said (`None`), at a local time.
    pub fn open_at(&self, local: NaiveDateTime) -> Option<bool> {
        self.state_at(local).open()
    }

    /// One day from midnight to midnight.
    pub fn day(&self, day: NaiveDate) -> Vec<Stretch> {
        self.rules.day(day, Holidays::in_force(), &mut Kept::new())
    }

    /// When the state at `local` next changes, within the horizon; `None` when it does not.
    pub fn next_change(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        self.next_change_within(local, HORIZON_DAYS)
    }

    /// The same within so many days.
    pub fn next_change_within(&self, local: NaiveDateTime, days: u64) -> Option<NaiveDateTime> {
        let holidays = Holidays::in_force();
        // Where no day differs from another, today and tomorrow tell all.
        let days = if self.rules.constant() { 1 } else { days.min(HORIZON_DAYS) };
        let (mut kept, mut state) = (Kept::new(), None);
        for ahead in 0..=days {
            let day = local.date().checked_add_days(Days::new(ahead))?;
            let from = if ahead == 0 { minute_of(local.time()) } else { 0 };
            for stretch in self.rules.day(day, holidays, &mut kept).into_iter().filter(|stretch| stretch.until > from) {
                if *state.get_or_insert(stretch.state) != stretch.state {
                    return day.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::minutes(stretch.from.into()));
                }
            }
        }
        None
    }

    /// Whether it never closes.
    pub fn always_open(&self) -> bool {
        let open = |stretch: &Stretch| stretch.state == State::Open;
        self.rules.constant() && self.day(NaiveDate::default()).iter().all(open)
    }

    /// Whether holidays decide anything.
    pub fn ask_calendar(&self) -> bool {
        self.rules.ask_calendar()
    }

    /// What the rules remark, each once.
    pub fn comments(&self) -> Vec<&str> {
        let mut comments: Vec<&str> = Vec::new();
        for comment in self.rules.list.iter().filter_map(|rule| rule.comment.as_deref()) {
            if !comments.contains(&comment) {
                comments.push(comment);
            }
        }
        comments
    }

    /// The rules of certain dates that still lie ahead of a day, within the horizon.
    pub fn dated(&self, from: NaiveDate) -> Vec<DatedRule> {
        let ahead = |rule: &schedule::Rule| {
            let mut days = from.iter_days().take(HORIZON_DAYS as usize);
            days.any(|day| dates::calendar_matches(&rule.selector, day))
        };
        let rules = self.expression.rules.iter().zip(&self.rules.list).filter(|(rule, kept)| {
            let days = &rule.day_selector;
            !(days.monthday.is_empty() && days.year.is_empty()) && ahead(kept)
        });
        let dated = rules.map(|(rule, kept)| DatedRule {
            dates: if rule.day_selector.year.is_empty() { rule.day_selector.monthday.clone() } else { Vec::new() },
            written: rule.to_string(),
            closed: rule.kind == RuleKind::Closed,
            comment: kept.comment.clone(),
        });
        dated.collect()
    }
}

fn minute_of(time: NaiveTime) -> u16 {
    u16::try_from(time.hour() * 60 + time.minute()).unwrap_or_default()
}

fn offsets(expression: &OpeningHoursExpression) -> impl Iterator<Item = i16> + '_ {
    let days = expression.rules.iter().map(|rule| &rule.day_selector);
    days.flat_map(|days| {
        let weekday = days.weekday.iter().map(|range| match range {
            WeekDayRange::Fixed { offset, .. } | WeekDayRange::Holiday { offset, .. } => [*offset, 0],
        });
        let dates = days.monthday.iter().filter_map(|range| match range {
            MonthdayRange::Date { start, end } => Some([start.1.day_offset, end.1.day_offset]),
            MonthdayRange::Month { .. } => None,
        });
        weekday.chain(dates).flatten()
    })
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hours({})", self.expression)
    }
}

#[cfg(test)]
mod tests;
