//! Features: GeoJSON becomes rows of cells, so that every rule about a cell is written once.
//!
//! The properties are our columns. A feature as the API and the export write it is read too: `region{code,name}`,
//! `rating{}`, `ratings[]`, `capacity{}`, `staff{}` and `price{}` are laid flat, and what only an answer can know is passed over.

use std::collections::HashMap;

use csv::StringRecord;
use geojson::{Feature, Geometry, GeometryValue};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::cell::Cell;
use super::facilities::{CAPACITY_COLUMNS, Part};
use super::formula::escape;
use super::sheet::{Sheet, SheetRow};
use super::{Findings, Profile, Reading, borders};
use crate::care::kind::nearest_word;
use crate::care::{Datum, Entity, Rating, Vocabulary};

/// Properties that follow from others, or that the record gives: nothing to import.
const ANSWERED: [&str; 9] = [
    "id",
    "phones",
    "category",
    "open_now",
    "open_now_unknown",
    "updated_at",
    "version",
    "distance_m",
    "over_capacity",
];

/// Headings of a feature's point where a profile reads the file, so that they meet no property's name.
pub const POINT_HEADINGS: [&str; 2] = ["(geometry) lon", "(geometry) lat"];

const POINT: &str = "a Point with longitude and latitude, or null";
const BORDER: &str = "a Polygon or MultiPolygon whose rings are closed, in degrees of longitude and latitude; or null";

/// Reads a FeatureCollection, or one Feature.
pub fn read(text: &str, what: Entity, reading: &Reading<'_>, findings: &mut Findings) -> Sheet {
    let (datum, profile) = (reading.datum, reading.profile);
    let mut whole: Value = match serde_json::from_str(text) {
        Ok(whole) => whole,
        Err(error) => return no_features(error.line() as u64, &format!("not JSON: {error}"), findings),
    };
    if let Some(named) = foreign_crs(&whole["crs"]) {
        let expected = "longitude and latitude in WGS 84 or CGCS2000: ogr2ogr -t_srs EPSG:4326 out.geojson in.geojson";
        let problem = format!("the coordinates are in another reference system, {named}");
        findings.error(&Cell::new(1, "", named), "crs", problem, expected);
        return Sheet { broken: whole["features"].as_array().map_or(1, |list| list.len() as u64), ..Sheet::default() };
    }
    let features = match whole.get_mut("features").map(Value::take) {
        Some(Value::Array(features)) if whole["type"] == "FeatureCollection" => features,
        _ if whole["type"] == "Feature" => vec![whole],
        _ => return no_features(1, "neither a FeatureCollection nor a Feature", findings),
    };
    let mut sheet = Sheet::default();
    let mut columns: HashMap<String, usize> = HashMap::new();
    for (number, value) in (1..).zip(features) {
        let errors = findings.errors();
        let Ok(feature) = Feature::deserialize(&value) else {
            let cell = Cell::new(number, "", "");
            let wrong = borders::unreadable(&value["geometry"]);
            let problem =
                wrong.map_or_else(|| "not a GeoJSON Feature".to_owned(), |why| format!("not a GeoJSON Feature: {why}"));
            findings.error(&cell, "feature", problem, "type, geometry and properties, as RFC 7946 has them");
            sheet.broken += 1;
            continue;
        };
        let mut flat = Flat { number, cells: Vec::new(), findings, profile, vocabulary: reading.vocabulary };
        let mut properties = feature.properties.unwrap_or_default();
        if let Some(id) = feature.id.filter(|_| flat.mapped("id") && !properties.contains_key("id")) {
            properties.insert("id".to_owned(), serde_json::to_value(id).unwrap_or_default());
        }
        flat.properties(properties, what);
        let border = flat.geometry(feature.geometry, what, datum);
        let mut row = vec![String::new(); sheet.headings.len()];
        for (name, value) in flat.cells {
            let at = *columns.entry(name).or_insert_with_key(|name| {
                sheet.headings.push(name.clone());
                row.push(String::new());
                row.len() - 1
            });
            row[at] = value;
        }
        if findings.errors() == errors {
            sheet.rows.push(SheetRow { number, cells: StringRecord::from(row), border });
        } else {
            sheet.broken += 1;
        }
    }
    if sheet.headings.is_empty() && findings.is_empty() {
        return no_features(1, "there is no feature with properties", findings);
    }
    sheet
}

