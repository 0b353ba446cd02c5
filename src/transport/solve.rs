//! The question and the answer: a medium, a direction, a conductivity.

use super::TransportError;
use super::cg;
use super::medium::{Medium, Turned};
use super::operator::Lattice;
use super::spheres::{self, Sharp};
use rayon::prelude::*;

/// Direction of transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Along the first index.
    First,
    /// Along the second index.
    Second,
    /// Along the third index.
    Third,
}

impl std::fmt::Display for Axis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Axis::First => "the first axis",
            Axis::Second => "the second axis",
            Axis::Third => "the third axis",
        })
    }
}

/// When a solve is good enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Largest |inflow - outflow| over their mean, and largest estimated energy
    /// norm of the error over that of the potential. The conductivity itself
    /// comes from the dissipated power and is wrong by about the square of this.
    pub relative: f64,
    /// Iterations after which to give up.
    pub iterations: usize,
}

impl Default for Tolerance {
    /// 1e-6, well below what voxels themselves get wrong.
    fn default() -> Self {
        Self {
            relative: 1e-6,
            iterations: 500,
        }
    }
}

impl Tolerance {
    /// 1e-8: the finest that single-precision conductances (6e-8 each, at random) deserve.
    pub fn fine() -> Self {
        Self {
            relative: 1e-8,
            ..Self::default()
        }
    }
}

/// What a medium answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Effective conductivity, S/m; exactly 0 when no path spans the medium.
    pub conductivity: f64,
    /// Share of the conducting voxels connected to both electrodes; 0 when no
    /// path spans the medium.
    pub spanning: f64,
    /// Potential in each voxel, in the order of the medium: from 1 at the low
    /// electrode to 0 at the high one. 0 where no current can flow.
    pub potential: Vec<f64>,
    /// |inflow - outflow| over their mean.
    pub flux_error: f64,
    /// Estimated energy norm of the error over that of the potential.
    pub residual: f64,
    /// Iterations made.
    pub iterations: usize,
}

/// Finds the steady potential in a medium between electrodes on its two outer
/// faces across `axis`, and from it the effective conductivity.
///
/// # Errors
/// A field of wrong length, a negative or infinite conductivity, spacing or
/// resistance, more than 2^32 - 2 voxels, or no convergence.
///
/// # Examples
/// ```
/// use engobe::transport::{Axis, Medium, Sides, Tolerance, solve};
/// // Two layers of 1 and 3 S/m in series, in parallel to nothing.
/// let medium = Medium {
///     shape: [2, 1, 1],
///     spacing: [1e-6; 3],
///     conductivity: &[1.0, 3.0],
///     boundaries: None,
///     inclusions: None,
///     open: None,
///     sides: Sides::NoFlux,
/// };
/// let solution = solve(&medium, Axis::First, Tolerance::default())?;
/// assert!((solution.conductivity - 1.5).abs() < 1e-6);
/// # Ok::<(), engobe::transport::TransportError>(())
/// ```
pub fn solve(
    medium: &Medium,
    axis: Axis,
    tolerance: Tolerance,
) -> Result<Solution, TransportError> {
    // Inside the pool from the start: each pass handed over from outside would cost
    // two switches of threads.
    let inside = |_: &rayon::Scope| solve_network(medium, axis, tolerance);
    Ok(rayon::scope(inside)?.0)
}

/// The same with the network it was found on; none where no path spans the medium.
pub(super) fn solve_network(
    medium: &Medium,
    axis: Axis,
    tolerance: Tolerance,
) -> Result<(Solution, Option<Sharp>), TransportError> {
    let turned = Turned::new(medium, axis);
    let network = if medium.inclusions.is_some() || medium.open.is_some() {
        Sharp::new(medium, turned)?
    } else {
        Lattice::new(medium, turned)?.map(Sharp::plain)
    };
    let Some(network) = network else {
        let nothing = Solution {
            conductivity: 0.0,
            spanning: 0.0,
            potential: vec![0.0; medium.conductivity.len()],
            flux_error: 0.0,
            residual: 0.0,
            iterations: 0,
        };
        return Ok((nothing, None));
    };
    let lattice = &network.lattice;
    let solution = if network.is_plain() {
        let converged = cg::solve(lattice, tolerance, axis)?;
        Solution {
            conductivity: converged.balance.power * lattice.unit,
            spanning: lattice.spanning_share,
            flux_error: converged.balance.flux_error(),
            residual: converged.residual,
            iterations: converged.iterations,
            potential: turn_back(lattice, turned, converged.potential),
        }
    } else {
        let settled = spheres::solve(&network, tolerance, axis)?;
        let mean = 0.5 * (settled.inflow + settled.outflow);
        Solution {
            conductivity: mean * lattice.unit,
            spanning: lattice.spanning_share,
            flux_error: ((settled.inflow - settled.outflow) / mean).abs(),
            residual: settled.residual,
            iterations: settled.iterations,
            potential: turn_back(lattice, turned, settled.potential),
        }
    };
    Ok((solution, Some(network)))
}

/// Brings a field back to the medium's order, with 0 where nothing flows.
fn turn_back(lattice: &Lattice, turned: Turned, mut field: Vec<f64>) -> Vec<f64> {
    let planes = field.par_chunks_mut(lattice.plane());
    let diagonals = lattice.inverse_diagonal.par_chunks(lattice.plane());
    planes.zip(diagonals).for_each(|(field, diagonal)| {
        for (value, &d) in field.iter_mut().zip(diagonal) {
            if d <= 0.0 {
                *value = 0.0;
            }
        }
    });
    if turned.is_identity() {
        return field;
    }
    let [_, n2, n3] = turned.shape;
    let mut back = vec![0.0; field.len()];
    for (cell, value) in field.into_iter().enumerate() {
        back[turned.source(cell / (n2 * n3), cell / n3 % n2, cell % n3)] = value;
    }
    back
}
