//! The filter of a question, read from its parameters: the same words for the API and the pages.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::Parameters;
use crate::atlas::{Atlas, Filter};
use crate::care::{Region, Status, Text, kind, limits};

/// The parameters that ask something of a facility, in every list of facilities.
pub const FILTERS: [&str; 9] =
    ["kind", "category", "min_rating", "min_free", "measure", "open_at", "region", "max_price", "service"];

/// Further ones where facilities are listed rather than searched by distance.
pub const LIST_FILTERS: [&str; 12] = [
    "id",
    "status",
    "bbox",
    "q",
    "tag",
    "updated_since",
    "ownership",
    "rating_scheme",
    "rating_level",
    "opened_in",
    "built_in",
    "closed_in",
];

/// Reads what stands in [`FILTERS`].
pub fn read(parameters: &mut Parameters, atlas: &Atlas, now: DateTime<Utc>) -> Filter {
    let vocabulary = atlas.vocabulary();
    Filter {
        kinds: kinds(parameters, atlas),
        category: {
            let codes = kind::CATEGORIES.map(|(code, ..)| code);
            parameters.word("category", |text| codes.contains(&text).then(|| text.into()), &codes)
        },
        region: region(parameters, "region", atlas),
        min_rating: parameters.number("min_rating", 1..=5, "level"),
        min_free: parameters.number("min_free", 0..=1_000_000, "whole number"),
        measure: {
            let codes: Vec<&str> = vocabulary.measures.iter().map(|measure| &*measure.code).collect();
            parameters.word("measure", |text| vocabulary.measure(text).map(|found| found.code.clone()), &codes)
        },
        open_at: open_at(parameters, atlas, now),
        max_price: parameters.number("max_price", 0.0..=1e9, "price in CNY"),
        service: parameters.text("service").map(Text::from),
        ..Filter::default()
    }
}

/// Reads what stands in [`FILTERS`] and [`LIST_FILTERS`].
pub fn read_list(parameters: &mut Parameters, atlas: &Atlas, now: DateTime<Utc>) -> Filter {
    Filter {
        ids: ids(parameters),
        statuses: statuses(parameters),
        bbox: bbox(parameters),
        q: parameters.text("q").map(Text::from),
        tag: parameters.text("tag").map(Text::from),
        updated_since: instant(parameters, "updated_since"),
        ownership: parameters.all("ownership").into_iter().map(Text::from).collect(),
        rating_scheme: {
            let codes: Vec<&str> = atlas.vocabulary().schemes.iter().map(|scheme| &*scheme.code).collect();
            parameters.word("rating_scheme", |text| codes.contains(&text).then(|| text.into()), &codes)
        },
        rating_level: parameters.number("rating_level", 1..=9, "level"),
        opened_in: span(parameters, "opened_in"),
        built_in: span(parameters, "built_in"),
        closed_in: span(parameters, "closed_in"),
        ..read(parameters, atlas, now)
    }
}

/// Ids; several may be named.
pub fn ids(parameters: &mut Parameters) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for text in parameters.all("id") {
        match text.parse() {
            Ok(id) => ids.push(id),
            Err(_) => parameters.refuse("id", format!("\"{text}\" is not an id")),
        }
    }
    ids
}

/// Codes of kinds; several may be named.
pub fn kinds(parameters: &mut Parameters, atlas: &Atlas) -> Vec<Text> {
    let vocabulary = atlas.vocabulary();
    let mut kinds = Vec::new();
    for text in parameters.all("kind") {
        match vocabulary.kind(&text) {
            Some(kind) if kinds.contains(&kind.code) => {}
            Some(kind) => kinds.push(kind.code.clone()),
            None => {
                let codes: Vec<&str> = vocabulary.kinds.iter().map(|kind| &*kind.code).collect();
                parameters.refuse_word("kind", &text, &codes);
            }
        }
    }
    kinds
}

/// The region of a code; one of old leads to what it has become.
pub fn region_of<'a>(atlas: &'a Atlas, code: &str) -> Option<&'a Region> {
    let became = || atlas.successor(code).and_then(|code| atlas.regions().get(code));
    atlas.regions().get(code).or_else(became)
}

/// The code of a known region; one of old leads to what it has become.
pub fn region(parameters: &mut Parameters, name: &str, atlas: &Atlas) -> Option<Text> {
    let text = parameters.text(name)?;
    if let Some(region) = region_of(atlas, &text) {
        return Some(region.code.clone());
    }
    let by_name = atlas.regions().iter().find(|region| *region.name == *text);
    let hint = match by_name {
        Some(region) => format!("{} has the code \"{}\"", region.name, region.code),
        None => "see /api/v1/regions".to_owned(),
    };
    parameters.refuse(name, format!("no region has the code \"{text}\"; {hint}"));
    None
}

/// A year, or a first and a last day with `/` between, both included.
pub fn span(parameters: &mut Parameters, name: &str) -> Option<(NaiveDate, NaiveDate)> {
    let text = parameters.text(name)?;
    let year = text.parse().ok().filter(|year| text.len() == 4 && limits::YEARS.contains(year));
    let whole = |year| Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?));
    let days = || {
        let (from, to) = text.split_once('/')?;
        Some((limits::day(from)?, limits::day(to)?)).filter(|(from, to)| from <= to)
    };
    let span = year.and_then(whole).or_else(days);
    if span.is_none() {
        parameters.refuse(name, format!("\"{text}\" is neither a year (2024) nor two days (2024-01-01/2024-04-30)"));
    }
    span
}

