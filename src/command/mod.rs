//! The commands: one file each, thin. They take an open registry, ask the house one thing, and show the answer.

use clap::{Parser, Subcommand};

use crate::registry::RegistryError;
use crate::registry::cluster::ClusterError;
use crate::settings::Settings;

pub mod account;
pub mod check;
pub mod export;
mod holidays;
pub mod import;
pub mod log;
mod merge;
mod migrate;
pub mod opening;
pub mod serve;
mod shown;

/// Silver Atlas (银龄地图): a facility registry and elderly-care resource map
#[derive(Debug, Parser)]
#[command(name = "silver-atlas", version, about)]
pub struct Line {
    #[command(flatten)]
    pub settings: Settings,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer on HTTP until stopped
    Serve(serve::ServeArgs),
    /// Bring a file into the registry, as one batch: all of it or nothing
    Import(import::ImportArgs),
    /// Write the registry's facilities, or their inspections, to a file
    Export(export::ExportArgs),
    /// Who may write
    #[command(subcommand)]
    Account(account::AccountArgs),
    /// Make one record of two: a facility registered twice, a region that was merged or renumbered
    #[command(subcommand)]
    Merge(merge::MergeArgs),
    /// Bring the database's schema up to date
    Migrate,
    /// See whether every record that lives by the log stands in the database
    Check(check::CheckArgs),
}

/// How a command that ran to its end came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Exit status 0.
    Done,
    /// Exit status 1: rows were rejected.
    WithRejected,
}

/// Why a command did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Exit status 2: asked in a way that cannot be answered.
    #[error("{0}")]
    Usage(String),
    /// Exit status 1, as all below.
    #[error("{path}: {cause}")]
    File { path: String, cause: std::io::Error },
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("interrupted; nothing was written")]
    Interrupted,
    #[error("{0}")]
    Service(String),
}

impl Failed {
    pub fn status(&self) -> u8 {
        match self {
            Failed::Usage(_) => 2,
            _ => 1,
        }
    }
}

/// Runs one command.
pub async fn run(line: Line) -> Result<Ended, Failed> {
    let settings = line.settings;
    match line.command {
        Command::Serve(args) => serve::run(settings, args).await,
        Command::Account(args) => {
            opening::with_registry(&settings, async |open| account::run(args.clone(), open).await).await
        }
        Command::Merge(args) => {
            opening::with_registry(&settings, async |open| merge::run(args.clone(), open).await).await
        }
        Command::Migrate => opening::with_registry(&settings, async |_| migrate::run()).await,
        Command::Check(args) => opening::with_registry(&settings, async |open| check::run(&args, open).await).await,
        Command::Import(args) => opening::with_registry(&settings, async |open| import::run(&args, open).await).await,
        Command::Export(args) => opening::with_registry(&settings, async |open| export::run(&args, open).await).await,
    }
}
