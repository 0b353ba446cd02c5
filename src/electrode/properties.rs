//! The oxide's functions of stoichiometry at one temperature, as tables for the
//! inner loops: open-circuit potential, diffusivity, exchange current density,
//! volume change, electronic conductivity.

use super::equilibrium::OpenCircuit;
use crate::constants::{FARADAY, GAS_CONSTANT, arrhenius};
use crate::materials::{ActiveMaterial, ChargeTransfer, ElectronicConductivity, SolidDiffusivity};
use crate::numerics::interpolate::{MonotoneCubic, TableError};
use crate::numerics::sampled::Sampled;
use crate::scenario::ParticleKind;

/// Intervals of the sampled functions over x. Measured on the shipped oxides:
/// doubling changes a cycle's capacity by less than 1e-6.
const INTERVALS: usize = 1000;
/// Range of the samples: a little beyond 0..1, where Newton may pass through.
const RANGE: (f64, f64) = (-0.05, 1.05);

/// Functions of the lithium content x, at one temperature.
#[derive(Debug, Clone)]
pub struct OxideProperties {
    /// U(x) in V vs Li+/Li.
    pub open_circuit: OpenCircuit,
    /// Integral of D over x (m2/s) with D as derivative, see [`Self::diffusivity_integral`].
    kirchhoff: Sampled,
    /// Exchange current density, A/m2 of true interface.
    pub exchange: Sampled,
    /// -dV/V (positive when shrunk), relative to x = 1.
    shrinkage: MonotoneCubic,
    electronic: ElectronicConductivity,
    /// Lithium sites, mol/m3.
    pub sites: f64,
}

impl OxideProperties {
    /// The functions of `oxide` as `kind` of particle at `temperature` (K).
    ///
    /// # Errors
    /// [`TableError`] if a table of the material is unusable.
    pub fn new(
        oxide: &ActiveMaterial,
        kind: ParticleKind,
        temperature: f64,
    ) -> Result<Self, TableError> {
        let thermal = GAS_CONSTANT * temperature / FARADAY;
        let shrinkage: Vec<(f64, f64)> = oxide.volume_change.iter().map(|p| (p.0, -p.1)).collect();
        Ok(Self {
            open_circuit: OpenCircuit::new(&oxide.open_circuit_potential, thermal)?,
            kirchhoff: kirchhoff(&oxide.diffusivity, kind, temperature)?,
            exchange: exchange(&oxide.charge_transfer, temperature),
            shrinkage: MonotoneCubic::new(&shrinkage)?,
            electronic: oxide.electronic_conductivity.clone(),
            sites: oxide.maximum_concentration(),
        })
    }

    /// Diffusivity at x, m2/s.
    #[inline]
    pub fn diffusivity(&self, x: f64) -> f64 {
        self.kirchhoff.evaluate(x).1
    }

    /// Integral of the diffusivity over x (Kirchhoff transform), m2/s, and the diffusivity,
    /// m2/s, at every x of `at`, all within 0..1. All slices have the same length.
    #[inline(always)]
    pub fn diffusivity_integral(&self, at: &[f64], integral: &mut [f64], diffusivity: &mut [f64]) {
        self.kirchhoff.evaluate_inside(at, integral, diffusivity);
    }

    /// Magnitude of the relative volume change at x.
    #[inline]
    pub fn volume_loss(&self, x: f64) -> f64 {
        self.shrinkage.value(x).max(0.0)
    }

    /// Electronic conductivity at x, S/m.
    pub fn electronic_conductivity(&self, x: f64) -> f64 {
        let law = &self.electronic;
        10f64.powf((law.intercept + law.slope * (1.0 - x)).min(law.ceiling))
    }
}

/// D(x) at `temperature`: a plateau that collapses towards x = 1 (kinetic
/// hindrance) and in the H2-H3 region, with a dip at the stoichiometry at which
/// impedance is usually taken (feasibility study 2.1; physics basis 2.1).
fn diffusivity(law: &SolidDiffusivity, x: f64) -> f64 {
    let window = 1.0
        / (1.0 + ((x - law.upper_edge) / law.upper_width).exp())
        / (1.0 + ((law.lower_edge - x) / law.lower_width).exp());
    let distance = (x - law.dip_centre) / law.dip_width;
    let dip = 1.0 - law.dip_depth * (-distance * distance).exp_m1();
    law.reference * (window + law.floor) * dip
}

