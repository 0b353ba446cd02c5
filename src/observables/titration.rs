//! Observables: galvanostatic intermittent titration (GITT).
//!
//! Every pulse of current followed by a rest gives a pseudo open-circuit voltage (end
//! of the rest), a polarisation (end of the pulse less end of the rest) and, by Weppner
//! and Huggins (J. Electrochem. Soc. 124, 1569, 1977), an apparent diffusivity
//!
//! D = 4/pi (L dE_s/(tau b))^2,
//!
//! with dE_s the change of the open-circuit voltage by the pulse of duration tau, b the
//! slope of the voltage against the square root of time early in the pulse and L the
//! volume of the body over its surface. It holds for tau much shorter than L^2/D and
//! wherever the slope of the open-circuit curve stays the same over the pulse; apparent
//! it is because contact that is lost, and resistance that is distributed, count too.

use super::cycling::{Activity, Cycling, Stage};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// One pulse with the rest that follows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pulse {
    /// Cycle.
    pub cycle: u32,
    /// Charge passed since the titration began, C, to the end of the pulse; positive on
    /// charge.
    pub charge: f64,
    /// Duration, s.
    pub duration: f64,
    /// Voltage at the end of the rest before, V.
    pub relaxed_before: f64,
    /// Voltage at the end of the rest after: the pseudo open-circuit voltage, V.
    pub relaxed: f64,
    /// Voltage at the end of the pulse less the pseudo open-circuit voltage, V.
    pub polarisation: f64,
    /// Drop at the start of the pulse, by the fit against the square root of time, V:
    /// everything faster than diffusion.
    pub fast_drop: f64,
    /// Apparent diffusivity, m2/s; `None` without a length, or where the voltage moves
    /// against the current.
    pub diffusivity: Option<f64>,
}

/// A titration has at least this many pulses in one direction.
const FEWEST_PULSES: usize = 3;
/// Samples that a fit against the square root of time needs.
const FEWEST_SAMPLES: usize = 3;
/// Part of the pulse over which it is fitted: after the double layer has been charged,
/// before the far side is felt.
const FITTED: (f64, f64) = (0.01, 0.35);

/// Reads all titrations of a record. `length` is volume over surface of the particles, m
/// (a third of the radius of spheres), if a diffusivity is wanted.
pub fn titration(record: &Cycling, stages: &[Stage], length: Option<f64>) -> Vec<Pulse> {
    let mut read = Vec::new();
    let mut run: Vec<Pulse> = Vec::new();
    let mut charge = 0.0;
    let mut close = |run: &mut Vec<Pulse>| {
        if run.len() >= FEWEST_PULSES {
            read.append(run);
        }
        run.clear();
    };
    for three in stages.windows(3) {
        let [before, pulse, after] = three else {
            continue;
        };
        let loaded = matches!(pulse.activity, Activity::Charge | Activity::Discharge);
        let between_rests = before.activity == Activity::Rest && after.activity == Activity::Rest;
        if !loaded {
            continue;
        }
        let same = run
            .last()
            .is_none_or(|last| (last.charge > 0.0) == (pulse.charge > 0.0));
        if !(between_rests && same) {
            close(&mut run);
            charge = 0.0;
        }
        if between_rests {
            charge += pulse.charge;
            run.push(read_pulse(record, three, charge, length));
        }
    }
    close(&mut run);
    read
}

fn read_pulse(record: &Cycling, three: &[Stage], charge: f64, length: Option<f64>) -> Pulse {
    let [before, pulse, after] = [&three[0], &three[1], &three[2]];
    let relaxed_before = before.final_voltage(record);
    let relaxed = after.final_voltage(record);
    let duration = pulse.duration(record);
    let (start, slope) = root_fit(record, pulse);
    let steady = (relaxed - relaxed_before) / duration;
    let ratio = steady / slope;
    let diffusivity = length
        .filter(|_| ratio > 0.0 && ratio.is_finite())
        .map(|length| 4.0 / PI * (length * ratio).powi(2));
    Pulse {
        cycle: pulse.cycle,
        charge,
        duration,
        relaxed_before,
        relaxed,
        polarisation: pulse.final_voltage(record) - relaxed,
        fast_drop: start - relaxed_before,
        diffusivity,
    }
}

