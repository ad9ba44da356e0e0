//! How large a run is: the whole, a quick one to look at, and a tiny one for `make test`, which shows that everything works.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Whole,
    Quick,
    /// Peers that would have to be installed are left out.
    Tiny,
}

impl Size {
    pub fn of(arguments: &[String]) -> Size {
        let asked = |word: &str| arguments.iter().any(|argument| argument == word);
        match (asked("--tiny"), asked("--quick")) {
            (true, _) => Size::Tiny,
            (_, true) => Size::Quick,
            _ => Size::Whole,
        }
    }

    /// As `make bench` names it.
    pub fn command(self) -> &'static str {
        match self {
            Size::Whole => "make bench",
            Size::Quick => "make bench BENCH=--quick",
            Size::Tiny => "make bench BENCH=--tiny",
        }
    }

    pub fn folder(self) -> &'static str {
        match self {
            Size::Whole => "national",
            Size::Quick => "quick",
            Size::Tiny => "tiny",
        }
    }

    /// So many seconds, by the size of the run.
    pub fn seconds(self, whole: u64, quick: u64, tiny: u64) -> Duration {
        Duration::from_secs(self.pick(whole, quick, tiny))
    }

    pub fn pick<T>(self, whole: T, quick: T, tiny: T) -> T {
        match self {
            Size::Whole => whole,
            Size::Quick => quick,
            Size::Tiny => tiny,
        }
    }
}
