//! A worker: takes chunks, simulates what is not known of them, and publishes them.

use super::chunk::{self, Look, State};
use super::earlier::Earlier;
use super::error::SweepError;
use super::job::{Job, Key, hexadecimal};
use super::journal::{self, Journal};
use super::outcome::Outcome;
use super::parts::{self, Made, Part};
use super::plan::Plan;
use super::row::Row;
use crate::scenario::Loaded;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// How a run is simulated on its structure.
pub type Simulate<'a> = &'a (dyn Fn(&Loaded, &Part) -> Outcome + Sync);

/// What a worker tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// So many structures are to be made or found for the runs that come next.
    Structures(usize),
    /// So many runs were known already, of which so many had failed.
    Known(u64, u64),
    /// A run has ended; whether it failed.
    Run {
        /// Whether it failed.
        failed: bool,
    },
}

/// A worker of a sweep.
pub struct Worker<'w> {
    /// What is run.
    pub plan: &'w Plan,
    /// Its runs.
    pub job: &'w Job<'w>,
    /// How.
    pub simulate: Simulate<'w>,
    /// Set from outside to stop after the runs at hand.
    pub interrupt: &'w AtomicBool,
    /// Hears what happens.
    pub observe: &'w (dyn Fn(Event) + Sync),
}

/// Runs per thread that are taken on together, so that no thread waits for the last of a
/// small chunk.
const RUNS_PER_THREAD: u64 = 64;

/// A chunk at work.
struct Open {
    chunk: u64,
    keys: Vec<(Key, Key)>,
    journal: Journal,
    rows: Vec<Option<Row>>,
    seconds: f64,
}

/// A run to be simulated: place of its chunk, place in it.
type Task = (usize, usize);

