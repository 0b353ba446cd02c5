//! What came of a fit: the fitted values as changes of files, the numbers beside the
//! measured ones, what is determined; as data, as a table to read, and put into the files.

use super::evaluate::Evaluator;
use super::identify::{Identifiability, Standing};
use super::journal::Value;
use super::plan::{Parameter, Plan, Written};
use super::profile::Profile;
use super::{CalibrationError, DIGITS, Seen, document, loss, world};
use crate::results::publish;
use crate::validation::table::short;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

/// A share this near to an end of its range sits at the bound.
const AT_BOUND: f64 = 0.01;
/// Standard errors on either side of a 95 % interval.
const NORMAL: f64 = 1.96;
/// A number that moves by fewer standard deviations from bound to bound of a parameter
/// does not speak of it.
const SPEAKS: f64 = 0.5;
/// Correlations from here on are told in words.
const STRONG: f64 = 0.8;
/// Parts of a combination below this are not named.
const NAMED: f64 = 0.25;

/// What came of a fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Of the fit.
    pub title: String,
    /// Points evaluated.
    pub evaluations: usize,
    /// Loss of the start and of the fitted values; the second with the part of the prior.
    pub loss: [f64; 2],
    /// Part of the fitted values' loss that the prior makes.
    pub prior_loss: f64,
    /// In the order of the file.
    pub parameters: Vec<FittedParameter>,
    /// In the order of the file.
    pub numbers: Vec<Compared>,
    /// What the data determine.
    pub known: Identifiability,
    /// Of the parameters followed away from the optimum.
    pub profiles: Vec<Profile>,
    /// One per start.
    pub descents: Vec<Descent>,
    /// Every point that search and descents looked at.
    pub history: Vec<Seen>,
    /// What the fitted values change in the files.
    pub changes: Vec<Change>,
}

/// A fitted value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FittedParameter {
    /// Owner and key.
    pub name: String,
    /// As written.
    pub value: String,
    /// In SI.
    pub si: f64,
    /// Bounds, as written.
    pub bounds: [String; 2],
    /// First value tried, as written.
    pub start: String,
    /// Share of the way between the bounds.
    pub share: f64,
    /// Ends of the 95 % interval from its standard error, as written; within the bounds.
    pub interval: [String; 2],
    /// The same, SI.
    pub interval_si: [f64; 2],
    /// How well it is known.
    pub standing: Standing,
    /// Whether it sits at one of its bounds.
    pub at_bound: bool,
    /// Scenarios whose numbers speak of it, by the stem of their files.
    pub fitted_to: Vec<String>,
    /// Where the bounds come from.
    pub reason: String,
}

/// A number beside the measured one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// As in the fit's file.
    pub name: String,
    /// What was measured.
    pub what: String,
    /// Of all values.
    pub unit: String,
    /// Lowest and highest value that agree fully.
    pub measured: [f64; 2],
    /// Standard deviation.
    pub uncertainty: f64,
    /// With the start; `None` where it could not be simulated.
    pub start: Option<f64>,
    /// With the fitted values.
    pub fitted: Option<f64>,
    /// Distance of the fitted one in standard deviations.
    pub residual: f64,
    /// Why it could not be simulated.
    pub reason: Option<String>,
}

/// How a descent went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Descent {
    /// Loss where it began.
    pub from: f64,
    /// Loss where it came to rest.
    pub to: f64,
    /// Gradients taken.
    pub gradients: usize,
    /// Why it stopped.
    pub why: String,
}

/// A value changed in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The file.
    pub file: PathBuf,
    /// Keys from the outermost inwards.
    pub key: String,
    /// What stands there; `None` where nothing does.
    pub old: Option<String>,
    /// What the fit asks for.
    pub new: String,
}

/// Everything a calibration is put together from.
pub(super) struct Parts<'a> {
    pub plan: &'a Plan,
    pub evaluator: &'a Evaluator<'a>,
    pub shares: Vec<f64>,
    pub values: Vec<f64>,
    pub at_start: Vec<Value>,
    pub found: Vec<Value>,
    pub residuals: Vec<f64>,
    pub known: Identifiability,
    pub profiles: Vec<Profile>,
    pub descents: Vec<Descent>,
    pub history: Vec<Seen>,
}

