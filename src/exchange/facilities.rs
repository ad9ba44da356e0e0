//! Facilities: a row of a file becomes a draft of a facility.

use chrono::{DateTime, Utc};

use super::cell::{Cell, decimal, fold};
use super::dossier;
use super::{Drafts, Page, Reading, point, read};
use crate::care::draft::{CapacityDraft, FacilityDraft, Figure};
use crate::care::{Entity, Hours, Rating, Status, Text, Vocabulary, limits};

/// Which number of a measure a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Total,
    Nursing,
    Occupied,
}

/// The columns that hold capacity: column, measure, part.
pub const CAPACITY_COLUMNS: [(&str, &str, Part); 11] = [
    ("beds_total", "beds", Part::Total),
    ("beds_nursing", "beds", Part::Nursing),
    ("beds_occupied", "beds", Part::Occupied),
    ("day_places", "day_places", Part::Total),
    ("day_places_occupied", "day_places", Part::Occupied),
    ("meals_per_day", "meals_per_day", Part::Total),
    ("meals_per_day_occupied", "meals_per_day", Part::Occupied),
    ("seats", "seats", Part::Total),
    ("seats_occupied", "seats", Part::Occupied),
    ("plots_total", "plots", Part::Total),
    ("plots_used", "plots", Part::Occupied),
];

/// Reads a file of facilities, CSV or GeoJSON.
pub fn facilities(bytes: &[u8], reading: &Reading<'_>) -> Drafts<FacilityDraft> {
    once(read(bytes, Entity::Facility, reading, |row, cells, page| draft(row.number, cells, reading, page)))
}

/// Refuses every row about the facility of an earlier one.
pub fn once(drafts: Drafts<FacilityDraft>) -> Drafts<FacilityDraft> {
    drafts.refuse_duplicates("code", FacilityDraft::key, |draft| {
        draft.code.as_ref().map_or_else(|| draft.name.to_string(), Text::to_string)
    })
}

/// Cells that mean something only together.
#[derive(Default)]
struct Together<'a> {
    lon: Option<Cell<'a>>,
    lat: Option<Cell<'a>>,
    scheme: Option<Cell<'a>>,
    level: Option<Cell<'a>>,
    rated_on: Option<Cell<'a>>,
    valid_until: Option<Cell<'a>>,
    issuer: Option<Cell<'a>>,
    as_of: Option<Cell<'a>>,
}

fn draft(
    row: u64,
    cells: &mut dyn Iterator<Item = Cell<'_>>,
    reading: &Reading<'_>,
    page: &mut Page,
) -> Option<FacilityDraft> {
    let mut draft = FacilityDraft { row, ..FacilityDraft::default() };
    let mut together = Together::default();
    let mut file = dossier::Cells::default();
    let (mut name, mut kind) = (None, None);
    let (mut named, mut of_a_kind) = (false, false);
    for cell in cells {
        let findings = &mut page.findings;
        let Some(cell) = file.keep(cell) else { continue };
        match cell.column {
            "code" => draft.code = cell.code(limits::of("code").characters, findings),
            "name" => (name, named) = (cell.line(findings), true),
            "kind" => (kind, of_a_kind) = (known_kind(&cell, reading.vocabulary, page), true),
            "status" => draft.status = known_status(&cell, page),
            "region" => draft.region = cell.code(limits::of("region/code").characters, findings),
            "address" => draft.address = cell.line(findings),
            "phone" => draft.phone = phone(&cell, page),
            "hours" => draft.hours = hours(&cell, page),
            "price_min" => draft.price_min = cell.amount(findings),
            "price_max" => draft.price_max = cell.amount(findings),
            "price_unit" => draft.price_unit = cell.line(findings),
            "ownership" => draft.ownership = cell.line(findings),
            "operator" => draft.operator = cell.line(findings),
            "uscc" => draft.uscc = cell.code(limits::of("uscc").characters, findings),
            "services" => draft.services = cell.list(limits::of("services"), findings),
            "opened_on" => draft.opened_on = cell.date(findings),
            "built_on" => draft.built_on = cell.date(findings),
            "closed_on" => draft.closed_on = cell.date(findings),
            "tags" => draft.tags = cell.list(limits::of("tags"), findings),
            "note" => draft.note = cell.prose(limits::of("note").characters, findings),
            "source" => draft.source = cell.line(findings),
            "demo" => draft.demo = cell.flag(findings),
            "lon" => together.lon = Some(cell),
            "lat" => together.lat = Some(cell),
            "rating_scheme" => together.scheme = Some(cell),
            "rating_level" => together.level = Some(cell),
            "rated_on" => together.rated_on = Some(cell),
            "rating_valid_until" => together.valid_until = Some(cell),
            "rating_issuer" => together.issuer = Some(cell),
            "caregivers" => draft.staff.caregivers = cell.count(findings),
            "caregivers_certified" => draft.staff.certified = cell.count(findings),
            "staff_as_of" => draft.staff.as_of = cell.date(findings),
            "capacity_as_of" => together.as_of = Some(cell),
            _ => count(&cell, &mut draft.capacity, page),
        }
    }
    for (given, column, expected) in [(named, "name", "the facility's name"), (of_a_kind, "kind", "the code of a kind")]
    {
        if !given {
            page.findings.error(&Cell::new(row, column, ""), "missing_value", "the cell is empty", expected);
        }
    }
    draft.place = point::place(together.lon.as_ref(), together.lat.as_ref(), reading.datum, &mut page.findings);
    draft.ratings = ratings(&together, reading.vocabulary, page);
    draft.licences = file.licences(reading.vocabulary, &mut page.findings);
    draft.menu = file.menu(&mut page.findings);
    date_capacity(together.as_of.as_ref(), &mut draft.capacity, page);
    check(&draft, page);
    (draft.name, draft.kind) = (name?, kind?);
    Some(draft)
}

