//! Evidence: all that a report of a region, a year and a day is computed from.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use uuid::Uuid;

use crate::atlas::{Atlas, Entry, Filter, RegionFilter};
use crate::care::figure::FigureChange;
use crate::care::{Claim, PastDay, ProgrammeFigure, Region, Status, Target, Text};

/// What the bureaus keep beside their facilities, as of one time.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub targets: Vec<Target>,
    pub figures: Vec<ProgrammeFigure>,
    pub claims: Vec<Claim>,
}

impl Ledger {
    /// The same with the regions as they are called now: what a region that was merged or renumbered had, its successor has.
    pub fn settled(mut self, atlas: &Atlas) -> Ledger {
        let settle = |region: &mut Text| {
            if let Some(successor) = atlas.successor(region) {
                *region = successor.clone();
            }
        };
        self.targets.iter_mut().for_each(|row| settle(&mut row.region));
        self.figures.iter_mut().for_each(|row| settle(&mut row.region));
        self.claims.iter_mut().for_each(|row| settle(&mut row.region));
        self
    }

    /// The year to report on where nobody names one: the latest up to `day` for which the region has a target, a figure
    /// or a claim of its own, else the latest of those below it, else that of `day`.
    pub fn latest_year(&self, atlas: &Atlas, region: &str, day: NaiveDate) -> i32 {
        let latest = |counts: &dyn Fn(&Text) -> bool| {
            let targets = self.targets.iter().filter(|row| counts(&row.region)).map(|row| row.year);
            let figures = self.figures.iter().filter(|row| counts(&row.region));
            let figures = figures.filter_map(|row| Some(row.day()?.year()));
            let claims = self.claims.iter().filter(|row| counts(&row.region));
            let claims = claims.filter_map(|row| Some(row.as_of?.year()));
            targets.chain(figures).chain(claims).filter(|year| *year <= day.year()).max()
        };
        // One county's plan for next year does not turn the city's page over.
        let own = latest(&|code| **code == *region);
        own.or_else(|| latest(&|code| atlas.regions().is_within(code, region))).unwrap_or(day.year())
    }
}

/// Caregivers of a facility, as of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffCount {
    pub facility: Uuid,
    pub caregivers: u32,
    pub certified: u32,
    pub as_of: NaiveDate,
}

/// One inspection of a facility.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    pub facility: Uuid,
    pub on: NaiveDate,
    /// Categories of what was found, such as `oversized_grave`, one for each finding.
    pub found: Vec<Text>,
}

/// All that a report is computed from.
#[derive(Clone)]
pub struct Evidence<'a> {
    /// The record as of the day.
    pub atlas: &'a Atlas,
    pub region: &'a Region,
    pub year: i32,
    /// The day as of which the record stands, in the registry's zone.
    pub day: NaiveDate,
    /// The last day that counts, where that is neither the day of the record nor the end of the year: that of a claim.
    pub until: Option<NaiveDate>,
    /// What the log says of days that are over; a day that is not here is told by dates alone.
    pub past_days: &'a BTreeMap<NaiveDate, Arc<PastDay>>,
    /// The day as it was asked for, for links to the records; `None` for now.
    pub asked: Option<String>,
    pub ledger: &'a Ledger,
    /// Changes of the region's facilities, in order.
    pub changes: &'a [FigureChange],
    /// `None`: this registry keeps no staff figures.
    pub staff: Option<&'a [StaffCount]>,
    /// `None`: this registry keeps no inspections.
    pub inspections: Option<&'a [Inspected]>,
}

impl Evidence<'_> {
    /// The days of the year up to the day of the report; empty (from > to) for a year to come.
    pub fn span(&self) -> (NaiveDate, NaiveDate) {
        let first = NaiveDate::from_ymd_opt(self.year, 1, 1).unwrap_or(NaiveDate::MIN);
        let last = NaiveDate::from_ymd_opt(self.year, 12, 31).unwrap_or(NaiveDate::MAX);
        (first, last.min(self.day).min(self.until.unwrap_or(NaiveDate::MAX)))
    }

    /// The day whose stocks count, where that is over: the last of the span. `None`: the day of the record.
    pub fn past_day(&self) -> Option<Arc<PastDay>> {
        let (_, last) = self.span();
        let known = || self.past_days.get(&last).cloned().unwrap_or_else(|| Arc::new(PastDay::by_dates(last)));
        (last < self.day).then(known)
    }

    /// The days for which a report of this year needs to know the log: the end of the year and those of the region's claims.
    pub fn past_days_of<'l>(
        claims: impl Iterator<Item = &'l Claim>,
        year: i32,
        day: NaiveDate,
    ) -> impl Iterator<Item = NaiveDate> {
        let end = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MAX);
        let told = claims.filter_map(|claim| claim.as_of).filter(move |told| told.year() == year);
        told.chain([end]).filter(move |last| *last < day)
    }

    /// The span as an address says it.
    fn days(&self) -> String {
        let (from, to) = self.span();
        format!("{from}/{to}")
    }

    /// The facilities that pass the filter, which names the region.
    pub fn matching(&self, filter: &Filter) -> Vec<std::sync::Arc<Entry>> {
        let sieve = self.atlas.sieve(filter);
        let found = self.atlas.select(|entry| sieve.passes(entry).then_some(entry.facility.id));
        let mut entries: Vec<_> = found.into_iter().filter_map(|(_, slot)| self.atlas.at(slot).cloned()).collect();
        entries.sort_unstable_by_key(|entry| entry.facility.id);
        entries
    }

    /// A filter for this region.
    pub fn here(&self) -> Filter {
        Filter { region: Some(self.region.code.clone()), ..Filter::default() }
    }

    /// The same, with statuses and ratings as they were at the end of the span.
    pub fn stock(&self) -> Filter {
        Filter { standing_on: self.past_day(), ..self.here() }
    }
}

