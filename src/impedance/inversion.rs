//! Impedance room: the regularised, non-negative inversion behind
//! [`super::diffusion_lengths`].
//!
//! Gauss-Newton on the whole circuit: the shares of the capacitance are unknowns with
//! a lower bound of zero and a penalty on their second differences, the circuit's
//! parameters are free.

use super::circuit::FiniteSpaceDiffusion;
use super::nonnegative;
use super::smoothing::{Beyond, WEIGHTS, roughness, smoothest};
use super::transmission_line::{CellCircuit, Gradient};
use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;
use std::f64::consts::TAU;

/// The problem of finding shares and circuit.
pub(super) struct Inversion<'a> {
    omega: Vec<f64>,
    impedance: &'a [Complex64],
    length: &'a [f64],
    /// Admittance of every length with all of the capacitance, point by point.
    kernel: Vec<Complex64>,
    /// Penalty matrix: squared second differences of the shares, zero outside.
    roughness: DMatrix<f64>,
}

/// A state of the iteration.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    /// Share of the capacitance in every class.
    pub shares: DVector<f64>,
    pub circuit: CellCircuit,
    /// Mean squared relative residual, per real number.
    pub misfit: f64,
}

/// Regularisation at which starts are compared.
const TRIAL_WEIGHT: f64 = 1e-5;
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
    /// The inversion of a spectrum (Hz, ohm m2) on rising lengths (m) in equal
    /// ratios; `diffusion` is the element of which every length is a variant.
    pub fn new(
        frequency: &[f64],
        impedance: &'a [Complex64],
        diffusion: &FiniteSpaceDiffusion,
        length: &'a [f64],
    ) -> Self {
        let omega: Vec<f64> = frequency.iter().map(|f| TAU * f).collect();
        let element = |length: f64| FiniteSpaceDiffusion {
            length,
            ..*diffusion
        };
        let kernel = omega
            .iter()
            .flat_map(|&omega| length.iter().map(move |&l| element(l).admittance(omega)))
            .collect();
        Self {
            omega,
            impedance,
            length,
            kernel,
            roughness: roughness(length.len(), Beyond::Nothing),
        }
    }

    /// All shares in the class nearest to the length of the fit.
    fn start(&self, circuit: &CellCircuit) -> Solution {
        let classes = self.length.len();
        let spacing = (self.length[1] / self.length[0]).ln();
        let position = (circuit.diffusion.length / self.length[0]).ln() / spacing;
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
    /// The path leads from smooth to rough, each solution being the start of the
    /// next: classes are emptied as the data ask for it, not by the first rough step.
    pub fn smoothest(&self, starts: &[CellCircuit], noise: f64) -> (Solution, f64) {
        let mut at = self.best_start(starts);
        let path: Vec<(Solution, f64)> = WEIGHTS
            .iter()
            .map(|&weight| {
                at = self.settle(at.clone(), weight);
                (at.clone(), weight)
            })
            .collect();
        let misfits: Vec<f64> = path.iter().map(|(s, _)| s.misfit).collect();
        let chosen = smoothest(&misfits, noise, 2 * self.impedance.len());
        path[chosen].clone()
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
