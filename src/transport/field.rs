//! Where the ions flow: potential and current density in every voxel.

use super::TransportError;
use super::effective::{Conduction, ionic_conduction};
use super::solve::{Axis, Tolerance, solve};
use crate::materials::SolidElectrolyte;
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

/// Solves for the ionic field in the medium of [`super::effective_transport`], but
/// with the particles as voxels show them. The current density of a voxel is the
/// mean over opposite faces, axis by axis.
///
/// # Errors
/// As [`super::effective_transport`]; where no ions get through, all is 0.
pub fn ionic_field(
    structure: &Microstructure,
    electrolyte: &SolidElectrolyte,
    contact: f64,
) -> Result<IonicField, TransportError> {
    super::effective::check(structure, electrolyte, contact)?;
    let conduction = ionic_conduction(structure, electrolyte, contact);
    let medium = conduction.medium(structure);
    let solution = solve(&medium, Axis::First, Tolerance::default())?;
    let mean = solution.conductivity / structure.edges()[0];
    let faces = Faces {
        structure,
        conduction: &conduction,
        potential: &solution.potential,
    };
    let magnitude = |voxel| {
        let square: f64 = (0..3).map(|axis| faces.through(voxel, axis).powi(2)).sum();
        if mean > 0.0 {
            (square.sqrt() / mean) as f32
        } else {
            0.0
        }
    };
    Ok(IonicField {
        current: (0..structure.voxels()).map(magnitude).collect(),
        potential: solution.potential.iter().map(|&p| p as f32).collect(),
    })
}

/// Currents across faces, as the finite volumes have them.
struct Faces<'a> {
    structure: &'a Microstructure,
    conduction: &'a Conduction<'a>,
    potential: &'a [f64],
}

impl Faces<'_> {
    /// Mean current density (A/m2 per volt) across the two faces of a voxel along an axis.
    fn through(&self, voxel: usize, axis: usize) -> f64 {
        if self.conduction.conductivity[voxel] <= 0.0 {
            return 0.0;
        }
        0.5 * (self.onwards(voxel, axis, 1) - self.onwards(voxel, axis, -1))
    }

    /// Current density out of a voxel across one face.
    fn onwards(&self, voxel: usize, axis: usize, step: i64) -> f64 {
        let half = 0.5 * self.structure.spacing[axis];
        let own = f64::from(self.conduction.conductivity[voxel]);
        let mut at = self.structure.coordinates(voxel).map(|i| i as i64);
        at[axis] += step;
        // The electrodes lie on the outer faces of the first axis.
        let n = self.structure.shape[0] as i64;
        if axis == 0 && !(0..n).contains(&at[0]) {
            let electrode = if step < 0 { 1.0 } else { 0.0 };
            return (self.potential[voxel] - electrode) * own / half;
        }
        let Some(next) = self.structure.index_around(at) else {
            return 0.0;
        };
        let other = f64::from(self.conduction.conductivity[next]);
        if other <= 0.0 {
            return 0.0;
        }
        let [a, b] = [voxel, next].map(|v| self.conduction.labels[v]);
        let boundary = if a != b && a > 0 && b > 0 {
            self.conduction.resistance
        } else {
            0.0
        };
        (self.potential[voxel] - self.potential[next]) / (half / own + half / other + boundary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::{MicrostructureStatistics, Origin, Phase};
    use crate::transport::effective::tests::lpscl;

    /// 8 x 4 x 6 flat voxels of electrolyte.
    fn block(periodic: bool) -> Microstructure {
        let shape = [8, 4, 6];
        Microstructure {
            shape,
            spacing: [1e-7, 2e-7, 3e-7],
            periodic,
            origin: Origin::Generated,
            phases: vec![Phase::Electrolyte as u8; 192],
            particle_ids: vec![0; 192],
            grain_ids: vec![1; 192],
            particles: Vec::new(),
            carbon_fill: 1.0,
            statistics: MicrostructureStatistics::default(),
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
            let solution = solve(&medium, Axis::First, Tolerance::fine()).unwrap();
            let faces = Faces {
                structure: &structure,
                conduction: &conduction,
                potential: &solution.potential,
            };
            let mean = solution.conductivity / structure.edges()[0];
            for i in 0..8 {
                for step in [-1, 1] {
                    let plane = i * 24..(i + 1) * 24;
                    let out: f64 = plane
                        .filter(|&voxel| conduction.conductivity[voxel] > 0.0)
                        .map(|voxel| faces.onwards(voxel, 0, step))
                        .sum();
                    approx::assert_relative_eq!(
                        out / 24.0,
                        mean * step as f64,
                        max_relative = 1e-5
                    );
                }
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
