//! A question of the report, read from its parameters, and all that its answer needs: both faces ask with the same words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::address::Address;
use super::{App, Code, Parameters, Problem, filter};
use crate::analysis::evidence::{Evidence, Inspected, Ledger, Records, StaffCount, traced};
use crate::analysis::plan::{Standing, standing};
use crate::atlas::{Atlas, Entry};
use crate::care::figure::FigureChange;
use crate::care::{PastDay, Region, Target, Text};
use crate::registry::Inspections;

/// The parameters of such a question.
pub const QUESTION: [&str; 3] = ["region", "year", "as_of"];

/// A region, a year and a time.
#[derive(Debug, Clone)]
pub struct ReportQuestion {
    pub region: Option<Text>,
    /// `None`: the latest that the region's ledger speaks of.
    pub year: Option<i32>,
    /// `None`: now.
    pub past: Option<DateTime<Utc>>,
    /// The time as it was asked for.
    asked: Option<String>,
}

/// Reads what stands in [`QUESTION`].
pub fn question(parameters: &mut Parameters, atlas: &Atlas) -> ReportQuestion {
    let region = filter::region(parameters, "region", atlas);
    let year = parameters.number("year", 1949..=2199, "year");
    let asked = parameters.text("as_of");
    let past = filter::as_of(parameters, atlas, Utc::now());
    ReportQuestion { region, year, past, asked: asked.filter(|_| past.is_some()) }
}

/// What a report came to, and what it was computed for.
pub struct Answered<T> {
    pub answer: T,
    pub atlas: Arc<Atlas>,
    pub region: Region,
    pub year: i32,
    pub day: NaiveDate,
    pub as_of: DateTime<Utc>,
    pub ledger: Ledger,
}

impl App {
    /// Targets, programme figures and claims as of a time, under the codes that regions have now.
    pub async fn ledger(&self, at: Option<DateTime<Utc>>, atlas: &Atlas) -> Result<Ledger, Problem> {
        let (targets, figures, claims) =
            tokio::try_join!(self.registry.kept(at), self.registry.kept(at), self.registry.kept(at))?;
        Ok(Ledger { targets, figures, claims }.settled(atlas))
    }

    /// Computes something from the evidence of a region, away from the workers.
    pub async fn weigh<T: Send + 'static>(
        &self,
        question: &ReportQuestion,
        compute: impl FnOnce(&Evidence) -> T + Send + 'static,
    ) -> Result<Answered<T>, Problem> {
        let atlas = self.atlas_at(question.past).await?;
        let code = question.region.clone().unwrap_or_default();
        let Some(region) = atlas.regions().get(&code).cloned() else {
            let detail = format!("The record of that time did not know the region {code}.");
            return Err(Problem::new(Code::NotFound, detail));
        };
        let ledger = self.ledger(question.past, &atlas).await?;
        let as_of = question.past.unwrap_or_else(|| self.live.as_of());
        let day = atlas.today();
        let year = question.year.unwrap_or_else(|| ledger.latest_year(&atlas, &code, day));
        let claims = ledger.claims.iter().filter(|claim| claim.region == code);
        let days: BTreeSet<NaiveDate> = Evidence::past_days_of(claims, year, day).collect();
        let codes = std::slice::from_ref(&code);
        let gathered = Arc::new(self.gather(Arc::clone(&atlas), question.past, codes, ledger, days).await?);
        let (asked, here, held) = (question.asked.clone(), region.clone(), Arc::clone(&gathered));
        let answer = self.ponder_over(atlas.clone(), move |_| held.weigh(&here, year, asked, compute)).await?;
        let ledger = gathered.ledger.clone();
        Ok(Answered { answer, atlas, region, year, day, as_of, ledger })
    }

    /// Computes something of each target from the evidence of its region and year as the record stands now. The record is
    /// asked once for all of them.
    pub async fn weigh_targets<T: Send + 'static>(
        &self,
        chosen: impl Fn(&Atlas, &Target) -> bool,
        compute: impl Fn(&Evidence, &Target) -> T + Send + 'static,
    ) -> Result<Vec<T>, Problem> {
        let atlas = self.atlas();
        let ledger = self.ledger(None, &atlas).await?;
        let mut by_region: BTreeMap<Text, Vec<Target>> = BTreeMap::new();
        for target in ledger.targets.iter().filter(|target| chosen(&atlas, target)) {
            if atlas.regions().get(&target.region).is_some() {
                by_region.entry(target.region.clone()).or_default().push(target.clone());
            }
        }
        let codes: Vec<Text> = by_region.keys().cloned().collect();
        let years: BTreeSet<i32> = by_region.values().flatten().map(|target| target.year).collect();
        let ends = |year: &i32| Evidence::past_days_of(std::iter::empty(), *year, atlas.today());
        let days = years.iter().flat_map(ends).collect();
        let gathered = self.gather(Arc::clone(&atlas), None, &codes, ledger, days).await?;
        let each = move |atlas: &Atlas| {
            let mut found = Vec::new();
            for (code, targets) in &by_region {
                let Some(region) = atlas.regions().get(code) else { continue };
                found.extend(gathered.weigh(region, 0, None, |evidence| {
                    let of = |target: &Target| compute(&Evidence { year: target.year, ..evidence.clone() }, target);
                    targets.iter().map(of).collect::<Vec<T>>()
                }));
            }
            found
        };
        self.ponder_over(atlas, each).await
    }

    /// The targets in a region and of a year (`None`: all), each beside what was built, the latest year first.
    pub async fn standings(&self, region: Option<Text>, year: Option<i32>) -> Result<Vec<Standing>, Problem> {
        let inside = |atlas: &Atlas, target: &Target| {
            region.as_ref().is_none_or(|above| atlas.regions().is_within(&target.region, above))
                && year.is_none_or(|year| target.year == year)
        };
        let mut found = self.weigh_targets(inside, standing).await?;
        found.sort_by(|a, b| (b.target.year, &a.target.region).cmp(&(a.target.year, &b.target.region)));
        Ok(found)
    }

    /// All that the evidence of these regions needs of the record.
    async fn gather(
        &self,
        atlas: Arc<Atlas>,
        past: Option<DateTime<Utc>>,
        codes: &[Text],
        ledger: Ledger,
        days: BTreeSet<NaiveDate>,
    ) -> Result<Gathered, Problem> {
        let mut past_days = BTreeMap::new();
        for day in days {
            past_days.insert(day, self.past_day(day, past).await?);
        }
        let codes = codes.to_vec();
        // A region may stand in another that is asked about too: each facility once.
        let named = move |atlas: &Atlas| {
            let log: BTreeSet<Uuid> = codes.iter().flat_map(|code| traced(atlas, code)).collect();
            let all = codes.iter().flat_map(|code| here(atlas, code)).map(|entry| entry.facility.id);
            (log.into_iter().collect(), all.collect::<BTreeSet<Uuid>>().into_iter().collect())
        };
        let (log, all) = self.ponder_over(Arc::clone(&atlas), named).await?;
        let changes = self.registry.figure_changes(log, past).await?;
        let held = self.registry.inspections(Inspections::Of(all)).await?;
        let day = atlas.today();
        let done = held.into_iter().filter(|held| held.inspected_on <= day).map(|held| Inspected {
            facility: held.facility,
            on: held.inspected_on,
            found: held.findings.into_iter().map(|finding| finding.category).collect(),
        });
        let inspections = done.collect();
        Ok(Gathered { atlas, ledger, past_days, changes, inspections })
    }
}

