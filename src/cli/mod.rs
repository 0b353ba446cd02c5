//! The command: arguments in, one room called, errors printed well.
//!
//! Exit codes: 0 done, 1 something failed on the way, 2 the scenario or the arguments are
//! refused, 3 a file could not be written, 130 stopped by Ctrl-C with everything so far
//! kept. With `--json` standard output is events, see [`progress`].

mod analyse;
mod anneal;
mod check;
mod destination;
mod exchange;
mod export;
mod fit;
mod help;
mod impedance;
mod materials;
pub mod progress;
mod realisations;
mod request;
mod run;
mod sources;
mod starter;
mod structure;
mod sweep;
mod validate;
mod values;

use crate::input::{Diagnostics, Severity};
use crate::microstructure::{MicrostructureError, MicrostructureStatistics, differences, inspect};
use crate::scenario::{self, Concern, Loaded, Scenario};
use crate::transport::TransportError;
use clap::{CommandFactory, Parser, Subcommand};
use destination::create_directory;
use progress::{Voice, line};
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Everything so far is kept, the user stopped.
const INTERRUPTED: u8 = 130;
/// A file could not be written.
const UNWRITTEN: u8 = 3;
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
    after_help = help::ENGOBE
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented scenario of a paper's system to start from
    #[command(after_help = help::NEW)]
    New(starter::NewArguments),
    /// Check a scenario and say in words what it asks for
    #[command(after_help = help::CHECK)]
    Check(check::CheckArguments),
    /// Run a scenario from recipe to report
    #[command(after_help = help::RUN)]
    Run(run::RunArguments),
    /// Generate the structure alone: measures, conductivities, spread, slices, VTK
    #[command(after_help = help::MICROSTRUCTURE)]
    Microstructure(structure::StructureArguments),
    /// Take the impedance spectrum of a cell after some of its cycles, and read it
    #[command(after_help = help::IMPEDANCE)]
    Impedance(impedance::ImpedanceArguments),
    /// Read spectra, cycling records, gas and surface analyses, measured or simulated, as an
    /// experimenter does
    #[command(after_help = help::ANALYSE)]
    Analyse(analyse::AnalyseArguments),
    /// Anneal the coating of a scenario's process: coverage, thickness and composition
    /// over the temperature
    #[command(after_help = help::ANNEAL)]
    Anneal(anneal::AnnealArguments),
    /// Simulate the cells of the papers and put both side by side
    #[command(after_help = help::VALIDATE)]
    Validate(validate::ValidateArguments),
    /// Fit parameters of materials and scenarios to measured numbers, of papers or your own
    #[command(after_help = help::FIT)]
    Fit(fit::FitArguments),
    /// Write files that other programs read: the fresh cell as BPX, spectra, time series
    #[command(after_help = help::EXPORT)]
    Export(exchange::ExportArguments),
    /// Run many variants of a scenario, here or on a cluster
    Sweep(sweep::SweepArguments),
    /// List the materials, or show one with values, units and sources
    #[command(after_help = help::MATERIALS)]
    Materials(materials::MaterialsArguments),
    /// Print the JSON schema of scenarios, for completion and checks in editors
    #[command(after_help = help::SCHEMA)]
    Schema,
    /// Print every key of a scenario with unit, default and meaning, in Markdown
    Reference,
    /// Print a script that completes this command in a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// To whom the command talks.
    fn voice(&self) -> Voice {
        match self {
            Self::Run(asked) => asked.telling.voice(),
            Self::Microstructure(asked) => asked.telling.voice(),
            Self::Impedance(asked) => asked.telling.voice(),
            Self::Validate(asked) => asked.telling.voice(),
            Self::Fit(asked) => asked.telling.voice(),
            Self::Export(asked) => asked.telling.voice(),
            Self::Sweep(asked) => asked.voice(),
            Self::Check(asked) => asked.voice(),
            _ => Voice::Terminal,
        }
    }
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
    let voice = arguments.command.voice();
    let ended = match arguments.command {
        Command::New(asked) => starter::new(&asked),
        Command::Check(asked) => check::check(&asked),
        Command::Run(asked) => run::run(&asked),
        Command::Microstructure(asked) => structure::microstructure(&asked),
        Command::Impedance(asked) => impedance::impedance(&asked),
        Command::Analyse(asked) => analyse::analyse(&asked),
        Command::Anneal(asked) => anneal::anneal(&asked),
        Command::Validate(asked) => validate::validate(&asked),
        Command::Fit(asked) => fit::fit(&asked),
        Command::Export(asked) => exchange::export(&asked),
        Command::Sweep(asked) => sweep::sweep(&asked),
        Command::Materials(asked) => materials::materials(&asked),
        Command::Schema => print(&starter::pretty(&scenario::json_schema())),
        Command::Reference => print(&scenario::reference()),
        Command::Completions { shell } => completions(shell),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(voice),
    }
}

