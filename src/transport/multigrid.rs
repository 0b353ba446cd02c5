//! The preconditioner: one multigrid cycle in single precision.
//!
//! Every level is a network of conductances; a coarser one comes from shorting
//! nodes (`aggregation.rs`). A level is smoothed once by damped Jacobi before and
//! once after the coarse correction. Shorting makes the coarse network too stiff
//! for smooth errors, by up to a factor of two per level; so that this does not
//! pile up, every coarse system is solved by a few steps of conjugate gradients,
//! themselves preconditioned by the next level (K-cycle: Y. Notay,
//! P. S. Vassilevski, Numer. Linear Algebra Appl. 15 (2008) 473). Enlarging the
//! correction by 1.3 or 1.5 on top of that cost one or two iterations.
//!
//! The same levels give the potential to start from. A uniform field will not
//! do: across a good conductor it drives a current that takes half of the
//! iterations to remove (at 96^3 with 1 % of fibres conducting 1e8 times better,
//! a power 3e5 times the final one; 63 iterations instead of 22).

use super::TransportError;
use super::aggregation::{Coarsening, coarsen};
use super::network::{Coarsest, Network};
use super::operator::Lattice;
use super::slabs;
use super::transfer::{self, Finest};
use rayon::prelude::*;
use std::ops::Range;

/// Damping of the Jacobi sweeps. At 96^3, tolerance 1e-8, insulating spheres and
/// 1 % of fibres conducting 1e6 times better took 19 and 42 iterations at 0.6,
/// 17 and 35 at 0.7, 17 and 36 at 0.8, 16 and 33 at 0.9, 18 and 38 at 0.95; at 1
/// the roughest error is not damped at all (87).
pub(super) const DAMPING: f32 = 0.9;
/// A network of at most this many nodes is solved directly.
const DIRECT: usize = 600;
/// A level is refused when it keeps more than this share of the nodes.
const SLOWEST_COARSENING: f64 = 0.8;
/// No further step on a level when the residual has fallen below this share.
/// Fibres, 10 % of single voxels, and cubes touching along edges, all conducting
/// 1e8 times better than the rest of 64^3, took 26, 26 and 20 iterations at 0.25,
/// 24, 24 and 18 at 0.15; insulating spheres 17 at either.
const GOOD_ENOUGH: f64 = 0.15;
/// Most steps of conjugate gradients on the first coarse level. At 0.25 above the
/// same three took 27, 30 and 25 iterations with 2 steps, 25, 27 and 20 with 3,
/// 25, 26 and 20 with 4 or 6. Spheres hardly ever need more than two.
const FIRST_STEPS: usize = 4;
/// The same on all others, where steps multiply from level to level.
const STEPS: usize = 2;
/// Cycles on each level on the way to the potential to start from.
const STARTING_CYCLES: usize = 3;
/// Fewer when the residual has fallen below this share.
const STARTING_ERROR: f64 = 0.2;

/// All coarse levels below a lattice.
pub(super) struct Hierarchy {
    finest: Finest,
    levels: Vec<Level>,
    coarsest: Coarsest,
}

/// The way from one coarse level to the next coarser.
struct Transfer {
    /// Coarse node of each fine node.
    map: Vec<u32>,
    /// First fine node of each plane of coarse boxes, and their number.
    slabs: Vec<usize>,
}

/// One coarse level with its work space.
struct Level {
    network: Network,
    /// Nodes of each plane of boxes.
    planes: Vec<usize>,
    /// To the next level; `None` on the coarsest.
    transfer: Option<Transfer>,
    right_side: Vec<f32>,
    solution: Vec<f32>,
    smoothed: Vec<f32>,
    /// Of conjugate gradients, and its image under the network.
    direction: Vec<f32>,
    image: Vec<f32>,
    /// Sum of the steps.
    sum: Vec<f32>,
}

impl Level {
    fn new(network: Network) -> Self {
        let field = || vec![0.0f32; network.nodes()];
        Self {
            planes: network.numbering.planes.clone(),
            transfer: None,
            right_side: field(),
            solution: field(),
            smoothed: field(),
            direction: field(),
            image: field(),
            sum: field(),
            network,
        }
    }

