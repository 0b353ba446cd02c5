//! Impedance room: the distribution of diffusion lengths behind the low-frequency
//! tail of a spectrum (EIS-PSD, as in shi2023, equation 3).
//!
//! The diffusion branch is a sum of elements in parallel,
//! Y(w) = sum_i W_i Y(w; L_i), on a logarithmic grid of lengths, where W_i is the
//! share of the capacitance that diffuses over L_i. The shares are found by
//! regularised non-negative least squares. Rather than peeling the fitted
//! high-frequency part off the data, which blows up noise where that part is large,
//! the whole circuit is linearised about the present shares and fitted to the
//! impedance as measured (Gauss-Newton). The circuit's other parameters, which a fit
//! with a single length reads wrongly where there are several, move along.

use super::circuit::FiniteSpaceDiffusion;
use super::fit::{FitError, TransmissionLineSettings, fit_transmission_line};
use super::nonnegative;
use super::transmission_line::{CellCircuit, Gradient};
use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Where lengths are looked for, and how far the data are believed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DiffusionLengthSettings {
    /// Shortest length, m.
    pub shortest: f64,
    /// Longest length, m.
    pub longest: f64,
    /// Lengths per decade.
    pub per_decade: usize,
    /// Relative error of the measurement, below which misfit is not followed.
    pub noise: f64,
}

impl Default for DiffusionLengthSettings {
    /// 0.2 to 20 um, 20 per decade, 0.1 % noise.
    fn default() -> Self {
        Self {
            shortest: 0.2e-6,
            longest: 20e-6,
            per_decade: 20,
            noise: 1e-3,
        }
    }
}

/// Why no distribution could be found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DiffusionLengthError {
    /// The circuit could not be fitted to begin with.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The grid of lengths or the noise level makes no sense.
    #[error("setting `{name}` = {value} is out of range")]
    Setting {
        /// Name of the field.
        name: &'static str,
        /// Its value, in the unit of the field.
        value: f64,
    },
    /// The spectrum shows no diffusion that the grid of lengths could explain.
    #[error("no diffusion tail is seen down to {lowest} Hz")]
    NoTail {
        /// Lowest frequency of the spectrum, Hz.
        lowest: f64,
    },
}

/// Shares of the capacitance over diffusion lengths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiffusionLengthDistribution {
    /// Centres of the classes, m, rising in equal ratios.
    pub length: Vec<f64>,
    /// Share of C_diff in each class.
    pub weight: Vec<f64>,
    /// Cumulative share up to the upper edge of each class, ending at 1: the
    /// cumulative volume fraction that shi2023 plots.
    pub cumulative: Vec<f64>,
    /// Sum of the shares: how much of C_diff takes part in the time of the spectrum.
    pub total: f64,
    /// Length below which half of the diffusing volume lies, m: what one reads from
    /// the cumulative curve as the diffusion length.
    pub median: f64,
    /// Volume mean of the length, m.
    pub mean: f64,
    /// The circuit with its resistances, double layer and anode arc estimated
    /// together with the distribution; its diffusion element is that of the start.
    pub circuit: CellCircuit,
    /// Weight of the squared second differences of the shares against the mean
    /// squared relative residual, as chosen from the data.
    pub regularisation: f64,
    /// Root mean square of the relative residuals.
    pub residual: f64,
}

/// Finds the distribution of diffusion lengths of a spectrum.
///
/// `frequency` in Hz, strictly rising or falling, `impedance` in ohm m2; `line` is
/// what is taken as known, with D, C_diff and the geometry of the elements. The
/// smoothest distribution is returned whose misfit is not significantly larger than
/// that of the best.
///
/// # Errors
/// [`DiffusionLengthError`] for a spectrum or settings that cannot be used, and when
/// there is no tail to read.
pub fn diffusion_lengths(
    frequency: &[f64],
    impedance: &[Complex64],
    line: &TransmissionLineSettings,
    settings: &DiffusionLengthSettings,
) -> Result<DiffusionLengthDistribution, DiffusionLengthError> {
    check(settings)?;
    let starts = starts(frequency, impedance, line, settings)?;
    let inversion = Inversion::new(frequency, impedance, &starts[0].diffusion, settings);
    let (solution, regularisation) = inversion.smoothest(&starts, settings.noise);
    let lowest = frequency.iter().copied().fold(f64::INFINITY, f64::min);
    inversion
        .distribution(&solution, regularisation)
        .ok_or(DiffusionLengthError::NoTail { lowest })
}

