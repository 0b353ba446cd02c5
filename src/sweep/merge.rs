//! All chunks as one summary and one file of series. Chunks do not show in them: the same
//! bytes come out however the runs were dealt out.

use super::chunk::{Look, State, quarantine, state};
use super::error::SweepError;
use super::job::{Job, Key};
use super::layout::token;
use super::plan::Plan;
use super::series_file::SeriesWriter;
use super::status::ranges;
use super::summary_file::SummaryWriter;
use std::path::{Path, PathBuf};

/// What was merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// All runs.
    pub runs: u64,
    /// Runs that failed.
    pub failed: u64,
    /// The summary.
    pub summary: PathBuf,
    /// The series.
    pub series: PathBuf,
}

/// Ranges of missing chunks that a message names.
const NAMED: usize = 8;

/// Merges a finished sweep. Every file is verified first; damaged ones are put into quarantine.
/// `observe` hears the number of chunks merged.
///
/// # Errors
/// [`SweepError::Contradiction`] naming the chunks that are missing or damaged; the file system.
pub fn merge(plan: &Plan, job: &Job<'_>, observe: &dyn Fn(u64)) -> Result<Merged, SweepError> {
    complete(plan)?;
    let (summary, series) = (plan.layout.summary(), plan.layout.series());
    let temporary = |path: &Path| path.with_extension(format!("{}.tmp", token()));
    let drafts = [temporary(&summary), temporary(&series)];
    let outcome = write(plan, job, &drafts, observe).and_then(|failed| {
        for (draft, path) in drafts.iter().zip([&summary, &series]) {
            SweepError::at(path, std::fs::rename(draft, path))?;
        }
        Ok(failed)
    });
    for draft in &drafts {
        // Gone if all went well.
        let _ = std::fs::remove_file(draft);
    }
    let failed = outcome?;
    clear_orphans(plan);
    Ok(Merged {
        runs: plan.manifest.runs,
        failed,
        summary,
        series,
    })
}

/// Refuses a sweep of which a chunk is missing or damaged.
fn complete(plan: &Plan) -> Result<(), SweepError> {
    let (mut missing, mut damaged) = (Vec::new(), Vec::new());
    for chunk in 0..plan.manifest.chunks() {
        match state(plan, chunk, Look::Whole)? {
            State::Done(_) => {}
            State::Missing => missing.push(chunk),
            State::Damaged(reason) => {
                quarantine(plan, chunk, &reason)?;
                damaged.push(chunk);
            }
        }
    }
    if missing.is_empty() && damaged.is_empty() {
        return Ok(());
    }
    let mut faults = Vec::new();
    if !missing.is_empty() {
        faults.push(format!(
            "{} not done ({})",
            missing.len(),
            ranges(&missing, NAMED)
        ));
    }
    if !damaged.is_empty() {
        let place = plan.layout.quarantine();
        faults.push(format!(
            "{} damaged ({}), now in {}",
            damaged.len(),
            ranges(&damaged, NAMED),
            place.display()
        ));
    }
    Err(SweepError::Contradiction(format!(
        "of {} chunks {}; run them with `engobe sweep resume {}`",
        plan.manifest.chunks(),
        faults.join(", "),
        plan.layout.root.display()
    )))
}

fn write(
    plan: &Plan,
    job: &Job<'_>,
    [summary, series]: &[PathBuf; 2],
    observe: &dyn Fn(u64),
) -> Result<u64, SweepError> {
    let mut summary = SummaryWriter::new(summary, job)?;
    let mut series = SeriesWriter::new(series, job)?;
    let mut failed = 0;
    for chunk in 0..plan.manifest.chunks() {
        let State::Done(commit) = state(plan, chunk, Look::Brief)? else {
            let message = format!("chunk {chunk} vanished while it was merged");
            return Err(SweepError::Contradiction(message));
        };
        let range = plan.manifest.runs_of(chunk);
        let keys: Vec<(Key, Key)> = plan.keys(range.clone())?;
        let rows = commit.rows(&plan.layout.chunks(), job)?;
        if rows.len() != keys.len() || rows.iter().zip(&keys).any(|(row, key)| row.key != key.0) {
            let path = plan.layout.commit(chunk);
            return Err(SweepError::damaged(
                &path,
                "it holds other runs than are planned",
            ));
        }
        for (run, row) in range.zip(rows) {
            failed += u64::from(row.failed());
            series.push(run, &row)?;
            summary.push(run, row)?;
        }
        observe(chunk + 1);
    }
    summary.finish()?;
    series.finish()?;
    Ok(failed)
}

/// Takes away files of chunks that no record names: of workers that were killed, or were
/// second.
fn clear_orphans(plan: &Plan) {
    let folder = plan.layout.chunks();
    let mut named = std::collections::HashSet::new();
    for chunk in 0..plan.manifest.chunks() {
        let record = plan.layout.commit(chunk);
        named.insert(record.clone());
        let commit = super::chunk::Commit::read(&record);
        named.extend(
            commit
                .into_iter()
                .flat_map(|c| c.files)
                .map(|f| folder.join(f.name)),
        );
    }
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        if !named.contains(&entry.path()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
