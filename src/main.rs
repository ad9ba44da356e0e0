//! Reads the command line, starts logging, runs one command, exits 0, 1 or 2.

use std::process::ExitCode;

use clap::Parser;
use silver_atlas::command::{self, Line, Outcome};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    // Wrong usage ends here, with status 2.
    let line = Line::parse();
    let filter = EnvFilter::try_new(&line.settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    // Standard output is for answers and for the one line that scripts wait for.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime cannot start: {error}")),
    };
    match runtime.block_on(command::run(line)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Rejected) => ExitCode::from(1),
        Err(error) => failed(&error),
    }
}

fn failed(error: &str) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(1)
}
