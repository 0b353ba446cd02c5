//! Electrochemical oxidation of the electrolyte to polysulfides.
//!
//! Li6PS5Cl gives up `nu` electrons and lithium ions wherever it touches an
//! electron conductor above about 2.5 V: active material, carbon, collector.
//! The products conduct electrons badly, so the reaction limits itself: kinetic
//! and transport branches in series (physics basis 4a; Dewald 2019, Walther 2021):
//!
//! ```text
//! 1/i = 1/i_kin + 1/i_tr
//! i_kin = i0 [exp(alpha F (E - U)/RT) - 1]        i_tr = s_e (E - U)/l exp(-l/l*)
//! dl/dt = V_m i/(nu F)
//! ```

use crate::constants::{FARADAY, GAS_CONSTANT, arrhenius};
use crate::materials::OxidationLaw;

/// The law at one temperature.
#[derive(Debug, Clone, Copy)]
pub struct Oxidation {
    exchange: f64,
    steepness: f64,
    onset: f64,
    conductivity: f64,
    decay: f64,
    /// Product thickness per charge, m3/C.
    pub thickness_per_charge: f64,
}

/// What drives the oxidation at some potential.
#[derive(Debug, Clone, Copy, Default)]
pub struct Drive {
    /// Potential above the onset, V.
    over: f64,
    /// Current density of the kinetic branch, A/m2.
    kinetic: f64,
    /// Its derivative, A/(m2 V).
    slope: f64,
}

/// A product layer as the current sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Film {
    /// m.
    thickness: f64,
    /// Conductivity, S/m.
    conduction: f64,
}

/// Current density and its derivatives.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SideCurrent {
    /// A/m2.
    pub current: f64,
    /// A/(m2 V).
    pub by_potential: f64,
    /// A/(m2 m).
    pub by_thickness: f64,
}

impl Oxidation {
    /// The law at `temperature` (K) for an electrolyte of `molar_volume` (m3/mol); the
    /// products take the volume of what they come from.
    pub fn new(law: &OxidationLaw, molar_volume: f64, temperature: f64) -> Self {
        let factor = arrhenius(law.activation_energy, temperature);
        Self {
            exchange: law.exchange_current_density * factor,
            steepness: law.transfer_coefficient * FARADAY / (GAS_CONSTANT * temperature),
            onset: law.onset,
            conductivity: law.layer_conductivity * factor,
            decay: law.decay_length,
            thickness_per_charge: molar_volume / (law.electrons * FARADAY),
        }
    }

    /// Current density of the kinetic branch at `potential` (V vs Li+/Li), A/m2, and its
    /// derivative, A/(m2 V); 0 below the onset.
    pub fn kinetic(&self, potential: f64) -> (f64, f64) {
        let over = potential - self.onset;
        if over <= 0.0 {
            return (0.0, 0.0);
        }
        let growth = (self.steepness * over).exp();
        (
            self.exchange * (growth - 1.0),
            self.exchange * self.steepness * growth,
        )
    }

    /// Current density over a time `tau` (s) that begins with a layer of `thickness` (m),
    /// implicit in the layer by one linearisation: the layer afterwards is exactly
    /// `thickness` plus the charge passed.
    pub fn over(&self, potential: f64, thickness: f64, tau: f64) -> SideCurrent {
        self.over_film(&self.drive(potential), &self.film(thickness), tau)
    }

    /// [`Self::over`] with what depends on the potential and on the layer alone known.
    #[inline]
    pub fn over_film(&self, drive: &Drive, film: &Film, tau: f64) -> SideCurrent {
        if drive.over <= 0.0 {
            return SideCurrent::default();
        }
        let side = self.through(drive, film);
        let factor = 1.0 / (1.0 - tau * self.thickness_per_charge * side.by_thickness);
        SideCurrent {
            current: side.current * factor,
            by_potential: side.by_potential * factor,
            by_thickness: side.by_thickness * factor,
        }
    }

    /// Current density of true interface at `potential` (V vs Li+/Li) through a
    /// product layer of `thickness` (m).
    pub fn current(&self, potential: f64, thickness: f64) -> SideCurrent {
        self.through(&self.drive(potential), &self.film(thickness))
    }

