//! The schedule of one day: its rules painted over each other, minute by minute, in their order.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use opening_hours_syntax::rules::day::{DaySelector, HolidayKind, WeekDayRange};
use opening_hours_syntax::rules::time::{Time, TimeEvent, TimeSpan};
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleKind, RuleOperator, RuleSequence};

use super::dates::{calendar_matches, weekday_matches};
use super::{DAY, Doubt, State, Stretch};
use crate::care::holidays::Holidays;

/// Holiday offsets from here on mean that the rule speaks of holidays which are such weekdays as well (`PH Su`).
pub(super) const BOTH: i16 = 4000;
/// The same of school holidays.
pub(super) const BOTH_SCHOOL: i16 = 8000;
/// The label of a rule that speaks of working days: Monday to Friday without holidays, and weekends worked in exchange.
pub(super) const WORKING_DAYS: &str = "工作日";
/// How many things about one day may be unknown before the day is not looked at any closer.
const DOUBTS: usize = 4;
/// How many ways one day can go before it is not looked at any closer.
const WAYS: usize = 16;

/// What a calendar is asked about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Public(i16),
    School(i16),
    Worked,
}

/// Minutes of a day and of the next (up to 2880), and what is said of them.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: u16,
    until: u16,
    kind: RuleKind,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub selector: DaySelector,
    /// Indices into what the calendar is asked.
    holidays: Vec<usize>,
    both: bool,
    working: Option<(usize, usize)>,
    spans: Vec<Span>,
    pub kind: RuleKind,
    operator: RuleOperator,
    pub comment: Option<Arc<str>>,
}

/// Days by the rules that match them and the day before.
pub(super) type Kept = HashMap<(BTreeSet<u64>, BTreeSet<u64>), Vec<Stretch>>;

/// All rules of an expression.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub list: Vec<Rule>,
    asked: Vec<Asked>,
}

impl Rules {
    pub fn of(expression: OpeningHoursExpression) -> Rules {
        let mut asked = Vec::new();
        let list = expression.rules.into_iter().map(|rule| Rule::of(rule, &mut asked)).collect();
        Rules { list, asked }
    }

    /// Whether every day is like every other.
    pub fn constant(&self) -> bool {
        self.list.iter().all(|rule| rule.selector.is_empty())
    }

    /// Whether a calendar of holidays is needed.
    pub fn ask_calendar(&self) -> bool {
        !self.asked.is_empty()
    }

    /// The day, from midnight to midnight.
    ///
    /// `kept`: days on which the same rules match are the same, however many a walk over a year meets.
    pub fn day(&self, day: NaiveDate, holidays: &Holidays, kept: &mut Kept) -> Vec<Stretch> {
        let spills = bits(self.list.iter().map(|rule| rule.spans.iter().any(|span| span.until > DAY)));
        let today = self.ways(day, holidays, u64::MAX);
        let before = day.pred_opt().map_or_else(|| BTreeSet::from([0]), |before| self.ways(before, holidays, spills));
        if today.is_empty() || before.is_empty() || today.len() * before.len() > WAYS {
            return vec![Stretch { from: 0, until: DAY, state: State::Unknown(Doubt::Holidays), comment: None }];
        }
        let painted = || {
            let ways = today.iter().flat_map(|today| before.iter().map(|before| self.painted(*today, *before)));
            ways.reduce(|a, b| agreed(&a, &b)).unwrap_or_default()
        };
        if let Some(held) = kept.get(&(today.clone(), before.clone())) {
            return held.clone();
        }
        let painted = painted();
        kept.insert((today, before), painted.clone());
        painted
    }

    /// Every set of rules (as bits) that may match a day; more than one where the calendar is not known. Empty: too many.
    fn ways(&self, day: NaiveDate, holidays: &Holidays, of: u64) -> BTreeSet<u64> {
        let answers: Vec<Option<bool>> = self.asked.iter().map(|asked| answer(*asked, day, holidays)).collect();
        let doubts: Vec<usize> = (0..answers.len()).filter(|at| answers[*at].is_none()).collect();
        if doubts.len() > DOUBTS {
            return BTreeSet::new();
        }
        let calendar = bits(self.list.iter().map(|rule| calendar_matches(&rule.selector, day)));
        let guesses = 0..1u32 << doubts.len();
        let ways = guesses.map(|guess| {
            let mut known: Vec<bool> = answers.iter().map(|answer| answer.unwrap_or_default()).collect();
            for (bit, at) in doubts.iter().enumerate() {
                known[*at] = guess >> bit & 1 == 1;
            }
            let worked = self.asked.iter().zip(&known).any(|(asked, yes)| *asked == Asked::Worked && *yes);
            let day = |at: usize| calendar >> at & 1 == 1 && self.list[at].day_matches(day, &known, worked);
            bits((0..self.list.len()).map(day)) & of
        });
        ways.collect()
    }

