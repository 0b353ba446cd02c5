//! The room of results: what a run found, written so that others can read it.
//!
//! [`write()`] puts five files into a directory: `results.h5` with everything (layout
//! in [`hdf5`](mod@hdf5)), and `cycles.csv`, `steps.csv`, `spectra.csv` and
//! `attribution.csv` for
//! spreadsheets.
//! Each appears under its name only when it is complete.

pub mod analysis;
pub mod annealing;
pub mod bpx;
pub mod csv;
pub mod hdf5;
mod measured;
pub(crate) mod netcdf;
pub mod plain;
pub mod structure;
pub mod summary;
pub mod table;

pub use hdf5::write_structure;
pub use measured::{RunMeasurements, measurements, read_measurements};

use crate::record::RunRecord;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Name of the HDF5 file in a results directory.
pub const HDF5_NAME: &str = "results.h5";
/// Name of the table of cycles in a results directory.
pub const CYCLES_NAME: &str = "cycles.csv";
/// Name of the table of steps in a results directory.
pub const STEPS_NAME: &str = "steps.csv";
/// Name of the table of spectra in a results directory.
pub const SPECTRA_NAME: &str = "spectra.csv";
/// Name of the table of lost capacity by mechanism in a results directory.
pub const ATTRIBUTION_NAME: &str = "attribution.csv";

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The file system refused.
    #[error("cannot write {path}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The HDF5 library refused.
    #[error("cannot write {path} as HDF5")]
    Hdf5 {
        /// The file.
        path: PathBuf,
        /// What the library said.
        source: ::hdf5::Error,
    },
    /// The HDF5 library cannot read a file, or it is of another layout.
    #[error("cannot read {path} as the results of a run")]
    Hdf5Read {
        /// The file.
        path: PathBuf,
        /// What the library said.
        source: ::hdf5::Error,
    },
    /// The file was written but does not read back.
    #[error("{path} does not read back after writing: dataset {dataset}: {reason}")]
    Unreadable {
        /// The temporary file, which has been removed.
        path: PathBuf,
        /// The dataset that failed.
        dataset: String,
        /// What was wrong with it.
        reason: String,
    },
    /// The scenario has no text form.
    #[error("the resolved scenario cannot be written as TOML")]
    Resolved(#[from] toml::ser::Error),
    /// Gas as a mass spectrometer shows it cannot be given.
    #[error("the gas released has no curve")]
    Gas(#[from] crate::observables::HeadspaceError),
    /// Columns that should be of one length are not.
    #[error("{column} has {found} entries where {expected} are due")]
    Length {
        /// The column.
        column: String,
        /// Entries it has.
        found: usize,
        /// Entries it should have.
        expected: usize,
    },
}

/// Where the results are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Everything, HDF5.
    pub hdf5: PathBuf,
    /// One row per cycle.
    pub cycles: PathBuf,
    /// One row per step that was run.
    pub steps: PathBuf,
    /// One row per frequency of each spectrum.
    pub spectra: PathBuf,
    /// One row per cycle at which lost capacity was shared out.
    pub attribution: PathBuf,
}

/// Writes all result files of `record` into `directory`, which is made if it is
/// missing. Files of the same names are replaced.
///
/// # Errors
/// [`ResultsError`] when a file cannot be written or does not read back; no
/// half-written file remains under its final name.
pub fn write(record: &RunRecord, directory: &Path) -> Result<Written, ResultsError> {
    let written = Written {
        hdf5: directory.join(HDF5_NAME),
        cycles: directory.join(CYCLES_NAME),
        steps: directory.join(STEPS_NAME),
        spectra: directory.join(SPECTRA_NAME),
        attribution: directory.join(ATTRIBUTION_NAME),
    };
    std::fs::create_dir_all(directory).map_err(|source| ResultsError::File {
        path: directory.to_path_buf(),
        source,
    })?;
    hdf5::write(record, &written.hdf5)?;
    for (path, table) in [
        (&written.cycles, csv::cycles(record)?),
        (&written.steps, summary::steps(record)?),
        (&written.spectra, csv::spectra(record)?),
        (&written.attribution, summary::attributions(record)?),
    ] {
        publish(path, csv::render(&table).as_bytes()).map_err(|source| ResultsError::File {
            path: path.clone(),
            source,
        })?;
    }
    Ok(written)
}

/// Writes `bytes` so that `path` is either untouched or complete: to a temporary
/// name beside it, to the disk, then renamed.
///
/// # Errors
/// What the file system says; the temporary file is removed.
pub fn publish(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = temporary_name(path);
    let attempt = std::fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, path));
    if attempt.is_err() {
        // The first error is the one worth telling.
        let _ = std::fs::remove_file(&temporary);
    }
    attempt
}

/// A name beside `path` that no other process uses.
fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishing_replaces_and_leaves_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        publish(&path, b"one").unwrap();
        publish(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_publish_leaves_no_file() {
        let directory = tempfile::tempdir().unwrap();
        // A directory in the way makes the rename fail.
        let path = directory.path().join("taken");
        std::fs::create_dir_all(path.join("inside")).unwrap();
        assert!(publish(&path, b"x").is_err());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
