//! Oxidation of sulfide that annealing left in a coating.
//!
//! It sits on the oxide as the electrolyte does and starts by the same kinetics, but
//! there is only so much of it, and a layer of some nanometres has no far side for
//! electrons to reach: the pool empties in proportion to what is left,
//!
//! ```text
//! dw/dt = -a i_kin(E)/q w
//! ```
//! with `i_kin` of [`oxidation`](super::oxidation), `a` the specific surface and `q` the
//! charge in the fresh coating per mass of oxide. That the law of the electrolyte holds
//! for the coating too is an estimate. Its charge counts as a side current.

use super::Oxidation;
use crate::materials::OxidationLaw;

/// The pool and its law at one temperature.
#[derive(Debug, Clone, Copy)]
pub struct CoatingSulfide {
    kinetics: Oxidation,
    /// m2/C.
    surface_per_charge: f64,
    /// Charge of the fresh pool per active volume, C/m3.
    pub charge: f64,
}

impl CoatingSulfide {
    /// A pool of `charge` (C per kg of oxide, above 0) on `surface` (m2/kg) of an oxide
    /// of `density` (kg/m3), at `temperature` (K).
    pub fn new(
        law: &OxidationLaw,
        charge: f64,
        surface: f64,
        density: f64,
        temperature: f64,
    ) -> Self {
        Self {
            // The volume of products plays no part: the pool is no growing layer.
            kinetics: Oxidation::new(law, 0.0, temperature),
            surface_per_charge: surface / charge,
            charge: charge * density,
        }
    }

    /// Rate constant (1/s) at `potential` (V vs Li+/Li) and its derivative (1/(s V)).
    pub fn rate(&self, potential: f64) -> (f64, f64) {
        let (current, slope) = self.kinetics.kinetic(potential);
        (
            self.surface_per_charge * current,
            self.surface_per_charge * slope,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::materials::{DegradationLaws, MaterialKind, library};

    #[test]
    fn the_fresh_pool_gives_the_current_of_bare_electrolyte() {
        let laws: DegradationLaws = library().get("laws", MaterialKind::Laws).expect("shipped");
        let law = &laws.oxidation;
        let pool = CoatingSulfide::new(law, 16e3, 600.0, 4780.0, 298.15);
        let bare = Oxidation::new(law, 96e-6, 298.15);
        for potential in [2.0, 3.6, 4.3] {
            // Per kg of oxide: rate times charge is current density times surface.
            let current = 16e3 * pool.rate(potential).0 / 600.0;
            let expected = bare.current(potential, 0.0).current;
            assert!((current - expected).abs() <= 1e-12 * expected);
        }
        let h = 1e-5;
        let slope = (pool.rate(3.6 + h).0 - pool.rate(3.6 - h).0) / (2.0 * h);
        assert!((slope / pool.rate(3.6).1 - 1.0).abs() < 1e-6);
    }
}
