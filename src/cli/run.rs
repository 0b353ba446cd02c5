//! `engobe run`: a scenario from recipe to report.

use super::destination::Destination;
use super::progress::{Progress, Telling, Voice, line};
use super::sources;
use super::{FAILED, Failure, INTERRUPTED, REFUSED, UNWRITTEN, values};
use crate::analysis::{
    GasAnalysis, Known, Source, SurfaceRecord, read_cycling, read_spectra, read_surface,
};
use crate::degradation::Mechanism;
use crate::record::{Attribution, RunRecord};
use crate::report;
use crate::results;
use crate::scenario::Loaded;
use crate::simulation::{RunError, Supervision, run as simulate};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Set by Ctrl-C and by termination.
pub(super) static STOP: AtomicBool = AtomicBool::new(false);

/// Name of the checkpoint in a results directory.
const CHECKPOINT: &str = "checkpoint";

/// Arguments of `engobe run`.
#[derive(Debug, clap::Args)]
pub struct RunArguments {
    /// The scenario
    scenario: PathBuf,
    #[command(flatten)]
    destination: Destination,
    /// Go on from the checkpoint of a run that was stopped
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Accuracy of capacities (relative) and voltages (V), instead of the scenario's
    #[arg(long, value_name = "NUMBER", value_parser = values::tolerance)]
    tolerance: Option<f64>,
    /// An earlier run to which ToF-SIMS intensities are relative, such as that of the cell
    /// without coating
    #[arg(long, value_name = "RUN")]
    reference: Option<PathBuf>,
    #[command(flatten)]
    pub telling: Telling,
}

pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let voice = arguments.telling.voice();
    let mut loaded = super::load_telling(&arguments.scenario, voice)?;
    if let Some(tolerance) = arguments.tolerance {
        loaded.scenario.numerics.tolerance = tolerance;
    }
    let directory = arguments.destination.directory(&arguments.scenario, "");
    let checkpoint = directory.join(CHECKPOINT);
    if arguments.resume && !checkpoint.exists() {
        let message = format!("{} has no checkpoint to go on from", directory.display());
        return Err(Failure::Message(REFUSED, message));
    }
    if !arguments.resume {
        let help = "choose another with --output, replace them with --force, or go on from a checkpoint with --resume";
        arguments.destination.refuse_existing(&directory, help)?;
    }
    // Read first: a reference that cannot be read is said before hours of simulation.
    let reference = arguments
        .reference
        .as_deref()
        .map(sources::reference)
        .transpose()?;
    listen_for_interrupts(voice)?;
    let started = Instant::now();
    let mut progress = Progress::new(voice, 4);
    let supervision = Supervision {
        checkpoint: Some(&checkpoint),
        resume: arguments.resume,
        interrupt: &STOP,
    };
    let outcome = simulate(&loaded, supervision, &mut |event| progress.show(event));
    let record = match outcome {
        Ok(record) => record,
        Err(error) => {
            progress.finish();
            return Err(failure(error, &loaded, &directory));
        }
    };
    super::warn_of_differences(&record.scenario, &record.microstructure.statistics, voice);
    if let Some(reference) = &reference {
        let cycles: Vec<u32> = record.cycles.iter().map(|c| c.cycle).collect();
        if let Some(reason) = sources::apart(&cycles, reference) {
            voice.warn(&reason);
        }
    }
    progress.writing();
    write(&record, reference.as_ref(), &directory)?;
    // Only now is the checkpoint of no more use; a leftover one does no harm.
    let _ = std::fs::remove_file(&checkpoint);
    progress.finish();
    voice.done(
        || summary(&record, &directory, started),
        || numbers(&record, &directory, started),
    );
    Ok(())
}

/// Takes note of Ctrl-C and of termination: a first one lets what is in work come to its
/// next safe end, a second one ends the program at once.
pub(super) fn listen_for_interrupts(voice: Voice) -> Result<(), Failure> {
    ctrlc::set_handler(move || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        match voice {
            Voice::Json => line(&json!({ "event": "stopping" })),
            Voice::Terminal => eprintln!(
                "\nstopping at the end of what is in work; Ctrl-C once more stops at once"
            ),
            Voice::Quiet => {}
        }
    })
    .map_err(|e| Failure::Message(FAILED, format!("cannot listen for Ctrl-C: {e}")))
}

