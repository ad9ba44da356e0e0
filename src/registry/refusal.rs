//! From the database's errors to ours: which mean "not now", and which rule a constraint stands for, in words.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use tokio_postgres::error::SqlState;

use super::RegistryError;
use crate::care::limits;

/// How an error says that the disk is full.
pub const DISK_FULL: &str = "the disk of the database is full";

/// Every rule that the tables keep: the constraint, the JSON pointer of what breaks it, and the rule in words.
/// In the words, `{}` stands for the value where the database names it.
const RULES: &[(&str, &str, &str)] = &[
    ("facility_code_unique", "/code", "the code \"{}\" belongs to another facility"),
    ("facility_kind_fkey", "/kind", "there is no kind \"{}\""),
    ("facility_region_fkey", "/region", "there is no region \"{}\""),
    ("facility_version_counts", "/version", "versions count from 1"),
    ("facility_name_written", "/name", "a facility needs a name"),
    ("facility_code_written", "/code", "a code cannot be empty"),
    ("facility_status_known", "/status", "there is no such status"),
    ("facility_place_valid", "/place", "the longitude must be within ±180 and the latitude within ±90"),
    ("facility_raw_whole", "/place/raw", "the pair of the source needs both coordinates, its datum and a place"),
    ("facility_price_sound", "/price", "a price must be a number and not below 0"),
    ("facility_price_ordered", "/price/min", "the lowest price is above the highest"),
    ("facility_price_has_unit", "/price/unit", "a price needs a unit"),
    ("facility_dossier_told", "/licences", "a dossier that tells nothing is none"),
    ("facility_licences_listed", "/licences", "licences are a list, each with its type"),
    ("facility_licence_days_ordered", "/licences", "a licence's last day is before its first"),
    ("facility_menu_listed", "/menu", "a menu is a list of meals, each with its day, a dish and a price not below 0"),
    ("facility_staff_counted", "/staff", "staff cannot be below 0, and need the day on which they were counted"),
    ("facility_certified_within_caregivers", "/staff/certified", "more caregivers are certified than there are"),
    ("facility_pkey", "/id", "this facility is already registered"),
    ("capacity_facility_fkey", "/id", "there is no such facility"),
    ("capacity_measure_fkey", "/capacity", "there is no measure \"{}\""),
    ("capacity_pkey", "/capacity", "a measure can be told only once a facility"),
    ("capacity_counts", "/capacity", "capacity cannot be below 0"),
    ("capacity_nursing_within_total", "/capacity/nursing", "nursing capacity is more than the total"),
    ("rating_facility_fkey", "/id", "there is no such facility"),
    ("rating_scheme_fkey", "/rating/scheme", "there is no rating scheme \"{}\""),
    ("rating_level_known", "/rating/level", "a rating's level is between 1 and 9"),
    ("rating_issuer_written", "/rating/issuer", "an issuer cannot be empty"),
    ("rating_one_a_scheme", "/rating", "a facility has one rating a scheme"),
    ("region_parent_fkey", "/parent", "there is no region \"{}\" to be the parent"),
    ("region_parent_is_another", "/parent", "a region cannot be its own parent"),
    ("region_code_written", "/code", "a region needs a code"),
    ("region_name_written", "/name", "a region needs a name"),
    ("region_level_known", "/level", "there is no such level"),
    ("region_place_valid", "/place", "the longitude must be within ±180 and the latitude within ±90"),
    ("region_raw_whole", "/place/raw", "the pair of the source needs both coordinates, its datum and a place"),
    ("region_class_known", "/class", "a region is urban or rural, or its class is not known"),
    ("region_border_is_an_area", "/border", "a border must be a polygon or several"),
    ("demand_point_region_fkey", "/region", "there is no region \"{}\""),
    ("demand_point_is_somewhere", "/region", "a demand point needs a region or a point"),
    ("demand_point_place_valid", "/place", "the longitude must be within ±180 and the latitude within ±90"),
    ("demand_point_raw_whole", "/place/raw", "the pair of the source needs both coordinates, its datum and a place"),
    ("demand_point_counts_people", "/total", "people cannot be below 0"),
    (
        "demand_point_parts_fit",
        "/aged_60",
        "there cannot be more people aged 80 and over than aged 60 and over, nor more of those than people",
    ),
    ("demand_point_groups_fit", "/groups", "a group is a whole number of people, and no more than all people"),
    ("demand_point_groups_known", "/groups", "there is no group \"{}\""),
    ("people_group_in_use", "/code", "people are counted in this group"),
    ("demand_point_once", "/region", "this point and day are told twice"),
    ("inspection_facility_fkey", "/facility", "there is no facility \"{}\""),
    ("inspection_type_fkey", "/type", "there is no type of inspection \"{}\""),
    ("inspection_version_counts", "/version", "versions count from 1"),
    ("inspection_result_known", "/result", "there is no such result"),
    ("finding_inspection_fkey", "/id", "there is no such inspection"),
    ("finding_number_counts", "/findings", "findings count from 1"),
    ("finding_category_written", "/findings", "a finding needs a category"),
    ("finding_severity_known", "/findings", "a finding is minor or major"),
    ("finding_detail_written", "/findings", "a finding says what was found"),
    ("finding_rectification_dated", "/findings", "what was done needs the day on which it was seen"),
    ("account_name_unique", "/name", "the name \"{}\" is taken"),
    ("account_folded_unique", "/name", "another account has a name that looks the same"),
    ("recognised_browser_hash_is_sha256", "/name", "a browser is known by the hash of its secret"),
    ("account_name_written", "/name", "an account needs a name"),
    ("account_role_known", "/role", "there is no such role"),
    ("account_region_fkey", "/region", "there is no region \"{}\""),
    ("account_bureau_has_region", "/region", "a bureau needs the region that it is for"),
    ("account_facility_facility_fkey", "/facilities", "there is no facility \"{}\""),
    ("change_request_wishes", "/wished", "a change request needs a field to change"),
    ("scenario_version_counts", "/version", "versions count from 1"),
    ("scenario_name_written", "/name", "a scenario needs a name, of 200 characters at most"),
    ("scenario_note_short", "/note", "a note has 5,000 characters at most"),
    ("scenario_region_fkey", "/region", "there is no region \"{}\""),
    ("scenario_account_fkey", "/account", "there is no such account"),
    ("scenario_question_whole", "/question", "a question is an object of parameters"),
    ("scenario_changes_whole", "/changes", "changes are an object of lists"),
    ("idempotency_key_short", "/idempotency-key", "an Idempotency-Key has 1 to 200 characters"),
    ("correction_said_short", "/said", "what is said has 1 to 1000 characters"),
    ("correction_other_is_said", "/said", "say what is wrong"),
    ("correction_phone_short", "/phone", "a phone number has at most 40 characters"),
    ("correction_subject_known", "/subject", "there is no such subject"),
    ("change_reason_written", "/reason", "a withdrawal needs a reason"),
    ("target_once", "/measure", "this region has a target for this measure and year already"),
    ("target_version_counts", "/version", "versions count from 1"),
    ("target_region_written", "/region", "a target needs a region"),
    ("target_measure_written", "/measure", "a target needs a measure"),
    ("target_year_known", "/year", "the year must be from 1949 to 2199"),
    ("target_planned_sound", "/planned", "a planned number must be a number and not below 0"),
    ("programme_figure_once", "/metric", "this figure of this region and period is there already"),
    ("programme_figure_version_counts", "/version", "versions count from 1"),
    ("programme_figure_region_written", "/region", "a programme figure needs a region"),
    ("programme_figure_codes", "/programme", "programme and metric are codes of small letters, digits and _"),
    ("programme_figure_value_sound", "/value", "a value must be a number and not below 0"),
    ("programme_figure_qualifier_known", "/qualifier", "there is no such qualifier"),
    ("programme_figure_measure_known", "/measure", "a figure is a stock, a flow or cumulative"),
    ("programme_figure_period_ordered", "/period_to", "the period ends before it begins"),
    ("programme_figure_dated", "/as_of", "a programme figure needs its day or the end of its period"),
    ("claim_once", "/indicator", "this source has said so of this region and day already"),
    ("claim_version_counts", "/version", "versions count from 1"),
    ("claim_region_written", "/region", "a claim needs a region"),
    ("claim_indicator_written", "/indicator", "a claim needs an indicator"),
    ("claim_value_sound", "/value", "a value must be a number and not below 0"),
    ("claim_qualifier_known", "/qualifier", "there is no such qualifier"),
    ("import_batch_rows_counted", "/rows", "rows cannot be below 0"),
];

