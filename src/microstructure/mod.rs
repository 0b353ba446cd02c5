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
//! | `grid` | voxels, and the particles drawn on them |
//! | `electrolyte` | grains between the particles |
//! | `carbon`, `fibres`, `black`, `cluster` | fibres or carbon black and the shape of its aggregates |
//! | `aggregates` | binder and excess coating |
//! | `voids` | pores where grains and particles did not weld |
//! | `grains` | primary grains of polycrystalline particles |
//! | `shells`, `patches` | the coating film of every particle, thinner than any voxel |
//! | `statistics`, `surface` | what is measured on the result |
//! | `generator` | all of it in order |
//! | `image`, `vtk` | a slice as a picture, export for viewers |
mod aggregates;
mod black;
mod carbon;
mod cluster;
mod electrolyte;
mod error;
mod fibres;
mod generator;
mod grains;
mod grid;
mod image;
mod packing;
mod patches;
mod random;
mod recipe;
mod relaxation;
mod shells;
mod sizes;
mod statistics;
mod surface;
mod types;
mod voids;
mod vtk;
pub use electrolyte::{Grains, grains};
pub use error::MicrostructureError;
pub use generator::{Blueprint, FilmPlan, generate};
pub use grid::{Grid, Raster, rasterise};
pub use image::{Axis, COATING_COLOUR, PHASE_COLOURS, slice_png};
pub use packing::{CONTACT_GAP, Contacts, LARGEST_OVERLAP, contacts, pack};
pub use recipe::{Recipe, recipe};
pub use shells::{ParticleShell, Shells};
pub use sizes::{distribution_classes, mean_volume, sample_radii, size_classes};
pub use surface::{SurfaceShares, surface_shares};
pub use types::*;
pub use voids::{Pores, place_voids};
pub use vtk::write_vtk;