fn check(settings: &DiffusionLengthSettings) -> Result<(), DiffusionLengthError> {
    let ratio = settings.longest / settings.shortest;
    for (name, value, fine) in [
        ("shortest", settings.shortest, settings.shortest > 0.0),
        ("longest", settings.longest, ratio > 1.0 && ratio < 1e6),
        (
            "per_decade",
            settings.per_decade as f64,
            (3..=100).contains(&settings.per_decade),
        ),
        (
            "noise",
            settings.noise,
            settings.noise > 0.0 && settings.noise < 1.0,
        ),
    ] {
        if !(fine && value.is_finite()) {
            return Err(DiffusionLengthError::Setting { name, value });
        }
    }
    Ok(())
}

/// The circuit fitted with one length to the whole spectrum, and to the part above
/// the frequency where even the shortest length looks infinitely deep: there any
/// distribution acts as one element, so this fit reads the rest of the circuit
/// rightly where the lengths differ widely.
fn starts(
    frequency: &[f64],
    impedance: &[Complex64],
    line: &TransmissionLineSettings,
    settings: &DiffusionLengthSettings,
) -> Result<Vec<CellCircuit>, FitError> {
    let whole = fit_transmission_line(frequency, impedance, line)?;
    let split = DEEP * line.diffusivity / (TAU * settings.shortest * settings.shortest);
    let (high_frequency, high_impedance): (Vec<f64>, Vec<Complex64>) = frequency
        .iter()
        .zip(impedance)
        .filter(|&(&f, _)| f > split)
        .map(|(&f, &z)| (f, z))
        .unzip();
    let high = fit_transmission_line(&high_frequency, &high_impedance, line);
    // Too short a high-frequency part is no error: the whole is there.
    Ok(std::iter::once(whole)
        .chain(high)
        .map(|fit| fit.circuit)
        .collect())
}

/// The problem of finding shares and circuit.
struct Inversion<'a> {
    omega: Vec<f64>,
    impedance: &'a [Complex64],
    length: Vec<f64>,
    /// Ratio of neighbouring lengths, as a logarithm.
    spacing: f64,
    /// Admittance of every length with all of the capacitance, point by point.
    kernel: Vec<Complex64>,
    /// Penalty matrix: squared second differences of the shares, zero outside.
    roughness: DMatrix<f64>,
}

/// A state of the iteration.
#[derive(Debug, Clone)]
struct Solution {
    shares: DVector<f64>,
    circuit: CellCircuit,
    /// Mean squared relative residual, per real number.
    misfit: f64,
}

/// Regularisations tried, from smooth to rough: from where no structure is left to
/// where distributions break up into single classes.
const WEIGHTS: [f64; 17] = [
    10.0, 3.0, 1.0, 0.3, 0.1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7,
    1e-7,
];
/// Regularisation at which starts are compared.
const TRIAL_WEIGHT: f64 = 1e-5;
/// w tau of the shortest length above which the starting fit reads: a slab is
/// infinitely deep to 1 % there.
const DEEP: f64 = 10.0;
/// How much the sum of squares may rise by smoothing, in units of its variance per
/// point.
const SIGNIFICANT: f64 = 4.0;
/// Gauss-Newton steps per regularisation; two or three are used.
const STEPS: usize = 12;
/// Halvings of a Gauss-Newton step before it is given up.
const HALVINGS: i32 = 10;
/// Damping of the circuit's changes: far below what a spectrum determines, enough to
/// keep the matrix regular where an arc has vanished.
const DAMPING: f64 = 1e-9;
/// Largest change of the logarithm of a parameter in one step.
const LARGEST_CHANGE: f64 = 1.0;

impl<'a> Inversion<'a> {
    fn new(
        frequency: &[f64],
        impedance: &'a [Complex64],
        diffusion: &FiniteSpaceDiffusion,
        settings: &DiffusionLengthSettings,
    ) -> Self {
        let span = (settings.longest / settings.shortest).ln();
        let steps = (span / std::f64::consts::LN_10 * settings.per_decade as f64)
            .round()
            .max(3.0);
        let spacing = span / steps;
        let length: Vec<f64> = (0..=steps as usize)
            .map(|i| settings.shortest * (spacing * i as f64).exp())
            .collect();
        let omega: Vec<f64> = frequency.iter().map(|f| TAU * f).collect();
        let kernel = omega
            .iter()
            .flat_map(|&omega| {
                length.iter().map(move |&length| {
                    FiniteSpaceDiffusion {
                        length,
                        ..*diffusion
                    }
                    .admittance(omega)
                })
            })
            .collect();
        let roughness = roughness(length.len());
        Self {
            omega,
            impedance,
            length,
            spacing,
            kernel,
            roughness,
        }
    }

