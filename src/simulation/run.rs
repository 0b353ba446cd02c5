//! The whole chain: from a scenario to everything a run leaves behind.

use super::attribution::Ledger;
use super::blocks::{History, Plan, next_cycle};
use super::checkpoint::{Checkpoint, CheckpointError};
use super::cursor::Cursor;
use super::cycling::Gathered;
use super::march::Cell;
use super::spectra::{Untaken, take_spectrum};
use super::states::States;
use super::wanted::{Aged, Extent, Wanted};
use crate::electrode::{Electrode, ModelError, State};
use crate::impedance::linearise::AlternatingCurrent;
use crate::microstructure::{
    Microstructure, MicrostructureError, MicrostructureStatistics, generate, import,
};
use crate::numerics::hash;
use crate::record::{Attribution, RunRecord, Spectrum, TimeSeries};
use crate::scenario::{Block, ImpedanceRequest, Loaded, Scenario, Stop};
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
        /// Cycles of the whole protocol, if no stop condition is met.
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
    /// The spectrum that alone was wanted could not be taken.
    #[error(transparent)]
    Spectrum(#[from] Untaken),
    /// Stopped from outside; the checkpoint holds everything so far.
    #[error("stopped after cycle {done} of {of}")]
    Interrupted {
        /// Finished cycles.
        done: usize,
        /// Cycles of the whole protocol, if no stop condition is met.
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
    let made = structure(&loaded.scenario, observe)?;
    run_on(loaded, made, supervision, observe)
}

/// Runs a scenario on a structure and its transport that are there already, as [`structure`]
/// makes them. Of the structure only the statistics are read.
///
/// # Errors
/// As [`run`].
pub fn run_on(
    loaded: &Loaded,
    (microstructure, transport): (Microstructure, EffectiveTransport),
    supervision: Supervision,
    observe: &mut dyn FnMut(Event),
) -> Result<RunRecord, RunError> {
    let scenario = &loaded.scenario;
    let model = Electrode::new(scenario, &microstructure.statistics, &transport)?;
    let mut progress = Progress::start(scenario, &model, supervision)?;
    progress.cycle_all(scenario, &model, (supervision, Extent::Whole), observe)?;
    Ok(RunRecord {
        scenario: scenario.clone(),
        scenario_text: loaded.text.clone(),
        key: progress.key,
        microstructure,
        transport,
        series: progress.gathered.series,
        steps: progress.gathered.steps,
        cycles: progress.gathered.cycles,
        spectra: progress.spectra,
        attributions: progress.attributions,
    })
}

/// Runs `scenario` on a structure measured before, as far as something is `wanted` of it.
///
/// # Errors
/// [`RunError`] if the cell cannot be put together, or after `interrupt` was set.
pub fn age(
    scenario: &Scenario,
    statistics: &MicrostructureStatistics,
    transport: &EffectiveTransport,
    wanted: &Wanted,
    interrupt: &AtomicBool,
) -> Result<Aged, RunError> {
    let mut scenario = scenario.clone();
    scenario.attribution.clear();
    let model = Electrode::new(&scenario, statistics, transport)?;
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt,
    };
    let mut progress = Progress::start(&scenario, &model, supervision)?;
    let extent = Extent::Wanted(wanted);
    progress.cycle_all(&scenario, &model, (supervision, extent), &mut |_| {})?;
    Ok(Aged {
        series: progress.gathered.series,
        cycles: progress.gathered.cycles,
        spectra: progress.spectra,
    })
}

/// The spectrum after one of the cycles of an earlier run of the same scenario, from the
/// state that the run has kept in the file `kept`, without cycling the cell again; `None`
/// if it has not kept that one.
///
/// # Errors
/// [`RunError`] if the file is damaged, the structure cannot be made, or the cell cannot
/// be brought to where `request` says.
pub fn spectrum_of_run(
    loaded: &Loaded,
    kept: &Path,
    (request, cycle): (&ImpedanceRequest, usize),
    observe: &mut dyn FnMut(Event),
) -> Result<Option<RunRecord>, RunError> {
    let scenario = &loaded.scenario;
    let key = key(scenario);
    let states = States::read(kept, &key)?;
    let Some(vector) = states.after(cycle) else {
        return Ok(None);
    };
    let (microstructure, transport) = structure(scenario, observe)?;
    let model = Electrode::new(scenario, &microstructure.statistics, &transport)?;
    let mut state = model.initial_state();
    if !state.restore(vector) {
        return Err(CheckpointError::Damaged { path: kept.into() }.into());
    }
    let cell = Cell::new(&model, state, scenario.numerics.tolerance);
    let ac = AlternatingCurrent::new(scenario);
    let spectrum = take_spectrum(scenario, &cell, request, &ac, cycle)?;
    Ok(Some(RunRecord {
        scenario: scenario.clone(),
        scenario_text: loaded.text.clone(),
        key,
        microstructure,
        transport,
        series: TimeSeries::default(),
        steps: Vec::new(),
        cycles: Vec::new(),
        spectra: vec![spectrum],
        attributions: Vec::new(),
    }))
}

