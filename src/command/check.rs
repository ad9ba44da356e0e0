//! `silver-atlas check`: whether every record that lives by the log stands in the database, and the repair where it does not.

use clap::Args;

use super::{Ended, Failed};
use crate::registry::{MissingRecords, RecordCounts, Registry};

/// Check that every record which lives by the log stands in the database.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Write what is missing again, as the log last told it; stop the server before
    #[arg(long)]
    pub repair: bool,
}

pub async fn run(args: &CheckArgs, registry: &Registry) -> Result<Ended, Failed> {
    let counts = async || Ok::<_, Failed>(RecordCounts::of(&registry.load().await?));
    let missing = registry.missing_records(counts().await?).await?;
    if missing.is_empty() {
        println!("every record that lives by the log stands in the database");
        return Ok(Ended::Done);
    }
    for MissingRecords { entity, count, first } in &missing {
        let first: Vec<&str> = first.iter().map(|key| &**key).collect();
        println!("{count} missing ({}), the first of them: {}", entity.code(), first.join(" "));
    }
    if !args.repair {
        println!("{}", MissingRecords::REPAIR);
        return Ok(Ended::WithRejected);
    }
    let restored = registry.restore_missing().await?;
    println!("{restored} records were written again as the log last told them");
    match registry.missing_records(counts().await?).await?.is_empty() {
        true => Ok(Ended::Done),
        false => Err(Failed::Service("records are still missing; restore the last backup".to_owned())),
    }
}