    /// All shares in the class nearest to the length of the fit.
    fn start(&self, circuit: &CellCircuit) -> Solution {
        let classes = self.length.len();
        let position = (circuit.diffusion.length / self.length[0]).ln() / self.spacing;
        let nearest = (position.round().max(0.0) as usize).min(classes - 1);
        let mut shares = DVector::zeros(classes);
        shares[nearest] = 1.0;
        self.solution(shares, *circuit)
    }

    fn solution(&self, shares: DVector<f64>, circuit: CellCircuit) -> Solution {
        let misfit = self.misfit(&shares, &circuit);
        Solution {
            shares,
            circuit,
            misfit,
        }
    }

    /// The start from which a medium-rough distribution explains the data best.
    fn best_start(&self, starts: &[CellCircuit]) -> Solution {
        let reached = |circuit: &CellCircuit| {
            let first = self.start(circuit);
            let settled = self.settle(first.clone(), TRIAL_WEIGHT);
            (settled.misfit, first)
        };
        starts
            .iter()
            .map(reached)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map_or_else(|| self.start(&starts[0]), |(_, first)| first)
    }

    /// The smoothest solution that explains the data as well as the roughest does.
    ///
    /// The path leads from smooth to rough: smooth problems have one minimum, and
    /// each solution is a good start for the next.
    fn smoothest(&self, starts: &[CellCircuit], noise: f64) -> (Solution, f64) {
        let mut at = self.best_start(starts);
        let path: Vec<(Solution, f64)> = WEIGHTS
            .iter()
            .map(|&weight| {
                at = self.settle(at.clone(), weight);
                (at.clone(), weight)
            })
            .collect();
        let best = path
            .iter()
            .map(|(s, _)| s.misfit)
            .fold(f64::INFINITY, f64::min);
        let numbers = 2.0 * self.impedance.len() as f64;
        let allowed = best + SIGNIFICANT * best.max(noise * noise) / numbers;
        path.into_iter()
            .find(|(solution, _)| solution.misfit <= allowed)
            .unwrap_or((at, WEIGHTS[WEIGHTS.len() - 1]))
    }

    /// Gauss-Newton with step halving at one regularisation.
    fn settle(&self, mut at: Solution, weight: f64) -> Solution {
        let cost = |s: &Solution| s.misfit + weight * (&self.roughness * &s.shares).dot(&s.shares);
        for _ in 0..STEPS {
            let (shares, change) = self.step(&at, weight);
            let before = cost(&at);
            let next = (0..HALVINGS)
                .map(|halving| 0.5f64.powi(halving))
                .map(|step| {
                    self.solution(
                        &at.shares + step * (&shares - &at.shares),
                        moved(&at.circuit, step * &change),
                    )
                })
                .find(|next| cost(next) < before);
            let Some(next) = next else { break };
            let gain = before - cost(&next);
            at = next;
            if gain < 1e-4 * before {
                break;
            }
        }
        at
    }

    /// Shares, and change of the circuit, that are best in the problem linearised
    /// about a state.
    fn step(&self, at: &Solution, weight: f64) -> (DVector<f64>, DVector<f64>) {
        let classes = self.length.len();
        let points = self.omega.len();
        let free = if at.circuit.anode.is_some() { 8 } else { 5 };
        let mut matrix = DMatrix::zeros(2 * points, classes + free);
        let mut rhs = DVector::zeros(2 * points);
        for point in 0..points {
            let (impedance, gradient) = self.evaluate(&at.shares, &at.circuit, point);
            let measured = self.impedance[point];
            let scale = 1.0 / measured.norm();
            // Shares are sought as they are, the circuit as a change.
            let mut wanted = measured - impedance;
            for (j, k) in self.kernel(point).iter().enumerate() {
                let column = gradient.diffusion * k;
                wanted += column * at.shares[j];
                matrix[(2 * point, j)] = column.re * scale;
                matrix[(2 * point + 1, j)] = column.im * scale;
            }
            for (j, column) in circuit_columns(&gradient).iter().take(free).enumerate() {
                matrix[(2 * point, classes + j)] = column.re * scale;
                matrix[(2 * point + 1, classes + j)] = column.im * scale;
            }
            rhs[2 * point] = wanted.re * scale;
            rhs[2 * point + 1] = wanted.im * scale;
        }
        let numbers = 2.0 * points as f64;
        let mut gram = matrix.tr_mul(&matrix) / numbers;
        let mut block = gram.view_mut((0, 0), (classes, classes));
        block += weight * &self.roughness;
        for j in classes..classes + free {
            gram[(j, j)] += DAMPING;
        }
        let target = matrix.tr_mul(&rhs) / numbers;
        let best = nonnegative::minimise(&gram, &target, classes);
        (
            best.rows(0, classes).into_owned(),
            best.rows(classes, free).into_owned(),
        )
    }

