//! Between a lattice and its first coarse network: what a cycle reads and writes
//! in every cell, done by rows of boxes.
//!
//! Nearly every box of 2 x 2 x 2 cells holds one node or none. Its node is known
//! without looking at its cells, and a box that holds none has nothing to give:
//! its cells, which carry nothing, leave no residual.

use super::network::{Network, Numbering};
use super::operator::Lattice;
use super::planes::{Ring, TOGETHER};
use super::slabs;
use crate::numerics::wide;
use rayon::prelude::*;
use std::ops::Range;

/// The way from the cells of a lattice to the nodes of its first coarse network.
pub(super) struct Finest {
    /// Places along their row of the boxes that hold several nodes ...
    divided: Vec<u32>,
    /// ... to which of these each of their cells belongs ...
    members: Vec<[u8; 8]>,
    /// ... and the first such box in each row of boxes, and their number.
    row: Vec<usize>,
}

impl Finest {
    /// Takes what is needed from the map of a coarsening.
    pub(super) fn new(lattice: &Lattice, network: &Network, map: &[u32]) -> Self {
        let [n1, n2, n3] = lattice.shape;
        let [b1, b2, b3] = network.numbering.boxes;
        let mut finest = Self {
            divided: Vec::new(),
            members: Vec::new(),
            row: vec![0],
        };
        for row in 0..b1 * b2 {
            let (i, j) = (row / b2, row % b2);
            for k in 0..b3 {
                let others = network.numbering.others(i, row * b3 + k);
                if others.is_empty() {
                    continue;
                }
                let mut members = [0; 8];
                for (place, member) in members.iter_mut().enumerate() {
                    let [i, j, k] = [2 * i + place / 4, 2 * j + place / 2 % 2, 2 * k + place % 2];
                    if i < n1 && j < n2 && k < n3 {
                        let node = map[(i * n2 + j) * n3 + k] as usize;
                        if others.contains(&node) {
                            *member = (1 + node - others.start) as u8;
                        }
                    }
                }
                finest.divided.push(k as u32);
                finest.members.push(members);
            }
            finest.row.push(finest.divided.len());
        }
        finest
    }
}

/// The cells that one plane of cells has in one row of boxes.
struct BoxRow<'a> {
    /// All of them within the plane, one or two rows.
    cells: Range<usize>,
    /// Of one row.
    length: usize,
    /// First nodes of the boxes.
    nodes: Range<usize>,
    /// Boxes that hold several nodes, and to which of these their cells belong.
    divided: &'a [u32],
    members: &'a [[u8; 8]],
    /// Whether it is the second plane of the boxes.
    second: bool,
    numbering: &'a Numbering,
    /// First box.
    start: usize,
}

impl<'a> BoxRow<'a> {
    /// Plane `i` of the cells, row `j` of the boxes.
    #[inline(always)]
    fn new(
        lattice: &Lattice,
        network: &'a Network,
        finest: &'a Finest,
        [i, j]: [usize; 2],
    ) -> Self {
        let [_, n2, n3] = lattice.shape;
        let numbering = &network.numbering;
        let [_, b2, b3] = numbering.boxes;
        let row = i / 2 * b2 + j;
        let first = numbering.first(i / 2, row * b3);
        let divided = finest.row[row]..finest.row[row + 1];
        Self {
            cells: 2 * j * n3..n2.min(2 * j + 2) * n3,
            length: n3,
            nodes: first..first + b3,
            divided: &finest.divided[divided.clone()],
            members: &finest.members[divided],
            second: i % 2 == 1,
            numbering,
            start: row * b3,
        }
    }

    /// Visits the cells of the divided boxes: first node of the box, node of the
    /// cell, and the cell.
    #[inline(always)]
    fn divided(&self, mut visit: impl FnMut(usize, usize, usize)) {
        for (&box_, members) in self.divided.iter().zip(self.members) {
            let index = self.start + box_ as usize;
            let first = self.nodes.start + box_ as usize;
            let others = self
                .numbering
                .others(index / self.numbering.plane(), index)
                .start;
            let members = &members[4 * usize::from(self.second)..];
            for (row, start) in self.cells.clone().step_by(self.length).enumerate() {
                for k in 2 * box_ as usize..self.length.min(2 * box_ as usize + 2) {
                    let node = match members[2 * row + k % 2] {
                        0 => first,
                        other => others + usize::from(other) - 1,
                    };
                    visit(first, node, start + k);
                }
            }
        }
    }
}

