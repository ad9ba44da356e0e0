//! In sight: the facilities that somebody may look at, in all or in a region; and the two lists that a bureau asks of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Utc};
use uuid::Uuid;

use super::filter;
use super::who::{allow, ground, ground_of_region};
use super::{App, Parameters, Problem};
use crate::analysis::{Ending, Sweep, SweepQuestion, endings, sweep};
use crate::atlas::{Atlas, Entry, Filter};
use crate::care::{Deed, Inspection, Role, Status, Text, Who, limits};
use crate::registry::Inspections;

/// The days to look ahead where nobody says how many.
pub const WITHIN_DAYS: u64 = 90;

/// Beyond so many facilities, reading all inspections is cheaper than naming the facilities.
const NAMED: usize = 20_000;

/// The facilities of a region and all below it, or without one all that are in the person's own scope; those of a manager
/// are the manager's. A region outside the scope is refused.
pub fn in_sight(who: &Who, atlas: &Atlas, region: Option<&Text>, kinds: &[Text]) -> Result<Vec<Arc<Entry>>, Problem> {
    let region = region.or(who.region.as_ref());
    if who.role != Role::Manager {
        allow(who, Deed::Look, &ground_of_region(atlas, region.map(|code| &**code)))?;
        let filter = Filter { region: region.cloned(), kinds: kinds.to_vec(), ..Filter::default() };
        return Ok(atlas.list(&filter, None, atlas.facility_count()).entries);
    }
    let theirs = who.facilities.iter().filter_map(|id| atlas.facility(*id));
    let seen = theirs.filter(|entry| {
        let ground = ground(atlas, &entry.facility);
        let here = region.is_none_or(|region| ground.regions.contains(region));
        here && who.may(Deed::Look, &ground) && (kinds.is_empty() || kinds.contains(&entry.facility.kind))
    });
    Ok(seen.cloned().collect())
}

/// What [`ending`] is asked.
#[derive(Debug, Clone)]
pub struct EndingQuestion {
    pub region: Option<Text>,
    pub within_days: u64,
}

pub fn ending_question(parameters: &mut Parameters, atlas: &Atlas) -> EndingQuestion {
    EndingQuestion {
        region: filter::region(parameters, "region", atlas),
        within_days: parameters.number("within_days", 0..=3660, "number of days").unwrap_or(WITHIN_DAYS),
    }
}

/// The ratings and licences that end within the days asked, or have ended.
pub async fn ending(app: &App, who: &Who, question: &EndingQuestion) -> Result<Vec<Ending>, Problem> {
    let (who, question) = (who.clone(), question.clone());
    app.ponder(move |atlas| {
        let entries = in_sight(&who, atlas, question.region.as_ref(), &[])?;
        Ok(endings(&entries, atlas.vocabulary(), atlas.today(), question.within_days))
    })
    .await?
}

/// What [`sweeping`] is asked.
#[derive(Debug, Clone)]
pub struct SweepAsked {
    pub region: Option<Text>,
    pub kinds: Vec<Text>,
    pub question: SweepQuestion,
}

