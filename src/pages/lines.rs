//! Lines: a facility's facts as a form shows and sends them, one line of text each.

use serde_json::{Value, json};

use crate::care::{Facility, Rating, Text, Vocabulary, fields};
use crate::http::Parameters;

/// How a line is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Text,
    /// Text of several lines.
    Prose,
    Number,
    Day,
    Kind,
    Status,
    Datum,
    PriceUnit,
    /// A level of the line's scheme.
    Level,
}

/// One line of a form.
#[derive(Debug, Clone)]
pub struct Line {
    pub name: String,
    /// The field that it is, or a part of.
    pub field: &'static str,
    pub how: How,
    /// The rating scheme that it is about.
    pub scheme: Option<Text>,
}

/// The lines that stand together, under one heading.
pub struct Group {
    pub zh: &'static str,
    pub en: &'static str,
    pub lines: Vec<Line>,
}

use How::{Datum, Day, Kind, Level, Number, PriceUnit, Prose, Status, Text as Plain};

type Told = (&'static str, &'static str, How);
const CONTACT: [Told; 2] = [("phone", "phone", Plain), ("hours", "hours", Plain)];
const PRICES: [Told; 5] = [
    ("price_min", "price", Number),
    ("price_max", "price", Number),
    ("price_unit", "price", PriceUnit),
    ("services", "services", Plain),
    ("note", "note", Prose),
];
const FACTS: [Told; 13] = [
    ("name", "name", Plain),
    ("kind", "kind", Kind),
    ("status", "status", Status),
    ("region", "region", Plain),
    ("address", "address", Plain),
    ("code", "code", Plain),
    ("operator", "operator", Plain),
    ("ownership", "ownership", Plain),
    ("uscc", "uscc", Plain),
    ("built_on", "built_on", Day),
    ("opened_on", "opened_on", Day),
    ("closed_on", "closed_on", Day),
    ("tags", "tags", Plain),
];
const PLACE: [Told; 3] = [("lon", "place", Number), ("lat", "place", Number), ("datum", "place", Datum)];
/// What a rating is made of, each a line for every scheme: the member of the rating, and how it is filled in.
pub const RATING: [(&str, How); 4] = [("level", Level), ("issuer", Plain), ("rated_on", Day), ("valid_until", Day)];
/// A rating of which only the scheme is known.
pub const LEVEL_UNKNOWN: &str = "unknown";

/// Contact, prices, registered facts, place and ratings.
pub fn groups(vocabulary: &Vocabulary) -> [Group; 5] {
    let line = |(name, field, how): &Told| Line { name: (*name).to_owned(), field, how: *how, scheme: None };
    let group = |zh, en, lines: &[Told]| Group { zh, en, lines: lines.iter().map(line).collect() };
    let rating = vocabulary.schemes.iter().flat_map(|scheme| {
        RATING.iter().map(|(part, how)| Line {
            name: rating_line(&scheme.code, part),
            field: "ratings",
            how: *how,
            scheme: Some(scheme.code.clone()),
        })
    });
    [
        group("联系和时间", "Contact and hours", &CONTACT),
        group("价格和服务", "Prices and services", &PRICES),
        group("登记内容", "Registered facts", &FACTS),
        group("位置", "Place", &PLACE),
        Group { zh: "等级", en: "Ratings", lines: rating.collect() },
    ]
}

pub fn all(vocabulary: &Vocabulary) -> Vec<Line> {
    groups(vocabulary).into_iter().flat_map(|group| group.lines).collect()
}

/// The name of a rating's line.
pub fn rating_line(scheme: &str, part: &str) -> String {
    format!("rating_{scheme}_{part}")
}

/// A line as the record has it; empty where it is not known.
pub fn held(facility: &Facility, line: &Line) -> String {
    let price = facility.price.as_deref();
    let value = match line.name.as_str() {
        "price_min" => json!(price.and_then(|price| price.min)),
        "price_max" => json!(price.and_then(|price| price.max)),
        "price_unit" => json!(price.map(|price| &price.unit)),
        "lon" | "lat" | "datum" => {
            // A point that nobody has confirmed is not offered as one: whoever types it confirms it.
            let Some(place) = facility.located() else { return String::new() };
            let (x, y, datum) = place
                .raw
                .as_ref()
                .map_or((place.lon, place.lat, crate::care::Datum::Wgs84), |raw| (raw.x, raw.y, raw.datum));
            match line.name.as_str() {
                "lon" => json!(x),
                "lat" => json!(y),
                _ => json!(datum.code()),
            }
        }
        name => match &line.scheme {
            Some(scheme) => {
                rating_part(facility.ratings.iter().find(|rating| rating.scheme == *scheme), line.how, name)
            }
            None => fields::value(facility, name),
        },
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.replace("\r\n", "\n"),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("；"),
        // 3100 and not 3100.0.
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}

fn rating_part(rating: Option<&Rating>, how: How, name: &str) -> Value {
    let Some(rating) = rating else { return Value::Null };
    match how {
        Level => rating.level.map_or(json!(LEVEL_UNKNOWN), |level| json!(level)),
        _ => RATING.iter().find(|(part, _)| name.ends_with(part)).map_or(Value::Null, |(part, _)| {
            serde_json::to_value(rating)
                .ok()
                .and_then(|mut whole| whole.get_mut(part).map(Value::take))
                .unwrap_or_default()
        }),
    }
}

/// What was typed into a line, and what stood there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    pub name: String,
    pub was: String,
    pub now: String,
}

/// The parameters of the lines: each with what was held, and those that were emptied.
pub fn parameters(lines: &[Line]) -> Vec<String> {
    let each = lines.iter().flat_map(|line| [line.name.clone(), format!("was_{}", line.name)]);
    each.chain(["clear".to_owned()]).collect()
}

/// The lines that were changed, with all that mean something only together with one of them; once they are `confirmed`, all
/// that were told.
pub fn read(parameters: &mut Parameters, lines: &[Line], confirmed: bool) -> Vec<Typed> {
    let cleared = parameters.all("clear");
    let mut all = Vec::new();
    for line in lines {
        let told = parameters.text(&line.name).map(|text| text.replace("\r\n", "\n"));
        let was = parameters.text(&format!("was_{}", line.name)).unwrap_or_default().replace("\r\n", "\n");
        let emptied = cleared.contains(&line.name) || !confirmed && !was.is_empty();
        let now = told.clone().or_else(|| emptied.then(String::new));
        let touched = now.as_ref().is_some_and(|now| confirmed || *now != was);
        let now = now.unwrap_or_else(|| was.clone());
        all.push((line, touched, Typed { name: line.name.clone(), was, now }));
    }
    let together = |one: &Line, other: &Line| one.field == other.field && one.scheme == other.scheme;
    let kept = |line: &Line| all.iter().any(|(other, touched, _)| *touched && together(line, other));
    all.iter().filter(|(line, ..)| kept(line)).map(|(.., typed)| typed.clone()).collect()
}
