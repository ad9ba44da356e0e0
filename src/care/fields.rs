//! Fields: a facility's facts one by one, as they are told, asked for, decided, compared and taken back.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::clean::{clean_code, clean_lines, clean_text, control_character, is_no_code, is_rounded_code, names_sum};
use super::field_texts::{list, phone};
use super::kind::nearest_word;
use super::{Datum, Facility, Hours, Place, Price, Rating, Status, Text, Vocabulary, dossier, facility, limits};

/// How soon a manager's word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// At once.
    Live,
    /// Once the bureau has decided.
    Reviewed,
}

/// One fact of a facility. Capacity is not among them: it has its own rules.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// The member of the facility's JSON.
    pub name: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub speed: Speed,
}

const fn field(name: &'static str, zh: &'static str, en: &'static str, speed: Speed) -> Field {
    Field { name, zh, en, speed }
}

use Speed::{Live, Reviewed};

pub const FIELDS: [Field; 23] = [
    field("name", "名称", "Name", Reviewed),
    field("kind", "类型", "Kind", Reviewed),
    field("status", "状态", "Status", Reviewed),
    field("code", "编码", "Code", Reviewed),
    field("region", "区域", "Region", Reviewed),
    field("address", "地址", "Address", Reviewed),
    field("place", "位置", "Place", Reviewed),
    field("phone", "电话", "Phone", Live),
    field("hours", "开放时间", "Hours", Live),
    field("price", "价格", "Price", Live),
    field("services", "服务", "Services", Live),
    field("note", "说明", "Note", Live),
    field("ratings", "等级", "Ratings", Reviewed),
    field("licences", "证照", "Licences", Reviewed),
    field("menu", "菜单", "Menu", Live),
    field("staff", "护理人员", "Staff", Live),
    field("ownership", "性质", "Ownership", Reviewed),
    field("operator", "运营方", "Operator", Reviewed),
    field("uscc", "统一社会信用代码", "Credit code", Reviewed),
    field("opened_on", "开业日期", "Opened on", Reviewed),
    field("built_on", "建成日期", "Built on", Reviewed),
    field("closed_on", "停业日期", "Closed on", Reviewed),
    field("tags", "标签", "Tags", Reviewed),
];

/// The field of this name.
pub fn field_of(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// Fields and their values, such as `{"phone": "0527-5555-0101", "hours": null}`; null says that it is not known.
pub type Wishes = Map<String, Value>;

/// What is wrong with one field, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    pub field: String,
    pub detail: String,
}

/// The value of a field; null when it is not known.
pub fn value(facility: &Facility, name: &str) -> Value {
    // cannot fail: a facility is made of texts, numbers and lists.
    let mut whole = serde_json::to_value(facility).expect("a facility has a JSON form");
    whole.get_mut(name).map_or(Value::Null, Value::take)
}

/// Those of the named fields, with their values.
pub fn values<'a>(facility: &Facility, names: impl IntoIterator<Item = &'a String>) -> Wishes {
    names.into_iter().map(|name| (name.clone(), value(facility, name))).collect()
}

/// The fields in which two states of a facility differ.
pub fn differing(one: &Facility, other: &Facility) -> Vec<&'static Field> {
    FIELDS.iter().filter(|field| value(one, field.name) != value(other, field.name)).collect()
}

/// The facility with these fields as they are wished; all that is wrong is told at once.
pub fn with(facility: &Facility, wishes: &Wishes, vocabulary: &Vocabulary) -> Result<Facility, Vec<FieldFault>> {
    let mut next = facility.clone();
    let mut faults = Vec::new();
    for (name, wish) in wishes {
        if let Err(detail) = set(&mut next, name, wish, vocabulary) {
            faults.push(FieldFault { field: name.clone(), detail });
        }
    }
    if faults.is_empty() { Ok(next) } else { Err(faults) }
}

/// Puts fields back as the log holds them: they were checked when they were written, by the words of their day.
pub fn restore(facility: &mut Facility, held: &Wishes) -> serde_json::Result<()> {
    let mut whole = serde_json::to_value(&*facility)?;
    for (name, value) in held {
        match whole.as_object_mut() {
            Some(members) if value.is_null() => drop(members.remove(name)),
            Some(members) => drop(members.insert(name.clone(), value.clone())),
            None => {}
        }
    }
    *facility = serde_json::from_value(whole)?;
    Ok(())
}

