//! Coarsening: the cells of a box of 2 x 2 x 2 are shorted together where they
//! are strongly coupled, which leaves a smaller network of the same kind.
//!
//! A pair may be merged when the conductance between the two is at least
//! [`STRONG`] of the smaller of their total conductances: then the error between
//! them is one that smoothing removes (Y. Notay, SIAM J. Sci. Comput. 34 (2012)
//! A2288, bounds the two-grid condition number by such local quotients); a link to a much
//! better conductor has to carry more (`parts.rs`). Pairs
//! are merged best first and the totals updated after each, so that two good
//! conductors are never joined through a poor one. Keeping to boxes keeps planes
//! together, which fixes the order of every sum; a box holds as many nodes as it
//! has parts that must stay apart.

use super::links::sum_links;
use super::network::{Network, Numbering};
use super::operator::Lattice;
use super::parts::Parts;
use super::slabs;
use rayon::prelude::*;
use std::ops::Range;

/// Smallest share of the lesser total conductance that a link must carry for
/// its two ends to be merged. In a uniform cube the first pair has 1/6.
pub(super) const STRONG: f64 = 0.1;

/// Something that can be coarsened: a lattice or a network.
pub(super) trait Graph: Sync {
    /// The links between the first nodes of the boxes (of the cells, which are their own
    /// boxes).
    fn lattice(&self) -> &Lattice;
    /// The first node of the box at `at`.
    fn first(&self, at: [usize; 3]) -> usize;
    /// The other nodes of a box.
    fn others(&self, at: [usize; 3]) -> Range<usize>;
    /// Whether the lattice has all links of a box, and so all of its nodes.
    fn is_plain(&self, at: [usize; 3]) -> bool;
    /// First node of plane `i` of the boxes; of the one after the last, the number of nodes.
    fn plane(&self, i: usize) -> usize;
    /// One over all conductances of a node; 0 where it carries nothing.
    fn inverse_diagonal(&self, node: usize) -> f32;
    /// Visits the links of a node of the box at `at`.
    fn visit(&self, node: usize, at: [usize; 3], visit: impl FnMut(usize, f32));
    /// Conductance to the electrodes of a node of the box at `at`.
    fn ground(&self, node: usize, at: [usize; 3]) -> f32;

    /// Boxes along the three axes.
    fn boxes(&self) -> [usize; 3] {
        self.lattice().shape
    }
    /// Whether a node carries current.
    fn carries(&self, node: usize) -> bool {
        self.inverse_diagonal(node) > 0.0
    }
    /// Visits the nodes of a block of boxes that carry current, and the boxes they are of.
    #[inline]
    fn carrying(&self, block: [Range<usize>; 3], mut visit: impl FnMut(usize, [usize; 3])) {
        for_each(block, |at| {
            let nodes = std::iter::once(self.first(at)).chain(self.others(at));
            for node in nodes.filter(|&node| self.carries(node)) {
                visit(node, at);
            }
        });
    }
    /// Whether all nodes of these boxes are plainly one part: every link
    /// between neighbours is strong. May say no where the long way would say yes.
    fn is_solid(&self, block: [Range<usize>; 3]) -> bool {
        let mut least_inverse = f32::INFINITY;
        let mut is_plain = true;
        for_each(block.clone(), |at| {
            is_plain &= self.is_plain(at);
            least_inverse = least_inverse.min(self.inverse_diagonal(self.first(at)));
        });
        is_plain
            && least_inverse > 0.0
            && self.lattice().weakest(block) * least_inverse >= STRONG as f32
    }
}

impl Graph for Lattice {
    fn lattice(&self) -> &Lattice {
        self
    }
    fn first(&self, [i, j, k]: [usize; 3]) -> usize {
        (i * self.shape[1] + j) * self.shape[2] + k
    }
    fn others(&self, _: [usize; 3]) -> Range<usize> {
        0..0
    }
    fn is_plain(&self, _: [usize; 3]) -> bool {
        true
    }
    fn plane(&self, i: usize) -> usize {
        i * self.plane()
    }
    fn inverse_diagonal(&self, node: usize) -> f32 {
        self.inverse_diagonal[node]
    }
    #[inline]
    fn visit(&self, node: usize, [_, j, k]: [usize; 3], visit: impl FnMut(usize, f32)) {
        self.links_at(node, (j, k), visit);
    }
    fn ground(&self, node: usize, _: [usize; 3]) -> f32 {
        self.ground(node)
    }
}

