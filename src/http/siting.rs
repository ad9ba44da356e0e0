//! A question of siting, read from a body or from parameters: both faces ask with the same words, and hear the same no.

use std::str::FromStr;

use geojson::GeoJson;
use serde_json::{Map, Value};

use super::problem::Fault;
use super::question::{FARTHEST_M, QUESTION, question};
use super::{Code, Parameters, Problem, filter};
use crate::analysis::siting::{Area, Candidates, Objective, SitingQuestion, has_border};
use crate::atlas::{Atlas, Filter};
use crate::care::kind::nearest_word;
use crate::care::{Standards, Text, UrbanRural, Weight, kind};

/// The members of a body.
pub const MEMBERS: [&str; 19] = [
    "region",
    "kind",
    "category",
    "within_m",
    "weight",
    "class",
    "population_year",
    "sites",
    "objective",
    "candidates",
    "keep_existing",
    "capacity",
    "min_spacing_m",
    "excluded",
    "nearly",
    "seconds",
    "min_free",
    "min_rating",
    "service",
];

/// The parameters of the page, beside those of a question of coverage.
pub const MORE: [&str; 8] =
    ["sites", "objective", "keep_existing", "capacity", "min_spacing_m", "excluded", "nearly", "seconds"];

/// How long a search may take where nobody says, and at most, in seconds.
pub const SECONDS: (f64, f64) = (20.0, 300.0);
/// As many sites as can be asked for.
const MOST_SITES: u64 = 500;
/// As many candidates as a body may name.
const MOST_CANDIDATES: usize = 20_000;
/// Runners-up, where nobody says.
const NEARLY: usize = 5;

/// A body being read: all faults are told at once.
struct Body<'a> {
    members: &'a Map<String, Value>,
    faults: Vec<Fault>,
}

impl Body<'_> {
    fn refuse(&mut self, pointer: &str, detail: impl Into<String>) {
        self.faults.push(Fault { parameter: None, pointer: Some(format!("/{pointer}")), detail: detail.into() });
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn number(&mut self, name: &str, least: f64, most: f64, what: &str) -> Option<f64> {
        let value = self.get(name)?.clone();
        let number = value.as_f64().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.refuse(name, format!("{value} is not a {what} from {least} to {most}"));
        }
        number
    }

    fn count(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let value = self.get(name)?.clone();
        let number = value.as_u64().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.refuse(name, format!("{value} is not a whole number from {least} to {most}"));
        }
        number
    }

    fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.get(name)?.clone();
        if !value.is_boolean() {
            self.refuse(name, format!("{value} is neither true nor false"));
        }
        value.as_bool()
    }

    fn word<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>, words: &[&str]) -> Option<T> {
        let value = self.get(name)?.clone();
        let found = value.as_str().and_then(read);
        if found.is_none() {
            let near = value.as_str().and_then(|text| nearest_word(text, words.iter().copied()));
            let hint = near.map_or_else(|| format!("known: {}", words.join(", ")), |near| format!("is it \"{near}\"?"));
            self.refuse(name, format!("{value} is not known; {hint}"));
        }
        found
    }

    /// One text or a list of texts.
    fn texts(&mut self, name: &str) -> Vec<(String, String)> {
        match self.get(name).cloned() {
            None => Vec::new(),
            Some(Value::String(text)) => vec![(name.to_owned(), text)],
            Some(Value::Array(list)) if !list.is_empty() && list.iter().all(Value::is_string) => {
                let each = list.iter().enumerate();
                each.map(|(at, text)| (format!("{name}/{at}"), text.as_str().unwrap_or_default().to_owned())).collect()
            }
            Some(value) => {
                self.refuse(name, format!("{value} is neither a text nor a list of texts with something in it"));
                Vec::new()
            }
        }
    }
}

