//! Observables: differential capacity dQ/dV, and the charge between two voltages.
//!
//! A measured half cycle is noisy and unevenly sampled. Its voltages are first made
//! monotone by pooling neighbours that run backwards (isotonic regression: unlike
//! dropping them it does not shift the curve), then Q(V) is interpolated, averaged
//! over equal bins of voltage and smoothed by a Gaussian. Binning and smoothing keep
//! the charge: the sum over the bins is the charge passed.

use crate::numerics::interpolate::MonotoneCubic;
use serde::{Deserialize, Serialize};

/// How finely and how smoothly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DifferentialSettings {
    /// Width of a bin, V.
    pub bin: f64,
    /// Standard deviation of the smoothing Gaussian, V; 0 for none.
    pub smoothing: f64,
}

impl Default for DifferentialSettings {
    /// 2 mV bins, 4 mV smoothing: peaks of layered oxides are 20 to 50 mV wide.
    fn default() -> Self {
        Self {
            bin: 2e-3,
            smoothing: 4e-3,
        }
    }
}

/// Differential capacity of a half cycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DifferentialCapacity {
    /// Centres of the bins, V, rising.
    pub voltage: Vec<f64>,
    /// |dQ/dV|, in the unit of the charge given per V.
    pub capacity: Vec<f64>,
}

/// Why a curve cannot be differentiated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DifferentialError {
    /// Voltages and charges are not as many, or fewer than three.
    #[error(
        "{voltages} voltages and {charges} charges: equal numbers of at least three are needed"
    )]
    Length {
        /// Number of voltages.
        voltages: usize,
        /// Number of charges.
        charges: usize,
    },
    /// A value that is not finite, or a charge that runs backwards.
    #[error(
        "point {index} of the curve (voltage {voltage} V, charge {charge}) is not finite or runs backwards in charge"
    )]
    Point {
        /// Index of the point, from 0.
        index: usize,
        /// V.
        voltage: f64,
        /// In the unit given.
        charge: f64,
    },
    /// The voltage does not move.
    #[error("the voltage stays within one bin of {bin} V")]
    Flat {
        /// Width of a bin, V.
        bin: f64,
    },
    /// A bin or smoothing width that is not a positive number, or would need more than
    /// a million bins.
    #[error("bin {bin} V with smoothing {smoothing} V cannot be used")]
    Settings {
        /// V.
        bin: f64,
        /// V.
        smoothing: f64,
    },
}

/// Differential capacity of one half cycle.
///
/// `voltage` (V) rises or falls, with noise; `charge` is what has passed since the
/// start of the half cycle, never falling, in any unit.
///
/// # Errors
/// [`DifferentialError`] for curves or settings that cannot be used.
pub fn differential_capacity(
    voltage: &[f64],
    charge: &[f64],
    settings: &DifferentialSettings,
) -> Result<DifferentialCapacity, DifferentialError> {
    let DifferentialSettings { bin, smoothing } = *settings;
    let unusable = DifferentialError::Settings { bin, smoothing };
    if !(bin > 0.0 && smoothing >= 0.0 && bin.is_finite() && smoothing.is_finite()) {
        return Err(unusable);
    }
    let curve = charge_over_voltage(voltage, charge)?.ok_or(DifferentialError::Flat { bin })?;
    let (low, high) = curve.domain();
    let bins = (high - low) / bin;
    if bins < 1.0 {
        return Err(DifferentialError::Flat { bin });
    }
    if bins > 1e6 {
        return Err(unusable);
    }
    // Whole bins over the whole range: slightly narrower than asked.
    let count = bins.ceil() as usize;
    let width = (high - low) / count as f64;
    let edge = |i: usize| curve.value(low + width * i as f64);
    let in_bin: Vec<f64> = (0..count).map(|i| edge(i + 1) - edge(i)).collect();
    let smooth = smoothed(&in_bin, smoothing / width);
    Ok(DifferentialCapacity {
        voltage: (0..count).map(|i| low + width * (i as f64 + 0.5)).collect(),
        capacity: smooth.iter().map(|q| q.abs() / width).collect(),
    })
}

