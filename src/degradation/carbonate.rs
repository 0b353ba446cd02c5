//! Gas from residual surface carbonate: Li2CO3 -> 2 Li+ + CO2 + 1/2 O2 + 2 e- above
//! about 4.1 V (physics basis 4c). The pool empties; its charge counts as a side
//! current. The oxygen it frees is scavenged and not followed further.

use crate::constants::{FARADAY, arrhenius};
use crate::materials::GasLaw;

/// The law at one temperature.
#[derive(Debug, Clone, Copy)]
pub struct Carbonate {
    rate: f64,
    onset: f64,
    slope: f64,
}

impl Carbonate {
    /// Electrons per carbonate.
    pub const ELECTRONS: f64 = 2.0;

    /// The law at `temperature` (K).
    pub fn new(law: &GasLaw, temperature: f64) -> Self {
        Self {
            rate: law.carbonate_rate * arrhenius(law.activation_energy, temperature),
            onset: law.carbonate_onset,
            slope: law.carbonate_slope,
        }
    }

    /// Rate constant (1/s) at `potential` (V vs Li+/Li) and its derivative (1/(s V)).
    pub fn rate(&self, potential: f64) -> (f64, f64) {
        // Capped where the pool is gone within a second anyway.
        let reduced = ((potential - self.onset) / self.slope).min(60.0);
        let rate = self.rate * reduced.exp();
        (rate, rate / self.slope)
    }

    /// Charge in a pool, C per mole of carbonate.
    pub fn charge_per_mole() -> f64 {
        Self::ELECTRONS * FARADAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_rises_by_e_per_slope() {
        let carbonate = Carbonate {
            rate: 1e-6,
            onset: 4.15,
            slope: 0.077,
        };
        let (at, slope) = carbonate.rate(4.15);
        assert!((at - 1e-6).abs() < 1e-18);
        assert!((carbonate.rate(4.227).0 / at - 1f64.exp()).abs() < 1e-9);
        assert!((slope - at / 0.077).abs() < 1e-15);
    }
}
