//! Checkpoints: the state vector, what was gathered and the key of the run, written
//! whole or not at all, and refused when damaged or of another run.

use super::blocks::History;
use super::cycling::Gathered;
use crate::numerics::hash;
use crate::record::{Attribution, Spectrum};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// First bytes of a checkpoint file.
const MAGIC: &[u8] = b"engobe checkpoint 2\n";
/// Length of the hex digest that follows them.
const DIGEST: usize = 64;

/// A run after some of its cycles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Key of the run it belongs to.
    pub key: String,
    /// The state vector of the cell.
    pub state: Vec<f64>,
    /// What was gathered.
    pub gathered: Gathered,
    /// The last cycles, from which others are carried on.
    pub history: History,
    /// Spectra taken.
    pub spectra: Vec<Spectrum>,
    /// Losses shared out.
    pub attributions: Vec<Attribution>,
}

/// Why a checkpoint cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not a checkpoint, or damaged.
    #[error(
        "{path} is not a whole checkpoint of this version; delete it and start anew with --force"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// It belongs to another scenario.
    #[error(
        "{path} belongs to a different scenario or version: the scenario was changed since; start anew with --force"
    )]
    OtherRun {
        /// Which file.
        path: PathBuf,
    },
}

impl Checkpoint {
    /// Writes to `path`: first under another name, then renamed, so that a crash
    /// leaves either the old file or the new.
    ///
    /// # Errors
    /// [`CheckpointError::Io`].
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        save(MAGIC, self, path)
    }

    /// Reads from `path` the checkpoint of the run with `key`.
    ///
    /// # Errors
    /// [`CheckpointError`] if it cannot be read, is damaged or of another run.
    pub fn load(path: &Path, key: &str) -> Result<Self, CheckpointError> {
        let checkpoint: Self = load(MAGIC, path)?;
        if checkpoint.key == key {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::OtherRun {
                path: path.to_path_buf(),
            })
        }
    }
}

/// Writes `content` behind `magic` and a digest, whole or not at all.
pub(super) fn save(
    magic: &[u8],
    content: &impl Serialize,
    path: &Path,
) -> Result<(), CheckpointError> {
    let io = |source| CheckpointError::Io {
        action: "write",
        path: path.to_path_buf(),
        source,
    };
    let body = postcard::to_stdvec(content).map_err(|e| io(std::io::Error::other(e)))?;
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(io)?;
    }
    let partial = path.with_extension("partial");
    let mut file = fs::File::create(&partial).map_err(io)?;
    file.write_all(magic).map_err(io)?;
    file.write_all(hash::key(&[&body]).as_bytes()).map_err(io)?;
    file.write_all(&body).map_err(io)?;
    file.sync_all().map_err(io)?;
    fs::rename(&partial, path).map_err(io)
}

/// Reads what [`save`] wrote.
pub(super) fn load<T: DeserializeOwned>(magic: &[u8], path: &Path) -> Result<T, CheckpointError> {
    let bytes = fs::read(path).map_err(|source| CheckpointError::Io {
        action: "read",
        path: path.to_path_buf(),
        source,
    })?;
    let damaged = || CheckpointError::Damaged {
        path: path.to_path_buf(),
    };
    let rest = bytes.strip_prefix(magic).ok_or_else(damaged)?;
    if rest.len() < DIGEST {
        return Err(damaged());
    }
    let (digest, body) = rest.split_at(DIGEST);
    if hash::key(&[body]).as_bytes() != digest {
        return Err(damaged());
    }
    postcard::from_bytes(body).map_err(|_| damaged())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let mut gathered = Gathered::default();
        gathered.series.time = vec![0.1, f64::NAN, -0.0];
        Checkpoint {
            key: "abc".into(),
            state: vec![1.0 / 3.0, f64::MIN_POSITIVE],
            gathered,
            history: History::default(),
            spectra: vec![],
            attributions: vec![],
        }
    }

    #[test]
    fn comes_back_to_the_last_bit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("checkpoint");
        checkpoint().save(&path).unwrap();
        let back = Checkpoint::load(&path, "abc").unwrap();
        assert_eq!(back.state[0].to_bits(), (1.0f64 / 3.0).to_bits());
        assert!(back.gathered.series.time[1].is_nan());
        assert_eq!(back.gathered.series.time[2].to_bits(), (-0.0f64).to_bits());
    }

    #[test]
    fn a_damaged_or_foreign_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("checkpoint");
        checkpoint().save(&path).unwrap();
        assert!(matches!(
            Checkpoint::load(&path, "other"),
            Err(CheckpointError::OtherRun { .. })
        ));
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(
            Checkpoint::load(&path, "abc"),
            Err(CheckpointError::Damaged { .. })
        ));
        fs::write(&path, &bytes[..40]).unwrap();
        assert!(matches!(
            Checkpoint::load(&path, "abc"),
            Err(CheckpointError::Damaged { .. })
        ));
    }
}
