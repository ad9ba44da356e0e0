//! Regions: a row or a feature becomes a draft of a region.

use geojson::Geometry;

use super::cell::{Cell, fold};
use super::{Drafts, Page, Reading, point, read};
use crate::care::draft::RegionDraft;
use crate::care::{Entity, Level, Text, UrbanRural, limits};

/// Reads a file of regions, CSV or GeoJSON with borders.
pub fn regions(bytes: &[u8], reading: &Reading<'_>) -> Drafts<RegionDraft> {
    read(bytes, Entity::Region, reading, |row, cells, page| draft(row.number, row.border.clone(), cells, reading, page))
        .refuse_duplicates("code", |draft| draft.code.clone(), |draft| draft.code.to_string())
}

fn draft(
    row: u64,
    border: Option<Box<Geometry>>,
    cells: &mut dyn Iterator<Item = Cell<'_>>,
    reading: &Reading<'_>,
    page: &mut Page,
) -> Option<RegionDraft> {
    let findings = &mut page.findings;
    let (mut code, mut name, mut level): (Option<Text>, Option<Text>, Option<Level>) = (None, None, None);
    let (mut parent, mut source, mut demo, mut counts, mut class) = (None, None, None, None, None);
    let (mut lon, mut lat) = (None, None);
    let mut given = Vec::with_capacity(9);
    for cell in cells {
        given.push(cell.column);
        match cell.column {
            "code" => code = cell.code(limits::of("code").characters, findings),
            "name" => name = cell.line(findings),
            "level" => {
                level = Level::from_code(&fold(&cell.text));
                if level.is_none() {
                    cell.unknown("unknown_level", Level::ALL.iter().map(|level| level.code()), findings);
                }
            }
            "parent" => parent = cell.code(limits::of("region/code").characters, findings),
            "counts_in_coverage" => counts = cell.flag(findings),
            "class" => {
                class = UrbanRural::of_file(&fold(&cell.text));
                if class.is_none() {
                    cell.unknown("unknown_class", UrbanRural::CODES.into_iter(), findings);
                }
            }
            "source" => source = cell.line(findings),
            "demo" => demo = cell.flag(findings),
            "lon" => lon = Some(cell),
            "lat" => lat = Some(cell),
            _ => {}
        }
    }
    for (column, expected) in [
        ("code", "the region's code, such as 321112"),
        ("name", "the region's name"),
        ("level", "province, city, county, town or village"),
    ] {
        if !given.contains(&column) {
            findings.error(&Cell::new(row, column, ""), "missing_value", "the cell is empty", expected);
        }
    }
    let place = point::place(lon.as_ref(), lat.as_ref(), reading.datum, findings);
    Some(RegionDraft {
        row,
        code: code?,
        name: name?,
        level: level?,
        parent,
        place,
        border,
        counts_in_coverage: counts,
        class,
        source,
        demo,
    })
}
