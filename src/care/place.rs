//! Places and datums: WGS 84 points, and the way there from GCJ-02 and BD-09.
//!
//! GCJ-02 has no published definition. The formulas are the community's reverse-engineered ones, with the constants
//! a = 6 378 245 and ee = 0.006 693 421 622 965 943 23 (as in eviltransform, PRCoords and gcoord): they agree with each
//! other to the last digit, and only that can be shown. The inverse is a fixed-point iteration: 6 steps for GCJ-02
//! (residual below 1e-8 m) and 4 for BD-09.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// Which map a pair of coordinates was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    #[default]
    Wgs84,
    /// Amap, Tencent.
    Gcj02,
    /// Baidu.
    Bd09,
}

impl Datum {
    pub const ALL: [Datum; 3] = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];

    pub fn code(self) -> &'static str {
        match self {
            Datum::Wgs84 => "wgs84",
            Datum::Gcj02 => "gcj02",
            Datum::Bd09 => "bd09",
        }
    }

    pub fn from_code(code: &str) -> Option<Datum> {
        Datum::ALL.into_iter().find(|datum| datum.code() == code)
    }

    /// The WGS 84 longitude and latitude of a pair in this datum.
    pub fn to_wgs84(self, x: f64, y: f64) -> (f64, f64) {
        match self {
            Datum::Wgs84 => (x, y),
            Datum::Gcj02 => gcj02_to_wgs84(x, y),
            Datum::Bd09 => {
                let (x, y) = bd09_to_gcj02(x, y);
                gcj02_to_wgs84(x, y)
            }
        }
    }
}

/// A point in WGS 84, and the pair it was made from where that was another datum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub lon: f64,
    pub lat: f64,
    /// As it stood in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Box<RawPlace>>,
    /// Until it is, the facility is listed and never mapped.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub confirmed: bool,
}

/// A pair of coordinates as it stood in the source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawPlace {
    pub x: f64,
    pub y: f64,
    pub datum: Datum,
}

fn yes() -> bool {
    true
}

fn is_yes(flag: &bool) -> bool {
    *flag
}

impl Place {
    pub fn wgs84(lon: f64, lat: f64) -> Place {
        Place { lon, lat, raw: None, confirmed: true }
    }

    pub fn from_datum(datum: Datum, x: f64, y: f64) -> Place {
        if datum == Datum::Wgs84 {
            return Place::wgs84(x, y);
        }
        let (lon, lat) = datum.to_wgs84(x, y);
        Place { lon, lat, raw: Some(Box::new(RawPlace { x, y, datum })), confirmed: true }
    }

    /// Whether the numbers can be a longitude and a latitude.
    pub fn in_range(lon: f64, lat: f64) -> bool {
        (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)
    }
}

/// Metres between two points on a sphere of the earth's mean radius (haversine): for limits, not for ranking.
pub fn metres((lon, lat): (f64, f64), (to_lon, to_lat): (f64, f64)) -> f64 {
    const MEAN_RADIUS_M: f64 = 6_371_008.8;
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let across = lat.to_radians().cos() * to_lat.to_radians().cos() * half(lon, to_lon);
    2.0 * MEAN_RADIUS_M * (half(lat, to_lat) + across).sqrt().min(1.0).asin()
}

const A: f64 = 6_378_245.0;
const EE: f64 = 0.006_693_421_622_965_943;
const BD_ANGLE: f64 = PI * 3000.0 / 180.0;

