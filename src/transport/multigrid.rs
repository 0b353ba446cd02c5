//! The preconditioner: one multigrid cycle in single precision.
//!
//! Every level is a network of conductances; a coarser one comes from shorting
//! nodes (`aggregation.rs`). A level is smoothed once by damped Jacobi before and
//! once after the coarse correction. Shorting makes the coarse network too stiff
//! for smooth errors, by up to a factor of two per level; so that this does not
//! pile up, every coarse system is solved by up to two steps of conjugate
//! gradients, themselves preconditioned by the next level (K-cycle: Y. Notay,
//! P. S. Vassilevski, Numer. Linear Algebra Appl. 15 (2008) 473). Enlarging the
//! correction by 1.3 or 1.5 on top of that cost one or two iterations.

use super::TransportError;
use super::aggregation::{Coarsening, coarsen};
use super::network::{Coarsest, Network};
use super::operator::Lattice;
use super::slabs;

/// Damping of the Jacobi sweeps. At 96^3, tolerance 1e-8, insulating spheres and
/// 1 % of fibres conducting 1e6 times better took 19 and 42 iterations at 0.6,
/// 17 and 35 at 0.7, 17 and 36 at 0.8, 16 and 33 at 0.9, 18 and 38 at 0.95; at 1
/// the roughest error is not damped at all (87).
pub(super) const DAMPING: f32 = 0.9;
/// A network of at most this many nodes is solved directly.
const DIRECT: usize = 600;
/// A level is refused when it keeps more than this share of the nodes.
const SLOWEST_COARSENING: f64 = 0.8;
/// The second step of a K-cycle is left out when the first has brought the
/// residual below this share. At 96^3 the spheres and fibres of [`DAMPING`] took
/// 16 and 32 iterations at 0.1, 16 and 33 at 0.25, 18 and 44 at 0.4.
const GOOD_ENOUGH: f64 = 0.25;

/// All coarse levels below a lattice.
pub(super) struct Hierarchy {
    finest: Transfer,
    levels: Vec<Level>,
    coarsest: Coarsest,
}

/// The way from one level to the next coarser.
struct Transfer {
    map: Vec<u32>,
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
    first: Vec<f32>,
    image: Vec<f32>,
}

impl Level {
    fn new(network: Network) -> Self {
        let field = || vec![0.0f32; network.nodes()];
        Self {
            planes: network.plane_offsets(),
            transfer: None,
            right_side: field(),
            solution: field(),
            smoothed: field(),
            first: field(),
            image: field(),
            network,
        }
    }
}

