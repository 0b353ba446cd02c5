//! Impedance room: a sine of finite amplitude, simulated in time, and how far the answer is
//! from that of a linear cell.
//!
//! The voltage is driven as an instrument drives it, V = V0 + A sin(2 pi f t). The
//! coefficients c1, c2, c3 of the current at f, 2f and 3f over a period give the impedance
//! that the instrument would show and its harmonics. The same march without the sine is
//! taken off, and one with a sine s A, s = 1/8, tells the linear answer, together with what
//! is left of its beginning, from the rest: with c_n = l_n A + b_n A^m, m = 3 for n = 1 (to
//! lowest order) and m = n else,
//!
//! ```text
//! b_n A^m = [c_n(A) - c_n(s A)/s] / [1 - s^(m-1)]
//! ```
//!
//! Double layers and the capacitances of layers are left out: the check belongs to
//! frequencies below the arcs, where amplitudes matter most, as the charge that a sine
//! moves grows as 1/f.

use crate::electrode::stage::GAMMA;
use crate::electrode::{Electrode, Field, Load, Solver, StageError, State};
use num_complex::Complex64;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Deviation of the impedance above which the answer is no longer called linear.
pub const LINEAR: f64 = 0.01;
/// Harmonic over fundamental above which it is not, a usual limit of instruments (5 %).
pub const DISTORTION: f64 = 0.05;

/// Time steps per period, an error of 0.3 % in the impedance.
const STEPS: usize = 64;
/// Periods simulated; the last is read.
const PERIODS: usize = 3;
/// The small amplitude over the amplitude, s.
const SMALL: f64 = 0.125;
/// Local error up to which the stages are solved, V: far below what a sine bends.
const EXACT: f64 = 1e-8;

/// How linear the answer to a sine is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Linearity {
    /// Hz.
    pub frequency: f64,
    /// Amplitude of the voltage, zero to crest, V.
    pub amplitude: f64,
    /// Relative deviation of the modulus of the impedance from that of an infinitesimal
    /// sine; NaN where the cell could not follow the sine.
    pub deviation: f64,
    /// Current at twice the frequency over that at the frequency.
    pub second: f64,
    /// Current at three times the frequency over that at the frequency.
    pub third: f64,
}

impl Linearity {
    /// Whether an experimenter would call the answer linear.
    pub fn is_linear(&self) -> bool {
        self.deviation.abs() <= LINEAR && self.second.hypot(self.third) <= DISTORTION
    }
}

/// Answers of `model` about `state` to sines of (frequency in Hz, amplitude in V), in
/// their order, in parallel.
pub fn linearity(model: &Electrode, state: &State, sines: &[(f64, f64)]) -> Vec<Linearity> {
    let shares = [1.0, SMALL, 0.0];
    // Three marches for each sine, each on its own.
    let marches: Vec<Option<[Complex64; 3]>> = (0..3 * sines.len())
        .into_par_iter()
        .map(|k| {
            let (frequency, amplitude) = sines[k / 3];
            march(model, state, frequency, shares[k % 3] * amplitude).ok()
        })
        .collect();
    let each = sines.iter().zip(marches.chunks_exact(3));
    each.map(|(&(frequency, amplitude), answers)| {
        let own = Linearity {
            frequency,
            amplitude,
            deviation: f64::NAN,
            second: f64::NAN,
            third: f64::NAN,
        };
        let [Some(full), Some(small), Some(none)] = answers else {
            return own;
        };
        let bent = |n: usize, power: i32| {
            let linear = (small[n] - none[n]) / SMALL;
            (full[n] - none[n] - linear) / (1.0 - SMALL.powi(power - 1))
        };
        let fundamental = full[0] - none[0];
        let linear = fundamental - bent(0, 3);
        Linearity {
            // Impedance is voltage over current: linear over actual current.
            deviation: (linear / fundamental).norm() - 1.0,
            second: (bent(1, 2) / fundamental).norm(),
            third: (bent(2, 3) / fundamental).norm(),
            ..own
        }
    })
    .collect()
}

/// Coefficients of the current (A/m2) at once, twice and three times the frequency (Hz)
/// under a sine of `amplitude` (V) about the voltage of `state`.
fn march(
    model: &Electrode,
    state: &State,
    frequency: f64,
    amplitude: f64,
) -> Result<[Complex64; 3], StageError> {
    let mut state = state.clone();
    let middle = state.scalar(Field::Voltage);
    let mut solver = Solver::new(model);
    solver.restart();
    let length = 1.0 / (frequency * STEPS as f64);
    // The stages of a step lie at gamma and 1 and weigh 1 - gamma and gamma.
    let places = [(GAMMA, 1.0 - GAMMA), (1.0, GAMMA)];
    let mut sums = [Complex64::ZERO; 3];
    for step in 0..STEPS * PERIODS {
        let phase = |place: f64| TAU * ((step % STEPS) as f64 + place) / STEPS as f64;
        let loads = places.map(|(place, _)| Load::Voltage(middle + amplitude * phase(place).sin()));
        let result = solver.attempt(model, &state, loads, length, EXACT)?;
        solver.accept(model, &mut state);
        if step >= STEPS * (PERIODS - 1) {
            for (current, (place, weight)) in result.current.iter().zip(places) {
                for (n, sum) in sums.iter_mut().enumerate() {
                    let turn = Complex64::from_polar(1.0, -(n as f64 + 1.0) * phase(place));
                    *sum += turn * (weight * current / STEPS as f64);
                }
            }
        }
    }
    Ok(sums)
}
