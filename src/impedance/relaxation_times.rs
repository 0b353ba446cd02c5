//! Impedance room: the distribution of relaxation times.
//!
//! Z(w) = R_inf + i w L + 1/(i w C) + integral of gamma(ln tau)/(1 + i w tau) d ln tau,
//! with gamma >= 0 on a logarithmic grid, found by regularised non-negative least
//! squares with modulus weighting. The series capacitor takes what an intercalation
//! electrode stores; it must be part of the model, or the tail would be split up into
//! relaxations that are not there. A transmission line and a diffusion tail are not
//! single relaxations: they show as a row of peaks.

use super::nonnegative;
use super::smoothing::{Beyond, WEIGHTS, roughness, smoothest};
use super::spectrum::{SpectrumError, check};
use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// How finely, and how far the data are believed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RelaxationTimeSettings {
    /// Relaxation times per decade.
    pub per_decade: usize,
    /// Relative error of the measurement, below which misfit is not followed.
    pub noise: f64,
}

impl Default for RelaxationTimeSettings {
    /// 10 per decade, 0.1 % noise.
    fn default() -> Self {
        Self {
            per_decade: 10,
            noise: 1e-3,
        }
    }
}

/// Why no distribution could be found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RelaxationTimeError {
    /// The spectrum cannot be analysed.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    /// A setting outside its range.
    #[error("setting `{name}` = {value} is out of range")]
    Setting {
        /// Name of the field.
        name: &'static str,
        /// Its value.
        value: f64,
    },
}

/// A relaxation that stands out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RelaxationPeak {
    /// Time constant at the top, s.
    pub time: f64,
    /// Resistance under the peak, between the minima on either side, ohm m2.
    pub resistance: f64,
}

/// Resistance over relaxation time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelaxationTimes {
    /// Relaxation times, s, rising in equal ratios.
    pub time: Vec<f64>,
    /// gamma, resistance per ln tau, ohm m2.
    pub density: Vec<f64>,
    /// Peaks that hold at least 1 % of the polarisation, by rising time.
    pub peaks: Vec<RelaxationPeak>,
    /// R_inf, ohm m2.
    pub series_resistance: f64,
    /// Sum of all relaxations, ohm m2.
    pub polarisation: f64,
    /// Series capacitance, F/m2; infinite where none is seen.
    pub capacitance: f64,
    /// Series inductance, H m2; 0 where none is seen.
    pub inductance: f64,
    /// Weight of the squared second differences, as chosen from the data.
    pub regularisation: f64,
    /// Root mean square of the relative residuals, per real number.
    pub residual: f64,
}

/// Fewest points that say anything about a distribution.
const FEWEST_POINTS: usize = 12;
/// Decades that the grid reaches beyond the spectrum on either side.
const REACH: f64 = 0.5;
/// How many of the regularisations are tried: rougher ones only follow noise.
const TRIED: usize = 15;
/// Smallest share of the polarisation that is called a peak.
const SMALLEST_PEAK: f64 = 0.01;
/// Keeps the matrix regular where an element has no influence.
const DAMPING: f64 = 1e-14;

/// Finds the distribution of relaxation times of a spectrum: `frequency` in Hz, strictly
/// rising or falling, `impedance` in ohm m2. The smoothest distribution is returned
/// whose misfit is not significantly larger than that of the roughest.
///
/// # Errors
/// [`RelaxationTimeError`] for a spectrum or settings that cannot be used.
pub fn relaxation_times(
    frequency: &[f64],
    impedance: &[Complex64],
    settings: &RelaxationTimeSettings,
) -> Result<RelaxationTimes, RelaxationTimeError> {
    check(frequency, impedance, FEWEST_POINTS)?;
    let RelaxationTimeSettings { per_decade, noise } = *settings;
    let bad = |name, value| Err(RelaxationTimeError::Setting { name, value });
    if !(2..=100).contains(&per_decade) {
        return bad("per_decade", per_decade as f64);
    }
    if !(noise > 0.0 && noise < 1.0) {
        return bad("noise", noise);
    }
    let problem = Problem::new(frequency, impedance, per_decade);
    let (solution, weight) = problem.smoothest(noise);
    Ok(problem.summary(&solution, weight))
}

/// The linear problem. Unknowns: resistance of every class, then R_inf, 1/C and L in
/// units in which they are of the order of the impedance.
struct Problem {
    time: Vec<f64>,
    matrix: DMatrix<f64>,
    rhs: DVector<f64>,
    gram: DMatrix<f64>,
    target: DVector<f64>,
    roughness: DMatrix<f64>,
    /// ohm m2 per unit of the unknowns.
    scale: f64,
    /// Lowest and highest angular frequency, rad/s.
    ends: (f64, f64),
}

