//! Impedance room: the elements that equivalent circuits are built of.
//!
//! Resistances and impedances are per cell area (ohm m2), capacitances F/m2;
//! `omega` is the angular frequency in rad/s.

use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

/// A constant-phase element, Y = Q (i w)^n.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConstantPhase {
    /// Q, the magnitude of the admittance at 1 rad/s, S s^n/m2 (F/m2 when n = 1).
    pub magnitude: f64,
    /// n, from 0 (resistor) to 1 (capacitor).
    pub exponent: f64,
}

impl ConstantPhase {
    /// Admittance, S/m2.
    pub fn admittance(&self, omega: f64) -> Complex64 {
        self.magnitude * imaginary_power(omega, self.exponent)
    }
}

/// A resistor beside a constant-phase element, Z = R / (1 + (i w tau)^n):
/// the depressed arc; with n = 1 a plain RC element.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Zarc {
    /// R, ohm m2.
    pub resistance: f64,
    /// tau, s; the arc peaks at w = 1/tau.
    pub time_constant: f64,
    /// n, 0..1.
    pub exponent: f64,
}

impl Zarc {
    /// Impedance, ohm m2.
    pub fn impedance(&self, omega: f64) -> Complex64 {
        self.resistance / (1.0 + imaginary_power(omega * self.time_constant, self.exponent))
    }
}

/// (i a)^n for a >= 0, on the principal branch.
pub(super) fn imaginary_power(a: f64, n: f64) -> Complex64 {
    Complex64::from_polar(a.powf(n), FRAC_PI_2 * n)
}

/// Shape of the body that lithium diffuses into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiffusionGeometry {
    /// A slab open on one face; the length is its thickness.
    Planar,
    /// A long cylinder; the length is its radius.
    Cylindrical,
    /// A sphere; the length is its radius.
    Spherical,
}

impl DiffusionGeometry {
    /// Number of dimensions in which lithium spreads.
    fn dimensions(self) -> f64 {
        match self {
            Self::Planar => 1.0,
            Self::Cylindrical => 2.0,
            Self::Spherical => 3.0,
        }
    }
}

/// Finite-space diffusion (a Warburg element with a blocking end).
///
/// Y = d C/tau v(q), with q = i w tau, tau = L^2/D, s = sqrt(q) and d = 1, 2, 3:
/// v = s tanh s in a slab, s I1(s)/I0(s) in a cylinder, s coth s - 1 in a sphere.
/// All three solve s v' = q - (d-2) v - v^2 with v = q/d at small q, so that
/// Y = i w C there, and share one continued fraction,
/// v = q/(d + q/(d+2 + q/(d+4 + ...))). (The admittance form of the element in
/// shi2023, equation 3, is the slab.)
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FiniteSpaceDiffusion {
    /// Shape of the body.
    pub geometry: DiffusionGeometry,
    /// Charge stored per voltage at low frequency, F/m2 of cell area.
    pub capacitance: f64,
    /// D, m2/s.
    pub diffusivity: f64,
    /// L, m.
    pub length: f64,
}

impl FiniteSpaceDiffusion {
    /// tau = L^2/D, s.
    pub fn time_constant(&self) -> f64 {
        self.length * self.length / self.diffusivity
    }

    /// Admittance, S/m2.
    pub fn admittance(&self, omega: f64) -> Complex64 {
        self.admittance_and_slope(omega).0
    }

    /// Admittance and its derivative with respect to ln L, S/m2.
    pub(super) fn admittance_and_slope(&self, omega: f64) -> (Complex64, Complex64) {
        let tau = self.time_constant();
        let q = Complex64::new(0.0, omega * tau);
        let d = self.geometry.dimensions();
        let v = reduced_admittance(self.geometry, q);
        let y = d * self.capacitance / tau * v;
        // d ln v / d ln tau from the differential equation of v; ln tau = 2 ln L + ...
        let growth = if v.norm_sqr() > 0.0 {
            (q - (d - 2.0) * v - v * v) / (2.0 * v)
        } else {
            Complex64::new(1.0, 0.0)
        };
        (y, 2.0 * y * (growth - 1.0))
    }
}

