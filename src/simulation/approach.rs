//! How a voltage runs towards the end of a step: where it meets a cut-off, and how long a
//! time step it bears.
//!
//! Where the last sites fill (or the last ions leave) the open-circuit potential goes as
//! the logarithm of what is left, and at a constant current that falls evenly:
//! `V = V0 + s t + b ln(T - t)`, with T the time at which nothing is left. With b = RT/F
//! for what is left alone; as fewer and fewer particles take the current, which goes with
//! twice the logarithm into the overpotential, several times that.

use crate::electrode::stage::GAMMA;
use crate::scenario::Cutoff;

/// Time steps aimed at a cut-off by one attempt beyond it.
const MOST_SHORT: usize = 4;

/// Change of the voltage at which the next time step is made shorter, V: a recorded curve
/// is read between its points, and at the steep end of a discharge the solver itself
/// would do with three of them.
pub(super) const LARGEST_VOLTAGE_STEP: f64 = 0.1;

/// b over RT/F: at the ends of discharges it was seen to be between 1 and 4.
const STEEPNESS: f64 = 3.0;

/// Longest time step (s) after one of `length` (s) in which the voltage went from `start`
/// through `middle`, after the first stage, to `end` (V): one in which it changes by
/// [`LARGEST_VOLTAGE_STEP`], and shorter than the time left until it has no end.
/// `thermal` is RT/F, V.
pub(super) fn longest(start: f64, [middle, end]: [f64; 2], length: f64, thermal: f64) -> f64 {
    let scale = STEEPNESS * thermal;
    let even = length * LARGEST_VOLTAGE_STEP / (end - start).abs();
    let [early, late] = [middle - start, end - middle];
    if early * late <= 0.0 {
        return even;
    }
    let rest = (1.0 - GAMMA) * length;
    // If all of the change were the logarithm; so far away is the end at least.
    let steep = rest / (late.abs() / scale).exp_m1();
    // By how the rate has grown, which is exact far from the end.
    let bend = late.abs() / rest - early.abs() / (GAMMA * length);
    let far = if bend > 0.0 {
        let quarter = 0.25 * length;
        (quarter * quarter + scale * length / (2.0 * bend)).sqrt() - quarter - 0.5 * rest
    } else {
        f64::INFINITY
    };
    let share = -(-LARGEST_VOLTAGE_STEP / scale).exp_m1();
    even.min(share * steep.max(far))
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

/// Distance from a cut-off at the start of a time step (if known), after its first stage
/// and at its end, negative once beyond it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Distances {
    pub start: Option<f64>,
    pub middle: f64,
    pub end: f64,
    /// To what the cut-off has to be met.
    pub exactness: f64,
    /// Whether they are voltages.
    pub is_voltage: bool,
}

impl Distances {
    /// What [`evened`] needs to make the distances change evenly: a few RT/F (`thermal`, V)
    /// for voltages that change ever faster, and by more than one; else infinity.
    pub fn bend(&self, thermal: f64) -> f64 {
        let logarithmic = self.start.is_some_and(|start| {
            let (early, all) = (start - self.middle, start - self.end);
            early > 0.0 && early < GAMMA * all && all > thermal
        });
        if self.is_voltage && logarithmic {
            STEEPNESS * thermal
        } else {
            f64::INFINITY
        }
    }

    /// Share of the step at which the distance, [`evened`] by `bend`, is zero.
    pub fn zero(&self, bend: f64) -> f64 {
        let even = |distance: f64| evened(distance, bend);
        zero(self.start.map(even), even(self.middle), even(self.end))
    }
}

/// A distance that goes as `bend` times the logarithm of another that changes evenly, as
/// that other.
pub(super) fn evened(distance: f64, bend: f64) -> f64 {
    if bend.is_finite() {
        bend * (distance / bend).exp_m1()
    } else {
        distance
    }
}

/// The end of an attempt that went beyond a cut-off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beyond {
    pub cutoff: Cutoff,
    /// s since the start of the protocol step.
    pub time: f64,
    /// Distance, [`evened`] by `bend`; negative.
    pub value: f64,
    pub bend: f64,
    /// Time steps taken since that attempt, all short of the cut-off.
    pub steps: usize,
}

