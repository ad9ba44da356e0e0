//! Borders: the area of a region, and in which region a point lies.
//!
//! One rule for the whole program: a point on a border lies inside; of the regions that contain a point the most detailed
//! level has it, and of two of one level the one with the smaller code.

use std::collections::HashMap;

use geo::{BoundingRect, InteriorPoint, Intersects, MultiPolygon, Point, Rect};
use geojson::{Geometry, GeometryValue, Position};

use super::place::metres;
use super::{Level, Region, Text};

/// Cells along each side of the grid.
const SIDE: usize = 128;

/// The area of a region, with its box. A ring across 180° is continued beyond it (181° instead of -179°).
#[derive(Debug, Clone, PartialEq)]
pub struct Border {
    rect: Rect<f64>,
    shape: MultiPolygon<f64>,
}

impl Border {
    /// `None` where the geometry is no polygon, or an empty one.
    pub fn of(geometry: &Geometry) -> Option<Border> {
        let polygon = |rings: &[Vec<Position>]| {
            let mut rings = rings.iter().map(|ring| continued(ring).into_iter().collect::<geo::LineString>());
            Some(geo::Polygon::new(rings.next()?, rings.collect()))
        };
        let shape = match &geometry.value {
            GeometryValue::Polygon { coordinates } => MultiPolygon(vec![polygon(coordinates)?]),
            GeometryValue::MultiPolygon { coordinates } => {
                coordinates.iter().map(|rings| polygon(rings)).collect::<Option<Vec<_>>>().map(MultiPolygon)?
            }
            _ => return None,
        };
        Border::of_shape(shape)
    }

    pub fn of_shape(shape: MultiPolygon<f64>) -> Option<Border> {
        Some(Border { rect: shape.bounding_rect()?, shape })
    }

    pub fn into_shape(self) -> MultiPolygon<f64> {
        self.shape
    }

    /// Whether the point lies inside or on the border.
    pub fn contains(&self, lon: f64, lat: f64) -> bool {
        turns(self.rect).into_iter().any(|turn| {
            let point = Point::new(lon + turn, lat);
            self.rect.intersects(&point) && self.shape.intersects(&point)
        })
    }

    /// A point inside, as near to the middle as may be.
    pub fn inner_point(&self) -> Option<(f64, f64)> {
        let point = self.shape.interior_point()?;
        let lon = if point.x() > 180.0 { point.x() - 360.0 } else { point.x() };
        Some((lon, point.y()))
    }

    /// Metres from the point to the box around the border; 0 inside the box.
    pub fn metres_from_box(&self, lon: f64, lat: f64) -> f64 {
        let (min, max) = (self.rect.min(), self.rect.max());
        let to = |turn: f64| {
            let nearest = ((lon + turn).clamp(min.x, max.x), lat.clamp(min.y, max.y));
            metres((lon + turn, lat), nearest)
        };
        [0.0, 360.0, -360.0].into_iter().map(to).fold(f64::INFINITY, f64::min)
    }
}

/// The positions of a ring, continued beyond 180° where it crosses.
fn continued(ring: &[Position]) -> Vec<(f64, f64)> {
    let crosses = ring.windows(2).any(|pair| (pair[0][0] - pair[1][0]).abs() > 180.0);
    let along = |at: &Position| (if crosses && at[0] < 0.0 { at[0] + 360.0 } else { at[0] }, at[1]);
    ring.iter().map(along).collect()
}

/// By how much a longitude may be turned to meet a box.
fn turns(rect: Rect<f64>) -> Vec<f64> {
    if rect.max().x > 180.0 { vec![0.0, 360.0] } else { vec![0.0] }
}

/// The borders of a record, in a grid of their boxes.
#[derive(Debug, Default)]
pub struct Borders {
    areas: Vec<Area>,
    whole: Option<Rect<f64>>,
    /// For each cell the areas whose boxes touch it: the most detailed level first, then by code.
    grid: Vec<Vec<u32>>,
    by_code: HashMap<Text, usize>,
}

#[derive(Debug)]
struct Area {
    code: Text,
    level: Level,
    border: Border,
}

