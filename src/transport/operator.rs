//! The network of conductances between voxels: cell-centred finite volumes.
//!
//! Two voxels that share a face of area `A`, with edges `h` and conductivities
//! `s1`, `s2`, conduct `A / (h/(2 s1) + h/(2 s2) + R)` between their centres,
//! with `R` the areal resistance of an internal boundary where there is one
//! (S. V. Patankar, Numerical Heat Transfer and Fluid Flow, 1980, section 4.2-3,
//! without `R`). The electrodes sit on the two *outer faces* of the grid, half a
//! voxel from the centres of the first and last layer, so that a uniform block
//! has exactly its own conductivity. (Tools that put them at the centres of the
//! end layers solve a sample that is one voxel shorter.)

use super::TransportError;
use super::medium::{FAINTEST, Medium, Sides, Turned, by_planes};
use super::multigrid::DAMPING;
use super::stencil::Row;
use super::stretches::Stretches;
use crate::numerics::connection::{SPANNING, connection};
use rayon::prelude::*;

/// Conductances between voxels, in units of [`Lattice::unit`]; zero on every
/// face of a voxel that does not carry current.
pub(super) struct Lattice {
    /// Cells along the current, and across.
    pub(super) shape: [usize; 3],
    /// From the low electrode to the first plane.
    pub(super) entry: Vec<f32>,
    /// From each cell to the next plane; from the last plane to the high electrode.
    pub(super) forward: Vec<f32>,
    /// From each cell to the next row of its plane.
    pub(super) sideways: Vec<f32>,
    /// From each cell to the next of its row.
    pub(super) inward: Vec<f32>,
    /// One over the sum of a cell's conductances; 0 where it has none.
    pub(super) inverse_diagonal: Vec<f32>,
    /// Where the rows carry current.
    pub(super) stretches: Stretches,
    /// Effective conductivity of the block at unit conductance between the electrodes, S/m.
    pub(super) unit: f64,
    /// Share of the conducting cells that carry current.
    pub(super) spanning_share: f64,
}

/// What the faces of the lattice are computed from.
pub(super) struct Cells<'a> {
    pub(super) turned: Turned,
    /// Conductivity of each cell over the best one's; 0 where no current flows.
    pub(super) conductivity: Vec<f32>,
    /// Labels, and the areal resistance of a boundary over that of a layer of
    /// the best conductor of 1 m.
    pub(super) boundaries: Option<(&'a [u32], f64)>,
    /// Open shares of faces, see [`Medium::open`].
    pub(super) open: Option<&'a [[u8; 3]]>,
}

/// The boundaries of a medium, in the units of [`Cells`].
pub(super) fn relative_boundaries<'a>(medium: &Medium<'a>, best: f32) -> Option<(&'a [u32], f64)> {
    medium
        .boundaries
        .map(|b| (b.labels, b.resistance * f64::from(best)))
}

impl Cells<'_> {
    /// Conductances from the cells of one row to those of another (or to the
    /// next in the same row), across `axis` of the turned grid.
    fn faces(&self, from: usize, to: usize, axis: usize, out: &mut [f32]) {
        // A face across the first axis conducts as much as a cube of the grid's
        // unit; the others by their area and distance against it.
        let weight = (self.turned.spacing[0] / self.turned.spacing[axis]).powi(2);
        let ends = self.conductivity[from..]
            .iter()
            .zip(&self.conductivity[to..]);
        for (face, (&a, &b)) in out.iter_mut().zip(ends) {
            let (a, b) = (f64::from(a), f64::from(b));
            let series = 2.0 * a * b / (a + b).max(f64::MIN_POSITIVE);
            *face = (weight * series) as f32;
        }
        if let Some(open) = self.open {
            let axis = self.turned.order[axis];
            for (cell, face) in out.iter_mut().enumerate() {
                let share = open[self.turned.source_of(from + cell)][axis];
                *face *= f32::from(share) / f32::from(u8::MAX);
            }
        }
        if let Some((labels, resistance)) = self.boundaries {
            let relative = resistance / self.turned.spacing[axis] / weight;
            for (cell, face) in out.iter_mut().enumerate() {
                let la = labels[self.turned.source_of(from + cell)];
                let lb = labels[self.turned.source_of(to + cell)];
                if la != lb && la != 0 && lb != 0 {
                    let conductance = f64::from(*face);
                    let joined = (conductance / (1.0 + conductance * relative)) as f32;
                    *face = joined.max(FAINTEST.min(*face));
                }
            }
        }
    }

    /// Conductances from the cells of a plane to an electrode.
    fn to_electrode(&self, from: usize, out: &mut [f32]) {
        for (face, s) in out.iter_mut().zip(&self.conductivity[from..]) {
            *face = 2.0 * s;
        }
    }
}

