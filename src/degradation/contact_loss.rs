//! Contact between particle and electrolyte lost to breathing and to reaction.
//!
//! The oxide shrinks on charge and the electrolyte follows only in part; layers
//! that grow at the interface weaken what holds it. The state is the exponent
//! `lambda` of the lost share `f = f_max (1 - exp(-lambda))`:
//!
//! ```text
//! d lambda = k_f c (C/0.1)^p (P_ref/P)^q d[(v/5 %)^m]+  +  k_fc exp(-l/L) dl
//! ```
//! for single crystals. For polycrystals both terms are less, by a factor: their grains
//! shrink in different directions and boundaries between them open, so that the surface
//! follows the lattice only in part, and what layers have weakened is pulled at less (ma2022
//! sees no contact lost). Here `v` is the particle's volume change, saturating for the large
//! collapse of LiNiO2, `c` the cushioning of a coating, `l` the grown layers: once what holds
//! the contact is nothing but products, more of them weaken it no further. Part of the lost
//! contact closes again as the particle swells.

use super::{REFERENCE_RATE, REFERENCE_VOLUME_CHANGE};
use crate::materials::ContactLossLaw;
use crate::scenario::ParticleKind;

/// Rise of the exponent below which the first terms of exponential and logarithm are all
/// that a number holds.
const SMALL: f64 = 1e-5;

/// The law for one cell.
#[derive(Debug, Clone, Copy)]
pub struct ContactLoss {
    mechanical: f64,
    volume_exponent: f64,
    volume_saturation: f64,
    rate_exponent: f64,
    chemical: f64,
    chemical_saturation: f64,
    maximum: f64,
    reversible_share: f64,
    /// Depth below the surface over which lost contact constricts diffusion, m.
    pub constriction_length: f64,
}

impl ContactLoss {
    /// The law for one kind of particle under `stack_pressure` (Pa), with `cushioning` of
    /// a coating (1 when bare).
    pub fn new(
        law: &ContactLossLaw,
        kind: ParticleKind,
        stack_pressure: f64,
        cushioning: f64,
    ) -> Self {
        let pressure = (law.reference_pressure / stack_pressure).powf(law.pressure_exponent);
        let make = match kind {
            ParticleKind::SingleCrystal => 1.0,
            ParticleKind::Polycrystal => law.polycrystal_factor,
        };
        Self {
            mechanical: law.mechanical * make * pressure * cushioning,
            volume_exponent: law.volume_exponent,
            volume_saturation: law.volume_saturation,
            rate_exponent: law.rate_exponent,
            chemical: law.chemical * make,
            chemical_saturation: law.chemical_saturation,
            maximum: law.maximum,
            reversible_share: law.reversible_share,
            constriction_length: law.constriction_length,
        }
    }

    /// The law with nothing more to be lost: contact breathes, but stays as it is.
    #[must_use]
    pub fn arrested(self) -> Self {
        Self {
            mechanical: 0.0,
            chemical: 0.0,
            ..self
        }
    }

    /// Loading of the contact by a volume change `v` (magnitude, relative); 1 at 5 %.
    pub fn strain(&self, v: f64) -> f64 {
        let saturated = v / (1.0 + (v / self.volume_saturation).powi(4)).powf(0.25);
        (saturated / REFERENCE_VOLUME_CHANGE).powf(self.volume_exponent)
    }

    /// Factor of the `rate` (in C) on the mechanical part.
    pub fn speed(&self, rate: f64) -> f64 {
        (rate / REFERENCE_RATE).powf(self.rate_exponent)
    }

    /// Rise of the exponent for a rise of [`Self::strain`] at [`Self::speed`], and for
    /// layers that grow from `layer[0]` to `layer[1]` (m).
    pub fn rise(&self, strain_rise: f64, speed: f64, layer: [f64; 2]) -> f64 {
        let [before, after] = layer;
        let weakens = (-0.5 * (before + after) / self.chemical_saturation).exp();
        self.mechanical * strain_rise.max(0.0) * speed + self.chemical * weakens * (after - before)
    }

    /// Rise of `-ln(1 - f)`, f the share of contact lost for good, as the exponent rises
    /// by `rise` from `exponent`.
    pub fn opening(&self, exponent: f64, rise: f64) -> f64 {
        let closed = 1.0 + self.maximum * (-exponent).exp_m1();
        // f_max exp(-lambda) over what is closed.
        let share = (closed - 1.0 + self.maximum) / closed;
        if rise.abs() < SMALL {
            let change = share * rise * (1.0 - 0.5 * rise * (1.0 - rise / 3.0));
            change * (1.0 + change * (0.5 + change / 3.0))
        } else {
            -(share * (-rise).exp_m1()).ln_1p()
        }
    }

