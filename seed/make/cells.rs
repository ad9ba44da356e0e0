//! Borders by calculation: Voronoi cells of points, cut at a hull around them, and the union of cells.

use geo::{
    Area, BooleanOps, BoundingRect, Buffer, Centroid, Contains, Coord, LineString, MapCoords, MultiPoint, MultiPolygon,
    Orient, Point, Polygon, RemoveRepeatedPoints, Simplify, Voronoi, orient::Direction, unary_union,
};
use std::error::Error;

pub type Shape = MultiPolygon<f64>;

/// A flat frame in kilometres around a middle point; good enough for a district.
pub struct Frame {
    lon: f64,
    lat: f64,
    x: f64,
    y: f64,
}

impl Frame {
    pub fn around(points: &[(f64, f64)]) -> Self {
        let n = points.len() as f64;
        let lon = points.iter().map(|p| p.0).sum::<f64>() / n;
        let lat = points.iter().map(|p| p.1).sum::<f64>() / n;
        Frame { lon, lat, x: 111.32 * lat.to_radians().cos(), y: 110.95 }
    }

    pub fn km(&self, (lon, lat): (f64, f64)) -> Coord {
        Coord { x: (lon - self.lon) * self.x, y: (lat - self.lat) * self.y }
    }

    /// Longitude and latitude with five decimals.
    pub fn degrees(&self, at: Coord) -> (f64, f64) {
        (round(self.lon + at.x / self.x), round(self.lat + at.y / self.y))
    }

    pub fn shape(&self, km: &Shape) -> Shape {
        tidy(km.map_coords(|at| self.degrees(at).into()))
    }
}

pub fn round(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

/// The area within `margin` of any point, with the gaps between neighbours closed and holes filled.
pub fn hull(points: &[Coord], margin: f64) -> Shape {
    let points = MultiPoint::from_iter(points.iter().map(|at| Point::from(*at)));
    let grown = points.buffer(margin * 1.6);
    let filled = MultiPolygon::from_iter(grown.into_iter().map(|p| Polygon::new(p.into_inner().0, vec![])));
    filled.buffer(-margin * 0.6).simplify(0.1)
}

/// One cell for each point, in the order of the points.
pub fn voronoi(points: &[Coord], hull: &Shape) -> Result<Vec<Shape>, Box<dyn Error>> {
    // Eight far points keep every wanted cell finite.
    let frame = hull.bounding_rect().ok_or("an empty hull")?;
    let (middle, reach) = (frame.center(), 3.0 * (frame.width() + frame.height()));
    let far = (0..8).map(|k| {
        let (sin, cos) = (f64::from(k) * std::f64::consts::FRAC_PI_4 + 0.1).sin_cos();
        middle + Coord { x: cos, y: sin } * reach
    });
    let sites = MultiPoint::from_iter(points.iter().copied().chain(far).map(Point::from));
    let cells = sites.voronoi_cells()?;
    points
        .iter()
        .map(|at| {
            let cell = cells
                .iter()
                .find(|cell| cell.bounding_rect().is_some_and(|r| r.contains(at)) && cell.contains(at))
                .ok_or("a point without a cell")?;
            Ok(MultiPolygon::from(cell.clone()).intersection(hull))
        })
        .collect()
}

/// The union of rounded cells, rounded again.
pub fn union<'a>(shapes: impl IntoIterator<Item = &'a Shape>) -> Shape {
    let polygons: Vec<&Polygon> = shapes.into_iter().flat_map(|shape| &shape.0).collect();
    tidy(unary_union(polygons).map_coords(|at| Coord { x: round(at.x), y: round(at.y) }))
}

/// Drops slivers that rounding leaves behind (under about 100 m²) and turns rings the right way.
fn tidy(shape: Shape) -> Shape {
    let big = |ring: &LineString| Polygon::new(ring.clone(), vec![]).unsigned_area() > 1e-8;
    let polygons = shape.remove_repeated_points().into_iter().filter_map(|polygon| {
        let (outer, holes) = polygon.into_inner();
        big(&outer).then(|| Polygon::new(outer, holes.into_iter().filter(big).collect()))
    });
    MultiPolygon::from_iter(polygons).orient(Direction::Default)
}

/// `n` points inside a cell, spread like the seeds of a sunflower around `middle`.
pub fn sunflower(cell: &Shape, middle: Coord, n: usize, turn: f64) -> Vec<Coord> {
    let middle = if cell.contains(&middle) { middle } else { cell.centroid().map_or(middle, Coord::from) };
    let mut step = 0.95 * (cell.unsigned_area() / (std::f64::consts::PI * n as f64)).sqrt();
    loop {
        let inside: Vec<Coord> = (0..40 * n)
            .map(|k| {
                let (sin, cos) = (k as f64 * 2.399_963_23 + turn).sin_cos();
                middle + Coord { x: cos, y: sin } * (step * (k as f64 + 0.5).sqrt())
            })
            .filter(|at| cell.contains(at))
            .take(n)
            .collect();
        if inside.len() == n {
            return inside;
        }
        step *= 0.9;
    }
}
