//! Where the ions flow: potential and current density in every voxel.

use super::TransportError;
use super::effective::ionic_conduction;
use super::operator::Lattice;
use super::solve::{Axis, Solution, Tolerance, solve_network};
use crate::materials::Electrolyte;
use crate::microstructure::Microstructure;

/// The steady ionic field of a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct IonicField {
    /// Potential: 1 at the separator, 0 at the current collector, 0 where no ions flow.
    pub potential: Vec<f32>,
    /// Magnitude of the current density over its mean through the cathode; it would be
    /// 1 everywhere in a homogeneous one.
    pub current: Vec<f32>,
}

/// Solves for the ionic field in the medium of [`super::effective_transport`]. The
/// current density of a voxel is the mean over opposite faces, axis by axis.
///
/// # Errors
/// As [`super::effective_transport`]; where no ions get through, all is 0.
pub fn ionic_field(
    structure: &Microstructure,
    electrolyte: &Electrolyte,
    contact: f64,
) -> Result<IonicField, TransportError> {
    super::effective::check(structure, electrolyte, contact)?;
    let conduction = ionic_conduction(structure, electrolyte, contact);
    let medium = conduction.medium(structure);
    let (solution, network) = solve_network(&medium, Axis::First, Tolerance::default())?;
    let potential = solution.potential.iter().map(|&p| p as f32).collect();
    let Some(network) = network else {
        return Ok(IonicField {
            potential,
            current: vec![0.0; structure.voxels()],
        });
    };
    let faces = Faces::new(&network.lattice, structure.spacing, &solution);
    let magnitude = |voxel| {
        let square: f64 = (0..3).map(|axis| faces.through(voxel, axis).powi(2)).sum();
        square.sqrt() as f32
    };
    Ok(IonicField {
        current: (0..structure.voxels()).map(magnitude).collect(),
        potential,
    })
}

/// Current densities across the faces of a network along its first axis, over
/// their mean. Where a sphere cuts a face, over all of the face.
struct Faces<'a> {
    lattice: &'a Lattice,
    potential: &'a [f64],
    /// From current in units of the network to relative density, per axis.
    scale: [f64; 3],
}

impl<'a> Faces<'a> {
    fn new(lattice: &'a Lattice, spacing: [f64; 3], solution: &'a Solution) -> Self {
        let along = lattice.unit * lattice.plane() as f64 / solution.conductivity;
        Self {
            lattice,
            potential: &solution.potential,
            scale: spacing.map(|h| along * h / spacing[0]),
        }
    }

    /// Mean over the two faces of a voxel across an axis.
    fn through(&self, voxel: usize, axis: usize) -> f64 {
        0.5 * (self.after(voxel, axis) + self.before(voxel, axis))
    }

    /// Through the face after a voxel.
    fn after(&self, voxel: usize, axis: usize) -> f64 {
        let lattice = self.lattice;
        let [_, n2, n3] = lattice.shape;
        let plane = lattice.plane();
        let (conductance, next) = match axis {
            0 => (lattice.forward[voxel], Some(voxel + plane)),
            1 if voxel / n3 % n2 + 1 < n2 => (lattice.sideways[voxel], Some(voxel + n3)),
            1 => (lattice.sideways[voxel], Some(voxel + n3 - plane)),
            _ if voxel % n3 + 1 < n3 => (lattice.inward[voxel], Some(voxel + 1)),
            _ => (lattice.inward[voxel], Some(voxel + 1 - n3)),
        };
        let there = next
            .and_then(|next| self.potential.get(next))
            .unwrap_or(&0.0);
        f64::from(conductance) * (self.potential[voxel] - there) * self.scale[axis]
    }

    /// Through the face before it.
    fn before(&self, voxel: usize, axis: usize) -> f64 {
        let [_, n2, n3] = self.lattice.shape;
        let plane = self.lattice.plane();
        match axis {
            0 if voxel < plane => {
                let entering = f64::from(self.lattice.entry[voxel]);
                entering * (1.0 - self.potential[voxel]) * self.scale[0]
            }
            0 => self.after(voxel - plane, 0),
            1 if (voxel / n3).is_multiple_of(n2) => self.after(voxel + plane - n3, 1),
            1 => self.after(voxel - n3, 1),
            _ if voxel.is_multiple_of(n3) => self.after(voxel + n3 - 1, 2),
            _ => self.after(voxel - 1, 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::{Origin, Phase};
    use crate::transport::effective::tests::lpscl;

    /// 8 x 4 x 6 flat voxels of electrolyte.
    fn block(periodic: bool) -> Microstructure {
        let shape = [8, 4, 6];
        let phases = vec![Phase::Electrolyte as u8; 192];
        Microstructure {
            origin: Origin::Generated,
            particle_ids: vec![0; 192],
            grain_ids: vec![1; 192],
            ..Microstructure::of_phases(shape, [1e-7, 2e-7, 3e-7], periodic, phases)
        }
    }

    #[test]
    fn the_current_through_a_homogeneous_block_is_even() {
        let field = ionic_field(&block(true), &lpscl(3e-6, 0.3), 1.0).unwrap();
        for voxel in 0..192 {
            approx::assert_relative_eq!(field.current[voxel], 1.0, max_relative = 1e-4);
            let expected = 1.0 - ((voxel / 24) as f32 + 0.5) / 8.0;
            approx::assert_relative_eq!(field.potential[voxel], expected, epsilon = 1e-4);
        }
    }

    /// What flows through every plane is the mean current, around obstacles and
    /// across grain boundaries too.
    #[test]
    fn every_plane_passes_the_whole_current() {
        for periodic in [true, false] {
            let mut structure = block(periodic);
            for voxel in 0..192 {
                let [i, j, k] = structure.coordinates(voxel);
                structure.grain_ids[voxel] = 1 + u32::from(i > 4);
                if (2..4).contains(&i) && (j == 0 || k == 5) {
                    structure.phases[voxel] = Phase::Void as u8;
                    structure.grain_ids[voxel] = 0;
                }
            }
            let electrolyte = lpscl(4e-7, 0.4);
            let conduction = ionic_conduction(&structure, &electrolyte, 0.5);
            let medium = conduction.medium(&structure);
            let (solution, network) =
                solve_network(&medium, Axis::First, Tolerance::fine()).unwrap();
            let network = network.unwrap();
            let faces = Faces::new(&network.lattice, structure.spacing, &solution);
            for i in 0..8 {
                let plane = i * 24..(i + 1) * 24;
                let [out, into] = [Faces::after, Faces::before]
                    .map(|through| plane.clone().map(|v| through(&faces, v, 0)).sum::<f64>());
                approx::assert_relative_eq!(out / 24.0, 1.0, max_relative = 1e-5);
                approx::assert_relative_eq!(into / 24.0, 1.0, max_relative = 1e-5);
            }
            let field = ionic_field(&structure, &electrolyte, 0.5).unwrap();
            let crowded = field.current.iter().fold(0.0_f32, |m, &c| m.max(c));
            assert!(crowded > 1.2, "{crowded}");
            for voxel in (0..192).filter(|&v| structure.phases[v] == 0) {
                approx::assert_relative_eq!(field.current[voxel], 0.0);
            }
        }
    }
}
