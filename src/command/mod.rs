//! Commands: one file each, thin. They take an open registry, ask the house one thing, and show the answer.

pub mod export;
pub mod import;

use crate::registry::RegistryError;

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
    Registry(#[from] RegistryError),
    #[error("interrupted; nothing was written")]
    Interrupted,
}

impl Failed {
    pub fn status(&self) -> u8 {
        match self {
            Failed::Usage(_) => 2,
            _ => 1,
        }
    }
}