fn set(to: &mut Facility, name: &str, wish: &Value, vocabulary: &Vocabulary) -> Result<(), String> {
    limits::fits(name, wish)?;
    match name {
        "name" => {
            let name = text(wish)?.ok_or("a facility needs a name")?;
            // Files pass such rows over: no export with one could be imported.
            if names_sum(&name) {
                return Err(format!("\"{name}\" names the sum of other rows, not a facility"));
            }
            to.name = name;
        }
        "kind" => {
            let kind = text(wish)?.ok_or("a facility needs a kind")?;
            vocabulary.kind(&kind).ok_or_else(|| unknown(&kind, vocabulary.kinds.iter().map(|kind| &*kind.code)))?;
            to.kind = kind;
        }
        "status" => {
            let status = text(wish)?.ok_or("a facility needs a status")?;
            to.status = Status::from_code(&status).ok_or_else(|| unknown(&status, Status::ALL.map(Status::code)))?;
        }
        "code" => to.code = code(wish)?,
        "region" => to.region = code(wish)?,
        "address" => to.address = text(wish)?,
        "place" => to.place = place(wish)?,
        "phone" => to.phone = phone(wish)?,
        "hours" => {
            let read = text(wish)?.as_deref().map(Hours::read).transpose();
            to.hours = read.map_err(|error| error.to_string())?.map(Text::from);
        }
        "price" => to.price = price(to.price.take(), wish)?,
        "services" => to.services = list(name, wish)?,
        "note" => to.note = lines(wish)?,
        "ratings" => to.ratings = ratings(wish, vocabulary)?,
        "licences" => to.licences = dossier::licences(wish, vocabulary)?,
        "menu" => to.menu = dossier::menu(wish)?,
        "staff" => to.staff = dossier::staff(wish)?,
        "ownership" => to.ownership = text(wish)?,
        "operator" => to.operator = text(wish)?,
        "uscc" => to.uscc = code(wish)?,
        "opened_on" => to.opened_on = day(wish)?,
        "built_on" => to.built_on = day(wish)?,
        "closed_on" => to.closed_on = day(wish)?,
        "tags" => to.tags = list(name, wish)?,
        _ => {
            let near = nearest_word(name, FIELDS.iter().map(|field| field.name));
            return Err(near.map_or("no field has this name".to_owned(), |near| {
                format!("no field has this name; is it \"{near}\"?")
            }));
        }
    }
    Ok(())
}

pub(super) fn unknown<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest_word(word, known) {
        Some(near) => format!("\"{word}\" is not known; is it \"{near}\"?"),
        None => format!("\"{word}\" is not known"),
    }
}

/// One line of text, clean.
pub(super) fn text(wish: &Value) -> Result<Option<Text>, String> {
    read_text(wish, clean_text)
}

/// Text that may have several lines, clean.
pub(super) fn lines(wish: &Value) -> Result<Option<Text>, String> {
    read_text(wish, clean_lines)
}

/// A code; one that a spreadsheet has rounded, and what only says that there is none, is refused.
pub(super) fn code(wish: &Value) -> Result<Option<Text>, String> {
    let code = read_text(wish, clean_code)?;
    if let Some(none) = code.as_deref().filter(|code| is_no_code(code)) {
        return Err(format!("\"{none}\" is no code; leave it empty where there is none"));
    }
    match code.as_deref().filter(|code| is_rounded_code(code)) {
        Some(rounded) => {
            Err(format!("{rounded} is a number that a spreadsheet has rounded; send the code as text, whole"))
        }
        None => Ok(code),
    }
}

fn read_text(wish: &Value, clean: impl Fn(&str) -> Cow<'_, str>) -> Result<Option<Text>, String> {
    match wish {
        Value::Null => Ok(None),
        Value::String(text) => match control_character(text) {
            Some(c) => Err(format!("a text cannot hold a control character (U+{:04X})", c as u32)),
            None => Ok(Some(clean(text)).filter(|text| !text.is_empty()).map(|text| Text::from(&*text))),
        },
        other => Err(format!("{other} is not a text")),
    }
}

pub(super) fn texts(wish: &Value) -> Result<Vec<Text>, String> {
    match wish {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            Ok(items.iter().map(text).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        }
        other => Err(format!("{other} is not a list of texts")),
    }
}

pub(super) fn day(wish: &Value) -> Result<Option<NaiveDate>, String> {
    let Some(written) = text(wish)? else { return Ok(None) };
    let day = limits::day(&written);
    day.map(Some).ok_or_else(|| format!("\"{written}\" is not a day, such as 2026-11-22"))
}

