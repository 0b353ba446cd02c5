//! From a scenario to a structure: the stages of this room in their order.

use super::aggregates::{Site, place_aggregates};
use super::carbon::{Carbon, CarbonPlan, place_carbon};
use super::electrolyte::{Grains, grains};
use super::gaps::Between;
use super::grains::Polycrystals;
use super::grid::{Grid, Raster, rasterise};
use super::random::Stage;
use super::statistics::{Drawn, measure};
use super::voids::{Placed, Pores, place_voids};
use super::{Blueprint, Microstructure, MicrostructureError, Origin, Particle, Phase, pack};
use crate::scenario::Scenario;

/// Diameter of lumps of binder where no coating says it, m. Shi et al., Adv. Energy
/// Mater. (2023) see aggregates of 40 to 100 nm of excess coating.
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
    Blueprint::of(scenario)?.build(progress)
}

impl Blueprint {
    /// Builds the structure; see [`generate`].
    ///
    /// # Errors
    /// [`MicrostructureError`] says which part of the recipe cannot be realised.
    pub fn build(
        &self,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Microstructure, MicrostructureError> {
        let grid = self.grid();
        let radii = self.radii()?;
        let particles = pack(&radii, &self.packing(), &mut |share| {
            progress(PACKING_SHARE * share);
        })?;
        let raster = rasterise(&particles, &grid, CLEARANCE_BAND * grid.voxel);
        progress(PACKING_SHARE + 0.1);
        let mut grains = grains(&grid, &raster.particle_ids, self.grain_diameter, self.seed);
        progress(PACKING_SHARE + 0.3);
        let Filled {
            mut phases,
            carbon,
            voids,
        } = self.fill(&grid, &particles, &raster, &grains)?;
        let gaps = voids.gapes.map(|gapes| {
            let filling = [Phase::Electrolyte, Phase::Carbon, Phase::Void].map(|p| p as u8);
            let conducts = |phase: u8| filling.contains(&phase);
            let labels = grains.ids.iter().zip(&phases);
            let labels = labels.map(|(&id, &phase)| if conducts(phase) { id } else { 0 });
            Between {
                grid: &grid,
                particles: &particles,
                raster: &raster,
                grains: &grains,
                gapes: &gapes,
            }
            .gaps(labels.collect())
        });
        let carbon_fill = carbon.fill;
        let primary_grains = match self.arrangement.primary_grain {
            Some(diameter) => {
                let ids = &raster.particle_ids;
                let crystals = Polycrystals::new(&grid, &particles, ids, diameter, self.seed);
                let pores = (self.inner_voids() * grid.count() as f64).round() as usize;
                crystals.place_pores(&mut phases, pores)?;
                Some(crystals.grains())
            }
            None => None,
        };
        progress(PACKING_SHARE + 0.5);
        for (id, &phase) in grains.ids.iter_mut().zip(&phases) {
            if phase != Phase::Electrolyte as u8 && phase != Phase::Carbon as u8 {
                *id = 0;
            }
        }
        let drawn = Drawn {
            grid: &grid,
            particles: &particles,
            phases: &phases,
            carbon_fill,
            inner_voids: self.inner_voids(),
        };
        let mut statistics = measure(
            &drawn,
            &raster.particle_ids,
            &self.recipe,
            self.size_classes,
        );
        statistics.voids_at_surfaces = voids.at_surfaces;
        statistics.fibres_in_plane = carbon.in_plane;
        let volume = self.recipe.fractions[Phase::ActiveMaterial as usize] * grid.edge().powi(3);
        let film = self.film.as_ref();
        let shells = film.map(|film| film.on(&particles, volume, self.seed));
        progress(1.0);
        Ok(Microstructure {
            shape: [grid.resolution; 3],
            spacing: [grid.voxel; 3],
            periodic: true,
            origin: Origin::Generated,
            phases,
            particle_ids: raster.particle_ids,
            grain_ids: grains.ids,
            gaps,
            particles,
            carbon_fill,
            carbon_paths: carbon.paths,
            fibres: carbon.fibres,
            primary_grains,
            shells,
            statistics,
        })
    }

    /// Fills the space between the particles.
    fn fill(
        &self,
        grid: &Grid,
        particles: &[Particle],
        raster: &Raster,
        grains: &Grains,
    ) -> Result<Filled, MicrostructureError> {
        let fraction = |phase: Phase| self.recipe.fractions[phase as usize];
        let voxels = |phase| (fraction(phase) * grid.count() as f64).round() as usize;
        let mut phases = raster.phases();
        let site = Site {
            grid,
            clearance: &raster.clearance,
            grains,
        };
        let carbon_volume = fraction(Phase::Carbon) * grid.edge().powi(3);
        let carbon = match self.carbon {
            Some(shape) if carbon_volume > 0.0 => {
                let plan = CarbonPlan {
                    shape,
                    arrangement: self.arrangement,
                    volume: carbon_volume,
                    seed: self.seed,
                };
                place_carbon(&site, raster, particles, &mut phases, &plan)?
            }
            _ => Carbon {
                fill: 1.0,
                in_plane: 0.0,
                paths: None,
                fibres: Vec::new(),
            },
        };
        let (polymer, seed) = (Phase::Polymer, (self.seed, Stage::Polymer));
        let count = voxels(polymer);
        let lump = self.film.as_ref();
        let lump = lump.map_or(POLYMER_AGGREGATE, |film| film.coating.aggregate_diameter);
        place_aggregates(&site, &mut phases, polymer, count, lump, seed)?;
        let pores = Pores {
            count: ((fraction(Phase::Void) - self.inner_voids()) * grid.count() as f64).round()
                as usize,
            grain_diameter: self.grain_diameter,
            at_surfaces: self.arrangement.voids_at_surfaces,
            beside_carbon: 1.0 - carbon.fill,
        };
        let voids = place_voids(grid, &mut phases, grains, raster, &pores, self.seed)?;
        Ok(Filled {
            phases,
            carbon,
            voids,
        })
    }
}

/// The space between the particles, filled.
struct Filled {
    phases: Vec<u8>,
    carbon: Carbon,
    voids: Placed,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::materials::CarbonShape;
    use crate::microstructure::Recipe;
    use crate::scenario::{Arrangement, MicrostructureSettings, SizeDistribution};
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;

