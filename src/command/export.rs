//! `silver-atlas export`: the record as a file.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Ended, Failed};
use crate::care::kind::nearest_word;
use crate::care::{DemandPoint, Facility, Record, Region};
use crate::exchange::{facility_csv, facility_geojson, inspections, people_csv, workbook};
use crate::registry::{Inspections, Registry};

/// Write the record to a file. CSV and GeoJSON are read back by an import as "no change"; xlsx is for a spreadsheet.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    pub what: What,
    #[arg(long, default_value = "csv")]
    pub format: Format,
    /// Only this region and those below it.
    #[arg(long, value_name = "CODE")]
    pub region: Option<String>,
    /// Where to write; standard output when not given.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    Facilities,
    /// One row a finding; CSV or xlsx.
    Inspections,
    /// Without their borders; CSV.
    Regions,
    /// All counts of all years, with the bureau's own groups; CSV.
    Population,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Geojson,
    Xlsx,
}

/// Runs the command. A file is there whole or not at all: it is written beside its place and then renamed.
pub async fn run(args: &ExportArgs, registry: &Registry) -> Result<Ended, Failed> {
    let record = registry.load().await?;
    let inside = scope(&record, args.region.as_deref())?;
    if matches!(args.what, What::Regions | What::Population) && args.format != Format::Csv {
        return Err(Failed::Usage("regions and population are written as csv".to_owned()));
    }
    let inspected = match args.what {
        What::Inspections => Some(inspected(args.format, &chosen(&record, inside.as_ref()), registry).await?),
        _ => None,
    };
    let write = |mut to: &mut dyn Write| match &inspected {
        Some((bytes, rows)) => to.write_all(bytes).map(|()| *rows),
        None => write(args, inside.as_ref(), &record, &mut to),
    };
    let Some(output) = &args.output else {
        return match write(&mut io::stdout().lock()) {
            Ok(_) => Ok(Ended::Done),
            // Whoever closed the pipe has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Ended::Done),
            Err(cause) => Err(Failed::File { path: "standard output".to_owned(), cause }),
        };
    };
    let failed = |cause| Failed::File { path: output.display().to_string(), cause };
    let rows = beside(output, |mut file| write(&mut file)).map_err(failed)?;
    eprintln!("{rows} rows written to {}, as of revision {}", output.display(), record.revision);
    Ok(Ended::Done)
}

/// The codes of a region and of all below it; `None` for everything.
fn scope<'a>(record: &'a Record, region: Option<&'a str>) -> Result<Option<HashSet<&'a str>>, Failed> {
    let Some(code) = region else { return Ok(None) };
    if !record.regions.iter().any(|held| *held.code == *code) {
        let near = nearest_word(code, record.regions.iter().map(|region| &*region.code));
        let near = near.map_or_else(String::new, |near| format!("; perhaps {near}"));
        return Err(Failed::Usage(format!("no region {code} in the record{near}")));
    }
    Ok(Some(below(&record.regions, code)))
}

/// The facilities that stand inside, in an order that does not change from one export to the next.
fn chosen<'a>(record: &'a Record, inside: Option<&HashSet<&str>>) -> Vec<&'a Facility> {
    let held = record.facilities.iter().filter(|facility| stands(inside, facility.region.as_deref()));
    let mut facilities: Vec<&Facility> = held.collect();
    facilities.sort_by(|a, b| (&a.code, &a.name, a.id).cmp(&(&b.code, &b.name, b.id)));
    facilities
}

fn stands(inside: Option<&HashSet<&str>>, region: Option<&str>) -> bool {
    inside.is_none_or(|inside| region.is_some_and(|code| inside.contains(code)))
}

