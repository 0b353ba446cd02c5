//! Marching a cell through one protocol step: step lengths chosen by the error
//! estimate, the end of the step found to a tolerance.

use super::approach::{Beyond, Distances, LARGEST_VOLTAGE_STEP, evened, longest};
use super::clock::Clock;
use super::course::Course;
use super::growth::{MOST_GROWTH, growth, settling};
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
/// Change of the voltage that makes a time step be taken again, over
/// [`LARGEST_VOLTAGE_STEP`].
const LEAP: f64 = 1.5;
/// Share of the time until the surfaces fill that a time step takes: there everything
/// changes within what is left.
const FILLING: f64 = 0.6;
/// And the larger share that it takes where that is this share of a full discharge: no
/// capacity is lost to it.
const LAST_FILLING: (f64, f64) = (0.9, 5e-4);
/// Local error estimate allowed per step at a tolerance of 1e-3. A method of second
/// order has a global error that goes as the local one to the power 2/3, so the local
/// error follows the tolerance to the power 3/2. Measured against a tolerance of 1e-5, the
/// capacity of any cycle: shi2023-pristine within 0.007 % at 0.1C and 0.019 % at 1C in the
/// first sixty; ma2022-bare within 0.017 % at 0.2C and at 1C in the first forty;
/// walther2021-bare within 0.091 % in the first sixty, over which it loses 53 %; LiNiO2,
/// whose diffusivity falls steeply between its phases, within 0.091 % (ma2024-0p76 at 0.2C,
/// the first forty).
const LOCAL_ERROR: f64 = 0.01;
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
    /// The time steps came to nothing, at this voltage (V): a fault of the program.
    Stalled(f64),
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
        // When it did so last, s.
        let mut jump = 0.0;
        // The last attempt that went beyond a cut-off.
        let mut beyond: Option<Beyond> = None;
        // Whether the last attempt met one, but was not exact enough to tell.
        let mut met = false;
        let allowed = LOCAL_ERROR * (self.tolerance / 1e-3).powf(1.5);
        while clock.time < clock.duration {
            if clock.stalls() {
                return StepEnd::Stalled(self.voltage());
            }
            let most = course.longest(self.model, clock.time, self.voltage());
            let (length, landing) = clock.length(next.min(most), &course);
            let loads = course.loads(clock.time, length);
            let exact = met || beyond.is_some() || landing.is_some();
            self.solver.be_exact(exact);
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
            (rejected, met) = (false, false);
            let charge = passed + charge_of(&result, length);
            let way = Way {
                result: &result,
                length,
                before,
                charge: [passed, charge],
            };
            let moved = before.map_or(0.0, |b| (result.voltage[1] - b.voltage).abs());
            // Where diffusion changes as fast as the voltage falls, its extrapolation fails.
            let leaps = !jumped && moved > LEAP * LARGEST_VOLTAGE_STEP && length > SHORTEST_STEP;
            match self.crossing(step, &way, clock.time, beyond) {
                Crossing::None => {}
                Crossing::Retry(shorter, at) => {
                    let cutoff = at.cutoff;
                    next = if before.is_none() {
                        if length <= SHORTEST_STEP {
                            return StepEnd::CouldNotStart(cutoff);
                        }
                        shorter.max(SHORTEST_STEP)
                    } else {
                        if length <= SHORTEST_APPROACH {
                            return StepEnd::Cutoff(cutoff);
                        }
                        let share = if beyond.is_none() { APPROACH } else { 1.0 };
                        beyond = Some(at);
                        (share * shorter).max(SHORTEST_APPROACH)
                    };
                    continue;
                }
                // One that falls too far is not how the curve goes.
                Crossing::Met(_) if leaps => {}
                Crossing::Met(_) if !exact => {
                    (next, met) = (length, true);
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
            let bearable = before
                .filter(|_| !jumped)
                .map_or(f64::INFINITY, |b| self.bearable(&result, length, b.voltage));
            if leaps {
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
            let grown = growth(&result) * settling(clock.time - jump, length);
            let grown = (length * grown.min(MOST_GROWTH)).min(bearable);
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
            jumped = clock.advance(length, landing, &course);
            beyond = beyond.and_then(|b| b.after_a_step_short_of_it(clock.time));
            if let Some(b) = beyond {
                let left = b.left(clock.time, self.distances(&b.cutoff, &way).end);
                next = next.min(left.max(SHORTEST_APPROACH));
            }
            if jumped {
                jump = clock.time;
                beyond = None;
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

    /// Longest time step (s) after one of `length` (s) that began at the voltage `start`
    /// (V) and gave `result`.
    fn bearable(&self, result: &StepResult, length: f64, start: f64) -> f64 {
        let (share, of_capacity) = LAST_FILLING;
        let fine = of_capacity * self.model.one_c * 3600.0 / result.current[1].abs();
        let filling = (FILLING * result.full_in).max((share * result.full_in).min(fine));
        let thermal = self.model.thermal_voltage();
        longest(start, result.voltage, length, thermal).min(filling)
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

    /// Whether the time step tried ends at a cut-off, or goes beyond one; `beyond` is the
    /// last attempt that did, `now` the time at the start, s.
    fn crossing(&self, step: &Step, way: &Way, now: f64, beyond: Option<Beyond>) -> Crossing {
        for cutoff in &step.until {
            let to = self.distances(cutoff, way);
            if to.end.abs() <= to.exactness {
                return Crossing::Met(*cutoff);
            }
            if to.end < 0.0 {
                let known = beyond.filter(|b| b.cutoff == *cutoff);
                let bend = known.map_or_else(|| to.bend(self.model.thermal_voltage()), |b| b.bend);
                let at = Beyond {
                    cutoff: *cutoff,
                    time: now + way.length,
                    value: evened(to.end, bend),
                    bend,
                    steps: 0,
                };
                // By the line through both attempts, if there was another.
                let secant = known
                    .map(|b| at.value * (b.time - at.time) / (b.value - at.value))
                    .map(|back| way.length - back);
                // Towards a wall, which is volts away within nothing, it hardly moves.
                let slow = known.is_some_and(|b| at.value < 0.5 * b.value);
                let length = match secant {
                    _ if slow => 0.5 * way.length,
                    Some(length) if length > 0.0 && length < way.length => length,
                    _ => way.length * to.zero(bend),
                };
                return Crossing::Retry(length, at);
            }
        }
        Crossing::None
    }

    /// How far it is to a cut-off over a time step.
    fn distances(&self, cutoff: &Cutoff, way: &Way) -> Distances {
        let event = EVENT_EXACTNESS * self.tolerance;
        let [[v1, v2], [i1, i2]] = [way.result.voltage, way.result.current];
        let (before, [passed, charge]) = (way.before, way.charge);
        let middle_charge = passed + GAMMA * way.length * i1;
        let (start, middle, end, exactness) = match *cutoff {
            Cutoff::VoltageAbove(v) => (before.map(|b| v - b.voltage), v - v1, v - v2, event),
            Cutoff::VoltageBelow(v) => (before.map(|b| b.voltage - v), v1 - v, v2 - v, event),
            Cutoff::CurrentBelow(i) => {
                // As large as that with the other sign it is well beyond.
                let sign = before.map_or(i1, |b| b.current).signum();
                (None, sign * i1 - i, sign * i2 - i, self.tolerance * i)
            }
            Cutoff::CurrentAbove(i) => (
                before.map(|b| i - b.current.abs()),
                i - i1.abs(),
                i - i2.abs(),
                self.tolerance * i,
            ),
            Cutoff::ChargeAbove(q) => (
                Some(q - passed.abs()),
                q - middle_charge.abs(),
                q - charge.abs(),
                event * q,
            ),
        };
        Distances {
            start,
            middle,
            end,
            exactness,
            is_voltage: matches!(cutoff, Cutoff::VoltageAbove(_) | Cutoff::VoltageBelow(_)),
        }
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

/// A time step tried, and what was before it in the protocol step.
struct Way<'r> {
    result: &'r StepResult,
    /// s.
    length: f64,
    before: Option<Before>,
    /// What passed in the protocol step before it and with it, C/m2.
    charge: [f64; 2],
}

enum Crossing {
    None,
    /// Try this length (s) instead.
    Retry(f64, Beyond),
    Met(Cutoff),
}
