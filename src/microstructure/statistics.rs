//! What is measured on a generated structure.

use super::grid::Grid;
use super::measure::surface_shares;
use super::{
    MicrostructureStatistics, Particle, Phase, Recipe, contacts, size_classes, solid_fraction,
};

/// A structure as it is drawn.
pub(super) struct Drawn<'a> {
    pub grid: &'a Grid,
    pub particles: &'a [Particle],
    pub phases: &'a [u8],
    pub carbon_fill: f64,
    /// Volume fraction of the voids inside particles.
    pub inner_voids: f64,
}

/// Measures a structure against the recipe it was made from.
pub(super) fn measure(
    drawn: &Drawn,
    particle_ids: &[u32],
    recipe: &Recipe,
    classes: usize,
) -> MicrostructureStatistics {
    let Drawn {
        grid,
        particles,
        phases,
        carbon_fill,
        ..
    } = *drawn;
    let contacts = contacts(particles, grid.edge());
    let surface = surface_shares(grid, particles, particle_ids, phases, carbon_fill);
    MicrostructureStatistics {
        thickness: recipe.thickness,
        target_fractions: recipe.fractions,
        fractions: fractions(drawn),
        film_fraction: recipe.film_fraction,
        particles: particles.len(),
        largest_overlap: contacts.largest_overlap,
        surface_to_electrolyte: surface.electrolyte,
        surface_to_void: surface.void,
        surface_to_carbon: surface.carbon,
        surface_to_polymer: surface.polymer,
        surface_to_particles: surface.particle,
        coordination: contacts.coordination,
        voids_at_surfaces: 0.0,
        fibres_in_plane: 0.0,
        size_classes: size_classes(particles, classes),
    }
}

/// Volume fractions in the order of [`Phase`]: exact for the spheres, counted
/// for the rest, with carbon voxels shared between carbon and electrolyte.
fn fractions(drawn: &Drawn) -> [f64; 5] {
    let mut counts = [0_usize; 5];
    for &phase in drawn.phases {
        counts[usize::from(phase)] += 1;
    }
    let mut fractions = counts.map(|count| count as f64 / drawn.grid.count() as f64);
    let carbon = fractions[Phase::Carbon as usize];
    fractions[Phase::Carbon as usize] = drawn.carbon_fill * carbon;
    fractions[Phase::Electrolyte as usize] += (1.0 - drawn.carbon_fill) * carbon;
    let edge = drawn.grid.edge();
    let spheres = solid_fraction(drawn.particles, edge);
    fractions[Phase::ActiveMaterial as usize] = spheres - drawn.inner_voids;
    fractions
}
