//! What is fitted to: numbers of papers, numbers of the user, capacities over cycles and
//! points of spectra, each with its uncertainty and how it is read from simulated cells.

use crate::simulation::Wanted;
use crate::validation::{Bound, Expressions, Measured, SimulatedCell, asked};
use num_complex::Complex64;
use std::collections::BTreeMap;

/// A number that is fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Paper and id, or what the user called it.
    pub name: String,
    /// Which of the plan's spaces its cells belong to.
    pub space: usize,
    /// What was measured.
    pub what: String,
    /// Of the values.
    pub unit: String,
    /// Lowest and highest value that agree fully; the same of a single number.
    pub value: [f64; 2],
    /// Standard deviation, in the unit of the value.
    pub uncertainty: f64,
    /// How it is read.
    pub reading: Reading,
    /// What it asks of which cells of its space.
    pub asked: BTreeMap<String, Wanted>,
}

/// How a number is read from simulated cells.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// An expression as in `validation/papers`.
    Expression(String),
    /// A part of the impedance of a cell (ohm) after a cycle at a frequency (Hz).
    Impedance {
        /// Whose.
        cell: String,
        /// After which.
        cycle: usize,
        /// Hz.
        frequency: f64,
        /// The imaginary part, not the real one.
        imaginary: bool,
    },
}

impl Observation {
    /// The number of a paper, read as the paper's file says.
    ///
    /// # Errors
    /// Why it cannot be read from simulated cells.
    pub(super) fn of_paper(
        (key, space): (&str, usize),
        measured: &Measured,
        (scale, uncertainty): (f64, f64),
        cells: &[&str],
    ) -> Result<Self, String> {
        let value = match (measured.value, measured.range) {
            (Some(value), _) => [value, value],
            (None, Some(range)) => range,
            (None, None) => return Err("it has neither a value nor a range".into()),
        };
        Ok(Self {
            name: format!("{key}/{}", measured.id),
            space,
            what: format!("{}, {}", measured.quantity, measured.at),
            unit: measured.unit.clone(),
            value,
            uncertainty: uncertainty * scale,
            asked: asked(&measured.simulated, cells)?,
            reading: Reading::Expression(measured.simulated.clone()),
        })
    }

    /// The number that simulated cells give.
    ///
    /// # Errors
    /// Why they give none.
    pub(super) fn read(&self, cells: &[(&str, Bound)]) -> Result<f64, String> {
        match &self.reading {
            Reading::Expression(expression) => Expressions::over(cells).number(expression),
            Reading::Impedance {
                cell,
                cycle,
                frequency,
                imaginary,
            } => {
                let found = cells.iter().find(|(name, _)| name == cell);
                let (_, bound) = found.ok_or("the cell was not simulated")?;
                let simulated = bound.as_ref().map_err(Clone::clone)?;
                let impedance = impedance(simulated, *cycle, *frequency)?;
                Ok(if *imaginary {
                    impedance.im
                } else {
                    impedance.re
                })
            }
        }
    }

    /// Distance from what was measured in standard deviations, with its sign; zero
    /// within a range.
    pub fn residual(&self, simulated: f64) -> f64 {
        let [low, high] = self.value;
        let off = if simulated < low {
            simulated - low
        } else if simulated > high {
            simulated - high
        } else {
            0.0
        };
        off / self.uncertainty
    }
}

/// Impedance of a cell, ohm, between its simulated frequencies straight over their
/// logarithm.
fn impedance(cell: &SimulatedCell, cycle: usize, frequency: f64) -> Result<Complex64, String> {
    let spectrum = cell.spectra.iter().find(|s| s.cycle as usize == cycle);
    let spectrum = spectrum.ok_or_else(|| format!("no spectrum was taken after cycle {cycle}"))?;
    // Frequencies fall.
    let after = spectrum.frequency.partition_point(|f| *f >= frequency);
    let pair = after.checked_sub(1).map(|before| (before, after));
    let outside = || format!("the scenario's spectrum does not reach {frequency} Hz");
    let (before, after) = pair.ok_or_else(outside)?;
    let faster = spectrum.frequency[before];
    let area = cell.scenario.cell.area;
    let at = |i: usize| spectrum.impedance[i] / area;
    if (faster / frequency - 1.0).abs() < 1e-9 {
        return Ok(at(before));
    }
    let slower = *spectrum.frequency.get(after).ok_or_else(outside)?;
    let share = (faster / frequency).ln() / (faster / slower).ln();
    Ok(at(before) * (1.0 - share) + at(after) * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_count_from_the_edge_of_a_range() {
        let mut number = Observation {
            name: String::new(),
            space: 0,
            what: String::new(),
            unit: String::new(),
            value: [10.0, 20.0],
            uncertainty: 2.0,
            reading: Reading::Expression("1".into()),
            asked: BTreeMap::new(),
        };
        let off: Vec<f64> = [8.0, 15.0, 21.0].map(|y| number.residual(y)).to_vec();
        assert_eq!(off, [-1.0, 0.0, 0.5]);
        number.value = [10.0, 10.0];
        assert!((number.residual(13.0) - 1.5).abs() < 1e-15);
    }
}
