//! Conjugate gradients on the lattice, preconditioned by one multigrid cycle.
//!
//! The potential is kept in double precision, everything else in single: the
//! true residual is computed afresh in double precision whenever the running one
//! has fallen far enough for its rounding to matter, and the iteration goes on
//! from there. The direction update is the flexible one (Polak-Ribière), because
//! the cycle is not quite linear.

use super::TransportError;
use super::multigrid::{DAMPING, Hierarchy};
use super::operator::Lattice;
use super::planes::{Ring, TOGETHER, around};
use super::slabs::{self, Product};
use super::{Axis, Tolerance};
use crate::numerics::wide;
use rayon::prelude::*;

/// The running residual is replaced by the true one when its energy norm has
/// fallen by this factor. Rounding the currents of a conductor 1e8 times better
/// than its surroundings costs the running residual up to 2e-5 of its first norm
/// (1 % of fibres, 96^3): beyond that the iteration would chase rounding errors.
const REFRESH: f64 = 1e-3;

/// What the iteration found, in units of the lattice.
pub(super) struct Converged {
    /// Potential of each cell: 1 at the low electrode, 0 at the high one.
    pub(super) potential: Vec<f64>,
    /// Currents and power at that potential.
    pub(super) balance: Balance,
    /// Estimated energy norm of the error over that of the potential.
    pub(super) residual: f64,
    /// Iterations made.
    pub(super) iterations: usize,
}

/// Currents through the electrodes and dissipated power at a potential.
#[derive(Debug, Clone, Copy)]
pub(super) struct Balance {
    /// Current through the low electrode.
    pub(super) inflow: f64,
    /// Current through the high electrode.
    pub(super) outflow: f64,
    /// Dissipated power: at unit voltage the conductance between the
    /// electrodes, with an error that is the square of the potential's.
    pub(super) power: f64,
}

/// Vectors of the iteration, one value per cell.
struct Vectors {
    potential: Vec<f64>,
    residual: Vec<f32>,
    direction: Vec<f32>,
    /// Image of the direction under the operator; between steps the preconditioned residual.
    image: Vec<f32>,
}

/// Solves for the potential between electrodes at 1 and 0.
pub(super) fn solve(
    lattice: &Lattice,
    tolerance: Tolerance,
    axis: Axis,
) -> Result<Converged, TransportError> {
    let mut hierarchy = Hierarchy::new(lattice)?;
    let cells = lattice.cells();
    let mut v = Vectors {
        potential: hierarchy.start(lattice),
        residual: slabs::zeros(cells),
        direction: slabs::zeros(cells),
        image: slabs::zeros(cells),
    };
    let mut balance = v.refresh(lattice);
    let mut power = balance.power;
    let mut previous: Option<(f64, f64)> = None;
    let mut fresh_at = None;
    let mut iterations = 0;
    loop {
        let (energy, against_last) = v.precondition(lattice, &mut hierarchy);
        let residual = (energy.abs() / power).sqrt();
        let fallen = residual <= REFRESH * *fresh_at.get_or_insert(residual);
        let small = residual <= tolerance.relative;
        if fallen || small && v.imbalance(lattice) <= tolerance.relative * power {
            balance = v.refresh(lattice);
            power = balance.power;
            fresh_at = Some(residual);
            if small && balance.flux_error() <= tolerance.relative {
                return Ok(Converged {
                    potential: v.potential,
                    balance,
                    residual,
                    iterations,
                });
            }
        }
        let keep = previous.map_or(0.0, |(last, step)| -step * against_last / last);
        let slope = v.turn(lattice, keep as f32);
        let step = slope / v.curvature(lattice);
        if iterations == tolerance.iterations || !step.is_finite() {
            return Err(TransportError::NotConverged {
                axis,
                iterations,
                flux_error: v.refresh(lattice).flux_error(),
                residual,
                tolerance: tolerance.relative,
            });
        }
        v.advance(lattice, step);
        power -= step * slope;
        previous = Some((energy, step));
        iterations += 1;
    }
}

impl Balance {
    /// |inflow - outflow| over their mean.
    pub(super) fn flux_error(&self) -> f64 {
        (self.inflow - self.outflow).abs() / (0.5 * (self.inflow + self.outflow)).abs()
    }
}

