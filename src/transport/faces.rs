//! The faces of boxes of 2 x 2 x 2 cells: sums over the faces of their cells, for a whole
//! plane of boxes at once, so that it vectorises.

use super::operator::Lattice;
use crate::numerics::wide;

/// What a plane of boxes has besides the faces that are its own, those towards the
/// next plane, row and box.
pub(super) struct Faces {
    boxes: [usize; 3],
    /// Faces towards the plane before (or the low electrode).
    pub(super) before: Vec<f32>,
}

impl Faces {
    /// Sums the faces of plane `i` of boxes into `faces`, which are 0.
    pub(super) fn sum(
        lattice: &Lattice,
        boxes: [usize; 3],
        i: usize,
        faces: &mut [&mut [f32]; 3],
    ) -> Self {
        let [n1, n2, n3] = lattice.shape;
        let plane = lattice.plane();
        let b3 = boxes[2];
        let mut before = vec![0.0f32; boxes[1] * b3];
        let [forward, sideways, inward] = faces;
        wide(
            #[inline(always)]
            || {
                let of = |i: usize| &lattice.forward[i * plane..(i + 1) * plane];
                let first = if i > 0 { of(2 * i - 1) } else { &lattice.entry };
                let last = of(n1.min(2 * i + 2) - 1);
                for (sums, plane) in [(&mut before[..], first), (&mut **forward, last)] {
                    for (j, row) in plane.chunks(n3).enumerate() {
                        add_pairs(&mut sums[j / 2 * b3..][..b3], row);
                    }
                }
                for cells in 2 * i..n1.min(2 * i + 2) {
                    for j in 0..n2 {
                        let row = (cells * n2 + j) * n3;
                        let boxes = j / 2 * b3..j / 2 * b3 + b3;
                        if j % 2 == 1 || j + 1 == n2 {
                            add_pairs(&mut sideways[boxes.clone()], &lattice.sideways[row..][..n3]);
                        }
                        add_last(&mut inward[boxes], &lattice.inward[row..][..n3]);
                    }
                }
            },
        );
        Self { boxes, before }
    }

    /// One over all conductances of the box at `k` in row `j`; 0 where it has none.
    pub(super) fn inverse_diagonal(
        &self,
        [forward, sideways, inward]: &[&mut [f32]; 3],
        [j, k]: [usize; 2],
    ) -> f32 {
        let [_, b2, b3] = self.boxes;
        let here = j * b3 + k;
        let row_before = (if j > 0 { j - 1 } else { b2 - 1 }) * b3 + k;
        let left = j * b3 + if k > 0 { k - 1 } else { b3 - 1 };
        let along = f64::from(self.before[here]) + f64::from(forward[here]);
        let across = f64::from(sideways[row_before]) + f64::from(sideways[here]);
        let total = along + across + f64::from(inward[left]) + f64::from(inward[here]);
        if total > 0.0 {
            (1.0 / total) as f32
        } else {
            0.0
        }
    }
}

/// Adds the values of pairs of cells to those of their boxes; an odd cell at the end is
/// alone in its box.
#[inline(always)]
fn add_pairs(sums: &mut [f32], row: &[f32]) {
    let (pairs, odd) = row.as_chunks::<2>();
    for (sum, [a, b]) in sums.iter_mut().zip(pairs) {
        *sum += a + b;
    }
    for (sum, value) in sums.iter_mut().skip(pairs.len()).zip(odd) {
        *sum += value;
    }
}

/// Adds the value of the last cell of every box.
#[inline(always)]
fn add_last(sums: &mut [f32], row: &[f32]) {
    let (pairs, odd) = row.as_chunks::<2>();
    for (sum, [_, last]) in sums.iter_mut().zip(pairs) {
        *sum += last;
    }
    for (sum, value) in sums.iter_mut().skip(pairs.len()).zip(odd) {
        *sum += value;
    }
}
