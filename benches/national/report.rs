//! The report: a Markdown table with the machine, the command and the data, to be pasted where people read it.

use std::fmt::Write;
use std::fs;
use std::time::Duration;

/// One comparison.
pub struct Row {
    pub name: &'static str,
    pub measure: &'static str,
    pub ours: String,
    pub with: &'static str,
    pub theirs: String,
    /// Ours in proportion to theirs, and what it is held to.
    pub ratio: f64,
    pub limit: Limit,
}

pub enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Row {
    pub fn holds(&self) -> bool {
        match self.limit {
            Limit::AtLeast(limit) => self.ratio >= limit,
            Limit::AtMost(limit) => self.ratio <= limit,
        }
    }
}

pub fn table(rows: &[Row]) -> String {
    let mut text =
        "| | measure | here | compared with | there | ratio | limit | |\n|---|---|--:|---|--:|--:|--:|---|\n"
            .to_owned();
    for row in rows {
        let limit = match row.limit {
            Limit::AtLeast(limit) => format!("≥ {limit}"),
            Limit::AtMost(limit) => format!("≤ {limit}"),
        };
        let Row { name, measure, ours, with, theirs, ratio, .. } = row;
        let verdict = if row.holds() { "ok" } else { "MISSED" };
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "| {name} | {measure} | {ours} | {with} | {theirs} | {ratio:.2} | {limit} | {verdict} |");
    }
    text
}

pub fn machine() -> String {
    let file = |path| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = file("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("processor");
    let memory = file("/proc/meminfo");
    let memory =
        memory.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0 / 1024.0;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = file("/proc/sys/kernel/osrelease");
    format!("{cores} × {}, {memory:.0} GiB, Linux {}", model.trim_start_matches(['\t', ':', ' ']), kernel.trim())
}

/// What this process holds in memory, in bytes.
pub fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1024
}

pub fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.0} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}
