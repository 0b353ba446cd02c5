//! `engobe analyse`: the experimenter's analyses of measured files and of runs.

use super::destination::Destination;
use super::materials::shipped;
use super::{FAILED, Failure, REFUSED, values};
use crate::analysis::{
    GasAnalysis, Known, KnownCathode, Source, SurfaceRecord, read_cycling, read_spectra,
    read_surface,
};
use crate::materials::{ActiveMaterial, Anode, MaterialKind};
use crate::measurement::{self, Measured, MeasuredSpectrum};
use crate::observables::{Cycling, GasRecord};
use crate::report;
use crate::results::{self, RunMeasurements};
use crate::scenario::{self, Scenario};
use std::path::{Path, PathBuf};

/// Arguments of `engobe analyse`.
#[derive(Debug, clap::Args)]
pub struct AnalyseArguments {
    /// Measured files (CSV in Battery Data Format: spectra, cycling or gas) and directories of
    /// runs
    #[arg(required = true, value_name = "FILE")]
    sources: Vec<PathBuf>,
    /// Take area, materials and loading from this scenario
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Cell area: "0.785 cm2"
    #[arg(long, value_parser = values::area)]
    area: Option<f64>,
    /// Active material per cell area: "10.6 mg/cm2"
    #[arg(long, value_parser = values::loading)]
    loading: Option<f64>,
    /// Active material, for its open-circuit curve: NCM83
    #[arg(long, requires = "loading")]
    material: Option<String>,
    /// Anode, for its potential
    #[arg(long, default_value = "In/InLi")]
    anode: String,
    /// Volume over surface of the particles (a third of the radius of spheres), for
    /// diffusivities from titrations: "0.7 um"
    #[arg(long, value_parser = values::length)]
    particle_length: Option<f64>,
    /// Voltage of the spectra, where the file does not say: "3.15 V"
    #[arg(long, value_parser = values::voltage)]
    at: Option<f64>,
    /// Spectrum of separator and anode (a symmetric cell), taken off before the cathode is read
    #[arg(long, value_name = "FILE")]
    blank: Option<PathBuf>,
    /// Total electronic resistance of the cathode, measured separately: "2 ohm cm2"
    #[arg(long, value_parser = values::areal_resistance)]
    electronic_resistance: Option<f64>,
    /// Run to which ToF-SIMS intensities of the other runs are relative
    #[arg(long, value_name = "RUN")]
    reference: Option<PathBuf>,
    #[command(flatten)]
    destination: Destination,
    /// No summary
    #[arg(short, long)]
    quiet: bool,
}