/// Below this |q| twelve levels of the continued fraction are exact to rounding.
const SMALL: f64 = 1.0;
/// Above this |q| ten terms of the cylinder's expansion in 1/s are exact to 1e-12;
/// below it [`CYLINDER_LEVELS`] levels of the continued fraction are.
const CYLINDER_LARGE: f64 = 900.0;
const CYLINDER_LEVELS: u32 = 60;

/// v(q) of [`FiniteSpaceDiffusion`], for q on the positive imaginary axis.
fn reduced_admittance(geometry: DiffusionGeometry, q: Complex64) -> Complex64 {
    let d = geometry.dimensions();
    let size = q.norm();
    if size <= SMALL {
        return continued_fraction(q, d, 12);
    }
    let s = q.sqrt();
    // exp(-2 s) underflows harmlessly; exp(2 s) would overflow.
    let decay = (-2.0 * s).exp();
    match geometry {
        DiffusionGeometry::Planar => s * (1.0 - decay) / (1.0 + decay),
        DiffusionGeometry::Spherical => s * (1.0 + decay) / (1.0 - decay) - 1.0,
        DiffusionGeometry::Cylindrical if size <= CYLINDER_LARGE => {
            continued_fraction(q, d, CYLINDER_LEVELS)
        }
        DiffusionGeometry::Cylindrical => cylinder_expansion(s),
    }
}

fn continued_fraction(q: Complex64, d: f64, levels: u32) -> Complex64 {
    let mut tail = Complex64::new(0.0, 0.0);
    for level in (0..levels).rev() {
        tail = q / (d + 2.0 * f64::from(level) + tail);
    }
    tail
}

