//! How deep each voxel lies in its particle: the exact Euclidean distance map.
//!
//! Squares of distances add up axis by axis: along a row, the map is the lower
//! envelope of one parabola per voxel, found in linear time (P. F. Felzenszwalb
//! and D. P. Huttenlocher, Theory of Computing 8 (2012) 415).

use crate::microstructure::{Microstructure, Phase};
use rayon::prelude::*;

/// Distance from the centre of each voxel of active material to that of the
/// nearest other voxel, m; 0 elsewhere. What lies beyond an image is not known
/// and counts as no surface.
pub(super) fn depths(structure: &Microstructure) -> Vec<f32> {
    let [n1, n2, n3] = structure.shape;
    // Squares are kept in units of the first edge: those in m2 are tiny.
    let unit = structure.spacing[0];
    let line = |axis: usize| Line {
        length: structure.shape[axis],
        square: (structure.spacing[axis] / unit).powi(2),
        periodic: structure.periodic,
    };
    let start = |&phase: &u8| {
        if phase == Phase::ActiveMaterial as u8 {
            f32::INFINITY
        } else {
            0.0
        }
    };
    let mut squares: Vec<f32> = structure.phases.iter().map(start).collect();
    squares.par_chunks_mut(n2 * n3).for_each(|plane| {
        let (along, across) = (line(2), line(1));
        let mut envelope = Envelope::default();
        for row in plane.chunks_mut(n3) {
            envelope.transform(along, row);
        }
        let mut column = vec![0.0; n2];
        for k in 0..n3 {
            for (j, value) in column.iter_mut().enumerate() {
                *value = plane[j * n3 + k];
            }
            envelope.transform(across, &mut column);
            for (j, value) in column.iter().enumerate() {
                plane[j * n3 + k] = *value;
            }
        }
    });
    // Columns through the planes: read side by side, written back in one go.
    let through = line(0);
    let columns: Vec<Vec<f32>> = (0..n2)
        .into_par_iter()
        .map(|j| {
            let mut envelope = Envelope::default();
            let mut block = vec![0.0; n1 * n3];
            for k in 0..n3 {
                let column = &mut block[k * n1..(k + 1) * n1];
                for (i, value) in column.iter_mut().enumerate() {
                    *value = squares[(i * n2 + j) * n3 + k];
                }
                envelope.transform(through, column);
            }
            block
        })
        .collect();
    squares
        .par_chunks_mut(n2 * n3)
        .enumerate()
        .for_each(|(i, plane)| {
            for (j, block) in columns.iter().enumerate() {
                for k in 0..n3 {
                    plane[j * n3 + k] = (f64::from(block[k * n1 + i]).sqrt() * unit) as f32;
                }
            }
        });
    squares
}

/// A row of voxels.
#[derive(Clone, Copy)]
struct Line {
    length: usize,
    /// Square of the distance between neighbours.
    square: f64,
    periodic: bool,
}

/// The lower envelope of parabolas, kept for reuse.
#[derive(Default)]
struct Envelope {
    /// Where the parabolas have their feet, and how high these are.
    feet: Vec<(f64, f64)>,
    /// From where on each is the lowest.
    from: Vec<f64>,
}

impl Envelope {
    /// Replaces `values` by the least of `value + square * distance²` over the row.
    fn transform(&mut self, line: Line, values: &mut [f32]) {
        self.feet.clear();
        self.from.clear();
        let n = line.length;
        // A periodic row is met with its neighbours on both sides.
        let copies = if line.periodic { -1..2 } else { 0..1 };
        for copy in copies {
            let offset = f64::from(copy) * n as f64;
            for (q, &height) in values.iter().enumerate() {
                if height.is_finite() {
                    self.add(q as f64 + offset, f64::from(height), line.square);
                }
            }
        }
        let mut lowest = 0;
        for (p, value) in values.iter_mut().enumerate() {
            let at = p as f64;
            while lowest + 1 < self.feet.len() && self.from[lowest + 1] < at {
                lowest += 1;
            }
            if let Some((foot, height)) = self.feet.get(lowest) {
                *value = (height + line.square * (at - foot).powi(2)) as f32;
            }
        }
    }

    fn add(&mut self, foot: f64, height: f64, square: f64) {
        let mut from = f64::NEG_INFINITY;
        while let (Some(&(last, level)), Some(&begin)) = (self.feet.last(), self.from.last()) {
            // Where the new parabola dips below the last one.
            from = 0.5 * (foot + last) + (height - level) / (2.0 * square * (foot - last));
            if from > begin {
                break;
            }
            self.feet.pop();
            self.from.pop();
            from = f64::NEG_INFINITY;
        }
        self.feet.push((foot, height));
        self.from.push(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    fn random(periodic: bool) -> Microstructure {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let shape = [7, 9, 6];
        let phases = (0..7 * 9 * 6).map(|_| u8::from(random.random::<f64>() < 0.93));
        Microstructure::of_phases(shape, [1e-7, 2e-7, 0.5e-7], periodic, phases.collect())
    }

    #[test]
    fn depths_are_those_of_a_search_over_all_voxels() {
        for periodic in [false, true] {
            let structure = random(periodic);
            let depth = depths(&structure);
            let centre = |v: usize| {
                let ijk = structure.coordinates(v);
                std::array::from_fn(|a| (ijk[a] as f64 + 0.5) * structure.spacing[a])
            };
            let others: Vec<usize> = (0..structure.voxels())
                .filter(|&v| structure.phases[v] == 0)
                .collect();
            assert!(others.len() > 10);
            for v in 0..structure.voxels() {
                let distance = |&w: &usize| {
                    let d = structure.shortest(centre(v), centre(w));
                    d.iter().map(|x| x * x).sum::<f64>().sqrt()
                };
                let nearest = others.iter().map(distance).fold(f64::INFINITY, f64::min);
                assert!(
                    (f64::from(depth[v]) - nearest).abs() < 1e-6 * nearest + 1e-15,
                    "{v}"
                );
            }
        }
    }
}