    fn painted(&self, today: u64, before: u64) -> Vec<Stretch> {
        let mut painted = Painted::closed();
        for (at, rule) in self.list.iter().enumerate() {
            let (now, spilt) = (today >> at & 1 == 1, before >> at & 1 == 1);
            // A rule of its own says what the whole day is like; "off" only takes away.
            if now && rule.operator == RuleOperator::Normal && rule.kind != RuleKind::Closed {
                painted = Painted::closed();
            }
            for span in &rule.spans {
                if spilt && span.until > DAY {
                    painted.put(rule, span.from.saturating_sub(DAY), span.until - DAY, span.kind);
                }
                if now && span.from < DAY {
                    painted.put(rule, span.from, span.until.min(DAY), span.kind);
                }
            }
        }
        painted.0
    }
}

impl Rule {
    fn of(rule: RuleSequence, asked: &mut Vec<Asked>) -> Rule {
        let mut ask = |what: Asked| {
            asked.iter().position(|held| *held == what).unwrap_or_else(|| {
                asked.push(what);
                asked.len() - 1
            })
        };
        let (mut holidays, mut both) = (Vec::new(), false);
        for range in &rule.day_selector.weekday {
            let WeekDayRange::Holiday { kind, offset } = range else { continue };
            both |= *offset >= BOTH - 1000;
            let what = match (kind, *offset) {
                (_, offset) if offset >= BOTH_SCHOOL - 1000 => Asked::School(offset - BOTH_SCHOOL),
                (_, offset) if offset >= BOTH - 1000 => Asked::Public(offset - BOTH),
                (HolidayKind::Public, offset) => Asked::Public(offset),
                (HolidayKind::School, offset) => Asked::School(offset),
            };
            holidays.push(ask(what));
        }
        let working = (&*rule.comment == WORKING_DAYS).then(|| (ask(Asked::Public(0)), ask(Asked::Worked)));
        let comment = (working.is_none() && !rule.comment.is_empty()).then(|| rule.comment.clone());
        Rule {
            spans: rule.time_selector.spans.iter().flat_map(|span| spans(span, rule.kind)).collect(),
            selector: rule.day_selector,
            holidays,
            both,
            working,
            kind: rule.kind,
            operator: rule.operator,
            comment,
        }
    }

    /// Whether the weekdays and holidays take a day in; years, dates and weeks do already.
    fn day_matches(&self, day: NaiveDate, known: &[bool], worked: bool) -> bool {
        if let Some((public, exchanged)) = self.working {
            let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            return if weekend { known[exchanged] } else { !known[public] };
        }
        if self.selector.weekday.is_empty() {
            return true;
        }
        let holiday = self.holidays.iter().any(|at| known[*at]);
        let weekday = || self.selector.weekday.iter().any(|range| weekday_matches(range, day, worked));
        if self.both { holiday && weekday() } else { holiday || weekday() }
    }
}

fn answer(asked: Asked, day: NaiveDate, holidays: &Holidays) -> Option<bool> {
    let before = |offset: i16| day.checked_sub_signed(TimeDelta::days(offset.into()));
    match asked {
        Asked::Public(offset) => holidays.public(before(offset)?),
        Asked::School(offset) => holidays.school(before(offset)?),
        Asked::Worked => holidays.worked(day),
    }
}

fn bits(of: impl Iterator<Item = bool>) -> u64 {
    of.enumerate().fold(0, |bits, (at, set)| bits | u64::from(set) << at)
}