/// Without `since`, the year began the period.
pub fn sweep_question(parameters: &mut Parameters, atlas: &Atlas) -> SweepAsked {
    let (today, types) = (atlas.today(), &atlas.vocabulary().inspection_types);
    let codes: Vec<&str> = types.iter().map(|term| &*term.code).collect();
    let known = |code: &str| types.iter().find(|term| &*term.code == code).map(|term| term.code.clone());
    let r#type = parameters.word("type", known, &codes);
    let since = day(parameters, "since").or_else(|| NaiveDate::from_ymd_opt(today.year(), 1, 1)).unwrap_or(today);
    SweepAsked {
        region: filter::region(parameters, "region", atlas),
        kinds: filter::kinds(parameters, atlas),
        question: SweepQuestion { r#type, since, today },
    }
}

/// A day, such as 2026-11-22.
pub fn day(parameters: &mut Parameters, name: &str) -> Option<NaiveDate> {
    let text = parameters.text(name)?;
    let day = limits::day(&text);
    if day.is_none() {
        parameters.refuse(name, format!("\"{text}\" is not a day, such as 2026-11-22"));
    }
    day
}

pub async fn sweeping(app: &App, who: &Who, asked: &SweepAsked) -> Result<Sweep, Problem> {
    let (seer, region, kinds) = (who.clone(), asked.region.clone(), asked.kinds.clone());
    let entries = app.ponder(move |atlas| in_sight(&seer, atlas, region.as_ref(), &kinds)).await??;
    let inspections = inspections_of(app, &entries).await?;
    let (question, region) = (asked.question.clone(), asked.region.clone().or(who.region.clone()));
    app.ponder(move |atlas| sweep(atlas, region.as_deref(), &entries, &inspections, &question)).await
}

async fn inspections_of(app: &App, entries: &[Arc<Entry>]) -> Result<Vec<Inspection>, Problem> {
    let which = match entries.len() > NAMED {
        true => Inspections::All,
        false => Inspections::Of(entries.iter().map(|entry| entry.facility.id).collect()),
    };
    Ok(app.registry.inspections(which).await?)
}

/// What [`looked`] is asked. What is empty or `None` asks nothing.
#[derive(Debug, Clone)]
pub struct LookedQuestion {
    pub region: Option<Text>,
    pub kinds: Vec<Text>,
    pub statuses: Vec<Status>,
    /// First and last day, both included.
    pub span: Option<(NaiveDate, NaiveDate)>,
    /// Facilities in the status that they had on this day.
    pub standing_on: Option<NaiveDate>,
}

/// The parameters of [`looked`].
pub const LOOKED: [&str; 5] = ["region", "kind", "status", "inspected_in", "standing_on"];

/// Reads what stands in [`LOOKED`].
pub fn looked_question(parameters: &mut Parameters, atlas: &Atlas) -> LookedQuestion {
    LookedQuestion {
        region: filter::region(parameters, "region", atlas),
        kinds: filter::kinds(parameters, atlas),
        statuses: filter::statuses(parameters),
        span: filter::span(parameters, "inspected_in"),
        standing_on: filter::standing_on(parameters, atlas, None, Utc::now()),
    }
}

/// The facilities in sight that were inspected in those days, in the order of their ids, each with these inspections by day.
pub async fn looked(
    app: &App,
    who: &Who,
    asked: LookedQuestion,
) -> Result<Vec<(Arc<Entry>, Vec<Inspection>)>, Problem> {
    let (seer, LookedQuestion { region, kinds, statuses, span, standing_on }) = (who.clone(), asked);
    let past = match standing_on {
        Some(day) => Some(app.past_day(day, None).await?),
        None => None,
    };
    let mut entries = app.ponder(move |atlas| in_sight(&seer, atlas, region.as_ref(), &kinds)).await??;
    entries.retain(|entry| {
        let facility = &entry.facility;
        let status = past.as_ref().map_or(Some(facility.status), |past| past.status(facility));
        status.is_some_and(|status| statuses.is_empty() || statuses.contains(&status))
    });
    entries.sort_unstable_by_key(|entry| entry.facility.id);
    let mut of_facility: BTreeMap<Uuid, Vec<Inspection>> = BTreeMap::new();
    for inspection in inspections_of(app, &entries).await? {
        if span.is_none_or(|(from, to)| (from..=to).contains(&inspection.inspected_on)) {
            of_facility.entry(inspection.facility).or_default().push(inspection);
        }
    }
    let with = entries.into_iter().filter_map(|entry| {
        let mut inspections = of_facility.remove(&entry.facility.id)?;
        inspections.sort_by_key(|inspection| (inspection.inspected_on, inspection.id));
        Some((entry, inspections))
    });
    Ok(with.collect())
}
