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
use super::slabs;
use super::{Axis, Tolerance};
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
    /// Jacobi-smoothed residual, then with the coarse correction.
    smoothed: Vec<f32>,
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
        residual: vec![0.0; cells],
        direction: vec![0.0; cells],
        smoothed: vec![0.0; cells],
        image: vec![0.0; cells],
    };
    let mut balance = v.refresh(lattice);
    v.smooth(lattice);
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

/// Runs `work` on every plane of the lattice and sums what it returns.
fn planes<S: Send>(
    slabs: impl IndexedParallelIterator<Item = S>,
    work: impl Fn(usize, S) -> f64 + Sync + Send,
) -> f64 {
    let parts: Vec<f64> = slabs
        .enumerate()
        .map(|(plane, slab)| work(plane, slab))
        .collect();
    parts.into_iter().sum()
}

impl Vectors {
    /// Computes the true residual in double precision, and the balance.
    fn refresh(&mut self, lattice: &Lattice) -> Balance {
        let [n1, _, n3] = lattice.shape;
        let (low, high) = (vec![1.0f64; n3], vec![0.0f64; n3]);
        let potential = &self.potential;
        let parts: Vec<Balance> = self
            .residual
            .par_chunks_mut(lattice.plane())
            .enumerate()
            .map(|(i, residual)| {
                let mut sum = Balance {
                    inflow: 0.0,
                    outflow: 0.0,
                    power: 0.0,
                };
                let mut image = vec![0.0f64; n3];
                for (j, residual) in residual.chunks_mut(n3).enumerate() {
                    let row = lattice.row(potential, (i, j), &low, &high);
                    row.outflow(&mut image);
                    for (r, a) in residual.iter_mut().zip(&image) {
                        *r = -a as f32;
                    }
                    sum.power += row.dissipation();
                    if i == 0 {
                        let (current, power) = row.entering();
                        sum.inflow += current;
                        sum.power += power;
                    }
                    if i + 1 == n1 {
                        sum.outflow += row.leaving();
                    }
                }
                sum
            })
            .collect();
        parts.iter().fold(
            Balance {
                inflow: 0.0,
                outflow: 0.0,
                power: 0.0,
            },
            |sum, part| Balance {
                inflow: sum.inflow + part.inflow,
                outflow: sum.outflow + part.outflow,
                power: sum.power + part.power,
            },
        )
    }

    /// First Jacobi sweep from zero.
    fn smooth(&mut self, lattice: &Lattice) {
        self.smoothed
            .par_iter_mut()
            .zip(&self.residual)
            .zip(&lattice.inverse_diagonal)
            .for_each(|((z, r), d)| *z = DAMPING * r * d);
    }

    /// Preconditions the residual, of which `smoothed` holds the first sweep;
    /// the answer comes to lie in `image`. Returns its products with the
    /// residual and with what was in `image` before.
    fn precondition(&mut self, lattice: &Lattice, hierarchy: &mut Hierarchy) -> (f64, f64) {
        hierarchy.correct(lattice, &self.residual, &mut self.smoothed);
        let n3 = lattice.shape[2];
        let zero = vec![0.0f32; n3];
        let (field, residual) = (&self.smoothed, &self.residual);
        let parts: Vec<(f64, f64)> = self
            .image
            .par_chunks_mut(lattice.plane())
            .enumerate()
            .map(|(i, image)| {
                let mut out = vec![0.0f32; n3];
                let mut sums = (0.0, 0.0);
                for (j, image) in image.chunks_mut(n3).enumerate() {
                    lattice.row(field, (i, j), &zero, &zero).outflow(&mut out);
                    let first = i * lattice.plane() + j * n3;
                    let cells = first..first + n3;
                    let (residual, field) = (&residual[cells.clone()], &field[cells.clone()]);
                    let inverse_diagonal = &lattice.inverse_diagonal[cells];
                    for (((out, r), z), d) in out
                        .iter_mut()
                        .zip(residual)
                        .zip(field)
                        .zip(inverse_diagonal)
                    {
                        *out = z + DAMPING * d * (r - *out);
                    }
                    sums.0 += slabs::dot(&out, residual);
                    sums.1 += slabs::dot(&out, image);
                    image.copy_from_slice(&out);
                }
                sums
            })
            .collect();
        parts
            .iter()
            .fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }

    /// Sum of the residual: inflow less outflow.
    fn imbalance(&self, lattice: &Lattice) -> f64 {
        planes(self.residual.par_chunks(lattice.plane()), |_, residual| {
            residual.iter().map(|&r| f64::from(r)).sum()
        })
        .abs()
    }

    /// New direction: the preconditioned residual and a share of the last
    /// direction. Returns its product with the residual.
    fn turn(&mut self, lattice: &Lattice, keep: f32) -> f64 {
        let plane = lattice.plane();
        planes(
            self.direction
                .par_chunks_mut(plane)
                .zip(self.image.par_chunks(plane))
                .zip(self.residual.par_chunks(plane)),
            |_, ((direction, image), residual)| {
                for (p, z) in direction.iter_mut().zip(image) {
                    *p = z + keep * *p;
                }
                slabs::dot(direction, residual)
            },
        )
    }

    /// Image of the direction; returns their product.
    fn curvature(&mut self, lattice: &Lattice) -> f64 {
        let (plane, n3) = (lattice.plane(), lattice.shape[2]);
        let zero = vec![0.0f32; n3];
        let direction = &self.direction;
        planes(self.image.par_chunks_mut(plane), |i, image| {
            let mut sum = 0.0;
            for (j, image) in image.chunks_mut(n3).enumerate() {
                lattice.row(direction, (i, j), &zero, &zero).outflow(image);
                let first = i * plane + j * n3;
                sum += slabs::dot(image, &direction[first..first + n3]);
            }
            sum
        })
    }

    /// A step along the direction, and the first Jacobi sweep on the new residual.
    fn advance(&mut self, lattice: &Lattice, step: f64) {
        let plane = lattice.plane();
        let (direction, image) = (&self.direction, &self.image);
        self.potential
            .par_chunks_mut(plane)
            .zip(self.residual.par_chunks_mut(plane))
            .zip(self.smoothed.par_chunks_mut(plane))
            .enumerate()
            .for_each(|(i, ((potential, residual), smoothed))| {
                let cells = i * plane..(i + 1) * plane;
                for (u, p) in potential.iter_mut().zip(&direction[cells.clone()]) {
                    *u += step * f64::from(*p);
                }
                for (((r, z), q), d) in residual
                    .iter_mut()
                    .zip(smoothed)
                    .zip(&image[cells.clone()])
                    .zip(&lattice.inverse_diagonal[cells])
                {
                    *r -= step as f32 * q;
                    *z = DAMPING * *r * d;
                }
            });
    }
}
