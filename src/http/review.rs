//! What both faces do when somebody amends a facility or decides a request: at two speeds, seen by who may, never unseen.

use std::sync::Arc;

use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::representation::{self, facility_tag};
use super::who::{allow, ground, ground_of_region};
use super::{App, Code, Lang, Problem};
use crate::analysis::region_at::{Outside, outside};
use crate::atlas::Atlas;
use crate::care::coordinates::{self, Misplaced};
use crate::care::draft::{CapacityDraft, FacilityDraft};
use crate::care::fields::{self, FieldFault, Speed, Wishes};
use crate::care::{Change, ChangeRequest, Decision, Deed, Facility, Ground, Status, Text, Who, ahead};
use crate::registry::{Asked, RegistryError, Written};

/// What a request is about, as rights see it.
pub fn ground_of(atlas: &Atlas, request: &ChangeRequest) -> Ground {
    let gone = || Ground { facility: Some(request.facility), regions: Vec::new() };
    atlas.facility(request.facility).map_or_else(gone, |entry| ground(atlas, &entry.facility))
}

/// Whether somebody may see it: who made it, and whoever may look at the facility.
pub fn visible(who: &Who, atlas: &Atlas, request: &ChangeRequest) -> bool {
    (who.account.is_some() && request.account == who.account) || who.may(Deed::Look, &ground_of(atlas, request))
}

/// The request of this number, if the asker may do this with it.
pub async fn find(app: &App, who: &Who, id: &str, deed: Deed) -> Result<ChangeRequest, Problem> {
    let unknown = || Problem::new(Code::NotFound, format!("No change request has the id \"{id}\"."));
    let number: Uuid = id.parse().map_err(|_| unknown())?;
    let request = app.registry.requests(Asked::One(number)).await?.pop().ok_or_else(unknown)?;
    let atlas = app.atlas();
    let own = who.account.is_some() && request.account == who.account;
    match deed {
        Deed::Look if own => {}
        // Taken back by who asked: a bureau decides it instead, and says why.
        Deed::Ask if own && !who.only_reads => {}
        Deed::Ask => allow(who, Deed::Govern, &ground_of(&atlas, &request))?,
        _ => allow(who, deed, &ground_of(&atlas, &request))?,
    }
    Ok(request)
}

/// A bureau gives a facility away only to where it could have registered it: without a region it would be out of its reach.
pub fn given_away(who: &Who, atlas: &Atlas, region: &Value) -> Result<(), Problem> {
    let code = region.as_str().map(str::trim).filter(|code| !code.is_empty());
    if code.is_none() && !who.may(Deed::Register, &Ground::default()) {
        let detail =
            "A facility without a region is in nobody's reach but an admin's: name the region that it belongs to.";
        return Err(Problem::new(Code::Forbidden, detail).at("/region", detail));
    }
    allow(who, Deed::Register, &ground_of_region(atlas, code))
}

/// The decision, in one transaction; answers once it shows.
pub async fn settle(
    app: &App,
    who: &Who,
    asked: &ChangeRequest,
    expected: i64,
    decision: Decision,
) -> Result<(), Problem> {
    let (actor, atlas): (Text, _) = (who.actor(), app.atlas());
    if let Some(region) = asked.granted(&decision).get("region") {
        given_away(who, &atlas, region)?;
    }
    let vocabulary = atlas.vocabulary().clone();
    drop(atlas);
    let written = match app.registry.decide(asked.id, expected, decision, &actor, vocabulary).await {
        Err(RegistryError::Stale(current)) => return Err(stale(app, *current)),
        other => other?,
    };
    app.show_write(written.seq).await;
    Ok(())
}

