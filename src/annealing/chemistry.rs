//! Annealing: what reacts to what, and the balance of elements and volumes.
//!
//! Per formula unit LiaPbSc of precursor, with `m` oxygen taken up first and `L` lithium
//! drawn from the surface of the oxide:
//!
//! ```text
//! LiaPbSc + m/2 O2                      -> LiaPbScOm
//! LiaPbScOm + L Li (as Li2O) + n O2     -> p Li3PO4 + s Li2SO4 + (c - s) SO2 + (b - p)/2 P2O5
//! p = min(b, (a + L)/3)       s = min(c, (a + L - 3p)/2)
//! ```
//! Phosphate takes lithium first. `L` is what the reaction can use, at most residual
//! lithium and the share that the oxide gives. Residual LiOH and Li2CO3 count as Li2O
//! (water and CO2 go by themselves); lithium from inside the oxide comes without
//! oxygen. Products evaporate as they are.

use super::kinetics::{AnnealingError, Progress};
use super::{Powder, Recipe, Treatment};
use crate::materials::CoatingProcess;
use serde::{Deserialize, Serialize};

/// The phases of the coating, in the order of every array over them.
pub const PHASES: [&str; 4] = ["sulfide", "intermediate", "phosphate", "sulfate"];

/// Molar masses (IUPAC 2021, abridged), kg/mol.
pub const LITHIUM: f64 = 6.94e-3;
/// kg/mol.
pub const PHOSPHORUS: f64 = 30.974e-3;
/// kg/mol.
pub const SULFUR: f64 = 32.06e-3;
/// kg/mol.
pub const OXYGEN: f64 = 15.999e-3;

/// The reaction of one precursor on one powder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chemistry {
    /// Precursor, mol per kg of oxide.
    amount: f64,
    /// m2/kg.
    surface: f64,
    /// Molar masses of the phases, kg/mol.
    molar_mass: [f64; 4],
    /// Their molar volumes, m3/mol.
    molar_volume: [f64; 4],
    /// Atoms of phosphorus and sulfur in the precursor.
    atoms: [f64; 2],
    /// Oxygen in the intermediate.
    oxygen: f64,
    /// Phosphate and sulfate per precursor.
    products: [f64; 2],
    /// Residual lithium and the oxide's lithium used per precursor.
    lithium: [f64; 2],
}

/// What a coating is made of, per kg of oxide, in the order of [`PHASES`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Composition {
    /// mol/kg.
    pub amounts: [f64; 4],
    /// kg/kg.
    pub masses: [f64; 4],
    /// m3/kg.
    pub volumes: [f64; 4],
}

/// What went into the coating and what left it, per kg of oxide.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// O2 taken up from the gas, mol/kg.
    pub oxygen: f64,
    /// Lithium from residual LiOH and Li2CO3, mol/kg.
    pub residual_lithium: f64,
    /// Lithium from inside the oxide, mol/kg.
    pub oxide_lithium: f64,
    /// SO2 (or SO that oxidises to it) given off, mol/kg.
    pub sulfur_dioxide: f64,
    /// P2O5 given off for lack of lithium, mol/kg.
    pub phosphorus_pentoxide: f64,
    /// Phosphate evaporated, mol/kg.
    pub evaporated_phosphate: f64,
    /// Sulfate evaporated, mol/kg.
    pub evaporated_sulfate: f64,
}

impl Composition {
    fn fractions(parts: [f64; 4]) -> [f64; 4] {
        let whole: f64 = parts.iter().sum();
        parts.map(|part| part / whole)
    }

    /// Shares of the volume.
    pub fn volume_fractions(&self) -> [f64; 4] {
        Self::fractions(self.volumes)
    }

    /// Shares of the moles.
    pub fn mole_fractions(&self) -> [f64; 4] {
        Self::fractions(self.amounts)
    }

    /// Phosphorus and sulfur atoms in it, mol/kg.
    pub fn phosphorus_and_sulfur(&self, process: &CoatingProcess) -> f64 {
        let [sulfide, intermediate, phosphate, sulfate] = self.amounts;
        (sulfide + intermediate) * (process.phosphorus + process.sulfur) + phosphate + sulfate
    }
}

