//! The simulations behind a validation: in parallel, each kept by its content, so that
//! only what changed is simulated again.

use super::reading::SimulatedCell;
use crate::numerics::hash;
use crate::record::{CycleRecord, Spectrum, TimeSeries};
use crate::results::publish;
use crate::scenario::{self, Loaded};
use crate::simulation::{RunError, Supervision, run};
use crate::transport::EffectiveTransport;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// By name of the scenario: the cell for every realisation of its structure (the
/// scenario's own seed first), or why it could not be simulated.
pub type Simulations = BTreeMap<String, Result<Vec<Arc<SimulatedCell>>, String>>;

/// What has just been finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// Whether it was kept from an earlier time.
    pub kept: bool,
}

/// Why there are no simulations at all.
#[derive(Debug, thiserror::Error)]
pub enum RunsError {
    /// The file system refused.
    #[error("cannot write {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Stopped from outside; what was finished is kept.
    #[error("stopped; what was simulated is kept")]
    Interrupted,
}

/// Where scenarios lie and results are kept.
#[derive(Debug, Clone, Copy)]
pub struct Folders<'a> {
    /// The scenario files.
    pub scenarios: &'a Path,
    /// Finished simulations, named by their keys.
    pub kept: &'a Path,
}

/// Simulates the named scenarios with `realisations` structures each, seeds counting up
/// from the scenario's own. A scenario that is refused or fails is an entry with the reason.
///
/// # Errors
/// [`RunsError`] where nothing can be written, or after `interrupt` was set.
pub fn simulate(
    names: &[&str],
    folders: Folders,
    realisations: u32,
    interrupt: &AtomicBool,
    observe: &(dyn Fn(Finished) + Sync),
) -> Result<Simulations, RunsError> {
    std::fs::create_dir_all(folders.kept).map_err(|source| RunsError::File {
        path: folders.kept.into(),
        source,
    })?;
    let jobs: Vec<(&str, u32)> = names
        .iter()
        .flat_map(|name| (0..realisations).map(move |i| (*name, i)))
        .collect();
    let one = |(name, realisation): &(&str, u32)| {
        let path = folders.scenarios.join(format!("{name}.toml"));
        let (found, kept) = match prepare(&path, *realisation) {
            Ok(loaded) => kept_or_new(&loaded, folders.kept, interrupt)?,
            Err(reason) => (Err(reason), false),
        };
        let scenario = *name;
        observe(Finished { scenario, kept });
        Ok((scenario.to_owned(), found))
    };
    // Collected in the order of the jobs, whichever ends first.
    let done: Result<Vec<_>, RunsError> = jobs.par_iter().map(one).collect();
    let mut simulations = Simulations::new();
    for (name, found) in done? {
        let entry = simulations.entry(name).or_insert_with(|| Ok(Vec::new()));
        match (entry, found) {
            (Ok(cells), Ok(cell)) => cells.push(cell),
            (entry @ Ok(_), Err(reason)) => *entry = Err(reason),
            (Err(_), _) => {}
        }
    }
    Ok(simulations)
}

fn prepare(path: &Path, realisation: u32) -> Result<Loaded, String> {
    let mut loaded = scenario::load(path).map_err(|refused| {
        let first = refused.items.first().map(|item| item.message.as_str());
        format!(
            "{} is refused: {}",
            refused.name,
            first.unwrap_or("unknown")
        )
    })?;
    loaded.scenario.seed += u64::from(realisation);
    // Nothing here reads which mechanism cost what.
    loaded.scenario.attribution.clear();
    Ok(loaded)
}

type Cell = Result<Arc<SimulatedCell>, String>;

/// The cell and whether it was kept.
fn kept_or_new(
    loaded: &Loaded,
    folder: &Path,
    interrupt: &AtomicBool,
) -> Result<(Cell, bool), RunsError> {
    let path = folder.join(crate::simulation::run::key(&loaded.scenario));
    if let Some(kept) = std::fs::read(&path).ok().and_then(|bytes| restore(&bytes)) {
        return Ok((Ok(Arc::new(kept.cell(loaded))), true));
    }
    if interrupt.load(Ordering::Relaxed) {
        return Err(RunsError::Interrupted);
    }
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt,
    };
    let record = match run(loaded, supervision, &mut |_| {}) {
        Ok(record) => record,
        Err(RunError::Interrupted { .. }) => return Err(RunsError::Interrupted),
        Err(error) => return Ok((Err(error.to_string()), false)),
    };
    let kept = Kept {
        transport: record.transport,
        series: record.series,
        cycles: record.cycles,
        spectra: record.spectra,
    };
    if let Ok(content) = postcard::to_stdvec(&kept) {
        publish(&path, &hash::sealed(&content))
            .map_err(|source| RunsError::File { path, source })?;
    }
    Ok((Ok(Arc::new(kept.cell(loaded))), false))
}

/// What is written of a simulation.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    transport: EffectiveTransport,
    series: TimeSeries,
    cycles: Vec<CycleRecord>,
    spectra: Vec<Spectrum>,
}

impl Kept {
    fn cell(self, loaded: &Loaded) -> SimulatedCell {
        SimulatedCell {
            scenario: loaded.scenario.clone(),
            transport: self.transport,
            series: self.series,
            cycles: self.cycles,
            spectra: self.spectra,
        }
    }
}

/// What was kept, unless the file is damaged or of another version.
fn restore(bytes: &[u8]) -> Option<Kept> {
    postcard::from_bytes(hash::opened(bytes)?).ok()
}
