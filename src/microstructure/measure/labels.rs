//! What the measures look at: a block of labelled voxels, wherever it comes from.

use crate::microstructure::{Microstructure, Phase};

/// Number of phases.
pub const PHASES: usize = 5;
/// Names of the phases, in the order of [`Phase`].
pub const PHASE_NAMES: [&str; PHASES] = [
    "void",
    "active_material",
    "electrolyte",
    "carbon",
    "polymer",
];
/// Names of the axes: through the thickness, and the two across.
pub const AXIS_NAMES: [&str; 3] = ["thickness", "width", "depth"];

/// Why a block of voxels cannot be measured.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LabelsError {
    /// The labels do not fill the block.
    #[error("{found} labels cannot fill a block of {} x {} x {} voxels", shape[0], shape[1], shape[2])]
    WrongLength {
        /// Number of labels.
        found: usize,
        /// Voxels along each axis.
        shape: [usize; 3],
    },
    /// A label that stands for no phase.
    #[error("voxel {voxel} has the label {label}; phases are numbered 0 to {}", PHASES - 1)]
    UnknownPhase {
        /// Index of the voxel.
        voxel: usize,
        /// Its label.
        label: u8,
    },
    /// A voxel without extent.
    #[error("a voxel edge of {value} m; edges must be positive and finite")]
    Spacing {
        /// Edge, m.
        value: f64,
    },
}

/// A block of labelled voxels. Index of voxel (i, j, k): `(i * n2 + j) * n3 + k`.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// Voxels along each axis, at least 1.
    pub shape: [usize; 3],
    /// Edges of a voxel, m.
    pub spacing: [f64; 3],
    /// Whether the block continues on its other side, along all axes.
    pub periodic: bool,
    /// One [`Phase`] (as `u8`) per voxel.
    pub phases: &'a [u8],
}

impl<'a> Labels<'a> {
    /// A block that is safe to measure.
    ///
    /// # Errors
    /// [`LabelsError`] for a wrong number of labels, a label that is no phase,
    /// or a voxel without extent.
    pub fn new(
        shape: [usize; 3],
        spacing: [f64; 3],
        periodic: bool,
        phases: &'a [u8],
    ) -> Result<Self, LabelsError> {
        let voxels = shape.iter().try_fold(1, |n: usize, &m| n.checked_mul(m));
        if voxels != Some(phases.len()) || phases.is_empty() {
            return Err(LabelsError::WrongLength {
                found: phases.len(),
                shape,
            });
        }
        if let Some(voxel) = phases.iter().position(|&p| usize::from(p) >= PHASES) {
            return Err(LabelsError::UnknownPhase {
                voxel,
                label: phases[voxel],
            });
        }
        if let Some(&value) = spacing.iter().find(|&&h| !(h > 0.0 && h.is_finite())) {
            return Err(LabelsError::Spacing { value });
        }
        Ok(Self {
            shape,
            spacing,
            periodic,
            phases,
        })
    }

    /// The voxels of a structure.
    ///
    /// # Errors
    /// As for [`Labels::new`].
    pub fn of(structure: &'a Microstructure) -> Result<Self, LabelsError> {
        let (shape, spacing) = (structure.shape, structure.spacing);
        Self::new(shape, spacing, structure.periodic, &structure.phases)
    }

    /// Volume of the block, m3.
    pub fn volume(&self) -> f64 {
        self.phases.len() as f64 * self.spacing.iter().product::<f64>()
    }

    /// Steps of the index along each axis.
    pub(super) fn strides(&self) -> [usize; 3] {
        [self.shape[1] * self.shape[2], self.shape[2], 1]
    }

    /// The same block turned so that `axis` comes first and the other two
    /// follow in their order: shape, spacing, and strides into `phases`.
    pub(super) fn turned(&self, axis: usize) -> Turned {
        let order = [[0, 1, 2], [1, 0, 2], [2, 0, 1]][axis];
        Turned {
            shape: order.map(|a| self.shape[a]),
            spacing: order.map(|a| self.spacing[a]),
            strides: order.map(|a| self.strides()[a]),
        }
    }