fn known_kind(cell: &Cell<'_>, vocabulary: &Vocabulary, page: &mut Page) -> Option<Text> {
    let written = fold(&cell.text);
    let named = || vocabulary.kinds.iter().find(|kind| *kind.name_zh == *written);
    match vocabulary.kind(&written).or_else(named) {
        Some(kind) => Some(kind.code.clone()),
        None => {
            cell.unknown("unknown_kind", vocabulary.kinds.iter().map(|kind| &*kind.code), &mut page.findings);
            None
        }
    }
}

fn known_status(cell: &Cell<'_>, page: &mut Page) -> Option<Status> {
    let status = Status::from_code(&fold(&cell.text));
    if status.is_none() {
        cell.unknown("unknown_status", Status::ALL.iter().map(|status| status.code()), &mut page.findings);
    }
    status
}

/// A phone is text. Only one thing is sure to be wrong: a number that a spreadsheet has rounded.
fn phone(cell: &Cell<'_>, page: &mut Page) -> Option<Text> {
    if cell.text.contains(['E', 'e']) && decimal(&cell.text).is_some() {
        let expected = "the phone number as text; a spreadsheet has rounded this one";
        page.findings.error(cell, "precision_lost", "a rounded number", expected);
        return None;
    }
    cell.line(&mut page.findings)
}

fn hours(cell: &Cell<'_>, page: &mut Page) -> Option<Text> {
    let text = cell.line(&mut page.findings)?;
    if let Some(read) = page.good_hours.get(&text) {
        return Some(read.clone());
    }
    match Hours::read(&text) {
        Ok(read) => {
            let read: Text = read.into();
            page.good_hours.insert(text, read.clone());
            Some(read)
        }
        Err(error) => {
            let expected = "hours such as \"Mo-Fr 08:00-17:30\", \"周一至周五 8:00-17:30\" or \"24/7\"";
            page.findings.error(cell, "hours", error.to_string(), expected);
            None
        }
    }
}

fn count(cell: &Cell<'_>, capacity: &mut Vec<CapacityDraft>, page: &mut Page) {
    let Some((_, measure, part)) = CAPACITY_COLUMNS.iter().find(|(column, ..)| *column == cell.column) else { return };
    let Some(number) = cell.count(&mut page.findings) else { return };
    let highest = limits::highest_of(measure);
    if number > highest {
        page.findings.error(cell, "too_large", "a number that cannot be meant", format!("at most {highest}"));
        return;
    }
    let at = capacity.iter().position(|told| &*told.measure == *measure).unwrap_or_else(|| {
        capacity.push(CapacityDraft { measure: (*measure).into(), ..CapacityDraft::default() });
        capacity.len() - 1
    });
    *match part {
        Part::Total => &mut capacity[at].total,
        Part::Nursing => &mut capacity[at].nursing,
        Part::Occupied => &mut capacity[at].occupied,
    } = Figure::Told(number);
}

/// One date for all figures, or one for each measure: `beds=2024-06-30;seats=2024-09-01`.
fn date_capacity(cell: Option<&Cell<'_>>, capacity: &mut [CapacityDraft], page: &mut Page) {
    let Some(cell) = cell else { return };
    for part in cell.text.split(';') {
        let (measure, date) = part.split_once('=').map_or((None, part), |(measure, date)| (Some(measure.trim()), date));
        let dated: Option<DateTime<Utc>> = Cell::new(cell.row, cell.column, date.trim()).moment(&mut page.findings);
        for told in capacity.iter_mut().filter(|told| measure.is_none_or(|measure| measure == &*told.measure)) {
            told.as_of = dated;
        }
    }
}

