//! A run with what came of it.

use super::job::Key;
use super::outcome::Outcome;
use serde::{Deserialize, Serialize};

/// A run that has ended. Which number it has in a plan is not part of it, so that a later
/// plan can take it over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Key of the run.
    pub key: Key,
    /// Seed of its structure.
    pub seed: u64,
    /// What came of it.
    pub outcome: Outcome,
}

impl Row {
    /// Whether it failed.
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }
}
