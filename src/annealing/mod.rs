//! What becomes of a precursor ground onto the oxide when the powder is annealed in
//! oxygen: conversion, composition, thickness and coverage of the coating.
//!
//! Li3PS4 is oxidised to an intermediate, which decomposes to Li3PO4 and Li2SO4 with
//! lithium from the oxide's surface; sulfur that finds none leaves as SO2. While it
//! oxidises the layer swells and spreads; when hot it coagulates into islands and
//! slowly evaporates (Kissel et al., Chem. Mater. 37, 2192, 2025). [`kinetics`] has the
//! equations, [`chemistry`] the element balance, [`film`] the geometry and [`mixture`]
//! the properties of what results,
//! [`survey`] many treatments of one powder. The constants are data
//! ([`CoatingProcess`]), all of them estimates chosen to describe that
//! paper's trends: agreement with them is description, not validation.

pub mod chemistry;
pub mod film;
pub mod kinetics;
pub mod mixture;
pub mod survey;

pub use chemistry::{Composition, Exchange, PHASES};
pub use film::{Film, Form};
pub use kinetics::{AnnealingError, Moment, Progress};

use crate::materials::{CoatingMaterial, CoatingProcess};
use crate::numerics::normal::cumulative;
use chemistry::Chemistry;
use kinetics::Course;
use serde::{Deserialize, Serialize};

/// What is done to the powder.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Treatment {
    /// Precursor per mass of oxide.
    pub mass: f64,
    /// Of the hold, K.
    pub temperature: f64,
    /// s.
    pub hold: f64,
    /// Up to the hold, K/s.
    pub heating_rate: f64,
    /// Partial pressure, Pa.
    pub oxygen_pressure: f64,
    /// Lithium in residual LiOH and Li2CO3, mol per kg of oxide.
    pub residual_lithium: f64,
}

/// The oxide powder that is coated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Powder {
    /// BET, m2/kg.
    pub specific_surface: f64,
    /// Lithium in the oxide, mol/kg.
    pub lithium: f64,
}

/// The process and the substances it passes through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Constants.
    pub process: CoatingProcess,
    /// The sulfide as ground on.
    pub precursor: CoatingMaterial,
    /// Half oxidised.
    pub intermediate: CoatingMaterial,
    /// Li3PO4.
    pub phosphate: CoatingMaterial,
    /// Li2SO4.
    pub sulfate: CoatingMaterial,
}

/// What results.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How far every reaction went.
    pub progress: Progress,
    /// What the coating is made of.
    pub composition: Composition,
    /// What went in and out.
    pub exchange: Exchange,
    /// How it lies on the oxide.
    pub film: Film,
    /// Charge that the precursor left unoxidised can give in the first charge of a
    /// cell, C per kg of oxide; film and lumps together.
    pub oxidisable_charge: f64,
}

/// A coating that was annealed: how, from what, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Annealed {
    /// What was done.
    pub treatment: Treatment,
    /// The oxide.
    pub powder: Powder,
    /// What came of it.
    pub outcome: Outcome,
    /// Constants and substances.
    pub recipe: Recipe,
}

impl Annealed {
    /// Anneals.
    ///
    /// # Errors
    /// [`AnnealingError`] when the precursor is none or the integration fails.
    pub fn new(
        recipe: Recipe,
        treatment: Treatment,
        powder: Powder,
    ) -> Result<Self, AnnealingError> {
        let chemistry = Chemistry::new(&recipe, &treatment, &powder)?;
        let course = Course::of(&recipe.process, &chemistry, &treatment)?;
        let progress = course.last();
        let composition = chemistry.composition(&progress);
        let sulfide = composition.amounts[0];
        let outcome = Outcome {
            progress,
            composition,
            exchange: chemistry.exchange(&progress),
            film: Film::new(&recipe.process, &chemistry, &progress),
            oxidisable_charge: sulfide * recipe.process.electrons * crate::constants::FARADAY,
        };
        Ok(Self {
            treatment,
            powder,
            outcome,
            recipe,
        })
    }

