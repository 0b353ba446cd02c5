//! Marching a cell through one protocol step: step lengths chosen by the error
//! estimate, the end of the step found to a tolerance.

use crate::electrode::stage::GAMMA;
use crate::electrode::{Electrode, Load, Solver, State, StepResult};
use crate::scenario::{Control, Cutoff, Step};

/// First time step after a change of load, s.
const FIRST_STEP: f64 = 1.0;
/// Shortest time step, s: below it the cell cannot hold the load.
const SHORTEST_STEP: f64 = 1e-6;
/// Largest change of the mean stoichiometry in one time step, so that curves are
/// smooth and the oxygen reaction's onset is resolved.
const LARGEST_STOICHIOMETRY_STEP: f64 = 0.02;
/// Local error estimate allowed per step at a tolerance of 1e-3. A method of second
/// order has a global error that goes as the local one to the power 2/3, so the local
/// error follows the tolerance to the power 3/2. Measured on shi2023-pristine and -1p
/// against a tolerance of 3e-5: 117 to 120 steps per cycle, capacities within 0.005 % in
/// the first three cycles and within 0.03 % in the first hundred.
const LOCAL_ERROR: f64 = 0.006;
/// Exactness of a voltage cut-off as a share of the tolerance (1 V).
const EVENT_EXACTNESS: f64 = 0.02;
/// A protocol step without a duration ends after this time, s (60 days).
const LONGEST_STEP: f64 = 60.0 * 86_400.0;

/// How a protocol step ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StepEnd {
    /// Its duration was over.
    Duration,
    /// A cut-off was met.
    Cutoff(Cutoff),
    /// A cut-off was already exceeded when the load was applied.
    CouldNotStart(Cutoff),
    /// The cell could no longer hold the load, at this voltage (V).
    CouldNotHold(f64),
    /// No cut-off was met in the longest time allowed.
    NoEnd,
}

/// One accepted time step.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Length of the time step, s.
    pub length: f64,
    /// Charge passed, C/m2, positive on charge.
    pub charge: f64,
    /// Energy put in, J/m2.
    pub energy: f64,
    /// Largest imbalance of the current over the depths, relative.
    pub imbalance: f64,
    /// The solver's answer.
    pub result: StepResult,
}

/// A cell being marched.
#[derive(Debug, Clone)]
pub struct Cell<'a> {
    /// The model.
    pub model: &'a Electrode,
    /// The present state.
    pub state: State,
    solver: Solver,
    tolerance: f64,
}

impl<'a> Cell<'a> {
    /// A cell of `model` in `state`; `tolerance` as in
    /// [`crate::scenario::Numerics::tolerance`].
    pub fn new(model: &'a Electrode, state: State, tolerance: f64) -> Self {
        Self {
            solver: Solver::new(model),
            model,
            state,
            tolerance,
        }
    }

    /// Runs one protocol step; `record` is called after every accepted time step.
    pub fn run(&mut self, step: &Step, record: &mut dyn FnMut(&State, &Sample)) -> StepEnd {
        let load = match step.control {
            Control::Current(current) => Load::Current(current),
            Control::Voltage(voltage) => Load::Voltage(voltage),
            Control::Rest => Load::Current(0.0),
        };
        let duration = step.duration.unwrap_or(LONGEST_STEP);
        self.solver.restart();
        let mut time = 0.0;
        let mut next = FIRST_STEP.min(duration);
        let mut before: Option<f64> = None;
        let allowed = LOCAL_ERROR * (self.tolerance / 1e-3).powf(1.5);
        while time < duration {
            let length = next.min(duration - time).min(self.longest(load));
            let attempt = self
                .solver
                .attempt(self.model, &self.state, load, length, allowed);
            let Ok(result) = attempt else {
                next = 0.25 * length;
                if next < SHORTEST_STEP {
                    return StepEnd::CouldNotHold(self.voltage());
                }
                continue;
            };
            if result.error > 1.0 && length > SHORTEST_STEP {
                next = length * growth(&result).max(0.2);
                continue;
            }
            match self.crossing(step, &result, length, before) {
                Crossing::None => {}
                Crossing::Retry(_, cutoff) if length <= SHORTEST_STEP => {
                    return if before.is_none() {
                        StepEnd::CouldNotStart(cutoff)
                    } else {
                        StepEnd::Cutoff(cutoff)
                    };
                }
                Crossing::Retry(shorter, _) => {
                    next = shorter.max(SHORTEST_STEP);
                    continue;
                }
                Crossing::Met(cutoff) => {
                    self.take(length, &result, record);
                    return StepEnd::Cutoff(cutoff);
                }
            }
            self.take(length, &result, record);
            time += length;
            before = Some(result.voltage[1]);
            next = length * growth(&result).min(4.0);
        }
        if step.duration.is_some() {
            StepEnd::Duration
        } else {
            StepEnd::NoEnd
        }
    }

