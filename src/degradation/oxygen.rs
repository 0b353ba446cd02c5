//! Oxygen-driven reaction at the active material.
//!
//! Above about 4.2 V lattice oxygen becomes reactive, oxidises the electrolyte to
//! phosphate and sulfate/sulfite, and leaves a rock-salt layer that slows the
//! reaction (ma2022, walther2021; physics basis 4b with the corrections of the
//! feasibility study: one onset potential for all oxides, part of the driving
//! force from the electrode potential, parabolic passivation):
//!
//! ```text
//! a = ln(1 + exp((E* - E_c)/w))       E* = beta (phi_s - phi_e) + (1 - beta) U(x_s)
//! dl/dt = V_rs k a/(1 + l/l_p)   =>   l + l2/(2 l_p) grows linearly
//! ```
//! Under a coating the rate is `exp(-h/h_b)` of that on bare surface.

use crate::constants::arrhenius;
use crate::materials::OxygenLaw;
use crate::scenario::ParticleKind;

/// The law at one temperature for one kind of particle.
#[derive(Debug, Clone, Copy)]
pub struct OxygenReaction {
    /// Rock salt grown per time at unit activity on bare, fresh surface, m/s.
    growth: f64,
    onset: f64,
    width: f64,
    share: f64,
    passivation: f64,
    leak_length: f64,
    rock_salt_molar_volume: f64,
}

impl OxygenReaction {
    /// The law at `temperature` (K).
    pub fn new(law: &OxygenLaw, kind: ParticleKind, temperature: f64) -> Self {
        let make = match kind {
            ParticleKind::SingleCrystal => 1.0,
            ParticleKind::Polycrystal => law.polycrystal_factor,
        };
        let rate = law.rate * arrhenius(law.activation_energy, temperature) * make;
        Self {
            growth: rate * law.rock_salt_molar_volume,
            onset: law.onset,
            width: law.onset_width,
            share: law.potential_share,
            passivation: law.passivation_length,
            leak_length: law.leak_length,
            rock_salt_molar_volume: law.rock_salt_molar_volume,
        }
    }

    /// Activity of lattice oxygen at electrode potential `potential` and surface
    /// open-circuit potential `equilibrium` (both V vs Li+/Li).
    pub fn activity(&self, potential: f64, equilibrium: f64) -> f64 {
        let driving = self.share * potential + (1.0 - self.share) * equilibrium;
        let reduced = (driving - self.onset) / self.width;
        // ln(1 + e^y) without overflow; negligible (and skipped) far below the onset, and
        // the first terms of its series in e^y before.
        if reduced > 30.0 {
            reduced
        } else if reduced < -30.0 {
            0.0
        } else if reduced < -8.0 {
            let z = reduced.exp();
            z * (1.0 - z * (0.5 - z * (1.0 / 3.0 - 0.25 * z)))
        } else {
            reduced.exp().ln_1p()
        }
    }

    /// Rock-salt thickness (m) after `exposure` = time integral of the activity (s)
    /// from `thickness` (m), the rate being reduced by `leak` (1 when bare).
    pub fn grow(&self, thickness: f64, exposure: f64, leak: f64) -> f64 {
        let reduced = thickness / self.passivation;
        let gain = self.growth * exposure * leak / self.passivation;
        // Solves u + u2/2 = u0 + u0^2/2 + gain without cancellation at small gain.
        let start = 1.0 + reduced;
        let rise = 2.0 * gain / ((start * start + 2.0 * gain).sqrt() + start);
        self.passivation * (reduced + rise)
    }

    /// Oxygen released per area for a rock-salt growth `rise` (m), mol/m2.
    pub fn oxygen_released(&self, rise: f64) -> f64 {
        rise / self.rock_salt_molar_volume
    }

    /// Share of the bare rate that passes a coating of `thickness` (m).
    pub fn leak(&self, thickness: f64) -> f64 {
        (-thickness / self.leak_length).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaction() -> OxygenReaction {
        let law = OxygenLaw {
            rate: 1e-10,
            activation_energy: 67e3,
            onset: 4.19,
            onset_width: 0.04,
            potential_share: 0.7,
            passivation_length: 6e-10,
            leak_length: 1.5e-9,
            polycrystal_factor: 30.0,
            rock_salt_molar_volume: 20e-6,
            product_molar_volume_per_oxygen: 12e-6,
            sulfate_share: 0.6,
        };
        OxygenReaction::new(&law, ParticleKind::SingleCrystal, 298.15)
    }

    #[test]
    fn grows_linearly_at_first_and_parabolically_later() {
        let reaction = reaction();
        let early = reaction.grow(0.0, 1.0, 1.0);
        assert!((early / (1e-10 * 20e-6) - 1.0).abs() < 1e-5);
        let late = reaction.grow(0.0, 1e9, 1.0);
        let parabola = (2.0 * 6e-10 * 2e-15 * 1e9_f64).sqrt();
        assert!((late / parabola - 1.0).abs() < 0.3);
        assert!(late < parabola);
    }

    #[test]
    fn two_intervals_equal_one() {
        let reaction = reaction();
        let once = reaction.grow(1e-9, 5e5, 0.3);
        let twice = reaction.grow(reaction.grow(1e-9, 2e5, 0.3), 3e5, 0.3);
        assert!((once / twice - 1.0).abs() < 1e-13);
    }

    #[test]
    fn activity_switches_on_at_the_onset() {
        let reaction = reaction();
        assert!((reaction.activity(4.19, 4.19) - 2f64.ln()).abs() < 1e-12);
        assert!(reaction.activity(3.7, 3.7) < 1e-5);
        assert!((reaction.activity(4.59, 4.59) - 10.0).abs() < 1e-3);
        for reduced in [-8.001f64, -12.0, -20.0] {
            let potential = 4.19 + 0.04 * reduced;
            let expected = reduced.exp().ln_1p();
            assert!((reaction.activity(potential, potential) / expected - 1.0).abs() < 1e-12);
        }
        // Potential counts even where the surface cannot follow.
        assert!(reaction.activity(4.4, 4.0) > reaction.activity(4.0, 4.0) * 10.0);
    }
}
