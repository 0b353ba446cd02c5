//! What the surface of the particles faces.
//!
//! The surface is that of the exact spheres, sampled with evenly spread points;
//! voxel faces would make it half as large again. Each point looks outwards to
//! the first voxel that is not its own particle's.

use crate::microstructure::grid::Grid;
use crate::microstructure::{Particle, Phase};
use rayon::prelude::*;
use std::f64::consts::PI;

/// Sample points per area of a voxel's face.
const POINTS_PER_FACE: f64 = 4.0;
/// Distances at which a point looks outwards, in voxels. The last is over half
/// the diagonal, from where no voxel belongs to the particle any more.
const LOOK: [f64; 4] = [0.25, 0.5, 0.75, 0.87];

/// Shares of the particles' surface by what they face, adding up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SurfaceShares {
    /// Electrolyte, also that beside carbon within a voxel.
    pub electrolyte: f64,
    /// Pores.
    pub void: f64,
    /// Carbon.
    pub carbon: f64,
    /// Binder or excess coating.
    pub polymer: f64,
    /// Another particle less than about a voxel away.
    pub particle: f64,
}

/// Measures what the particles' surface faces, weighted by area.
pub fn surface_shares(
    grid: &Grid,
    particles: &[Particle],
    particle_ids: &[u32],
    phases: &[u8],
    carbon_fill: f64,
) -> SurfaceShares {
    SurfaceShares::of(
        &faced_areas(grid, particles, particle_ids, phases),
        carbon_fill,
    )
}

/// Surface of every particle by the phase that it faces, m2: `[particle][phase]`.
/// Active material stands for other particles.
pub fn faced_areas(
    grid: &Grid,
    particles: &[Particle],
    particle_ids: &[u32],
    phases: &[u8],
) -> Vec<[f64; 5]> {
    particles
        .par_iter()
        .enumerate()
        .map(|(number, particle)| {
            let own = number as u32 + 1;
            let area = 4.0 * PI * particle.radius.powi(2);
            let points = (POINTS_PER_FACE * area / grid.voxel.powi(2))
                .ceil()
                .max(1.0) as usize;
            let mut seen = [0.0; 5];
            for outwards in fibonacci_sphere(points) {
                seen[facing(grid, particle, own, outwards, particle_ids, phases)] += 1.0;
            }
            seen.map(|count| count * area / points as f64)
        })
        .collect()
}

impl SurfaceShares {
    /// The shares in the order of [`Phase`]; active material stands for other particles.
    pub fn by_phase(&self) -> [f64; 5] {
        [
            self.void,
            self.particle,
            self.electrolyte,
            self.carbon,
            self.polymer,
        ]
    }

    /// Shares of the surfaces in `areas` (m2 by phase) together; a carbon voxel is
    /// carbon with `carbon_fill`, electrolyte with the rest.
    pub fn of(areas: &[[f64; 5]], carbon_fill: f64) -> Self {
        // Added up in order: the sum does not depend on threads.
        let mut sum = [0.0; 5];
        for area in areas {
            for (total, part) in sum.iter_mut().zip(area) {
                *total += part;
            }
        }
        let whole: f64 = sum.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let share = |phase: Phase| sum[phase as usize] / whole;
        Self {
            electrolyte: share(Phase::Electrolyte) + (1.0 - carbon_fill) * share(Phase::Carbon),
            void: share(Phase::Void),
            carbon: carbon_fill * share(Phase::Carbon),
            polymer: share(Phase::Polymer),
            particle: share(Phase::ActiveMaterial),
        }
    }
}

/// The phase (as an index) of the first voxel outside `particle` along a direction.
fn facing(
    grid: &Grid,
    particle: &Particle,
    own: u32,
    outwards: [f64; 3],
    particle_ids: &[u32],
    phases: &[u8],
) -> usize {
    LOOK.iter()
        .map(|look| {
            let distance = particle.radius + look * grid.voxel;
            grid.index_at(std::array::from_fn(|a| {
                particle.centre[a] + distance * outwards[a]
            }))
        })
        .find(|&voxel| particle_ids[voxel] != own)
        .map_or(Phase::ActiveMaterial as usize, |voxel| {
            usize::from(phases[voxel])
        })
}

