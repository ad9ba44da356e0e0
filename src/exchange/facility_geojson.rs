//! Facilities as GeoJSON: a FeatureCollection whose features an import reads back as "no change".

use std::collections::HashMap;
use std::io::{self, Write};

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::facility_csv::by_rank;
use crate::care::{Facility, Rating, Region, Text, Vocabulary};

/// Writes a FeatureCollection, one feature a line; answers how many.
pub fn write<'a>(
    facilities: impl IntoIterator<Item = &'a Facility>,
    vocabulary: &Vocabulary,
    regions: &[Region],
    mut to: impl Write,
) -> io::Result<u64> {
    let names: HashMap<&str, &str> = regions.iter().map(|region| (&*region.code, &*region.name)).collect();
    let mut features = 0;
    write!(to, "{{\"type\":\"FeatureCollection\",\"features\":[")?;
    for facility in facilities {
        to.write_all(if features == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut to, &feature(facility, vocabulary, &names))?;
        features += 1;
    }
    to.write_all(b"\n]}\n")?;
    to.flush()?;
    Ok(features)
}

fn feature(facility: &Facility, vocabulary: &Vocabulary, regions: &HashMap<&str, &str>) -> Value {
    let geometry = facility.located().map(|place| json!({"type": "Point", "coordinates": [place.lon, place.lat]}));
    let mut properties = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            properties.insert(name.to_owned(), value);
        }
    };
    put("code", json!(facility.code));
    put("name", json!(facility.name));
    put("kind", json!(facility.kind));
    put("category", json!(vocabulary.kind(&facility.kind).map(|kind| &kind.category)));
    put("status", json!(facility.status));
    put("address", json!(facility.address));
    let region = facility.region.as_deref().map(|code| json!({"code": code, "name": regions.get(code)}));
    put("region", json!(region));
    put("phone", json!(facility.phone));
    put("hours", json!(facility.hours));
    let ratings: Vec<Value> = by_rank(facility, vocabulary).iter().map(|rating| rated(rating, vocabulary)).collect();
    put("rating", json!(ratings.first()));
    // One more place for the others, where there are any: `rating` alone is what the contract promises.
    if ratings.len() > 1 {
        put("ratings", Value::Array(ratings));
    }
    let mut capacity = Map::new();
    for held in &facility.capacity {
        let mut figures = Map::new();
        for (part, count) in
            [("total", held.total), ("nursing", held.nursing), ("occupied", held.occupied), ("free", held.free())]
        {
            if let Some(count) = count {
                figures.insert(part.to_owned(), json!(count));
            }
        }
        if !held.undated {
            figures.insert("as_of".to_owned(), json!(held.as_of.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
        }
        capacity.insert(held.measure.to_string(), Value::Object(figures));
    }
    if !capacity.is_empty() {
        put("capacity", Value::Object(capacity));
    }
    let several = |told: Value| if told == json!([]) { Value::Null } else { told };
    put("licences", several(json!(facility.licences)));
    put("menu", several(json!(facility.menu)));
    put("staff", json!(facility.staff));
    put("price", json!(facility.price));
    put("ownership", json!(facility.ownership));
    put("operator", json!(facility.operator));
    put("uscc", json!(facility.uscc));
    let list = |items: &[Text]| if items.is_empty() { Value::Null } else { json!(items) };
    put("services", list(&facility.services));
    put("opened_on", json!(facility.opened_on));
    put("built_on", json!(facility.built_on));
    put("closed_on", json!(facility.closed_on));
    put("tags", list(&facility.tags));
    put("note", json!(facility.note));
    put("source", json!(facility.source));
    if facility.demo {
        put("demo", Value::Bool(true));
    }
    put("updated_at", json!(facility.updated_at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
    put("version", json!(facility.version));
    json!({"type": "Feature", "id": facility.id, "geometry": geometry, "properties": properties})
}

fn rated(rating: &Rating, vocabulary: &Vocabulary) -> Value {
    let mut value = json!(rating);
    if let (Some(map), Some(scheme)) = (value.as_object_mut(), vocabulary.scheme(&rating.scheme)) {
        map.insert("of".to_owned(), json!(scheme.levels));
    }
    value
}
