//! The results of a chunk: a series file and a summary under names of their own, and a
//! record that names both with their hashes. The record is published last, by linking, so
//! that of several workers one wins and nothing half done ever counts. Its files are
//! believed only after their hashes are.

use super::error::SweepError;
use super::job::{Job, Key, hexadecimal};
use super::layout::{Layout, publish_first, token};
use super::plan::Plan;
use super::row::Row;
use super::{series_file, summary_file, summary_reading};
use crate::numerics::hash;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What makes a chunk's files count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// Key of the plan.
    pub plan: String,
    /// Number of the chunk in it.
    pub chunk: u64,
    /// Its first run.
    pub first: u64,
    /// Number of runs.
    pub rows: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Time that simulating took on all cores together, s.
    pub core_seconds: f64,
    /// Hash of the keys of its runs.
    pub keys: String,
    /// Series and summary.
    pub files: [Stored; 2],
}

/// A file with its content's hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Name in the folder of chunks.
    pub name: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
}

/// How a chunk stands.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Not done.
    Missing,
    /// Done.
    Done(Box<Commit>),
    /// There, but not what it should be; why.
    Damaged(String),
}

/// How closely files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Their lengths.
    Brief,
    /// Every byte.
    Whole,
}

/// Writes the rows of a chunk and publishes them; false if another worker was first.
///
/// # Errors
/// The file system; files that do not read back. Nothing half written remains.
pub fn publish(
    plan: &Plan,
    job: &Job<'_>,
    chunk: u64,
    rows: Vec<Row>,
    core_seconds: f64,
) -> Result<bool, SweepError> {
    let folder = plan.layout.chunks();
    SweepError::at(&folder, std::fs::create_dir_all(&folder))?;
    let stem = format!("{}-{}", Layout::stem(chunk), token());
    let paths = ["h5", "parquet"].map(|end| folder.join(format!("{stem}.{end}")));
    let outcome = write(plan, job, chunk, rows, &paths, core_seconds).and_then(|commit| {
        let path = plan.layout.commit(chunk);
        SweepError::at(&path, publish_first(&path, commit.text().as_bytes()))
    });
    if !matches!(outcome, Ok(true)) {
        for path in &paths {
            // The first error is the one worth telling.
            let _ = std::fs::remove_file(path);
        }
    }
    outcome
}

fn write(
    plan: &Plan,
    job: &Job<'_>,
    chunk: u64,
    rows: Vec<Row>,
    [series, summary]: &[PathBuf; 2],
    core_seconds: f64,
) -> Result<Commit, SweepError> {
    let first = plan.manifest.runs_of(chunk).start;
    let keys: Vec<Key> = rows.iter().map(|row| row.key).collect();
    let failed = rows.iter().filter(|row| row.failed()).count() as u64;
    let mut series_writer = series_file::SeriesWriter::new(series, job)?;
    for (run, row) in (first..).zip(&rows) {
        series_writer.push(run, row)?;
    }
    series_writer.finish()?;
    let mut summary_writer = summary_file::SummaryWriter::new(summary, job)?;
    for (run, row) in (first..).zip(rows) {
        summary_writer.push(run, row)?;
    }
    summary_writer.finish()?;
    let commit = Commit {
        plan: plan.manifest.key.clone(),
        chunk,
        first,
        rows: keys.len() as u64,
        failed,
        core_seconds,
        keys: digest(&keys),
        files: [Stored::of(series)?, Stored::of(summary)?],
    };
    let back = summary_reading::read(summary, &scalars(job))?;
    if back.iter().map(|row| row.key).ne(keys) {
        return Err(SweepError::damaged(summary, "it does not read back"));
    }
    Ok(commit)
}

fn digest(keys: &[Key]) -> String {
    hash::key(&[&keys.concat()])
}

fn scalars(job: &Job<'_>) -> Vec<String> {
    job.columns.scalars.iter().map(|s| s.name.clone()).collect()
}

impl Stored {
    fn of(path: &Path) -> Result<Self, SweepError> {
        let name = path.file_name().unwrap_or_default();
        let bytes = SweepError::at(path, std::fs::metadata(path))?.len();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            bytes,
            sha256: SweepError::at(path, hash::files(&[path]))?,
        })
    }

    /// What is wrong with it, if anything is.
    fn fault(&self, folder: &Path, look: Look) -> Option<String> {
        let path = folder.join(&self.name);
        let Ok(found) = std::fs::metadata(&path) else {
            return Some(format!("{} is missing", self.name));
        };
        if found.len() != self.bytes {
            let found = found.len();
            return Some(format!(
                "{} has {found} bytes, not {}",
                self.name, self.bytes
            ));
        }
        if look == Look::Brief {
            return None;
        }
        match hash::files(&[&path]) {
            Ok(sha256) if sha256 == self.sha256 => None,
            Ok(_) => Some(format!(
                "{} has another checksum than when it was written",
                self.name
            )),
            Err(error) => Some(format!("{} cannot be read: {error}", self.name)),
        }
    }
}

