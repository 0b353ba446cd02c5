//! Impedance room: the equivalent circuit with which ma2022 reads its spectra.
//!
//! R_bulk in series with R_GB beside a constant-phase element (grain boundaries of the
//! separator), R_CAM|SE beside another (the interfaces of the cathode) and a
//! constant-phase element for what follows at low frequency (a Warburg element where its
//! exponent is 1/2). One arc for a whole porous cathode: a description, which a
//! transmission line with thick electrodes does not follow.

use super::circuit::{ConstantPhase, Zarc, imaginary_power};
use super::fit::{Estimate, FitError, settled};
use super::least_squares::{Fit, Minimum, Range, spread};
use super::spectrum::check;
use nalgebra::DMatrix;
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_PI_2, TAU};

/// The circuit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EquivalentCircuit {
    /// R_bulk, ohm m2.
    pub bulk_resistance: f64,
    /// R_GB beside its constant-phase element.
    pub grain_boundary: Zarc,
    /// R_CAM|SE beside its constant-phase element; the slower arc.
    pub interface: Zarc,
    /// What follows at low frequency.
    pub tail: ConstantPhase,
}

impl EquivalentCircuit {
    /// Impedance at `omega` rad/s, ohm m2.
    pub fn impedance(&self, omega: f64) -> Complex64 {
        self.bulk_resistance
            + self.grain_boundary.impedance(omega)
            + self.interface.impedance(omega)
            + 1.0 / self.tail.admittance(omega)
    }
}

/// What the fit reads from a spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EquivalentCircuitFit {
    /// The fitted circuit.
    pub circuit: EquivalentCircuit,
    /// Standard errors of its parameters in their units; infinite where the spectrum
    /// does not determine them.
    pub standard_errors: EquivalentCircuit,
    /// R_bulk + R_GB, which a spectrum that begins too low cannot divide, ohm m2.
    pub separator_resistance: Estimate,
    /// Root mean square of the relative residuals, per real number.
    pub residual: f64,
}

/// Points a spectrum must have.
const FEWEST_POINTS: usize = 12;
/// Starts of the optimiser: more than the transmission line needs, as a spectrum that
/// the circuit cannot describe has several minima.
const STARTS: usize = 64;
/// Exponents of the arcs.
const ARC_EXPONENT: Range = Range {
    lower: 0.4,
    upper: 1.0,
};
/// Exponents of the tail: from below a Warburg element to a capacitor.
const TAIL_EXPONENT: Range = Range {
    lower: 0.2,
    upper: 1.0,
};

// Order of the coordinates; the three of an arc follow one another.
const BULK: usize = 0;
const BOUNDARY: usize = 1;
const INTERFACE: usize = 4;
const TAIL: usize = 7;
const TAIL_POWER: usize = 8;

/// Fits the circuit by complex non-linear least squares with modulus weighting.
/// `frequency` in Hz, strictly rising or falling, `impedance` in ohm m2.
///
/// # Errors
/// [`FitError`] for a spectrum that cannot be used, or when no start converges.
pub fn fit_equivalent_circuit(
    frequency: &[f64],
    impedance: &[Complex64],
) -> Result<EquivalentCircuitFit, FitError> {
    check(frequency, impedance, FEWEST_POINTS)?;
    let ranges = ranges(frequency, impedance);
    let fit = Fit {
        impedance,
        ranges: &ranges,
        model: |theta: &[f64], point: usize, gradient: &mut [Complex64]| {
            evaluate(theta, TAU * frequency[point], gradient)
        },
    };
    let starts = spread(&start_box(&ranges), STARTS);
    let (minimum, covariance, residual) = settled(&fit, &starts)?;
    Ok(summary(&minimum, &covariance, residual))
}

