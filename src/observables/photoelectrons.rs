//! Observables: the components into which S 2p and P 2p photoelectron spectra of a
//! cycled composite are taken apart (binding energies as in ma2022).
//!
//! The probed skin of the electrolyte carries, where it faced active material, the
//! grown products as layers: phosphate and sulfate outermost (they grow at the oxide),
//! then the oxidised sulfide, then argyrodite. A layer of thickness l under others of
//! thickness h gives the signal n exp(-h/lambda) (1 - exp(-l/lambda)), n being the
//! element's amount per volume. Shares are of one element, so that sensitivity factors
//! cancel. Both lines have nearly the same kinetic energy and share one attenuation
//! length. Roughness, and damage by the beam, are left out.

use serde::{Deserialize, Serialize};

/// Attenuation length of S 2p and P 2p electrons (Al K alpha, kinetic energy 1.32 keV)
/// in sulfides and phosphates, m. An estimate, +-20 %, by the usual formulas for inelastic mean
/// free paths.
pub const ATTENUATION_LENGTH: f64 = 2.9e-9;
/// Share of the skin seen on a fractured composite that faced active material; the rest
/// broke between grains of the electrolyte. An estimate.
pub const INTERFACE_SHARE: f64 = 0.5;

/// Volume per formula unit, m3/mol: Li6PS5Cl by its lattice constant of 0.986 nm with
/// four units, Li3PO4 and Li2SO4 by molar mass and density.
const ARGYRODITE: f64 = 144e-6;
const PHOSPHATE: f64 = 45.6e-6;
const SULFATE: f64 = 49.5e-6;

/// Sulfur and phosphorus of an oxidised formula unit: the free sulfide has joined
/// polysulfides and two of the four sulfurs of its PS4 unit bridge to others. An
/// estimate after the order in which the components appear (ma2022).
const BRIDGING_SULFUR: f64 = 2.0;

/// The skin that an analysis sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Skin {
    /// Oxidised sulfide, m, where the skin faced active material.
    pub polysulfide: f64,
    /// Phosphate and sulfate, m, where the skin faced active material.
    pub oxygenated: f64,
    /// Share of sulfate among phosphate and sulfate units, 0..1.
    pub sulfate_share: f64,
    /// Share of the probed skin that faced active material, 0..1.
    pub interface_share: f64,
}

/// Components of S 2p as shares of all sulfur seen; positions of S 2p3/2.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SulfurComponents {
    /// Free sulfide, 160.2 eV.
    pub sulfide: f64,
    /// PS4 units, 161.7 eV.
    pub thiophosphate: f64,
    /// Bridging sulfur, 163.0 eV.
    pub bridging: f64,
    /// Polysulfide, 163.7 eV.
    pub polysulfide: f64,
    /// Sulfite and sulfate, 165 to 169.4 eV.
    pub oxygenated: f64,
}

/// Components of P 2p as shares of all phosphorus seen; positions of P 2p3/2.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PhosphorusComponents {
    /// PS4 units, 131.9 eV.
    pub thiophosphate: f64,
    /// Units that share sulfur, 133.0 eV.
    pub bridging: f64,
    /// Units with oxygen, 134.1 to 134.5 eV.
    pub oxygenated: f64,
}

