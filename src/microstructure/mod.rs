//! Where everything sits: packing, carbon, voids, coating shells, voxels.
mod types;
pub use types::*;
