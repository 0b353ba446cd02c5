//! Impedance room: the two-rail transmission line and the cell circuit built on it.
//!
//! Resistances and impedances are per cell area (ohm m2).

use super::circuit::{ConstantPhase, FiniteSpaceDiffusion, Zarc, imaginary_power};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};

/// Impedance of an electrode whose ionic rail (total `ionic`, ohm m2) and
/// electronic rail (total `electronic`) are joined all along by the local
/// impedance `local` (ohm m2 of the whole electrode); the current enters by the
/// ionic rail at one end and leaves by the electronic rail at the other.
///
/// With nu = sqrt((R_i + R_e)/zeta):
/// Z = [R_i R_e + 2 R_i R_e/(nu sinh nu) + (R_i^2 + R_e^2) coth nu/nu]/(R_i + R_e).
pub fn two_rail(ionic: f64, electronic: f64, local: Complex64) -> Complex64 {
    rails(ionic, electronic, local).impedance
}

/// Impedance of the two rails and its derivatives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rails {
    /// ohm m2.
    pub impedance: Complex64,
    /// dZ/dzeta.
    pub by_local: Complex64,
    /// dZ/dR_i.
    pub by_ionic: Complex64,
}

/// Below this |nu^2| the expansion about a blocking interface is used: its next
/// term is 1e-13 of the impedance there, while the closed form of dZ/dR_i loses ten
/// digits by cancellation.
const BLOCKING: f64 = 1e-6;

/// An interface so resistive that the current crosses it evenly: each rail
/// dissipates as a third of its resistance.
fn blocking_rails(ionic: f64, electronic: f64, local: Complex64) -> Rails {
    Rails {
        impedance: local + (ionic + electronic) / 3.0,
        by_local: Complex64::new(1.0, 0.0),
        by_ionic: Complex64::new(1.0 / 3.0, 0.0),
    }
}

/// [`two_rail`] with derivatives, safe from blocking to short-circuited `local`.
pub(super) fn rails(ionic: f64, electronic: f64, local: Complex64) -> Rails {
    let total = ionic + electronic;
    let u = total / local;
    if u.norm() < BLOCKING {
        return blocking_rails(ionic, electronic, local);
    }
    let nu = u.sqrt();
    let decay = (-nu).exp();
    let square = decay * decay;
    let a = 2.0 * decay / ((1.0 - square) * nu); // 1/(nu sinh nu)
    let b = (1.0 + square) / ((1.0 - square) * nu); // coth nu/nu
    let cross = ionic * electronic;
    let squares = ionic * ionic + electronic * electronic;
    let impedance = (cross + 2.0 * cross * a + squares * b) / total;
    let a_by_u = -0.5 * a * (1.0 / u + b);
    let b_by_u = -0.5 * (b / u + a * a);
    let by_u = (2.0 * cross * a_by_u + squares * b_by_u) / total;
    let numerator = electronic + 2.0 * electronic * a + 2.0 * ionic * b;
    Rails {
        impedance,
        by_local: -by_u * u / local,
        by_ionic: (numerator - impedance) / total + by_u / local,
    }
}

/// The circuit with which a cell is read: a series resistance, the anode's arc
/// (if any), and the cathode as a transmission line whose local impedance is a
/// constant-phase element beside charge transfer and diffusion in series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CellCircuit {
    /// Separator and everything faster than the spectrum, ohm m2.
    pub series_resistance: f64,
    /// The anode's arc.
    pub anode: Option<Zarc>,
    /// R_ion, total of the ionic rail, ohm m2.
    pub ionic_resistance: f64,
    /// R_ele, total of the electronic rail, ohm m2.
    pub electronic_resistance: f64,
    /// R_ct, total of the interface, ohm m2 of cell area.
    pub charge_transfer_resistance: f64,
    /// Double layer of the interface, per cell area.
    pub double_layer: ConstantPhase,
    /// Diffusion in the active material.
    pub diffusion: FiniteSpaceDiffusion,
}

