//! How well it conducts: finite volumes on voxels.
//!
//! The core knows nothing of batteries: [`solve()`] takes a [`Medium`], a block
//! of conductivities, and answers with its effective conductivity and potential.
//! [`effective_transport`] asks it about a cathode, whose particles are spheres
//! sharper than voxels (`spheres`, `between`). A structure goes through
//! [`connection`](crate::numerics::connection) (what hangs together), `operator`,
//! `stencil` and `stretches` (conductances between voxels and what flows through them),
//! `aggregation`, `parts`, `links`, `faces` and `network` (coarser networks), `transfer`,
//! `planes` and `multigrid` (the preconditioner) and `cg` (the iteration).

mod aggregation;
mod between;
mod boundaries;
mod cg;
mod contacts;
mod effective;
mod error;
mod faces;
mod field;
mod links;
mod medium;
mod multigrid;
mod network;
mod operator;
mod parts;
mod planes;
mod slabs;
mod solve;
mod spheres;
mod stencil;
mod stretches;
mod transfer;
mod types;

pub use effective::effective_transport;
pub use error::TransportError;
pub use field::{IonicField, ionic_field};
pub use medium::{Boundaries, Inclusions, Medium, Sides, Sphere};
pub use solve::{Axis, Solution, Tolerance, solve};
pub use types::*;
