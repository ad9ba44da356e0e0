//! Areas: where no site may be.

use geo::{MultiPolygon, Validation};
use geojson::{Geometry, GeometryValue};
use serde::{Serialize, Serializer};

use crate::atlas::Atlas;
use crate::care::{Border, Place, Text};

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
        let shape = Border::of(geometry).ok_or("has no ring")?.into_shape();
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
    shapes: Vec<Border>,
    codes: Vec<Text>,
}

impl Areas {
    pub fn new(atlas: &Atlas, areas: &[Area]) -> Areas {
        let mut ready = Areas { shapes: Vec::new(), codes: Vec::new() };
        for area in areas {
            match area {
                Area::Shape(shape) => ready.shapes.extend(Border::of_shape(shape.clone())),
                Area::Region(code) => {
                    ready.codes.push(code.clone());
                    ready.shapes.extend(borders(atlas, code).into_iter().cloned());
                }
            }
        }
        ready
    }

    /// Whether the point lies in one of the areas; `region` is the code of the point's own region, where that is known.
    pub fn hold(&self, atlas: &Atlas, (lon, lat): (f64, f64), region: Option<&str>) -> bool {
        region.is_some_and(|region| self.codes.iter().any(|code| atlas.regions().is_within(region, code)))
            || self.shapes.iter().any(|border| border.contains(lon, lat))
    }
}

/// Whether a given point can be said to lie in the region.
pub fn has_border(atlas: &Atlas, code: &str) -> bool {
    !borders(atlas, code).is_empty()
}

/// The border of a region, or those of the regions below it where it has none.
fn borders<'a>(atlas: &'a Atlas, code: &str) -> Vec<&'a Border> {
    let (tree, all) = (atlas.regions(), atlas.regions().borders());
    if let Some(own) = all.get(code) {
        return vec![own];
    }
    tree.below(code).iter().filter_map(|slot| all.get(&tree.at(*slot)?.code)).collect()
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