impl Worker<'_> {
    /// Works through chunks; those that are done are passed over, damaged ones are put into
    /// quarantine and done again.
    ///
    /// # Errors
    /// [`SweepError::Interrupted`] after `interrupt` was set; the file system. Runs that fail
    /// are no error.
    pub fn work(&self, chunks: &[u64]) -> Result<(), SweepError> {
        let earlier = Earlier::find(&self.plan.layout, self.job);
        let folder = self.plan.layout.journal();
        SweepError::at(&folder, std::fs::create_dir_all(&folder))?;
        let threads = rayon::current_num_threads() as u64;
        let together = (RUNS_PER_THREAD * threads).div_ceil(self.plan.manifest.chunk_size);
        for batch in chunks.chunks(together as usize) {
            self.batch(batch, &earlier)?;
        }
        Ok(())
    }

    fn batch(&self, chunks: &[u64], earlier: &Earlier) -> Result<(), SweepError> {
        let mut open = Vec::new();
        for &chunk in chunks {
            open.extend(self.open(chunk, earlier)?);
        }
        let tasks: Vec<Task> = open
            .iter()
            .enumerate()
            .flat_map(|(c, chunk)| {
                let missing = chunk
                    .rows
                    .iter()
                    .enumerate()
                    .filter(|(_, row)| row.is_none());
                missing.map(move |(i, _)| (c, i))
            })
            .collect();
        let made = self.structures(&open, &tasks)?;
        let one = |task: &Task| self.run(&open[task.0], task.1, &made);
        let ended: Result<Vec<_>, SweepError> = tasks.par_iter().map(one).collect();
        for ((c, i), ended) in tasks.iter().zip(ended?) {
            if let Some((row, seconds)) = ended {
                open[*c].rows[*i] = Some(row);
                open[*c].seconds += seconds;
            }
        }
        for chunk in open {
            let rows: Option<Vec<Row>> = chunk.rows.into_iter().collect();
            let Some(rows) = rows else {
                return Err(self.interrupted());
            };
            chunk::publish(self.plan, self.job, chunk.chunk, rows, chunk.seconds)?;
            journal::clear(&self.plan.layout.journal(), chunk.chunk);
        }
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(self.interrupted());
        }
        Ok(())
    }

    fn interrupted(&self) -> SweepError {
        let of = self.plan.manifest.runs;
        let status = super::status::status(self.plan, Look::Brief);
        let done = status.map_or(0, |status| status.done + status.at_work);
        SweepError::Interrupted { done, of }
    }

    /// Opens a chunk with what is known of it; `None` if it is done.
    fn open(&self, chunk: u64, earlier: &Earlier) -> Result<Option<Open>, SweepError> {
        match chunk::state(self.plan, chunk, Look::Whole)? {
            State::Done(commit) => {
                (self.observe)(Event::Known(commit.rows, commit.failed));
                return Ok(None);
            }
            State::Damaged(reason) => drop(chunk::quarantine(self.plan, chunk, &reason)?),
            State::Missing => {}
        }
        let keys = self.plan.keys(self.plan.manifest.runs_of(chunk))?;
        let folder = self.plan.layout.journal();
        let mut known = journal::rows(&folder, chunk);
        let unknown = keys
            .iter()
            .map(|k| k.0)
            .filter(|key| !known.contains_key(key));
        let unknown: Vec<Key> = unknown.collect();
        known.extend(earlier.rows(&unknown, self.job)?);
        let rows: Vec<_> = keys.iter().map(|k| known.get(&k.0).cloned()).collect();
        let there = || rows.iter().flatten();
        let failed = there().filter(|row| row.failed()).count() as u64;
        (self.observe)(Event::Known(there().count() as u64, failed));
        Ok(Some(Open {
            chunk,
            keys,
            journal: Journal::new(&folder, chunk),
            rows,
            seconds: 0.0,
        }))
    }

    /// The structures that these runs need.
    fn structures(
        &self,
        open: &[Open],
        tasks: &[Task],
    ) -> Result<HashMap<Key, Arc<Made>>, SweepError> {
        let mut wanted = BTreeMap::new();
        for (c, i) in tasks {
            let chunk = &open[*c];
            let run = self.plan.manifest.runs_of(chunk.chunk).start + *i as u64;
            wanted.entry(chunk.keys[*i].1).or_insert(run);
        }
        (self.observe)(Event::Structures(wanted.len()));
        let wanted = wanted
            .into_iter()
            .map(|(key, run)| (hexadecimal(&key), run));
        let scenario = |run| Ok(self.job.build(run)?.loaded.scenario);
        let stopped = || self.interrupt.load(Ordering::Relaxed);
        let folder = self.plan.layout.parts();
        let made = parts::gather(&wanted.collect(), &scenario, &folder, &stopped)?;
        let made = made.into_iter();
        Ok(made
            .map(|(key, part)| (super::job::bytes(&key), part))
            .collect())
    }

    /// Simulates a run and keeps it; with the seconds it took, or `None` if the sweep is stopped.
    fn run(
        &self,
        chunk: &Open,
        i: usize,
        made: &HashMap<Key, Arc<Made>>,
    ) -> Result<Option<(Row, f64)>, SweepError> {
        let (key, part) = chunk.keys[i];
        let part = made
            .get(&part)
            .filter(|_| !self.interrupt.load(Ordering::Relaxed));
        let Some(part) = part else {
            return Ok(None);
        };
        let started = Instant::now();
        let run = self.plan.manifest.runs_of(chunk.chunk).start + i as u64;
        let built = self.job.build(run)?;
        if built.key != key {
            return Err(SweepError::Contradiction(format!(
                "run {} is not what was planned (key {} in place of {}): a file that the scenario names has changed; plan again with --again",
                run + 1,
                chunk::short(&built.key),
                chunk::short(&key)
            )));
        }
        let outcome = match part.as_ref() {
            Ok(part) => catch_unwind(AssertUnwindSafe(|| (self.simulate)(&built.loaded, part)))
                .unwrap_or_else(|_| {
                    Outcome::Failed("internal error: the simulation broke off".into())
                }),
            Err(reason) => Outcome::Failed(reason.clone()),
        };
        let seed = built.loaded.scenario.seed;
        let row = Row { key, seed, outcome };
        chunk.journal.append(&row)?;
        (self.observe)(Event::Run {
            failed: row.failed(),
        });
        Ok(Some((row, started.elapsed().as_secs_f64())))
    }
}