/// The ratings of a row: several have `;` between them, in each of the five columns.
fn ratings(together: &Together<'_>, vocabulary: &Vocabulary, page: &mut Page) -> Vec<Rating> {
    let others = [&together.level, &together.rated_on, &together.valid_until, &together.issuer];
    let Some(scheme) = &together.scheme else {
        if let Some(cell) = others.into_iter().flatten().next() {
            let expected = "the scheme that the rating is in, such as gb37276";
            page.findings.error(
                &Cell::new(cell.row, "rating_scheme", ""),
                "missing_value",
                "a rating without scheme",
                expected,
            );
        }
        return Vec::new();
    };
    let schemes: Vec<&str> = scheme.text.split(';').map(str::trim).collect();
    let mut parts = Vec::new();
    for cell in others {
        let mut cells = vec![None; schemes.len()];
        if let Some(cell) = cell {
            let texts: Vec<&str> = cell.text.split(';').map(str::trim).collect();
            if texts.len() != schemes.len() {
                let expected = format!("{} with ; between them, as in rating_scheme", schemes.len());
                page.findings.error(cell, "rating_parts", format!("{} values", texts.len()), expected);
            }
            for (part, text) in cells.iter_mut().zip(texts).filter(|(_, text)| !text.is_empty()) {
                *part = Some(Cell::new(cell.row, cell.column, text));
            }
        }
        parts.push(cells);
    }
    let findings = &mut page.findings;
    let mut ratings = Vec::new();
    for (at, code) in schemes.iter().enumerate() {
        let cell = Cell::new(scheme.row, scheme.column, *code);
        let level = parts[0][at].as_ref().map(|cell| (cell, cell.count(findings)));
        let rated_on = parts[1][at].as_ref().and_then(|cell| cell.date(findings));
        let valid_until = parts[2][at].as_ref().and_then(|cell| cell.date(findings));
        let issuer = parts[3][at].as_ref().and_then(|cell| cell.line(findings));
        let Some(held) = vocabulary.schemes.iter().find(|held| *held.code == **code || *held.name_zh == **code) else {
            cell.unknown("unknown_scheme", vocabulary.schemes.iter().map(|scheme| &*scheme.code), findings);
            continue;
        };
        let level = level.and_then(|(cell, level)| {
            let level = u8::try_from(level?).ok().filter(|level| (1..=held.levels).contains(level));
            if level.is_none() {
                let expected = format!("1 to {} in the scheme {}", held.levels, held.code);
                findings.error(cell, "rating_level", "no such level", expected);
            }
            level
        });
        if let (Some(from), Some(until)) = (rated_on, valid_until)
            && until < from
        {
            let cell = Cell::new(scheme.row, "rating_valid_until", until.to_string());
            findings.error(&cell, "date_order", format!("before the day of rating, {from}"), "a day after rated_on");
        }
        ratings.push(Rating { scheme: held.code.clone(), level, issuer, rated_on, valid_until });
    }
    ratings
}

/// What the cells of a row say about each other.
fn check(draft: &FacilityDraft, page: &mut Page) {
    let findings = &mut page.findings;
    for told in &draft.capacity {
        check_capacity(
            draft.row,
            &told.measure,
            (told.total.told(), told.nursing.told(), told.occupied.told()),
            findings,
        );
    }
    if let (Some(certified), Some(caregivers)) = (draft.staff.certified, draft.staff.caregivers)
        && certified > caregivers
    {
        let cell = Cell::new(draft.row, "caregivers_certified", certified.to_string());
        let expected = "certified caregivers are a part of all caregivers";
        findings.error(&cell, "certified_above_caregivers", format!("more than the {caregivers} in all"), expected);
    }
    if let (Some(min), Some(max)) = (draft.price_min, draft.price_max)
        && min > max
    {
        let cell = Cell::new(draft.row, "price_min", min.to_string());
        findings.error(&cell, "price_order", format!("more than price_max, {max}"), "at most price_max");
    }
    if let (Some(opened), Some(closed)) = (draft.opened_on, draft.closed_on)
        && closed < opened
    {
        let cell = Cell::new(draft.row, "closed_on", closed.to_string());
        findings.warning(&cell, "date_order", format!("before opened_on, {opened}"), "a day after opened_on");
    }
}

/// The two rules about the figures of one measure: nursing is a part of total; occupied may exceed it and is flagged.
pub fn check_capacity(
    row: u64,
    measure: &str,
    (total, nursing, occupied): (Option<u32>, Option<u32>, Option<u32>),
    findings: &mut super::Findings,
) {
    let column = |part: Part| {
        CAPACITY_COLUMNS
            .iter()
            .find(|(_, of, held)| *of == measure && *held == part)
            .map_or("capacity", |(column, ..)| column)
    };
    let Some(total) = total else { return };
    if let Some(nursing) = nursing.filter(|nursing| *nursing > total) {
        let cell = Cell::new(row, column(Part::Nursing), nursing.to_string());
        let expected = "nursing beds are a part of all beds";
        findings.error(&cell, "nursing_above_total", format!("more than the {total} in all"), expected);
    }
    if let Some(occupied) = occupied.filter(|occupied| *occupied > total) {
        let cell = Cell::new(row, column(Part::Occupied), occupied.to_string());
        let expected = "accepted and shown as over capacity (超员); none are free";
        findings.warning(&cell, "over_capacity", format!("more than the {total} in all"), expected);
    }
}
