//! The region tree: known codes, GeoNames points, invented towns and villages, computed borders.

use geo::InteriorPoint;
use std::{collections::BTreeMap, error::Error};

use crate::{
    cells::{self, Frame, Shape},
    dice::Dice,
    fixed::{self, At},
    geonames::Place,
    people::apportion,
    places::{Class, County, DISTRICTS, District},
};

const CELL: &str = "computed cell around points, not an official border";
const PART: &str = "union of the computed cells of the seeded part only, not an official border";

pub struct Region {
    pub code: String,
    pub name: String,
    pub level: &'static str,
    pub parent: String,
    pub lon: f64,
    pub lat: f64,
    pub counts: bool,
    pub class: Option<&'static str>,
    pub source: String,
    pub demo: bool,
    pub shape: Shape,
}

pub struct Regions {
    pub all: Vec<Region>,
    index: BTreeMap<String, usize>,
}

impl Regions {
    pub fn get(&self, code: &str) -> Option<&Region> {
        self.index.get(code).map(|&n| &self.all[n])
    }

    pub fn within<'a>(&'a self, mut code: &'a str, root: &str) -> bool {
        while code != root {
            match self.get(code) {
                Some(region) => code = &region.parent,
                None => return false,
            }
        }
        true
    }

    /// The regions of one level below a root (or the root itself), in the order of their codes.
    pub fn below(&self, root: &str, level: &str) -> Vec<&Region> {
        let found = self.all.iter().filter(|r| r.level == level);
        found.filter(|r| self.within(&r.code, root)).collect()
    }

    fn add(&mut self, region: Region) {
        // A province stands above two districts: the second one only adds its cells.
        if let Some(&n) = self.index.get(&region.code) {
            self.all[n].shape = cells::union([&self.all[n].shape, &region.shape]);
        } else {
            self.index.insert(region.code.clone(), self.all.len());
            self.all.push(region);
        }
    }
}

/// A town before its villages and its border.
struct Town {
    code: String,
    name: String,
    class: Class,
    at: (f64, f64),
    source: String,
    known: bool,
    villages: usize,
}

type Gazetteer = BTreeMap<u32, Place>;

pub fn build(gazetteer: &Gazetteer) -> Result<Regions, Box<dyn Error>> {
    let mut regions = Regions { all: vec![], index: BTreeMap::new() };
    for district in &DISTRICTS {
        add_district(&mut regions, district, gazetteer)?;
    }
    // Parents before children, then by code.
    let depth = |level| ["province", "city", "county", "town", "village"].iter().position(|l| *l == level);
    regions.all.sort_by_key(|r| (depth(r.level), r.code.clone()));
    regions.index = regions.all.iter().enumerate().map(|(n, r)| (r.code.clone(), n)).collect();
    Ok(regions)
}

