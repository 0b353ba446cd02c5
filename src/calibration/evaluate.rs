//! Points evaluated: every group of cells that is read together is simulated once for
//! every scenario it has, so that a parameter costs only the cells it touches.

use super::journal::{Journal, Value};
use super::plan::Plan;
use super::structures::{Structure, Structures, reduced};
use super::world::scenarios;
use super::{CalibrationError, Progress};
use crate::numerics::hash;
use crate::scenario::Scenario;
use crate::simulation::run::key;
use crate::simulation::{RunError, Wanted, age};
use crate::validation::{Bound, SimulatedCell};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Cells whose numbers are read together.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    /// Name, document and what is asked of each.
    cells: Vec<(String, usize, Wanted)>,
    /// Which of the plan's observations are read from them.
    observations: Vec<usize>,
}

/// Evaluates points of a plan.
pub(super) struct Evaluator<'a> {
    plan: &'a Plan,
    groups: Vec<Group>,
    structures: Structures,
    journal: Mutex<Journal>,
    interrupt: &'a AtomicBool,
    observe: &'a (dyn Fn(Progress) + Sync),
    state: Mutex<State>,
}

/// How far the fit is.
#[derive(Debug, Clone)]
struct State {
    stage: &'static str,
    done: usize,
    of: usize,
    best: f64,
    simulated: usize,
}

/// The cells of a group: name, what is asked, and the scenario at a point.
type Asked<'a> = Vec<(&'a str, &'a Wanted, Scenario)>;

/// A group at a point, to be simulated.
struct Job<'a> {
    key: String,
    group: &'a Group,
    cells: Asked<'a>,
}

impl<'a> Evaluator<'a> {
    /// An evaluator that keeps what it simulates in `folder`.
    pub fn new(
        plan: &'a Plan,
        folder: &Path,
        interrupt: &'a AtomicBool,
        observe: &'a (dyn Fn(Progress) + Sync),
    ) -> Result<Self, CalibrationError> {
        let kept = folder.join("structures");
        std::fs::create_dir_all(&kept).map_err(|source| CalibrationError::File {
            path: kept.clone(),
            source,
        })?;
        let journal = Journal::open(&folder.join("journal"))
            .map_err(|(path, source)| CalibrationError::File { path, source })?;
        Ok(Self {
            plan,
            groups: groups(plan),
            structures: Structures::in_folder(&kept),
            journal: Mutex::new(journal),
            interrupt,
            observe,
            state: Mutex::new(State {
                stage: "",
                done: 0,
                of: 0,
                best: f64::INFINITY,
                simulated: 0,
            }),
        })
    }

    /// Begins a stage with `ahead` points until the end of the fit, at most.
    pub fn stage(&self, stage: &'static str, ahead: usize) {
        let mut state = self.state();
        (state.stage, state.of) = (stage, state.done + ahead);
    }

    /// Tells the best loss so far.
    pub fn best(&self, loss: f64) {
        let mut state = self.state();
        state.best = state.best.min(loss);
    }

    /// Points evaluated so far, and simulations that were not kept from before.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.done, state.simulated)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Scenarios of the numbers, each once, in the order of the plan's documents.
    pub fn scenarios_of(&self, observations: &BTreeSet<usize>) -> Vec<usize> {
        let touched = self
            .groups
            .iter()
            .filter(|group| group.observations.iter().any(|i| observations.contains(i)));
        let all: BTreeSet<usize> = touched
            .flat_map(|group| group.cells.iter().map(|(_, document, _)| *document))
            .collect();
        all.into_iter().collect()
    }

    /// What every observation of the plan reads at each of the points (shares of the way
    /// between the bounds).
    pub fn values(&self, points: &[Vec<f64>]) -> Result<Vec<Vec<Value>>, CalibrationError> {
        let worlds: Vec<_> = points
            .par_iter()
            .map(|point| scenarios(self.plan, point))
            .collect();
        let mut answers =
            vec![vec![Err(String::new()); self.plan.observations.len()]; points.len()];
        let mut pending: BTreeMap<String, Job<'_>> = BTreeMap::new();
        let mut keys: Vec<Vec<Result<String, String>>> = Vec::new();
        for world in &worlds {
            let mut row = Vec::new();
            for group in &self.groups {
                let made = self.cells(group, world);
                row.push(made.map(|(key, cells)| {
                    if self.known(&key).is_none() {
                        let job = Job {
                            key: key.clone(),
                            group,
                            cells,
                        };
                        pending.entry(key.clone()).or_insert(job);
                    }
                    key
                }));
            }
            keys.push(row);
        }
        self.simulate(pending.into_values().collect(), points.len())?;
        for (row, answer) in keys.into_iter().zip(&mut answers) {
            for (group, key) in self.groups.iter().zip(row) {
                let values = match key {
                    Ok(key) => self.known(&key).unwrap_or_default(),
                    Err(reason) => vec![Err(reason); group.observations.len()],
                };
                for (index, value) in group.observations.iter().zip(values) {
                    answer[*index] = value;
                }
            }
        }
        Ok(answers)
    }

    fn known(&self, key: &str) -> Option<Vec<Value>> {
        let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.get(key).cloned()
    }