    /// Cell voltage against the anode, V.
    pub fn voltage(&self) -> f64 {
        self.state.scalar(crate::electrode::Field::Voltage)
    }

    fn longest(&self, load: Load) -> f64 {
        let current = match load {
            Load::Current(current) => current.abs(),
            Load::Voltage(_) => 0.0,
        };
        let per_second = current / (crate::constants::FARADAY * self.model.sites());
        if per_second > 0.0 {
            LARGEST_STOICHIOMETRY_STEP / per_second
        } else {
            f64::INFINITY
        }
    }

    fn take(&mut self, length: f64, result: &StepResult, record: &mut dyn FnMut(&State, &Sample)) {
        let weights = [length * (1.0 - GAMMA), length * GAMMA];
        let sample = Sample {
            length,
            charge: weights[0] * result.current[0] + weights[1] * result.current[1],
            energy: weights[0] * result.current[0] * result.voltage[0]
                + weights[1] * result.current[1] * result.voltage[1],
            imbalance: self.solver.imbalance(self.model),
            result: *result,
        };
        self.solver.accept(self.model, &mut self.state);
        record(&self.state, &sample);
    }

    /// Whether the step tried ends at a cut-off, or goes beyond one.
    fn crossing(
        &self,
        step: &Step,
        result: &StepResult,
        length: f64,
        before: Option<f64>,
    ) -> Crossing {
        for cutoff in &step.until {
            // Distance to the cut-off, negative once beyond it, and its exactness.
            let (distance, exactness, middle): (f64, f64, f64) = match *cutoff {
                Cutoff::VoltageAbove(v) => (
                    v - result.voltage[1],
                    EVENT_EXACTNESS * self.tolerance,
                    v - result.voltage[0],
                ),
                Cutoff::VoltageBelow(v) => (
                    result.voltage[1] - v,
                    EVENT_EXACTNESS * self.tolerance,
                    result.voltage[0] - v,
                ),
                Cutoff::CurrentBelow(i) => (
                    result.current[1].abs() - i,
                    self.tolerance * i,
                    result.current[0].abs() - i,
                ),
            };
            if distance.abs() <= exactness {
                return Crossing::Met(*cutoff);
            }
            if distance < 0.0 {
                let start = match *cutoff {
                    Cutoff::VoltageAbove(v) => before.map(|b| v - b),
                    Cutoff::VoltageBelow(v) => before.map(|b| b - v),
                    Cutoff::CurrentBelow(_) => None,
                };
                return Crossing::Retry(length * zero(start, middle, distance), *cutoff);
            }
        }
        Crossing::None
    }
}

enum Crossing {
    None,
    /// Try this length (s) instead.
    Retry(f64, Cutoff),
    Met(Cutoff),
}

/// Step-length factor that brings the error to its aim.
fn growth(result: &StepResult) -> f64 {
    0.9 * result.error.max(1e-4).powf(-1.0 / result.error_order)
}

/// Share of a step at which a quantity reaches zero that is `start` (if known) at 0,
/// `middle` at gamma and `end` < 0 at 1: by the parabola through them where its root
/// lies inside, else by a chord.
fn zero(start: Option<f64>, middle: f64, end: f64) -> f64 {
    let chord = |from: f64, a: f64, b: f64| from + (1.0 - from) * a / (a - b);
    let Some(start) = start else {
        return if middle > 0.0 {
            chord(GAMMA, middle, end)
        } else {
            0.2
        };
    };
    if start <= 0.0 {
        return 0.2;
    }
    let second = ((end - start) - (middle - start) / GAMMA) / (1.0 - GAMMA);
    let first = (end - start) - second;
    let root = (first * first - 4.0 * second * start).sqrt();
    let share = 2.0 * start / (-first + root);
    if share > 0.0 && share < 1.0 {
        share
    } else if middle > 0.0 {
        chord(GAMMA, middle, end)
    } else {
        GAMMA * start / (start - middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_of_a_parabola_is_exact() {
        let f = |t: f64| 1.0 - 0.5 * t - 2.0 * t * t;
        let root = (-0.5 + (0.25f64 + 8.0).sqrt()) / 4.0;
        let found = zero(Some(f(0.0)), f(GAMMA), f(1.0));
        assert!((found - root).abs() < 1e-12);
        let line = zero(Some(1.0), 1.0 - 2.0 * GAMMA, -1.0);
        assert!((line - 0.5).abs() < 1e-9);
    }
}
