//! `engobe sweep`: many runs of one scenario.

mod export;
mod run;
mod submit;

use super::destination::output_directory;
use super::progress::{Telling, Voice};
use super::{FAILED, Failure, INTERRUPTED, REFUSED, with_causes};
use crate::report;
use crate::scenario::Template;
use crate::sweep::{self, Job, Options, Plan, SweepError, ranges};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

/// All runs are done, and some of them failed.
const SOME_FAILED: u8 = 4;

/// Arguments of `engobe sweep`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A SWEEP is a scenario with [sweep], or the directory of a planned one.\n\
Exit codes: 0 done, 1 something failed on the way, 2 refused, 3 a file could not be written, 4 all runs are done and some \
of them failed (their rows say why), 130 stopped with everything so far kept.\n\n\
Examples:\n  engobe sweep plan scenarios/sweep-coating.toml --dry-run\n  \
engobe sweep run scenarios/sweep-coating.toml\n  engobe sweep status runs/sweep-coating\n  \
engobe sweep submit scenarios/sweep-coating.toml --engine slurm --option=--partition=cpu\n  \
engobe sweep export runs/sweep-coating --run 17 > run17.toml"
)]
pub struct SweepArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check every run and write down what is to be done
    Plan(PlanArguments),
    /// Do it here, on all cores; plans first if need be
    Run(run::RunArguments),
    /// Go on with what is missing or damaged, here or as a new job array
    Resume(submit::ResumeArguments),
    /// Say how far it is, from the result files
    Status(StatusArguments),
    /// Verify all chunks and make one summary, one file of series and a page of them
    Merge(run::MergeArguments),
    /// Write the summary as CSV, or a run as a scenario of its own
    Export(export::ExportArguments),
    /// Hand it to a cluster as a job array, and the merging after it
    Submit(submit::SubmitArguments),
    /// Do the chunks of one element of a job array (what its jobs call)
    RunChunk(run::ChunkArguments),
}

/// A sweep: the scenario or the directory.
#[derive(Debug, Clone, clap::Args)]
struct Which {
    /// Scenario with [sweep], or directory of a planned sweep
    #[arg(value_name = "SWEEP")]
    sweep: PathBuf,
    /// Directory of the sweep [default: runs/<scenario>]
    #[arg(short, long)]
    output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct PlanArguments {
    /// The scenario
    scenario: PathBuf,
    /// Directory of the sweep [default: runs/<scenario>]
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Runs per chunk [default: about a quarter of an hour's, at most 1000 chunks]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    chunk_size: Option<u64>,
    /// Plan again after an edit; results of runs that stay as they are will be taken over
    #[arg(long)]
    again: bool,
    /// Only check and say what it would take
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub telling: Telling,
}

#[derive(Debug, clap::Args)]
struct StatusArguments {
    #[command(flatten)]
    which: Which,
    /// Read every byte of every file, too
    #[arg(long)]
    verify: bool,
}

impl SweepArguments {
    /// To whom the command talks.
    pub fn voice(&self) -> Voice {
        match &self.command {
            Command::Plan(asked) => asked.telling.voice(),
            Command::Run(asked) => asked.telling.voice(),
            Command::Resume(asked) => asked.telling.voice(),
            Command::Merge(asked) => asked.telling.voice(),
            _ => Voice::Terminal,
        }
    }
}

pub fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Plan(asked) => plan(asked),
        Command::Run(asked) => run::run(asked),
        Command::Resume(asked) => submit::resume(asked),
        Command::Status(asked) => status(asked),
        Command::Merge(asked) => run::merge(asked),
        Command::Export(asked) => export::export(asked),
        Command::Submit(asked) => submit::submit(asked),
        Command::RunChunk(asked) => run::run_chunk(asked),
    }
}

impl Which {
    /// The directory of the sweep.
    fn directory(&self) -> PathBuf {
        match self.sweep.is_dir() {
            true => self.sweep.clone(),
            false => output_directory(self.output.as_ref(), &self.sweep, ""),
        }
    }

