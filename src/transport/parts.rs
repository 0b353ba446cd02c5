//! The parts of a box: which of its nodes may be shorted together.

use super::aggregation::{Graph, STRONG};
use std::ops::Range;

/// A node that has at least this share of its conductance to the electrodes, and
/// no strong link, is tied to them: smoothing alone settles it, and no neighbour may be merged with
/// it. The tied nodes of a box are merged with each other, or they would fill
/// the coarse levels (at 96^3 with 10 % of voxels conducting 1e8 times better,
/// 1500 of the 1700 nodes of the coarsest).
const TIED: f64 = 0.5;

/// A conductor so many times better than a node is to it what an electrode is: it keeps
/// its potential, whatever the node's.
const BETTER: f32 = 10.0;
/// A node that has at least this share of its conductance to such conductors is held by
/// them and may be merged with one. Else the poor nodes around a good one would be shorted
/// to it layer by layer, one more on every level, which takes a coarse correction out of
/// all of them: 128^3 voxels of oxide and carbon black that conducts 1e2 (1e8) times
/// better, without electrolyte, took 32 (40) iterations; with this 19 (23). At a share of
/// 0.3 it took 32 at 1e8; without it, 30 % of single voxels of 128^3 that conduct 1e8
/// times better left 746 000 nodes on the first level instead of 326 000.
const HELD: f64 = 0.45;
/// What a link to a very much better conductor counts otherwise: 0.2 and 0.5 instead took
/// 20 and 22 iterations with that black at 1e2.
const UNEQUAL: f64 = 0.3;

/// Scratch space for the parts of one box.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) nodes: Vec<usize>,
    pub(super) part: Vec<u32>,
    /// The fine boxes that the nodes are of.
    places: Vec<[usize; 3]>,
    /// Conductance of each node out of itself; in double precision, because what
    /// a good conductor has inside cancels from it.
    total: Vec<f64>,
    /// Of it, to much better conductors and electrodes.
    held: Vec<f64>,
    /// Dense conductances between the nodes of the box.
    link: Vec<f64>,
    name: Vec<u32>,
    /// Which nodes are tied to the electrodes.
    tied: Vec<usize>,
}

impl Parts {
    /// Finds the parts that the nodes of a block belong to, numbered in order of their
    /// first node.
    pub(super) fn find(&mut self, graph: &impl Graph, block: [Range<usize>; 3]) -> u32 {
        self.nodes.clear();
        self.places.clear();
        self.part.clear();
        self.total.clear();
        self.held.clear();
        self.link.clear();
        graph.carrying(block, |node, at| {
            self.nodes.push(node);
            self.places.push(at);
        });
        let count = self.nodes.len();
        if count == 0 {
            return 0;
        }
        self.part.extend(0..count as u32);
        self.link.resize(count * count, 0.0);
        let mut weakest = f64::INFINITY;
        self.tied.clear();
        for a in 0..count {
            let (node, at) = (self.nodes[a], self.places[a]);
            let ground = f64::from(graph.ground(node, at));
            let (mut total, mut held) = (ground, ground);
            let better = graph.inverse_diagonal(node) / BETTER;
            let (mut least, mut most) = (f64::INFINITY, 0.0f64);
            let (nodes, link) = (&self.nodes, &mut self.link);
            graph.visit(node, at, |there, g| {
                total += f64::from(g);
                most = most.max(f64::from(g));
                if graph.inverse_diagonal(there) < better {
                    held += f64::from(g);
                }
                if let Some(b) = nodes.iter().position(|&n| n == there) {
                    link[a * count + b] += f64::from(g);
                    least = least.min(f64::from(g));
                }
            });
            self.total.push(total);
            self.held.push(held);
            if ground >= TIED * total && most < STRONG * total {
                self.tied.push(a);
            }
            weakest = weakest.min(least / total);
        }
        for &a in &self.tied {
            for b in 0..count {
                self.link[a * count + b] = 0.0;
                self.link[b * count + a] = 0.0;
            }
        }
        if weakest >= STRONG {
            self.join_connected(count);
        } else {
            self.join_best_first(count);
        }
        self.join_tied();
        self.renumber()
    }

