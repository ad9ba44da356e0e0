//! Which days a rule of opening hours speaks of. A question about one day, never a search for the next.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use opening_hours_syntax::rules::day::{
    Date, DateOffset, DaySelector, Month, MonthdayRange, WeekDayOffset, WeekDayRange, WeekRange, YearRange,
};

/// Whether the years, dates and weeks of a selector take a day in. Weekdays and holidays are looked at apart.
pub(super) fn calendar_matches(selector: &DaySelector, day: NaiveDate) -> bool {
    (selector.year.is_empty() || selector.year.iter().any(|range| year_matches(range, day)))
        && (selector.monthday.is_empty() || selector.monthday.iter().any(|range| monthday_matches(range, day)))
        && (selector.week.is_empty() || selector.week.iter().any(|range| week_matches(range, day)))
}

fn year_matches(range: &YearRange, day: NaiveDate) -> bool {
    let (years, step) = range.into_parts();
    let (first, last) = (years.start().0, years.end().0);
    (first..=last).contains(&day.year()) && (day.year() - first) % i32::from(step.max(1)) == 0
}

fn week_matches(range: &WeekRange, day: NaiveDate) -> bool {
    let (weeks, step) = range.into_parts();
    let (first, last) = (u32::from(weeks.start().0), u32::from(weeks.end().0));
    let week = day.iso_week().week();
    (first..=last).contains(&week) && (week - first).is_multiple_of(u32::from(step.max(1)))
}

fn monthday_matches(range: &MonthdayRange, day: NaiveDate) -> bool {
    match range {
        MonthdayRange::Month { range, year } => {
            let (first, last, month) = (*range.start() as u32, *range.end() as u32, day.month());
            let of_year = |wanted: i32| year.is_none_or(|year| year.0 == wanted);
            if first <= last {
                (first..=last).contains(&month) && of_year(day.year())
            } else {
                (month >= first && of_year(day.year())) || (month <= last && of_year(day.year() - 1))
            }
        }
        MonthdayRange::Date { start, end } => {
            // A range that has begun in the year before, or that an offset carries over New Year.
            (day.year() - 1..=day.year() + 1)
                .any(|year| date_range(start, end, year).is_some_and(|(first, last)| (first..=last).contains(&day)))
        }
    }
}

/// The first and the last day of the range that begins in a year.
fn date_range(
    (start, start_offset): &(Date, DateOffset),
    (end, end_offset): &(Date, DateOffset),
    year: i32,
) -> Option<(NaiveDate, NaiveDate)> {
    if start.year().is_some_and(|told| told.0 != year) {
        return None;
    }
    let first = on_year(*start, year, Missing::After)?;
    let last = match end.year() {
        Some(told) => {
            let last = on_year(*end, told.0, Missing::Before)?;
            // Only the end names a year: of all ranges it is the one that ends then.
            let begins = if on_year(*start, told.0, Missing::After)? <= last { told.0 } else { told.0 - 1 };
            if start.year().is_none() && year != begins {
                return None;
            }
            last
        }
        None => {
            let same = on_year(*end, year, Missing::Before)?;
            // 29 February alone is no day in most years, and not the whole year from 1 March on.
            if start == end && same < first {
                return None;
            }
            if same < first { on_year(*end, year + 1, Missing::Before)? } else { same }
        }
    };
    Some((shifted(first, *start_offset)?, shifted(last, *end_offset)?))
}

/// What stands for a day that a month does not have.
#[derive(Clone, Copy)]
enum Missing {
    Before,
    After,
}

fn on_year(date: Date, year: i32, missing: Missing) -> Option<NaiveDate> {
    match date {
        Date::Easter { .. } => easter(year),
        Date::Fixed { month, day, .. } => NaiveDate::from_ymd_opt(year, month as u32, u32::from(day)).or_else(|| {
            let last = last_of_month(year, month)?;
            match missing {
                Missing::Before => Some(last),
                Missing::After => last.succ_opt(),
            }
        }),
        Date::Weekday { month, wday, nth, .. } => {
            let nth_u8 = nth.unsigned_abs();
            if nth >= 0 {
                return NaiveDate::from_weekday_of_month_opt(year, month as u32, wday, nth_u8);
            }
            let five = NaiveDate::from_weekday_of_month_opt(year, month as u32, wday, 5).is_some();
            let count: u8 = if five { 5 } else { 4 };
            NaiveDate::from_weekday_of_month_opt(year, month as u32, wday, (count + 1).checked_sub(nth_u8)?)
        }
    }
}

fn last_of_month(year: i32, month: Month) -> Option<NaiveDate> {
    let (year, next) = if month as u32 == 12 { (year + 1, 1) } else { (year, month as u32 + 1) };
    NaiveDate::from_ymd_opt(year, next, 1)?.pred_opt()
}

