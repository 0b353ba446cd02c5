//! `engobe validate`: every paper's cells simulated, and judged.

use super::progress::{Progress, Stage, Telling};
use super::{FAILED, Failure, INTERRUPTED, UNWRITTEN, with_causes};
use crate::report;
use crate::results::publish;
use crate::validation::{Folders, Paper, RunsError, Summary, assess, csv, markdown, simulate};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Arguments of `engobe validate`.
#[derive(Debug, clap::Args)]
pub struct ValidateArguments {
    /// Only these papers, by their keys [default: all]
    papers: Vec<String>,
    /// What the papers state, a file each
    #[arg(long, default_value = "validation/papers")]
    data: PathBuf,
    /// The scenarios that the papers name
    #[arg(long, default_value = "scenarios")]
    scenarios: PathBuf,
    /// Directory for table, page and finished simulations
    #[arg(short, long, default_value = "runs/validation")]
    output: PathBuf,
    /// Structures per scenario, for the spread of every number
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    realisations: u32,
    #[command(flatten)]
    pub telling: Telling,
}

const SIMULATING: Stage = Stage::count(1, "simulating", "run");

pub fn validate(arguments: &ValidateArguments) -> Result<(), Failure> {
    let papers = papers(arguments)?;
    let names: BTreeSet<&str> = papers
        .iter()
        .flat_map(|paper| paper.cells.iter().map(|cell| cell.scenario.as_str()))
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    let voice = arguments.telling.voice();
    let started = Instant::now();
    super::run::listen_for_interrupts(voice)?;
    let all = names.len() as u64 * u64::from(arguments.realisations);
    // The bar and how many are finished, in whatever order.
    let progress = Mutex::new((Progress::new(voice, 1), 0));
    let shown = || progress.lock().unwrap_or_else(PoisonError::into_inner);
    shown().0.at(SIMULATING, 0, all);
    let kept = arguments.output.join("kept");
    let folders = Folders {
        scenarios: &arguments.scenarios,
        kept: &kept,
    };
    let outcome = simulate(
        &names,
        folders,
        arguments.realisations,
        &super::run::STOP,
        &|finished| {
            let mut shown = shown();
            let (progress, done) = &mut *shown;
            *done += 1;
            progress.note(finished.scenario);
            progress.at(SIMULATING, *done, all);
        },
    );
    shown().0.finish();
    let simulations = outcome.map_err(|error| match error {
        RunsError::Interrupted => Failure::Message(INTERRUPTED, error.to_string()),
        RunsError::File { .. } => failed(&error),
    })?;
    let assessments: Vec<_> = papers.iter().map(|p| assess(p, &simulations)).collect();
    let put = |name: &str, text: &str| {
        let path = arguments.output.join(name);
        publish(&path, text.as_bytes()).map_err(|e| {
            Failure::Message(UNWRITTEN, format!("cannot write {}: {e}", path.display()))
        })
    };
    put("table.md", &markdown(&assessments))?;
    put("table.csv", &csv(&assessments))?;
    report::validation::write(&assessments, &simulations, &arguments.output)
        .map_err(|e| failed(&e))?;
    for (name, simulated) in &simulations {
        if let Err(reason) = simulated {
            voice.warn(&format!("{name} was not simulated: {reason}"));
        }
    }
    let page = arguments.output.join(report::validation::PAGE_NAME);
    let summary = Summary::of(&assessments);
    voice.done(
        || format!("{}\n  {}", summary.words(), page.display()),
        || {
            json!({
                "directory": arguments.output,
                "seconds": started.elapsed().as_secs_f64(),
                "summary": summary.words(),
            })
        },
    );
    Ok(())
}

fn papers(arguments: &ValidateArguments) -> Result<Vec<Paper>, Failure> {
    let all = Paper::read_all(&arguments.data).map_err(|e| failed(&e))?;
    let known: Vec<_> = all.iter().map(|paper| paper.source.key.as_str()).collect();
    for asked in &arguments.papers {
        if !known.contains(&asked.as_str()) {
            let message = format!(
                "there is no paper `{asked}`; known are {}",
                known.join(", ")
            );
            return Err(Failure::Message(super::REFUSED, message));
        }
    }
    let wanted =
        |paper: &Paper| arguments.papers.is_empty() || arguments.papers.contains(&paper.source.key);
    Ok(all.into_iter().filter(wanted).collect())
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::Message(FAILED, with_causes(error))
}
