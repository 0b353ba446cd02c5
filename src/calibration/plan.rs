//! What a fit is to do: everything its file says, checked.

use super::data::Observation;
use super::document::{Document, Edit};
use crate::input::{Dimension, Unit};
use crate::scenario::CycleBlocks;
use std::path::PathBuf;

/// A fit, ready to be run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Free text.
    pub title: String,
    /// What is fitted.
    pub parameters: Vec<Parameter>,
    /// What it is fitted to.
    pub observations: Vec<Observation>,
    /// Namespaces of the expressions: one per paper, and one for the user's own cells.
    pub spaces: Vec<Space>,
    /// Files of materials (in the order in which they are read) and scenarios.
    pub documents: Vec<Document>,
    /// How the search and the descent go about it.
    pub settings: Settings,
}

/// The cells that expressions can name together.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// Key of the paper; empty for the user's own.
    pub name: String,
    /// Name of a cell, and its scenario among the plan's documents.
    pub cells: Vec<(String, usize)>,
}

/// A fitted value.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Whose it is: a material, or the scenarios.
    pub owner: String,
    /// As in the file it stands in.
    pub key: String,
    /// Of the value; `None` where it is a bare number.
    pub dimension: Option<Dimension>,
    /// Lowest and highest value, SI.
    pub bounds: [f64; 2],
    /// First value tried, SI.
    pub start: f64,
    /// Whether factors count, not differences.
    pub logarithmic: bool,
    /// Where the bounds come from.
    pub reason: String,
    /// Where it is written.
    pub edits: Vec<Edit>,
}

impl Parameter {
    /// Owner and key.
    pub fn name(&self) -> String {
        format!("{}: {}", self.owner, self.key)
    }

    /// The value (SI) at a share of the way between the bounds.
    pub fn at(&self, share: f64) -> f64 {
        let [low, high] = self.bounds;
        // Exact at the ends, where a rounded value could lie outside what is possible.
        if share <= 0.0 {
            low
        } else if share >= 1.0 {
            high
        } else if self.logarithmic {
            (low.ln() + share * (high / low).ln()).exp()
        } else {
            low + share * (high - low)
        }
    }

    /// The share of the way between the bounds at which a value (SI) lies.
    pub fn share(&self, value: f64) -> f64 {
        let [low, high] = self.bounds;
        if self.logarithmic {
            (value / low).ln() / (high / low).ln()
        } else {
            (value - low) / (high - low)
        }
    }

    /// The value (SI) as it is written, in the unit that it has in its file.
    pub fn written(&self, value: f64, digits: Option<usize>) -> Written {
        let unit = self.edits.first().and_then(|edit| edit.unit.as_deref());
        self.in_unit(value, unit, digits)
    }

    /// The value (SI) in one of its units; all digits without `digits`.
    pub fn in_unit(&self, value: f64, unit: Option<&str>, digits: Option<usize>) -> Written {
        let known = self
            .dimension
            .and_then(|dimension| unit.and_then(|unit| Unit::find(unit, dimension)));
        match (self.dimension, known) {
            (None, _) => Written::Number(rounded(value, digits)),
            (Some(_), Some(found)) => {
                let number = rounded((value - found.offset) / found.factor, digits);
                Written::Text(format!("{} {}", plain(number), unit.unwrap_or_default()))
            }
            (Some(dimension), None) => Written::Text(format!(
                "{} {}",
                plain(rounded(value, digits)),
                dimension.si()
            )),
        }
    }
}

/// A value as it stands in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// Bare.
    Number(f64),
    /// With its unit, in quotes.
    Text(String),
}

impl std::fmt::Display for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => f.write_str(&plain(*number)),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// To so many significant digits.
pub(super) fn rounded(value: f64, digits: Option<usize>) -> f64 {
    match digits {
        Some(digits) if value.is_finite() => {
            let digits = digits.saturating_sub(1);
            format!("{value:.digits$e}").parse().unwrap_or(value)
        }
        _ => value,
    }
}

/// Without an exponent where it reads well so.
pub(super) fn plain(value: f64) -> String {
    if value == 0.0 || (1e-3..1e6).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// How the search and the descent go about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Of the sampled points.
    pub seed: u64,
    /// Points per round of the search.
    pub samples: usize,
    /// Rounds of the search.
    pub rounds: usize,
    /// Points from which descents start.
    pub starts: usize,
    /// Gradients per descent, at most.
    pub iterations: usize,
    /// Step of the differences, share of the range.
    pub step: f64,
    /// Whether numbers far off count in proportion to their distance only.
    pub robust: bool,
    /// Standard deviation of a parameter about its start, share of the range.
    pub prior: Option<f64>,
    /// How many of the least determined parameters are profiled.
    pub worst: usize,
    /// Parameters that are profiled in any case.
    pub profiled: Vec<usize>,
    /// Values per profile.
    pub points: usize,
    /// In place of the scenarios' own.
    pub cycle_blocks: Option<CycleBlocks>,
    /// Where the file lies, as it was named.
    pub file: PathBuf,
}