/// Components that a skin shows; `None` if a thickness or share is not a number that
/// a skin can have.
pub fn photoelectron_components(skin: &Skin) -> Option<(SulfurComponents, PhosphorusComponents)> {
    let share = |value: f64| (0.0..=1.0).contains(&value);
    let thickness = |value: f64| value >= 0.0 && value.is_finite();
    if !(share(skin.sulfate_share)
        && share(skin.interface_share)
        && thickness(skin.polysulfide)
        && thickness(skin.oxygenated))
    {
        return None;
    }
    let passes = |above: f64| (-above / ATTENUATION_LENGTH).exp();
    let below_oxygenated = passes(skin.oxygenated);
    let below_both = passes(skin.oxygenated + skin.polysulfide);
    let interface = skin.interface_share;
    // Amounts seen, mol per m3 of skin: argyrodite, oxidised sulfide, oxygenated units.
    let pristine = ((1.0 - interface) + interface * below_both) / ARGYRODITE;
    let oxidised = interface * (below_oxygenated - below_both) / ARGYRODITE;
    let volume = skin.sulfate_share * SULFATE + (1.0 - skin.sulfate_share) * PHOSPHATE;
    let oxygenated = interface * (1.0 - below_oxygenated) / volume;
    let sulfate = oxygenated * skin.sulfate_share;
    let phosphate = oxygenated - sulfate;

    let sulfur = 5.0 * (pristine + oxidised) + sulfate;
    let phosphorus = pristine + oxidised + phosphate;
    Some((
        SulfurComponents {
            sulfide: pristine / sulfur,
            thiophosphate: (4.0 * pristine + (4.0 - BRIDGING_SULFUR) * oxidised) / sulfur,
            bridging: BRIDGING_SULFUR * oxidised / sulfur,
            polysulfide: oxidised / sulfur,
            oxygenated: sulfate / sulfur,
        },
        PhosphorusComponents {
            thiophosphate: pristine / phosphorus,
            bridging: oxidised / phosphorus,
            oxygenated: phosphate / phosphorus,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRISTINE: Skin = Skin {
        polysulfide: 0.0,
        oxygenated: 0.0,
        sulfate_share: 0.6,
        interface_share: 0.5,
    };

    fn sums(skin: &Skin) -> (f64, f64) {
        let (s, p) = photoelectron_components(skin).unwrap();
        (
            s.sulfide + s.thiophosphate + s.bridging + s.polysulfide + s.oxygenated,
            p.thiophosphate + p.bridging + p.oxygenated,
        )
    }

    #[test]
    fn a_fresh_skin_is_argyrodite() {
        let (s, p) = photoelectron_components(&PRISTINE).unwrap();
        assert!((s.sulfide - 0.2).abs() < 1e-12 && (s.thiophosphate - 0.8).abs() < 1e-12);
        assert!((p.thiophosphate - 1.0).abs() < 1e-12);
    }

    #[test]
    fn layers_hide_what_lies_below_and_shares_add_up() {
        let skin = Skin {
            polysulfide: 2e-9,
            oxygenated: 1e-9,
            ..PRISTINE
        };
        let (a, b) = sums(&skin);
        assert!((a - 1.0).abs() < 1e-12 && (b - 1.0).abs() < 1e-12);
        // Hand calculation for the phosphorus.
        let (top, both) = ((-1.0f64 / 2.9).exp(), (-3.0f64 / 2.9).exp());
        let pristine = (0.5 + 0.5 * both) / 144.0;
        let oxidised = 0.5 * (top - both) / 144.0;
        let phosphate = 0.4 * 0.5 * (1.0 - top) / (0.6 * 49.5 + 0.4 * 45.6);
        let (_, p) = photoelectron_components(&skin).unwrap();
        let expected = phosphate / (pristine + oxidised + phosphate);
        assert!((p.oxygenated / expected - 1.0).abs() < 1e-12);

        let thick = Skin {
            polysulfide: 1e-6,
            oxygenated: 0.0,
            interface_share: 1.0,
            ..PRISTINE
        };
        let (s, p) = photoelectron_components(&thick).unwrap();
        assert!((s.polysulfide - 0.2).abs() < 1e-9 && (p.bridging - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_skin_is_refused() {
        for broken in [
            Skin {
                polysulfide: -1e-9,
                ..PRISTINE
            },
            Skin {
                oxygenated: f64::NAN,
                ..PRISTINE
            },
            Skin {
                interface_share: 1.2,
                ..PRISTINE
            },
        ] {
            assert!(photoelectron_components(&broken).is_none());
        }
    }
}
