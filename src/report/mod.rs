//! The room of the report: what a run looks like. Figures as a paper would show
//! them, each as its own SVG file, and one HTML page that needs no network.

pub mod analysis;
pub mod annealing;
pub mod calibration;
mod comparison;
pub mod figure;
pub mod figures;
pub mod html;
mod live;
pub mod palette;
pub mod raster;
mod rendering;
pub mod structure;
pub mod svg;
pub mod sweep;
mod tables;
mod ticks;
pub mod validation;

pub use comparison::Comparison;

use crate::record::RunRecord;
use crate::results::analysis::ANALYSIS_NAME;
use crate::results::publish;
use figures::Gallery;
use rayon::prelude::*;
use rendering::Rendering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Name of the page in a results directory.
pub const PAGE_NAME: &str = "report.html";
/// Name of the directory of figures in a results directory.
pub const FIGURES_NAME: &str = "figures";

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file system refused.
    #[error("cannot write {path}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A figure could not be drawn.
    #[error("cannot draw a figure: {0}")]
    Drawing(String),
}

/// A cut through the structure as a picture.
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    /// The picture, PNG.
    pub png: &'a [u8],
    /// Its colours (red, green, blue) in the order of
    /// [`Phase`](crate::microstructure::Phase).
    pub colours: [[u8; 3]; 5],
    /// Whether it shows coatings, as a rim of
    /// [`COATING_COLOUR`](crate::microstructure::COATING_COLOUR).
    pub coated: bool,
}

/// Where the report is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The page.
    pub page: PathBuf,
    /// The figures as SVG, in the order of their names.
    pub figures: Vec<PathBuf>,
    /// The same as PNG.
    pub pictures: Vec<PathBuf>,
}

/// Writes the page and the figures of `record`, and a rendering of its structure, into `directory`, which is made
/// if it is missing. The folder of figures and the page are replaced.
///
/// `comparisons` adds a table of a paper's numbers beside the simulated ones. Where the
/// analysis of the run is in `directory` already, the page points to it.
///
/// # Errors
/// [`ReportError`] when a figure cannot be drawn or a file cannot be written;
/// no half-written file remains under its final name.
pub fn write(
    record: &RunRecord,
    comparisons: Option<&[Comparison]>,
    directory: &Path,
) -> Result<Written, ReportError> {
    let gallery = Gallery::new(record);
    let mut drawings = BTreeMap::new();
    for figure in gallery.all() {
        drawings.insert(figure.name, svg::render(figure)?);
    }
    let analysis = Path::new(ANALYSIS_NAME).join(analysis::PAGE_NAME);
    let analysed = directory.join(&analysis).exists();
    let analysis = analysed.then(|| analysis.to_string_lossy().into_owned());
    let rendering = rendering::render(&record.microstructure, &record.scenario)?;
    let page = html::page(
        record,
        &gallery,
        &drawings,
        &rendering,
        (comparisons, analysis.as_deref()),
    );

    put(&drawings, Some(&rendering), (PAGE_NAME, &page), directory)
}

/// Puts figures, as SVG and PNG, and their page into `directory`; the folder of figures is
/// replaced.
fn put<N: AsRef<str> + Ord + Sync>(
    drawings: &BTreeMap<N, String>,
    rendering: Option<&Rendering>,
    (page_name, page): (&str, &str),
    directory: &Path,
) -> Result<Written, ReportError> {
    let folder = directory.join(FIGURES_NAME);
    // Figures of an earlier run that this one does not have would mislead.
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|source| ReportError::File {
            path: folder.clone(),
            source,
        })?;
    }
    std::fs::create_dir_all(&folder).map_err(|source| ReportError::File {
        path: folder.clone(),
        source,
    })?;
    let put = |path: PathBuf, bytes: &[u8]| match publish(&path, bytes) {
        Ok(()) => Ok(path),
        Err(source) => Err(ReportError::File { path, source }),
    };
    let path = |name: &str, end: &str| folder.join(format!("{name}.{end}"));
    let figures = drawings
        .iter()
        .map(|(name, drawing)| put(path(name.as_ref(), "svg"), drawing.as_bytes()));
    let pictures = drawings
        .par_iter()
        .map(|(name, drawing)| put(path(name.as_ref(), "png"), &raster::png(drawing)?));
    let mut written = Written {
        figures: figures.collect::<Result<_, _>>()?,
        pictures: pictures.collect::<Result<_, _>>()?,
        page: put(directory.join(page_name), page.as_bytes())?,
    };
    if let Some(Rendering { svg, png, .. }) = rendering {
        let figure = put(path(rendering::NAME, "svg"), svg.as_bytes())?;
        let picture = put(path(rendering::NAME, "png"), png)?;
        written.figures.push(figure);
        written.pictures.push(picture);
        written.figures.sort();
        written.pictures.sort();
    }
    Ok(written)
}
