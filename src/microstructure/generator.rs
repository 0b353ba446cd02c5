//! From a scenario to a structure: the stages of this room in their order.

use super::aggregates::{Site, place_aggregates};
use super::carbon::place_carbon;
use super::electrolyte::{Grains, grains};
use super::grid::{Grid, Raster, rasterise};
use super::random::Stage;
use super::statistics::{Drawn, measure};
use super::voids::place_voids;
use super::{
    Microstructure, MicrostructureError, Particle, Phase, Recipe, mean_volume, pack, recipe,
    sample_radii,
};
use crate::materials::CarbonShape;
use crate::scenario::{Cathode, Coating, MicrostructureSettings, Scenario, SizeDistribution};

/// Fewest voxels across the median particle: with two its volume is off by 10 %
/// and its neck to a neighbour may be lost.
const FEWEST_VOXELS: f64 = 2.0;
/// Most particles in a box; a million take minutes to pack and 100 MB.
const MOST_PARTICLES: usize = 1_000_000;
/// Diameter of lumps of polymer, m. Shi et al., Adv. Energy Mater. (2023) see
/// aggregates of 40 to 100 nm of excess coating; binder is taken to be the same.
const POLYMER_AGGREGATE: f64 = 100e-9;
/// How far around particles distances are kept, in voxels: gaps are thinner.
const CLEARANCE_BAND: f64 = 4.0;
/// Share of the time that packing takes, roughly.
const PACKING_SHARE: f64 = 0.4;

/// Generates the structure of a scenario's cathode.
///
/// `progress` hears the share of the work done, 0..1. The same scenario gives
/// the same bytes, whatever the number of threads.
///
/// # Errors
/// [`MicrostructureError`] says which part of the recipe cannot be realised.
pub fn generate(
    scenario: &Scenario,
    progress: &mut dyn FnMut(f64),
) -> Result<Microstructure, MicrostructureError> {
    Blueprint::new(
        &scenario.cathode,
        scenario.coating.as_ref(),
        scenario.microstructure,
        scenario.numerics.size_classes,
        scenario.seed,
    )?
    .build(progress)
}

/// All that decides on a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Blueprint {
    /// Volume fractions and thickness.
    pub recipe: Recipe,
    /// Sizes of the particles.
    pub particle_diameter: SizeDistribution,
    /// Shape of the carbon, if there is any.
    pub carbon: Option<CarbonShape>,
    /// Diameter of the electrolyte's grains, m.
    pub grain_diameter: f64,
    /// Box and voxels.
    pub settings: MicrostructureSettings,
    /// Number of size classes to report.
    pub size_classes: usize,
    /// Seed of every random choice.
    pub seed: u64,
}

impl Blueprint {
    /// The blueprint of a composite cathode.
    ///
    /// # Errors
    /// [`MicrostructureError::Recipe`] for a quantity that no composite can have.
    pub fn new(
        cathode: &Cathode,
        coating: Option<&Coating>,
        settings: MicrostructureSettings,
        size_classes: usize,
        seed: u64,
    ) -> Result<Self, MicrostructureError> {
        Ok(Self {
            recipe: recipe(cathode, coating)?,
            particle_diameter: cathode.particle_diameter,
            carbon: cathode.carbon.as_ref().map(|carbon| carbon.shape),
            grain_diameter: cathode.electrolyte.grain_diameter,
            settings,
            size_classes: size_classes.max(1),
            seed,
        })
    }

    /// Builds the structure; see [`generate`].
    ///
    /// # Errors
    /// [`MicrostructureError`] says which part of the recipe cannot be realised.
    pub fn build(
        &self,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Microstructure, MicrostructureError> {
        let resolution = self.settings.resolution;
        let grid = Grid {
            resolution,
            voxel: self.settings.box_edge / resolution as f64,
        };
        let particles = self.particles(&grid, &mut |share| progress(PACKING_SHARE * share))?;
        let raster = rasterise(&particles, &grid, CLEARANCE_BAND * grid.voxel);
        progress(PACKING_SHARE + 0.1);
        let mut grains = grains(&grid, &raster.particle_ids, self.grain_diameter, self.seed);
        progress(PACKING_SHARE + 0.3);
        let (phases, carbon_fill) = self.fill(&grid, &particles, &raster, &grains)?;
        progress(PACKING_SHARE + 0.5);
        for (id, &phase) in grains.ids.iter_mut().zip(&phases) {
            if phase != Phase::Electrolyte as u8 {
                *id = 0;
            }
        }
        let drawn = Drawn {
            grid: &grid,
            particles: &particles,
            phases: &phases,
            carbon_fill,
        };
        let statistics = measure(
            &drawn,
            &raster.particle_ids,
            &self.recipe,
            self.size_classes,
        );
        progress(1.0);
        Ok(Microstructure {
            resolution,
            voxel: grid.voxel,
            phases,
            particle_ids: raster.particle_ids,
            grain_ids: grains.ids,
            particles,
            carbon_fill,
            statistics,
        })
    }

    /// Particles of the recipe's volume, packed.
    fn particles(
        &self,
        grid: &Grid,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Vec<Particle>, MicrostructureError> {
        let diameter = self.particle_diameter.median;
        if diameter < FEWEST_VOXELS * grid.voxel {
            return Err(MicrostructureError::TooCoarse {
                voxel: grid.voxel,
                diameter,
                voxels: FEWEST_VOXELS,
            });
        }
        let fraction = self.recipe.fractions[Phase::ActiveMaterial as usize];
        let volume = fraction * grid.edge().powi(3);
        let count = (volume / mean_volume(&self.particle_diameter))
            .round()
            .max(1.0);
        if count > MOST_PARTICLES as f64 {
            return Err(MicrostructureError::TooManyParticles {
                count,
                most: MOST_PARTICLES,
            });
        }
        let radii = sample_radii(&self.particle_diameter, count as usize);
        pack(&radii, fraction, grid.edge(), self.seed, progress)
    }

    /// Fills the space between the particles: phases, and the fill of carbon voxels.
    fn fill(
        &self,
        grid: &Grid,
        particles: &[Particle],
        raster: &Raster,
        grains: &Grains,
    ) -> Result<(Vec<u8>, f64), MicrostructureError> {
        let fraction = |phase: Phase| self.recipe.fractions[phase as usize];
        let voxels = |phase| (fraction(phase) * grid.count() as f64).round() as usize;
        let mut phases = raster.phases();
        let site = Site {
            grid,
            clearance: &raster.clearance,
            grains,
        };
        let carbon_volume = fraction(Phase::Carbon) * grid.edge().powi(3);
        let carbon_fill = match &self.carbon {
            Some(shape) if carbon_volume > 0.0 => place_carbon(
                &site,
                raster,
                particles,
                &mut phases,
                shape,
                carbon_volume,
                self.seed,
            )?,
            _ => 1.0,
        };
        let (polymer, seed) = (Phase::Polymer, (self.seed, Stage::Polymer));
        let count = voxels(polymer);
        place_aggregates(&site, &mut phases, polymer, count, POLYMER_AGGREGATE, seed)?;
        let (pores, diameter) = (voxels(Phase::Void), self.grain_diameter);
        place_voids(
            grid,
            &mut phases,
            grains,
            &raster.clearance,
            pores,
            diameter,
            self.seed,
        )?;
        Ok((phases, carbon_fill))
    }
}
