//! Scenarios: facilities added, moved, closed and enlarged in thought. The record knows nothing of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::kind::nearest_word;
use super::{Facility, Place, Text, Vocabulary, limits};

/// The members of a scenario, as they are written.
pub const MEMBERS: [&str; 4] = ["add", "close", "move", "enlarge"];

/// How many changes one scenario holds at most.
pub const MOST: usize = 1000;

/// A facility that is not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    pub kind: Text,
    /// WGS 84 degrees.
    pub lon: f64,
    pub lat: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Code of the region; where none is told, the one whose border holds the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// How much of its kind's first measure it will have in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// How much of that will be free; a question with `min_free` counts only a site that tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free: Option<u32>,
    /// The level that it will be rated; a question with `min_rating` counts only a site that tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Text>,
}

/// A facility that stands elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    pub id: Uuid,
    pub lon: f64,
    pub lat: f64,
}

/// A facility that has another total of a measure; what is taken stays taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enlarged {
    pub id: Uuid,
    pub measure: Text,
    pub total: u32,
}

/// What a scenario changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Added>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub close: Vec<Uuid>,
    #[serde(default, rename = "move", skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enlarge: Vec<Enlarged>,
}

/// What is wrong with a scenario: a JSON pointer, and why.
pub type Objection = (String, String);

/// A scenario that was saved under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Cannot be guessed: whoever has it may look.
    pub id: Uuid,
    /// Counts the writes; its ETag.
    pub version: i64,
    pub name: Text,
    /// Whose it is; `None`: the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Uuid>,
    /// Who saved it last, by role and name, as the log writes it.
    pub actor: Text,
    /// The region that it is about; `None`: everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// The question that is asked before and after, by the names of its parameters.
    pub question: Map<String, Value>,
    pub changes: Changes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    pub made_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Changes {
    pub fn count(&self) -> usize {
        self.add.len() + self.close.len() + self.moved.len() + self.enlarge.len()
    }

    /// Reads a scenario from JSON: every objection with the place that it is about.
    pub fn read(members: &Map<String, Value>, vocabulary: &Vocabulary) -> Result<Changes, Vec<Objection>> {
        let mut wrong = Vec::new();
        for name in members.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
            let near = nearest_word(name, MEMBERS).map_or_else(|| MEMBERS.join(", "), |near| format!("\"{near}\""));
            wrong.push((format!("/{name}"), format!("no such member; known: {near}")));
        }
        let changes = Changes {
            add: list(members, "add", "{\"kind\",\"lon\",\"lat\"}", &mut wrong),
            close: list(members, "close", "a facility's id", &mut wrong),
            moved: list(members, "move", "{\"id\",\"lon\",\"lat\"}", &mut wrong),
            enlarge: list(members, "enlarge", "{\"id\",\"measure\",\"total\"}", &mut wrong),
        };
        // Places in the lists are only right where everything was read.
        if wrong.is_empty() {
            wrong = changes.objections(vocabulary);
        }
        if wrong.is_empty() { Ok(changes) } else { Err(wrong) }
    }

    /// What is wrong with it whatever the record holds.
    pub fn objections(&self, vocabulary: &Vocabulary) -> Vec<Objection> {
        let mut wrong = Vec::new();
        if self.count() > MOST {
            wrong.push((String::new(), format!("{} changes; {MOST} at most", self.count())));
        }
        let mut point = |at: String, lon: f64, lat: f64| {
            if !(-180.0..=180.0).contains(&lon) {
                wrong.push((format!("{at}/lon"), format!("{lon} is not a longitude in degrees")));
            }
            if !(-90.0..=90.0).contains(&lat) {
                wrong.push((format!("{at}/lat"), format!("{lat} is not a latitude in degrees")));
            }
        };
        for (at, site) in self.add.iter().enumerate() {
            point(format!("/add/{at}"), site.lon, site.lat);
        }
        for (at, moved) in self.moved.iter().enumerate() {
            point(format!("/move/{at}"), moved.lon, moved.lat);
        }
        let hint = |word: &str, known: Vec<&str>| match nearest_word(word, known.iter().copied()) {
            Some(near) => format!("is it \"{near}\"?"),
            None => format!("known: {}", known.join(", ")),
        };
        for (at, site) in self.add.iter().enumerate() {
            for (name, told) in [("name", json!(site.name)), ("services", json!(site.services))] {
                if let Err(detail) = limits::fits(name, &told) {
                    wrong.push((format!("/add/{at}/{name}"), detail));
                }
            }
            if vocabulary.kind(&site.kind).is_none() {
                let known = vocabulary.kinds.iter().map(|kind| &*kind.code).collect();
                wrong.push((format!("/add/{at}/kind"), format!("no kind has this code; {}", hint(&site.kind, known))));
            }
            if site.rating.is_some_and(|level| !(1..=5).contains(&level)) {
                wrong.push((format!("/add/{at}/rating"), "a level is from 1 to 5".to_owned()));
            }
            if matches!((site.free, site.total), (Some(free), Some(total)) if free > total) {
                wrong.push((format!("/add/{at}/free"), "more is free than there is".to_owned()));
            }
        }
        for (at, larger) in self.enlarge.iter().enumerate() {
            if vocabulary.measure(&larger.measure).is_none() {
                let known = vocabulary.measures.iter().map(|measure| &*measure.code).collect();
                let detail = format!("no measure has this code; {}", hint(&larger.measure, known));
                wrong.push((format!("/enlarge/{at}/measure"), detail));
            }
        }
        wrong
    }

    /// The ids that it names, each with its pointer, in the order of the members.
    pub fn named(&self) -> impl Iterator<Item = (String, Uuid)> {
        let closed = self.close.iter().enumerate().map(|(at, id)| (format!("/close/{at}"), *id));
        let moved = self.moved.iter().enumerate().map(|(at, moved)| (format!("/move/{at}/id"), moved.id));
        let larger = self.enlarge.iter().enumerate().map(|(at, larger)| (format!("/enlarge/{at}/id"), larger.id));
        closed.chain(moved).chain(larger)
    }
}

