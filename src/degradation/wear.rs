//! Wear of a coating by the breathing of the particle under it (physics basis 4g; the
//! exponents are estimates). Stiff layers fracture, soft ones follow; fast breathing leaves
//! them less time to:
//!
//! ```text
//! d ln(coverage) = -k(T) E/E_ref (C/0.1)^p d[(v/5 %)^2]+
//! ```

use super::{REFERENCE_RATE, REFERENCE_VOLUME_CHANGE};
use crate::constants::arrhenius;
use crate::materials::WearLaw;

/// The law for one coating.
#[derive(Debug, Clone, Copy)]
pub struct CoatingWear {
    rate: f64,
    rate_exponent: f64,
}

impl CoatingWear {
    /// The law for a coating of `youngs_modulus` (Pa) at `temperature` (K).
    pub fn new(law: &WearLaw, youngs_modulus: f64, temperature: f64) -> Self {
        let warm = arrhenius(law.activation_energy, temperature);
        Self {
            rate: law.rate * warm * youngs_modulus / law.reference_modulus,
            rate_exponent: law.rate_exponent,
        }
    }

    /// Factor of the `rate` (in C) on wear.
    pub fn speed(&self, rate: f64) -> f64 {
        (rate / REFERENCE_RATE).powf(self.rate_exponent)
    }

    /// Loading by a volume change `v` (magnitude, relative); 1 at 5 %.
    pub fn strain(&self, v: f64) -> f64 {
        (v / REFERENCE_VOLUME_CHANGE).powi(2)
    }

    /// Coverage after a rise of [`Self::strain`] at [`Self::speed`].
    pub fn worn(&self, coverage: f64, strain_rise: f64, speed: f64) -> f64 {
        coverage * (-self.rate * strain_rise.max(0.0) * speed).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wears_exponentially_with_cycles() {
        let law = WearLaw {
            rate: 1e-3,
            reference_modulus: 200e9,
            rate_exponent: 0.2,
            activation_energy: 20e3,
        };
        let wear = CoatingWear::new(&law, 200e9, 298.15);
        let soft = CoatingWear::new(&law, 6e9, 298.15);
        assert!((soft.rate / wear.rate - 0.03).abs() < 1e-15);
        let left = (0..100).fold(0.95, |c, _| {
            wear.worn(c, wear.strain(0.05), wear.speed(0.1))
        });
        assert!((left - 0.95 * (-0.1f64).exp()).abs() < 1e-12);
        assert!((wear.worn(0.5, -1.0, 1.0) - 0.5).abs() < 1e-15);
        // Twice as fast at 3.2C, and as the activation energy has it when warm.
        assert!((wear.speed(3.2) - 2.0).abs() < 1e-12);
        let warm = CoatingWear::new(&law, 200e9, 318.15);
        let expected = (20e3_f64 / 8.314_462_618 * (1.0 / 298.15 - 1.0 / 318.15)).exp();
        assert!((warm.rate / wear.rate / expected - 1.0).abs() < 1e-9);
    }
}
