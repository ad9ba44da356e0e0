//! Columns: which a file of each sort may have, and which of them a heading names.

use crate::care::kept::KeptField;
use crate::care::kind::nearest_word;
use crate::care::{Claim, Entity, Kept, PeopleGroup, ProgrammeFigure, Target, Vocabulary};

/// The columns of `facilities`, in the order in which they are exported.
pub const FACILITY_COLUMNS: [&str; 50] = [
    "code",
    "name",
    "kind",
    "status",
    "region",
    "address",
    "lon",
    "lat",
    "phone",
    "hours",
    "rating_scheme",
    "rating_level",
    "rated_on",
    "rating_valid_until",
    "rating_issuer",
    "beds_total",
    "beds_nursing",
    "beds_occupied",
    "day_places",
    "day_places_occupied",
    "meals_per_day",
    "meals_per_day_occupied",
    "seats",
    "seats_occupied",
    "plots_total",
    "plots_used",
    "capacity_as_of",
    "licence_type",
    "licence_number",
    "licence_issuer",
    "licence_valid_from",
    "licence_valid_until",
    "menu",
    "caregivers",
    "caregivers_certified",
    "staff_as_of",
    "price_min",
    "price_max",
    "price_unit",
    "ownership",
    "operator",
    "uscc",
    "services",
    "opened_on",
    "built_on",
    "closed_on",
    "tags",
    "note",
    "source",
    "demo",
];

/// The columns of `regions`, in the order in which they are exported.
pub const REGION_COLUMNS: [&str; 10] =
    ["code", "name", "level", "parent", "lon", "lat", "counts_in_coverage", "class", "source", "demo"];

/// The columns of `population`, in the order in which they are exported; the vocabulary's groups follow, each by its code.
pub const POPULATION_COLUMNS: [&str; 9] =
    ["region", "lon", "lat", "total", "aged_60", "aged_80", "as_of", "source", "demo"];

/// One row a finding, or one for an inspection that found nothing; in the order in which they are exported.
pub const INSPECTION_COLUMNS: [&str; 12] = [
    "facility",
    "type",
    "inspected_on",
    "agencies",
    "result",
    "note",
    "category",
    "severity",
    "detail",
    "due_on",
    "rectified_on",
    "rectification",
];

const TARGET_COLUMNS: [&str; 7] = names(Target::FIELDS);
const PROGRAMME_COLUMNS: [&str; 12] = names(ProgrammeFigure::FIELDS);
const CLAIM_COLUMNS: [&str; 7] = names(Claim::FIELDS);

/// The names of the fields of a kept row.
const fn names<const N: usize>(fields: &[KeptField]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = fields[at].name;
        at += 1;
    }
    names
}

/// The columns that such a file may have.
pub fn columns_of(what: Entity) -> &'static [&'static str] {
    match what {
        Entity::Facility => &FACILITY_COLUMNS,
        Entity::Region => &REGION_COLUMNS,
        Entity::DemandPoint => &POPULATION_COLUMNS,
        Entity::Target => &TARGET_COLUMNS,
        Entity::Programme => &PROGRAMME_COLUMNS,
        Entity::Claim => &CLAIM_COLUMNS,
        Entity::Inspection => &INSPECTION_COLUMNS,
        // No file brings these in.
        Entity::Scenario => &[],
    }
}

/// What may stand before a group's code in a heading.
pub(super) const GROUP: &str = "group_";

/// The group that a heading of a population file names: `living_alone`, or `group_living_alone`.
pub(super) fn group_of<'v>(what: Entity, heading: &str, vocabulary: &'v Vocabulary) -> Option<&'v str> {
    let code = heading.strip_prefix(GROUP).unwrap_or(heading);
    let group = vocabulary.group(code).filter(|_| what == Entity::DemandPoint)?;
    Some(&group.code)
}

/// Whether a profile may map to such a column: whether the group is known is found out when the file is read.
pub(crate) fn may_be_mapped(what: Entity, column: &str) -> bool {
    columns_of(what).contains(&column) || what == Entity::DemandPoint && column.starts_with(GROUP)
}

/// `; perhaps "beds_total"`, or nothing.
pub(crate) fn nearest_column(what: Entity, written: &str, groups: &[PeopleGroup]) -> String {
    let groups = groups.iter().filter(|_| what == Entity::DemandPoint).map(|group| &*group.code);
    let near =
        nearest_word(written.strip_prefix(GROUP).unwrap_or(written), columns_of(what).iter().copied().chain(groups));
    near.map_or_else(String::new, |word| format!("; perhaps \"{word}\""))
}
