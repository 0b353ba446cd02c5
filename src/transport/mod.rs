//! How well it conducts: finite volumes on voxels.
mod types;
pub use types::*;
