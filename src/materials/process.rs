//! Materials: constants of an annealing process, as plain SI numbers.

use crate::constants::GAS_CONSTANT;
use serde::{Deserialize, Serialize};

/// How a precursor of lithium, phosphorus and sulfur, ground onto the oxide, becomes a
/// coating when it is annealed in oxygen; the equations are in [`crate::annealing`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoatingProcess {
    /// Name as written in scenarios; a coating of that name is the precursor itself.
    pub name: String,
    /// Lithium atoms in a formula unit of the precursor.
    pub lithium: f64,
    /// Phosphorus atoms in it.
    pub phosphorus: f64,
    /// Sulfur atoms in it.
    pub sulfur: f64,
    /// Oxygen atoms that it takes up before it decomposes.
    pub intermediate_oxygen: f64,
    /// Precursor to intermediate, at the reference pressure of oxygen.
    pub oxidation: ProcessRate,
    /// Intermediate to phosphate, sulfate and gas.
    pub decomposition: ProcessRate,
    /// Products into the gas.
    pub evaporation: ProcessRate,
    /// Of the film while it oxidises.
    pub spreading: ProcessRate,
    /// Of the film into islands.
    pub coagulation: ProcessRate,
    /// What no rate exceeds, 1/s.
    pub fastest: f64,
    /// Order of the oxidation in the pressure of oxygen.
    pub oxygen_order: f64,
    /// Pressure of oxygen at which the oxidation is stated, Pa.
    pub reference_oxygen_pressure: f64,
    /// Cooling after the hold, K/s.
    pub cooling_rate: f64,
    /// Thickness of the layer ground on, where it covers, m.
    pub ground_thickness: f64,
    /// Thickness below which an oxidising film does not spread, m.
    pub wetting_thickness: f64,
    /// Share of the precursor in lumps and notches, outside the film, 0..1.
    pub lump_share: f64,
    /// Thickness of what coagulation leaves between the islands, m.
    pub residue_thickness: f64,
    /// Coverage that a spreading film reaches, 0..1.
    pub fullest_coverage: f64,
    /// Coverage left when all has coagulated, 0..1.
    pub island_coverage: f64,
    /// Relative standard deviation of the thickness as ground on.
    pub ground_variation: f64,
    /// The same of a film that has spread.
    pub film_variation: f64,
    /// The same of islands.
    pub island_variation: f64,
    /// Lithium in residual LiOH and Li2CO3 where a scenario states none, mol per kg of oxide.
    pub residual_lithium: f64,
    /// Share of the oxide's own lithium that the coating can draw, 0..1.
    pub oxide_lithium: f64,
    /// Electrons per formula unit of unoxidised precursor that the first charge can take.
    pub electrons: f64,
    /// Potential above which it oxidises, V vs Li+/Li.
    pub sulfide_onset: f64,
}

/// A rate of a [`CoatingProcess`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProcessRate {
    /// At the reference temperature, 1/s.
    pub rate: f64,
    /// K.
    pub reference_temperature: f64,
    /// J/mol.
    pub activation_energy: f64,
}

impl ProcessRate {
    /// The rate at `temperature` (K), 1/s.
    pub fn at(&self, temperature: f64) -> f64 {
        let reduced = 1.0 / temperature - 1.0 / self.reference_temperature;
        self.rate * (-self.activation_energy / GAS_CONSTANT * reduced).exp()
    }
}
