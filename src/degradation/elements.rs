//! Where the elements go: the extents of the reactions become amounts of species, and
//! what the reactions took from oxide, electrolyte and carbonate is what the species
//! hold.
//!
//! ```text
//! Li6PS5Cl -> polysulfides + nu Li+ + nu e-                     P and S stay in the layer
//! MO2      -> MO (rock salt) + O
//! O + PS4  -> PO4, SO4 (four oxygen each), SO2                  P : S by the law
//! O        -> 1/2 O2                                            what is not scavenged
//! Li2CO3   -> 2 Li+ + CO2 + O + 2 e-                            O scavenged, not followed
//! ```
//! A coating can take up what would escape: carbonate reacts with the singlet oxygen that
//! layered oxides release and with SO2 (to sulfite). What it takes is counted with what
//! the electrolyte scavenges: it ends oxygenated at the interface.

use super::Carbonate;
use crate::materials::DegradationLaws;
use crate::scenario::Coating;

/// Sulfur of a thiophosphate unit PS4, the building block of the electrolytes.
const SULFUR_PER_PHOSPHORUS: f64 = 4.0;

/// How far the reactions have gone, mol/m2 of cell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Extents {
    /// Formula units of electrolyte oxidised to polysulfides.
    pub oxidised: f64,
    /// Oxygen released by the lattice.
    pub lattice_oxygen: f64,
    /// Oxygen taken by the reaction by contact.
    pub contact_oxygen: f64,
    /// Carbonate oxidised.
    pub carbonate: f64,
}

/// Share of the gas from the oxide that passes `coating`, 0..1:
/// `exp(-sum over the layers of coverage * thickness * uptake)`.
pub fn escaping_share(coating: Option<&Coating>) -> f64 {
    coating.map_or(1.0, |coating| {
        let taken = coating
            .layers
            .iter()
            .map(|l| l.material.gas_uptake * l.thickness);
        (-coating.coverage * taken.sum::<f64>()).exp()
    })
}

/// What becomes of released oxygen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fates {
    electrons: f64,
    scavenged: f64,
    sulfur_dioxide: f64,
    sulfate: f64,
}

/// Amounts of the species, mol/m2 of cell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Species {
    /// Lithium given to the cell as ions.
    pub lithium: f64,
    /// Rock salt MO.
    pub rock_salt: f64,
    /// PO4 units.
    pub phosphate: f64,
    /// SO4 units (sulfite counted with them).
    pub sulfate: f64,
    /// Thiophosphate units attacked by oxygen.
    pub thiophosphate: f64,
    /// Phosphorus and sulfur of those that stay sulfides.
    pub residue: [f64; 2],
    /// O2, gas.
    pub oxygen: f64,
    /// SO2, gas.
    pub sulfur_dioxide: f64,
    /// CO2, gas.
    pub carbon_dioxide: f64,
    /// Oxygen atoms freed with the carbon dioxide.
    pub freed_oxygen: f64,
}

/// Amounts of the elements, mol/m2 of cell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Elements {
    /// Li.
    pub lithium: f64,
    /// Transition metals M.
    pub metal: f64,
    /// P.
    pub phosphorus: f64,
    /// S.
    pub sulfur: f64,
    /// O.
    pub oxygen: f64,
    /// C.
    pub carbon: f64,
}

impl Fates {
    /// From the constants of the laws, the share `escaping` (0..1) of gas passing what the
    /// coating would take up.
    pub fn new(laws: &DegradationLaws, escaping: f64) -> Self {
        Self {
            electrons: laws.oxidation.electrons,
            scavenged: 1.0 - (1.0 - laws.gas.scavenged_share) * escaping,
            sulfur_dioxide: laws.gas.sulfur_dioxide_yield * escaping,
            sulfate: laws.oxygen.sulfate_share,
        }
    }

    /// Share of the released oxygen that ends at the interface, not in the gas.
    pub fn scavenged(&self) -> f64 {
        self.scavenged
    }

    /// The species that reactions of these `extents` have made.
    pub fn species(&self, extents: &Extents) -> Species {
        let scavenged = self.scavenged * extents.lattice_oxygen;
        let sulfur_dioxide = self.sulfur_dioxide * scavenged;
        let units = (scavenged - 2.0 * sulfur_dioxide + extents.contact_oxygen) / 4.0;
        let (phosphate, sulfate) = (units * (1.0 - self.sulfate), units * self.sulfate);
        let sulfur = sulfate + sulfur_dioxide;
        let thiophosphate = phosphate.max(sulfur / SULFUR_PER_PHOSPHORUS);
        Species {
            lithium: self.electrons * extents.oxidised + Carbonate::ELECTRONS * extents.carbonate,
            rock_salt: extents.lattice_oxygen,
            phosphate,
            sulfate,
            thiophosphate,
            residue: [
                thiophosphate - phosphate,
                SULFUR_PER_PHOSPHORUS * thiophosphate - sulfur,
            ],
            oxygen: 0.5 * (extents.lattice_oxygen - scavenged),
            sulfur_dioxide,
            carbon_dioxide: extents.carbonate,
            freed_oxygen: extents.carbonate,
        }
    }