fn shifted(day: NaiveDate, offset: DateOffset) -> Option<NaiveDate> {
    let day = day.checked_add_signed(TimeDelta::days(offset.day_offset.into()))?;
    match offset.wday_offset {
        WeekDayOffset::None => Some(day),
        WeekDayOffset::Next(wday) => day.checked_add_days(Days::new(u64::from(wday.days_since(day.weekday())))),
        WeekDayOffset::Prev(wday) => day.checked_sub_days(Days::new(u64::from(day.weekday().days_since(wday)))),
    }
}

/// Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher.
fn easter(year: i32) -> Option<NaiveDate> {
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let corrected = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - corrected + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * sunday) / 451;
    let march = epact + sunday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(march / 31).ok()?, u32::try_from(march % 31 + 1).ok()?)
}

/// Whether a range of weekdays takes a day in. `on_worked_weekend`: the day is a Saturday or Sunday that is worked, and
/// the hours speak of working days: what is only about the weekend then leaves it alone.
pub(super) fn weekday_matches(range: &WeekDayRange, day: NaiveDate, on_worked_weekend: bool) -> bool {
    let WeekDayRange::Fixed { range, offset, nth_from_start, nth_from_end } = range else { return false };
    let Some(day) = day.checked_sub_signed(TimeDelta::days((*offset).into())) else { return false };
    let (first, last) = (*range.start(), *range.end());
    let length = last.days_since(first);
    if day.weekday().days_since(first) > length {
        return false;
    }
    let only_weekend = [first, last].iter().all(|day| matches!(day, Weekday::Sat | Weekday::Sun)) && length < 2;
    if on_worked_weekend && only_weekend {
        return false;
    }
    let left = last_day(day).saturating_sub(day.day());
    let nth = |list: &[bool; 5], at: u32| list.get(at as usize / 7).copied().unwrap_or_default();
    nth(nth_from_start, day.day() - 1) || nth(nth_from_end, left)
}

fn last_day(day: NaiveDate) -> u32 {
    let next = if day.month() == 12 { (day.year() + 1, 1) } else { (day.year(), day.month() + 1) };
    let first = NaiveDate::from_ymd_opt(next.0, next.1, 1);
    first.and_then(|first| first.pred_opt()).map_or(31, |last| last.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn matching(expression: &str, year: i32) -> Vec<String> {
        let parsed = opening_hours_syntax::parse(expression).expect("an expression");
        let days = NaiveDate::from_ymd_opt(year, 1, 1).expect("a day").iter_days().take_while(|day| day.year() == year);
        let taken = days.filter(|day| calendar_matches(&parsed.rules[0].day_selector, *day));
        taken.map(|day| day.format("%m-%d").to_string()).collect()
    }

    #[test]
    fn dates_are_matched_over_new_year_and_leap_days() {
        assert_eq!(matching("Feb 29 off", 2026).len() + matching("Feb 29 off", 2028).len(), 1);
        assert_eq!(matching("Dec 30-Jan 02 off", 2026), ["01-01", "01-02", "12-30", "12-31"]);
        assert_eq!(matching("2026 Nov 30-Dec 02 off", 2026), ["11-30", "12-01", "12-02"]);
        assert_eq!(matching("2026 Nov 30-Dec 02 off", 2027), Vec::<String>::new());
        assert_eq!(matching("2026 Dec 31-2027 Jan 02 off", 2027), ["01-01", "01-02"]);
        assert_eq!(matching("easter off", 2026), ["04-05"]);
        assert_eq!(matching("easter -2 days off", 2027), ["03-26"]);
        assert_eq!(matching("May Su[2] off", 2026), ["05-10"]);
        assert_eq!(matching("Nov-Feb off", 2026).len(), 31 + 28 + 30 + 31);
        // A year in front is a condition of its own (opening_hours.js reads it so too): of the winter only what lies in it.
        assert_eq!(matching("2026 Nov-Feb off", 2026).len(), 31 + 28 + 30 + 31);
        assert_eq!(matching("2026 Nov-Feb off", 2027).len(), 0);
        assert_eq!(matching("week 1-53/2 off", 2026).len() + matching("week 2-53/2 off", 2026).len(), 365);
        assert_eq!(matching("9999 off", 2026), Vec::<String>::new());
        assert_eq!(matching("Feb 29 week 30 off", 2028), Vec::<String>::new());
    }

    #[test]
    fn weekdays_are_counted_within_the_month_from_both_ends() {
        let of = |expression: &str, at: &str| {
            let parsed = opening_hours_syntax::parse(expression).expect("an expression");
            weekday_matches(&parsed.rules[0].day_selector.weekday[0], day(at), false)
        };
        assert!(of("Su[1] off", "2026-11-01") && !of("Su[1] off", "2026-11-08") && of("Su[-1] off", "2026-11-29"));
        assert!(of("Fr-Mo off", "2026-11-29") && of("Fr-Mo off", "2026-11-27") && !of("Fr-Mo off", "2026-11-26"));
    }
}
