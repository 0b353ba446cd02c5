//! `engobe sweep submit` and `resume`: handing a sweep to a cluster.

use super::{FAILED, Failure, REFUSED, Which, failure};
use crate::cli::progress::Telling;
use crate::sweep::chunk::Look;
use crate::sweep::engine::{Engine, Request, Scripts, Submission};
use crate::sweep::{self, Options, Plan};
use std::path::Path;
use std::process::Command;

/// Elements that an array may have where Slurm does not say: its `MaxArraySize` is 1001
/// unless configured.
const USUAL_MOST: usize = 1000;

#[derive(Debug, clap::Args)]
pub struct SubmitArguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    array: ArrayArguments,
    /// Where to; scripts of pbs and hyperqueue are only written
    #[arg(long, value_enum, default_value = "slurm")]
    engine: Engine,
    /// Runs per chunk, when it is planned now
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    chunk_size: Option<u64>,
}

#[derive(Debug, clap::Args)]
struct ArrayArguments {
    /// Print the scripts and submit nothing
    #[arg(long)]
    dry_run: bool,
    /// Cores per element of the array
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    cpus: u32,
    /// Most elements of the array [default: what Slurm allows, else 1000]
    #[arg(long)]
    most_elements: Option<usize>,
    /// Most elements at the same time
    #[arg(long)]
    at_once: Option<u32>,
    /// A line for the engine, as --option=--partition=cpu; any number of times
    #[arg(long = "option", value_name = "LINE", allow_hyphen_values = true)]
    options: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct ResumeArguments {
    #[command(flatten)]
    which: Which,
    /// As a new job array there; here and now when left out
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    #[command(flatten)]
    array: ArrayArguments,
    /// Even if the earlier submission may still be running
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub telling: Telling,
}

pub fn submit(asked: &SubmitArguments) -> Result<(), Failure> {
    let directory = asked.which.directory();
    if !asked.which.sweep.is_dir() && Plan::open(&directory).is_err() {
        let options = Options {
            chunk_size: asked.chunk_size,
            again: false,
        };
        let made =
            sweep::make(&asked.which.sweep, &directory, options, &|_| ()).map_err(failure)?;
        crate::cli::show(&made.warnings);
        println!("{}", made.plan.manifest.summary());
    }
    hand_over(&asked.which.plan()?, asked.engine, &asked.array)
}

pub fn resume(asked: &ResumeArguments) -> Result<(), Failure> {
    let plan = asked.which.plan()?;
    let earlier = Submission::of(&plan);
    let running = earlier
        .as_ref()
        .filter(|s| s.engine == Engine::Slurm && at_work(s));
    if let (Some(running), false) = (running, asked.force) {
        let message = format!(
            "the sweep may still be running: {}; wait, cancel it, or say --force",
            running.describe()
        );
        return Err(Failure::Message(REFUSED, message));
    }
    let Some(engine) = asked.engine else {
        return super::run::finish(&plan, asked.telling.voice());
    };
    if earlier.is_some() && !asked.array.dry_run && !Submission::release(&plan).map_err(failure)? {
        let message = "somebody else is resuming this sweep at this moment".to_owned();
        return Err(Failure::Message(REFUSED, message));
    }
    hand_over(&plan, engine, &asked.array)
}

/// Whether Slurm still has the jobs of a submission. Where it cannot be asked, they may be.
fn at_work(submission: &Submission) -> bool {
    let jobs = [&submission.job, &submission.merge_job]
        .into_iter()
        .flatten();
    let jobs: Vec<&str> = jobs.map(String::as_str).collect();
    if jobs.is_empty() {
        return true;
    }
    let asked = Command::new("squeue")
        .args(["--noheader", "--jobs", &jobs.join(",")])
        .output();
    match asked {
        // Slurm forgets finished jobs and then calls their numbers invalid.
        Ok(told) if told.status.success() => !told.stdout.is_empty(),
        Ok(told) => !String::from_utf8_lossy(&told.stderr).contains("Invalid job id"),
        Err(_) => true,
    }
}

fn hand_over(plan: &Plan, engine: Engine, asked: &ArrayArguments) -> Result<(), Failure> {
    let mut plan = plan.clone();
    let root = plan.layout.root.canonicalize();
    plan.layout.root = root.map_err(|e| Failure::Message(FAILED, e.to_string()))?;
    let open = sweep::status(&plan, Look::Whole).map_err(failure)?.open();
    if open.is_empty() {
        let message = format!(
            "all chunks are done; merge them with `engobe sweep merge {}`",
            plan.layout.root.display()
        );
        return Err(Failure::Message(REFUSED, message));
    }
    let program = std::env::current_exe();
    let request = Request {
        engine,
        cpus: asked.cpus,
        most_elements: asked.most_elements.unwrap_or_else(|| allowed(engine)),
        at_once: asked.at_once,
        options: asked.options.clone(),
        program: program.map_err(|e| Failure::Message(FAILED, e.to_string()))?,
    };
    let scripts = Scripts::new(&plan, &open, &request).map_err(failure)?;
    if asked.dry_run {
        println!("{}", scripts.array_text.trim_end());
        if let Some((_, merge)) = &scripts.merge {
            println!("\n{}", merge.trim_end());
        }
        return Ok(());
    }
    if engine != Engine::Slurm {
        scripts.write(&plan).map_err(failure)?;
        println!(
            "the script is in {} (untested: read it first)",
            scripts.array.display()
        );
        return Ok(());
    }
    let mut submission = Submission::claim(&plan, engine, &open).map_err(failure)?;
    let outcome = scripts.write(&plan).map_err(failure).and_then(|()| {
        let job = sbatch(&[], &scripts.array)?;
        submission.job = Some(job.clone());
        submission.keep(&plan).map_err(failure)?;
        if let Some((merge, _)) = &scripts.merge {
            let after = format!("--dependency=afterany:{job}");
            submission.merge_job = Some(sbatch(&[&after], merge)?);
        }
        submission.keep(&plan).map_err(failure)
    });
    if outcome.is_err() && submission.job.is_none() {
        // Nothing was handed over: free again.
        Submission::release(&plan).map_err(failure)?;
    }
    outcome?;
    println!(
        "{} chunks in {} elements: job {}, merging {}",
        open.len(),
        scripts.lines.len(),
        submission.job.as_deref().unwrap_or("none"),
        submission.merge_job.as_deref().unwrap_or("none")
    );
    Ok(())
}

/// Submits a script; the number of its job.
fn sbatch(arguments: &[&str], script: &Path) -> Result<String, Failure> {
    let refused =
        |what: String| Failure::Message(FAILED, format!("sbatch {}: {what}", script.display()));
    let told = Command::new("sbatch")
        .arg("--parsable")
        .args(arguments)
        .arg(script)
        .output();
    let told = told.map_err(|e| refused(format!("{e}; is Slurm installed here?")))?;
    if !told.status.success() {
        return Err(refused(
            String::from_utf8_lossy(&told.stderr).trim().to_owned(),
        ));
    }
    let text = String::from_utf8_lossy(&told.stdout).trim().to_owned();
    // `job;cluster` where there are several.
    Ok(text.split(';').next().unwrap_or_default().to_owned())
}

/// Most elements that an array may have.
fn allowed(engine: Engine) -> usize {
    if engine != Engine::Slurm {
        return USUAL_MOST;
    }
    let told = Command::new("scontrol")
        .args(["show", "config"])
        .output()
        .ok();
    let text = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
    let line = text
        .as_deref()
        .and_then(|t| t.lines().find(|l| l.starts_with("MaxArraySize")));
    let most = line.and_then(|l| l.split('=').nth(1)?.trim().parse::<usize>().ok());
    // The greatest index is one less, and 0 counts.
    most.map_or(USUAL_MOST, |most| most.saturating_sub(1))
        .max(1)
}

/// What Slurm has of the sweep, for the status; the files decide.
pub fn told(plan: &Plan) -> Option<String> {
    let submission = Submission::of(plan)?;
    let asked = submission.job.as_deref().and_then(|job| {
        let asked = Command::new("squeue")
            .args(["--noheader", "--array", "--format=%T", "--jobs", job])
            .output();
        asked.ok().filter(|told| told.status.success())
    });
    let states = asked.map_or(String::new(), |told| {
        let text = String::from_utf8_lossy(&told.stdout).to_lowercase();
        let count = |state: &str| text.lines().filter(|line| line.trim() == state).count();
        format!(
            "; {} running, {} pending",
            count("running"),
            count("pending")
        )
    });
    Some(format!("submitted: {}{states}", submission.describe()))
}

/// Takes note that a submission has come to its end.
pub fn ended(plan: &Plan) -> Result<(), Failure> {
    Submission::release(plan).map(drop).map_err(failure)
}
