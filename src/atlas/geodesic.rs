//! Distances on the WGS 84 ellipsoid: Karney's, a cheap one for short lines, and bounds by the straight chord.
//!
//! Every distance of the atlas is the length in metres of the geodesic on WGS 84 (Karney, *Algorithms for geodesics*,
//! J. Geod. 87, 2013, doi 10.1007/s00190-012-0578-z). Karney's inverse costs about a microsecond and says nothing
//! about where to look, so the search works on the straight chord *c* through the earth instead, and these relations
//! lead from one to the other:
//!
//! 1. A geodesic bends at every point at least like a circle of radius `R_MAX` and at most like one of `R_MIN` (the
//!    extreme radii of curvature of the ellipsoid), so its length *s* obeys `2 R_MIN sin(s / 2 R_MIN) <= c <=
//!    2 R_MAX sin(s / 2 R_MAX)` (Schur's comparison theorem; the right-hand side treats the geodesic as plane, and the
//!    tests hold both sides against Karney with the slack to spare).
//! 2. A short line bends like the circle of its normal section (Euler's radius), so `c` and that radius give `s`
//!    without an iteration. The tests hold it to a tenth of [`UNSURE_M`].

use geo::{Distance, Geodesic, Point};

/// Equatorial radius, metres.
const A: f64 = 6_378_137.0;
const F: f64 = 1.0 / 298.257_223_563;
/// Polar radius, metres.
const B: f64 = A * (1.0 - F);
/// First eccentricity, squared.
const E2: f64 = F * (2.0 - F);
/// Largest radius of curvature (at the poles), metres.
const R_MAX: f64 = A * A / B;
/// Smallest radius of curvature (along the meridian at the equator), metres.
const R_MIN: f64 = B * B / A;
/// The longest geodesic: half a meridian, metres, rounded up.
const FARTHEST_M: f64 = 20_003_932.0;
/// Chords up to this are measured by [`short_line`], metres.
pub const SHORT_M: f64 = 200_000.0;
/// Two cheap distances closer than this do not tell which is smaller, metres.
pub const UNSURE_M: f64 = 0.0005;
/// What rounding may take from a chord, metres.
const SLACK: f64 = 1e-6;

/// A point of the ellipsoid in earth-centred, earth-fixed coordinates, metres.
pub type Ecef = [f64; 3];

/// Where a longitude and latitude in degrees stand on the ellipsoid.
pub fn ecef(lon: f64, lat: f64) -> Ecef {
    let (sin_lat, cos_lat) = lat.to_radians().sin_cos();
    let (sin_lon, cos_lon) = lon.to_radians().sin_cos();
    let normal = A / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    [normal * cos_lat * cos_lon, normal * cos_lat * sin_lon, normal * (1.0 - E2) * sin_lat]
}

/// The straight chord between two points, squared, in square metres.
#[inline]
pub fn chord2(p: &Ecef, q: &Ecef) -> f64 {
    let (x, y, z) = (p[0] - q[0], p[1] - q[1], p[2] - q[2]);
    x * x + y * y + z * z
}

/// Karney's geodesic distance in metres between longitudes and latitudes in degrees.
pub fn karney(from: (f64, f64), to: (f64, f64)) -> f64 {
    Geodesic.distance(Point::new(from.0, from.1), Point::new(to.0, to.1))
}

/// The geodesic distance in metres of two points whose chord is at most [`SHORT_M`], within a tenth of [`UNSURE_M`].
///
/// The line is taken for an arc of the circle with Euler's radius of curvature in its azimuth at its middle,
/// `1/R = cos²α / M + sin²α / N`, and the arc for its chord by the series of `2R asin(c / 2R)`.
pub fn short_line(p: &Ecef, q: &Ecef, chord2: f64) -> f64 {
    let (x, y) = (p[0] + q[0], p[1] + q[1]);
    let across2 = x * x + y * y;
    // Sine of the middle's latitude: on the ellipsoid tan(lat) = (z / hypot(x, y)) / (1 - e²).
    let z = (p[2] + q[2]) / (1.0 - E2);
    let sin2_lat = z * z / (z * z + across2);
    // East is (-y, x) / hypot(x, y). At a pole it has no direction and needs none: curvature is the same all round.
    let east = (q[1] - p[1]) * x - (q[0] - p[0]) * y;
    let (east2, all) = (east * east, chord2 * across2);
    let sin2_azimuth = if all > 0.0 { (east2 / all).min(1.0) } else { 0.0 };
    let w2 = 1.0 - E2 * sin2_lat;
    let bend = w2.sqrt() / A * ((1.0 - sin2_azimuth) * w2 / (1.0 - E2) + sin2_azimuth);
    let t = chord2 * bend * bend;
    chord2.sqrt() * (1.0 + t * (1.0 / 24.0 + t * (3.0 / 640.0 + t * (5.0 / 7168.0))))
}

