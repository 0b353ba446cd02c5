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

/// Solves for the ionic field in the medium of [`super::effective_transport`]. The
/// current density of a voxel is the mean over opposite faces, axis by axis.
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
