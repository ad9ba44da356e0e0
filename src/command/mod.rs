//! The commands: one file each, thin. What they share is how they come to the registry.

use clap::{Parser, Subcommand};

use crate::settings::Settings;

pub mod export;
pub mod import;
pub mod migrate;
pub mod opening;
pub mod serve;

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
    Serve(serve::Serve),
    /// Bring a file into the registry, as one batch: all of it or nothing
    Import(import::Import),
    /// Write the registry's facilities to a file
    Export(export::Export),
    /// Bring the database's schema up to date
    Migrate,
}

/// How a command ended, when it could do its work at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Some rows were rejected.
    Rejected,
}

/// Runs one command. An error is a sentence for a person.
pub async fn run(line: Line) -> Result<Outcome, String> {
    let settings = line.settings;
    match line.command {
        Command::Serve(serve) => serve::run(settings, serve).await,
        Command::Migrate => migrate::run(settings).await,
        Command::Import(import) => opening::with_registry(&settings, async |registry| import::run(import, registry).await).await,
        Command::Export(export) => opening::with_registry(&settings, async |registry| export::run(export, registry).await).await,
    }
}
