//! The links of a coarse network: sums over the links of the finer one.
//!
//! Nearly every box has one node, and so have those around it. Its links are sums over
//! faces of the finer lattice, which are done for all boxes at once (`faces`); the others
//! are gathered link by link.

use super::aggregation::{Graph, block, for_each};
use super::faces::Faces;
use super::network::{Network, Numbering, Rows};
use super::operator::Lattice;
use super::slabs;
use rayon::prelude::*;

/// The coarse network with the nodes of `numbering`, of which each fine node's is in `map`.
pub(super) fn sum_links(graph: &impl Graph, numbering: Numbering, map: &[u32]) -> Network {
    let boxes = numbering.boxes;
    let plane = numbering.plane();
    let mut lattice = Lattice::unlinked(boxes);
    let mut inverse_diagonal = vec![0.0; *numbering.planes.last().unwrap_or(&0)];
    let mut further: Vec<Further> = lattice
        .forward
        .par_chunks_mut(plane)
        .zip(lattice.sideways.par_chunks_mut(plane))
        .zip(lattice.inward.par_chunks_mut(plane))
        .zip(slabs::split(&mut inverse_diagonal, &numbering.planes))
        .enumerate()
        .map(|(i, (((forward, sideways), inward), inverse_diagonal))| {
            let mut rows = Plane {
                i,
                numbering: &numbering,
                faces: [forward, sideways, inward],
                inverse_diagonal,
                further: Further::default(),
                others: Further::default(),
                work: Vec::new(),
            };
            rows.sum(graph, map);
            rows.further
        })
        .collect();
    lattice.entry = std::mem::take(&mut further[0].entry);
    let mut first_nodes = vec![0.0f32; boxes[0] * plane];
    for (i, cells) in first_nodes.chunks_mut(plane).enumerate() {
        cells.copy_from_slice(&inverse_diagonal[numbering.planes[i]..][..plane]);
    }
    lattice.carry(&first_nodes);
    let rows = join(further, &numbering);
    Network {
        numbering,
        lattice,
        inverse_diagonal,
        rows,
        zero: vec![0.0; plane],
    }
}

/// Puts the rows of all planes together.
fn join(further: Vec<Further>, numbering: &Numbering) -> Rows {
    let mut rows = Rows {
        planes: vec![0],
        start: vec![0],
        plain: numbering.singles(),
        ..Rows::default()
    };
    let mut end = 0;
    for (i, plane) in further.into_iter().enumerate() {
        let boxes = numbering.plane();
        for &node in &plane.nodes {
            let place = node as usize - numbering.planes[i];
            if place < boxes {
                rows.plain[i * boxes + place] = false;
            }
        }
        rows.nodes.extend(plane.nodes);
        rows.planes.push(rows.nodes.len());
        for length in plane.length {
            end += length;
            rows.start.push(end);
        }
        rows.links.extend(plane.links);
        rows.ground.extend(plane.ground);
    }
    rows
}

/// The coarse network in one plane of boxes.
struct Plane<'a> {
    i: usize,
    numbering: &'a Numbering,
    /// Towards the next plane, row and box.
    faces: [&'a mut [f32]; 3],
    inverse_diagonal: &'a mut [f32],
    /// Beyond the faces: of the first nodes of the boxes, in the end of all ...
    further: Further,
    /// ... and of the other nodes, which come after these.
    others: Further,
    /// Work space: the nodes of one box.
    work: Vec<Sums>,
}

/// Sums over the members of a node.
#[derive(Default)]
struct Sums {
    links: Vec<(u32, f64)>,
    ground: f64,
}

/// What one plane has beyond its faces.
#[derive(Default)]
struct Further {
    /// Conductances to the low electrode, in the first plane.
    entry: Vec<f32>,
    /// Nodes with rows of links, the number of these, and the links.
    nodes: Vec<u32>,
    length: Vec<u32>,
    links: Vec<(u32, f32)>,
    ground: Vec<f32>,
}

fn add(sums: &mut Vec<(u32, f64)>, node: u32, conductance: f32) {
    match sums.iter_mut().find(|(there, _)| *there == node) {
        Some((_, sum)) => *sum += f64::from(conductance),
        None => sums.push((node, f64::from(conductance))),
    }
}