/// Where the shift applies: the rectangle that the formulas' users agree on.
fn shifted(lon: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

fn shift(lon: f64, lat: f64) -> (f64, f64) {
    let (x, y) = (lon - 105.0, lat - 35.0);
    let wave = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let mut east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt() + wave;
    east += (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0;
    east += (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let mut north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt() + wave;
    north += (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0;
    north += (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let radians = lat / 180.0 * PI;
    let magic = 1.0 - EE * radians.sin() * radians.sin();
    let root = magic.sqrt();
    (east * 180.0 / (A / root * radians.cos() * PI), north * 180.0 / ((A * (1.0 - EE)) / (magic * root) * PI))
}

pub fn wgs84_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    if !shifted(lon, lat) {
        return (lon, lat);
    }
    let (east, north) = shift(lon, lat);
    (lon + east, lat + north)
}

pub fn gcj02_to_wgs84(x: f64, y: f64) -> (f64, f64) {
    // At the rectangle's edge a shifted point may lie outside it; such a pair was never shifted in.
    fixed_point(x, y, 6, wgs84_to_gcj02)
}

pub fn gcj02_to_bd09(x: f64, y: f64) -> (f64, f64) {
    let radius = x.hypot(y) + 0.00002 * (y * BD_ANGLE).sin();
    let angle = y.atan2(x) + 0.000003 * (x * BD_ANGLE).cos();
    (radius * angle.cos() + 0.0065, radius * angle.sin() + 0.006)
}

pub fn bd09_to_gcj02(x: f64, y: f64) -> (f64, f64) {
    let (dx, dy) = (x - 0.0065, y - 0.006);
    let radius = dx.hypot(dy) - 0.00002 * (dy * BD_ANGLE).sin();
    let angle = dy.atan2(dx) - 0.000003 * (dx * BD_ANGLE).cos();
    improve(x, y, (radius * angle.cos(), radius * angle.sin()), 4, gcj02_to_bd09)
}

fn fixed_point(x: f64, y: f64, steps: usize, forward: fn(f64, f64) -> (f64, f64)) -> (f64, f64) {
    improve(x, y, (x, y), steps, forward)
}

fn improve(x: f64, y: f64, mut guess: (f64, f64), steps: usize, forward: fn(f64, f64) -> (f64, f64)) -> (f64, f64) {
    for _ in 0..steps {
        let (fx, fy) = forward(guess.0, guess.1);
        guess = (guess.0 + x - fx, guess.1 + y - fy);
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const METRES_PER_DEGREE: f64 = 111_320.0;

    #[test]
    fn the_published_vector_holds_to_the_last_digit() {
        let (x, y) = wgs84_to_gcj02(121.4737, 31.2304);
        assert!((x - 121.47822305927693).abs() < 1e-13 && (y - 31.22845773757727).abs() < 1e-13, "{x} {y}");
        let (x, y) = gcj02_to_bd09(x, y);
        assert!((x - 121.484781468503).abs() < 1e-12 && (y - 31.234310593689997).abs() < 1e-12, "{x} {y}");
        let (x, y) = wgs84_to_gcj02(120.0, 40.0);
        assert!((x - 120.0056757).abs() < 1e-7 && (y - 40.0013048).abs() < 1e-7, "{x} {y}");
    }

    #[test]
    fn the_five_districts_shift_as_published() {
        for (x, y, lon, lat) in [
            (117.26, 34.79, 117.254223, 34.790902),
            (115.98, 36.45, 115.974354, 36.449947),
            (119.43, 32.13, 119.424559, 32.131868),
            (118.27, 33.96, 118.264499, 33.961356),
            (117.37, 32.92, 117.364188, 32.921727),
        ] {
            let (a, b) = Datum::Gcj02.to_wgs84(x, y);
            assert!((a - lon).abs() < 1e-6 && (b - lat).abs() < 1e-6, "{x},{y} -> {a},{b}");
        }
    }

    #[test]
    fn a_place_keeps_the_raw_pair_of_another_datum() {
        let place = Place::from_datum(Datum::Gcj02, 117.26, 34.79);
        assert_eq!(place.raw.as_deref(), Some(&RawPlace { x: 117.26, y: 34.79, datum: Datum::Gcj02 }));
        assert_eq!(Place::from_datum(Datum::Wgs84, 117.26, 34.79).raw, None);
    }

    proptest! {
        #[test]
        fn gcj02_comes_back_within_a_ten_millionth_of_a_metre(lon in 73.0..137.0f64, lat in 1.5..55.0f64) {
            let (x, y) = wgs84_to_gcj02(lon, lat);
            let (a, b) = Datum::Gcj02.to_wgs84(x, y);
            prop_assert!((a - lon).hypot(b - lat) * METRES_PER_DEGREE < 1e-7);
        }

        #[test]
        fn bd09_comes_back_within_a_ten_millionth_of_a_metre(lon in 73.0..137.0f64, lat in 1.5..55.0f64) {
            let (x, y) = wgs84_to_gcj02(lon, lat);
            let (x, y) = gcj02_to_bd09(x, y);
            let (a, b) = Datum::Bd09.to_wgs84(x, y);
            prop_assert!((a - lon).hypot(b - lat) * METRES_PER_DEGREE < 1e-7);
        }
    }
}
