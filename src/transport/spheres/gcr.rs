//! The iteration on a cut network, which is not symmetric: generalised conjugate
//! residuals (S. C. Eisenstat, H. C. Elman, M. H. Schultz, SIAM J. Numer. Anal. 20
//! (1983) 345), preconditioned by one multigrid cycle on its lattice.
//!
//! Directions are kept in single precision, the potential in double; the true
//! residual is computed afresh now and then, as in `cg`.

use super::super::multigrid::{DAMPING, Hierarchy};
use super::super::operator::Lattice;
use super::super::planes::around;
use super::super::{Axis, Tolerance, TransportError, slabs};
use super::sharp::{End, Part, Sharp, Value};
use rayon::prelude::*;

/// Directions against which a new one is made independent. At 64^3, spheres of 10
/// in 1 took 15 iterations with 4, 14 with 8 and with 16; spheres of 1e6 and of 0.1
/// took 16 and 13 with any.
const MEMORY: usize = 4;
/// The running residual is replaced by the true one when it has fallen by this factor.
const REFRESH: f64 = 1e-3;

/// What the iteration found, in units of the lattice.
pub(in super::super) struct Settled {
    /// Potential of each cell's unknown.
    pub(in super::super) potential: Vec<f64>,
    /// Currents at the electrodes.
    pub(in super::super) inflow: f64,
    pub(in super::super) outflow: f64,
    /// Estimated norm of the error over that of the potential.
    pub(in super::super) residual: f64,
    pub(in super::super) iterations: usize,
}

/// Solves for the potential between electrodes at 1 and 0.
pub(in super::super) fn solve(
    sharp: &Sharp,
    tolerance: Tolerance,
    axis: Axis,
) -> Result<Settled, TransportError> {
    let lattice = &sharp.lattice;
    let mut hierarchy = Hierarchy::new(lattice)?;
    let mut work = Work::new(sharp);
    let mut potential = hierarchy.start(lattice);
    let mut residual = vec![0.0f32; lattice.cells()];
    let (mut inflow, mut outflow) = work.refresh(&potential, &mut residual);
    let mut directions: Vec<Direction> = Vec::new();
    let mut fresh_at = None;
    let mut iterations = 0;
    loop {
        let correction = work.precondition(&mut hierarchy, &residual);
        let energy = slabs::dot(&correction, &residual);
        let size = (energy.abs() / inflow.abs().max(f64::MIN_POSITIVE)).sqrt();
        let small = size <= tolerance.relative;
        if small || size <= REFRESH * *fresh_at.get_or_insert(size) {
            (inflow, outflow) = work.refresh(&potential, &mut residual);
            fresh_at = Some(size);
            if small && (inflow - outflow).abs() <= tolerance.relative * inflow.abs() {
                return Ok(Settled {
                    potential,
                    inflow,
                    outflow,
                    residual: size,
                    iterations,
                });
            }
        }
        let direction = work.direction(correction, &directions);
        let step = work.weighted(&residual, &direction.image) / direction.square;
        if iterations == tolerance.iterations || !step.is_finite() {
            return Err(TransportError::NotConverged {
                axis,
                iterations,
                flux_error: (inflow - outflow).abs() / inflow.abs(),
                residual: size,
                tolerance: tolerance.relative,
            });
        }
        for (u, p) in potential.iter_mut().zip(&direction.step) {
            *u += step * f64::from(*p);
        }
        for (r, q) in residual.iter_mut().zip(&direction.image) {
            *r -= step as f32 * q;
        }
        if directions.len() == MEMORY {
            directions.remove(0);
        }
        directions.push(direction);
        iterations += 1;
    }
}

/// A step of the potential, its image, and the image's squared norm.
struct Direction {
    step: Vec<f32>,
    image: Vec<f32>,
    square: f64,
}

/// Single or double precision.
trait Real: Copy + Into<f64> + Sync {
    fn plus(self, current: f64) -> Self;
}

impl Real for f32 {
    fn plus(self, current: f64) -> Self {
        (f64::from(self) + current) as f32
    }
}

impl Real for f64 {
    fn plus(self, current: f64) -> Self {
        self + current
    }
}

/// The network with its work space.
struct Work<'a> {
    sharp: &'a Sharp,
    excess: Vec<f64>,
}

impl<'a> Work<'a> {
    fn new(sharp: &'a Sharp) -> Self {
        Self {
            sharp,
            excess: vec![0.0; sharp.ghosts.count()],
        }
    }