/// Derivatives of the impedance of a [`CellCircuit`], each with respect to the
/// logarithm of the parameter, exponents and the admittance of diffusion (S/m2)
/// with respect to themselves; ohm m2.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gradient {
    pub series_resistance: Complex64,
    pub ionic_resistance: Complex64,
    pub charge_transfer_resistance: Complex64,
    pub double_layer: Complex64,
    pub phase_exponent: Complex64,
    pub diffusion: Complex64,
    pub anode_resistance: Complex64,
    pub anode_time_constant: Complex64,
    pub anode_exponent: Complex64,
}

impl CellCircuit {
    /// Impedance at `omega` rad/s, ohm m2 of cell area.
    pub fn impedance(&self, omega: f64) -> Complex64 {
        self.gradient(omega, self.diffusion.admittance(omega)).0
    }

    /// sqrt(R_ct (R_ion + R_ele)), ohm m2: what shi2023 calls the resistance of
    /// the cathode. It is the direct-current resistance only of a cathode much
    /// thicker than its reaction zone.
    pub fn cathode_resistance(&self) -> f64 {
        (self.charge_transfer_resistance * (self.ionic_resistance + self.electronic_resistance))
            .sqrt()
    }

    /// Direct-current resistance of the cathode without diffusion, ohm m2.
    pub fn direct_current_resistance(&self) -> f64 {
        let local = Complex64::new(self.charge_transfer_resistance, 0.0);
        two_rail(self.ionic_resistance, self.electronic_resistance, local).re
    }

    /// Impedance at `omega` rad/s where the diffusion branch has the admittance
    /// `diffusion` (S/m2), with its [`Gradient`].
    pub(super) fn gradient(&self, omega: f64, diffusion: Complex64) -> (Complex64, Gradient) {
        // Faradaic branch written by admittances: finite as the diffusion blocks.
        let coupling = 1.0 / (1.0 + self.charge_transfer_resistance * diffusion);
        let faradaic = diffusion * coupling;
        let double_layer = self.double_layer.admittance(omega);
        let local = 1.0 / (double_layer + faradaic);
        let rails = rails(self.ionic_resistance, self.electronic_resistance, local);
        let by_admittance = -rails.by_local * local * local;
        let mut gradient = Gradient {
            series_resistance: self.series_resistance.into(),
            ionic_resistance: rails.by_ionic * self.ionic_resistance,
            charge_transfer_resistance: -by_admittance
                * faradaic
                * faradaic
                * self.charge_transfer_resistance,
            double_layer: by_admittance * double_layer,
            phase_exponent: by_admittance * double_layer * logarithm(omega),
            diffusion: by_admittance * coupling * coupling,
            ..Gradient::default()
        };
        let mut impedance = self.series_resistance + rails.impedance;
        if let Some(arc) = self.anode {
            let power = imaginary_power(omega * arc.time_constant, arc.exponent);
            let value = arc.resistance / (1.0 + power);
            let by_power = -value * power / (1.0 + power);
            impedance += value;
            gradient.anode_resistance = value;
            gradient.anode_time_constant = by_power * arc.exponent;
            gradient.anode_exponent = by_power * logarithm(omega * arc.time_constant);
        }
        (impedance, gradient)
    }

    /// Derivative of the direct-current resistance with respect to ln R_ion and ln R_ct.
    pub(super) fn direct_current_gradient(&self) -> (f64, f64) {
        let resistance = self.charge_transfer_resistance;
        let rails = rails(
            self.ionic_resistance,
            self.electronic_resistance,
            Complex64::new(resistance, 0.0),
        );
        (
            rails.by_ionic.re * self.ionic_resistance,
            rails.by_local.re * resistance,
        )
    }
}