fn evaluate(theta: &[f64], omega: f64, out: &mut [Complex64]) -> Complex64 {
    let bulk = theta[BULK].exp();
    out[BULK] = bulk.into();
    let mut sum = Complex64::new(bulk, 0.0);
    for first in [BOUNDARY, INTERFACE] {
        let (resistance, time, n) = (theta[first].exp(), theta[first + 1].exp(), theta[first + 2]);
        let power = imaginary_power(omega * time, n);
        let value = resistance / (1.0 + power);
        let by_power = -value * power / (1.0 + power);
        out[first] = value;
        out[first + 1] = by_power * n;
        out[first + 2] = by_power * logarithm(omega * time);
        sum += value;
    }
    let tail = 1.0 / (theta[TAIL].exp() * imaginary_power(omega, theta[TAIL_POWER]));
    out[TAIL] = -tail;
    out[TAIL_POWER] = -tail * logarithm(omega);
    sum + tail
}

/// ln(i a).
fn logarithm(a: f64) -> Complex64 {
    Complex64::new(a.ln(), FRAC_PI_2)
}

/// Resistances relative to the measured moduli, time constants to the frequencies.
fn ranges(frequency: &[f64], impedance: &[Complex64]) -> Vec<Range> {
    let moduli = || impedance.iter().map(|z| z.norm());
    let smallest = moduli().fold(f64::INFINITY, f64::min);
    let largest = moduli().fold(0.0, f64::max);
    let slowest = 10.0 / (TAU * frequency.iter().copied().fold(f64::INFINITY, f64::min));
    let fastest = 0.1 / (TAU * frequency.iter().copied().fold(0.0, f64::max));
    let resistance = Range::logarithmic(1e-4 * smallest, 10.0 * largest);
    let time = Range::logarithmic(fastest, slowest);
    vec![
        Range::logarithmic(1e-4 * smallest, 1.5 * smallest),
        resistance,
        time,
        ARC_EXPONENT,
        resistance,
        time,
        ARC_EXPONENT,
        // |Z| of the tail at 1 rad/s.
        Range::logarithmic(1e-6 / largest, 1e6 / smallest),
        TAIL_EXPONENT,
    ]
}

/// The part of the ranges worth starting from: the arcs one after the other.
fn start_box(ranges: &[Range]) -> Vec<Range> {
    let part = |index: usize, from: f64, to: f64| {
        let Range { lower, upper } = ranges[index];
        Range {
            lower: lower + from * (upper - lower),
            upper: lower + to * (upper - lower),
        }
    };
    let mut starts = ranges.to_vec();
    starts[BULK] = part(BULK, 0.85, 0.98);
    for first in [BOUNDARY, INTERFACE] {
        starts[first] = part(first, 0.4, 0.85);
        starts[first + 2] = part(first + 2, 0.5, 0.95);
    }
    starts[BOUNDARY + 1] = part(BOUNDARY + 1, 0.05, 0.4);
    starts[INTERFACE + 1] = part(INTERFACE + 1, 0.3, 0.8);
    starts[TAIL] = part(TAIL, 0.3, 0.8);
    starts
}

