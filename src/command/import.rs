//! `silver-atlas import`: one file into the registry.

use std::io::{IsTerminal, Read, Write, stderr};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Ended, Failed, shown};
use crate::care::kind::nearest_word;
use crate::care::{Datum, Entity};
use crate::exchange::Profile;
use crate::intake::report::word;
use crate::intake::{Order, SourceFile, Step, bring_in};
use crate::registry::Registry;

/// Bring a file into the registry, as one batch: all of it or nothing.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// What the file holds.
    pub what: What,
    /// A CSV or GeoJSON file; - is standard input.
    pub file: PathBuf,
    /// The datum of the file's coordinates: wgs84 (GPS), gcj02 (Amap, Tencent) or bd09 (Baidu).
    #[arg(long, default_value = "wgs84", value_parser = datum())]
    pub datum: Datum,
    /// A profile that maps the file's headings: the name of one that comes with the program, or a TOML file.
    #[arg(long, value_name = "NAME|FILE")]
    pub profile: Option<String>,
    /// Check everything and say what would be done, but write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Bring in the good rows of a file that has bad ones; the exit status is still 1.
    #[arg(long)]
    pub accept_good_rows: bool,
    /// Print the report as one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// What a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    Facilities,
    Regions,
    Population,
    Inspections,
    Targets,
    Programmes,
    Claims,
}

impl What {
    fn entity(self) -> Entity {
        match self {
            What::Facilities => Entity::Facility,
            What::Regions => Entity::Region,
            What::Population => Entity::DemandPoint,
            What::Inspections => Entity::Inspection,
            What::Targets => Entity::Target,
            What::Programmes => Entity::Programme,
            What::Claims => Entity::Claim,
        }
    }
}

fn datum() -> impl TypedValueParser<Value = Datum> {
    PossibleValuesParser::new(Datum::ALL.map(Datum::code)).map(|code| Datum::from_code(&code).unwrap_or_default())
}

/// Runs the command. The report goes to standard output, progress to standard error. Ctrl-C leaves nothing half done.
pub async fn run(args: &ImportArgs, registry: &Registry) -> Result<Ended, Failed> {
    let profile = args.profile.as_deref().map(|profile| find_profile(profile, args.what.entity())).transpose()?;
    let bytes = read(&args.file)?;
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    let order = Order {
        what: args.what.entity(),
        datum: args.datum,
        profile: profile.as_ref(),
        dry_run: args.dry_run,
        accept_good_rows: args.accept_good_rows,
        actor: "import",
    };
    let mut progress = Progress::new();
    let mut show = |step| progress.show(step);
    let report = tokio::select! {
        report = bring_in(registry, SourceFile { name: &name, bytes: &bytes }, order, &mut show) => report?,
        // The batch is dropped with the future, and a batch that is dropped is rolled back.
        _ = tokio::signal::ctrl_c() => return Err(Failed::Interrupted),
    };
    progress.end();
    let mut report = report;
    let mut sentence = None;
    if report.committed {
        // What is written stays written, whoever cannot wait for it.
        match shown::wait(registry, report.revision).await {
            Ok(seen) => {
                (report.servers, report.shown) = (Some(seen.servers), seen.shown);
                sentence = Some(seen.sentence);
            }
            Err(error) => eprintln!("it is written, but whether a server shows it is not known: {error}"),
        }
    }
    let text =
        if args.json { serde_json::to_string_pretty(&report).unwrap_or_default() + "\n" } else { report.to_string() };
    // Whoever closed the pipe has read enough; what was committed is committed all the same.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if let Some(sentence) = sentence {
        eprintln!("{sentence}");
    }
    Ok(if report.clean() { Ended::Done } else { Ended::WithRejected })
}

fn read(file: &Path) -> Result<Vec<u8>, Failed> {
    let failed = |cause| Failed::File { path: file.display().to_string(), cause };
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(failed)
}

fn find_profile(name: &str, what: Entity) -> Result<Profile, Failed> {
    let profile = match Profile::embedded(name) {
        Some(profile) => profile,
        None if name.ends_with(".toml") || Path::new(name).is_file() => {
            let text = std::fs::read_to_string(name).map_err(|cause| Failed::File { path: name.to_owned(), cause })?;
            Profile::parse(name, &text)
        }
        None => {
            let near = nearest_word(name, Profile::names());
            let near = near.map_or_else(String::new, |near| format!("; perhaps {near}"));
            let names = Profile::names().collect::<Vec<_>>().join(", ");
            return Err(Failed::Usage(format!("no profile {name}{near} (there are {names}, or name a .toml file)")));
        }
    };
    let profile = profile.map_err(|error| Failed::Usage(error.to_string()))?;
    if profile.entity() != Some(what) {
        return Err(Failed::Usage(format!("profile {name} is for {}, not for {}", profile.what, word(what))));
    }
    Ok(profile)
}

/// Rows from which a file is long enough to speak of progress where no bar can be drawn.
const LONG_FILE: u64 = 50_000;

/// Progress on standard error: a bar on a terminal; elsewhere a line each tenth, for long files.
struct Progress {
    bar: Option<ProgressBar>,
    tenths: u64,
}

impl Progress {
    fn new() -> Progress {
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress { bar, tenths: 0 }
    }

    fn show(&mut self, step: Step) {
        let (word, done, of) = match step {
            Step::Reading => ("reading", 0, 0),
            Step::Matching { rows } => ("matching", 0, rows),
            Step::Writing { done, of } => ("writing", done, of),
            Step::Committing => ("committing", 0, 0),
        };
        if let Some(bar) = &self.bar {
            bar.set_message(word);
            bar.set_length(of);
            bar.set_position(done);
        } else if of >= LONG_FILE {
            let tenths = done * 10 / of;
            if done == 0 || tenths > self.tenths {
                eprintln!("{word}: {done} of {of}");
            }
            self.tenths = tenths;
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
