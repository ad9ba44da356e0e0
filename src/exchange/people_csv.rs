//! Regions and demand points as CSV: the columns that an import reads, so that what went out comes back as "no change".

use std::collections::BTreeSet;
use std::io::Write;

use super::columns::{POPULATION_COLUMNS, REGION_COLUMNS};
use super::csv_writer::CsvWriter;
use crate::care::{DemandPoint, Place, Region, Text, UrbanRural};

/// Writes the headings and one row a region; answers how many. Borders stay in the record.
pub fn regions<'a>(regions: impl IntoIterator<Item = &'a Region>, to: impl Write) -> csv::Result<u64> {
    let mut writer = CsvWriter::new(to)?;
    writer.write_record(REGION_COLUMNS)?;
    let mut rows = 0;
    for region in regions {
        let (lon, lat) = pair(region.place.as_ref());
        writer.write_record([
            text(Some(&region.code)),
            text(Some(&region.name)),
            region.level.code().to_owned(),
            text(region.parent.as_ref()),
            lon,
            lat,
            region.counts_in_coverage.to_string(),
            region.class.map_or("", UrbanRural::code).to_owned(),
            text(region.source.as_ref()),
            flag(region.demo),
        ])?;
        rows += 1;
    }
    writer.flush()?;
    Ok(rows)
}

/// Writes the headings and one row a count of people, with a column for each group that any of them tells; answers how many.
pub fn population(points: &[&DemandPoint], to: impl Write) -> csv::Result<u64> {
    let told = points.iter().filter_map(|point| point.groups.as_deref()).flat_map(|groups| groups.keys());
    let groups: BTreeSet<&Text> = told.collect();
    let mut writer = CsvWriter::new(to)?;
    writer.write_record(POPULATION_COLUMNS.into_iter().chain(groups.iter().map(|code| &***code)))?;
    for point in points {
        let count = |people: Option<u32>| people.map(|people| people.to_string()).unwrap_or_default();
        let (lon, lat) = pair(point.place.as_ref());
        let own = [
            text(point.region.as_ref()),
            lon,
            lat,
            count(point.total),
            count(point.aged_60),
            count(point.aged_80),
            point.as_of.map(|day| day.to_string()).unwrap_or_default(),
            text(point.source.as_ref()),
            flag(point.demo),
        ];
        let of_group = |code: &&Text| count(point.groups.as_deref().and_then(|told| told.get(*code).copied()));
        writer.write_record(own.into_iter().chain(groups.iter().map(of_group)))?;
    }
    writer.flush()?;
    Ok(points.len() as u64)
}

fn text(text: Option<&Text>) -> String {
    text.map(|text| text.to_string()).unwrap_or_default()
}

/// An empty cell says nothing, which is what a record that is no demonstration says of it.
fn flag(demo: bool) -> String {
    if demo { "true".to_owned() } else { String::new() }
}

/// A point that is not confirmed stays in the record.
fn pair(place: Option<&Place>) -> (String, String) {
    let place = place.filter(|place| place.confirmed);
    place.map(|place| (place.lon.to_string(), place.lat.to_string())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::{Datum, PeopleGroup, Vocabulary};
    use crate::exchange::{Reading, population::population as read};

    #[test]
    fn groups_go_out_and_come_back() {
        let group = |code: &str| PeopleGroup {
            code: code.into(),
            name_zh: code.into(),
            name_en: code.into(),
            source: None,
            rank: 1,
        };
        let vocabulary = Vocabulary::default().with_groups(vec![group("living_alone"), group("disabled")]);
        let reading = Reading { vocabulary: &vocabulary, datum: Datum::Wgs84, profile: None };
        let file = "region,lon,lat,total,aged_60,group_living_alone,disabled,as_of\n\
                    321300,118.5,33.25,100,30,12,0,2024-12-31\n321302,118.1,33.5,90,,,4,2024-12-31\n";
        let points = |bytes: &[u8]| -> Vec<DemandPoint> {
            let drafts = read(bytes, &reading);
            assert_eq!(drafts.findings, vec![]);
            drafts
                .drafts
                .into_iter()
                .map(|draft| DemandPoint { id: Default::default(), ..DemandPoint::of(draft) })
                .collect()
        };
        let told = points(file.as_bytes());
        assert_eq!(told[0].groups.as_deref(), Some(&[("living_alone".into(), 12), ("disabled".into(), 0)].into()));
        assert_eq!(told[1].groups.as_deref(), Some(&[("disabled".into(), 4)].into()));
        let mut out = Vec::new();
        population(&told.iter().collect::<Vec<_>>(), &mut out).expect("written");
        assert_eq!(points(&out), told);
        let more = read(b"region,total,disabled\n321300,3,4\n", &reading);
        assert_eq!(
            (more.drafts.len(), more.findings[0].code, &*more.findings[0].column),
            (0, "part_above_whole", "disabled")
        );
    }
}