/// The minutes of a time span. Where the sun decides, or nobody told the end, they are unknown.
fn spans(span: &TimeSpan, kind: RuleKind) -> Vec<Span> {
    const NEXT_DAY: i32 = 2 * DAY as i32;
    let unsure = if kind == RuleKind::Open { RuleKind::Unknown } else { kind };
    let (start, end) = (minutes(&span.range.start), minutes(&span.range.end));
    // Earliest and latest; an end that is not after the start is one of the next day.
    let wraps = if end.1 <= start.0 { i32::from(DAY) } else { 0 };
    let end = (end.0 + wraps, end.1 + wraps);
    let certain = if span.repeats.is_some() { unsure } else { kind };
    let open_only = span.open_end && span.range.end == Time::Fixed(opening_hours_syntax::ExtendedTime::MIDNIGHT_24);
    let mut all = vec![
        (start.0, start.1.min(end.1), RuleKind::Unknown),
        (end.0.max(start.0), end.1, RuleKind::Unknown),
        (start.1, end.0, if open_only { unsure } else { certain }),
    ];
    if span.open_end {
        let from = if open_only { start.1 } else { end.1 };
        // Nobody told the end: until midnight, and in the evening some hours more.
        let guess = match from {
            1320.. => from + 480,
            1020.. => from + 600,
            _ => i32::from(DAY),
        };
        all.push((from, guess, unsure));
    }
    let clamp = |minute: i32| u16::try_from(minute.clamp(0, NEXT_DAY)).unwrap_or_default();
    let spans = all.into_iter().map(|(from, until, kind)| Span { from: clamp(from), until: clamp(until), kind });
    spans.filter(|span| span.from < span.until).collect()
}

/// The earliest and the latest minute. Sunrise and sunset are those of China in Beijing time, from Heilongjiang in June to
/// Xinjiang in December: the record does not compute the sun.
fn minutes(time: &Time) -> (i32, i32) {
    match time {
        Time::Fixed(time) => (i32::from(time.mins_from_midnight()), i32::from(time.mins_from_midnight())),
        Time::Variable(variable) => {
            let (first, last) = match variable.event {
                TimeEvent::Dawn => (120, 570),
                TimeEvent::Sunrise => (180, 630),
                TimeEvent::Sunset => (900, 1410),
                TimeEvent::Dusk => (930, 1470),
            };
            (first + i32::from(variable.offset), last + i32::from(variable.offset))
        }
    }
}

/// A day's stretches in order, without gaps.
struct Painted(Vec<Stretch>);

impl Painted {
    fn closed() -> Painted {
        Painted(vec![Stretch { from: 0, until: DAY, state: State::Closed, comment: None }])
    }

    fn put(&mut self, rule: &Rule, from: u16, until: u16, kind: RuleKind) {
        let state = match kind {
            RuleKind::Open => State::Open,
            RuleKind::Closed => State::Closed,
            RuleKind::Unknown => State::Unknown(Doubt::Told),
        };
        let mut painted: Vec<Stretch> = Vec::with_capacity(self.0.len() + 2);
        for held in self.0.drain(..) {
            let (first, last) = (held.from.max(from), held.until.min(until));
            // What stands in for others (||) stands where they say closed.
            let kept = rule.operator == RuleOperator::Fallback && held.state != State::Closed;
            if first >= last || kept {
                push(&mut painted, held);
                continue;
            }
            let (begin, end) = (held.from, held.until);
            push(&mut painted, Stretch { from: begin, until: first, ..held.clone() });
            push(&mut painted, Stretch { from: first, until: last, state, comment: rule.comment.clone() });
            push(&mut painted, Stretch { from: last, until: end, ..held });
        }
        self.0 = painted;
    }
}

fn push(list: &mut Vec<Stretch>, stretch: Stretch) {
    match list.last_mut() {
        _ if stretch.from >= stretch.until => {}
        Some(last) if (last.state, &last.comment) == (stretch.state, &stretch.comment) => last.until = stretch.until,
        _ => list.push(stretch),
    }
}

/// What two ways a day may go have in common: where they differ, it is unknown for want of a calendar.
fn agreed(a: &[Stretch], b: &[Stretch]) -> Vec<Stretch> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let (mut agreed, mut from) = (Vec::new(), 0);
    while let (Some(one), Some(other)) = (a.peek(), b.peek()) {
        let until = one.until.min(other.until);
        let state = if one.state == other.state { one.state } else { State::Unknown(Doubt::Holidays) };
        let comment = one.comment.clone().filter(|_| one.comment == other.comment);
        push(&mut agreed, Stretch { from, until, state, comment });
        from = until;
        if one.until == until {
            a.next();
        }
        if b.peek().is_some_and(|other| other.until == until) {
            b.next();
        }
    }
    agreed
}
