//! What lies between the particles of a structure, up to their exact surface.
//!
//! A voxel whose centre lies in a particle belongs to it, but part of it may lie
//! outside. With the particles as spheres sharper than voxels, that part conducts
//! as what it borders on: the next voxel outwards.

use super::medium::Sphere;
use crate::microstructure::{Microstructure, Origin, Phase};
use rayon::prelude::*;

/// Distances outside the surface at which the neighbour is looked for, voxels.
const LOOK: [f64; 3] = [0.1, 0.4, 0.7];

/// The particles, with their images across the sides of the periodic box; none
/// where they are not spheres but what an image shows.
pub(super) fn spheres(structure: &Microstructure) -> Vec<Sphere> {
    let mut spheres = Vec::new();
    if structure.origin == Origin::Image {
        return spheres;
    }
    let edges = structure.edges();
    for particle in &structure.particles {
        let radius = particle.radius;
        for image in 0..27 {
            let shift = [image / 9, image / 3 % 3, image % 3].map(|s| f64::from(s) - 1.0);
            let centre = [0, 1, 2].map(|a| particle.centre[a] + shift[a] * edges[a]);
            if (0..3).all(|a| centre[a] > -radius && centre[a] < edges[a] + radius) {
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
    if structure.origin == Origin::Image {
        return (0..structure.phases.len() as u32).collect();
    }
    let (h, edges) = (structure.spacing, structure.edges());
    let half_diagonal = 0.5 * h.iter().map(|h| h * h).sum::<f64>().sqrt();
    (0..structure.phases.len())
        .into_par_iter()
        .map(|voxel| {
            let id = structure.particle_ids[voxel] as usize;
            let Some(particle) = id.checked_sub(1).and_then(|p| structure.particles.get(p)) else {
                return voxel as u32;
            };
            let at = structure.coordinates(voxel);
            let from_middle = [0, 1, 2].map(|a| {
                let d = (at[a] as f64 + 0.5) * h[a] - particle.centre[a];
                d - edges[a] * (d / edges[a]).round()
            });
            let distance = from_middle.iter().map(|x| x * x).sum::<f64>().sqrt();
            // Deeper under the surface, no part of a voxel lies outside.
            if particle.radius - distance > half_diagonal || distance <= 0.0 {
                return voxel as u32;
            }
            LOOK.iter()
                .filter_map(|look| {
                    let scale = (particle.radius + look * h[0]) / distance;
                    structure.index_around([0, 1, 2].map(|a| {
                        ((particle.centre[a] + scale * from_middle[a]) / h[a]).floor() as i64
                    }))
                })
                .find(|&there| structure.phases[there] != Phase::ActiveMaterial as u8)
                .unwrap_or(voxel) as u32
        })
        .collect()
}
