//! Borders: in which region a point lies.

use std::collections::HashMap;

use geo::{BoundingRect, Intersects, MultiPolygon, Point, Rect};
use geojson::{Geometry, GeometryValue};

use crate::care::{Level, Region};

/// Cells along each side of the grid.
const SIDE: usize = 128;

/// The borders of the record, in a grid of their boxes.
pub struct Borders<'a> {
    areas: Vec<Area<'a>>,
    whole: Option<Rect<f64>>,
    /// For each cell the areas whose boxes touch it: the most detailed level first, then by code.
    grid: Vec<Vec<u32>>,
    by_code: HashMap<&'a str, usize>,
}

struct Area<'a> {
    code: &'a str,
    level: Level,
    rect: Rect<f64>,
    shape: MultiPolygon<f64>,
}

impl Area<'_> {
    /// A point on the border lies inside: of two neighbours the first by code has it.
    fn contains(&self, point: Point<f64>) -> bool {
        self.rect.intersects(&point) && self.shape.intersects(&point)
    }
}

impl<'a> Borders<'a> {
    pub fn of(regions: &'a [Region]) -> Borders<'a> {
        let mut areas: Vec<Area<'a>> = regions.iter().filter_map(area).collect();
        areas.sort_by(|a, b| b.level.cmp(&a.level).then(a.code.cmp(b.code)));
        let whole = areas.iter().map(|area| area.rect).reduce(|a, b| {
            Rect::new(
                (a.min().x.min(b.min().x), a.min().y.min(b.min().y)),
                (a.max().x.max(b.max().x), a.max().y.max(b.max().y)),
            )
        });
        let mut borders = Borders { areas, whole, grid: Vec::new(), by_code: HashMap::new() };
        borders.grid = vec![Vec::new(); if whole.is_some() { SIDE * SIDE } else { 0 }];
        for (at, area) in borders.areas.iter().enumerate() {
            borders.by_code.insert(area.code, at);
            let (left, bottom) = borders.cell(area.rect.min().into());
            let (right, top) = borders.cell(area.rect.max().into());
            for y in bottom..=top {
                for x in left..=right {
                    borders.grid[y * SIDE + x].push(at as u32);
                }
            }
        }
        borders
    }

    /// The code of the most detailed region that the point lies in.
    pub fn region_at(&self, lon: f64, lat: f64) -> Option<&'a str> {
        let point = Point::new(lon, lat);
        if !self.whole?.intersects(&point) {
            return None;
        }
        let (x, y) = self.cell(point);
        let areas = self.grid[y * SIDE + x].iter().map(|at| &self.areas[*at as usize]);
        areas.into_iter().find(|area| area.contains(point)).map(|area| area.code)
    }

    /// Whether the point lies in this region; `None` when its border is not known.
    pub fn contains(&self, code: &str, lon: f64, lat: f64) -> Option<bool> {
        self.by_code.get(code).map(|at| self.areas[*at].contains(Point::new(lon, lat)))
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

fn area(region: &Region) -> Option<Area<'_>> {
    let shape = shape(region.border.as_deref()?)?;
    let rect = shape.bounding_rect()?;
    Some(Area { code: &region.code, level: region.level, rect, shape })
}

fn shape(border: &Geometry) -> Option<MultiPolygon<f64>> {
    let polygon = |rings: &[Vec<geojson::Position>]| {
        let mut rings = rings.iter().map(|ring| ring.iter().map(|at| (at[0], at[1])).collect::<geo::LineString>());
        Some(geo::Polygon::new(rings.next()?, rings.collect()))
    };
    match &border.value {
        GeometryValue::Polygon { coordinates } => Some(MultiPolygon(vec![polygon(coordinates)?])),
        GeometryValue::MultiPolygon { coordinates } => {
            coordinates.iter().map(|rings| polygon(rings)).collect::<Option<Vec<_>>>().map(MultiPolygon)
        }
        _ => None,
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
            assert_eq!(borders.region_at(lon, lat), code, "{lon}, {lat}");
        }
        assert_eq!(borders.contains("321301", 118.7, 33.2), Some(false));
        assert_eq!(borders.contains("99", 118.7, 33.2), None);
    }

    #[test]
    fn without_borders_no_point_lies_anywhere() {
        assert_eq!(Borders::of(&[]).region_at(118.0, 33.0), None);
    }
}
