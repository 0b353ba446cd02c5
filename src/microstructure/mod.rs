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
//! | `packing`, `relaxation`, `agglomerates` | where the particles lie |
//! | `contacts`, `neighbours` | where they touch |
//! | `grid` | voxels, and the particles drawn on them |
//! | `electrolyte` | grains between the particles |
//! | `carbon`, `fibres`, `black`, `cluster` | fibres or carbon black and the shape of its aggregates |
//! | `aggregates` | binder and excess coating |
//! | `voids`, `gaps` | pores where grains and particles did not weld, and the faces they cut |
//! | `grains`, `boundaries` | primary grains of polycrystalline particles, where they meet |
//! | `film`, `shells`, `patches` | how uneven a coating is, the film of every particle, thinner than any voxel |
//! | `statistics` | what the later rooms need to know of the result |
//! | [`measure`] | everything that is measured on it: interfaces, chords, paths |
//! | `blueprint` | all that decides, and what can be refused beforehand |
//! | `inspect` | what can be said of a recipe before its structure is made |
//! | `generator` | all of it in order |
//! | `import` | a segmented image in place of all that |
//! | `image`, `vtk`, `tiff`, `npy` | a slice as a picture, export for other programs |
mod agglomerates;
mod aggregates;
mod black;
mod blueprint;
mod boundaries;
mod carbon;
mod cluster;
mod contacts;
mod electrolyte;
mod error;
mod fibres;
mod film;
mod gaps;
mod generator;
mod grains;
mod grid;
mod image;
mod import;
mod inspect;
pub mod measure;
mod neighbours;
mod npy;
mod openness;
mod packing;
mod patches;
mod random;
mod recipe;
mod relaxation;
mod shells;
mod sizes;
mod statistics;
pub(crate) mod strands;
mod tiff;
mod types;
mod voids;
mod vtk;
pub use agglomerates::AGGLOMERATE;
pub use blueprint::{Blueprint, FilmPlan};
pub use contacts::{Contact, Contacts, contacts, solid_fraction};
pub use electrolyte::{Grains, grains};
pub use error::MicrostructureError;
pub use film::FilmSpread;
pub use generator::generate;
pub use grid::{Grid, Raster, rasterise};
pub use image::{Axis, COATING_COLOUR, PHASE_COLOURS, slice_png};
pub use import::{ImportError, LARGEST_DIFFERENCE, Stray, differences, import};
pub use inspect::inspect;
pub use npy::{write_npy_particles, write_npy_phases};
pub use packing::{CONTACT_GAP, LARGEST_OVERLAP, Packing, pack};
pub use recipe::{Recipe, recipe};
pub use shells::{ParticleShell, Shells};
pub use sizes::{distribution_classes, mean_volume, sample_radii, size_classes};
pub use tiff::{write_tiff_particles, write_tiff_phases};
pub use types::*;
pub use voids::{Placed, Pores, place_voids};
pub use vtk::{VoxelField, write_vtk};
