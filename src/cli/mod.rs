//! The command: arguments in, one room called, errors printed well.
//!
//! Exit codes: 0 done, 1 something failed on the way, 2 the scenario is refused (or
//! the arguments are), 130 stopped by Ctrl-C with everything so far kept.

mod analyse;
mod anneal;
mod export;
mod impedance;
mod progress;
mod realisations;
mod request;
mod run;
mod structure;
mod validate;

use crate::input::{Diagnostics, Severity, reports};
use crate::microstructure::{
    Blueprint, MicrostructureError, MicrostructureStatistics, differences, import,
};
use crate::scenario::{self, Loaded, Scenario};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Everything so far is kept, the user stopped.
const INTERRUPTED: u8 = 130;
/// The scenario or the arguments are refused.
const REFUSED: u8 = 2;
/// Something failed on the way.
const FAILED: u8 = 1;

#[derive(Debug, Parser)]
#[command(
    name = "engobe",
    version,
    about = "Simulates coated composite cathodes of sulfide solid-state batteries",
    long_about = "Simulates coated composite cathodes of sulfide solid-state batteries: \
                  microstructure, transport, cycling with degradation, impedance, from one \
                  scenario TOML.",
    after_help = "Examples:\n  engobe check scenarios/shi2023-1p.toml\n  engobe run scenarios/shi2023-1p.toml\n  engobe run scenarios/shi2023-1p.toml --resume\n  engobe microstructure scenarios/shi2023-1p.toml --realisations 8\n  engobe impedance scenarios/shi2023-1p.toml --at-cycle 10 --at 3.15V\n  engobe analyse spectrum.csv --area 0.785cm2 --loading 10.6mg/cm2 --material NCM83 --at 3.15V"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario from recipe to report
    Run(RunArguments),
    /// Check a scenario and say in words what it asks for
    Check {
        /// The scenario
        scenario: PathBuf,
    },
    /// Generate the structure alone: measures, conductivities, spread, slices, VTK
    Microstructure(StructureArguments),
    /// Take the impedance spectrum of a cell after some of its cycles, and read it
    Impedance(impedance::ImpedanceArguments),
    /// Read spectra and cycling records, measured or simulated, as an experimenter does
    Analyse(analyse::AnalyseArguments),
    /// Simulate the cells of the papers and put both side by side
    Validate(validate::ValidateArguments),
    /// Anneal the coating of a scenario's process: coverage, thickness and composition
    /// over the temperature
    Anneal(AnnealArguments),
}

/// Arguments of `engobe anneal`.
#[derive(Debug, clap::Args)]
struct AnnealArguments {
    /// The scenario; its [coating] must have a `process`
    scenario: PathBuf,
    /// Directory for the files [default: runs/<scenario>-annealing]
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Replace files of an earlier run
    #[arg(long)]
    force: bool,
    /// Lowest annealing temperature, degC
    #[arg(long, value_name = "DEGC", default_value = "25", value_parser = annealing_temperature)]
    from: f64,
    /// Highest annealing temperature, degC
    #[arg(long, value_name = "DEGC", default_value = "700", value_parser = annealing_temperature)]
    to: f64,
    /// No summary
    #[arg(short, long)]
    quiet: bool,
}

/// Arguments of `engobe microstructure`.
#[derive(Debug, clap::Args)]
struct StructureArguments {
    /// The scenario
    scenario: PathBuf,
    /// Directory for the files [default: runs/<scenario>-structure]
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Replace files of an earlier run
    #[arg(long)]
    force: bool,
    /// Also make this many structures, with the scenario's seed and those that follow,
    /// and tell mean, spread and 95 % confidence of every number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    realisations: Option<u32>,
    /// Realisations in boxes of these edges instead of the scenario's, with voxels as large
    /// as there: "15 um, 20 um, 30 um"
    #[arg(long, value_name = "LENGTHS", requires = "realisations")]
    box_edges: Option<String>,
    #[command(flatten)]
    export: export::Export,
    /// No progress, no summary
    #[arg(short, long)]
    quiet: bool,
}

