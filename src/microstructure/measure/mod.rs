//! Measuring a structure: everything that a tomogram would be asked.
//!
//! The measures work on [`Labels`], a block of labelled voxels, so that they suit
//! generated structures and imported images alike; what the exact spheres of a
//! generated structure tell better is taken from them.
//!
//! | file | what it answers |
//! |---|---|
//! | `labels` | the block of voxels, and the domains asked about |
//! | `surface` | what the surface of the exact spheres faces |
//! | `particles` | touching neighbours; distributions over particles |
//! | `interface` | area between every two phases of the voxels |
//! | `chords` | how long straight lines stay in a phase |
//! | `correlation` | two-point correlation and its length |
//! | `connectivity`, `geodesic` | what hangs together, how long the way is |

mod chords;
mod connectivity;
mod correlation;
mod geodesic;
mod interface;
mod labels;
mod particles;
mod surface;

pub use chords::{Chords, chords};
pub use connectivity::{Connectivity, connectivity};
pub use correlation::{Correlation, correlations};
pub use interface::{InterfaceAreas, interface_areas};
pub use labels::{AXIS_NAMES, Domain, Labels, LabelsError, PHASE_NAMES, PHASES};
pub use particles::{Distribution, coordination_numbers, histogram};
pub use surface::{SurfaceShares, faced_areas, surface_shares};

use super::{Grid, Microstructure, Origin, Phase};

/// Everything measured on a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Areas between phases. Those of the active material are from the exact
    /// spheres where there are any, carbon voxels counting with their fill; the
    /// others from the voxels, a carbon voxel counting whole.
    pub interfaces: InterfaceAreas,
    /// Area of particles that faces other particles, per volume, 1/m; 0 for an image.
    pub specific_particle_contact: f64,
    /// What the surface of every particle faces; empty for an image.
    pub facing: Vec<SurfaceShares>,
    /// Touching neighbours of every particle; empty for an image.
    pub coordination: Vec<u32>,
    /// Chords: `[phase][axis]`.
    pub chords: [[Chords; 3]; PHASES],
    /// Two-point correlations: `[phase][axis]`.
    pub correlations: [[Correlation; 3]; PHASES],
    /// Connection and paths of [`Domain::ALL`], axis by axis.
    pub connectivity: Vec<Connectivity>,
}

impl Measures {
    /// How a domain is connected along an axis.
    pub fn connected(&self, domain: Domain, axis: usize) -> Option<&Connectivity> {
        let mut found = self.connectivity.iter();
        found.find(|c| c.domain == domain && c.axis == axis)
    }

    /// Correlation length of a phase (by number), m: mean over the axes.
    pub fn correlation_length(&self, phase: usize) -> f64 {
        let lengths = self.correlations[phase].iter().map(Correlation::length);
        lengths.sum::<f64>() / 3.0
    }
}

/// Measures a structure.
///
/// # Errors
/// [`LabelsError`] for a structure whose voxels do not fit together.
pub fn measure(structure: &Microstructure) -> Result<Measures, LabelsError> {
    let labels = Labels::of(structure)?;
    // The spheres of an image only stand for its particles.
    let spheres = match structure.origin {
        Origin::Generated => structure.particles.as_slice(),
        Origin::Image => &[],
    };
    let grid = cube(structure);
    let fill = structure.carbon_fill;
    let faced = faced_areas(&grid, spheres, &structure.particle_ids, labels.phases);
    let mut interfaces = interface_areas(&labels);
    let active = Phase::ActiveMaterial as usize;
    let mut specific_particle_contact = 0.0;
    if !spheres.is_empty() {
        let exact = total(&faced, fill);
        for phase in (0..PHASES).filter(|&phase| phase != active) {
            interfaces.area[active][phase] = exact[phase];
            interfaces.area[phase][active] = exact[phase];
        }
        specific_particle_contact = exact[active] / interfaces.volume;
    }
    let each = |area: &[f64; PHASES]| SurfaceShares::of(std::slice::from_ref(area), fill);
    Ok(Measures {
        interfaces,
        specific_particle_contact,
        facing: faced.iter().map(each).collect(),
        coordination: coordination_numbers(spheres, grid.edge()),
        chords: chords(&labels),
        correlations: correlations(&labels),
        connectivity: connectivity(&labels, &Domain::ALL),
    })
}

/// The grid of a generated structure, which is a cube of cubes.
fn cube(structure: &Microstructure) -> Grid {
    Grid {
        resolution: structure.shape[0],
        voxel: structure.spacing[0],
    }
}

/// Surface of all particles by phase, m2, with carbon voxels shared between
/// carbon and electrolyte.
fn total(faced: &[[f64; PHASES]], carbon_fill: f64) -> [f64; PHASES] {
    let mut sum = [0.0; PHASES];
    for (phase, entry) in sum.iter_mut().enumerate() {
        *entry = faced.iter().map(|area| area[phase]).sum();
    }
    let carbon = sum[Phase::Carbon as usize];
    sum[Phase::Carbon as usize] = carbon_fill * carbon;
    sum[Phase::Electrolyte as usize] += (1.0 - carbon_fill) * carbon;
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::generator::tests::small;
    use approx::assert_relative_eq;
    use std::f64::consts::PI;

    #[test]
    fn a_generated_structure_is_measured_whole() {
        let structure = small().build(&mut |_| ()).unwrap();
        let measures = measure(&structure).unwrap();
        let spheres = structure
            .particles
            .iter()
            .map(|p| 4.0 * PI * p.radius.powi(2));
        let surface = spheres.sum::<f64>() / measures.interfaces.volume;
        let active = Phase::ActiveMaterial as usize;
        let faced = measures.interfaces.specific_surface(active);
        assert_relative_eq!(
            faced + measures.specific_particle_contact,
            surface,
            max_relative = 1e-9
        );
        let statistics = &structure.statistics;
        assert_relative_eq!(
            measures.interfaces.specific(active, Phase::Void as usize) / surface,
            statistics.surface_to_void,
            max_relative = 1e-9
        );
        let mean = Distribution::new(measures.coordination.iter().map(|&c| f64::from(c))).mean;
        assert_relative_eq!(mean, statistics.coordination, max_relative = 1e-12);
        assert_eq!(measures.facing.len(), statistics.particles);
        for facing in &measures.facing {
            let sum = facing.electrolyte + facing.void + facing.carbon + facing.polymer;
            assert_relative_eq!(sum + facing.particle, 1.0, max_relative = 1e-12);
        }
        let ions = measures.connected(Domain::IONS, 0).unwrap();
        assert!(
            ions.percolating > 0.9 && ions.geodesic_tortuosity > 1.0,
            "{ions:?}"
        );
        assert!(measures.correlation_length(active) > 0.1e-6);
        assert!(measures.chords[active][0].mean() > structure.spacing[0]);
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let structure = small().build(&mut |_| ()).unwrap();
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            // As text, because not-a-number differs from itself.
            pool.install(|| format!("{:?}", measure(&structure).unwrap()))
        };
        assert_eq!(with(1), with(3));
    }
}
