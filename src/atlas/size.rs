//! How much memory a snapshot takes, about: what decides how many are kept.

use std::mem::size_of;

use geojson::GeometryValue;

use super::Atlas;
use super::entry::{Demand, Entry};
use crate::care::{DemandPoint, Facility, Region};

/// Of so many facilities one is looked at.
const SAMPLE: usize = 64;
/// What index, list of ids and reference counts take for each facility.
const INDEX: usize = 200;
/// What a corner of a border takes: a position is a list of its own.
const CORNER: usize = 48;

impl Atlas {
    /// About so many bytes, as if nothing were shared with another snapshot.
    pub fn estimated_bytes(&self) -> usize {
        let sampled: Vec<usize> = self.facilities().step_by(SAMPLE).map(|entry| bytes_of(entry)).collect();
        let facilities = sampled.iter().sum::<usize>() * self.facility_count() / sampled.len().max(1);
        let demand = self.demand().len() * (2 * size_of::<Demand>() + size_of::<DemandPoint>() + 32);
        let regions: usize = self.regions().iter().map(region_bytes).sum();
        facilities + demand + regions
    }
}

fn bytes_of(entry: &Entry) -> usize {
    let facility = &entry.facility;
    let texts = [&facility.address, &facility.phone, &facility.note, &facility.operator].into_iter().flatten();
    let texts: usize = texts.map(|text| text.len() + 16).sum::<usize>() + facility.name.len() + 16;
    let lists = facility.ratings.len() * 96 + facility.capacity.len() * 96 + facility.menu.len() * 128;
    let body = entry.body.get().map_or(0, |body| body.len());
    size_of::<Entry>() + size_of::<Facility>() + INDEX + texts + lists + body
}

fn region_bytes(region: &Region) -> usize {
    let corners = region.border.as_ref().map_or(0, |border| match &border.value {
        GeometryValue::Polygon { coordinates } => coordinates.iter().map(Vec::len).sum(),
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().flatten().map(Vec::len).sum(),
        _ => 0,
    });
    size_of::<Region>() + region.name.len() + region.code.len() + 200 + corners * CORNER
}

#[cfg(test)]
mod tests {
    use crate::atlas::sample;

    #[test]
    fn the_estimate_grows_with_the_facilities() {
        let (few, many) = (sample::atlas(1, 300), sample::atlas(1, 3000));
        let (few, many) = (few.estimated_bytes(), many.estimated_bytes());
        assert!(many - few > 2700 * 500 && many - few < 2700 * 5000, "{few} {many}");
    }
}
