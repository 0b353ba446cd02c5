//! Coarse levels: networks of conductances on a grid of boxes.
//!
//! Nearly every box holds one node or none, and links run inside boxes and between
//! neighbours only. So the first node of every box is a cell of a [`Lattice`], whose
//! loops find what flows between these; a box that holds nothing is a cell that
//! conducts nothing. All other nodes have rows of links of their own.

use super::TransportError;
use super::aggregation::{Graph, for_each};
use super::operator::Lattice;
use super::slabs;
use faer::prelude::Solve;
use faer::sparse::linalg::solvers::Llt;
use faer::sparse::{SparseColMat, SymbolicSparseColMat};
use std::ops::Range;

/// The nodes of a grid of boxes: plane by plane the first node of every box, then
/// the others of the plane in the order of their boxes.
pub(super) struct Numbering {
    /// Boxes along the three axes.
    pub(super) boxes: [usize; 3],
    /// First node of each plane, and the number of nodes.
    pub(super) planes: Vec<usize>,
    /// Other nodes before each box, and of all boxes.
    others: Vec<u32>,
}

impl Numbering {
    /// Numbers nodes, given how many each box of each plane has.
    pub(super) fn new(boxes: [usize; 3], counts: &[Vec<u32>]) -> Self {
        let mut numbering = Self {
            boxes,
            planes: vec![0],
            others: vec![0],
        };
        let (mut end, mut others) = (0, 0);
        for counts in counts {
            for &count in counts {
                let more = count.saturating_sub(1);
                others += more;
                end += 1 + more as usize;
                numbering.others.push(others);
            }
            numbering.planes.push(end);
        }
        numbering
    }

    /// Of each box, whether it has no more than one node.
    pub(super) fn singles(&self) -> Vec<bool> {
        let pairs = self.others.windows(2);
        pairs.map(|pair| pair[0] == pair[1]).collect()
    }

    /// Boxes in a plane.
    pub(super) fn plane(&self) -> usize {
        self.boxes[1] * self.boxes[2]
    }

    /// First node of a box in plane `i`.
    #[inline(always)]
    pub(super) fn first(&self, i: usize, index: usize) -> usize {
        self.planes[i] + index - i * self.plane()
    }

    /// The other nodes of a box in plane `i`.
    #[inline(always)]
    pub(super) fn others(&self, i: usize, index: usize) -> Range<usize> {
        let plane = self.plane();
        let before = self.others[i * plane];
        let [start, end] = [self.others[index], self.others[index + 1]]
            .map(|others| self.planes[i] + plane + (others - before) as usize);
        start..end
    }

    /// The box of a node in plane `i` or next to it that is the first of its box.
    pub(super) fn box_near(&self, node: usize, i: usize) -> Option<[usize; 3]> {
        let i = if node < self.planes[i] {
            i - 1
        } else {
            i + usize::from(node >= self.planes[i + 1])
        };
        let (place, length) = (node - self.planes[i], self.boxes[2]);
        (place < self.plane()).then_some([i, place / length, place % length])
    }
}

/// Nodes with conductances between them and to the electrodes.
pub(super) struct Network {
    pub(super) numbering: Numbering,
    /// Between the first nodes of the boxes, and from these to the electrodes.
    pub(super) lattice: Lattice,
    /// One over all conductances of a node; 0 where it has none.
    pub(super) inverse_diagonal: Vec<f32>,
    /// Links of and to the other nodes.
    pub(super) rows: Rows,
    /// A plane of boxes at potential 0.
    pub(super) zero: Vec<f32>,
}