impl Chemistry {
    /// # Errors
    /// [`AnnealingError::Formula`] for a precursor with more lithium than phosphate and
    /// sulfate can hold.
    pub fn new(
        recipe: &Recipe,
        treatment: &Treatment,
        powder: &Powder,
    ) -> Result<Self, AnnealingError> {
        let process = &recipe.process;
        let (li, p, s) = (process.lithium, process.phosphorus, process.sulfur);
        if li > 3.0 * p + 2.0 * s {
            return Err(AnnealingError::Formula {
                lithium: li,
                most: 3.0 * p + 2.0 * s,
            });
        }
        let precursor = li * LITHIUM + p * PHOSPHORUS + s * SULFUR;
        let molar_mass = [
            precursor,
            precursor + process.intermediate_oxygen * OXYGEN,
            3.0 * LITHIUM + PHOSPHORUS + 4.0 * OXYGEN,
            2.0 * LITHIUM + SULFUR + 4.0 * OXYGEN,
        ];
        let densities = recipe.phases().map(|phase| phase.density);
        let amount = treatment.mass / precursor;
        let wanted = 3.0 * p + 2.0 * s - li;
        let residual = wanted.min(treatment.residual_lithium / amount);
        let drawn = (wanted - residual).min(process.oxide_lithium * powder.lithium / amount);
        let lithium = li + residual + drawn;
        let phosphate = p.min(lithium / 3.0);
        Ok(Self {
            amount,
            surface: powder.specific_surface,
            molar_mass,
            molar_volume: std::array::from_fn(|i| molar_mass[i] / densities[i]),
            atoms: [p, s],
            oxygen: process.intermediate_oxygen,
            products: [phosphate, s.min(0.5 * (lithium - 3.0 * phosphate))],
            lithium: [residual, drawn],
        })
    }

    /// Amounts of the phases per precursor.
    fn shares(&self, progress: &Progress) -> [f64; 4] {
        let left = progress.decomposed - progress.evaporated;
        [
            1.0 - progress.oxidised,
            progress.oxidised - progress.decomposed,
            left * self.products[0],
            left * self.products[1],
        ]
    }

    /// What the coating is made of.
    pub fn composition(&self, progress: &Progress) -> Composition {
        let amounts = self.shares(progress).map(|share| share * self.amount);
        Composition {
            amounts,
            masses: std::array::from_fn(|i| amounts[i] * self.molar_mass[i]),
            volumes: std::array::from_fn(|i| amounts[i] * self.molar_volume[i]),
        }
    }

    /// Volume of all coating over the surface of the oxide, m.
    pub fn spread_thickness(&self, progress: &Progress) -> f64 {
        let shares = self.shares(progress);
        let volume: f64 = (0..4).map(|i| shares[i] * self.molar_volume[i]).sum();
        volume * self.amount / self.surface
    }

    /// What went in and out, by the reaction equations.
    pub fn exchange(&self, progress: &Progress) -> Exchange {
        let [phosphorus, sulfur] = self.atoms;
        let [phosphate, sulfate] = self.products;
        let [residual, drawn] = self.lithium;
        let gas = [sulfur - sulfate, 0.5 * (phosphorus - phosphate)];
        // Oxygen atoms from the gas in the second reaction.
        let second = 4.0 * (phosphate + sulfate) + 2.0 * gas[0] + 5.0 * gas[1]
            - self.oxygen
            - 0.5 * residual;
        let decomposed = progress.decomposed * self.amount;
        let evaporated = progress.evaporated * self.amount;
        Exchange {
            oxygen: 0.5 * (self.oxygen * progress.oxidised * self.amount + second * decomposed),
            residual_lithium: residual * decomposed,
            oxide_lithium: drawn * decomposed,
            sulfur_dioxide: gas[0] * decomposed,
            phosphorus_pentoxide: gas[1] * decomposed,
            evaporated_phosphate: phosphate * evaporated,
            evaporated_sulfate: sulfate * evaporated,
        }
    }
}