/// Tells capacity on the version that the writer saw, beside what others tell just now. Versions only rise: whoever saw less
/// than the map shows is refused without the record being asked.
pub async fn tell(
    app: &App,
    atlas: &Atlas,
    shown: &Arc<Facility>,
    expected: i64,
    told: Vec<CapacityDraft>,
    actor: &str,
) -> Result<Written, RegistryError> {
    let mut shown = Arc::clone(shown);
    if shown.version < expected {
        // Written by another server, and on its way to this one's map; or no version of ours.
        app.show_write(app.registry.revision().await?).await;
        let entry = app.atlas().facility(shown.id).cloned().ok_or(RegistryError::NotFound)?;
        shown = Arc::clone(&entry.facility);
    }
    if shown.version != expected {
        return Err(RegistryError::Stale(Box::new(Facility::clone(&shown))));
    }
    let measures = atlas.vocabulary().kind(&shown.kind).map(|kind| kind.measures.clone()).unwrap_or_default();
    app.registry.tell_capacity(shown, measures, told, actor).await
}

/// What a write has made, once the map knows of it: its tag and its Feature. Somebody else may have written since; that is
/// theirs to be told of.
pub async fn made(app: &App, written: Written) -> (String, String) {
    app.show_write(written.seq).await;
    version_of(&app.atlas(), written.facility)
}

fn version_of(atlas: &Atlas, facility: Facility) -> (String, String) {
    let entry = atlas.entry_of(facility);
    (facility_tag(entry.facility.version), representation::feature(atlas, &entry, Utc::now()))
}

/// Which of the wishes stand at once and which the bureau decides. The bureau itself decides as it writes.
pub async fn two_speeds(
    app: &App,
    who: &Who,
    held: &Facility,
    mut wishes: Wishes,
) -> Result<(Wishes, Wishes), Problem> {
    not_ahead(&wishes, &app.atlas()).map_err(wrong)?;
    if wishes.contains_key("place") || wishes.contains_key("region") {
        let atlas = app.atlas();
        if let Ok(wished) = fields::with(held, &wishes, atlas.vocabulary()) {
            // A point that is told without a region says which region it is, where borders are known.
            if let Some(region) = located_in(&atlas, &wished).filter(|_| !wishes.contains_key("region")) {
                wishes.insert("region".to_owned(), json!(region));
            }
            if let Some(fault) = misplaced_fault(&atlas, &wished) {
                return Err(wrong(vec![fault]));
            }
        }
    }
    if who.may(Deed::Register, &ground(&app.atlas(), held)) {
        return Ok((wishes, Wishes::new()));
    }
    let pausing = wishes.get("status").and_then(Value::as_str).and_then(Status::from_code);
    // A temporary closure, and the end of one that a manager began, are a manager's own word.
    let pause_is_live = match pausing {
        Some(Status::Suspended) => held.status.serving(),
        Some(next) if held.status == Status::Suspended => {
            app.registry.paused_from(held.id).await?.as_deref() == Some(next.code())
        }
        _ => false,
    };
    let live = |name: &str| match fields::field_of(name) {
        Some(field) => field.speed == Speed::Live || name == "status" && pause_is_live,
        // An unknown name is refused where all fields are read.
        None => true,
    };
    // What is told as it stands already is no wish.
    let wishes = wishes.into_iter().filter(|(name, wish)| live(name) || fields::value(held, name) != *wish);
    Ok(wishes.partition(|(name, _)| live(name)))
}

/// Whether somebody may take a change of a facility back: who registers there, and whoever could write every field of it
/// at once. A registration, a withdrawal and what was changed of a record before it was merged are not taken back.
pub fn may_take_back(who: &Who, ground: &Ground, facility: &Facility, change: &Change) -> bool {
    let read = |json: &Option<Value>| serde_json::from_value::<Facility>(json.clone()?).ok();
    let (Some(before), Some(after)) = (read(&change.before), read(&change.after)) else { return false };
    let live = || fields::differing(&before, &after).iter().all(|field| field.speed == Speed::Live);
    *change.key == *facility.id.to_string()
        && (who.may(Deed::Register, ground) || who.may(Deed::Tell, ground) && live())
}

/// What the record has become, for whoever decided on an older one: the tag and the state of one version, the row's that
/// refused or the map's, whichever is newer.
pub fn stale(app: &App, current: Facility) -> Problem {
    let atlas = app.atlas();
    let shown = atlas.facility(current.id).filter(|shown| shown.facility.version > current.version);
    let current = shown.map_or(current, |shown| Facility::clone(&shown.facility));
    let (tag, feature) = version_of(&atlas, current.clone());
    Problem::from(RegistryError::Stale(Box::new(current))).with_current(tag, feature.into())
}

