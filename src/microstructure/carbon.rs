//! Conductive additive: carbon fibres or carbon black.
//!
//! Both are thinner than a voxel. The voxels they pass are marked as carbon, and
//! one number, the fill, says which share of these voxels is carbon, so that the
//! carbon's volume is exact; the rest of such a voxel is electrolyte. Which of the faces
//! between these voxels fibres pass is kept besides (`strands.rs`), for voxels that share
//! a face conduct to each other, and fibres in them need not touch.

use super::aggregates::Site;
use super::black::Black;
use super::cluster::FractalLaw;
use super::fibres::{Fibres, Sizes, Weaver};
use super::grid::Raster;
use super::strands::Strands;
use super::types::CarbonPaths;
use super::{Fibre, MicrostructureError, Particle};
use crate::materials::CarbonShape;
use crate::scenario::Arrangement;
use std::f64::consts::PI;

/// Smallest share of a marked voxel that is carbon. Where voxels are so coarse
/// that one fibre fills less, a path stands for a bundle of fibres: else a few
/// per cent of carbon would occupy half the electrolyte's voxels.
const SMALLEST_FILL: f64 = 0.1;
/// Voxels that a straight line of length 1 passes on a grid of spacing 1 when
/// it goes from face to face, mean over directions.
const VOXELS_PER_LENGTH: f64 = 1.5;

/// The carbon of a composite.
pub(super) struct CarbonPlan {
    pub shape: CarbonShape,
    pub arrangement: Arrangement,
    /// m3.
    pub volume: f64,
    pub seed: u64,
}

/// Carbon as it was placed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Carbon {
    /// See [`super::Microstructure::carbon_fill`].
    pub fill: f64,
    /// How far its fibres lie in the plane, `1 - 3 <n²>` over their length; 0 of black.
    pub in_plane: f64,
    /// See [`super::Microstructure::carbon_paths`].
    pub paths: Option<CarbonPaths>,
    /// See [`super::Microstructure::fibres`].
    pub fibres: Vec<Fibre>,
}

/// Places carbon in electrolyte voxels of `phases`.
///
/// # Errors
/// [`MicrostructureError::NoRoom`] when the electrolyte's voxels do not suffice.
pub(super) fn place_carbon(
    site: &Site,
    raster: &Raster,
    particles: &[Particle],
    phases: &mut [u8],
    plan: &CarbonPlan,
) -> Result<Carbon, MicrostructureError> {
    let voxel = site.grid.voxel.powi(3);
    let CarbonPlan { volume, seed, .. } = *plan;
    match plan.shape {
        CarbonShape::Black {
            aggregate_diameter,
            solid_fraction,
            primary_diameter,
            fractal_dimension,
            fractal_prefactor,
        } => {
            let black = Black {
                aggregate_diameter,
                primary_diameter: primary_diameter.min(aggregate_diameter),
                law: FractalLaw {
                    dimension: fractal_dimension,
                    prefactor: fractal_prefactor,
                },
                least_fill: solid_fraction.clamp(SMALLEST_FILL, 1.0),
                at_surfaces: plan.arrangement.carbon_at_surfaces,
            };
            let marked = black.place(site, phases, volume, seed)?;
            Ok(Carbon {
                fill: volume / (marked as f64 * voxel),
                in_plane: 0.0,
                paths: None,
                fibres: Vec::new(),
            })
        }
        CarbonShape::Fibre {
            diameter,
            length,
            diameter_spread,
            length_spread,
        } => {
            let bundle = bundle(diameter, site.grid.voxel);
            let total = volume / (PI / 4.0 * diameter * diameter * bundle);
            let mut weaver = Weaver {
                site,
                raster,
                particles,
                strands: Strands::new(site.grid, raster, particles, phases),
                fibres: Fibres {
                    diameter: Sizes::new(diameter, diameter_spread),
                    length: Sizes::new(length, length_spread),
                    in_plane: plan.arrangement.fibres_in_plane,
                },
                through: [0.0; 2],
                paths: Vec::new(),
            };
            weaver.weave(total, volume / voxel, seed)?;
            let [steps, squares] = weaver.through;
            let laid = weaver.laid(site.grid);
            let mut fibres = weaver.paths;
            for fibre in &mut fibres {
                fibre.diameter *= bundle.sqrt();
            }
            Ok(Carbon {
                fill: volume / (weaver.strands.marked as f64 * voxel),
                in_plane: 1.0 - 3.0 * squares / steps.max(1.0),
                paths: Some(weaver.strands.paths(laid, diameter)),
                fibres,
            })
        }
    }
}

