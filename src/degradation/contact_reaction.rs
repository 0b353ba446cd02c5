//! Slow oxidation of the electrolyte by mere contact with the oxide, without
//! current: seen before any cycling (walther2021). Parabolic, mainly phosphate and
//! sulfate:  dl/dt = k/(l + l_1).

use crate::constants::arrhenius;
use crate::materials::ContactReactionLaw;

/// The law at one temperature.
#[derive(Debug, Clone, Copy)]
pub struct ContactReaction {
    rate: f64,
    first_layer: f64,
}

impl ContactReaction {
    /// The law at `temperature` (K).
    pub fn new(law: &ContactReactionLaw, temperature: f64) -> Self {
        Self {
            rate: law.rate * arrhenius(law.activation_energy, temperature),
            first_layer: law.first_layer,
        }
    }

    /// Rise of the layer (m) from `thickness` (m) over `time` (s), the rate times `factor`
    /// (1 on bare oxide, a coating's contact reactivity on it).
    pub fn rise(&self, thickness: f64, time: f64, factor: f64) -> f64 {
        let start = thickness + self.first_layer;
        let gain = 2.0 * self.rate * factor * time;
        gain / ((start * start + gain).sqrt() + start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_parabolic_law_in_closed_form() {
        let reaction = ContactReaction {
            rate: 5.6e-24,
            first_layer: 1e-10,
        };
        let day = 86_400.0;
        let l = reaction.rise(0.0, day, 1.0);
        let expected = (1e-20 + 2.0 * 5.6e-24 * day).sqrt() - 1e-10;
        assert!((l / expected - 1.0).abs() < 1e-12);
        let split = reaction.rise(0.0, 0.4 * day, 1.0);
        let rest = reaction.rise(split, 0.6 * day, 1.0);
        assert!(((split + rest) / l - 1.0).abs() < 1e-12);
    }
}
