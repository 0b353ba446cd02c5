//! The links of a coarse network: sums over the links of the finer one.

use super::aggregation::{Graph, block, indices};
use super::network::{NEAR, Network};
use super::slabs;
use rayon::prelude::*;

/// The coarse network whose boxes start with the nodes `first`.
pub(super) fn sum_links(
    graph: &impl Graph,
    boxes: [usize; 3],
    first: Vec<u32>,
    map: &[u32],
) -> Network {
    let nodes = first.last().map_or(0, |&n| n as usize);
    let mut network = Network {
        boxes,
        first,
        near: vec![[(0, 0.0); NEAR]; nodes],
        row: Vec::with_capacity(nodes + 1),
        more: Vec::new(),
        ground: vec![0.0; nodes],
        inverse_diagonal: vec![0.0; nodes],
    };
    let offsets = network.plane_offsets();
    let first = &network.first;
    let further: Vec<Further> = slabs::split(&mut network.near, &offsets)
        .into_par_iter()
        .zip(slabs::split(&mut network.ground, &offsets))
        .zip(slabs::split(&mut network.inverse_diagonal, &offsets))
        .enumerate()
        .map(|(i, ((near, ground), inverse_diagonal))| {
            let mut rows = Rows {
                base: offsets[i] as u32,
                near,
                ground,
                inverse_diagonal,
                further: Further::default(),
            };
            sum_plane(graph, boxes, i, (map, first), &mut rows);
            rows.further
        })
        .collect();
    let mut end = 0;
    network.row.push(end);
    for Further { length, links } in further {
        for length in length {
            end += length;
            network.row.push(end);
        }
        network.more.extend(links);
    }
    network
}

/// The rows of the coarse network of one plane of boxes.
struct Rows<'a> {
    /// First node.
    base: u32,
    near: &'a mut [[(u32, f32); NEAR]],
    ground: &'a mut [f32],
    inverse_diagonal: &'a mut [f32],
    further: Further,
}

/// Links that do not fit side by side, and how many each node has.
#[derive(Default)]
struct Further {
    length: Vec<u32>,
    links: Vec<(u32, f32)>,
}

/// Sums the links of the nodes in plane `i` of the coarse boxes.
fn sum_plane(
    graph: &impl Graph,
    boxes: [usize; 3],
    i: usize,
    (map, first): (&[u32], &[u32]),
    rows: &mut Rows,
) {
    let mut sums: Vec<(u32, f64)> = Vec::new();
    for j in 0..boxes[1] {
        for k in 0..boxes[2] {
            let index = (i * boxes[1] + j) * boxes[2] + k;
            for coarse in first[index]..first[index + 1] {
                sums.clear();
                let block = block(graph.boxes(), [i, j, k]);
                let mut ground = 0.0f64;
                for child in indices(graph.boxes(), block.clone()) {
                    for node in graph.members(child) {
                        if map[node] == coarse && graph.carries(node) {
                            ground += f64::from(graph.ground(node));
                        }
                    }
                }
                graph.visit_block(block, |node, there, g| {
                    // What is inside the node is shorted and vanishes.
                    if map[node] == coarse && map[there] != coarse {
                        add(&mut sums, map[there], g);
                    }
                });
                rows.push(coarse, &sums, ground);
            }
        }
    }
}

fn add(sums: &mut Vec<(u32, f64)>, node: u32, conductance: f32) {
    match sums.iter_mut().find(|(there, _)| *there == node) {
        Some((_, sum)) => *sum += f64::from(conductance),
        None => sums.push((node, f64::from(conductance))),
    }
}

impl Rows<'_> {
    /// Sets the row of a node; the nodes must come in their order.
    fn push(&mut self, node: u32, sums: &[(u32, f64)], ground: f64) {
        let (row, before) = ((node - self.base) as usize, self.further.links.len());
        let mut near = [(node, 0.0); NEAR];
        let mut total = ground;
        for (place, &(there, sum)) in sums.iter().enumerate() {
            total += sum;
            match near.get_mut(place) {
                Some(link) => *link = (there, sum as f32),
                None => self.further.links.push((there, sum as f32)),
            }
        }
        self.near[row] = near;
        let further = self.further.links.len() - before;
        self.further.length.push(further as u32);
        self.ground[row] = ground as f32;
        self.inverse_diagonal[row] = (1.0 / total) as f32;
    }
}