impl Graph for Network {
    fn lattice(&self) -> &Lattice {
        &self.lattice
    }
    #[inline]
    fn first(&self, [i, j, k]: [usize; 3]) -> usize {
        self.numbering.planes[i] + j * self.numbering.boxes[2] + k
    }
    #[inline]
    fn others(&self, [i, j, k]: [usize; 3]) -> Range<usize> {
        let [_, b2, b3] = self.numbering.boxes;
        self.numbering.others(i, (i * b2 + j) * b3 + k)
    }
    fn is_plain(&self, [i, j, k]: [usize; 3]) -> bool {
        let [_, b2, b3] = self.numbering.boxes;
        self.rows.plain[(i * b2 + j) * b3 + k]
    }
    fn plane(&self, i: usize) -> usize {
        self.numbering.planes[i]
    }
    fn inverse_diagonal(&self, node: usize) -> f32 {
        self.inverse_diagonal[node]
    }
    #[inline]
    fn visit(&self, node: usize, at: [usize; 3], visit: impl FnMut(usize, f32)) {
        self.visit(node, at, visit);
    }
    fn ground(&self, node: usize, at: [usize; 3]) -> f32 {
        self.ground(node, at)
    }
}

/// A coarser network and the way to it.
pub(super) struct Coarsening {
    /// The coarse network.
    pub(super) network: Network,
    /// Coarse node of each fine node. A fine node that carries nothing has some
    /// coarse node too; it neither gives nor takes anything of weight.
    pub(super) map: Vec<u32>,
    /// First fine node of each plane of coarse boxes, and their number.
    pub(super) slabs: Vec<usize>,
}

/// Coarsens once.
pub(super) fn coarsen(graph: &impl Graph) -> Coarsening {
    let fine = graph.boxes();
    let boxes = fine.map(|n| n.div_ceil(2));
    let slab_offsets: Vec<usize> = (0..=boxes[0])
        .map(|i| graph.plane((2 * i).min(fine[0])))
        .collect();
    let nodes = slab_offsets[boxes[0]];
    let mut map = vec![0u32; nodes];
    // First the parts of each box, numbered from 0 in each plane of boxes ...
    let counts: Vec<Vec<u32>> = slabs::split(&mut map, &slab_offsets)
        .into_par_iter()
        .enumerate()
        .map(|(i, map)| number_plane(graph, boxes, i, map, slab_offsets[i]))
        .collect();
    // ... then through the whole grid ...
    let numbering = Numbering::new(boxes, &counts);
    slabs::split(&mut map, &slab_offsets)
        .into_par_iter()
        .zip(&numbering.planes)
        .for_each(|(map, &before)| {
            for node in map {
                *node += before as u32;
            }
        });
    // ... and their links summed.
    Coarsening {
        network: sum_links(graph, numbering, &map),
        map,
        slabs: slab_offsets,
    }
}

/// The fine boxes inside coarse box (i, j, k), along each axis.
pub(super) fn block(fine: [usize; 3], coarse: [usize; 3]) -> [Range<usize>; 3] {
    [0, 1, 2].map(|a| 2 * coarse[a]..(2 * coarse[a] + 2).min(fine[a]))
}

/// Visits the boxes of a block.
#[inline]
pub(super) fn for_each([i, j, k]: [Range<usize>; 3], mut visit: impl FnMut([usize; 3])) {
    for i in i {
        for j in j.clone() {
            for k in k.clone() {
                visit([i, j, k]);
            }
        }
    }
}

