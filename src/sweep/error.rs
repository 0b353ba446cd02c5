//! Why a sweep, as a whole, cannot go on.

use crate::input::Diagnostics;
use crate::results::ResultsError;
use std::io;
use std::path::{Path, PathBuf};

/// What stops a sweep. Runs that fail do not: they are rows.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The scenario or its sweep is refused.
    #[error("{0}")]
    Refused(Box<Diagnostics>),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the sweep is not what it should be.
    #[error("{}: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The sweep does not fit what is there, or what was asked.
    #[error("{0}")]
    Contradiction(String),
    /// Results could not be written.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// Stopped from outside; what was finished is kept.
    #[error("stopped; {done} of {of} runs are kept")]
    Interrupted {
        /// Runs that are done.
        done: u64,
        /// All runs.
        of: u64,
    },
}

impl SweepError {
    /// The error of a file or directory.
    ///
    /// # Errors
    /// [`SweepError::File`] where `outcome` is an error.
    pub fn at<T>(path: &Path, outcome: io::Result<T>) -> Result<T, Self> {
        outcome.map_err(|source| Self::File {
            path: path.into(),
            source,
        })
    }

    /// A file that is not what it should be.
    pub fn damaged(path: &Path, reason: impl ToString) -> Self {
        Self::Damaged {
            path: path.into(),
            reason: reason.to_string(),
        }
    }
}

impl From<Diagnostics> for SweepError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Refused(Box::new(diagnostics))
    }
}
