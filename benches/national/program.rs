//! The real program as a process: its imports, timed, and its server on a free port.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_silver-atlas");

fn program(data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    // The benchmark's own data directory, whatever the person at the keyboard has set for daily use.
    command.env_remove("DATABASE_URL").env("SILVER_ATLAS_DATA_DIR", data).env("SILVER_ATLAS_LOG", "warn");
    command
}

/// Brings in a file and answers how long that took, start and end of the program included.
pub fn import(data: &Path, what: &str, file: &Path) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let output = program(data).args(["import", what]).arg(file).args(["--json"]).output()?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr]
            .map(|said| String::from_utf8_lossy(&said[..said.len().min(2000)]).into_owned());
        return Err(format!("import {what} failed ({}): {} {}", output.status, said[0], said[1]).into());
    }
    Ok(start.elapsed())
}

/// A running server; stopped in order when dropped.
pub struct Server {
    process: Child,
    pub port: u16,
    /// From the start of the program until it said that it listens.
    pub ready_after: Duration,
}

impl Server {
    pub fn start(data: &Path, log: PathBuf) -> Result<Server, Box<dyn Error>> {
        let start = Instant::now();
        let mut command = program(data);
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(File::create(&log)?);
        let mut process = command.spawn()?;
        let mut lines = BufReader::new(process.stdout.take().ok_or("no output")?).lines();
        while let Some(line) = lines.next().transpose()? {
            if let Some(port) = line.split("listening on http://127.0.0.1:").nth(1) {
                let port = port.trim().parse()?;
                // Whoever stops reading would one day block the server in the middle of a line.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Server { process, port, ready_after: start.elapsed() });
            }
        }
        let status = process.wait()?;
        Err(format!("the server ended ({status}) before it listened; see {}", log.display()).into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The standard library can only kill; the server is to stop the way it does in daily use.
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
