//! Why an image could not be read.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A label that the scenario gives no phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The number in the file.
    pub label: i128,
    /// How many voxels bear it.
    pub voxels: usize,
    /// Where the first of them is, along the axes of the file, from 0.
    pub first: [usize; 3],
}

/// Why an image could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ImportError {
    /// The file system or the file itself refused.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another content than when the scenario was read.
    #[error("{} has changed since the scenario was read; start again", file.display())]
    Changed {
        /// Which file.
        file: PathBuf,
    },
    /// Not what its name says.
    #[error("{} is not {format}: {reason}", file.display())]
    Malformed {
        /// Which file.
        file: PathBuf,
        /// Which format was expected.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Fewer or more bytes than the header or sidecar promises.
    #[error(
        "{} {}: {found} bytes of voxels where {shape:?} voxels of {element} need {expected}",
        file.display(), if found < expected { "is cut short" } else { "goes on after the last voxel" }
    )]
    Length {
        /// Which file.
        file: PathBuf,
        /// Voxels along the axes of the file.
        shape: [usize; 3],
        /// Type of a voxel.
        element: String,
        /// Bytes that should be there.
        expected: u64,
        /// Bytes that are.
        found: u64,
    },
    /// A TIFF that ends inside a page.
    #[error("{} is cut short in page {page} (counted from 1): {reason}", file.display())]
    Page {
        /// Which file.
        file: PathBuf,
        /// Which page, from 1.
        page: usize,
        /// What the reader says.
        reason: String,
    },
    /// Pages of a stack that differ in size.
    #[error(
        "page {page} of {} has {} x {} pixels, the first has {} x {}; all slices of a stack must be \
         alike (a preview page must be removed)",
        file.display(), found[1], found[0], expected[1], expected[0]
    )]
    PageSize {
        /// Which file.
        file: PathBuf,
        /// Which page, from 1.
        page: usize,
        /// Rows and columns of it.
        found: [usize; 2],
        /// Rows and columns of the first.
        expected: [usize; 2],
    },
    /// Voxels that are no whole numbers.
    #[error("{} holds {found}, but an image of labels needs {allowed}", file.display())]
    Element {
        /// Which file.
        file: PathBuf,
        /// What was found.
        found: String,
        /// What can be read.
        allowed: &'static str,
    },
    /// Not three axes.
    #[error("{} has {} axes ({found:?}), but an image of a structure has three", file.display(), found.len())]
    Axes {
        /// Which file.
        file: PathBuf,
        /// Length of each axis.
        found: Vec<usize>,
    },
    /// No voxels, or more than can be counted.
    #[error("{} has {shape:?} voxels; between 1 and {most} in all can be read", file.display())]
    Size {
        /// Which file.
        file: PathBuf,
        /// Voxels along the axes of the file.
        shape: [usize; 3],
        /// Largest number.
        most: usize,
    },
    /// No such dataset.
    #[error("{} has no dataset `{dataset}`; it has {}", file.display(), listed(available))]
    Dataset {
        /// Which file.
        file: PathBuf,
        /// The path asked for.
        dataset: String,
        /// Datasets of three axes in the file.
        available: Vec<String>,
    },
    /// Labels that the scenario gives no phase.
    #[error("{} has labels that are given no phase: {}; known are {known:?}", file.display(), strays(found))]
    Labels {
        /// Which file.
        file: PathBuf,
        /// The labels, most frequent first.
        found: Vec<Stray>,
        /// Labels with a phase.
        known: Vec<i64>,
    },
    /// A label of the scenario that no voxel bears.
    #[error(
        "no voxel of {} has the label {label}, said to be {phase}; the labels found are {found:?}",
        file.display()
    )]
    Empty {
        /// Which file.
        file: PathBuf,
        /// The label.
        label: i64,
        /// The phase it would be.
        phase: &'static str,
        /// Labels that voxels do bear.
        found: Vec<i64>,
    },
}

impl ImportError {
    /// A file that the file system refuses.
    pub(super) fn unreadable(file: &Path, reason: &dyn std::fmt::Display) -> Self {
        Self::Unreadable {
            file: file.to_path_buf(),
            reason: reason.to_string(),
        }
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none of three axes".into(),
        names => names.join(", "),
    }
}

/// The most frequent strays in words.
fn strays(found: &[Stray]) -> String {
    /// More are only counted.
    const TOLD: usize = 5;
    let mut text = String::new();
    for (i, stray) in found.iter().take(TOLD).enumerate() {
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "{}{} ({} voxels, the first at {:?})",
            if i > 0 { ", " } else { "" },
            stray.label,
            stray.voxels,
            stray.first
        );
    }
    if found.len() > TOLD {
        let _ = write!(text, " and {} more", found.len() - TOLD);
    }
    text
}