    /// A composite of 70:30 wt% and 1 wt% fibres on a grid small enough for tests.
    pub fn small() -> Blueprint {
        Blueprint {
            recipe: Recipe {
                fractions: [0.12, 0.41, 0.436, 0.014, 0.02],
                film_fraction: 0.0,
                thickness: 50e-6,
            },
            particle_diameter: SizeDistribution::Lognormal {
                median: 4e-6,
                log_deviation: 0.14,
            },
            contact_flattening: 0.0,
            heterogeneity: 0.0,
            carbon: Some(CarbonShape::Fibre {
                diameter: 150e-9,
                length: 8e-6,
                diameter_spread: 0.0,
                length_spread: 0.0,
            }),
            grain_diameter: 3e-6,
            arrangement: Arrangement::default(),
            film: None,
            settings: MicrostructureSettings {
                box_edge: 15e-6,
                resolution: 40,
            },
            size_classes: 3,
            seed: 17,
        }
    }

    fn check_fractions(structure: &Microstructure, targets: &[f64; 5]) {
        let voxel = 1.0 / structure.phases.len() as f64;
        let reached = structure.statistics.fractions;
        for phase in [
            Phase::Void,
            Phase::Polymer,
            Phase::Carbon,
            Phase::ActiveMaterial,
        ] {
            let phase = phase as usize;
            assert!(
                (reached[phase] - targets[phase]).abs() < voxel,
                "{phase}: {reached:?}"
            );
        }
        // The electrolyte takes what is left, and so the error of drawing spheres.
        let drawn = structure.particle_ids.iter().filter(|&&id| id > 0).count() as f64 * voxel;
        let left = targets[Phase::Electrolyte as usize] + targets[Phase::ActiveMaterial as usize];
        assert_abs_diff_eq!(
            reached[Phase::Electrolyte as usize],
            left - drawn,
            epsilon = 3.0 * voxel
        );
        assert_abs_diff_eq!(
            drawn,
            targets[Phase::ActiveMaterial as usize],
            epsilon = 0.01
        );
    }

    #[test]
    fn fractions_and_shares_add_up() {
        let blueprint = small();
        let structure = blueprint.build(&mut |_| ()).unwrap();
        check_fractions(&structure, &blueprint.recipe.fractions);
        let s = &structure.statistics;
        let shares = s.surface_to_electrolyte
            + s.surface_to_void
            + s.surface_to_carbon
            + s.surface_to_polymer
            + s.surface_to_particles;
        assert_abs_diff_eq!(shares, 1.0, epsilon = 1e-9);
        assert!(
            s.surface_to_void > 0.02 && s.surface_to_polymer > 0.02,
            "{s:?}"
        );
        assert_eq!(s.size_classes.len(), 3);
        assert_eq!(s.particles, structure.particles.len());
        for (i, &phase) in structure.phases.iter().enumerate() {
            let holds_electrolyte =
                phase == Phase::Electrolyte as u8 || phase == Phase::Carbon as u8;
            assert_eq!(structure.grain_ids[i] > 0, holds_electrolyte);
            assert_eq!(
                structure.particle_ids[i] > 0,
                phase == Phase::ActiveMaterial as u8
            );
        }
    }

