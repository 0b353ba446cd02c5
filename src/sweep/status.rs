//! How far a sweep is, read from its result files alone.

use super::chunk::{self, Look, State};
use super::error::SweepError;
use super::journal;
use super::plan::Plan;

/// How far a sweep is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// All runs.
    pub runs: u64,
    /// Runs in finished chunks.
    pub done: u64,
    /// Of these, runs that failed.
    pub failed: u64,
    /// Runs in journals of unfinished chunks.
    pub at_work: u64,
    /// All chunks.
    pub chunks: u64,
    /// Chunks that are not done.
    pub missing: Vec<u64>,
    /// Chunks whose files are damaged, and why.
    pub damaged: Vec<(u64, String)>,
    /// Time of all cores together that the finished chunks took, s.
    pub core_seconds: f64,
}

/// Looks at every chunk.
///
/// # Errors
/// The file system.
pub fn status(plan: &Plan, look: Look) -> Result<Status, SweepError> {
    let manifest = &plan.manifest;
    let mut status = Status {
        runs: manifest.runs,
        chunks: manifest.chunks(),
        ..Status::default()
    };
    for chunk in 0..manifest.chunks() {
        match chunk::state(plan, chunk, look)? {
            State::Done(commit) => {
                status.done += commit.rows;
                status.failed += commit.failed;
                status.core_seconds += commit.core_seconds;
            }
            State::Missing => status.missing.push(chunk),
            State::Damaged(reason) => status.damaged.push((chunk, reason)),
        }
    }
    if !status.missing.is_empty() {
        let journals = journal::files(&plan.layout.journal());
        let rows = journals.iter().flat_map(|path| journal::read(path));
        let keys: std::collections::HashSet<_> = rows.map(|row| row.key).collect();
        status.at_work = keys.len() as u64;
    }
    Ok(status)
}

impl Status {
    /// Chunks that are to be run.
    pub fn open(&self) -> Vec<u64> {
        let damaged = self.damaged.iter().map(|(chunk, _)| *chunk);
        let mut open: Vec<u64> = self.missing.iter().copied().chain(damaged).collect();
        open.sort_unstable();
        open
    }

    /// Time of one core that the rest takes at the rate so far, s.
    pub fn core_seconds_left(&self) -> Option<f64> {
        let known = self.done > 0 && self.core_seconds > 0.0;
        let left = (self.runs - self.done) as f64;
        known.then(|| left * self.core_seconds / self.done as f64)
    }
}

/// Numbers as ranges: `3, 7-9`; at most `most` of them.
pub fn ranges(numbers: &[u64], most: usize) -> String {
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match spans.last_mut() {
            Some(last) if last.1 + 1 == number => last.1 = number,
            _ => spans.push((number, number)),
        }
    }
    let span = |(from, to): &(u64, u64)| match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}"),
    };
    let mut text = spans
        .iter()
        .take(most)
        .map(span)
        .collect::<Vec<_>>()
        .join(", ");
    if spans.len() > most {
        text += ", ...";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(ranges(&[3, 7, 8, 9, 11], 9), "3, 7-9, 11");
        assert_eq!(ranges(&[1, 3, 5], 2), "1, 3, ...");
        assert_eq!(ranges(&[], 2), "");
    }
}