impl Commit {
    /// The record behind its own hash.
    fn text(&self) -> String {
        // Numbers and texts always have a JSON form.
        let json = serde_json::to_string(self).unwrap_or_default();
        let hash = hash::key(&[json.as_bytes()]);
        format!("{json}\n{hash}\n")
    }

    /// Reads a record.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text =
            std::fs::read_to_string(path).map_err(|e| format!("its record cannot be read: {e}"))?;
        let mut lines = text.lines();
        let (json, hash) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
        if hash::key(&[json.as_bytes()]) != hash {
            return Err("its record is torn or altered".into());
        }
        serde_json::from_str(json).map_err(|e| format!("its record is unreadable: {e}"))
    }

    /// The first fault of its files, if there is one.
    pub fn fault(&self, folder: &Path, look: Look) -> Option<String> {
        self.files.iter().find_map(|file| file.fault(folder, look))
    }

    /// The rows with their series.
    ///
    /// # Errors
    /// Files that do not hold what the record says.
    pub fn rows(&self, folder: &Path, job: &Job<'_>) -> Result<Vec<Row>, SweepError> {
        let [series, summary] = self.files.each_ref().map(|file| folder.join(&file.name));
        let mut rows = summary_reading::read(&summary, &scalars(job))?;
        let keys: Vec<Key> = rows.iter().map(|row| row.key).collect();
        if digest(&keys) != self.keys {
            return Err(SweepError::damaged(
                &summary,
                "it holds other runs than its record says",
            ));
        }
        series_file::read_into(&mut rows, self.first, &series, &job.columns)?;
        Ok(rows)
    }
}

/// How a chunk of a plan stands.
///
/// # Errors
/// The file system.
pub fn state(plan: &Plan, chunk: u64, look: Look) -> Result<State, SweepError> {
    let path = plan.layout.commit(chunk);
    if !path.exists() {
        return Ok(State::Missing);
    }
    let commit = match Commit::read(&path) {
        Ok(commit) => commit,
        Err(reason) => return Ok(State::Damaged(reason)),
    };
    if let Some(fault) = commit.fault(&plan.layout.chunks(), look) {
        return Ok(State::Damaged(fault));
    }
    let planned = plan.manifest.runs_of(chunk);
    // A worker of an earlier plan may have come late.
    let own = commit.plan == plan.manifest.key
        && commit.first == planned.start
        && commit.rows == planned.end - planned.start;
    if !own {
        return Ok(State::Damaged("it is of another plan".into()));
    }
    if look == Look::Whole {
        let keys = plan.keys(planned)?;
        let keys: Vec<Key> = keys.into_iter().map(|(key, _)| key).collect();
        if digest(&keys) != commit.keys {
            return Ok(State::Damaged(
                "it holds other runs than are planned".into(),
            ));
        }
    }
    Ok(State::Done(Box::new(commit)))
}

/// Puts the files of a damaged chunk aside, with the reason, so that it counts as missing.
///
/// # Errors
/// The file system.
pub fn quarantine(plan: &Plan, chunk: u64, reason: &str) -> Result<PathBuf, SweepError> {
    let record = plan.layout.commit(chunk);
    let name = format!("{}-{}", Layout::stem(chunk), token());
    let place = plan.layout.quarantine().join(name);
    SweepError::at(&place, std::fs::create_dir_all(&place))?;
    let note = place.join("reason.txt");
    SweepError::at(&note, std::fs::write(&note, format!("{reason}\n")))?;
    let named = Commit::read(&record).map(|commit| commit.files.map(|file| file.name));
    // The record first: without it nothing counts.
    let own = record
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for name in std::iter::once(own).chain(named.into_iter().flatten()) {
        let from = plan.layout.chunks().join(&name);
        match std::fs::rename(&from, place.join(&name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(SweepError::at::<()>(&from, Err(error))
                    .err()
                    .unwrap_or_else(|| SweepError::damaged(&from, "it cannot be moved")));
            }
            _ => {}
        }
    }
    Ok(place)
}

/// Keys in words: for messages.
pub fn short(key: &Key) -> String {
    hexadecimal(&key[..6])
}
