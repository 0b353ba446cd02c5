//! What is measured on an image: volumes by voxels, surfaces by their faces.

use super::particles::neighbours;
use crate::microstructure::sizes::weighted_size_classes;
use crate::microstructure::{Microstructure, MicrostructureStatistics, Phase, Recipe};

/// Difference between an image and the recipe from which on it is worth telling,
/// in volume fractions: three points, about what segmenting leaves uncertain (estimate).
pub const LARGEST_DIFFERENCE: f64 = 0.03;

/// Names of the phases in the order of [`Phase`].
const NAMES: [&str; 5] = [
    "voids",
    "active material",
    "electrolyte",
    "carbon",
    "polymer",
];

/// Where an image contradicts the recipe by more than [`LARGEST_DIFFERENCE`]: one
/// sentence per phase with both volume fractions.
pub fn differences(statistics: &MicrostructureStatistics) -> Vec<String> {
    let differs = |phase: &usize| {
        let found = statistics.fractions[*phase];
        (found - statistics.target_fractions[*phase]).abs() > LARGEST_DIFFERENCE
    };
    let tell = |phase: usize| {
        format!(
            "{:.1} % of the image is {}, but the composition and porosity make {:.1} % by volume; the \
             image is simulated",
            100.0 * statistics.fractions[phase],
            NAMES[phase],
            100.0 * statistics.target_fractions[phase],
        )
    };
    (0..5).filter(differs).map(tell).collect()
}

/// Measures an image against the recipe it is said to be made from. The loading
/// is the recipe's: with the image's share of active material it sets the thickness.
pub(super) fn measure(
    structure: &Microstructure,
    weights: &[f64],
    recipe: &Recipe,
    classes: usize,
) -> MicrostructureStatistics {
    let fractions = fractions(structure);
    let active = Phase::ActiveMaterial as usize;
    let denser = fractions[active] / recipe.fractions[active];
    let faces = faces(structure);
    let all: f64 = faces.areas.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let share = |phase: Phase| faces.areas[phase as usize] / all;
    let fill = structure.carbon_fill;
    let radii: Vec<(f64, f64)> = structure
        .particles
        .iter()
        .zip(weights)
        .filter(|(_, weight)| **weight > 0.0)
        .map(|(particle, &weight)| (particle.radius, weight))
        .collect();
    MicrostructureStatistics {
        thickness: recipe.thickness / denser,
        target_fractions: recipe.fractions,
        fractions,
        film_fraction: recipe.film_fraction * denser,
        particles: structure.particles.len(),
        largest_overlap: 0.0,
        surface_to_electrolyte: share(Phase::Electrolyte) + (1.0 - fill) * share(Phase::Carbon),
        surface_to_void: share(Phase::Void),
        surface_to_carbon: fill * share(Phase::Carbon),
        surface_to_polymer: share(Phase::Polymer),
        surface_to_particles: share(Phase::ActiveMaterial),
        coordination: 2.0 * faces.contacts as f64 / structure.particles.len().max(1) as f64,
        // An image shows neither; 0 says nothing of it.
        voids_at_surfaces: 0.0,
        fibres_in_plane: 0.0,
        size_classes: weighted_size_classes(radii, classes),
    }
}

/// Volume fractions in the order of [`Phase`], carbon voxels shared between
/// carbon and electrolyte.
fn fractions(structure: &Microstructure) -> [f64; 5] {
    let mut counts = [0_usize; 5];
    for &phase in &structure.phases {
        counts[usize::from(phase)] += 1;
    }
    let mut fractions = counts.map(|count| count as f64 / structure.voxels() as f64);
    let carbon = fractions[Phase::Carbon as usize];
    fractions[Phase::Carbon as usize] = structure.carbon_fill * carbon;
    fractions[Phase::Electrolyte as usize] += (1.0 - structure.carbon_fill) * carbon;
    fractions
}

/// Faces of the particles' voxels.
struct Faces {
    /// Areas by the phase behind them, m2; active material is another particle.
    areas: [f64; 5],
    /// Pairs of particles that share a face.
    contacts: usize,
}

fn faces(structure: &Microstructure) -> Faces {
    let volume: f64 = structure.spacing.iter().product();
    let mut areas = [0.0; 5];
    let mut pairs = Vec::new();
    let ids = &structure.particle_ids;
    for (voxel, &own) in ids.iter().enumerate().filter(|(_, id)| **id > 0) {
        for (face, neighbour) in neighbours(structure, voxel).into_iter().enumerate() {
            let Some(neighbour) = neighbour.filter(|&n| ids[n] != own) else {
                continue;
            };
            areas[usize::from(structure.phases[neighbour])] += volume / structure.spacing[face / 2];
            if ids[neighbour] > own {
                pairs.push((own, ids[neighbour]));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    Faces {
        areas,
        contacts: pairs.len(),
    }
}
