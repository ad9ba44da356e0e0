//! Places as the tables hold them: a geography, the raw pair with its datum, and whether the place is confirmed.

use postgis_diesel::types::Point;

use super::RegistryError;
use super::copy::{Cells, Column, Rows};
use super::refusal::rule;
use crate::care::place::RawPlace;
use crate::care::{Datum, Place};

/// The columns of a place, in order.
pub(super) const COLUMNS: &str = "place, raw_x, raw_y, raw_datum, place_confirmed";
/// Their number.
pub(super) const WIDTH: i16 = 5;
/// The reference system of every point: WGS 84.
const WGS84: u32 = 4326;

/// A place as five columns.
#[derive(Debug)]
pub(super) struct PlaceRow {
    pub place: Option<Point>,
    pub raw_x: Option<f64>,
    pub raw_y: Option<f64>,
    pub raw_datum: Option<String>,
    pub confirmed: bool,
}

impl PlaceRow {
    pub fn read(cells: &mut Cells<'_>) -> Result<PlaceRow, RegistryError> {
        Ok(PlaceRow {
            place: cells.read::<Option<&[u8]>>()?.and_then(point),
            raw_x: cells.read()?,
            raw_y: cells.read()?,
            raw_datum: cells.read()?,
            confirmed: cells.read()?,
        })
    }

    pub fn place(self) -> Option<Place> {
        let point = self.place?;
        let raw = match (self.raw_x, self.raw_y, self.raw_datum) {
            (Some(x), Some(y), Some(datum)) => Datum::from_code(&datum).map(|datum| Box::new(RawPlace { x, y, datum })),
            _ => None,
        };
        Some(Place { lon: point.x, lat: point.y, raw, confirmed: self.confirmed })
    }
}

/// Lays a place out as its five columns.
pub(super) fn lay(rows: &mut Rows, place: Option<&Place>) {
    let raw = place.and_then(|place| place.raw.as_deref());
    rows.put(place.map(|place| Point { x: place.lon, y: place.lat, srid: Some(WGS84) }))
        .put(raw.map(|raw| raw.x))
        .put(raw.map(|raw| raw.y))
        .put(raw.map(|raw| raw.datum.code()))
        .put(place.is_none_or(|place| place.confirmed));
}

/// Refuses what cannot be a longitude and a latitude: PostGIS would quietly wrap it around the globe.
pub(super) fn check(place: Option<&Place>) -> Result<(), RegistryError> {
    match place {
        Some(place) if !Place::in_range(place.lon, place.lat) => {
            Err(rule("/place", "the longitude must be within ±180 and the latitude within ±90"))
        }
        _ => Ok(()),
    }
}

/// A little-endian point with a reference system, in the form that PostGIS calls EWKB.
const HEAD: [u8; 9] = [1, 1, 0, 0, 0x20, 0xe6, 0x10, 0, 0];

impl Column for Point {
    fn lay(&self, out: &mut Vec<u8>) -> Option<()> {
        out.extend_from_slice(&HEAD);
        out.extend_from_slice(&self.x.to_le_bytes());
        out.extend_from_slice(&self.y.to_le_bytes());
        Some(())
    }
}

fn point(bytes: &[u8]) -> Option<Point> {
    let (head, rest) = bytes.split_at_checked(HEAD.len())?;
    let x = f64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
    let y = f64::from_le_bytes(rest.get(8..16)?.try_into().ok()?);
    (head == HEAD).then_some(Point { x, y, srid: Some(WGS84) })
}
