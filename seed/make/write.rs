//! Writes the files: GeoJSON with one feature a line, and CSV. Field order comes from the structs, so it never depends on a crate's options.

use geo::Polygon;
use serde::Serialize;
use std::{error::Error, path::Path};

use crate::regions::Region;

#[derive(Serialize)]
struct Feature<'a> {
    r#type: &'static str,
    properties: Properties<'a>,
    geometry: Geometry,
}

#[derive(Serialize)]
struct Properties<'a> {
    code: &'a str,
    name: &'a str,
    level: &'a str,
    parent: Option<&'a str>,
    lon: f64,
    lat: f64,
    counts_in_coverage: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'a str>,
    source: &'a str,
    demo: bool,
}

type Ring = Vec<[f64; 2]>;

#[derive(Serialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Ring>),
    MultiPolygon(Vec<Vec<Ring>>),
}

fn rings(polygon: &Polygon) -> Vec<Ring> {
    let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    all.map(|ring| ring.coords().map(|at| [at.x, at.y]).collect()).collect()
}

pub fn regions(regions: &[Region]) -> Result<String, Box<dyn Error>> {
    let mut text = String::from(
        "{\"type\":\"FeatureCollection\",\"attribution\":\"Some points from GeoNames (CC BY 4.0); see README.md\",\"features\":[\n",
    );
    for (n, region) in regions.iter().enumerate() {
        let polygons: Vec<_> = region.shape.iter().map(rings).collect();
        let feature = Feature {
            r#type: "Feature",
            properties: Properties {
                code: &region.code,
                name: &region.name,
                level: region.level,
                parent: (!region.parent.is_empty()).then_some(&region.parent),
                lon: region.lon,
                lat: region.lat,
                counts_in_coverage: region.counts,
                class: region.class,
                source: &region.source,
                demo: region.demo,
            },
            geometry: match <[Vec<Ring>; 1]>::try_from(polygons) {
                Ok([one]) => Geometry::Polygon(one),
                Err(many) => Geometry::MultiPolygon(many),
            },
        };
        text.push_str(&serde_json::to_string(&feature)?);
        text.push_str(if n + 1 < regions.len() { ",\n" } else { "\n" });
    }
    text.push_str("]}\n");
    Ok(text)
}

pub fn csv<T: Serialize>(path: &Path, rows: &[T]) -> Result<(), Box<dyn Error>> {
    let mut writer = csv::Writer::from_path(path)?;
    rows.iter().try_for_each(|row| writer.serialize(row))?;
    writer.flush()?;
    Ok(())
}