/// The statuses of those who serve.
pub const SERVING: [Status; 2] = [Status::Trial, Status::Operating];
/// The statuses of what has been built, opened or not.
pub const STANDING: [Status; 5] = [Status::Built, Status::Trial, Status::Operating, Status::Suspended, Status::Closed];

/// A sentence in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    pub zh: String,
    pub en: String,
}

pub fn said(zh: impl Into<String>, en: impl Into<String>) -> Said {
    Said { zh: zh.into(), en: en.into() }
}

/// An address of the API that answers with just the records behind a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Records {
    pub path: &'static str,
    pub pairs: Vec<(&'static str, String)>,
}

/// So many records are named one by one in one address; more make a second one.
const NAMED: usize = 60;

impl Records {
    /// The facilities that a filter of [`Evidence::here`] passes.
    pub fn facilities(evidence: &Evidence, filter: &Filter) -> Records {
        let mut pairs = Vec::new();
        let mut put = |name, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
        let list = |words: &[Text]| (!words.is_empty()).then(|| words.join(","));
        let span = |span: Option<(NaiveDate, NaiveDate)>| span.map(|(from, to)| format!("{from}/{to}"));
        put("region", filter.region.as_ref().map(|text| text.to_string()));
        put("kind", list(&filter.kinds));
        let statuses: Vec<&str> = filter.statuses.iter().map(|status| status.code()).collect();
        put("status", (!statuses.is_empty()).then(|| statuses.join(",")));
        put("tag", filter.tag.as_ref().map(|text| text.to_string()));
        put("ownership", list(&filter.ownership));
        put("rating_scheme", filter.rating_scheme.as_ref().map(|text| text.to_string()));
        put("rating_level", filter.rating_level.map(|level| level.to_string()));
        put("opened_in", span(filter.opened_in));
        put("built_in", span(filter.built_in));
        put("closed_in", span(filter.closed_in));
        put("standing_on", filter.standing_on.as_ref().map(|past| past.day.to_string()));
        put("as_of", evidence.asked.clone());
        Records { path: "/api/v1/facilities", pairs }
    }

    /// Facilities, or rows of a table that the bureau keeps, by their ids.
    pub fn rows(evidence: &Evidence, path: &'static str, ids: impl IntoIterator<Item = Uuid>) -> Vec<Records> {
        let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
        let as_of = evidence.asked.clone().map(|asked| ("as_of", asked));
        let named = |ids: &[String]| [("id", ids.join(","))].into_iter().chain(as_of.clone()).collect();
        ids.chunks(NAMED).map(|ids| Records { path, pairs: named(ids) }).collect()
    }

    /// The regions that a filter passes.
    pub fn regions(evidence: &Evidence, filter: &RegionFilter) -> Records {
        let pairs = [
            ("parent", filter.within.as_ref().map(ToString::to_string)),
            ("level", filter.level.map(|level| level.code().to_owned())),
            ("counts_in_coverage", filter.counts_in_coverage.map(|counts| counts.to_string())),
            ("unit", filter.unit.map(|unit| unit.code().to_owned())),
            ("ending", filter.ending.as_ref().map(ToString::to_string)),
            ("as_of", evidence.asked.clone()),
        ];
        let told = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Records { path: "/api/v1/regions", pairs: told.collect() }
    }

    /// The facilities among these that were inspected in the year; only for those who may look at inspections.
    pub fn inspected(evidence: &Evidence, filter: &Filter) -> Records {
        let mut records = Records::facilities(evidence, filter);
        records.path = "/api/v1/inspections/facilities";
        records.pairs.retain(|(name, _)| ["region", "kind", "status", "standing_on"].contains(name));
        records.pairs.push(("inspected_in", evidence.days()));
        records
    }

    /// The findings of a category in the year, one by one; only for those who may look at inspections.
    pub fn findings(evidence: &Evidence, category: &str) -> Records {
        let region = evidence.region.code.to_string();
        let pairs = vec![("region", region), ("category", category.to_owned()), ("inspected_in", evidence.days())];
        Records { path: "/api/v1/inspections/findings", pairs }
    }
}

/// Sums by the region directly below, and of what stands in the region itself; by code.
pub fn by_child(evidence: &Evidence, entries: &[std::sync::Arc<Entry>]) -> BTreeMap<Text, u32> {
    let mut sums = BTreeMap::new();
    let depth = evidence.atlas.regions().path(&evidence.region.code).len();
    for entry in entries {
        let path = entry.facility.region.as_deref().map(|code| evidence.atlas.regions().path(code)).unwrap_or_default();
        if let Some(below) = path.get(depth).or(path.get(depth.saturating_sub(1))) {
            *sums.entry(below.code.clone()).or_default() += 1;
        }
    }
    sums
}

/// The facilities of a region whose log a report looks into: those that have beds, and those whose prices it compares.
pub fn traced(atlas: &Atlas, region: &str) -> Vec<Uuid> {
    let priced = crate::care::indicator::table().priced_kinds();
    let beds = |measures: &[Text]| measures.iter().any(|measure| &**measure == "beds");
    let kinds = atlas.vocabulary().kinds.iter().filter(|kind| beds(&kind.measures) || priced.contains(&kind.code));
    let kinds = kinds.map(|kind| kind.code.clone()).collect();
    let filter = Filter { kinds, region: Some(region.into()), ..Filter::default() };
    let sieve = atlas.sieve(&filter);
    atlas.select(|entry| sieve.passes(entry).then_some(entry.facility.id)).into_iter().map(|(id, _)| id).collect()
}
