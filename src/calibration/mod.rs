//! The room of calibration: which values of materials and scenarios agree with measured
//! numbers, and which of them those numbers determine.
//!
//! A fit is a TOML file ([`load`], keys in [`schema`]): parameters with bounds, and
//! numbers of papers or of the user's own cells. [`calibrate`] searches the box between
//! the bounds, descends from its best points, and tells what the data determine; the
//! fitted values are changes of the files they stand in ([`apply`] makes them). Every
//! simulation goes to a journal, so that a fit that was stopped goes on where it was, and
//! nothing depends on the number of threads.

mod data;
mod document;
mod evaluate;
mod identify;
mod journal;
mod laboratory;
mod loss;
mod outcome;
mod papers;
mod plan;
mod profile;
mod read;
mod refine;
pub mod schema;
mod search;
mod structures;
mod target;
mod world;

pub use data::{Observation, Reading};
pub use document::{Document, Edit, changed};
pub use identify::{Combination, Identifiability, Standing};
pub(crate) use outcome::measured;
pub use outcome::{
    Calibration, Change, Compared, Descent, FittedParameter, apply, combination, markdown, reach,
    strong_correlations,
};
pub use plan::{Parameter, Plan, Settings, Space, Written};
pub use profile::{Profile, RISE};
pub use read::load;

use evaluate::Evaluator;
use profile::Optimum;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Digits with which fitted values are written, and at which they are judged.
pub const DIGITS: usize = 4;

/// How far a fit is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub stage: &'static str,
    /// Points evaluated so far.
    pub done: f64,
    /// Points until the end, at most.
    pub of: usize,
    /// Lowest loss so far.
    pub best: f64,
}

/// A point that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Seen {
    /// When.
    pub stage: &'static str,
    /// Its loss.
    pub loss: f64,
}

/// Why a fit ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// The file system refused.
    #[error("cannot write {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Stopped from outside; the journal holds what was simulated.
    #[error("stopped; what was simulated is kept, the same command goes on")]
    Interrupted,
    /// No point could be simulated.
    #[error("none of the points could be simulated, not even the start: {reason}")]
    Nothing {
        /// Of the first number.
        reason: String,
    },
    /// The files changed while the fit ran.
    #[error("{path} has changed since the fit began; run it again")]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// A value cannot be put where it belongs.
    #[error("{0}")]
    Place(String),
}

/// Runs a fit. What it simulates is kept in `folder`, which is made if it is missing; a
/// fit that was stopped goes on from there.
///
/// # Errors
/// [`CalibrationError`] where nothing can be written or simulated, or after `interrupt`
/// was set.
pub fn calibrate(
    plan: &Plan,
    folder: &Path,
    interrupt: &AtomicBool,
    observe: &(dyn Fn(Progress) + Sync),
) -> Result<Calibration, CalibrationError> {
    let evaluator = Evaluator::new(plan, folder, interrupt, observe)?;
    let settings = &plan.settings;
    let count = plan.parameters.len();
    let profiled = (settings.worst + settings.profiled.len()).min(count);
    // Points of each stage, at most.
    let search_points = settings.samples * settings.rounds + 1;
    let descent_points = settings.starts * (settings.iterations * (count + 2) + 2);
    let close = 2 * count + 1;
    let profile_points = 3 * profiled * 2 * settings.points.div_ceil(2);
    let after_search = descent_points + close + profile_points;
    let mut history = Vec::new();

    evaluator.stage("search", search_points + after_search);
    let searched = search::search(plan, &evaluator, &mut history)?;
    let start: Vec<f64> = plan.parameters.iter().map(|p| p.share(p.start)).collect();
    let at_start = evaluator.values(std::slice::from_ref(&start))?.remove(0);
    if let (true, Some(Err(reason))) = (at_start.iter().all(Result::is_err), at_start.first())
        && history.iter().all(|seen| seen.loss >= history[0].loss)
    {
        let reason = reason.clone();
        return Err(CalibrationError::Nothing { reason });
    }

    let mut descents = Vec::new();
    let mut best: Option<(f64, Vec<f64>)> = searched.first().cloned();
    for (index, (from, point)) in searched.iter().take(settings.starts).enumerate() {
        let left = descent_points * (settings.starts - index) / settings.starts;
        evaluator.stage("descent", left + close + profile_points);
        let rest = refine::descend(plan, &evaluator, point, &mut history)?;
        descents.push(Descent {
            from: *from,
            to: rest.loss,
            gradients: rest.gradients,
            why: rest.why,
        });
        if best.as_ref().is_none_or(|(loss, _)| rest.loss < *loss) {
            best = Some((rest.loss, rest.shares));
        }
    }

    evaluator.stage("what is determined", close + profile_points);
    let shares = best.map_or(start.clone(), |(_, shares)| shares);
    // Judged as it will be written.
    let values = world::as_written(&plan.parameters, &shares, DIGITS);
    let pairs = plan.parameters.iter().zip(&values);
    let shares: Vec<f64> = pairs
        .map(|(p, value)| p.share(*value).clamp(0.0, 1.0))
        .collect();
    let found = evaluator.values(std::slice::from_ref(&shares))?.remove(0);
    let residuals = loss::residuals(plan, &found);
    let jacobian = refine::jacobian(plan, &evaluator, &shares, &residuals, true)?;
    let known = identify::identify(&jacobian, &residuals);

    evaluator.stage("profiles", profile_points);
    let mut parameters = settings.profiled.clone();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| known.errors[*b].total_cmp(&known.errors[*a]));
    parameters.extend(order.into_iter().take(settings.worst));
    let mut listed = std::collections::BTreeSet::new();
    parameters.retain(|parameter| listed.insert(*parameter));
    let optimum = Optimum {
        shares: &shares,
        residuals: &residuals,
        jacobian: &jacobian,
        errors: &known.errors,
        excess: known.excess,
    };
    let profiles = profile::profiles(plan, &evaluator, &optimum, &parameters)?;
    Ok(outcome::Parts {
        plan,
        evaluator: &evaluator,
        shares,
        values,
        at_start,
        found,
        residuals,
        known,
        profiles,
        descents,
        history,
    }
    .put_together())
}
