//! One file into the registry: read, match, check against the record, and commit as one batch, whole or not at all.
//!
//! What is to be written is decided by pure functions ([`facilities::plan`], [`regions::plan`], [`population::plan`])
//! over the drafts of the file and the records that they may concern; the batch only carries it out. The batch is a
//! transaction: whatever stops the program before the commit leaves the record as it was.

pub mod facilities;
mod facility_checks;
pub mod inspections;
pub mod kept;
pub mod known;
pub mod located;
pub mod plan;
pub mod population;
pub mod regions;
pub mod report;
pub mod seed;

use std::collections::BTreeSet;

use chrono::{SubsecRound, Utc};
use sha2::{Digest, Sha256};

use crate::care::{
    Borders, Claim, Datum, DemandPoint, Entity, Facility, Inspection, Kept, ProgrammeFigure, Region, Target, Text,
};
use crate::exchange::{self, Drafts, Findings, Profile, Reading};
use crate::registry::{Batch, BatchInfo, Edit, Registry, RegistryError};
use known::KnownRegions;
use plan::Plan;
pub use report::Report;

/// A file, whole.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// What is to be done with it.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    pub what: Entity,
    pub datum: Datum,
    pub profile: Option<&'a Profile>,
    /// Does everything but commit.
    pub dry_run: bool,
    /// Commits the good rows of a file that has bad ones. Without it one bad row keeps the whole file out.
    pub accept_good_rows: bool,
    /// Who brings it in, by role.
    pub actor: &'a str,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Reading,
    Matching { rows: u64 },
    Writing { done: u64, of: u64 },
    Committing,
}

/// Edits written between two words about progress.
const EDITS_A_STEP: usize = 20_000;

/// Brings a file in. Rows with errors are no failure of this function: the report tells of them.
pub async fn bring_in(
    registry: &Registry,
    file: SourceFile<'_>,
    order: Order<'_>,
    progress: &mut dyn FnMut(Step),
) -> Result<Report, RegistryError> {
    progress(Step::Reading);
    let vocabulary = registry.vocabulary().await?;
    let reading = Reading { vocabulary: &vocabulary, datum: order.datum, profile: order.profile };
    let desk = Desk { registry, file, order, progress };
    match order.what {
        Entity::Facility => desk.run::<Facility>(exchange::facilities::facilities(file.bytes, &reading)).await,
        Entity::Region => desk.run::<Region>(exchange::regions::regions(file.bytes, &reading)).await,
        Entity::DemandPoint => desk.run::<DemandPoint>(exchange::population::population(file.bytes, &reading)).await,
        Entity::Target => desk.run::<Target>(exchange::kept::kept(file.bytes, &reading)).await,
        Entity::Programme => desk.run::<ProgrammeFigure>(exchange::kept::kept(file.bytes, &reading)).await,
        Entity::Claim => desk.run::<Claim>(exchange::kept::kept(file.bytes, &reading)).await,
        Entity::Inspection => desk.run::<Inspection>(exchange::inspections::inspections(file.bytes, &reading)).await,
        Entity::Scenario => Err(RegistryError::Conflict(format!("No file brings in a {}.", order.what.code()))),
    }
}

/// A kind of record that files bring in.
trait Brought: Sized {
    type Draft;

    /// Asks the batch for the records concerned, and decides.
    async fn plan(
        batch: &mut Batch,
        drafts: Vec<Self::Draft>,
        found: &mut Findings,
    ) -> Result<Plan<Self>, RegistryError>;

    async fn write(batch: &mut Batch, edits: &[Edit<Self>]) -> Result<(), RegistryError>;

    /// What else follows from what was written, in the same batch.
    async fn follow_up(_: &mut Batch, _: &[Edit<Self>], _: &mut Findings) -> Result<(), RegistryError> {
        Ok(())
    }
}

/// One file on its way.
struct Desk<'a> {
    registry: &'a Registry,
    file: SourceFile<'a>,
    order: Order<'a>,
    progress: &'a mut dyn FnMut(Step),
}

impl Desk<'_> {
    async fn run<T: Brought>(self, read: Drafts<T::Draft>) -> Result<Report, RegistryError> {
        let Desk { registry, file, order, progress } = self;
        let mut report = Report::of(&file, &order, read.rows);
        let mut found = Findings::from(read.findings);
        if read.drafts.is_empty() {
            report.rejected = read.rows;
            report.revision = registry.revision().await?;
            return Ok(report.with_findings(found));
        }
        progress(Step::Matching { rows: read.rows });
        let info = BatchInfo {
            what: order.what,
            actor: order.actor.into(),
            file_name: file.name.into(),
            sha256: Sha256::digest(file.bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
            rows: read.rows,
        };
        let mut batch = registry.begin(info).await?;
        let plan = T::plan(&mut batch, read.drafts, &mut found).await?;
        report.count(&plan);
        let wanted = found.errors() == 0 || order.accept_good_rows;
        if wanted {
            let of = plan.edits.len() as u64;
            let mut done = 0;
            for edits in plan.edits.chunks(EDITS_A_STEP) {
                progress(Step::Writing { done, of });
                T::write(&mut batch, edits).await?;
                done += edits.len() as u64;
            }
            T::follow_up(&mut batch, &plan.edits, &mut found).await?;
        }
        if wanted && !order.dry_run && !plan.edits.is_empty() {
            progress(Step::Committing);
            let (id, revision) = batch.commit().await?;
            (report.committed, report.batch, report.revision) = (true, Some(id), revision);
        } else {
            batch.roll_back().await?;
            report.revision = registry.revision().await?;
        }
        Ok(report.with_findings(found))
    }
}

