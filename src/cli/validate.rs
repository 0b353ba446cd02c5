//! `engobe validate`: every paper's cells simulated, and judged.

use super::{FAILED, Failure, INTERRUPTED, with_causes};
use crate::report;
use crate::results::publish;
use crate::validation::{Folders, Paper, RunsError, Summary, assess, csv, markdown, simulate};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::path::PathBuf;

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
    /// No progress, no summary
    #[arg(short, long)]
    quiet: bool,
}

pub fn validate(arguments: &ValidateArguments) -> Result<(), Failure> {
    let papers = papers(arguments)?;
    let names: BTreeSet<&str> = papers
        .iter()
        .flat_map(|paper| paper.cells.iter().map(|cell| cell.scenario.as_str()))
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    super::run::listen_for_interrupts()?;
    let bar = bar(
        arguments,
        names.len() as u64 * u64::from(arguments.realisations),
    );
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
            bar.set_message(finished.scenario.to_owned());
            bar.inc(1);
        },
    );
    bar.finish_and_clear();
    let simulations = outcome.map_err(|error| match error {
        RunsError::Interrupted => Failure::Message(INTERRUPTED, error.to_string()),
        RunsError::File { .. } => failed(&error),
    })?;
    let assessments: Vec<_> = papers.iter().map(|p| assess(p, &simulations)).collect();
    let put = |name: &str, text: &str| {
        let path = arguments.output.join(name);
        publish(&path, text.as_bytes())
            .map_err(|e| Failure::Message(FAILED, format!("cannot write {}: {e}", path.display())))
    };
    put("table.md", &markdown(&assessments))?;
    put("table.csv", &csv(&assessments))?;
    report::validation::write(&assessments, &simulations, &arguments.output)
        .map_err(|e| failed(&e))?;
    if !arguments.quiet {
        for (name, simulated) in &simulations {
            if let Err(reason) = simulated {
                eprintln!("warning: {name} was not simulated: {reason}");
            }
        }
        let page = arguments.output.join(report::validation::PAGE_NAME);
        println!(
            "{}\n  {}",
            Summary::of(&assessments).words(),
            page.display()
        );
    }
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

fn bar(arguments: &ValidateArguments, simulations: u64) -> ProgressBar {
    let target = if arguments.quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(simulations), target);
    if let Ok(style) =
        ProgressStyle::with_template("simulating {bar:30} {pos}/{len}  {eta} left  {msg}")
    {
        bar.set_style(style);
    }
    bar
}