/// A place as the record writes it, or a pair with the datum it was read in.
fn place(wish: &Value) -> Result<Option<Place>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        lon: f64,
        lat: f64,
        datum: String,
    }
    if wish.is_null() {
        return Ok(None);
    }
    let shape = |error| format!("a place is {{\"lon\":118.3,\"lat\":33.95,\"datum\":\"wgs84\"}}: {error}");
    let place = if wish.get("datum").is_some() {
        let Pair { lon, lat, datum } = Pair::deserialize(wish).map_err(shape)?;
        let datum = Datum::from_code(&datum).ok_or_else(|| unknown(&datum, Datum::ALL.map(Datum::code)))?;
        Place::from_datum(datum, lon, lat)
    } else {
        Place::deserialize(wish).map_err(shape)?
    };
    if place.lon == 0.0 && place.lat == 0.0 {
        return Err("0, 0 lies in the sea off Africa; leave the place out where it is not known".to_owned());
    }
    let within = place.lon.abs() <= 180.0 && place.lat.abs() <= 90.0;
    if within {
        Ok(Some(place))
    } else if Place::in_range(place.lat, place.lon) {
        Err(format!(
            "the latitude is beyond 90 degrees: lon and lat look swapped: perhaps {}, {}",
            place.lat, place.lon
        ))
    } else {
        Err("the longitude must be within ±180 and the latitude within ±90".to_owned())
    }
}

/// A merge patch of the price.
fn price(held: Option<Box<Price>>, wish: &Value) -> Result<Option<Box<Price>>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Told {
        min: Option<f64>,
        max: Option<f64>,
        unit: Option<Text>,
    }
    if wish.is_null() {
        return Ok(None);
    }
    let shape = |error| format!("a price is {{\"min\":1200,\"max\":2800,\"unit\":\"month\"}}, in CNY: {error}");
    limits::fits("price_unit", &wish["unit"])?;
    let Told { min, max, unit } = Told::deserialize(wish).map_err(shape)?;
    let says = |member: &str| wish.get(member).is_some();
    let (old_min, old_max) = held.as_ref().map_or((None, None), |held| (held.min, held.max));
    let (min, max) = (if says("min") { min } else { old_min }, if says("max") { max } else { old_max });
    if min.is_none() && max.is_none() {
        return Ok(None);
    }
    if [min, max].into_iter().flatten().any(|price| !(0.0..=limits::HIGHEST_PRICE).contains(&price)) {
        return Err(format!("a price is a number from 0 to {}", limits::HIGHEST_PRICE));
    }
    if matches!((min, max), (Some(min), Some(max)) if min > max) {
        return Err("the lowest price is above the highest".to_owned());
    }
    let unit = unit.or_else(|| held.map(|held| held.unit)).unwrap_or_else(|| facility::DEFAULT_PRICE_UNIT.into());
    Ok(Some(Box::new(Price { min, max, unit })))
}

/// All ratings that stand: one a scheme.
fn ratings(wish: &Value, vocabulary: &Vocabulary) -> Result<Vec<Rating>, String> {
    let list = match wish {
        Value::Null => return Ok(Vec::new()),
        Value::Object(_) => std::slice::from_ref(wish),
        Value::Array(list) => list.as_slice(),
        other => return Err(format!("{other} is not a list of ratings")),
    };
    let mut ratings = Vec::new();
    for told in list {
        let mut rating = Rating::deserialize(told).map_err(|error| {
            format!("a rating is {{\"scheme\":\"gb37276\",\"level\":3,\"rated_on\":\"2026-05-01\"}}: {error}")
        })?;
        let schemes = vocabulary.schemes.iter().map(|scheme| &*scheme.code);
        let scheme = vocabulary.scheme(&rating.scheme).ok_or_else(|| unknown(&rating.scheme, schemes))?;
        if rating.level.is_some_and(|level| !(1..=scheme.levels).contains(&level)) {
            return Err(format!("{} has levels 1 to {}", scheme.code, scheme.levels));
        }
        let days = rating.rated_on.iter().chain(&rating.valid_until);
        if let Some(day) = days.into_iter().find(|day| !limits::YEARS.contains(&day.year())) {
            return Err(format!("{}: \"{day}\" is not a day, such as 2026-11-22", scheme.code));
        }
        if matches!((rating.rated_on, rating.valid_until), (Some(from), Some(until)) if until < from) {
            return Err(format!("{}: the last day is before the day of rating", scheme.code));
        }
        if ratings.iter().any(|held: &Rating| held.scheme == rating.scheme) {
            return Err(format!("{} is told twice", scheme.code));
        }
        limits::fits("rating_issuer", &told["issuer"])?;
        rating.issuer = text(&told["issuer"])?;
        ratings.push(rating);
    }
    ratings.sort_by(|a, b| a.scheme.cmp(&b.scheme));
    Ok(ratings)
}

#[cfg(test)]
mod tests;