fn list<T: DeserializeOwned>(
    members: &Map<String, Value>,
    name: &str,
    shape: &str,
    wrong: &mut Vec<Objection>,
) -> Vec<T> {
    let items = match members.get(name) {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            wrong.push((format!("/{name}"), format!("a list, each item {shape}")));
            return Vec::new();
        }
    };
    let mut read = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        match serde_json::from_value(item.clone()) {
            Ok(item) => read.push(item),
            Err(error) => wrong.push((format!("/{name}/{at}"), format!("{error}; {shape} is expected"))),
        }
    }
    read
}

/// What a scenario would add: the start of a target, which still lacks its year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetDraft {
    /// The region that is told for the site, or the scenario's.
    pub region: Option<Text>,
    pub kind: Text,
    /// `facilities`: how many; otherwise a measure of capacity.
    pub measure: Text,
    pub added: u64,
}

/// What the scenario adds, by region, kind and measure. What it closes is not taken from it: closures are told apart.
/// `held` finds a facility of the record. A site whose capacity is not told adds a facility and no capacity.
pub fn targets<'a>(
    scenario: &Scenario,
    vocabulary: &Vocabulary,
    held: impl Fn(Uuid) -> Option<&'a Facility>,
) -> Vec<TargetDraft> {
    let mut sums: BTreeMap<(Option<Text>, Text, Text), u64> = BTreeMap::new();
    let mut add = |region: &Option<Text>, kind: &Text, measure: &str, added: u64| {
        let region = region.clone().or_else(|| scenario.region.clone());
        *sums.entry((region, kind.clone(), measure.into())).or_default() += added;
    };
    for site in &scenario.changes.add {
        add(&site.region, &site.kind, "facilities", 1);
        if let Some((measure, total)) = vocabulary.first_measure(&site.kind).zip(site.total.or(site.free)) {
            add(&site.region, &site.kind, measure, total.into());
        }
    }
    for larger in &scenario.changes.enlarge {
        let Some(facility) = held(larger.id) else { continue };
        // Where the present total is not known, neither is what is added.
        let before = facility.capacity_of(&larger.measure).and_then(|capacity| capacity.total);
        if let Some(added) = before.and_then(|before| larger.total.checked_sub(before)).filter(|added| *added > 0) {
            add(&facility.region, &facility.kind, &larger.measure, added.into());
        }
    }
    let draft = |((region, kind, measure), added)| TargetDraft { region, kind, measure, added };
    sums.into_iter().map(draft).collect()
}

