//! The demo registry: the files of `seed/`, which the program carries with it.

use super::{Order, SourceFile};
use crate::care::{Datum, Entity};
use crate::registry::{Registry, RegistryError};

/// In the order in which they build on each other.
const FILES: [(Entity, &str, &[u8]); 3] = [
    (Entity::Region, "regions.geojson", include_bytes!("../../seed/regions.geojson")),
    (Entity::DemandPoint, "population.csv", include_bytes!("../../seed/population.csv")),
    (Entity::Facility, "facilities.csv", include_bytes!("../../seed/facilities.csv")),
];

/// Brings the demo districts in, a batch a file.
pub async fn bring_in(registry: &Registry) -> Result<(), RegistryError> {
    for (what, name, bytes) in FILES {
        let order =
            Order { what, datum: Datum::Wgs84, profile: None, dry_run: false, accept_good_rows: false, actor: "seed" };
        let report = super::bring_in(registry, SourceFile { name, bytes }, order, &mut |_| {}).await?;
        tracing::info!(name, inserted = report.inserted, rejected = report.rejected, "demo data");
    }
    Ok(())
}