/// Charge passed between two voltages of a half cycle, in the unit of `charge`; the
/// part of the interval outside the curve counts as nothing.
///
/// # Errors
/// [`DifferentialError`] for a curve that cannot be used.
pub fn charge_between(
    voltage: &[f64],
    charge: &[f64],
    from: f64,
    to: f64,
) -> Result<f64, DifferentialError> {
    let curve =
        charge_over_voltage(voltage, charge)?.ok_or(DifferentialError::Flat { bin: 0.0 })?;
    let (low, high) = curve.domain();
    let at = |v: f64| curve.value(v.clamp(low, high));
    Ok((at(to) - at(from)).abs())
}

/// Q(V) with rising voltage; `None` if the voltage does not move.
fn charge_over_voltage(
    voltage: &[f64],
    charge: &[f64],
) -> Result<Option<MonotoneCubic>, DifferentialError> {
    if voltage.len() != charge.len() || voltage.len() < 3 {
        return Err(DifferentialError::Length {
            voltages: voltage.len(),
            charges: charge.len(),
        });
    }
    for (index, (&v, &q)) in voltage.iter().zip(charge).enumerate() {
        let forward = index == 0 || q >= charge[index - 1];
        if !(v.is_finite() && q.is_finite() && forward) {
            return Err(DifferentialError::Point {
                index,
                voltage: v,
                charge: q,
            });
        }
    }
    let direction = if voltage[voltage.len() - 1] >= voltage[0] {
        1.0
    } else {
        -1.0
    };
    let mut points = pooled(
        voltage
            .iter()
            .map(|v| v * direction)
            .zip(charge.iter().copied()),
    );
    if direction < 0.0 {
        points.reverse();
        for point in &mut points {
            point.0 = -point.0;
        }
    }
    Ok(MonotoneCubic::new(&points).ok())
}