/// The facility as it would be; `told` is where its new place is known to lie.
pub fn moved(facility: &Facility, to: &Moved, region: Option<&Text>) -> Facility {
    let region = region.cloned().or_else(|| facility.region.clone());
    Facility { place: Some(Place::wgs84(to.lon, to.lat)), region, ..facility.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::{Kind, Measure};

    fn vocabulary() -> Vocabulary {
        let (code, name): (Text, Text) = ("nursing_home".into(), "养老院".into());
        let kind = Kind {
            code,
            category: "residential".into(),
            name_zh: name.clone(),
            name_en: name.clone(),
            measures: vec!["beds".into()],
            rank: 1,
        };
        let measure =
            Measure { code: "beds".into(), name_zh: name.clone(), name_en: name, unit_zh: "张".into(), rank: 1 };
        Vocabulary::new(vec![kind], vec![measure], Vec::new())
    }

    fn read(json: Value) -> Result<Changes, Vec<Objection>> {
        Changes::read(json.as_object().expect("an object"), &vocabulary())
    }

    #[test]
    fn every_wrong_place_of_a_scenario_is_told_at_once() {
        let site = |kind: &str, lon: f64| json!({"kind": kind, "lon": lon, "lat": 33.9});
        let pointers = |json: Value| -> Vec<String> {
            read(json).expect_err("wrong").into_iter().map(|(pointer, _)| pointer).collect()
        };
        assert_eq!(pointers(json!({"added": [], "close": ["x"], "move": 5})), ["/added", "/close/0", "/move"]);
        let wrong = json!({"add": [site("nursing_home", 118.0), site("nursing_hom", 418.0)],
            "enlarge": [{"id": Uuid::nil(), "measure": "bed", "total": 5}]});
        assert_eq!(pointers(wrong), ["/add/1/lon", "/add/1/kind", "/enlarge/0/measure"]);
        let wrong = json!({"add": [{"kind": "nursing_home", "lon": 1, "lat": 2, "free": 9, "total": 8, "rating": 6}]});
        assert_eq!(pointers(wrong), ["/add/0/rating", "/add/0/free"]);
        assert_eq!(pointers(json!({"add": [{"kind": "nursing_home", "lon": 1}]})), ["/add/0"]);
        assert_eq!(pointers(json!({"close": vec![Uuid::nil(); MOST + 1]})), [""]);
        assert_eq!(read(json!({})).expect("nothing is changed"), Changes::default());
    }

    #[test]
    fn a_scenario_is_read_back_from_its_own_json() {
        let json = json!({"add": [{"kind": "nursing_home", "lon": 118.3, "lat": 33.9, "total": 40}],
            "close": [Uuid::nil()], "move": [{"id": Uuid::nil(), "lon": 1.0, "lat": 2.0}]});
        let changes = read(json.clone()).expect("right");
        assert_eq!(serde_json::to_value(&changes).expect("JSON"), json);
    }

    #[test]
    fn targets_are_what_is_added_and_closures_take_nothing_from_it() {
        let site = |region: Option<&str>, total| {
            let mut site = json!({"kind": "nursing_home", "lon": 118.3, "lat": 33.9, "total": total});
            site["region"] = json!(region);
            site
        };
        let changes = json!({"close": [Uuid::nil()],
            "add": [site(Some("321302"), json!(40)), site(Some("321302"), json!(60)), site(None, Value::Null)]});
        let scenario = Scenario {
            id: Uuid::nil(),
            version: 1,
            name: "甲".into(),
            account: None,
            actor: "operator".into(),
            region: Some("3213".into()),
            question: Map::new(),
            changes: read(changes).expect("right"),
            note: None,
            made_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let drafts = targets(&scenario, &vocabulary(), |_| None);
        let told: Vec<_> = drafts.iter().map(|d| (d.region.as_deref(), &*d.measure, d.added)).collect();
        assert_eq!(
            told,
            [(Some("3213"), "facilities", 1), (Some("321302"), "beds", 100), (Some("321302"), "facilities", 2)]
        );
    }
}
