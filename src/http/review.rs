//! What both faces do when somebody amends a facility or decides a request: at two speeds, seen by who may, never unseen.

use std::sync::Arc;

use chrono::Utc;
use serde_json::Value;
use uuid::Uuid;

use super::representation::{self, facility_tag};
use super::who::{allow, ground};
use super::{App, Code, Problem};
use crate::atlas::Atlas;
use crate::care::draft::{CapacityDraft, FacilityDraft};
use crate::care::fields::{self, FieldFault, Speed, Wishes};
use crate::care::{Change, ChangeRequest, Decision, Deed, Facility, Ground, Status, Text, Who};
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
    if !(own && matches!(deed, Deed::Look | Deed::Ask)) {
        allow(who, deed, &ground_of(&atlas, &request))?;
    }
    Ok(request)
}

/// The decision, in one transaction; answers once it shows.
pub async fn settle(
    app: &App,
    who: &Who,
    asked: &ChangeRequest,
    expected: i64,
    decision: Decision,
) -> Result<(), Problem> {
    let actor: Text = who.actor();
    let vocabulary = app.atlas().vocabulary().clone();
    let written = match app.registry.decide(asked.id, expected, decision, &actor, vocabulary).await {
        Err(RegistryError::Stale(current)) => return Err(stale(app, *current).await),
        other => other?,
    };
    app.show_write(written.seq).await;
    Ok(())
}

/// Tells capacity on the version that the writer saw: beside what others tell just now, where the map shows that version.
pub async fn tell(
    app: &App,
    atlas: &Atlas,
    shown: &Arc<Facility>,
    expected: i64,
    told: Vec<CapacityDraft>,
    actor: &str,
) -> Result<Written, RegistryError> {
    if shown.version != expected {
        return app.registry.update_capacity(shown.id, expected, told, actor).await;
    }
    let measures = atlas.vocabulary().kind(&shown.kind).map(|kind| kind.measures.clone()).unwrap_or_default();
    app.registry.tell_capacity(shown.clone(), measures, told, actor).await
}

/// Which of the wishes stand at once and which the bureau decides. The bureau itself decides as it writes.
pub async fn two_speeds(app: &App, who: &Who, held: &Facility, wishes: Wishes) -> Result<(Wishes, Wishes), Problem> {
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

/// What the record has become, for whoever decided on an older one. The row that refused may be newer than this process's
/// atlas, so the atlas catches up first: the tag and the state that are shown must be of one version.
pub async fn stale(app: &App, current: Facility) -> Problem {
    let id = current.id;
    let problem = Problem::from(RegistryError::Stale(Box::new(current)));
    match app.registry.revision().await {
        Ok(head) => app.show_write(head).await,
        Err(error) => return error.into(),
    }
    let atlas = app.atlas();
    match atlas.facility(id) {
        Some(entry) => {
            let feature = representation::feature(&atlas, entry, Utc::now());
            problem.with_current(facility_tag(entry.facility.version), feature.into())
        }
        None => problem,
    }
}

/// A facility made of these fields.
pub fn drafted(wishes: &Wishes, atlas: &Atlas) -> Result<Facility, Problem> {
    let missing = ["name", "kind"].into_iter().filter(|name| wishes.get(*name).is_none_or(Value::is_null));
    let missing: Vec<FieldFault> =
        missing.map(|name| FieldFault { field: name.into(), detail: "is required".into() }).collect();
    if !missing.is_empty() {
        return Err(wrong(missing));
    }
    let empty = FacilityDraft::default().create(Utc::now());
    fields::with(&empty, wishes, atlas.vocabulary()).map_err(wrong)
}

/// Wrong fields, each with its place in the body.
pub fn wrong(faults: Vec<FieldFault>) -> Problem {
    let problem = Problem::new(Code::Rule, "The fields break a rule.");
    faults.into_iter().fold(problem, |problem, fault| problem.at(format!("/{}", fault.field), fault.detail))
}