/// The constraints whose rules are in words.
pub fn constraints_in_words() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(constraint, ..)| *constraint)
}

/// A broken rule, with its place in the record.
pub(super) fn rule(pointer: impl Into<String>, detail: impl Into<String>) -> RegistryError {
    RegistryError::Rule { pointer: pointer.into(), detail: detail.into() }
}

/// Refuses a text of more characters than its limit, such as a reason.
pub(super) fn within_limit(field: &str, text: &str) -> Result<(), RegistryError> {
    let limit = limits::of(field);
    limit.check(text).map_err(|fault| rule(format!("/{field}"), format!("{field} has {fault}")))
}

/// The rule behind a constraint. `detail` is the database's, such as `Key (region)=(999) is not present in table "region".`
fn broken(constraint: Option<&str>, detail: Option<&str>) -> Option<RegistryError> {
    let (_, pointer, words) = RULES.iter().find(|(name, ..)| Some(*name) == constraint)?;
    let value = detail.and_then(|detail| detail.split_once(")=(")?.1.rsplit_once(')')).map_or("?", |(value, _)| value);
    Some(rule(*pointer, words.replace("{}", value)))
}

/// What the database itself says that means "not now": it is starting, stopping, full, or has gone.
fn passing(code: &SqlState) -> bool {
    let class = &code.code()[..2];
    let one = [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IO_ERROR,
    ];
    ["08", "53", "57"].contains(&class) || one.contains(code)
}

