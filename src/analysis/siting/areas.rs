//! Areas: where no site may be, and in which region a given point lies.

use geo::{BoundingRect, Intersects, MultiPolygon, Point, Rect};
use geojson::{Geometry, GeometryValue};

use crate::atlas::Atlas;
use crate::care::{Level, Region, Text};

/// Where no site may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Area {
    /// A region and what is below it.
    Region(Text),
    /// A Polygon or MultiPolygon in WGS 84.
    Shape(MultiPolygon<f64>),
}

impl Area {
    /// The area of a GeoJSON geometry; `None` where it is no polygon.
    pub fn of(geometry: &Geometry) -> Option<Area> {
        shape(geometry).map(Area::Shape)
    }
}

/// Areas made ready to be asked of many points. A border belongs to its area.
pub struct Areas {
    shapes: Vec<(Rect<f64>, MultiPolygon<f64>)>,
    codes: Vec<Text>,
}

impl Areas {
    pub fn new(atlas: &Atlas, areas: &[Area]) -> Areas {
        let mut ready = Areas { shapes: Vec::new(), codes: Vec::new() };
        for area in areas {
            let shapes = match area {
                Area::Shape(shape) => vec![shape.clone()],
                Area::Region(code) => {
                    ready.codes.push(code.clone());
                    borders(atlas, code)
                }
            };
            ready.shapes.extend(shapes.into_iter().filter_map(|shape| Some((shape.bounding_rect()?, shape))));
        }
        ready
    }

    /// Whether the point lies in one of the areas; `region` is the code of the point's own region, where that is known.
    pub fn hold(&self, atlas: &Atlas, (lon, lat): (f64, f64), region: Option<&str>) -> bool {
        let point = Point::new(lon, lat);
        region.is_some_and(|region| self.codes.iter().any(|code| atlas.regions().is_within(region, code)))
            || self.shapes.iter().any(|(rect, shape)| rect.intersects(&point) && shape.intersects(&point))
    }
}

/// Whether a given point can be said to lie in the region.
pub fn has_border(atlas: &Atlas, code: &str) -> bool {
    !borders(atlas, code).is_empty()
}

/// The border of a region, or those of the regions below it where it has none.
fn borders(atlas: &Atlas, code: &str) -> Vec<MultiPolygon<f64>> {
    let of = |region: &Region| shape(region.border.as_deref()?);
    let tree = atlas.regions();
    if let Some(own) = tree.get(code).and_then(of) {
        return vec![own];
    }
    tree.below(code).iter().filter_map(|slot| tree.at(*slot)).filter_map(of).collect()
}

/// The most detailed region whose border holds the point; of two the first by code.
pub fn region_at(atlas: &Atlas, (lon, lat): (f64, f64)) -> Option<Text> {
    let point = Point::new(lon, lat);
    let mut best: Option<(Level, &Text)> = None;
    for region in atlas.regions().iter() {
        let Some(border) = region.border.as_deref().filter(|_| best.is_none_or(|(level, _)| region.level > level))
        else {
            continue;
        };
        let holds = |shape: MultiPolygon<f64>| {
            shape.bounding_rect().is_some_and(|rect| rect.intersects(&point)) && shape.intersects(&point)
        };
        if shape(border).is_some_and(holds) {
            best = Some((region.level, &region.code));
        }
    }
    best.map(|(_, code)| code.clone())
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