fn add_district(regions: &mut Regions, district: &District, gazetteer: &Gazetteer) -> Result<(), Box<dyn Error>> {
    let mut towns = vec![];
    for county in district.counties {
        let names_from = towns.len();
        towns.extend(towns_of(county, district, gazetteer, names_from)?);
    }
    for (class, total) in Class::ALL.into_iter().zip(district.villages) {
        share_villages(&mut towns, class, total, district);
    }

    // Town cells first, so that each village lies in its own town; then the cells of villages, whose unions are the borders.
    let frame = Frame::around(&towns.iter().map(|t| t.at).collect::<Vec<_>>());
    let town_km: Vec<_> = towns.iter().map(|t| frame.km(t.at)).collect();
    let hull = cells::hull(&town_km, district.margin_km);
    let mut points = vec![]; // town, point
    for (n, cell) in cells::voronoi(&town_km, &hull)?.iter().enumerate() {
        if towns[n].villages == 0 {
            points.push((n, towns[n].at));
        } else {
            let turn = std::f64::consts::TAU * Dice::new(&towns[n].code).unit();
            let spread = cells::sunflower(cell, town_km[n], towns[n].villages, turn);
            points.extend(spread.into_iter().map(|at| (n, frame.degrees(at))));
        }
    }
    let point_km: Vec<_> = points.iter().map(|(_, at)| frame.km(*at)).collect();
    let shapes: Vec<Shape> = cells::voronoi(&point_km, &hull)?.iter().map(|s| frame.shape(s)).collect();

    let mut county_shapes: BTreeMap<&str, Vec<Shape>> = BTreeMap::new();
    for (n, town) in towns.iter().enumerate() {
        let own: Vec<_> =
            points.iter().zip(&shapes).filter(|((t, _), _)| *t == n).map(|((_, at), s)| (*at, s)).collect();
        let shape = cells::union(own.iter().map(|(_, shape)| *shape));
        county_shapes.entry(&town.code[..6]).or_default().push(shape.clone());
        regions.add(Region {
            code: town.code.clone(),
            name: town.name.clone(),
            level: "town",
            parent: town.code[..6].into(),
            lon: town.at.0,
            lat: town.at.1,
            counts: town.villages > 0,
            class: None,
            source: format!("{}; {CELL}", town.source),
            demo: !town.known,
            shape,
        });
        for (k, (at, shape)) in own.iter().take(town.villages).enumerate() {
            regions.add(village(town, k, *at, shape));
        }
    }

    let counties: Vec<Region> = district
        .counties
        .iter()
        .map(|c| {
            let shape = cells::union(&county_shapes[c.code]);
            let main = towns.iter().find(|t| t.code.starts_with(c.code)).map_or((c.lon, c.lat), |t| t.at);
            let source = if district.demo {
                "invented district in an empty desert, tied to no real place; invented code".into()
            } else {
                "code and name as published; point of its first town".to_owned()
            };
            Region {
                code: c.code.into(),
                name: c.name.into(),
                level: "county",
                parent: district.above.last().map_or("", |a| a.0).into(),
                lon: main.0,
                lat: main.1,
                counts: true,
                class: None,
                source: format!("{source}; {CELL}"),
                demo: district.demo,
                shape,
            }
        })
        .collect();
    let whole = cells::union(counties.iter().map(|c| &c.shape));
    for &(code, name, level, parent, geonameid) in district.above {
        let (lon, lat, from) = match gazetteer.get(&geonameid) {
            Some(place) => (place.longitude, place.latitude, format!("point of GeoNames {geonameid}")),
            None => {
                let inner = whole.interior_point().ok_or("an empty region")?;
                (cells::round(inner.x()), cells::round(inner.y()), "point inside the seeded part".into())
            }
        };
        let border = if code == district.root { CELL } else { PART };
        regions.add(Region {
            code: code.into(),
            name: name.into(),
            level,
            parent: parent.into(),
            lon: cells::round(lon),
            lat: cells::round(lat),
            counts: true,
            class: None,
            source: format!("code and name as published; {from}; {border}"),
            demo: false,
            shape: whole.clone(),
        });
    }
    counties.into_iter().for_each(|c| regions.add(c));
    Ok(())
}

fn village(town: &Town, k: usize, (lon, lat): (f64, f64), shape: &Shape) -> Region {
    let named = fixed::VILLAGES.iter().find(|(code, _)| k == 0 && *code == town.code);
    let urban = matches!(town.class, Class::Street | Class::Zone);
    let (block, word) = if urban { (1, "社区") } else { (201, "村") };
    let (name, source) = match named {
        Some((_, name)) => (name.to_string(), "name from a published report; invented code and point"),
        None => (format!("{}示例{word}{:02}", town.name, k + 1), "invented name, code and point"),
    };
    // What is called 社区 is taken for urban, and 村 for rural: a guess for the demonstration.
    let class = if name.contains("社区") { "urban" } else { "rural" };
    let class = Some(class).filter(|_| name.contains("社区") || name.ends_with('村') || name.contains("示例村"));
    let guess = if class.is_some() { "; urban or rural assumed from the name" } else { "" };
    Region {
        code: format!("{}{:03}", town.code, block + k),
        name,
        level: "village",
        parent: town.code.clone(),
        lon,
        lat,
        counts: true,
        class,
        source: format!("{source}; {CELL}{guess}"),
        demo: true,
        shape: shape.clone(),
    }
}