    /// The coating as one substance: its phases as a random mixture.
    pub fn material(&self) -> CoatingMaterial {
        let name = format!(
            "{} annealed at {:.0} degC",
            self.recipe.precursor.name,
            self.treatment.temperature - 273.15
        );
        mixture::of(
            name,
            self.recipe.phases(),
            self.outcome.composition.volume_fractions(),
        )
    }

    /// Mass of all coating, film and lumps, per mass of oxide.
    pub fn mass(&self) -> f64 {
        self.outcome.composition.masses.iter().sum()
    }

    /// Mass outside the film, per mass of oxide.
    pub fn lumps(&self) -> f64 {
        self.recipe.process.lump_share * self.mass()
    }

    /// Share of the native film (residual LiOH and Li2CO3) that the coating did not use
    /// up, 0..1.
    pub fn native_film_left(&self) -> f64 {
        let residual = self.treatment.residual_lithium;
        if residual > 0.0 {
            1.0 - self.outcome.exchange.residual_lithium / residual
        } else {
            0.0
        }
    }

    /// Share of the film's area with precursor without oxygen at the oxide, 0..1. Oxygen
    /// comes from outside and takes the film to the same depth everywhere: what it left
    /// lies where the film (of lognormal thickness) is thicker than that.
    pub fn sulfide_share(&self) -> f64 {
        let (progress, film) = (&self.outcome.progress, &self.outcome.film);
        let deviation = film.variation.powi(2).ln_1p().sqrt();
        let left = 1.0 - progress.oxidised;
        // Share of the volume beyond the depth whose logarithm lies `z` deviations off.
        let volume = |z: f64| {
            let depth = (deviation * z - 0.5 * deviation * deviation).exp();
            cumulative(deviation - z) - depth * cumulative(-z)
        };
        if volume(-8.0) <= left {
            return 1.0;
        }
        let (mut low, mut high) = (-8.0, 8.0);
        while high - low > 1e-12 {
            let middle = 0.5 * (low + high);
            if volume(middle) > left {
                low = middle;
            } else {
                high = middle;
            }
        }
        cumulative(-low)
    }

    /// Share of the film's area at the oxide that oxygen can still attack, 0..1:
    /// precursor, and of the intermediate what it lacks of four oxygen to each phosphorus
    /// and sulfur.
    pub fn unoxidised_share(&self) -> f64 {
        let process = &self.recipe.process;
        let most = 4.0 * (process.phosphorus + process.sulfur);
        let lacking = (1.0 - process.intermediate_oxygen / most).max(0.0);
        let [sulfide, intermediate, ..] = self.outcome.composition.volume_fractions();
        let oxidised = 1.0 - sulfide;
        let share = self.sulfide_share();
        if oxidised > 0.0 {
            share + (1.0 - share) * lacking * intermediate / oxidised
        } else {
            share
        }
    }

    /// Thickness left between islands where the film has coagulated, mean over the
    /// uncovered surface, m.
    pub fn residue(&self) -> f64 {
        self.recipe.process.residue_thickness * self.outcome.progress.coagulated
    }

    /// Share of the oxide's lithium that the coating took, 0..1.
    pub fn oxide_lithium_taken(&self) -> f64 {
        self.outcome.exchange.oxide_lithium / self.powder.lithium
    }

    /// Phosphorus and sulfur atoms per volume of coating, mol/m3: what XPS sees of it.
    pub fn marker_concentration(&self) -> f64 {
        let composition = &self.outcome.composition;
        let volume: f64 = composition.volumes.iter().sum();
        composition.phosphorus_and_sulfur(&self.recipe.process) / volume
    }
}

impl Recipe {
    /// The phases in the order of [`PHASES`].
    pub fn phases(&self) -> [&CoatingMaterial; 4] {
        [
            &self.precursor,
            &self.intermediate,
            &self.phosphate,
            &self.sulfate,
        ]
    }
}

#[cfg(test)]
mod tests;
