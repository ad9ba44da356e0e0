//! Population: a row becomes a draft of a demand point.

use super::cell::Cell;
use super::{Drafts, Page, Reading, point, read};
use crate::care::draft::DemandDraft;
use crate::care::population::part_above_whole;
use crate::care::{Entity, Place, limits};

/// Reads a file of demand points, CSV or GeoJSON.
pub fn population(bytes: &[u8], reading: &Reading<'_>) -> Drafts<DemandDraft> {
    once(read(bytes, Entity::DemandPoint, reading, |row, cells, page| draft(row.number, cells, reading, page)))
}

/// Refuses every row about the demand point of an earlier one.
pub fn once(drafts: Drafts<DemandDraft>) -> Drafts<DemandDraft> {
    drafts.refuse_duplicates(
        "region",
        |draft| (draft.region.clone(), draft.place.as_ref().map(spot), draft.as_of),
        |draft| match (&draft.region, &draft.place) {
            (Some(region), _) => region.to_string(),
            (None, place) => place.as_ref().map_or_else(String::new, |at| format!("{}, {}", at.lon, at.lat)),
        },
    )
}

/// A point as a key: the same within a hundredth of a metre or so.
pub fn spot(place: &Place) -> (i64, i64) {
    ((place.lon * 1e7).round() as i64, (place.lat * 1e7).round() as i64)
}

fn draft(
    row: u64,
    cells: &mut dyn Iterator<Item = Cell<'_>>,
    reading: &Reading<'_>,
    page: &mut Page,
) -> Option<DemandDraft> {
    let findings = &mut page.findings;
    let mut draft = DemandDraft { row, ..DemandDraft::default() };
    let (mut lon, mut lat, mut region_given) = (None, None, false);
    for cell in cells {
        match cell.column {
            "region" => {
                (draft.region, region_given) = (cell.code(limits::of("region/code").characters, findings), true)
            }
            "total" => draft.total = cell.count(findings),
            "aged_60" => draft.aged_60 = cell.count(findings),
            "aged_80" => draft.aged_80 = cell.count(findings),
            "as_of" => draft.as_of = cell.date(findings),
            "source" => draft.source = cell.line(findings),
            "demo" => draft.demo = cell.flag(findings),
            "lon" => lon = Some(cell),
            "lat" => lat = Some(cell),
            // The layout lets no other column in than those of groups.
            group => drop(cell.count(findings).map(|people| draft.groups.insert(group.into(), people))),
        }
    }
    draft.place = point::place(lon.as_ref(), lat.as_ref(), reading.datum, findings);
    if draft.place.is_none() && !region_given {
        let expected = "the code of a region, or lon and lat";
        findings.error(&Cell::new(row, "region", ""), "missing_value", "neither region nor point", expected);
    }
    if let Some((part, column, whole, of)) =
        part_above_whole([draft.total, draft.aged_60, draft.aged_80], &draft.groups)
    {
        let cell = Cell::new(row, column, part.to_string());
        findings.error(&cell, "part_above_whole", format!("more than {of}, {whole}"), format!("a part of {of}"));
    }
    Some(draft)
}
