//! Public holidays and the weekend days worked in exchange (调休), one calendar a year, each with its source.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

/// The calendars that come with the program. A year that is not here, nor in the bureau's folder, is not known.
const SHIPPED: [&str; 3] = [
    include_str!("../../seed/holidays/cn-2024.toml"),
    include_str!("../../seed/holidays/cn-2025.toml"),
    include_str!("../../seed/holidays/cn-2026.toml"),
];

/// One run of days off, as its notice names it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub name_zh: String,
    pub name_en: String,
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
}

/// The calendar of one year, as its file says it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayYear {
    pub year: i32,
    pub source: String,
    #[serde(rename = "holiday")]
    pub holidays: Vec<Holiday>,
    /// Saturdays and Sundays that are worked in exchange.
    pub working: Vec<NaiveDate>,
    /// School holidays, where the bureau tells them: they differ from province to province.
    pub school: Option<Vec<Holiday>>,
}

/// What is wrong with a calendar.
#[derive(Debug, thiserror::Error)]
#[error("not a calendar of holidays: {0}")]
pub struct BadHolidays(String);

impl HolidayYear {
    /// Reads the calendar of one year and refuses what cannot be.
    pub fn read(text: &str) -> Result<HolidayYear, BadHolidays> {
        let year: HolidayYear = toml::from_str(text).map_err(|error| BadHolidays(error.to_string()))?;
        for holiday in year.holidays.iter().chain(year.school.iter().flatten()) {
            let within = holiday.from.year() == year.year && holiday.to.year() == year.year;
            if !within || holiday.from > holiday.to {
                let Holiday { name_zh, from, to, .. } = holiday;
                return Err(BadHolidays(format!(
                    "{name_zh} is from {from} to {to}; both days stand in {}, the first before the last",
                    year.year
                )));
            }
        }
        for day in &year.working {
            let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            if day.year() != year.year || !weekend || year.holiday(*day).is_some() {
                return Err(BadHolidays(format!(
                    "{day} is no Saturday or Sunday of {} that could be worked",
                    year.year
                )));
            }
        }
        Ok(year)
    }

    fn holiday(&self, day: NaiveDate) -> Option<&Holiday> {
        self.holidays.iter().find(|holiday| (holiday.from..=holiday.to).contains(&day))
    }
}

/// The calendars of all years that are known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Holidays(BTreeMap<i32, HolidayYear>);

static IN_FORCE: OnceLock<Holidays> = OnceLock::new();

impl Holidays {
    /// The calendars that come with the program, and these in the place of theirs.
    pub fn with(years: impl IntoIterator<Item = HolidayYear>) -> Holidays {
        let shipped = SHIPPED.iter().filter_map(|text| HolidayYear::read(text).ok());
        Holidays(shipped.chain(years).map(|year| (year.year, year)).collect())
    }

    /// The calendars that this process goes by.
    pub fn in_force() -> &'static Holidays {
        IN_FORCE.get_or_init(|| Holidays::with([]))
    }

    /// Goes by these from now on; only before anybody has asked. Whether it was so.
    pub fn put_in_force(self) -> bool {
        IN_FORCE.set(self).is_ok()
    }

    /// Whether the calendar of this day's year is known.
    pub fn knows(&self, day: NaiveDate) -> bool {
        self.0.contains_key(&day.year())
    }

    pub fn years(&self) -> impl Iterator<Item = &HolidayYear> {
        self.0.values()
    }

    /// The public holiday that a day belongs to.
    pub fn holiday(&self, day: NaiveDate) -> Option<&Holiday> {
        self.0.get(&day.year())?.holiday(day)
    }

    /// Whether a day is a public holiday; `None` where its year is not known.
    pub fn public(&self, day: NaiveDate) -> Option<bool> {
        Some(self.0.get(&day.year())?.holiday(day).is_some())
    }

    /// Whether a day is a school holiday; `None` where nobody told those of its year.
    pub fn school(&self, day: NaiveDate) -> Option<bool> {
        let told = self.0.get(&day.year())?.school.as_ref()?;
        Some(told.iter().any(|holiday| (holiday.from..=holiday.to).contains(&day)))
    }

    /// Whether a Saturday or Sunday is worked in exchange; `None` where its year is not known.
    pub fn worked(&self, day: NaiveDate) -> Option<bool> {
        Some(self.0.get(&day.year())?.working.contains(&day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_shipped_calendars_are_those_of_the_notices() {
        let holidays = Holidays::with([]);
        assert_eq!(holidays.years().map(|year| year.year).collect::<Vec<_>>(), [2024, 2025, 2026]);
        // Days off and days worked in exchange, as the notices count them.
        for (year, off, worked) in
            [(2024, 1 + 8 + 3 + 5 + 1 + 3 + 7, 8), (2025, 1 + 8 + 3 + 5 + 3 + 8, 5), (2026, 33, 6)]
        {
            let days = day(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
            let of =
                |what: &dyn Fn(NaiveDate) -> Option<bool>| days.clone().filter(|day| what(*day) == Some(true)).count();
            assert_eq!((of(&|day| holidays.public(day)), of(&|day| holidays.worked(day))), (off, worked), "{year}");
        }
        assert_eq!(holidays.holiday(day("2026-10-01")).map(|holiday| &*holiday.name_zh), Some("国庆节"));
        assert_eq!((holidays.worked(day("2026-09-20")), holidays.public(day("2027-01-01"))), (Some(true), None));
    }

    #[test]
    fn a_bureau_replaces_a_year_and_a_calendar_that_cannot_be_is_refused() {
        let text = "year = 2027\nsource = \"x\"\nworking = [\"2027-02-07\"]\n[[holiday]]\nname_zh = \"春节\"\n\
                    name_en = \"Spring Festival\"\nfrom = \"2027-02-05\"\nto = \"2027-02-06\"\n";
        let holidays = Holidays::with([HolidayYear::read(text).expect("a calendar")]);
        assert_eq!((holidays.public(day("2027-02-05")), holidays.public(day("2027-02-07"))), (Some(true), Some(false)));
        for (good, bad) in [("2027-02-06", "2028-02-06"), ("2027-02-06", "2027-02-04"), ("2027-02-07", "2027-02-08")] {
            let error = HolidayYear::read(&text.replace(good, bad)).expect_err(bad).to_string();
            assert!(error.contains(bad), "{error}");
        }
    }
}
