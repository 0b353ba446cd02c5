//! Cracking: damage `D` in 0..1 that lengthens the path of diffusion, because the
//! electrolyte does not follow into cracks (shi2023).
//!
//! ```text
//! dD = k (1 - D)^2 (c/0.1)^p (1 + b s) d[(v/5 %)^m]+      D_Li -> D_Li/(1 + kappa D)
//! c = C/(1 - f)                                            s = L (1 - exp(-l_rs/L))
//! ```
//! Cracks begin in the skin, which is emptied most: `v` is the volume change of the
//! outermost shell, a hundredth of the radius thick on the usual grids. At a high rate it is
//! emptied as far as at a low one, though the particle is not. Stress within a particle
//! follows its gradients of lithium, and these the current through what contact it has left:
//! where a share `f` of the contact is lost, the rest carries the current of all (shi2023 and
//! ma2024 see most fracture where contact or percolation is poorest). Rock salt, `l_rs`
//! thick, weakens the boundaries that it has reached; what it adds behind them adds nothing.
//! Boundaries are unevenly strong: if the rates at which they open are distributed
//! exponentially, those still closed, 1 - D of all, open at a mean rate that goes as 1 - D
//! itself. So the last ones stay closed for long.
//!
//! `kappa` is less for polycrystals: their boundaries between grains limit diffusion before
//! they crack (a factor on D of the material). Slowing diffusion inside an unchanged volume
//! keeps the lithium where it is; since a diffusion length is read as sqrt(D tau), it grows by
//! sqrt(1 + kappa D).

use super::{REFERENCE_RATE, REFERENCE_VOLUME_CHANGE};
use crate::materials::CrackingLaw;
use crate::scenario::ParticleKind;

/// The law for one kind of particle.
#[derive(Debug, Clone, Copy)]
pub struct Cracking {
    rate: f64,
    strain_exponent: f64,
    rate_exponent: f64,
    oxygen_coupling: f64,
    oxygen_saturation: f64,
    diffusion_penalty: f64,
}

impl Cracking {
    /// The law for single crystals or polycrystals.
    pub fn new(law: &CrackingLaw, kind: ParticleKind) -> Self {
        let (make, slowing) = match kind {
            ParticleKind::SingleCrystal => (law.single_crystal_factor, 1.0),
            ParticleKind::Polycrystal => (1.0, law.polycrystal_penalty),
        };
        Self {
            rate: law.rate * make,
            strain_exponent: law.strain_exponent,
            rate_exponent: law.rate_exponent,
            oxygen_coupling: law.oxygen_coupling,
            oxygen_saturation: law.oxygen_saturation,
            diffusion_penalty: law.diffusion_penalty * slowing,
        }
    }

    /// The law with cracks that grow no further.
    #[must_use]
    pub fn arrested(self) -> Self {
        Self { rate: 0.0, ..self }
    }

    /// Loading by a volume change `v` (magnitude, relative); 1 at 5 %.
    pub fn strain(&self, v: f64) -> f64 {
        (v / REFERENCE_VOLUME_CHANGE).powf(self.strain_exponent)
    }

    /// Factor of the `rate` (in C) on damage.
    pub fn speed(&self, rate: f64) -> f64 {
        (rate / REFERENCE_RATE).powf(self.rate_exponent)
    }

    /// Factor on damage where a share `lost` of the contact no longer carries current.
    pub fn crowding(&self, lost: f64) -> f64 {
        (1.0 - lost).powf(-self.rate_exponent)
    }

    /// Damage after a rise of [`Self::strain`] at [`Self::speed`] under rock salt of
    /// `rock_salt` (m), from `damage`; exact for constant speed and rock salt.
    pub fn grow(&self, damage: f64, strain_rise: f64, speed: f64, rock_salt: f64) -> f64 {
        let weakening = -self.oxygen_saturation * (-rock_salt / self.oxygen_saturation).exp_m1();
        let opening =
            self.rate * strain_rise.max(0.0) * speed * (1.0 + self.oxygen_coupling * weakening);
        1.0 - (1.0 - damage) / (1.0 + opening * (1.0 - damage))
    }

    /// Factor on the diffusivity at `damage`.
    pub fn diffusivity_factor(&self, damage: f64) -> f64 {
        1.0 / (1.0 + self.diffusion_penalty * damage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_boundaries_open_ever_more_slowly() {
        let law = CrackingLaw {
            rate: 0.03,
            single_crystal_factor: 0.5,
            strain_exponent: 2.2,
            rate_exponent: 0.2,
            oxygen_coupling: 2e8,
            oxygen_saturation: 20e-9,
            diffusion_penalty: 2.0,
            polycrystal_penalty: 0.25,
        };
        let cracking = Cracking::new(&law, ParticleKind::SingleCrystal);
        let damage = (0..100).fold(0.0, |d, _| cracking.grow(d, 1.0, cracking.speed(0.1), 0.0));
        assert!((damage - 1.5 / 2.5).abs() < 1e-12);
        // Rock salt by 0.2 1/nm at first, by 4 in all.
        let [none, little, half, all] =
            [0.0, 1e-12, 20e-9 * 2f64.ln(), 1e-6].map(|salt| cracking.grow(0.0, 1e-6, 1.0, salt));
        assert!(((little / none - 1.0) / 2e-4 - 1.0).abs() < 1e-2);
        assert!((half / none - 3.0).abs() < 1e-5 && (all / none - 5.0).abs() < 1e-5);
        assert!((cracking.diffusivity_factor(1.0) - 1.0 / 3.0).abs() < 1e-12);
        assert!((cracking.grow(0.2, -1.0, 1.0, 0.0) - 0.2).abs() < 1e-15);
        // Grain boundaries limit polycrystals before: cracks add less.
        let grains = Cracking::new(&law, ParticleKind::Polycrystal);
        assert!((grains.diffusivity_factor(1.0) - 1.0 / 1.5).abs() < 1e-12);
        assert!(
            (grains.grow(0.0, 1e-6, 1.0, 0.0) / cracking.grow(0.0, 1e-6, 1.0, 0.0) - 2.0).abs()
                < 1e-5
        );
        // Half of the contact is as good as half of the rate.
        let crowded = cracking.crowding(0.5) * cracking.speed(0.1);
        assert!((crowded / cracking.speed(0.2) - 1.0).abs() < 1e-12);
        assert!((cracking.crowding(0.0) - 1.0).abs() < 1e-15);
    }
}