pub fn analyse(arguments: &AnalyseArguments) -> Result<(), Failure> {
    let first = &arguments.sources[0];
    let directory = arguments.destination.free(first, "-analysis")?;
    let mut notes = Vec::new();
    let known = known(arguments)?;
    let blank = arguments
        .blank
        .as_deref()
        .map(|path| blank(path, &mut notes))
        .transpose()?;
    let reference = arguments
        .reference
        .as_deref()
        .map(|path| reference(path).map(|record| (name(path), record)))
        .transpose()?;
    let mut sources = Vec::new();
    for path in &arguments.sources {
        let mut read = if path.is_dir() {
            run(path, known.as_ref())?
        } else {
            file(path, known.as_ref(), &mut notes)?
        };
        for spectrum in &mut read.spectra {
            complete(spectrum, arguments, blank.as_ref())
                .map_err(|m| Failure::Message(REFUSED, format!("{}: {m}", path.display())))?;
        }
        sources.push(Source {
            name: name(path),
            spectra: read_spectra(&read.spectra, &read.known),
            cycling: read
                .cycling
                .map(|record| read_cycling(&record, &read.known)),
            gas: read.gas.and_then(GasAnalysis::new),
            surface: read.surface.map_or_else(Vec::new, |record| {
                read_surface(&record, reference.as_ref().map(|r| &r.1))
            }),
            reference: reference.as_ref().map(|r| r.0.clone()),
        });
    }
    let title = format!(
        "Analysis of {}",
        sources
            .iter()
            .map(|s| s.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    );
    let failed = |e: &dyn std::error::Error| Failure::Message(FAILED, super::with_causes(e));
    results::analysis::write(&sources, &directory).map_err(|e| failed(&e))?;
    let written =
        report::analysis::write(&title, &sources, &notes, &directory).map_err(|e| failed(&e))?;
    if !arguments.quiet {
        super::progress::say(&format!(
            "{}\n  {}",
            summary(&sources),
            written.page.display()
        ));
    }
    Ok(())
}

/// The content of one argument.
struct Content {
    spectra: Vec<MeasuredSpectrum>,
    cycling: Option<Cycling>,
    gas: Option<GasRecord>,
    surface: Option<SurfaceRecord>,
    known: Known,
}

impl Content {
    fn empty(known: Known) -> Self {
        Self {
            spectra: Vec::new(),
            cycling: None,
            gas: None,
            surface: None,
            known,
        }
    }
}

/// Area taken where nobody says one, m2.
const UNKNOWN_AREA: f64 = 1e-4;

/// What the arguments say of the cell; `None` if nothing.
fn known(arguments: &AnalyseArguments) -> Result<Option<Known>, Failure> {
    let refused = |message: String| Failure::Message(REFUSED, message);
    let unusable = |e: crate::numerics::interpolate::TableError| refused(e.to_string());
    let mut known = match &arguments.scenario {
        Some(path) => {
            let loaded = super::load(path)?;
            Some(Known::of_scenario(&loaded.scenario).map_err(unusable)?)
        }
        None => None,
    };
    let bare = || Known {
        area: UNKNOWN_AREA,
        cathode: None,
        electronic_resistance: 0.0,
    };
    if let Some(area) = arguments.area {
        known.get_or_insert_with(bare).area = area;
    }
    if let Some(resistance) = arguments.electronic_resistance {
        known.get_or_insert_with(bare).electronic_resistance = resistance;
    }
    if let (Some(name), Some(loading)) = (&arguments.material, arguments.loading) {
        let oxide: ActiveMaterial = shipped(name, MaterialKind::ActiveMaterial)?;
        let anode: Anode = shipped(&arguments.anode, MaterialKind::Anode)?;
        let cathode = KnownCathode::new(&oxide, &anode, loading).map_err(unusable)?;
        known.get_or_insert_with(bare).cathode = Some(cathode);
    } else if let Some(loading) = arguments.loading {
        let cathode = known.as_mut().and_then(|k| k.cathode.as_mut());
        let cathode = cathode.ok_or_else(|| {
            refused("--loading needs --material, or a scenario that names it".into())
        })?;
        cathode.areal_loading = loading;
    }
    if let (Some(length), Some(cathode)) = (
        arguments.particle_length,
        known.as_mut().and_then(|k| k.cathode.as_mut()),
    ) {
        cathode.particle_length = Some(length);
    }
    Ok(known)
}

fn file(path: &Path, known: Option<&Known>, notes: &mut Vec<String>) -> Result<Content, Failure> {
    let reading = read(path, notes)?;
    let known = known.cloned().unwrap_or_else(|| {
        notes.push(format!(
            "{}: cell area not given; 1 cm2 was taken",
            path.display()
        ));
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
    })
}

/// Reads a file; what was repaired is shown and noted.
fn read(path: &Path, notes: &mut Vec<String>) -> Result<Measured, Failure> {
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
fn run(directory: &Path, known: Option<&Known>) -> Result<Content, Failure> {
    let (measured, scenario) = measurements(directory)?;
    let own = Known::of_scenario(&scenario).map_err(|e| Failure::Message(FAILED, e.to_string()))?;
    Ok(Content {
        spectra: measured.spectra,
        cycling: Some(measured.cycling),
        gas: Some(measured.gas),
        surface: Some(measured.surface),
        known: known.cloned().unwrap_or(own),
    })
}

/// The run that intensities are relative to.
fn reference(directory: &Path) -> Result<SurfaceRecord, Failure> {
    if !directory.is_dir() {
        let message = format!(
            "{}: --reference takes the directory of a run",
            directory.display()
        );
        return Err(Failure::Message(REFUSED, message));
    }
    Ok(measurements(directory)?.0.surface)
}

/// Why a run could not be read.
struct ReadFailure(Failure);

impl From<results::ResultsError> for ReadFailure {
    fn from(error: results::ResultsError) -> Self {
        Self(Failure::Message(REFUSED, super::with_causes(&error)))
    }
}

/// The spectrum of separator and anode.
fn blank(path: &Path, notes: &mut Vec<String>) -> Result<MeasuredSpectrum, Failure> {
    match read(path, notes)? {
        Measured::Spectra(mut spectra) if spectra.len() == 1 => Ok(spectra.remove(0)),
        _ => Err(Failure::Message(
            REFUSED,
            format!("{}: --blank takes a file with one spectrum", path.display()),
        )),
    }
}

/// Adds to a spectrum what the arguments say.
fn complete(
    spectrum: &mut MeasuredSpectrum,
    arguments: &AnalyseArguments,
    blank: Option<&MeasuredSpectrum>,
) -> Result<(), String> {
    spectrum.voltage = spectrum.voltage.or(arguments.at);
    if let Some(blank) = blank {
        spectrum.cathode = Some(spectrum.without(blank)?);
    }
    Ok(())
}

fn name(path: &Path) -> String {
    let name = path.file_stem().or(path.file_name());
    name.map_or_else(
        || path.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    )
}

fn summary(sources: &[Source]) -> String {
    let area = results::summary::ohm_square_centimetres;
    let mut lines = Vec::new();
    for source in sources {
        lines.push(source.name.clone());
        for s in &source.spectra {
            let cycle = s.cycle.map_or(String::new(), |c| format!("cycle {c}: "));
            let test = s
                .kramers_kronig
                .read()
                .map_or(f64::NAN, |k| 100.0 * k.largest);
            let read = match s.planar_lengths.read() {
                Some(d) => format!(
                    "EIS-PSD: R_cathode {:.1} ohm cm2, L {:.2} um",
                    area(d.circuit.cathode_resistance()),
                    1e6 * d.median
                ),
                None => s.planar_lengths.reason().unwrap_or_default().to_owned(),
            };
            lines.push(format!("  {cycle}Kramers-Kronig {test:.2e} %; {read}"));
        }
        for gas in source.gas.iter().flat_map(|gas| &gas.readings) {
            let volt = gas
                .onset_voltage
                .map_or(String::new(), |v| format!(", from {v:.2} V"));
            let amount = 1e3 * gas.amount;
            lines.push(format!("  {}: {amount:.3} umol/g{volt}", gas.gas.formula()));
        }
        if let Some(cycling) = &source.cycling {
            lines.push(format!("  {} cycles", cycling.cycles.len()));
        }
    }
    lines.join("\n")
}
