//! Doing the runs of a sweep, here.

use super::{Failure, REFUSED, SOME_FAILED, Which, failure, with_job};
use crate::cli::progress::{Progress, Stage, Telling, Voice};
use crate::cli::run::{STOP, listen_for_interrupts};
use crate::sweep::chunk::Look;
use crate::sweep::engine::{element, listed};
use crate::sweep::{self, Event, Job, Merged, Options, Plan, SweepError, Worker, simulate};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub struct RunArguments {
    #[command(flatten)]
    which: Which,
    /// Runs per chunk, when it is planned now
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    chunk_size: Option<u64>,
    /// Threads [default: all cores]
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    pub telling: Telling,
}

#[derive(Debug, clap::Args)]
pub struct MergeArguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    pub telling: Telling,
}

#[derive(Debug, clap::Args)]
pub struct ChunkArguments {
    /// Directory of the planned sweep
    sweep: PathBuf,
    /// File that lists the chunks, a line for each element of the array
    #[arg(long)]
    list: Option<PathBuf>,
    /// Element of the array, from 0 [default: from SLURM_ARRAY_TASK_ID, PBS_ARRAY_INDEX,
    /// AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX or HQ_TASK_ID]
    #[arg(long)]
    index: Option<u64>,
    /// Threads [default: all cores given to the job]
    #[arg(long)]
    threads: Option<usize>,
}

pub fn run(asked: &RunArguments) -> Result<(), Failure> {
    threads(asked.threads)?;
    let voice = asked.telling.voice();
    let directory = asked.which.directory();
    let planned = asked.which.sweep.is_dir() || Plan::open(&directory).is_ok();
    if !planned {
        let bar = checking_bar(voice);
        let options = Options {
            chunk_size: asked.chunk_size,
            again: false,
        };
        let made = sweep::make(&asked.which.sweep, &directory, options, &|n| {
            bar.set_position(n)
        });
        bar.finish_and_clear();
        let made = made.map_err(failure)?;
        voice.show(&made.warnings);
        if voice == Voice::Terminal {
            println!("{}", made.plan.manifest.summary());
        }
    }
    let plan = asked.which.plan()?;
    if planned
        && asked
            .chunk_size
            .is_some_and(|size| size != plan.manifest.chunk_size)
    {
        let size = plan.manifest.chunk_size;
        let message =
            format!("it is planned in chunks of {size}; plan it again with --again to change that");
        return Err(Failure::Message(REFUSED, message));
    }
    finish(&plan, voice)
}

/// Does all that is missing and merges.
pub fn finish(plan: &Plan, voice: Voice) -> Result<(), Failure> {
    listen_for_interrupts(voice)?;
    let chunks: Vec<u64> = (0..plan.manifest.chunks()).collect();
    let merged = with_job(plan, |job| {
        work(plan, job, &chunks, voice)?;
        sweep::merge(plan, job, &|_| ())
    })?;
    told(plan, &merged, voice)
}

pub fn merge(asked: &MergeArguments) -> Result<(), Failure> {
    let plan = Plan::open(&asked.which.directory()).map_err(failure)?;
    let merged = with_job(&plan, |job| sweep::merge(&plan, job, &|_| ()))?;
    super::submit::ended(&plan)?;
    told(&plan, &merged, asked.telling.voice())
}

/// Writes the page and says what came of the sweep.
fn told(plan: &Plan, merged: &Merged, voice: Voice) -> Result<(), Failure> {
    let page = with_job(plan, |job| {
        Ok(super::write_page(plan, job, &plan.layout.root))
    })??;
    let (runs, failed) = (merged.runs, merged.failed);
    voice.done(
        || {
            format!(
                "{} of {runs} runs done, {failed} failed\n  {}\n  {}\n  {}",
                runs - failed,
                merged.summary.display(),
                merged.series.display(),
                page.display()
            )
        },
        || {
            json!({
                "directory": plan.layout.root,
                "runs": runs,
                "failed": failed,
                "summary": merged.summary,
                "series": merged.series,
                "page": page,
            })
        },
    );
    if merged.failed > 0 {
        let message = format!(
            "{} of {} runs failed; column `reason` of {} says why",
            merged.failed,
            merged.runs,
            merged.summary.display()
        );
        return Err(Failure::Message(SOME_FAILED, message));
    }
    Ok(())
}