/// No geodesic of at most `metres` has a longer chord than this, metres.
pub fn longest_chord(metres: f64) -> f64 {
    let half = metres / (2.0 * R_MAX);
    let chord = if half < std::f64::consts::FRAC_PI_2 { 2.0 * R_MAX * half.sin() } else { 2.0 * A };
    chord + SLACK
}

/// No chord of at most `metres` has a longer geodesic than this, metres.
pub fn longest_geodesic(chord: f64) -> f64 {
    let half = chord / (2.0 * R_MIN);
    if half < 1.0 { 2.0 * R_MIN * half.asin() + SLACK } else { FARTHEST_M }
}

/// The square of the chord within which everything stands that can be as near as a point with this chord, squared.
pub fn widened(chord2: f64) -> f64 {
    let chord = longest_chord(longest_geodesic(chord2.sqrt()));
    chord * chord
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    /// Pairs where formulas break: anywhere, near, nearly antipodal, at the poles, over the antimeridian.
    fn pair(rng: &mut StdRng) -> ((f64, f64), (f64, f64)) {
        let anywhere = |rng: &mut StdRng| {
            (rng.random_range(-180.0..=180.0), rng.random_range::<f64, _>(-1.0..=1.0).asin().to_degrees())
        };
        let p = match rng.random_range(0..4) {
            0 => (rng.random_range(-180.0..=180.0), 90.0 - 10f64.powf(rng.random_range(-7.0..1.0))),
            1 => (180.0 - 10f64.powf(rng.random_range(-7.0..1.0)), rng.random_range(-90.0..=90.0)),
            _ => anywhere(rng),
        };
        let near = |rng: &mut StdRng, p: (f64, f64)| {
            let reach = 10f64.powf(rng.random_range(-8.0..1.3));
            let widen = 1.0 / p.1.to_radians().cos().max(1e-3);
            let lon = p.0 + reach * widen * rng.random_range(-1.0..1.0);
            let lon = if lon > 180.0 { lon - 360.0 } else { lon };
            (lon.max(-180.0), (p.1 + reach * rng.random_range(-1.0..1.0)).clamp(-90.0, 90.0))
        };
        let q = match rng.random_range(0..4) {
            0 => anywhere(rng),
            1 => {
                let (lon, lat) = near(rng, p);
                (if lon > 0.0 { lon - 180.0 } else { lon + 180.0 }, -lat)
            }
            _ => near(rng, p),
        };
        (p, q)
    }

    #[test]
    fn chords_bound_geodesics_from_both_sides_everywhere() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..300_000 {
            let (p, q) = pair(&mut rng);
            let metres = karney(p, q);
            let chord = chord2(&ecef(p.0, p.1), &ecef(q.0, q.1)).sqrt();
            // A tenth of the slack is what the test may use; the rest is kept.
            assert!(chord <= longest_chord(metres) - 0.9 * SLACK, "{p:?} {q:?} {chord} {metres}");
            assert!(metres <= longest_geodesic(chord), "{p:?} {q:?} {chord} {metres}");
        }
    }

    #[test]
    fn a_short_line_is_karneys_within_a_twentieth_of_a_millimetre() {
        let mut rng = StdRng::seed_from_u64(2);
        let (mut worst, mut tried) = (0f64, 0);
        while tried < 200_000 {
            let (p, q) = pair(&mut rng);
            let (e, f) = (ecef(p.0, p.1), ecef(q.0, q.1));
            let chord2 = chord2(&e, &f);
            if chord2.sqrt() <= SHORT_M {
                tried += 1;
                worst = worst.max((short_line(&e, &f, chord2) - karney(p, q)).abs());
            }
        }
        assert!(worst < UNSURE_M / 10.0, "off by {worst} m");
    }

    #[test]
    fn the_same_point_is_at_no_distance() {
        let p = ecef(118.3, 33.9);
        assert_eq!(short_line(&p, &p, 0.0), 0.0);
        assert_eq!(karney((118.3, 33.9), (118.3, 33.9)), 0.0);
    }
}