/// Evenly spread directions: a golden-angle spiral of equal-area rings.
fn fibonacci_sphere(count: usize) -> impl Iterator<Item = [f64; 3]> {
    let golden_angle = PI * (3.0 - 5.0_f64.sqrt());
    (0..count).map(move |i| {
        let z = 1.0 - (2.0 * i as f64 + 1.0) / count as f64;
        let (sin, cos) = (golden_angle * i as f64).sin_cos();
        let radius = (1.0 - z * z).sqrt();
        [radius * cos, radius * sin, z]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::grid::rasterise;
    use approx::assert_abs_diff_eq;

    const GRID: Grid = Grid {
        resolution: 80,
        voxel: 0.1e-6,
    };

    fn phases_with(ids: &[u32], outside: impl Fn([f64; 3]) -> Phase) -> Vec<u8> {
        (0..GRID.count())
            .map(|i| {
                let phase = if ids[i] > 0 {
                    Phase::ActiveMaterial
                } else {
                    outside(GRID.centre(i))
                };
                phase as u8
            })
            .collect()
    }

    #[test]
    fn a_cap_in_a_pore_has_the_area_of_a_cap() {
        // Pores above the plane 1 um over the centre: the cap's share is (1 - h/r) / 2.
        let particle = Particle {
            centre: [4e-6, 4.03e-6, 3.98e-6],
            radius: 2e-6,
        };
        let raster = rasterise(&[particle], &GRID, 1e-6);
        let phases = phases_with(&raster.particle_ids, |x| {
            if x[0] > 5e-6 {
                Phase::Void
            } else {
                Phase::Electrolyte
            }
        });
        let shares = surface_shares(&GRID, &[particle], &raster.particle_ids, &phases, 1.0);
        // Looking half a voxel out moves the border by up to that.
        assert_abs_diff_eq!(shares.void, 0.25, epsilon = 0.01);
        assert_abs_diff_eq!(shares.void + shares.electrolyte, 1.0, epsilon = 1e-12);
    }

    #[test]
    fn carbon_counts_with_its_fill() {
        let particle = Particle {
            centre: [4e-6; 3],
            radius: 2e-6,
        };
        let raster = rasterise(&[particle], &GRID, 1e-6);
        let phases = phases_with(&raster.particle_ids, |_| Phase::Carbon);
        let shares = surface_shares(&GRID, &[particle], &raster.particle_ids, &phases, 0.2);
        assert_abs_diff_eq!(shares.carbon, 0.2, epsilon = 1e-12);
        assert_abs_diff_eq!(shares.electrolyte, 0.8, epsilon = 1e-12);
    }

    #[test]
    fn touching_particles_face_each_other_at_the_contact() {
        let ball = |x: f64| Particle {
            centre: [x, 4e-6, 4e-6],
            radius: 1.5e-6,
        };
        let particles = [ball(2.5e-6), ball(5.5e-6)];
        let raster = rasterise(&particles, &GRID, 1e-6);
        let phases = phases_with(&raster.particle_ids, |_| Phase::Electrolyte);
        let shares = surface_shares(&GRID, &particles, &raster.particle_ids, &phases, 1.0);
        // A lens with a gap of up to a voxel spans a share of 1 voxel / (4 r) of each.
        assert!(
            shares.particle > 0.003 && shares.particle < 0.03,
            "{shares:?}"
        );
    }

    #[test]
    fn points_are_spread_evenly() {
        let points: Vec<[f64; 3]> = fibonacci_sphere(1000).collect();
        for axis in 0..3 {
            let above = points.iter().filter(|p| p[axis] > 0.5).count();
            assert!((245..=255).contains(&above), "{above}");
        }
    }
}
