//! The structure that the generator hands on.

use super::Shells;

/// What a voxel is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Pore.
    Void = 0,
    /// Cathode active material.
    ActiveMaterial = 1,
    /// Solid electrolyte.
    Electrolyte = 2,
    /// Conductive additive; see [`Microstructure::carbon_fill`].
    Carbon = 3,
    /// Binder, and coating substance outside the film.
    Polymer = 4,
}

/// One oxide particle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Particle {
    /// Centre inside the periodic box, m.
    pub centre: [f64; 3],
    /// m.
    pub radius: f64,
}

/// One carbon fibre as it was laid.
#[derive(Debug, Clone, PartialEq)]
pub struct Fibre {
    /// m; where voxels are so coarse that one path stands for a bundle, of a rod with the
    /// bundle's cross-section.
    pub diameter: f64,
    /// Along its axis, closer than a voxel, m; beyond the periodic box where it leaves it.
    pub path: Vec<[f64; 3]>,
}

/// Where a structure comes from, and so what is known of it beyond its voxels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Made by the generator: particles are exact spheres, grains are known.
    Generated,
    /// Read from an image: particles are sets of voxels, which the spheres of
    /// [`Microstructure::particles`] only stand for; grains are unknown.
    Image,
}

/// A structure on a grid of voxels. Index of voxel (i, j, k):
/// `(i * shape[1] + j) * shape[2] + k`; the first axis `i` runs through the
/// thickness of the cathode, from the separator to the current collector.
#[derive(Debug, Clone)]
pub struct Microstructure {
    /// Voxels along the three axes.
    pub shape: [usize; 3],
    /// Edges of one voxel, m.
    pub spacing: [f64; 3],
    /// Whether the block continues periodically on all sides; else it ends there.
    pub periodic: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// One [`Phase`] (as `u8`) per voxel.
    pub phases: Vec<u8>,
    /// Particle index + 1 per voxel, 0 outside particles; pores inside a polycrystal
    /// are the particle's.
    pub particle_ids: Vec<u32>,
    /// Electrolyte grain per voxel (arbitrary labels from 1), also in carbon voxels,
    /// which hold electrolyte as well; 0 where there is none.
    pub grain_ids: Vec<u32>,
    /// The electrolyte's gaps, thinner than voxels; none where they are not known.
    pub gaps: Option<Gaps>,
    /// The oxide particles.
    pub particles: Vec<Particle>,
    /// Share of a carbon voxel that truly is carbon (fibres and aggregates are
    /// thinner than a voxel); the rest is electrolyte. 1 where there is no carbon.
    pub carbon_fill: f64,
    /// Where carbon thinner than voxels conducts; where none are known, all voxels of
    /// carbon conduct to each other and to particles.
    pub carbon_paths: Option<CarbonPaths>,
    /// The fibres that the carbon voxels stand for; none of carbon black or of an image.
    pub fibres: Vec<Fibre>,
    /// Primary grains of the oxide particles; `None` where each is one crystal.
    pub primary_grains: Option<PrimaryGrains>,
    /// The coating film of every particle; `None` when bare.
    pub shells: Option<Shells>,
    /// What was measured on it.
    pub statistics: MicrostructureStatistics,
}

/// Bit of [`CarbonPaths::faces`] for carbon that touches a particle.
pub const TOUCHES: u8 = 8;

/// Which faces carbon thinner than voxels passes.
#[derive(Debug, Clone, PartialEq)]
pub struct CarbonPaths {
    /// Per voxel: bit `a` where carbon goes through the face to the next voxel along axis
    /// `a` (the first one beyond the last), and [`TOUCHES`] where it touches a particle.
    pub faces: Vec<u8>,
    /// A path's conductance over what that of its voxels would be, with the conductivity
    /// of carbon times [`Microstructure::carbon_fill`]. A path of voxels is `w` times
    /// longer than the fibre in it, and so is the volume that its carbon is spread over:
    /// this is `w²`, or 1 where fibres are thicker than voxels.
    pub conduction: f64,
}

impl Microstructure {
    /// A block of phases of which nothing else is known.
    pub fn of_phases(
        shape: [usize; 3],
        spacing: [f64; 3],
        periodic: bool,
        phases: Vec<u8>,
    ) -> Self {
        Self {
            shape,
            spacing,
            periodic,
            origin: Origin::Image,
            phases,
            particle_ids: Vec::new(),
            grain_ids: Vec::new(),
            gaps: None,
            particles: Vec::new(),
            carbon_fill: 1.0,
            carbon_paths: None,
            fibres: Vec::new(),
            primary_grains: None,
            shells: None,
            statistics: MicrostructureStatistics::default(),
        }
    }

