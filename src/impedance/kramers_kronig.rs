//! Impedance room: the linear Kramers-Kronig test.
//!
//! A spectrum of a linear, causal, stationary cell can be written as a sum of RC
//! elements with fixed time constants, a series resistance, capacitance and
//! inductance; all of these satisfy the Kramers-Kronig relations, so what they
//! cannot reproduce violates them (Boukamp, J. Electrochem. Soc. 142, 1885, 1995).
//!
//! The number of elements per decade is fixed. Raising it until resistances of
//! alternating sign show that noise is followed (Schoenleber, Klotz and
//! Ivers-Tiffee, Electrochim. Acta 131, 20, 2014) was tried: on half of the spectra
//! with a capacitive tail it stopped at one element per decade with residuals of 3 to
//! 20 %, even without noise.

use super::spectrum::{SpectrumError, check};
use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// What the test found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KramersKronig {
    /// Residual of each point relative to its modulus; real and imaginary part.
    pub residual: Vec<Complex64>,
    /// Largest modulus among them.
    pub largest: f64,
    /// Number of RC elements used.
    pub elements: usize,
    /// Relative noise of the measurement (per real number) by the residuals that the
    /// elements leave, corrected for their number.
    pub noise: f64,
}

/// Fewest points for which the test says anything.
const FEWEST_POINTS: usize = 10;
/// RC elements per decade, and how many decades their time constants reach beyond
/// the spectrum. Measured on transmission lines with planar, cylindrical and
/// spherical diffusion, with and without arcs of ideal exponent, without noise:
/// residuals below 5e-7; 5 per decade leave 1e-5, 7 without the reach 1e-3.
const PER_DECADE: f64 = 7.0;
const REACH: f64 = 0.5;

/// Tests a spectrum: `frequency` in Hz, strictly rising or falling, `impedance` in
/// ohm m2. Residuals that exceed the noise in a trend over several points speak of
/// drift, non-linearity or error.
///
/// # Errors
/// [`SpectrumError`] for a spectrum that cannot be used.
pub fn kramers_kronig(
    frequency: &[f64],
    impedance: &[Complex64],
) -> Result<KramersKronig, SpectrumError> {
    check(frequency, impedance, FEWEST_POINTS)?;
    let reach = 10f64.powf(REACH);
    let lowest = frequency.iter().copied().fold(f64::INFINITY, f64::min) / reach;
    let highest = frequency.iter().copied().fold(0.0, f64::max) * reach;
    // Far fewer unknowns than real numbers, so that violations cannot be absorbed.
    let most = 4 * frequency.len() / 5 - 3;
    let wanted = (PER_DECADE * (highest / lowest).log10()).ceil() as usize + 1;
    Ok(with_elements(
        frequency,
        impedance,
        (lowest, highest),
        wanted.min(most),
    ))
}

/// The test with a given number of RC elements between two frequencies, Hz.
fn with_elements(
    frequency: &[f64],
    impedance: &[Complex64],
    (lowest, highest): (f64, f64),
    elements: usize,
) -> KramersKronig {
    let step = (highest / lowest).ln() / (elements - 1) as f64;
    let time: Vec<f64> = (0..elements)
        .map(|k| (step * k as f64).exp() / (TAU * highest))
        .collect();
    let omega: Vec<f64> = frequency.iter().map(|f| TAU * f).collect();
    // Columns: RC elements, resistor, capacitor, inductor; the last two scaled to be
    // of order one at the end of the spectrum where they matter.
    let columns = elements + 3;
    let term = |w: f64, j: usize| match j.checked_sub(elements) {
        None => 1.0 / Complex64::new(1.0, w * time[j]),
        Some(0) => Complex64::new(1.0, 0.0),
        Some(1) => Complex64::new(0.0, -TAU * lowest / w),
        Some(_) => Complex64::new(0.0, w / (TAU * highest)),
    };
    let mut matrix = DMatrix::zeros(2 * omega.len(), columns);
    let mut rhs = DVector::zeros(2 * omega.len());
    for (point, (&w, z)) in omega.iter().zip(impedance).enumerate() {
        let scale = 1.0 / z.norm();
        for j in 0..columns {
            let value = term(w, j) * scale;
            matrix[(2 * point, j)] = value.re;
            matrix[(2 * point + 1, j)] = value.im;
        }
        rhs[2 * point] = z.re * scale;
        rhs[2 * point + 1] = z.im * scale;
    }
    let solution = least_squares(&matrix, &rhs);
    let misfit = rhs - matrix * &solution;
    let residual: Vec<Complex64> = (0..omega.len())
        .map(|point| Complex64::new(misfit[2 * point], misfit[2 * point + 1]))
        .collect();
    let freedom = (2 * omega.len() - columns) as f64;
    let sum: f64 = residual.iter().map(|r| r.norm_sqr()).sum();
    KramersKronig {
        largest: residual.iter().map(|r| r.norm()).fold(0.0, f64::max),
        residual,
        elements,
        noise: (sum / freedom).sqrt(),
    }
}

