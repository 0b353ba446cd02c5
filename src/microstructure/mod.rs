//! Where everything sits: packing, carbon, voids, coating shells, voxels.
//!
//! The structure is a periodic cube. Its particles are exact spheres; the rest
//! is drawn on voxels between them. [`generate`] goes through the stages of this
//! room in order, each usable by itself:
//!
//! | file | stage |
//! |---|---|
//! | `recipe` | masses and densities to volumes and thickness |
//! | `sizes` | sizes of the particles, size classes |
//! | `packing`, `relaxation` | where the particles lie |
mod error;
mod packing;
mod random;
mod recipe;
mod relaxation;
mod sizes;
mod types;
pub use error::MicrostructureError;
pub use packing::{CONTACT_GAP, Contacts, LARGEST_OVERLAP, contacts, pack};
pub use recipe::{Recipe, recipe};
pub use sizes::{distribution_classes, mean_volume, sample_radii, size_classes};
pub use types::*;