/// Fixed towns stand where they are; invented ones fill a spiral around the county's middle, streets innermost, townships outermost.
fn towns_of(
    county: &County,
    district: &District,
    gazetteer: &Gazetteer,
    names_from: usize,
) -> Result<Vec<Town>, Box<dyn Error>> {
    let codes = Class::ALL.into_iter().zip(county.units).flat_map(|(class, count)| {
        let first = if class == Class::Street { 1 } else { class.block() + 1 };
        (0..count).map(move |k| (class, format!("{}{:03}", county.code, first + k as u32)))
    });
    let mut towns = vec![];
    for (n, (class, code)) in codes.enumerate() {
        let (name, at, source, known) = match fixed::TOWNS.iter().find(|t| t.0 == code) {
            Some(&(_, name, at, known)) => {
                let code_from = if known { "code and name as published" } else { "invented code" };
                let (point, from) = match at {
                    At::GeoNames(id) => {
                        let place = gazetteer.get(&id).ok_or("a GeoNames row is missing")?;
                        ((place.longitude, place.latitude), format!("point of GeoNames {id}"))
                    }
                    At::Rough(lon, lat) => ((lon, lat), "rough point from general knowledge".into()),
                    At::Grid(lon, lat) => ((lon, lat), "point on an invented grid".into()),
                };
                let point = (cells::round(point.0), cells::round(point.1));
                (name.to_owned(), Some(point), format!("{code_from}; {from}"), known)
            }
            None => {
                let zone = if district.counting_zones.contains(&&*code) { "开发区" } else { class.suffix() };
                let name = format!("{}{zone}", fixed::invented(names_from + n));
                (name, None, "invented name, code and point".into(), false)
            }
        };
        towns.push((Town { code, name, class, at: at.unwrap_or_default(), source, known, villages: 0 }, at.is_some()));
    }

    let frame = Frame::around(&[(county.lon, county.lat)]);
    let mut taken: Vec<_> = towns.iter().filter(|t| t.1).map(|t| frame.km(t.0.at)).collect();
    let distance = |a: geo::Coord, b: geo::Coord| (a - b).x.hypot((a - b).y);
    let apart = county.spread_km / (towns.len() as f64).sqrt() * 0.6;
    let mut spots = (0..)
        .filter_map(|k| {
            let (sin, cos) = (f64::from(k) * 2.399_963_23 + 0.7).sin_cos();
            let at = geo::Coord { x: cos, y: sin }
                * (county.spread_km * ((f64::from(k) + 0.5) / towns.len() as f64).powf(0.62));
            let own = at.x.hypot(at.y) / county.spread_km;
            let other = |c: &County| distance(at, frame.km((c.lon, c.lat))) / c.spread_km;
            let foreign = district.counties.iter().any(|c| c.code != county.code && other(c) < own);
            let free = !foreign && taken.iter().all(|t| distance(*t, at) > apart);
            free.then(|| {
                taken.push(at);
                frame.degrees(at)
            })
        })
        .take(towns.iter().filter(|t| !t.1).count())
        .collect::<Vec<_>>()
        .into_iter();
    Ok(towns
        .into_iter()
        .map(|(mut town, placed)| {
            if !placed && let Some(spot) = spots.next() {
                town.at = spot;
            }
            town
        })
        .collect())
}

fn share_villages(towns: &mut [Town], class: Class, total: usize, district: &District) {
    let mut chosen: Vec<&mut Town> = towns
        .iter_mut()
        .filter(|t| t.class == class && (class != Class::Zone || district.counting_zones.contains(&&*t.code)))
        .collect();
    let weights: Vec<f64> = chosen.iter().map(|t| 0.75 + 0.5 * Dice::new(&t.code).unit()).collect();
    for (town, villages) in chosen.iter_mut().zip(apportion(total as u32, &weights)) {
        town.villages = villages as usize;
    }
}