/// The words of the database itself for what does not pass through diesel as a code.
fn passing_words(message: &str) -> bool {
    ["canceling statement due to", "No space left on device", "deadlock detected", "read-only transaction"]
        .iter()
        .any(|words| message.contains(words))
}

/// Says that the disk is full where that is the reason.
fn away(code: Option<&SqlState>, message: &str) -> RegistryError {
    let full = code == Some(&SqlState::DISK_FULL) || message.contains("No space left on device");
    RegistryError::Unavailable(if full { format!("{DISK_FULL}: {message}") } else { message.to_owned() })
}

impl From<tokio_postgres::Error> for RegistryError {
    fn from(error: tokio_postgres::Error) -> RegistryError {
        let Some(told) = error.as_db_error() else {
            // Not said by the database but about the line to it, unless a value could not be read.
            let cause =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), |c| format!("{error}: {c}"));
            let broken_line = error.is_closed() || error.to_string().contains("connect");
            return match std::error::Error::source(&error) {
                Some(source) if source.is::<std::io::Error>() => RegistryError::Unavailable(cause),
                _ if broken_line => RegistryError::Unavailable(cause),
                _ => RegistryError::Internal(cause),
            };
        };
        if passing(told.code()) {
            return away(Some(told.code()), told.message());
        }
        match *told.code() {
            SqlState::CHARACTER_NOT_IN_REPERTOIRE | SqlState::UNTRANSLATABLE_CHARACTER => {
                rule("", "a text holds a character that cannot be stored (NUL)")
            }
            _ => broken(told.constraint(), told.detail())
                .unwrap_or_else(|| RegistryError::Internal(format!("{error}: {}", told.message()))),
        }
    }
}

impl From<DieselError> for RegistryError {
    fn from(error: DieselError) -> RegistryError {
        match &error {
            DieselError::DatabaseError(
                DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
                told,
            ) => RegistryError::Unavailable(told.message().to_owned()),
            DieselError::DatabaseError(_, told) if passing_words(told.message()) => away(None, told.message()),
            DieselError::DatabaseError(_, told) => broken(told.constraint_name(), told.details())
                .unwrap_or_else(|| RegistryError::Internal(error.to_string())),
            DieselError::BrokenTransactionManager => RegistryError::Unavailable(error.to_string()),
            _ => RegistryError::Internal(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_speaks_in_words_and_names_the_value() {
        let detail = "Key (region)=(999999) is not present in table \"region\".";
        let Some(RegistryError::Rule { pointer, detail }) = broken(Some("facility_region_fkey"), Some(detail)) else {
            panic!("a rule");
        };
        assert_eq!((pointer.as_str(), detail.as_str()), ("/region", "there is no region \"999999\""));
    }

    #[test]
    fn a_stopping_full_or_busy_database_is_a_passing_thing_and_a_broken_rule_is_not() {
        assert!(passing(&SqlState::ADMIN_SHUTDOWN) && passing(&SqlState::CANNOT_CONNECT_NOW));
        // A statement that passed its time limit is cancelled.
        assert!(passing(&SqlState::QUERY_CANCELED) && passing(&SqlState::LOCK_NOT_AVAILABLE));
        assert!(passing(&SqlState::DISK_FULL) && !passing(&SqlState::CHECK_VIOLATION));
    }

    #[test]
    fn a_full_disk_is_named() {
        let RegistryError::Unavailable(why) = away(Some(&SqlState::DISK_FULL), "could not extend file") else {
            panic!("it passes");
        };
        assert!(why.starts_with(DISK_FULL), "{why}");
        let refused = "could not extend file \"base/5\": No space left on device";
        assert!(away(None, refused).to_string().contains(DISK_FULL));
    }
}
