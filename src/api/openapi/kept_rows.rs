//! The addresses of targets, programme figures and claims.

use super::addresses::Line;
use crate::api::{JSON, kept, standings};
use crate::care::{Claim, Kept, ProgrammeFigure, Target};

/// Method, address, what it answers, its query parameters, and the type of the answer.
pub(super) fn kept_rows() -> Vec<Line> {
    vec![
        ("get", "/api/v1/targets", "Targets by region, year and measure", rows::<Target>(), JSON),
        (
            "post",
            "/api/v1/targets",
            "Register a target (bureau): {\"region\",\"year\",\"measure\",\"planned\",\"source\",\"note\"}; planned null where the number is not known; 409 where there is one",
            vec![],
            JSON,
        ),
        (
            "get",
            "/api/v1/targets/standing",
            "Targets beside what was built, as the record stands now: built, share, state (met, on_track, behind, not_met, not_begun, unknown), and lost, which is never taken off",
            standings::STANDING.to_vec(),
            JSON,
        ),
        ("get", "/api/v1/targets/{id}", "One target, with its version as ETag", vec![], JSON),
        ("patch", "/api/v1/targets/{id}", "Amend a target (bureau) by JSON merge patch; needs If-Match", vec![], JSON),
        (
            "delete",
            "/api/v1/targets/{id}",
            "Take a target out (bureau) with a reason; needs If-Match. The log keeps it, and as_of before still shows it",
            vec!["reason"],
            JSON,
        ),
        ("get", "/api/v1/programmes", "The ledger: figures of programmes", rows::<ProgrammeFigure>(), JSON),
        (
            "post",
            "/api/v1/programmes",
            "Register a programme figure (bureau): {\"region\",\"programme\",\"metric\",\"value\",\"unit\",\"qualifier\",\"measure\":\"stock|flow|cumulative\",\"period_from\",\"period_to\",\"as_of\",\"source\"}",
            vec![],
            JSON,
        ),
        ("get", "/api/v1/programmes/{id}", "One programme figure, with its version as ETag", vec![], JSON),
        ("patch", "/api/v1/programmes/{id}", "Amend a programme figure (bureau); needs If-Match", vec![], JSON),
        (
            "delete",
            "/api/v1/programmes/{id}",
            "Take a programme figure out (bureau) with a reason; needs If-Match. The log keeps it, and as_of before still shows it",
            vec!["reason"],
            JSON,
        ),
        ("get", "/api/v1/claims", "Published figures about lines of the report", rows::<Claim>(), JSON),
        (
            "post",
            "/api/v1/claims",
            "Register a claim (bureau): {\"region\",\"indicator\",\"value\",\"qualifier\",\"source\",\"as_of\"}; a share is from 0 to 1",
            vec![],
            JSON,
        ),
        ("get", "/api/v1/claims/{id}", "One claim, with its version as ETag", vec![], JSON),
        ("patch", "/api/v1/claims/{id}", "Amend a claim (bureau); needs If-Match", vec![], JSON),
        (
            "delete",
            "/api/v1/claims/{id}",
            "Take a claim out (bureau) with a reason; needs If-Match. The log keeps it, and as_of before still shows it",
            vec!["reason"],
            JSON,
        ),
    ]
}

/// The parameters of a list of kept rows.
fn rows<T: Kept>() -> Vec<&'static str> {
    kept::FILTERS.into_iter().chain(kept::own_filters::<T>()).collect()
}