/// Links by rows.
#[derive(Default)]
pub(super) struct Rows {
    /// The nodes that have such links, rising: all that are not the first of their
    /// box, and those linked to them.
    pub(super) nodes: Vec<u32>,
    /// First of these in each plane of boxes, and their number.
    pub(super) planes: Vec<usize>,
    /// First link of each, and the number of links.
    pub(super) start: Vec<u32>,
    /// Node at the other end, and conductance.
    pub(super) links: Vec<(u32, f32)>,
    /// Conductance of each to the electrodes, beyond the lattice's.
    pub(super) ground: Vec<f32>,
    /// Of each box, whether it has no such nodes.
    pub(super) plain: Vec<bool>,
}

impl Network {
    /// Number of nodes, those that carry nothing included.
    pub(super) fn nodes(&self) -> usize {
        self.inverse_diagonal.len()
    }

    /// Number of nodes that carry current.
    pub(super) fn carrying(&self) -> usize {
        self.inverse_diagonal.iter().filter(|&&d| d > 0.0).count()
    }

    /// Visits all nodes and the boxes they are of.
    pub(super) fn each(&self, mut visit: impl FnMut(usize, [usize; 3])) {
        let [b1, b2, b3] = self.numbering.boxes;
        for_each([0..b1, 0..b2, 0..b3], |at| {
            visit(self.first(at), at);
            self.others(at).for_each(|other| visit(other, at));
        });
    }

    /// Visits the links of a node of the box at `at`.
    #[inline]
    pub(super) fn visit(
        &self,
        node: usize,
        [i, j, k]: [usize; 3],
        mut visit: impl FnMut(usize, f32),
    ) {
        let planes = &self.numbering.planes;
        let plane = self.numbering.plane();
        let cell = i * plane + node - planes[i];
        if node - planes[i] < plane {
            self.lattice.links_at(cell, (j, k), |there, g| {
                let i = match there {
                    _ if there < i * plane => i - 1,
                    _ if there >= (i + 1) * plane => i + 1,
                    _ => i,
                };
                visit(self.numbering.first(i, there), g);
            });
            if self.rows.plain[cell] {
                return;
            }
        }
        if let Some(row) = self.rows.find(i, node) {
            for &(there, g) in self.rows.of(row) {
                visit(there as usize, g);
            }
        }
    }

    /// Conductance to the electrodes of a node of the box at `at`.
    pub(super) fn ground(&self, node: usize, [i, ..]: [usize; 3]) -> f32 {
        let place = node - self.numbering.planes[i];
        if place < self.numbering.plane() {
            return self.lattice.ground(i * self.numbering.plane() + place);
        }
        let row = self.rows.find(i, node);
        row.map_or(0.0, |row| self.rows.ground[row])
    }

    /// Currents leaving the nodes of plane `i` of boxes at the potentials `field`.
    #[inline(always)]
    pub(super) fn outflow(&self, i: usize, field: &[f32], out: &mut [f32]) {
        let Numbering { boxes, planes, .. } = &self.numbering;
        let [b1, b2, b3] = *boxes;
        let at = |i: usize| &field[planes[i]..][..b2 * b3];
        let around = [
            if i > 0 { at(i - 1) } else { &*self.zero },
            at(i),
            if i + 1 < b1 { at(i + 1) } else { &*self.zero },
        ];
        out.fill(0.0);
        for (j, out) in out[..b2 * b3].chunks_mut(b3).enumerate() {
            let row = self.lattice.row(around, (i, j));
            for stretch in self.lattice.stretches.of(i * b2 + j) {
                row.outflow(stretch.clone(), &mut out[stretch]);
            }
        }
        self.rows.outflow(i, (field, planes[i]), out);
    }

    /// `image = A field`; returns `field . image`.
    pub(super) fn apply(&self, field: &[f32], image: &mut [f32]) -> f64 {
        let planes = &self.numbering.planes;
        slabs::sum(
            slabs::split(image, planes),
            self.nodes(),
            #[inline(always)]
            |i, image| {
                self.outflow(i, field, image);
                slabs::dot(&field[planes[i]..planes[i + 1]], image)
            },
        )
    }
}