impl Lattice {
    /// Builds the network, leaving out what is not connected to both
    /// electrodes; `None` when nothing is.
    pub(super) fn new(medium: &Medium, turned: Turned) -> Result<Option<Self>, TransportError> {
        medium.check()?;
        let best = medium.best();
        let mut conductivity = turned.normalised(medium.conductivity, best);
        let reached = connection(turned.shape, medium.sides == Sides::Periodic, |cell| {
            conductivity[cell] > 0.0
        });
        let plane = turned.shape[1] * turned.shape[2];
        let (conducting, carrying) = conductivity
            .par_chunks_mut(plane)
            .zip(reached.par_chunks(plane))
            .map(|(values, reached)| {
                let (mut conducting, mut carrying) = (0usize, 0usize);
                for (value, &reached) in values.iter_mut().zip(reached) {
                    conducting += usize::from(*value > 0.0);
                    carrying += usize::from(reached == SPANNING);
                    *value = if reached == SPANNING { *value } else { 0.0 };
                }
                (conducting, carrying)
            })
            .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        if carrying == 0 {
            return Ok(None);
        }
        let cells = Cells {
            turned,
            conductivity,
            boundaries: relative_boundaries(medium, best),
            open: None,
        };
        let mut lattice = Self::assemble(cells, medium.sides, best);
        lattice.spanning_share = carrying as f64 / conducting as f64;
        lattice.settle();
        Ok(Some(lattice))
    }

    /// All conductances between cells, to be followed by [`Lattice::settle`].
    pub(super) fn assemble(cells: Cells, sides: Sides, best: f32) -> Self {
        let [n1, n2, n3] = cells.turned.shape;
        let plane = n2 * n3;
        let mut entry = vec![0.0; plane];
        cells.to_electrode(0, &mut entry);
        let forward = by_planes(n1, plane, |i, out| {
            if i + 1 == n1 {
                cells.to_electrode(i * plane, out);
            } else {
                cells.faces(i * plane, (i + 1) * plane, 0, out);
            }
        });
        let periodic = sides == Sides::Periodic;
        let sideways = by_planes(n1, plane, |i, out| {
            let (first, last) = (i * plane, plane - n3);
            cells.faces(first, first + n3, 1, &mut out[..last]);
            // A single row is its own neighbour and exchanges nothing.
            if periodic && n2 > 1 {
                cells.faces(first + last, first, 1, &mut out[last..]);
            }
        });
        let inward = by_planes(n1, plane, |i, out| {
            for (j, out) in out.chunks_mut(n3).enumerate() {
                let first = i * plane + j * n3;
                cells.faces(first, first + 1, 2, &mut out[..n3 - 1]);
                if periodic && n3 > 1 {
                    cells.faces(first + n3 - 1, first, 2, &mut out[n3 - 1..]);
                }
            }
        });
        Self {
            shape: cells.turned.shape,
            entry,
            forward,
            sideways,
            inward,
            inverse_diagonal: cells.conductivity,
            stretches: Stretches::new(&[], n3),
            unit: f64::from(best) * n1 as f64 / plane as f64,
            spanning_share: 1.0,
        }
    }

    /// A lattice that conducts nothing.
    pub(super) fn unlinked(shape: [usize; 3]) -> Self {
        let [n1, n2, n3] = shape;
        let faces = || vec![0.0; n1 * n2 * n3];
        Self {
            shape,
            entry: vec![0.0; n2 * n3],
            forward: faces(),
            sideways: faces(),
            inward: faces(),
            inverse_diagonal: Vec::new(),
            stretches: Stretches::new(&[], n3),
            unit: 1.0,
            spanning_share: 1.0,
        }
    }

    /// Says which cells carry current: those with a mark above 0.
    pub(super) fn carry(&mut self, marks: &[f32]) {
        self.stretches = Stretches::new(marks, self.shape[2]);
    }

    /// Brings the rest up to date with the conductances.
    pub(super) fn settle(&mut self) {
        let mut diagonal = std::mem::take(&mut self.inverse_diagonal);
        self.invert_diagonal(&mut diagonal);
        self.carry(&diagonal);
        self.inverse_diagonal = diagonal;
    }

    /// One over the sum of each cell's conductances; 0 where that is 0.
    fn invert_diagonal(&self, diagonal: &mut [f32]) {
        let n3 = self.shape[2];
        let planes = diagonal.par_chunks_mut(self.plane()).enumerate();
        planes.for_each(|(i, out)| {
            for (j, out) in out.chunks_mut(n3).enumerate() {
                // Any plane has the right length here; only conductances are read.
                let row = self.row([&*self.entry; 3], (i, j));
                for (k, value) in out.iter_mut().enumerate() {
                    let left = if k > 0 { k - 1 } else { n3 - 1 };
                    let sum = row.conductance.iter().map(|g| g[k]).sum::<f32>()
                        + row.inward[left]
                        + row.inward[k];
                    *value = if sum > 0.0 { 1.0 / sum } else { 0.0 };
                }
            }
        });
    }

