//! Borders in files: whether the rings of an area can be those of a region, and if not, what is wrong with them.

use geojson::{GeometryValue, Position};
use serde_json::Value;

use crate::care::Datum;

/// The degrees of longitude that a region may span. PostGIS knows no edge that goes halfway around the earth.
const WIDEST: f64 = 180.0;

/// Brings the rings of a Polygon or a MultiPolygon to WGS 84, in two dimensions; or says what is wrong with them.
pub fn read(value: &mut GeometryValue, datum: Datum) -> Result<(), String> {
    match value {
        GeometryValue::Polygon { coordinates } => polygon(coordinates, datum),
        GeometryValue::MultiPolygon { coordinates } if coordinates.is_empty() => {
            Err("a border without a part".to_owned())
        }
        GeometryValue::MultiPolygon { coordinates } => coordinates
            .iter_mut()
            .enumerate()
            .try_for_each(|(at, part)| polygon(part, datum).map_err(|wrong| format!("{wrong} (part {})", at + 1))),
        other => Err(format!("a {} is no area", other.type_name())),
    }
}

fn polygon(rings: &mut [Vec<Position>], datum: Datum) -> Result<(), String> {
    if rings.is_empty() {
        return Err("a part of the border is empty".to_owned());
    }
    for ring in rings {
        sound(ring)?;
        for at in ring {
            let (lon, lat) = datum.to_wgs84(at[0], at[1]);
            *at = [to_grid(lon), to_grid(lat)].into();
        }
    }
    Ok(())
}

fn sound(ring: &[Position]) -> Result<(), String> {
    if ring.is_empty() {
        return Err("a ring of the border is empty".to_owned());
    }
    if ring.iter().any(|at| at.as_slice().len() < 2) {
        return Err("a position of the border has fewer than two numbers".to_owned());
    }
    let wrong = |at: &Position| {
        let (x, y) = (at[0], at[1]);
        let what = if x.abs() > 1e3 || y.abs() > 1e3 {
            "is not in degrees: it looks like metres of a projection"
        } else if y.abs() > 90.0 && x.abs() <= 90.0 && y.abs() <= 180.0 {
            "has a latitude beyond 90 degrees: lon and lat look swapped"
        } else if y.abs() > 90.0 {
            "has a latitude beyond 90 degrees"
        } else if x.abs() > 180.0 {
            "has a longitude beyond 180 degrees"
        } else {
            return None;
        };
        Some(format!("the position {x}, {y} of the border {what}"))
    };
    if let Some(wrong) = ring.iter().find_map(wrong) {
        return Err(wrong);
    }
    let (first, last) = (&ring[0], &ring[ring.len() - 1]);
    if first != last {
        return Err(format!(
            "a ring of the border is not closed: it begins at {}, {} and ends at {}, {}",
            first[0], first[1], last[0], last[1]
        ));
    }
    if ring.len() < 4 {
        return Err(format!("a ring of the border has {} positions; one with an area has four or more", ring.len()));
    }
    let step = |pair: &[Position]| (pair[1][0] - pair[0][0]).abs();
    let crosses = ring.windows(2).any(|pair| step(pair) > WIDEST);
    let along = ring.iter().map(|at| if crosses && at[0] < 0.0 { at[0] + 360.0 } else { at[0] });
    let (west, east) = along.fold((f64::INFINITY, f64::NEG_INFINITY), |(west, east), x| (west.min(x), east.max(x)));
    if east - west >= WIDEST || ring.windows(2).any(|pair| step(pair) >= 360.0) {
        return Err("the border goes around half of the earth or more".to_owned());
    }
    Ok(())
}

/// What is wrong with the geometry of a feature that cannot be read.
pub fn unreadable(geometry: &Value) -> Option<String> {
    let coordinates = geometry.get("coordinates")?;
    fn odd(value: &Value) -> Option<&Value> {
        match value {
            Value::Array(items) => items.iter().find_map(odd),
            Value::Number(_) => None,
            other => Some(other),
        }
    }
    Some(match odd(coordinates) {
        Some(Value::Null) => "a coordinate is null".to_owned(),
        Some(other) => format!("a coordinate is no number: {other}"),
        None => "the coordinates are not nested as those of its type are".to_owned(),
    })
}

/// To a tenth of a millimetre: few enough digits to pass through any JSON unchanged, so that the same border twice is no change.
fn to_grid(degrees: f64) -> f64 {
    (degrees * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(kind: &str, coordinates: &str) -> String {
        let text = format!("{{\"type\":\"{kind}\",\"coordinates\":{coordinates}}}");
        let mut geometry: geojson::Geometry = serde_json::from_str(&text).expect("GeoJSON");
        read(&mut geometry.value, Datum::Wgs84).err().unwrap_or_default()
    }

    #[test]
    fn a_border_that_is_none_says_what_is_wrong_with_it() {
        for (coordinates, said) in [
            ("[[[118,33],[119,33],[119,34],[118,34]]]", "not closed"),
            ("[[[118,33],[119,33],[118,33]]]", "3 positions"),
            ("[[[33,118],[33,119],[34,119],[33,118]]]", "swapped"),
            ("[[[118,95],[119,95],[119,96],[118,95]]]", "latitude beyond 90"),
            ("[[[191,33],[192,33],[192,34],[191,33]]]", "longitude beyond 180"),
            ("[[[500000,3700000],[500100,3700000],[500100,3700100],[500000,3700000]]]", "metres"),
            ("[]", "empty"),
            ("[[]]", "empty"),
            ("[[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]]", "half of the earth"),
            ("[[[0,0],[180,0],[180,10],[0,0]]]", "half of the earth"),
            ("[[[-100,0],[0,0],[100,0],[100,10],[0,10],[-100,10],[-100,0]]]", "half of the earth"),
        ] {
            let told = wrong("Polygon", coordinates);
            assert!(told.contains(said), "{coordinates}: {told}");
        }
        let parts = "[[[[118,33],[119,33],[119,34],[118,33]]],[]]";
        assert!(wrong("MultiPolygon", parts).contains("part 2"));
        assert!(wrong("MultiPolygon", "[]").contains("without a part"));
        for sound in
            ["[[[177,-19],[-178,-19],[-178,-16],[177,-16],[177,-19]]]", "[[[118,33],[119,33],[119,34],[118,33]]]"]
        {
            assert_eq!(wrong("Polygon", sound), "", "{sound}");
        }
        let odd = |text: &str| unreadable(&serde_json::from_str(text).expect("JSON")).unwrap_or_default();
        assert_eq!(odd(r#"{"coordinates":[[[118,33],[null,33]]]}"#), "a coordinate is null");
        assert!(odd(r#"{"coordinates":[[["118",33]]]}"#).contains("no number"));
    }
}