/// Runs `work` on every plane of the lattice and adds up what it returns.
fn planes<S: Send, const N: usize>(
    slabs: impl IndexedParallelIterator<Item = S>,
    work: impl Fn(usize, S) -> [f64; N] + Sync + Send,
) -> [f64; N] {
    let parts: Vec<[f64; N]> = slabs
        .enumerate()
        .map(|(plane, slab)| {
            wide(
                #[inline(always)]
                || work(plane, slab),
            )
        })
        .collect();
    let mut sums = [0.0; N];
    for part in parts {
        for (sum, part) in sums.iter_mut().zip(part) {
            *sum += part;
        }
    }
    sums
}

/// The last Jacobi sweep on plane `i` of a field, into `image`. Returns the products
/// of the outcome with the residual and with what was in `image` before.
#[inline(always)]
fn last_sweep(
    lattice: &Lattice,
    residual: &[f32],
    (i, field): (usize, [&[f32]; 3]),
    image: &mut [f32],
) -> [f64; 2] {
    let [_, n2, n3] = lattice.shape;
    let mut out = vec![0.0f32; n3];
    let mut sums = [0.0; 2];
    for (j, image) in image.chunks_mut(n3).enumerate() {
        let row = lattice.row(field, (i, j));
        let first = (i * n2 + j) * n3;
        let mut products = [Product::default(), Product::default()];
        for stretch in lattice.stretches.of(i * n2 + j) {
            let out = &mut out[..stretch.len()];
            row.outflow(stretch.clone(), out);
            let cells = first + stretch.start..first + stretch.end;
            let residual = &residual[cells.clone()];
            let field = &row.centre[stretch.clone()];
            let others = [field, &lattice.inverse_diagonal[cells], residual];
            slabs::zip(out, others, |out, [z, d, r]| z + DAMPING * d * (r - out));
            let image = &mut image[stretch];
            products[0].add(out, residual);
            products[1].add(out, image);
            image.copy_from_slice(out);
        }
        for (sum, product) in sums.iter_mut().zip(products) {
            *sum += product.total();
        }
    }
    sums
}

// The residual and all directions are 0 outside the stretches of the lattice, and stay so.
impl Vectors {
    /// Computes the true residual in double precision, and the balance.
    fn refresh(&mut self, lattice: &Lattice) -> Balance {
        let [n1, n2, n3] = lattice.shape;
        let (low, high) = (vec![1.0f64; lattice.plane()], vec![0.0f64; lattice.plane()]);
        let potential = &self.potential;
        let [inflow, outflow, power] = planes(
            self.residual.par_chunks_mut(lattice.plane()),
            #[inline(always)]
            |i, residual| {
                let [mut inflow, mut outflow, mut power] = [0.0; 3];
                let mut image = vec![0.0f64; n3];
                for (j, residual) in residual.chunks_mut(n3).enumerate() {
                    let row = lattice.row(around(potential, i, [&low, &high]), (i, j));
                    for stretch in lattice.stretches.of(i * n2 + j) {
                        row.outflow(stretch.clone(), &mut image);
                        for (r, a) in residual[stretch.clone()].iter_mut().zip(&image) {
                            *r = -a as f32;
                        }
                        power += row.dissipation(stretch);
                    }
                    if i == 0 {
                        let (current, lost) = row.entering();
                        inflow += current;
                        power += lost;
                    }
                    if i + 1 == n1 {
                        outflow += row.leaving();
                    }
                }
                [inflow, outflow, power]
            },
        );
        Balance {
            inflow,
            outflow,
            power,
        }
    }