impl Parts<'_> {
    pub fn put_together(self) -> Calibration {
        let plan = self.plan;
        let start: Vec<f64> = plan.parameters.iter().map(|p| p.share(p.start)).collect();
        let prior = loss::prior(plan, &self.shares);
        Calibration {
            title: plan.title.clone(),
            evaluations: self.evaluator.counts().0,
            loss: [
                loss::loss(plan, &self.at_start, &start),
                loss::loss(plan, &self.found, &self.shares),
            ],
            prior_loss: prior.iter().map(|r| r * r).sum(),
            parameters: (0..plan.parameters.len())
                .map(|i| self.parameter(i))
                .collect(),
            numbers: (0..plan.observations.len())
                .map(|i| self.number(i))
                .collect(),
            changes: changes(plan, &self.values),
            known: self.known,
            profiles: self.profiles,
            descents: self.descents,
            history: self.history,
        }
    }

    fn parameter(&self, index: usize) -> FittedParameter {
        let parameter = &self.plan.parameters[index];
        let share = self.shares[index];
        let reach = NORMAL * self.known.errors[index];
        let ends = [share - reach, share + reach].map(|end| parameter.at(end.clamp(0.0, 1.0)));
        let words = |value: f64, digits| parameter.written(value, Some(digits)).to_string();
        FittedParameter {
            name: parameter.name(),
            value: words(self.values[index], DIGITS),
            si: self.values[index],
            bounds: parameter.bounds.map(|bound| words(bound, DIGITS)),
            start: words(parameter.start, DIGITS),
            share,
            interval: ends.map(|end| words(end, 3)),
            interval_si: ends,
            standing: self.known.standings[index],
            at_bound: !(AT_BOUND..=1.0 - AT_BOUND).contains(&share),
            fitted_to: self.speaking(index),
            reason: parameter.reason.clone(),
        }
    }

    /// Scenarios whose numbers speak of a parameter.
    fn speaking(&self, index: usize) -> Vec<String> {
        let rows = self.known.jacobian.iter().enumerate();
        let speak: BTreeSet<usize> = rows
            .filter(|(_, row)| row[index].abs() >= SPEAKS)
            .map(|(row, _)| row)
            .collect();
        let scenarios = self.evaluator.scenarios_of(&speak).into_iter();
        let stems = scenarios.filter_map(|document| {
            let stem = self.plan.documents[document].path.file_stem()?;
            Some(stem.to_string_lossy().into_owned())
        });
        stems.collect()
    }

    fn number(&self, index: usize) -> Compared {
        let observation = &self.plan.observations[index];
        let fitted = &self.found[index];
        Compared {
            name: observation.name.clone(),
            what: observation.what.clone(),
            unit: observation.unit.clone(),
            measured: observation.value,
            uncertainty: observation.uncertainty,
            start: self.at_start[index].as_ref().ok().copied(),
            fitted: fitted.as_ref().ok().copied(),
            residual: self.residuals[index],
            reason: fitted.as_ref().err().cloned(),
        }
    }
}

/// What the values (SI) change in the plan's files.
fn changes(plan: &Plan, values: &[f64]) -> Vec<Change> {
    let pairs = plan.parameters.iter().zip(values);
    let of = |(parameter, value): (&Parameter, &f64)| -> Vec<Change> {
        let edits = parameter.edits.iter();
        edits
            .map(|edit| {
                let file = &plan.documents[edit.document];
                let new = parameter.in_unit(*value, edit.unit.as_deref(), Some(DIGITS));
                let old = document::present(&file.text, &edit.path);
                Change {
                    file: file.path.clone(),
                    key: edit.path.join("."),
                    old: old.map(|old: Written| old.to_string()),
                    new: new.to_string(),
                }
            })
            .collect()
    };
    pairs.flat_map(of).collect()
}

/// Puts the fitted values into the files, with the scenarios they were fitted to where a
/// material's value stands with its source. Gives the files that were changed.
///
/// # Errors
/// [`CalibrationError`] if a file has changed since the fit began or cannot be written;
/// files before it in the list are changed then.
pub fn apply(plan: &Plan, calibration: &Calibration) -> Result<Vec<PathBuf>, CalibrationError> {
    let values: Vec<f64> = calibration.parameters.iter().map(|p| p.si).collect();
    let mut texts = world::texts(plan, &values, Some(DIGITS)).map_err(CalibrationError::Place)?;
    for (parameter, fitted) in plan.parameters.iter().zip(&calibration.parameters) {
        for edit in &parameter.edits {
            let text = &mut texts[edit.document];
            if !plan.documents[edit.document].scenario
                && let Some(noted) =
                    document::note(text, &edit.path, "fitted_to", &fitted.fitted_to)
            {
                *text = noted;
            }
        }
    }
    let pairs = plan.documents.iter().zip(&texts);
    let changed: Vec<_> = pairs
        .filter(|(document, text)| document.text != **text)
        .collect();
    for (document, _) in &changed {
        let now = std::fs::read_to_string(&document.path);
        if now.ok().as_ref() != Some(&document.text) {
            let path = document.path.clone();
            return Err(CalibrationError::Changed { path });
        }
    }
    for (document, text) in &changed {
        publish(&document.path, text.as_bytes()).map_err(|source| CalibrationError::File {
            path: document.path.clone(),
            source,
        })?;
    }
    Ok(changed.into_iter().map(|(d, _)| d.path.clone()).collect())
}

