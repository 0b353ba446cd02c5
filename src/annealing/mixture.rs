//! Annealing: properties of a coating of several phases, as one substance.
//!
//! The phases are taken as a random mixture. Ionic conductivity and permittivity follow
//! Bruggeman's symmetric effective medium (Ann. Phys. 416, 636, 1935),
//!
//! ```text
//! sum f_i (v_i - v)/(v_i + 2 v) = 0
//! ```
//! which percolates at a third of the volume; the activation energy is that of the
//! mixture's conductivity at 25 degC. Young's modulus is Hill's mean of the bounds of
//! Voigt and Reuss (Proc. Phys. Soc. A 65, 349, 1952); what else there is goes by
//! volume.

use crate::constants::{GAS_CONSTANT, REFERENCE_TEMPERATURE, arrhenius};
use crate::materials::CoatingMaterial;

/// Bisections of the logarithm: enough for the last digit of any ratio of conductivities.
const BISECTIONS: usize = 70;
/// Temperature step for the activation energy, K.
const STEP: f64 = 0.5;

/// The mixture of `phases` in shares `fractions` of the volume, adding up to 1.
pub fn of(name: String, phases: [&CoatingMaterial; 4], fractions: [f64; 4]) -> CoatingMaterial {
    let by_volume = |value: &dyn Fn(&CoatingMaterial) -> f64| -> f64 {
        phases
            .iter()
            .zip(fractions)
            .map(|(p, f)| f * value(p))
            .sum()
    };
    let conductivity = |temperature: f64| {
        let at = phases.map(|p| p.ionic_conductivity * arrhenius(p.activation_energy, temperature));
        effective_medium(fractions, at)
    };
    let [low, high] = [REFERENCE_TEMPERATURE - STEP, REFERENCE_TEMPERATURE + STEP];
    let slope = (conductivity(high) / conductivity(low)).ln() / (1.0 / low - 1.0 / high);
    let stiff = by_volume(&|p| p.youngs_modulus);
    let soft = 1.0 / by_volume(&|p| 1.0 / p.youngs_modulus);
    CoatingMaterial {
        name,
        density: by_volume(&|p| p.density),
        ionic_conductivity: conductivity(REFERENCE_TEMPERATURE),
        activation_energy: slope * GAS_CONSTANT,
        permittivity: effective_medium(fractions, phases.map(|p| p.permittivity)),
        youngs_modulus: 0.5 * (stiff + soft),
        cushioning: by_volume(&|p| p.cushioning),
        excess_cushioning_penalty: by_volume(&|p| p.excess_cushioning_penalty),
        excess_disconnection: by_volume(&|p| p.excess_disconnection),
        contact_reactivity: by_volume(&|p| p.contact_reactivity),
        interface_resistance: by_volume(&|p| p.interface_resistance),
        interface_growth: by_volume(&|p| p.interface_growth),
        gas_uptake: by_volume(&|p| p.gas_uptake),
    }
}

/// Bruggeman's effective value of positive `values` in shares `fractions` adding up to 1.
pub fn effective_medium(fractions: [f64; 4], values: [f64; 4]) -> f64 {
    let present = || fractions.into_iter().zip(values).filter(|(f, _)| *f > 0.0);
    let lowest = present().fold(f64::INFINITY, |low, (_, v)| low.min(v));
    let highest = present().fold(0.0, |high: f64, (_, v)| high.max(v));
    let (mut low, mut high) = (lowest.ln(), highest.ln());
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        let guess = middle.exp();
        let above: f64 = present()
            .map(|(f, v)| f * (v - guess) / (v + 2.0 * guess))
            .sum();
        if above > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (0.5 * (low + high)).exp()
}

#[cfg(test)]
mod tests {
    use super::effective_medium;

    #[test]
    fn one_phase_is_itself_and_two_follow_the_quadratic() {
        let alone = effective_medium([0.0, 1.0, 0.0, 0.0], [1.0, 3e-7, 2.0, 5.0]);
        assert!((alone / 3e-7 - 1.0).abs() < 1e-12);
        // Two phases: 2 v^2 - b v - v1 v2 = 0 with b = (3 f1 - 1) v1 + (3 f2 - 1) v2.
        for (share, v1, v2) in [(0.5f64, 1.0, 1e-4), (0.2, 1.0, 1e-6), (0.9, 2.0, 5.0)] {
            let b = (3.0 * share - 1.0) * v1 + (2.0 - 3.0 * share) * v2;
            let exact: f64 = (b + (b * b + 8.0 * v1 * v2).sqrt()) / 4.0;
            let found = effective_medium([share, 0.0, 0.0, 1.0 - share], [v1, 9.0, 9.0, v2]);
            assert!((found / exact - 1.0).abs() < 1e-10, "{found} {exact}");
        }
    }
}