    /// Admittances of all classes at a point.
    fn kernel(&self, point: usize) -> &[Complex64] {
        let classes = self.length.len();
        &self.kernel[point * classes..(point + 1) * classes]
    }

    fn evaluate(
        &self,
        shares: &DVector<f64>,
        circuit: &CellCircuit,
        point: usize,
    ) -> (Complex64, Gradient) {
        let terms = self.kernel(point).iter().zip(shares.iter());
        let diffusion = terms.map(|(k, share)| k * share).sum();
        circuit.gradient(self.omega[point], diffusion)
    }

    fn misfit(&self, shares: &DVector<f64>, circuit: &CellCircuit) -> f64 {
        let sum: f64 = (0..self.omega.len())
            .map(|point| {
                let measured = self.impedance[point];
                let (impedance, _) = self.evaluate(shares, circuit, point);
                (impedance - measured).norm_sqr() / measured.norm_sqr()
            })
            .sum();
        // A trial that is not finite must lose every comparison.
        if sum.is_finite() {
            sum / (2.0 * self.omega.len() as f64)
        } else {
            f64::INFINITY
        }
    }

    fn distribution(
        &self,
        solution: &Solution,
        regularisation: f64,
    ) -> Option<DiffusionLengthDistribution> {
        let weight: Vec<f64> = solution.shares.iter().copied().collect();
        let total: f64 = weight.iter().sum();
        if !(total > 1e-6 && solution.misfit.is_finite()) {
            return None;
        }
        let mut sum = 0.0;
        let cumulative: Vec<f64> = weight
            .iter()
            .map(|w| {
                sum += w;
                sum / total
            })
            .collect();
        let mean = weight
            .iter()
            .zip(&self.length)
            .map(|(w, l)| w * l)
            .sum::<f64>()
            / total;
        Some(DiffusionLengthDistribution {
            median: self.quantile(&cumulative, 0.5),
            mean,
            total,
            cumulative,
            weight,
            length: self.length.clone(),
            circuit: solution.circuit,
            regularisation,
            residual: solution.misfit.sqrt(),
        })
    }

    /// Length at which the cumulative curve, straight in ln L within a class,
    /// reaches `share`.
    fn quantile(&self, cumulative: &[f64], share: f64) -> f64 {
        let class = cumulative
            .partition_point(|&c| c < share)
            .min(cumulative.len() - 1);
        let below = if class == 0 {
            0.0
        } else {
            cumulative[class - 1]
        };
        let within = (share - below) / (cumulative[class] - below).max(f64::MIN_POSITIVE);
        self.length[class] * (self.spacing * (within - 0.5)).exp()
    }
}

/// Derivatives by the parameters that [`moved`] changes, in its order.
fn circuit_columns(gradient: &Gradient) -> [Complex64; 8] {
    [
        gradient.series_resistance,
        gradient.ionic_resistance,
        gradient.charge_transfer_resistance,
        gradient.double_layer,
        gradient.phase_exponent,
        gradient.anode_resistance,
        gradient.anode_time_constant,
        gradient.anode_exponent,
    ]
}

/// The circuit with the logarithms of its parameters (exponents themselves) changed.
fn moved(circuit: &CellCircuit, change: DVector<f64>) -> CellCircuit {
    let factor = |j: usize| change[j].clamp(-LARGEST_CHANGE, LARGEST_CHANGE).exp();
    let exponent = |n: f64, j: usize| (n + change[j]).clamp(0.3, 1.0);
    let mut moved = *circuit;
    moved.series_resistance *= factor(0);
    moved.ionic_resistance *= factor(1);
    moved.charge_transfer_resistance *= factor(2);
    moved.double_layer.magnitude *= factor(3);
    moved.double_layer.exponent = exponent(circuit.double_layer.exponent, 4);
    if let Some(arc) = &mut moved.anode {
        arc.resistance *= factor(5);
        arc.time_constant *= factor(6);
        arc.exponent = exponent(arc.exponent, 7);
    }
    moved
}

/// Squared second differences of the shares, which are zero outside the grid.
fn roughness(classes: usize) -> DMatrix<f64> {
    let difference = DMatrix::from_fn(classes + 2, classes, |row, column| {
        match row as isize - column as isize {
            0 | 2 => 1.0,
            1 => -2.0,
            _ => 0.0,
        }
    });
    difference.tr_mul(&difference)
}