    /// The new direction: the preconditioned residual and a share of the last
    /// direction. Returns what a step along it gains, and its curvature.
    fn turn(&mut self, keep: f32) -> (f64, f64) {
        let (planes, solution, residual) = (&self.planes, &self.solution, &self.right_side);
        let gain = slabs::sum(
            slabs::split(&mut self.direction, planes),
            solution.len(),
            |plane, direction| {
                let nodes = planes[plane]..planes[plane + 1];
                for (p, z) in direction.iter_mut().zip(&solution[nodes.clone()]) {
                    *p = z + keep * *p;
                }
                slabs::dot(direction, &residual[nodes])
            },
        );
        let image = &mut self.image;
        (gain, self.network.apply(&self.direction, image))
    }

    /// A step along the direction, the first from 0 or a further one. Returns the square
    /// of the new residual.
    fn advance(&mut self, step: f32, is_first: bool) -> f64 {
        let (planes, direction, image) = (&self.planes, &self.direction, &self.image);
        let slabs = slabs::split(&mut self.sum, planes)
            .into_iter()
            .zip(slabs::split(&mut self.right_side, planes))
            .collect();
        let inverse_diagonal = &self.network.inverse_diagonal;
        slabs::sum(slabs, direction.len(), |plane, (sum, residual)| {
            let nodes = planes[plane]..planes[plane + 1];
            let along = sum.iter_mut().zip(&direction[nodes.clone()]);
            if is_first {
                along.for_each(|(x, p)| *x = step * p);
            } else {
                along.for_each(|(x, p)| *x += step * p);
            }
            for (r, q) in residual.iter_mut().zip(&image[nodes.clone()]) {
                *r -= step * q;
            }
            square(residual, &inverse_diagonal[nodes])
        })
    }

    /// The square of the residual.
    fn residual(&self) -> f64 {
        let planes = &self.planes;
        let inverse_diagonal = &self.network.inverse_diagonal;
        let slabs = planes.windows(2).map(|ends| ends[0]..ends[1]).collect();
        slabs::sum(slabs, self.right_side.len(), |_, nodes: Range<usize>| {
            square(&self.right_side[nodes.clone()], &inverse_diagonal[nodes])
        })
    }
}

/// Square of a residual, every current weighted with what it means for the
/// potential of its node: else good conductors would drown the rest.
#[inline(always)]
fn square(residual: &[f32], inverse_diagonal: &[f32]) -> f64 {
    let (r, r_rest) = residual.as_chunks::<8>();
    let (d, d_rest) = inverse_diagonal.as_chunks::<8>();
    let mut sums = [0.0f64; 8];
    for (r, d) in r.iter().zip(d) {
        for lane in 0..8 {
            sums[lane] += f64::from(r[lane] * r[lane] * d[lane]);
        }
    }
    let rest = r_rest.iter().zip(d_rest);
    sums.iter().sum::<f64>() + rest.map(|(&r, &d)| f64::from(r * r * d)).sum::<f64>()
}

impl Hierarchy {
    /// Coarsens until a direct solve is cheap.
    pub(super) fn new(lattice: &Lattice) -> Result<Self, TransportError> {
        let Coarsening { network, map, .. } = coarsen(lattice);
        let finest = Finest::new(lattice, &network, &map);
        let mut levels = vec![Level::new(network)];
        while let Some(last) = levels.last_mut() {
            let nodes = last.network.carrying();
            if nodes <= DIRECT {
                break;
            }
            let next = coarsen(&last.network);
            if next.network.carrying() as f64 > SLOWEST_COARSENING * nodes as f64
                && last.network.numbering.boxes.iter().all(|&n| n == 1)
            {
                break;
            }
            last.transfer = Some(Transfer {
                map: next.map,
                slabs: next.slabs,
            });
            levels.push(Level::new(next.network));
        }
        let coarsest = match levels.last() {
            Some(last) => Coarsest::new(&last.network)?,
            None => {
                return Err(TransportError::Factorisation {
                    nodes: 0,
                    reason: "no level".into(),
                });
            }
        };
        Ok(Self {
            finest,
            levels,
            coarsest,
        })
    }

