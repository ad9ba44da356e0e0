//! In which region a point lies, by the borders of the record.

use geojson::{Geometry, GeometryValue, Position};

use crate::atlas::RegionTree;
use crate::care::Region;

/// The most detailed region whose border holds the point; of those of one level the first by code. Looks below a region
/// only where the point may be there: within its border, or where it has none.
pub(crate) fn region_at(regions: &RegionTree, lon: f64, lat: f64) -> Option<&Region> {
    let mut waiting = regions.roots();
    let mut found: Option<&Region> = None;
    while let Some(region) = waiting.pop() {
        let holds = region.border.as_ref().map(|border| holds(border, lon, lat));
        if holds == Some(false) {
            continue;
        }
        let better = |held: &Region| (held.level, &region.code) < (region.level, &held.code);
        if holds == Some(true) && found.is_none_or(better) {
            found = Some(region);
        }
        waiting.extend(regions.children(&region.code));
    }
    found
}

/// Where a point should lie that is told of a region, and does not.
#[derive(Debug, PartialEq)]
pub enum Outside<'a> {
    /// In this region: its own, or the nearest above it that has a border.
    Of(&'a Region),
    /// In any region that has a border.
    All,
}

/// Whether a point that is told of this region lies outside of it, as far as borders are known.
pub fn outside<'a>(regions: &'a RegionTree, code: Option<&str>, (lon, lat): (f64, f64)) -> Option<Outside<'a>> {
    let path = code.map_or_else(Vec::new, |code| regions.path(code));
    let bordered = path.into_iter().rev().find_map(|region| Some((region, region.border.as_deref()?)));
    match bordered {
        Some((region, border)) => (!holds(border, lon, lat)).then_some(Outside::Of(region)),
        None => {
            let bordered = regions.iter().any(|region| region.border.is_some());
            (bordered && region_at(regions, lon, lat).is_none()).then_some(Outside::All)
        }
    }
}

/// Whether a border holds a point, in the plane of degrees.
fn holds(border: &Geometry, lon: f64, lat: f64) -> bool {
    match &border.value {
        GeometryValue::Polygon { coordinates } => within(coordinates, lon, lat),
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().any(|rings| within(rings, lon, lat)),
        _ => false,
    }
}

/// By the even-odd rule over all rings, so that a hole is outside (Shimrat 1962, Commun. ACM 5:434).
fn within(rings: &[Vec<Position>], lon: f64, lat: f64) -> bool {
    let mut inside = false;
    for pair in rings.iter().flat_map(|ring| ring.windows(2)) {
        let ((x, y), (to_x, to_y)) = ((pair[0][0], pair[0][1]), (pair[1][0], pair[1][1]));
        if (y > lat) != (to_y > lat) && lon < x + (to_x - x) * (lat - y) / (to_y - y) {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::Level;

    fn square(code: &str, level: Level, parent: Option<&str>, corner: f64, side: f64) -> Region {
        let ring = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)];
        let ring: Vec<[f64; 2]> = ring.iter().map(|(x, y)| [corner + x, corner + y]).collect();
        let border = serde_json::json!({"type": "Polygon", "coordinates": [ring]});
        Region {
            code: code.into(),
            name: code.into(),
            level,
            parent: parent.map(Into::into),
            place: None,
            border: (side > 0.0).then(|| serde_json::from_value(border).expect("a polygon")),
            counts_in_coverage: true,
            class: None,
            source: None,
            demo: true,
        }
    }

    #[test]
    fn a_point_lies_in_the_most_detailed_region_around_it_also_below_one_without_a_border() {
        let regions = RegionTree::grow(vec![
            square("1", Level::City, None, 0.0, 0.0),
            square("11", Level::County, Some("1"), 0.0, 4.0),
            square("111", Level::Town, Some("11"), 1.0, 1.0),
            square("12", Level::County, Some("1"), 10.0, 4.0),
        ]);
        let code = |lon, lat| region_at(&regions, lon, lat).map(|region| &*region.code);
        assert_eq!([code(1.5, 1.5), code(3.0, 3.0), code(11.0, 12.0)], [Some("111"), Some("11"), Some("12")]);
        assert_eq!(code(8.0, 8.0), None);
        let outside = |code, at| match outside(&regions, code, (at, at)) {
            Some(Outside::Of(region)) => &*region.code,
            Some(Outside::All) => "all",
            None => "",
        };
        assert_eq!([outside(Some("111"), 1.5), outside(Some("111"), 3.0), outside(Some("12"), 3.0)], ["", "111", "12"]);
        assert_eq!([outside(None, 3.0), outside(None, 8.0), outside(Some("1"), 8.0)], ["", "all", "all"]);
    }
}