impl Hierarchy {
    /// Coarsens until a direct solve is cheap.
    pub(super) fn new(lattice: &Lattice) -> Result<Self, TransportError> {
        let Coarsening {
            network,
            map,
            slabs,
        } = coarsen(lattice);
        let finest = Transfer { map, slabs };
        let mut levels = vec![Level::new(network)];
        while let Some(last) = levels.last_mut() {
            let nodes = last.network.nodes();
            if nodes <= DIRECT {
                break;
            }
            let next = coarsen(&last.network);
            if next.network.nodes() as f64 > SLOWEST_COARSENING * nodes as f64
                && last.network.boxes.iter().all(|&n| n == 1)
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

    /// Restricts the residual of the smoothed field, solves on the coarse
    /// levels, and adds the correction to the field.
    pub(super) fn correct(&mut self, lattice: &Lattice, residual: &[f32], smoothed: &mut [f32]) {
        let [_, n2, n3] = lattice.shape;
        let Self {
            finest,
            levels,
            coarsest,
        } = self;
        let level = &mut levels[0];
        let zero = vec![0.0f32; n3];
        let field = &*smoothed;
        slabs::sum(
            slabs::split(&mut level.right_side, &level.planes),
            lattice.cells(),
            |plane, coarse| {
                coarse.fill(0.0);
                let base = level.planes[plane] as u32;
                let range = finest.slabs[plane]..finest.slabs[plane + 1];
                let mut row = vec![0.0f32; n3];
                for start in range.step_by(n3) {
                    let at = (start / (n2 * n3), start / n3 % n2);
                    lattice.row(field, at, &zero, &zero).outflow(&mut row);
                    let cells = start..start + n3;
                    for ((out, r), &node) in row
                        .iter()
                        .zip(&residual[cells.clone()])
                        .zip(&finest.map[cells])
                    {
                        coarse[(node - base) as usize] += r - out;
                    }
                }
                0.0
            },
        );
        k_cycle(levels, coarsest);
        let correction = &levels[0].solution;
        slabs::sum(
            slabs::split(smoothed, &finest.slabs),
            lattice.cells(),
            |plane, field| {
                let map = &finest.map[finest.slabs[plane]..finest.slabs[plane + 1]];
                for (value, &node) in field.iter_mut().zip(map) {
                    *value += correction[node as usize];
                }
                0.0
            },
        );
    }
}

/// Solves the first of `levels` roughly: `right_side` (which is used up) to `solution`.
fn k_cycle(levels: &mut [Level], coarsest: &Coarsest) {
    precondition(levels, coarsest);
    let level = &mut levels[0];
    if level.transfer.is_none() {
        return;
    }
    let planes = &level.planes;
    let rho = level
        .network
        .apply(planes, &level.solution, &mut level.image);
    let gain = slabs::dot(&level.solution, &level.right_side);
    let before = slabs::dot(&level.right_side, &level.right_side);
    if rho <= 0.0 || gain <= 0.0 || !before.is_finite() {
        return;
    }
    let step = (gain / rho) as f32;
    for (r, v) in level.right_side.iter_mut().zip(&level.image) {
        *r -= step * v;
    }
    let after = slabs::dot(&level.right_side, &level.right_side);
    if after <= GOOD_ENOUGH * GOOD_ENOUGH * before {
        level.solution.iter_mut().for_each(|x| *x *= step);
        return;
    }
    std::mem::swap(&mut level.solution, &mut level.first);
    precondition(levels, coarsest);
    let level = &mut levels[0];
    let gamma = slabs::dot(&level.solution, &level.image);
    let gain_second = slabs::dot(&level.solution, &level.right_side);
    let beta = {
        let (network, planes) = (&level.network, &level.planes);
        network.apply(planes, &level.solution, &mut level.smoothed)
    };
    let rho_second = beta - gamma * gamma / rho;
    let (of_first, of_second) = if rho_second > 1e-6 * beta {
        let second = gain_second / rho_second;
        (gain / rho - gamma / rho * second, second)
    } else {
        (gain / rho, 0.0)
    };
    let (a, b) = (of_first as f32, of_second as f32);
    for (x, &c) in level.solution.iter_mut().zip(&level.first) {
        *x = a * c + b * *x;
    }
}

/// One cycle on the first of `levels`: `right_side` to `solution`.
fn precondition(levels: &mut [Level], coarsest: &Coarsest) {
    let Some((level, coarser)) = levels.split_first_mut() else {
        return;
    };
    let Level {
        network,
        planes,
        transfer,
        right_side,
        solution,
        smoothed,
        ..
    } = level;
    let (Some(transfer), Some(next)) = (transfer, coarser.first_mut()) else {
        coarsest.solve(right_side, solution);
        return;
    };
    for ((z, r), d) in smoothed
        .iter_mut()
        .zip(&*right_side)
        .zip(&network.inverse_diagonal)
    {
        *z = DAMPING * r * d;
    }
    slabs::sum(
        slabs::split(&mut next.right_side, &next.planes),
        network.nodes(),
        |plane, coarse| {
            coarse.fill(0.0);
            let base = next.planes[plane] as u32;
            for node in transfer.slabs[plane]..transfer.slabs[plane + 1] {
                coarse[(transfer.map[node] - base) as usize] +=
                    right_side[node] - network.outflow(node, smoothed);
            }
            0.0
        },
    );
    k_cycle(coarser, coarsest);
    let correction = &coarser[0].solution;
    for (z, &node) in smoothed.iter_mut().zip(&transfer.map) {
        *z += correction[node as usize];
    }
    let field = &*smoothed;
    slabs::sum(
        slabs::split(solution, planes),
        network.nodes(),
        |plane, solution| {
            let first = planes[plane];
            for (local, x) in solution.iter_mut().enumerate() {
                let node = first + local;
                let residual = right_side[node] - network.outflow(node, field);
                *x = field[node] + DAMPING * network.inverse_diagonal[node] * residual;
            }
            0.0
        },
    );
}