/// ln(i a).
fn logarithm(a: f64) -> Complex64 {
    Complex64::new(a.ln(), std::f64::consts::FRAC_PI_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impedance::DiffusionGeometry;
    use crate::numerics::tridiagonal;

    /// The same line as a ladder of `n` elements, solved directly: with one
    /// current through both rails, E = phi_s - phi_e in each element is the only
    /// unknown, and the current that crosses between them is I - i_ion.
    fn ladder(ionic: f64, electronic: f64, local: Complex64, n: usize) -> Complex64 {
        let (ri, re) = (ionic / n as f64, electronic / n as f64);
        let crossing = 1.0 / (local * n as f64); // per element
        let link = 1.0 / (ri + re);
        let zero = Complex64::ZERO;
        // Ionic current between elements k and k+1: (E_k+1 - E_k + re)/(ri + re) for I = 1.
        let mut diagonal = vec![zero; n];
        let mut rhs = vec![zero; n];
        for k in 0..n {
            let before = if k == 0 { 0.0 } else { link };
            let after = if k + 1 == n { 0.0 } else { link };
            diagonal[k] = crossing + before + after;
            let enters = if k == 0 { 1.0 } else { re * link };
            let leaves = if k + 1 == n { 0.0 } else { re * link };
            rhs[k] = (enters - leaves).into();
        }
        let off = vec![Complex64::new(-link, 0.0); n];
        tridiagonal::solve_in_place(&off, &mut diagonal, &off, [&mut rhs]);
        // From the ionic terminal to the first node, up its crossing, along the
        // electronic rail to the terminal; half elements at both ends.
        let mut electronic_current = rhs[0] * crossing;
        let mut voltage = Complex64::new(0.5 * ri, 0.0) + rhs[0];
        for e in &rhs[1..] {
            voltage += electronic_current * re;
            electronic_current += e * crossing;
        }
        voltage + 0.5 * re * electronic_current
    }

    #[test]
    fn agrees_with_a_ladder_of_two_thousand_elements() {
        for (ionic, electronic) in [(3.3e-3, 1e-3), (3.3e-3, 3.3e-3), (1e-3, 0.0), (0.0, 2e-3)] {
            for local in [
                Complex64::new(1e-3, 0.0),
                Complex64::new(0.1, -2.0),
                Complex64::new(5e-5, -5e-5),
            ] {
                let exact = ladder(ionic, electronic, local, 2000);
                let closed = two_rail(ionic, electronic, local);
                let error = (closed - exact).norm() / exact.norm();
                assert!(error < 2e-6, "{ionic} {electronic} {local}: {error}");
            }
        }
    }

    #[test]
    fn one_rail_limit_and_symmetry() {
        let local = Complex64::new(7e-4, -3e-4);
        let nu = (3e-3 / local).sqrt();
        let single = (3e-3 * local).sqrt() / nu.tanh();
        assert!((two_rail(3e-3, 0.0, local) - single).norm() < 1e-15);
        assert!((two_rail(3e-3, 1e-12, local) - single).norm() < 1e-11);
        // Equal rails: the two halves of the known closed form.
        let (r, nu) = (2e-3, (4e-3 / local).sqrt());
        let equal = 0.5 * r * (1.0 + (2.0 + 2.0 * nu.cosh()) / (nu * nu.sinh()));
        assert!((two_rail(r, r, local) - equal).norm() < 1e-15);
        let swapped = two_rail(1e-3, 4e-3, local) - two_rail(4e-3, 1e-3, local);
        assert!(swapped.norm() < 1e-17);
    }

    #[test]
    fn blocking_and_shorted_interfaces_are_finite_and_right() {
        let blocked = two_rail(3e-3, 0.0, Complex64::new(0.0, -1e12));
        assert!((blocked - Complex64::new(1e-3, -1e12)).norm() < 1e-3);
        for (ionic, electronic) in [(3e-3, 0.0), (3e-3, 1e-3), (1e-4, 5e-3)] {
            let local = Complex64::new((ionic + electronic) / BLOCKING, 0.0);
            let (low, high) = (
                rails(ionic, electronic, 0.999 * local),
                rails(ionic, electronic, 1.001 * local),
            );
            let rise = (high.impedance - low.impedance - 0.002 * local).norm();
            assert!(rise < 1e-12 * local.norm());
            assert!((high.by_ionic - low.by_ionic).norm() < 1e-6);
        }
        // A shorted interface: the rails act in parallel.
        let shorted = two_rail(3e-3, 1e-3, Complex64::new(1e-16, 0.0));
        assert!((shorted.re / 0.75e-3 - 1.0).abs() < 1e-5);
        let no_rails = two_rail(0.0, 0.0, Complex64::new(2.0, -1.0));
        assert!((no_rails - Complex64::new(2.0, -1.0)).norm() < 1e-15);
    }

    fn cell() -> CellCircuit {
        CellCircuit {
            series_resistance: 2e-3,
            anode: Some(Zarc {
                resistance: 1e-3,
                time_constant: 3e-5,
                exponent: 0.9,
            }),
            ionic_resistance: 3.3e-3,
            electronic_resistance: 4e-4,
            charge_transfer_resistance: 1e-3,
            double_layer: ConstantPhase {
                magnitude: 2.0,
                exponent: 0.85,
            },
            diffusion: FiniteSpaceDiffusion {
                geometry: DiffusionGeometry::Planar,
                capacitance: 1.3e5,
                diffusivity: 1e-15,
                length: 1.1e-6,
            },
        }
    }

    #[test]
    fn gradient_matches_differences() {
        type Change = fn(&mut CellCircuit, f64);
        type Read = fn(&Gradient) -> Complex64;
        let changes: [(Change, Read); 9] = [
            (
                |c, h| c.series_resistance *= h.exp(),
                |g| g.series_resistance,
            ),
            (|c, h| c.ionic_resistance *= h.exp(), |g| g.ionic_resistance),
            (
                |c, h| c.charge_transfer_resistance *= h.exp(),
                |g| g.charge_transfer_resistance,
            ),
            (
                |c, h| c.double_layer.magnitude *= h.exp(),
                |g| g.double_layer,
            ),
            (|c, h| c.double_layer.exponent += h, |g| g.phase_exponent),
            (|c, h| c.diffusion.length *= h.exp(), |g| g.diffusion),
            (|c, h| arc(c).resistance *= h.exp(), |g| g.anode_resistance),
            (
                |c, h| arc(c).time_constant *= h.exp(),
                |g| g.anode_time_constant,
            ),
            (|c, h| arc(c).exponent += h, |g| g.anode_exponent),
        ];
        for omega in [1e-3, 0.1, 3.0, 200.0, 5e4, 1e6] {
            let (diffusion, slope) = cell().diffusion.admittance_and_slope(omega);
            let (impedance, mut gradient) = cell().gradient(omega, diffusion);
            gradient.diffusion *= slope; // by ln L
            for (index, (change, read)) in changes.iter().enumerate() {
                let at = |h: f64| {
                    let mut circuit = cell();
                    change(&mut circuit, h);
                    circuit.impedance(omega)
                };
                let numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
                let error = (read(&gradient) - numeric).norm();
                assert!(
                    error < 1e-8 * impedance.norm(),
                    "{index} at {omega}: {error}"
                );
            }
        }
    }

    fn arc(circuit: &mut CellCircuit) -> &mut Zarc {
        circuit.anode.get_or_insert(Zarc {
            resistance: 0.0,
            time_constant: 1.0,
            exponent: 1.0,
        })
    }

    #[test]
    fn both_resistances_of_the_cathode() {
        // R_ion = 33, R_ct = 728 ohm cm2: 155 by the geometric mean, 739 by direct current.
        let mut circuit = cell();
        circuit.electronic_resistance = 0.0;
        circuit.charge_transfer_resistance = 0.0728;
        assert!((circuit.cathode_resistance() - 0.0155).abs() < 1e-4);
        assert!((circuit.direct_current_resistance() - 0.0739).abs() < 1e-4);
        let (by_ionic, by_transfer) = circuit.direct_current_gradient();
        // Homogeneous of degree one in all resistances.
        assert!((by_ionic + by_transfer - circuit.direct_current_resistance()).abs() < 1e-12);
    }
}