/// Number of fibres that one path stands for.
fn bundle(diameter: f64, voxel: f64) -> f64 {
    let fill = PI / 4.0 * diameter * diameter / (VOXELS_PER_LENGTH * voxel * voxel);
    (SMALLEST_FILL / fill).ceil().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::Phase;
    use crate::microstructure::electrolyte::grains;
    use crate::microstructure::grid::{Grid, rasterise};
    use approx::assert_relative_eq;

    const GRID: Grid = Grid {
        resolution: 40,
        voxel: 0.3e-6,
    };
    const FIBRE: CarbonShape = CarbonShape::Fibre {
        diameter: 150e-9,
        length: 8e-6,
        diameter_spread: 0.0,
        length_spread: 0.0,
    };

    /// Carbon around four particles: (fill, phases).
    fn carbon(shape: &CarbonShape, volume: f64) -> Result<(f64, Vec<u8>), MicrostructureError> {
        let (placed, phases) = lay(shape, volume, Arrangement::default(), true)?;
        Ok((placed.fill, phases))
    }

    /// Carbon around four particles or in an empty box.
    fn lay(
        shape: &CarbonShape,
        volume: f64,
        arrangement: Arrangement,
        occupied: bool,
    ) -> Result<(Carbon, Vec<u8>), MicrostructureError> {
        let particles: Vec<Particle> =
            [[3e-6; 3], [9e-6; 3], [3e-6, 9e-6, 3e-6], [9e-6, 3e-6, 9e-6]]
                .into_iter()
                .map(|centre| Particle {
                    centre,
                    radius: 2.5e-6,
                })
                .filter(|_| occupied)
                .collect();
        let raster = rasterise(&particles, &GRID, 1e-6);
        let grains = grains(&GRID, &raster.particle_ids, 3e-6, 1);
        let site = Site {
            grid: &GRID,
            clearance: &raster.clearance,
            grains: &grains,
        };
        let mut phases = raster.phases();
        let plan = CarbonPlan {
            shape: *shape,
            arrangement,
            volume,
            seed: 9,
        };
        let placed = place_carbon(&site, &raster, &particles, &mut phases, &plan)?;
        assert!(
            raster
                .particle_ids
                .iter()
                .zip(&phases)
                .all(|(&id, &p)| (id > 0) == (p == 1))
        );
        Ok((placed, phases))
    }

    #[test]
    fn laid_fibres_lie_as_asked_for_and_particles_deflect_them() {
        // A thousand short fibres: their scatter is 0.03.
        let fibre = CarbonShape::Fibre {
            diameter: 150e-9,
            length: 3e-6,
            diameter_spread: 0.0,
            length_spread: 0.0,
        };
        let volume = 0.03 * GRID.edge().powi(3);
        let measured = |fibres_in_plane: f64, occupied: bool| {
            let arrangement = Arrangement {
                fibres_in_plane,
                ..Arrangement::default()
            };
            let (placed, _) = lay(&fibre, volume, arrangement, occupied).unwrap();
            placed.in_plane
        };
        for asked in [0.0, 0.5, 1.0] {
            let free = measured(asked, false);
            assert!((free - asked).abs() < 0.1, "{free} for {asked}");
        }
        let deflected = measured(1.0, true);
        assert!((0.2..0.98).contains(&deflected), "{deflected}");
    }

    #[test]
    fn volume_is_exact_for_both_shapes() {
        let black = CarbonShape::Black {
            aggregate_diameter: 200e-9,
            solid_fraction: 0.35,
            primary_diameter: 35e-9,
            fractal_dimension: 1.8,
            fractal_prefactor: 1.3,
        };
        let scattered = CarbonShape::Fibre {
            diameter: 150e-9,
            length: 8e-6,
            diameter_spread: 0.3,
            length_spread: 0.6,
        };
        for shape in [FIBRE, scattered, black] {
            let volume = 0.015 * GRID.edge().powi(3);
            let (fill, phases) = carbon(&shape, volume).unwrap();
            let marked = phases.iter().filter(|&&p| p == Phase::Carbon as u8).count() as f64;
            assert_relative_eq!(
                marked * fill * GRID.voxel.powi(3),
                volume,
                max_relative = 1e-9
            );
            assert!((0.09..=1.0).contains(&fill), "{fill}");
        }
    }

    #[test]
    fn one_fibre_is_one_path_of_faces() {
        let CarbonShape::Fibre {
            diameter, length, ..
        } = FIBRE
        else {
            unreachable!()
        };
        let (_, phases) = carbon(&FIBRE, PI / 4.0 * diameter * diameter * length).unwrap();
        let carbon = |index: usize| phases[index] == Phase::Carbon as u8;
        let first = (0..GRID.count()).find(|&i| carbon(i)).unwrap();
        let (mut reached, mut front) = (std::collections::BTreeSet::from([first]), vec![first]);
        while let Some(index) = front.pop() {
            let at = GRID.coordinates(index);
            for (axis, step) in [(0, 1), (0, 39), (1, 1), (1, 39), (2, 1), (2, 39)] {
                let mut next = at;
                next[axis] = (next[axis] + step) % GRID.resolution;
                let next = GRID.index(next);
                if carbon(next) && reached.insert(next) {
                    front.push(next);
                }
            }
        }
        let marked = (0..GRID.count()).filter(|&i| carbon(i)).count();
        assert_eq!(reached.len(), marked);
        // 8 um are 27 voxels straight along an axis and 46 along the diagonal.
        assert!((20..=60).contains(&marked), "{marked}");
    }

    #[test]
    fn coarse_voxels_hold_bundles() {
        assert_relative_eq!(bundle(150e-9, 0.3e-6), 1.0);
        assert_relative_eq!(bundle(150e-9, 0.9e-6), 7.0);
    }

    #[test]
    fn refuses_more_carbon_than_electrolyte() {
        let refused = carbon(&FIBRE, 0.9 * GRID.edge().powi(3));
        assert!(matches!(
            refused.map(|_| ()),
            Err(MicrostructureError::NoRoom {
                phase: Phase::Carbon,
                ..
            })
        ));
    }
}