    /// Preconditions the residual; the answer comes to lie in `image`. Returns its
    /// products with the residual and with what was in `image` before.
    fn precondition(&mut self, lattice: &Lattice, hierarchy: &mut Hierarchy) -> (f64, f64) {
        hierarchy.correct(lattice, &self.residual);
        let (plane, n1) = (lattice.plane(), lattice.shape[0]);
        let (residual, hierarchy) = (&self.residual, &*hierarchy);
        let slab = |ring: &mut Ring, slab: usize, image: &mut [f32]| {
            wide(
                #[inline(always)]
                || {
                    let mut sums = [0.0; 2];
                    let first = slab * TOGETHER;
                    ring.walk(
                        first..n1.min(first + TOGETHER),
                        n1,
                        #[inline(always)]
                        |i, out| hierarchy.smoothed(lattice, residual, i, out),
                        #[inline(always)]
                        |i, field| {
                            let image = &mut image[(i - first) * plane..][..plane];
                            let products = last_sweep(lattice, residual, (i, field), image);
                            for (sum, product) in sums.iter_mut().zip(products) {
                                *sum += product;
                            }
                        },
                    );
                    sums
                },
            )
        };
        let slabs = self.image.par_chunks_mut(TOGETHER * plane).enumerate();
        let parts: Vec<[f64; 2]> = slabs
            .map_init(
                || Ring::new(plane),
                |ring, (index, image)| slab(ring, index, image),
            )
            .collect();
        parts
            .iter()
            .fold((0.0, 0.0), |sum, part| (sum.0 + part[0], sum.1 + part[1]))
    }

    /// Sum of the residual: inflow less outflow.
    fn imbalance(&self, lattice: &Lattice) -> f64 {
        let [sum] = planes(self.residual.par_chunks(lattice.plane()), |_, residual| {
            [residual.iter().map(|&r| f64::from(r)).sum()]
        });
        sum.abs()
    }

    /// New direction: the preconditioned residual and a share of the last
    /// direction. Returns its product with the residual.
    fn turn(&mut self, lattice: &Lattice, keep: f32) -> f64 {
        let (plane, [_, n2, n3]) = (lattice.plane(), lattice.shape);
        let (image, residual) = (&self.image, &self.residual);
        let [slope] = planes(
            self.direction.par_chunks_mut(plane),
            #[inline(always)]
            |i, direction| {
                let mut sum = 0.0;
                for (j, direction) in direction.chunks_mut(n3).enumerate() {
                    let first = (i * n2 + j) * n3;
                    let mut product = Product::default();
                    for stretch in lattice.stretches.of(i * n2 + j) {
                        let cells = first + stretch.start..first + stretch.end;
                        let direction = &mut direction[stretch];
                        slabs::zip(direction, [&image[cells.clone()]], |p, [z]| z + keep * p);
                        product.add(direction, &residual[cells]);
                    }
                    sum += product.total();
                }
                [sum]
            },
        );
        slope
    }

    /// Image of the direction; returns their product.
    fn curvature(&mut self, lattice: &Lattice) -> f64 {
        let (plane, [_, n2, n3]) = (lattice.plane(), lattice.shape);
        let zero = vec![0.0f32; plane];
        let direction = &self.direction;
        let [curvature] = planes(
            self.image.par_chunks_mut(plane),
            #[inline(always)]
            |i, image| {
                let mut sum = 0.0;
                for (j, image) in image.chunks_mut(n3).enumerate() {
                    let row = lattice.row(around(direction, i, [&zero; 2]), (i, j));
                    let mut product = Product::default();
                    for stretch in lattice.stretches.of(i * n2 + j) {
                        let image = &mut image[stretch.clone()];
                        row.outflow(stretch.clone(), image);
                        product.add(image, &row.centre[stretch]);
                    }
                    sum += product.total();
                }
                [sum]
            },
        );
        curvature
    }

    /// A step along the direction.
    fn advance(&mut self, lattice: &Lattice, step: f64) {
        let (plane, [_, n2, n3]) = (lattice.plane(), lattice.shape);
        let (direction, image) = (&self.direction, &self.image);
        let slabs = self
            .potential
            .par_chunks_mut(plane)
            .zip(self.residual.par_chunks_mut(plane));
        let [] = planes(
            slabs,
            #[inline(always)]
            |i, (potential, residual)| {
                for j in 0..n2 {
                    for stretch in lattice.stretches.of(i * n2 + j) {
                        let cells = i * plane + j * n3 + stretch.start;
                        let cells = cells..cells + stretch.len();
                        let here = j * n3 + stretch.start..j * n3 + stretch.end;
                        let potential = &mut potential[here.clone()];
                        for (u, p) in potential.iter_mut().zip(&direction[cells.clone()]) {
                            *u += step * f64::from(*p);
                        }
                        let image = &image[cells];
                        slabs::zip(&mut residual[here], [image], |r, [q]| r - step as f32 * q);
                    }
                }
                []
            },
        );
    }
}
