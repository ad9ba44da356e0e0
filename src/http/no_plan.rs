//! Why a question of siting has no answer, as a problem that says what would.

use super::{Code, Problem};
use crate::analysis::siting::Refusal;

/// As many points as a problem names.
const NAMED: usize = 50;

/// A question that can have no answer, as a problem.
pub fn problem(refusal: &Refusal) -> Problem {
    let rule = |pointer: &str, detail: String| Problem::new(Code::Rule, detail.clone()).at(pointer, detail);
    match refusal {
        Refusal::NoPeople => rule(
            "/region",
            "No demand point here has people by this count, or nobody's number is known: there is nothing to plan for."
                .into(),
        ),
        Refusal::NoCandidates => rule("/candidates", "There is no candidate, or the rules leave none.".into()),
        Refusal::FewCandidates { candidates } => {
            rule("/sites", format!("There are only {candidates} candidates; ask for at most so many sites."))
        }
        Refusal::Unreachable { points, count, radius_m } => {
            let detail =
                format!("{count} demand points have no candidate within reach. A radius of {radius_m:.3} m would do.");
            let mut problem = rule("/within_m", detail);
            for point in points.iter().take(NAMED) {
                let region = point.region.as_deref().unwrap_or("no known region");
                problem = problem.at(
                    "/candidates",
                    format!(
                        "none reaches {},{} ({region}): {} people, the nearest candidate is {:.3} m away",
                        point.lon, point.lat, point.population, point.nearest_m
                    ),
                );
            }
            problem
        }
        Refusal::NeedsMore { sites } => rule("/sites", format!("That takes {sites} sites at least.")),
        Refusal::NoRoom => rule("/min_spacing_m", "With this spacing no plan serves everybody.".into()),
        Refusal::TooLarge { pairs, limit } => rule(
            "/candidates",
            format!(
                "About {pairs} pairs of candidate and demand point are too many; {limit} at most. Choose a smaller region, fewer candidates or a shorter distance."
            ),
        ),
        Refusal::NoPlan => {
            rule("/seconds", "No plan was found in this time; there may be one. Allow more seconds.".into())
        }
        Refusal::Cancelled => Problem::new(Code::Conflict, "The search was cancelled."),
    }
}
