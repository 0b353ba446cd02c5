//! How well it conducts: finite volumes on voxels.
mod aggregation;
mod boundaries;
mod cg;
mod contacts;
mod effective;
mod error;
mod multigrid;
mod network;
mod operator;
mod percolation;
mod slabs;
mod solve;
mod types;

pub use effective::effective_transport;
pub use error::TransportError;
pub use operator::{Boundaries, Medium, Sides};
pub use solve::{Axis, Solution, Tolerance, solve};
pub use types::*;
