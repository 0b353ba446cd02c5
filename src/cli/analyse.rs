//! `engobe analyse`: the experimenter's analyses of measured files and of runs.

use super::destination::Destination;
use super::materials::shipped;
use super::sources::{self, UNKNOWN_AREA, name, read};
use super::{FAILED, Failure, REFUSED, values};
use crate::analysis::{
    GasAnalysis, Known, KnownCathode, Source, SurfaceRecord, read_cycling, read_films,
    read_spectra, read_surface,
};
use crate::materials::{ActiveMaterial, Anode, MaterialKind};
use crate::measurement::{Measured, MeasuredSpectrum};
use crate::observables::{
    Attenuation, COATING_ATTENUATION, Film, FragmentReading, OXIDE_ATTENUATION, PeakReading,
    fragment_readings, peak_readings,
};
use crate::report;
use crate::results;
use std::path::{Path, PathBuf};

/// Arguments of `engobe analyse`.
#[derive(Debug, clap::Args)]
pub struct AnalyseArguments {
    /// Measured files (CSV in Battery Data Format: spectra, cycling, gas; tables of ToF-SIMS
    /// intensities, XPS peaks, coating thicknesses) and directories of runs
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
    /// Sample to which the other ToF-SIMS intensities of measured files are relative
    #[arg(long, value_name = "SAMPLE")]
    reference_sample: Option<String>,
    /// Attenuation length of S 2p and P 2p electrons in the coating, for coverage from XPS:
    /// "2.9 nm" [default: 2.9 nm, an estimate]
    #[arg(long, value_parser = values::length, value_name = "LENGTH")]
    attenuation_coating: Option<f64>,
    /// Attenuation length of Ni 2p electrons in the coating [default: 1.5 nm, an estimate]
    #[arg(long, value_parser = values::length, value_name = "LENGTH")]
    attenuation_oxide: Option<f64>,
    /// S and P atoms per volume of the coating over metal atoms per volume of the oxide: 1.1 for
    /// Li3PS4, about 0.4 for its oxidised forms [default: 1]
    #[arg(long, value_parser = values::ratio, value_name = "NUMBER")]
    marker_ratio: Option<f64>,
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
        .map(sources::reference)
        .transpose()?;
    let mut sources = Vec::new();
    let mut films = Vec::new();
    for path in &arguments.sources {
        let mut content = if path.is_dir() {
            sources::run(path, known.as_ref())?
        } else {
            sources::file(path, known.as_ref(), &mut notes)?
        };
        for spectrum in &mut content.spectra {
            complete(spectrum, arguments, blank.as_ref()).map_err(|m| about(path, &m))?;
        }
        films.push(std::mem::take(&mut content.films));
        sources.push(source(
            path,
            content,
            arguments,
            reference.as_ref(),
            &mut notes,
        )?);
    }
    if films.iter().any(|f| !f.is_empty()) && arguments.marker_ratio.is_none() {
        let note =
            "coating and oxide were taken to hold as many marker atoms per volume (--marker-ratio)";
        notes.push(note.into());
    }
    cover(&mut sources, &films, arguments);
    need_sample(&sources, arguments)?;
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

/// What was wrong with a file.
fn about(path: &Path, message: &str) -> Failure {
    Failure::Message(REFUSED, format!("{}: {message}", path.display()))
}

/// Everything that is read from the content of one argument, films aside.
fn source(
    path: &Path,
    content: sources::Content,
    arguments: &AnalyseArguments,
    reference: Option<&(String, SurfaceRecord)>,
    notes: &mut Vec<String>,
) -> Result<Source, Failure> {
    if let Some((own, other)) = content.surface.as_ref().zip(reference)
        && let Some(reason) = sources::apart(&own.cycle, other)
    {
        eprintln!("warning: {}: {reason}", path.display());
        notes.push(format!("{}: {reason}", path.display()));
    }
    let sample = arguments.reference_sample.as_deref();
    let intensities = match content.intensities.as_slice() {
        [] => Vec::new(),
        rows => fragment_readings(rows, sample).map_err(|m| about(path, &m))?,
    };
    if !intensities.is_empty() && sample.is_none() {
        notes.push(format!(
            "{}: no reference named (--reference-sample), so there are no relative intensities",
            path.display()
        ));
    }
    let named = match intensities.is_empty() {
        true => reference.map(|r| r.0.clone()),
        false => sample.map(str::to_owned),
    };
    Ok(Source {
        name: name(path),
        spectra: read_spectra(&content.spectra, &content.known),
        cycling: content
            .cycling
            .map(|record| read_cycling(&record, &content.known)),
        gas: content.gas.and_then(GasAnalysis::new),
        surface: content.surface.map_or_else(Vec::new, |record| {
            read_surface(&record, reference.map(|r| &r.1))
        }),
        reference: named,
        intensities,
        peaks: peak_readings(&content.peaks),
        films: Vec::new(),
    })
}

/// Reads the films of every source, beside the gamma of samples of the same name in any.
fn cover(sources: &mut [Source], films: &[Vec<(String, Film)>], arguments: &AnalyseArguments) {
    let by = Attenuation {
        coating: arguments.attenuation_coating.unwrap_or(COATING_ATTENUATION),
        oxide: arguments.attenuation_oxide.unwrap_or(OXIDE_ATTENUATION),
        marker_ratio: arguments.marker_ratio.unwrap_or(1.0),
    };
    let peaks: Vec<PeakReading> = sources.iter().flat_map(|s| s.peaks.clone()).collect();
    for (source, films) in sources.iter_mut().zip(films) {
        source.films = read_films(films, &by, peaks.iter());
    }
}

/// Refuses options of surface analyses that nothing here takes.
fn need_sample(sources: &[Source], arguments: &AnalyseArguments) -> Result<(), Failure> {
    let refuse = |option: &str, what: &str| {
        let message = format!("{option}: no file here holds {what}");
        Err(Failure::Message(REFUSED, message))
    };
    let any = |has: fn(&Source) -> bool| sources.iter().any(has);
    if arguments.reference_sample.is_some() && !any(|s| !s.intensities.is_empty()) {
        return refuse("--reference-sample", "measured ToF-SIMS intensities");
    }
    if arguments.reference.is_some() && !any(|s| !s.surface.is_empty()) {
        let help = "a run (--reference-sample names a sample of a measured file)";
        return refuse("--reference", help);
    }
    for (option, given) in [
        ("--attenuation-coating", arguments.attenuation_coating),
        ("--attenuation-oxide", arguments.attenuation_oxide),
        ("--marker-ratio", arguments.marker_ratio),
    ] {
        if given.is_some() && !any(|s| !s.films.is_empty()) {
            return refuse(option, "thicknesses of a coating");
        }
    }
    Ok(())
}

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
        lines.extend(surfaces(source));
    }
    lines.join("\n")
}