    /// The plan, which must be there and still be that of the scenario.
    fn plan(&self) -> Result<Plan, Failure> {
        let plan = Plan::open(&self.directory()).map_err(failure)?;
        if !self.sweep.is_dir() {
            let text = sweep::scenario_text(&self.sweep).map_err(failure)?;
            plan.refuse_edited(&text, &self.sweep).map_err(failure)?;
        }
        plan.refuse_if_edited().map_err(failure)?;
        Ok(plan)
    }
}

/// How a command ends for an error of a sweep.
pub fn failure(error: SweepError) -> Failure {
    match error {
        SweepError::Refused(diagnostics) => Failure::Refused(*diagnostics),
        SweepError::Interrupted { .. } => Failure::Message(
            INTERRUPTED,
            format!("{error}; go on with `engobe sweep resume`"),
        ),
        SweepError::Contradiction(message) => Failure::Message(REFUSED, message),
        error => Failure::Message(FAILED, with_causes(&error)),
    }
}

/// The sweep of a plan, read again.
fn with_job<T>(
    plan: &Plan,
    then: impl FnOnce(&Job<'_>) -> Result<T, SweepError>,
) -> Result<T, Failure> {
    let template = Template::new(&plan.name, &plan.text).map_err(Failure::Refused)?;
    let job = Job::new(&template).map_err(failure)?;
    then(&job).map_err(failure)
}

fn plan(asked: &PlanArguments) -> Result<(), Failure> {
    let voice = asked.telling.voice();
    let bar = run::checking_bar(voice);
    let observe = |built| bar.set_position(built);
    if asked.dry_run {
        let text = sweep::scenario_text(&asked.scenario).map_err(failure)?;
        let name = asked.scenario.display().to_string();
        let checked = sweep::estimate(&name, &text, asked.chunk_size, &observe);
        bar.finish_and_clear();
        let (manifest, warnings) = checked.map_err(failure)?;
        voice.show(&warnings);
        voice.done(|| manifest.summary(), || json!(manifest));
        return Ok(());
    }
    let directory = output_directory(asked.output.as_ref(), &asked.scenario, "");
    let options = Options {
        chunk_size: asked.chunk_size,
        again: asked.again,
    };
    let planned = sweep::make(&asked.scenario, &directory, options, &observe);
    bar.finish_and_clear();
    let planned = planned.map_err(failure)?;
    voice.show(&planned.warnings);
    let manifest = &planned.plan.manifest;
    voice.done(
        || {
            let words = manifest.summary();
            format!("{words}\n  planned in {}", directory.display())
        },
        || json!(manifest),
    );
    Ok(())
}

fn status(asked: &StatusArguments) -> Result<(), Failure> {
    let plan = Plan::open(&asked.which.directory()).map_err(failure)?;
    let look = match asked.verify {
        true => sweep::chunk::Look::Whole,
        false => sweep::chunk::Look::Brief,
    };
    let found = sweep::status(&plan, look).map_err(failure)?;
    println!("{}", plan.manifest.title);
    let share = 100.0 * found.done as f64 / found.runs.max(1) as f64;
    println!(
        "  {} of {} runs done ({share:.1} %), {} failed",
        found.done, found.runs, found.failed
    );
    if found.at_work > 0 {
        println!("  {} more in chunks at work", found.at_work);
    }
    if !found.missing.is_empty() {
        println!(
            "  {} of {} chunks missing: {}",
            found.missing.len(),
            found.chunks,
            ranges(&found.missing, 12)
        );
    }
    for (chunk, reason) in &found.damaged {
        println!("  chunk {chunk} is damaged: {reason}; `engobe sweep resume` does it again");
    }
    if let (Some(left), false) = (found.core_seconds_left(), found.open().is_empty()) {
        println!("  about {} of one core left", sweep::duration(left));
    }
    if let Some(told) = submit::told(&plan) {
        println!("  {told}");
    }
    let merged = plan.layout.summary();
    if merged.exists() {
        println!("  merged: {}", merged.display());
    }
    Ok(())
}

/// Writes the page of a merged sweep.
fn write_page(plan: &Plan, job: &Job<'_>, directory: &Path) -> Result<PathBuf, Failure> {
    report::sweep::write(plan, job, directory)
        .map_err(|e| Failure::Message(FAILED, with_causes(&e)))
}