impl Borders {
    pub fn of<'r>(regions: impl IntoIterator<Item = &'r Region>) -> Borders {
        let area = |region: &Region| {
            let border = Border::of(region.border.as_deref()?)?;
            Some(Area { code: region.code.clone(), level: region.level, border })
        };
        let mut areas: Vec<Area> = regions.into_iter().filter_map(area).collect();
        areas.sort_by(|a, b| b.level.cmp(&a.level).then(a.code.cmp(&b.code)));
        let whole = areas.iter().map(|area| area.border.rect).reduce(|a, b| {
            Rect::new(
                (a.min().x.min(b.min().x), a.min().y.min(b.min().y)),
                (a.max().x.max(b.max().x), a.max().y.max(b.max().y)),
            )
        });
        let mut borders = Borders { areas, whole, grid: Vec::new(), by_code: HashMap::new() };
        borders.grid = vec![Vec::new(); if whole.is_some() { SIDE * SIDE } else { 0 }];
        for (at, area) in borders.areas.iter().enumerate() {
            borders.by_code.insert(area.code.clone(), at);
            let (left, bottom) = borders.cell(area.border.rect.min().into());
            let (right, top) = borders.cell(area.border.rect.max().into());
            for y in bottom..=top {
                for x in left..=right {
                    borders.grid[y * SIDE + x].push(at as u32);
                }
            }
        }
        borders
    }

    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }

    /// The border of this region, where it is known.
    pub fn get(&self, code: &str) -> Option<&Border> {
        self.by_code.get(code).map(|at| &self.areas[*at].border)
    }

    /// The code of the most detailed region that the point lies in.
    pub fn region_at(&self, lon: f64, lat: f64) -> Option<&Text> {
        let whole = self.whole?;
        let found = turns(whole).into_iter().filter_map(|turn| {
            let point = Point::new(lon + turn, lat);
            if !whole.intersects(&point) {
                return None;
            }
            let (x, y) = self.cell(point);
            // In the order of the list: of what is found by two turns the earlier stands.
            self.grid[y * SIDE + x].iter().copied().find(|at| self.areas[*at as usize].border.contains(lon, lat))
        });
        found.min().map(|at| &self.areas[at as usize].code)
    }

    /// Whether the point lies in this region; `None` when its border is not known.
    pub fn contains(&self, code: &str, lon: f64, lat: f64) -> Option<bool> {
        self.get(code).map(|border| border.contains(lon, lat))
    }

    /// Metres from the point to the box around all borders; `None` without any.
    pub fn metres_from_all(&self, lon: f64, lat: f64) -> Option<f64> {
        let rect = self.whole?;
        Some(Border { rect, shape: MultiPolygon(Vec::new()) }.metres_from_box(lon, lat))
    }

    fn cell(&self, point: Point<f64>) -> (usize, usize) {
        let Some(whole) = self.whole else { return (0, 0) };
        // A box without width has one column. The cast takes what is out of range to the nearest end.
        let along = |at: f64, from: f64, width: f64| {
            if width > 0.0 { (((at - from) / width * SIDE as f64) as usize).min(SIDE - 1) } else { 0 }
        };
        (along(point.x(), whole.min().x, whole.width()), along(point.y(), whole.min().y, whole.height()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(code: &str, level: Level, x: f64, y: f64, side: f64) -> Region {
        let at = |dx: f64, dy: f64| geojson::Position::from([x + dx * side, y + dy * side]);
        let ring = vec![at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0), at(0.0, 0.0)];
        let border = Geometry::new(GeometryValue::Polygon { coordinates: vec![ring] });
        Region {
            code: code.into(),
            name: code.into(),
            level,
            parent: None,
            place: None,
            border: Some(Box::new(border)),
            counts_in_coverage: true,
            class: None,
            source: None,
            demo: false,
        }
    }

    #[test]
    fn a_point_lies_in_the_most_detailed_region_around_it() {
        let regions = [
            square("32", Level::Province, 110.0, 30.0, 10.0),
            square("321300", Level::City, 118.0, 33.0, 1.0),
            square("321301", Level::County, 118.0, 33.0, 0.5),
            square("321302", Level::County, 118.5, 33.0, 0.5),
        ];
        let borders = Borders::of(&regions);
        for (lon, lat, code) in [
            (118.2, 33.2, Some("321301")),
            (118.7, 33.2, Some("321302")),
            (118.5, 33.2, Some("321301")),
            (118.2, 33.7, Some("321300")),
            (111.0, 31.0, Some("32")),
            (120.0, 40.0, Some("32")),
            (121.0, 31.0, None),
            (-77.0, 38.0, None),
        ] {
            assert_eq!(borders.region_at(lon, lat).map(|code| &**code), code, "{lon}, {lat}");
        }
        assert_eq!(borders.contains("321301", 118.7, 33.2), Some(false));
        assert_eq!(borders.contains("99", 118.7, 33.2), None);
    }

    #[test]
    fn without_borders_no_point_lies_anywhere() {
        assert_eq!(Borders::of([]).region_at(118.0, 33.0), None);
    }

    fn border(rings: &str) -> Border {
        let text = format!("{{\"type\":\"Polygon\",\"coordinates\":{rings}}}");
        Border::of(&serde_json::from_str(&text).expect("GeoJSON")).expect("a polygon")
    }

    #[test]
    fn a_point_on_the_border_or_on_a_corner_lies_inside_and_the_smaller_code_has_it() {
        let regions = [
            square("B", Level::County, 100.0, 30.0, 1.0),
            square("A", Level::County, 101.0, 30.0, 1.0),
            square("C", Level::County, 100.0, 31.0, 1.0),
        ];
        let borders = Borders::of(&regions);
        for (lon, lat, code) in [(101.0, 30.5, "A"), (101.0, 31.0, "A"), (100.5, 31.0, "B"), (100.0, 32.0, "C")] {
            assert_eq!(borders.region_at(lon, lat).map(|code| &**code), Some(code), "{lon}, {lat}");
        }
        assert_eq!(borders.contains("B", 101.0, 30.5), Some(true));
    }

    #[test]
    fn a_hole_is_outside_and_its_edge_inside() {
        let ring = border("[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[3,3],[3,6],[6,6],[6,3],[3,3]]]");
        assert_eq!([(1.0, 1.0), (4.0, 4.0), (3.0, 4.0)].map(|(x, y)| ring.contains(x, y)), [true, false, true]);
        let (lon, lat) = ring.inner_point().expect("an inner point");
        assert!(ring.contains(lon, lat) && !(3.0..=6.0).contains(&lon) || !(3.0..=6.0).contains(&lat), "{lon}, {lat}");
    }

    #[test]
    fn a_ring_across_the_date_line_contains_what_lies_on_both_sides_and_nothing_of_the_other_half_of_the_earth() {
        let fiji = border("[[[177,-19],[-178,-19],[-178,-16],[177,-16],[177,-19]]]");
        let inside = [(178.0, -18.0), (-179.0, -18.0), (180.0, -18.0), (-180.0, -18.0), (0.0, -18.0), (-170.0, -18.0)];
        assert_eq!(inside.map(|(x, y)| fiji.contains(x, y)), [true, true, true, true, false, false]);
        let (lon, _) = fiji.inner_point().expect("an inner point");
        assert!((-180.0..=180.0).contains(&lon));
        assert!(fiji.metres_from_box(-177.0, -18.0) < 120_000.0);
    }
}
