//! Coarse levels: general networks of conductances, stored by rows.

use super::TransportError;
use super::slabs;
use faer::prelude::Solve;
use faer::sparse::linalg::solvers::Llt;
use faer::sparse::{SparseColMat, SymbolicSparseColMat};

/// Links of a node that are stored side by side, so that summing them takes no
/// branch: as many as a box has faces. A solve of overlapping spheres at 128^3
/// (5.3 links per node, 80 of 817 300 in excess) took 0.71 s, with rows of their
/// own length 0.77 s.
pub(super) const NEAR: usize = 6;

/// Nodes with conductances between them and to the electrodes, ordered by the
/// boxes of a coarse grid.
pub(super) struct Network {
    /// Boxes along the three axes.
    pub(super) boxes: [usize; 3],
    /// First node of each box, and the number of nodes.
    pub(super) first: Vec<u32>,
    /// The first links of each node; where it has fewer, links of conductance
    /// 0 to itself.
    pub(super) near: Vec<[(u32, f32); NEAR]>,
    /// First of the remaining links of each node, and their number.
    pub(super) row: Vec<u32>,
    /// The remaining links.
    pub(super) more: Vec<(u32, f32)>,
    /// To the electrodes.
    pub(super) ground: Vec<f32>,
    /// One over all conductances of a node.
    pub(super) inverse_diagonal: Vec<f32>,
}

impl Network {
    /// Number of nodes.
    pub(super) fn nodes(&self) -> usize {
        self.ground.len()
    }

    /// Nodes of a box.
    pub(super) fn members(&self, index: usize) -> std::ops::Range<usize> {
        self.first[index] as usize..self.first[index + 1] as usize
    }

    /// First node of each plane of boxes, and the number of nodes.
    pub(super) fn plane_offsets(&self) -> Vec<usize> {
        let plane = self.boxes[1] * self.boxes[2];
        self.first
            .iter()
            .step_by(plane)
            .map(|&node| node as usize)
            .collect()
    }

    /// The links of a node.
    #[inline]
    pub(super) fn links(&self, node: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let more = self.row[node] as usize..self.row[node + 1] as usize;
        self.near[node]
            .iter()
            .filter(|(_, g)| *g > 0.0)
            .chain(&self.more[more])
            .map(|&(there, g)| (there as usize, g))
    }

    /// Currents leaving the nodes from `first` on at the potentials `field`.
    pub(super) fn outflow(&self, first: usize, field: &[f32], out: &mut [f32]) {
        let nodes = first..first + out.len();
        for (((out, near), ground), &here) in out
            .iter_mut()
            .zip(&self.near[nodes.clone()])
            .zip(&self.ground[nodes.clone()])
            .zip(&field[nodes.clone()])
        {
            let mut sum = ground * here;
            for &(there, g) in near {
                sum += g * (here - field[there as usize]);
            }
            *out = sum;
        }
        if self.row[nodes.start] == self.row[nodes.end] {
            return;
        }
        for (out, node) in out.iter_mut().zip(nodes) {
            let more = self.row[node] as usize..self.row[node + 1] as usize;
            for &(there, g) in &self.more[more] {
                *out += g * (field[node] - field[there as usize]);
            }
        }
    }

    /// `image = A field`; returns `field . image`.
    pub(super) fn apply(&self, offsets: &[usize], field: &[f32], image: &mut [f32]) -> f64 {
        slabs::sum(
            slabs::split(image, offsets),
            self.nodes(),
            |plane, image| {
                let first = offsets[plane];
                self.outflow(first, field, image);
                slabs::dot(&field[first..first + image.len()], image)
            },
        )
    }
}

/// The coarsest network, factorised.
pub(super) struct Coarsest {
    factor: Llt<usize, f64>,
    nodes: usize,
}

/// Largest relative residual of a trial solution that the factors may leave.
const FACTOR_RESIDUAL: f64 = 1e-6;

impl Coarsest {
    /// Assembles and factorises the network (Cholesky, on one thread), and
    /// checks the factors on a trial right-hand side.
    pub(super) fn new(network: &Network) -> Result<Self, TransportError> {
        let nodes = network.nodes();
        let fail = |reason: String| TransportError::Factorisation { nodes, reason };
        let mut triplets = sprs::TriMat::<f64>::new((nodes, nodes));
        for node in 0..nodes {
            let mut diagonal = f64::from(network.ground[node]);
            for (there, g) in network.links(node) {
                // The two ends may differ in the last bit of a sum; the lower
                // triangle, which alone is read, takes part in both.
                let g = f64::from(g);
                diagonal += g;
                triplets.add_triplet(node, there, -g);
            }
            triplets.add_triplet(node, node, diagonal);
        }
        let matrix: sprs::CsMat<f64> = triplets.to_csc();
        let (columns, rows, values) = matrix.clone().into_raw_storage();
        let symbolic = SymbolicSparseColMat::new_checked(nodes, nodes, columns, None, rows);
        let factor = SparseColMat::new(symbolic, values)
            .sp_cholesky(faer::Side::Lower)
            .map_err(|error| fail(error.to_string()))?;
        let coarsest = Self { factor, nodes };
        let trial: Vec<f32> = (0..nodes).map(|i| 1.0 + (i % 7) as f32).collect();
        let mut answer = vec![0.0; nodes];
        coarsest.solve(&trial, &mut answer);
        let worst = matrix
            .outer_iterator()
            .zip(&trial)
            .map(|(column, &t)| {
                let image: f64 = column
                    .iter()
                    .map(|(row, &value)| value * f64::from(answer[row]))
                    .sum();
                (image - f64::from(t)).abs()
            })
            .fold(0.0, f64::max);
        let largest = matrix.data().iter().fold(0.0f64, |m, v| m.max(v.abs()))
            * answer
                .iter()
                .fold(0.0f64, |m, &v| m.max(f64::from(v.abs())));
        if worst.is_nan() || worst > FACTOR_RESIDUAL * largest.max(1.0) {
            return Err(fail(format!(
                "a trial solution leaves a residual of {worst:.1e}"
            )));
        }
        Ok(coarsest)
    }

    /// Solves for the potentials at given currents.
    pub(super) fn solve(&self, currents: &[f32], potentials: &mut [f32]) {
        let mut field = faer::Mat::from_fn(self.nodes, 1, |i, _| f64::from(currents[i]));
        self.factor.solve_in_place(&mut field);
        for (i, potential) in potentials.iter_mut().enumerate() {
            *potential = field[(i, 0)] as f32;
        }
    }
}
