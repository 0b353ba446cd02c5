//! How well it conducts: finite volumes on voxels.
mod aggregation;
mod cg;
mod error;
mod multigrid;
mod network;
mod operator;
mod percolation;
mod slabs;
mod solve;
mod types;

pub use error::TransportError;
pub use operator::{Boundaries, Medium, Sides};
pub use solve::{Axis, Solution, Tolerance, solve};
pub use types::*;
