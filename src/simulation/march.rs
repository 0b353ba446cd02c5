//! Marching a cell through one protocol step: step lengths chosen by the error
//! estimate, the end of the step found to a tolerance.

use super::course::Course;
use crate::electrode::stage::GAMMA;
use crate::electrode::{Electrode, Load, Solver, State, StepResult};
use crate::scenario::{Control, Cutoff, Step};

/// First time step after a change of load, s.
const FIRST_STEP: f64 = 1.0;
/// Shortest time step, s: below it the cell cannot hold the load.
const SHORTEST_STEP: f64 = 1e-6;
/// Shortest time step on the way to a cut-off, s: where the last site is filled, the
/// voltage falls by volts within microseconds.
const SHORTEST_APPROACH: f64 = 1e-12;
/// Share of the way to a cut-off first taken when it is foreseen: the step that meets the
/// cut-off is then a short one, and brings little error of its own.
const APPROACH: f64 = 0.95;
/// Change of the voltage at which the next time step is made shorter, V: a recorded curve
/// is read between its points, and at the steep end of a discharge the solver itself
/// would do with three of them.
const LARGEST_VOLTAGE_STEP: f64 = 0.1;
/// Local error estimate allowed per step at a tolerance of 1e-3. A method of second
/// order has a global error that goes as the local one to the power 2/3, so the local
/// error follows the tolerance to the power 3/2. Measured on shi2023-pristine and -1p
/// against a tolerance of 3e-5: 117 to 120 steps per cycle, capacities within 0.005 % in
/// the first three cycles and within 0.03 % in the first hundred.
const LOCAL_ERROR: f64 = 0.006;
/// Voltages against the anode beyond which nothing is a cell any more, V: a load that
/// leads there is not held. Within them the walls of the open-circuit potentials
/// (`electrode::equilibrium`) keep every stoichiometry inside 0..1.
const POSSIBLE_VOLTAGES: std::ops::RangeInclusive<f64> = -2.0..=8.0;
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
    /// Whether it belongs into the time series: every step does, unless the protocol
    /// names a sampling period.
    pub recorded: bool,
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
        let (course, ends) = Course::of(step, self.voltage());
        let mut clock = Clock::new(step.period, ends.unwrap_or(LONGEST_STEP));
        self.solver.restart();
        let mut next = FIRST_STEP.min(clock.duration);
        let mut before: Option<Before> = None;
        let mut passed = 0.0;
        // Until when the load could not be held in an attempt.
        let mut failed = f64::INFINITY;
        // Whether the last attempt was too inexact.
        let mut rejected = false;
        // Whether the load has jumped since the last time step, and the voltage with it.
        let mut jumped = true;
        // What is left of the way to a foreseen cut-off, s.
        let mut rest: Option<f64> = None;
        let allowed = LOCAL_ERROR * (self.tolerance / 1e-3).powf(1.5);
        while clock.time < clock.duration {
            let longest = course.longest(self.model, clock.time, self.voltage());
            let (length, landing) = clock.length(next.min(longest), &course);
            let loads = course.loads(clock.time, length);
            let attempt = self
                .solver
                .attempt(self.model, &self.state, loads, length, allowed);
            let Ok(result) = attempt else {
                next = 0.25 * length;
                failed = clock.time + length;
                if next < SHORTEST_STEP {
                    return self.given_up(step, before.is_none(), allowed);
                }
                continue;
            };
            if result.error > 1.0 && length > SHORTEST_STEP {
                // At a corner of a curve the error falls more slowly than its order says.
                let most = if rejected { 0.5 } else { 1.0 };
                next = length * growth(&result).clamp(0.2, most);
                rejected = true;
                continue;
            }
            rejected = false;
            let charge = passed + charge_of(&result, length);
            match self.crossing(step, &result, length, before, [passed, charge]) {
                Crossing::None => {}
                Crossing::Retry(shorter, cutoff) => {
                    next = if before.is_none() {
                        if length <= SHORTEST_STEP {
                            return StepEnd::CouldNotStart(cutoff);
                        }
                        shorter.max(SHORTEST_STEP)
                    } else {
                        if length <= SHORTEST_APPROACH {
                            return StepEnd::Cutoff(cutoff);
                        }
                        let share = if rest.is_none() { APPROACH } else { 1.0 };
                        rest.get_or_insert((1.0 - APPROACH) * shorter);
                        (share * shorter).max(SHORTEST_APPROACH)
                    };
                    continue;
                }
                Crossing::Met(cutoff) => {
                    self.take(length, &result, true, record);
                    return StepEnd::Cutoff(cutoff);
                }
            }
            if !POSSIBLE_VOLTAGES.contains(&result.voltage[1]) {
                next = 0.25 * length;
                if next < SHORTEST_STEP {
                    return StepEnd::CouldNotHold(self.voltage());
                }
                continue;
            }
            let moved = before.map_or(0.0, |b| (result.voltage[1] - b.voltage).abs());
            // Where diffusion changes as fast as the voltage falls, its extrapolation fails.
            if !jumped && moved > 2.0 * LARGEST_VOLTAGE_STEP && length > SHORTEST_STEP {
                next = length * (LARGEST_VOLTAGE_STEP / moved).max(0.2);
                rejected = true;
                continue;
            }
            self.take(length, &result, clock.records(landing), record);
            passed = charge;
            before = Some(Before {
                voltage: result.voltage[1],
                current: result.current[1],
            });
            let grown = length * growth(&result).min(4.0).min(LARGEST_VOLTAGE_STEP / moved);
            // A step cut short to land on a time says nothing against the longer one.
            next = if landing.is_some() {
                grown.max(next)
            } else {
                grown
            };
            // Half the way to where it fails, or, if that was for another reason, on with
            // steps as long as this one.
            let left = failed - (clock.time + length);
            if left > 0.0 {
                next = next.min((0.5 * left).max(length));
            } else {
                failed = f64::INFINITY;
            }
            if let Some(left) = rest.take_if(|left| length > *left) {
                next = next.min(left);
            }
            jumped = clock.advance(length, landing, &course);
            if jumped {
                self.solver.restart();
                next = FIRST_STEP;
            }
        }
        if ends.is_some() {
            StepEnd::Duration
        } else {
            StepEnd::NoEnd
        }
    }

    /// How a step ends whose current no voltage seems to drive. If held at its cut-off
    /// voltage the cell takes less, that current would lead beyond the cut-off. At constant
    /// power there is a most that a cell gives, and beyond it the voltage collapses.
    fn given_up(&mut self, step: &Step, first: bool, allowed: f64) -> StepEnd {
        let asked_at = |voltage: f64| match step.control {
            Control::Current(current) => Some(current),
            Control::Power(power) => Some(power / voltage),
            _ => None,
        };
        for cutoff in &step.until {
            let (voltage, sign) = match *cutoff {
                Cutoff::VoltageAbove(v) => (v, 1.0),
                Cutoff::VoltageBelow(v) => (v, -1.0),
                Cutoff::CurrentAbove(_) | Cutoff::CurrentBelow(_) | Cutoff::ChargeAbove(_) => {
                    continue;
                }
            };
            let hold = Load::Voltage(voltage);
            let attempt =
                self.solver
                    .attempt(self.model, &self.state, hold, SHORTEST_STEP, allowed);
            let beyond = |asked: f64, held: &StepResult| sign * (asked - held.current[1]) > 0.0;
            if let (Some(asked), Ok(held)) = (asked_at(voltage), attempt)
                && beyond(asked, &held)
            {
                return if first {
                    StepEnd::CouldNotStart(*cutoff)
                } else {
                    StepEnd::Cutoff(*cutoff)
                };
            }
        }
        StepEnd::CouldNotHold(self.voltage())
    }

    /// Cell voltage against the anode, V.
    pub fn voltage(&self) -> f64 {
        self.state.scalar(crate::electrode::Field::Voltage)
    }

    fn take(
        &mut self,
        length: f64,
        result: &StepResult,
        recorded: bool,
        record: &mut dyn FnMut(&State, &Sample),
    ) {
        let weights = [length * (1.0 - GAMMA), length * GAMMA];
        let sample = Sample {
            length,
            charge: charge_of(result, length),
            energy: weights[0] * result.current[0] * result.voltage[0]
                + weights[1] * result.current[1] * result.voltage[1],
            imbalance: self.solver.imbalance(self.model),
            result: *result,
            recorded,
        };
        self.solver.accept(self.model, &mut self.state);
        record(&self.state, &sample);
    }

    /// Whether the time step tried ends at a cut-off, or goes beyond one. `charge` is
    /// what passed in the protocol step before it and with it, C/m2.
    fn crossing(
        &self,
        step: &Step,
        result: &StepResult,
        length: f64,
        before: Option<Before>,
        charge: [f64; 2],
    ) -> Crossing {
        let event = EVENT_EXACTNESS * self.tolerance;
        let [[v1, v2], [i1, i2]] = [result.voltage, result.current];
        for cutoff in &step.until {
            // Distance to the cut-off at the start (if known), in the middle and at the
            // end of the time step, negative once beyond it; and its exactness.
            let (start, middle, distance, exactness): (Option<f64>, f64, f64, f64) = match *cutoff {
                Cutoff::VoltageAbove(v) => (before.map(|b| v - b.voltage), v - v1, v - v2, event),
                Cutoff::VoltageBelow(v) => (before.map(|b| b.voltage - v), v1 - v, v2 - v, event),
                Cutoff::CurrentBelow(i) => (None, i1.abs() - i, i2.abs() - i, self.tolerance * i),
                Cutoff::CurrentAbove(i) => (
                    before.map(|b| i - b.current.abs()),
                    i - i1.abs(),
                    i - i2.abs(),
                    self.tolerance * i,
                ),
                Cutoff::ChargeAbove(q) => (
                    Some(q - charge[0].abs()),
                    q - (charge[0] + GAMMA * length * i1).abs(),
                    q - charge[1].abs(),
                    event * q,
                ),
            };
            if distance.abs() <= exactness {
                return Crossing::Met(*cutoff);
            }
            if distance < 0.0 {
                return Crossing::Retry(length * zero(start, middle, distance), *cutoff);
            }
        }
        Crossing::None
    }
}

