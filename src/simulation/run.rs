//! The whole chain: from a scenario to everything a run leaves behind.

use super::attribution::Ledger;
use super::checkpoint::{Checkpoint, CheckpointError};
use super::cycling::{Gathered, run_cycle};
use super::march::Cell;
use super::spectra::take_spectrum;
use crate::electrode::{Electrode, ModelError, State};
use crate::impedance::linearise::AlternatingCurrent;
use crate::microstructure::{Microstructure, MicrostructureError, generate, import};
use crate::numerics::hash;
use crate::record::{Attribution, RunRecord, Spectrum};
use crate::scenario::{Block, Loaded, Scenario};
use crate::transport::{EffectiveTransport, TransportError, effective_transport};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Longest time between two checkpoints while cycling.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(1);

/// What a run tells while it works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The structure is being generated or read: share done.
    Microstructure(f64),
    /// Effective transport is being solved: share done.
    Transport(f64),
    /// Cycles done and in all.
    Cycle {
        /// Finished cycles.
        done: usize,
        /// Cycles of the whole protocol.
        of: usize,
    },
}

/// Why a run ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The structure cannot be generated or read.
    #[error(transparent)]
    Microstructure(#[from] MicrostructureError),
    /// The structure cannot conduct.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The cell cannot be put together.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The checkpoint cannot be used or written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Stopped from outside; the checkpoint holds everything so far.
    #[error("stopped after cycle {done} of {of}")]
    Interrupted {
        /// Finished cycles.
        done: usize,
        /// Cycles of the whole protocol.
        of: usize,
    },
}

/// Where a run keeps its checkpoint and how it is stopped.
#[derive(Debug, Clone, Copy)]
pub struct Supervision<'a> {
    /// The checkpoint file; `None` to keep none.
    pub checkpoint: Option<&'a Path>,
    /// Whether to go on from that file.
    pub resume: bool,
    /// Set to true from outside to stop at the next end of a cycle.
    pub interrupt: &'a AtomicBool,
}

/// Key of a run: what is asked, resolved, and the version of the model.
pub fn key(scenario: &Scenario) -> String {
    let mut scenario = scenario.clone();
    if let Some(image) = &mut scenario.image {
        // What an image holds counts, by its hash; not where it lies.
        image.file = PathBuf::new();
    }
    let text = format!("{scenario:?}");
    hash::key(&[env!("CARGO_PKG_VERSION").as_bytes(), text.as_bytes()])
}

/// Structure and effective transport of `scenario`.
///
/// # Errors
/// [`RunError`] if the recipe cannot be packed, the image cannot be read, or the
/// structure does not conduct.
pub fn structure(
    scenario: &Scenario,
    observe: &mut dyn FnMut(Event),
) -> Result<(Microstructure, EffectiveTransport), RunError> {
    let mut progress = |share| observe(Event::Microstructure(share));
    let microstructure = match &scenario.image {
        Some(image) => import(scenario, image, &mut progress)?,
        None => generate(scenario, &mut progress)?,
    };
    let transport = effective_transport(
        &microstructure,
        &scenario.cathode.electrolyte,
        &scenario.cathode.active_material,
        scenario.cathode.carbon.as_ref(),
        scenario.cathode.contact_fraction,
        &mut |share| observe(Event::Transport(share)),
    )?;
    Ok((microstructure, transport))
}

/// Runs a scenario from recipe to record.
///
/// # Errors
/// [`RunError`]; after [`RunError::Interrupted`] the checkpoint holds all cycles done.
pub fn run(
    loaded: &Loaded,
    supervision: Supervision,
    observe: &mut dyn FnMut(Event),
) -> Result<RunRecord, RunError> {
    let scenario = &loaded.scenario;
    let (microstructure, transport) = structure(scenario, observe)?;
    let model = Electrode::new(scenario, &microstructure.statistics, &transport)?;
    let mut progress = Progress::start(scenario, &model, supervision)?;
    progress.cycle_all(scenario, &model, supervision, observe)?;
    Ok(RunRecord {
        scenario: scenario.clone(),
        scenario_text: loaded.text.clone(),
        key: progress.key,
        microstructure,
        transport,
        series: progress.gathered.series,
        cycles: progress.gathered.cycles,
        spectra: progress.spectra,
        attributions: progress.attributions,
    })
}

/// A run under way.
struct Progress {
    key: String,
    fresh: State,
    state: State,
    gathered: Gathered,
    spectra: Vec<Spectrum>,
    attributions: Vec<Attribution>,
    saved: Instant,
}

impl Progress {
    fn start(
        scenario: &Scenario,
        model: &Electrode,
        supervision: Supervision,
    ) -> Result<Self, RunError> {
        let key = key(scenario);
        let fresh = model.initial_state();
        let mut progress = Self {
            state: fresh.clone(),
            fresh,
            gathered: Gathered::default(),
            spectra: Vec::new(),
            attributions: Vec::new(),
            saved: Instant::now(),
            key,
        };
        if let (true, Some(path)) = (supervision.resume, supervision.checkpoint) {
            let checkpoint = Checkpoint::load(path, &progress.key)?;
            if !progress.state.restore(&checkpoint.state) {
                return Err(CheckpointError::Damaged { path: path.into() }.into());
            }
            progress.gathered = checkpoint.gathered;
            progress.spectra = checkpoint.spectra;
            progress.attributions = checkpoint.attributions;
        }
        Ok(progress)
    }

    fn cycle_all(
        &mut self,
        scenario: &Scenario,
        model: &Electrode,
        supervision: Supervision,
        observe: &mut dyn FnMut(Event),
    ) -> Result<(), RunError> {
        let of: usize = scenario.protocol.iter().map(|b| b.repeat).sum();
        let ac = AlternatingCurrent::new(scenario);
        let mut cell = Cell::new(model, self.state.clone(), scenario.numerics.tolerance);
        let mut ledger = Ledger::new(model, scenario);
        let mut index = 0;
        for block in &scenario.protocol {
            for within in 1..=block.repeat {
                index += 1;
                if index <= self.gathered.cycles.len() {
                    continue;
                }
                run_cycle(&mut cell, scenario, block, &self.fresh, &mut self.gathered);
                if wanted(block, within) {
                    self.spectra
                        .extend(take_spectrum(scenario, &cell, block, &ac, index));
                }
                self.attributions
                    .extend(ledger.after(index, block, &cell.state));
                observe(Event::Cycle { done: index, of });
                self.state = cell.state.clone();
                let stop = supervision.interrupt.load(Ordering::Relaxed) && index < of;
                self.keep(supervision, stop)?;
                if stop {
                    return Err(RunError::Interrupted { done: index, of });
                }
            }
        }
        Ok(())
    }

    /// Writes the checkpoint if it is time to, or at once if `now`.
    fn keep(&mut self, supervision: Supervision, now: bool) -> Result<(), RunError> {
        let Some(path) = supervision.checkpoint else {
            return Ok(());
        };
        if now || self.saved.elapsed() >= CHECKPOINT_INTERVAL {
            Checkpoint {
                key: self.key.clone(),
                state: self.state.as_slice().to_vec(),
                gathered: self.gathered.clone(),
                spectra: self.spectra.clone(),
                attributions: self.attributions.clone(),
            }
            .save(path)?;
            self.saved = Instant::now();
        }
        Ok(())
    }
}

fn wanted(block: &Block, cycle: usize) -> bool {
    block
        .impedance
        .as_ref()
        .is_some_and(|request| request.cycles.contains(&cycle))
}
