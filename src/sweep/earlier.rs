//! Results of earlier plans: a run whose key has been simulated before is taken over.

use super::chunk::{Commit, Look};
use super::error::SweepError;
use super::job::{Job, Key};
use super::journal;
use super::layout::Layout;
use super::row::Row;
use super::summary_reading;
use std::collections::HashMap;
use std::path::PathBuf;

/// Where runs of earlier plans are found.
#[derive(Debug, Default)]
pub struct Earlier {
    chunks: Vec<(PathBuf, Commit)>,
    by_key: HashMap<Key, usize>,
    loose: HashMap<Key, Row>,
}

impl Earlier {
    /// Looks through what earlier plans left. Damaged files are passed over.
    pub fn find(layout: &Layout, job: &Job<'_>) -> Self {
        let mut found = Self::default();
        let plans = std::fs::read_dir(layout.earlier())
            .into_iter()
            .flatten()
            .flatten();
        let names: Vec<String> = job.columns.scalars.iter().map(|s| s.name.clone()).collect();
        for plan in plans {
            let folder = plan.path().join("chunks");
            let records = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let records = records.map(|entry| entry.path());
            for path in records.filter(|p| p.extension().is_some_and(|end| end == "json")) {
                let Ok(commit) = Commit::read(&path) else {
                    continue;
                };
                let rows = match commit.fault(&folder, Look::Whole) {
                    None => summary_reading::read(&folder.join(&commit.files[1].name), &names),
                    Some(_) => continue,
                };
                // One with other columns is of another version: its keys would not match.
                for row in rows.into_iter().flatten() {
                    found.by_key.insert(row.key, found.chunks.len());
                }
                found.chunks.push((folder.clone(), commit));
            }
            for path in journal::files(&plan.path().join("journal")) {
                found
                    .loose
                    .extend(journal::read(&path).into_iter().map(|row| (row.key, row)));
            }
        }
        found
    }

    /// Those of `keys` that are known, with their series.
    ///
    /// # Errors
    /// Files that have been damaged since they were found.
    pub fn rows(&self, keys: &[Key], job: &Job<'_>) -> Result<HashMap<Key, Row>, SweepError> {
        let mut rows = HashMap::new();
        let mut files: Vec<usize> = Vec::new();
        for key in keys {
            match (self.by_key.get(key), self.loose.get(key)) {
                (Some(file), _) => files.push(*file),
                (None, Some(row)) => drop(rows.insert(*key, row.clone())),
                (None, None) => {}
            }
        }
        files.sort_unstable();
        files.dedup();
        for file in files {
            let (folder, commit) = &self.chunks[file];
            rows.extend(
                commit
                    .rows(folder, job)?
                    .into_iter()
                    .map(|row| (row.key, row)),
            );
        }
        Ok(rows)
    }
}
