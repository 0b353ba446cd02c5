//! `engobe fit`: parameters of materials and scenarios fitted to measured numbers.

use super::destination::{create_directory, output_directory};
use super::progress::{self, Stage, Telling, say};
use super::{FAILED, Failure, INTERRUPTED, UNWRITTEN, with_causes};
use crate::calibration::{
    Calibration, CalibrationError, Plan, Progress, Standing, apply, calibrate, combination, load,
    markdown, reach, strong_correlations,
};
use crate::report;
use crate::results::publish;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Arguments of `engobe fit`.
#[derive(Debug, clap::Args)]
pub struct FitArguments {
    /// What is fitted to what: see validation/fit.toml
    fit: PathBuf,
    /// Directory for the results and the journal from which a stopped fit goes on
    /// [default: runs/<name>-fit]
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Put the fitted values into the files of materials and scenarios
    #[arg(long)]
    write: bool,
    /// Forget what an earlier fit has simulated
    #[arg(long)]
    afresh: bool,
    /// Read everything, say what would be fitted, and stop
    #[arg(long, conflicts_with_all = ["write", "afresh"])]
    check: bool,
    #[command(flatten)]
    pub telling: Telling,
}

pub fn fit(arguments: &FitArguments) -> Result<(), Failure> {
    let plan = load(&arguments.fit).map_err(Failure::Refused)?;
    if arguments.check {
        say(&what(&plan));
        return Ok(());
    }
    let directory = output_directory(arguments.output.as_ref(), &arguments.fit, "-fit");
    create_directory(&directory)?;
    if arguments.afresh {
        for name in ["journal", "structures"] {
            let path = directory.join(name);
            // What is not there needs no forgetting.
            let _ = std::fs::remove_file(&path);
            let _ = std::fs::remove_dir_all(&path);
        }
    }
    let voice = arguments.telling.voice();
    super::run::listen_for_interrupts(voice)?;
    let started = Instant::now();
    // Shown from whichever thread has finished a point.
    let shown = Mutex::new(progress::Progress::new(voice, 1));
    let outcome = calibrate(&plan, &directory, &super::run::STOP, &|progress| {
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        show(&mut shown, progress);
    });
    shown
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .finish();
    let calibration = outcome.map_err(failed)?;
    write(&calibration, &directory)?;
    let changed = if arguments.write {
        apply(&plan, &calibration).map_err(failed)?
    } else {
        Vec::new()
    };
    voice.done(
        || {
            let files = changed
                .iter()
                .map(|path| format!("\nchanged {}", path.display()));
            summary(&calibration, &directory, started) + &files.collect::<String>()
        },
        || {
            json!({
                "directory": directory,
                "seconds": started.elapsed().as_secs_f64(),
                "loss": calibration.loss,
                "changed": changed,
            })
        },
    );
    Ok(())
}

/// Search and descent are one stage: how many points the whole takes is known at most.
const FITTING: Stage = Stage::share(1, "fitting");

fn show(shown: &mut progress::Progress, progress: Progress) {
    shown.share(FITTING, progress.done / progress.of.max(1) as f64);
    let best = if progress.best.is_finite() {
        format!(", best loss {:.3}", progress.best)
    } else {
        String::new()
    };
    shown.note(&format!("{}{best}", progress.stage));
}

fn failed(error: CalibrationError) -> Failure {
    let code = match error {
        CalibrationError::Interrupted => INTERRUPTED,
        _ => FAILED,
    };
    Failure::Message(code, with_causes(&error))
}

/// What a fit asks for, in a few lines.
fn what(plan: &Plan) -> String {
    let scenarios = plan.documents.iter().filter(|d| d.scenario).count();
    let mut lines = vec![format!(
        "{}: {} parameters, {} numbers, {scenarios} scenarios",
        plan.title,
        plan.parameters.len(),
        plan.observations.len()
    )];
    for p in &plan.parameters {
        let words = |value| p.written(value, Some(4));
        let [low, high] = p.bounds;
        lines.push(format!(
            "  {}: {} to {}, from {}",
            p.name(),
            words(low),
            words(high),
            words(p.start)
        ));
    }
    lines.join("\n")
}

fn write(calibration: &Calibration, directory: &Path) -> Result<(), Failure> {
    let put = |name: &str, text: &str| {
        let path = directory.join(name);
        publish(&path, text.as_bytes()).map_err(|e| {
            Failure::Message(UNWRITTEN, format!("cannot write {}: {e}", path.display()))
        })
    };
    let json = serde_json::to_string_pretty(calibration)
        .map_err(|e| Failure::Message(FAILED, format!("cannot write fit.json: {e}")))?;
    put("fit.json", &(json + "\n"))?;
    put("fit.md", &markdown(calibration))?;
    report::calibration::write(calibration, directory)
        .map_err(|e| Failure::Message(FAILED, with_causes(&e)))?;
    Ok(())
}

/// What a fit came to, in a few lines.
fn summary(calibration: &Calibration, directory: &Path, started: Instant) -> String {
    let c = calibration;
    let mut lines = vec![format!(
        "{}: loss {:.3} at the start, {:.3} fitted; {} points in {:.0} s",
        c.title,
        c.loss[0],
        c.loss[1],
        c.evaluations,
        started.elapsed().as_secs_f64()
    )];
    let width = c.parameters.iter().map(|p| p.name.len()).max().unwrap_or(0);
    for p in &c.parameters {
        let bound = if p.at_bound { ", at a bound" } else { "" };
        lines.push(format!(
            "  {:<width$}  {}  ({} to {})  {}{bound}",
            p.name,
            p.value,
            p.interval[0],
            p.interval[1],
            p.standing.word()
        ));
    }
    let values = c.known.combinations.iter();
    let values: Vec<_> = values.map(|k| format!("{:.2}", k.singular_value)).collect();
    lines.push(format!("  singular values: {}", values.join(", ")));
    let open = c.known.combinations.iter();
    for k in open.filter(|k| k.standing == Standing::Undetermined) {
        let words = combination(&k.parts, &c.parameters);
        lines.push(format!("  not determined: {words}"));
    }
    for (value, pair) in strong_correlations(c) {
        lines.push(format!("  correlation {value:+.2}: {pair}"));
    }
    for profile in &c.profiles {
        let name = &c.parameters[profile.parameter].name;
        lines.push(format!("  profile of {name}: {}", reach(profile)));
    }
    let changed = c
        .changes
        .iter()
        .filter(|change| change.old.as_deref() != Some(&*change.new));
    for change in changed {
        lines.push(format!(
            "  {}: {}: {} -> {}",
            change.file.display(),
            change.key,
            change.old.as_deref().unwrap_or("(not there)"),
            change.new
        ));
    }
    let page = directory.join(report::calibration::PAGE_NAME);
    lines.push(format!("  {}", page.display()));
    lines.join("\n")
}