impl Rows {
    /// The links of a row.
    fn of(&self, row: usize) -> &[(u32, f32)] {
        &self.links[self.start[row] as usize..self.start[row + 1] as usize]
    }

    /// The row of a node in plane `i`, where it has one.
    fn find(&self, i: usize, node: usize) -> Option<usize> {
        let (first, end) = (self.planes[i], self.planes[i + 1]);
        let row = self.nodes[first..end].binary_search(&(node as u32));
        row.ok().map(|row| first + row)
    }

    /// Adds the currents leaving the nodes of plane `i`, of which the first is `base`.
    fn outflow(&self, i: usize, (field, base): (&[f32], usize), out: &mut [f32]) {
        for row in self.planes[i]..self.planes[i + 1] {
            let node = self.nodes[row] as usize;
            let here = field[node];
            let mut sum = self.ground[row] * here;
            for &(there, g) in self.of(row) {
                sum += g * (here - field[there as usize]);
            }
            out[node - base] += sum;
        }
    }
}

/// The coarsest network, factorised.
pub(super) struct Coarsest {
    factor: Llt<usize, f64>,
    /// The nodes that carry current.
    nodes: Vec<usize>,
    /// All nodes.
    count: usize,
}

/// Largest relative residual of a trial solution that the factors may leave.
const FACTOR_RESIDUAL: f64 = 1e-6;

impl Coarsest {
    /// Assembles and factorises the network (Cholesky, on one thread), and
    /// checks the factors on a trial right-hand side.
    pub(super) fn new(network: &Network) -> Result<Self, TransportError> {
        let mut carrying = Vec::new();
        network.each(|node, at| {
            if network.inverse_diagonal[node] > 0.0 {
                carrying.push((node, at));
            }
        });
        carrying.sort_unstable();
        let nodes = carrying.len();
        let fail = |reason: String| TransportError::Factorisation { nodes, reason };
        let mut triplets = sprs::TriMat::<f64>::new((nodes, nodes));
        for (index, &(node, at)) in carrying.iter().enumerate() {
            let mut diagonal = f64::from(network.ground(node, at));
            network.visit(node, at, |there, g| {
                // The two ends may differ in the last bit of a sum; the lower
                // triangle, which alone is read, takes part in both.
                let g = f64::from(g);
                diagonal += g;
                if let Ok(there) = carrying.binary_search_by_key(&there, |&(node, _)| node) {
                    triplets.add_triplet(index, there, -g);
                }
            });
            triplets.add_triplet(index, index, diagonal);
        }
        let matrix: sprs::CsMat<f64> = triplets.to_csc();
        let (columns, rows, values) = matrix.clone().into_raw_storage();
        let symbolic = SymbolicSparseColMat::new_checked(nodes, nodes, columns, None, rows);
        let factor = SparseColMat::new(symbolic, values)
            .sp_cholesky(faer::Side::Lower)
            .map_err(|error| fail(error.to_string()))?;
        let coarsest = Self {
            factor,
            nodes: carrying.into_iter().map(|(node, _)| node).collect(),
            count: network.nodes(),
        };
        let trial: Vec<f32> = (0..nodes).map(|i| 1.0 + (i % 7) as f32).collect();
        let mut currents = vec![0.0; coarsest.count];
        for (&node, &t) in coarsest.nodes.iter().zip(&trial) {
            currents[node] = t;
        }
        let mut potentials = vec![0.0; coarsest.count];
        coarsest.solve(&currents, &mut potentials);
        let answer: Vec<f32> = coarsest
            .nodes
            .iter()
            .map(|&node| potentials[node])
            .collect();
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
        let count = self.nodes.len();
        let mut field = faer::Mat::from_fn(count, 1, |i, _| f64::from(currents[self.nodes[i]]));
        self.factor.solve_in_place(&mut field);
        for (i, &node) in self.nodes.iter().enumerate() {
            potentials[node] = field[(i, 0)] as f32;
        }
    }
}
