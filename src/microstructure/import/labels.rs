//! Labels of a file to phases, voxel by voxel in the order of the file.

use super::error::{ImportError, Stray};
use crate::microstructure::Phase;
use crate::scenario::{PhaseLabel, PhaseName};
use std::collections::BTreeMap;
use std::path::Path;

/// Takes in labels, remembers phases and what had none.
pub(super) struct Painter<'a> {
    labels: &'a [PhaseLabel],
    phases: Vec<u8>,
    counts: Vec<usize>,
    /// The label before and its place in `labels`: neighbours are mostly alike.
    last: Option<(i128, usize)>,
    /// Labels without a phase: how many voxels, and the first of them.
    strays: BTreeMap<i128, (usize, usize)>,
}

/// The phases of an image along the axes of its file.
#[derive(Debug, PartialEq)]
pub(super) struct Labelled {
    pub shape: [usize; 3],
    /// Steps in `phases` along the axes.
    pub stride: [usize; 3],
    pub phases: Vec<u8>,
}

impl<'a> Painter<'a> {
    pub fn new(labels: &'a [PhaseLabel]) -> Self {
        Self {
            labels,
            phases: Vec::new(),
            counts: vec![0; labels.len()],
            last: None,
            strays: BTreeMap::new(),
        }
    }

    /// Takes the label of the next voxel.
    pub fn paint(&mut self, label: i128) {
        let known = match self.last {
            Some((last, place)) if last == label => Some(place),
            _ => self
                .labels
                .iter()
                .position(|known| i128::from(known.label) == label),
        };
        let voxel = self.phases.len();
        match known {
            Some(place) => {
                self.last = Some((label, place));
                self.counts[place] += 1;
                self.phases.push(phase(self.labels[place].phase) as u8);
            }
            None => {
                self.strays.entry(label).or_insert((0, voxel)).0 += 1;
                self.phases.push(Phase::Void as u8);
            }
        }
    }

    /// The image, if every label has a phase and every phase a voxel.
    pub fn finish(
        self,
        file: &Path,
        shape: [usize; 3],
        first_fastest: bool,
    ) -> Result<Labelled, ImportError> {
        let [n1, n2, n3] = shape;
        let stride = if first_fastest {
            [1, n1, n1 * n2]
        } else {
            [n2 * n3, n3, 1]
        };
        if !self.strays.is_empty() {
            let place =
                |voxel: usize| std::array::from_fn(|axis| voxel / stride[axis] % shape[axis]);
            let stray = |(&label, &(voxels, first)): (&i128, &(usize, usize))| Stray {
                label,
                voxels,
                first: place(first),
            };
            let mut found: Vec<Stray> = self.strays.iter().map(stray).collect();
            found.sort_by_key(|stray| std::cmp::Reverse(stray.voxels));
            return Err(ImportError::Labels {
                file: file.to_path_buf(),
                found,
                known: self.labels.iter().map(|known| known.label).collect(),
            });
        }
        if let Some(empty) = self.counts.iter().position(|&count| count == 0) {
            let with_voxels = self.labels.iter().zip(&self.counts);
            return Err(ImportError::Empty {
                file: file.to_path_buf(),
                label: self.labels[empty].label,
                phase: word(self.labels[empty].phase),
                found: with_voxels
                    .filter(|(_, count)| **count > 0)
                    .map(|(known, _)| known.label)
                    .collect(),
            });
        }
        Ok(Labelled {
            shape,
            stride,
            phases: self.phases,
        })
    }
}

impl Labelled {
    /// Phases with the last axis fastest after the axes are put in `order`.
    pub fn turned(&self, order: [usize; 3]) -> Vec<u8> {
        let shape = order.map(|axis| self.shape[axis]);
        let stride = order.map(|axis| self.stride[axis]);
        let mut phases = Vec::with_capacity(self.phases.len());
        for i in 0..shape[0] {
            for j in 0..shape[1] {
                let row = i * stride[0] + j * stride[1];
                phases.extend((0..shape[2]).map(|k| self.phases[row + k * stride[2]]));
            }
        }
        phases
    }
}

fn phase(name: PhaseName) -> Phase {
    match name {
        PhaseName::Void => Phase::Void,
        PhaseName::ActiveMaterial => Phase::ActiveMaterial,
        PhaseName::Electrolyte => Phase::Electrolyte,
        PhaseName::Carbon => Phase::Carbon,
        PhaseName::Polymer => Phase::Polymer,
    }
}

fn word(name: PhaseName) -> &'static str {
    let found = PhaseName::ALL.iter().find(|(known, _)| *known == name);
    found.map_or("a phase", |(_, word)| word)
}
