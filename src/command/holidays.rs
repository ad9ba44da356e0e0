//! The bureau's own calendars of holidays: a folder with one file a year.

use std::path::Path;

use super::Failed;
use crate::care::{HolidayYear, Holidays};

/// Puts the shipped calendars in force, and those of the folder in the place of theirs.
pub fn put_in_force(folder: Option<&Path>) -> Result<(), Failed> {
    let years = folder.map_or_else(|| Ok(Vec::new()), read)?;
    Holidays::with(years).put_in_force();
    Ok(())
}

fn read(folder: &Path) -> Result<Vec<HolidayYear>, Failed> {
    let fault = |path: &Path, cause| Failed::File { path: path.display().to_string(), cause };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|cause| fault(folder, cause))? {
        let path = entry.map_err(|cause| fault(folder, cause))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let mut years: Vec<HolidayYear> = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|cause| fault(&path, cause))?;
        let year = HolidayYear::read(&text).map_err(|error| Failed::Usage(format!("{}: {error}", path.display())))?;
        if years.iter().any(|held| held.year == year.year) {
            let told = format!("{}: another file of this folder is of {} too; keep one", path.display(), year.year);
            return Err(Failed::Usage(told));
        }
        years.push(year);
    }
    Ok(years)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_calendars_is_read_and_its_faults_name_the_file() {
        let folder = std::env::temp_dir().join(format!("holidays-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let text = include_str!("../../seed/holidays/cn-2026.toml");
        std::fs::write(
            folder.join("cn-2027.toml"),
            text.replace("2026-", "2027-").replace("year = 2026", "year = 2027"),
        )
        .expect("a file");
        // The weekends of another year are no weekends of this one.
        let error = read(&folder).expect_err("working days that are no weekend").to_string();
        assert!(error.contains("cn-2027.toml") && error.contains("Saturday"), "{error}");
        std::fs::write(folder.join("cn-2027.toml"), text).expect("a file");
        assert_eq!(read(&folder).expect("a calendar")[0].year, 2026);
        std::fs::write(folder.join("other.toml"), text).expect("a file");
        assert!(read(&folder).expect_err("twice").to_string().contains("keep one"));
        assert!(read(&folder.join("absent")).is_err());
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