fn no_features(line: u64, problem: &str, findings: &mut Findings) -> Sheet {
    let expected = "a GeoJSON FeatureCollection whose properties are our columns";
    findings.error(&Cell::new(line, "", ""), "geojson", problem.to_owned(), expected);
    Sheet::default()
}

/// The name of a reference system that is neither WGS 84 nor CGCS2000, which agree within a metre.
fn foreign_crs(crs: &Value) -> Option<String> {
    if crs.is_null() {
        return None;
    }
    let name = crs["properties"]["name"].as_str().map_or_else(|| crs.to_string(), str::to_owned);
    let plain = name.to_ascii_uppercase().replace(['/', '_'], ":");
    let known = ["CRS84", ":4326", ":4490", ":4979", "CGCS2000", "WGS84", "WGS 84"];
    (!known.iter().any(|known| plain.ends_with(known))).then_some(name)
}

/// One feature being laid flat.
struct Flat<'a> {
    number: u64,
    cells: Vec<(String, String)>,
    findings: &'a mut Findings,
    profile: Option<&'a Profile>,
    vocabulary: &'a Vocabulary,
}

impl Flat<'_> {
    /// Whether the profile reads a property of this name.
    fn mapped(&self, name: &str) -> bool {
        let mut rules = self.profile.iter().flat_map(|profile| profile.columns.values());
        rules.any(|rule| rule.headings.iter().any(|heading| heading == name))
    }

    fn put(&mut self, column: impl Into<String>, value: &Value) {
        let text = match value {
            Value::Null => return,
            // In JSON no text is escaped; in a sheet it is.
            Value::String(text) => escape(text).into_owned(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(items) => {
                let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                match items {
                    Some(items) => escape(&items.join(";")).into_owned(),
                    None => return self.wrong(&column.into(), value, "a list of texts"),
                }
            }
            Value::Object(_) => return self.wrong(&column.into(), value, "a text, a number, true or false"),
        };
        self.cells.push((column.into(), text));
    }

    fn wrong(&mut self, name: &str, value: &Value, expected: &'static str) {
        let cell = Cell::new(self.number, "", format!("{name}: {value}"));
        self.findings.error(&cell, "property", "a property that cannot be read", expected);
    }

    fn properties(&mut self, properties: Map<String, Value>, what: Entity) {
        let several = properties.contains_key("ratings");
        for (name, value) in &properties {
            match (name.as_str(), value) {
                (name, _) if ANSWERED.contains(&name) && !self.mapped(name) => {}
                ("region" | "parent", Value::Object(region)) => {
                    self.put(name, region.get("code").unwrap_or(&Value::Null));
                }
                ("rating", Value::Object(_)) if several => {}
                ("rating", Value::Object(_)) => self.ratings(std::slice::from_ref(value)),
                ("ratings", Value::Array(ratings)) => self.ratings(ratings),
                ("capacity", Value::Object(capacity)) => self.capacity(capacity),
                ("licences" | "menu", told @ Value::Array(_)) => match super::dossier::flat(name, told) {
                    Some(cells) => self.cells.extend(cells),
                    None => self.wrong(name, told, "a list of licences or of meals, as answers have them"),
                },
                ("staff", Value::Object(staff)) => {
                    for (column, part) in
                        [("caregivers", "caregivers"), ("caregivers_certified", "certified"), ("staff_as_of", "as_of")]
                    {
                        self.put(column, &staff.get(part).cloned().unwrap_or_default());
                    }
                }
                ("price", Value::Object(price)) => {
                    for (part, value) in price {
                        self.put(format!("price_{part}"), value);
                    }
                }
                // An answer writes null for what is not known.
                ("rating" | "ratings" | "capacity" | "licences" | "menu" | "staff" | "price", Value::Null)
                    if what == Entity::Facility => {}
                _ => self.put(name, value),
            }
        }
    }

    /// Whether the last day of an answer's rating is only what follows from its scheme.
    fn derived(&self, rating: &Value) -> bool {
        let day = |part: &str| rating[part].as_str().and_then(|day| day.parse::<chrono::NaiveDate>().ok());
        let scheme = rating["scheme"].as_str().unwrap_or_default();
        let told =
            Rating { scheme: scheme.into(), level: None, issuer: None, rated_on: day("rated_on"), valid_until: None };
        let follows = told.last_day(self.vocabulary.scheme(scheme));
        !rating["current"].is_null() && follows.is_some() && follows == day("valid_until")
    }

    fn ratings(&mut self, ratings: &[Value]) {
        for (column, part) in [
            ("rating_scheme", "scheme"),
            ("rating_level", "level"),
            ("rated_on", "rated_on"),
            ("rating_valid_until", "valid_until"),
            ("rating_issuer", "issuer"),
        ] {
            let parts: Vec<String> = ratings
                .iter()
                .map(|rating| match &rating[part] {
                    Value::Null => String::new(),
                    _ if part == "valid_until" && self.derived(rating) => String::new(),
                    Value::String(text) => text.replace(';', "；"),
                    other => other.to_string(),
                })
                .collect();
            if parts.iter().any(|part| !part.is_empty()) {
                self.cells.push((column.to_owned(), escape(&parts.join(";")).into_owned()));
            }
        }
    }

    fn capacity(&mut self, capacity: &Map<String, Value>) {
        let mut dates = Vec::new();
        for (measure, figures) in capacity {
            if !CAPACITY_COLUMNS.iter().any(|(_, known, _)| known == measure) {
                let near = nearest_word(measure, CAPACITY_COLUMNS.iter().map(|(_, known, _)| *known));
                let cell = Cell::new(self.number, "", measure.clone());
                let expected = near.map_or_else(
                    || "one of: beds, day_places, meals_per_day, seats, plots".to_owned(),
                    |near| format!("perhaps \"{near}\""),
                );
                self.findings.error(&cell, "unknown_measure", "not known here", expected);
                continue;
            }
            for (column, _, part) in CAPACITY_COLUMNS.iter().filter(|(_, of, _)| of == measure) {
                self.put(
                    *column,
                    &figures[match part {
                        Part::Total => "total",
                        Part::Nursing => "nursing",
                        Part::Occupied => "occupied",
                    }],
                );
            }
            if let Some(as_of) = figures["as_of"].as_str() {
                dates.push(format!("{measure}={as_of}"));
            }
        }
        if !dates.is_empty() {
            self.cells.push(("capacity_as_of".to_owned(), dates.join(";")));
        }
    }

    /// A point becomes lon and lat; a polygon is answered, in WGS 84.
    fn geometry(&mut self, geometry: Option<Geometry>, what: Entity, datum: Datum) -> Option<Box<Geometry>> {
        let geometry = geometry?;
        match (geometry.value, what) {
            (GeometryValue::Point { coordinates }, _) if coordinates.as_slice().len() >= 2 => {
                let columns = if self.profile.is_some() { POINT_HEADINGS } else { ["lon", "lat"] };
                for (column, degrees) in columns.into_iter().zip([coordinates[0], coordinates[1]]) {
                    self.cells.push((column.to_owned(), degrees.to_string()));
                }
                None
            }
            (mut area @ (GeometryValue::Polygon { .. } | GeometryValue::MultiPolygon { .. }), Entity::Region) => {
                match borders::read(&mut area, datum) {
                    Ok(()) => Some(Box::new(Geometry::new(area))),
                    Err(wrong) => {
                        let cell = Cell::new(self.number, "", area.type_name());
                        self.findings.error(&cell, "border", wrong, BORDER);
                        None
                    }
                }
            }
            (other, _) => {
                let expected = if what == Entity::Region { BORDER } else { POINT };
                let cell = Cell::new(self.number, "", other.type_name());
                let problem = format!("a {} is not such a geometry as is needed here", other.type_name());
                self.findings.error(&cell, "geometry", problem, expected);
                None
            }
        }
    }
}
