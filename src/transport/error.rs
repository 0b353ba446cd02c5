//! What can go wrong when a structure is asked how well it conducts.

use super::Axis;

/// Why no conductivity could be given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransportError {
    /// No continuous path between the two faces.
    #[error(
        "the {phase} does not percolate {direction}: only {reached:.1} % of it hangs together \
         with the {start}, and none of that reaches the {end}. {hint}"
    )]
    NoPercolation {
        /// What does not percolate, in words.
        phase: &'static str,
        /// In which direction, in words.
        direction: &'static str,
        /// The face from which `reached` was counted.
        start: &'static str,
        /// The face that is not reached.
        end: &'static str,
        /// Share of the phase connected to `start`, percent.
        reached: f64,
        /// What would help.
        hint: &'static str,
    },
    /// A field does not have one value per voxel.
    #[error("{field} has {found} values, but the grid has {expected} voxels")]
    WrongLength {
        /// Which field.
        field: &'static str,
        /// Values it has.
        found: usize,
        /// Voxels of the grid.
        expected: usize,
    },
    /// More voxels than the 32-bit node numbers of the coarse networks can count.
    #[error("the grid has {voxels} voxels; at most {largest} can be solved")]
    TooLarge {
        /// Voxels asked for.
        voxels: usize,
        /// Largest number.
        largest: usize,
    },
    /// A length of the grid is not a positive finite number.
    #[error("the edges of a voxel must be positive and finite, found {found:?} m")]
    InvalidSpacing {
        /// Edges given, m.
        found: [f64; 3],
    },
    /// A conductivity is negative or not finite.
    #[error("voxel {voxel} has conductivity {value} S/m; it must be finite and not negative")]
    InvalidConductivity {
        /// Index of the voxel.
        voxel: usize,
        /// Its value, S/m.
        value: f64,
    },
    /// A parameter lies outside its range.
    #[error("{parameter} is {value}; {allowed}")]
    InvalidParameter {
        /// Which.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// What would be right, in words.
        allowed: &'static str,
    },
    /// The iteration ended before the tolerance was met.
    #[error(
        "conduction along {axis} did not converge in {iterations} iterations: inflow and outflow \
         differ by {flux_error:.1e}, residual {residual:.1e}, tolerance {tolerance:.1e}; \
         a looser tolerance or a smaller contrast of conductivities would help"
    )]
    NotConverged {
        /// Direction of transport.
        axis: Axis,
        /// Iterations made.
        iterations: usize,
        /// |inflow - outflow| over their mean.
        flux_error: f64,
        /// Energy norm of the error over that of the solution, estimated.
        residual: f64,
        /// Tolerance asked for.
        tolerance: f64,
    },
    /// The coarsest system could not be factorised or its factors are wrong.
    #[error("the coarsest network of {nodes} nodes could not be factorised: {reason}")]
    Factorisation {
        /// Its unknowns.
        nodes: usize,
        /// What went wrong.
        reason: String,
    },
}
