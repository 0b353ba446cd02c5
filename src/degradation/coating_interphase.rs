//! Growth of the step between a coating and the electrolyte.
//!
//! Lithium passes from the film into the electrolyte through an interphase that
//! thickens as it slows itself: with the root of time, whatever the film's thickness
//! (shi2023: after 100 cycles the resistances of cells with 3 and with 8 nm of a polymer
//! are alike, while contact, active mass and diffusion length differ):
//!
//! ```text
//! d(r^2)/dt = g^2/t_ref
//! ```
//! Which reaction it is, is not known; it is told from contact loss by leaving the length
//! of diffusion as it is. Part of the wear of coatings.

use crate::constants::arrhenius;
use crate::materials::{COATING_INTERPHASE_TIME, CoatingMaterial};

/// The law for the outermost layer of a coating at one temperature.
#[derive(Debug, Clone, Copy)]
pub struct CoatingInterphase {
    /// ohm2 m4/s.
    rate: f64,
}

impl CoatingInterphase {
    /// The law for `layer` at `temperature` (K); `None` where nothing grows. What grows is
    /// taken to conduct as the layer does, and ions to bring its growth: warmer it grows
    /// faster by the root of the conductivity and conducts better by all of it.
    pub fn new(layer: &CoatingMaterial, temperature: f64) -> Option<Self> {
        let growth =
            layer.interface_growth / arrhenius(layer.activation_energy, temperature).sqrt();
        (growth > 0.0).then(|| Self {
            rate: growth * growth / COATING_INTERPHASE_TIME,
        })
    }

    /// Resistance (ohm m2) after `time` (s) from `resistance`.
    pub fn grow(&self, resistance: f64, time: f64) -> f64 {
        (resistance * resistance + self.rate * time).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constants::REFERENCE_TEMPERATURE;
    use crate::materials::{MaterialKind, library};

    #[test]
    fn grows_with_the_root_of_time_whatever_the_steps() {
        let mut polymer: CoatingMaterial = library()
            .get("PVBTA-TFSI", MaterialKind::Coating)
            .expect("shipped");
        polymer.interface_growth = 2e-2;
        let law = CoatingInterphase::new(&polymer, REFERENCE_TEMPERATURE).expect("grows");
        let total = |steps: u32| {
            (0..steps).fold(0.0, |r, _| {
                law.grow(r, 0.25 * COATING_INTERPHASE_TIME / f64::from(steps))
            })
        };
        assert!((total(1) - 1e-2).abs() < 1e-15);
        assert!((total(100) / total(1) - 1.0).abs() < 1e-12);
        polymer.interface_growth = 0.0;
        assert!(CoatingInterphase::new(&polymer, REFERENCE_TEMPERATURE).is_none());
    }
}
