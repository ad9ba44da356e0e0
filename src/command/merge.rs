//! `silver-atlas merge`: two records of one facility become one; a region becomes another.

use clap::Subcommand;
use uuid::Uuid;

use super::{Ended, Failed, shown};
use crate::registry::{OPERATOR, Registry};

#[derive(Debug, Clone, Subcommand)]
pub enum MergeArgs {
    /// A duplicate becomes the facility that stays; its id leads there from then on
    Facility {
        duplicate: Uuid,
        survivor: Uuid,
        /// A field whose value the duplicate knows better; may be given several times
        #[arg(long = "take")]
        take: Vec<String>,
    },
    /// A region that was merged or renumbered becomes another, with its facilities, people, children and accounts
    Region { old: String, new: String },
}

pub async fn run(args: MergeArgs, registry: &Registry) -> Result<Ended, Failed> {
    match args {
        MergeArgs::Facility { duplicate, survivor, take } => {
            let written = registry.merge((duplicate, None), (survivor, None), take, OPERATOR).await?;
            println!("{duplicate} is now {survivor} ({})", written.facility.name);
            eprintln!("{}", shown::wait(registry, written.seq).await?.sentence);
        }
        MergeArgs::Region { old, new } => {
            let (seq, went) = registry.succeed_region(&old, &new, OPERATOR).await?;
            println!("region {old} is now {new}; {}", went.written());
            eprintln!("{}", shown::wait(registry, seq).await?.sentence);
            if went.accounts > 0 {
                eprintln!("accounts of {old} now reach over all of {new}: see `silver-atlas account list`");
            }
        }
    }
    Ok(Ended::Done)
}