/// Arguments of `engobe run`.
#[derive(Debug, clap::Args)]
struct RunArguments {
    /// The scenario
    scenario: PathBuf,
    /// Directory for the results [default: runs/<scenario>]
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Replace the results of an earlier run
    #[arg(long, conflicts_with = "resume")]
    force: bool,
    /// Go on from the checkpoint of a run that was stopped
    #[arg(long)]
    resume: bool,
    /// Accuracy of capacities (relative) and voltages (V), instead of the scenario's
    #[arg(long, value_parser = tolerance)]
    tolerance: Option<f64>,
    /// No progress, no summary
    #[arg(short, long)]
    quiet: bool,
}

/// How a command ended when not well.
#[derive(Debug)]
enum Failure {
    /// The scenario is refused.
    Refused(Diagnostics),
    /// One message, with the exit code.
    Message(u8, String),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.command {
        Command::Run(run) => run::run(&run),
        Command::Check { scenario } => check(&scenario),
        Command::Microstructure(asked) => structure::microstructure(&asked),
        Command::Validate(asked) => validate::validate(&asked),
        Command::Anneal(asked) => anneal::anneal(&asked),
        Command::Impedance(asked) => impedance::impedance(&asked),
        Command::Analyse(asked) => analyse::analyse(&asked),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(diagnostics)) => {
            show(&diagnostics);
            let errors = diagnostics
                .items
                .iter()
                .filter(|item| item.severity == Severity::Error)
                .count();
            eprintln!(
                "{} refused: {errors} error{}",
                diagnostics.name,
                if errors == 1 { "" } else { "s" }
            );
            ExitCode::from(REFUSED)
        }
        Err(Failure::Message(code, message)) => {
            eprintln!(
                "{}: {message}",
                if code == INTERRUPTED {
                    "stopped"
                } else {
                    "error"
                }
            );
            ExitCode::from(code)
        }
    }
}

/// Reads a scenario; warnings are shown at once.
fn load(path: &Path) -> Result<Loaded, Failure> {
    let loaded = scenario::load(path).map_err(Failure::Refused)?;
    show(&loaded.diagnostics());
    Ok(loaded)
}

fn show(diagnostics: &Diagnostics) {
    for report in reports(diagnostics) {
        eprintln!("{report:?}");
    }
}

fn check(path: &Path) -> Result<(), Failure> {
    let loaded = load(path)?;
    println!("{}", scenario::describe(&loaded));
    let refused = |e: MicrostructureError| Failure::Message(REFUSED, e.to_string());
    if loaded.scenario.image.is_none() {
        Blueprint::of(&loaded.scenario)
            .and_then(|blueprint| blueprint.check())
            .map_err(refused)?;
    }
    if let Some(image) = &loaded.scenario.image {
        let structure = import(&loaded.scenario, image, &mut |_| ()).map_err(refused)?;
        warn_of_differences(&loaded.scenario, &structure.statistics);
    }
    Ok(())
}

/// Says where an image contradicts the composition.
fn warn_of_differences(scenario: &Scenario, statistics: &MicrostructureStatistics) {
    if scenario.image.is_some() {
        for difference in differences(statistics) {
            eprintln!("warning: {difference}");
        }
    }
}

/// An error with what led to it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Directory for the results of `scenario`: as asked, or `runs/<name><suffix>`.
fn output_directory(asked: Option<&PathBuf>, scenario: &Path, suffix: &str) -> PathBuf {
    asked.cloned().unwrap_or_else(|| {
        let stem = scenario.file_stem().unwrap_or_default().to_string_lossy();
        Path::new("runs").join(format!("{stem}{suffix}"))
    })
}

/// Refuses a directory that holds something, unless `force`.
fn refuse_existing(directory: &Path, force: bool, help: &str) -> Result<(), Failure> {
    let occupied = directory.exists()
        && std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_some());
    if occupied && !force {
        let message = format!("{} already holds results; {help}", directory.display());
        return Err(Failure::Message(REFUSED, message));
    }
    Ok(())
}

fn create_directory(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory)
        .map_err(|e| Failure::Message(FAILED, format!("cannot make {}: {e}", directory.display())))
}

fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (1e-8..=0.1).contains(&value) => Ok(value),
        Ok(value) => Err(format!("{value} is not between 1e-8 and 0.1")),
        Err(_) => Err("not a number".into()),
    }
}

fn annealing_temperature(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (15.0..=800.0).contains(&value) => Ok(value),
        Ok(value) => Err(format!("{value} is not between 15 and 800 degC")),
        Err(_) => Err("not a number of degrees Celsius".into()),
    }
}