/// D(x) at the temperature, and its integral. Where two phases coexist their boundary
/// must move for lithium to pass: a factor of the material.
fn kirchhoff(
    law: &SolidDiffusivity,
    kind: ParticleKind,
    temperature: f64,
) -> Result<Sampled, TableError> {
    let two_phase = MonotoneCubic::new(&law.two_phase)?;
    let factor = arrhenius(law.activation_energy, temperature)
        * match kind {
            ParticleKind::SingleCrystal => 1.0,
            ParticleKind::Polycrystal => law.polycrystal_factor,
        };
    // Beyond its table the factor stays what it is at the end.
    let at = |x: f64| factor * diffusivity(law, x) * two_phase.value(x.clamp(0.0, 1.0));
    let width = (RANGE.1 - RANGE.0) / INTERVALS as f64;
    let mut integral = vec![0.0];
    for i in 0..INTERVALS {
        let x = RANGE.0 + width * i as f64;
        // Simpson's rule: its error is far below that of the table.
        let area = width / 6.0 * (at(x) + 4.0 * at(x + 0.5 * width) + at(x + width));
        integral.push(integral[i] + area);
    }
    Ok(Sampled::new(RANGE.0, RANGE.1, INTERVALS, |x| {
        let node = ((x - RANGE.0) / width).round() as usize;
        (integral[node.min(INTERVALS)], at(x))
    }))
}

/// i0(x) = RT/(F R_ct(x)), the resistance rising towards both ends of x
/// (physics basis 2.2).
fn exchange(law: &ChargeTransfer, temperature: f64) -> Sampled {
    let thermal = GAS_CONSTANT * temperature / FARADAY;
    let smallest = thermal / law.resistance * arrhenius(law.activation_energy, temperature);
    Sampled::new(RANGE.0, RANGE.1, INTERVALS, |x| {
        let upper = law.upper_rise * (-(1.0 - x) / law.upper_width).exp();
        let lower = (-(x - law.lower_edge) / law.lower_width).exp();
        let rise = 1.0 + upper + lower;
        let slope = upper / law.upper_width - lower / law.lower_width;
        (smallest / rise, -smallest * slope / (rise * rise))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law() -> SolidDiffusivity {
        SolidDiffusivity {
            reference: 1e-15,
            activation_energy: 33.8e3,
            upper_edge: 0.88,
            upper_width: 0.025,
            lower_edge: 0.2,
            lower_width: 0.03,
            floor: 0.01,
            dip_depth: 6.0,
            dip_centre: 0.6,
            dip_width: 0.12,
            two_phase: vec![(0.0, 1.0), (1.0, 1.0)],
            polycrystal_factor: 0.1,
        }
    }

    #[test]
    fn the_kirchhoff_integral_has_the_diffusivity_as_its_slope() {
        let table = kirchhoff(&law(), ParticleKind::SingleCrystal, 298.15).expect("a table");
        for x in [0.1, 0.35, 0.6, 0.87, 0.95, 0.9993] {
            let (_, slope) = table.evaluate(x);
            let exact = diffusivity(&law(), x);
            assert!((slope / exact - 1.0).abs() < 1e-4, "x {x}: {slope} {exact}");
        }
        let cold = kirchhoff(&law(), ParticleKind::Polycrystal, 298.15).expect("a table");
        assert!((cold.value(0.9) / table.value(0.9) - 0.1).abs() < 1e-6);
    }

    #[test]
    fn dip_and_edges_have_the_stated_depth() {
        let at_dip = diffusivity(&law(), 0.6);
        assert!((at_dip / 1e-15 - 1.01).abs() < 1e-3);
        assert!((diffusivity(&law(), 0.35) / at_dip - 7.0).abs() < 0.2);
        assert!(diffusivity(&law(), 0.99) < 0.05 * diffusivity(&law(), 0.8));
    }
}
