//! Loss of connected active mass: particles whose last contacts fail keep their
//! lithium but no longer take part.  d ln(phi) = -k_l dl - k_f d(-ln(1 - f)).

use crate::materials::DisconnectionLaw;

/// The law.
#[derive(Debug, Clone, Copy)]
pub struct Disconnection {
    per_thickness: f64,
    per_contact_loss: f64,
}

impl Disconnection {
    /// The law from its constants.
    pub fn new(law: &DisconnectionLaw) -> Self {
        Self {
            per_thickness: law.per_thickness,
            per_contact_loss: law.per_contact_loss,
        }
    }

    /// Factor on the connected share for layers grown by `layer_rise` (m) and a
    /// rise `loss_rise` of -ln(1 - f), f the share of contact lost.
    pub fn factor(&self, layer_rise: f64, loss_rise: f64) -> f64 {
        (-self.per_thickness * layer_rise - self.per_contact_loss * loss_rise).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_over_intervals() {
        let law = Disconnection {
            per_thickness: 2.25e7,
            per_contact_loss: 0.086,
        };
        let once = law.factor(2e-9, 0.4);
        assert!((law.factor(1e-9, 0.1) * law.factor(1e-9, 0.3) / once - 1.0).abs() < 1e-14);
        assert!((once - (-0.045f64 - 0.0344).exp()).abs() < 1e-12);
    }
}
