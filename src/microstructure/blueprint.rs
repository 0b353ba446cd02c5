//! All that decides on a structure, and what can be said before it is made.

use super::grid::Grid;
use super::packing::fitted;
use super::{
    MicrostructureError, Packing, Particle, Phase, Recipe, Shells, mean_volume, recipe,
    sample_radii,
};
use crate::materials::CarbonShape;
use crate::scenario::{
    Arrangement, Cathode, Coating, MicrostructureSettings, Scenario, SizeDistribution,
};
use std::f64::consts::PI;

/// Fewest voxels across the median particle; with fewer, small particles and the
/// electrolyte between neighbours fall through between voxel centres.
const FEWEST_VOXELS: f64 = 2.0;
/// Most particles in a box: 4000 take up to 0.6 s to pack, so a million minutes.
const MOST_PARTICLES: usize = 1_000_000;
/// All that decides on a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Blueprint {
    /// Volume fractions and thickness.
    pub recipe: Recipe,
    /// Sizes of the particles.
    pub particle_diameter: SizeDistribution,
    /// Overlap of touching particles over the smaller radius, see [`Packing`].
    pub contact_flattening: f64,
    /// Share of the active volume bound in agglomerates, see [`Packing`].
    pub heterogeneity: f64,
    /// Shape of the carbon, if there is any.
    pub carbon: Option<CarbonShape>,
    /// Diameter of the electrolyte's grains, m.
    pub grain_diameter: f64,
    /// How the parts lie among each other.
    pub arrangement: Arrangement,
    /// The coating of the particles, if there is any.
    pub film: Option<FilmPlan>,
    /// Box and voxels.
    pub settings: MicrostructureSettings,
    /// Number of size classes to report.
    pub size_classes: usize,
    /// Seed of every random choice.
    pub seed: u64,
}

/// The coating of the particles.
#[derive(Debug, Clone, PartialEq)]
pub struct FilmPlan {
    /// What sits on them.
    pub coating: Coating,
    /// True surface of the oxide per volume of it, 1/m.
    pub surface_per_volume: f64,
}

impl FilmPlan {
    /// The film on particles that hold `volume` (m3) of oxide.
    pub(super) fn on(&self, particles: &[Particle], volume: f64, seed: u64) -> Shells {
        let area: f64 = particles.iter().map(|p| 4.0 * PI * p.radius.powi(2)).sum();
        let roughness = self.surface_per_volume * volume / area.max(f64::MIN_POSITIVE);
        Shells::new(particles, &self.coating, roughness, seed)
    }
}

impl Blueprint {
    /// The blueprint of a scenario's cathode.
    ///
    /// # Errors
    /// [`MicrostructureError::Recipe`] for a quantity that no composite can have.
    pub fn of(scenario: &Scenario) -> Result<Self, MicrostructureError> {
        Self::new(
            &scenario.cathode,
            scenario.coating.as_ref(),
            scenario.microstructure,
            scenario.numerics.size_classes,
            scenario.seed,
        )
    }

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
            particle_diameter: cathode.particle_diameter.clone(),
            contact_flattening: cathode.contact_flattening,
            heterogeneity: cathode.heterogeneity,
            carbon: cathode.carbon.as_ref().map(|carbon| carbon.shape),
            // A liquid is one grain: as large as the box.
            grain_diameter: cathode
                .electrolyte
                .grain_diameter()
                .unwrap_or(settings.box_edge),
            arrangement: cathode.arrangement,
            film: coating.map(|coating| FilmPlan {
                coating: coating.clone(),
                surface_per_volume: cathode.specific_surface * cathode.active_material.density,
            }),
            settings,
            size_classes: size_classes.max(1),
            seed,
        })
    }

    /// Whether the particles fit the box and the voxels: every refusal that needs no
    /// packing (voxels too coarse, a box too small, too many particles).
    pub fn refusals(&self) -> Vec<MicrostructureError> {
        let fitted = self
            .sampled()
            .and_then(|radii| fitted(&radii, &self.packing()).map(|_| ()));
        [self.fine_enough(), fitted]
            .into_iter()
            .filter_map(Result::err)
            .collect()
    }

    /// Whether there is no such refusal.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), MicrostructureError> {
        self.refusals().into_iter().next().map_or(Ok(()), Err)
    }

    /// The voxels.
    pub(super) fn grid(&self) -> Grid {
        let resolution = self.settings.resolution;
        Grid {
            resolution,
            voxel: self.settings.box_edge / resolution as f64,
        }
    }

    /// Volume fraction of the voids inside particles.
    pub(super) fn inner_voids(&self) -> f64 {
        self.recipe.fractions[Phase::Void as usize] * self.arrangement.voids_in_particles
    }

    /// How the particles are to be packed.
    pub(super) fn packing(&self) -> Packing {
        Packing {
            fraction: self.recipe.fractions[Phase::ActiveMaterial as usize] + self.inner_voids(),
            box_edge: self.grid().edge(),
            flattening: self.contact_flattening,
            heterogeneity: self.heterogeneity,
            seed: self.seed,
        }
    }

    /// Radii of as many particles as the recipe's volume takes, m.
    pub(super) fn radii(&self) -> Result<Vec<f64>, MicrostructureError> {
        self.fine_enough()?;
        self.sampled()
    }

    /// Whether the voxels can show the particles.
    fn fine_enough(&self) -> Result<(), MicrostructureError> {
        let voxel = self.grid().voxel;
        let diameter = self.particle_diameter.median();
        if diameter < FEWEST_VOXELS * voxel {
            return Err(MicrostructureError::TooCoarse {
                voxel,
                diameter,
                voxels: FEWEST_VOXELS,
            });
        }
        Ok(())
    }

    fn sampled(&self) -> Result<Vec<f64>, MicrostructureError> {
        let volume = self.packing().fraction * self.grid().edge().powi(3);
        let count = (volume / mean_volume(&self.particle_diameter))
            .round()
            .max(1.0);
        if count > MOST_PARTICLES as f64 {
            return Err(MicrostructureError::TooManyParticles {
                count,
                most: MOST_PARTICLES,
            });
        }
        Ok(sample_radii(&self.particle_diameter, count as usize))
    }
}
