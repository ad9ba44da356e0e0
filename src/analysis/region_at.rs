//! Whether a point lies in the region that is told of it, by the borders of the record.

use crate::atlas::RegionTree;
use crate::care::Region;

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
    let (path, borders) = (code.map_or_else(Vec::new, |code| regions.path(code)), regions.borders());
    let bordered = path.into_iter().rev().find_map(|region| Some((region, borders.get(&region.code)?)));
    match bordered {
        Some((region, border)) => (!border.contains(lon, lat)).then_some(Outside::Of(region)),
        None => (!borders.is_empty() && borders.region_at(lon, lat).is_none()).then_some(Outside::All),
    }
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
        let code = |lon, lat| regions.borders().region_at(lon, lat).map(|code| &**code);
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