/// What surface analyses of measured samples come to.
fn surfaces(source: &Source) -> Vec<String> {
    let mut lines = Vec::new();
    for read in &source.intensities {
        let error = read
            .relative_error
            .map_or(String::new(), |e| format!(" +- {e:.2}"));
        let ratio = read.relative.map_or(String::new(), |ratio| {
            format!(", {ratio:.2}{error} times the reference")
        });
        let FragmentReading {
            sample,
            fragment,
            mean,
            spots,
            ..
        } = read;
        let spots = match spots {
            1 => "1 spot".to_owned(),
            count => format!("{count} spots"),
        };
        lines.push(format!(
            "  {sample}, {fragment}: {mean:.3e} on {spots}{ratio}"
        ));
    }
    for read in &source.peaks {
        let percent = |share: f64| 100.0 * share;
        let mut parts = Vec::new();
        if let Some(s) = &read.sulfur {
            let oxidised = percent(s.bridging + s.polysulfide);
            parts.push(format!("S 2p bridging and polysulfide {oxidised:.1} %"));
        }
        if let Some(p) = &read.phosphorus {
            parts.push(format!("P 2p POx {:.1} %", percent(p.oxygenated)));
        }
        parts.extend(read.gamma.map(|g| format!("gamma {:.1} %", percent(g))));
        lines.push(format!("  {}: {}", read.sample, parts.join(", ")));
    }
    for read in &source.films {
        let thick = read.thickness.map_or(String::new(), |t| {
            format!(", {:.1} nm thick there", 1e9 * t)
        });
        let other = read.coverage_by_gamma.map_or(String::new(), |c| {
            format!("; by the measured gamma {:.1} %", 100.0 * c)
        });
        lines.push(format!(
            "  {}: {:.1} % covered{thick}{other}",
            read.sample,
            100.0 * read.coverage
        ));
    }
    lines
}
