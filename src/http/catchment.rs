//! A question of capacity against need, read from its parameters: the API and the plan ask with the same words.

use chrono::Utc;

use super::problem::Fault;
use super::question::{FARTHEST_M, population_year, weight};
use super::{Code, Parameters, Problem, filter};
use crate::analysis::CatchmentQuestion;
use crate::analysis::bed_target::{self, BedTarget};
use crate::analysis::catchment::{By, Trouble};
use crate::analysis::decay::{self, Decay};
use crate::analysis::floating::Method;
use crate::analysis::pairs::Earth;
use crate::atlas::{Atlas, Filter};
use crate::care::Level;

/// The parameters of a question of capacity against need.
pub const CATCHMENT: [&str; 17] = [
    "method",
    "kind",
    "category",
    "measure",
    "count",
    "within_m",
    "steps",
    "decay",
    "distance",
    "min_rating",
    "min_free",
    "service",
    "region",
    "weight",
    "population_year",
    "by",
    "target",
];

/// What `by` may be, besides nothing.
const BY: [&str; 6] = ["point", "village", "town", "county", "city", "province"];
/// What `count` may be.
const COUNT: [&str; 2] = ["total", "free"];

/// Reads what stands in [`CATCHMENT`]. Without `by` the rows are as the asker would have them.
pub fn read(parameters: &mut Parameters, atlas: &Atlas, usual: By) -> CatchmentQuestion {
    let read = filter::read(parameters, atlas, Utc::now());
    let method = parameters.word("method", Method::from_code, &Method::CODES).unwrap_or_default();
    let (decay, within_m, decay_source) = weights(parameters, method);
    let by = |text: &str| match text {
        "point" => Some(By::Point),
        level => Level::from_code(level).map(By::Level),
    };
    CatchmentQuestion {
        region: read.region.clone(),
        measure: read.measure.clone(),
        // A facility across the border serves people on this side too.
        filter: Filter { region: None, measure: None, ..read },
        free: parameters.word("count", |text| COUNT.iter().position(|word| *word == text), &COUNT) == Some(1),
        method,
        decay,
        decay_source,
        within_m,
        earth: parameters.word("distance", Earth::from_code, &Earth::CODES).unwrap_or_default(),
        weight: weight(parameters, atlas),
        population_year: population_year(parameters),
        by: parameters.word("by", by, &BY).unwrap_or(usual),
        target: target(parameters),
    }
}

/// The weights and the radius in metres: zones, or a decay, or the usual ones of the method with their source. Zones
/// bring a radius with them, and gravity does without one.
fn weights(parameters: &mut Parameters, method: Method) -> (Decay, f64, Option<&'static str>) {
    let radius = parameters.number("within_m", 0.0..=FARTHEST_M, "distance in metres");
    let steps = parameters.text("steps");
    let named = parameters.text("decay");
    if steps.is_some() && named.is_some() {
        parameters.refuse("decay", "says how weights fall, and so does steps; give one of them");
    }
    let steps = steps.and_then(|text| {
        let read = Decay::read_steps(&text);
        read.map_err(|why| parameters.refuse("steps", format!("\"{text}\": {why}"))).ok()
    });
    let named = named.and_then(|text| {
        let read = Decay::read(&text);
        let known = decay::NAMES.join(", ");
        read.map_err(|why| parameters.refuse("decay", format!("\"{text}\": {why}; known: {known}"))).ok()
    });
    let last = steps.as_ref().and_then(|steps| steps.edges().last().copied());
    let free = method == Method::Gravity && !named.as_ref().is_some_and(Decay::needs_radius);
    let within_m = radius.or(last).or(free.then_some(f64::INFINITY));
    let meaning = "how far people go, in metres, such as 3000";
    let within_m = parameters.require("within_m", within_m, meaning).unwrap_or(0.0);
    match steps.or(named) {
        Some(decay) => (decay, within_m, None),
        None => {
            let (decay, source) = method.usual(within_m);
            (decay, within_m, Some(source))
        }
    }
}

fn target(parameters: &mut Parameters) -> Option<BedTarget> {
    let text = parameters.text("target")?;
    let target = BedTarget::read(&text);
    if target.is_none() {
        let presets = bed_target::PRESETS.each_ref().map(|preset| preset.code).join(", ");
        parameters
            .refuse("target", format!("\"{text}\" is no number above 0 for 1,000 people, and none of: {presets}"));
    }
    target
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Problem {
        let (code, name, detail) = match trouble {
            Trouble::TooManyPairs { .. } => {
                (Code::Rule, "within_m", format!("{trouble}, and so would a smaller region"))
            }
            Trouble::NoMeasure => {
                (Code::BadParameter, "kind", format!("{trouble}; ask for a kind that has beds, places or the like"))
            }
            Trouble::NotBeds => (Code::BadParameter, "target", format!("{trouble}; give a number instead")),
        };
        let fault = Fault { parameter: Some(name.to_owned()), pointer: None, detail: detail.clone() };
        Problem { faults: vec![fault], ..Problem::new(code, format!("{name}: {detail}.")) }
    }
}
