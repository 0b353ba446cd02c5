//! Oxidation of sulfide that annealing left in a coating.
//!
//! Where it lies on the oxide it takes the electrolyte's place and oxidises by the same
//! self-limiting law ([`oxidation`](super::oxidation)), from its own onset: a thiophosphate
//! has none of the free sulfide ions of argyrodite, which go first. There is only so much
//! of it: with `w` the share left, `q` the charge of the fresh film per area and `l` the
//! products,
//!
//! ```text
//! dw/dt = -i(E, l)/q w          l = (1 - w) q V_m/(nu F)
//! ```
//! Only where the film also touches electrolyte do its lithium ions get away. Its charge
//! counts as a side current, its products as those of electrolyte of the same charge: they
//! resist as those do, in series with the film.

use super::Oxidation;
use super::oxidation::SideCurrent;
use crate::materials::OxidationLaw;

/// The pool and its law at one temperature.
#[derive(Debug, Clone, Copy)]
pub struct CoatingSulfide {
    law: Oxidation,
    /// Of the fresh film, C per area of sulfide.
    charge_per_area: f64,
    /// Share of the film's area with sulfide, 0..1.
    share: f64,
    /// Charge of the fresh pool per active volume, C/m3.
    pub charge: f64,
}

impl CoatingSulfide {
    /// A pool of `charge_per_area` (C/m2 of sulfide, above 0) on a `share` of the film of
    /// `surface` (m2 in contact with electrolyte per m3 of active volume), oxidising above
    /// `onset` (V vs Li+/Li) to products that take `molar_volume` (m3/mol), at
    /// `temperature` (K).
    pub fn new(
        law: &OxidationLaw,
        onset: f64,
        molar_volume: f64,
        (charge_per_area, share, surface): (f64, f64, f64),
        temperature: f64,
    ) -> Self {
        let own = OxidationLaw {
            onset,
            ..law.clone()
        };
        Self {
            law: Oxidation::new(&own, molar_volume, temperature),
            charge_per_area,
            charge: charge_per_area * share * surface,
            share,
        }
    }

    /// Thickness of the products (m), mean over the film, when the share `left` of the
    /// pool remains.
    pub fn mean_products(&self, left: f64) -> f64 {
        self.share * self.products(left)
    }

    /// Thickness of the products (m) where there is sulfide, when the share `left` of the pool remains.
    pub fn products(&self, left: f64) -> f64 {
        (1.0 - left) * self.charge_per_area * self.law.thickness_per_charge
    }

    /// Rate constant (1/s) at `potential` (V vs Li+/Li) over a time `tau` (s) that begins
    /// with the share `left`, and its derivative (1/(s V)).
    pub fn rate(&self, potential: f64, left: f64, tau: f64) -> (f64, f64) {
        let SideCurrent {
            current,
            by_potential,
            ..
        } = self.law.over(potential, self.products(left), tau);
        (
            current / self.charge_per_area,
            by_potential / self.charge_per_area,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::materials::{DegradationLaws, MaterialKind, library};

    fn pool(onset: f64) -> (CoatingSulfide, OxidationLaw) {
        let laws: DegradationLaws = library().get("laws", MaterialKind::Laws).expect("shipped");
        let law = laws.oxidation;
        let pool = CoatingSulfide::new(&law, onset, 144e-6, (50.0, 0.5, 2e6), 298.15);
        (pool, law)
    }

    #[test]
    fn the_fresh_film_takes_the_current_of_bare_electrolyte_of_its_onset() {
        let (pool, law) = pool(2.55);
        let bare = Oxidation::new(&law, 144e-6, 298.15);
        for potential in [2.0, 3.6, 4.3] {
            let current = pool.charge * pool.rate(potential, 1.0, 0.0).0 / 1e6;
            let expected = bare.current(potential, 0.0).current;
            assert!((current - expected).abs() <= 1e-12 * expected);
        }
        let h = 1e-5;
        let at = |potential: f64| pool.rate(potential, 0.7, 0.0);
        let slope = (at(3.6 + h).0 - at(3.6 - h).0) / (2.0 * h);
        assert!((slope / at(3.6).1 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_thick_film_limits_itself_as_the_electrolyte_does() {
        let (pool, law) = pool(2.55);
        let bare = Oxidation::new(&law, 144e-6, 298.15);
        let (mut left, mut layer, tau) = (1.0, 0.0, 10.0);
        for _ in 0..36_000 {
            left /= 1.0 + tau * pool.rate(4.2, left, tau).0;
            layer += tau * bare.thickness_per_charge * bare.over(4.2, layer, tau).current;
        }
        // Up to what little of the film is used up.
        let share = pool.products(left) / pool.products(0.0);
        assert!(share < 0.5);
        assert!((pool.products(left) / layer - 1.0).abs() < share);
        // Half of the film is sulfide.
        assert!((pool.mean_products(left) / layer - 0.5).abs() < share);
        let (later, _) = self::pool(2.75);
        assert!(later.rate(4.2, 1.0, 0.0).0 < pool.rate(4.2, 1.0, 0.0).0);
        assert!(later.rate(2.7, 1.0, 0.0).0.abs() < f64::MIN_POSITIVE);
    }
}