pub(super) fn failure(error: RunError, loaded: &Loaded, directory: &Path) -> Failure {
    match error {
        RunError::Interrupted { .. } => Failure::Message(
            INTERRUPTED,
            format!(
                "{error}; all of it is kept in {}: the same command with --resume goes on",
                directory.display()
            ),
        ),
        // The recipe asks for what cannot be built.
        RunError::Microstructure(error) => super::unbuildable(loaded, &error),
        RunError::Transport(error) => super::insulating(loaded, &error),
        RunError::Model(_) | RunError::Checkpoint(_) | RunError::Spectrum(_) => {
            Failure::Message(FAILED, error.to_string())
        }
    }
}

fn write(
    record: &RunRecord,
    reference: Option<&(String, SurfaceRecord)>,
    directory: &Path,
) -> Result<(), Failure> {
    let failed = |e: &dyn std::error::Error| {
        let cause = e.source().map_or(String::new(), |s| format!(": {s}"));
        Failure::Message(UNWRITTEN, format!("{e}{cause}"))
    };
    super::create_directory(directory)?;
    results::write(record, directory).map_err(|e| failed(&e))?;
    let analysis = directory.join(results::analysis::ANALYSIS_NAME);
    let known = Known::of_scenario(&record.scenario).map_err(|e| failed(&e))?;
    let measured = results::measurements(record).map_err(|e| failed(&e))?;
    let source = [Source {
        name: record.scenario.title.clone(),
        spectra: read_spectra(&measured.spectra, &known),
        cycling: Some(read_cycling(&measured.cycling, &known)),
        gas: GasAnalysis::new(measured.gas),
        surface: read_surface(&measured.surface, reference.map(|r| &r.1)),
        reference: reference.map(|r| r.0.clone()),
        ..Source::default()
    }];
    results::analysis::write(&source, &analysis).map_err(|e| failed(&e))?;
    report::analysis::write(&record.scenario.title, &source, &[], &analysis)
        .map_err(|e| failed(&e))?;
    // Last, as it points to the analysis.
    report::write(record, None, directory).map_err(|e| failed(&e))?;
    Ok(())
}

/// What a run came to, for programs. Capacities in mAh/g.
fn numbers(record: &RunRecord, directory: &Path, started: Instant) -> Value {
    let capacity = |charge: f64| results::summary::specific_capacity(charge, &record.scenario);
    let ends = [record.cycles.first(), record.cycles.last()];
    let [first, last] = ends.map(|cycle| {
        cycle.map(|cycle| {
            json!({
                "cycle": cycle.cycle,
                "charge": capacity(cycle.charge),
                "discharge": capacity(cycle.discharge),
                "note": cycle.note,
            })
        })
    });
    json!({
        "directory": directory,
        "seconds": started.elapsed().as_secs_f64(),
        "cycles": record.cycles.len(),
        "first_cycle": first,
        "last_cycle": last,
    })
}

/// What a run came to, in a few lines.
fn summary(record: &RunRecord, directory: &Path, started: Instant) -> String {
    let scenario = &record.scenario;
    let capacity = |charge: f64| results::summary::specific_capacity(charge, scenario);
    let mut lines = vec![scenario.title.clone()];
    if let (Some(first), Some(last)) = (record.cycles.first(), record.cycles.last()) {
        lines.push(format!(
            "  cycle 1: charge {:.1}, discharge {:.1} mAh/g ({:.1} %)",
            capacity(first.charge),
            capacity(first.discharge),
            100.0 * first.discharge / first.charge
        ));
        lines.push(format!(
            "  cycle {}: discharge {:.1} mAh/g, retention {:.1} %",
            last.cycle,
            capacity(last.discharge),
            100.0 * last.discharge / first.discharge
        ));
        lines.push(format!(
            "  lithium balance {:.1e}, charge balance {:.1e} (relative)",
            last.lithium_error, last.charge_error
        ));
        for cycle in record.cycles.iter().filter(|c| !c.note.is_empty()) {
            lines.push(format!("  cycle {}: {}", cycle.cycle, cycle.note));
        }
    }
    lines.extend(record.attributions.last().map(|at| lost(at, &capacity)));
    lines.push(format!(
        "  {} in {:.1} s",
        directory.join("report.html").display(),
        started.elapsed().as_secs_f64()
    ));
    lines.join("\n")
}

/// What cost most capacity, the three largest first.
fn lost(at: &Attribution, capacity: &dyn Fn(f64) -> f64) -> String {
    let mut shares = Mechanism::ALL.map(|m| (m.label().to_lowercase(), at.shares[m as usize]));
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let largest = shares.iter().take(3).filter(|(_, share)| *share > 0.0);
    let largest: Vec<String> = largest
        .map(|(label, share)| format!("{label} {:.1}", capacity(*share)))
        .collect();
    format!(
        "  lost after cycle {}: {:.1} mAh/g ({})",
        at.cycle,
        capacity(at.fresh - at.aged),
        largest.join(", ")
    )
}