/// The inspections of these facilities as a file, and its rows: one a finding, with the columns that an import reads.
async fn inspected(format: Format, facilities: &[&Facility], registry: &Registry) -> Result<(Vec<u8>, u64), Failed> {
    let codes: HashMap<_, _> = facilities.iter().map(|facility| (facility.id, facility.code.as_deref())).collect();
    let mut held = registry.inspections(Inspections::Of(codes.keys().copied().collect())).await?;
    let named = |facility| codes.get(&facility).copied().flatten().map_or_else(|| facility.to_string(), str::to_owned);
    held.sort_by_cached_key(|one| (named(one.facility), one.inspected_on, one.r#type.clone(), one.id));
    let table = inspections::table(&held, |one| named(one.facility));
    let rows = table.rows.len() as u64;
    let bytes = match format {
        Format::Csv => workbook::csv(&table).map(String::into_bytes),
        Format::Xlsx => workbook::workbook(&[table]),
        Format::Geojson => return Err(Failed::Usage("inspections have no place: csv or xlsx, not geojson".to_owned())),
    };
    let failed = |cause| Failed::File { path: "inspections".to_owned(), cause: io::Error::other(cause) };
    Ok((bytes.map_err(failed)?, rows))
}

/// The codes of a region and of all below it.
fn below<'a>(regions: &'a [Region], code: &'a str) -> HashSet<&'a str> {
    let mut children: HashMap<&str, Vec<&str>> = HashMap::new();
    for region in regions {
        if let Some(parent) = region.parent.as_deref() {
            children.entry(parent).or_default().push(&region.code);
        }
    }
    let (mut inside, mut open) = (HashSet::new(), vec![code]);
    while let Some(code) = open.pop() {
        if inside.insert(code) {
            open.extend(children.get(code).into_iter().flatten());
        }
    }
    inside
}

/// Writes what stands inside, in an order that does not change from one export to the next; answers how many rows.
fn write(args: &ExportArgs, inside: Option<&HashSet<&str>>, record: &Record, to: impl Write) -> io::Result<u64> {
    let stands = |region: Option<&str>| stands(inside, region);
    match args.what {
        What::Facilities => write_facilities(args.format, &chosen(record, inside), record, to),
        // Not part of what is loaded: asked for and laid out before.
        What::Inspections => Ok(0),
        What::Regions => {
            let regions = record.regions.iter().filter(|region| stands(Some(&region.code)));
            Ok(people_csv::regions(regions, to)?)
        }
        What::Population => {
            let held = record.demand.iter().filter(|point| stands(point.region.as_deref()));
            let mut points: Vec<&DemandPoint> = held.collect();
            points.sort_by(|a, b| (&a.region, a.as_of, a.id).cmp(&(&b.region, b.as_of, b.id)));
            Ok(people_csv::population(&points, to)?)
        }
    }
}

fn write_facilities(format: Format, facilities: &[&Facility], record: &Record, to: impl Write) -> io::Result<u64> {
    let facilities = facilities.iter().copied();
    match format {
        Format::Geojson => facility_geojson::write(facilities, &record.vocabulary, &record.regions, BufWriter::new(to)),
        Format::Csv => Ok(facility_csv::write(facilities, &record.vocabulary, to)?),
        Format::Xlsx => {
            let (bytes, rows) = workbook::facilities(facilities, &record.vocabulary).map_err(io::Error::other)?;
            let mut to = to;
            to.write_all(&bytes)?;
            Ok(rows)
        }
    }
}

fn beside(output: &Path, write: impl FnOnce(&File) -> io::Result<u64>) -> io::Result<u64> {
    let name = output.file_name().ok_or_else(|| io::Error::other("not the name of a file"))?;
    let part = output.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let written = File::create(&part).and_then(|file| {
        let rows = write(&file)?;
        file.sync_all()?;
        std::fs::rename(&part, output)?;
        Ok(rows)
    });
    if written.is_err() {
        // Nothing more can be done about a file that cannot be removed either.
        let _ = std::fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::Level;

    #[test]
    fn a_region_holds_all_regions_below_it() {
        let region = |code: &str, parent: Option<&str>| Region {
            code: code.into(),
            name: code.into(),
            level: Level::Town,
            parent: parent.map(Into::into),
            place: None,
            border: None,
            counts_in_coverage: true,
            class: None,
            source: None,
            demo: false,
        };
        let regions =
            [region("32", None), region("3213", Some("32")), region("321301", Some("3213")), region("37", None)];
        let mut inside: Vec<_> = below(&regions, "3213").into_iter().collect();
        inside.sort_unstable();
        assert_eq!(inside, ["3213", "321301"]);
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("silver-atlas-export-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let output = folder.join("facilities.csv");
        assert!(beside(&output, |_| Err(io::Error::other("the disk is full"))).is_err());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        assert_eq!(beside(&output, |mut file| file.write_all(b"x").map(|()| 1)).unwrap(), 1);
        assert_eq!(std::fs::read(&output).unwrap(), b"x");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
