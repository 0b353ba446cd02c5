//! A segmented image in place of the generated structure, as a scenario asks for it.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A segmented image to be read as the structure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageSource {
    /// The file.
    pub file: PathBuf,
    /// How it is written.
    pub format: ImageFormat,
    /// Path of the dataset inside an HDF5 file.
    pub dataset: Option<String>,
    /// SHA-256 of the content when the scenario was read; see [`ImageSource::files`].
    pub sha256: String,
    /// Edges of a voxel in the order of the file's axes, m.
    pub voxel: [f64; 3],
    /// Axis of the file through the thickness, 0 to 2; it starts at the separator.
    pub axis: usize,
    /// What each label of the file means.
    pub labels: Vec<PhaseLabel>,
    /// Whether opposite faces of the image fit together.
    pub periodic: bool,
    /// Share of a carbon voxel that truly is carbon, 0..1; the rest is electrolyte.
    pub carbon_fill: f64,
    /// Active material is cut at necks whose distance to the surface is smaller
    /// by this than inside the parts on either side, m; `None`: one voxel edge.
    pub split_depth: Option<f64>,
}

impl ImageSource {
    /// The files that hold the image: one, and the sidecar of raw voxels.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.file.clone()];
        if self.format == ImageFormat::Raw {
            files.push(self.sidecar());
        }
        files
    }

    /// The description of raw voxels: the file's name with `.toml` behind it.
    pub fn sidecar(&self) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(".toml");
        name.into()
    }
}

/// How an image is written; told by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageFormat {
    /// TIFF of one page per slice.
    Tiff,
    /// NumPy's array file.
    Npy,
    /// Voxels and nothing else, described in a sidecar.
    Raw,
    /// A dataset in an HDF5 file.
    Hdf5,
}

/// What a label of an image means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseLabel {
    /// The number in the file.
    pub label: i64,
    /// What its voxels are.
    pub phase: PhaseName,
}

/// A phase as a scenario names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseName {
    /// Pore.
    Void,
    /// The oxide.
    ActiveMaterial,
    /// Solid electrolyte.
    Electrolyte,
    /// Conductive additive.
    Carbon,
    /// Binder, and coating substance outside the film.
    Polymer,
}

impl PhaseName {
    /// Every phase with the word for it in a scenario.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Void, "void"),
        (Self::ActiveMaterial, "active material"),
        (Self::Electrolyte, "electrolyte"),
        (Self::Carbon, "carbon"),
        (Self::Polymer, "polymer"),
    ];
}