/// Charge that a time step passes, C/m2.
fn charge_of(result: &StepResult, length: f64) -> f64 {
    let weights = [length * (1.0 - GAMMA), length * GAMMA];
    weights[0] * result.current[0] + weights[1] * result.current[1]
}

/// What was measured at the start of a time step.
#[derive(Debug, Clone, Copy)]
struct Before {
    /// V against the anode.
    voltage: f64,
    /// A/m2.
    current: f64,
}

/// Time within a protocol step, and the times on which time steps have to land.
struct Clock {
    /// s since the start.
    time: f64,
    /// s.
    duration: f64,
    period: Option<f64>,
    /// Samples recorded.
    samples: f64,
}

impl Clock {
    fn new(period: Option<f64>, duration: f64) -> Self {
        Self {
            time: 0.0,
            duration,
            period,
            samples: 0.0,
        }
    }

    fn next_sample(&self) -> f64 {
        self.period
            .map_or(f64::INFINITY, |period| (self.samples + 1.0) * period)
    }

    /// A time step at most as long as `wished` (s), and the time on which it lands if
    /// it was cut to.
    fn length(&self, wished: f64, course: &Course) -> (f64, Option<f64>) {
        let corner = course.next_corner(self.time).0;
        let target = self.duration.min(self.next_sample()).min(corner);
        let left = target - self.time;
        if wished >= left {
            (left, Some(target))
        } else if target < self.duration && wished > 0.5 * left {
            // Two halves rather than a long step and a sliver.
            (0.5 * left, None)
        } else {
            (wished, None)
        }
    }

    /// Whether the time on which a step lands is one to record.
    fn records(&self, landing: Option<f64>) -> bool {
        self.period.is_none()
            || landing.is_some_and(|time| time >= self.next_sample() || time >= self.duration)
    }

    /// Goes on by a time step; true where the load jumps.
    fn advance(&mut self, length: f64, landing: Option<f64>, course: &Course) -> bool {
        let (corner, jump) = course.next_corner(self.time);
        self.time = landing.unwrap_or(self.time + length);
        if self.time >= self.next_sample() {
            self.samples += 1.0;
        }
        jump && self.time >= corner && self.time < self.duration
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