    /// Share of contact lost at `exponent`, with the particle at volume change `v`.
    pub fn lost(&self, exponent: f64, v: f64) -> f64 {
        let open = (v / REFERENCE_VOLUME_CHANGE).min(1.0);
        -self.maximum * (-exponent).exp_m1() * (1.0 - self.reversible_share * (1.0 - open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law() -> ContactLossLaw {
        ContactLossLaw {
            mechanical: 0.0133,
            polycrystal_factor: 0.25,
            volume_exponent: 2.2,
            volume_saturation: 0.07,
            rate_exponent: 0.2,
            chemical: 5e7,
            chemical_saturation: 10e-9,
            maximum: 0.93,
            reference_pressure: 50e6,
            pressure_exponent: 0.5,
            constriction_length: 1.5e-6,
            reversible_share: 0.1,
        }
    }

    fn single(pressure: f64, cushioning: f64) -> ContactLoss {
        ContactLoss::new(&law(), ParticleKind::SingleCrystal, pressure, cushioning)
    }

    #[test]
    fn grains_take_up_breathing() {
        let crystal = single(50e6, 1.0);
        let grains = ContactLoss::new(&law(), ParticleKind::Polycrystal, 50e6, 1.0);
        for (strain, layer) in [(1.0, [0.0; 2]), (0.0, [0.0, 2e-9])] {
            let [a, b] = [&grains, &crystal].map(|law| law.rise(strain, 1.0, layer));
            assert!((a / b - 0.25).abs() < 1e-12);
        }
        assert!((crystal.rise(0.0, 1.0, [0.0, 1e-12]) / 5e-5 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn layers_weaken_until_all_is_products_whatever_the_steps() {
        let loss = single(50e6, 1.0);
        let grown = |to: f64, parts: i32| -> f64 {
            let at = |i: i32| to * f64::from(i) / f64::from(parts);
            (0..parts)
                .map(|i| loss.rise(0.0, 1.0, [at(i), at(i + 1)]))
                .sum()
        };
        // By 5e7 1/m over a length of 10 nm.
        assert!((grown(20e-9, 40) / (0.5 * -(-2.0f64).exp_m1()) - 1.0).abs() < 2e-4);
        assert!((grown(20e-9, 80) / grown(20e-9, 40) - 1.0).abs() < 2e-4);
        assert!((grown(1e-6, 10_000) - 0.5).abs() < 1e-4);
    }

    #[test]
    fn one_full_charge_adds_the_constant_whatever_the_steps() {
        let loss = single(50e6, 1.0);
        let total = |steps: usize| -> f64 {
            (0..steps)
                .map(|i| {
                    let at = |j: usize| loss.strain(0.05 * j as f64 / steps as f64);
                    loss.rise(at(i + 1) - at(i), loss.speed(0.1), [0.0; 2])
                })
                .sum()
        };
        assert!((total(1) / total(1000) - 1.0).abs() < 1e-12);
        let saturated = 0.0133 * loss.strain(0.05);
        assert!((total(7) / saturated - 1.0).abs() < 1e-12);
    }

    #[test]
    fn pressure_holds_and_softness_cushions() {
        let strain = |p: f64, c: f64| single(p, c).rise(1.0, 1.0, [0.0; 2]);
        let fast = single(50e6, 1.0).speed(3.2);
        assert!((fast - 2.0).abs() < 1e-12);
        assert!((strain(200e6, 1.0) / strain(50e6, 1.0) - 0.5).abs() < 1e-12);
        assert!((strain(50e6, 0.4) / strain(50e6, 1.0) - 0.4).abs() < 1e-12);
    }

    #[test]
    fn arrested_it_breathes_and_loses_nothing_more() {
        let loss = single(50e6, 1.0);
        let arrested = loss.arrested();
        assert!(arrested.rise(1.0, 1.0, [0.0, 1e-9]).abs() < f64::MIN_POSITIVE);
        for v in [0.0, 0.03] {
            assert!((arrested.lost(0.5, v) - loss.lost(0.5, v)).abs() < 1e-15);
        }
    }

    #[test]
    fn what_opens_for_good_is_the_difference_of_the_logarithms() {
        let loss = single(50e6, 1.0);
        let closed = |exponent: f64| 1.0 - loss.lost(exponent, f64::INFINITY);
        for exponent in [0.0, 0.3, 8.0] {
            for rise in [-1e-3, 0.0, 1e-9, 0.99 * SMALL, 1.01 * SMALL, 0.4] {
                let expected = (closed(exponent) / closed(exponent + rise)).ln();
                let found = loss.opening(exponent, rise);
                // Round-off of the difference of two logarithms.
                assert!((found - expected).abs() < 1e-13 * expected.abs() + 4e-15);
            }
        }
        // Where one way ends the other goes on.
        let [below, above] = [1.0 - 1e-9, 1.0 + 1e-9].map(|s| loss.opening(0.3, s * SMALL));
        assert!((above / below - 1.0 - 2e-9).abs() < 1e-12);
    }

    #[test]
    fn saturates_and_partly_closes_on_discharge() {
        let loss = single(50e6, 1.0);
        assert!((loss.lost(50.0, 0.05) - 0.93).abs() < 1e-12);
        assert!((loss.lost(50.0, 0.0) - 0.93 * 0.9).abs() < 1e-12);
        let unsaturated = (0.083f64 / 0.05).powf(2.2);
        assert!(loss.strain(0.083) < 0.6 * unsaturated);
        assert!((loss.strain(0.01) / 0.2f64.powf(2.2) - 1.0).abs() < 1e-3);
    }
}