impl Plane<'_> {
    /// Sums the links of all nodes of the plane.
    fn sum(&mut self, graph: &impl Graph, map: &[u32]) {
        let boxes = self.numbering.boxes;
        let faces = Faces::sum(graph.lattice(), boxes, self.i, &mut self.faces);
        if self.i == 0 {
            self.further.entry.clone_from(&faces.before);
        }
        for j in 0..boxes[1] {
            for k in 0..boxes[2] {
                let (at, place) = ([self.i, j, k], j * boxes[2] + k);
                if self.is_simple(graph, at) {
                    self.inverse_diagonal[place] = faces.inverse_diagonal(&self.faces, [j, k]);
                } else {
                    self.faces.iter_mut().for_each(|faces| faces[place] = 0.0);
                    if self.i == 0 {
                        self.further.entry[place] = 0.0;
                    }
                    self.sum_box(graph, map, at);
                }
            }
        }
        self.further.append(std::mem::take(&mut self.others));
    }

    /// Whether all links of a box are faces: it and those around it have one node each,
    /// and the boxes that it is made of have no other links. Of two boxes around a period
    /// of two, the face between them takes all, so that no face will do.
    fn is_simple(&self, graph: &impl Graph, [i, j, k]: [usize; 3]) -> bool {
        let [b1, b2, b3] = self.numbering.boxes;
        if b1 < 2 || b2 < 3 || b3 < 3 {
            return false;
        }
        let around = |x: usize, n: usize| [(x + n - 1) % n, (x + 1) % n];
        let single = |at: [usize; 3]| {
            let index = (at[0] * b2 + at[1]) * b3 + at[2];
            self.numbering.others(at[0], index).is_empty()
        };
        let mut is_simple = single([i, j, k]);
        for [before, after] in [
            around(j, b2).map(|j| [i, j, k]),
            around(k, b3).map(|k| [i, j, k]),
            [i.saturating_sub(1), (i + 1).min(b1 - 1)].map(|i| [i, j, k]),
        ] {
            is_simple = is_simple && single(before) && single(after);
        }
        let mut is_plain = true;
        if is_simple {
            for_each(block(graph.boxes(), [i, j, k]), |at| {
                is_plain &= graph.is_plain(at);
            });
        }
        is_simple && is_plain
    }

    /// Sums the links of the nodes of one box, all in one pass over its inside.
    fn sum_box(&mut self, graph: &impl Graph, map: &[u32], at: [usize; 3]) {
        let [_, b2, b3] = self.numbering.boxes;
        let index = (at[0] * b2 + at[1]) * b3 + at[2];
        let block = block(graph.boxes(), at);
        let others = self.numbering.others(self.i, index);
        let place = |coarse: u32| (coarse as usize + 1).saturating_sub(others.start);
        let mut nodes = std::mem::take(&mut self.work);
        nodes.resize_with((1 + others.len()).max(nodes.len()), Default::default);
        for node in &mut nodes[..=others.len()] {
            node.links.clear();
            node.ground = 0.0;
        }
        let mut carries = false;
        graph.carrying(block, |fine, at| {
            carries = true;
            nodes[place(map[fine])].ground += f64::from(graph.ground(fine, at));
            graph.visit(fine, at, |there, g| {
                // What is inside the node is shorted and vanishes.
                if map[there] != map[fine] {
                    add(&mut nodes[place(map[fine])].links, map[there], g);
                }
            });
        });
        if carries {
            let first = self.numbering.first(self.i, index);
            for (node, sums) in std::iter::once(first).chain(others).zip(&nodes) {
                self.set(at, node, &sums.links, sums.ground);
            }
        }
        self.work = nodes;
    }

    /// Sets the links of a node of the box at `at`.
    fn set(&mut self, at: [usize; 3], node: usize, sums: &[(u32, f64)], ground: f64) {
        let place = node - self.numbering.planes[self.i];
        let total = sums.iter().map(|(_, sum)| sum).sum::<f64>() + ground;
        if total <= 0.0 {
            return;
        }
        self.inverse_diagonal[place] = (1.0 / total) as f32;
        let is_first = place < self.numbering.plane();
        let further = if is_first {
            &mut self.further
        } else {
            &mut self.others
        };
        let before = further.links.len();
        for &(there, sum) in sums {
            let to = self.numbering.box_near(there as usize, self.i);
            match to.filter(|_| is_first) {
                // Each face belongs to the box before it.
                Some(to) => {
                    if let Some(axis) = leads_to(self.numbering.boxes, at, to) {
                        self.faces[axis][place] = sum as f32;
                    }
                }
                None => further.links.push((there, sum as f32)),
            }
        }
        if is_first && self.i == 0 {
            further.entry[place] = ground as f32;
        } else if is_first && ground > 0.0 {
            self.faces[0][place] = ground as f32;
        }
        let length = further.links.len() - before;
        if length > 0 || !is_first {
            further.nodes.push(node as u32);
            further.length.push(length as u32);
            let ground = if is_first { 0.0 } else { ground as f32 };
            further.ground.push(ground);
        }
    }
}

/// The axis across which the box `to` comes next after its neighbour `at`; none if it
/// comes before.
fn leads_to(boxes: [usize; 3], at: [usize; 3], to: [usize; 3]) -> Option<usize> {
    let axis = (0..3).find(|&axis| at[axis] != to[axis])?;
    // Of two boxes around a period of two, the face between them takes all.
    let wraps = boxes[axis] > 2 && at[axis] > to[axis] + 1;
    let next = at[axis] + 1 == to[axis] || wraps;
    next.then_some(axis)
}

impl Further {
    /// Goes on with the rows of another.
    fn append(&mut self, other: Self) {
        self.nodes.extend(other.nodes);
        self.length.extend(other.length);
        self.links.extend(other.links);
        self.ground.extend(other.ground);
    }
}
