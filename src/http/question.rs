//! A question of coverage, read from its parameters: the API and the plan ask with the same words.

use chrono::Utc;

use super::{Parameters, filter};
use crate::analysis::CoverageQuestion;
use crate::analysis::coverage::{By, Walk};
use crate::atlas::{Atlas, Filter};
use crate::care::standard::{straight_m, walk_m};
use crate::care::{Standard, Standards, UrbanRural, Weight};

/// What says who and which facilities are asked about.
pub const WHOM: [&str; 10] =
    ["region", "kind", "category", "weight", "by", "class", "population_year", "min_free", "min_rating", "service"];

/// The parameters of a question of coverage.
pub const QUESTION: [&str; 15] = [
    "region",
    "kind",
    "category",
    "within_m",
    "weight",
    "by",
    "class",
    "population_year",
    "min_free",
    "min_rating",
    "service",
    "standard",
    "minutes",
    "speed_m_s",
    "detour",
];

/// Half the way around the earth, in metres: farther than anything can be.
pub const FARTHEST_M: f64 = 20_040_000.0;

/// A question, and how its distance was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub question: CoverageQuestion,
    /// `None`: in metres of straight line.
    pub walk: Option<Walk>,
}

/// Reads what stands in [`QUESTION`].
pub fn question(parameters: &mut Parameters, atlas: &Atlas, standards: &Standards) -> Asked {
    let mut question = whom(parameters, atlas);
    let detour = detour(parameters);
    let codes: Vec<&str> = standards.list.iter().map(|standard| &*standard.code).collect();
    let standard = parameters.word("standard", |code| standards.get(code), &codes);
    let within_m = parameters.number("within_m", 0.0..=FARTHEST_M, "distance in metres");
    let minutes = parameters.number("minutes", 0.0..=1440.0, "time in minutes");
    let speed = parameters.number("speed_m_s", 0.1..=10.0, "speed in metres a second");
    let told = [standard.is_some(), within_m.is_some(), minutes.is_some()].into_iter().filter(|told| *told).count();
    if told > 1 {
        parameters.refuse("within_m", "say how far once: within_m, or standard, or minutes");
    }
    if let (Some(_), None) = (speed, minutes) {
        parameters.refuse("speed_m_s", "says how fast people walk; say minutes as well");
    }
    let mut walk = None;
    if let Some(standard) = standard {
        apply(&mut question, standard, detour.unwrap_or(1.0));
        walk = Some(walked(standard, detour.unwrap_or(1.0)));
    } else if let Some(minutes) = minutes {
        let (speed, detour) = (speed.unwrap_or(standards.default_speed_m_s), detour.unwrap_or(1.0));
        question.within_m = straight_m(walk_m(minutes, speed), detour);
        walk = Some(Walk { minutes: Some(minutes), speed_m_s: Some(speed), detour, ..Walk::default() });
    } else {
        let tried = |name: Option<&str>| matches!(name, Some("standard" | "minutes"));
        if within_m.is_none() && !parameters.faults().iter().any(|fault| tried(fault.parameter.as_deref())) {
            let meaning = "how far people go, in metres, such as 1000; or standard, or minutes";
            parameters.require("within_m", within_m, meaning);
        }
        question.within_m = straight_m(within_m.unwrap_or(0.0), detour.unwrap_or(1.0));
        walk = detour.map(|detour| Walk { detour, ..Walk::default() }).or(walk);
    }
    Asked { question, walk }
}

/// Reads what stands in [`WHOM`]; the distance is still to be said.
pub fn whom(parameters: &mut Parameters, atlas: &Atlas) -> CoverageQuestion {
    let read = filter::read(parameters, atlas, Utc::now());
    CoverageQuestion {
        region: read.region.clone(),
        // A facility across the border serves people on this side too.
        filter: Filter { region: None, ..read },
        within_m: 0.0,
        weight: weight(parameters, atlas),
        by: parameters.word("by", By::from_code, &By::CODES),
        class: parameters.word("class", UrbanRural::from_code, &UrbanRural::CODES),
        population_year: population_year(parameters),
    }
}

/// Whose number counts: everybody, the older, or a group of the vocabulary.
pub fn weight(parameters: &mut Parameters, atlas: &Atlas) -> Weight {
    let vocabulary = atlas.vocabulary();
    parameters.word("weight", |code| Weight::read(code, vocabulary), &Weight::codes(vocabulary)).unwrap_or_default()
}

/// The year whose counts of people count.
pub fn population_year(parameters: &mut Parameters) -> Option<i32> {
    parameters.number("population_year", 1900..=2199, "year")
}

/// How many times the way is as long as the straight line.
pub fn detour(parameters: &mut Parameters) -> Option<f64> {
    parameters.number("detour", 1.0..=5.0, "factor")
}

/// Asks by a standard: its distance, and its kinds where the question names none.
pub fn apply(question: &mut CoverageQuestion, standard: &Standard, detour: f64) {
    question.within_m = standard.within_m(detour);
    if question.filter.kinds.is_empty() && question.filter.category.is_none() {
        question.filter.kinds.clone_from(&standard.kinds);
    }
}

/// How a standard says its distance.
pub fn walked(standard: &Standard, detour: f64) -> Walk {
    Walk {
        code: Some(standard.code.clone()),
        source: Some(standard.source.clone()),
        confirmed: Some(standard.confirmed),
        minutes: standard.minutes,
        speed_m_s: standard.speed_m_s,
        detour,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::sample;

    fn within_m(query: &str) -> Result<f64, String> {
        let atlas = sample::atlas(1, 10);
        let mut parameters = Parameters::of_text(query, &QUESTION);
        let asked = question(&mut parameters, &atlas, &Standards::shipped());
        parameters.finish().map(|()| asked.question.within_m).map_err(|problem| problem.detail)
    }

    #[test]
    fn a_distance_is_said_in_metres_by_a_standard_or_by_walking_and_once() {
        let near = |query, metres: f64| (within_m(query).expect(query) - metres).abs() < 1e-9;
        assert!(near("within_m=1000", 1000.0) && near("within_m=1000&detour=1.25", 800.0));
        assert!(near("standard=15min_0.8", 720.0) && near("standard=15min_0.8&detour=1.2", 600.0));
        assert!(near("minutes=15&speed_m_s=0.6", 540.0) && near("minutes=10", 480.0));
        assert!(within_m("").is_err_and(|why| why.contains("required")));
        assert!(within_m("standard=300&kind=home").is_err_and(|why| why.contains("standard")));
        assert!(within_m("standard=300m&within_m=5").is_err_and(|why| why.contains("once")));
        assert!(within_m("within_m=5&speed_m_s=1").is_err_and(|why| why.contains("minutes")));
        assert!(within_m("within_m=5&detour=0.5").is_err_and(|why| why.contains("factor")));
    }
}
