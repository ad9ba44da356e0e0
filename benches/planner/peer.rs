//! A peer in Python: a virtual environment of its own under target/bench, and a script that answers in JSON.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Result;
use crate::size::Size;

pub struct Peer {
    python: PathBuf,
}

/// Where benchmarks put what they make.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/planner")
}

impl Peer {
    /// The peer with these packages (`access==1.1.10.post3`), installed once by pip. The error says why it cannot be had.
    pub fn ready(size: Size, name: &str, packages: &[&str]) -> std::result::Result<Peer, String> {
        if size == Size::Tiny {
            return Err("peers are left out of a tiny run".to_owned());
        }
        let home = folder().join(name);
        let (python, stamp) = (home.join("bin/python"), home.join("installed"));
        if fs::read_to_string(&stamp).is_ok_and(|held| held == packages.join(" ")) {
            return Ok(Peer { python });
        }
        let run = |command: &mut Command| match command.output() {
            Err(error) => Err(format!("{}: {error}", command.get_program().display())),
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("failed").to_owned())
            }
        };
        eprintln!("bench: pip install {} into {}", packages.join(" "), home.display());
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(packages))?;
        fs::write(stamp, packages.join(" ")).map_err(|error| error.to_string())?;
        Ok(Peer { python })
    }

    /// Runs a script of benches/planner and reads the JSON that it prints.
    pub fn run(&self, script: &str, arguments: &[&Path]) -> Result<Value> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/planner").join(script);
        let output = Command::new(&self.python).arg(&script).args(arguments).output()?;
        if !output.status.success() {
            return Err(format!("{}: {}", script.display(), String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