    /// The potential to start from: the problem is solved roughly on every level,
    /// coarsest first, the answer of each being the start of the next finer.
    pub(super) fn start(&mut self, lattice: &Lattice) -> Vec<f64> {
        // Currents from the low electrode, at 1, into the nodes of each level.
        let first = &self.levels[0].network;
        let mut currents = vec![transfer::entering(lattice, &self.finest, first)];
        for pair in self.levels.windows(2) {
            let mut coarse = vec![0.0f32; pair[1].network.nodes()];
            if let (Some(transfer), Some(fine)) = (&pair[0].transfer, currents.last()) {
                let next = &pair[1].planes;
                slabs::sum(
                    slabs::split(&mut coarse, next),
                    fine.len(),
                    |plane, coarse| {
                        let nodes = transfer.slabs[plane]..transfer.slabs[plane + 1];
                        for (&node, current) in transfer.map[nodes.clone()].iter().zip(&fine[nodes])
                        {
                            coarse[node as usize - next[plane]] += current;
                        }
                        0.0
                    },
                );
            }
            currents.push(coarse);
        }
        let mut field: Vec<f32> = Vec::new();
        for (index, current) in currents.iter().enumerate().rev() {
            let levels = &mut self.levels[index..];
            field = match &levels[0].transfer {
                Some(transfer) => transfer
                    .map
                    .par_iter()
                    .map(|&n| field[n as usize])
                    .collect(),
                None => vec![0.0; current.len()],
            };
            let mut first = None;
            for _ in 0..STARTING_CYCLES {
                let level = &mut levels[0];
                level.network.apply(&field, &mut level.image);
                let image = &level.image;
                slabs::each(&mut level.right_side, &level.planes, |nodes, residual| {
                    let others = [&current[nodes.clone()], &image[nodes]];
                    slabs::zip(residual, others, |_, [b, v]| b - v);
                });
                let before = level.residual();
                if before <= STARTING_ERROR * STARTING_ERROR * *first.get_or_insert(before) {
                    break;
                }
                k_cycle(levels, &self.coarsest, FIRST_STEPS);
                let Level {
                    planes, solution, ..
                } = &levels[0];
                slabs::each(&mut field, planes, |nodes, field| {
                    slabs::zip(field, [&solution[nodes]], |x, [correction]| x + correction);
                });
            }
        }
        let mut potential: Vec<f64> = slabs::zeros(lattice.cells());
        let first = &self.levels[0].network;
        let planes = potential.par_chunks_mut(lattice.plane()).enumerate();
        planes.for_each_init(
            || vec![0.0f32; lattice.plane()],
            |plane, (i, potential)| {
                plane.fill(0.0);
                transfer::prolong(lattice, &self.finest, first, &field, (i, plane));
                for (u, &x) in potential.iter_mut().zip(&*plane) {
                    *u = f64::from(x);
                }
            },
        );
        potential
    }

    /// Restricts what a first sweep leaves of the residual and solves on the
    /// coarse levels, for [`Hierarchy::smoothed`].
    pub(super) fn correct(&mut self, lattice: &Lattice, residual: &[f32]) {
        let Self {
            finest,
            levels,
            coarsest,
        } = self;
        let Level {
            network,
            planes,
            right_side,
            ..
        } = &mut levels[0];
        transfer::restrict(lattice, finest, network, residual, (right_side, planes));
        k_cycle(levels, coarsest, FIRST_STEPS);
    }

    /// Plane `i` of what the first sweep and the coarse correction make of a residual.
    #[inline(always)]
    pub(super) fn smoothed(&self, lattice: &Lattice, residual: &[f32], i: usize, out: &mut [f32]) {
        let Level {
            network, solution, ..
        } = &self.levels[0];
        lattice.sweep(residual, i, out);
        transfer::prolong(lattice, &self.finest, network, solution, (i, out));
    }
}

