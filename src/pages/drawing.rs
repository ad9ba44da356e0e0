//! Drawings of the ground, made on the server: from degrees to units, and borders as paths of few corners.

use geo::{LineString, Simplify};
use geojson::{Geometry, GeometryValue, Position};

/// Units across a drawing.
pub const WIDTH: f64 = 1000.0;
/// Corners nearer to a line than this, in units, are left out (Douglas and Peucker 1973).
const NEAR: f64 = 1.0;
/// West, south, east and north, or left, top, right and bottom, of nothing yet.
pub const NOTHING: [f64; 4] = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];

/// Degrees to units: a plate carrée true to scale at the middle latitude, north up. A frame that ends beyond 180° has the
/// western hemisphere to the right of the eastern.
pub struct Projection {
    west: f64,
    north: f64,
    across: f64,
    down: f64,
    turned: bool,
    pub height: f64,
}

impl Projection {
    pub fn over([west, south, east, north]: [f64; 4]) -> Projection {
        let squeeze = ((south + north) / 2.0).to_radians().cos().max(0.01);
        let across = WIDTH / (east - west).max(1e-9);
        // Higher than wide is as high as three times as wide at most.
        let down = (across / squeeze).min(3.0 * WIDTH / (north - south).max(1e-9));
        Projection { west, north, across, down, turned: east > 180.0, height: (north - south) * down }
    }

    pub fn at(&self, lon: f64, lat: f64) -> (f64, f64) {
        let lon = if self.turned { turned(lon) } else { lon };
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

/// A longitude counted eastwards from Greenwich.
fn turned(lon: f64) -> f64 {
    if lon < 0.0 { lon + 360.0 } else { lon }
}

/// West, south, east and north of borders; beyond 180° where that frame is the narrower one, as around the date line.
pub fn whole<'a>(borders: impl Iterator<Item = &'a Geometry>) -> [f64; 4] {
    let (mut plain, mut beyond) = (NOTHING, NOTHING);
    for at in borders.flat_map(rings).flatten() {
        plain = around(plain, at[0], at[1]);
        beyond = around(beyond, turned(at[0]), at[1]);
    }
    if beyond[2] - beyond[0] < plain[2] - plain[0] { beyond } else { plain }
}

/// The path of a border in whole units, with only the corners that show, and its frame. A ring that shrinks to a point is left
/// out; where all do, a dot stands for the area.
pub fn path(projection: &Projection, border: &Geometry) -> (String, [f64; 4]) {
    let (mut path, mut frame, mut dot) = (String::new(), NOTHING, None);
    for ring in rings(border) {
        let line: LineString<f64> = ring.iter().map(|at| projection.at(at[0], at[1])).collect();
        let mut corners: Vec<(i64, i64)> = Vec::new();
        for corner in line.simplify(NEAR).0 {
            frame = around(frame, corner.x, corner.y);
            corners.push((corner.x.round() as i64, corner.y.round() as i64));
        }
        corners.dedup();
        let Some((first, rest)) = corners.split_first() else { continue };
        dot = dot.or(Some(*first));
        if rest.is_empty() {
            continue;
        }
        path.push_str(&format!("M{} {}l", first.0, first.1));
        for (from, to) in corners.iter().zip(rest) {
            path.push_str(&format!("{} {} ", to.0 - from.0, to.1 - from.1));
        }
        path.push('z');
    }
    if let (true, Some((x, y))) = (path.is_empty(), dot) {
        path = format!("M{x} {y}l2 0 0 2 -2 0 z");
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

    fn border(json: serde_json::Value) -> Geometry {
        serde_json::from_value(json).expect("a border")
    }

    #[test]
    fn a_ring_that_shrinks_to_a_point_breaks_no_path_and_an_area_of_such_rings_is_a_dot() {
        let projection = Projection::over([-180.0, 0.0, 180.0, 80.0]);
        let islet = [[10.0, 10.0], [10.01, 10.0], [10.01, 10.01], [10.0, 10.0]];
        let land = [[20.0, 10.0], [60.0, 10.0], [60.0, 40.0], [20.0, 40.0], [20.0, 10.0]];
        let both = border(serde_json::json!({"type": "MultiPolygon", "coordinates": [[islet], [land], [islet]]}));
        let (drawn, _) = path(&projection, &both);
        assert_eq!((drawn.matches('M').count(), drawn.contains("lz")), (1, false), "{drawn}");
        let alone = border(serde_json::json!({"type": "Polygon", "coordinates": [islet]}));
        let (drawn, frame) = path(&projection, &alone);
        assert!(drawn.starts_with('M') && drawn.ends_with('z') && !drawn.contains("lz"), "{drawn}");
        assert!(frame[0] <= frame[2]);
    }

    #[test]
    fn borders_across_the_date_line_are_drawn_side_by_side() {
        let west = [[-179.0, 51.0], [-130.0, 51.0], [-130.0, 70.0], [-179.0, 70.0], [-179.0, 51.0]];
        let east = [[172.0, 52.0], [179.9, 52.0], [179.9, 53.0], [172.0, 53.0], [172.0, 52.0]];
        let alaska = border(serde_json::json!({"type": "MultiPolygon", "coordinates": [[west], [east]]}));
        let frame = whole(std::iter::once(&alaska));
        assert_eq!([frame[0], frame[2]], [172.0, 230.0]);
        let projection = Projection::over(frame);
        let across = |lon: f64| projection.at(lon, 60.0).0;
        assert!(across(172.0) < across(179.9) && across(179.9) < across(-179.0) && across(-179.0) < across(-130.0));
        // A frame that does not reach the date line stays as it was.
        let land = border(serde_json::json!({"type": "Polygon", "coordinates": [west]}));
        assert_eq!(whole(std::iter::once(&land))[0], -179.0);
    }
}