fn summary(minimum: &Minimum, covariance: &DMatrix<f64>, residual: f64) -> EquivalentCircuitFit {
    let theta = &minimum.theta;
    let spread = |i: usize| covariance[(i, i)].sqrt();
    // The faster arc is the grain boundaries', whichever the optimiser took for it.
    let slower_first = theta[BOUNDARY + 1] > theta[INTERFACE + 1];
    let (fast, slow) = if slower_first {
        (INTERFACE, BOUNDARY)
    } else {
        (BOUNDARY, INTERFACE)
    };
    let arc = |first: usize| Zarc {
        resistance: theta[first].exp(),
        time_constant: theta[first + 1].exp(),
        exponent: theta[first + 2],
    };
    let arc_error = |first: usize| Zarc {
        resistance: theta[first].exp() * spread(first),
        time_constant: theta[first + 1].exp() * spread(first + 1),
        exponent: spread(first + 2),
    };
    let circuit = EquivalentCircuit {
        bulk_resistance: theta[BULK].exp(),
        grain_boundary: arc(fast),
        interface: arc(slow),
        tail: ConstantPhase {
            magnitude: theta[TAIL].exp(),
            exponent: theta[TAIL_POWER],
        },
    };
    let (bulk, boundary) = (circuit.bulk_resistance, circuit.grain_boundary.resistance);
    let variance = bulk * bulk * covariance[(BULK, BULK)]
        + 2.0 * bulk * boundary * covariance[(BULK, fast)]
        + boundary * boundary * covariance[(fast, fast)];
    EquivalentCircuitFit {
        standard_errors: EquivalentCircuit {
            bulk_resistance: bulk * spread(BULK),
            grain_boundary: arc_error(fast),
            interface: arc_error(slow),
            tail: ConstantPhase {
                magnitude: circuit.tail.magnitude * spread(TAIL),
                exponent: spread(TAIL_POWER),
            },
        },
        separator_resistance: Estimate {
            value: bulk + boundary,
            standard_error: if variance.is_nan() {
                f64::INFINITY
            } else {
                variance.max(0.0).sqrt()
            },
        },
        residual,
        circuit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impedance::with_noise;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    const COUNT: usize = 9;

    fn frequencies() -> Vec<f64> {
        (0..=80)
            .map(|k| 10f64.powf(6.5 - f64::from(k) / 10.0))
            .collect()
    }

    #[test]
    fn gradient_matches_differences() {
        let theta = [-6.0, -5.5, -12.0, 0.9, -4.0, -3.0, 0.8, 5.0, 0.55];
        let mut gradient = [Complex64::ZERO; COUNT];
        for omega in [1e-2, 1.0, 1e3, 1e6] {
            let size = evaluate(&theta, omega, &mut gradient).norm();
            for i in 0..COUNT {
                let at = |h: f64| {
                    let mut moved = theta;
                    moved[i] += h;
                    evaluate(&moved, omega, &mut [Complex64::ZERO; COUNT])
                };
                let numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
                assert!((gradient[i] - numeric).norm() < 1e-7 * size, "{i} {omega}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 30, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

        /// Values around those of ma2022 (their cells of 0.785 cm2, here per m2).
        #[test]
        fn known_circuits_are_given_back_within_their_errors(
            bulk in 5e-4f64..3e-3,
            boundary in 5e-4f64..3e-3,
            boundary_time in 2e-7f64..3e-6,
            interface in 2e-3f64..7e-2,
            interface_time in 1e-3f64..0.3,
            exponent in 0.75f64..0.98,
            tail in 2e2f64..3e3,
            tail_exponent in 0.4f64..0.9,
            noise in 5e-4f64..4e-3,
            seed in any::<u64>(),
        ) {
            let truth = EquivalentCircuit {
                bulk_resistance: bulk,
                grain_boundary: Zarc { resistance: boundary, time_constant: boundary_time, exponent: 0.9 },
                interface: Zarc { resistance: interface, time_constant: interface_time, exponent },
                tail: ConstantPhase { magnitude: tail, exponent: tail_exponent },
            };
            let clean: Vec<Complex64> = frequencies().iter().map(|f| truth.impedance(TAU * f)).collect();
            let fit = fit_equivalent_circuit(&frequencies(), &with_noise(&clean, noise, seed)).unwrap();
            let (found, error) = (fit.circuit, fit.standard_errors);
            for (name, found, truth, error) in [
                ("separator", fit.separator_resistance.value, bulk + boundary, fit.separator_resistance.standard_error),
                ("boundary", found.grain_boundary.resistance, boundary, error.grain_boundary.resistance),
                ("interface", found.interface.resistance, interface, error.interface.resistance),
                ("time", found.interface.time_constant, interface_time, error.interface.time_constant),
                ("exponent", found.interface.exponent, exponent, error.interface.exponent),
                ("tail", found.tail.magnitude, tail, error.tail.magnitude),
                ("tail exponent", found.tail.exponent, tail_exponent, error.tail.exponent),
            ] {
                prop_assert!(error > 0.0 && (found - truth).abs() < 4.5 * error, "{}: {} for {} +- {}", name, found, truth, error);
            }
        }
    }
}