pub fn run_chunk(asked: &ChunkArguments) -> Result<(), Failure> {
    threads(asked.threads)?;
    let plan = Plan::open(&asked.sweep).map_err(failure)?;
    let refused = |message: String| Failure::Message(REFUSED, message);
    let index = match asked.index {
        Some(index) => index,
        None => element(|name| std::env::var(name).ok()).map_err(refused)?,
    };
    let chunks = match &asked.list {
        Some(path) => listed(path, index).map_err(failure)?,
        None => vec![index],
    };
    let of = plan.manifest.chunks();
    if let Some(beyond) = chunks.iter().find(|chunk| **chunk >= of) {
        let message = format!("there is no chunk {beyond}: there are {of}, counted from 0");
        return Err(refused(message));
    }
    listen_for_interrupts(Voice::Quiet)?;
    with_job(&plan, |job| work(&plan, job, &chunks, Voice::Quiet))?;
    // Whether runs failed is a matter of their rows: the job has done its work.
    let failed = chunks.iter().filter(|c| {
        let state = sweep::chunk::state(&plan, **c, Look::Brief);
        matches!(state, Ok(sweep::chunk::State::Done(commit)) if commit.failed > 0)
    });
    println!(
        "chunks {} done; with failed runs: {}",
        sweep::ranges(&chunks, 20),
        failed.count()
    );
    Ok(())
}

const SIMULATING: Stage = Stage::count(1, "simulating", "run");

/// The live view of a sweep.
struct View {
    progress: Progress,
    done: u64,
    failed: u64,
    /// Simulated now, and since when: what was there before says nothing of the rate.
    fresh: u64,
    since: Instant,
}

/// Works through chunks with a live view.
fn work(plan: &Plan, job: &Job<'_>, chunks: &[u64], voice: Voice) -> Result<(), SweepError> {
    let runs = chunks.iter().map(|chunk| {
        let range = plan.manifest.runs_of(*chunk);
        range.end - range.start
    });
    let runs = runs.sum();
    let view = Mutex::new(View {
        progress: Progress::new(voice, 1),
        done: 0,
        failed: 0,
        fresh: 0,
        since: Instant::now(),
    });
    let locked = || view.lock().unwrap_or_else(PoisonError::into_inner);
    let observe = |event| locked().show(event, runs);
    let worker = Worker {
        plan,
        job,
        simulate: &|loaded, part| simulate(loaded, part, job.design().series()),
        interrupt: &STOP,
        observe: &observe,
    };
    let outcome = worker.work(chunks);
    locked().progress.finish();
    outcome
}

impl View {
    fn show(&mut self, event: Event, runs: u64) {
        match event {
            Event::Structures(0) => return,
            Event::Structures(many) => {
                self.progress.at(SIMULATING, self.done, runs);
                self.progress.note(&format!("{many} structures first"));
                return;
            }
            Event::Known(known, bad) => {
                self.done += known;
                self.failed += bad;
            }
            Event::Run { failed: bad } => {
                self.done += 1;
                self.fresh += 1;
                self.failed += u64::from(bad);
            }
        }
        self.progress.at(SIMULATING, self.done, runs);
        let rate = self.fresh as f64 / self.since.elapsed().as_secs_f64();
        let failed = self.failed;
        self.progress
            .note(&format!("{failed} failed, {rate:.1} runs/s"));
    }
}

/// A counter of runs that were checked.
pub fn checking_bar(voice: Voice) -> ProgressBar {
    let target = match voice {
        Voice::Terminal => ProgressDrawTarget::stderr(),
        Voice::Quiet | Voice::Json => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} runs checked  {per_sec}") {
        bar.set_style(style);
    }
    bar
}

/// Sets the number of threads of the whole program.
fn threads(asked: Option<usize>) -> Result<(), Failure> {
    let Some(count) = asked else {
        return Ok(());
    };
    let built = rayon::ThreadPoolBuilder::new()
        .num_threads(count)
        .build_global();
    built.map_err(|e| Failure::Message(REFUSED, format!("--threads: {e}")))
}
