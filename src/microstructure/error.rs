//! Why a structure could not be made.

use super::Phase;

/// Why a structure could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MicrostructureError {
    /// The image of the structure cannot be read.
    #[error(transparent)]
    Import(#[from] super::ImportError),
    /// A quantity of the recipe that no composite can have.
    #[error("{quantity} of the cathode is {value}, which no composite can have")]
    Recipe {
        /// Which quantity.
        quantity: &'static str,
        /// Its value in SI.
        value: f64,
    },
    /// The particles jam before they fill the volume asked for.
    #[error(
        "{particles} particles of this size distribution cannot be packed to a volume fraction of \
         {asked:.3} without overlap; the highest reached is {reached:.3}. More electrolyte, a \
         higher porosity or a broader size distribution makes room"
    )]
    CannotPack {
        /// Volume fraction asked for.
        asked: f64,
        /// Highest volume fraction packed with the same particles, scaled.
        reached: f64,
        /// Number of particles.
        particles: usize,
    },
    /// The periodic box is too small for its largest particle.
    #[error(
        "the box of {:.3} um is too small for particles of up to {:.3} um: its edge must be at \
         least twice the largest diameter", box_edge * 1e6, diameter * 1e6
    )]
    BoxTooSmall {
        /// Edge of the box, m.
        box_edge: f64,
        /// Diameter of the largest particle, m.
        diameter: f64,
    },
    /// The periodic box is too small for agglomerates.
    #[error(
        "the box of {:.3} um is too small for agglomerates of {:.3} um: its edge must be at least \
         twice their width; enlarge the box, or leave `heterogeneity` out",
        box_edge * 1e6, width * 1e6
    )]
    BoxTooSmallForAgglomerates {
        /// Edge of the box, m.
        box_edge: f64,
        /// Width of an agglomerate, m.
        width: f64,
    },
    /// The box would hold more particles than can be packed in reasonable time.
    #[error(
        "the box would hold {count:.3e} particles, more than {most}; shrink the box, or narrow the \
         size distribution, whose smallest particles are the many"
    )]
    TooManyParticles {
        /// Number of particles.
        count: f64,
        /// Largest number allowed.
        most: usize,
    },
    /// The voxels are too coarse to show the particles.
    #[error(
        "voxels of {:.3} um cannot show particles of {:.3} um: the median diameter must span at \
         least {voxels} voxels; raise the resolution or shrink the box",
        voxel * 1e6, diameter * 1e6
    )]
    TooCoarse {
        /// Edge of a voxel, m.
        voxel: f64,
        /// Median diameter of the particles, m.
        diameter: f64,
        /// Smallest number of voxels across the median diameter.
        voxels: f64,
    },
    /// The space left between the particles is too small for a phase.
    #[error(
        "no room for {}: it takes {asked:.4} of the volume where {available:.4} is left \
         between the particles; less of it, a lower porosity or less active material makes room",
        super::measure::PHASE_NAMES[*phase as usize].replace('_', " ")
    )]
    NoRoom {
        /// Which phase.
        phase: Phase,
        /// Share of the box that its voxels take.
        asked: f64,
        /// Share of the box still free for them.
        available: f64,
    },
}