    /// All links are strong from both ends: the parts are what is connected.
    fn join_connected(&mut self, count: usize) {
        for a in 0..count {
            for b in a + 1..count {
                if self.link[a * count + b] > 0.0 && self.part[a] != self.part[b] {
                    let (kept, gone) = (self.part[a], self.part[b]);
                    self.part
                        .iter_mut()
                        .filter(|p| **p == gone)
                        .for_each(|p| *p = kept);
                }
            }
        }
    }

    /// Merges the nodes tied to the electrodes.
    fn join_tied(&mut self) {
        let [first, rest @ ..] = self.tied.as_slice() else {
            return;
        };
        for &other in rest {
            let (kept, gone) = (self.part[*first], self.part[other]);
            for part in self.part.iter_mut().filter(|part| **part == gone) {
                *part = kept;
            }
        }
    }

    /// Merges the pair with the strongest link until none is strong.
    fn join_best_first(&mut self, count: usize) {
        let mut alive: Vec<usize> = (0..count).collect();
        let mut best: Vec<(f64, usize)> = (0..count)
            .map(|a| self.best_partner(a, &alive, count))
            .collect();
        loop {
            // The first of equals, so that the order of the nodes decides.
            let (mut a, mut strongest) = (0, 0.0);
            for &c in &alive {
                if best[c].0 > strongest {
                    (a, strongest) = (c, best[c].0);
                }
            }
            if strongest < STRONG {
                break;
            }
            let b = best[a].1;
            alive.retain(|&c| c != b);
            self.merge(a, b, &alive, count);
            for &c in &alive {
                if c == a || best[c].1 == a || best[c].1 == b {
                    best[c] = self.best_partner(c, &alive, count);
                } else {
                    let strength = self.strength(c, a, count);
                    if strength > best[c].0 {
                        best[c] = (strength, a);
                    }
                }
            }
        }
    }

    /// Takes node `b` into node `a`. Their totals are added as they are: what
    /// smoothing leaves is judged by the nodes' own totals, not by the pair's.
    fn merge(&mut self, a: usize, b: usize, alive: &[usize], count: usize) {
        self.total[a] += self.total[b];
        self.held[a] += self.held[b];
        for &c in alive.iter().filter(|&&c| c != a) {
            let sum = self.link[a * count + c] + self.link[b * count + c];
            self.link[a * count + c] = sum;
            self.link[c * count + a] = sum;
        }
        for part in &mut self.part {
            if *part == b as u32 {
                *part = a as u32;
            }
        }
    }

    /// Share of the poorer node's conductance that a link carries; less where the other is
    /// much better and does not hold it.
    fn strength(&self, a: usize, b: usize, count: usize) -> f64 {
        let (poor, good) = if self.total[a] < self.total[b] {
            (a, b)
        } else {
            (b, a)
        };
        let share = self.link[a * count + b] / self.total[poor];
        if self.held[poor] >= HELD * self.total[poor] {
            return share;
        }
        share * (UNEQUAL + (1.0 - UNEQUAL) * self.total[poor] / self.total[good])
    }

    /// The strongest link of a node to another that is alive.
    fn best_partner(&self, a: usize, alive: &[usize], count: usize) -> (f64, usize) {
        let mut best = (0.0, a);
        for &b in alive.iter().filter(|&&b| b != a) {
            let strength = self.strength(a, b, count);
            if strength > best.0 {
                best = (strength, b);
            }
        }
        best
    }

    /// Numbers the parts from 0 in order of their first node; returns their number.
    fn renumber(&mut self) -> u32 {
        self.name.clear();
        self.name.resize(self.part.len(), u32::MAX);
        let mut given = 0;
        for part in &mut self.part {
            let name = &mut self.name[*part as usize];
            if *name == u32::MAX {
                *name = given;
                given += 1;
            }
            *part = *name;
        }
        given
    }
}
