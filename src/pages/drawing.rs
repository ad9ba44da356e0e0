//! Drawings of the ground, made on the server: from degrees to units, and borders as paths of few corners.

use geo::{LineString, Simplify};
use geojson::{Geometry, GeometryValue, Position};

/// Units across a drawing.
pub const WIDTH: f64 = 1000.0;
/// Corners nearer to a line than this, in units, are left out (Douglas and Peucker 1973).
const NEAR: f64 = 1.0;
/// West, south, east and north, or left, top, right and bottom, of nothing yet.
pub const NOTHING: [f64; 4] = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];

/// Degrees to units: a plate carrée true to scale at the middle latitude, north up.
pub struct Projection {
    west: f64,
    north: f64,
    across: f64,
    down: f64,
    pub height: f64,
}

impl Projection {
    pub fn over([west, south, east, north]: [f64; 4]) -> Projection {
        let squeeze = ((south + north) / 2.0).to_radians().cos().max(0.01);
        let across = WIDTH / (east - west).max(1e-9);
        // Higher than wide is as high as three times as wide at most.
        let down = (across / squeeze).min(3.0 * WIDTH / (north - south).max(1e-9));
        Projection { west, north, across, down, height: (north - south) * down }
    }

    pub fn at(&self, lon: f64, lat: f64) -> (f64, f64) {
        ((lon - self.west) * self.across, (self.north - lat) * self.down)
    }
}

/// A frame with one more point in it.
pub fn around(frame: [f64; 4], x: f64, y: f64) -> [f64; 4] {
    [frame[0].min(x), frame[1].min(y), frame[2].max(x), frame[3].max(y)]
}

/// The rings of a border.
pub fn rings(border: &Geometry) -> Vec<&Vec<Position>> {
    match &border.value {
        GeometryValue::Polygon { coordinates } => coordinates.iter().collect(),
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().flatten().collect(),
        _ => Vec::new(),
    }
}

/// West, south, east and north of borders.
pub fn whole<'a>(borders: impl Iterator<Item = &'a Geometry>) -> [f64; 4] {
    borders.flat_map(rings).flatten().fold(NOTHING, |all, at| around(all, at[0], at[1]))
}

/// The path of a border in whole units, with only the corners that show, and its frame.
pub fn path(projection: &Projection, border: &Geometry) -> (String, [f64; 4]) {
    let (mut path, mut frame) = (String::new(), NOTHING);
    for ring in rings(border) {
        let line: LineString<f64> = ring.iter().map(|at| projection.at(at[0], at[1])).collect();
        let mut last: Option<(i64, i64)> = None;
        for corner in line.simplify(NEAR).0 {
            let (x, y) = (corner.x.round() as i64, corner.y.round() as i64);
            frame = around(frame, corner.x, corner.y);
            match last {
                None => path.push_str(&format!("M{x} {y}l")),
                Some(last) if last == (x, y) => continue,
                Some((from_x, from_y)) => path.push_str(&format!("{} {} ", x - from_x, y - from_y)),
            }
            last = Some((x, y));
        }
        path.push('z');
    }
    (path, frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_border_is_drawn_with_only_the_corners_that_show() {
        let ring: Vec<[f64; 2]> = (0..=400)
            .map(|at| f64::from(at) / 100.0)
            .map(|along| match along {
                a if a < 1.0 => [118.0 + a, 33.0],
                a if a < 2.0 => [119.0, 32.0 + a],
                a if a < 3.0 => [121.0 - a, 34.0],
                a => [118.0, 37.0 - a],
            })
            .collect();
        let border = serde_json::json!({"type": "Polygon", "coordinates": [ring]});
        let border: Geometry = serde_json::from_value(border).expect("a polygon");
        assert_eq!(whole(std::iter::once(&border)), [118.0, 33.0, 119.0, 34.0]);
        let projection = Projection::over([118.0, 33.0, 119.0, 34.0]);
        let (path, frame) = path(&projection, &border);
        assert!(path.len() < 60 && path.starts_with("M0 ") && path.ends_with('z'), "{path}");
        assert_eq!([frame[0], frame[1], frame[2]], [0.0, 0.0, 1000.0]);
    }
}
