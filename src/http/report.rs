//! A question of the report, read from its parameters, and all that its answer needs: both faces ask with the same words.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::address::Address;
use super::{App, Code, Parameters, Problem, filter};
use crate::analysis::evidence::{Evidence, Inspected, Ledger, Records, StaffCount, traced};
use crate::atlas::{Atlas, Entry};
use crate::care::{Region, Text};
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

impl ReportQuestion {
    /// A region as it is now.
    pub fn now(region: Text) -> ReportQuestion {
        ReportQuestion { region: Some(region), year: None, past: None, asked: None }
    }
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
        let changes = self.registry.figure_changes(traced(&atlas, &code), question.past).await?;
        let as_of = question.past.unwrap_or_else(|| self.live.as_of());
        let day = atlas.today();
        let year = question.year.unwrap_or_else(|| ledger.latest_year(&atlas, &code, day));
        let (asked, here, kept) = (question.asked.clone(), region.clone(), ledger.clone());
        let inspections = self.inspected(&atlas, &code, day).await?;
        let answer = self.ponder_over(atlas.clone(), move |atlas| {
            // Looks at every facility: not on a worker.
            let staff = staff(atlas, &here.code);
            compute(&Evidence {
                atlas,
                region: &here,
                year,
                day,
                asked,
                ledger: &kept,
                changes: &changes,
                staff: staff.as_deref(),
                inspections: inspections.as_deref(),
            })
        });
        Ok(Answered { answer: answer.await?, atlas, region, year, day, as_of, ledger })
    }

    /// The inspections in a region up to a day; `None` where none was ever registered: that is not "nobody was inspected".
    async fn inspected(&self, atlas: &Atlas, region: &str, day: NaiveDate) -> Result<Option<Vec<Inspected>>, Problem> {
        let ids = here(atlas, region).map(|entry| entry.facility.id).collect();
        let held = self.registry.inspections(Inspections::Of(ids)).await?;
        let done = held.into_iter().filter(|held| held.inspected_on <= day).map(|held| Inspected {
            facility: held.facility,
            on: held.inspected_on,
            found: held.findings.into_iter().map(|finding| finding.category).collect(),
        });
        Ok(Some(done.collect::<Vec<_>>()).filter(|done| !done.is_empty()))
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