/// A run under way.
struct Progress {
    key: String,
    fresh: State,
    state: State,
    gathered: Gathered,
    history: History,
    spectra: Vec<Spectrum>,
    attributions: Vec<Attribution>,
    states: States,
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
            history: History::default(),
            spectra: Vec::new(),
            attributions: Vec::new(),
            states: States::new(&key),
            saved: Instant::now(),
            key,
        };
        if let (true, Some(path)) = (supervision.resume, supervision.checkpoint) {
            let checkpoint = Checkpoint::load(path, &progress.key)?;
            if !progress.state.restore(&checkpoint.state) {
                return Err(CheckpointError::Damaged { path: path.into() }.into());
            }
            progress.gathered = checkpoint.gathered;
            progress.history = checkpoint.history;
            progress.spectra = checkpoint.spectra;
            progress.attributions = checkpoint.attributions;
            progress.states = States::read(&States::beside(path), &progress.key)?;
        }
        Ok(progress)
    }

    fn cycle_all(
        &mut self,
        scenario: &Scenario,
        model: &Electrode,
        (supervision, extent): (Supervision, Extent),
        observe: &mut dyn FnMut(Event),
    ) -> Result<(), RunError> {
        let simulated = extent.simulated(scenario);
        let of: usize = scenario.protocol.iter().map(Block::cycles).sum();
        let ac = AlternatingCurrent::new(scenario);
        let mut cell = Cell::new(model, self.state.clone(), scenario.numerics.tolerance);
        let mut ledger = Ledger::new(model, scenario);
        let mut cursor = Cursor::new(&scenario.protocol);
        for index in 0..self.gathered.cycles.len() {
            // Done before the checkpoint.
            cursor.skip(self.gathered.cycles[index].skipped as usize);
            cursor.advance(&self.gathered);
        }
        while let Some(block) = cursor.block().filter(|_| extent.reaches(cursor.cycle())) {
            if cursor.starts_block() {
                self.history.restart();
            }
            let plan = Plan {
                scenario,
                block,
                fresh: &self.fresh,
            };
            let most = cursor.dispensable(&simulated);
            let most = u32::try_from(most).unwrap_or(u32::MAX);
            next_cycle(
                &mut cell,
                &plan,
                &mut self.gathered,
                &mut self.history,
                most,
            );
            let last = self.gathered.cycles.last();
            cursor.skip(last.map_or(0, |cycle| cycle.skipped) as usize);
            let done = cursor.cycle();
            let due = cursor.spectra().into_iter();
            for request in due.filter(|_| extent.takes_spectra(done)) {
                match take_spectrum(scenario, &cell, request, &ac, done) {
                    Ok(spectrum) => self.spectra.push(spectrum),
                    Err(reason) => self.note(&reason.to_string()),
                }
            }
            self.attributions
                .extend(ledger.after(done, block, &cell.state));
            if let Some(stop) = cursor.advance(&self.gathered) {
                self.note(&format!("block ended: {}", reason(stop)));
            }
            observe(Event::Cycle { done, of });
            self.state = cell.state.clone();
            if supervision.checkpoint.is_some() {
                let last = cursor.block().is_none();
                self.states.keep(done, &self.state, last);
            }
            let stop = supervision.interrupt.load(Ordering::Relaxed) && cursor.block().is_some();
            self.keep(supervision, stop)?;
            if stop {
                return Err(RunError::Interrupted { done, of });
            }
        }
        if let Some(path) = supervision.checkpoint {
            self.states.write(&States::beside(path))?;
        }
        Ok(())
    }

    /// Adds a remark to the last cycle.
    fn note(&mut self, remark: &str) {
        if let Some(cycle) = self.gathered.cycles.last_mut() {
            if !cycle.note.is_empty() {
                cycle.note += "; ";
            }
            cycle.note += remark;
        }
    }

    /// Writes the checkpoint if it is time to, or at once if `now`.
    fn keep(&mut self, supervision: Supervision, now: bool) -> Result<(), RunError> {
        let Some(path) = supervision.checkpoint else {
            return Ok(());
        };
        if now || self.saved.elapsed() >= CHECKPOINT_INTERVAL {
            // First, so that they reach at least as far as the checkpoint.
            self.states.write(&States::beside(path))?;
            Checkpoint {
                key: self.key.clone(),
                state: self.state.as_slice().to_vec(),
                gathered: self.gathered.clone(),
                history: self.history.clone(),
                spectra: self.spectra.clone(),
                attributions: self.attributions.clone(),
            }
            .save(path)?;
            self.saved = Instant::now();
        }
        Ok(())
    }
}

/// Why a block ended early.
fn reason(stop: Stop) -> String {
    let fallen = |share: f64, whose: &str| {
        let percent = (1e4 * share).round() / 100.0;
        format!("the discharge has fallen to {percent} % of {whose}")
    };
    match stop {
        Stop::ShareOfFirst(share) => fallen(share, "the first"),
        Stop::ShareOfBlock(share) => fallen(share, "the block's first"),
        Stop::Capacity(charge) => {
            format!("the discharge has fallen to {:.4} mAh/cm2", charge / 3.6e4)
        }
        Stop::Voltage(voltage) => format!("the voltage has fallen to {voltage:.4} V"),
        Stop::Time(time) => format!("{:.4} h have passed", time / 3600.0),
    }
}
