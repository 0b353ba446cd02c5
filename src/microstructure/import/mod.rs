//! A segmented image in place of the generator: labels become phases, touching
//! particles are told apart, and the same is measured as on a generated structure.
//!
//! | file | what it does |
//! |---|---|
//! | `tiff`, `npy`, `raw`, `hdf5` | read the labels of one format |
//! | `labels`, `elements` | labels to phases; bytes to labels |
//! | `distance`, `particles` | how deep each voxel lies in its particle; where one particle ends |
//! | `measure` | volumes, surfaces and sizes of what was found |
//!
//! An image shows what was segmented and no more: grains of the electrolyte are
//! unknown (all of it bears one label), and the coating film is too thin.

mod distance;
mod elements;
mod error;
mod hdf5;
mod labels;
mod measure;
mod npy;
mod particles;
mod raw;
mod tiff;

pub use error::{ImportError, Stray};
pub use measure::{LARGEST_DIFFERENCE, differences};

use super::{Microstructure, MicrostructureError, Phase, recipe};
use crate::numerics::hash;
use crate::scenario::{ImageFormat, ImageSource, Scenario};
use labels::{Labelled, Painter};

/// Most voxels of an image: they are counted in 32 bits.
const MOST_VOXELS: usize = u32::MAX as usize - 1;

/// Reads the structure of a scenario's cathode from an image.
///
/// Volume fractions, surfaces and size classes come from the image; the loading
/// is the scenario's, and the thickness follows from both. `progress` hears the
/// share of the work done, 0..1.
///
/// # Errors
/// [`MicrostructureError::Import`] for a file that is not the image described,
/// [`MicrostructureError::Recipe`] for a quantity that no composite can have.
pub fn import(
    scenario: &Scenario,
    source: &ImageSource,
    progress: &mut dyn FnMut(f64),
) -> Result<Microstructure, MicrostructureError> {
    let recipe = recipe(&scenario.cathode, scenario.coating.as_ref())?;
    let mut structure = read(source)?;
    progress(0.3);
    let finest = structure.spacing.iter().copied().fold(0.0, f64::max);
    let split = source.split_depth.unwrap_or(finest);
    let depth = distance::depths(&structure);
    progress(0.5);
    let found = particles::separate(&structure, &depth, split);
    progress(0.8);
    structure.particle_ids = found.ids;
    structure.particles = found.particles;
    let classes = scenario.numerics.size_classes.max(1);
    structure.statistics = measure::measure(&structure, &found.weights, &recipe, classes);
    progress(1.0);
    Ok(structure)
}

/// Phases of an image: a structure without particles and measurements so far.
fn read(source: &ImageSource) -> Result<Microstructure, ImportError> {
    let file = &source.file;
    let content = hash::files(&source.files()).map_err(|e| ImportError::unreadable(file, &e))?;
    if content != source.sha256 {
        return Err(ImportError::Changed { file: file.clone() });
    }
    let painter = Painter::new(&source.labels);
    let labelled = match source.format {
        ImageFormat::Tiff => tiff::read(file, painter),
        ImageFormat::Npy => npy::read(file, painter),
        ImageFormat::Raw => raw::read(file, &source.sidecar(), painter),
        ImageFormat::Hdf5 => hdf5::read(file, source.dataset.as_deref().unwrap_or(""), painter),
    }?;
    Ok(assemble(source, labelled))
}

/// Turns an image so that its axis through the thickness is the first.
fn assemble(source: &ImageSource, labelled: Labelled) -> Microstructure {
    let order = match source.axis {
        1 => [1, 0, 2],
        2 => [2, 0, 1],
        _ => [0, 1, 2],
    };
    let phases = labelled.turned(order);
    let grain_ids = phases
        .iter()
        .map(|&p| u32::from(p == Phase::Electrolyte as u8 || p == Phase::Carbon as u8))
        .collect();
    let with_carbon = phases.contains(&(Phase::Carbon as u8));
    Microstructure {
        grain_ids,
        carbon_fill: if with_carbon { source.carbon_fill } else { 1.0 },
        ..Microstructure::of_phases(
            order.map(|axis| labelled.shape[axis]),
            order.map(|axis| source.voxel[axis]),
            source.periodic,
            phases,
        )
    }
}

/// Number of voxels of an image; refuses none, and more than can be counted.
fn count(file: &std::path::Path, shape: [usize; 3]) -> Result<usize, ImportError> {
    let voxels = shape
        .iter()
        .try_fold(1_usize, |product, &n| product.checked_mul(n))
        .unwrap_or(usize::MAX);
    if voxels == 0 || voxels > MOST_VOXELS {
        return Err(ImportError::Size {
            file: file.to_path_buf(),
            shape,
            most: MOST_VOXELS,
        });
    }
    Ok(voxels)
}
