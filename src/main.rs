//! Reads the command line, starts logging, runs one command, exits 0, 1 or 2.

use std::fmt::Display;
use std::process::ExitCode;

use clap::Parser;
use silver_atlas::command::{self, Ended, Line};

fn main() -> ExitCode {
    // Wrong usage ends here, with status 2.
    let line = Line::parse();
    command::log::start(&line.settings.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime cannot start: {error}"), 1),
    };
    let ended = runtime.block_on(command::run(line));
    // What still computes, or waits for a database that says nothing, is not waited for.
    runtime.shutdown_background();
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::WithRejected) => ExitCode::from(1),
        Err(error) => failed(&error, error.status()),
    }
}

fn failed(error: &dyn Display, status: u8) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(status)
}