impl Problem {
    fn new(frequency: &[f64], impedance: &[Complex64], per_decade: usize) -> Self {
        let lowest = TAU * frequency.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = TAU * frequency.iter().copied().fold(0.0, f64::max);
        let decades = (highest / lowest).log10() + 2.0 * REACH;
        let steps = (decades * per_decade as f64).round().max(3.0);
        let first = 10f64.powf(-REACH) / highest;
        let time: Vec<f64> = (0..=steps as usize)
            .map(|k| first * 10f64.powf(decades * k as f64 / steps))
            .collect();
        let mut moduli: Vec<f64> = impedance.iter().map(|z| z.norm()).collect();
        moduli.sort_by(f64::total_cmp);
        let scale = moduli[moduli.len() / 2];
        let (matrix, rhs) = rows(frequency, impedance, &time, scale, (lowest, highest));
        let numbers = 2.0 * frequency.len() as f64;
        let mut gram = matrix.tr_mul(&matrix) / numbers;
        for j in 0..gram.ncols() {
            gram[(j, j)] += DAMPING;
        }
        Self {
            target: matrix.tr_mul(&rhs) / numbers,
            gram,
            roughness: roughness(time.len(), Beyond::Anything),
            time,
            matrix,
            rhs,
            scale,
            ends: (lowest, highest),
        }
    }

    fn misfit(&self, solution: &DVector<f64>) -> f64 {
        (&self.matrix * solution - &self.rhs).norm_squared() / self.rhs.len() as f64
    }

    fn settle(&self, weight: f64) -> DVector<f64> {
        let classes = self.time.len();
        let mut gram = self.gram.clone();
        let mut block = gram.view_mut((0, 0), (classes, classes));
        block += weight * &self.roughness;
        nonnegative::minimise(&gram, &self.target, classes + 3)
    }

    fn smoothest(&self, noise: f64) -> (DVector<f64>, f64) {
        let mut path: Vec<(DVector<f64>, f64)> = WEIGHTS[..TRIED]
            .iter()
            .map(|&weight| (self.settle(weight), weight))
            .collect();
        let misfits: Vec<f64> = path.iter().map(|(x, _)| self.misfit(x)).collect();
        path.swap_remove(smoothest(&misfits, noise, self.rhs.len()))
    }

    fn summary(&self, solution: &DVector<f64>, regularisation: f64) -> RelaxationTimes {
        let classes = self.time.len();
        let step = (self.time[1] / self.time[0]).ln();
        let resistance: Vec<f64> = solution
            .iter()
            .take(classes)
            .map(|x| x * self.scale)
            .collect();
        let polarisation = resistance.iter().sum();
        let stiffness = solution[classes + 1] * self.scale * self.ends.0;
        RelaxationTimes {
            peaks: peaks(&self.time, &resistance, polarisation),
            density: resistance.iter().map(|r| r / step).collect(),
            time: self.time.clone(),
            series_resistance: solution[classes] * self.scale,
            polarisation,
            capacitance: 1.0 / stiffness,
            inductance: solution[classes + 2] * self.scale / self.ends.1,
            regularisation,
            residual: self.misfit(solution).sqrt(),
        }
    }
}

/// Rows of the least-squares problem, relative to the measured moduli.
fn rows(
    frequency: &[f64],
    impedance: &[Complex64],
    time: &[f64],
    scale: f64,
    (lowest, highest): (f64, f64),
) -> (DMatrix<f64>, DVector<f64>) {
    let classes = time.len();
    let mut matrix = DMatrix::zeros(2 * frequency.len(), classes + 3);
    let mut rhs = DVector::zeros(2 * frequency.len());
    for (point, (f, z)) in frequency.iter().zip(impedance).enumerate() {
        let omega = TAU * f;
        let relative = 1.0 / z.norm();
        for j in 0..classes + 3 {
            let term = match j.checked_sub(classes) {
                None => 1.0 / Complex64::new(1.0, omega * time[j]),
                Some(0) => Complex64::new(1.0, 0.0),
                Some(1) => Complex64::new(0.0, -lowest / omega),
                Some(_) => Complex64::new(0.0, omega / highest),
            } * (scale * relative);
            matrix[(2 * point, j)] = term.re;
            matrix[(2 * point + 1, j)] = term.im;
        }
        rhs[2 * point] = z.re * relative;
        rhs[2 * point + 1] = z.im * relative;
    }
    (matrix, rhs)
}

/// Maxima with what lies between the minima around them.
fn peaks(time: &[f64], resistance: &[f64], polarisation: f64) -> Vec<RelaxationPeak> {
    let count = resistance.len();
    let mut found = Vec::new();
    let mut from = 0;
    while from < count {
        let mut top = from;
        while top + 1 < count && resistance[top + 1] >= resistance[top] {
            top += 1;
        }
        let mut end = top;
        while end + 1 < count && resistance[end + 1] < resistance[end] {
            end += 1;
        }
        let under: f64 = resistance[from..=end].iter().sum();
        if under > SMALLEST_PEAK * polarisation {
            found.push(RelaxationPeak {
                time: summit(time, resistance, top),
                resistance: under,
            });
        }
        from = end + 1;
    }
    found
}