/// Sums over the cells of every node the residual that a first Jacobi sweep from
/// zero leaves of `residual`; the nodes of each plane of boxes start at `planes`.
pub(super) fn restrict(
    lattice: &Lattice,
    finest: &Finest,
    network: &Network,
    residual: &[f32],
    (coarse, planes): (&mut [f32], &[usize]),
) {
    let n1 = lattice.shape[0];
    let cells = lattice.plane();
    // Boxes are two planes thick.
    let mut offsets: Vec<usize> = planes.iter().copied().step_by(TOGETHER / 2).collect();
    if (planes.len() - 1) % (TOGETHER / 2) > 0 {
        offsets.extend(planes.last());
    }
    let slab = |ring: &mut Ring, slab: usize, coarse: &mut [f32]| {
        wide(
            #[inline(always)]
            || {
                coarse.fill(0.0);
                let first = slab * TOGETHER;
                let base = offsets[slab];
                ring.walk(
                    first..n1.min(first + TOGETHER),
                    n1,
                    #[inline(always)]
                    |i, out| lattice.sweep(residual, i, out),
                    #[inline(always)]
                    |i, field| {
                        let places = (lattice, finest, network);
                        restrict_plane(places, residual, (i, field), (coarse, base));
                    },
                );
            },
        )
    };
    let slabs = slabs::split(coarse, &offsets);
    slabs.into_par_iter().enumerate().for_each_init(
        || Ring::new(cells),
        |ring, (index, coarse)| slab(ring, index, coarse),
    );
}

/// Adds what plane `i` of a field leaves of the residual to the nodes, of which the
/// first in `coarse` is `base`.
#[inline(always)]
fn restrict_plane(
    (lattice, finest, network): (&Lattice, &Finest, &Network),
    residual: &[f32],
    (i, field): (usize, [&[f32]; 3]),
    (coarse, base): (&mut [f32], usize),
) {
    let [_, n2, n3] = lattice.shape;
    let residual = &residual[i * lattice.plane()..][..lattice.plane()];
    let mut left = vec![0.0f32; 2 * n3];
    for j in 0..network.numbering.boxes[1] {
        let boxes = BoxRow::new(lattice, network, finest, [i, j]);
        let left = &mut left[..boxes.cells.len()];
        left.fill(0.0);
        for (out, j) in left.chunks_mut(n3).zip(2 * j..n2) {
            let row = lattice.row(field, (i, j));
            for stretch in lattice.stretches.of(i * n2 + j) {
                let out = &mut out[stretch.clone()];
                row.outflow(stretch.clone(), out);
                let here = j * n3 + stretch.start..j * n3 + stretch.end;
                slabs::zip(out, [&residual[here]], |out, [r]| r - out);
            }
        }
        sum_row(&boxes, left, (coarse, base));
    }
}

/// Currents from the low electrode, at 1, into the nodes.
pub(super) fn entering(lattice: &Lattice, finest: &Finest, network: &Network) -> Vec<f32> {
    let mut currents = vec![0.0f32; network.nodes()];
    for j in 0..network.numbering.boxes[1] {
        let boxes = BoxRow::new(lattice, network, finest, [0, j]);
        let mut entry = lattice.entry[boxes.cells.clone()].to_vec();
        sum_row(&boxes, &mut entry, (&mut currents, 0));
    }
    currents
}

/// Adds what the cells of a row of boxes hold to their nodes, of which the first
/// in `coarse` is `base`.
#[inline(always)]
fn sum_row(boxes: &BoxRow, cells: &mut [f32], (coarse, base): (&mut [f32], usize)) {
    let start = boxes.cells.start;
    boxes.divided(|_, node, cell| coarse[node - base] += std::mem::take(&mut cells[cell - start]));
    let (row, second) = cells.split_at_mut(boxes.length);
    for (sum, other) in row.iter_mut().zip(second) {
        *sum += *other;
    }
    let coarse = &mut coarse[boxes.nodes.start - base..boxes.nodes.end - base];
    let (pairs, odd) = row.as_chunks::<2>();
    for (sum, [a, b]) in coarse.iter_mut().zip(pairs) {
        *sum += a + b;
    }
    for (sum, value) in coarse.iter_mut().skip(pairs.len()).zip(odd) {
        *sum += value;
    }
}

/// Adds to every cell of plane `i` the correction of its node.
#[inline(always)]
pub(super) fn prolong(
    lattice: &Lattice,
    finest: &Finest,
    network: &Network,
    correction: &[f32],
    (i, field): (usize, &mut [f32]),
) {
    let n3 = lattice.shape[2];
    for j in 0..network.numbering.boxes[1] {
        let boxes = BoxRow::new(lattice, network, finest, [i, j]);
        boxes.divided(|first, node, cell| field[cell] += correction[node] - correction[first]);
        for row in field[boxes.cells.clone()].chunks_mut(n3) {
            let (pairs, odd) = row.as_chunks_mut::<2>();
            let values = &correction[boxes.nodes.clone()];
            for ([a, b], value) in pairs.iter_mut().zip(values) {
                *a += value;
                *b += value;
            }
            for (x, value) in odd.iter_mut().zip(values.last()) {
                *x += value;
            }
        }
    }
}
