//! Loss of ionic paths: contact lost around the particles and oxidised electrolyte
//! narrow the paths through the composite. R_ion grows by
//! `1 + b_f (-ln(1 - f)) + b_l l`.

use crate::materials::ConductionLossLaw;

/// The law.
#[derive(Debug, Clone, Copy)]
pub struct ConductionLoss {
    per_contact_loss: f64,
    per_thickness: f64,
}

impl ConductionLoss {
    /// The law from its constants.
    pub fn new(law: &ConductionLossLaw) -> Self {
        Self {
            per_contact_loss: law.per_contact_loss,
            per_thickness: law.per_thickness,
        }
    }

    /// Factor on the ionic resistance at contact-loss exponent `-ln(1 - f)` and
    /// grown layers of `layers` (m).
    pub fn resistance_factor(&self, contact_loss: f64, layers: f64) -> f64 {
        1.0 + self.per_contact_loss * contact_loss + self.per_thickness * layers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_when_fresh_and_linear_in_both() {
        let law = ConductionLoss {
            per_contact_loss: 0.45,
            per_thickness: 1e8,
        };
        assert!((law.resistance_factor(0.0, 0.0) - 1.0).abs() < 1e-15);
        assert!((law.resistance_factor(1.0, 2e-9) - 1.65).abs() < 1e-12);
    }
}