    #[test]
    fn pores_inside_polycrystals_keep_all_volumes() {
        let mut blueprint = small();
        blueprint.arrangement.primary_grain = Some(1e-6);
        blueprint.arrangement.voids_in_particles = 0.25;
        let structure = blueprint.build(&mut |_| ()).unwrap();
        let targets = blueprint.recipe.fractions;
        let reached = structure.statistics.fractions;
        for phase in [Phase::Void, Phase::ActiveMaterial, Phase::Carbon] {
            let phase = phase as usize;
            assert_abs_diff_eq!(reached[phase], targets[phase], epsilon = 1e-4);
        }
        let inner = |i: usize| structure.phases[i] == 0 && structure.particle_ids[i] > 0;
        let count = (0..structure.phases.len()).filter(|&i| inner(i)).count() as f64;
        let share = count / structure.phases.len() as f64;
        assert_abs_diff_eq!(share, 0.25 * targets[0], epsilon = 1e-4);
        let grains = structure.primary_grains.unwrap();
        let inside = |i: usize| structure.particle_ids[i] > 0;
        assert!((0..structure.phases.len()).all(|i| (grains.ids[i] > 0) == inside(i)));
    }

    /// The film in the box weighs what the scenario says, and takes the recipe's volume.
    #[test]
    fn the_film_in_the_box_balances() {
        let mut blueprint = small();
        let plan = crate::microstructure::shells::tests::plan(0.8);
        let film = plan.coating.coverage * plan.coating.thickness() * plan.surface_per_volume;
        blueprint.film = Some(plan);
        let structure = blueprint.build(&mut |_| ()).unwrap();
        let active = blueprint.recipe.fractions[Phase::ActiveMaterial as usize];
        let volume = structure.shells.as_ref().unwrap().volume();
        let edge = structure.edges()[0];
        approx::assert_relative_eq!(volume / edge.powi(3), film * active, max_relative = 1e-9);
    }

    #[test]
    fn the_seed_alone_decides() {
        let build = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let blueprint = Blueprint { seed, ..small() };
            pool.install(|| blueprint.build(&mut |_| ()).unwrap())
        };
        let (one, two, other) = (build(1, 17), build(2, 17), build(2, 18));
        assert_eq!(one.phases, two.phases);
        assert_eq!(one.particle_ids, two.particle_ids);
        assert_eq!(one.grain_ids, two.grain_ids);
        assert_eq!(one.particles, two.particles);
        assert_eq!(one.carbon_fill.to_bits(), two.carbon_fill.to_bits());
        assert_eq!(one.statistics, two.statistics);
        assert_ne!(one.phases, other.phases);
    }

    #[test]
    fn progress_rises_from_0_to_1() {
        let mut heard = vec![0.0];
        small().build(&mut |share| heard.push(share)).unwrap();
        assert!(heard.windows(2).all(|pair| pair[0] <= pair[1]), "{heard:?}");
        assert_abs_diff_eq!(heard[heard.len() - 1], 1.0);
    }

    #[test]
    fn refuses_voxels_too_coarse_and_particles_too_many() {
        let mut coarse = small();
        coarse.settings.resolution = 7;
        let refused = coarse.build(&mut |_| ()).map(|_| ());
        assert!(
            matches!(refused, Err(MicrostructureError::TooCoarse { .. })),
            "{refused:?}"
        );
        let mut many = small();
        many.settings = MicrostructureSettings {
            box_edge: 1e-3,
            resolution: 1000,
        };
        let refused = many.build(&mut |_| ()).map(|_| ());
        assert!(
            matches!(refused, Err(MicrostructureError::TooManyParticles { .. })),
            "{refused:?}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
        #[test]
        fn any_composite_has_the_volumes_of_its_recipe(
            active in 0.15_f64..0.55,
            void in 0.0_f64..0.2,
            carbon in 0.0_f64..0.02,
            polymer in 0.0_f64..0.06,
            black in any::<bool>(),
            seed in any::<u64>(),
        ) {
            let mut blueprint = Blueprint { seed, ..small() };
            let electrolyte = 1.0 - active - void - carbon - polymer;
            blueprint.recipe.fractions = [void, active, electrolyte, carbon, polymer];
            if black {
                blueprint.carbon =
                    Some(CarbonShape::Black { aggregate_diameter: 200e-9, solid_fraction: 0.3, primary_diameter: 35e-9, fractal_dimension: 1.8, fractal_prefactor: 1.3 });
            }
            let structure = blueprint.build(&mut |_| ()).unwrap();
            check_fractions(&structure, &blueprint.recipe.fractions);
        }
    }
}