/// Time of a maximum, by the parabola through it and its neighbours in ln tau.
fn summit(time: &[f64], resistance: &[f64], top: usize) -> f64 {
    if top == 0 || top + 1 == time.len() {
        return time[top];
    }
    let (before, at, after) = (resistance[top - 1], resistance[top], resistance[top + 1]);
    let curvature = before - 2.0 * at + after;
    let shift = if curvature < 0.0 {
        0.5 * (before - after) / curvature
    } else {
        0.0
    };
    time[top] * (time[1] / time[0]).powf(shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impedance::{Zarc, with_noise};
    use std::f64::consts::PI;

    fn frequencies() -> Vec<f64> {
        (0..=90)
            .map(|k| 10f64.powf(6.0 - f64::from(k) / 10.0))
            .collect()
    }

    fn spectrum(arcs: &[Zarc], series: f64, capacitance: f64) -> Vec<Complex64> {
        let at = |f: &f64| {
            let omega = TAU * f;
            let arcs: Complex64 = arcs.iter().map(|arc| arc.impedance(omega)).sum();
            series + arcs + 1.0 / Complex64::new(0.0, omega * capacitance)
        };
        frequencies().iter().map(at).collect()
    }

    #[test]
    fn an_rc_element_is_one_peak_at_its_time_constant() {
        let arc = Zarc {
            resistance: 5e-3,
            time_constant: 2e-2,
            exponent: 1.0,
        };
        let z = spectrum(&[arc], 2e-3, 1e5);
        let read =
            relaxation_times(&frequencies(), &z, &RelaxationTimeSettings::default()).unwrap();
        assert_eq!(read.peaks.len(), 1, "{:?}", read.peaks);
        assert!((read.peaks[0].time / 2e-2 - 1.0).abs() < 0.02);
        assert!((read.peaks[0].resistance / 5e-3 - 1.0).abs() < 5e-3);
        assert!((read.series_resistance / 2e-3 - 1.0).abs() < 5e-3);
        assert!((read.capacitance / 1e5 - 1.0).abs() < 5e-3);
    }

    /// gamma of a depressed arc in closed form.
    fn density(arc: &Zarc, time: f64) -> f64 {
        let n = arc.exponent;
        let x = n * (time / arc.time_constant).ln();
        arc.resistance / (2.0 * PI) * ((1.0 - n) * PI).sin() / (x.cosh() - ((1.0 - n) * PI).cos())
    }

    #[test]
    fn a_depressed_arc_has_the_distribution_of_the_closed_form() {
        let arc = Zarc {
            resistance: 4e-3,
            time_constant: 1e-3,
            exponent: 0.75,
        };
        let z = spectrum(&[arc], 1e-3, 1e4);
        let read =
            relaxation_times(&frequencies(), &z, &RelaxationTimeSettings::default()).unwrap();
        let top = density(&arc, 1e-3);
        for (time, found) in read.time.iter().zip(&read.density) {
            let exact = density(&arc, *time);
            let error = (found - exact).abs() / top;
            // The ends, where a spectrum that stops says little, may be off by more.
            let allowed = if (1e-6..1.0).contains(time) {
                0.05
            } else {
                0.1
            };
            assert!(error < allowed, "{time} s: {found} for {exact}");
        }
        assert!((read.polarisation / 4e-3 - 1.0).abs() < 0.01);
    }

    #[test]
    fn two_arcs_are_told_apart_through_noise() {
        let arcs = [(2e-3, 1e-5, 0.9), (6e-3, 2e-2, 0.85)].map(|(r, tau, n)| Zarc {
            resistance: r,
            time_constant: tau,
            exponent: n,
        });
        let z = with_noise(&spectrum(&arcs, 1e-3, 1e5), 3e-3, 11);
        let settings = RelaxationTimeSettings {
            noise: 3e-3,
            ..RelaxationTimeSettings::default()
        };
        let read = relaxation_times(&frequencies(), &z, &settings).unwrap();
        for arc in arcs {
            let near = read
                .peaks
                .iter()
                .find(|peak| (peak.time / arc.time_constant).ln().abs() < 0.3)
                .unwrap_or_else(|| panic!("{:?} not among {:?}", arc, read.peaks));
            assert!((near.resistance / arc.resistance - 1.0).abs() < 0.1);
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let f = frequencies();
        let z = vec![Complex64::new(1.0, -1.0); f.len()];
        let read = |per_decade, noise| {
            relaxation_times(&f, &z, &RelaxationTimeSettings { per_decade, noise })
        };
        assert!(matches!(
            read(1, 1e-3),
            Err(RelaxationTimeError::Setting {
                name: "per_decade",
                ..
            })
        ));
        assert!(matches!(
            read(10, f64::NAN),
            Err(RelaxationTimeError::Setting { name: "noise", .. })
        ));
        let short = relaxation_times(&f[..5], &z[..5], &RelaxationTimeSettings::default());
        assert!(matches!(short, Err(RelaxationTimeError::Spectrum(_))));
    }
}
