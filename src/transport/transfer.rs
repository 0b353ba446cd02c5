//! Between a lattice and its first coarse network: what a cycle reads and writes
//! in every cell, done by rows of boxes.
//!
//! Nearly every box of 2 x 2 x 2 cells holds one node or none. Its node is known
//! without looking at the map of its cells, and a box that holds none has
//! nothing to give: its cells, which carry nothing, leave no residual.

use super::network::Network;
use super::operator::Lattice;
use super::slabs;
use std::ops::Range;

/// The way from the cells of a lattice to the nodes of its first coarse network.
pub(super) struct Finest {
    /// Node of each cell.
    pub(super) map: Vec<u32>,
    /// First cell of each plane of boxes, and their number.
    slabs: Vec<usize>,
    /// Places along their row of the boxes that hold several nodes ...
    divided: Vec<u32>,
    /// ... and the first of these in each row of boxes, and their number.
    row: Vec<usize>,
}

impl Finest {
    /// Takes the map and the slabs of a coarsening.
    pub(super) fn new(network: &Network, map: Vec<u32>, slabs: Vec<usize>) -> Self {
        let length = network.boxes[2];
        let mut divided = Vec::new();
        let mut row = vec![0];
        for start in (0..network.first.len() - 1).step_by(length) {
            let pairs = network.first[start..=start + length].windows(2);
            divided.extend(
                (0u32..)
                    .zip(pairs)
                    .filter_map(|(k, pair)| (pair[1] - pair[0] > 1).then_some(k)),
            );
            row.push(divided.len());
        }
        Self {
            map,
            slabs,
            divided,
            row,
        }
    }
}

/// The cells that one plane of cells has in one row of boxes.
struct BoxRow<'a> {
    /// All of them, one or two rows.
    cells: Range<usize>,
    /// Of one row.
    length: usize,
    /// First node of each box.
    first: &'a [u32],
    /// Boxes that hold several nodes.
    divided: &'a [u32],
}

impl<'a> BoxRow<'a> {
    /// Plane `i` of the cells, row `j` of the boxes.
    fn new(
        lattice: &Lattice,
        network: &'a Network,
        finest: &'a Finest,
        [i, j]: [usize; 2],
    ) -> Self {
        let [_, n2, n3] = lattice.shape;
        let [_, b2, b3] = network.boxes;
        let row = i / 2 * b2 + j;
        Self {
            cells: (i * n2 + 2 * j) * n3..(i * n2 + n2.min(2 * j + 2)) * n3,
            length: n3,
            first: &network.first[row * b3..][..b3],
            divided: &finest.divided[finest.row[row]..finest.row[row + 1]],
        }
    }

    /// Cells of a box.
    fn inside(&self, k: u32) -> impl Iterator<Item = usize> {
        let k = 2 * k as usize;
        let along = k..self.length.min(k + 2);
        let rows = self.cells.clone().step_by(self.length);
        rows.flat_map(move |start| along.clone().map(move |k| start + k))
    }
}

/// The planes of cells in plane `i` of the boxes.
fn planes_of(lattice: &Lattice, i: usize) -> Range<usize> {
    2 * i..lattice.shape[0].min(2 * i + 2)
}

/// Sums the residual that `field` leaves of `residual` over the cells of every
/// node; the nodes of each plane of boxes start at `planes`.
pub(super) fn restrict(
    lattice: &Lattice,
    finest: &Finest,
    network: &Network,
    (residual, field): (&[f32], &[f32]),
    (coarse, planes): (&mut [f32], &[usize]),
) {
    let [_, n2, n3] = lattice.shape;
    let zero = vec![0.0f32; n3];
    let slabs = slabs::split(coarse, planes);
    slabs::sum(slabs, lattice.cells(), |plane, coarse| {
        coarse.fill(0.0);
        let mut left = vec![0.0f32; 2 * n3];
        for i in planes_of(lattice, plane) {
            for j in 0..network.boxes[1] {
                let boxes = BoxRow::new(lattice, network, finest, [i, j]);
                let left = &mut left[..boxes.cells.len()];
                for (out, j) in left.chunks_mut(n3).zip(2 * j..n2) {
                    lattice.row(field, (i, j), &zero, &zero).outflow(out);
                }
                for (left, r) in left.iter_mut().zip(&residual[boxes.cells.clone()]) {
                    *left = r - *left;
                }
                sum_row(&boxes, &finest.map, left, (coarse, planes[plane]));
            }
        }
        0.0
    });
}

/// Adds what the cells of a row of boxes hold to their nodes, of which the first
/// in `coarse` is `base`.
fn sum_row(boxes: &BoxRow, map: &[u32], cells: &mut [f32], (coarse, base): (&mut [f32], usize)) {
    let start = boxes.cells.start;
    for k in boxes.divided.iter().copied() {
        for cell in boxes.inside(k) {
            coarse[map[cell] as usize - base] += std::mem::take(&mut cells[cell - start]);
        }
    }
    let Some(last) = coarse.len().checked_sub(1) else {
        return;
    };
    let (row, second) = cells.split_at_mut(boxes.length);
    for (sum, other) in row.iter_mut().zip(second) {
        *sum += *other;
    }
    // A box without nodes, whose cells hold nothing, names the next node.
    let mut add = |node: u32, sum| coarse[(node as usize - base).min(last)] += sum;
    let (pairs, odd) = row.as_chunks::<2>();
    for ([a, b], &node) in pairs.iter().zip(boxes.first) {
        add(node, a + b);
    }
    for (&sum, &node) in odd.iter().zip(boxes.first.last()) {
        add(node, sum);
    }
}

/// Adds to every cell the correction of its node.
pub(super) fn prolong(
    lattice: &Lattice,
    finest: &Finest,
    network: &Network,
    correction: &[f32],
    field: &mut [f32],
) {
    let n3 = lattice.shape[2];
    let last = network.nodes() - 1;
    let slabs = slabs::split(field, &finest.slabs);
    slabs::sum(slabs, lattice.cells(), |plane, field| {
        let base = finest.slabs[plane];
        let mut values = vec![0.0f32; n3.next_multiple_of(2)];
        for i in planes_of(lattice, plane) {
            for j in 0..network.boxes[1] {
                let boxes = BoxRow::new(lattice, network, finest, [i, j]);
                for (pair, &node) in values.chunks_mut(2).zip(boxes.first) {
                    pair.fill(correction[(node as usize).min(last)]);
                }
                for k in boxes.divided.iter().copied() {
                    let first = boxes.first[k as usize] as usize;
                    for cell in boxes.inside(k) {
                        let node = finest.map[cell] as usize;
                        field[cell - base] += correction[node] - correction[first];
                    }
                }
                let cells = boxes.cells.start - base..boxes.cells.end - base;
                for row in field[cells].chunks_mut(n3) {
                    for (x, value) in row.iter_mut().zip(&values) {
                        *x += value;
                    }
                }
            }
        }
        0.0
    });
}