/// Reads a body (contract, section 3). Answers the question and the seconds that it may take.
pub fn read(atlas: &Atlas, bytes: &[u8]) -> Result<(SitingQuestion, f64), Problem> {
    let members: Map<String, Value> = serde_json::from_slice(bytes)
        .map_err(|error| Problem::new(Code::BadBody, format!("Not a JSON object: {error}.")))?;
    let mut body = Body { members: &members, faults: Vec::new() };
    for name in members.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
        let near = nearest_word(name, MEMBERS).map(|near| format!("; is it \"{near}\"?"));
        body.refuse(
            name,
            format!("is not known here{}", near.unwrap_or_else(|| format!("; known: {}", MEMBERS.join(", ")))),
        );
    }
    let objective =
        body.word("objective", Objective::from_code, &Objective::ALL.map(Objective::code)).unwrap_or_default();
    let within_m = body.number("within_m", 0.0, FARTHEST_M, "distance in metres");
    let regions = body.texts("region");
    let region = regions.first().and_then(|(name, code)| known_region(&mut body, atlas, name, code));
    let vocabulary = atlas.vocabulary();
    let weight = body.word("weight", |code| Weight::read(code, vocabulary), &Weight::codes(vocabulary));
    let question = SitingQuestion {
        region,
        filter: Filter {
            kinds: kinds(&mut body, atlas),
            category: {
                let codes = kind::CATEGORIES.map(|(code, ..)| code);
                body.word("category", |text| codes.contains(&text).then(|| text.into()), &codes)
            },
            min_free: body.count("min_free", 0, 1_000_000).map(|free| free as u32),
            min_rating: body.count("min_rating", 1, 5).map(|level| level as u8),
            service: body.texts("service").first().map(|(_, text)| text.as_str().into()),
            ..Filter::default()
        },
        within_m,
        weight: weight.unwrap_or_default(),
        class: body.word("class", UrbanRural::from_code, &UrbanRural::CODES),
        population_year: body.count("population_year", 1900, 2199).and_then(|year| i32::try_from(year).ok()),
        sites: body.count("sites", 1, MOST_SITES).map(|sites| sites as usize),
        objective,
        candidates: candidates(&mut body),
        keep_existing: body.flag("keep_existing").unwrap_or(true),
        capacity: body.count("capacity", 1, 100_000_000).map(|capacity| capacity as u32),
        min_spacing_m: body.number("min_spacing_m", 0.0, FARTHEST_M, "distance in metres"),
        excluded: excluded(&mut body, atlas),
        nearly: body.count("nearly", 0, 100).map_or(NEARLY, |nearly| nearly as usize),
    };
    let seconds = body.number("seconds", 0.1, SECONDS.1, "number of seconds").unwrap_or(SECONDS.0);
    if matches!(question.candidates, Candidates::Points(_)) {
        let blind = |area: &Area| matches!(area, Area::Region(code) if !has_border(atlas, code));
        if question.excluded.iter().any(blind) {
            body.refuse(
                "excluded",
                "names a region without a border: nobody knows which of the given candidates lie in it",
            );
        }
    }
    for (name, detail) in missing(&question) {
        // What stands there and was refused is not missing.
        if body.faults.iter().all(|fault| fault.pointer.as_deref() != Some(&format!("/{name}"))) {
            body.refuse(name, detail);
        }
    }
    if body.faults.is_empty() {
        return Ok((question, seconds));
    }
    let problem = Problem::new(Code::Rule, "The question breaks a rule.");
    Err(Problem { faults: body.faults, ..problem })
}

/// Reads what stands in [`QUESTION`] and [`MORE`].
pub fn read_parameters(parameters: &mut Parameters, atlas: &Atlas, standards: &Standards) -> (SitingQuestion, f64) {
    fn number<T: FromStr + PartialOrd + std::fmt::Display>(
        p: &mut Parameters,
        name: &str,
        least: T,
        most: T,
    ) -> Option<T> {
        p.number(name, least..=most, "number")
    }
    let asked = question(parameters, atlas, standards).question;
    let mut excluded = Vec::new();
    for code in parameters.all("excluded") {
        match filter::region_of(atlas, &code) {
            Some(region) => excluded.push(Area::Region(region.code.clone())),
            None => parameters.refuse("excluded", format!("no region has the code \"{code}\"; see /api/v1/regions")),
        }
    }
    let codes = Objective::ALL.map(Objective::code);
    let question = SitingQuestion {
        region: asked.region,
        filter: asked.filter,
        within_m: Some(asked.within_m),
        weight: asked.weight,
        class: asked.class,
        population_year: asked.population_year,
        sites: number(parameters, "sites", 1, MOST_SITES).map(|sites| sites as usize),
        objective: parameters.word("objective", Objective::from_code, &codes).unwrap_or_default(),
        candidates: Candidates::Demand,
        keep_existing: parameters.word("keep_existing", |word| word.parse().ok(), &["true", "false"]).unwrap_or(true),
        capacity: number(parameters, "capacity", 1, 100_000_000),
        min_spacing_m: number(parameters, "min_spacing_m", 0.0, FARTHEST_M),
        excluded,
        nearly: number(parameters, "nearly", 0u64, 100).map_or(NEARLY, |nearly| nearly as usize),
    };
    let seconds = number(parameters, "seconds", 0.1, SECONDS.1).unwrap_or(SECONDS.0);
    for (name, detail) in missing(&question) {
        parameters.refuse(name, detail);
    }
    (question, seconds)
}