impl Beyond {
    /// What is known of the cut-off after another time step short of it, until `now` (s).
    /// The state that a shorter step leads to differs by the error of either, so that the
    /// cut-off may have moved behind the attempt: steps aimed at a point before it would
    /// come to nothing. So the attempt counts for half after each step that fell short
    /// (as in the Illinois rule), and is forgotten after a few.
    pub fn after_a_step_short_of_it(mut self, now: f64) -> Option<Self> {
        self.steps += 1;
        if self.steps > 1 {
            self.value *= 0.5;
        }
        (self.time > now && self.steps <= MOST_SHORT).then_some(self)
    }

    /// Time left to the cut-off, s, at the `distance` from it at `now` (s): by the straight
    /// line to the attempt.
    pub fn left(&self, now: f64, distance: f64) -> f64 {
        let value = evened(distance, self.bend);
        (self.time - now) * value / (value - self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERMAL: f64 = 0.0257;

    #[test]
    fn zero_of_a_parabola_is_exact() {
        let f = |t: f64| 1.0 - 0.5 * t - 2.0 * t * t;
        let root = (-0.5 + (0.25f64 + 8.0).sqrt()) / 4.0;
        let found = zero(Some(f(0.0)), f(GAMMA), f(1.0));
        assert!((found - root).abs() < 1e-12);
        let line = zero(Some(1.0), 1.0 - 2.0 * GAMMA, -1.0);
        assert!((line - 0.5).abs() < 1e-9);
    }

    #[test]
    fn zero_of_a_logarithm_is_exact() {
        // Nothing is left at t = 1.02.
        let f = |t: f64| 0.04 + STEEPNESS * THERMAL * (1.02 - t).ln();
        let root = 1.02 - (-0.04 / (STEEPNESS * THERMAL)).exp();
        let share = |start: f64, middle: f64, end: f64| {
            let distances = Distances {
                start: Some(start),
                middle,
                end,
                exactness: 0.0,
                is_voltage: true,
            };
            distances.zero(distances.bend(THERMAL))
        };
        let found = share(f(0.0), f(GAMMA), f(1.0));
        assert!((found - root).abs() < 1e-9, "{found} {root}");
        // A parabola that grows slower is none.
        let g = |t: f64| 0.1 - 0.3 * t + 0.1 * t * t;
        let found = share(g(0.0), g(GAMMA), g(1.0));
        assert!(
            (found - (0.3 - 0.05f64.sqrt()) / 0.2).abs() < 1e-9,
            "{found}"
        );
    }

    /// Steps aimed at a cut-off at `end`, to which the voltage falls evenly, after an
    /// attempt beyond a cut-off at 100 s; until it is met or the attempt is forgotten.
    fn steps_towards(end: f64) -> (usize, f64) {
        let distance = |time: f64| 1e-3 * (end - time);
        let (mut now, mut steps) = (99.9, 0);
        let mut beyond = Some(Beyond {
            cutoff: Cutoff::VoltageBelow(2.0),
            time: 100.1,
            value: -1e-4,
            bend: f64::INFINITY,
            steps: 0,
        });
        while let Some(at) = beyond.and_then(|b| b.after_a_step_short_of_it(now)) {
            now += at.left(now, distance(now));
            steps += 1;
            if distance(now).abs() < 1e-9 {
                break;
            }
            beyond = Some(at);
        }
        (steps, now)
    }

    #[test]
    fn a_cut_off_that_has_moved_behind_an_attempt_is_let_go() {
        let (steps, met) = steps_towards(100.0);
        assert!(steps == 1 && (met - 100.0).abs() < 1e-6, "{steps}");
        let (steps, reached) = steps_towards(100.2);
        assert!(steps <= MOST_SHORT && reached < 100.2, "{steps}");
    }

    #[test]
    fn a_voltage_without_an_end_is_left_time_and_a_straight_one_all_it_may_change() {
        let scale = STEEPNESS * THERMAL;
        let share = 1.0 - (-LARGEST_VOLTAGE_STEP / scale).exp();
        for left in [0.02, 0.3, 3.0, 30.0] {
            let f = |t: f64| 2.0 + scale * (1.0 + left - t).ln();
            let step = longest(f(0.0), [f(GAMMA), f(1.0)], 1.0, THERMAL);
            assert!(
                step < 1.001 * share * left && step > 0.6 * share * left,
                "{left}: {step}"
            );
        }
        let line = longest(2.0, [2.0 - 0.02 * GAMMA, 1.98], 1.0, THERMAL);
        assert!((line - 5.0).abs() < 1e-9 || line > 5.0, "{line}");
        let relaxing = longest(2.0, [2.02, 2.025], 1.0, THERMAL);
        assert!((relaxing - 4.0).abs() < 1e-9);
    }
}