    /// What drives the oxidation at `potential` (V vs Li+/Li).
    pub fn drive(&self, potential: f64) -> Drive {
        let (kinetic, slope) = self.kinetic(potential);
        Drive {
            over: potential - self.onset,
            kinetic,
            slope,
        }
    }

    /// A product layer of `thickness` (m).
    pub fn film(&self, thickness: f64) -> Film {
        Film {
            thickness,
            conduction: self.conductivity * (-thickness / self.decay).exp(),
        }
    }

    #[inline]
    fn through(&self, drive: &Drive, film: &Film) -> SideCurrent {
        if drive.over <= 0.0 {
            return SideCurrent::default();
        }
        let (kinetic, thickness) = (drive.kinetic, film.thickness);
        let ohmic = film.conduction * drive.over;
        // i = k d/(d + k l): the series of both branches, finite for l = 0.
        let shared = 1.0 / (ohmic + kinetic * thickness);
        let current = kinetic * ohmic * shared;
        let by_kinetic = (ohmic * shared).powi(2);
        let by_drive = kinetic * kinetic * thickness * shared * shared;
        SideCurrent {
            current,
            by_potential: by_kinetic * drive.slope + by_drive * film.conduction,
            by_thickness: -current * kinetic * shared - by_drive * ohmic / self.decay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law() -> OxidationLaw {
        OxidationLaw {
            onset: 2.55,
            transfer_coefficient: 0.25,
            exchange_current_density: 1e-8,
            layer_conductivity: 1e-11,
            decay_length: 2e-9,
            electrons: 2.5,
            activation_energy: 40e3,
        }
    }

    #[test]
    fn starts_as_tafel_and_ends_as_ohm() {
        let oxidation = Oxidation::new(&law(), 144e-6, 298.15);
        let fresh = oxidation.current(3.55, 0.0).current;
        let tafel = 1e-8 * ((0.25 * FARADAY / (GAS_CONSTANT * 298.15)).exp() - 1.0);
        assert!((fresh / tafel - 1.0).abs() < 1e-12);
        let thick = oxidation.current(4.3, 2e-8).current;
        let ohm = 1e-11 * 1.75 / 2e-8 * (-10f64).exp();
        assert!((thick / ohm - 1.0).abs() < 1e-3);
        assert!(oxidation.current(2.5, 0.0).current.abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn a_layer_that_blocks_itself_grows_as_the_closed_form_says() {
        // Without a kinetic limit l exp(l/l*) dl = K dt.
        let fast = OxidationLaw {
            exchange_current_density: 1e6,
            ..law()
        };
        let oxidation = Oxidation::new(&fast, 144e-6, 298.15);
        let (potential, end, count) = (3.8, 8e-9, 4000);
        let width = end / f64::from(count);
        let time: f64 = (0..count)
            .map(|i| (f64::from(i) + 0.5) * width)
            .map(|l| oxidation.current(potential, l).current)
            .map(|current| width / (oxidation.thickness_per_charge * current))
            .sum();
        let reduced = end / fast.decay_length;
        let rate = oxidation.thickness_per_charge * fast.layer_conductivity * (3.8 - 2.55);
        let due = fast.decay_length.powi(2) * ((reduced - 1.0) * reduced.exp() + 1.0) / rate;
        assert!((time / due - 1.0).abs() < 1e-5, "{time} {due}");
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let oxidation = Oxidation::new(&law(), 144e-6, 318.15);
        for (e, l) in [(2.9, 1e-10), (3.6, 5e-9), (4.3, 1.2e-8)] {
            let at = oxidation.current(e, l);
            let h = 1e-4;
            let by_e = (oxidation.current(e + h, l).current - oxidation.current(e - h, l).current)
                / (2.0 * h);
            let by_l = (oxidation.current(e, l * (1.0 + h)).current
                - oxidation.current(e, l * (1.0 - h)).current)
                / (2.0 * h * l);
            assert!((by_e / at.by_potential - 1.0).abs() < 1e-5);
            assert!((by_l / at.by_thickness - 1.0).abs() < 1e-5);
        }
    }
}
