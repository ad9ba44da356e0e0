//! The GeoNames extract: the rows inside the boxes around the seeded districts, with the columns of the source.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, error::Error, path::Path};

use crate::places::BOXES;

#[derive(Deserialize, Serialize)]
pub struct Place {
    pub geonameid: u32,
    pub name: String,
    pub name_zh: String,
    pub longitude: f64,
    pub latitude: f64,
    pub population: u64,
    pub admin1_code: String,
}

/// Copies the rows inside [`BOXES`] as they stand, so that no number is written in another way.
pub fn extract(full: &Path, extract: &Path) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(full)?;
    let mut writer = csv::Writer::from_path(extract)?;
    let header = reader.headers()?.clone();
    writer.write_record(&header)?;
    for record in reader.records() {
        let record = record?;
        let place: Place = record.deserialize(Some(&header))?;
        if BOXES.iter().any(|[west, south, east, north]| {
            (*west..=*east).contains(&place.longitude) && (*south..=*north).contains(&place.latitude)
        }) {
            writer.write_record(&record)?;
        }
    }
    writer.flush()?;
    Ok(())
}

pub fn read(extract: &Path) -> Result<BTreeMap<u32, Place>, Box<dyn Error>> {
    csv::Reader::from_path(extract)?
        .deserialize()
        .map(|row| {
            let place: Place = row?;
            Ok((place.geonameid, place))
        })
        .collect()
}