/// Isotonic regression of the voltage over the order of the points: neighbours that
/// run backwards, or stand still, become one point at their means.
fn pooled(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    // Sum of voltages, sum of charges, number.
    let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
    for (v, q) in points {
        let mut block = (v, q, 1.0);
        while let Some(&(sum_v, sum_q, n)) = blocks.last() {
            if sum_v / n < block.0 / block.2 {
                break;
            }
            block = (block.0 + sum_v, block.1 + sum_q, block.2 + n);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks.iter().map(|&(v, q, n)| (v / n, q / n)).collect()
}

/// Spreads the content of every bin over its neighbours by a Gaussian of `deviation`
/// bins; what would leave at an end is reflected, so nothing is lost.
fn smoothed(content: &[f64], deviation: f64) -> Vec<f64> {
    let reach = (4.0 * deviation).ceil() as usize;
    if reach == 0 || content.len() < 2 {
        return content.to_vec();
    }
    let kernel: Vec<f64> = (0..=reach)
        .map(|k| (-0.5 * (k as f64 / deviation).powi(2)).exp())
        .collect();
    let mass = kernel[0] + 2.0 * kernel[1..].iter().sum::<f64>();
    let last = content.len() as isize - 1;
    let period = 2 * content.len() as isize;
    let reflected = |i: isize| {
        let within = i.rem_euclid(period);
        (if within > last {
            period - 1 - within
        } else {
            within
        }) as usize
    };
    let mut spread = vec![0.0; content.len()];
    for (i, &amount) in content.iter().enumerate() {
        for (k, weight) in kernel.iter().enumerate() {
            let (i, k, share) = (i as isize, k as isize, amount * weight / mass);
            spread[reflected(i + k)] += share;
            if k > 0 {
                spread[reflected(i - k)] += share;
            }
        }
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_distr::{Distribution, Normal};

    /// Q(V) with one peak of 30 mV width at 4.18 V on a slope.
    fn charge_at(v: f64) -> f64 {
        100.0 * (v - 3.6) + 20.0 * (1.0 + ((v - 4.18) / 0.015).tanh())
    }

    fn sampled(count: usize) -> (Vec<f64>, Vec<f64>) {
        let v: Vec<f64> = (0..count)
            .map(|i| 3.6 + 0.7 * i as f64 / (count - 1) as f64)
            .collect();
        let q = v.iter().map(|&v| charge_at(v) - charge_at(3.6)).collect();
        (v, q)
    }

    fn peak(curve: &DifferentialCapacity) -> (f64, f64) {
        curve
            .voltage
            .iter()
            .copied()
            .zip(curve.capacity.iter().copied())
            .fold(
                (0.0, 0.0),
                |best, point| if point.1 > best.1 { point } else { best },
            )
    }

    #[test]
    fn finds_height_and_place_of_a_peak_and_keeps_the_charge() {
        let (v, q) = sampled(200);
        let fine = DifferentialSettings {
            bin: 1e-3,
            smoothing: 0.0,
        };
        let curve = differential_capacity(&v, &q, &fine).unwrap();
        let (place, height) = peak(&curve);
        assert!((place - 4.18).abs() < 1.5e-3);
        assert!(
            (height / (100.0 + 20.0 / 0.015) - 1.0).abs() < 0.02,
            "{height}"
        );
        for smoothing in [0.0, 4e-3, 0.5] {
            let settings = DifferentialSettings {
                bin: 2e-3,
                smoothing,
            };
            let curve = differential_capacity(&v, &q, &settings).unwrap();
            let width = curve.voltage[1] - curve.voltage[0];
            let total: f64 = curve.capacity.iter().sum::<f64>() * width;
            assert!((total / q[199] - 1.0).abs() < 1e-9, "{smoothing}");
        }
    }

    #[test]
    fn discharge_gives_the_same_curve_as_charge() {
        let (v, q) = sampled(300);
        let back: Vec<f64> = v.iter().rev().copied().collect();
        let passed: Vec<f64> = q.iter().rev().map(|x| q[299] - x).collect();
        let settings = DifferentialSettings::default();
        let up = differential_capacity(&v, &q, &settings).unwrap();
        let down = differential_capacity(&back, &passed, &settings).unwrap();
        for (a, b) in up.capacity.iter().zip(&down.capacity) {
            assert!((a - b).abs() < 1e-6 * a);
        }
    }

    #[test]
    fn survives_the_noise_of_a_cycler() {
        let (v, q) = sampled(20_000);
        let normal = Normal::new(0.0, 3e-4).unwrap();
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let noisy: Vec<f64> = v.iter().map(|v| v + normal.sample(&mut rng)).collect();
        let settings = DifferentialSettings::default();
        let clean = differential_capacity(&v, &q, &settings).unwrap();
        let read = differential_capacity(&noisy, &q, &settings).unwrap();
        let ((place, height), (true_place, true_height)) = (peak(&read), peak(&clean));
        assert!((place - true_place).abs() < 4e-3, "{place}");
        assert!(
            (height / true_height - 1.0).abs() < 0.05,
            "{height} {true_height}"
        );
    }

    #[test]
    fn charge_between_two_voltages() {
        let (v, q) = sampled(200);
        let found = charge_between(&v, &q, 3.7, 4.0).unwrap();
        assert!((found - (charge_at(4.0) - charge_at(3.7))).abs() < 1e-3);
        let clipped = charge_between(&v, &q, 3.0, 5.0).unwrap();
        assert!((clipped - q[199]).abs() < 1e-9);
    }

    #[test]
    fn refuses_bad_curves() {
        let settings = DifferentialSettings::default();
        let read = |v: &[f64], q: &[f64]| differential_capacity(v, q, &settings);
        assert!(matches!(
            read(&[], &[]),
            Err(DifferentialError::Length { .. })
        ));
        assert!(matches!(
            read(&[1.0, 2.0, 3.0], &[0.0, 1.0]),
            Err(DifferentialError::Length { .. })
        ));
        let broken = read(&[3.0, f64::NAN, 4.0], &[0.0, 1.0, 2.0]);
        assert!(matches!(
            broken,
            Err(DifferentialError::Point { index: 1, .. })
        ));
        let backwards = read(&[3.0, 3.5, 4.0], &[0.0, 1.0, 0.5]);
        assert!(matches!(
            backwards,
            Err(DifferentialError::Point { index: 2, .. })
        ));
        let flat = read(&[3.0, 3.0, 3.0], &[0.0, 1.0, 2.0]);
        assert!(matches!(flat, Err(DifferentialError::Flat { .. })));
        for (bin, smoothing) in [(0.0, 0.0), (f64::NAN, 0.0), (1e-3, -1.0), (1e-12, 0.0)] {
            let bad = DifferentialSettings { bin, smoothing };
            let found = differential_capacity(&[3.0, 3.5, 4.0], &[0.0, 1.0, 2.0], &bad);
            assert!(matches!(found, Err(DifferentialError::Settings { .. })));
        }
    }
}
