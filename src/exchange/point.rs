//! Points: a longitude and a latitude from two cells, with the mistakes that maps and spreadsheets make.

use super::Findings;
use super::cell::{Cell, decimal, fold};
use crate::care::{Datum, Place};

const LON: &str = "a longitude in degrees, -180 to 180, such as 118.264499";
const LAT: &str = "a latitude in degrees, -90 to 90, such as 33.961356";

/// The place that two cells name, if they name one. `0,0` is "not provided": it is the sea off Africa.
pub fn place(lon: Option<&Cell<'_>>, lat: Option<&Cell<'_>>, datum: Datum, findings: &mut Findings) -> Option<Place> {
    let (lon, lat) = match (lon, lat) {
        (None, None) => return None,
        (Some(lon), Some(lat)) => (lon, lat),
        (Some(lon), None) => {
            let expected = "both of lon and lat, or neither";
            findings.error(&Cell::new(lon.row, "lat", ""), "half_a_point", "lon is given and lat is not", expected);
            return None;
        }
        (None, Some(lat)) => {
            let expected = "both of lon and lat, or neither";
            findings.error(&Cell::new(lat.row, "lon", ""), "half_a_point", "lat is given and lon is not", expected);
            return None;
        }
    };
    let (x, y) = (degrees(lon, LON, findings), degrees(lat, LAT, findings));
    let (x, y) = (x?, y?);
    if x == 0.0 && y == 0.0 {
        let expected = "both empty when the point is not known";
        findings.warning(lon, "zero_point", "0, 0 is taken as \"not provided\"", expected);
        return None;
    }
    if Place::in_range(x, y) {
        let place = Place::from_datum(datum, x, y);
        // At the date line a shifted pair may come out beyond it.
        if Place::in_range(place.lon, place.lat) {
            return Some(place);
        }
    }
    let pair = Cell::new(lon.row, lon.column, format!("{}, {}", lon.text, lat.text));
    if Place::in_range(y, x) {
        let expected = "lon and lat the other way round: the pair would fit swapped";
        findings.error(&pair, "swapped", "the latitude is beyond 90 degrees", expected);
    } else if Place::in_range(x / 1e6, y / 1e6) && x.abs() > 1e4 && y.abs() > 1e4 && x.fract() == 0.0 {
        let expected = format!("degrees: perhaps {}, {} (these look like micro-degrees)", x / 1e6, y / 1e6);
        findings.error(&pair, "not_degrees", "no longitude and latitude", expected);
    } else if x.abs() > 1e4 && y.abs() > 1e4 {
        let expected = "degrees: these look like metres of a projection, such as CGCS2000 in 3-degree zones";
        findings.error(&pair, "not_degrees", "no longitude and latitude", expected);
    } else if (-180.0..=180.0).contains(&x) {
        findings.error(lat, "out_of_range", "beyond the pole", LAT);
    } else {
        findings.error(lon, "out_of_range", "beyond the date line", LON);
    }
    None
}

fn degrees(cell: &Cell<'_>, expected: &'static str, findings: &mut Findings) -> Option<f64> {
    let number = decimal(&fold(&cell.text));
    if number.is_none() {
        findings.error(cell, "not_a_number", "not a number of degrees", expected);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lon: &str, lat: &str, datum: Datum) -> (Option<Place>, Vec<&'static str>) {
        let mut findings = Findings::default();
        let cell = |column, text: &str| (!text.is_empty()).then(|| Cell::new(2, column, text.to_owned()));
        let place = place(cell("lon", lon).as_ref(), cell("lat", lat).as_ref(), datum, &mut findings);
        (place, findings.into_sorted().iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn a_pair_is_a_place_and_nothing_is_none() {
        assert_eq!(read("118.27", "33.96", Datum::Wgs84), (Some(Place::wgs84(118.27, 33.96)), vec![]));
        assert_eq!(read("", "", Datum::Wgs84), (None, vec![]));
        let (shifted, _) = read("118.27", "33.96", Datum::Gcj02);
        assert_eq!(shifted, Some(Place::from_datum(Datum::Gcj02, 118.27, 33.96)));
    }

    #[test]
    fn a_pair_that_is_no_place_says_what_it_may_be() {
        for (lon, lat, code) in [
            ("118.27", "", "half_a_point"),
            ("", "33.96", "half_a_point"),
            ("33.96", "118.27", "swapped"),
            ("0", "0.0", "zero_point"),
            ("117260000", "34790000", "not_degrees"),
            ("39523795.4", "3851326.6", "not_degrees"),
            ("181", "33.96", "out_of_range"),
            ("118.27", "-190", "out_of_range"),
            ("118°16′", "33.96", "not_a_number"),
            ("NaN", "33.96", "not_a_number"),
            ("inf", "33.96", "not_a_number"),
        ] {
            let (place, found) = read(lon, lat, Datum::Wgs84);
            assert_eq!((place, found), (None, vec![code]), "{lon}, {lat}");
        }
    }
}