    /// Number of voxels; `usize::MAX` where it does not fit.
    pub fn voxels(&self) -> usize {
        self.shape.iter().fold(1, |n, &edge| n.saturating_mul(edge))
    }

    /// Index of the voxel at (i, j, k).
    pub fn index(&self, [i, j, k]: [usize; 3]) -> usize {
        (i * self.shape[1] + j) * self.shape[2] + k
    }

    /// (i, j, k) of a voxel.
    pub fn coordinates(&self, index: usize) -> [usize; 3] {
        let [_, n2, n3] = self.shape;
        [index / (n2 * n3), index / n3 % n2, index % n3]
    }

    /// Index of the voxel at (i, j, k) that may lie beyond the block: on the
    /// other side if it is periodic, none if it ends.
    pub fn index_around(&self, ijk: [i64; 3]) -> Option<usize> {
        let mut inside = [0; 3];
        for axis in 0..3 {
            let n = self.shape[axis] as i64;
            if !self.periodic && !(0..n).contains(&ijk[axis]) {
                return None;
            }
            inside[axis] = ijk[axis].rem_euclid(n.max(1)) as usize;
        }
        Some(self.index(inside))
    }

    /// Edges of the whole block, m.
    pub fn edges(&self) -> [f64; 3] {
        std::array::from_fn(|axis| self.shape[axis] as f64 * self.spacing[axis])
    }

    /// Vector from `a` to `b` or, if the block is periodic, to the nearest image
    /// of `b`, m.
    pub fn shortest(&self, a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
        let edges = self.edges();
        std::array::from_fn(|axis| {
            let d = b[axis] - a[axis];
            if self.periodic {
                d - edges[axis] * (d / edges[axis]).round()
            } else {
                d
            }
        })
    }
}

/// The electrolyte with its gaps cut out of the faces between voxels.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaps {
    /// As [`Microstructure::grain_ids`], but with the voxels whose centre lies in a gap.
    pub labels: Vec<u32>,
    /// Share of the face from each voxel to the next along each axis that no gap
    /// covers, in 1/255.
    pub open: Vec<[u8; 3]>,
}

/// Grains of polycrystalline oxide particles.
#[derive(Debug, Clone, PartialEq)]
pub struct PrimaryGrains {
    /// Grain per voxel, from 1 and unique in the structure; 0 outside particles. Not
    /// [`Microstructure::grain_ids`], which are the electrolyte's.
    pub ids: Vec<u32>,
    /// Number of grains.
    pub count: usize,
    /// Area of the boundaries between them per volume of the particles, 1/m; of the
    /// exact grains, not of voxels.
    pub boundary_area: f64,
}

/// Numbers measured on a generated structure.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MicrostructureStatistics {
    /// Thickness of the cathode from recipe, loading and porosity, m.
    pub thickness: f64,
    /// Volume fractions asked for, in the order of [`Phase`].
    pub target_fractions: [f64; 5],
    /// Volume fractions reached (exact for particles, counted for the rest).
    pub fractions: [f64; 5],
    /// Volume of the coating film over that of the composite. The film is a shell
    /// of nanometres on the particles, counted as electrolyte in `fractions`.
    pub film_fraction: f64,
    /// Number of particles.
    pub particles: usize,
    /// Largest overlap of two particles over the smaller radius.
    pub largest_overlap: f64,
    /// Share of the active surface facing electrolyte.
    pub surface_to_electrolyte: f64,
    /// Share of the active surface facing voids.
    pub surface_to_void: f64,
    /// Share of the active surface facing carbon.
    pub surface_to_carbon: f64,
    /// Share of the active surface facing polymer or excess coating.
    pub surface_to_polymer: f64,
    /// Share of the active surface facing another particle closer than about a
    /// voxel; with the four shares above it adds up to 1.
    pub surface_to_particles: f64,
    /// Mean number of touching neighbours of a particle.
    pub coordination: f64,
    /// Share of the voids outside particles that lies at their surfaces rather than
    /// between electrolyte grains.
    #[serde(default)]
    pub voids_at_surfaces: f64,
    /// How far fibres lie in the plane: `1 - 3 <n²>` of their directions' part `n`
    /// through the thickness, over their length as laid; 0 without fibres.
    #[serde(default)]
    pub fibres_in_plane: f64,
    /// Particles by size class, see [`SizeClass`].
    pub size_classes: Vec<SizeClass>,
}

/// A class of particles of similar size (equal volume shares).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SizeClass {
    /// Radius with the class's surface-to-volume ratio, m.
    pub radius: f64,
    /// Share of the active volume in this class.
    pub volume_share: f64,
}
