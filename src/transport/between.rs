//! What lies between the particles of a structure, up to their exact surface.
//!
//! A voxel whose centre lies in a particle belongs to it, but part of it may lie
//! outside. With the particles as spheres sharper than voxels, that part conducts
//! as what it borders on: the next voxel outwards.

use super::medium::Sphere;
use crate::microstructure::{Microstructure, Phase};
use rayon::prelude::*;

/// Half the diagonal of a cubic voxel over its edge: a particle cannot leave
/// voxels whose centres lie deeper under its surface.
const HALF_DIAGONAL: f64 = 0.866_025_403_784_438_7;
/// Distances outside the surface at which the neighbour is looked for, voxels.
const LOOK: [f64; 3] = [0.1, 0.4, 0.7];

/// The particles, with their images across the sides of the periodic box.
pub(super) fn spheres(structure: &Microstructure) -> Vec<Sphere> {
    let edge = structure.resolution as f64 * structure.voxel;
    let mut spheres = Vec::new();
    for particle in &structure.particles {
        let radius = particle.radius;
        for image in 0..27 {
            let shift = [image / 9, image / 3 % 3, image % 3].map(|s| (f64::from(s) - 1.0) * edge);
            let centre = [0, 1, 2].map(|a| particle.centre[a] + shift[a]);
            if centre.iter().all(|&x| x > -radius && x < edge + radius) {
                spheres.push(Sphere { centre, radius });
            }
        }
    }
    spheres
}

/// For each voxel the one whose substance fills its part outside the particles:
/// itself where its centre lies outside, the next outwards near a surface, and
/// itself deep inside, where it makes no difference.
pub(super) fn outside(structure: &Microstructure) -> Vec<u32> {
    let (n, h) = (structure.resolution, structure.voxel);
    let edge = n as f64 * h;
    (0..structure.phases.len())
        .into_par_iter()
        .map(|voxel| {
            let id = structure.particle_ids[voxel] as usize;
            let Some(particle) = id.checked_sub(1).and_then(|p| structure.particles.get(p)) else {
                return voxel as u32;
            };
            let at = [voxel / (n * n), voxel / n % n, voxel % n];
            let from_middle = [0, 1, 2].map(|a| {
                let d = (at[a] as f64 + 0.5) * h - particle.centre[a];
                d - edge * (d / edge).round()
            });
            let distance = from_middle.iter().map(|x| x * x).sum::<f64>().sqrt();
            if particle.radius - distance > HALF_DIAGONAL * h || distance <= 0.0 {
                return voxel as u32;
            }
            LOOK.iter()
                .map(|look| {
                    let scale = (particle.radius + look * h) / distance;
                    let to = [0, 1, 2].map(|a| {
                        let x = particle.centre[a] + scale * from_middle[a];
                        (x / h).floor().rem_euclid(n as f64) as usize
                    });
                    (to[0] * n + to[1]) * n + to[2]
                })
                .find(|&there| structure.phases[there] != Phase::ActiveMaterial as u8)
                .unwrap_or(voxel) as u32
        })
        .collect()
}