impl Brought for Facility {
    type Draft = exchange::FacilityDraft;

    async fn plan(
        batch: &mut Batch,
        drafts: Vec<Self::Draft>,
        found: &mut Findings,
    ) -> Result<Plan<Self>, RegistryError> {
        let regions = batch.regions().await?;
        let successors = batch.successors().await?;
        let known = KnownRegions::new(&regions).with_successors(&successors);
        let drafts = known.lead_on(drafts, |draft| &mut draft.region, exchange::facilities::once, found);
        let drafts = known.refuse_unknown(drafts, |draft| draft.region.as_ref(), found);
        let mut drafts = drafts;
        let borders = Borders::of(&regions);
        located::locate(&mut drafts, &borders);
        let keys: Vec<_> = drafts.iter().flat_map(Self::Draft::keys).collect();
        let mut held = batch.facilities(&keys).await?;
        let removed = known.removed(batch.removed_facilities().await?);
        let survivors = facilities::survivors(&drafts, &held, &removed, &known);
        held.extend(batch.facilities_of(&survivors).await?);
        // The record keeps microseconds.
        let now = Utc::now().trunc_subsecs(6);
        let context = facilities::Context { known: &known, borders: &borders, removed: &removed, now };
        Ok(facilities::plan(drafts, held, &context, found))
    }

    async fn write(batch: &mut Batch, edits: &[Edit<Self>]) -> Result<(), RegistryError> {
        batch.write_facilities(edits).await
    }
}

impl Brought for Region {
    type Draft = exchange::RegionDraft;

    async fn plan(
        batch: &mut Batch,
        drafts: Vec<Self::Draft>,
        found: &mut Findings,
    ) -> Result<Plan<Self>, RegistryError> {
        let held = batch.regions().await?;
        let successors = batch.successors().await?;
        let known = KnownRegions::new(&held).with_successors(&successors);
        let (mut drafts, skipped) = regions::follow_successors(drafts, &known, found);
        let borders = regions::new_borders(&drafts, &known);
        let invalid = batch.invalid_borders(&borders).await?;
        regions::refuse_invalid(&mut drafts, &invalid, found);
        let plan = regions::plan(drafts, held.clone(), found);
        Ok(Plan { together: skipped, ..plan })
    }

    async fn write(batch: &mut Batch, edits: &[Edit<Self>]) -> Result<(), RegistryError> {
        batch.write_regions(edits).await
    }

    async fn follow_up(batch: &mut Batch, edits: &[Edit<Self>], found: &mut Findings) -> Result<(), RegistryError> {
        let border = |edit: &Edit<Region>| edit.before.as_ref().and_then(|before| before.border.clone());
        if edits.iter().all(|edit| edit.after.border == border(edit)) {
            return Ok(());
        }
        let held = batch.facilities_without_region().await?;
        let borders = Borders::of(&batch.regions().await?);
        batch.write_facilities(&located::assign(held, &borders, Utc::now().trunc_subsecs(6), found)).await
    }
}

impl Brought for DemandPoint {
    type Draft = exchange::DemandDraft;

    async fn plan(
        batch: &mut Batch,
        drafts: Vec<Self::Draft>,
        found: &mut Findings,
    ) -> Result<Plan<Self>, RegistryError> {
        let regions = batch.regions().await?;
        let successors = batch.successors().await?;
        let known = KnownRegions::new(&regions).with_successors(&successors);
        let drafts = known.lead_on(drafts, |draft| &mut draft.region, exchange::population::once, found);
        let drafts = known.refuse_unknown(drafts, |draft| draft.region.as_ref(), found);
        let borders = Borders::of(&regions);
        let drafts = population::locate(drafts, &regions, &borders, found);
        let drafts = population::refuse_wrong(drafts, &known, &borders, Utc::now(), found);
        let held = batch.demand().await?;
        population::note_counted_twice(&drafts, &held, &known, found);
        Ok(population::plan(drafts, held, found))
    }

    async fn write(batch: &mut Batch, edits: &[Edit<Self>]) -> Result<(), RegistryError> {
        batch.write_demand(edits).await
    }
}

impl Brought for Inspection {
    type Draft = exchange::inspections::InspectionDraft;

    async fn plan(
        batch: &mut Batch,
        drafts: Vec<Self::Draft>,
        found: &mut Findings,
    ) -> Result<Plan<Self>, RegistryError> {
        let named: BTreeSet<Text> = drafts.iter().map(|draft| draft.facility.clone()).collect();
        let facilities = batch.facility_ids(&named.into_iter().collect::<Vec<_>>()).await?;
        let held = batch.inspections(facilities.values().copied().collect()).await?;
        Ok(inspections::plan(drafts, &facilities, held, Utc::now().trunc_subsecs(6), found))
    }

    async fn write(batch: &mut Batch, edits: &[Edit<Self>]) -> Result<(), RegistryError> {
        batch.write_inspections(edits).await
    }
}

impl<T: Kept> Brought for T {
    type Draft = exchange::kept::KeptDraft<T>;

    async fn plan(
        batch: &mut Batch,
        drafts: Vec<Self::Draft>,
        found: &mut Findings,
    ) -> Result<Plan<Self>, RegistryError> {
        let regions = batch.regions().await?;
        let drafts =
            KnownRegions::new(&regions).refuse_unknown(drafts, |draft: &Self::Draft| Some(draft.told.region()), found);
        Ok(kept::plan(drafts, batch.kept::<T>().await?, found))
    }

    async fn write(batch: &mut Batch, edits: &[Edit<Self>]) -> Result<(), RegistryError> {
        batch.write_kept(edits).await
    }
}