    /// The key of a group at a point and its scenarios, or why one is refused.
    fn cells<'b>(
        &self,
        group: &'b Group,
        world: &super::world::Scenarios,
    ) -> Result<(String, Asked<'b>), String> {
        let mut cells = Vec::new();
        let mut parts = Vec::new();
        for (name, document, wanted) in &group.cells {
            let scenario = world
                .get(document)
                .ok_or("the scenario was not read")?
                .as_ref()
                .map_err(Clone::clone)?;
            parts.push(format!("{name} {} {wanted:?}", key(scenario)));
            cells.push((name.as_str(), wanted, scenario.clone()));
        }
        for index in &group.observations {
            parts.push(format!("{:?}", self.plan.observations[*index].reading));
        }
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        Ok((hash::key(&parts), cells))
    }

    /// Simulates jobs side by side; structures first, each once.
    fn simulate(&self, jobs: Vec<Job<'_>>, points: usize) -> Result<(), CalibrationError> {
        let mut missing: BTreeMap<String, Scenario> = BTreeMap::new();
        for (_, _, scenario) in jobs.iter().flat_map(|job| &job.cells) {
            let small = reduced(scenario);
            let name = key(&small);
            if !missing.contains_key(&name) && self.structures.known(&name).is_none() {
                missing.insert(name, small);
            }
        }
        let work = missing.len() + jobs.len();
        let finished = AtomicUsize::new(0);
        let tell = |count: usize| {
            let state = self.state();
            let share = count as f64 / work.max(1) as f64;
            (self.observe)(Progress {
                stage: state.stage,
                done: state.done as f64 + share * points as f64,
                of: state.of.max(state.done + points),
                best: state.best,
            });
        };
        let stopped = || self.interrupt.load(Ordering::Relaxed);
        missing.into_par_iter().for_each(|(_, small)| {
            if !stopped() {
                self.structures.make(&small);
                tell(finished.fetch_add(1, Ordering::Relaxed) + 1);
            }
        });
        let done: Result<Vec<()>, CalibrationError> = jobs
            .into_par_iter()
            .map(|job| {
                if stopped() {
                    return Err(CalibrationError::Interrupted);
                }
                let values = self.job(&job)?;
                let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
                journal
                    .put(&job.key, values)
                    .map_err(|source| CalibrationError::File {
                        path: "journal".into(),
                        source,
                    })?;
                drop(journal);
                self.state().simulated += 1;
                tell(finished.fetch_add(1, Ordering::Relaxed) + 1);
                Ok(())
            })
            .collect();
        done?;
        if stopped() {
            return Err(CalibrationError::Interrupted);
        }
        self.state().done += points;
        tell(0);
        Ok(())
    }

    fn job(&self, job: &Job<'_>) -> Result<Vec<Value>, CalibrationError> {
        let mut bound: Vec<(&str, Bound)> = Vec::new();
        for (name, wanted, scenario) in &job.cells {
            let structure = self.structures.known(&key(&reduced(scenario)));
            let cell = match structure {
                Some(Ok(structure)) => self.cell(scenario, &structure, wanted)?,
                Some(Err(reason)) => Err(reason),
                None => Err("its structure was not made".into()),
            };
            bound.push((name, cell));
        }
        let read = |index: &usize| self.plan.observations[*index].read(&bound);
        Ok(job.group.observations.iter().map(read).collect())
    }

    fn cell(
        &self,
        scenario: &Scenario,
        structure: &Structure,
        wanted: &Wanted,
    ) -> Result<Bound, CalibrationError> {
        let Structure {
            statistics,
            transport,
        } = structure;
        match age(scenario, statistics, transport, wanted, self.interrupt) {
            Ok(aged) => Ok(Ok(Arc::new(SimulatedCell {
                scenario: scenario.clone(),
                transport: transport.clone(),
                series: aged.series,
                cycles: aged.cycles,
                spectra: aged.spectra,
            }))),
            Err(RunError::Interrupted { .. }) => Err(CalibrationError::Interrupted),
            Err(error) => Ok(Err(error.to_string())),
        }
    }
}

/// The plan's cells, joined where a number is read from several.
fn groups(plan: &Plan) -> Vec<Group> {
    let mut groups: Vec<(usize, BTreeSet<&str>, Vec<usize>)> = Vec::new();
    for (index, observation) in plan.observations.iter().enumerate() {
        let mut cells: BTreeSet<&str> = observation.asked.keys().map(String::as_str).collect();
        let mut indices = vec![index];
        let touches = |(space, names, _): &(usize, BTreeSet<&str>, Vec<usize>)| {
            *space == observation.space && !names.is_disjoint(&cells)
        };
        let (joined, apart): (Vec<_>, Vec<_>) = groups.drain(..).partition(touches);
        groups = apart;
        for (_, names, others) in joined {
            cells.extend(names);
            indices.extend(others);
        }
        indices.sort_unstable();
        groups.push((observation.space, cells, indices));
    }
    groups.sort_by_key(|(_, _, indices)| indices[0]);
    let group = |(space, names, observations): (usize, BTreeSet<&str>, Vec<usize>)| {
        let cells = names.iter().filter_map(|name| {
            let known = plan.spaces[space].cells.iter();
            let document = known.clone().find(|(cell, _)| cell == name)?.1;
            let mut wanted = Wanted::default();
            for index in &observations {
                if let Some(asked) = plan.observations[*index].asked.get(*name) {
                    wanted.cycles.extend(&asked.cycles);
                    wanted.spectra.extend(&asked.spectra);
                }
            }
            Some(((*name).to_owned(), document, wanted))
        });
        Group {
            cells: cells.collect(),
            observations,
        }
    };
    groups.into_iter().map(group).collect()
}
