//! The demo registry: the files of `seed/`, which the program carries with it.

use super::{Order, SourceFile};
use crate::care::{Datum, Entity};
use crate::registry::{Registry, RegistryError};

/// In the order in which they build on each other.
const FILES: [(Entity, &str, &[u8]); 7] = [
    (Entity::Region, "regions.geojson", include_bytes!("../../seed/regions.geojson")),
    (Entity::DemandPoint, "population.csv", include_bytes!("../../seed/population.csv")),
    (Entity::Facility, "facilities.csv", include_bytes!("../../seed/facilities.csv")),
    (Entity::Inspection, "inspections.csv", include_bytes!("../../seed/inspections.csv")),
    (Entity::Programme, "programmes.csv", include_bytes!("../../seed/programmes.csv")),
    (Entity::Target, "targets.csv", include_bytes!("../../seed/targets.csv")),
    (Entity::Claim, "claims.csv", include_bytes!("../../seed/claims.csv")),
];

/// The name under which the demo registry comes in.
const ACTOR: &str = "seed";

/// Brings the demo districts in, a batch a file, where the registry holds nothing else. What a start that was cut short
/// has brought in already is left as it is.
pub async fn bring_in(registry: &Registry) -> Result<(), RegistryError> {
    let past = registry.batches(i64::MAX).await?;
    if past.iter().any(|batch| &*batch.info.actor != ACTOR) {
        return Ok(());
    }
    for (what, name, bytes) in FILES {
        if past.iter().any(|batch| batch.info.what == what) {
            continue;
        }
        tracing::info!(
            name,
            "bringing in demo data: invented facilities, marked so, and published figures with their source"
        );
        let order =
            Order { what, datum: Datum::Wgs84, profile: None, dry_run: false, accept_good_rows: false, actor: ACTOR };
        let report = super::bring_in(registry, SourceFile { name, bytes }, order, &mut |_| {}).await?;
        tracing::info!(name, inserted = report.inserted, rejected = report.rejected, "demo data is in");
    }
    Ok(())
}