/// Solves the first of `levels` roughly, by conjugate gradients that forget all
/// but the last direction: `right_side` (which is used up) to `solution`.
fn k_cycle(levels: &mut [Level], coarsest: &Coarsest, steps: usize) {
    if levels[0].transfer.is_none() {
        precondition(levels, coarsest);
        return;
    }
    let before = levels[0].residual();
    let mut last: Option<f64> = None;
    for _ in 0..steps {
        let against_last = precondition(levels, coarsest);
        let level = &mut levels[0];
        // Conjugate to the last direction.
        let keep = last.map_or(0.0, |curvature| -against_last / curvature);
        let (gain, curvature) = level.turn(keep as f32);
        if !(gain > 0.0 && curvature > 0.0) {
            if last.is_none() {
                level.sum.fill(0.0);
            }
            break;
        }
        let after = level.advance((gain / curvature) as f32, last.is_none());
        if after <= GOOD_ENOUGH * GOOD_ENOUGH * before {
            break;
        }
        last = Some(curvature);
    }
    let level = &mut levels[0];
    std::mem::swap(&mut level.solution, &mut level.sum);
}

/// One cycle on the first of `levels`: `right_side` to `solution`. Returns its
/// product with the last image, and 0 on the coarsest level, which has none.
fn precondition(levels: &mut [Level], coarsest: &Coarsest) -> f64 {
    let Some((level, coarser)) = levels.split_first_mut() else {
        return 0.0;
    };
    let Level {
        network,
        planes,
        transfer,
        right_side,
        solution,
        smoothed,
        image,
        ..
    } = level;
    let (Some(transfer), Some(next)) = (transfer, coarser.first_mut()) else {
        coarsest.solve(right_side, solution);
        return 0.0;
    };
    slabs::each(smoothed, planes, |nodes, smoothed| {
        let inverse_diagonal = &network.inverse_diagonal[nodes.clone()];
        for ((z, r), d) in smoothed
            .iter_mut()
            .zip(&right_side[nodes])
            .zip(inverse_diagonal)
        {
            *z = DAMPING * r * d;
        }
    });
    let slabs = slabs::split(&mut next.right_side, &next.planes)
        .into_iter()
        .zip(slabs::split(solution, &transfer.slabs))
        .collect();
    slabs::sum(
        slabs,
        network.nodes(),
        #[inline(always)]
        |plane, (coarse, out)| {
            coarse.fill(0.0);
            let base = next.planes[plane] as u32;
            let nodes = transfer.slabs[plane]..transfer.slabs[plane + 1];
            for fine in 2 * plane..(2 * plane + 2).min(planes.len() - 1) {
                let out = &mut out[planes[fine] - nodes.start..planes[fine + 1] - nodes.start];
                network.outflow(fine, smoothed, out);
            }
            for ((out, r), &node) in out
                .iter()
                .zip(&right_side[nodes.clone()])
                .zip(&transfer.map[nodes])
            {
                coarse[(node - base) as usize] += r - out;
            }
            0.0
        },
    );
    k_cycle(coarser, coarsest, STEPS);
    let correction = &coarser[0].solution;
    slabs::each(smoothed, planes, |nodes, smoothed| {
        for (z, &node) in smoothed.iter_mut().zip(&transfer.map[nodes]) {
            *z += correction[node as usize];
        }
    });
    let field = &*smoothed;
    slabs::sum(
        slabs::split(solution, planes),
        network.nodes(),
        #[inline(always)]
        |plane, solution| {
            let nodes = planes[plane]..planes[plane + 1];
            network.outflow(plane, field, solution);
            let others = [field, right_side, &network.inverse_diagonal];
            let others = others.map(|other| &other[nodes.clone()]);
            slabs::zip(solution, others, |x, [z, r, d]| z + DAMPING * d * (r - x));
            slabs::dot(solution, &image[nodes])
        },
    )
}
