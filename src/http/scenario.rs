//! Scenarios as both faces take them: read from a body, checked against the record, answered, saved by who may.

use actix_web::{HttpRequest, web};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::frame::{Address, escape};
use super::question::{Asked, QUESTION, question};
use super::representation::moment;
use super::sheets::what_if as what_if_table;
use super::who::{allow, ground_of_region};
use super::wire::takes_json;
use super::{App, Code, Parameters, Problem};
use crate::analysis::Part;
use crate::analysis::what_if::{self, WhatIf, what_if};
use crate::atlas::Atlas;
use crate::care::change::role_of;
use crate::care::scenario::{Changes, Objection};
use crate::care::{Deed, Scenario, Who};
use crate::exchange::workbook::csv;

/// A scenario answered as the record stands now.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    #[serde(flatten)]
    pub answer: WhatIf,
    /// What was left out because the record has moved on: pointers into the changes, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Objection>,
}

impl Outcome {
    pub fn json(&self) -> Result<String, Problem> {
        serde_json::to_string(self).map_err(|error| Problem::internal(&error))
    }

    /// A row for each region.
    pub fn csv(&self) -> Result<String, Problem> {
        csv(&what_if_table(&self.answer)).map_err(|error| Problem::internal(&error))
    }
}

/// A body that is a JSON object.
pub fn object(request: &HttpRequest, body: &[u8]) -> Result<Map<String, Value>, Problem> {
    takes_json(request, "{\"add\":[{\"kind\":\"canteen\",\"lon\":118.3,\"lat\":33.9}]}")?;
    serde_json::from_slice(body).map_err(|error| Problem::new(Code::BadBody, format!("Not a JSON object: {error}.")))
}

/// Parts a body into the parameters of the question, as a query string, and the rest.
pub fn part(members: Map<String, Value>) -> Result<(String, Map<String, Value>), Problem> {
    let (told, rest) = members.into_iter().partition(|(name, _)| QUESTION.contains(&name.as_str()));
    sound_question(&told, "")?;
    Ok((query_of(&told), rest))
}