    /// What the parts conduct beyond the lattice, added to `image` (current
    /// leaving each cell), between electrodes at 1 and 0, or both at 0. Returns
    /// what they add to inflow and outflow.
    fn add_parts<T: Real>(&mut self, field: &[T], low: f64, image: &mut [T]) -> (f64, f64) {
        self.sharp.ghosts.excess(field, &mut self.excess);
        let (mut inflow, mut outflow) = (0.0, 0.0);
        let mut add = |cell: u32, current: f64| {
            image[cell as usize] = image[cell as usize].plus(current);
        };
        for part in &self.sharp.parts {
            let Part {
                from,
                value,
                to,
                sharp,
                blunt,
            } = *part;
            let here: f64 = field[from as usize].into();
            let beyond = |value| match value {
                Value::Own => 0.0,
                Value::Ghost(ghost) => self.excess[ghost as usize],
            };
            match to {
                End::Cell(there, other) => {
                    let drop = here - field[there as usize].into();
                    let current = sharp * (drop + beyond(value) - beyond(other)) - blunt * drop;
                    add(from, current);
                    add(there, -current);
                }
                End::Electrode(is_low) => {
                    let drop = here - if is_low { low } else { 0.0 };
                    let current = sharp * (drop + beyond(value)) - blunt * drop;
                    add(from, current);
                    if is_low {
                        inflow -= current;
                    } else {
                        outflow += current;
                    }
                }
            }
        }
        (inflow, outflow)
    }

    /// The true residual; returns inflow and outflow.
    fn refresh(&mut self, potential: &[f64], residual: &mut [f32]) -> (f64, f64) {
        let lattice = &self.sharp.lattice;
        let n3 = lattice.shape[2];
        let plane = lattice.plane();
        let (low, high) = (vec![1.0f64; plane], vec![0.0f64; plane]);
        let mut image = vec![0.0f64; lattice.cells()];
        let currents: Vec<(f64, f64)> = image
            .par_chunks_mut(lattice.plane())
            .enumerate()
            .map(|(i, image)| {
                let mut sums = (0.0, 0.0);
                for (j, image) in image.chunks_mut(n3).enumerate() {
                    let row = lattice.row(around(potential, i, [&low, &high]), (i, j));
                    row.outflow(0..n3, image);
                    if i == 0 {
                        sums.0 += row.entering().0;
                    }
                    if i + 1 == lattice.shape[0] {
                        sums.1 += row.leaving();
                    }
                }
                sums
            })
            .collect();
        let (inflow, outflow) = self.add_parts(potential, 1.0, &mut image);
        for (r, a) in residual.iter_mut().zip(&image) {
            *r = -a as f32;
        }
        currents.iter().fold((inflow, outflow), |sum, part| {
            (sum.0 + part.0, sum.1 + part.1)
        })
    }

    /// One multigrid cycle.
    fn precondition(&self, hierarchy: &mut Hierarchy, residual: &[f32]) -> Vec<f32> {
        let lattice = &self.sharp.lattice;
        hierarchy.correct(lattice, residual);
        let mut smoothed = vec![0.0f32; residual.len()];
        smoothed
            .par_chunks_mut(lattice.plane())
            .enumerate()
            .for_each(|(i, plane)| hierarchy.smoothed(lattice, residual, i, plane));
        let mut image = vec![0.0f32; smoothed.len()];
        outflow(lattice, &smoothed, &mut image);
        for (((z, a), r), d) in smoothed
            .iter_mut()
            .zip(&image)
            .zip(residual)
            .zip(&lattice.inverse_diagonal)
        {
            *z += DAMPING * d * (r - a);
        }
        smoothed
    }

    /// A direction whose image is independent of the earlier ones'.
    fn direction(&mut self, mut step: Vec<f32>, earlier: &[Direction]) -> Direction {
        let mut image = vec![0.0f32; step.len()];
        outflow(&self.sharp.lattice, &step, &mut image);
        self.add_parts(&step, 0.0, &mut image);
        for direction in earlier {
            let share = self.weighted(&image, &direction.image) / direction.square;
            let share = share as f32;
            for (x, d) in step.iter_mut().zip(&direction.step) {
                *x -= share * d;
            }
            for (x, d) in image.iter_mut().zip(&direction.image) {
                *x -= share * d;
            }
        }
        let square = self.weighted(&image, &image);
        Direction {
            step,
            image,
            square,
        }
    }

    /// Product of two residuals, each cell by its conductance.
    fn weighted(&self, a: &[f32], b: &[f32]) -> f64 {
        let plane = self.sharp.lattice.plane();
        let weights = &self.sharp.lattice.inverse_diagonal;
        let parts: Vec<f64> = a
            .par_chunks(plane)
            .zip(b.par_chunks(plane))
            .zip(weights.par_chunks(plane))
            .map(|((a, b), w)| {
                let terms = a.iter().zip(b).zip(w);
                terms
                    .map(|((&a, &b), &w)| f64::from(a) * f64::from(b) * f64::from(w))
                    .sum()
            })
            .collect();
        parts.into_iter().sum()
    }
}

/// Image of a field under the lattice between electrodes at 0.
fn outflow(lattice: &Lattice, field: &[f32], image: &mut [f32]) {
    let n3 = lattice.shape[2];
    let zero = vec![0.0f32; lattice.plane()];
    image
        .par_chunks_mut(lattice.plane())
        .enumerate()
        .for_each(|(i, image)| {
            for (j, image) in image.chunks_mut(n3).enumerate() {
                let row = lattice.row(around(field, i, [&zero; 2]), (i, j));
                row.outflow(0..n3, image);
            }
        });
}