/// What the record holds about some regions, asked for once.
struct Gathered {
    atlas: Arc<Atlas>,
    ledger: Ledger,
    past_days: BTreeMap<NaiveDate, Arc<PastDay>>,
    changes: Vec<FigureChange>,
    inspections: Vec<Inspected>,
}

impl Gathered {
    /// Looks at every facility: not on a worker.
    fn weigh<T>(&self, region: &Region, year: i32, asked: Option<String>, compute: impl FnOnce(&Evidence) -> T) -> T {
        let atlas = &*self.atlas;
        let staff = staff(atlas, &region.code);
        let inside = |held: &&Inspected| {
            let facility = atlas.facility(held.facility).and_then(|entry| entry.facility.region.as_deref());
            facility.is_some_and(|code| atlas.regions().is_within(code, &region.code))
        };
        // None where none was ever registered: that is not "nobody was inspected".
        let inspected: Vec<Inspected> = self.inspections.iter().filter(inside).cloned().collect();
        compute(&Evidence {
            atlas,
            region,
            year,
            day: atlas.today(),
            until: None,
            past_days: &self.past_days,
            asked,
            ledger: &self.ledger,
            changes: &self.changes,
            staff: staff.as_deref(),
            inspections: Some(&*inspected).filter(|inspected| !inspected.is_empty()),
        })
    }
}

fn here<'a>(atlas: &'a Atlas, region: &'a str) -> impl Iterator<Item = &'a Arc<Entry>> {
    let inside = |entry: &&Arc<Entry>| {
        entry.facility.region.as_deref().is_some_and(|code| atlas.regions().is_within(code, region))
    };
    atlas.facilities().filter(inside)
}

/// The staff of a region's facilities where both figures are told; `None` where none is.
fn staff(atlas: &Atlas, region: &str) -> Option<Vec<StaffCount>> {
    let told = here(atlas, region).filter_map(|entry| {
        let staff = entry.facility.staff.as_deref()?;
        let (caregivers, certified) = staff.caregivers.zip(staff.certified)?;
        Some(StaffCount { facility: entry.facility.id, caregivers, certified, as_of: staff.as_of })
    });
    Some(told.collect::<Vec<_>>()).filter(|told| !told.is_empty())
}

/// The address of records.
pub fn link(records: &Records) -> String {
    records.pairs.iter().fold(Address::new(records.path), |address, (name, value)| address.and(name, value)).to_string()
}
