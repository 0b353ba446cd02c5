//! States kept by a run beside its checkpoint, so that spectra can be taken later at
//! cycles that the protocol did not name, without cycling the cell again.

use super::checkpoint::{CheckpointError, load, save};
use crate::electrode::State;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// First bytes of the file.
const MAGIC: &[u8] = b"engobe states 1\n";
/// Name of the file beside a checkpoint.
pub const STATES_NAME: &str = "states";

/// State vectors after some of the cycles of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct States {
    key: String,
    cycles: Vec<u32>,
    vectors: Vec<Vec<f64>>,
}

impl States {
    /// None yet, of the run with `key`.
    pub fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..Self::default()
        }
    }

    /// Where a run with this checkpoint keeps them.
    pub fn beside(checkpoint: &Path) -> PathBuf {
        checkpoint.with_file_name(STATES_NAME)
    }

    /// Those that the run with `key` left at `path`; none where there is no file, or one
    /// of another run.
    ///
    /// # Errors
    /// [`CheckpointError`] if there is a file that cannot be read or is damaged.
    pub fn read(path: &Path, key: &str) -> Result<Self, CheckpointError> {
        if !path.exists() {
            return Ok(Self::new(key));
        }
        let states: Self = load(MAGIC, path)?;
        let own = states.key == key && states.cycles.len() == states.vectors.len();
        Ok(if own { states } else { Self::new(key) })
    }

    /// Keeps the state after `cycle`: of every cycle up to 99, then of those whose number
    /// has two significant digits, so that a long run leaves no more than a hundred for
    /// each power of ten; and of every cycle for which `always` is said.
    pub fn keep(&mut self, cycle: usize, state: &State, always: bool) {
        let mut step = 1;
        while cycle / step >= 100 {
            step *= 10;
        }
        if always || cycle.is_multiple_of(step) {
            self.cycles.push(cycle as u32);
            self.vectors.push(state.as_slice().to_vec());
        }
    }

    /// The state vector after `cycle`.
    pub fn after(&self, cycle: usize) -> Option<&[f64]> {
        let place = self.cycles.iter().rposition(|c| *c as usize == cycle)?;
        Some(&self.vectors[place])
    }

    /// Writes them to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`CheckpointError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        save(MAGIC, self, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(cycles: impl Iterator<Item = usize>) -> States {
        let mut states = States::new("run");
        let state = State::zeros(1, 1, 1);
        cycles.for_each(|cycle| states.keep(cycle, &state, cycle == 12_345));
        states
    }

    #[test]
    fn long_runs_keep_few_states_and_the_ones_asked_for() {
        let states = kept(1..=20_000);
        for cycle in [
            1, 57, 99, 100, 110, 990, 1_000, 1_100, 9_900, 10_000, 12_345,
        ] {
            assert!(states.after(cycle).is_some(), "{cycle}");
        }
        for cycle in [101, 995, 1_010, 12_344] {
            assert!(states.after(cycle).is_none(), "{cycle}");
        }
        assert_eq!(states.cycles.len(), 99 + 90 + 90 + 11 + 1);
    }

    #[test]
    fn they_come_back_to_their_own_run_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = States::beside(&directory.path().join("checkpoint"));
        assert_eq!(States::read(&path, "run").unwrap(), States::new("run"));
        let states = kept(1..=3);
        states.write(&path).unwrap();
        assert_eq!(States::read(&path, "run").unwrap(), states);
        assert_eq!(States::read(&path, "other").unwrap(), States::new("other"));
        std::fs::write(&path, "not states").unwrap();
        assert!(matches!(
            States::read(&path, "run"),
            Err(CheckpointError::Damaged { .. })
        ));
    }
}