/// s I1(s)/I0(s) = s + a0 + a1/s + ..., the coefficients from s v' = s^2 - v^2.
fn cylinder_expansion(s: Complex64) -> Complex64 {
    const TERMS: usize = 10;
    let mut a = [0.0; TERMS];
    a[0] = -0.5;
    for m in 0..TERMS - 1 {
        let product: f64 = (0..=m).map(|i| a[i] * a[m - i]).sum();
        a[m + 1] = 0.5 * (m as f64 * a[m] - product);
    }
    let inverse = 1.0 / s;
    let sum = a
        .iter()
        .rev()
        .fold(Complex64::new(0.0, 0.0), |sum, &c| sum * inverse + c);
    s + sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const GEOMETRIES: [DiffusionGeometry; 3] = [
        DiffusionGeometry::Planar,
        DiffusionGeometry::Cylindrical,
        DiffusionGeometry::Spherical,
    ];

    fn body(geometry: DiffusionGeometry) -> FiniteSpaceDiffusion {
        FiniteSpaceDiffusion {
            geometry,
            capacitance: 1.3e5,
            diffusivity: 1e-15,
            length: 1e-6,
        }
    }

    #[test]
    fn zarc_peaks_at_its_time_constant_and_has_both_limits() {
        let arc = Zarc {
            resistance: 2e-3,
            time_constant: 1e-4,
            exponent: 1.0,
        };
        let top = arc.impedance(1e4);
        assert!((top - Complex64::new(1e-3, -1e-3)).norm() < 1e-15);
        assert!((arc.impedance(1e-6) - 2e-3).norm() < 1e-12);
        assert!(arc.impedance(1e14).norm() < 1e-12);
        let element = ConstantPhase {
            magnitude: 3.0,
            exponent: 0.5,
        };
        let expected = Complex64::new(3.0, 3.0) * (0.5f64 * 7.0).sqrt();
        assert!((element.admittance(7.0) - expected).norm() < 1e-13);
    }

    #[test]
    fn diffusion_is_a_capacitor_slowly_and_a_surface_fast() {
        for geometry in GEOMETRIES {
            let element = body(geometry);
            let (slow, fast) = (1e-9, 1e9);
            let capacitor = Complex64::new(0.0, slow * element.capacitance);
            assert!((element.admittance(slow) / capacitor - 1.0).norm() < 1e-6);
            // Semi-infinite: area per volume is d/L.
            let tau = element.time_constant();
            let warburg = geometry.dimensions() * element.capacitance / tau
                * Complex64::new(0.0, fast * tau).sqrt();
            assert!((element.admittance(fast) / warburg - 1.0).norm() < 1e-5);
        }
    }

    #[test]
    fn low_frequency_resistance_is_that_of_each_shape() {
        // Z = 1/(i w C) + (tau/C)/{3, 8, 15}: why R^2/15 of a sphere reads as L^2/3 of a slab.
        for (geometry, divisor) in GEOMETRIES.into_iter().zip([3.0, 8.0, 15.0]) {
            let element = body(geometry);
            let resistance = (1.0 / element.admittance(1e-6)).re;
            let expected = element.time_constant() / element.capacitance / divisor;
            assert!((resistance / expected - 1.0).abs() < 1e-6, "{geometry:?}");
        }
    }

    /// I1(s)/I0(s) by power series, for moderate |s|.
    fn bessel_ratio(s: Complex64) -> Complex64 {
        let quarter = 0.25 * s * s;
        let (mut zero, mut one) = (Complex64::new(1.0, 0.0), Complex64::new(1.0, 0.0));
        let (mut term_zero, mut term_one) = (zero, one);
        for k in 1..120 {
            let k = f64::from(k);
            term_zero *= quarter / (k * k);
            term_one *= quarter / (k * (k + 1.0));
            zero += term_zero;
            one += term_one;
        }
        0.5 * s * one / zero
    }

    #[test]
    fn closed_forms_agree_with_the_common_fraction() {
        for exponent in -80..=29 {
            let q = Complex64::new(0.0, 10f64.powf(f64::from(exponent) / 10.0));
            let s = q.sqrt();
            for (geometry, exact) in GEOMETRIES.into_iter().zip([
                s * s.tanh(),
                s * bessel_ratio(s),
                continued_fraction(q, 3.0, 200),
            ]) {
                let error = (reduced_admittance(geometry, q) / exact - 1.0).norm();
                // The reference itself loses digits in its alternating series at large |s|.
                let allowed = if geometry == DiffusionGeometry::Cylindrical && q.im > 100.0 {
                    1e-6
                } else {
                    1e-12
                };
                assert!(error < allowed, "{geometry:?} q = {q}: {error}");
            }
        }
    }

    #[test]
    fn cylinder_has_no_seam() {
        for q in [CYLINDER_LARGE, 2.0 * CYLINDER_LARGE] {
            let q = Complex64::new(0.0, q);
            let fraction = continued_fraction(q, 2.0, 400);
            let expansion = cylinder_expansion(q.sqrt());
            let used = continued_fraction(q, 2.0, CYLINDER_LEVELS);
            assert!((expansion / fraction - 1.0).norm() < 1e-12);
            assert!(q.im > CYLINDER_LARGE || (used / fraction - 1.0).norm() < 1e-12);
        }
    }

    #[test]
    fn slope_in_length_matches_differences_and_extremes_are_finite() {
        for geometry in GEOMETRIES {
            let element = body(geometry);
            for omega in [1e-5, 1e-3, 1e-1, 10.0, 1e4] {
                let (_, slope) = element.admittance_and_slope(omega);
                let at = |shift: f64| {
                    FiniteSpaceDiffusion {
                        length: element.length * shift.exp(),
                        ..element
                    }
                    .admittance(omega)
                };
                let numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
                let size = element.admittance(omega).norm();
                assert!(
                    (slope - numeric).norm() < 1e-8 * size,
                    "{geometry:?} {omega}"
                );
            }
            for omega in [0.0, 1e-300, 1e100] {
                let (y, slope) = element.admittance_and_slope(omega);
                assert!(y.is_finite() && slope.is_finite(), "{geometry:?} {omega}");
            }
        }
    }
}
