//! Areas: where no site may be, and in which region a given point lies.

use geo::{BoundingRect, Intersects, MultiPolygon, Point, Rect, Validation};
use geojson::{Geometry, GeometryValue};
use serde::{Serialize, Serializer};

use crate::atlas::Atlas;
use crate::care::{Level, Place, Region, Text};

/// Where no site may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Area {
    /// A region and what is below it.
    Region(Text),
    /// A Polygon or MultiPolygon in WGS 84.
    Shape(MultiPolygon<f64>),
}

impl Area {
    /// The code, where the area is a region.
    pub fn code(&self) -> Option<&Text> {
        if let Area::Region(code) = self { Some(code) } else { None }
    }

    /// The area of a GeoJSON geometry, or why it is none: rings are closed, of four positions at least, on the earth, and
    /// do not cross (RFC 7946, 3.1.6; OGC 06-103r4, 6.1.11).
    pub fn of(geometry: &Geometry) -> Result<Area, String> {
        let rings: Vec<&Vec<geojson::Position>> = match &geometry.value {
            GeometryValue::Polygon { coordinates } => coordinates.iter().collect(),
            GeometryValue::MultiPolygon { coordinates } => coordinates.iter().flatten().collect(),
            _ => return Err("is no Polygon or MultiPolygon".into()),
        };
        for ring in rings {
            if ring.len() < 4 || ring.first() != ring.last() {
                return Err("has a ring that is not closed, or of fewer than four positions".into());
            }
            if let Some(at) = ring.iter().find(|at| at.len() < 2 || !Place::in_range(at[0], at[1])) {
                return Err(format!("has a position that is no longitude and latitude: {:?}", at.as_slice()));
            }
        }
        let shape = shape(geometry).filter(|shape| !shape.0.is_empty()).ok_or("has no ring")?;
        shape.check_validation().map_err(|why| format!("is no sound polygon: {why}"))?;
        Ok(Area::Shape(shape))
    }
}

/// As it was asked for: the region's code, or the shape as GeoJSON.
impl Serialize for Area {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Area::Region(code) => serializer.serialize_str(code),
            Area::Shape(shape) => Geometry::new(GeometryValue::from(shape)).serialize(serializer),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_polygon_is_refused_with_what_is_wrong() {
        let of = |rings: &str| {
            let text = format!("{{\"type\":\"Polygon\",\"coordinates\":{rings}}}");
            Area::of(&serde_json::from_str::<Geometry>(&text).expect("GeoJSON"))
        };
        let square = "[[[1,1],[2,1],[2,2],[1,2],[1,1]]]";
        let area = of(square).expect("a square");
        assert_eq!(serde_json::to_value(&area).expect("JSON")["coordinates"][0][0][2], serde_json::json!([2.0, 2.0]));
        for (rings, why) in [
            ("[]", "no ring"),
            ("[[]]", "not closed"),
            ("[[[1,1]]]", "not closed"),
            ("[[[1,1],[2,1],[2,2],[1,2]]]", "not closed"),
            ("[[[1,1],[2,1],[2,420],[1,1]]]", "no longitude and latitude"),
            ("[[[1,1],[2,2],[2,1],[1,2],[1,1]]]", "no sound polygon"),
        ] {
            let told = of(rings).expect_err(rings);
            assert!(told.contains(why), "{rings}: {told}");
        }
    }
}
