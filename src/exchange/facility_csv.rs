//! Facilities as CSV: the columns that an import reads, so that what went out comes back as "no change".

use std::io::Write;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};

use super::columns::FACILITY_COLUMNS;
use super::csv_writer::CsvWriter;
use super::dossier;
use super::facilities::{CAPACITY_COLUMNS, Part};
use super::workbook::Value;
use crate::care::{Facility, Rating, Staff, Text, Vocabulary};

/// Writes the headings and one row a facility; answers how many. A point that is not confirmed stays in the record.
pub fn write<'a>(
    facilities: impl IntoIterator<Item = &'a Facility>,
    vocabulary: &Vocabulary,
    to: impl Write,
) -> csv::Result<u64> {
    let mut writer = CsvWriter::new(to)?;
    writer.write_record(FACILITY_COLUMNS)?;
    let mut rows = 0;
    for facility in facilities {
        let ratings = by_rank(facility, vocabulary);
        writer.write_record(FACILITY_COLUMNS.iter().map(|column| cell(facility, &ratings, column)))?;
        rows += 1;
    }
    writer.flush()?;
    Ok(rows)
}

/// The ratings, those of the first scheme first.
pub(super) fn by_rank<'a>(facility: &'a Facility, vocabulary: &Vocabulary) -> Vec<&'a Rating> {
    let mut ratings: Vec<&Rating> = facility.ratings.iter().collect();
    ratings.sort_by_key(|rating| vocabulary.scheme(&rating.scheme).map_or(i32::MAX, |scheme| scheme.rank));
    ratings
}

fn cell(facility: &Facility, ratings: &[&Rating], column: &str) -> String {
    let text = |text: &Option<Text>| text.as_deref().unwrap_or_default().to_owned();
    let list = |items: &[Text]| items.iter().map(|item| &**item).collect::<Vec<_>>().join(";");
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let price = facility.price.as_deref();
    match column {
        "code" => text(&facility.code),
        "name" => facility.name.to_string(),
        "kind" => facility.kind.to_string(),
        "status" => facility.status.code().to_owned(),
        "region" => text(&facility.region),
        "address" => text(&facility.address),
        "lon" => number(facility.located().map(|place| place.lon)),
        "lat" => number(facility.located().map(|place| place.lat)),
        "phone" => text(&facility.phone),
        "hours" => text(&facility.hours),
        "rating_scheme" => rated(ratings, |rating| rating.scheme.to_string()),
        "rating_level" => rated(ratings, |rating| rating.level.map(|level| level.to_string()).unwrap_or_default()),
        "rated_on" => rated(ratings, |rating| day(rating.rated_on)),
        "rating_valid_until" => rated(ratings, |rating| day(rating.valid_until)),
        "rating_issuer" => rated(ratings, |rating| rating.issuer.as_deref().unwrap_or_default().replace(';', "；")),
        "menu" => dossier::menu_cell(&facility.menu),
        column if dossier::of_licence(column) => dossier::licence_cell(&facility.licences, column),
        "capacity_as_of" => capacity_as_of(facility),
        "caregivers" => staffed(facility, |staff| staff.caregivers.map(|count| count.to_string())),
        "caregivers_certified" => staffed(facility, |staff| staff.certified.map(|count| count.to_string())),
        "staff_as_of" => staffed(facility, |staff| Some(staff.as_of.to_string())),
        "price_min" => number(price.and_then(|price| price.min)),
        "price_max" => number(price.and_then(|price| price.max)),
        "price_unit" => price.map(|price| price.unit.to_string()).unwrap_or_default(),
        "ownership" => text(&facility.ownership),
        "operator" => text(&facility.operator),
        "uscc" => text(&facility.uscc),
        "services" => list(&facility.services),
        "opened_on" => day(facility.opened_on),
        "built_on" => day(facility.built_on),
        "closed_on" => day(facility.closed_on),
        "tags" => list(&facility.tags),
        "note" => text(&facility.note),
        "source" => text(&facility.source),
        "demo" => if facility.demo { "true" } else { "" }.to_owned(),
        column => figure(facility, column).map(|count| count.to_string()).unwrap_or_default(),
    }
}

fn staffed(facility: &Facility, part: impl Fn(&Staff) -> Option<String>) -> String {
    facility.staff.as_deref().and_then(part).unwrap_or_default()
}

/// The cells of one facility for a spreadsheet, in the order of the columns: numbers as numbers.
pub(super) fn values(facility: &Facility, vocabulary: &Vocabulary) -> Vec<Value> {
    let ratings = by_rank(facility, vocabulary);
    let value = |column: &&str| {
        let text = cell(facility, &ratings, column);
        let counted = CAPACITY_COLUMNS.iter().any(|(held, ..)| held == column);
        match text.parse() {
            Ok(number) if counted || matches!(*column, "lon" | "lat" | "price_min" | "price_max") => {
                Value::Number(number)
            }
            _ => Value::text(text),
        }
    };
    FACILITY_COLUMNS.iter().map(value).collect()
}

fn figure(facility: &Facility, column: &str) -> Option<u32> {
    let (_, measure, part) = CAPACITY_COLUMNS.iter().find(|(held, ..)| *held == column)?;
    let capacity = facility.capacity_of(measure)?;
    match part {
        Part::Total => capacity.total,
        Part::Nursing => capacity.nursing,
        Part::Occupied => capacity.occupied,
    }
}

/// One cell for all ratings, with `;` between them; empty where none has this part.
fn rated(ratings: &[&Rating], part: impl Fn(&Rating) -> String) -> String {
    let parts: Vec<String> = ratings.iter().map(|rating| part(rating)).collect();
    if parts.iter().all(String::is_empty) { String::new() } else { parts.join(";") }
}

/// One date where the measures agree, else one for each: `beds=2024-06-30;seats=2024-09-01`.
fn capacity_as_of(facility: &Facility) -> String {
    let dated = facility.capacity.iter().filter(|capacity| !capacity.undated);
    let mut dates: Vec<(&str, String)> = dated.map(|capacity| (&*capacity.measure, moment(capacity.as_of))).collect();
    let all = dates.len() == facility.capacity.len();
    match dates.split_first() {
        Some(((_, first), rest)) if all && rest.iter().all(|(_, date)| date == first) => dates.swap_remove(0).1,
        _ => dates.iter().map(|(measure, date)| format!("{measure}={date}")).collect::<Vec<_>>().join(";"),
    }
}

/// A date where the moment is its first, else RFC 3339.
fn moment(at: DateTime<Utc>) -> String {
    match at.time() {
        NaiveTime::MIN => at.date_naive().to_string(),
        _ => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    }
}