/// Names of the parameters of the page.
pub fn parameters() -> Vec<&'static str> {
    [QUESTION.as_slice(), &MORE].concat()
}

/// What the objective needs and does not have, or has and cannot use.
fn missing(question: &SitingQuestion) -> Vec<(&'static str, &'static str)> {
    let mut wrong = Vec::new();
    if question.objective.covers() && question.within_m.is_none() {
        wrong.push(("within_m", "is required: how far people go, in metres, such as 1000"));
    }
    if question.objective != Objective::CoverAll && question.sites.is_none() {
        wrong.push(("sites", "is required: how many new sites, such as 5"));
    }
    if question.objective != Objective::MaxCovered && question.capacity.is_some() {
        wrong.push(("capacity", "goes with the objective max_covered only"));
    }
    wrong
}

fn known_region(body: &mut Body, atlas: &Atlas, name: &str, code: &str) -> Option<Text> {
    let region = filter::region_of(atlas, code);
    if region.is_none() {
        body.refuse(name, format!("no region has the code \"{code}\"; see /api/v1/regions"));
    }
    region.map(|region| region.code.clone())
}

fn kinds(body: &mut Body, atlas: &Atlas) -> Vec<Text> {
    let vocabulary = atlas.vocabulary();
    let mut kinds: Vec<Text> = Vec::new();
    for (name, text) in body.texts("kind") {
        for code in text.split(',').map(str::trim) {
            match vocabulary.kind(code) {
                Some(kind) if kinds.contains(&kind.code) => {}
                Some(kind) => kinds.push(kind.code.clone()),
                None => {
                    let near = nearest_word(code, vocabulary.kinds.iter().map(|kind| &*kind.code));
                    let hint = near.map(|near| format!("; is it \"{near}\"?")).unwrap_or_default();
                    body.refuse(&name, format!("no kind has the code \"{code}\"{hint}"));
                }
            }
        }
    }
    kinds
}

fn candidates(body: &mut Body) -> Candidates {
    let list = match body.get("candidates").cloned() {
        None => return Candidates::Demand,
        Some(Value::String(word)) if word == "demand" => return Candidates::Demand,
        Some(Value::Array(list)) if list.len() <= MOST_CANDIDATES => list,
        Some(Value::Array(list)) => {
            body.refuse("candidates", format!("{} candidates are too many; {MOST_CANDIDATES} at most", list.len()));
            return Candidates::Demand;
        }
        Some(_) => {
            body.refuse("candidates", "is neither \"demand\" nor a list of [longitude, latitude]");
            return Candidates::Demand;
        }
    };
    let mut points = Vec::with_capacity(list.len());
    for (at, point) in list.iter().enumerate() {
        let pair: Option<[f64; 2]> = serde_json::from_value(point.clone()).ok();
        match pair {
            Some([lon, lat]) if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) => {
                points.push((lon, lat))
            }
            _ => body.refuse(&format!("candidates/{at}"), format!("{point} is not [longitude, latitude] in degrees")),
        }
    }
    if list.is_empty() {
        body.refuse("candidates", "names no candidate");
    }
    Candidates::Points(points)
}

/// Codes of regions, GeoJSON polygons, or a list of both.
fn excluded(body: &mut Body, atlas: &Atlas) -> Vec<Area> {
    let list = match body.get("excluded").cloned() {
        None => return Vec::new(),
        Some(Value::Array(list)) => list,
        Some(one) => vec![one],
    };
    let mut areas = Vec::new();
    for (at, area) in list.into_iter().enumerate() {
        let name = format!("excluded/{at}");
        if let Value::String(code) = &area {
            areas.extend(known_region(body, atlas, &name, code).map(Area::Region));
            continue;
        }
        let geometries: Vec<geojson::Geometry> = match serde_json::from_value::<GeoJson>(area) {
            Ok(GeoJson::Geometry(geometry)) => vec![geometry],
            Ok(GeoJson::Feature(feature)) => feature.geometry.into_iter().collect(),
            Ok(GeoJson::FeatureCollection(all)) => all.features.into_iter().filter_map(|f| f.geometry).collect(),
            Err(_) => Vec::new(),
        };
        match geometries.iter().map(Area::of).collect::<Result<Vec<Area>, String>>() {
            Ok(shapes) if !shapes.is_empty() => areas.extend(shapes),
            Ok(_) => body.refuse(&name, "is neither the code of a region nor a GeoJSON polygon"),
            Err(why) => body.refuse(&name, why),
        }
    }
    areas
}