    /// What the reactions took from oxide, electrolyte and carbonate; of the electrolyte
    /// the thiophosphate units that `species` came from.
    pub fn taken(&self, extents: &Extents, species: &Species) -> Elements {
        Elements {
            lithium: self.electrons * extents.oxidised + 2.0 * extents.carbonate,
            metal: extents.lattice_oxygen,
            phosphorus: species.thiophosphate,
            sulfur: SULFUR_PER_PHOSPHORUS * species.thiophosphate,
            // MO2 becomes MO + O: the metal takes one oxygen along.
            oxygen: 2.0 * extents.lattice_oxygen + extents.contact_oxygen + 3.0 * extents.carbonate,
            carbon: extents.carbonate,
        }
    }
}

impl Species {
    /// The elements in the species, by their formulas.
    pub fn elements(&self) -> Elements {
        Elements {
            lithium: self.lithium,
            metal: self.rock_salt,
            phosphorus: self.phosphate + self.residue[0],
            sulfur: self.sulfate + self.sulfur_dioxide + self.residue[1],
            oxygen: self.rock_salt
                + 4.0 * (self.phosphate + self.sulfate)
                + 2.0 * (self.oxygen + self.sulfur_dioxide + self.carbon_dioxide)
                + self.freed_oxygen,
            carbon: self.carbon_dioxide,
        }
    }
}

impl Elements {
    /// Largest difference to `other`, relative to the larger of the two.
    pub fn mismatch(&self, other: &Self) -> f64 {
        let pairs = [
            (self.lithium, other.lithium),
            (self.metal, other.metal),
            (self.phosphorus, other.phosphorus),
            (self.sulfur, other.sulfur),
            (self.oxygen, other.oxygen),
            (self.carbon, other.carbon),
        ];
        pairs
            .iter()
            .map(|(a, b)| (a - b).abs() / a.abs().max(b.abs()).max(f64::MIN_POSITIVE))
            .fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn species_hold_what_was_taken(
            (oxidised, lattice_oxygen) in (0.0f64..1.0, 0.0f64..1.0),
            (contact_oxygen, carbonate) in (0.0f64..1.0, 0.0f64..1.0),
            (scavenged, sulfur_dioxide, sulfate) in (0.0f64..1.0, 0.0f64..0.5, 0.0f64..1.0),
        ) {
            let extents = Extents { oxidised, lattice_oxygen, contact_oxygen, carbonate };
            let fates = Fates { electrons: 2.5, scavenged, sulfur_dioxide, sulfate };
            let species = fates.species(&extents);
            let taken = fates.taken(&extents, &species);
            prop_assert!(taken.mismatch(&species.elements()) < 1e-13);
            prop_assert!(species.residue.iter().all(|r| *r >= -1e-15));
            prop_assert!(species.phosphate >= 0.0 && species.sulfate >= 0.0);
        }
    }

    #[test]
    fn carbonate_takes_up_gas_by_its_mean_thickness() {
        assert!((escaping_share(None) - 1.0).abs() < 1e-15);
        let loaded = crate::scenario::load("scenarios/ma2022-c.toml").expect("shipped");
        let mut coating = loaded.scenario.coating.expect("coated");
        coating.coverage = 0.5;
        coating.layers[0].thickness = 4e-9;
        coating.layers[0].material.gas_uptake = 1e9;
        let escaping = escaping_share(Some(&coating));
        assert!((escaping - (-2f64).exp()).abs() < 1e-12);
        let laws = &loaded.scenario.laws;
        let gas = |escaping: f64| {
            let oxygen = Extents {
                lattice_oxygen: 1.0,
                ..Extents::default()
            };
            let species = Fates::new(laws, escaping).species(&oxygen);
            [species.oxygen, species.phosphate + species.sulfate]
        };
        let ([open, open_solid], [covered, covered_solid]) = (gas(1.0), gas(escaping));
        assert!((covered / open - escaping).abs() < 1e-12);
        assert!(covered_solid > open_solid);
    }

    #[test]
    fn a_share_of_the_oxygen_forgotten_is_noticed() {
        let extents = Extents {
            lattice_oxygen: 1.0,
            ..Extents::default()
        };
        let fates = Fates {
            electrons: 2.5,
            scavenged: 0.9,
            sulfur_dioxide: 0.1,
            sulfate: 0.6,
        };
        let mut species = fates.species(&extents);
        let taken = fates.taken(&extents, &species);
        species.oxygen = 0.0;
        assert!(taken.mismatch(&species.elements()) > 0.04);
    }
}
