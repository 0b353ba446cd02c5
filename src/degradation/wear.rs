//! Wear of a coating by the breathing of the particle under it:
//! d ln(coverage) = -k E/E_ref d[(v/5 %)^2]+ (physics basis 4g; the exponent is an
//! estimate). Stiff layers fracture, soft ones follow.

use super::REFERENCE_VOLUME_CHANGE;
use crate::materials::WearLaw;

/// The law for one coating.
#[derive(Debug, Clone, Copy)]
pub struct CoatingWear {
    rate: f64,
}

impl CoatingWear {
    /// The law for a coating of `youngs_modulus` (Pa).
    pub fn new(law: &WearLaw, youngs_modulus: f64) -> Self {
        Self {
            rate: law.rate * youngs_modulus / law.reference_modulus,
        }
    }

    /// Loading by a volume change `v` (magnitude, relative); 1 at 5 %.
    pub fn strain(&self, v: f64) -> f64 {
        (v / REFERENCE_VOLUME_CHANGE).powi(2)
    }

    /// Coverage after a rise of [`Self::strain`].
    pub fn worn(&self, coverage: f64, strain_rise: f64) -> f64 {
        coverage * (-self.rate * strain_rise.max(0.0)).exp()
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
        };
        let wear = CoatingWear::new(&law, 200e9);
        let soft = CoatingWear::new(&law, 6e9);
        assert!((soft.rate / wear.rate - 0.03).abs() < 1e-15);
        let left = (0..100).fold(0.95, |c, _| wear.worn(c, wear.strain(0.05)));
        assert!((left - 0.95 * (-0.1f64).exp()).abs() < 1e-12);
        assert!((wear.worn(0.5, -1.0) - 0.5).abs() < 1e-15);
    }
}