/// Intercept (V) and slope (V/s^(1/2)) of the voltage against the square root of the
/// time since the pulse began; NaN with too few samples.
fn root_fit(record: &Cycling, pulse: &Stage) -> (f64, f64) {
    let duration = pulse.duration(record);
    let points: Vec<(f64, f64)> = pulse
        .samples
        .clone()
        .map(|k| (record.time[k] - pulse.begins, record.voltage[k]))
        .filter(|(t, _)| (FITTED.0..=FITTED.1).contains(&(t / duration)))
        .map(|(t, v)| (t.sqrt(), v))
        .collect();
    if points.len() < FEWEST_SAMPLES {
        return (f64::NAN, f64::NAN);
    }
    let n = points.len() as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
    let (x, y) = (x / n, y / n);
    let (covariance, variance) = points.iter().fold((0.0, 0.0), |(c, v), p| {
        (c + (p.0 - x) * (p.1 - y), v + (p.0 - x).powi(2))
    });
    let slope = covariance / variance;
    (y - slope * x, slope)
}

#[cfg(test)]
mod tests {
    use super::super::cycling::{stages, tests::add};
    use super::*;

    /// Rise of the surface of a slab (thickness L, time L^2/D = `tau`) under a flux that
    /// would fill it at the rate 1/s, `t` s after it began, in the units of the filling.
    fn slab(t: f64, tau: f64) -> f64 {
        let sum: f64 = (1..400)
            .map(|k| {
                let n = (f64::from(k) * PI).powi(2);
                (1.0 - (-n * t / tau).exp()) / n
            })
            .sum();
        t + 2.0 * tau * sum
    }

    /// Pulses of 600 s and rests of 20 h on a slab with a linear open-circuit curve.
    fn record(tau: f64, drop: f64, sign: f64, pulses: u32) -> Cycling {
        let (pulse, rest, rate) = (600.0, 72e3, 1e-5);
        let mut record = Cycling::default();
        add(&mut record, (1, 3600.0, 600.0), |_| 0.0, |_| 3.6);
        for k in 0..pulses {
            let level = 3.6 + sign * rate * pulse * f64::from(k);
            let rise = |t: f64| sign * rate * slab(t, tau);
            add(
                &mut record,
                (1, pulse, 2.0),
                |_| sign * 1e-3,
                |t| level + sign * drop + rise(t),
            );
            add(
                &mut record,
                (1, rest, 600.0),
                |_| 0.0,
                |t| level + rise(t + pulse) - rise(t),
            );
        }
        record
    }

    #[test]
    fn a_slab_gives_back_its_diffusivity() {
        // L = 1 um, D = 1e-15 m2/s: tau = 1000 s, so pulses of 600 s are read early.
        for sign in [1.0, -1.0] {
            let length: f64 = 1e-6;
            let record = record(1e4, 0.02, sign, 4);
            let read = titration(&record, &stages(&record), Some(length));
            assert_eq!(read.len(), 4);
            for pulse in &read {
                let found = pulse.diffusivity.unwrap();
                assert!(
                    (found / (length * length / 1e4) - 1.0).abs() < 0.02,
                    "{found}"
                );
                assert!((pulse.fast_drop - sign * 0.02).abs() < 2e-4);
                assert!((pulse.relaxed - pulse.relaxed_before - sign * 6e-3).abs() < 1e-5);
                assert!(sign * pulse.polarisation > 0.02);
            }
            assert!((read[3].charge - sign * 2.4).abs() < 1e-9);
        }
    }

    #[test]
    fn without_a_length_there_is_no_diffusivity_and_cycles_are_no_titration() {
        let titrated = record(1e4, 0.02, 1.0, 3);
        let read = titration(&titrated, &stages(&titrated), None);
        assert!(read.len() == 3 && read.iter().all(|p| p.diffusivity.is_none()));
        let cycled = super::super::cycling::tests::cycle();
        assert!(titration(&cycled, &stages(&cycled), None).is_empty());
        let short = record(1e4, 0.02, 1.0, 2);
        assert!(titration(&short, &stages(&short), None).is_empty());
    }
}
