//! What the arguments of `engobe analyse` hold: runs, and measured files of all kinds.

use super::{FAILED, Failure, REFUSED};
use crate::analysis::{Known, SurfaceRecord};
use crate::measurement::{self, Measured, MeasuredSpectrum};
use crate::observables::{Cycling, Film, GasRecord, Intensity, Peak};
use crate::results::{self, RunMeasurements};
use crate::scenario::{self, Scenario};
use std::path::Path;

/// Area taken where nobody says one, m2.
pub(super) const UNKNOWN_AREA: f64 = 1e-4;

/// The content of one argument.
pub(super) struct Content {
    pub spectra: Vec<MeasuredSpectrum>,
    pub cycling: Option<Cycling>,
    pub gas: Option<GasRecord>,
    pub surface: Option<SurfaceRecord>,
    pub intensities: Vec<Intensity>,
    pub peaks: Vec<Peak>,
    pub films: Vec<(String, Film)>,
    pub known: Known,
}

impl Content {
    fn empty(known: Known) -> Self {
        Self {
            spectra: Vec::new(),
            cycling: None,
            gas: None,
            surface: None,
            intensities: Vec::new(),
            peaks: Vec::new(),
            films: Vec::new(),
            known,
        }
    }
}

/// The content of a measured file.
pub(super) fn file(
    path: &Path,
    known: Option<&Known>,
    notes: &mut Vec<String>,
) -> Result<Content, Failure> {
    let reading = read(path, notes)?;
    let by_area = matches!(reading, Measured::Spectra(_) | Measured::Cycling(_));
    let known = known.cloned().unwrap_or_else(|| {
        if by_area {
            let path = path.display();
            notes.push(format!("{path}: cell area not given; 1 cm2 was taken"));
        }
        Known {
            area: UNKNOWN_AREA,
            cathode: None,
            electronic_resistance: 0.0,
        }
    });
    let empty = Content::empty(known);
    Ok(match reading {
        Measured::Spectra(spectra) => Content { spectra, ..empty },
        Measured::Cycling(record) => Content {
            cycling: Some(record),
            ..empty
        },
        Measured::Gas(record) => Content {
            gas: Some(record),
            ..empty
        },
        Measured::Intensities(intensities) => Content {
            intensities,
            ..empty
        },
        Measured::Peaks(peaks) => Content { peaks, ..empty },
        Measured::Films(films) => Content { films, ..empty },
    })
}

/// Reads a file; what was repaired is shown and noted.
pub(super) fn read(path: &Path, notes: &mut Vec<String>) -> Result<Measured, Failure> {
    let reading = measurement::read(path).map_err(Failure::Refused)?;
    super::show(&reading.repairs);
    for item in &reading.repairs.items {
        let line = reading.repairs.position(item).map_or(0, |p| p.0);
        notes.push(format!("{}, line {line}: {}", path.display(), item.message));
    }
    Ok(reading.measured)
}

/// The measurements of a run and what its scenario says.
pub(super) fn measurements(directory: &Path) -> Result<(RunMeasurements, Scenario), Failure> {
    let path = directory.join(results::HDF5_NAME);
    let mut own = None;
    let measured = results::read_measurements(&path, |text| {
        let loaded = scenario::from_str(&path.display().to_string(), text)
            .map_err(|e| ReadFailure(Failure::Refused(e)))?;
        own = Some(loaded.scenario.clone());
        Ok::<Scenario, ReadFailure>(loaded.scenario)
    })
    .map_err(|e| e.0)?;
    let own = own.ok_or_else(|| {
        let message = format!("{} holds no scenario", path.display());
        Failure::Message(REFUSED, message)
    })?;
    Ok((measured, own))
}

/// The content of a run, with what its scenario says unless the arguments say it.
pub(super) fn run(directory: &Path, known: Option<&Known>) -> Result<Content, Failure> {
    let (measured, scenario) = measurements(directory)?;
    let own = Known::of_scenario(&scenario).map_err(|e| Failure::Message(FAILED, e.to_string()))?;
    Ok(Content {
        spectra: measured.spectra,
        cycling: Some(measured.cycling),
        gas: Some(measured.gas),
        surface: Some(measured.surface),
        ..Content::empty(known.cloned().unwrap_or(own))
    })
}

/// The run that intensities are relative to, with its name.
pub(super) fn reference(directory: &Path) -> Result<(String, SurfaceRecord), Failure> {
    let refuse = |reason: &str| {
        let message = format!("--reference {}: {reason}", directory.display());
        Err(Failure::Message(REFUSED, message))
    };
    if !directory.exists() {
        return refuse("there is no such run");
    }
    if !directory.is_dir() {
        return refuse("it takes the directory of a run");
    }
    if !directory.join(results::HDF5_NAME).exists() {
        return refuse(&format!(
            "no {} in it: the run has not ended, or this is no directory of a run",
            results::HDF5_NAME
        ));
    }
    let record = measurements(directory)?.0.surface;
    if record.cycle.is_empty() {
        return refuse("the run has no cycle to compare with");
    }
    Ok((name(directory), record))
}

/// Why nothing can be set against the reference, if so.
pub(super) fn apart(own: &[u32], (name, reference): &(String, SurfaceRecord)) -> Option<String> {
    let shared = own.iter().any(|cycle| reference.cycle.contains(cycle));
    (!shared && !own.is_empty()).then(|| {
        format!(
            "the reference {name} has no cycle in common (its cycles end at {}): no relative intensities",
            reference.cycle.last().copied().unwrap_or_default()
        )
    })
}

/// Why a run could not be read.
struct ReadFailure(Failure);

impl From<results::ResultsError> for ReadFailure {
    fn from(error: results::ResultsError) -> Self {
        Self(Failure::Message(REFUSED, super::with_causes(&error)))
    }
}

/// What a file or run is called.
pub(super) fn name(path: &Path) -> String {
    let name = path.file_stem().or(path.file_name());
    name.map_or_else(
        || path.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    )
}
