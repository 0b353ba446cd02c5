//! `engobe export`: files that other programs read. The fresh cell as BPX from a scenario;
//! spectra and time series from the directory of a run.

use super::progress::{Progress, Telling, Voice};
use super::{FAILED, Failure, REFUSED, UNWRITTEN, create_directory, sources, starter, values};
use crate::results::bpx::{BpxError, Window, document};
use crate::results::{HDF5_NAME, plain, publish};
use crate::simulation::run::structure;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Name of the time series.
const SERIES_NAME: &str = "series.bdf.csv";

/// Arguments of `engobe export`.
#[derive(Debug, clap::Args)]
pub struct ExportArguments {
    /// The scenario (--bpx), or the directory of a run (--spectra, --series)
    source: PathBuf,
    #[command(flatten)]
    what: What,
    /// Directory for the files [default: runs/ for BPX, else the directory of the run]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
    /// Voltage against the anode at which discharge ends [default: the lowest of the protocol]
    #[arg(long, value_name = "VOLTAGE", requires = "bpx", value_parser = values::voltage)]
    lower: Option<f64>,
    /// Voltage against the anode at which charge ends [default: the highest of the protocol]
    #[arg(long, value_name = "VOLTAGE", requires = "bpx", value_parser = values::voltage)]
    upper: Option<f64>,
    #[command(flatten)]
    pub telling: Telling,
}

/// Which files.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct What {
    /// The fresh cell of a scenario, homogenised, as Battery Parameter eXchange (PyBaMM)
    #[arg(long, conflicts_with_all = ["spectra", "series"])]
    bpx: bool,
    /// The spectra of a run: frequency, real and imaginary part, a file per cycle
    #[arg(long)]
    spectra: bool,
    /// The time series of a run in the Battery Data Format
    #[arg(long)]
    series: bool,
}

pub fn export(asked: &ExportArguments) -> Result<(), Failure> {
    let voice = asked.telling.voice();
    let started = Instant::now();
    if asked.what.bpx && asked.source.is_dir() {
        let message = format!(
            "{} is a directory: --bpx is made of a scenario",
            asked.source.display()
        );
        return Err(Failure::Message(REFUSED, message));
    }
    let (words, files) = if asked.what.bpx {
        cell(asked, voice)?
    } else {
        curves(asked)?
    };
    voice.done(
        || {
            let paths = files.iter().map(|path| format!("  {}", path.display()));
            words
                .into_iter()
                .chain(paths)
                .collect::<Vec<_>>()
                .join("\n")
        },
        || json!({ "files": files, "seconds": started.elapsed().as_secs_f64() }),
    );
    Ok(())
}

/// What to say, and the files written.
type Done = (Vec<String>, Vec<PathBuf>);

/// The cell of a scenario as BPX.
fn cell(asked: &ExportArguments, voice: Voice) -> Result<Done, Failure> {
    let loaded = super::load_telling(&asked.source, voice)?;
    let stem = asked.source.file_stem().unwrap_or_default();
    let directory = asked.output.clone().unwrap_or_else(|| "runs".into());
    let path = directory.join(format!("{}-bpx.json", stem.to_string_lossy()));
    asked.refuse_taken(&path)?;
    let mut progress = Progress::new(voice, 2);
    let made = structure(&loaded.scenario, &mut |event| progress.show(event));
    progress.finish();
    let (made, transport) =
        made.map_err(|error| super::run::failure(error, &loaded, &directory))?;
    let statistics = &made.statistics;
    super::warn_of_differences(&loaded.scenario, statistics, voice);
    let window = Window {
        lower: asked.lower,
        upper: asked.upper,
    };
    let bpx = document(&loaded.scenario, statistics, &transport, window).map_err(refused)?;
    write(&path, &starter::pretty(&bpx))?;
    Ok((vec![summary(&bpx)], vec![path]))
}