/// Refuses days that have not come, by the registry's zone.
pub fn not_ahead(wishes: &Wishes, atlas: &Atlas) -> Result<(), Vec<FieldFault>> {
    let faults = ahead::faults(wishes, atlas.today());
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The region whose border contains the point of a facility that is in none.
pub fn located_in(atlas: &Atlas, facility: &Facility) -> Option<Text> {
    let place = facility.located().filter(|_| facility.region.is_none())?;
    atlas.regions().borders().region_at(place.lon, place.lat).cloned()
}

/// Why the point of a facility cannot be right, by the region that is told of it.
pub fn misplaced(atlas: &Atlas, facility: &Facility) -> Option<Misplaced> {
    let (place, regions) = (facility.place.as_ref()?, atlas.regions());
    let at = (place.lon, place.lat);
    let (get, code) = (|code: &str| regions.get(code), facility.region.as_deref());
    coordinates::misplaced(get, regions.borders(), code, at)
        .or_else(|| coordinates::unlikely(get, regions.borders(), code, place))
}

fn misplaced_fault(atlas: &Atlas, facility: &Facility) -> Option<FieldFault> {
    let wrong = misplaced(atlas, facility)?;
    Some(FieldFault { field: "place".to_owned(), detail: wrong.english() })
}

/// What is odd about the place of a facility and is taken all the same: outside the border of its region.
pub fn oddity(atlas: &Atlas, facility: &Facility, lang: Lang) -> Option<String> {
    let place = facility.place.as_ref()?;
    let found = outside(atlas.regions(), facility.region.as_deref(), (place.lon, place.lat))?;
    Some(match (found, lang) {
        (Outside::Of(region), Lang::Zh) => {
            format!("这个位置不在{}的边界内：请核对经纬度、坐标系和区域。", region.name)
        }
        (Outside::Of(region), Lang::En) => {
            format!(
                "the point lies outside the border of {} ({}); the datum may be another one",
                region.name, region.code
            )
        }
        (Outside::All, Lang::Zh) => "这个位置不在任何已登记边界的区域内：请核对经纬度和坐标系。".to_owned(),
        (Outside::All, Lang::En) => {
            "the point lies in no region of the record; the datum may be another one".to_owned()
        }
    })
}

/// A Feature that a write is answered with, and what is odd about the place that was told.
pub fn with_warnings(mut feature: String, atlas: &Atlas, facility: &Facility) -> String {
    if let Some(detail) = oddity(atlas, facility, Lang::En) {
        let warning = json!([{"pointer": "/place", "code": "outside_region", "detail": detail}]);
        feature.pop();
        feature.push_str(&format!(",\"warnings\":{warning}}}"));
    }
    feature
}

/// A facility made of these fields.
pub fn drafted(wishes: &Wishes, atlas: &Atlas) -> Result<Facility, Problem> {
    let missing = ["name", "kind"].into_iter().filter(|name| wishes.get(*name).is_none_or(Value::is_null));
    let missing: Vec<FieldFault> =
        missing.map(|name| FieldFault { field: name.into(), detail: "is required".into() }).collect();
    if !missing.is_empty() {
        return Err(wrong(missing));
    }
    not_ahead(wishes, atlas).map_err(wrong)?;
    let empty = FacilityDraft::default().create(Utc::now());
    let mut facility = fields::with(&empty, wishes, atlas.vocabulary()).map_err(wrong)?;
    facility.region = facility.region.take().or_else(|| located_in(atlas, &facility));
    match misplaced_fault(atlas, &facility) {
        Some(fault) => Err(wrong(vec![fault])),
        None => Ok(facility),
    }
}

/// Wrong fields, each with its place in the body.
pub fn wrong(faults: Vec<FieldFault>) -> Problem {
    let problem = Problem::new(Code::Rule, "The fields break a rule.");
    faults.into_iter().fold(problem, |problem, fault| problem.at(format!("/{}", fault.field), fault.detail))
}