/// A combination in words: the parameters with their parts, the largest first.
pub fn combination(parts: &[f64], parameters: &[FittedParameter]) -> String {
    let mut named: Vec<(f64, &str)> = parts
        .iter()
        .zip(parameters)
        .filter(|(part, _)| part.abs() >= NAMED)
        .map(|(part, parameter)| (*part, parameter.name.as_str()))
        .collect();
    named.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let words = named.iter().enumerate().map(|(i, (part, name))| {
        let sign = match (i, *part < 0.0) {
            (0, _) => "",
            (_, true) => " − ",
            (_, false) => " + ",
        };
        format!("{sign}{:.2} [{name}]", part.abs())
    });
    words.collect()
}

/// A measured value or range.
pub(crate) fn measured([low, high]: [f64; 2]) -> String {
    if low < high {
        format!("{} to {}", short(low), short(high))
    } else {
        short(low)
    }
}

/// Pairs of parameters whose errors go together, the strongest first.
pub fn strong_correlations(c: &Calibration) -> Vec<(f64, String)> {
    let mut pairs = Vec::new();
    for (i, row) in c.known.correlations.iter().enumerate() {
        for (j, value) in row.iter().enumerate().take(i) {
            if value.abs() >= STRONG {
                let [one, other] = [j, i].map(|k| c.parameters[k].name.as_str());
                pairs.push((*value, format!("{one} with {other}")));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    pairs
}

/// The 95 % interval that a profile gives, as written; open where the loss does not rise
/// enough before the bound.
pub fn reach(profile: &Profile) -> String {
    match &profile.written {
        [Some(low), Some(high)] => format!("{low} to {high}"),
        [Some(low), None] => format!("above {low}"),
        [None, Some(high)] => format!("below {high}"),
        [None, None] => "anything between its bounds".into(),
    }
}

/// Everything as Markdown, to be read and kept.
pub fn markdown(calibration: &Calibration) -> String {
    let c = calibration;
    let mut text = format!(
        "# {}\n\nLoss {:.2} at the start, {:.2} with the fitted values (of it {:.2} by the prior), {} numbers, {} parameters, \
         {} points evaluated.\n",
        c.title,
        c.loss[0],
        c.loss[1],
        c.prior_loss,
        c.numbers.len(),
        c.parameters.len(),
        c.evaluations,
    );
    text += "\n## Fitted values\n\n| parameter | value | 95 % | bounds | | fitted to |\n|---|---|---|---|---|---|\n";
    for p in &c.parameters {
        let bound = if p.at_bound { ", at a bound" } else { "" };
        let _ = writeln!(
            text,
            "| {} | {} | {} to {} | {} to {} | {}{bound} | {} |",
            p.name,
            p.value,
            p.interval[0],
            p.interval[1],
            p.bounds[0],
            p.bounds[1],
            p.standing.word(),
            p.fitted_to.join(", "),
        );
    }
    text += "\n## Numbers\n\n| number | measured | start | fitted | unit | off by (standard deviations) |\n|---|---|---|---|---|---|\n";
    for n in &c.numbers {
        let word = |value: Option<f64>| value.map_or("–".into(), short);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.2}{} |",
            n.name,
            measured(n.measured),
            word(n.start),
            word(n.fitted),
            n.unit,
            n.residual,
            n.reason
                .as_ref()
                .map_or(String::new(), |r| format!(" ({r})")),
        );
    }
    text += "\n## What the numbers determine\n\nSingular values: by how many standard deviations the numbers move when the \
             combination goes from bound to bound.\n\n| singular value | | combination |\n|---|---|---|\n";
    for k in &c.known.combinations {
        let words = combination(&k.parts, &c.parameters);
        let _ = writeln!(
            text,
            "| {} | {} | {words} |",
            short(k.singular_value),
            k.standing.word()
        );
    }
    text += "\n| strong correlation | |\n|---|---|\n";
    for (value, pair) in strong_correlations(c) {
        let _ = writeln!(text, "| {pair} | {value:+.2} |");
    }
    text += "\n| profile | fitted | 95 % |\n|---|---|---|\n";
    for profile in &c.profiles {
        let parameter = &c.parameters[profile.parameter];
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            parameter.name,
            parameter.value,
            reach(profile)
        );
    }
    text += "\n## Changes\n\n| file | key | old | new |\n|---|---|---|---|\n";
    for change in &c.changes {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            change.file.display(),
            change.key,
            change.old.as_deref().unwrap_or("–"),
            change.new,
        );
    }
    text
}
