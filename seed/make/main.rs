//! Writes the demo seed data: regions, population and facilities, each the same bytes on every run.
//!
//! `make-seed [GEONAMES_CSV]`, started in the project's root folder. With a path to the full GeoNames table of China the small
//! extract `seed/geonames.csv` is made again first. Nothing here reads a clock or a source of chance: see [`dice`].

mod cells;
mod check;
mod dice;
mod dossier;
mod facilities;
mod fixed;
mod geonames;
mod kinds;
mod people;
mod places;
mod plan;
mod regions;
mod write;

use std::{error::Error, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("seed");
    if !folder.is_dir() {
        return Err("no folder named seed here: start this in the project's root folder".into());
    }
    let extract = folder.join("geonames.csv");
    if let Some(full) = std::env::args().nth(1) {
        geonames::extract(Path::new(&full), &extract)?;
    }
    let regions = regions::build(&geonames::read(&extract)?)?;
    let people = people::spread(&regions);
    let mut facilities = facilities::invent(&regions);
    dossier::tell(&regions, &mut facilities);
    let inspections = dossier::inspections(&regions, &facilities);

    let geojson = write::regions(&regions.all)?;
    check::everything(&regions, &people, &facilities, &inspections, &geojson)?;

    std::fs::write(folder.join("regions.geojson"), geojson)?;
    write::csv(&folder.join("population.csv"), &people)?;
    write::csv(&folder.join("facilities.csv"), &facilities)?;
    write::csv(&folder.join("inspections.csv"), &inspections)?;
    println!("{} regions, {} demand points, {} facilities", regions.all.len(), people.len(), facilities.len());
    Ok(())
}