/// Spectra and time series of a run.
fn curves(asked: &ExportArguments) -> Result<Done, Failure> {
    if !asked.source.join(HDF5_NAME).is_file() {
        let message = format!(
            "{} has no {HDF5_NAME}: --spectra and --series are made of the directory of a run",
            asked.source.display()
        );
        return Err(Failure::Message(REFUSED, message));
    }
    let (measured, scenario) = sources::measurements(&asked.source)?;
    let directory = asked.output.as_ref().unwrap_or(&asked.source);
    let mut files = Vec::new();
    if asked.what.spectra {
        if measured.spectra.is_empty() {
            let message = format!("{} has no spectra", asked.source.display());
            return Err(Failure::Message(REFUSED, message));
        }
        for (index, spectrum) in measured.spectra.iter().enumerate() {
            let cycle = spectrum.cycle.unwrap_or_default();
            // Of several after one cycle each has a name of its own.
            let before = measured.spectra[..index].iter();
            let name = match before.filter(|other| other.cycle == spectrum.cycle).count() {
                0 => format!("spectrum-{cycle}.csv"),
                others => format!("spectrum-{cycle}-{}.csv", others + 1),
            };
            files.push((directory.join(name), plain::spectrum(spectrum)));
        }
    }
    if asked.what.series {
        let text = plain::series(&measured.cycling, scenario.cell.temperature)
            .map_err(|e| Failure::Message(FAILED, e.to_string()))?;
        files.push((directory.join(SERIES_NAME), text));
    }
    for (path, _) in &files {
        asked.refuse_taken(path)?;
    }
    for (path, text) in &files {
        write(path, text)?;
    }
    let paths = files.into_iter().map(|(path, _)| path).collect();
    Ok((vec![scenario.title], paths))
}

impl ExportArguments {
    fn refuse_taken(&self, path: &Path) -> Result<(), Failure> {
        if path.exists() && !self.force {
            let message = format!(
                "{} is there already; choose another directory with --output or replace it with --force",
                path.display()
            );
            return Err(Failure::Message(REFUSED, message));
        }
        Ok(())
    }
}

fn refused(error: BpxError) -> Failure {
    let (code, help) = match error {
        BpxError::NoLimit("charge") => (REFUSED, "; state it, as in --upper '3.7 V'"),
        BpxError::NoLimit(_) => (REFUSED, "; state it, as in --lower '2.0 V'"),
        BpxError::UpsideDown { .. } | BpxError::NoCapacity { .. } => {
            (REFUSED, "; other voltages: --lower and --upper")
        }
        BpxError::Model(_) => (FAILED, ""),
    };
    Failure::Message(code, format!("{error}{help}"))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        create_directory(directory)?;
    }
    publish(path, text.as_bytes()).map_err(|error| {
        Failure::Message(
            UNWRITTEN,
            format!("cannot write {}: {error}", path.display()),
        )
    })
}

/// What a BPX document holds, in some lines.
fn summary(bpx: &Value) -> String {
    let number = |part: &str, name: &str| {
        let value = &bpx["Parameterisation"][part][name];
        value.as_f64().unwrap_or(f64::NAN)
    };
    let cathode = |name: &str| number("Positive electrode", name);
    format!(
        "{}\n  cathode of {:.1} um, {:.1} % electrolyte at {:.3} of the pellet's conductivity, spheres with a radius of {:.2} um\n  \
         {:.3} to {:.3} Li between {} and {} V, {:.3} mAh at rest",
        bpx["Header"]["Title"].as_str().unwrap_or_default(),
        1e6 * cathode("Thickness [m]"),
        100.0 * cathode("Porosity"),
        cathode("Transport efficiency"),
        1e6 * cathode("Particle radius [m]"),
        cathode("Minimum stoichiometry"),
        cathode("Maximum stoichiometry"),
        number("Cell", "Upper voltage cut-off [V]"),
        number("Cell", "Lower voltage cut-off [V]"),
        1e3 * number(
            "User-defined",
            "Capacity between the cut-offs at rest [A.h]"
        ),
    )
}