impl Failure {
    /// Says what went wrong; the exit code.
    fn tell(self, voice: Voice) -> ExitCode {
        let (code, words) = match self {
            Self::Refused(diagnostics) => {
                voice.show(&diagnostics);
                let count = |severity: Severity, word: &str| {
                    let items = diagnostics.items.iter();
                    let count = items.filter(|item| item.severity == severity).count();
                    let plural = if count == 1 { "" } else { "s" };
                    (count > 0).then(|| format!("{count} {word}{plural}"))
                };
                let counts = [
                    count(Severity::Error, "error"),
                    count(Severity::Warning, "warning"),
                ];
                let counts: Vec<_> = counts.into_iter().flatten().collect();
                let words = format!("{} refused: {}", diagnostics.name, counts.join(", "));
                (REFUSED, words)
            }
            Self::Message(code, message) if voice == Voice::Json => (code, message),
            // It says itself that it was stopped.
            Self::Message(INTERRUPTED, message) => (INTERRUPTED, message),
            Self::Message(code, message) => (code, format!("error: {message}")),
        };
        match voice {
            Voice::Json => line(&json!({ "event": "failed", "code": code, "message": words })),
            Voice::Terminal | Voice::Quiet => eprintln!("{words}"),
        }
        ExitCode::from(code)
    }
}

/// Prints a document. A reader that wants no more of it (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::Message(
            UNWRITTEN,
            format!("cannot write: {error}"),
        )),
        _ => Ok(()),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "engobe", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Reads a scenario for a reader at a terminal; warnings are shown at once.
fn load(path: &Path) -> Result<Loaded, Failure> {
    load_telling(path, Voice::Terminal)
}

/// Reads a scenario; warnings are told at once.
fn load_telling(path: &Path, voice: Voice) -> Result<Loaded, Failure> {
    let loaded = scenario::load_inspected(path, &inspect).map_err(Failure::Refused)?;
    voice.show(&loaded.diagnostics());
    if voice == Voice::Terminal && sweeps(&loaded) {
        let name = &loaded.name;
        eprintln!(
            "note: this is the scenario as it stands; `engobe sweep run {name}` does its [sweep]"
        );
    }
    Ok(loaded)
}

fn show(diagnostics: &Diagnostics) {
    Voice::Terminal.show(diagnostics);
}

/// Whether a scenario has a [sweep].
fn sweeps(loaded: &Loaded) -> bool {
    scenario::Template::new(&loaded.name, &loaded.text)
        .is_ok_and(|template| template.sweep().is_some())
}

/// Says where an image contradicts the composition.
fn warn_of_differences(scenario: &Scenario, statistics: &MicrostructureStatistics, voice: Voice) {
    if scenario.image.is_some() {
        for difference in differences(statistics) {
            voice.warn(&difference.to_string());
        }
    }
}

/// A structure that cannot be made, told at the key of the scenario that can mend it.
fn unbuildable(loaded: &Loaded, error: &MicrostructureError) -> Failure {
    Failure::Refused(loaded.complaint(error.concern()))
}

/// A structure that does not conduct, told at its recipe.
fn insulating(loaded: &Loaded, error: &TransportError) -> Failure {
    let (key, label) = match loaded.scenario.image {
        Some(_) => ("microstructure.image", "does not conduct"),
        None => ("cathode.composition", "does not conduct"),
    };
    Failure::Refused(loaded.complaint(Concern {
        key,
        severity: Severity::Error,
        message: error.to_string(),
        label,
        help: "`engobe microstructure` shows how far a structure percolates".into(),
    }))
}

/// An error with what led to it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_of_all_commands_fit_together() {
        Arguments::command().debug_assert();
    }
}
