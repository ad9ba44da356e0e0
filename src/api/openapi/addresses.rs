//! Every address of the API: what it answers and which parameters it takes.

use super::kept_rows::kept_rows;
use crate::api::tiers::TIERS;
use crate::api::{GEOJSON, JSON};
use crate::http::catchment::CATCHMENT;
use crate::http::filter::{FILTERS, LIST_FILTERS};
use crate::http::question::{QUESTION, WHOM};
use crate::http::sight::LOOKED;

/// Method, address, summary, parameters, type of the answer.
pub(super) type Line = (&'static str, &'static str, &'static str, Vec<&'static str>, &'static str);

/// Method, address, what it answers, its query parameters, and the type of the answer.
pub(super) fn addresses() -> Vec<Line> {
    let nearest = [&["lon", "lat", "datum", "limit", "within_m", "as_of"], FILTERS.as_slice()].concat();
    let list = [FILTERS.as_slice(), &LIST_FILTERS, &["limit", "cursor", "as_of", "standing_on"]].concat();
    let shifts = [QUESTION.as_slice(), &["limit"]].concat();
    let coverage = [QUESTION.as_slice(), &["format", "as_of", "limit", "cursor"]].concat();
    let trend = QUESTION.iter().copied().chain(["as_of", "job"]).collect();
    let score =
        WHOM.iter().copied().chain(["standard", "detour", "format", "as_of", "job", "limit", "cursor"]).collect();
    let gaps = [QUESTION.as_slice(), &["limit", "cursor", "format", "as_of"]].concat();
    let catchment = [CATCHMENT.as_slice(), &["reached", "limit", "cursor", "format", "as_of"]].concat();
    let text = "text/plain";
    let mut all = kept_rows();
    all.extend(vec![
        ("get", "/healthz", "The process is alive", vec![], text),
        ("get", "/readyz", "The atlas is loaded and follows the record: revision, lag in seconds", vec![], JSON),
        (
            "get",
            "/metrics",
            "Figures for Prometheus: on the listener of --metrics-listen only; 404 elsewhere",
            vec![],
            text,
        ),
        ("get", "/api/openapi.json", "This document", vec![], JSON),
        ("get", "/api/v1/facilities", "Facilities in the order of their ids, page by page", list, GEOJSON),
        ("get", "/api/v1/facilities/{id}", "One facility, with its version as ETag", vec!["as_of"], GEOJSON),
        (
            "get",
            "/api/v1/facilities/{id}/history",
            "The changes of one facility, newest first, page by page",
            vec!["limit", "cursor"],
            JSON,
        ),
        (
            "get",
            "/api/v1/facilities/{id}/ratings",
            "The ratings that a facility has and had, those that stand first",
            vec![],
            JSON,
        ),
        (
            "get",
            "/api/v1/ratings/expiring",
            "Ratings and licences that end within so many days or have ended, the soonest first, of what the asker may look at",
            vec!["region", "within_days", "limit"],
            JSON,
        ),
        (
            "get",
            "/api/v1/facilities/{id}/inspections",
            "The inspections of one facility, the newest first (not public)",
            vec![],
            JSON,
        ),
        (
            "post",
            "/api/v1/facilities/{id}/inspections",
            "Tell of an inspection (bureau): type, inspected_on, agencies, result (passed, passed_with_findings, failed), note and findings [{category, severity (minor, major), detail, due_on, rectified_on, rectification}]; an Idempotency-Key makes a repeated request make one",
            vec![],
            JSON,
        ),
        (
            "get",
            "/api/v1/inspections/sweep",
            "For each facility of a region: inspected in the period or not, findings open and overdue; totals are sums of the rows",
            vec!["region", "type", "since", "kind"],
            JSON,
        ),
        (
            "get",
            "/api/v1/inspections/facilities",
            "The facilities of a region that were inspected in some days, each once (not public)",
            [LOOKED.as_slice(), &["limit", "cursor"]].concat(),
            JSON,
        ),
        (
            "get",
            "/api/v1/inspections/findings",
            "What was found there in some days, finding by finding (not public)",
            [LOOKED.as_slice(), &["category", "limit", "cursor"]].concat(),
            JSON,
        ),
        ("get", "/api/v1/inspections/{id}", "One inspection, with its version as ETag (not public)", vec![], JSON),
        (
            "patch",
            "/api/v1/inspections/{id}",
            "Amend an inspection by JSON merge patch; findings replaces the list; needs If-Match",
            vec![],
            JSON,
        ),
        (
            "post",
            "/api/v1/facilities",
            "Register a facility (bureau): its fields as JSON, an Idempotency-Key so that a repeated request makes one; 409 where one of the same name, kind and region stands, unless another=true",
            vec!["another"],
            GEOJSON,
        ),
        (
            "patch",
            "/api/v1/facilities/{id}",
            "Amend a facility by JSON merge patch; needs If-Match. phone, hours, price, services, menu, staff, note and a temporary closure are live at once; the other fields of whoever is not the bureau become a change request (202, change_request), with request_note as its reason",
            vec![],
            GEOJSON,
        ),
        (
            "delete",
            "/api/v1/facilities/{id}",
            "Withdraw a facility that was registered by mistake (bureau); needs If-Match. Its address answers 410 from then on, the feed tells of the deletion, and as_of before it still shows it",
            vec!["reason"],
            JSON,
        ),
        (
            "get",
            "/api/v1/requests",
            "Change requests that the asker may see: all pending, or all about one facility",
            vec!["facility", "limit", "cursor"],
            JSON,
        ),
        (
            "get",
            "/api/v1/requests/{id}",
            "One change request with its state as ETag, and which of its fields were overtaken",
            vec![],
            JSON,
        ),
        (
            "delete",
            "/api/v1/requests/{id}",
            "Withdraw a pending change request: by who made it, or an admin",
            vec![],
            JSON,
        ),
        (
            "post",
            "/api/v1/requests/{id}/decision",
            "Decide field by field: {\"name\":{\"choice\":\"accept\"},\"operator\":{\"choice\":\"reject\",\"reason\":\"…\"}}, or newer where the record moved on; needs If-Match with the facility's ETag",
            vec![],
            JSON,
        ),
        (
            "patch",
            "/api/v1/facilities/{id}/capacity",
            "Write capacity by JSON merge patch, such as {\"beds\":{\"total\":120,\"occupied\":97}}; needs If-Match and a token",
            vec![],
            GEOJSON,
        ),
        (
            "get",
            "/api/v1/nearest",
            "The nearest serving facilities, in ascending distance_m (metres)",
            nearest,
            GEOJSON,
        ),
        (
            "get",
            "/api/v1/changes",
            "Changes in the order of their commits, each with the record after it; deletions, and becomes where an id is now another. Waits up to wait seconds for the first; as text/event-stream it goes on, and Last-Event-ID takes it up again",
            vec!["since", "limit", "wait"],
            JSON,
        ),
        ("get", "/api/v1/places", "Places to start from: regions and facilities", vec!["q", "limit"], JSON),
        ("get", "/api/v1/regions", "Regions: roots, children, or a level", crate::api::regions::LIST.to_vec(), GEOJSON),
        (
            "patch",
            "/api/v1/regions/{code}",
            "Say whether a region counts as a unit where units are counted, and whether it is urban or rural (bureau): {\"counts_in_coverage\": false, \"class\": \"urban\"|\"rural\"|null}; its people always count",
            vec![],
            GEOJSON,
        ),
        (
            "get",
            "/api/v1/regions/{code}",
            "One region with its boundary, people and children, and its version as ETag",
            vec![],
            GEOJSON,
        ),
        (
            "get",
            "/api/v1/coverage",
            "People with an eligible facility within a distance, in all and by region",
            coverage,
            JSON,
        ),
        (
            "post",
            "/api/v1/coverage",
            "The same before and after a scenario, and the difference: {\"add\":[{\"kind\",\"lon\",\"lat\",\"free\"?,\"total\"?,\"rating\"?,\"services\"?}],\"close\":[\"id\"],\"move\":[{\"id\",\"lon\",\"lat\"}],\"enlarge\":[{\"id\",\"measure\",\"total\"}]}; the question may stand in the body too",
            QUESTION.to_vec(),
            JSON,
        ),
        (
            "get",
            "/api/v1/coverage/trend",
            "The totals as the record stood on each of a few days: as_of, repeated",
            trend,
            JSON,
        ),
        (
            "get",
            "/api/v1/coverage/scorecard",
            "Several standards side by side, a row a region: standard, repeated",
            score,
            JSON,
        ),
        ("get", "/api/v1/standards", "Standards of distance to choose from, each with its source", vec![], JSON),
        ("get", "/api/v1/scenarios", "Saved scenarios: the asker's own and those of their region", vec!["limit", "cursor"], JSON),
        (
            "post",
            "/api/v1/scenarios",
            "Save a scenario: {\"name\",\"region\"?,\"question\":{…},\"changes\":{…},\"note\"?}; an Idempotency-Key makes a repeated request save one",
            vec![],
            JSON,
        ),
        (
            "get",
            "/api/v1/scenarios/compare",
            "Saved scenarios side by side as the record stands now: id, repeated",
            vec!["id"],
            JSON,
        ),
        ("get", "/api/v1/scenarios/{id}", "A saved scenario; whoever has the id may look", vec![], JSON),
        (
            "patch",
            "/api/v1/scenarios/{id}",
            "Save a scenario anew: any of name, region, question, changes, note; needs If-Match",
            vec![],
            JSON,
        ),
        ("delete", "/api/v1/scenarios/{id}", "Remove a saved scenario; needs If-Match", vec![], JSON),
        (
            "get",
            "/api/v1/scenarios/{id}/coverage",
            "A saved scenario answered as the record stands now; left_out tells what the record has overtaken. As CSV a row for each region: before, after, difference",
            vec!["format"],
            JSON,
        ),
        (
            "get",
            "/api/v1/scenarios/{id}/targets",
            "What a saved scenario adds, by region, kind and measure: drafts of targets, without a year",
            vec![],
            JSON,
        ),
        (
            "post",
            "/api/v1/coverage/gaps",
            "Demand points that are not covered before or after a scenario: {\"add\":[…],\"close\":[…],\"move\":[…],\"enlarge\":[…]}; each says before and after. Needs no token",
            shifts,
            GEOJSON,
        ),
        ("get", "/api/v1/coverage/gaps", "Demand points that are not covered, most people first", gaps, GEOJSON),
        (
            "get",
            "/api/v1/catchment",
            "Capacity within reach of people who share it (2SFCA and its kin), in all and by point (by=point) or region; rows with least access first. Zones or a decay weigh distances; without them the method's own",
            catchment,
            JSON,
        ),
        (
            "get",
            "/api/v1/tiers",
            "Tier rules: the units of a level that meet a rule and miss it, counted in four ways. As CSV the units of a rule that is named, else the rules",
            TIERS.to_vec(),
            JSON,
        ),
        (
            "get",
            "/api/v1/indicators",
            "The bureau's report of a region: every line with its value or what is missing, its formula, the addresses of the records behind it, published claims beside it, and checks that parts add up",
            vec!["region", "year", "as_of", "format", "job"],
            JSON,
        ),
        (
            "post",
            "/api/v1/siting",
            "Where new facilities do most good: {\"region\",\"kind\",\"within_m\",\"weight\",\"class\",\"population_year\",\"sites\":new sites at most,\"objective\":\"max_covered\"|\"cover_all\"|\"min_distance\"|\"min_farthest\",\"candidates\":\"demand\"|[[lon,lat],…],\"keep_existing\":true} and, if wished, capacity (people a new site serves), min_spacing_m, excluded (codes of regions, GeoJSON polygons), nearly, seconds (20, at most 300), min_free, min_rating. Answers the plan with a proven bound; 422 says why there is none",
            vec!["job"],
            JSON,
        ),
        (
            "get",
            "/api/v1/jobs/{id}",
            "How far a long search or look is, with its steps; its answer once there is one, as its own address gives it",
            vec![],
            JSON,
        ),
        ("delete", "/api/v1/jobs/{id}", "End a long search or look", vec![], JSON),
    ]);
    all
}
