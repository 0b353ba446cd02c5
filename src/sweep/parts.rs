//! What runs share: structure and transport, which are most of the work. Found by the
//! content of the recipe, made once for the whole sweep, and kept on disk, where every
//! worker finds them.

use super::error::SweepError;
use super::layout::replace;
use super::outcome::reason;
use crate::microstructure::{Blueprint, MicrostructureStatistics, recipe};
use crate::numerics::hash;
use crate::scenario::Scenario;
use crate::simulation::structure;
use crate::transport::EffectiveTransport;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A structure as the electrode sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Measured on it.
    pub statistics: MicrostructureStatistics,
    /// How well it conducts.
    pub transport: EffectiveTransport,
}

impl Default for Part {
    /// Nothing known.
    fn default() -> Self {
        let nothing = f64::NAN;
        Self {
            statistics: MicrostructureStatistics::default(),
            transport: EffectiveTransport {
                ionic_factor: nothing,
                ionic_tortuosity: nothing,
                ionic_connected: nothing,
                electronic: Vec::new(),
                electronic_connected: nothing,
            },
        }
    }
}

/// A part, or why there is none.
pub type Made = Result<Part, String>;

/// Key of the structure and transport of a scenario: all that decides on them. The
/// thickness and the film do not (voxels show neither): runs that differ in loading alone
/// share a structure.
pub fn key(scenario: &Scenario) -> String {
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let cathode = &scenario.cathode;
    let transport = format!(
        "{:?} {:?} {:?} {:?}",
        cathode.electrolyte, cathode.active_material, cathode.carbon, cathode.contact_fraction
    );
    let structure = match (&scenario.image, Blueprint::of(scenario)) {
        (Some(image), _) => {
            let mut image = image.clone();
            image.file = PathBuf::new();
            format!(
                "{image:?} {cathode:?} {:?} {}",
                scenario.coating, scenario.numerics.size_classes
            )
        }
        (None, Ok(mut blueprint)) => {
            blueprint.recipe.thickness = 0.0;
            blueprint.recipe.film_fraction = 0.0;
            blueprint.film = None;
            format!("{blueprint:?}")
        }
        // The same refusal comes again where it is built.
        (None, Err(error)) => format!("{error:?}"),
    };
    hash::key(&[version, transport.as_bytes(), structure.as_bytes()])
}

impl Part {
    /// The part of a scenario, made.
    fn make(scenario: &Scenario) -> Made {
        match structure(scenario, &mut |_| {}) {
            Ok((microstructure, transport)) => Ok(Self {
                statistics: microstructure.statistics,
                transport,
            }),
            Err(error) => Err(reason(&error)),
        }
    }

    /// The statistics with the thickness and film of this scenario, which the key leaves out.
    pub fn statistics_for(&self, scenario: &Scenario) -> MicrostructureStatistics {
        let mut statistics = self.statistics.clone();
        if scenario.image.is_some() {
            // The key holds all of the recipe: the thickness follows from the image as well.
            return statistics;
        }
        if let Ok(recipe) = recipe(&scenario.cathode, scenario.coating.as_ref()) {
            statistics.thickness = recipe.thickness;
            statistics.film_fraction = recipe.film_fraction;
        }
        statistics
    }
}

/// Where the scenario of a run comes from.
pub type Scenarios<'a> = &'a (dyn Fn(u64) -> Result<Scenario, SweepError> + Sync);

/// Makes or finds the parts `wanted`: by key, a run that needs it. Each is made once,
/// whichever of several workers comes first; no worker waits while another part can be made.
/// Parts not made because the sweep was stopped are left out.
///
/// # Errors
/// [`SweepError::File`] where a part cannot be kept; a scenario that cannot be built.
pub fn gather(
    wanted: &BTreeMap<String, u64>,
    scenarios: Scenarios,
    folder: &Path,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<BTreeMap<String, Arc<Made>>, SweepError> {
    SweepError::at(folder, std::fs::create_dir_all(folder))?;
    let make = |key: &str, run: u64, wait| {
        let scenario = || scenarios(run);
        make_or_find(key, &scenario, folder, wait, stopped)
    };
    let first = |(key, run): (&String, &u64)| Ok((key.clone(), *run, make(key, *run, false)?));
    let tried: Result<Vec<_>, SweepError> = wanted.par_iter().map(first).collect();
    let mut found = BTreeMap::new();
    for (key, run, made) in tried? {
        // Being made by another worker: by now it is done or soon will be.
        let made = match made {
            Some(made) => Some(made),
            None => make(&key, run, true)?,
        };
        if let Some(made) = made {
            found.insert(key, Arc::new(made));
        }
    }
    Ok(found)
}

/// The part, or `None` if another worker is making it (unless `wait`) or the sweep is stopped.
fn make_or_find(
    key: &str,
    scenario: &dyn Fn() -> Result<Scenario, SweepError>,
    folder: &Path,
    wait: bool,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Made>, SweepError> {
    let path = folder.join(key);
    if let Some(made) = read(&path) {
        return Ok(Some(made));
    }
    if stopped() {
        return Ok(None);
    }
    // The lock dies with its worker. Where the file system has no locks, two workers may
    // make the same part; the result is the same.
    let lock = folder.join(format!("{key}.lock"));
    let held = SweepError::at(&lock, File::create(&lock))?;
    match held.try_lock() {
        Err(TryLockError::WouldBlock) if !wait => return Ok(None),
        Err(TryLockError::WouldBlock) => {
            let _ = held.lock();
        }
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    let made = match read(&path) {
        Some(made) => made,
        None => {
            let scenario = scenario()?;
            let made = Part::make(&scenario);
            // An image that cannot be read now may be there tomorrow.
            if made.is_ok() || scenario.image.is_none() {
                write(&path, &made)?;
            }
            made
        }
    };
    // Nobody needs it from here on; a leftover one does no harm.
    let _ = std::fs::remove_file(&lock);
    Ok(Some(made))
}

fn write(path: &Path, made: &Made) -> Result<(), SweepError> {
    // Numbers, texts and vectors always have a binary form.
    let content = postcard::to_stdvec(made).unwrap_or_default();
    SweepError::at(path, replace(path, &hash::sealed(&content)))
}

/// A part that was kept, unless the file is missing, torn or of another version.
fn read(path: &Path) -> Option<Made> {
    let bytes = std::fs::read(path).ok()?;
    postcard::from_bytes(hash::opened(&bytes)?).ok()
}