    /// Share of the voxels of every phase.
    pub fn fractions(&self) -> [f64; PHASES] {
        let mut counts = [0_usize; PHASES];
        for &phase in self.phases {
            counts[usize::from(phase)] += 1;
        }
        counts.map(|count| count as f64 / self.phases.len() as f64)
    }
}

/// A block seen along one axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turned {
    /// Voxels along the axis, and across.
    pub shape: [usize; 3],
    /// Edges of a voxel, m.
    pub spacing: [f64; 3],
    /// Steps of the index.
    pub strides: [usize; 3],
}

impl Turned {
    /// Index of a voxel of the turned block in the order of the labels.
    pub fn source(&self, cell: usize) -> usize {
        let [_, n2, n3] = self.shape;
        let [s1, s2, s3] = self.strides;
        cell / (n2 * n3) * s1 + cell / n3 % n2 * s2 + cell % n3 * s3
    }
}

/// What something moves through: one phase, or several together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain {
    /// Name in tables: that of a phase, or `ion_network` and `electron_network`.
    pub name: &'static str,
    /// Bit `1 << phase` of every phase that belongs to it.
    bits: u8,
}

impl Domain {
    /// A single phase.
    pub const fn phase(phase: Phase) -> Self {
        Self {
            name: PHASE_NAMES[phase as usize],
            bits: 1 << phase as u8,
        }
    }

    /// Where ions move: electrolyte, and carbon voxels, which hold some of it.
    pub const IONS: Self = Self {
        name: "ion_network",
        bits: 1 << Phase::Electrolyte as u8 | 1 << Phase::Carbon as u8,
    };

    /// Where electrons move: active material and carbon.
    pub const ELECTRONS: Self = Self {
        name: "electron_network",
        bits: 1 << Phase::ActiveMaterial as u8 | 1 << Phase::Carbon as u8,
    };

    /// All phases and both networks.
    pub const ALL: [Self; PHASES + 2] = [
        Self::phase(Phase::Void),
        Self::phase(Phase::ActiveMaterial),
        Self::phase(Phase::Electrolyte),
        Self::phase(Phase::Carbon),
        Self::phase(Phase::Polymer),
        Self::IONS,
        Self::ELECTRONS,
    ];

    /// Whether a label belongs to it.
    pub fn holds(self, phase: u8) -> bool {
        self.bits >> phase & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_measured_is_refused() {
        let spacing = [1e-7; 3];
        let refuse = |shape, spacing, phases: &[u8]| {
            Labels::new(shape, spacing, true, phases)
                .unwrap_err()
                .to_string()
        };
        assert!(refuse([2, 2, 2], spacing, &[0; 7]).contains("7 labels"));
        assert!(refuse([0, 2, 2], spacing, &[]).contains("0 x 2 x 2"));
        assert!(refuse([1, 1, 2], spacing, &[0, 9]).contains("voxel 1 has the label 9"));
        assert!(refuse([1, 1, 2], [1e-7, 0.0, 1e-7], &[0, 1]).contains("edge of 0 m"));
    }

    #[test]
    fn a_turned_block_finds_its_voxels() {
        let phases = [0_u8; 24];
        let labels = Labels::new([2, 3, 4], [1.0, 2.0, 3.0], false, &phases).unwrap();
        let turned = labels.turned(1);
        assert_eq!(turned.shape, [3, 2, 4]);
        // (j, i, k) = (2, 1, 3) is voxel (i, j, k) = (1, 2, 3).
        assert_eq!(turned.source((2 * 2 + 1) * 4 + 3), (3 + 2) * 4 + 3);
        assert_eq!(labels.turned(2).spacing.map(|h| h as u8), [3, 1, 2]);
    }

    #[test]
    fn domains_hold_their_phases() {
        assert!(Domain::IONS.holds(Phase::Carbon as u8) && Domain::IONS.holds(2));
        assert!(!Domain::ELECTRONS.holds(Phase::Electrolyte as u8));
        assert!(Domain::phase(Phase::Polymer).holds(4) && !Domain::phase(Phase::Polymer).holds(0));
    }
}