/// Numbers the parts of every box in plane `i` as [`Numbering`] wants them; returns
/// how many each box has.
fn number_plane(
    graph: &impl Graph,
    boxes: [usize; 3],
    i: usize,
    map: &mut [u32],
    offset: usize,
) -> Vec<u32> {
    let plane = boxes[1] * boxes[2];
    let mut counts = Vec::with_capacity(plane);
    let mut parts = Parts::default();
    let mut others = plane as u32;
    for j in 0..boxes[1] {
        for k in 0..boxes[2] {
            let first = (j * boxes[2] + k) as u32;
            let block = block(graph.boxes(), [i, j, k]);
            for_each(block.clone(), |at| {
                map[graph.first(at) - offset] = first;
                for other in graph.others(at) {
                    map[other - offset] = first;
                }
            });
            if graph.is_solid(block.clone()) {
                counts.push(1);
                continue;
            }
            let count = parts.find(graph, block);
            for (&node, &part) in parts.nodes.iter().zip(&parts.part) {
                if let Some(other) = part.checked_sub(1) {
                    map[node - offset] = others + other;
                }
            }
            counts.push(count);
            others += count.saturating_sub(1);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::super::medium::{Medium, Sides, Turned};
    use super::super::{Axis, TransportError};
    use super::*;

    fn lattice(shape: [usize; 3], conductivity: &[f32]) -> Result<Lattice, TransportError> {
        let medium = Medium {
            shape,
            spacing: [1.0; 3],
            conductivity,
            boundaries: None,
            inclusions: None,
            open: None,
            sides: Sides::NoFlux,
        };
        let turned = Turned::new(&medium, Axis::First);
        Ok(Lattice::new(&medium, turned)?.expect("it spans"))
    }

    #[test]
    fn a_uniform_block_is_halved_along_every_axis() {
        let fine = lattice([6, 4, 5], &[1.0; 120]).unwrap();
        let coarse = coarsen(&fine);
        assert_eq!(coarse.network.numbering.boxes, [3, 2, 3]);
        assert_eq!(coarse.network.nodes(), 18);
        // Faces of four cells between full boxes.
        let mut links = 0;
        coarse.network.visit(0, [0; 3], |_, g| {
            assert!((g - 4.0).abs() < 1e-6);
            links += 1;
        });
        assert_eq!(links, 3);
        // The electrodes keep all their conductance: 2 per cell and face.
        let ground: f32 = (0..18)
            .map(|node| {
                coarse
                    .network
                    .ground(node, [node / 6, node / 3 % 2, node % 3])
            })
            .sum();
        assert!((ground - 2.0 * 2.0 * 20.0).abs() < 1e-4);
    }

    #[test]
    fn good_conductors_are_not_joined_through_a_poor_one() {
        // Two rods in one box, corner to corner, in a poor matrix.
        let values: Vec<f32> = (0..4 * 2 * 2)
            .map(|v| if matches!(v % 4, 0 | 3) { 1e6 } else { 1.0 })
            .collect();
        let coarse = coarsen(&lattice([4, 2, 2], &values).unwrap());
        assert!(coarse.map[0] == coarse.map[4] && coarse.map[3] == coarse.map[7]);
        assert_ne!(coarse.map[0], coarse.map[3]);
    }

    #[test]
    fn parts_that_do_not_touch_stay_apart() {
        // Two rods separated by nothing at all.
        let values: Vec<f32> = (0..4 * 3)
            .map(|v| if v % 3 == 1 { 0.0 } else { 1.0 })
            .collect();
        let coarse = coarsen(&lattice([4, 1, 3], &values).unwrap());
        assert_eq!(coarse.network.carrying(), 4);
        let mut links = 0;
        coarse
            .network
            .each(|node, at| coarse.network.visit(node, at, |_, _| links += 1));
        assert_eq!(links, 4, "one link along each rod, seen from both ends");
    }

    #[test]
    fn conductors_tied_to_an_electrode_are_merged_with_each_other_only() {
        // Two good cells on the low electrode, corner to corner.
        let values: Vec<f32> = (0..4 * 2 * 2)
            .map(|v| if matches!(v, 0 | 3) { 1e6 } else { 1.0 })
            .collect();
        let coarse = coarsen(&lattice([4, 2, 2], &values).unwrap());
        assert_eq!(coarse.map[0], coarse.map[3]);
        for other in [1, 2, 4, 5, 6, 7] {
            assert_ne!(coarse.map[0], coarse.map[other], "{other}");
        }
    }
}
