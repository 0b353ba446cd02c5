//! `engobe sweep export`: the summary as CSV, or one run as a scenario of its own.

use super::{FAILED, Failure, REFUSED, Which, failure, with_job};
use crate::sweep::summary_reading;
use crate::sweep::{Plan, SweepError};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct ExportArguments {
    #[command(flatten)]
    which: Which,
    /// The scenario of this run (column `run`) in place of the summary
    #[arg(long)]
    run: Option<u64>,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub fn export(asked: &ExportArguments) -> Result<(), Failure> {
    let plan = Plan::open(&asked.which.directory()).map_err(failure)?;
    let text = match asked.run {
        Some(run) => with_job(&plan, |job| {
            if run >= plan.manifest.runs {
                let last = plan.manifest.runs - 1;
                let message = format!("there is no run {run}: they are numbered 0 to {last}");
                return Err(SweepError::Contradiction(message));
            }
            job.scenario_of(run)
        })?,
        None => {
            let path = plan.layout.summary();
            if !path.exists() {
                let message = format!("{} is not merged yet", plan.layout.root.display());
                return Err(Failure::Message(REFUSED, message));
            }
            summary_reading::csv(&path).map_err(failure)?
        }
    };
    match &asked.to {
        Some(path) => crate::results::publish(path, text.as_bytes())
            .map_err(|e| Failure::Message(FAILED, format!("cannot write {}: {e}", path.display()))),
        None => {
            use std::io::Write as _;
            // A reader that closes early has what it wanted.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(())
        }
    }
}