/// Refuses values of a question that a parameter could not have: an empty list would ask about everything.
pub fn sound_question(question: &Map<String, Value>, above: &str) -> Result<(), Problem> {
    let single = |value: &Value| !value.is_array() && !value.is_object() && !value.is_null();
    let sound = |value: &Value| match value {
        Value::Array(values) => !values.is_empty() && values.iter().all(single),
        value => single(value),
    };
    let wrong: Vec<Objection> = question
        .iter()
        .filter(|(_, value)| !sound(value))
        .map(|(name, value)| {
            let detail =
                format!("{value} is neither a text, a number nor a list of them; leave it out to ask about all");
            (format!("{above}/{name}"), detail)
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(refused(wrong)) }
}

/// A question as a query string.
pub fn query_of(question: &Map<String, Value>) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = question.iter().flat_map(|(name, value)| {
        let values = value.as_array().map_or_else(|| vec![word(value)], |values| values.iter().map(word).collect());
        values.into_iter().map(move |value| format!("{}={}", escape(name), escape(&value)))
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// A question as it is saved: by the names of its parameters.
pub fn question_of(query: &str) -> Map<String, Value> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map(web::Query::into_inner).unwrap_or_default();
    let mut question = Map::new();
    for (name, value) in
        pairs.into_iter().filter(|(name, value)| QUESTION.contains(&name.as_str()) && !value.is_empty())
    {
        match question.get_mut(&name) {
            Some(Value::Array(values)) => values.push(value.into()),
            Some(held) => *held = json!([held.take(), value]),
            None => drop(question.insert(name, value.into())),
        }
    }
    question
}

/// The question of a query string.
pub fn asked(app: &App, atlas: &Atlas, query: &str) -> Result<Asked, Problem> {
    let mut parameters = Parameters::of_text(query, &QUESTION);
    let asked = question(&mut parameters, atlas, &app.standards);
    parameters.finish()?;
    Ok(asked)
}

/// Refuses a scenario that breaks rules, with every place that does.
pub fn refused(wrong: Vec<Objection>) -> Problem {
    let detail = match wrong.as_slice() {
        [(_, detail)] => format!("The scenario cannot be: {detail}."),
        _ => format!("The scenario cannot be, in {} places.", wrong.len()),
    };
    wrong.into_iter().fold(Problem::new(Code::Rule, detail), |problem, (pointer, detail)| problem.at(pointer, detail))
}

/// Reads a scenario and checks it against the record.
pub fn read(atlas: &Atlas, members: &Map<String, Value>) -> Result<Changes, Problem> {
    let changes = Changes::read(members, atlas.vocabulary()).map_err(refused)?;
    match what_if::objections(atlas, &changes) {
        wrong if wrong.is_empty() => Ok(changes),
        wrong => Err(refused(wrong)),
    }
}

/// Coverage before and after changes that were checked; what the record has overtaken since is left out and told.
pub async fn outcome(app: &App, asked: Asked, changes: Changes) -> Result<Outcome, Problem> {
    let as_of = app.live.as_of();
    let rows = what_if::rows_of(&app.atlas(), &asked.question);
    if rows > Part::MOST {
        let detail = format!(
            "is {rows} rows, before and after; {} at most: ask about a region, or by a wider level",
            Part::MOST
        );
        return Err(Problem::new(Code::Rule, format!("by: {detail}.")).at("/by", detail));
    }
    app.ponder_kept(asked.question, move |atlas, standing| {
        let (changes, left_out) = what_if::as_it_stands(atlas, &changes);
        let mut answer = what_if(atlas, standing, &changes);
        (answer.as_of, answer.standard.walk) = (as_of, asked.walk);
        Outcome { answer, left_out }
    })
    .await
}

/// The scenario of this id, which whoever has the id may look at.
pub async fn find(app: &App, id: &str) -> Result<Scenario, Problem> {
    let unknown = || Problem::new(Code::NotFound, format!("No scenario has the id \"{id}\"."));
    let number: Uuid = id.parse().map_err(|_| unknown())?;
    app.registry.scenario(number).await?.ok_or_else(unknown)
}

/// Refuses whoever may not write it: its maker may, and whoever may register in its region.
pub fn allow_change(atlas: &Atlas, who: &Who, scenario: &Scenario) -> Result<(), Problem> {
    let ground = ground_of_region(atlas, scenario.region.as_deref());
    let own = who.account.is_some() && who.account == scenario.account;
    allow(who, if own { Deed::Save } else { Deed::Register }, &ground)
}

/// Whether it is listed for somebody: their own, and those of a region that they may look into.
pub fn visible(atlas: &Atlas, who: &Who, scenario: &Scenario) -> bool {
    let own = who.account.is_some() && who.account == scenario.account;
    own || who.may(Deed::Look, &ground_of_region(atlas, scenario.region.as_deref()))
}

/// How a scenario is written: its maker by role only.
pub fn document(scenario: &Scenario) -> Value {
    let Scenario { id, version, name, region, question, changes, note, .. } = scenario;
    json!({
        "id": id,
        "version": version,
        "name": name,
        "region": region,
        "question": question,
        "changes": changes,
        "note": note,
        "by": role_of(&scenario.actor),
        "made_at": moment(scenario.made_at),
        "updated_at": moment(scenario.updated_at),
        "page": Address::new(format!("/plan/scenarios/{id}")).to_string(),
    })
}

/// An id that cannot be guessed.
pub fn new_id() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}

/// The id of what somebody saves under a key of their own: the same each time, and to others as hard to guess as the key.
pub fn id_under(actor: &str, key: &str) -> Uuid {
    let digest = Sha256::new().chain_update(actor).chain_update([0]).chain_update(key).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_saved_and_asked_again_the_same() {
        let query = "kind=canteen&kind=meal_point&within_m=1000&region=321300";
        let saved = question_of(query);
        assert_eq!(saved["kind"], json!(["canteen", "meal_point"]));
        assert_eq!(query_of(&saved), query);
        let told = json!({"within_m": 1000, "kind": ["a", "b"], "add": []});
        let (query, rest) = part(told.as_object().cloned().expect("an object")).expect("a question");
        assert_eq!((query.as_str(), rest.len()), ("within_m=1000&kind=a&kind=b", 1));
    }
}