/// Least squares by QR; columns that are (nearly) combinations of earlier ones get 0.
fn least_squares(matrix: &DMatrix<f64>, rhs: &DVector<f64>) -> DVector<f64> {
    let qr = matrix.clone().qr();
    let r = qr.r();
    let projected = qr.q().tr_mul(rhs);
    let columns = r.ncols();
    let largest = (0..columns).map(|i| r[(i, i)].abs()).fold(0.0, f64::max);
    let mut solution = DVector::zeros(columns);
    for i in (0..columns).rev() {
        if r[(i, i)].abs() > 1e-13 * largest {
            let above: f64 = (i + 1..columns).map(|j| r[(i, j)] * solution[j]).sum();
            solution[i] = (projected[i] - above) / r[(i, i)];
        }
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impedance::{
        CellCircuit, ConstantPhase, DiffusionGeometry, FiniteSpaceDiffusion, Zarc,
    };
    use rand::SeedableRng;
    use rand_distr::{Distribution, Normal};

    fn frequencies() -> Vec<f64> {
        (0..=100)
            .map(|k| 10f64.powf(6.0 - f64::from(k) / 10.0))
            .collect()
    }

    fn cell(geometry: DiffusionGeometry, exponent: f64) -> CellCircuit {
        CellCircuit {
            series_resistance: 4e-3,
            anode: Some(Zarc {
                resistance: 1e-3,
                time_constant: 1e-5,
                exponent: 0.9,
            }),
            ionic_resistance: 3e-3,
            electronic_resistance: 5e-4,
            charge_transfer_resistance: 5e-3,
            double_layer: ConstantPhase {
                magnitude: 2.0,
                exponent,
            },
            diffusion: FiniteSpaceDiffusion {
                geometry,
                capacitance: 1.3e5,
                diffusivity: 1e-15,
                length: 2e-6,
            },
        }
    }

    fn spectrum(circuit: impl Fn(f64) -> CellCircuit) -> Vec<Complex64> {
        frequencies()
            .iter()
            .map(|&f| circuit(f).impedance(TAU * f))
            .collect()
    }

    #[test]
    fn spectra_of_every_circuit_pass_far_below_any_measurement_noise() {
        for geometry in [
            DiffusionGeometry::Planar,
            DiffusionGeometry::Cylindrical,
            DiffusionGeometry::Spherical,
        ] {
            for exponent in [0.8, 1.0] {
                let z = spectrum(|_| cell(geometry, exponent));
                let test = kramers_kronig(&frequencies(), &z).unwrap();
                assert!(
                    test.largest < 1e-6,
                    "{geometry:?} {exponent}: {}",
                    test.largest
                );
            }
        }
    }

    #[test]
    fn noise_is_measured() {
        let normal = Normal::new(0.0, 0.003).unwrap();
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let z: Vec<Complex64> = spectrum(|_| cell(DiffusionGeometry::Planar, 0.9))
            .into_iter()
            .map(|z| {
                z + z.norm() * Complex64::new(normal.sample(&mut rng), normal.sample(&mut rng))
            })
            .collect();
        let test = kramers_kronig(&frequencies(), &z).unwrap();
        assert!((test.noise / 0.003 - 1.0).abs() < 0.2, "{}", test.noise);
    }

    #[test]
    fn a_cell_that_drifts_and_a_wrong_sign_are_seen() {
        // The interface grows by a tenth while the last decade is measured.
        let drifting = spectrum(|f| {
            let mut circuit = cell(DiffusionGeometry::Planar, 0.9);
            circuit.charge_transfer_resistance *= 1.0 + 0.1 * (1e-3 / f).min(1.0);
            circuit
        });
        let test = kramers_kronig(&frequencies(), &drifting).unwrap();
        assert!(test.largest > 2e-3, "{}", test.largest);
        let flipped: Vec<Complex64> = spectrum(|_| cell(DiffusionGeometry::Planar, 0.9))
            .iter()
            .map(Complex64::conj)
            .collect();
        let test = kramers_kronig(&frequencies(), &flipped).unwrap();
        assert!(test.largest > 0.1, "{}", test.largest);
    }

    #[test]
    fn short_and_broken_spectra_are_handled() {
        let f: Vec<f64> = (0..10).map(|k| 10f64.powi(-k)).collect();
        let z = vec![Complex64::new(1.0, 0.0); 10];
        let test = kramers_kronig(&f, &z).unwrap();
        assert!(test.largest < 1e-9 && test.elements == 5);
        assert!(kramers_kronig(&f[..9], &z[..9]).is_err());
        assert!(kramers_kronig(&[], &[]).is_err());
    }
}
