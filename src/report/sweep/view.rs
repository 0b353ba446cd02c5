//! A sweep as its page sees it: parameters and results that vary, a number per run.

use super::short;
use crate::report::figure::over_unit;
use crate::sweep::sensitivity::{Sensitivity, sensitivities};
use crate::sweep::summary_reading::{columns_of, words_of};
use crate::sweep::{Job, SweepError};
use std::path::Path;

/// Results that the page shows, in this order, with their names and units.
const RESULTS: [(&str, &str, &str); 9] = [
    (
        "last_discharge_capacity",
        "Last discharge capacity",
        "mAh g⁻¹",
    ),
    (
        "first_discharge_capacity",
        "First discharge capacity",
        "mAh g⁻¹",
    ),
    ("last_capacity_retention", "Capacity retention", ""),
    ("spectrum_cathode_resistance", "Cathode resistance", "Ω cm²"),
    (
        "first_coulombic_efficiency",
        "First coulombic efficiency",
        "",
    ),
    ("last_mean_discharge_voltage", "Mean discharge voltage", "V"),
    ("ionic_tortuosity", "Ionic tortuosity factor", ""),
    (
        "electronic_conductivity_least",
        "Electronic conductivity",
        "mS cm⁻¹",
    ),
    ("last_contact_lost", "Contact lost", ""),
];
/// Most results that are shown.
const MOST_RESULTS: usize = 6;
/// Relative spread below which a result does not vary.
const SAME: f64 = 1e-9;
/// Most values that are listed one by one.
const LISTED: usize = 8;
/// Layers into which a sampled parameter is cut, at most.
const MOST_CELLS: usize = 10;

/// A parameter: a place of each run among its cells.
pub struct Variable {
    /// Name with unit.
    pub heading: String,
    /// Its number in each run; of words their place.
    pub values: Vec<f64>,
    /// Cell of each run.
    pub cells: Vec<usize>,
    /// What stands at each cell.
    pub labels: Vec<String>,
    /// Whether cells are words.
    pub words: bool,
}

/// A result of every run; NaN where it failed.
pub struct Outcome {
    /// For people.
    pub name: String,
    /// With unit.
    pub heading: String,
    /// A number per run.
    pub values: Vec<f64>,
    /// Which parameters matter to it, or why that is not known.
    pub sensitivities: Result<Vec<Sensitivity>, String>,
}

/// What the page shows.
pub struct View {
    /// In the order of the sweep.
    pub parameters: Vec<Variable>,
    /// Those that vary.
    pub results: Vec<Outcome>,
    /// Structures per point.
    pub replicates: u64,
}

impl View {
    /// Reads a summary.
    ///
    /// # Errors
    /// A summary that cannot be read.
    pub fn read(path: &Path, job: &Job<'_>) -> Result<Self, SweepError> {
        let design = job.design();
        let mut parameters = Vec::new();
        for parameter in design.parameters() {
            let name = parameter.column();
            parameters.push(match parameter.unit {
                Some(_) => {
                    let column = columns_of(path, &[name])?.pop().unwrap_or_default();
                    Variable::numbers(parameter.heading(), column)
                }
                None => Variable::words(parameter.heading(), &words_of(path, &name)?),
            });
        }
        let names = RESULTS.map(|r| r.0.to_owned());
        let columns = columns_of(path, &names)?;
        let mut results: Vec<Outcome> = Vec::new();
        for ((_, name, unit), values) in RESULTS.into_iter().zip(columns) {
            let known = results.iter().any(|r| alike(&r.values, &values));
            if known || !varies(&values) || results.len() == MOST_RESULTS {
                continue;
            }
            results.push(Outcome {
                sensitivities: sensitivities(design, &values),
                name: name.into(),
                heading: over_unit(name, unit),
                values,
            });
        }
        Ok(Self {
            parameters,
            results,
            replicates: design.replicates(),
        })
    }

    /// Parameters by what they explain of the first result, the greatest first; in the order
    /// of the sweep where that is not known.
    pub fn most_influential(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.parameters.len()).collect();
        order.retain(|i| self.parameters[*i].labels.len() > 1);
        if let Some(Ok(found)) = self.results.first().map(|r| &r.sensitivities) {
            let weight = |i: &usize| found[*i].total.map_or(found[*i].first.value, |t| t.value);
            order.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        }
        order
    }
}

fn finite(values: &[f64]) -> impl Iterator<Item = f64> {
    values.iter().copied().filter(|v| v.is_finite())
}

/// Least and greatest.
pub fn extremes(values: &[f64]) -> (f64, f64) {
    finite(values).fold((f64::INFINITY, f64::NEG_INFINITY), |e, v| {
        (e.0.min(v), e.1.max(v))
    })
}

fn varies(values: &[f64]) -> bool {
    let (low, high) = extremes(values);
    high - low > SAME * high.abs().max(low.abs())
}

fn alike(a: &[f64], b: &[f64]) -> bool {
    a.iter()
        .zip(b)
        .all(|(a, b)| a.total_cmp(b).is_eq() || (a.is_nan() && b.is_nan()))
}

impl Variable {
    fn words(heading: String, words: &[String]) -> Self {
        let mut labels: Vec<String> = Vec::new();
        let cells: Vec<usize> = words
            .iter()
            .map(|word| match labels.iter().position(|label| label == word) {
                Some(at) => at,
                None => {
                    labels.push(word.clone());
                    labels.len() - 1
                }
            })
            .collect();
        Self {
            heading,
            values: cells.iter().map(|cell| *cell as f64).collect(),
            cells,
            labels,
            words: true,
        }
    }

    /// Each value is a cell; too many are cut into layers of as many runs each.
    fn numbers(heading: String, values: Vec<f64>) -> Self {
        let mut rising = values.clone();
        rising.sort_by(f64::total_cmp);
        let count = rising.len();
        let mut distinct = rising.clone();
        distinct.dedup();
        let (edges, labels): (Vec<f64>, Vec<f64>) = if distinct.len() <= 2 * MOST_CELLS {
            (distinct.clone(), distinct)
        } else {
            let layers = (((count as f64) / 4.0).sqrt() as usize).clamp(2, MOST_CELLS);
            let at = |i: usize, half: usize| rising[(2 * i + half) * count / (2 * layers)];
            (
                (0..layers).map(|i| at(i, 0)).collect(),
                (0..layers).map(|i| at(i, 1)).collect(),
            )
        };
        let cell = |v: &f64| edges.partition_point(|edge| edge <= v).saturating_sub(1);
        Self {
            heading,
            cells: values.iter().map(cell).collect(),
            values,
            labels: labels.into_iter().map(short).collect(),
            words: false,
        }
    }

    /// Its values in words.
    pub fn extent(&self) -> String {
        let listed = self.words || self.values.iter().all(|v| self.labels.contains(&short(*v)));
        if listed && self.labels.len() <= LISTED {
            return self.labels.join(", ");
        }
        let (low, high) = extremes(&self.values);
        format!("{} to {}", short(low), short(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_cells_and_many_are_layers_of_equal_share() {
        let grid = Variable::numbers(String::new(), vec![2.0, 4.0, 2.0, 8.0]);
        assert_eq!(grid.cells, [0, 1, 0, 2]);
        assert_eq!(grid.labels, ["2", "4", "8"]);
        let many: Vec<f64> = (0..400).map(|i| f64::from((i * 7919) % 400)).collect();
        let cut = Variable::numbers(String::new(), many);
        for layer in 0..10 {
            assert_eq!(cut.cells.iter().filter(|c| **c == layer).count(), 40);
        }
        assert_eq!(cut.labels[0], "20");
    }
}