/// The past day on which facilities are to be seen. The day of the record is no past day: then they are as they stand.
pub fn standing_on(
    parameters: &mut Parameters,
    atlas: &Atlas,
    past: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<NaiveDate> {
    let text = parameters.text("standing_on")?;
    let today = past.unwrap_or(now).with_timezone(&atlas.zone()).date_naive();
    match limits::day(&text) {
        Some(day) if day > today => {
            parameters.refuse("standing_on", format!("lies after {today}, the day of the record"));
            None
        }
        Some(day) => Some(day).filter(|day| *day < today),
        None => {
            parameters.refuse("standing_on", format!("\"{text}\" is not a day, such as 2024-12-31"));
            None
        }
    }
}

pub fn statuses(parameters: &mut Parameters) -> Vec<Status> {
    let mut statuses = Vec::new();
    for text in parameters.all("status") {
        match Status::from_code(&text) {
            Some(status) => statuses.push(status),
            None => parameters.refuse_word("status", &text, &Status::ALL.map(Status::code)),
        }
    }
    statuses
}

/// `now` or RFC 3339, as the local time of the registry's zone.
fn open_at(parameters: &mut Parameters, atlas: &Atlas, now: DateTime<Utc>) -> Option<NaiveDateTime> {
    let text = parameters.text("open_at")?;
    let at = if text == "now" { Some(now) } else { read_instant(&text) };
    if at.is_none() {
        parameters.refuse("open_at", format!("\"{text}\" is neither \"now\" nor RFC 3339 (2026-11-20T11:30:00+08:00)"));
    }
    at.map(|at| at.with_timezone(&atlas.zone()).naive_local())
}

/// A moment in RFC 3339.
pub fn instant(parameters: &mut Parameters, name: &str) -> Option<DateTime<Utc>> {
    let text = parameters.text(name)?;
    let at = read_instant(&text);
    if at.is_none() {
        parameters.refuse(name, format!("\"{text}\" is not RFC 3339, such as 2026-11-20T11:30:00+08:00"));
    }
    at
}

/// The time as of which to answer: a day stands for its end in the registry's zone; a moment for the end of its minute, or
/// of its day where nobody knows who asks. So few different records are ever read anew. The day or minute that has not
/// ended yet is now.
pub fn as_of(parameters: &mut Parameters, atlas: &Atlas, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = parameters.text("as_of")?;
    as_of_text(parameters, &text, atlas, now)
}

/// The same of one value of several.
pub fn as_of_text(parameters: &mut Parameters, text: &str, atlas: &Atlas, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (today, zone) = (now.with_timezone(&atlas.zone()).date_naive(), atlas.zone());
    // Any later year is the future; an earlier one than the record can tell is none.
    let ahead = text.parse::<NaiveDate>().is_ok_and(|day| day > today) || rfc3339(text).is_some_and(|at| at > now);
    let (day, moment) = (limits::day(text), read_instant(text));
    if ahead {
        parameters.refuse("as_of", "lies in the future; nobody knows that record yet");
        return None;
    }
    let end = match (day, moment) {
        (None, Some(at)) if parameters.known_caller => end_of_minute(at),
        (None, Some(at)) => end_of_day(at.with_timezone(&zone).date_naive(), zone),
        (Some(day), _) => end_of_day(day, zone),
        (None, None) => None,
    };
    if end.is_none() {
        parameters.refuse("as_of", format!("\"{text}\" is neither a day (2026-10-01) nor RFC 3339"));
    }
    end.filter(|end| *end < now)
}

fn end_of_day(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let next = day.succ_opt()?.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest()?;
    Some(next.to_utc() - TimeDelta::microseconds(1))
}

fn end_of_minute(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let end = DateTime::from_timestamp(at.timestamp().div_euclid(60) * 60 + 60, 0)?;
    Some(end - TimeDelta::microseconds(1))
}

/// A `+` that was not escaped reaches us as a space; no RFC 3339 time has one there otherwise.
fn rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&text.replace(' ', "+")));
    at.ok().map(|at| at.to_utc())
}

/// A time of the years that can be told.
fn read_instant(text: &str) -> Option<DateTime<Utc>> {
    rfc3339(text).filter(|at| limits::YEARS.contains(&at.year()))
}

fn bbox(parameters: &mut Parameters) -> Option<[f64; 4]> {
    let text = parameters.text("bbox")?;
    let numbers: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    match <[f64; 4]>::try_from(numbers) {
        Ok([west, south, east, north])
            if text.split(',').count() == 4
                && [west, east].iter().all(|lon| (-180.0..=180.0).contains(lon))
                && -90.0 <= south
                && south <= north
                && north <= 90.0 =>
        {
            Some([west, south, east, north])
        }
        _ => {
            parameters.refuse("bbox", format!("\"{text}\" is not west,south,east,north in degrees"));
            None
        }
    }
}