    /// What a first Jacobi sweep from zero makes of a residual in plane `i`.
    #[inline(always)]
    pub(super) fn sweep(&self, residual: &[f32], i: usize, out: &mut [f32]) {
        let cells = i * self.plane()..(i + 1) * self.plane();
        let inverse_diagonal = &self.inverse_diagonal[cells.clone()];
        for ((z, r), d) in out.iter_mut().zip(&residual[cells]).zip(inverse_diagonal) {
            *z = DAMPING * r * d;
        }
    }

    /// Number of cells.
    pub(super) fn cells(&self) -> usize {
        self.forward.len()
    }

    /// Cells per plane.
    pub(super) fn plane(&self) -> usize {
        self.entry.len()
    }

    /// Whether a cell carries current.
    pub(super) fn carries(&self, cell: usize) -> bool {
        self.inverse_diagonal[cell] > 0.0
    }

    /// The cells a cell exchanges current with, and the conductances to them.
    #[inline]
    pub(super) fn links(&self, cell: usize, visit: impl FnMut(usize, f32)) {
        let [_, n2, n3] = self.shape;
        // Fewer cells than 2^32, and 32-bit division is twice as fast.
        let row = (cell as u32 / n3 as u32) as usize;
        let (j, k) = ((row as u32 % n2 as u32) as usize, cell - row * n3);
        self.links_at(cell, (j, k), visit);
    }

    /// The same for a cell known to be the one at `k` in row `j` of its plane.
    #[inline]
    pub(super) fn links_at(
        &self,
        cell: usize,
        (j, k): (usize, usize),
        mut visit: impl FnMut(usize, f32),
    ) {
        let [_, n2, n3] = self.shape;
        let plane = self.plane();
        let mut link = |there: usize, conductance: f32| {
            if conductance > 0.0 {
                visit(there, conductance);
            }
        };
        if cell >= plane {
            link(cell - plane, self.forward[cell - plane]);
        }
        if cell + plane < self.cells() {
            link(cell + plane, self.forward[cell]);
        }
        let before = if j > 0 { cell - n3 } else { cell + plane - n3 };
        link(before, self.sideways[before]);
        let after = if j + 1 < n2 {
            cell + n3
        } else {
            cell + n3 - plane
        };
        link(after, self.sideways[cell]);
        let left = if k > 0 { cell - 1 } else { cell + n3 - 1 };
        link(left, self.inward[left]);
        let right = if k + 1 < n3 { cell + 1 } else { cell + 1 - n3 };
        link(right, self.inward[cell]);
    }

    /// The weakest link inside a block.
    #[inline]
    pub(super) fn weakest(&self, [i, j, k]: [std::ops::Range<usize>; 3]) -> f32 {
        let [_, n2, n3] = self.shape;
        let mut weakest = f32::INFINITY;
        for a in i.clone() {
            for b in j.clone() {
                for c in k.clone() {
                    let cell = (a * n2 + b) * n3 + c;
                    if a + 1 < i.end {
                        weakest = weakest.min(self.forward[cell]);
                    }
                    if b + 1 < j.end {
                        weakest = weakest.min(self.sideways[cell]);
                    }
                    if c + 1 < k.end {
                        weakest = weakest.min(self.inward[cell]);
                    }
                }
            }
        }
        weakest
    }

    /// Conductance of a cell to the two electrodes together.
    pub(super) fn ground(&self, cell: usize) -> f32 {
        let plane = self.plane();
        let mut ground = 0.0;
        if cell < plane {
            ground += self.entry[cell];
        }
        if cell + plane >= self.cells() {
            ground += self.forward[cell];
        }
        ground
    }

    /// Row `j` of plane `i` of a field, given that plane with the ones before and
    /// after it.
    #[inline(always)]
    pub(super) fn row<'a, T>(
        &'a self,
        [low, here, high]: [&'a [T]; 3],
        (i, j): (usize, usize),
    ) -> Row<'a, T> {
        let [_, n2, n3] = self.shape;
        let at = |i: usize, j: usize| {
            let first = (i * n2 + j) * n3;
            first..first + n3
        };
        let (before, after) = (if j > 0 { j - 1 } else { n2 - 1 }, (j + 1) % n2);
        Row {
            centre: &here[at(0, j)],
            around: [
                &low[at(0, j)],
                &high[at(0, j)],
                &here[at(0, before)],
                &here[at(0, after)],
            ],
            conductance: [
                if i > 0 {
                    &self.forward[at(i - 1, j)]
                } else {
                    &self.entry[j * n3..(j + 1) * n3]
                },
                &self.forward[at(i, j)],
                &self.sideways[at(i, before)],
                &self.sideways[at(i, j)],
            ],
            inward: &self.inward[at(i, j)],
        }
    }
}
